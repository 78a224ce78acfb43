"""A venue that tells without end: what is public makes room, what is ours stops trading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app import state as state_module
from kayen_desktop.app.changes import Topic
from kayen_desktop.app.market_state import MARKETS_KEPT
from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.book import MAX_LEVELS, Level
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.errors import ProblemKind, TicketError
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.margin import AssetBalance
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.settlement import SettlementRun
from tests.unit.domain.samples import (
    MARKET,
    NOW,
    make_fill,
    make_order,
    make_position,
    make_request,
)

from .conftest import Running

MOST = 3
MAKERS: dict[str, Callable[[int], events.Event]] = {
    "orders": lambda at: events.OrderUpdated(make_order(order_id=f"o{at}")),
    "fills": lambda at: events.FillReceived(make_fill(fill_id=f"f{at}")),
    "positions": lambda at: events.PositionUpdated(make_position(position_id=f"p{at}")),
    "recorded": lambda at: events.TradeRecorded("c", f"f{at}"),
    "settlements": lambda at: events.SettlementChanged(
        SettlementRun(f"s{at}", "c", ("PEPE/USD",), NOW)
    ),
    "balances": lambda at: events.AssetBalancesUpdated(
        (AssetBalance(f"a{at}", Decimal(1), Decimal(0)),)
    ),
}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "MOST_FACTS", MOST)
    monkeypatch.setattr(state_module, "MOST_POSITIONS", MOST)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("kind", MAKERS)
def test_more_of_ours_than_there_can_be_is_refused_loudly_and_forgets_nothing(kind: str) -> None:
    state = AppState()
    for at in range(MOST):
        assert state.apply(MAKERS[kind](at), NOW)
    assert not state.alarm
    changes = state.apply(MAKERS[kind](MOST), NOW)
    assert {change.topic for change in changes} == {Topic.ALARM, Topic.NOTICE}
    assert state.apply(MAKERS[kind](MOST + 1), NOW) == ()
    assert len(getattr(state, kind)) == MOST
    assert len(state.notices) == 1
    if kind in ("orders", "positions", "settlements", "balances"):
        assert state.apply(MAKERS[kind](0), NOW)  # what is known is told on


@pytest.mark.usefixtures("few")
async def test_such_a_venue_is_not_traded_with(running: Running) -> None:
    for at in range(MOST + 2):
        running.session.on_event(MAKERS["orders"](at))
    with pytest.raises(TicketError) as caught:
        await running.session.trading.place(make_request())
    assert caught.value.problems[0].kind is ProblemKind.TRADING_STOPPED
    assert not running.crashes


def test_lists_of_ever_other_markets_leave_no_prices_behind() -> None:
    state = AppState()
    for number in range(50):
        market = replace(MARKET, name=f"M{number}/USD", symbol=f"m{number}usd")
        state.apply(events.MarketsListed((market,)), NOW)
        one = Decimal(1)
        ticker = Ticker(market.name, one, one, one, one, one, one, None, NOW)
        state.apply(events.TickersUpdated((ticker,)), NOW)
    assert list(state.tickers) == ["M49/USD"]
    assert state.told_at(Topic.TICKER, "M49/USD") == NOW
    assert state.told_at(Topic.TICKER, "M48/USD") is None


def test_trades_and_candles_of_ever_other_markets_make_room() -> None:
    state = AppState()
    for number in range(MARKETS_KEPT + 5):
        market = f"M{number}/USD"
        one = Decimal(1)
        state.apply(events.TradePrinted(Trade("1", market, one, one, None, NOW)), NOW)
        candle = Candle(NOW, one, one, one, one, one)
        state.apply(events.CandlesUpdated(market, Period.M1, (candle,)), NOW)
    assert len(state.trades) == len(state.candles) == MARKETS_KEPT
    assert "M0/USD" not in state.trades


async def test_a_book_that_outgrows_its_bounds_is_lost_and_asked_for_again(
    running: Running,
) -> None:
    half = [Level(Decimal(at + 1), Decimal(1)) for at in range(MAX_LEVELS)]
    running.session.on_event(events.BookReplaced("PEPE/USD", tuple(half), ()))
    assert "PEPE/USD" in running.session.state.books
    one_more = (Level(Decimal(MAX_LEVELS + 1), Decimal(1)),)
    running.session.on_event(events.BookUpdated("PEPE/USD", one_more, ()))
    assert "PEPE/USD" not in running.session.state.books
    assert ("resync_book", "PEPE/USD") in running.venue.calls
