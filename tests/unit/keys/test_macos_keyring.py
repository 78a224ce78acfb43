"""On macOS an item is replaced by deleting it and adding another: no crash in between loses it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import macOS

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.keys.keyring_vault import KeyringVault
from kayen_desktop.keys.sealing import Cost
from kayen_desktop.keys.vault import KeyringItem

from .memory_keyring import MemoryKeyring

MAC_KEYRING: type[KeyringBackend] = macOS.Keyring
CHEAP = Cost(1, 8, 1)
PASS = "correct horse"  # noqa: S105 - of vaults that live for a test
NEW = "battery staple"
KEY = bytes(range(32))


class KilledError(BaseException):
    """The process ends here."""


class ApiError(Exception):
    """Whatever Security.framework says."""


class NotFoundError(ApiError):
    """There is no such item."""


class Items:
    """Items as keyring's own functions keep them on macOS, and what happens to the process.

    ``kill_after`` counts changes: that many are made, and the next one finds the process dead.
    ``refuses`` says which changes the Keychain does not make.
    """

    Error = ApiError
    NotFound = NotFoundError
    KeychainDenied = type("KeychainDenied", (ApiError,), {})

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.kill_after = 10_000
        self.refuses: Callable[[str, str], bool] = lambda change, user: False

    def find_generic_password(self, name: None, service: str, user: str) -> str:
        if (service, user) not in self.kept:
            raise NotFoundError(-25300)
        return self.kept[service, user]

    def set_generic_password(self, name: None, service: str, user: str, text: str) -> None:
        if (service, user) in self.kept:
            self._change("delete", user)
            del self.kept[service, user]
        self._change("add", user)
        self.kept[service, user] = text

    def delete_generic_password(self, name: None, service: str, user: str) -> None:
        self.find_generic_password(name, service, user)
        self._change("delete", user)
        del self.kept[service, user]

    def _change(self, change: str, user: str) -> None:
        if not self.kill_after:
            raise KilledError
        self.kill_after -= 1
        if self.refuses(change, user):
            raise ApiError(-61)


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> Items:
    kept = Items()
    monkeypatch.setattr(macOS, "api", kept, raising=False)
    return kept


def vault() -> KeyringVault:
    """Return the vault as after a new start."""
    return KeyringVault(KeyringItem(MAC_KEYRING(), "test"), cost=CHEAP)


async def what_is_left() -> str:
    """Return what the vault of the next start holds, whole and as one."""
    again = vault()
    await again.probe()
    if await again.is_empty():
        return "nothing"
    for passphrase in (PASS, NEW):
        try:
            names = await again.names(passphrase)
        except WrongPassphraseError:
            continue
        assert await again.read("key.1", passphrase) == KEY
        return f"{passphrase}: {', '.join(sorted(names))}"
    raise AssertionError


async def test_it_is_one_item_while_nothing_happens(items: Items) -> None:
    keys = vault()
    assert keys.place.name == "the macOS Keychain"
    await keys.probe()
    assert items.kept == {}
    await keys.write({"key.1": KEY}, "")
    await keys.change_passphrase("", PASS)
    await keys.write({"key.2": KEY}, PASS)
    assert list(items.kept) == [("test", "keys")]
    await keys.destroy()
    assert items.kept == {}


ACTS = {
    "write": (f"{PASS}: key.1", f"{PASS}: key.1, key.2"),
    "passphrase": (f"{PASS}: key.1", f"{NEW}: key.1"),
    "destroy": (f"{PASS}: key.1", "nothing"),
}


async def act_on(keys: KeyringVault, act: str) -> None:
    if act == "write":
        await keys.write({"key.2": KEY}, PASS)
    elif act == "passphrase":
        await keys.change_passphrase(PASS, NEW)
    else:
        await keys.destroy()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("is_killed_twice", [False, True])
async def test_whenever_it_is_killed_the_old_or_the_new_vault_is_there_whole(
    items: Items, act: str, is_killed_twice: bool
) -> None:
    before, after = ACTS[act]
    left: list[str] = []
    for steps in range(100):
        items.kept.clear()
        items.kill_after = 10_000
        await vault().write({"key.1": KEY}, PASS)
        items.kill_after = steps
        try:
            await act_on(vault(), act)
        except KilledError:
            pass
        else:
            break
        if is_killed_twice:  # while the next start tidies up
            for more in range(4):
                items.kill_after = more
                try:
                    await vault().probe()
                except KilledError:
                    continue
        items.kill_after = 10_000
        left.append(await what_is_left())
        assert list(items.kept) in ([("test", "keys")], [])
        if left[-1] != "nothing":
            await vault().write({"key.3": KEY}, left[-1].split(":")[0])
    assert left
    assert left == sorted(left, key=[before, after].index)
    items.kill_after = 10_000
    assert await what_is_left() == after


async def test_a_vault_that_a_crash_left_in_the_spare_is_read_and_written_at_once(
    items: Items,
) -> None:
    """Also by one that was opened before, and so has not tidied up."""
    keys = vault()
    await keys.write({"key.1": KEY}, PASS)
    items.kept["test", "keys.new"] = items.kept.pop(("test", "keys"))
    assert not await keys.is_empty()
    assert await keys.has_passphrase()
    for steps in range(6):
        items.kill_after = steps
        with pytest.raises(KilledError):
            await keys.write({"key.2": KEY}, PASS)
        items.kill_after = 10_000
        assert await keys.read("key.1", PASS) == KEY
        if ("test", "keys") in items.kept:
            break
        assert ("test", "keys.new") in items.kept
    await keys.write({"key.2": KEY}, PASS)
    assert await vault().names(PASS) == {"key.1", "key.2"}
    assert list(items.kept) == [("test", "keys")]


@pytest.mark.parametrize("change", ["add", "delete"])
@pytest.mark.parametrize("user", ["keys", "keys.new"])
async def test_where_the_keychain_refuses_no_secret_is_lost(
    items: Items, change: str, user: str
) -> None:
    keys = vault()
    await keys.write({"key.1": KEY}, PASS)
    items.refuses = lambda asked, of: (asked, of) == (change, user)
    with suppress(VaultError):  # nothing needs deleting where there is no old spare
        await keys.write({"key.2": KEY}, PASS)
    assert await vault().read("key.1", PASS) == KEY
    items.refuses = lambda asked, of: False
    await vault().probe()
    assert await vault().read("key.1", PASS) == KEY
    assert list(items.kept) == [("test", "keys")]


async def test_a_vault_that_is_being_destroyed_does_not_come_back_from_its_spare(
    items: Items,
) -> None:
    await vault().write({"key.1": KEY}, PASS)
    items.kept["test", "keys.new"] = items.kept["test", "keys"]
    items.kill_after = 1
    with pytest.raises(KilledError):
        await vault().destroy()
    assert list(items.kept) == [("test", "keys")]


async def test_a_spare_that_is_not_kept_whole_replaces_nothing(
    items: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = vault()
    await keys.write({"key.1": KEY}, PASS)
    before = dict(items.kept)
    real = items.set_generic_password

    def cut(name: None, service: str, user: str, text: str) -> None:
        real(name, service, user, text[:50])

    with monkeypatch.context() as broken:
        broken.setattr(items, "set_generic_password", cut)
        with pytest.raises(VaultError) as caught:
            await keys.change_passphrase(PASS, NEW)
    assert caught.value.kind is VaultProblem.NOT_SAVED
    assert items.kept == before


class WatchedKeyring(MemoryKeyring):
    """Remembers which items it was asked to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.users: set[str] = set()

    def set_password(self, service: str, username: str, password: str) -> None:
        self.users.add(username)
        super().set_password(service, username, password)


async def test_other_keyrings_have_no_spare() -> None:
    """They replace an item in one operation, and a second one would be one more to guard."""
    keyring = WatchedKeyring()
    keys = KeyringVault(KeyringItem(keyring, "test"), cost=CHEAP)
    await keys.write({"key.1": KEY}, PASS)
    await keys.change_passphrase(PASS, NEW)
    assert keyring.users == {"keys"}
