"""The crowd and the candles: alive, plausible, and the same for the same seed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.practice.accounts import AccountTrade
from kayen_desktop.practice.candles import DAY_MINUTES, PERIOD_MINUTES, CandleStore, period_start
from kayen_desktop.practice.clearing import ClearingHouse
from kayen_desktop.practice.exchange import Exchange
from kayen_desktop.practice.orders import EngineEvent, TradePrint
from kayen_desktop.practice.settings import PracticeSettings, load_markets

from .orders import NOW_S

Print = tuple[int, str, Decimal, Decimal, str]


class Tape:
    """What an exchange printed."""

    def __init__(self) -> None:
        self.prints: list[Print] = []

    def trade_printed(self, trade: TradePrint) -> None:
        self.prints.append(
            (trade.trade_id, trade.market, trade.price, trade.amount, trade.taker.side.value)
        )

    def order_changed(self, channel_id: str, event: EngineEvent) -> None:
        raise AssertionError("the crowd's orders are nobody's business")

    def fill_made(self, channel_id: str, trade: AccountTrade) -> None:
        raise AssertionError("the crowd's fills are nobody's business")

    def balance_changed(self, channel_id: str) -> None:
        raise AssertionError("the crowd has no balance")


def finish(slices: Iterator[None]) -> None:
    """Do all of a work that comes in slices."""
    deque(slices, maxlen=0)


def run_exchange(seed: int, steps: int) -> tuple[Exchange, list[Print]]:
    settings = PracticeSettings(seed=seed)
    exchange = Exchange(settings, ClearingHouse(settings), lambda: NOW_S)
    tape = Tape()
    exchange.listen(tape)
    for symbol in exchange.rooms:
        finish(exchange.make_history(symbol))
        exchange.build_book(symbol)
    for _ in range(steps):
        exchange.step()
    return exchange, tape.prints


@pytest.fixture(scope="module")
def lively() -> tuple[Exchange, list[Print]]:
    return run_exchange(1, 3000)


def test_the_same_seed_gives_the_same_events(lively: tuple[Exchange, list[Print]]) -> None:
    exchange, prints = lively
    again, same = run_exchange(1, 3000)
    assert same == prints
    for symbol, room in exchange.rooms.items():
        other = again.rooms[symbol].engine
        assert list(room.engine.bids.levels()) == list(other.bids.levels())
        assert list(room.engine.asks.levels()) == list(other.asks.levels())
    assert run_exchange(2, 300)[1] != prints[:300]


def test_every_market_is_alive_and_deep(lively: tuple[Exchange, list[Print]]) -> None:
    exchange, prints = lively
    assert {name for _, name, _, _, _ in prints} == set(exchange.rooms)
    for room in exchange.rooms.values():
        engine = room.engine
        bid, ask = engine.bids.best, engine.asks.best
        assert bid is not None
        assert ask is not None
        assert len(engine.bids) >= 15
        assert len(engine.asks) >= 15
        tick = engine.market.tick
        # A few basis points, or as few ticks as the market's precision lets it have.
        assert 0 < ask - bid <= max(engine.mark_price * Decimal("0.001"), 3 * tick)
        assert abs(engine.mark_price / engine.market.reference_price - 1) < Decimal("0.1")


def test_fifteen_markets_are_shipped_with_their_brokers() -> None:
    settings = PracticeSettings()
    assert len(settings.markets) == 15
    assert [broker.name for broker in settings.brokers] == ["Kayen", "Harbour Practice"]


@pytest.mark.parametrize(
    "changes",
    [
        {"events_per_second": -1},
        {"taker_fee": Decimal(2)},
        {"state_delay_s": -1},
        {"heartbeat_s": 0},
        {"clearport_dialect": "v3"},
        {"finex_dialect": "x"},
        {"markets": ()},
        {"leverage": 0},
    ],
)
def test_settings_no_venue_can_run_with_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        replace(PracticeSettings(), **changes)


@pytest.fixture(scope="module")
def store() -> CandleStore:
    market = load_markets()[0]
    store = CandleStore(market)
    finish(store.make_history("seed", market.reference_price, 0.5, NOW_S))
    return store


@pytest.mark.parametrize(("name", "minutes"), PERIOD_MINUTES.items())
def test_every_period_has_a_day_of_aligned_history(
    store: CandleStore, name: str, minutes: int
) -> None:
    candles = list(store.candles(minutes, 0, NOW_S))
    assert len(candles) >= DAY_MINUTES // minutes
    for candle in candles:
        assert candle.start_s == period_start(candle.start_s, minutes)
        assert candle.low <= min(candle.open, candle.close)
        assert candle.high >= max(candle.open, candle.close)
    for older, newer in pairwise(candles):
        assert newer.start_s - older.start_s == minutes * 60
        assert newer.open == older.close
    assert store.price(candles[-1].close) == load_markets()[0].reference_price


def test_longer_candles_hold_exactly_their_minutes(store: CandleStore) -> None:
    minutes = list(store.candles(1, 0, NOW_S))
    for candle in store.candles(60, 0, NOW_S):
        part = [m for m in minutes if period_start(m.start_s, 60) == candle.start_s]
        assert candle.amount == sum(m.amount for m in part)
        assert candle.high == max(m.high for m in part)
        assert (candle.open, candle.close) == (part[0].open, part[-1].close)


def test_a_trade_extends_the_running_minute_and_quiet_minutes_are_flat() -> None:
    market = load_markets()[0]
    store = CandleStore(market)
    finish(store.make_history("seed", market.reference_price, 0.5, NOW_S))
    store.record(Decimal("65000.12"), Decimal("0.5"), NOW_S)
    store.record(Decimal("64000"), Decimal("0.25"), NOW_S + 180)
    flat, live = list(store.candles(1, NOW_S + 60, NOW_S + 180))[-2:]
    assert (flat.amount, flat.open, flat.close) == (0, 6500012, 6500012)
    # Each candle opens where the last one closed, so that a chart has no holes.
    assert live.open == flat.close
    assert store.price(live.close) == 64000
    assert store.amount(live.amount) == Decimal("0.25")
    day = store.day(NOW_S + 180)
    assert day is not None
    assert day.last == 64000
    assert day.high >= Decimal("65000.12")


def test_the_week_starts_on_monday() -> None:
    monday = 1_718_582_400  # 2024-06-17T00:00:00Z
    assert period_start(monday + 3 * 86400 + 5, 10080) == monday


def test_a_candle_store_without_history_says_nothing() -> None:
    store = CandleStore(load_markets()[0])
    assert store.day(NOW_S) is None
    assert store.latest(1) is None
    assert list(store.candles(1, 0, NOW_S)) == []
