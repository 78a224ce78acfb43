"""What the exchange tells unasked, event by event (protocols.md §2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.events import (
    AssetBalancesUpdated,
    CandlesUpdated,
    FillReceived,
    MarginUpdated,
    MarketsListed,
    OrderUpdated,
    TickersUpdated,
    TradePrinted,
    VenueNotified,
)
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.margin import AssetBalance, MarginBalance
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.protocol.finex import Dialect, events
from kayen_desktop.protocol.finex.symbols import MarketTable
from kayen_desktop.protocol.outputs import Dropped, Ready

from .conversation import (
    NOW,
    OTHER_UUID,
    UUID,
    an_order,
    connected,
    fill_row,
    loudly,
    order_row,
    orders_in,
    reasons,
    signed_in,
    tell,
)
from .test_parsing import FILL

TICKER = ["pepeusd", 1654428483, "1", "4", "2", "3", "100", "50", "2.5"]
CANDLE = [1654514100, "1", "3", "0.5", "2", 10]


@pytest.mark.parametrize(
    ("event", "state"), [("on", "w"), ("ou", "d"), ("oc", "c"), ("oc", "tc"), ("or", "r")]
)
def test_order_events(event: str, state: str) -> None:
    (output,) = tell(signed_in(), [4, event, order_row(state=state)])
    assert isinstance(output, OrderUpdated)
    assert output.order.venue_order_id == UUID


def test_a_rejection_carries_its_reason_in_either_dialect() -> None:
    protocol = signed_in()
    for tail in (["0", "not enough funds"], ["0.002", "0.002", "0", "not enough funds"]):
        (order,) = orders_in(tell(protocol, [4, "or", order_row(*tail, state="r", id=0)]))
        assert order == an_order(state=OrderState.REJECT, reason="not enough funds")


def test_an_event_that_contradicts_its_order_is_loud() -> None:
    assert tell(signed_in(), [4, "or", order_row(state="w")]) == loudly(
        "The exchange's word on an order can't be read: "
        "the event says it is over, the order's state says it is not."
    )


def test_an_unknown_state_is_loud() -> None:
    assert tell(signed_in(), [4, "ou", order_row(state="zz")]) == loudly(
        "The exchange's word on an order can't be read: the order state “zz” is not known."
    )


def test_our_events_told_in_public_are_not_ours() -> None:
    assert reasons(tell(signed_in(), [3, "on", order_row()])) == [
        "an event named “on”, which is not known"
    ]


def test_orders_and_fills_of_unlisted_markets_are_kept() -> None:
    protocol = signed_in()
    (order,) = orders_in(tell(protocol, [4, "on", order_row(market="dogeusd")]))
    assert order.market == "DOGEUSD"
    assert protocol.market_name("dogeusd") == "DOGEUSD"
    assert protocol.market_name("pepeusd") == "PEPE/USD"
    fill = replace(FILL, market="DOGEUSD")
    assert tell(protocol, [4, "tr", fill_row(market="dogeusd")]) == [FillReceived(fill)]


def test_the_same_fill_twice_is_passed_on_twice() -> None:
    protocol = signed_in()
    told = tell(protocol, [4, "tr", fill_row()]) + tell(protocol, [4, "tr", fill_row()])
    assert told == [FillReceived(FILL)] * 2


def test_a_fill_with_an_unreadable_number_is_loud() -> None:
    assert tell(signed_in(), [4, "tr", fill_row(amount="0")]) == loudly(
        "The exchange's word on a fill can't be read: a number is not above zero."
    )


def test_a_fill_without_market_takes_that_of_its_order() -> None:
    protocol = signed_in()
    tell(protocol, [4, "on", order_row()])
    assert tell(protocol, [4, "tr", fill_row(market="")]) == [FillReceived(FILL)]


class TestFillBeforeItsOrder:
    ASK = f'[1,2,"list_orders_by_uuids",["{UUID}"]]'
    LOST = loudly(
        "Fill 172783 names no market, and its order is not known: "
        "it will show once the exchange lists its fills again."
    )

    def test_it_waits_and_the_order_is_asked_for_once(self) -> None:
        protocol = signed_in()
        for number in (1, 2):
            assert tell(protocol, [4, "tr", fill_row(market="", id=number)]) == [
                Dropped(f"fill {number} waits for its order to be known")
            ]
        assert protocol.frames_to_send() == [self.ASK]
        assert tell(protocol, [4, "ou", order_row()]) == [
            OrderUpdated(an_order()),
            FillReceived(replace(FILL, fill_id="1")),
            FillReceived(replace(FILL, fill_id="2")),
        ]
        assert tell(protocol, [2, 2, "list_orders_by_uuids", [order_row()]]) == [
            OrderUpdated(an_order())
        ]

    def test_the_listed_order_lets_it_go(self) -> None:
        protocol = signed_in()
        tell(protocol, [4, "tr", fill_row(market="")])
        assert tell(protocol, [2, 2, "list_orders_by_uuids", [order_row()]]) == [
            OrderUpdated(an_order()),
            FillReceived(FILL),
        ]

    def test_another_fill_of_the_order_lets_it_go(self) -> None:
        protocol = signed_in()
        tell(protocol, [4, "tr", fill_row(market="")])
        assert tell(protocol, [4, "tr", fill_row(id=5)]) == [
            FillReceived(replace(FILL, fill_id="5")),
            FillReceived(FILL),
        ]

    @pytest.mark.parametrize(
        "answer",
        [
            [2, 2, "list_orders_by_uuids", []],
            [2, 2, "error", ["no such order"]],
            [2, 2, "list_orders", []],
        ],
    )
    def test_no_order_gives_it_up_loudly(self, answer: list[Any]) -> None:
        protocol = signed_in()
        tell(protocol, [4, "tr", fill_row(market="")])
        assert tell(protocol, answer) == self.LOST

    def test_a_lost_connection_gives_it_up_loudly(self) -> None:
        protocol = signed_in()
        tell(protocol, [4, "tr", fill_row(market="")])
        assert protocol.connection_lost() == self.LOST

    def test_when_too_many_wait_the_next_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "MAX_HELD_FILLS", 1)
        protocol = signed_in()
        tell(protocol, [4, "tr", fill_row(market="", order_uuid=OTHER_UUID)])
        assert tell(protocol, [4, "tr", fill_row(market="")]) == self.LOST

    def test_what_still_waits_when_all_is_over_is_given_up(self) -> None:
        reader = events.EventReader(MarketTable(), Dialect.KAYEN)
        reader.read("tr", fill_row(market=""), is_private=True)
        assert reader.give_up() == self.LOST
        assert reader.give_up([UUID]) == []


def test_balances_of_kayen() -> None:
    assert tell(signed_in(), [4, "bu", ["100.5", "1", "99.5", "10"]]) == [
        MarginUpdated(
            MarginBalance(Decimal("100.5"), Decimal(1), Decimal("99.5"), Decimal(10)),
        )
    ]


def test_balances_of_opendax_whatever_the_dialect() -> None:
    assert tell(signed_in(), [4, "bu", [["usd", "0.9997", "0.0003"]]]) == [
        AssetBalancesUpdated((AssetBalance("usd", Decimal("0.9997"), Decimal("0.0003")),))
    ]


@pytest.mark.parametrize("args", [[], ["usd", "1", "2"], ["1", "1", "1", "-1"], [["usd", "1"]]])
def test_balances_that_cannot_be_read_are_loud(args: list[object]) -> None:
    dropped, notice = tell(signed_in(), [4, "bu", args])
    assert isinstance(dropped, Dropped)
    assert isinstance(notice, VenueNotified)
    assert dropped.reason.startswith("The exchange's word on balances can't be read: ")


TRADE = Trade(
    "7",
    "PEPE/USD",
    Decimal("1.5"),
    Decimal(2),
    Side.SELL,
    datetime(2022, 6, 6, 12, 17, 44, tzinfo=UTC),
)
TRADE_OBJECT = {
    "tid": 7,
    "taker_type": "sell",
    "date": 1654517864,
    "price": "1.5",
    "amount": "2",
}


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("trade", ["pepeusd", 7, "1.5", "2", "3", 1654517864, "sell", "2"]),
        ("trade", ["pepeusd", 7, "1.5", "2", 1654517864, "sell", "2"]),
        ("trade", ["pepeusd", "7", 1.5, 2, "1654517864", "sell"]),
        ("trade", [TRADE_OBJECT | {"market": "pepeusd"}]),
        ("pepeusd.trades", [TRADE_OBJECT]),
    ],
)
def test_trades_in_every_form(event: str, args: list[object]) -> None:
    assert tell(signed_in(), [3, event, args]) == [TradePrinted(TRADE)]


def test_a_taker_side_nobody_knows_is_left_open() -> None:
    for side in ("", None, "bid"):
        (output,) = tell(
            signed_in(), [3, "trade", ["pepeusd", 7, "1", "2", "3", 1654517864, side, "2"]]
        )
        assert isinstance(output, TradePrinted)
        assert output.trade.taker_side is None


@pytest.mark.parametrize(
    ("event", "args", "reason"),
    [
        ("trade", [], "a trade names no market"),
        ("trade", [TRADE_OBJECT], "a trade names no market"),
        ("dogeusd.trades", [TRADE_OBJECT], "a trade of “dogeusd”, which is not listed"),
        ("trade", ["pepeusd", 7], "a trade can't be read: "),
        ("trade", ["pepeusd", 7, "0", "2", "3", 1654517864, "sell", "2"], "a trade can't be"),
        ("pepeusd.trades", [{"tid": 7}], "a trade can't be read: "),
        ("pepeusd.trades", [TRADE_OBJECT | {"market": 5}], "a trade names no market"),
    ],
)
def test_trades_that_cannot_be_used(event: str, args: list[object], reason: str) -> None:
    (dropped,) = reasons(tell(signed_in(), [3, event, args]))
    assert dropped.startswith(reason)


def test_one_bad_trade_object_does_not_take_the_next_with_it() -> None:
    first, second = tell(signed_in(), [3, "pepeusd.trades", [{}, TRADE_OBJECT]])
    assert isinstance(first, Dropped)
    assert second == TradePrinted(TRADE)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("+3.94%", Decimal("3.94")),
        ("-0.58", Decimal("-0.58")),
        (1.5, Decimal("1.5")),
        (None, None),
        ("", None),
        ("junk", None),
    ],
)
def test_ticker_changes(change: object, expected: Decimal | None) -> None:
    (output,) = tell(signed_in(), [3, "tickers", [[*TICKER, change]]])
    assert isinstance(output, TickersUpdated)
    assert output.tickers[0].change == expected


def test_a_ticker_list_drops_what_it_must_and_keeps_the_rest() -> None:
    protocol = signed_in()
    rows = [["dogeusd", *TICKER[1:]], ["btcusd"], 7, TICKER]
    output, *dropped = tell(protocol, [3, "tickers", rows])
    assert isinstance(output, TickersUpdated)
    assert [ticker.market for ticker in output.tickers] == ["PEPE/USD"]
    assert output.tickers[0].change is None
    assert reasons(dropped) == [
        "a ticker of “dogeusd”, which is not listed",
        "a ticker of BTC/USD can't be read: Expected `array` of at least length 9, got 1",
        "a ticker names no market",
    ]
    assert tell(protocol, [3, "tickers", [rows[0]]]) == []


def test_what_is_reported_once_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_REPORTED", 1)
    protocol = signed_in()
    assert reasons(tell(protocol, [3, "a", []])) == ["an event named “a”, which is not known"]
    assert tell(protocol, [3, "b", []]) == []


@pytest.mark.parametrize("event", ["pepeusd.kline-15m", "kline.15m.pepeusd"])
@pytest.mark.parametrize("tail", [[], ["1.2"]])
def test_candles_under_both_names(event: str, tail: list[object]) -> None:
    (output,) = tell(signed_in(), [3, event, [*CANDLE, *tail]])
    assert isinstance(output, CandlesUpdated)
    assert (output.market, output.period) == ("PEPE/USD", Period.M15)
    assert output.candles[0].close == 2


@pytest.mark.parametrize(
    ("event", "args", "reason"),
    [
        ("dogeusd.kline-15m", CANDLE, "a candle of “dogeusd”, which is not listed"),
        ("pepeusd.kline-7m", CANDLE, "an event named “pepeusd.kline-7m”, which is not known"),
        (".kline-15m", CANDLE, "an event named “.kline-15m”, which is not known"),
        ("kline.15m", CANDLE, "an event named “kline.15m”, which is not known"),
        ("pepeusd.line-15m", CANDLE, "an event named “pepeusd.line-15m”, which is not known"),
        ("pepeusd.kline-1m", [1654514100, 1, 2, 3, 2, 10], "a candle can't be read: a candle's"),
        ("pepeusd.kline-1m", [1654514100, 1, 2], "a candle can't be read: Expected"),
    ],
)
def test_candles_that_cannot_be_used(event: str, args: list[object], reason: str) -> None:
    (dropped,) = reasons(tell(signed_in(), [3, event, args]))
    assert dropped.startswith(reason)


def test_a_market_list_keeps_what_it_can() -> None:
    protocol = connected()
    rows = [
        ["ethusd", "spot", "eth", "usd", 5],
        ["ethusd-perp", "perp", "eth", "usd", 5],
        ["x", "spot", "x", "usd", "enabled", 1, 19, 1, "0", "0", "0"],
        ["y", "spot", "y", "usd"],
        7,
        ["solusd", "spot", "sol", "usd", "disabled", 1, 2, "3", "", "9", ""],
    ]
    *dropped, listed = tell(protocol, [3, "markets", rows])
    assert isinstance(listed, MarketsListed)
    eth, sol = listed.markets
    assert (eth.symbol, eth.leverage) == ("ethusd", Decimal(5))
    assert not sol.is_enabled
    assert (sol.amount_precision, sol.price_precision, sol.price_digits) == (2, 3, None)
    assert (sol.min_price, sol.max_price, sol.min_amount) == (None, Decimal(9), None)
    assert reasons(dropped) == [
        "a second market named ETH/USD",
        "a market can't be read: a precision is beyond any market's",
        "a market can't be read: Expected `array` of at least length 5, got 4",
        "a market can't be read: Expected `array`, got `int`",
    ]
    assert protocol.market_name("pepeusd") == "PEPEUSD"


def test_an_empty_market_list_leaves_the_last_one() -> None:
    protocol = connected()
    assert reasons(tell(protocol, [3, "markets", []])) == [
        "a list of no markets: the last one stands"
    ]
    assert protocol.market_name("pepeusd") == "PEPE/USD"


def test_a_new_market_list_lets_unlisted_ones_be_reported_again() -> None:
    protocol = connected()
    ticker = [3, "tickers", [["dogeusd", *TICKER[1:]]]]
    assert len(tell(protocol, ticker)) == 1
    assert tell(protocol, ticker) == []
    tell(protocol, [3, "markets", [["ethusd", "spot", "eth", "usd", 5]]])
    assert len(tell(protocol, ticker)) == 1


def test_config_tells_the_version_in_plain_text() -> None:
    protocol = connected()
    assert protocol.finex_version == ""
    assert tell(protocol, [3, "config", ["x", {"a": 1}, {"finex_version": "2.6\u202e\n"}]]) == []
    assert protocol.finex_version == "2.6"


def test_sys_events() -> None:
    protocol = connected()
    assert tell(protocol, [3, "sys", [{"hb": None}]]) == []
    unknown = "a sys event that is neither a heartbeat nor a sign-in"
    assert reasons(tell(protocol, [3, "sys", ["authenticated", "uid"]])) == [unknown]
    assert tell(protocol, [3, "sys", []]) == []
    assert tell(protocol, [4, "sys", ["authenticated", "uid"]]) == [Ready()]
    assert protocol.is_signed_in
    assert tell(protocol, [4, "sys", ["authenticated", "uid"]]) == []


def test_a_request_of_the_exchange_is_dropped() -> None:
    assert reasons(tell(connected(), [1, 1, "ping", []])) == [
        "the exchange sent a request, which a client does not answer"
    ]


def test_an_unknown_event_is_reported_once() -> None:
    protocol = connected()
    assert len(tell(protocol, [3, "rbs", []])) == 1
    assert tell(protocol, [3, "rbs", []], NOW) == []
