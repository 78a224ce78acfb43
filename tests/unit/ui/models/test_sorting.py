"""Sorting by exact values, a few times a second, with the unknown at the end."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.markets import Market, Ticker
from kayen_desktop.ui.models.markets import CHANGE, LAST, NAME, MarketsModel
from kayen_desktop.ui.models.sorting import MarketsProxy, SortingProxy

from .signals import Signals, texts

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def ticker(market: str, last: str) -> Ticker:
    zero = Decimal(0)
    return Ticker(market, Decimal(last), zero, zero, zero, zero, zero, None, NOW)


class Desk:
    def __init__(self, prices: dict[str, str]) -> None:
        self.state = AppState()
        markets = tuple(Market(f"{name}/USD", f"{name}usd", name, "usd") for name in "BDACE")
        self.state.apply(events.MarketsListed(markets), NOW)
        self.model = MarketsModel()
        self.model.bind(self.state)
        self.quote(prices)

    def quote(self, prices: dict[str, str]) -> None:
        tickers = tuple(ticker(f"{name}/USD", last) for name, last in prices.items())
        self.model.apply(self.state.apply(events.TickersUpdated(tickers), NOW))


def names(proxy: SortingProxy) -> str:
    return "".join(text[0] for text in texts(proxy, NAME))


def test_exact_values_sort_as_numbers_and_the_unknown_comes_last(qtbot: QtBot) -> None:
    desk = Desk({"B": "10", "D": "9", "A": "0.00001152", "C": "0.00001153"})
    proxy = SortingProxy(desk.model)
    QAbstractItemModelTester(proxy, QAbstractItemModelTester.FailureReportingMode.Warning)
    assert names(proxy) == "BDACE"
    proxy.sort(LAST, UP)
    assert names(proxy) == "ACDBE"
    proxy.sort(LAST, DOWN)
    assert names(proxy) == "BDCAE"
    proxy.sort(-1)
    assert names(proxy) == "BDACE"


def test_a_tick_moves_no_row_until_the_next_resort(qtbot: QtBot) -> None:
    desk = Desk({"B": "1", "D": "2", "A": "3", "C": "4", "E": "5"})
    proxy = SortingProxy(desk.model)
    proxy.sort(LAST, UP)
    signals = Signals(proxy)
    desk.quote({"B": "9"})
    desk.quote({"B": "10"})
    assert names(proxy) == "BDACE"
    assert ("layout",) not in signals.take()
    with qtbot.waitSignal(proxy.layoutChanged):
        pass
    assert names(proxy) == "DACEB"
    assert signals.take() == [("layout",)]


def test_a_tick_that_moves_nothing_is_no_new_layout(qtbot: QtBot) -> None:
    desk = Desk({"B": "1", "D": "2", "A": "3", "C": "4", "E": "5"})
    proxy = SortingProxy(desk.model)
    proxy.sort(LAST, UP)
    desk.quote({"B": "1.5"})
    signals = Signals(proxy)
    proxy.resort()
    assert signals.take() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(st.none() | st.decimals(0, 1, places=12, allow_nan=False), min_size=5, max_size=5),
    st.sampled_from([UP, DOWN]),
)
def test_any_values_come_out_in_order(
    qtbot: QtBot, values: list[Decimal | None], order: Qt.SortOrder
) -> None:
    prices = {n: str(v) for n, v in zip("BDACE", values, strict=True) if v is not None}
    desk = Desk(prices)
    proxy = SortingProxy(desk.model)
    proxy.sort(LAST, order)
    shown = [desk.state.tickers.get(name) for name in texts(proxy, NAME)]
    known = [each.last for each in shown if each is not None]
    assert known == sorted(known, reverse=order is DOWN)
    assert all(each is None for each in shown[len(known) :])
    assert proxy.key_at(0) == texts(proxy, NAME)[0]


def test_favourites_stay_on_top_in_either_direction(qtbot: QtBot) -> None:
    desk = Desk({"B": "1", "D": "2", "A": "3", "C": "4", "E": "5"})
    desk.model.set_favourites(["A/USD", "D/USD"])
    proxy = MarketsProxy(desk.model)
    proxy.sort(NAME, UP)
    assert names(proxy) == "ADBCE"
    proxy.sort(LAST, DOWN)
    assert names(proxy) == "ADECB"
    desk.model.toggle_favourite(0)
    proxy.resort()
    assert names(proxy) == "ADBEC"


def test_search_finds_parts_of_names(qtbot: QtBot) -> None:
    desk = Desk({})
    proxy = MarketsProxy(desk.model)
    proxy.sort(NAME, UP)
    proxy.search(" d/us ")
    assert names(proxy) == "D"
    proxy.search("eusd")
    assert names(proxy) == "E"
    assert proxy.row_of("E/USD") == 0
    assert proxy.row_of("A/USD") is None
    assert proxy.row_of("nothing") is None
    proxy.search("")
    assert names(proxy) == "ABCDE"


def test_rows_that_come_and_go_keep_the_proxy_whole(qtbot: QtBot) -> None:
    desk = Desk({"B": "1"})
    proxy = SortingProxy(desk.model)
    QAbstractItemModelTester(proxy, QAbstractItemModelTester.FailureReportingMode.Warning)
    proxy.sort(CHANGE, UP)
    one = Market("Z/USD", "zusd", "z", "usd")
    desk.model.apply(desk.state.apply(events.MarketsListed((one,)), NOW))
    assert texts(proxy, NAME) == ["Z/USD"]
