"""The matching engine: priority, conservation, every order type and every refusal."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.orders import OrderState, OrderType, Side
from kayen_desktop.practice.matching import MatchingEngine
from kayen_desktop.practice.orders import Cancelled, Rejected, RestingOrder, TradePrint, Updated

from .orders import MARKET, NOW_S, make_engine, make_order, names, trades

BUY, SELL = Side.BUY, Side.SELL


def place(engine: MatchingEngine, order: RestingOrder) -> list[str]:
    return names(engine.place(order, NOW_S))


def test_a_limit_order_rests_and_is_the_best_price() -> None:
    engine = make_engine()
    assert place(engine, make_order(BUY, "1", "99.5")) == ["on"]
    assert engine.bids.best == Decimal("99.5")
    assert engine.dirty == {(BUY, Decimal("99.5"))}


def test_events_come_as_on_then_ou_then_tr() -> None:
    engine = make_engine()
    engine.place(make_order(SELL, "1", "100"), NOW_S)
    events = engine.place(make_order(BUY, "1", order_type=OrderType.MARKET, account="bob"), NOW_S)
    assert names(events) == ["on", "ou", "ou", "tr"]
    first = events[1]
    assert isinstance(first, Updated)
    assert first.order.account == "bob"
    assert first.order.state is OrderState.DONE
    assert first.order.average_price == 100


def test_the_better_price_trades_first_then_the_older_order() -> None:
    engine = make_engine()
    late = make_order(SELL, "1", "100", account="late")
    best = make_order(SELL, "1", "99.9", account="best")
    early = make_order(SELL, "1", "100", account="early")
    for order in (early, late, best):
        engine.place(order, NOW_S)
    made = trades(engine.place(make_order(BUY, "2.5", "101", account="bob"), NOW_S))
    assert [(t.maker.account, t.price, t.amount) for t in made] == [
        ("best", Decimal("99.9"), 1),
        ("early", 100, 1),
        ("late", 100, Decimal("0.5")),
    ]


def test_a_market_order_that_empties_the_book_is_cancelled_with_its_rest() -> None:
    engine = make_engine()
    engine.place(make_order(SELL, "1", "100"), NOW_S)
    order = make_order(BUY, "3", order_type=OrderType.MARKET, account="bob")
    assert place(engine, order) == ["on", "ou", "ou", "tr", "oc"]
    assert order.state is OrderState.CANCEL
    assert order.remaining == 2
    assert order.executed == 1
    assert engine.order(order.order_id) is None


@pytest.mark.parametrize(("price", "state"), [("100", "reject"), ("99.9", "wait")])
def test_post_only_never_takes(price: str, state: str) -> None:
    engine = make_engine()
    engine.place(make_order(SELL, "1", "100"), NOW_S)
    order = make_order(BUY, "1", price, OrderType.POST_ONLY, account="bob")
    assert not trades(engine.place(order, NOW_S))
    assert order.state.value == state


def test_fill_or_kill_does_not_count_orders_of_its_own_account() -> None:
    engine = make_engine()
    engine.place(make_order(SELL, "1", "100", account="bob"), NOW_S)
    engine.place(make_order(SELL, "1", "100", account="carol"), NOW_S)
    order = make_order(BUY, "2", "100", OrderType.FILL_OR_KILL, account="bob")
    assert place(engine, order) == ["on", "oc"]
    assert len(list(engine.live_orders())) == 2


def test_an_order_against_ones_own_cancels_the_resting_one_and_matches_on() -> None:
    engine = make_engine()
    own = make_order(SELL, "1", "99", account="bob")
    engine.place(own, NOW_S)
    engine.place(make_order(SELL, "1", "100", account="carol"), NOW_S)
    made = trades(engine.place(make_order(BUY, "1", "100", account="bob"), NOW_S))
    assert own.state is OrderState.CANCEL
    assert [trade.maker.account for trade in made] == ["carol"]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (make_order(BUY, "0", "1"), "amount must be greater than zero"),
        (make_order(BUY, "-1", "1"), "amount must be greater than zero"),
        (make_order(BUY, "1.001", "1"), "amount precision is 2"),
        (make_order(BUY, "1", "1.01"), "price precision is 1"),
        (make_order(BUY, "1", "0"), "price must be greater than zero"),
        (make_order(BUY, "1"), "price must be greater than zero"),
        (
            make_order(BUY, "1", order_type=OrderType.STOP_LOSS),
            "trigger price must be greater than zero",
        ),
    ],
)
def test_bad_numbers_are_rejected_with_their_reason(order: RestingOrder, reason: str) -> None:
    [event] = make_engine().place(order, NOW_S)
    assert isinstance(event, Rejected)
    assert event.order.state is OrderState.REJECT
    assert event.order.reason == f"could not create order: {reason}"


def test_the_minimum_holds_except_for_the_rest_of_a_position() -> None:
    engine = make_engine(replace(MARKET, min_amount=Decimal(1)))
    order = make_order(BUY, "0.5", "1")
    assert place(engine, order) == ["or"]
    assert order.reason == "could not create order: minimum amount is 1"
    rest = make_order(BUY, "0.5", "1")
    rest.may_be_small = True
    assert place(engine, rest) == ["on"]


def test_what_cannot_be_afforded_is_rejected_with_the_checks_own_words() -> None:
    asked: list[Decimal] = []

    def check(_order: RestingOrder, value: Decimal) -> str | None:
        asked.append(value)
        return "not enough funds"

    engine = make_engine(can_afford=check)
    [event] = engine.place(make_order(BUY, "2", "50"), NOW_S)
    assert isinstance(event, Rejected)
    assert event.order.reason == "not enough funds"
    assert asked == [100]


def test_cancel_takes_an_order_out_once() -> None:
    engine = make_engine()
    order = make_order(BUY, "1", "99")
    engine.place(order, NOW_S)
    [event] = engine.cancel(order.order_id)
    assert isinstance(event, Cancelled)
    assert engine.cancel(order.order_id) == []
    assert engine.bids.best is None


@pytest.mark.parametrize(
    ("order_type", "side", "trigger", "wakes_at"),
    [
        (OrderType.STOP_LOSS, SELL, "95", "95"),
        (OrderType.STOP_LIMIT, SELL, "95", "94"),
        (OrderType.TAKE_PROFIT, SELL, "105", "105"),
        (OrderType.TAKE_LIMIT, SELL, "105", "106"),
        (OrderType.STOP_LOSS, BUY, "105", "105"),
        (OrderType.STOP_LIMIT, BUY, "105", "106"),
        (OrderType.TAKE_PROFIT, BUY, "95", "95"),
        (OrderType.TAKE_LIMIT, BUY, "95", "94"),
    ],
)
def test_a_trigger_order_sleeps_until_the_last_price_reaches_it(
    order_type: OrderType, side: Side, trigger: str, wakes_at: str
) -> None:
    engine = make_engine()
    order = make_order(side, "1", "100", order_type, account="bob", trigger=trigger)
    assert place(engine, order) == ["on"]
    assert order.state is OrderState.TRIGGER_WAIT
    print_trade(engine, "100")
    assert order.state is OrderState.TRIGGER_WAIT
    print_trade(engine, wakes_at)
    assert order.state in (OrderState.WAIT, OrderState.CANCEL)  # no liquidity was left to take


def print_trade(engine: MatchingEngine, price: str) -> None:
    engine.place(make_order(SELL, "1", price, account="maker"), NOW_S)
    engine.place(make_order(BUY, "1", price, account="taker"), NOW_S)


def test_a_woken_stop_trades_and_may_wake_the_next() -> None:
    engine = make_engine()
    for price in ("94", "93"):
        engine.place(make_order(BUY, "1", price, account="maker"), NOW_S)
    first = make_order(SELL, "1", order_type=OrderType.STOP_LOSS, account="bob", trigger="95")
    second = make_order(SELL, "1", order_type=OrderType.STOP_LOSS, account="carol", trigger="94")
    engine.place(second, NOW_S)
    engine.place(first, NOW_S)
    print_trade(engine, "95")
    assert first.state is second.state is OrderState.DONE
    assert first.average_price == 94
    assert second.average_price == 93


def test_a_sleeping_order_can_be_cancelled_and_refused_when_it_wakes() -> None:
    engine = make_engine(
        can_afford=lambda order, _: "not enough funds" if order.account == "bob" else None
    )
    gone = make_order(SELL, "1", order_type=OrderType.STOP_LOSS, account="bob", trigger="95")
    refused = make_order(SELL, "1", order_type=OrderType.STOP_LOSS, account="bob", trigger="95")
    engine.place(gone, NOW_S)
    engine.place(refused, NOW_S)
    engine.cancel(gone.order_id)
    print_trade(engine, "95")
    assert gone.state is OrderState.TRIGGER_CANCEL
    assert (refused.state, refused.reason) == (OrderState.TRIGGER_REJECT, "not enough funds")


def test_a_scripted_cap_fills_a_part_and_cancels_the_rest() -> None:
    engine = make_engine()
    engine.place(make_order(SELL, "3", "100"), NOW_S)
    order = make_order(BUY, "2", "100", account="bob")
    order.fill_cap = Decimal("0.5")
    assert place(engine, order) == ["on", "ou", "ou", "tr", "oc"]
    assert (order.executed, order.state) == (Decimal("0.5"), OrderState.CANCEL)
    assert engine.bids.best is None


ORDERS = st.lists(
    st.tuples(
        st.sampled_from([BUY, SELL]),
        st.integers(1, 500),
        st.integers(990, 1010),
        st.sampled_from(list(OrderType)),
        st.sampled_from(["alice", "bob", "carol", "dave"]),
        st.booleans(),
    ),
    max_size=40,
)


@given(ORDERS)
def test_whatever_comes_nothing_is_made_or_lost_and_the_book_never_crosses(
    wishes: list[tuple[Side, int, int, OrderType, str, bool]],
) -> None:
    engine = make_engine()
    orders: list[RestingOrder] = []
    traded: Counter[int] = Counter()
    for side, units, tenths, order_type, account, is_cancelled in wishes:
        price = Decimal(tenths) / 10
        order = make_order(
            side, Decimal(units) / 100, price, order_type, account, trigger=str(price)
        )
        orders.append(order)
        made = trades(engine.place(order, NOW_S))
        check_trades(order, made)
        for trade in made:
            for part in (trade.maker, trade.taker):
                traded[part.order_id] += int(trade.amount * 100)
        if is_cancelled:
            engine.cancel(order.order_id)
        check_book(engine)
    for order in orders:
        assert int(order.executed * 100) == traded[order.order_id]
        assert 0 <= order.executed <= order.original
        assert order.state.is_live is (engine.order(order.order_id) is not None)
        assert order.state is not OrderState.DONE or not order.remaining


def check_trades(order: RestingOrder, made: list[TradePrint]) -> None:
    """Check an order's own trades: at its limit or better, best first, never with itself."""
    mine = [trade for trade in made if trade.taker is order]
    assert not mine or order.order_type is not OrderType.POST_ONLY
    if order.order_type is OrderType.FILL_OR_KILL:
        assert order.executed in (0, order.original)
    prices = [trade.price * order.side.sign for trade in mine]
    assert prices == sorted(prices)
    for trade in made:
        assert trade.maker.account != trade.taker.account
        assert trade.total == trade.price * trade.amount
        limit = trade.taker.limit
        assert limit is None or (trade.price - limit) * trade.taker.side.sign <= 0


def check_book(engine: MatchingEngine) -> None:
    """Check that the book is not crossed, is in order, and that its levels add up."""
    bid, ask = engine.bids.best, engine.asks.best
    assert bid is None or ask is None or bid < ask
    for side in (engine.bids, engine.asks):
        resting = list(side.orders())
        for price, amount in side.levels():
            assert amount == sum(o.remaining for o in resting if o.price == price) > 0
        prices = [(o.price or 0) * -o.side.sign for o in resting]
        assert prices == sorted(prices)
