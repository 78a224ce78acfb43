"""The ladder, the prints and the activity list."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.book import Level
from kayen_desktop.domain.events import Event, Severity
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.models import activity, trades
from kayen_desktop.ui.models.activity import ActivityModel
from kayen_desktop.ui.models.book import SHARE_ROLE, SIDE_ROLE, BookModel
from kayen_desktop.ui.models.trades import TradesModel
from kayen_desktop.ui.presenters.activity import ActivityEntry
from kayen_desktop.ui.theme import tokens
from tests.unit.ui.stage import BTC

from .signals import Signals, texts

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
DEPTH = 3


def level(price: str, amount: str) -> Level:
    return Level(Decimal(price), Decimal(amount))


class BookDesk:
    def __init__(self) -> None:
        self.state = AppState()
        self.state.apply(events.MarketsListed((BTC,)), NOW)
        self.model = BookModel(DEPTH)
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Warning
        )
        self.model.bind(self.state, "BTC/USD")
        self.signals = Signals(self.model)

    def tell(self, event: Event) -> list[tuple[object, ...]]:
        self.model.apply(self.state.apply(event, NOW))
        return self.signals.take()


@pytest.fixture
def desk(qtbot: QtBot) -> BookDesk:
    made = BookDesk()
    made.tell(
        events.BookReplaced(
            "BTC/USD",
            (level("101", "1"), level("102", "3")),
            (level("99", "1"), level("98", "2"), level("97", "1"), level("96", "50")),
        )
    )
    return made


def test_asks_above_bids_below_and_the_spread_between(desk: BookDesk) -> None:
    assert texts(desk.model, 0) == [
        "",
        "102.00",
        "101.00",
        "Spread 2.00  ·  2.00 %",
        "99.00",
        "98.00",
        "97.00",
    ]
    assert texts(desk.model, 2) == ["", "4", "1", "", "1", "3", "4"]
    assert desk.model.price_at(2) == Decimal(101)
    assert desk.model.price_at(desk.model.spread_row) is None


def test_only_the_rows_that_changed_are_told(desk: BookDesk) -> None:
    changed = events.BookUpdated("BTC/USD", (), (level("98", "1.5"),))
    told = desk.tell(changed)
    # The deepest sum still belongs to the asks, so the bars above stay as they are.
    assert told == [("cells", 5, 0, 6, 2)]
    assert desk.tell(changed) == []
    assert desk.tell(events.BookUpdated("PEPE/USD", (), (level("1", "1"),))) == []


def test_bars_grow_with_the_sum_up_to_the_deepest(desk: BookDesk) -> None:
    shares = [desk.model.index(row, 0).data(SHARE_ROLE) for row in range(7)]
    assert shares == [0.0, 1.0, 0.25, 0.0, 0.25, 0.75, 1.0]
    sides = [desk.model.index(row, 0).data(SIDE_ROLE) for row in (0, 3, 6)]
    assert sides == [Side.SELL, None, Side.BUY]


def test_a_lost_book_leaves_nothing_to_click(desk: BookDesk) -> None:
    assert desk.tell(events.BookLost("BTC/USD")) != []
    assert set(texts(desk.model, 0)) == {""}
    assert not desk.model.has_book


def test_depth_follows_the_room_there_is(desk: BookDesk) -> None:
    desk.model.set_depth(1)
    assert desk.signals.take() == [("reset",)]
    assert texts(desk.model, 0)[0] == "101.00"
    assert desk.model.rowCount() == 3
    desk.model.set_depth(1)
    assert desk.signals.take() == []


def test_the_ladder_speaks_and_dims(desk: BookDesk) -> None:
    spoken = int(Qt.ItemDataRole.AccessibleTextRole)
    assert desk.model.index(2, 0).data(spoken) == "Seller asks 101.00, amount 1"
    assert desk.model.index(4, 1).data(spoken) == "Buyer bids 99.00, amount 1"
    assert desk.model.index(0, 1).data(spoken) == "empty"
    colour = int(Qt.ItemDataRole.ForegroundRole)
    assert desk.model.index(2, 0).data(colour) == QColor(tokens().sell)
    desk.model.set_dimmed(True)
    assert desk.model.index(2, 0).data(colour) == QColor(tokens().muted)
    assert desk.model.headerData(2, Qt.Orientation.Horizontal) == "Sum"


def test_one_sided_book_has_no_spread_figure(desk: BookDesk) -> None:
    desk.tell(events.BookReplaced("BTC/USD", (), (level("99", "1"),)))
    assert texts(desk.model, 0)[3] == "Spread –"


def trade(number: int, side: Side | None = Side.BUY) -> Trade:
    return Trade(str(number), "BTC/USD", Decimal(100 + number), Decimal(1), side, NOW)


def test_new_trades_come_in_on_top_and_push_out_the_oldest(qtbot: QtBot) -> None:
    state = AppState()
    model = TradesModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    state.apply(events.TradePrinted(trade(0)), NOW)
    model.bind(state, "BTC/USD")
    signals = Signals(model)
    changes = [c for n in (1, 2) for c in state.apply(events.TradePrinted(trade(n)), NOW)]
    model.apply(changes)
    assert signals.take() == [("in", 0, 1)]
    assert texts(model, 0) == ["▲ 102", "▲ 101", "▲ 100"]
    model.apply(changes)
    assert signals.take() == []
    for number in range(3, trades.SHOWN + 3):
        changes = list(state.apply(events.TradePrinted(trade(number, Side.SELL)), NOW))
    model.apply(changes)
    assert signals.take() == [("in", 0, trades.SHOWN - 1), ("out", trades.SHOWN, trades.SHOWN + 2)]
    assert model.rowCount() == trades.SHOWN
    assert texts(model, 0)[-1] == "▼ 103"
    spoken = model.index(0, 0).data(int(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken.startswith("sold")


def test_activity_has_the_newest_on_top_and_an_end(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "KEPT", 3)
    model = ActivityModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    signals = Signals(model)
    model.add([ActivityEntry(NOW, "Order", text) for text in ("one", "two")])
    model.add([])
    assert texts(model, 2) == ["two", "one"]
    model.add([ActivityEntry(NOW, "Venue", text, Severity.WARNING) for text in ("three", "four")])
    assert texts(model, 2) == ["four", "three", "two"]
    assert signals.take() == [("in", 0, 1), ("in", 0, 1), ("out", 3, 3)]
    colour = model.index(0, 2).data(int(Qt.ItemDataRole.ForegroundRole))
    assert colour == QColor(tokens().warning)
