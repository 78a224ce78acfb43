"""Every way in which a secret might be written down, and the search for all of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_RUN = 3  # words in a row of a phrase: three of twelve are no accident
_BETWEEN_WORDS = rb"[^a-z]{1,8}"


def spellings(secret: bytes) -> dict[str, bytes]:
    """Return what the secret looks like when it is written down, by the name of the spelling."""
    digits = secret.hex()
    found = {
        "bytes": secret,
        "hex": digits.encode(),
        "upper-case hex": digits.upper().encode(),
        "0x hex": f"0x{digits}".encode(),
        "number": str(int.from_bytes(secret)).encode(),
        "repr": repr(secret)[2:-1].encode(),
        "list": ", ".join(str(each) for each in secret).encode(),
    }
    for before in range(3):
        kept = _inside_base64(secret, before)
        found[f"base64 after {before} bytes"] = kept
        found[f"base64url after {before} bytes"] = kept.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def _inside_base64(secret: bytes, before: int) -> bytes:
    """Return what base64 makes of the secret alone, where that many bytes stand before it."""
    whole = base64.b64encode(bytes(before) + secret)
    first = -(-8 * before // 6)
    return whole[first : 8 * (before + len(secret)) // 6]


class Search:
    """Looks for secrets, and for three words in a row of a phrase, whatever stands between them."""

    def __init__(self, secrets: Mapping[str, bytes], words: Sequence[str] = ()) -> None:
        """``secrets`` by their names."""
        self._needles = {
            f"{name} as {spelling}": needle
            for name, secret in secrets.items()
            for spelling, needle in spellings(secret).items()
        }
        spelled = [word.encode() for word in words]
        self._runs = [spelled[start : start + _RUN] for start in range(len(words) - _RUN + 1)]

    def in_bytes(self, text: bytes) -> list[str]:
        """Return which secrets stand in the text, and how they are spelled."""
        found = [name for name, needle in self._needles.items() if needle in text]
        lower = text.lower()
        for run in self._runs:
            # The cheap question first: almost no text has all three words.
            if all(word in lower for word in run) and re.search(_BETWEEN_WORDS.join(run), lower):
                found.append("words " + b" ".join(run).decode())
        return found

    def in_files(self, *folders: Path) -> list[str]:
        """Return the files below the folders in which a secret stands, and which one."""
        return [
            f"{path.relative_to(folder)}: {found}"
            for folder in folders
            for path in _files(folder)
            for found in self.in_bytes(path.read_bytes())
        ]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
