"""The vault in the system's keyring: all secrets in one sealed item, and never on the loop."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from kayen_desktop.domain.errors import VaultError, VaultProblem

from .sealing import STANDARD_COST, Cost, is_sealed, seal, unseal
from .serial_thread import SerialThread
from .vault import KeyringItem


class KeyringVault:
    """A vault (see ``Vault``) that is one item of the system's keyring: a sealed text.

    Every call of the keyring is made on one thread that the process does not wait for: a keyring
    may ask its owner something and wait for the answer for ever.
    """

    def __init__(
        self,
        item: KeyringItem,
        thread: SerialThread | None = None,
        *,
        cost: Cost = STANDARD_COST,
    ) -> None:
        """``thread`` is the one on which the keyring was made; only tests give a ``cost``."""
        self.place = item.place
        self._item = item
        self._thread = thread or SerialThread("keyring")
        self._cost = cost

    async def probe(self) -> None:
        """Do nothing if the keyring is open and keeps what it is given.

        It may ask its owner to unlock it. Raises ``VaultError`` otherwise.
        """
        await self._thread.run(self._item.probe)

    async def is_empty(self) -> bool:
        """Return whether nothing was ever kept, not even a passphrase."""
        return await self._thread.run(self._item.read) is None

    async def has_passphrase(self) -> bool:
        """Return whether a passphrase is needed to open it."""
        return await self._thread.run(self._is_sealed)

    async def verify(self, passphrase: str) -> None:
        """Do nothing if the passphrase opens the vault."""
        await self._thread.run(lambda: self._open(passphrase))

    async def names(self, passphrase: str) -> frozenset[str]:
        """Return the names of all secrets."""
        return frozenset(await self._thread.run(lambda: self._open(passphrase)))

    async def read(self, name: str, passphrase: str) -> bytes:
        """Return the secret; ``VaultError(NOT_FOUND)`` where there is none of that name."""
        found = await self._thread.run(lambda: self._open(passphrase))
        if name not in found:
            raise VaultError(VaultProblem.NOT_FOUND, name)
        return found[name]

    async def write(self, secrets: Mapping[str, bytes], passphrase: str) -> None:
        """Keep all of the secrets or none; they are read back and compared before this returns."""
        kept = dict(secrets)
        await self._thread.run(lambda: self._save({**self._open(passphrase), **kept}, passphrase))

    async def delete(self, names: Collection[str], passphrase: str) -> None:
        """Forget the secrets; names that are not there are no error."""
        gone = frozenset(names)
        await self._thread.run(lambda: self._delete(gone, passphrase))

    async def change_passphrase(self, old: str, new: str) -> None:
        """Seal everything with the new passphrase; an empty new one takes it away."""
        await self._thread.run(lambda: self._save(self._open(old), new))

    async def destroy(self) -> None:
        """Forget every secret and the passphrase: the item goes."""
        await self._thread.run(self._item.delete)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything asked for so far is done; False where that takes longer."""
        return await self._thread.drain(timeout_s)

    # What follows blocks, and is called on the vault's own thread

    def _is_sealed(self) -> bool:
        text = self._item.read()
        return text is not None and is_sealed(text)

    def _open(self, passphrase: str) -> dict[str, bytes]:
        text = self._item.read()
        if text is None:
            return {}
        try:
            return msgspec.msgpack.decode(unseal(text, passphrase), type=dict[str, bytes])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # Not "from": a decoding error carries what it could not decode.
            raise VaultError(VaultProblem.DAMAGED, "no names and secrets") from None

    def _save(self, secrets: dict[str, bytes], passphrase: str) -> None:
        self._item.replace(seal(msgspec.msgpack.encode(secrets), passphrase, self._cost))

    def _delete(self, names: frozenset[str], passphrase: str) -> None:
        found = self._open(passphrase)
        if not names.isdisjoint(found):
            left = {name: secret for name, secret in found.items() if name not in names}
            self._save(left, passphrase)
