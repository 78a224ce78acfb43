"""A signing key on its way into or out of the vault; nothing about it can be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.late_imports import import_late

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


# The order of secp256k1: a private key is a number from 1 to one less (SEC 2, section 2.4.1).
_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_KEY_BYTES = 32


class KeyMaterial:
    """A private key, and the entropy of its recovery phrase where it has one.

    Building one imports eth-account and computes the address: meant for a thread.
    """

    __slots__ = ("__account", "__entropy", "origin", "path")

    def __init__(
        self, private_key: bytes, origin: KeyOrigin, *, entropy: bytes = b"", path: str = ""
    ) -> None:
        """Take 32 bytes; ``entropy`` and ``path`` go together.

        Raises:
            KeyInputError: KEY_LENGTH or KEY_OUT_OF_RANGE where they are no secp256k1 key.
        """
        if len(private_key) != _KEY_BYTES:
            raise KeyInputError(KeyProblemKind.KEY_LENGTH, found=2 * len(private_key))
        if not 0 < int.from_bytes(private_key) < _ORDER:
            raise KeyInputError(KeyProblemKind.KEY_OUT_OF_RANGE)
        self.__account: LocalAccount = import_late("eth_account").Account.from_key(private_key)
        self.__entropy = entropy
        self.origin = origin
        self.path = path

    @property
    def address(self) -> str:
        """The checksummed address of the key."""
        return str(self.__account.address)

    @property
    def private_key(self) -> bytes:
        """The 32 bytes of the key; for the vault and the signer alone."""
        return bytes(self.__account.key)

    @property
    def entropy(self) -> bytes:
        """The entropy of the recovery phrase, 16 to 32 bytes; empty where there is no phrase."""
        return self.__entropy

    def __repr__(self) -> str:
        return f"KeyMaterial({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key can't be copied or written down")
