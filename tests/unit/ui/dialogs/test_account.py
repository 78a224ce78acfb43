"""The details of an account as a person reads and drives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from kayen_desktop.app.clearing_house import CLEARING_HOUSE
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Broker, ChannelState, ClearingState
from kayen_desktop.domain.settlement import SettlementRun, SettlementState, SettlementStep
from kayen_desktop.ui.dialogs.account import AccountDialog
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.step_list import StepList
from tests.unit.ui.stage import CHANNEL_ID, KAYEN, NOW, Stage, channel, position

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
HOUSE = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
OTHER = "0x55608cdbde2ff4183a81e62da096fa863d8f910d"


def opened(stage: Stage, channel_id: str = CHANNEL_ID) -> AccountDialog:
    """Return the open dialog."""
    dialog = AccountDialog(stage.session, stage.bridge, channel_id)
    dialog.open()
    return dialog


async def describe(stage: Stage, address: str) -> None:
    """Let the clearing house say who it is."""
    stage.venue.description = events.ClearingHouseDescribed("1.0.0", address, 370)
    await stage.session.clearing_house.look()


def run(number: int, *states: SettlementState) -> events.SettlementChanged:
    """Return a settlement that has gone through the states."""
    steps = tuple(SettlementStep(state, NOW) for state in states)
    return events.SettlementChanged(
        SettlementRun(f"s{number}", CHANNEL_ID, ("PEPE/USD",), NOW, steps=steps)
    )


def test_everything_known_of_the_account_is_on_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        await describe(stage, HOUSE)
        stage.open_account()
        dialog = opened(stage)
        assert dialog.objectName() == "accountDialog"
        assert named(dialog, QLabel, "accountHeadline").text() == "Ready"
        assert ("Broker's address", "0x269F…284e") in named(dialog, FactList, "brokerFacts").texts()
        house = named(dialog, FactList, "clearingHouseFacts").texts()
        assert ("In use", "370 of 400 accounts in use") in house
        assert "nearly full" in named(dialog, QLabel, "clearingHouseWarning").text()
        assert len(named(dialog, StepList, "accountLife").steps) == 1
        assert named(dialog, QLabel, "noSettlements").isVisible()
        assert not named(dialog, QFrame, "disputeCard").isVisible()
        assert not named(dialog, QFrame, "addressAlarm").isVisible()
        broker = named(dialog, FactList, "brokerFacts")
        broker.findChildren(QPushButton)[0].click()
        assert QGuiApplication.clipboard().text() == KAYEN.address

    play(scene)


def test_its_buttons_ask_for_what_others_do(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        dialog = opened(stage)
        asked: list[str] = []
        dialog.record_trade_requested.connect(lambda key: asked.append(f"record {key}"))
        dialog.settle_requested.connect(lambda: asked.append("settle"))
        dialog.close_requested.connect(lambda key: asked.append(f"close {key}"))
        for name in ("recordTradeButton", "settleButton", "closeChannelButton"):
            named(dialog, QPushButton, name).click()
        assert asked == [f"record {CHANNEL_ID}", "settle", f"close {CHANNEL_ID}"]
        stage.tell(events.ChannelUpdated(channel(ChannelState.CLOSED, ClearingState.FINALIZED)))
        await until(lambda: not named(dialog, QPushButton, "recordTradeButton").isEnabled())
        assert not named(dialog, QPushButton, "closeChannelButton").isEnabled()

    play(scene)


def test_a_changed_address_is_trusted_by_keyboard_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        await describe(stage, HOUSE)
        await describe(stage, OTHER)
        box = named(dialog, QFrame, "addressAlarm")
        await until(box.isVisible)
        assert named(dialog, QLabel, "pinnedAddress").text() == HOUSE
        assert named(dialog, QLabel, "toldAddress").text() == OTHER
        named(dialog, QPushButton, "toldAddressCopy").click()
        assert QGuiApplication.clipboard().text() == OTHER
        trust = named(dialog, QPushButton, "trustAddressButton")
        assert "trustAddressButton" in tab_order(dialog)
        trust.setFocus()
        QTest.keyClick(trust, Qt.Key.Key_Space)
        assert trust.text().startswith("Yes, ")
        assert stage.session.state.alarm
        QTest.keyClick(trust, Qt.Key.Key_Space)
        await until(lambda: not box.isVisible())
        assert stage.journal.pin(CLEARING_HOUSE) == OTHER

    play(scene)


def test_a_double_click_does_not_trust(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        await describe(stage, HOUSE)
        await describe(stage, OTHER)
        dialog = opened(stage)
        trust = named(dialog, QPushButton, "trustAddressButton")
        QTest.mouseClick(trust, Qt.MouseButton.LeftButton)
        QTest.mouseDClick(trust, Qt.MouseButton.LeftButton)
        assert stage.session.state.alarm
        assert stage.journal.pin(CLEARING_HOUSE) == HOUSE

    play(scene)


def test_an_alarm_of_another_kind_has_no_button(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.tell(events.SecurityAlarmRaised("two different signers"))
        dialog = opened(stage)
        assert named(dialog, QLabel, "alarmHappened").text() == "Two different signers."
        assert not named(dialog, QPushButton, "trustAddressButton").isVisible()
        assert not named(dialog, QLabel, "toldAddress").isVisible()

    play(scene)


def test_a_dispute_comes_and_goes(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        dialog = opened(stage)
        box = named(dialog, QFrame, "disputeCard")
        challenging = channel(ChannelState.CHALLENGING, ClearingState.CHALLENGING)
        stage.tell(events.ChannelUpdated(challenging))
        await until(box.isVisible)
        assert box.property("severity") == "warning"
        labels = [label for label, _ in named(dialog, FactList, "disputeFacts").texts()]
        assert labels[0] == "Running since"
        assert not named(dialog, QPushButton, "closeChannelButton").isEnabled()
        stage.tell(events.ChannelUpdated(channel()))
        title = named(dialog, QLabel, "disputeTitle")
        await until(lambda: title.text() == "The dispute is over (cleared)")
        assert box.property("severity") == "info"

    play(scene)


def test_settlements_unfold_and_stay_so(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.tell(run(1, SettlementState.PROPOSED))
        dialog = opened(stage)
        toggle = named(dialog, QPushButton, "settlementToggle")
        steps = named(dialog, StepList, "settlementSteps")
        assert not steps.isVisible()
        toggle.click()
        assert steps.isVisible()
        assert toggle.accessibleName() == "Hide steps"
        stage.tell(run(1, SettlementState.PROPOSED, SettlementState.REJECTED), run(2))
        await until(lambda: len(dialog.findChildren(StepList, "settlementSteps")) == 2)
        assert steps.isVisible()
        texts = [label.text() for label in dialog.findChildren(QLabel, "settlementText")]
        assert any("(rejected)" in text for text in texts)
        toggle.click()
        assert not steps.isVisible()

    play(scene)


def test_without_an_account_only_the_clearing_house_is_shown(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        dialog = opened(stage, "")
        assert not named(dialog, QPushButton, "recordTradeButton").isVisible()
        assert not named(dialog, QFrame, "brokerCard").isVisible()
        assert named(dialog, QFrame, "clearingHouseCard").isVisible()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    play(scene)


def test_hostile_words_neither_widen_it_nor_are_they_markup(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        evil = Broker(OTHER, "<b>\u202e" + "W" * 10_000)
        stage.tell(
            events.ChannelUpdated(channel(broker=evil)),
            events.ClearingHouseDescribed("W" * 10_000, HOUSE, 10**60),
            events.ChannelUpdated(
                replace(channel(broker=evil), state=ChannelState.OTHER, state_text="W" * 10_000)
            ),
        )
        dialog = opened(stage)
        assert dialog.width() == 600
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()
        for card in ("brokerCard", "clearingHouseCard"):
            assert named(dialog, QWidget, card).width() <= 600

    play(scene)


def test_every_control_has_a_name_for_those_who_hear_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        await describe(stage, HOUSE)
        await describe(stage, OTHER)
        stage.tell(run(1, SettlementState.PROPOSED))
        dialog = opened(stage)
        for control in dialog.findChildren(QPushButton):
            assert control.isHidden() or control.accessibleName(), control.objectName()
        order = tab_order(dialog)
        assert order[0] == "doneButton"
        assert {"settlementToggle", "copyButton", "trustAddressButton"} <= set(order)

    play(scene)
