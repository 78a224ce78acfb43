"""Signs for one address with a key that it never shows; refuses what it can't explain."""

from __future__ import annotations

import asyncio
import secrets
from typing import NoReturn

from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.late_imports import import_late

from .material import KeyMaterial
from .payloads import examine


class LocalSigner:
    """A signer over a key held in memory; ``repr`` shows the address only."""

    __slots__ = ("__material",)

    def __init__(self, material: KeyMaterial) -> None:
        self.__material = material

    @property
    def address(self) -> str:
        """The checksummed address that the signatures prove."""
        return self.__material.address

    def __repr__(self) -> str:
        return f"LocalSigner({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer can't be copied or written down")

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        """Return the EIP-191 signature of a sign-in challenge, 0x and 130 hex digits.

        Raises:
            SigningRefusedError: the payload is not what the purpose allows; nothing was signed.
        """
        meaning = examine(purpose, payload, self.address)
        return await asyncio.to_thread(self._sign, meaning.text)

    def _sign(self, text: str) -> str:
        messages = import_late("eth_account.messages")
        accounts = import_late("eth_account")
        signed = accounts.Account.sign_message(
            messages.encode_defunct(text=text), self.__material.private_key
        )
        return "0x" + bytes(signed.signature).hex()


async def throwaway_signer() -> LocalSigner:
    """Return a signer over a fresh key that is held in memory and never stored."""
    # Importing eth-account takes about a second: never before the window is painted, and never
    # on the event loop's thread.
    material = await asyncio.to_thread(KeyMaterial, secrets.token_bytes(32), KeyOrigin.CREATED)
    return LocalSigner(material)
