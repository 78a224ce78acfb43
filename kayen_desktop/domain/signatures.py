"""What may be signed, and why: the vocabulary between the protocols and the key."""

from __future__ import annotations

from enum import Enum


class SigningPurpose(Enum):
    """The reasons for which the application ever asks for a signature."""

    CLEARPORT_CHALLENGE = "clearport_challenge"
