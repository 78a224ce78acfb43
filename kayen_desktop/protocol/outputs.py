"""What a protocol hands to its shell besides domain events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import Event
from kayen_desktop.domain.signatures import SigningPurpose

MAX_SERVER_TEXT = 300
_MAX_SCAN = 4096
# What venue text must never carry into a notice, the journal or the log: tokens and signatures. A
# token is looked for only where a word begins, which keeps the search linear on hostile text.
_SECRET = re.compile(r"(?<![\w-])ey[\w-]+\.[\w-]+\.[\w-]*|0x[0-9a-fA-F]{130}")


@dataclass(frozen=True, slots=True)
class SignatureNeeded:
    """A text that must be signed (EIP-191) before the protocol can go on.

    Answer with ``provide_signature``: 0x and 130 hex digits.
    """

    purpose: SigningPurpose
    payload: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Sign-in is complete: requests that need it may be made now."""


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """The venue refused the sign-in, or showed something that can't be signed.

    ``is_token_stale`` is True where a fresh token or signature may well be accepted.
    """

    error: KayenError
    is_token_stale: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to request ``request_id``; each request method documents the value's type."""

    request_id: int
    value: object


@dataclass(frozen=True, slots=True)
class Refusal:
    """Request ``request_id`` will get no value.

    ``error`` is a VenueRejectionError (the venue said no) or an OutcomeUnknownError (it was sent
    and its answer can't be known or read).
    """

    request_id: int
    error: KayenError


@dataclass(frozen=True, slots=True)
class Dropped:
    """A frame, or a part of one, that could not be used: for the log, never for a decision."""

    reason: str


Output: TypeAlias = Event | SignatureNeeded | Ready | SignInRefused | Reply | Refusal | Dropped


def plain_text(text: str, limit: int = MAX_SERVER_TEXT) -> str:
    """Return server text as one plain, capped line, tokens and signatures struck out.

    It has no control, bidi or other unprintable marks.
    """
    text = _SECRET.sub("[hidden]", text[:_MAX_SCAN])
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
