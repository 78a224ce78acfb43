"""Bytes sealed with a passphrase as a short text, and opened again; knows of no keyring or file.

A text is base64 of: a checksum (8 bytes of SHA-256 over the rest), a kind (1 byte), and

- plain: the bytes themselves; for a vault without a passphrase;
- sealed: passes (1), memory in KiB (4) and lanes (1) of Argon2id, its salt (16), a nonce (24), and
  the bytes under XChaCha20-Poly1305, which vouches for all of the above, too.

Decision: packed by hand and not JSON with hex, because Windows keeps 1,280 characters a secret.
The checksum tells damage from a wrong passphrase, which the cipher alone can't.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
import unicodedata
from typing import NamedTuple

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from Crypto.Cipher import ChaCha20_Poly1305

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError

_PLAIN, _SEALED = b"\x01", b"\x02"
_CHECKSUM, _SALT, _NONCE, _TAG = 8, 16, 24, 16
_COST = struct.Struct(">BIB")
_HEADER = 1 + _COST.size + _SALT + _NONCE

_MAX_TEXT = 1_000_000


class Cost(NamedTuple):
    """How slowly Argon2id makes a key of a passphrase."""

    passes: int
    memory_kib: int
    lanes: int


# The memory and passes of RFC 9106 §4, the second recommended set: a fifth of a second, 64 MiB. One
# lane instead of four costs an attacker the same work. It takes no longer on two cores, and leaves
# one of them to the window, which four threads at once keep waiting for up to 20 ms.
STANDARD_COST = Cost(3, 64 * 1024, 1)

# What a text that somebody else wrote may ask for before it is refused.
_MAX_COST = Cost(10, 256 * 1024, 8)


def normalise(passphrase: str) -> bytes:
    """Return the bytes of a passphrase: the same ones however a keyboard composes its letters.

    A lone surrogate has bytes here, too: an encoding error would quote the passphrase.
    """
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


def seal(secret: bytes, passphrase: str, cost: Cost = STANDARD_COST) -> str:
    """Return the secret as text under the passphrase, or readable where the passphrase is empty.

    Blocks for a tenth of a second: meant for a thread. Only tests give another ``cost``.

    Raises:
        VaultError: there is not enough memory to make the key.
    """
    if not passphrase:
        return _pack(_PLAIN + secret)
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    header = _SEALED + _COST.pack(*cost) + salt + nonce
    cipher = _cipher(header, passphrase)
    ciphertext, tag = cipher.encrypt_and_digest(secret)
    return _pack(header + ciphertext + tag)


def unseal(text: str, passphrase: str) -> bytes:
    """Return what was sealed; blocks as ``seal`` does.

    Raises:
        WrongPassphraseError: the passphrase is another one, or there is none and one was given.
        VaultError: DAMAGED where the text is not one that ``seal`` made.
    """
    body = _unpack(text)
    if body[:1] == _PLAIN:
        if passphrase:
            raise WrongPassphraseError("The passphrase does not open the vault.")
        return body[1:]
    if not passphrase:
        raise WrongPassphraseError("The vault has a passphrase.")
    cipher = _cipher(body[:_HEADER], passphrase)
    try:
        return cipher.decrypt_and_verify(body[_HEADER:-_TAG], body[-_TAG:])
    except ValueError as error:
        raise WrongPassphraseError("The passphrase does not open the vault.") from error


def is_sealed(text: str) -> bool:
    """Return whether a passphrase is needed; raises ``VaultError`` as ``unseal`` does."""
    return _unpack(text)[:1] == _SEALED


def _cipher(header: bytes, passphrase: str) -> ChaCha20_Poly1305.ChaCha20Poly1305Cipher:
    """Return the cipher that the header describes; it vouches for the header."""
    cost = Cost(*_COST.unpack_from(header, 1))
    salt, nonce = header[-_SALT - _NONCE : -_NONCE], header[-_NONCE:]
    try:
        key = hash_secret_raw(
            normalise(passphrase),
            salt,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=32,
            type=Type.ID,
        )
    except HashingError as error:
        raise VaultError(VaultProblem.KEYRING_FAILED, f"Argon2id: {error}") from error
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(header)
    return cipher


def _pack(body: bytes) -> str:
    return base64.b64encode(_checksum(body) + body).decode("ascii")


def _unpack(text: str) -> bytes:
    """Return the kind and what follows it, once all of it is as it was written."""
    if len(text) > _MAX_TEXT:
        raise VaultError(VaultProblem.DAMAGED, f"{len(text)} characters")
    try:
        packed = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise VaultError(VaultProblem.DAMAGED, "no base64") from error
    body = packed[_CHECKSUM:]
    if not body or packed[:_CHECKSUM] != _checksum(body):
        raise VaultError(VaultProblem.DAMAGED, "the checksum differs")
    if body[:1] == _SEALED:
        _check_cost(body)
    elif body[:1] != _PLAIN:
        raise VaultError(VaultProblem.DAMAGED, f"kind {body[0]} is not known")
    return body


def _check_cost(body: bytes) -> None:
    if len(body) < _HEADER + _TAG:
        raise VaultError(VaultProblem.DAMAGED, "cut short")
    cost = Cost(*_COST.unpack_from(body, 1))
    is_cheap_enough = all(asked <= most for asked, most in zip(cost, _MAX_COST, strict=True))
    is_possible = cost.passes >= 1 and cost.lanes >= 1 and cost.memory_kib >= 8 * cost.lanes
    if not (is_cheap_enough and is_possible):
        raise VaultError(VaultProblem.DAMAGED, f"Argon2id with {cost}")


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECKSUM]
