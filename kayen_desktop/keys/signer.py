"""Signs for one address with a key that it never shows; refuses what it can't explain."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from kayen_desktop.domain.errors import KeyStoreError
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.late_imports import import_late

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

MAX_CHALLENGE = 256


class LocalSigner:
    """A signer over a key held in memory; ``repr`` shows the address only."""

    def __init__(self, account: LocalAccount) -> None:
        self.__account = account

    @property
    def address(self) -> str:
        """The checksummed address that the signatures prove."""
        return str(self.__account.address)

    def __repr__(self) -> str:
        return f"LocalSigner({self.address})"

    def __reduce__(self) -> str:
        raise TypeError("a signer can't be copied or written down")

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        """Return the EIP-191 signature of a sign-in challenge, 0x and 130 hex digits.

        Raises:
            KeyStoreError: the payload is not what a challenge looks like, so nothing was signed.
        """
        _check_challenge(payload)
        return await asyncio.to_thread(self._sign, payload)

    def _sign(self, payload: str) -> str:
        messages = import_late("eth_account.messages")
        signed = self.__account.sign_message(messages.encode_defunct(text=payload))
        return "0x" + bytes(signed.signature).hex()


def _check_challenge(payload: str) -> None:
    """Refuse anything that could mean more than "this address is mine".

    A transaction, typed data or a prefixed message would be hex, JSON or hold control bytes.
    """
    if not payload or len(payload) > MAX_CHALLENGE or not payload.isascii():
        raise KeyStoreError("The server asked for a signature on something that is no challenge.")
    if not payload.isprintable() or payload[0] in "{[" or payload[:2].lower() == "0x":
        raise KeyStoreError(
            "The server asked for a signature on something that could move money. "
            "Nothing was signed."
        )


async def throwaway_signer() -> LocalSigner:
    """Return a signer over a fresh key that is held in memory and never stored."""
    return await asyncio.to_thread(_make, secrets.token_bytes(32))


def _make(key: bytes) -> LocalSigner:
    # Importing eth-account takes about a second: never before the window is painted, and never
    # on the event loop's thread.
    accounts = import_late("eth_account")
    return LocalSigner(accounts.Account.from_key(key))
