"""A keychain of a test, with all it stands on within reach, and what can be broken."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase

from .memory_vault import MemoryVault

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
WORDS = "test test test test test test test test test test test junk"
KEY = "0x" + "01" * 32
PASS = "open sesame"  # noqa: S105 - of a test


class FragileVault(MemoryVault):
    """A vault whose methods fail or wait when told to; a failing write has kept nothing.

    ``openings`` counts how often a passphrase was tried, which is what takes time.
    """

    def __init__(self, *, is_file: bool = False) -> None:
        super().__init__(is_file=is_file)
        self.failing: set[str] = set()
        self.openings = 0
        self.is_writing = asyncio.Event()
        self.may_write = asyncio.Event()
        self.may_write.set()

    async def verify(self, passphrase: str) -> None:
        self.openings += 1
        await super().verify(passphrase)

    async def read(self, name: str, passphrase: str) -> bytes:
        self._check("read")
        return await super().read(name, passphrase)

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        self._check("write")
        self.is_writing.set()
        await self.may_write.wait()
        await super().write(secrets, passphrase)

    async def delete(self, names: Collection[str], passphrase: str) -> None:
        self._check("delete")
        await super().delete(names, passphrase)

    async def destroy(self) -> None:
        self._check("destroy")
        await super().destroy()

    def _check(self, name: str) -> None:
        if name in self.failing:
            raise VaultError(VaultProblem.KEYRING_FAILED, name)


class Bench:
    """A keychain with all it stands on within reach."""

    def __init__(self, folder: Path, *, is_file: bool = False) -> None:
        self.vault = FragileVault(is_file=is_file)
        self.folder = folder / "data"
        self.now = NOW
        self.book = IdentityBook(self.folder / "identities.json")
        self.keychain = self.opened()

    def opened(self) -> Keychain:
        """Return a keychain as after a new start; it is not loaded yet."""
        return Keychain(self.vault, self.book, lambda: self.now)

    async def reopened(self) -> Keychain:
        keychain = self.opened()
        await keychain.load()
        return keychain

    def break_book(self) -> None:
        """Let every writing of the list fail until it is mended."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "identities.json.new").mkdir()

    def mend_book(self) -> None:
        (self.folder / "identities.json.new").rmdir()

    async def keep_phrase(self, name: str = "Ada", words: str = WORDS, index: int = 0) -> Identity:
        phrase = RecoveryPhrase.from_text(words)
        material = await self.keychain.material_from_phrase(phrase, index)
        return await self.keychain.keep(material, name, PASS, is_backed_up=True)

    async def keep_key(self, name: str = "Bob", text: str = KEY) -> Identity:
        material = await self.keychain.material_from_private_key(text)
        return await self.keychain.keep(material, name, PASS, is_backed_up=False)
