"""What the tabs below the chart show, and how much of it at the window's ordinary size."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QTableView
from pytestqt.qtbot import QtBot

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.events import Event
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import SettlementRun, SettlementState, SettlementStep
from kayen_desktop.ui.models.positions import LIQUIDATION, STATUS
from kayen_desktop.ui.views.desk_tabs import DeskTabs
from tests.unit.ui.stage import BTC, CHANNEL_ID, NOW, PEPE, channel, position

# What the middle of a window of 1360 pixels has for its tables.
_WIDTH = 760
_LEAST_WIDTH = 510  # of one of 1110


class Desk:
    """The tabs over a state that the test tells events to."""

    def __init__(self, tabs: DeskTabs) -> None:
        self.tabs = tabs
        self.state = AppState()
        tabs.bind(self.state)
        self.tell(events.MarketsListed((PEPE, BTC)), events.ChannelUpdated(channel(deposit="10")))

    def tell(self, *told: Event) -> None:
        for event in told:
            self.tabs.apply(tuple(self.state.apply(event, NOW)))

    def hold(self, status: PositionStatus = PositionStatus.OPEN) -> None:
        self.tell(
            events.PositionUpdated(position("108506.94444444", position_id="p1", status=status)),
            events.PositionUpdated(
                position(
                    "0.0002",
                    side=Side.SELL,
                    market="BTC/USD",
                    entry="64245.1",
                    mark="64231.5",
                    position_id="p2",
                )
            ),
        )

    @property
    def table(self) -> QTableView:
        found = self.tabs.findChild(QTableView, "positionsView")
        assert isinstance(found, QTableView)
        return found

    @property
    def can_settle(self) -> bool:
        found = self.tabs.findChild(QPushButton, "settleButton")
        assert isinstance(found, QPushButton)
        return found.isEnabled()


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    tabs = DeskTabs()
    qtbot.addWidget(tabs)
    made = Desk(tabs)
    tabs.resize(_WIDTH + 2, 240)
    tabs.show()
    return made


def test_ordinary_positions_are_seen_whole_without_scrolling(desk: Desk, qtbot: QtBot) -> None:
    desk.hold()
    table, model = desk.table, desk.table.model()

    def is_whole() -> bool:
        table.grab()  # a column makes room once it is painted
        metrics = table.fontMetrics()
        return all(
            table.columnWidth(column) > metrics.horizontalAdvance(model.index(row, column).data())
            for column in range(model.columnCount())
            for row in range(model.rowCount())
            if not table.isColumnHidden(column)
        )

    qtbot.waitUntil(is_whole)
    assert table.horizontalScrollBar().maximum() == 0
    assert not table.isColumnHidden(LIQUIDATION)


def test_the_smallest_window_shows_the_danger_without_scrolling(desk: Desk, qtbot: QtBot) -> None:
    desk.tabs.resize(_LEAST_WIDTH + 2, 240)
    desk.hold()
    table = desk.table

    def is_seen() -> bool:
        table.grab()
        ends = table.columnViewportPosition(LIQUIDATION) + table.columnWidth(LIQUIDATION)
        return ends <= table.viewport().width()

    qtbot.waitUntil(is_seen)
    assert table.horizontalScrollBar().value() == 0


def test_a_status_has_a_column_while_it_says_anything(desk: Desk) -> None:
    desk.hold()
    assert desk.table.isColumnHidden(STATUS)
    desk.hold(PositionStatus.IN_SETTLEMENT)
    assert not desk.table.isColumnHidden(STATUS)


def test_a_settlement_under_way_can_be_looked_at_again(desk: Desk) -> None:
    assert not desk.can_settle
    run = SettlementRun(
        "s1", CHANNEL_ID, ("PEPE/USD",), NOW, steps=(SettlementStep(SettlementState.PROPOSED, NOW),)
    )
    desk.tell(events.SettlementChanged(run))
    assert desk.can_settle
    desk.tell(events.SettlementChanged(run.stepped(SettlementStep(SettlementState.REJECTED, NOW))))
    assert not desk.can_settle
