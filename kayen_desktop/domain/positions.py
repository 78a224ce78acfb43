"""What a trader holds in a margin account, and what undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from .amounts import ZERO
from .errors import Problem, ProblemKind, TicketError
from .orders import OrderRequest, OrderType, Side


class PositionStatus(Enum):
    """Where a position stands (protocols.md §1.5)."""

    OPEN = "open"
    IN_SETTLEMENT = "in_settlement"
    SETTLED = "settled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Position:
    """One position; ``amount`` in base, money in quote.

    ``market_value`` and ``pnl`` are None where the venue has not valued it yet.
    """

    position_id: str
    channel_id: str
    market: str
    side: Side
    amount: Decimal
    cost: Decimal
    market_value: Decimal | None
    average_entry_price: Decimal | None
    pnl: Decimal | None
    status: PositionStatus

    @property
    def is_open(self) -> bool:
        """True where the position still rises and falls with the market."""
        return self.status is PositionStatus.OPEN and self.amount > ZERO

    @property
    def is_over(self) -> bool:
        """True where nothing of the position is left."""
        return self.amount <= ZERO or self.status in (
            PositionStatus.CLOSED,
            PositionStatus.SETTLED,
        )

    @property
    def mark_price(self) -> Decimal | None:
        """The price the venue valued the position at, where it has."""
        if self.market_value is None or not self.amount:
            return None
        return self.market_value / self.amount

    @property
    def pnl_percent(self) -> Decimal | None:
        """The profit or loss as a percentage of the cost, where both are known."""
        if self.pnl is None or not self.cost:
            return None
        return self.pnl / self.cost * 100

    def close_request(self, amount: Decimal | None = None) -> OrderRequest:
        """Return the reversed market order that closes all or part of the position.

        Raises:
            TicketError: nothing is open, or the part is not within the position.
        """
        if not self.is_open:
            raise TicketError(Problem(ProblemKind.NOTHING_TO_CLOSE))
        part = self.amount if amount is None else amount
        if part <= ZERO:
            raise TicketError(Problem(ProblemKind.AMOUNT_NOT_POSITIVE))
        if part > self.amount:
            raise TicketError(Problem(ProblemKind.MORE_THAN_POSITION, format(self.amount, "f")))
        return OrderRequest(self.market, self.side.opposite, OrderType.MARKET, part)
