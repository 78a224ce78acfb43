"""What a text to be signed means, read from the text itself; whatever could mean more is refused.

Decision: an allow-list of one form. Every document shows Clearport's challenge as a UUID
(venues/operator-api.md, protocols.md §1.2), so a UUID is signed, with or without its dashes, and
nothing else is. It has room for no sentence, address, digest, key or token. A wider form would
have to be told from words by guessing, and the screen would promise what nobody could check;
random nonces of other shapes (hex of other lengths, base64url, ULID, nanoid) are refused until a
venue is known to send them. What a text could be taken for, in every reading that some other
program may give it, is looked at all the same: a UUID is refused for it, too (none of 120,000
random ones was), and any other text is refused by its name.
"""

from __future__ import annotations

import re

from kayen_desktop.domain.errors import SigningRefusedError
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose

from .readings import readings_of, unescaped
from .transactions import is_transaction

MAX_CHALLENGE = 256
DIGEST_LENGTH = 32
ADDRESS_LENGTH = 20
_AUDIENCES = {SigningPurpose.CLEARPORT_CHALLENGE: "Clearport"}
# RFC 9562: sixteen bytes, six bits of which say that they are a UUID; capitals are all or none.
_CODE = re.compile(
    r"[0-9a-f]{8}(?P<dash>-?)[0-9a-f]{4}(?P=dash)[1-8][0-9a-f]{3}(?P=dash)[89ab][0-9a-f]{3}"
    r"(?P=dash)[0-9a-f]{12}"
)
_LAST_LATIN = "\u024f"
_HEX_DATA = re.compile(r"0x[0-9a-f]*", re.IGNORECASE)
# EIP-191 data and how long it is at least: version 0 holds an address, version 1 a hash or two.
_PREFIXED = {b"\x19\x00": 22, b"\x19\x01": 34}
_PERSONAL_MESSAGE = b"\x19ethereum signed message"
_TYPED_DATA = (b"eip712domain", b"primarytype", b"verifyingcontract", b'"types"', b'"domain"')
_SIGN_IN = b"wants you to sign in"


def examine(purpose: SigningPurpose, payload: str, address: str) -> SignatureMeaning:
    """Return what a signature of the text says; the purpose names who asks for it.

    Raises:
        SigningRefusedError: the text is not what the purpose allows, or could mean more.
    """
    if not payload.strip() or len(payload) > MAX_CHALLENGE:
        raise _refusal("something that is no challenge: it is empty or too long")
    if not payload.isascii() or not payload.isprintable():
        raise _refusal("a text with signs that can't be shown")
    if what := _danger_of(payload):
        raise _refusal(what)
    if not _is_code(payload):
        raise _refusal("a text that is no one-time code of Clearport's")
    if _holds_words(payload):
        raise _refusal("a code that holds words")
    return SignatureMeaning(purpose, audience_of(purpose), address, payload)


def audience_of(purpose: SigningPurpose) -> str:
    """Return who asks for signatures of this purpose, by name."""
    return _AUDIENCES[purpose]


def _refusal(what: str) -> SigningRefusedError:
    return SigningRefusedError(
        f"The server asked for a signature on {what}. Nothing was signed, and no money moves."
    )


def _is_code(text: str) -> bool:
    is_of_one_case = text in (text.lower(), text.upper())
    return is_of_one_case and _CODE.fullmatch(text.lower()) is not None


def _holds_words(code: str) -> bool:
    """Return whether the code's sixteen bytes are Latin text, padded or not.

    None of a million random codes was; four were text of some alphabet or other.
    """
    try:
        text = bytes.fromhex(code.replace("-", "")).replace(b"\0", b"").decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() and all(sign <= _LAST_LATIN for sign in text)


def _danger_of(text: str) -> str:
    """Return what the text could be taken for in any reading; empty where nothing has a name."""
    if _HEX_DATA.fullmatch(text.strip()) is not None:
        return "hexadecimal data, which could be anything"
    if not all(each.isprintable() for each in unescaped(text)):
        return "a text that hides signs that can't be shown"
    for number, reading in enumerate(readings_of(text)):
        if what := _danger_in(reading, is_decoded=number > 0):
            return what
    return ""


def _danger_in(data: bytes, *, is_decoded: bool) -> str:
    """Return what one reading of the text could be taken for; empty where it is harmless."""
    lowered = data.lower()
    if is_transaction(data):
        return "what reads as a transaction"
    if is_decoded and len(data) == DIGEST_LENGTH:
        return "32 bytes that could be a digest of anything, or a key"
    if is_decoded and len(data) == ADDRESS_LENGTH:
        return "20 bytes that could be an address"
    if _PERSONAL_MESSAGE in lowered or _holds_prefixed_data(data):
        return "what reads as a prepared signature (0x19)"
    if _is_json_like(lowered, is_decoded=is_decoded) or any(
        word in lowered for word in _TYPED_DATA
    ):
        return "what reads as typed data"
    if _SIGN_IN in lowered:
        return "a sign-in to another site"
    return ""


def _is_json_like(data: bytes, *, is_decoded: bool) -> bool:
    """Return whether it begins as JSON does; what was decoded must end so, too, and be text."""
    text = data.decode("latin-1").strip(" \t\r\n")
    if not is_decoded:
        return text.startswith(("{", "[", '"'))
    is_text = text.isascii() and all(each.isprintable() or each in "\t\r\n" for each in text)
    return is_text and text.startswith(("{", "[")) and text.endswith(("}", "]"))


def _holds_prefixed_data(data: bytes) -> bool:
    """Return whether EIP-191 data begins somewhere in it; random bytes are mostly too short."""
    return any(
        0 <= data.find(prefix) <= len(data) - shortest for prefix, shortest in _PREFIXED.items()
    )
