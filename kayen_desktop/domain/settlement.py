"""Settlement of chosen markets: what was asked for, and the states it goes through.

Decision: what a settlement pays goes to the wallet and not into the margin account, so the margin
after it is that of the positions that stay. A profit that is paid out no longer stands behind a
losing position; that is why a choice can leave the green zone, and why a broker may refuse it
(protocols.md §1.7, YIP-0008). Moving the result between the two balances was refused: then no
choice could ever change the zone, and the rule would say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from .amounts import ZERO
from .orders import Side


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
        """True where nothing more follows, but for the payout after ``completed``."""
        return self in _FINAL

    @property
    def is_paid(self) -> bool:
        """True where the markets are settled."""
        return self in (SettlementState.COMPLETED, SettlementState.WITHDRAWN)

    @property
    def came_to_nothing(self) -> bool:
        """True where the positions are as they were before."""
        return self in (SettlementState.FAILED, SettlementState.REJECTED)


_FINAL = frozenset(
    {
        SettlementState.COMPLETED,
        SettlementState.WITHDRAWN,
        SettlementState.FAILED,
        SettlementState.REJECTED,
    }
)
# The order of a settlement that goes well (YIP-0008).
STEPS = (
    SettlementState.PROPOSED,
    SettlementState.ACCEPTED,
    SettlementState.INITIATED,
    SettlementState.PREPARED,
    SettlementState.EXECUTED,
    SettlementState.COMPLETED,
    SettlementState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement as last told; ``state_text`` keeps the venue's word where we don't know it."""

    channel_id: str
    state: SettlementState
    markets: tuple[str, ...] = ()
    state_text: str = ""


@dataclass(frozen=True, slots=True)
class SettledPosition:
    """A position as it stood when it was last valued before its end; amount base, money quote."""

    market: str
    side: Side
    amount: Decimal
    cost: Decimal
    value: Decimal | None
    pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class SettlementStep:
    """A state that was reached, and when we heard.

    ``is_inferred`` is True where the venue did not say so: what we found after a time without a
    connection allows no other reading.
    """

    state: SettlementState
    at: datetime
    state_text: str = ""
    is_inferred: bool = False


@dataclass(frozen=True, slots=True)
class SettlementRun:
    """One settlement from the request to its end.

    ``settlement_id`` is ours: the id of the intent, or one made up for a settlement that was asked
    for elsewhere, which has neither ``method`` nor ``chain_id``. ``last_fill_id`` is the newest
    fill of the account when it was asked for; fills after it are of new positions. ``balance`` is
    what the trader had in the account then, where it was known.
    """

    settlement_id: str
    channel_id: str
    markets: tuple[str, ...]
    requested_at: datetime
    method: PaymentMethod | None = None
    chain_id: int | None = None
    positions: tuple[SettledPosition, ...] = ()
    last_fill_id: str = ""
    steps: tuple[SettlementStep, ...] = ()
    balance: Decimal | None = None

    @property
    def state(self) -> SettlementState | None:
        """The state reached last; None before the venue's first word."""
        return self.steps[-1].state if self.steps else None

    @property
    def is_over(self) -> bool:
        """True where the account can go on without it."""
        return any(step.state.is_final for step in self.steps)

    @property
    def is_paid(self) -> bool:
        """True where the markets were settled."""
        return any(step.state.is_paid for step in self.steps)

    @property
    def result(self) -> Decimal:
        """What the positions came to when they were last valued: the payout, fees apart."""
        return sum((each.pnl for each in self.positions if each.pnl is not None), ZERO)

    def stepped(self, step: SettlementStep) -> SettlementRun:
        """Return the run with one more step."""
        return replace(self, steps=(*self.steps, step))
