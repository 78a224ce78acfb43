"""Web3 Secret Storage, version 3: bytes under a key that is made of a password; no files.

Source: the Ethereum wiki's "Web3 Secret Storage Definition".

Decision: made of the primitives (scrypt, PBKDF2, AES, Keccak) and not of eth-keyfile. That library
runs whatever cost a file names, asserts on its fields, keeps private keys only (a recovery phrase
and an API key are secrets, too), computes the key anew for each file, a second each, and writes
scrypt with r=1, which needs an eighth of the memory to attack. The tests open our files with it.

Decision: the ``id`` of what is written here is a checksum (a version 5 UUID of the rest), so that
damage can be told from a wrong password. Other wallets take it for the random one it may be.
"""

from __future__ import annotations

import codecs
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NoReturn, cast

import msgspec
from Crypto.Cipher import AES
from Crypto.Hash import keccak
from Crypto.Protocol.KDF import scrypt

from kayen_desktop.domain.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from Crypto.Cipher._mode_ctr import CtrMode

STANDARD_WORK = 262_144
_BLOCK, _LANES = 8, 1
_KEY, _HALF, _MAC = 32, 16, 32
_CIPHER, _SCRYPT, _PBKDF2, _PRF = "aes-128-ctr", "scrypt", "pbkdf2", "hmac-sha256"
# Not hashlib's: OpenSSL refuses r=1 with N=262144, which the definition's own example has. The
# library's types know of texts only; bytes are what it stretches.
_scrypt = cast("Callable[[bytes, bytes, int, int, int, int], bytes]", scrypt)

_NAMESPACE = uuid.UUID("7c3f0f5e-2d4b-4f0a-9a57-3b8a53c9a9d1")
_MAX_SALT = 256
_MAX_DERIVED = 128
_MAX_R_TIMES_P = 1_024


class Flaw(Enum):
    """Why a file does not open."""

    NOT_READABLE = "not readable"
    NOT_V3 = "not of version 3"
    TOO_COSTLY = "asks for too much"
    NO_MEMORY = "asks for more memory than there is"
    WRONG_PASSWORD = "under another password"  # noqa: S105 - a reason, no password


class StorageError(KeyStoreError):
    """A file does not open; ``detail`` is for a report and holds nothing of the file's texts."""

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        super().__init__(f"The file does not open: {flaw.value}.")
        self.flaw = flaw
        self.detail = detail or flaw.value


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file that somebody else wrote may ask for before it is refused.

    ``size`` is its length and ``memory`` that of scrypt, both in bytes; ``work`` is N·r·p, and
    ``rounds`` those of PBKDF2, 0 where only scrypt is taken.
    """

    size: int
    memory: int
    work: int
    rounds: int


class _Costs(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parameters of either way to stretch a password; zero and "" where they are not there."""

    dklen: int
    salt: str
    n: int = 0
    p: int = 0
    r: int = 0
    c: int = 0
    prf: str = ""


class Stretch(msgspec.Struct, frozen=True):
    """How a key is made of a password, as it stands in a file."""

    kdf: str
    kdfparams: _Costs


class _CipherParams(msgspec.Struct, frozen=True):
    iv: str


class _Crypto(Stretch, frozen=True):
    cipher: str
    cipherparams: _CipherParams
    ciphertext: str
    mac: str


class _Page(msgspec.Struct, frozen=True, omit_defaults=True):
    crypto: _Crypto
    id: str
    version: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class StorageFile:
    """A file that can be tried: every length and cost is within bounds.

    ``address`` is what the file says, unread. ``is_whole`` is true where its checksum is right;
    the files of others have none.
    """

    stretch: Stretch
    iv: bytes
    ciphertext: bytes
    mac: bytes
    address: str
    is_whole: bool


class StorageKey:
    """What a password is stretched to: opens and writes files; nothing about it can be printed.

    Several files may be under one key: each has an initial vector of its own.
    """

    __slots__ = ("__key", "_stretch")

    def __init__(self, password: bytes, stretch: Stretch) -> None:
        """Block for as long as ``stretch`` takes; the interpreter is free meanwhile.

        Raises:
            StorageError: NO_MEMORY.
        """
        self._stretch = stretch
        self.__key = _derive(password, stretch)

    def encrypt(self, secret: bytes, address: str = "") -> bytes:
        """Return a file that holds the secret.

        The definition advises against an address, which tells on its owner; wallets want one.
        """
        iv = secrets.token_bytes(_HALF)
        ciphertext = self._cipher(iv).encrypt(secret)
        crypto = _Crypto(
            kdf=self._stretch.kdf,
            kdfparams=self._stretch.kdfparams,
            cipher=_CIPHER,
            cipherparams=_CipherParams(iv.hex()),
            ciphertext=ciphertext.hex(),
            mac=self._mac(ciphertext).hex(),
        )
        page = _Page(crypto, _checksum(crypto), 3, address)
        return msgspec.json.format(msgspec.json.encode(page)) + b"\n"

    def decrypt(self, file: StorageFile) -> bytes:
        """Return the secret in a file; raises ``StorageError(WRONG_PASSWORD)``."""
        if not hmac.compare_digest(file.mac, self._mac(file.ciphertext)):
            raise StorageError(Flaw.WRONG_PASSWORD)
        return self._cipher(file.iv).decrypt(file.ciphertext)

    def __repr__(self) -> str:
        return "StorageKey()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key can't be copied or written down")

    def _cipher(self, iv: bytes) -> CtrMode:
        return AES.new(self.__key[:_HALF], AES.MODE_CTR, nonce=b"", initial_value=iv)

    def _mac(self, ciphertext: bytes) -> bytes:
        return keccak.new(data=self.__key[_HALF:_KEY] + ciphertext, digest_bits=256).digest()


def new_stretch(work: int = STANDARD_WORK) -> Stretch:
    """Return scrypt with a salt of its own; ``work`` is N, a power of two."""
    return Stretch(_SCRYPT, _Costs(_KEY, secrets.token_hex(_KEY), work, _LANES, _BLOCK))


def parse_file(text: bytes, limits: Limits) -> StorageFile:
    """Return the parts of a file, once all of them are as the format has them.

    Names are taken in any case, since old files write "Crypto", and digits with or without 0x.

    Raises:
        StorageError: NOT_READABLE, NOT_V3 or TOO_COSTLY.
    """
    page = _page(text, limits)
    if page.get("version") not in (3, "3") or not isinstance(page.get("crypto"), dict):
        raise StorageError(Flaw.NOT_V3)
    try:
        crypto = msgspec.convert(page["crypto"], _Crypto)
        file = StorageFile(
            stretch=Stretch(crypto.kdf, crypto.kdfparams),
            iv=_unhex(crypto.cipherparams.iv),
            ciphertext=_unhex(crypto.ciphertext),
            mac=_unhex(crypto.mac),
            address=str(page.get("address") or ""),
            is_whole=page.get("id") == _checksum(crypto),
        )
        salt = _unhex(crypto.kdfparams.salt)
    except (msgspec.MsgspecError, ValueError):
        # Not "from": these quote what they could not read, here and below.
        raise StorageError(Flaw.NOT_READABLE, "a field is none of the format") from None
    sizes = (len(file.iv), len(file.mac))
    if crypto.cipher != _CIPHER or sizes != (_HALF, _MAC) or len(salt) > _MAX_SALT:
        raise StorageError(Flaw.NOT_READABLE, f"a vector and checksum of {sizes} bytes")
    _check_cost(file.stretch, limits)
    return file


def _page(text: bytes, limits: Limits) -> dict[str, object]:
    """Return the file's object with lower-case names."""
    if len(text) > limits.size:
        raise StorageError(Flaw.NOT_READABLE, f"{len(text)} bytes")
    try:
        page = msgspec.json.decode(
            text.strip().removeprefix(codecs.BOM_UTF8), type=dict[str, object]
        )
    # UnicodeDecodeError: half a character; RecursionError: a file of nothing but brackets.
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise StorageError(Flaw.NOT_READABLE, "no JSON object") from None
    return {name.lower(): value for name, value in page.items()}


def _check_cost(stretch: Stretch, limits: Limits) -> None:
    """Refuse what is no known way to stretch a password, or takes too much of this computer."""
    costs = stretch.kdfparams
    n, r, p, c = costs.n, costs.r, costs.p, costs.c
    is_dear = False
    if stretch.kdf == _SCRYPT:
        is_sound = n > 1 and n & (n - 1) == 0 and r > 0 and p > 0
        is_dear = 128 * n * r > limits.memory or n * r * p > limits.work or r * p > _MAX_R_TIMES_P
    elif stretch.kdf == _PBKDF2:
        is_sound = c > 0 and costs.prf == _PRF
        is_dear = c > limits.rounds
    else:
        is_sound = False
    if not is_sound or not _KEY <= costs.dklen <= _MAX_DERIVED:
        raise StorageError(Flaw.NOT_READABLE, f"no way to stretch: {n=} {r=} {p=} {c=}")
    if is_dear:
        raise StorageError(Flaw.TOO_COSTLY, f"{stretch.kdf} with {n=} {r=} {p=} {c=}")


def _derive(password: bytes, stretch: Stretch) -> bytes:
    costs = stretch.kdfparams
    salt = _unhex(costs.salt)
    if stretch.kdf == _PBKDF2:
        return hashlib.pbkdf2_hmac("sha256", password, salt, costs.c, costs.dklen)
    try:
        return _scrypt(password, salt, costs.dklen, costs.n, costs.r, costs.p)
    except (MemoryError, ValueError):
        # The library's word for memory that the system did not give is a ValueError.
        raise StorageError(Flaw.NO_MEMORY) from None


def _checksum(crypto: _Crypto) -> str:
    return str(uuid.uuid5(_NAMESPACE, msgspec.json.encode(crypto).decode()))


def _unhex(text: str) -> bytes:
    """Return the bytes of hex digits with or without 0x; raises ``ValueError``."""
    return bytes.fromhex(text.removeprefix("0x"))
