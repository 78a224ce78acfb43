"""Booking a trade made elsewhere as a person drives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.domain.errors import OutcomeUnknownError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.record_trade import RecordTradeDialog
from kayen_desktop.ui.presenters.record_trade import local_text
from tests.unit.ui.stage import CHANNEL_ID, NOW, Stage, position

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]


def opened(stage: Stage) -> RecordTradeDialog:
    """Return the open dialog."""
    dialog = RecordTradeDialog(stage.session, stage.bridge, CHANNEL_ID)
    dialog.open()
    return dialog


def put(dialog: RecordTradeDialog, name: str, text: str) -> None:
    """Type in a field by keyboard."""
    edit = named(dialog, QLineEdit, name)
    edit.clear()
    QTest.keyClicks(edit, text)


def fill_in(dialog: RecordTradeDialog) -> None:
    """Type a whole trade."""
    put(dialog, "externalIdEdit", "t-1")
    put(dialog, "recordAmountEdit", "50000")
    put(dialog, "recordPriceEdit", "0.0000115")


def test_a_person_books_a_trade_by_keyboard_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stage.venue.booking.then(reply)
        stage.open_account()
        stage.hold(position())
        dialog = opened(stage)
        assert dialog.objectName() == "recordTradeDialog"
        assert tab_order(dialog) == [
            "externalIdEdit",
            "recordMarketCombo",
            "recordSideCombo",
            "recordAmountEdit",
            "recordPriceEdit",
            "recordTimeEdit",
            "cancelButton",
            "confirmButton",
        ]
        assert named(dialog, QLineEdit, "recordTimeEdit").text() == local_text(NOW)
        confirm = named(dialog, QPushButton, "confirmButton")
        fill_in(dialog)
        QTest.keyClick(named(dialog, QComboBox, "recordSideCombo"), Qt.Key.Key_Down)
        preview = named(dialog, FactList, "recordPreview")
        assert ("You hold afterwards", "Bought 50,000 PEPE") in preview.texts()
        assert confirm.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(lambda: bool(stage.venue.booking.calls))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        reply.set_result(None)
        title = named(dialog, QLabel, "recordTitle")
        await until(lambda: title.text() == "The trade is booked")
        assert not confirm.isVisible()
        assert ("You sold", "50,000 PEPE") in named(dialog, FactList, "recordReceipt").texts()
        ((_, fill),) = stage.venue.booking.calls
        assert isinstance(fill, Fill)
        assert (fill.fill_id, fill.side, fill.market) == ("t-1", Side.SELL, "PEPE/USD")
        named(dialog, QPushButton, "cancelButton").click()
        assert dialog.result() == RecordTradeDialog.DialogCode.Accepted

    play(scene)


def test_what_is_wrong_is_said_and_marked(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        problem = named(dialog, QLabel, "recordProblem")
        assert not problem.isVisible()
        assert "would count twice" in named(dialog, QLabel, "recordWarning").text()
        put(dialog, "recordPriceEdit", "0.0x")
        price = named(dialog, QLineEdit, "recordPriceEdit")
        assert "not a number" in problem.text()
        assert price.property("invalid") == "true"
        assert price.accessibleDescription() == problem.text()
        fill_in(dialog)
        assert not problem.isVisible()
        assert price.property("invalid") == "false"
        put(dialog, "recordTimeEdit", "2099-01-01 00:00:00")
        assert "has not come yet" in problem.text()
        assert not named(dialog, QPushButton, "confirmButton").isEnabled()

    play(scene)


def test_another_market_changes_the_units(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        market = named(dialog, QComboBox, "recordMarketCombo")
        assert market.currentText() == "PEPE/USD"
        QTest.keyClick(market, Qt.Key.Key_Down)
        assert market.currentText() == "BTC/USD"
        assert any(label.text() == "BTC" for label in dialog.findChildren(QLabel))

    play(scene)


def test_an_answer_that_never_comes_is_explained(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.venue.booking.then(OutcomeUnknownError("silent"))
        dialog = opened(stage)
        fill_in(dialog)
        named(dialog, QPushButton, "confirmButton").click()
        notice = named(dialog, QWidget, "recordNotice")
        await until(notice.isVisible)
        assert named(dialog, QLabel, "recordTitle").text() == "Not confirmed yet"
        done = named(dialog, QPushButton, "cancelButton")
        assert done.text() == "Done"
        done.click()
        assert not dialog.isVisible()
        assert len(stage.venue.booking.calls) == 1

    play(scene)


def test_very_long_and_hostile_input_is_survived(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        for name in ("externalIdEdit", "recordAmountEdit", "recordPriceEdit", "recordTimeEdit"):
            named(dialog, QLineEdit, name).setText("\u202e<b>9" * 3000)
        assert named(dialog, QLabel, "recordProblem").isVisible()
        for name in ("recordAmountEdit", "recordPriceEdit"):
            named(dialog, QLineEdit, name).setText("9" * 3000)
        assert not named(dialog, QPushButton, "confirmButton").isEnabled()

    play(scene)
