"""The dialog that closes a margin account as a person drives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.ui.dialogs.close_all import CloseAllDialog
from kayen_desktop.ui.dialogs.close_channel import CloseChannelDialog
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.step_list import StepList
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import CHANNEL_ID, Stage, channel, fill, order, position

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]


def opened(stage: Stage) -> CloseChannelDialog:
    """Return the open dialog."""
    dialog = CloseChannelDialog(stage.session, stage.bridge, CHANNEL_ID)
    dialog.open()
    return dialog


def test_a_person_closes_an_account_and_copies_the_receipt(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stage.venue.closing.then(reply)
        stage.open_account(balance="29.988503")
        stage.tell(
            events.FillReceived(fill("1", Side.BUY, "108506.94444444", "0.00001152", "0.0025")),
            events.FillReceived(fill("2", Side.SELL, "108506.94444444", "0.00001146", "0.002487")),
        )
        dialog = opened(stage)
        assert dialog.objectName() == "closeChannelDialog"
        returns = named(dialog, FactList, "returnFacts")
        assert ("You get back", "29.988503 USD") in returns.texts()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(lambda: bool(stage.venue.closing.calls))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        steps = named(dialog, StepList, "channelProgress")
        for state in (ClearingState.FINALIZING, ClearingState.CONCLUDING):
            stage.tell(
                events.ChannelUpdated(channel(ChannelState.OPEN, state, balance="29.988503"))
            )
        await until(lambda: [step.mark for step in steps.steps][:1] == [StepMark.DONE])
        stage.tell(
            events.ChannelUpdated(
                channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance="29.988503")
            )
        )
        reply.set_result(None)
        receipt = named(dialog, FactList, "receiptFacts")
        await until(receipt.isVisible)
        assert receipt.texts() == [
            ("You deposited", "30 USD"),
            ("Result of your trades", "−0.00651 USD"),
            ("Fees", "−0.004987 USD"),
            ("You get back", "29.988503 USD"),
        ]
        named(dialog, QPushButton, "copyReceiptButton").click()
        assert "You get back: 29.988503 USD" in QGuiApplication.clipboard().text()
        assert len(stage.venue.closing.calls) == 1
        named(dialog, QPushButton, "cancelButton").click()
        assert not dialog.isVisible()

    play(scene)


def test_orders_and_positions_are_closed_from_here(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        stage.show_book()
        stage.tell(events.OrderUpdated(order("o9", OrderState.WAIT)))
        dialog = opened(stage)
        confirm = named(dialog, QPushButton, "confirmButton")
        close = named(dialog, QPushButton, "closePositionsButton")
        assert not confirm.isEnabled()
        assert not close.isEnabled()
        assert "waiting in the book" in named(dialog, QLabel, "liveOrders").text()
        named(dialog, QPushButton, "cancelOrdersButton").click()
        await until(lambda: bool(stage.venue.cancelling.calls))
        stage.tell(events.OrderUpdated(order("o9", OrderState.CANCEL)))
        await until(close.isEnabled)
        close.click()
        inner = dialog.findChild(CloseAllDialog)
        assert inner is not None
        named(inner, QPushButton, "confirmButton").click()
        await until(lambda: bool(stage.venue.placing.calls))
        stage.hold(position("0", status=PositionStatus.CLOSED))
        await until(confirm.isEnabled)
        assert not named(dialog, QWidget, "openPositions").isVisible()

    play(scene)


def test_it_can_be_left_and_opened_again_in_the_middle(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.closing.then(asyncio.get_running_loop().create_future())
        stage.open_account()
        first = opened(stage)
        named(first, QPushButton, "confirmButton").click()
        await until(lambda: bool(stage.venue.closing.calls))
        stage.tell(events.ChannelUpdated(channel(ChannelState.OPEN, ClearingState.CONCLUDING)))
        leave = named(first, QPushButton, "cancelButton")
        await until(leave.isEnabled)
        leave.click()
        second = opened(stage)
        steps = named(second, StepList, "channelProgress")
        assert [step.mark for step in steps.steps] == [
            StepMark.DONE,
            StepMark.CURRENT,
            StepMark.AHEAD,
        ]
        stage.tell(events.ChannelClosed(CHANNEL_ID))
        await until(named(second, FactList, "receiptFacts").isVisible)
        assert named(second, QLabel, "closeChannelHeadline").text() == "The account is closed"

    play(scene)


def test_long_lists_are_shortened(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(*(position(position_id=str(number)) for number in range(12)))
        stage.tell(
            *(events.OrderUpdated(order(f"o{number}", OrderState.WAIT)) for number in range(9))
        )
        dialog = opened(stage)
        assert "…and 4 more." in named(dialog, QLabel, "liveOrders").text()
        assert named(dialog, FactList, "openPositions").texts()[-1] == ("…and 4 more", "")

    play(scene)


def test_a_broker_that_closes_is_named(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        stage.tell(events.ChannelClosed(CHANNEL_ID))
        happened = named(dialog, QLabel, "noticeHappened")
        await until(happened.isVisible)
        assert happened.text().startswith("Kayen closed the account")

    play(scene)


def test_every_control_has_a_name_for_those_who_hear_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        dialog = opened(stage)
        for control in dialog.findChildren(QPushButton):
            assert control.accessibleName(), control.objectName()

    play(scene)
