"""Whose key it is: what may be known and shown of a signing key without its secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

MAX_NAME = 40


class KeyOrigin(Enum):
    """How the key came into this application."""

    CREATED = "created"
    PHRASE = "phrase"
    PRIVATE_KEY = "private_key"
    KEYSTORE = "keystore"


@dataclass(frozen=True, slots=True)
class Identity:
    """One key of the trader's: its name and address; the secret is in the vault.

    ``path`` is the BIP-44 path from the recovery phrase, empty where there is no phrase.
    ``backed_up_at`` is when a written backup was last checked against the key.
    """

    identity_id: str
    name: str
    address: str
    origin: KeyOrigin
    created_at: datetime
    path: str = ""
    backed_up_at: datetime | None = None

    @property
    def has_phrase(self) -> bool:
        """True where a recovery phrase brings the key back."""
        return bool(self.path)

    @property
    def is_backed_up(self) -> bool:
        """True once a backup of it was checked, or where it came from one."""
        return self.backed_up_at is not None
