"""Orders and trades as the practice exchange keeps them: mutable, one object an order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.orders import OrderState, OrderType, Side

PRICE_PLACES = 18


@dataclass(slots=True)
class RestingOrder:
    """One order, from its arrival to its final state; amounts in base, prices in quote.

    ``fill_cap``, where it is set, ends the order after so much of it (a scripted partial fill);
    ``is_house`` marks the venue's own market makers and takers, of whom nobody is told;
    ``may_be_small`` excuses an order that closes what is left of a position from the minimum.
    """

    order_id: int
    uuid: str
    market: str
    account: str
    side: Side
    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None
    original: Decimal
    remaining: Decimal
    created_at_s: int
    state: OrderState = OrderState.PENDING
    executed_value: Decimal = ZERO
    trades_count: int = 0
    reason: str = ""
    is_house: bool = False
    may_be_small: bool = False
    fill_cap: Decimal | None = None

    @property
    def executed(self) -> Decimal:
        """The amount filled so far."""
        return self.original - self.remaining

    @property
    def average_price(self) -> Decimal:
        """The average price of the fills, cut to 18 places; zero before the first."""
        executed = self.executed
        return truncate(self.executed_value / executed, PRICE_PLACES) if executed else ZERO

    @property
    def fillable(self) -> Decimal:
        """The amount that may still be filled."""
        if self.fill_cap is None:
            return self.remaining
        return min(self.remaining, self.fill_cap - self.executed)

    @property
    def is_capped(self) -> bool:
        """True where a scripted cap is reached."""
        return self.fill_cap is not None and self.executed >= self.fill_cap

    @property
    def limit(self) -> Decimal | None:
        """The worst price the order may trade at; None for any price."""
        return self.price if self.order_type.has_price else None


@dataclass(frozen=True, slots=True)
class TradePrint:
    """One match of two orders: ``maker`` rested, ``taker`` came to it."""

    trade_id: int
    market: str
    price: Decimal
    amount: Decimal
    total: Decimal
    maker: RestingOrder
    taker: RestingOrder
    at_s: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order was taken into the engine."""

    order: RestingOrder


@dataclass(frozen=True, slots=True)
class Updated:
    """An order was filled in part or whole, or its trigger fired."""

    order: RestingOrder


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An order left the book unfilled."""

    order: RestingOrder


@dataclass(frozen=True, slots=True)
class Rejected:
    """An order was refused; its ``reason`` says why."""

    order: RestingOrder


@dataclass(frozen=True, slots=True)
class Traded:
    """Two orders matched."""

    trade: TradePrint


EngineEvent = Accepted | Updated | Cancelled | Rejected | Traded
