"""Tokens a venue issues: read what they claim where they can be read, recover who signed them.

Decision: tokens are opaque. Some deployments issue ES256K-R tokens with a channel in them, others
plain ES256 ones with a domain and an e-mail (§1.6 row 5), so nothing here refuses a token; what
can't be read is None. A JWT library would insist on algorithms and claims, and knows no ES256K-R.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from kayen_desktop.domain.amounts import parse_decimal

RECOVERABLE = "ES256K-R"
MAX_TOKEN = 8192
_MAX_CLAIM = 128
_PARTS = 3
_SIGNATURE_BYTES = 65
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Numbers with a point stay text: ``exp`` never passes through a binary float.
_DECODER = msgspec.json.Decoder(dict[str, object], float_hook=str)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and what it claims; every claim is None where the token does not tell it readably."""

    text: str = field(repr=False)
    algorithm: str | None = None
    expires_at: datetime | None = None
    channel_id: str | None = None
    operator_address: str | None = None
    address: str | None = None

    def is_valid_at(self, now: datetime) -> bool:
        """Return whether the token says that it is still valid at ``now`` (aware)."""
        return self.expires_at is not None and now < self.expires_at


def parse_token(text: str) -> Token:
    """Return the token with the claims that can be read; odd ones are opaque, never an error."""
    parts = text.split(".") if len(text) <= MAX_TOKEN else []
    if len(parts) != _PARTS:
        return Token(text)
    header, claims = _parse_part(parts[0]), _parse_part(parts[1])
    return Token(
        text,
        algorithm=_parse_text(header.get("alg")),
        expires_at=_parse_instant(claims.get("exp")),
        channel_id=_parse_text(claims.get("channel_id")),
        operator_address=_parse_text(claims.get("operator_address")),
        address=_parse_text(claims.get("address")),
    )


def recover_signer(token: Token) -> str | None:
    """Return the checksummed address that signed an ES256K-R token; None for any other token.

    The digest is SHA-256 over ``header.payload``, the signature 65 bytes r ‖ s ‖ v with v raw 0 or
    1 (protocols.md §1.3). None as well where the signature is not one.
    """
    if token.algorithm != RECOVERABLE:
        return None
    # Importing these takes a tenth of a second, which the first painted window can't spare.
    from coincurve import PublicKey
    from eth_hash.auto import keccak

    signed, _, signature_text = token.text.rpartition(".")
    signature = _decode_base64(signature_text)
    if signature is None or len(signature) != _SIGNATURE_BYTES or signature[-1] > 1:
        return None
    try:
        # coincurve's own hash for a message is SHA-256.
        key = PublicKey.from_signature_and_message(signature, signed.encode())
    except ValueError:
        return None
    digits = keccak(key.format(compressed=False)[1:])[-20:].hex()
    # EIP-55: a letter is upper case where the hash of the address has a high digit.
    checks = keccak(digits.encode()).hex()
    pairs = zip(digits, checks, strict=False)
    return "0x" + "".join(digit.upper() if check > "7" else digit for digit, check in pairs)


def _decode_base64(text: str) -> bytes | None:
    """Return the bytes of base64url text without padding, or None."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _parse_part(text: str) -> dict[str, object]:
    """Return the JSON object of a token's part; an empty one where it has none."""
    try:
        return _DECODER.decode(_decode_base64(text) or b"")
    except (ValueError, RecursionError):
        return {}


def _parse_text(value: object) -> str | None:
    """Return a claim that is short printable text."""
    if isinstance(value, str) and 0 < len(value) <= _MAX_CLAIM and value.isprintable():
        return value
    return None


def _parse_instant(value: object) -> datetime | None:
    """Return the time that unix seconds name, cut to whole seconds, or None where none can."""
    try:
        return _EPOCH + timedelta(seconds=int(parse_decimal(value)))
    except (ValueError, OverflowError):
        return None
