"""The dialog that moves prices on a copy: slider, field, markets, reading, and live figures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QPushButton, QSlider, QTableView

from kayen_desktop.domain import events
from kayen_desktop.domain.margin import MarginBalance, MarginReading, MarginRules
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.dialogs.comparison_list import ComparisonList
from kayen_desktop.ui.dialogs.what_if import WhatIfDialog
from kayen_desktop.ui.notices import what_if
from kayen_desktop.ui.views.margin_gauge import MarginGauge
from kayen_desktop.ui.widgets.percent_spin import PercentSpin
from tests.unit.ui.stage import Stage, position

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
D = Decimal


class Shown:
    """An open dialog over an account that holds two positions, or over none."""

    def __init__(self, stage: Stage, *, is_empty: bool = False) -> None:
        self.stage = stage
        if not is_empty:
            stage.open_account("1")
            stage.tell(events.MarginUpdated(MarginBalance(D(1), D("0.8"), D("0.2"), D(10))))
            short = position("0.00001", side=Side.SELL, market="BTC/USD", position_id="b",
                             entry="64000", mark="64100")  # fmt: skip
            stage.hold(position("1000000"), short)
        self.dialog = WhatIfDialog(stage.session)
        self.dialog.open()
        self.slider = named(self.dialog, QSlider, "whatIfSlider")
        self.spin = named(self.dialog, PercentSpin, "whatIfSpin")
        self.markets = named(self.dialog, QComboBox, "whatIfMarketCombo")
        self.table = named(self.dialog, QTableView, "whatIfPositions")

    def fact(self, label: str) -> tuple[str, str]:
        lists = self.dialog.findChildren(ComparisonList)
        rows = [row for each in lists for row in each.texts()]
        return next((now, then) for name, now, then in rows if name == label)

    def label(self, name: str) -> QLabel:
        return named(self.dialog, QLabel, name)

    def column(self, at: int) -> list[str]:
        model = self.table.model()
        return [str(model.index(row, at).data()) for row in range(model.rowCount())]


def test_the_slider_moves_every_figure_of_the_copy(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        assert shown.dialog.objectName() == "whatIfDialog"
        assert shown.dialog.focusWidget() is shown.slider
        assert shown.fact("Equity") == ("0.969", "0.969")
        for _ in range(12):
            QTest.keyClick(shown.slider, Qt.Key.Key_Left)
        assert shown.spin.text() == "−6.0 %"
        assert shown.fact("Equity") == ("0.969", "0.318")
        assert shown.label("whatIfResult").text().startswith("If all your markets fall 6 %, ")
        gauge = named(shown.dialog, MarginGauge, "whatIfGauge")
        assert gauge.accessibleName().startswith("Margin: Safe (green), 31.8 % left")
        assert shown.column(4) == ["60,254.00", "0.0000108"]
        QTest.keyClick(shown.slider, Qt.Key.Key_PageDown)
        assert shown.spin.value() == -110
        named(shown.dialog, QPushButton, "whatIfResetButton").click()
        assert shown.slider.value() == 0
        assert shown.fact("Equity") == ("0.969", "0.969")
        assert stage.venue.placing.calls == []

    play(scene)


def test_the_move_can_be_typed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        shown.spin.selectAll()
        QTest.keyClicks(shown.spin, "-7.4")
        QTest.keyClick(shown.spin, Qt.Key.Key_Return)
        assert shown.slider.value() == -15  # the nearest step; the figures go by what was typed
        assert shown.spin.text() == "−7.4 %"
        assert shown.fact("Zone")[1].startswith("Low, ")
        gauge = named(shown.dialog, MarginGauge, "whatIfGauge")
        assert "Only orders that reduce" in gauge.accessibleName()
        shown.spin.selectAll()
        QTest.keyClicks(shown.spin, "3")
        QTest.keyClick(shown.spin, Qt.Key.Key_Return)
        assert shown.spin.text() == "+3.0 %"
        assert shown.dialog.isVisible()

    play(scene)


def test_one_market_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        names = [shown.markets.itemText(at) for at in range(shown.markets.count())]
        assert names == [what_if.ALL_MARKETS, "PEPE/USD", "BTC/USD"]
        shown.markets.setCurrentIndex(2)
        shown.slider.setValue(20)
        assert shown.fact("Equity") == ("0.969", "0.9049")
        assert shown.column(4) == ["70,510.00", "0.00001149"]
        assert shown.markets.currentText() == "BTC/USD"

    play(scene)


def test_it_follows_the_prices(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        shown.slider.setValue(-2)
        stage.hold(position("1000000", mark="0.0000116"))
        await until(lambda: shown.column(4)[1] == "0.000011484")
        assert shown.fact("Equity") == ("1.079", "0.9694")
        assert shown.slider.value() == -2

    play(scene)


def test_another_reading_is_told_and_then_shown(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        told = QSignalSpy(shown.dialog.reading_chosen)
        combo = named(shown.dialog, QComboBox, "marginReadingCombo")
        assert combo.currentData() is MarginReading.OWN_DEPOSIT
        combo.setCurrentIndex(1)
        combo.activated.emit(1)
        assert told.count() == 1
        assert told.at(0) == [MarginReading.TOTAL]
        stage.tell(events.MarginRulesChosen(MarginRules(MarginReading.TOTAL)))
        words = shown.label("marginReadingLabel")
        await until(lambda: "and the broker's together" in words.text())
        assert combo.currentData() is MarginReading.TOTAL

    play(scene)


def test_without_an_account_it_says_why_and_fills_in_by_itself(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage, is_empty=True)
        empty = shown.label("whatIfEmpty")
        assert empty.text() == what_if.NO_ACCOUNT
        for name in ("whatIfSlider", "whatIfPositions", "whatIfFacts", "marginReadingCombo"):
            hidden = [each for each in shown.dialog.findChildren(QFrame) if each.objectName()
                      == name]  # fmt: skip
            assert not any(each.isVisible() for each in hidden), name
        assert not shown.slider.isVisible()
        stage.open_account("1")
        await until(lambda: empty.text() == what_if.NOTHING_HELD)
        assert shown.fact("Equity") == ("1.00", "1.00")
        stage.hold(position("1000000"))
        await until(shown.slider.isVisible)
        assert not empty.isVisible()
        assert shown.column(0) == ["PEPE/USD"]

    play(scene)


def test_the_keyboard_reaches_everything_and_escape_leaves(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        shown = Shown(stage)
        reached = tab_order(shown.dialog)
        for name in (
            "whatIfMarketCombo",
            "whatIfSlider",
            "whatIfSpin",
            "whatIfResetButton",
            "whatIfPositions",
            "marginReadingCombo",
            "closeButton",
        ):
            assert name in reached, name
        for widget in (shown.slider, shown.spin, shown.markets, shown.table):
            assert widget.accessibleName(), widget.objectName()
        QTest.keyClick(shown.dialog, Qt.Key.Key_Escape)
        assert not shown.dialog.isVisible()

    play(scene)
