"""The venue's signatures: EIP-191 challenges checked, ES256K-R tokens issued and checked.

Decision: tokens and challenges are checked with coincurve and eth-account themselves, not with
the client's `protocol` or `keys`: two parts that share one mistake would agree on it. Both
libraries take about a second to import, so `load_cryptography` does it on a thread and nothing
here is imported when the server starts.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kayen_desktop.late_imports import import_late

from .refusals import RefusalError

if TYPE_CHECKING:
    from coincurve import PrivateKey

_HEADER = b'{"alg":"ES256K-R","typ":"JWT"}'
_SIGNATURE_BYTES = 65
_MAX_TOKEN = 4096
_ETHEREUM_V = 27

_Claims = TypeVar("_Claims", bound=msgspec.Struct)


class SessionClaims(msgspec.Struct):
    """What a session token says: whose session, and its end in unix seconds."""

    operator_address: str
    exp: int


class ChannelClaims(msgspec.Struct):
    """What a channel token says: which channel, the issuing node, and its end in unix seconds."""

    channel_id: str
    address: str
    exp: int


async def load_cryptography() -> None:
    """Import the signing libraries on a thread, so that the event loop keeps turning."""
    for name in ("coincurve", "eth_account", "eth_keys"):
        await asyncio.to_thread(import_late, name)


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode("ascii")


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _address_of(public_key: bytes) -> str:
    from eth_keys.datatypes import PublicKey

    return str(PublicKey(public_key).to_checksum_address())


def challenge_signer(challenge: str, signature: str) -> str:
    """Return the address whose EIP-191 signature of the challenge this is (protocols.md §1.2).

    Raises:
        RefusalError: not a signature of 65 bytes that recovers to an address.
    """
    from eth_account import Account
    from eth_account.messages import encode_defunct
    from eth_keys.exceptions import BadSignature
    from eth_utils.exceptions import ValidationError

    digits = signature.removeprefix("0x")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raise RefusalError("Invalid signature") from None
    if len(raw) != _SIGNATURE_BYTES or len(digits) != 2 * _SIGNATURE_BYTES:
        raise RefusalError("Invalid signature")
    if raw[-1] not in (0, 1, _ETHEREUM_V, _ETHEREUM_V + 1):
        raise RefusalError("Invalid signature")
    try:
        signer = Account.recover_message(encode_defunct(text=challenge), signature=raw)
    except (ValueError, BadSignature, ValidationError):
        raise RefusalError("Invalid signature") from None
    return str(signer)


@dataclass(frozen=True, slots=True)
class _Parts:
    signed: bytes
    payload: bytes
    signature: bytes


def _split(token: str) -> _Parts:
    parts = token.split(".")
    if len(token) > _MAX_TOKEN or len(parts) != 3 or not token.isascii():
        raise RefusalError("invalid JWT token")
    try:
        header, payload, signature = (_decode(part) for part in parts)
    except (binascii.Error, ValueError):
        raise RefusalError("invalid JWT token") from None
    if header != _HEADER or len(signature) != _SIGNATURE_BYTES:
        raise RefusalError("invalid JWT token")
    return _Parts(token.rpartition(".")[0].encode("ascii"), payload, signature)


def token_signer(token: str) -> str:
    """Return the address that issued an ES256K-R token (protocols.md §1.3).

    Raises:
        RefusalError: not a token of three parts with a recoverable signature.
    """
    from coincurve import PublicKey

    parts = _split(token)
    try:
        public_key = PublicKey.from_signature_and_message(parts.signature, parts.signed)
    except ValueError:
        raise RefusalError("invalid JWT token") from None
    return _address_of(public_key.format(compressed=False)[1:])


class TokenIssuer:
    """The identity of one Clearport node: it signs session and channel tokens and knows its own.

    `load_cryptography` comes first. The same seed is the same identity, so that a practice run
    can be repeated.
    """

    def __init__(self, secret: bytes) -> None:
        from coincurve import PrivateKey

        self._key: PrivateKey = PrivateKey(secret)
        self.address = _address_of(self._key.public_key.format(compressed=False)[1:])

    @classmethod
    def of_seed(cls, seed: int) -> TokenIssuer:
        """Return the identity that belongs to a seed."""
        return cls(hashlib.sha256(f"kayen practice node {seed}".encode()).digest())

    def __repr__(self) -> str:
        return f"TokenIssuer({self.address})"

    def _issue(self, claims: msgspec.Struct) -> str:
        signed = f"{_encode(_HEADER)}.{_encode(msgspec.json.encode(claims))}"
        signature = self._key.sign_recoverable(signed.encode("ascii"))
        return f"{signed}.{_encode(signature)}"

    def issue_session(self, address: str, expires_at_s: int) -> str:
        """Return a session token for a wallet address."""
        return self._issue(SessionClaims(address, expires_at_s))

    def issue_channel(self, channel_id: str, expires_at_s: int) -> str:
        """Return the token with which a channel trades on the exchange."""
        return self._issue(ChannelClaims(channel_id, self.address, expires_at_s))

    def read_session(self, token: str, now_s: float) -> SessionClaims:
        """Return the claims of a session token of this node.

        Raises:
            RefusalError: not ours, not a session token, or expired.
        """
        claims = self._read(token, SessionClaims)
        if claims.exp <= now_s:
            raise RefusalError("invalid JWT token")
        return claims

    def read_channel(self, token: str, now_s: float) -> ChannelClaims:
        """Return the claims of a channel token of this node.

        Raises:
            RefusalError: not ours, not a channel token, or expired.
        """
        claims = self._read(token, ChannelClaims)
        if claims.exp <= now_s:
            raise RefusalError("unauthorized")
        return claims

    def _read(self, token: str, kind: type[_Claims]) -> _Claims:
        if token_signer(token) != self.address:
            raise RefusalError("invalid JWT token")
        try:
            return msgspec.json.decode(_split(token).payload, type=kind)
        except msgspec.DecodeError:
            raise RefusalError("invalid JWT token") from None
