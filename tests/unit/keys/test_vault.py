"""Which keyring is trusted, what it raises, where it lies, and what Windows does differently."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from keyring import errors
from keyring.backend import KeyringBackend
from keyring.backends import Windows
from keyring.core import load_keyring
from secretstorage import exceptions as secretstorage

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.keys.keyring_vault import KeyringVault
from kayen_desktop.keys.keystore_file import KeystoreVault
from kayen_desktop.keys.sealing import Cost, seal
from kayen_desktop.keys.vault import KeyringItem, open_vault

from .memory_keyring import CuttingKeyring, FailingKeyring, ForgetfulKeyring, MemoryKeyring

CHEAP = Cost(1, 8, 1)
PASS = "correct horse"  # noqa: S105 - of vaults that live for a test
KEY = bytes(range(32))

only_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems have a keyring always"
)


def vault_in(keyring: KeyringBackend) -> KeyringVault:
    return KeyringVault(KeyringItem(keyring, "test"), cost=CHEAP)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a vault of files on a computer without any keyring."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return tmp_path / "vault"


# Which vault


@only_linux
@pytest.mark.parametrize("address", [None, "", "unix:path=/nowhere", "disabled:", "nonsense"])
async def test_without_a_keyring_it_is_files_and_says_so(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    vault = await open_vault(nowhere)
    assert isinstance(vault, KeystoreVault)
    assert vault.place.path == nowhere
    assert vault.place.why_not_keyring is VaultProblem.NO_KEYRING
    assert await vault.is_empty()


@only_linux
async def test_files_never_stand_in_for_a_keyring_that_holds_keys(nowhere: Path) -> None:
    with pytest.raises(VaultError) as caught:
        await open_vault(nowhere, has_keys=True)
    assert caught.value.kind is VaultProblem.NO_KEYRING


@only_linux
async def test_files_that_hold_keys_go_on_holding_them(nowhere: Path) -> None:
    await KeystoreVault(nowhere, work=2).write({"key.1": KEY}, PASS)
    vault = await open_vault(nowhere, has_keys=True)
    assert await vault.read("key.1", PASS) == KEY


REFUSED = (
    "keyring.backends.null.Keyring",
    "keyring.backends.fail.Keyring",
    "keyring.backends.chainer.ChainerBackend",
    "keyrings.alt.file.PlaintextKeyring",
    "never_imported.Keyring",
    "nonsense",
)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("where", ["environment", "file"])
async def test_a_keyring_that_is_not_trusted_is_refused_by_its_name(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, name: str, where: str
) -> None:
    monkeypatch.syspath_prepend(str(nowhere.parent))
    (nowhere.parent / "never_imported.py").write_text("raise SystemExit('it was imported')")
    if where == "environment":
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    else:
        ask_in_file(nowhere, monkeypatch, f"[backend]\ndefault-keyring = {name}\n")
    vault = await open_vault(nowhere)
    assert isinstance(vault, KeystoreVault)
    assert vault.place.why_not_keyring is VaultProblem.REFUSED_KEYRING
    with pytest.raises(VaultError) as caught:
        await open_vault(nowhere, has_keys=True)
    assert caught.value.kind is VaultProblem.REFUSED_KEYRING
    assert caught.value.detail == name


def ask_in_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Write keyring's own file, wherever this system has it."""
    config = nowhere.parent / "config"
    config.mkdir()
    monkeypatch.setattr("keyring.util.platform_.config_root", lambda: config)
    (config / "keyringrc.cfg").write_text(text, "latin-1")


@pytest.mark.parametrize("text", ["nonsense", "[backend]\n[backend]\n", "[backend]\nx = \xff\n"])
async def test_a_file_of_keyrings_that_can_not_be_read_is_refused(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    ask_in_file(nowhere, monkeypatch, text)
    with pytest.raises(VaultError) as caught:
        await open_vault(nowhere, has_keys=True)
    assert caught.value.kind is VaultProblem.REFUSED_KEYRING


@only_linux
async def test_a_trusted_keyring_that_is_named_and_not_there_is_none(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    vault = await open_vault(nowhere)
    assert vault.place.why_not_keyring is VaultProblem.NO_KEYRING


@pytest.mark.parametrize(
    "keyring",
    ["macOS.Keyring", "SecretService.Keyring", "libsecret.Keyring", "kwallet.DBusKeyring"],
)
def test_a_trusted_keyring_has_a_name_for_people(keyring: str) -> None:
    module = __import__(f"keyring.backends.{keyring.split('.')[0]}", fromlist=["x"])
    place = KeyringItem(getattr(module, keyring.split(".")[1])()).place
    assert "keyring.backends" not in place.name
    assert not place.is_file


# What a keyring does wrong


async def test_one_that_works_passes_the_probe_and_is_left_as_it_was() -> None:
    keyring = MemoryKeyring()
    await vault_in(keyring).probe()
    assert keyring.kept == {}
    await vault_in(keyring).write({"key.1": KEY}, PASS)
    before = dict(keyring.kept)
    await vault_in(keyring).probe()
    assert keyring.kept == before
    assert len(before) == 1


async def test_one_that_keeps_nothing_fails_the_probe() -> None:
    with pytest.raises(VaultError) as caught:
        await vault_in(ForgetfulKeyring()).probe()
    assert caught.value.kind is VaultProblem.KEYRING_FAILED


async def test_what_reads_back_otherwise_was_not_saved_and_the_old_is_there_again() -> None:
    keyring = CuttingKeyring()
    vault = vault_in(keyring)
    await vault.write({"key.1": KEY}, PASS)
    keyring.length = 160
    for attempt in (vault.write({"key.2": KEY}, PASS), vault.write({"key.1": bytes(99)}, PASS)):
        with pytest.raises(VaultError) as caught:
            await attempt
        assert caught.value.kind is VaultProblem.NOT_SAVED
    assert await vault.read("key.1", PASS) == KEY
    assert await vault.names(PASS) == {"key.1"}


async def test_a_first_secret_that_was_not_saved_leaves_no_item() -> None:
    keyring = CuttingKeyring()
    keyring.length = 20
    with pytest.raises(VaultError) as caught:
        await vault_in(keyring).write({"key.1": KEY}, PASS)
    assert caught.value.kind is VaultProblem.NOT_SAVED
    assert keyring.kept == {}


async def test_a_text_that_somebody_changed_is_damage() -> None:
    keyring = MemoryKeyring()
    vault = vault_in(keyring)
    await vault.write({"key.1": KEY}, PASS)
    ((where, text),) = keyring.kept.items()
    for changed in ("", text[:-4], "ä" + text, text.swapcase(), "0" * 50):
        keyring.kept[where] = changed
        for attempt in (vault.has_passphrase(), vault.read("key.1", PASS), vault.verify("")):
            with pytest.raises(VaultError) as caught:
                await attempt
            assert caught.value.kind is VaultProblem.DAMAGED
    assert not await vault.is_empty()
    keyring.kept[where] = text
    assert await vault.read("key.1", PASS) == KEY


@pytest.mark.parametrize("packed", [b"", b"\x81\xa2\xff\xfe\xa0", b"\x81\xa1a\xa1b", b"\x93"])
async def test_an_item_that_somebody_made_up_is_damage(packed: bytes) -> None:
    keyring = MemoryKeyring()
    vault = vault_in(keyring)
    await vault.write({"key.1": KEY}, "")
    (where,) = keyring.kept
    keyring.kept[where] = seal(packed, "")
    with pytest.raises(VaultError) as caught:
        await vault.names("")
    assert caught.value.kind is VaultProblem.DAMAGED


class KeepingKeyring(MemoryKeyring):
    """Says that it has forgotten what it was told to forget."""

    def delete_password(self, service: str, username: str) -> None:
        """Do nothing."""


async def test_one_that_forgets_nothing_is_told() -> None:
    vault = vault_in(KeepingKeyring())
    await vault.write({"key.1": KEY}, PASS)
    with pytest.raises(VaultError) as caught:
        await vault.destroy()
    assert caught.value.kind is VaultProblem.KEYRING_FAILED


def dismissed() -> errors.InitError:
    error = errors.InitError("Failed to create the collection: Prompt dismissed..")
    error.__cause__ = secretstorage.PromptDismissedException("Prompt dismissed.")
    return error


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: errors.KeyringLocked("Failed to unlock the collection!"), "KEYRING_LOCKED"),
        (dismissed, "KEYRING_LOCKED"),
        (lambda: secretstorage.LockedException("locked"), "KEYRING_LOCKED"),
        (lambda: errors.InitError("no bus"), "KEYRING_FAILED"),
        (lambda: errors.PasswordSetError("no"), "KEYRING_FAILED"),
        (lambda: secretstorage.SecretServiceNotAvailableException("gone"), "KEYRING_FAILED"),
        (lambda: ConnectionResetError("gone"), "KEYRING_FAILED"),
        (lambda: TimeoutError(), "KEYRING_FAILED"),
        (lambda: KeyError("DBUS_SESSION_BUS_ADDRESS"), "KEYRING_FAILED"),
        (lambda: StopIteration(), "KEYRING_FAILED"),
        (lambda: UnicodeDecodeError("utf-8", PASS.encode() + b"\xff", 13, 14, "bad"), "DAMAGED"),
    ],
)
async def test_what_a_keyring_raises_is_told_in_our_words_and_changes_nothing(
    make: Callable[[], Exception], kind: str
) -> None:
    keyring = FailingKeyring()
    vault = vault_in(keyring)
    await vault.write({"key.1": KEY}, PASS)
    for is_failing_to_read in (True, False):
        keyring.failure, keyring.is_failing_to_read = make(), is_failing_to_read
        with pytest.raises(VaultError) as caught:
            await vault.write({"key.2": KEY}, PASS)
        assert caught.value.kind is VaultProblem[kind]
        said = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
        assert PASS not in said
    keyring.failure = None
    assert await vault.names(PASS) == {"key.1"}


# Threads


async def test_no_call_is_made_on_the_loop_and_never_two_at_once() -> None:
    keyring = MemoryKeyring()
    vault = vault_in(keyring)
    await asyncio.gather(*(vault.write({f"key.{n}": KEY}, PASS) for n in range(5)))
    await vault.change_passphrase(PASS, "new")
    await vault.destroy()
    assert threading.current_thread() not in keyring.threads
    assert all(thread.daemon for thread in keyring.threads)


class AskingKeyring(MemoryKeyring):
    """Asks its owner something before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answered = threading.Event(), threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.set()
        self.answered.wait()
        return super().get_password(service, username)


async def test_while_a_keyring_asks_the_loop_goes_on_and_a_caller_may_give_up() -> None:
    keyring = AskingKeyring()
    vault = vault_in(keyring)
    writing = asyncio.create_task(vault.write({"key.1": KEY}, PASS))
    await asyncio.to_thread(keyring.asked.wait)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    keyring.answered.set()
    await vault.write({"key.2": KEY}, PASS)
    assert await vault.names(PASS) == {"key.1", "key.2"}  # what had begun ended before the next


# Windows: keyring's own code over a credential manager in memory


class CredentialError(Exception):
    """What pywintypes calls ``error``."""

    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname, "in the system's words")
        self.winerror, self.funcname = winerror, funcname


@dataclass
class Credentials:
    """Credentials by target, as Windows keeps them; 2,560 bytes each."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_SESSION = 1
    CRED_PERSIST_LOCAL_MACHINE = 2
    CRED_PERSIST_ENTERPRISE = 3
    kept: dict[str, dict[str, object]] = field(default_factory=dict)

    def CredRead(self, Type: int, TargetName: str) -> dict[str, object]:  # noqa: N803
        if TargetName not in self.kept:
            raise CredentialError(1168, "CredRead")
        return dict(self.kept[TargetName])

    def CredWrite(self, credential: dict[str, object], flags: int) -> None:
        blob = str(credential["CredentialBlob"]).encode("utf-16-le")
        if len(blob) > 2560:
            raise CredentialError(1783, "CredWrite")
        self.kept[str(credential["TargetName"])] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N803
        if self.kept.pop(TargetName, None) is None:
            raise CredentialError(1168, "CredDelete")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Credentials:
    kept = Credentials()
    system = ModuleType("pywintypes")
    monkeypatch.setattr(system, "error", CredentialError, raising=False)
    monkeypatch.setitem(sys.modules, "pywintypes", system)
    monkeypatch.setattr(Windows, "pywintypes", system, raising=False)
    monkeypatch.setattr(Windows, "win32cred", kept, raising=False)
    monkeypatch.setattr(Windows, "missing_deps", None)
    return kept


def windows_vault() -> KeyringVault:
    return vault_in(load_keyring("keyring.backends.Windows.WinVaultKeyring"))


async def test_on_windows_it_is_one_item_of_this_computer_alone(credentials: Credentials) -> None:
    vault = windows_vault()
    assert vault.place.name == "the Windows Credential Manager"
    await vault.probe()
    assert credentials.kept == {}
    await vault.write({"key.1": KEY}, "")
    await vault.change_passphrase("", PASS)
    await vault.write({"key.2": KEY}, PASS)
    (item,) = credentials.kept.values()
    assert item["Persist"] == Credentials.CRED_PERSIST_LOCAL_MACHINE
    assert await windows_vault().names(PASS) == {"key.1", "key.2"}
    with pytest.raises(WrongPassphraseError):
        await windows_vault().read("key.1", "")
    await vault.destroy()
    assert credentials.kept == {}


async def test_on_windows_what_a_crash_left_beside_the_item_goes(credentials: Credentials) -> None:
    vault = windows_vault()
    await vault.write({"key.1": KEY}, "")
    (item,) = credentials.kept.values()
    credentials.kept["keys@test"] = {**item, "TargetName": "keys@test"}
    await windows_vault().probe()
    assert list(credentials.kept) == ["test"]
    assert await vault.read("key.1", "") == KEY


async def test_on_windows_a_full_item_is_told_before_anything_is_touched(
    credentials: Credentials,
) -> None:
    vault = windows_vault()
    many = {f"key.{number:08}": KEY for number in range(16)}
    await vault.write(many, PASS)
    with pytest.raises(VaultError) as caught:
        await vault.write({f"phrase.{number:08}": bytes(16) for number in range(8)}, PASS)
    assert caught.value.kind is VaultProblem.FULL
    assert await vault.names(PASS) == set(many)
    (item,) = credentials.kept.values()
    blob = item["CredentialBlob"]
    assert isinstance(blob, bytes)
    assert len(blob) <= 2560
    await vault.delete({"key.00000001"}, PASS)
    await vault.write({"key.00000001": KEY}, PASS)


async def test_what_windows_raises_is_told_in_our_words(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = windows_vault()
    await vault.write({"key.1": KEY}, PASS)

    def fail(*_: object, **__: object) -> None:
        raise CredentialError(1312, "CredRead")

    monkeypatch.setattr(credentials, "CredRead", fail)
    with pytest.raises(VaultError) as caught:
        await vault.read("key.1", PASS)
    assert caught.value.kind is VaultProblem.KEYRING_FAILED
    assert "1312" in caught.value.detail
