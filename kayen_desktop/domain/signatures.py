"""What may be signed, and what it means: the vocabulary between the protocols and the key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class SigningPurpose(Enum):
    """The reasons for which the application ever asks for a signature."""

    CLEARPORT_CHALLENGE = "clearport_challenge"


@dataclass(frozen=True, slots=True)
class SignatureMeaning:
    """What a signature says, read from the very text that is signed.

    ``audience`` is who asked ("Clearport"), ``address`` the checksummed address that it proves,
    ``text`` exactly what is signed.
    """

    purpose: SigningPurpose
    audience: str
    address: str
    text: str


class SignatureOutcome(Enum):
    """What became of a request to sign; ASKED alone means that it may have been signed."""

    ASKED = "asked"
    SIGNED = "signed"
    DECLINED = "declined"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """One line of the audit: who asked for what, and what became of it; never the signature.

    ``digest`` is the SHA-256 of the text, in hex, and ``length`` its characters: enough to tell
    afterwards whether a text found elsewhere was signed here.
    """

    asked_at: datetime
    purpose: SigningPurpose
    audience: str
    address: str
    digest: str
    length: int
    outcome: SignatureOutcome = SignatureOutcome.ASKED
