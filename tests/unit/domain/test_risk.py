"""What an order would do to an account, as the clearing house would reckon it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ONE, ZERO, decimal_places, truncate
from kayen_desktop.domain.channels import MarginLimit
from kayen_desktop.domain.estimates import TicketEstimate
from kayen_desktop.domain.margin import (
    RULES,
    Holding,
    MarginAccount,
    MarginReading,
    MarginRules,
    Zone,
    account_of,
    measure,
)
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.risk import OrderRisk, added_amount, after_order, order_risk
from kayen_desktop.practice.positions import OpenPosition, enter

from .samples import (
    PEPE,
    WALKTHROUGH,
    make_account,
    make_channel,
    make_holding,
    make_position,
    make_request,
)

D = Decimal
BTC = "BTC/USD"
TOTAL = MarginRules(reading=MarginReading.TOTAL)


def order(
    amount: str, side: Side = Side.BUY, order_type: OrderType = OrderType.MARKET, market: str = PEPE
) -> OrderRequest:
    return make_request(side, order_type, amount, price=None, market=market)


def filled(
    request: OrderRequest, price: str, fee: str | None = None, *, is_resting: bool = False
) -> TicketEstimate:
    return TicketEstimate(
        request.amount,
        D(price),
        request.amount * D(price),
        None if fee is None else D(fee),
        is_complete=True,
        is_resting=is_resting,
    )


def do(
    account: MarginAccount,
    request: OrderRequest,
    price: str,
    mark: str | None = None,
    fee: str | None = None,
    *,
    is_resting: bool = False,
    leverage: str | None = "10",
) -> MarginAccount:
    lever = None if leverage is None else D(leverage)
    estimate = filled(request, price, fee, is_resting=is_resting)
    return after_order(account, request, estimate, D(mark or price), lever)


def judge(
    account: MarginAccount,
    request: OrderRequest,
    price: str,
    mark: str | None = None,
    *,
    is_resting: bool = False,
    rules: MarginRules = RULES,
) -> OrderRisk:
    estimate = filled(request, price, is_resting=is_resting)
    return order_risk(account, request, estimate, D(mark or price), D(10), rules)


def test_figures_at_hand_are_not_reckoned_again() -> None:
    account = make_account()
    request = make_request(amount="1")
    told = measure(account)
    risk = order_risk(account, request, filled(request, "1"), ONE, D(10), RULES, told)
    assert risk.before is told
    assert risk == order_risk(account, request, filled(request, "1"), ONE, D(10))


# What adds


@pytest.mark.parametrize(
    ("side", "amount", "resting", "added"),
    [
        (Side.SELL, "60", "0", "0"),
        (Side.SELL, "100", "0", "0"),
        (Side.SELL, "101", "0", "1"),
        (Side.SELL, "60", "40", "0"),
        (Side.SELL, "60", "50", "10"),
        (Side.SELL, "60", "100", "60"),
        (Side.SELL, "60", "1000", "60"),
        (Side.BUY, "60", "0", "60"),
    ],
)
def test_only_what_does_not_close_adds(side: Side, amount: str, resting: str, added: str) -> None:
    request = order(amount, side)
    assert added_amount(request, make_position(), D(resting)) == D(added)


def test_without_an_open_position_all_adds() -> None:
    request = order("60", Side.SELL)
    assert added_amount(request, None) == D(60)
    settling = make_position(status=PositionStatus.IN_SETTLEMENT)
    assert added_amount(request, settling) == D(60)


# The walkthrough, to the last digit


def test_the_walkthrough_is_reckoned_to_the_last_digit() -> None:
    account = account_of(make_channel(), [])
    assert account is not None
    buy = OrderRequest(PEPE, Side.BUY, OrderType.LIMIT, WALKTHROUGH.amount, D("0.00001152"))
    held = do(account, buy, "0.00001152", mark="0.00001149")
    assert held.holdings == (Holding.of(WALKTHROUGH),)
    assert (held.cost, held.pnl) == (D("1.2499999999999488"), D("-0.0032552083333332"))
    assert held.holdings[0].value == D("1.2467447916666156")
    assert held == account_of(make_channel(), [WALKTHROUGH])
    closed = do(held, WALKTHROUGH.close_request(), "0.00001146", mark="0.00001146")
    figures = measure(closed)
    assert closed.holdings == ()
    assert (figures.payout, figures.broker_payout) == (D("0.99349"), D("1.00651"))


# Opening, adding, reducing, turning round


def test_adding_averages_the_entry_cut_to_18_places() -> None:
    account = make_account(make_holding("1", "1", mark="2"))
    (held,) = do(account, order("2"), "2", mark="2").holdings
    entry = D("1.666666666666666666")
    assert held == Holding(PEPE, Side.BUY, D(3), 3 * entry, D(6), 6 - 3 * entry)


def test_a_reduction_realises_its_part_cut_to_six_places() -> None:
    account = make_account(make_holding("3", "1", mark="1.1"))
    after = do(account, order("1", Side.SELL), "1.1000009", mark="1.1")
    assert after.balance == D("1.1")
    assert after.holdings == (make_holding("2", "1", mark="1.1"),)
    loss = do(account, order("1", Side.SELL), "0.9999991", mark="1.1")
    assert loss.balance == ONE  # a loss of less than a millionth is cut, as the clearing house does


@pytest.mark.parametrize(("side", "balance"), [(Side.BUY, "1.5"), (Side.SELL, "0.5")])
def test_turning_round_realises_all_and_enters_anew(side: Side, balance: str) -> None:
    account = make_account(make_holding("5", "1", side=side))
    after = do(account, order("8", side.opposite), "1.1", mark="1.2")
    assert after.balance == D(balance)
    assert after.holdings == (make_holding("3", "1.1", mark="1.2", side=side.opposite),)


def test_a_position_that_is_being_settled_is_left_alone() -> None:
    settling = make_holding("5", "1", is_open=False)
    other = make_holding("5", "1", market=BTC)
    after = do(make_account(settling, other), order("5", Side.SELL), "1.1")
    assert after.balance == ONE
    assert after.holdings == (settling, other, make_holding("5", "1.1", side=Side.SELL))


def test_the_fee_leaves_the_balance_cut_to_six_places() -> None:
    account = make_account()
    after = do(account, order("1"), "1", fee="0.0019999")
    assert after.balance == D("0.998001")
    assert after.total == account.total


def test_the_venues_limit_is_not_taken_back_by_an_order() -> None:
    account = replace(make_account(make_holding("5", "1")), limit=MarginLimit.SOFT)
    soft = judge(account, order("1", Side.SELL), "1")
    assert (soft.before.zone, soft.after.zone) == (Zone.ORANGE, Zone.ORANGE)
    assert (soft.orange_move, soft.red_move) == (None, D("-0.225"))
    hard = judge(replace(account, limit=MarginLimit.HARD), order("1", Side.SELL), "1")
    assert (hard.after.zone, hard.orange_move, hard.red_move) == (Zone.RED, None, None)


def test_what_is_added_is_valued_at_the_mark_and_what_rests_at_its_own_price() -> None:
    at_once = do(make_account(), order("1"), "1.1", mark="1")
    assert at_once.pnl == D("-0.1")
    waiting = do(make_account(), order("1"), "0.9", mark="1", is_resting=True)
    assert waiting.pnl == ZERO  # no profit out of the thin air between the price and the mark


# What is used and what is available


def test_what_is_used_grows_and_shrinks_by_the_cost_over_the_leverage() -> None:
    account = make_account(used="0.3", available="0.7", leverage="10")
    opened = do(account, order("5"), "1", mark="0.9")
    assert (opened.used, opened.available) == (D("0.8"), D("-0.3"))
    half = do(opened, order("2.5", Side.SELL), "0.9")
    assert (half.used, half.available) == (D("0.55"), D("-0.05"))
    # 0.3 is locked by orders, say: closing all leaves it, and only the loss is gone.
    closed = do(half, order("2.5", Side.SELL), "0.9")
    assert (closed.used, closed.available) == (D("0.3"), D("0.2"))
    assert closed.holdings == ()


def test_no_more_becomes_free_than_was_used() -> None:
    account = make_account(make_holding("5", "1"), used="0.1", available="0.9", leverage="10")
    after = do(account, order("5", Side.SELL), "1")
    assert (after.used, after.available) == (ZERO, ONE)


@pytest.mark.parametrize(
    ("market", "account", "used"),
    [("5", "10", "0.2"), (None, "10", "0.1"), (None, None, "1"), (None, "0", "1")],
)
def test_the_markets_leverage_comes_before_the_accounts(
    market: str | None, account: str | None, used: str
) -> None:
    before = make_account(used="0", available="1", leverage=account)
    assert do(before, order("1"), "1", leverage=market).used == D(used)


def test_without_the_exchanges_word_what_is_used_is_not_made_up() -> None:
    after = do(make_account(), order("1"), "1")
    assert (after.used, after.available) == (None, None)
    assert measure(after).used == D("0.2")


# The risk


def test_a_purchase_says_where_danger_begins_and_what_can_be_lost() -> None:
    risk = judge(make_account(), order("5"), "1")
    assert risk.before == measure(make_account())
    assert risk.after.zone is Zone.GREEN
    assert risk.side_held is Side.BUY
    assert risk.liquidation_price == D("0.82")
    assert (risk.orange_move, risk.red_move) == (D("-0.16"), D("-0.18"))
    assert (risk.most_to_lose, risk.stake) == (ONE, ONE)


def test_what_is_bought_for_less_than_the_stake_can_lose_no_more_than_it_cost() -> None:
    risk = judge(make_account(), order("0.83"), "1")
    assert (risk.most_to_lose, risk.stake) == (D("0.83"), ONE)
    assert risk.orange_move == D("-0.9638")
    assert risk.red_move is None
    assert risk.liquidation_price is None


def test_what_is_sold_can_lose_all_of_it() -> None:
    risk = judge(make_account(), order("5", Side.SELL), "1")
    assert risk.side_held is Side.SELL
    assert risk.liquidation_price == D("1.18")
    assert (risk.orange_move, risk.red_move) == (D("0.16"), D("0.18"))
    assert (risk.most_to_lose, risk.stake) == (ONE, ONE)
    tiny = judge(make_account(), order("0.001", Side.SELL), "1")
    assert tiny.most_to_lose == ONE


def test_after_closing_all_nothing_more_can_be_lost_than_the_loss_itself() -> None:
    account = make_account(make_holding("5", "1", mark="0.9"))
    risk = judge(account, order("5", Side.SELL), "0.85", mark="0.9")
    assert risk.side_held is None
    assert (risk.orange_move, risk.red_move, risk.liquidation_price) == (None, None, None)
    assert (risk.most_to_lose, risk.stake) == (D("0.25"), D("0.5"))
    gain = judge(account, order("5", Side.SELL), "0.95", mark="0.9")
    assert gain.most_to_lose == ZERO


def test_where_a_zone_is_reached_already_there_is_no_move_into_it() -> None:
    account = make_account(make_holding("5", "1"), balance="0.15")
    risk = judge(account, order("1", Side.SELL), "1")
    assert (risk.before.zone, risk.after.zone) == (Zone.ORANGE, Zone.ORANGE)
    assert risk.orange_move is None
    assert risk.red_move == D("-0.0125")


def test_the_reading_moves_the_zones() -> None:
    risk = judge(make_account(), order("5"), "1", rules=TOTAL)
    assert (risk.orange_move, risk.red_move) == (D("-0.12"), D("-0.16"))
    unknown = judge(make_account(total=None), order("5"), "1", rules=TOTAL)
    assert (unknown.orange_move, unknown.red_move, unknown.liquidation_price) == (None,) * 3


def test_other_markets_count_in_what_can_be_lost() -> None:
    long = make_account(make_holding("0.3", "1", market=BTC))
    assert judge(long, order("0.4"), "1").most_to_lose == D("0.7")
    short = make_account(make_holding("0.3", "1", side=Side.SELL, market=BTC))
    assert judge(short, order("0.4"), "1").most_to_lose == ONE


def test_a_waiting_order_counts_from_the_mark_of_now() -> None:
    risk = judge(make_account(), order("5"), "0.5", mark="1", is_resting=True)
    assert risk.liquidation_price == D("0.32")
    assert (risk.orange_move, risk.red_move) == (D("-0.66"), D("-0.68"))
    # Bought at 2 while the market is at 1: once it is filled, 1.82 is behind and not ahead.
    past = judge(make_account(), order("5"), "2", mark="1", is_resting=True)
    assert (past.orange_move, past.red_move) == (ZERO, ZERO)


amounts = st.integers(1, 10**8).map(lambda part: D(part) / 10**4)
prices = st.integers(1, 10**6).map(lambda part: D(part) / 10**5)
sides = st.sampled_from(Side)


@st.composite
def accounts(draw: st.DrawFn) -> MarginAccount:
    deposit = draw(amounts)
    held: list[Holding] = []
    for market in (PEPE, BTC):
        if draw(st.booleans()):
            amount, entry, mark, side = draw(amounts), draw(prices), draw(prices), draw(sides)
            pnl = amount * (mark - entry) * side.sign
            held.append(Holding(market, side, amount, amount * entry, amount * mark, pnl))
    return MarginAccount(
        deposit, deposit, 2 * deposit, tuple(held), draw(amounts), draw(amounts), D(10)
    )


@given(accounts(), amounts, sides, prices, prices, st.sampled_from([RULES, TOTAL]), st.booleans())
def test_the_risk_of_any_order_holds_together(
    account: MarginAccount,
    amount: Decimal,
    side: Side,
    price: Decimal,
    mark: Decimal,
    rules: MarginRules,
    is_resting: bool,
) -> None:
    request = OrderRequest(PEPE, side, OrderType.MARKET, amount)
    fee = amount * price / 500
    estimate = TicketEstimate(amount, price, amount * price, fee, True, is_resting)
    risk = order_risk(account, request, estimate, mark, D(10), rules)
    after = after_order(account, request, estimate, mark, D(10))
    assert risk.before == measure(account, rules)
    assert risk.after == measure(after, rules)
    assert ZERO <= risk.most_to_lose <= risk.stake
    assert decimal_places(after.balance) <= max(6, decimal_places(account.balance))
    for figures in (risk.before, risk.after):
        assert figures.broker_payout is not None
        assert figures.payout + figures.broker_payout == account.total
    # What is used and what is available always move with the equity.
    assert risk.after.used + risk.after.available - risk.before.used - risk.before.available == (
        risk.after.equity - risk.before.equity
    )
    net = account.net_in(PEPE) + amount * side.sign
    assert after.net_in(PEPE) == net
    assert all(each.amount > ZERO for each in after.holdings)
    assert risk.side_held is (None if not net else Side.BUY if net > ZERO else Side.SELL)
    for move in (risk.orange_move, risk.red_move):
        assert move is None or move * net <= ZERO
    if risk.orange_move is not None and risk.red_move is not None:
        assert abs(risk.orange_move) <= abs(risk.red_move)


@given(accounts(), amounts, sides, prices)
def test_the_worst_prices_take_no_more_than_was_told(
    account: MarginAccount, amount: Decimal, side: Side, price: Decimal
) -> None:
    request = OrderRequest(PEPE, side, OrderType.MARKET, amount)
    estimate = TicketEstimate(amount, price, amount * price, None, True, False)
    risk = order_risk(account, request, estimate, price, D(10))
    after = after_order(account, request, estimate, price, D(10))
    for pepe in (D("-0.9999"), ZERO, D(100)):
        for btc in (D("-0.9999"), ZERO, D(100)):
            left = measure(after.moved({PEPE: pepe, BTC: btc})).payout
            assert left >= risk.stake - risk.most_to_lose


@given(accounts(), amounts, sides, prices)
def test_an_order_and_its_reverse_cost_the_fee_alone(
    account: MarginAccount, amount: Decimal, side: Side, price: Decimal
) -> None:
    flat = replace(account, holdings=())
    request = OrderRequest(PEPE, side, OrderType.MARKET, amount)
    estimate = TicketEstimate(amount, price, amount * price, None, True, False)
    there = after_order(flat, request, estimate, price, D(10))
    back = after_order(there, replace(request, side=side.opposite), estimate, price, D(10))
    assert back == flat


@given(st.lists(st.tuples(sides, amounts, prices), max_size=12))
def test_orders_come_to_what_the_clearing_house_books(
    orders: list[tuple[Side, Decimal, Decimal]],
) -> None:
    account = make_account(balance="9", used="0", available="9", leverage="10")
    balance, position = D(9), None
    for side, amount, price in orders:
        request = OrderRequest(PEPE, side, OrderType.MARKET, amount)
        estimate = TicketEstimate(amount, price, amount * price, amount * price / 500, True, False)
        account = after_order(account, request, estimate, price, D(10))

        def opened(left: Decimal, side: Side = side, price: Decimal = price) -> OpenPosition:
            return OpenPosition("p", "c", PEPE, side, left, price, price)

        effect = enter(position, opened, side, amount, price)
        position = effect.still_open
        balance += effect.realised - truncate(amount * price / 500, 6)
        booked = () if position is None else ((position.side, position.amount, position.cost),)
        assert account.balance == balance
        assert tuple((each.side, each.amount, each.cost) for each in account.holdings) == booked
        assert account.used == account.cost / 10


# What may come of an order that waits, or of a book that is thin


def test_until_a_waiting_order_is_filled_danger_is_where_it_is_without_it() -> None:
    account = make_account(make_holding("1", "100"), balance="20", deposit="20", total="40")
    alone = judge(account, order("0.01"), "100")
    assert alone.orange_move == D("-0.1584")  # hardly more than what is held already
    lower = judge(account, order("5"), "80", mark="100", is_resting=True)
    assert (lower.orange_move, lower.red_move) == (D("-0.16"), D("-0.18"))
    assert lower.liquidation_price == D("82")
    half = judge(account, order("0.5", Side.SELL), "120", mark="100", is_resting=True)
    assert (half.orange_move, half.red_move) == (D("-0.16"), D("-0.18"))


def test_a_waiting_order_that_closes_all_leaves_all_at_risk_until_then() -> None:
    account = make_account(make_holding("1", "100"), balance="20", deposit="20", total="40")
    risk = judge(account, order("1", Side.SELL), "120", mark="100", is_resting=True)
    assert (risk.side_before, risk.side_held, risk.is_waiting) == (Side.BUY, None, True)
    assert (risk.most_to_lose, risk.stake) == (D(20), D(20))
    at_once = judge(account, order("1", Side.SELL), "120", mark="100")
    assert (at_once.most_to_lose, at_once.is_waiting) == (ZERO, False)


def test_a_waiting_order_out_of_a_zone_does_not_move_the_zone_away() -> None:
    account = make_account(make_holding("5", "1", mark="0.83"))
    assert measure(account).zone is Zone.ORANGE
    risk = judge(account, order("4", Side.SELL), "1.5", mark="0.83", is_resting=True)
    assert risk.after.zone is Zone.GREEN
    assert risk.orange_move == ZERO


@pytest.mark.parametrize(("side", "move"), [(Side.BUY, "-0.16"), (Side.SELL, "0.16")])
def test_what_a_thin_book_does_not_show_may_be_filled_all_the_same(side: Side, move: str) -> None:
    request = order("5", side)
    thin = TicketEstimate(D("0.1"), ONE, D("0.1"), D("0.001"), False, False)
    risk = order_risk(make_account(), request, thin, ONE, D(10))
    assert risk.most_to_lose == ONE
    assert risk.orange_move is not None
    assert abs(risk.orange_move) <= abs(D(move))
    whole = judge(make_account(), request, "1")
    assert whole.orange_move == D(move)
