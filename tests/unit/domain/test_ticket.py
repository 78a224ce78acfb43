"""A ticket becomes exactly the order typed, or the list of what to change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO, decimal_places, plain
from kayen_desktop.domain.errors import Problem, ProblemKind
from kayen_desktop.domain.estimates import TicketContext
from kayen_desktop.domain.margin import MarginReading, MarginRules
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.ticket import (
    AmountUnit,
    CheckedTicket,
    Draft,
    check_deposit,
    check_ticket,
)

from .samples import (
    BROKER,
    MARKET,
    make_account,
    make_book,
    make_holding,
    make_position,
)

LAKH = Market(
    "COIN/USD",
    "coinusd",
    "coin",
    "usd",
    amount_precision=4,
    price_precision=2,
    min_amount=Decimal("0.01"),
    min_price=Decimal("0.5"),
    max_price=Decimal(1000),
)
BOOK = make_book([("10", "2"), ("11", "3"), ("12", "100")], [("9", "2"), ("8", "3"), ("7", "100")])
CONTEXT = TicketContext(BOOK, Decimal("9.5"), Decimal(1000), None, Decimal("0.002"))
EMPTY = TicketContext()
SPENT = TicketContext(last_price=Decimal(1), buying_power=ZERO)


def draft(
    amount: str = "1",
    order_type: OrderType = OrderType.MARKET,
    side: Side = Side.BUY,
    unit: AmountUnit = AmountUnit.BASE,
    price: str = "",
    trigger: str = "",
    market: Market | None = LAKH,
) -> Draft:
    return Draft(market, side, order_type, amount, unit, price, trigger)


def kinds(ticket: CheckedTicket) -> list[ProblemKind]:
    assert (ticket.request is None) is bool(ticket.problems)
    return [problem.kind for problem in ticket.problems]


def requested(ticket: CheckedTicket) -> OrderRequest:
    assert ticket.problems == ()
    assert ticket.request is not None
    return ticket.request


# Every problem a ticket can have


@pytest.mark.parametrize(
    ("typed", "context", "expected"),
    [
        (draft(market=None), CONTEXT, ProblemKind.NO_MARKET),
        (draft(market=replace(MARKET, is_enabled=False)), CONTEXT, ProblemKind.MARKET_CLOSED),
        (draft(" "), CONTEXT, ProblemKind.AMOUNT_MISSING),
        (draft("1,5"), CONTEXT, ProblemKind.AMOUNT_NOT_A_NUMBER),
        (draft("1e400"), CONTEXT, ProblemKind.AMOUNT_NOT_A_NUMBER),
        (draft("-0"), CONTEXT, ProblemKind.AMOUNT_NOT_POSITIVE),
        (draft("-1"), CONTEXT, ProblemKind.AMOUNT_NOT_POSITIVE),
        (draft("1.00001"), CONTEXT, ProblemKind.AMOUNT_TOO_PRECISE),
        (draft("0.0099"), CONTEXT, ProblemKind.AMOUNT_TOO_SMALL),
        (draft("0.000001", unit=AmountUnit.QUOTE), CONTEXT, ProblemKind.AMOUNT_TOO_SMALL),
        (
            draft("0.000001", unit=AmountUnit.QUOTE, market=replace(LAKH, min_amount=None)),
            CONTEXT,
            ProblemKind.AMOUNT_NOT_POSITIVE,
        ),
        (draft("1.0000001", unit=AmountUnit.QUOTE), CONTEXT, ProblemKind.AMOUNT_TOO_PRECISE),
        (draft("10", unit=AmountUnit.QUOTE), EMPTY, ProblemKind.NO_PRICE_TO_CONVERT),
        (draft("10", unit=AmountUnit.PERCENT), EMPTY, ProblemKind.NO_CHANNEL),
        (draft("101", unit=AmountUnit.PERCENT), CONTEXT, ProblemKind.NOT_ENOUGH_BUYING_POWER),
        (draft("10", unit=AmountUnit.PERCENT), SPENT, ProblemKind.NOT_ENOUGH_BUYING_POWER),
        (draft("84"), CONTEXT, ProblemKind.NOT_ENOUGH_BUYING_POWER),
        (draft(), TicketContext(buying_power=Decimal(9)), ProblemKind.PRICES_STALE),
        (draft(order_type=OrderType.LIMIT), CONTEXT, ProblemKind.PRICE_MISSING),
        (draft(order_type=OrderType.LIMIT, price="x"), CONTEXT, ProblemKind.PRICE_NOT_A_NUMBER),
        (draft(order_type=OrderType.LIMIT, price="0"), CONTEXT, ProblemKind.PRICE_NOT_POSITIVE),
        (draft(order_type=OrderType.LIMIT, price="1.001"), CONTEXT, ProblemKind.PRICE_TOO_PRECISE),
        (draft(order_type=OrderType.LIMIT, price="0.49"), CONTEXT, ProblemKind.PRICE_OUT_OF_RANGE),
        (draft(order_type=OrderType.LIMIT, price="1001"), CONTEXT, ProblemKind.PRICE_OUT_OF_RANGE),
        (draft(order_type=OrderType.STOP_LOSS), CONTEXT, ProblemKind.TRIGGER_MISSING),
        (
            draft(order_type=OrderType.STOP_LOSS, trigger="NaN"),
            CONTEXT,
            ProblemKind.TRIGGER_NOT_A_NUMBER,
        ),
        (
            draft(order_type=OrderType.STOP_LOSS, trigger="-5"),
            CONTEXT,
            ProblemKind.TRIGGER_NOT_POSITIVE,
        ),
        (
            draft(order_type=OrderType.STOP_LOSS, trigger="5.001"),
            CONTEXT,
            ProblemKind.TRIGGER_TOO_PRECISE,
        ),
    ],
)
def test_what_is_wrong_is_named(
    typed: Draft, context: TicketContext, expected: ProblemKind
) -> None:
    assert kinds(check_ticket(typed, context)) == [expected]


def test_all_problems_are_named_at_once() -> None:
    ticket = check_ticket(draft("x", OrderType.STOP_LIMIT, price="", trigger="0"), CONTEXT)
    assert kinds(ticket) == [
        ProblemKind.PRICE_MISSING,
        ProblemKind.TRIGGER_NOT_POSITIVE,
        ProblemKind.AMOUNT_NOT_A_NUMBER,
    ]


def test_limits_are_told_in_figures() -> None:
    ticket = check_ticket(draft("0.001"), CONTEXT)
    assert ticket.problems == (Problem(ProblemKind.AMOUNT_TOO_SMALL, "0.01", "COIN"),)
    ticket = check_ticket(draft("84"), CONTEXT)
    assert ticket.problems == (Problem(ProblemKind.NOT_ENOUGH_BUYING_POWER, "1000", "USD"),)


@pytest.mark.parametrize("order_type", [OrderType.LIMIT, OrderType.STOP_LOSS])
def test_prices_are_limited_in_digits_where_the_venue_states_no_precision(
    order_type: OrderType,
) -> None:
    market = replace(LAKH, price_precision=8, price_digits=5, min_price=None)
    for text, is_fine in [("0.000011523", True), ("0.0000115231", False), ("123456", False)]:
        typed = draft("1", order_type, price=text, trigger=text, market=market)
        roomy = replace(CONTEXT, buying_power=None)
        problems = check_ticket(typed, roomy).problems
        named = [problem for problem in problems if problem.unit == "digits"]
        assert bool(named) is not is_fine
        assert all(problem.limit == "5" for problem in named)


# What is sent


def test_an_order_says_what_was_typed_and_nothing_else() -> None:
    typed = draft("1.5", OrderType.STOP_LIMIT, Side.SELL, price="8.5", trigger="9")
    assert requested(check_ticket(typed, CONTEXT)) == OrderRequest(
        "COIN/USD",
        Side.SELL,
        OrderType.STOP_LIMIT,
        Decimal("1.5"),
        Decimal("8.5"),
        Decimal(9),
    )


def test_prices_left_in_fields_that_the_type_does_not_have_are_not_sent() -> None:
    request = requested(check_ticket(draft("1", price="garbage", trigger="?"), CONTEXT))
    assert (request.price, request.trigger_price) == (None, None)


def test_without_figures_to_judge_by_the_venue_judges() -> None:
    assert requested(check_ticket(draft("5"), EMPTY)).amount == Decimal(5)
    assert check_ticket(draft("5"), EMPTY).estimate is None


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        (draft("20", unit=AmountUnit.QUOTE), "2"),
        (draft("31", unit=AmountUnit.QUOTE), "3"),
        (draft("17", unit=AmountUnit.QUOTE, side=Side.SELL), "1.8888"),
        (draft("10", OrderType.LIMIT, unit=AmountUnit.QUOTE, price="3"), "3.3333"),
        (draft("10", OrderType.STOP_LOSS, unit=AmountUnit.QUOTE, trigger="4"), "2.5"),
        (draft("2", unit=AmountUnit.PERCENT), "2"),
    ],
)
def test_other_units_come_to_the_base_amount_they_buy(typed: Draft, amount: str) -> None:
    assert requested(check_ticket(typed, CONTEXT)).amount == Decimal(amount)


@pytest.mark.parametrize(
    "context",
    [
        TicketContext(last_price=Decimal(4)),
        TicketContext(book=make_book([], [("3", "1")]), last_price=Decimal(4)),
    ],
)
def test_a_total_is_converted_at_the_last_price_where_the_book_has_none(
    context: TicketContext,
) -> None:
    typed = draft("10", unit=AmountUnit.QUOTE)
    assert requested(check_ticket(typed, context)).amount == Decimal("2.5")


money = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 10**4)
percents = st.integers(1, 10**4).map(lambda parts: Decimal(parts) / 100)


@given(money, st.sampled_from(Side))
def test_a_total_typed_is_never_exceeded(total: Decimal, side: Side) -> None:
    context = replace(CONTEXT, buying_power=None)
    ticket = check_ticket(draft(plain(total), unit=AmountUnit.QUOTE, side=side), context)
    assume(ticket.request is not None)
    request = requested(ticket)
    filled = BOOK.estimate(side, request.amount)
    assert filled.total <= total
    assert decimal_places(request.amount) <= LAKH.amount_precision


@given(money, percents, st.integers(1, 10**5).map(lambda cents: Decimal(cents) / 100))
def test_a_share_of_buying_power_is_never_exceeded(
    power: Decimal, percent: Decimal, price: Decimal
) -> None:
    market = replace(LAKH, min_price=None, max_price=None)
    typed = draft(
        plain(percent), OrderType.LIMIT, unit=AmountUnit.PERCENT, price=plain(price), market=market
    )
    ticket = check_ticket(typed, TicketContext(buying_power=power))
    assert set(kinds(ticket)) <= {ProblemKind.AMOUNT_TOO_SMALL}
    assume(ticket.request is not None)
    assert requested(ticket).amount * price <= power * percent / 100


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(OrderType))
def test_no_text_breaks_a_ticket(amount: str, price: str, order_type: OrderType) -> None:
    for unit in AmountUnit:
        ticket = check_ticket(
            draft(amount, order_type, unit=unit, price=price, trigger=price), CONTEXT
        )
        assert (ticket.request is None) is bool(ticket.problems)
        if ticket.request is not None:
            assert ticket.request.amount > ZERO


def test_figures_beyond_all_reason_are_refused_and_break_nothing() -> None:
    typed = draft("9" * 30, unit=AmountUnit.QUOTE)
    tiny = TicketContext(last_price=Decimal("1e-36"), buying_power=Decimal(1))
    assert kinds(check_ticket(typed, tiny)) == [ProblemKind.NOT_ENOUGH_BUYING_POWER]


# Buying power


@pytest.mark.parametrize(
    ("side", "amount", "is_enough"),
    [
        (Side.SELL, "100", True),  # reduces: needs nothing
        (Side.SELL, "100.2", True),  # turns round by 0.2, worth less than 2
        (Side.SELL, "101", False),
        (Side.BUY, "0.1", True),
        (Side.BUY, "1", False),
    ],
)
def test_only_what_adds_to_a_position_needs_buying_power(
    side: Side, amount: str, is_enough: bool
) -> None:
    context = replace(
        CONTEXT, buying_power=Decimal(2), position=make_position(amount="100", market="COIN/USD")
    )
    found = kinds(check_ticket(draft(amount, side=side), context))
    assert found == ([] if is_enough else [ProblemKind.NOT_ENOUGH_BUYING_POWER])


def test_reducing_is_possible_without_any_price() -> None:
    context = TicketContext(
        buying_power=ZERO, position=make_position(amount="5", market="COIN/USD")
    )
    assert requested(check_ticket(draft("5", side=Side.SELL), context)).amount == Decimal(5)
    found = kinds(check_ticket(draft("6", side=Side.SELL), context))
    assert found == [ProblemKind.PRICES_STALE]


def test_what_rests_on_the_same_side_has_first_call_on_the_position() -> None:
    context = replace(
        CONTEXT,
        buying_power=Decimal(2),
        position=make_position(amount="100", market="COIN/USD"),
        resting={Side.SELL: Decimal(60)},
    )
    assert kinds(check_ticket(draft("40", side=Side.SELL), context)) == []
    found = kinds(check_ticket(draft("50", side=Side.SELL), context))
    assert found == [ProblemKind.NOT_ENOUGH_BUYING_POWER]


# Margin


HELD = make_holding("5", "10", market="COIN/USD")
POSITION = make_position(amount="5", market="COIN/USD")


def zoned(balance: str) -> TicketContext:
    """Return the context of an account of 100 with five coins, bought at 10 and worth that."""
    account = make_account(HELD, balance=balance, deposit="100", total="200")
    return replace(CONTEXT, account=account, position=POSITION, mark_price=Decimal(10))


@pytest.mark.parametrize(("balance", "zone"), [("19.99", "orange"), ("9.99", "red")])
@pytest.mark.parametrize(
    ("side", "amount", "is_refused"),
    [
        (Side.SELL, "5", False),
        (Side.SELL, "5.0001", True),
        (Side.BUY, "0.01", True),
    ],
)
def test_in_orange_and_red_only_reducing_is_taken(
    balance: str, zone: str, side: Side, amount: str, is_refused: bool
) -> None:
    ticket = check_ticket(draft(amount, side=side), zoned(balance))
    refused = (Problem(ProblemKind.CLOSE_ONLY, unit=zone),)
    assert ticket.problems == (refused if is_refused else ())
    assert ticket.risk is not None  # shown all the same


def test_in_green_and_where_the_zone_is_not_known_all_is_taken() -> None:
    assert kinds(check_ticket(draft("5"), zoned("20"))) == []
    unknown = replace(zoned("1"), account=make_account(HELD, deposit=None))
    assert kinds(check_ticket(draft("5"), unknown)) == []


def test_the_chosen_reading_decides_what_is_taken() -> None:
    rules = MarginRules(reading=MarginReading.TOTAL)
    found = check_ticket(draft("5"), replace(zoned("39.99"), rules=rules)).problems
    assert found == (Problem(ProblemKind.CLOSE_ONLY, unit="orange"),)


def test_the_zone_is_named_before_the_buying_power() -> None:
    context = replace(zoned("19.99"), buying_power=Decimal(1))
    assert kinds(check_ticket(draft("5"), context)) == [
        ProblemKind.CLOSE_ONLY,
        ProblemKind.NOT_ENOUGH_BUYING_POWER,
    ]
    blind = replace(context, book=None, last_price=None)
    assert kinds(check_ticket(draft("5"), blind)) == [
        ProblemKind.CLOSE_ONLY,
        ProblemKind.PRICES_STALE,
    ]


def test_what_rests_already_may_make_a_reduction_add() -> None:
    context = replace(zoned("19.99"), resting={Side.SELL: Decimal(4), Side.BUY: Decimal(100)})
    assert kinds(check_ticket(draft("1", side=Side.SELL), context)) == []
    found = kinds(check_ticket(draft("1.0001", side=Side.SELL), context))
    assert found == [ProblemKind.CLOSE_ONLY]


def test_the_ticket_tells_the_risk_of_the_order() -> None:
    ticket = check_ticket(draft("2"), zoned("100"))
    assert ticket.risk is not None
    assert ticket.risk.before.equity == Decimal(100)
    assert ticket.risk.after.equity == Decimal("99.96")  # the fee
    assert ticket.risk.side_held is Side.BUY


@pytest.mark.parametrize(
    ("typed", "mark", "red_move"),
    [
        # Five at 10 and five more at the trigger of 20: red under 6, 70 % below the trigger.
        (draft("5", OrderType.STOP_LOSS, trigger="20"), "10", "-0.7"),
        (draft("5", OrderType.LIMIT, price="10"), None, "-0.9"),
    ],
)
def test_the_move_counts_from_where_the_market_will_be(
    typed: Draft, mark: str | None, red_move: str
) -> None:
    context = replace(
        zoned("100"), taker_fee=None, mark_price=None if mark is None else Decimal(mark)
    )
    risk = check_ticket(typed, context).risk
    assert risk is not None
    assert risk.red_move == Decimal(red_move)


def test_without_an_account_or_a_price_there_is_no_risk_to_tell() -> None:
    assert check_ticket(draft("2"), CONTEXT).risk is None
    blind = replace(zoned("100"), book=None, last_price=None, mark_price=None)
    assert check_ticket(draft("5", side=Side.SELL), blind).risk is None
    worthless = replace(zoned("100"), book=None, last_price=ZERO, mark_price=ZERO)
    assert check_ticket(draft("2"), worthless).risk is None


def test_exactly_all_buying_power_is_enough() -> None:
    typed = draft("100", OrderType.LIMIT, price="9")
    context = TicketContext(buying_power=Decimal(900))
    assert requested(check_ticket(typed, context)).amount == Decimal(100)


# Deposits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ProblemKind.DEPOSIT_MISSING),
        ("one", ProblemKind.DEPOSIT_NOT_A_NUMBER),
        ("0", ProblemKind.DEPOSIT_NOT_POSITIVE),
        ("1.0000001", ProblemKind.DEPOSIT_TOO_PRECISE),
        ("31", ProblemKind.DEPOSIT_OUT_OF_RANGE),
    ],
)
def test_a_deposit_is_refused_with_the_reason(text: str, kind: ProblemKind) -> None:
    found = check_deposit(text, BROKER.takes, "1 to 30")
    assert isinstance(found, Problem)
    assert found.kind is kind
    assert (found.limit == "1 to 30") is (kind is ProblemKind.DEPOSIT_OUT_OF_RANGE)


def test_a_deposit_is_read_exactly() -> None:
    assert check_deposit(" 1.000001 ", BROKER.takes, "1 to 30") == Decimal("1.000001")
