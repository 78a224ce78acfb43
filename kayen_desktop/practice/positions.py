"""What a channel holds in one market, and what each fill makes of it (protocols.md §1.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus

# Realised money is cut to the digits of USDC; prices to those of YIP-0001.
MONEY_PLACES = 6
PRICE_PLACES = 18


@dataclass(slots=True)
class OpenPosition:
    """One position; ``amount`` in base, the prices in quote.

    Cost and value are always the exact products of what is shown, never kept beside it.
    """

    position_id: str
    channel_id: str
    market: str
    side: Side
    amount: Decimal
    entry_price: Decimal
    mark_price: Decimal
    status: PositionStatus = PositionStatus.OPEN

    @property
    def cost(self) -> Decimal:
        """What the open amount was entered for, in quote."""
        return self.amount * self.entry_price

    @property
    def market_value(self) -> Decimal:
        """What the open amount is worth at the mark, in quote."""
        return self.amount * self.mark_price

    @property
    def pnl(self) -> Decimal:
        """The unrealised profit or loss, in quote."""
        return (self.market_value - self.cost) * self.side.sign


@dataclass(frozen=True, slots=True)
class FillEffect:
    """What a fill did: positions to tell of, in order; the one still open; realised PnL."""

    changed: tuple[OpenPosition, ...]
    still_open: OpenPosition | None
    realised: Decimal


def reduce_position(position: OpenPosition, amount: Decimal, price: Decimal) -> Decimal:
    """Close part or all of a position at a price; return the realised PnL, cut to 6 places."""
    realised = amount * (price - position.entry_price) * position.side.sign
    position.amount -= amount
    if not position.amount:
        position.status = PositionStatus.CLOSED
    return truncate(realised, MONEY_PLACES)


def enter(
    position: OpenPosition | None,
    opened: Callable[[Decimal], OpenPosition],
    side: Side,
    amount: Decimal,
    price: Decimal,
) -> FillEffect:
    """Apply a fill to what a channel holds in its market.

    Adding averages the entry price, cut to 18 places; the opposite side reduces, and what goes
    through zero is a new position made by ``opened`` from its amount.
    """
    if position is None:
        fresh = opened(amount)
        return FillEffect((fresh,), fresh, ZERO)
    if position.side is side:
        whole = position.amount + amount
        position.entry_price = truncate((position.cost + amount * price) / whole, PRICE_PLACES)
        position.amount = whole
        return FillEffect((position,), position, ZERO)
    closing = min(amount, position.amount)
    realised = reduce_position(position, closing, price)
    if amount > closing:
        fresh = opened(amount - closing)
        return FillEffect((position, fresh), fresh, realised)
    return FillEffect((position,), position if position.amount else None, realised)
