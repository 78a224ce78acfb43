"""What every vault does alike: in memory, in files, in a keyring's item, in a real keyring."""

from __future__ import annotations

import asyncio
import os
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from keyring.core import load_keyring

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.keys.keyring_vault import KeyringVault
from kayen_desktop.keys.keystore_file import KeystoreVault
from kayen_desktop.keys.sealing import Cost
from kayen_desktop.keys.vault import KeyringItem, Vault
from tests.unit.keys.memory_keyring import MemoryKeyring
from tests.unit.keys.memory_vault import MemoryVault

CHEAP = Cost(1, 8, 1)
CANARY = b"canary--canary--canary--canary--"
PASS = "correct horse"  # noqa: S105 - of vaults that live for a test
REAL_KEYRING = "keyring.backends.SecretService.Keyring"

MakeVault = Callable[[], Vault]
ALL = ("memory", "memory as files", "files", "keyring item", "secret service")


@pytest.fixture(params=ALL)
def make_vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeVault]:
    """Return what opens the same place again, as the next start of the app does."""
    if request.param.startswith("memory"):
        memory = MemoryVault(is_file=request.param == "memory as files")
        yield lambda: memory
    elif request.param == "files":
        yield lambda: KeystoreVault(tmp_path / "vault", work=2)
    elif request.param == "keyring item":
        keyring = MemoryKeyring()
        yield lambda: KeyringVault(KeyringItem(keyring, "test"), cost=CHEAP)
    else:
        request.getfixturevalue("real_keyring")
        service = f"test {secrets.token_hex(4)}"
        yield lambda: KeyringVault(KeyringItem(load_keyring(REAL_KEYRING), service), cost=CHEAP)


@pytest.fixture
def vault(make_vault: MakeVault) -> Vault:
    return make_vault()


async def test_it_begins_empty_and_any_passphrase_opens_nothing(vault: Vault) -> None:
    assert await vault.is_empty()
    assert not await vault.has_passphrase()
    await vault.verify(PASS)
    assert await vault.names(PASS) == frozenset()
    with pytest.raises(VaultError) as caught:
        await vault.read("key.1", PASS)
    assert caught.value.kind is VaultProblem.NOT_FOUND
    assert await vault.is_empty()


@pytest.mark.parametrize("secret", [b"", b"\x00", CANARY, bytes(range(16)), b"token" * 200])
async def test_what_is_written_is_read_by_the_next_start(
    make_vault: MakeVault, secret: bytes
) -> None:
    await make_vault().write({"key.1": secret}, PASS)
    again = make_vault()
    assert await again.read("key.1", PASS) == secret
    assert await again.has_passphrase()
    assert not await again.is_empty()


async def test_it_keeps_several_and_knows_their_names(make_vault: MakeVault) -> None:
    vault = make_vault()
    await vault.write({"key.1": CANARY, "phrase.1": b"p" * 16}, PASS)
    await vault.write({"key.2": b"k" * 32}, PASS)
    assert await make_vault().names(PASS) == {"key.1", "phrase.1", "key.2"}
    assert await vault.read("phrase.1", PASS) == b"p" * 16


async def test_a_secret_that_is_written_again_is_the_new_one(vault: Vault) -> None:
    await vault.write({"token": b"old"}, PASS)
    await vault.write({"token": b"new"}, PASS)
    assert await vault.read("token", PASS) == b"new"
    assert await vault.names(PASS) == {"token"}


NAMES = ("a/b", "../up", "CON", "con", "key.1", "KEY.1", "ключ", "x" * 300, " ", "lock", "")


async def test_any_name_will_do_and_none_is_taken_for_another(make_vault: MakeVault) -> None:
    kept = {name: name.encode() + b"!" for name in NAMES}
    await make_vault().write(kept, PASS)
    again = make_vault()
    assert await again.names(PASS) == set(NAMES)
    assert {name: await again.read(name, PASS) for name in NAMES} == kept


@pytest.mark.parametrize("wrong", ["", "Correct horse", "correct horse ", "\ud800", "x" * 5000])
async def test_a_wrong_passphrase_opens_and_changes_nothing(vault: Vault, wrong: str) -> None:
    await vault.write({"key.1": CANARY}, PASS)
    for attempt in (
        vault.verify(wrong),
        vault.names(wrong),
        vault.read("key.1", wrong),
        vault.read("key.none", wrong),
        vault.write({"key.1": b"other"}, wrong),
        vault.delete({"key.1"}, wrong),
        vault.change_passphrase(wrong, "new"),
    ):
        with pytest.raises(WrongPassphraseError):
            await attempt
    assert await vault.read("key.1", PASS) == CANARY


async def test_deleted_secrets_are_gone_and_the_passphrase_stays(make_vault: MakeVault) -> None:
    vault = make_vault()
    await vault.write({"key.1": CANARY, "key.2": b"2"}, PASS)
    await vault.delete({"key.1", "never there"}, PASS)
    assert await make_vault().names(PASS) == {"key.2"}
    await vault.delete({"key.2"}, PASS)
    again = make_vault()
    assert await again.names(PASS) == frozenset()
    assert await again.has_passphrase()
    with pytest.raises(WrongPassphraseError):
        await again.verify("another")


async def test_deleting_from_an_empty_vault_makes_none(vault: Vault) -> None:
    await vault.delete({"key.1"}, PASS)
    assert await vault.is_empty()


async def test_another_passphrase_opens_everything_and_the_old_one_nothing(
    make_vault: MakeVault,
) -> None:
    vault = make_vault()
    await vault.write({"key.1": CANARY, "phrase.1": b"p" * 32}, PASS)
    await vault.change_passphrase(PASS, "new one")
    again = make_vault()
    with pytest.raises(WrongPassphraseError):
        await again.read("key.1", PASS)
    assert await again.read("key.1", "new one") == CANARY
    assert await again.read("phrase.1", "new one") == b"p" * 32


async def test_an_empty_vault_takes_a_passphrase(make_vault: MakeVault) -> None:
    await make_vault().change_passphrase("", PASS)
    again = make_vault()
    assert await again.has_passphrase()
    assert not await again.is_empty()
    with pytest.raises(WrongPassphraseError):
        await again.write({"key.1": CANARY}, "another")


async def test_no_passphrase_is_for_keyrings_alone(make_vault: MakeVault) -> None:
    vault = make_vault()
    if vault.place.is_file:
        with pytest.raises(VaultError) as caught:
            await vault.write({"key.1": CANARY}, "")
        assert caught.value.kind is VaultProblem.FILE_FAILED
        assert await vault.is_empty()
        await vault.write({"key.1": CANARY}, PASS)
        with pytest.raises(VaultError) as caught:
            await vault.change_passphrase(PASS, "")
        assert caught.value.kind is VaultProblem.FILE_FAILED
        assert await vault.read("key.1", PASS) == CANARY
        return
    await vault.write({"key.1": CANARY}, "")
    assert not await make_vault().has_passphrase()
    assert await make_vault().read("key.1", "") == CANARY
    with pytest.raises(WrongPassphraseError):
        await vault.read("key.1", PASS)
    await vault.change_passphrase("", PASS)
    with pytest.raises(WrongPassphraseError):
        await make_vault().read("key.1", "")
    await vault.change_passphrase(PASS, "")
    assert await make_vault().read("key.1", "") == CANARY


async def test_many_writers_lose_no_secret(vault: Vault) -> None:
    await vault.write({"first": b"1"}, PASS)
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(vault.write({f"key.{number}": bytes([number])}, PASS))
        group.create_task(vault.delete({"first"}, PASS))
    assert await vault.names(PASS) == {f"key.{number}" for number in range(8)}


async def test_a_caller_that_goes_away_leaves_the_vault_whole(vault: Vault) -> None:
    await vault.write({"first": b"1"}, PASS)
    going = asyncio.create_task(vault.write({"key.1": CANARY, "phrase.1": b"p"}, PASS))
    await asyncio.sleep(0)
    going.cancel()
    with suppress(asyncio.CancelledError):
        await going
    names = await vault.names(PASS)
    assert names in ({"first"}, {"first", "key.1", "phrase.1"})


async def test_what_has_begun_is_done_once_it_is_drained(make_vault: MakeVault) -> None:
    """At the end of the process, nobody awaits it any more."""
    vault = make_vault()
    assert await vault.drain(0)
    leaving = asyncio.create_task(vault.write({"key.1": CANARY}, PASS))
    await asyncio.sleep(0)
    assert await vault.drain(60)
    assert await make_vault().read("key.1", PASS) == CANARY
    await leaving


async def test_a_destroyed_vault_is_an_empty_one(make_vault: MakeVault) -> None:
    vault = make_vault()
    await vault.destroy()
    await vault.write({"key.1": CANARY}, PASS)
    await vault.destroy()
    again = make_vault()
    assert await again.is_empty()
    assert not await again.has_passphrase()
    await again.write({"key.1": b"other"}, "another")
    assert await again.read("key.1", "another") == b"other"


async def test_nothing_that_it_says_holds_a_secret(vault: Vault) -> None:
    await vault.write({"key.1": CANARY}, PASS)
    said = [repr(vault), str(vault), repr(vault.place)]
    for attempt in (vault.read("key.2", PASS), vault.read("key.1", f"{PASS}!")):
        try:
            await attempt
        except (VaultError, WrongPassphraseError) as error:
            said += [repr(error), str(vars(error)), *traceback.format_exception(error)]
    text = "".join(said)
    assert len(said) > 6
    for secret in (CANARY.decode(), CANARY.hex(), PASS):
        assert secret not in text


async def test_it_says_where_it_is(vault: Vault) -> None:
    assert vault.place.name
    assert vault.place.is_file == (vault.place.why_not_keyring is not None)


async def test_a_real_keyring_keeps_a_vault_at_its_real_cost(real_keyring: dict[str, str]) -> None:
    """And what the keyring holds is no secret that can be read there."""
    assert os.environ["DBUS_SESSION_BUS_ADDRESS"] == real_keyring["DBUS_SESSION_BUS_ADDRESS"]
    item = KeyringItem(load_keyring(REAL_KEYRING), f"test {secrets.token_hex(4)}")
    await KeyringVault(item).write({"key.1": CANARY}, PASS)
    assert await KeyringVault(item).read("key.1", PASS) == CANARY
    text = item.read() or ""
    assert CANARY.hex() not in text
    assert len(text) < 250
    await KeyringVault(item).destroy()
    assert item.read() is None
