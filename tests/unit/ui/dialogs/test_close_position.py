"""The dialogs that close positions as a person drives them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.domain import events
from kayen_desktop.domain.errors import OutcomeUnknownError, VenueRejectionError
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.ui.dialogs.close_all import CloseAllDialog
from kayen_desktop.ui.dialogs.close_position import ClosePositionDialog
from tests.unit.ui.stage import POSITION_ID, Stage, order, position

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]


def opened(stage: Stage) -> tuple[ClosePositionDialog, list[int]]:
    """Return an open dialog over a position, and where its result will be."""
    stage.open_account()
    stage.hold(position())
    stage.show_book()
    dialog = ClosePositionDialog(stage.session, stage.bridge, POSITION_ID)
    results: list[int] = []
    dialog.finished.connect(results.append)
    dialog.open()
    return dialog, results


def test_a_person_closes_a_position(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stage.venue.placing.then(reply)
        dialog, results = opened(stage)
        assert dialog.objectName() == "closePositionDialog"
        headline = named(dialog, QLabel, "closeHeadline")
        assert headline.text() == "If you close now you get about 1.1467 USD"
        stage.show_book(bid="0.00002")
        await until(lambda: "1.996 USD" in headline.text())
        confirm = named(dialog, QPushButton, "confirmButton")
        assert confirm.text() == "Sell 100,000 PEPE now"
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(lambda: bool(stage.venue.placing.calls))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        assert not confirm.isEnabled()
        reply.set_result("order-1")
        stage.tell(events.OrderUpdated(order()))
        await until(lambda: results == [1])
        assert len(stage.venue.placing.calls) == 1

    play(scene)


def test_a_part_is_chosen_by_button_or_typed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        dialog, _ = opened(stage)
        edit = named(dialog, QLineEdit, "amountEdit")
        named(dialog, QPushButton, "share25Button").click()
        assert edit.text() == "25000"
        half = named(dialog, QPushButton, "share50Button")
        half.click()
        half.click()
        assert half.isChecked()
        assert edit.text() == "50000"
        edit.selectAll()
        QTest.keyClicks(edit, "999999")
        problem = named(dialog, QLabel, "amountProblemLabel")
        assert "100,000 PEPE" in problem.text()
        assert not half.isChecked()
        assert not named(dialog, QPushButton, "confirmButton").isEnabled()

    play(scene)


def test_a_rejection_and_a_silence_are_told_apart(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.placing.then(VenueRejectionError("halted"), OutcomeUnknownError("silence"))
        dialog, _ = opened(stage)
        happened = named(dialog, QLabel, "noticeHappened")
        confirm = named(dialog, QPushButton, "confirmButton")
        confirm.click()
        await until(happened.isVisible)
        assert "“halted”" in happened.text()
        confirm.click()
        await until(lambda: happened.text().startswith("Not confirmed yet"))
        assert not confirm.isEnabled()
        named(dialog, QPushButton, "cancelButton").click()
        assert not dialog.isVisible()

    play(scene)


def test_old_prices_block_by_themselves(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        dialog, _ = opened(stage)
        stage.pass_time(60)
        await until(named(dialog, QLabel, "blockedLabel").isVisible)
        assert not named(dialog, QPushButton, "confirmButton").isEnabled()

    play(scene)


def test_long_figures_are_shown_whole(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position("123456789012345678.123456789012345678"))
        dialog = ClosePositionDialog(stage.session, stage.bridge, POSITION_ID)
        dialog.open()
        edit = named(dialog, QLineEdit, "amountEdit")
        assert edit.text() == "123456789012345678.123456789012345678"
        held = named(dialog, QLabel, "heldLabel")
        assert held.width() >= held.fontMetrics().horizontalAdvance(held.text())

    play(scene)


def test_a_person_closes_everything(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        bitcoin = position("0.01", market="BTC/USD", position_id="b", entry="64000", mark="64100")
        stage.open_account()
        stage.hold(position(), bitcoin)
        stage.show_book()
        stage.show_book("BTC/USD", "64100", "5")
        stage.venue.placing.then("order-1", VenueRejectionError("market is halted"), "order-3")
        dialog = CloseAllDialog(stage.session, stage.bridge)
        results: list[int] = []
        dialog.finished.connect(results.append)
        dialog.open()
        legs = named(dialog, QWidget, "closeAllLegs")
        texts = [label.text() for label in legs.findChildren(QLabel, "legText")]
        assert texts == ["Bought 100,000 PEPE", "Bought 0.01 BTC"]
        confirm = named(dialog, QPushButton, "confirmButton")
        confirm.click()
        confirm.click()
        statuses = legs.findChildren(QLabel, "legStatus")
        await until(lambda: "“market is halted”" in statuses[1].text())
        assert len(stage.venue.placing.calls) == 2
        stage.hold(position("0", status=PositionStatus.CLOSED))
        await until(confirm.isEnabled)
        confirm.click()
        await until(lambda: len(stage.venue.placing.calls) == 3)
        stage.hold(replace(bitcoin, amount=Decimal(0), status=PositionStatus.CLOSED))
        await until(lambda: results == [1])

    play(scene)
