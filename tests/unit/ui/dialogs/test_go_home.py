"""The dialog of "close all and go home" as a person drives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton, QWidget

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.orders import OrderState
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.go_home import GoHomeDialog
from kayen_desktop.ui.dialogs.notice_box import NoticeBox
from kayen_desktop.ui.dialogs.step_list import StepList
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import CHANNEL_ID, Stage, channel, order, position

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
GONE = position("0", status=PositionStatus.CLOSED)


def opened(stage: Stage) -> GoHomeDialog:
    """Return the open dialog."""
    dialog = GoHomeDialog(stage.session, stage.bridge)
    dialog.open()
    return dialog


def funded(stage: Stage) -> None:
    """Let the venue tell an account with an order and a position."""
    stage.tell(events.ChannelUpdated(replace(channel(), responder_balance=Decimal(30))))
    stage.hold(position())
    stage.show_book()


def told_closed(stage: Stage) -> None:
    stage.tell(
        events.ChannelUpdated(channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance="29.9"))
    )


def marks(dialog: GoHomeDialog) -> list[StepMark]:
    return [step.mark for step in named(dialog, StepList, "homeSteps").steps]


def test_a_person_goes_home_by_the_keyboard_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        funded(stage)
        stage.tell(events.OrderUpdated(order("o9", OrderState.WAIT)))
        dialog = opened(stage)
        assert dialog.objectName() == "goHomeDialog"
        assert dialog.windowTitle() == "Close all and go home"
        go = named(dialog, QPushButton, "confirmButton")
        assert not go.isDefault()  # an Enter meant for the window before ends nothing
        go.setFocus()
        QTest.keyClick(go, Qt.Key.Key_Space)
        QTest.keyClick(go, Qt.Key.Key_Space)
        await until(lambda: bool(stage.venue.cancelling.calls))
        stop = named(dialog, QPushButton, "stopButton")
        await until(stop.isVisible)
        assert not named(dialog, QPushButton, "confirmButton").isVisible()
        assert not named(dialog, QRadioButton, "closeWayButton").isVisible()
        stage.tell(events.OrderUpdated(order("o9", OrderState.CANCEL)))
        await until(lambda: bool(stage.venue.placing.calls))
        stage.hold(GONE)
        await until(lambda: bool(stage.venue.closing.calls))
        told_closed(stage)
        receipt = named(dialog, FactList, "receiptFacts")
        await until(receipt.isVisible)
        assert marks(dialog) == [StepMark.DONE] * 3
        assert ("You get back", "29.9 USD") in receipt.texts()
        named(dialog, QPushButton, "copyReceiptButton").click()
        assert "You get back: 29.9 USD" in QGuiApplication.clipboard().text()
        assert len(stage.venue.cancelling.calls) == 1
        done = named(dialog, QPushButton, "cancelButton")
        assert done.text() == "Done"
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert not dialog.isVisible()

    play(scene)


def test_a_rejected_close_is_told_and_gone_on_from(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        funded(stage)
        stage.venue.placing.then(VenueRejectionError("market is halted"), "order-2")
        dialog = opened(stage)
        go = named(dialog, QPushButton, "confirmButton")
        assert go.text() == "Go home"
        go.click()
        notice = named(dialog, NoticeBox, "goHomeNotice")
        await until(lambda: "market is halted" in notice.text())
        assert go.text() == "Go on"
        assert marks(dialog) == [StepMark.FAILED, StepMark.AHEAD]
        await until(lambda: go.isEnabled() and go.isDefault())
        go.click()
        await until(lambda: len(stage.venue.placing.calls) == 2)
        stage.hold(GONE)
        await until(lambda: bool(stage.venue.closing.calls))
        told_closed(stage)
        await until(named(dialog, FactList, "receiptFacts").isVisible)
        assert not notice.isVisible()

    play(scene)


def test_it_is_left_goes_on_and_is_opened_again(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        funded(stage)
        first = opened(stage)
        named(first, QPushButton, "confirmButton").click()
        await until(lambda: bool(stage.venue.placing.calls))
        await until(lambda: named(first, QPushButton, "cancelButton").isEnabled())
        QTest.keyClick(first, Qt.Key.Key_Escape)
        stage.hold(GONE)
        await until(lambda: bool(stage.venue.closing.calls))
        second = opened(stage)
        assert marks(second) == [StepMark.DONE, StepMark.CURRENT]
        named(second, QPushButton, "stopButton").click()
        give_up = named(second, QPushButton, "giveUpButton")
        await until(give_up.isVisible)
        assert stage.journal.plan() is not None
        give_up.click()
        await until(lambda: not give_up.isVisible())
        assert stage.journal.plan() is None

    play(scene)


def test_positions_are_settled_if_the_trader_chooses_so(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        funded(stage)
        dialog = opened(stage)
        settle = named(dialog, QRadioButton, "settleWayButton")
        assert settle.isEnabled()
        assert "broker has to agree" in settle.accessibleDescription()
        settle.click()
        assert named(dialog, StepList, "homeSteps").steps[0].text == "Settle PEPE with the broker"
        named(dialog, QPushButton, "confirmButton").click()
        await until(lambda: bool(stage.venue.settling.calls))
        for state in (SettlementState.PROPOSED, SettlementState.COMPLETED):
            stage.tell(events.SettlementUpdated(Settlement(CHANNEL_ID, state, ("PEPE/USD",))))
        stage.hold(GONE)
        await until(lambda: bool(stage.venue.closing.calls))
        told_closed(stage)
        await until(named(dialog, FactList, "receiptFacts").isVisible)
        assert stage.venue.placing.calls == []

    play(scene)


def test_a_way_that_can_not_be_taken_is_off_and_says_why(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.tell(events.ChannelUpdated(replace(channel(balance="24"))))
        stage.hold(position("2000000", mark="0.0000001"))
        dialog = opened(stage)
        settle = named(dialog, QRadioButton, "settleWayButton")
        assert not settle.isEnabled()
        why = named(dialog, QLabel, "settleWayText")
        assert "zone" in why.text()
        assert why.property("role") == "problem"
        assert named(dialog, QRadioButton, "closeWayButton").isChecked()

    play(scene)


def test_without_an_account_there_is_only_to_leave(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        dialog = opened(stage)
        assert named(dialog, QLabel, "goHomeHeadline").text() == "You are home already"
        assert not named(dialog, QPushButton, "confirmButton").isVisible()
        assert not named(dialog, QWidget, "homeSteps").isVisible()
        leave = named(dialog, QPushButton, "cancelButton")
        assert leave.text() == "Close this window"
        leave.click()
        assert not dialog.isVisible()

    play(scene)
