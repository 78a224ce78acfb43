"""What the trader asked for, kept before it is sent and settled when its outcome is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from .channels import Broker
from .fills import Fill
from .orders import OrderRequest
from .settlement import PaymentMethod


class IntentOutcome(Enum):
    """What is known of an intent; only the venue's own word makes it rejected."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    NOT_RECEIVED = "not_received"
    NEVER_KNOWN = "never_known"  # the venue has no way of being asked what became of it


@dataclass(frozen=True, slots=True)
class OpenChannelRequest:
    """A margin account to open with a broker; the deposit is in quote."""

    broker: Broker
    deposit: Decimal


@dataclass(frozen=True, slots=True)
class CloseChannelRequest:
    """A margin account to close."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class SettleRequest:
    """Markets of a margin account to settle, by name."""

    channel_id: str
    markets: tuple[str, ...]
    method: PaymentMethod
    chain_id: int


@dataclass(frozen=True, slots=True)
class RecordTradeRequest:
    """A trade made elsewhere, to be booked in a margin account; ``fill_id`` names it for good."""

    channel_id: str
    fill: Fill


IntentRequest: TypeAlias = (
    OrderRequest | OpenChannelRequest | CloseChannelRequest | SettleRequest | RecordTradeRequest
)


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing asked for; ``intent_id`` is ours, ``venue_id`` the venue's once it is known."""

    intent_id: str
    request: IntentRequest
    created_at: datetime
    outcome: IntentOutcome = IntentOutcome.UNCONFIRMED
    venue_id: str = ""
    reason: str = ""

    @property
    def is_unconfirmed(self) -> bool:
        """True until the venue's word, or the lack of a sending, settles it."""
        return self.outcome is IntentOutcome.UNCONFIRMED
