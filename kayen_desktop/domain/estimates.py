"""What an order would come to, were it filled as the book stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .amounts import ZERO
from .book import FillEstimate, OrderBook
from .margin import RULES, MarginAccount, MarginFigures, MarginRules
from .orders import OrderRequest, OrderType, Side
from .positions import Position


@dataclass(frozen=True, slots=True)
class TicketContext:
    """What a ticket is judged against; None where it is not known.

    ``buying_power`` is in quote, ``taker_fee`` a fraction, ``position`` the one in this market.
    ``figures`` are the account's by the rules, where they are at hand. ``mark_price`` is what the
    clearing house values the market at. ``resting`` is the amount (base) of this market's orders
    that have first call on what an order of their side would close.
    """

    book: OrderBook | None = None
    last_price: Decimal | None = None
    buying_power: Decimal | None = None
    position: Position | None = None
    taker_fee: Decimal | None = None
    account: MarginAccount | None = None
    figures: MarginFigures | None = None
    rules: MarginRules = RULES
    mark_price: Decimal | None = None
    resting: Mapping[Side, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketEstimate:
    """What the order would come to, in quote, were it filled as the book stands.

    ``is_complete`` is False where the book is too thin; ``is_resting`` is True where the order
    would wait at its price instead of trading at once.
    """

    amount: Decimal
    average_price: Decimal
    total: Decimal
    fee: Decimal | None
    is_complete: bool
    is_resting: bool


def estimate_order(request: OrderRequest, context: TicketContext) -> TicketEstimate | None:
    """Return what the order would come to; None where no price is known to reckon with."""
    price = request.price or request.trigger_price
    is_waiting = request.order_type.has_trigger or request.order_type is OrderType.POST_ONLY
    if is_waiting and price is not None:
        return _estimate_at(price, request.amount, context, is_resting=True)
    filled = _take(request, context.book)
    if price is None:
        if filled is not None and filled.average_price is not None:
            return TicketEstimate(
                filled.amount,
                filled.average_price,
                filled.total,
                _fee(filled.total, context),
                filled.is_complete,
                is_resting=False,
            )
        if context.last_price is None:
            return None
        estimate = _estimate_at(context.last_price, request.amount, context, is_resting=False)
        return replace(estimate, is_complete=False)
    taken, total = (filled.amount, filled.total) if filled is not None else (ZERO, ZERO)
    rest = request.amount - taken
    total += rest * price
    is_killed = request.order_type is OrderType.FILL_OR_KILL and rest > ZERO
    return TicketEstimate(
        request.amount,
        total / request.amount,
        total,
        _fee(total, context),
        is_complete=not is_killed,
        is_resting=rest > ZERO and not is_killed,
    )


def _take(request: OrderRequest, book: OrderBook | None) -> FillEstimate | None:
    """Return what the order would take from the book at once, within its price."""
    if book is None:
        return None
    if request.price is None:
        return book.estimate(request.side, request.amount)
    return book.estimate(request.side, request.amount, request.price)


def _estimate_at(
    price: Decimal, amount: Decimal, context: TicketContext, *, is_resting: bool
) -> TicketEstimate:
    total = price * amount
    return TicketEstimate(amount, price, total, _fee(total, context), True, is_resting)


def _fee(total: Decimal, context: TicketContext) -> Decimal | None:
    return None if context.taker_fee is None else total * context.taker_fee
