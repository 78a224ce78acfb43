"""Every way in which a short text can be read as bytes: as it is, decoded, and decoded again."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

# Hex within base64 within percent signs: deeper than that nobody decodes by mistake.
_DEEPEST = 3
_HEX = re.compile(r"(?:0x)?((?:[0-9a-f]{2})+)", re.IGNORECASE)
# Hex within words: as long as the shortest data that something other than a text could be.
_HELD_HEX = re.compile(r"(?:[0-9a-f]{2}){22,}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{2,}={0,2}")
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9a-f]{2})|u\{?(?P<u>[0-9a-f]{2,6})\}?|(?P<o>[0-7]{1,3})|(?P<c>[abfnrtve]))",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&#(x[0-9a-f]{1,6}|[0-9]{1,7});?", re.IGNORECASE)
_Notation: TypeAlias = Callable[[str], str | None]
_NAMED = dict(zip("abfnrtve", "\a\b\f\n\r\t\v\x1b", strict=True))


def readings_of(text: str) -> Iterator[bytes]:
    """Yield the text's own bytes and each decoding of it, and of what comes out, once each."""
    seen: set[str] = set()
    front = [text]
    for _ in range(_DEEPEST + 1):
        decoded: list[str] = []
        for each in front:
            if each in seen:
                continue
            seen.add(each)
            yield each.encode("latin-1")
            decoded += _decodings(each, _ENCODING + _ESCAPING)
        front = decoded


def unescaped(text: str) -> list[str]:
    """Return what the text stands for in each notation that escapes single signs."""
    return _decodings(text, _ESCAPING)


def _decodings(text: str, notations: tuple[_Notation, ...]) -> list[str]:
    """Return what the text stands for in each notation that it is written in.

    Bytes are passed on as Latin-1, where each is one character.
    """
    found = [decode(text) for decode in notations]
    if _from_hex in notations:
        found += [bytes.fromhex(each).decode("latin-1") for each in _HELD_HEX.findall(text)]
    return [each for each in found if each is not None and each != text]


def _from_hex(text: str) -> str | None:
    match = _HEX.fullmatch(re.sub(r"[ \t\r\n:,-]", "", text))
    return bytes.fromhex(match[1]).decode("latin-1") if match else None


def _from_base64(text: str) -> str | None:
    digits = text.strip(" ")
    if _BASE64.fullmatch(digits) is None:
        return None
    digits = digits.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        data = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        return None
    return data.decode("latin-1")


def _from_percent(text: str) -> str | None:
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1") if "%" in text else None


def _from_backslashes(text: str) -> str | None:
    return _ESCAPE.sub(_unescape, text) if "\\" in text else None


def _unescape(match: re.Match[str]) -> str:
    if digits := match["x"] or match["u"]:
        return chr(int(digits, 16) & 0xFF)
    if digits := match["o"]:
        return chr(int(digits, 8) & 0xFF)
    return _NAMED[match["c"].lower()]


def _from_entities(text: str) -> str | None:
    if "&" not in text:
        return None
    # By number first: html.unescape leaves out control signs, as a browser does.
    numbered = _ENTITY.sub(lambda match: chr(_number(match[1]) & 0xFF), text)
    return html.unescape(numbered).encode("latin-1", "replace").decode("latin-1")


def _number(digits: str) -> int:
    is_hex = digits[0] in "xX"
    return int(digits[1:] if is_hex else digits, 16 if is_hex else 10)


_ENCODING: tuple[_Notation, ...] = (_from_hex, _from_base64)
_ESCAPING: tuple[_Notation, ...] = (_from_percent, _from_backslashes, _from_entities)
