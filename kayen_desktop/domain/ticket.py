"""From what a trader typed to an order, or to the list of what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from .amounts import MONEY_PLACES, PRICE_PLACES, ZERO, plain, significant_digits, truncate
from .errors import Problem, ProblemKind
from .estimates import TicketContext, TicketEstimate, estimate_order
from .margin import measure
from .markets import Market
from .orders import OrderRequest, OrderType, Side
from .risk import OrderRisk, added_amount, order_risk
from .typed_numbers import AMOUNT, DEPOSIT, PRICE, TRIGGER, TypedNumber, read_number

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
class CheckedTicket:
    """The outcome of a check: a request ready to send, or the problems that stand against it.

    ``risk`` is what the order would do to the account, None where that can't be reckoned.
    """

    request: OrderRequest | None
    problems: tuple[Problem, ...]
    estimate: TicketEstimate | None
    risk: OrderRisk | None = None


def check_ticket(
    draft: Draft, context: TicketContext, *, reckons_risk: bool = True
) -> CheckedTicket:
    """Return the order that the draft means, or every problem that stands against it.

    ``reckons_risk`` is False where nobody reads the risk: an order on its way has no time for it.
    """
    market = draft.market
    if market is None:
        return CheckedTicket(None, (Problem(ProblemKind.NO_MARKET),), None)
    if not market.is_enabled:
        return CheckedTicket(None, (Problem(ProblemKind.MARKET_CLOSED, unit=market.name),), None)
    problems: list[Problem] = []
    price = trigger = None
    if draft.order_type.has_price:
        price = _read_price(draft.price_text, PRICE, market, problems)
        _check_price_range(price, market, problems)
    if draft.order_type.has_trigger:
        trigger = _read_price(draft.trigger_text, TRIGGER, market, problems)
    reference = price or trigger or _reference_price(draft.side, context)
    amount = _read_amount(draft, market, context, reference, problems)
    if amount is None or problems:
        return CheckedTicket(None, tuple(problems), None)
    request = OrderRequest(market.name, draft.side, draft.order_type, amount, price, trigger)
    estimate = estimate_order(request, context)
    risk = _reckon_risk(request, estimate, market, context) if reckons_risk else None
    added = added_amount(request, context.position, context.resting.get(request.side, ZERO))
    _check_zone(added, context, problems)
    _check_buying_power(added, estimate, market, context, problems)
    return CheckedTicket(None if problems else request, tuple(problems), estimate, risk)


def check_deposit(text: str, takes: Callable[[Decimal], bool], limits: str) -> Decimal | Problem:
    """Return the deposit typed, in quote, or what is wrong with it.

    ``takes`` says whether the broker accepts the amount; ``limits`` tells the limits in words.
    """
    problems: list[Problem] = []
    deposit = read_number(text, DEPOSIT, MONEY_PLACES, problems)
    if deposit is None:
        return problems[0]
    if not takes(deposit):
        return Problem(ProblemKind.DEPOSIT_OUT_OF_RANGE, limits)
    return deposit


def _read_price(
    text: str, number: TypedNumber, market: Market, problems: list[Problem]
) -> Decimal | None:
    precision = market.price_precision
    if market.price_digits:
        precision = max(precision, PRICE_PLACES)
    price = read_number(text, number, precision, problems)
    if price is None:
        return None
    if market.price_digits and significant_digits(price) > market.price_digits:
        problems.append(Problem(number.too_precise, str(market.price_digits), "digits"))
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
    precision = market.amount_precision if is_base else MONEY_PLACES
    typed = read_number(draft.amount_text, AMOUNT, precision, problems)
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
            if context.buying_power <= ZERO:
                unit = market.quote.upper()
                problems.append(Problem(ProblemKind.NOT_ENOUGH_BUYING_POWER, "0", unit))
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


def _reckon_risk(
    request: OrderRequest, estimate: TicketEstimate | None, market: Market, context: TicketContext
) -> OrderRisk | None:
    if context.account is None or estimate is None:
        return None
    # An order with a trigger is filled once the market has come there. One against what is held
    # leaves that at the price of now until then.
    is_against = context.position is not None and context.position.side is not request.side
    is_there = request.order_type.has_trigger and not is_against
    mark = (None if is_there else context.mark_price) or estimate.average_price
    if mark <= ZERO:
        return None
    return order_risk(
        context.account, request, estimate, mark, market.leverage, context.rules, context.figures
    )


def _check_zone(added: Decimal, context: TicketContext, problems: list[Problem]) -> None:
    """Refuse what adds exposure where only reducing is allowed (YIP-0006)."""
    if context.account is None or added <= ZERO:
        return
    zone = (context.figures or measure(context.account, context.rules)).zone
    if zone is not None and zone.is_close_only:
        problems.append(Problem(ProblemKind.CLOSE_ONLY, unit=zone.value))


def _check_buying_power(
    added: Decimal,
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
