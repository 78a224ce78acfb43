"""Where secrets are kept: one interface, and the one door to the operating system's keyring.

Decision: which vault a computer has. Files that hold keys go on holding them, also where a keyring
turns up later. Otherwise it is the keyring, and files only where there is none that can be trusted
(NO_KEYRING, REFUSED_KEYRING) and no key is known to be in one. A keyring that is merely locked,
dismissed or failing may hold keys: ``open_vault`` says so and makes no vault beside it, because a
trader would find an empty one and believe the keys lost. Who decides for files all the same is
the trader; ``KeystoreVault`` is there for that.

Decision: which keyring. Those of the list below and no other, chosen by us: ``keyring`` itself
would take any that is installed, a file of plain text among them, or one that forgets everything.
One that is named in PYTHON_KEYRING_BACKEND or keyringrc.cfg is refused by its name, before
anything of that name is imported.
"""

from __future__ import annotations

import configparser
import os
import secrets as randomness
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.late_imports import import_late

from .serial_thread import SerialThread

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from .keyring_vault import KeyringVault
    from .keystore_file import KeystoreVault

SERVICE = "Kayen Desktop"
_USERNAME = "keys"
_SPARE = "keys.new"

# The keyrings that are trusted, and what people call them.
_ALLOWED = {
    "keyring.backends.macOS.Keyring": "the macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "the Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "the keyring of this system (Secret Service)",
    "keyring.backends.libsecret.Keyring": "the keyring of this system (Secret Service)",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
}

# Here ``keyring`` replaces an item by deleting it and adding another one.
_REPLACES_IN_TWO = "keyring.backends.macOS.Keyring"

# What Windows keeps in one item, in characters of two bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE).
_WINDOWS_CHARACTERS = 2560 // 2

# What keyrings raise, by the modules that are there once such a keyring is loaded.
_FOREIGN = (
    ("keyring.errors", "KeyringError"),
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney", "DBusErrorResponse"),
    ("gi.repository.GLib", "Error"),
    ("dbus.exceptions", "DBusException"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("pywintypes", "error"),
)
_LOCKED = {"KeyringLocked", "LockedException", "PromptDismissedException"}
_MAX_DETAIL = 200


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """Where a vault keeps its secrets, for people.

    ``path`` is the folder of a vault that is files. ``why_not_keyring`` says why it is files and
    not the system's keyring; None where it is the keyring.
    """

    name: str
    path: Path | None = None
    why_not_keyring: VaultProblem | None = None

    @property
    def is_file(self) -> bool:
        """True where secrets are files of this application; those always have a passphrase."""
        return self.path is not None


class Vault(Protocol):
    """Named secrets (bytes) behind one passphrase; the empty passphrase stands for none.

    Nothing is remembered between calls, so each takes the passphrase. No call blocks the loop.
    Every method raises ``VaultError`` where the vault itself fails, and all but ``is_empty`` and
    ``has_passphrase`` raise ``WrongPassphraseError`` where the passphrase does not open it.
    """

    @property
    def place(self) -> VaultPlace:
        """Where the secrets are."""

    async def is_empty(self) -> bool:
        """Return whether nothing was ever kept, not even a passphrase."""

    async def has_passphrase(self) -> bool:
        """Return whether a passphrase is needed to open it."""

    async def verify(self, passphrase: str) -> None:
        """Do nothing if the passphrase opens the vault."""

    async def names(self, passphrase: str) -> frozenset[str]:
        """Return the names of all secrets."""

    async def read(self, name: str, passphrase: str) -> bytes:
        """Return the secret; ``VaultError(NOT_FOUND)`` where there is none of that name."""

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        """Keep all of the secrets or none; they are read back and compared before this returns.

        On an empty vault the passphrase given becomes the vault's.
        """

    async def delete(self, names: Collection[str], passphrase: str) -> None:
        """Forget the secrets; names that are not there are no error."""

    async def change_passphrase(self, old: str, new: str) -> None:
        """Seal everything with the new passphrase; an empty new one takes it away.

        A vault of files keeps a passphrase always: ``VaultError(FILE_FAILED)`` for an empty one.
        """

    async def destroy(self) -> None:
        """Forget every secret and the passphrase; needs none, for a vault of a rehearsal."""

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything asked for so far is done; False where that takes longer.

        What has begun goes on where its caller was cancelled; the end of the process would cut it.
        """


async def open_vault(folder: Path, service: str = SERVICE, *, has_keys: bool = False) -> Vault:
    """Return the vault of this computer; it may ask the trader to unlock the keyring.

    ``folder`` is where the files are, or would be; ``service`` names the item of the keyring, and
    ``has_keys`` says that keys were kept in the one or the other before.

    Raises:
        VaultError: KEYRING_LOCKED or KEYRING_FAILED where there is a keyring and it does not open;
            NO_KEYRING or REFUSED_KEYRING only where ``has_keys``: they are in a keyring that is
            not there today.
    """
    thread = SerialThread("keyring")
    keyring_vault, keystore_vault = await thread.run(_load_vaults)
    missing: VaultError | None = None
    try:
        item = await thread.run(lambda: KeyringItem(_choose_keyring(), service))
    except VaultError as error:
        missing = error
    files = keystore_vault(folder, missing.kind if missing else VaultProblem.NO_KEYRING)
    if not await files.is_empty():
        return files
    if missing is None:
        vault = keyring_vault(item, thread)
        await vault.probe()
        return vault
    if has_keys:
        raise missing
    return files


def _load_vaults() -> tuple[type[KeyringVault], type[KeystoreVault]]:
    """Import what ciphers stand behind: not before the window is painted, nor on the loop."""
    from .keyring_vault import KeyringVault
    from .keystore_file import KeystoreVault

    return KeyringVault, KeystoreVault


# The door: what follows is the only code that calls a keyring, and it blocks


@runtime_checkable
class _WindowsKeyring(Protocol):
    """What tells the keyring of Windows from all others: it lets one say who may read."""

    persist: str


class KeyringItem:
    """One text in a keyring, and the place it is in; every method blocks and may ask its owner.

    Raises ``VaultError`` where the keyring does not do as it is told.

    Decision: on macOS the new text is first kept in a second item, the spare, until the first one
    has it, too. ``keyring`` deletes an item there before it adds the new one; killed in between,
    it would leave no vault at all. All others replace an item in one operation: on Linux the
    keyring's own process does, and Windows writes over it. There a spare would only be one more
    thing to guard.
    """

    def __init__(self, keyring: KeyringBackend, service: str = SERVICE) -> None:
        name = f"{type(keyring).__module__}.{type(keyring).__qualname__}"
        self.place = VaultPlace(_ALLOWED.get(name, name))
        self._keyring = keyring
        self._service = service
        self._has_spare = name == _REPLACES_IN_TWO
        self._is_windows = isinstance(keyring, _WindowsKeyring)
        if isinstance(keyring, _WindowsKeyring):
            # Otherwise the item roams to every computer of the trader's domain.
            keyring.persist = "local machine"

    def read(self) -> str | None:
        """Return the text; None where there is none."""
        text = self._get(_USERNAME)
        if text is None and self._has_spare:
            text = self._get(_SPARE)
        return text

    def replace(self, text: str) -> None:
        """Keep the text once it was read back; otherwise the old one is there again."""
        if self._is_windows and len(text) > _WINDOWS_CHARACTERS:
            raise VaultError(VaultProblem.FULL, f"{len(text)} of {_WINDOWS_CHARACTERS} characters")
        if self._has_spare:
            self._put_spare_back()
        old = self._get(_USERNAME)
        if self._has_spare:
            self._put_spare(text)
        try:
            self._put(_USERNAME, text)
        except VaultError:
            with suppress(VaultError):  # the caller hears of the first failure, which came before
                self._restore(old)
            raise
        if self._has_spare:
            with suppress(VaultError):  # it holds what the item holds; the next start removes it
                self._remove(_SPARE)

    def delete(self) -> None:
        """See to it that there is no text."""
        if self._has_spare:
            self._remove(_SPARE)  # first: killed in between, it must not come back
        self._remove(_USERNAME)

    def probe(self) -> None:
        """Read the text; where there is none, see whether another is kept, and remove that."""
        if self._has_spare:
            self._put_spare_back()
        if self.read() is not None:
            self._remove_copy()
            return
        name, mark = "probe", randomness.token_hex(8)
        with _translated():
            self._keyring.set_password(self._service, name, mark)
            kept = self._keyring.get_password(self._service, name)
            self._keyring.delete_password(self._service, name)
            left = self._keyring.get_password(self._service, name)
        if kept != mark or left is not None:
            raise VaultError(VaultProblem.KEYRING_FAILED, "it does not keep what it is given")

    def _get(self, username: str) -> str | None:
        with _translated():
            return self._keyring.get_password(self._service, username)

    def _put(self, username: str, text: str) -> None:
        """Keep the text and read it back."""
        with _translated():
            self._keyring.set_password(self._service, username, text)
        self._remove_copy()
        if self._get(username) != text:
            raise VaultError(VaultProblem.NOT_SAVED, "read back otherwise")

    def _remove(self, username: str) -> None:
        if self._get(username) is None:
            return
        with _translated():
            self._keyring.delete_password(self._service, username)
        if self._get(username) is not None:
            raise VaultError(VaultProblem.KEYRING_FAILED, "the item stays")

    def _restore(self, old: str | None) -> None:
        """Undo a change of the item; the spare goes last, and stays where the item can't be."""
        if old is None:
            self._remove(_USERNAME)
        else:
            self._put(_USERNAME, old)
        if self._has_spare:
            self._remove(_SPARE)

    def _put_spare(self, text: str) -> None:
        """Keep the text in the spare; the item itself is not touched, so it is whole meanwhile."""
        try:
            self._put(_SPARE, text)
        except VaultError:
            with suppress(VaultError):
                self._remove(_SPARE)
            raise

    def _put_spare_back(self) -> None:
        """Put the spare into the place of an item that is missing, and have no spare then."""
        spare = self._get(_SPARE)
        if spare is None:
            return
        if self._get(_USERNAME) is None:
            self._put(_USERNAME, spare)
        self._remove(_SPARE)

    def _remove_copy(self) -> None:
        """Remove the item in which ``keyring`` leaves the old text on Windows.

        It moves what it is about to replace to "user@service": after a passphrase was set, that
        would be the secrets without one.
        """
        if not self._is_windows:
            return
        copy = f"{_USERNAME}@{self._service}"
        with _translated():
            if self._keyring.get_password(copy, _USERNAME) is not None:
                self._keyring.delete_password(copy, _USERNAME)


def _choose_keyring() -> KeyringBackend:
    """Return the best keyring that works here, or the one that the environment names.

    Raises:
        VaultError: NO_KEYRING; REFUSED_KEYRING where one is named that is not trusted.
    """
    named = _named_keyring()
    if named and named not in _ALLOWED:
        raise VaultError(VaultProblem.REFUSED_KEYRING, named[:_MAX_DETAIL])
    found: list[tuple[float, type[KeyringBackend]]] = []
    why = ""
    for name in (named,) if named else _ALLOWED:
        module, _, kind = name.rpartition(".")
        keyring: type[KeyringBackend] = getattr(import_late(module), kind)
        try:
            found.append((keyring.priority, keyring))
        except _foreign_errors() as error:
            why += f"{name}: {error}; "
    if not found:
        raise VaultError(VaultProblem.NO_KEYRING, why[:_MAX_DETAIL])
    _, best = max(found, key=lambda each: each[0])
    return best()


def _named_keyring() -> str:
    """Return the keyring that the environment or keyring's own file asks for; may be empty."""
    if named := os.environ.get("PYTHON_KEYRING_BACKEND", ""):
        return named
    path = Path(import_late("keyring.util.platform_").config_root(), "keyringrc.cfg")
    page = configparser.RawConfigParser()
    try:
        page.read(path, encoding="utf-8")
        return page.get("backend", "default-keyring", fallback="").strip()
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise VaultError(VaultProblem.REFUSED_KEYRING, f"{path} can't be read") from error


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what a keyring raises into ``VaultError``."""
    try:
        yield
    except UnicodeError:
        # Not "from": a decoding error carries what it could not decode.
        raise VaultError(VaultProblem.DAMAGED, "no text") from None
    except _foreign_errors() as error:
        reasons = {type(each).__name__ for each in (error, error.__cause__)}
        is_locked = not reasons.isdisjoint(_LOCKED)
        kind = VaultProblem.KEYRING_LOCKED if is_locked else VaultProblem.KEYRING_FAILED
        detail = f"{type(error).__name__}: {error}"[:_MAX_DETAIL]
        raise VaultError(kind, detail) from error


def _foreign_errors() -> tuple[type[BaseException], ...]:
    """Return what a keyring that is loaded may raise; it is asked for where something was."""
    named = (getattr(sys.modules.get(module), name, None) for module, name in _FOREIGN)
    # StopIteration is what jeepney raises for a bus address that nobody can connect to.
    known = (OSError, RuntimeError, ValueError, LookupError, AssertionError, StopIteration)
    return (*known, *(each for each in named if each is not None))
