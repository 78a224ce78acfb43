"""The faults of protocols.md §2.9 by name, and arbitrary input: never a crash or a wrong number."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.events import (
    BookLost,
    BookReplaced,
    CandlesUpdated,
    FillReceived,
    MarginUpdated,
    MarketsListed,
    OrderUpdated,
    TickersUpdated,
    VenueNotified,
)
from kayen_desktop.domain.orders import OrderState
from kayen_desktop.protocol.finex import Dialect, FinexProtocol
from kayen_desktop.protocol.outputs import Dropped, Refusal, Reply, SignInRefused

from .conversation import (
    BUY,
    CREATED_AT,
    NOW,
    UUID,
    an_order,
    connected,
    fill_row,
    order_row,
    orders_in,
    signed_in,
    tell,
)
from .test_events import CANDLE, TICKER
from .test_parsing import FILL


def still_works(protocol: FinexProtocol) -> bool:
    """Return whether the message behind a bad one is read."""
    return tell(protocol, [4, "tr", fill_row()]) == [FillReceived(FILL)]


def only_dropped(protocol: FinexProtocol, frame: object) -> bool:
    outputs = tell(protocol, frame)
    return (
        bool(outputs)
        and all(isinstance(output, Dropped) for output in outputs)
        and still_works(protocol)
    )


@pytest.mark.parametrize(
    "frame", [[2, 1, "x"], [3, "on"], [3], [2, 1, "x", [], []], [3, "x", [], 1]]
)
def test_wrong_element_counts(frame: object) -> None:
    assert only_dropped(signed_in(), frame)


def test_object_instead_of_array() -> None:
    protocol = signed_in()
    assert only_dropped(protocol, {"type": 3})
    assert only_dropped(protocol, [3, "trade", {}])


def test_reqid_as_text() -> None:
    protocol = signed_in()
    request_id = protocol.place(BUY)
    assert tell(protocol, [2, str(request_id), "create_order", [UUID]]) == [Reply(request_id, UUID)]


def test_duplicate_reqid_in_replies() -> None:
    protocol = signed_in()
    protocol.place(BUY)
    tell(protocol, [2, 2, "create_order", [UUID]])
    assert only_dropped(protocol, [2, 2, "create_order", [UUID]])


def test_error_for_unknown_reqid() -> None:
    protocol = signed_in()
    assert isinstance(tell(protocol, [2, 77, "error", ["odd"]])[1], VenueNotified)
    assert still_works(protocol)


def test_rejection_after_successful_create_order_reply() -> None:
    protocol = signed_in()
    protocol.place(BUY)
    tell(protocol, [2, 2, "create_order", [UUID]])
    assert tell(protocol, [4, "or", order_row("0", "no funds", state="r")]) == [
        OrderUpdated(an_order(state=OrderState.REJECT, reason="no funds"))
    ]


def test_ou_before_on_and_tr_before_ou() -> None:
    protocol = signed_in()
    assert still_works(protocol)
    assert len(orders_in(tell(protocol, [4, "ou", order_row(state="d")]))) == 1
    assert len(orders_in(tell(protocol, [4, "on", order_row()]))) == 1


def test_create_order_reply_after_on() -> None:
    protocol = signed_in()
    protocol.place(BUY)
    tell(protocol, [4, "on", order_row()])
    assert tell(protocol, [2, 2, "create_order", [UUID]]) == [Reply(2, UUID)]


def test_duplicate_tr_ids() -> None:
    protocol = signed_in()
    assert still_works(protocol)
    assert still_works(protocol)


@pytest.mark.parametrize("sequence", [7, 5, 0])
def test_sequence_gap_repeat_and_restart_from_zero(sequence: int) -> None:
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    tell(protocol, [3, "obs", ["pepeusd", 5, [], []]])
    assert BookLost("PEPE/USD") in tell(protocol, [3, "obi", ["pepeusd", sequence, [], []]])
    assert still_works(protocol)


def test_obi_before_obs() -> None:
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    assert only_dropped(protocol, [3, "obi", ["pepeusd", 6, [["1", "1"]], []]])


@pytest.mark.parametrize("level", [["1", "2", "3"], ["1", None], ["1", "-1"], ["x", "1"]])
def test_levels_of_three_elements_and_bad_amounts(level: list[object]) -> None:
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    tell(protocol, [3, "obs", ["pepeusd", 5, [], []]])
    assert BookLost("PEPE/USD") in tell(protocol, [3, "obi", ["pepeusd", 6, [level], []]])
    assert still_works(protocol)


def test_a_level_in_scientific_notation_is_a_number() -> None:
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    (book,) = tell(protocol, [3, "obs", ["pepeusd", 5, [["1", "1e-8"]], []]])
    assert isinstance(book, BookReplaced)
    assert book.asks[0].amount == Decimal("0.00000001")


def test_a_crossed_book_is_told_as_it_is_and_can_be_given_up() -> None:
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    (book,) = tell(protocol, [3, "obs", ["pepeusd", 5, [["1", "1"]], [["2", "1"]]]])
    assert isinstance(book, BookReplaced)
    assert protocol.resync_book("PEPE/USD") == [BookLost("PEPE/USD")]


def test_market_unknown_to_the_list() -> None:
    protocol = signed_in()
    assert orders_in(tell(protocol, [4, "on", order_row(market="dogeusd")]))
    assert only_dropped(protocol, [3, "trade", ["dogeusd", 1, "1", "1", "1", 1, "buy", ""]])


def test_ticker_for_unlisted_market_and_change_null() -> None:
    protocol = signed_in()
    assert only_dropped(protocol, [3, "tickers", [["dogeusd", *TICKER[1:], None]]])
    (told,) = tell(protocol, [3, "tickers", [[*TICKER, None]]])
    assert isinstance(told, TickersUpdated)
    assert told.tickers[0].change is None


def test_kline_for_another_period_after_switching_names_its_own() -> None:
    protocol = signed_in()
    protocol.watch_candles("PEPE/USD", Period.M15)
    protocol.unwatch_candles("PEPE/USD", Period.M15)
    protocol.watch_candles("PEPE/USD", Period.H1)
    for stamp in (1654514100, 1654513200):
        (told,) = tell(protocol, [3, "pepeusd.kline-15m", [stamp, *CANDLE[1:]]])
        assert isinstance(told, CandlesUpdated)
        assert told.period is Period.M15


def test_max_price_zero_is_no_maximum() -> None:
    row = ["batusd", "spot", "bat", "usd", "enabled", 15, 1, 3, "0.001", "0", "0.1"]
    (told,) = tell(connected(), [3, "markets", [row]])
    assert isinstance(told, MarketsListed)
    assert told.markets[0].max_price is None


def test_empty_market_in_tr() -> None:
    protocol = signed_in()
    tell(protocol, [4, "on", order_row()])
    assert tell(protocol, [4, "tr", fill_row(market="")]) == [FillReceived(FILL)]


def test_timestamps_in_ms() -> None:
    (told,) = tell(signed_in(), [4, "tr", fill_row(ts=1654516051000)])
    assert isinstance(told, FillReceived)
    assert told.fill.executed_at == CREATED_AT


def test_auth_lost_mid_session() -> None:
    protocol = signed_in()
    outputs = tell(protocol, [2, protocol.request_orders(), "error", ["unauthorized"]])
    assert [type(output) for output in outputs] == [Refusal, SignInRefused]
    assert still_works(protocol)


def test_balance_frame_of_the_other_dialect() -> None:
    (told,) = tell(signed_in(Dialect.OPENDAX), [4, "bu", ["1", "0", "1", "10"]])
    assert isinstance(told, MarginUpdated)


def test_very_large_ids_keep_every_digit() -> None:
    protocol = signed_in()
    assert tell(protocol, [4, "tr", fill_row(id=2**70 + 1)]) == [
        FillReceived(replace(FILL, fill_id="1180591620717411303425"))
    ]
    assert only_dropped(protocol, [2, 2**70, "pong", []])


def test_list_orders_reply_interleaved_with_events() -> None:
    protocol = signed_in()
    request_id = protocol.request_orders()
    (newer,) = orders_in(tell(protocol, [4, "ou", order_row(state="d", executed="1000")]))
    (older,) = orders_in(tell(protocol, [2, request_id, "list_orders", [order_row()]]))
    assert not older.is_newer_than(newer)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.sampled_from(["", "pepeusd", UUID, "buy", "l", "w", "-1", "1e400", "NaN", "0"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
names = st.sampled_from(
    [
        "on",
        "ou",
        "oc",
        "or",
        "tr",
        "bu",
        "trade",
        "tickers",
        "markets",
        "obs",
        "obi",
        "sys",
        "config",
        "pepeusd.kline-15m",
        "kline.1m.pepeusd",
        "pepeusd.trades",
        "auth",
        "pong",
        "subscribe",
        "unsubscribe",
        "create_order",
        "create_bulk",
        "list_orders",
        "klines",
        "list_order_trades",
        "get_markets",
        "list_orders_by_uuids",
        "cancel_all",
        "error",
        "x",
    ]
)


def busy() -> FinexProtocol:
    """Return a protocol with a live book and a request of every kind under way."""
    protocol = signed_in()
    protocol.watch_market("PEPE/USD")
    protocol.watch_account()
    tell(protocol, [3, "obs", ["pepeusd", 1, [], []]])
    protocol.place(BUY)
    protocol.place_many([BUY])
    protocol.cancel_all()
    protocol.request_orders()
    protocol.request_order_trades(UUID)
    protocol.request_markets()
    protocol.request_klines("PEPE/USD", Period.M1, CREATED_AT, NOW)
    protocol.ping()
    return protocol


@given(st.binary() | st.text(st.characters(exclude_categories=())))
def test_arbitrary_input_never_raises(frame: bytes | str) -> None:
    protocol = busy()
    assert isinstance(protocol.receive(frame, NOW), list)
    assert still_works(protocol)


@given(json_values)
def test_arbitrary_json_never_raises(value: object) -> None:
    protocol = busy()
    tell(protocol, value)
    assert still_works(protocol)


@given(st.sampled_from([3, 4]), names, st.lists(json_values, max_size=17))
def test_arbitrary_events_never_raise(kind: int, name: str, args: list[object]) -> None:
    protocol = busy()
    tell(protocol, [kind, name, args])
    protocol.frames_to_send()
    protocol.connection_lost()


@given(st.integers(-1, 15), names, st.lists(json_values, max_size=6))
def test_arbitrary_answers_never_raise(reqid: int, name: str, args: list[object]) -> None:
    protocol = busy()
    tell(protocol, [2, reqid, name, args])
    protocol.connection_lost()


@given(st.integers(0, 12), json_values)
def test_an_order_with_one_spoilt_element_is_told_exactly_or_loudly(
    index: int, value: object
) -> None:
    row = order_row()
    row[index] = value
    outputs = tell(signed_in(), [4, "on", row])
    if orders := orders_in(outputs):
        assert orders[0].amount == Decimal(str(row[9] or 0))
        assert orders[0].executed == Decimal(str(row[10] or 0))
    else:
        assert [type(output) for output in outputs] in ([Dropped, VenueNotified], [Dropped])


@given(st.integers(0, 200))
def test_a_cut_frame_is_dropped_and_the_next_one_read(length: int) -> None:
    frame = json.dumps([4, "on", order_row()])[:-1][:length]
    protocol = signed_in()
    assert protocol.receive(frame, NOW) == [Dropped("The frame is not JSON.")]
    assert still_works(protocol)
