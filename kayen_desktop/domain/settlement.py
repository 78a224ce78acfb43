"""Settlement of chosen markets: the states a request goes through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class PaymentMethod(Enum):
    """How a settlement is paid (protocols.md §1.5): through the channel's escrow, or pretended."""

    ESCROW = "escrow"
    MOCK = "mock"


class SettlementState(Enum):
    """Where a settlement stands; ``withdrawn`` is missing in one document (§1.6 row 18)."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    INITIATED = "initiated"
    PREPARED = "prepared"
    EXECUTED = "executed"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    REJECTED = "rejected"
    OTHER = "other"

    @property
    def is_final(self) -> bool:
        """True where nothing more follows."""
        return self in _FINAL


_FINAL = frozenset(
    {
        SettlementState.COMPLETED,
        SettlementState.WITHDRAWN,
        SettlementState.FAILED,
        SettlementState.REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement as last told; ``state_text`` keeps the venue's word where we don't know it."""

    channel_id: str
    state: SettlementState
    markets: tuple[str, ...] = ()
    state_text: str = ""
