"""A vault in memory, for tests of what stands on a vault; it passes the vaults' contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.keys.vault import VaultPlace


class MemoryVault:
    """Keeps secrets as long as the test runs; ``is_file`` makes it behave as a vault of files."""

    def __init__(self, *, is_file: bool = False) -> None:
        self.place = VaultPlace(
            "Memory",
            Path("nowhere") if is_file else None,
            VaultProblem.NO_KEYRING if is_file else None,
        )
        self._passphrase: str | None = None
        self._secrets: dict[str, bytes] = {}

    async def is_empty(self) -> bool:
        return self._passphrase is None

    async def has_passphrase(self) -> bool:
        return bool(self._passphrase)

    async def verify(self, passphrase: str) -> None:
        if self._passphrase is not None and passphrase != self._passphrase:
            raise WrongPassphraseError("The passphrase does not open the vault.")

    async def names(self, passphrase: str) -> frozenset[str]:
        await self.verify(passphrase)
        return frozenset(self._secrets)

    async def read(self, name: str, passphrase: str) -> bytes:
        await self.verify(passphrase)
        if name not in self._secrets:
            raise VaultError(VaultProblem.NOT_FOUND, name)
        return self._secrets[name]

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        await self.verify(passphrase)
        if self.place.is_file and not passphrase:
            raise VaultError(VaultProblem.FILE_FAILED, "files have a passphrase always")
        self._passphrase = passphrase
        self._secrets.update(secrets)

    async def delete(self, names: Collection[str], passphrase: str) -> None:
        await self.verify(passphrase)
        for name in names:
            self._secrets.pop(name, None)

    async def change_passphrase(self, old: str, new: str) -> None:
        await self.verify(old)
        if self.place.is_file and not new:
            raise VaultError(VaultProblem.FILE_FAILED, "files have a passphrase always")
        self._passphrase = new

    async def destroy(self) -> None:
        self._secrets.clear()
        self._passphrase = None

    async def drain(self, timeout_s: float) -> bool:
        return True
