"""The wizard as a person drives it: by the names of its widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPushButton, QWidget

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.open_channel import OpenChannelWizard
from kayen_desktop.ui.dialogs.step_list import StepList
from kayen_desktop.ui.presenters.steps import StepMark
from kayen_desktop.ui.theme import Scheme, apply_theme
from tests.unit.ui.stage import CHANNEL_ID, KAYEN, Stage, channel

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]


def marks(wizard: QWidget) -> list[StepMark]:
    return [step.mark for step in named(wizard, StepList, "channelProgress").steps]


def to_review(wizard: QWidget, deposit: str = "30") -> None:
    QTest.keyClick(named(wizard, QListWidget, "brokerList"), Qt.Key.Key_Return)
    edit = named(wizard, QLineEdit, "marginDepositEdit")
    edit.clear()
    QTest.keyClicks(edit, deposit)
    named(wizard, QPushButton, "nextButton").click()


def test_a_person_opens_an_account(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stage.venue.opening.then(reply)
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        assert wizard.objectName() == "openChannelWizard"
        results: list[int] = []
        wizard.finished.connect(results.append)
        wizard.open()
        brokers = named(wizard, QListWidget, "brokerList")
        assert "Kayen" in brokers.item(0).text()
        named(wizard, QPushButton, "nextButton").click()
        assert named(wizard, QLineEdit, "marginDepositEdit").text() == "1"
        named(wizard, QPushButton, "backButton").click()
        to_review(wizard)
        button = named(wizard, QPushButton, "openChannelButton")
        assert button.isVisible()
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        await until(lambda: bool(stage.venue.opening.calls))
        assert len(stage.venue.opening.calls) == 1
        QTest.keyClick(wizard, Qt.Key.Key_Escape)
        assert wizard.isVisible()  # the request is in flight
        stage.tell(
            events.ChannelUpdated(channel(ChannelState.OPENING, ClearingState.INITIATOR_FUNDED))
        )
        reply.set_result(CHANNEL_ID)
        await until(lambda: marks(wizard)[:3] == [StepMark.DONE] * 3)
        assert marks(wizard)[3] is StepMark.CURRENT
        stage.open_account()
        start = named(wizard, QPushButton, "startTradingButton")
        await until(start.isVisible)
        assert marks(wizard) == [StepMark.DONE] * 5
        start.click()
        assert results == [1]

    play(scene)


def test_a_bad_deposit_is_told_at_every_key(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        named(wizard, QPushButton, "nextButton").click()
        edit = named(wizard, QLineEdit, "marginDepositEdit")
        problem = named(wizard, QLabel, "depositProblemLabel")
        edit.setText("31")
        assert "1 to 30 USD" in problem.text()
        assert not named(wizard, QPushButton, "nextButton").isEnabled()
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
        assert not problem.isVisible()
        assert named(wizard, QPushButton, "nextButton").isEnabled()

    play(scene)


def test_the_whole_address_can_be_copied(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        named(named(wizard, QWidget, "brokerAddress"), QPushButton, "copyButton").click()
        assert QGuiApplication.clipboard().text() == KAYEN.address

    play(scene)


def test_the_venues_words_are_plain_text(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.opening.then(VenueRejectionError("<b>no</b> <a href='x'>funds</a>"))
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        to_review(wizard)
        named(wizard, QPushButton, "openChannelButton").click()
        notice = named(wizard, QWidget, "openNotice")
        await until(notice.isVisible)
        label = named(notice, QLabel, "noticeHappened")
        assert "<b>no</b>" in label.text()
        assert label.textFormat() is Qt.TextFormat.PlainText
        named(wizard, QPushButton, "backButton").click()
        assert named(wizard, QPushButton, "openChannelButton").isVisible()

    play(scene)


def test_every_page_can_be_drawn_in_light_and_dark(play: Play, qapp: QApplication) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        brokers = named(wizard, QListWidget, "brokerList")
        pictures = []
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(qapp, scheme)
            pictures.append(brokers.grab().toImage())
        assert pictures[0] != pictures[1]
        to_review(wizard)
        stage.venue.opening.then(VenueRejectionError("no"))
        steps = named(wizard, StepList, "channelProgress")
        named(wizard, QPushButton, "openChannelButton").click()
        current = wizard.grab().toImage()
        await until(lambda: marks(wizard)[0] is StepMark.FAILED)
        assert wizard.grab().toImage() != current
        assert steps.isVisible()
        apply_theme(qapp, Scheme.SYSTEM)

    play(scene)


def test_every_control_has_a_name_for_those_who_hear_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        for control in (*wizard.findChildren(QPushButton), *wizard.findChildren(QLineEdit)):
            assert control.accessibleName(), control.objectName()
        assert wizard.isModal()

    play(scene)


def test_escape_leaves_while_nothing_is_in_flight(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        results: list[int] = []
        wizard.finished.connect(results.append)
        wizard.open()
        QTest.keyClick(wizard, Qt.Key.Key_Escape)
        assert results == [0]
        stage.open_account()  # nobody listens any more, and nothing breaks

    play(scene)


def test_a_nearly_full_clearing_house_is_warned_of(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        warning = named(wizard, QLabel, "clearingHouseWarning")
        assert not warning.isVisible()
        stage.tell(events.ClearingHouseDescribed(active_channels=399))
        await until(warning.isVisible)
        facts = named(wizard, FactList, "brokerAddress").texts()
        assert ("Clearing house", "399 of 400 accounts in use") in facts

    play(scene)
