"""Keys for tests of screens: a keychain on a vault that fails when told, and published keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from tests.unit.keys.memory_vault import MemoryVault

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
# The phrase that every Ethereum test network knows, and its first two keys.
PHRASE = "test test test test test test test test test test test junk"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
PRIVATE_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
SECOND_ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
STRONG = "vermilion otter sprints beyond gravel"


class ShakyVault(MemoryVault):
    """Fails to keep anything while ``problem`` says how."""

    def __init__(self, *, is_file: bool = False) -> None:
        super().__init__(is_file=is_file)
        self.problem: VaultProblem | None = None
        self.writes = 0

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        if self.problem is not None:
            raise VaultError(self.problem, "the test says so")
        self.writes += 1
        await super().write(secrets, passphrase)


class Passphrase:
    """Answers for the trader who is asked for the passphrase."""

    def __init__(self) -> None:
        self.answer: str | Exception = ""
        self.asked: list[Act] = []

    async def authorize(self, act: Act) -> str:
        self.asked.append(act)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def loaded_keychain(folder: Path, vault: MemoryVault) -> Keychain:
    """Return a keychain on the vault, loaded as the application does it."""
    keychain = Keychain(vault, IdentityBook(folder / "identities.json"), lambda: NOW)
    await keychain.load()
    return keychain


def write_keystore(folder: Path, password: str) -> Path:
    """Return a key file of the first key; cheap to open, unlike a real one."""
    from kayen_desktop.late_imports import import_late

    accounts = import_late("eth_account")
    sealed = accounts.Account.encrypt(PRIVATE_KEY, password, kdf="pbkdf2", iterations=1)
    path = folder / "UTC--key.json"
    path.write_bytes(import_late("msgspec.json").encode(sealed))
    return path
