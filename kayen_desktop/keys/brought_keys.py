"""Keys that the trader brings or takes along: private keys in hex, and Web3 V3 JSON files."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin

from .material import KeyMaterial
from .recovery_phrase import looks_like_phrase
from .secret_storage import Flaw, Limits, StorageError, StorageKey, new_stretch, parse_file

# Of anybody's file: a gigabyte and about ten seconds, four times what wallets write.
LIMITS = Limits(size=64 * 1024, memory=2**30, work=2**24, rounds=10_000_000)
_PROBLEMS = {
    Flaw.NOT_READABLE: KeyProblemKind.KEYSTORE_NOT_READABLE,
    Flaw.NOT_V3: KeyProblemKind.KEYSTORE_NOT_V3,
    Flaw.TOO_COSTLY: KeyProblemKind.KEYSTORE_TOO_COSTLY,
    Flaw.NO_MEMORY: KeyProblemKind.KEYSTORE_TOO_COSTLY,
    Flaw.WRONG_PASSWORD: KeyProblemKind.KEYSTORE_WRONG_PASSWORD,
}
_KEY_BYTES = 32
_MAX_TYPED = 4_000

_HEX = re.compile(r"[0-9a-f]*")
_ADDRESS_DIGITS = 40


class Likeness(Enum):
    """What a pasted text looks like; whether it is good is another question."""

    NOTHING = "nothing"
    PHRASE = "phrase"
    PRIVATE_KEY = "private_key"
    ADDRESS = "address"
    KEYSTORE = "keystore"
    UNKNOWN = "unknown"


def recognise(text: str) -> Likeness:
    """Return what the text looks like: a phrase, a key, an address, a key file."""
    plain = _plain(text)
    digits = plain.removeprefix("0x")
    if not plain:
        return Likeness.NOTHING
    if plain.startswith("{"):
        return Likeness.KEYSTORE
    if len(text.strip()) > _MAX_TYPED:
        return Likeness.UNKNOWN
    if _HEX.fullmatch(digits):
        is_address = len(digits) == _ADDRESS_DIGITS
        return Likeness.ADDRESS if is_address else Likeness.PRIVATE_KEY
    return Likeness.PHRASE if looks_like_phrase(text) else Likeness.UNKNOWN


def material_from_private_key(text: str) -> KeyMaterial:
    """Return the key of 64 hex digits, with or without 0x and spaces around; meant for a thread.

    Raises:
        KeyInputError: KEY_*; ``found`` is the number of digits.
    """
    refusals = {
        Likeness.NOTHING: KeyProblemKind.KEY_EMPTY,
        Likeness.PHRASE: KeyProblemKind.KEY_LOOKS_LIKE_PHRASE,
        Likeness.ADDRESS: KeyProblemKind.KEY_LOOKS_LIKE_ADDRESS,
        Likeness.KEYSTORE: KeyProblemKind.KEY_LOOKS_LIKE_KEYSTORE,
        Likeness.UNKNOWN: KeyProblemKind.KEY_NOT_HEX,
    }
    refusal = refusals.get(recognise(text))
    if refusal is not None:
        raise KeyInputError(refusal)
    digits = _plain(text).removeprefix("0x")
    if len(digits) != 2 * _KEY_BYTES:
        raise KeyInputError(KeyProblemKind.KEY_LENGTH, found=len(digits))
    return KeyMaterial(bytes.fromhex(digits), KeyOrigin.PRIVATE_KEY)


def material_from_keystore(text: str, password: str) -> KeyMaterial:
    """Return the key in a V3 JSON file, which takes up to ten seconds; meant for a thread.

    An address in the file must be the key's: the file's checksum does not cover the initial
    vector, and with another one the right password opens to another key. A file without an
    address is taken, so the caller shows the address for the trader to confirm.

    Raises:
        KeyInputError: KEYSTORE_*.
    """
    try:
        file = parse_file(_encoded(text), LIMITS)
        if not 0 < len(file.ciphertext) <= _KEY_BYTES:
            raise KeyInputError(KeyProblemKind.KEYSTORE_NOT_READABLE)
        key = StorageKey(_encoded(password), file.stretch).decrypt(file)
    except StorageError as error:
        raise KeyInputError(_PROBLEMS[error.flaw]) from None
    try:
        # Old wallets left out zeros at the beginning of a key.
        material = KeyMaterial(key.rjust(_KEY_BYTES, b"\0"), KeyOrigin.KEYSTORE)
    except KeyInputError:
        raise KeyInputError(KeyProblemKind.KEYSTORE_NOT_READABLE) from None
    named = file.address.lower().removeprefix("0x")
    if _is_address(named) and named != material.address[2:].lower():
        raise KeyInputError(KeyProblemKind.KEYSTORE_OTHER_ADDRESS)
    return material


def export_keystore(material: KeyMaterial, password: str) -> str:
    """Return the key as a V3 JSON file sealed with the password; takes a second, for a thread."""
    key = StorageKey(_encoded(password), new_stretch())
    return key.encrypt(material.private_key, material.address[2:].lower()).decode()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_address(digits: str) -> bool:
    return len(digits) == _ADDRESS_DIGITS and _HEX.fullmatch(digits) is not None


def _plain(text: str) -> str:
    """Return the text in lower-case NFKD without space around and marks that nobody sees."""
    folded = unicodedata.normalize("NFKD", text.strip()[:_MAX_TYPED]).lower()
    return "".join(c for c in folded if unicodedata.category(c) != "Cf").strip()
