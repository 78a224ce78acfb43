"""Every request a trader makes: its exact frame, and what its answer becomes (§2.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.errors import LocalProtocolError, OutcomeUnknownError
from kayen_desktop.domain.events import CandlesUpdated, FillReceived, MarketsListed, OrderUpdated
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.outputs import Dropped, Refusal, Reply

from .conversation import (
    BUY,
    MARKETS,
    OTHER_UUID,
    UUID,
    an_order,
    connected,
    fill_row,
    order_row,
    signed_in,
    tell,
)
from .test_parsing import FILL

STOP = OrderRequest(
    "BTC/USD", Side.SELL, OrderType.STOP_LIMIT, Decimal("0.5"), Decimal(60000), Decimal(61000)
)


def sent(protocol: FinexProtocol) -> str:
    (frame,) = protocol.frames_to_send()
    return frame


def test_place() -> None:
    protocol = signed_in()
    assert protocol.place(STOP) == 2
    assert sent(protocol) == '[1,2,"create_order",["btcusd","slm","sell","0.5","60000","61000"]]'
    assert tell(protocol, [2, 2, "create_order", [UUID]]) == [Reply(2, UUID)]


def test_place_for_a_market_that_is_not_listed() -> None:
    with pytest.raises(LocalProtocolError, match="does not list DOGE/USD"):
        signed_in().place(replace(BUY, market="DOGE/USD"))


def test_the_answer_may_come_after_the_order_and_its_fill() -> None:
    protocol = signed_in()
    protocol.place(BUY)
    assert tell(protocol, [4, "on", order_row()]) == [OrderUpdated(an_order())]
    assert tell(protocol, [2, 2, "create_order", [UUID]]) == [Reply(2, UUID)]


def test_the_answer_lets_a_fill_without_market_go() -> None:
    protocol = signed_in()
    protocol.place(BUY)
    tell(protocol, [4, "tr", fill_row(market="")])
    assert tell(protocol, [2, 2, "create_order", [UUID]]) == [FillReceived(FILL), Reply(2, UUID)]


def test_place_many() -> None:
    protocol = signed_in()
    assert protocol.place_many([BUY, STOP]) == 2
    assert sent(protocol) == (
        '[1,2,"create_bulk",[["pepeusd","m","buy","108506.94444444","",""],'
        '["btcusd","slm","sell","0.5","60000","61000"]]]'
    )
    assert tell(protocol, [2, 2, "create_bulk", [UUID, "error"]]) == [Reply(2, (UUID, None))]


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ([], "it has 0 elements for 2 orders"),
        ([UUID, UUID, UUID], "it has 3 elements for 2 orders"),
        ([UUID, None], "an id is not a short text"),
    ],
)
def test_place_many_with_an_answer_that_does_not_fit(args: list[object], problem: str) -> None:
    protocol = signed_in()
    protocol.place_many([BUY, STOP])
    (output,) = tell(protocol, [2, 2, "create_bulk", args])
    assert isinstance(output, Refusal)
    assert isinstance(output.error, OutcomeUnknownError)
    assert problem in str(output.error)


def test_cancel_names_the_market_the_order_was_told_under() -> None:
    protocol = signed_in()
    (told,) = tell(protocol, [4, "on", order_row(market="dogeusd")])
    assert isinstance(told, OrderUpdated)
    assert protocol.cancel([told.order, an_order(venue_order_id=OTHER_UUID)]) == 2
    assert sent(protocol) == (
        f'[1,2,"cancel_order",[["dogeusd","{UUID}"],["pepeusd","{OTHER_UUID}"]]]'
    )
    assert tell(protocol, [2, 2, "cancel_order", []]) == [Reply(2, None)]


def test_cancel_of_an_order_of_a_market_nobody_knows() -> None:
    with pytest.raises(LocalProtocolError):
        signed_in().cancel([an_order(market="DOGEUSD")])


def test_nothing_to_ask_for() -> None:
    protocol = signed_in()
    for ask in (protocol.place_many, protocol.cancel, protocol.request_orders_by_ids):
        with pytest.raises(LocalProtocolError, match="nothing to ask"):
            ask([])


def test_cancel_all() -> None:
    protocol = signed_in()
    protocol.cancel_all()
    assert sent(protocol) == '[1,2,"cancel_all",[]]'
    assert tell(protocol, [2, 2, "cancel_all", []]) == [Reply(2, None)]


def test_list_orders() -> None:
    protocol = signed_in()
    protocol.request_orders()
    protocol.request_orders([OrderState.WAIT], "PEPE/USD", page=2, limit=50)
    protocol.request_orders([OrderState.WAIT, OrderState.TRIGGER_WAIT])
    protocol.request_orders_by_ids([UUID, OTHER_UUID])
    assert protocol.frames_to_send() == [
        '[1,2,"list_orders",["",0,0,""]]',
        '[1,3,"list_orders",["pepeusd",2,50,"wait"]]',
        '[1,4,"list_orders",["",0,0,["wait","trigger_wait"]]]',
        f'[1,5,"list_orders_by_uuids",["{UUID}","{OTHER_UUID}"]]',
    ]
    first, second = an_order(), an_order(venue_order_id=OTHER_UUID, state=OrderState.DONE)
    rows = [order_row(), order_row(uuid=OTHER_UUID, state="d")]
    assert tell(protocol, [2, 2, "list_orders", rows]) == [
        OrderUpdated(first),
        OrderUpdated(second),
        Reply(2, (first, second)),
    ]
    assert tell(protocol, [2, 3, "list_orders", []]) == [Reply(3, ())]
    assert tell(protocol, [2, 5, "list_orders_by_uuids", rows[:1]]) == [
        OrderUpdated(first),
        Reply(5, (first,)),
    ]


def test_a_list_with_an_order_nobody_can_read_is_no_list_but_its_others_are_told() -> None:
    protocol = signed_in()
    protocol.request_orders()
    dropped, told, refusal = tell(
        protocol, [2, 2, "list_orders", [order_row(state="zz"), order_row()]]
    )
    assert dropped == Dropped("an order of a list can't be read: the order state “zz” is not known")
    assert told == OrderUpdated(an_order())
    assert isinstance(refusal, Refusal)
    assert str(refusal.error) == (
        "The exchange's answer to list_orders can't be read: "
        "an order in it: the order state “zz” is not known."
    )


def test_list_fills() -> None:
    protocol = signed_in()
    tell(protocol, [4, "on", order_row()])
    protocol.request_order_trades(UUID)
    protocol.request_channel_trades(1, 50)
    assert protocol.frames_to_send() == [
        f'[1,2,"list_order_trades",["{UUID}"]]',
        '[1,3,"list_channel_trades",[1,50]]',
    ]
    assert tell(protocol, [2, 2, "list_order_trades", [fill_row(market="")]]) == [
        FillReceived(FILL),
        Reply(2, (FILL,)),
    ]
    ten = [*fill_row()[:9], 1654516051]
    fill = replace(FILL, fee=Decimal(0), fee_currency="")
    # Told as an event, a fill without its fee would hide the same fill with it.
    assert tell(protocol, [2, 3, "list_channel_trades", [ten]]) == [Reply(3, (fill,))]


@pytest.mark.parametrize("row", [7, [], fill_row(market="", order_uuid=OTHER_UUID)])
def test_a_list_with_a_fill_nobody_can_read_is_no_list_but_its_others_are_told(row: object) -> None:
    protocol = signed_in()
    protocol.request_order_trades(OTHER_UUID)
    told, dropped, refusal = tell(protocol, [2, 2, "list_order_trades", [row, fill_row()]])
    assert told == FillReceived(FILL)
    assert isinstance(dropped, Dropped)
    assert isinstance(refusal, Refusal)
    assert isinstance(refusal.error, OutcomeUnknownError)


@pytest.mark.parametrize("row", [7, [], fill_row(market="", order_uuid=OTHER_UUID)])
def test_an_accounts_list_with_a_fill_nobody_can_read_is_no_list(row: object) -> None:
    protocol = signed_in()
    protocol.request_channel_trades(1, 50)
    dropped, refusal = tell(protocol, [2, 2, "list_channel_trades", [row, fill_row()]])
    assert isinstance(dropped, Dropped)
    assert isinstance(refusal, Refusal)
    assert isinstance(refusal.error, OutcomeUnknownError)


def test_klines() -> None:
    protocol = connected()
    to = datetime(2022, 6, 6, 12, 0, tzinfo=UTC)
    assert protocol.request_klines("PEPE/USD", Period.H1, to - timedelta(hours=2), to) == 1
    assert sent(protocol) == '[1,1,"klines",[60,"pepeusd",1654509600,1654516800]]'
    rows = [[1654509600, 1, 2, 0.5, 1.5, 10], ["junk"], ["1654513200", "1", "2", "1", "2", "0"]]
    dropped, told, reply = tell(protocol, [2, 1, "klines", rows])
    assert isinstance(dropped, Dropped)
    assert isinstance(told, CandlesUpdated)
    assert [candle.close for candle in told.candles] == [Decimal("1.5"), Decimal(2)]
    assert reply == Reply(1, None)


def test_klines_need_a_span() -> None:
    protocol = connected()
    now = datetime(2022, 6, 6, tzinfo=UTC)
    naive = now.replace(tzinfo=None)
    for from_, to in ((now, now), (naive, now), (now, naive)):
        with pytest.raises(LocalProtocolError, match="span"):
            protocol.request_klines("PEPE/USD", Period.H1, from_, to)


def test_markets() -> None:
    protocol = connected()
    protocol.request_markets()
    assert sent(protocol) == '[1,1,"get_markets",[]]'
    listed, reply = tell(protocol, [2, 1, "get_markets", MARKETS[2]])
    assert isinstance(listed, MarketsListed)
    assert reply == Reply(1, None)


def test_a_list_of_no_markets_is_no_answer() -> None:
    protocol = connected()
    protocol.request_markets()
    dropped, refusal = tell(protocol, [2, 1, "get_markets", []])
    assert isinstance(dropped, Dropped)
    assert isinstance(refusal, Refusal)


@pytest.mark.parametrize("name", ["pong", "ping"])
def test_ping(name: str) -> None:
    protocol = connected()
    protocol.ping()
    assert sent(protocol) == '[1,1,"ping",[]]'
    assert tell(protocol, [2, 1, name, []]) == [Reply(1, None)]
