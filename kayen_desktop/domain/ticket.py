"""From what a trader typed to an order, or to the list of what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from .amounts import (
    ZERO,
    decimal_places,
    parse_decimal,
    plain,
    significant_digits,
    truncate,
)
from .book import FillEstimate, OrderBook
from .errors import Problem, ProblemKind
from .markets import Market
from .orders import OrderRequest, OrderType, Side
from .positions import Position

HUNDRED = Decimal(100)


class AmountUnit(Enum):
    """What the typed amount counts."""

    BASE = "base"
    QUOTE = "quote"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket as it stands on the screen; the texts are exactly what was typed."""

    market: Market | None
    side: Side
    order_type: OrderType
    amount_text: str
    amount_unit: AmountUnit = AmountUnit.BASE
    price_text: str = ""
    trigger_text: str = ""


@dataclass(frozen=True, slots=True)
class TicketContext:
    """What a ticket is judged against; None where it is not known.

    ``buying_power`` is in quote, ``taker_fee`` a fraction, ``position`` the one in this market.
    """

    book: OrderBook | None = None
    last_price: Decimal | None = None
    buying_power: Decimal | None = None
    position: Position | None = None
    taker_fee: Decimal | None = None


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


@dataclass(frozen=True, slots=True)
class CheckedTicket:
    """The outcome of a check: a request ready to send, or the problems that stand against it."""

    request: OrderRequest | None
    problems: tuple[Problem, ...]
    estimate: TicketEstimate | None


@dataclass(frozen=True, slots=True)
class _Field:
    """The problem kinds of one typed number."""

    missing: ProblemKind
    not_a_number: ProblemKind
    not_positive: ProblemKind
    too_precise: ProblemKind


_PRICE = _Field(
    ProblemKind.PRICE_MISSING,
    ProblemKind.PRICE_NOT_A_NUMBER,
    ProblemKind.PRICE_NOT_POSITIVE,
    ProblemKind.PRICE_TOO_PRECISE,
)
_TRIGGER = _Field(
    ProblemKind.TRIGGER_MISSING,
    ProblemKind.TRIGGER_NOT_A_NUMBER,
    ProblemKind.TRIGGER_NOT_POSITIVE,
    ProblemKind.TRIGGER_TOO_PRECISE,
)
_AMOUNT = _Field(
    ProblemKind.AMOUNT_MISSING,
    ProblemKind.AMOUNT_NOT_A_NUMBER,
    ProblemKind.AMOUNT_NOT_POSITIVE,
    ProblemKind.AMOUNT_TOO_PRECISE,
)
_DEPOSIT = _Field(
    ProblemKind.DEPOSIT_MISSING,
    ProblemKind.DEPOSIT_NOT_A_NUMBER,
    ProblemKind.DEPOSIT_NOT_POSITIVE,
    ProblemKind.DEPOSIT_TOO_PRECISE,
)
DEPOSIT_PRECISION = 6


def check_ticket(draft: Draft, context: TicketContext) -> CheckedTicket:
    """Return the order that the draft means, or every problem that stands against it."""
    market = draft.market
    if market is None:
        return CheckedTicket(None, (Problem(ProblemKind.NO_MARKET),), None)
    if not market.is_enabled:
        return CheckedTicket(None, (Problem(ProblemKind.MARKET_CLOSED, unit=market.name),), None)
    problems: list[Problem] = []
    price = trigger = None
    if draft.order_type.has_price:
        price = _read_price(draft.price_text, _PRICE, market, problems)
        _check_price_range(price, market, problems)
    if draft.order_type.has_trigger:
        trigger = _read_price(draft.trigger_text, _TRIGGER, market, problems)
    reference = price or trigger or _reference_price(draft.side, context)
    amount = _read_amount(draft, market, context, reference, problems)
    if amount is None or problems:
        return CheckedTicket(None, tuple(problems), None)
    request = OrderRequest(market.name, draft.side, draft.order_type, amount, price, trigger)
    estimate = estimate_order(request, context)
    _check_buying_power(request, estimate, market, context, problems)
    return CheckedTicket(None if problems else request, tuple(problems), estimate)


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


def check_deposit(text: str, takes: Callable[[Decimal], bool], limits: str) -> Decimal | Problem:
    """Return the deposit typed, in quote, or what is wrong with it.

    ``takes`` says whether the broker accepts the amount; ``limits`` tells the limits in words.
    """
    problems: list[Problem] = []
    deposit = _read(text, _DEPOSIT, DEPOSIT_PRECISION, problems)
    if deposit is None:
        return problems[0]
    if not takes(deposit):
        return Problem(ProblemKind.DEPOSIT_OUT_OF_RANGE, limits)
    return deposit


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


def _read(text: str, field: _Field, precision: int, problems: list[Problem]) -> Decimal | None:
    if not text.strip():
        problems.append(Problem(field.missing))
        return None
    try:
        number = parse_decimal(text)
    except ValueError:
        problems.append(Problem(field.not_a_number))
        return None
    if number <= ZERO:
        problems.append(Problem(field.not_positive))
        return None
    if decimal_places(number) > precision:
        problems.append(Problem(field.too_precise, str(precision)))
        return None
    return number


def _read_price(
    text: str, field: _Field, market: Market, problems: list[Problem]
) -> Decimal | None:
    precision = max(market.price_precision, 18) if market.price_digits else market.price_precision
    price = _read(text, field, precision, problems)
    if price is None:
        return None
    if market.price_digits and significant_digits(price) > market.price_digits:
        problems.append(Problem(field.too_precise, str(market.price_digits), "digits"))
        return None
    return price


def _check_price_range(price: Decimal | None, market: Market, problems: list[Problem]) -> None:
    if price is None:
        return
    if market.min_price is not None and price < market.min_price:
        problems.append(Problem(ProblemKind.PRICE_OUT_OF_RANGE, plain(market.min_price), "minimum"))
    if market.max_price is not None and price > market.max_price:
        problems.append(Problem(ProblemKind.PRICE_OUT_OF_RANGE, plain(market.max_price), "maximum"))


def _read_amount(
    draft: Draft,
    market: Market,
    context: TicketContext,
    reference: Decimal | None,
    problems: list[Problem],
) -> Decimal | None:
    """Return the amount in base, converted from quote or from a share of buying power."""
    is_base = draft.amount_unit is AmountUnit.BASE
    precision = market.amount_precision if is_base else DEPOSIT_PRECISION
    typed = _read(draft.amount_text, _AMOUNT, precision, problems)
    if typed is None:
        return None
    if is_base:
        amount = typed
    else:
        total = typed
        if draft.amount_unit is AmountUnit.PERCENT:
            if context.buying_power is None:
                problems.append(Problem(ProblemKind.NO_CHANNEL))
                return None
            total = context.buying_power * typed / HUNDRED
        if reference is None:
            problems.append(Problem(ProblemKind.NO_PRICE_TO_CONVERT))
            return None
        amount = truncate(_convert(draft, context, total, reference), market.amount_precision)
    if market.min_amount is not None and amount < market.min_amount:
        problems.append(
            Problem(ProblemKind.AMOUNT_TOO_SMALL, plain(market.min_amount), market.base.upper())
        )
        return None
    if amount <= ZERO:
        problems.append(Problem(ProblemKind.AMOUNT_NOT_POSITIVE))
        return None
    return amount


def _convert(draft: Draft, context: TicketContext, total: Decimal, reference: Decimal) -> Decimal:
    """Return the base amount worth the total: by the book for market orders, else at the price."""
    if draft.order_type is OrderType.MARKET and context.book is not None:
        amount = context.book.amount_for(draft.side, total)
        if amount > ZERO:
            return amount
    return total / reference


def _reference_price(side: Side, context: TicketContext) -> Decimal | None:
    """Return the price a market order would meet first, else the last price."""
    if context.book is not None:
        best = context.book.best_ask if side is Side.BUY else context.book.best_bid
        if best is not None:
            return best
    return context.last_price


def _check_buying_power(
    request: OrderRequest,
    estimate: TicketEstimate | None,
    market: Market,
    context: TicketContext,
    problems: list[Problem],
) -> None:
    """Refuse what the account can't carry; the part that reduces a position needs nothing.

    What adds to a position is refused, too, where no price is known to reckon with: a missing
    price is the stalest of all.
    """
    if context.buying_power is None:
        return
    position = context.position
    reduced = ZERO
    if position is not None and position.is_open and position.side is not request.side:
        reduced = position.amount
    added = max(request.amount - reduced, ZERO)
    if estimate is None:
        if added > ZERO:
            problems.append(Problem(ProblemKind.PRICES_STALE))
    elif added * estimate.average_price > context.buying_power:
        problems.append(
            Problem(
                ProblemKind.NOT_ENOUGH_BUYING_POWER,
                plain(context.buying_power),
                market.quote.upper(),
            )
        )
