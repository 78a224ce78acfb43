"""The vault of files, for a computer without a keyring: one encrypted file a secret, in a folder.

The folder holds one folder for each generation of the vault, of which the last one counts:

    00000007/lock.json     what secrets there are: name -> SHA-256 of the file, encrypted
    00000007/<sha256>.json a secret, as a standard V3 file that other wallets can import

Every change writes a whole new generation as a draft, reads it back, and gives it the next number
in one rename; then the old one goes. Whenever the power fails, one of the two is there and whole.
Processes that share a folder only cost each other a try: what comes late gets no number, and nobody
takes away what is newer than what he read. A folder that goes is first renamed ("gone-..."), so
that no other process finds half of it.

Decision: all files of a generation are under one scrypt key (each with an initial vector of its
own), so that opening the vault costs one second and not one for each secret. The lock, which is
read first, vouches for every other file: V3 alone would not notice a changed initial vector.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets as randomness
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from kayen_desktop.domain.errors import (
    KeyStoreError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)

from .private_file import FILE_MODE, FOLDER_MODE, flush_folder, make_private_folder, write_new
from .sealing import normalise
from .secret_storage import (
    STANDARD_WORK,
    Flaw,
    Limits,
    StorageError,
    StorageKey,
    new_stretch,
    parse_file,
)
from .serial_thread import SerialThread
from .vault import VaultPlace

ResultType = TypeVar("ResultType")

_LOCK = "lock.json"
_DRAFT, _GONE = "draft-", "gone-"
_NUMBER = re.compile("[0-9]{8}")
# A draft is written within seconds; one that has not been touched for so long has no writer.
_LONGEST_WRITE_S = 600.0
# Twice the memory and eight times the time of what is written here.
_LIMITS = Limits(size=1_000_000, memory=2**29, work=2**24, rounds=0)


@dataclass(frozen=True, slots=True, repr=False)
class _Opened:
    """A generation whose passphrase was right: its number, key, and secrets' files by name."""

    number: int
    key: StorageKey
    files: dict[str, bytes]


class KeystoreVault:
    """A vault (see ``Vault``) of V3 files, mode 0600, in a folder of its own, mode 0700."""

    def __init__(
        self,
        folder: Path,
        why_not_keyring: VaultProblem = VaultProblem.NO_KEYRING,
        *,
        work: int = STANDARD_WORK,
    ) -> None:
        """``work`` is scrypt's N for what is written; only tests give another one."""
        self.place = VaultPlace("encrypted files of this application", folder, why_not_keyring)
        self._folder = folder
        self._work = work
        self._thread = SerialThread("keystore")

    async def is_empty(self) -> bool:
        """Return whether nothing was ever kept, not even a passphrase."""
        return await self._run(lambda: self._current() is None)

    async def has_passphrase(self) -> bool:
        """Return whether a passphrase is needed: always, once something was kept."""
        return not await self.is_empty()

    async def verify(self, passphrase: str) -> None:
        """Do nothing if the passphrase opens the vault."""
        await self._run(lambda: self._open(passphrase))

    async def names(self, passphrase: str) -> frozenset[str]:
        """Return the names of all secrets."""
        opened = await self._run(lambda: self._open(passphrase))
        return frozenset(opened.files) if opened else frozenset()

    async def read(self, name: str, passphrase: str) -> bytes:
        """Return the secret; ``VaultError(NOT_FOUND)`` where there is none of that name."""
        return await self._run(lambda: self._read(name, passphrase))

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        """Keep all of the secrets or none; they are read back and compared before this returns."""
        kept = dict(secrets)
        await self._run(lambda: self._write(kept, passphrase))

    async def delete(self, names: Collection[str], passphrase: str) -> None:
        """Forget the secrets; names that are not there are no error."""
        gone = frozenset(names)
        await self._run(lambda: self._delete(gone, passphrase))

    async def change_passphrase(self, old: str, new: str) -> None:
        """Encrypt everything anew; ``VaultError(FILE_FAILED)`` for an empty passphrase."""
        await self._run(lambda: self._change(old, new))

    async def destroy(self) -> None:
        """Forget every secret and the passphrase."""
        await self._run(self._destroy)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything asked for so far is done; False where that takes longer."""
        return await self._thread.drain(timeout_s)

    async def _run(self, call: Callable[[], ResultType]) -> ResultType:
        def translated() -> ResultType:
            try:
                return call()
            except OSError as error:
                detail = f"{error.filename or self._folder}: {error.strerror}"
                raise VaultError(VaultProblem.FILE_FAILED, detail) from error
            except StorageError as error:
                raise _translated(error) from None

        return await self._thread.run(translated)

    # What follows blocks, and is called on the vault's own thread

    def _read(self, name: str, passphrase: str) -> bytes:
        opened = self._open(passphrase)
        if opened is None or name not in opened.files:
            raise VaultError(VaultProblem.NOT_FOUND, name)
        return _decrypt(opened.key, opened.files[name])

    def _write(self, secrets: dict[str, bytes], passphrase: str) -> None:
        opened = self._open(passphrase)
        _refuse_empty(passphrase)
        key = opened.key if opened else self._new_key(passphrase)
        files = dict(opened.files) if opened else {}
        files.update({name: key.encrypt(secret) for name, secret in secrets.items()})
        self._replace(opened, key, files)

    def _delete(self, names: frozenset[str], passphrase: str) -> None:
        opened = self._open(passphrase)
        if opened is None or names.isdisjoint(opened.files):
            return
        left = {name: file for name, file in opened.files.items() if name not in names}
        self._replace(opened, opened.key, left)

    def _change(self, old: str, new: str) -> None:
        opened = self._open(old)
        _refuse_empty(new)
        key = self._new_key(new)
        files = {}
        if opened is not None:
            for name, file in opened.files.items():
                files[name] = key.encrypt(_decrypt(opened.key, file))
        self._replace(opened, key, files)

    def _destroy(self) -> None:
        # From the oldest on: should this be cut short, no older secret comes back to life.
        for each in (*self._generations(), *self._folder.glob(f"{_DRAFT}*")):
            self._discard(each)
        self._sweep(None)
        with suppress(OSError):
            self._folder.rmdir()  # stays where something of somebody else's is in it

    def _new_key(self, passphrase: str) -> StorageKey:
        return StorageKey(normalise(passphrase), new_stretch(self._work))

    def _open(self, passphrase: str) -> _Opened | None:
        """Return what the vault holds; None where nothing was ever kept."""
        while (generation := self._current()) is not None:
            try:
                opened = self._open_generation(generation, passphrase)
            except (VaultError, StorageError, FileNotFoundError):
                if self._current() == generation:
                    raise
                continue  # another process has replaced it meanwhile
            self._sweep(generation)
            return opened
        self._sweep(None)
        return None

    def _open_generation(self, generation: Path, passphrase: str) -> _Opened:
        _tighten(generation, FOLDER_MODE)
        lock = parse_file(_read_file(generation / _LOCK), _LIMITS)
        if not lock.is_whole:
            raise VaultError(VaultProblem.DAMAGED, "the lock's checksum differs")
        if not passphrase:
            raise WrongPassphraseError("The vault has a passphrase.")
        key = StorageKey(normalise(passphrase), lock.stretch)
        try:
            digests = msgspec.msgpack.decode(key.decrypt(lock), type=dict[str, bytes])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise VaultError(VaultProblem.DAMAGED, "the lock") from error
        files = {}
        for name, digest in digests.items():
            files[name] = _read_file(generation / f"{digest.hex()}.json")
            if hashlib.sha256(files[name]).digest() != digest:
                raise VaultError(VaultProblem.DAMAGED, name)
        return _Opened(int(generation.name), key, files)

    def _replace(self, old: _Opened | None, key: StorageKey, files: dict[str, bytes]) -> None:
        """Make these files the vault, whole or not at all, if it still is as it was read."""
        digests = {name: hashlib.sha256(file).digest() for name, file in files.items()}
        lock = key.encrypt(msgspec.msgpack.encode(digests))
        pages = {f"{digests[name].hex()}.json": file for name, file in files.items()}
        pages[_LOCK] = lock
        make_private_folder(self._folder)
        _tighten(self._folder, FOLDER_MODE)
        # Not the first number that is free: what another process has written meanwhile is not in
        # these files. It has this number then, or it has come further and gets noticed below.
        number = (old.number if old else 0) + 1
        draft = self._folder / f"{_DRAFT}{randomness.token_hex(4)}"
        try:
            _write_draft(draft, pages)
            for page, file in pages.items():
                if _read_file(draft / page) != file:
                    raise VaultError(VaultProblem.NOT_SAVED, f"{draft / page}")
            generation = draft.rename(self._folder / f"{number:08d}")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            with suppress(OSError):  # it is a generation now, or gone; what stays is swept later
                self._discard(draft)
        if self._current() != generation:
            self._discard(generation)
            raise VaultError(VaultProblem.FILE_FAILED, "another process has changed the vault")
        flush_folder(self._folder)
        flush_folder(self._folder.parent)  # where the folder itself may be new
        self._sweep(generation)

    def _current(self) -> Path | None:
        # A listing made while the next one comes and this one goes may show neither.
        found = self._generations() or self._generations()
        return max(found, default=None)

    def _generations(self) -> list[Path]:
        """Return the folders of whole generations, the oldest first."""
        try:
            found = [each for each in self._folder.iterdir() if _NUMBER.fullmatch(each.name)]
        except FileNotFoundError:
            return []
        _tighten(self._folder, FOLDER_MODE)
        return sorted(found)

    def _sweep(self, current: Path | None) -> None:
        """Remove what is older, and what a crash has left; the next call tries again.

        What is newer stays, and so does a draft at which another process may be.
        """
        for each in self._generations():
            if current is not None and each < current:
                with suppress(OSError):
                    self._discard(each)
        for draft in self._folder.glob(f"{_DRAFT}*"):
            with suppress(OSError):
                if abs(time.time() - draft.stat().st_mtime) > _LONGEST_WRITE_S:
                    self._discard(draft)
        for gone in self._folder.glob(f"{_GONE}*"):
            shutil.rmtree(gone, ignore_errors=True)

    def _discard(self, folder: Path) -> None:
        """Take the folder out of the vault; what it was called is gone at once and whole."""
        gone = self._folder / f"{_GONE}{randomness.token_hex(4)}"
        with suppress(FileNotFoundError):  # another process was quicker
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)


def _refuse_empty(passphrase: str) -> None:
    if not passphrase:
        raise VaultError(VaultProblem.FILE_FAILED, "files have a passphrase always")


def _translated(error: StorageError) -> KeyStoreError:
    """Return what is wrong with the lock, in the words of a vault."""
    if error.flaw is Flaw.WRONG_PASSWORD:
        return WrongPassphraseError("The passphrase does not open the vault.")
    is_ours = error.flaw is Flaw.NO_MEMORY
    kind = VaultProblem.FILE_FAILED if is_ours else VaultProblem.DAMAGED
    return VaultError(kind, error.detail)


def _decrypt(key: StorageKey, file: bytes) -> bytes:
    """Return the secret in a file that the lock vouches for; the passphrase was right already."""
    try:
        return key.decrypt(parse_file(file, _LIMITS))
    except StorageError as error:
        raise VaultError(VaultProblem.DAMAGED, f"a secret's file: {error.detail}") from None


def _write_draft(draft: Path, pages: dict[str, bytes]) -> None:
    draft.mkdir(mode=FOLDER_MODE)
    for name, page in pages.items():
        write_new(draft / name, page)
    flush_folder(draft)


def _read_file(path: Path) -> bytes:
    try:
        _tighten(path, FILE_MODE)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise VaultError(VaultProblem.DAMAGED, f"{path} is missing") from error


def _tighten(path: Path, mode: int) -> None:
    """Take the file or folder from everybody but its owner; Windows does so by where it is."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(mode)
