"""The wizard that settles markets, as a person drives it: by the names of its widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QListWidget,
    QPushButton,
    QRadioButton,
    QWidget,
)

from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.settlement import STEPS, PaymentMethod, SettlementState
from kayen_desktop.ui.dialogs.fact_list import FactList
from kayen_desktop.ui.dialogs.settle import SettleWizard
from kayen_desktop.ui.dialogs.step_list import StepList
from kayen_desktop.ui.presenters.steps import Step, StepMark
from kayen_desktop.ui.theme import Scheme, apply_theme
from tests.unit.ui.settling import btc, pepe, word
from tests.unit.ui.stage import CHANNEL_ID, Stage, position

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
S = SettlementState


def marks(wizard: QWidget) -> list[StepMark]:
    return [step.mark for step in named(wizard, StepList, "settleProgress").steps]


def click(wizard: QWidget, name: str) -> None:
    named(wizard, QPushButton, name).click()


def click_row(markets: QListWidget, row: int) -> None:
    place = markets.visualItemRect(markets.item(row)).center() + QPoint(40, 0)
    QTest.mouseClick(markets.viewport(), Qt.MouseButton.LeftButton, pos=place)


def opened(stage: Stage) -> SettleWizard:
    stage.open_account()
    stage.hold(pepe(), btc("59"))
    wizard = SettleWizard(stage.session, stage.bridge)
    wizard.open()
    return wizard


def to_progress(wizard: QWidget) -> None:
    click(wizard, "settleAllButton")
    click(wizard, "nextButton")
    click(wizard, "nextButton")
    click(wizard, "settleConfirmButton")


def test_a_person_settles_a_market_with_the_keyboard_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        assert wizard.objectName() == "settleWizard"
        results: list[int] = []
        wizard.finished.connect(results.append)
        markets = named(wizard, QListWidget, "settleMarketsList")
        assert wizard.focusWidget() is markets
        assert not named(wizard, QPushButton, "nextButton").isEnabled()
        QTest.keyClick(markets, Qt.Key.Key_Down)
        QTest.keyClick(markets, Qt.Key.Key_Space)
        assert markets.item(1).checkState() is Qt.CheckState.Checked
        QTest.keyClick(markets, Qt.Key.Key_Space)
        assert markets.item(1).checkState() is Qt.CheckState.Unchecked
        QTest.keyClick(markets, Qt.Key.Key_Up)
        QTest.keyClick(markets, Qt.Key.Key_Space)
        QTest.keyClick(markets, Qt.Key.Key_Return)
        escrow = named(wizard, QRadioButton, "escrowRadio")
        assert wizard.focusWidget() is escrow
        assert escrow.isChecked()
        mock = named(wizard, QRadioButton, "mockRadio")
        await until(lambda: mock.mapTo(wizard, QPoint()).y() > escrow.mapTo(wizard, QPoint()).y())
        QTest.keyClick(escrow, Qt.Key.Key_Down)
        assert wizard.focusWidget() is mock
        assert mock.isChecked()
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        assert named(wizard, QPushButton, "settleConfirmButton").isVisible()
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        await until(lambda: bool(stage.venue.settling.calls))
        assert stage.venue.settling.calls == [
            (CHANNEL_ID, PaymentMethod.MOCK, 1337, ("PEPE/USD",)),
        ]
        for state in STEPS[:6]:
            stage.tell(word(state))
        done = named(wizard, QPushButton, "doneButton")
        await until(done.isVisible)
        assert marks(wizard) == [StepMark.DONE] * 6 + [StepMark.AHEAD]
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        assert results == [1]

    play(scene)


def test_the_whole_line_takes_a_click(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        markets = named(wizard, QListWidget, "settleMarketsList")
        click_row(markets, 1)
        assert markets.item(1).checkState() is Qt.CheckState.Checked
        assert markets.item(0).checkState() is Qt.CheckState.Unchecked
        QTest.mouseClick(markets.viewport(), Qt.MouseButton.RightButton, pos=QPoint(60, 20))
        assert markets.item(0).checkState() is Qt.CheckState.Unchecked
        click_row(markets, 1)
        assert markets.item(1).checkState() is Qt.CheckState.Unchecked

    play(scene)


def test_lines_keep_their_place_and_their_choice_while_prices_move(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        markets = named(wizard, QListWidget, "settleMarketsList")
        markets.setCurrentRow(1)
        click_row(markets, 1)
        item = markets.item(1)
        stage.hold(btc("58"))
        await until(lambda: "worth 58.00 USD" in item.text())
        assert markets.item(1) is item
        assert markets.currentRow() == 1
        assert item.checkState() is Qt.CheckState.Checked
        assert "Loss −2.00 USD" in item.text()

    play(scene)


def test_a_choice_that_leaves_green_stops_with_its_reason(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(pepe(), btc())
        wizard = SettleWizard(stage.session, stage.bridge)
        wizard.open()
        markets = named(wizard, QListWidget, "settleMarketsList")
        title = named(wizard, QLabel, "settleMarginTitle")
        assert title.text() == "Margin now"
        click_row(markets, 0)
        assert title.text() == "Margin after"
        refusal = named(wizard, QLabel, "settleRefusalLabel")
        assert refusal.isVisible()
        assert "behind your BTC position" in refusal.text()
        assert markets.accessibleDescription() == refusal.text()
        assert not named(wizard, QPushButton, "nextButton").isEnabled()
        margin = dict(named(wizard, FactList, "settleMarginFacts").texts())
        assert margin["Zone"] == "Safe (green) → Low (orange)"
        await until(lambda: not refusal.visibleRegion().isEmpty())
        click(wizard, "settleAllButton")
        assert not refusal.isVisible()
        assert named(wizard, QPushButton, "settleAllButton").text() == "Choose none"
        assert named(wizard, QPushButton, "nextButton").isEnabled()

    play(scene)


def test_an_account_without_positions_says_what_to_do(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        wizard = SettleWizard(stage.session, stage.bridge)
        wizard.open()
        assert "nothing to settle" in named(wizard, QLabel, "settleEmptyLabel").text()
        assert not named(wizard, QListWidget, "settleMarketsList").isVisible()
        assert not named(wizard, QPushButton, "nextButton").isEnabled()

    play(scene)


def test_twenty_positions_scroll_in_their_list(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account("30000000")
        for number in range(20):
            held = position(
                "123456789.12345678",
                market=f"LONGTOKEN{number}/USD",
                entry="0.0123456789",
                mark="0.0133456789",
                position_id=f"p{number}",
            )
            stage.hold(held)
        wizard = SettleWizard(stage.session, stage.bridge)
        wizard.open()
        markets = named(wizard, QListWidget, "settleMarketsList")
        assert markets.count() == 20
        assert markets.verticalScrollBar().maximum() > 0
        for _ in range(19):
            QTest.keyClick(markets, Qt.Key.Key_Down)
        assert markets.viewport().rect().intersects(markets.visualItemRect(markets.item(19)))
        assert "123,456,789.12345678" in markets.item(19).text()
        assert "123,456,789.12345678" in markets.item(19).toolTip()

    play(scene)


def test_a_real_chain_offers_no_pretended_payment(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.chain_id = 59144
        wizard = opened(stage)
        click(wizard, "settleAllButton")
        click(wizard, "nextButton")
        assert not named(wizard, QRadioButton, "mockRadio").isVisible()
        chain = named(wizard, FactList, "settleChainFacts").texts()
        assert chain == [("Blockchain", "Linea (chain id 59144)")]
        texts = " ".join(label.text() for label in wizard.findChildren(QLabel))
        assert "available settlement" in texts
        assert "forced settlement" in texts
        assert "(Operator API) has no word for it" in texts

    play(scene)


def test_a_refusal_is_plain_text_and_leads_back_to_the_choice(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.settling.then(VenueRejectionError("<b>no</b> <a href='x'>margin</a>"))
        wizard = opened(stage)
        to_progress(wizard)
        again = named(wizard, QPushButton, "chooseAgainButton")
        await until(again.isVisible)
        label = named(named(wizard, QWidget, "settleNotice"), QLabel, "noticeHappened")
        assert "<b>no</b>" in label.text()
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert again.hasFocus()
        QTest.keyClick(wizard, Qt.Key.Key_Return)
        assert named(wizard, QListWidget, "settleMarketsList").isVisible()
        assert not again.isVisible()

    play(scene)


def test_it_can_be_closed_and_opened_again_at_any_moment(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stage.venue.settling.then(reply)
        first = opened(stage)
        to_progress(first)
        await until(lambda: bool(stage.venue.settling.calls))
        results: list[int] = []
        first.finished.connect(results.append)
        QTest.keyClick(first, Qt.Key.Key_Escape)
        assert results == [0]
        second = SettleWizard(stage.session, stage.bridge)
        second.open()
        assert named(second, StepList, "settleProgress").isVisible()
        assert named(second, QPushButton, "cancelButton").text() == "Close this window"
        reply.set_result(None)
        stage.tell(word(S.PROPOSED))
        await until(lambda: marks(second)[0] is StepMark.DONE)
        assert len(stage.venue.settling.calls) == 1
        second.reject()
        third = SettleWizard(stage.session, stage.bridge)
        third.open()
        assert marks(third)[:2] == [StepMark.DONE, StepMark.CURRENT]

    play(scene)


def test_the_receipt_can_be_copied(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        to_progress(wizard)
        await until(lambda: bool(stage.session.state.settlements))
        stage.tell(word(S.PROPOSED), word(S.COMPLETED))
        copy = named(wizard, QPushButton, "copyReceiptButton")
        await until(copy.isVisible)
        copy.click()
        text = QGuiApplication.clipboard().text()
        assert "Settlement of PEPE/USD, BTC/USD" in text
        assert CHANNEL_ID in text
        assert copy.text() == "Copied"
        receipt = dict(named(wizard, FactList, "settleReceiptFacts").texts())
        assert receipt["Paid to your wallet"] == "9 USD"

    play(scene)


def test_a_silent_broker_is_told_and_the_details_can_be_copied(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        to_progress(wizard)
        await until(lambda: bool(stage.session.state.settlements))
        stage.tell(word(S.PROPOSED))
        stage.pass_time(61)
        notice = named(wizard, QWidget, "settleNotice")
        await until(notice.isVisible)  # time itself is a reason to look
        assert "silent" in named(notice, QLabel, "noticeHappened").text()
        named(notice, QPushButton, "noticeDetailButton").click()
        assert "Last state: proposed" in QGuiApplication.clipboard().text()

    play(scene)


def test_every_control_has_a_name_for_those_who_hear_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        for control in wizard.findChildren(QPushButton):
            assert control.accessibleName(), control.objectName()
        for radio in wizard.findChildren(QRadioButton):
            assert radio.text()
            assert radio.accessibleDescription()
        assert named(wizard, QListWidget, "settleMarketsList").accessibleName()
        assert named(wizard, QWidget, "pageTrail").accessibleName() == "Step 1 of 4: Markets"
        assert wizard.isModal()
        click(wizard, "settleAllButton")
        assert tab_order(wizard)[:1] == ["settleMarketsList"]
        assert {"settleAllButton", "cancelButton", "nextButton"} <= set(tab_order(wizard))

    play(scene)


def test_every_page_can_be_drawn_in_light_and_dark(play: Play, qapp: QApplication) -> None:
    async def scene(stage: Stage) -> None:
        wizard = opened(stage)
        pictures = []
        markets = named(wizard, QListWidget, "settleMarketsList")
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(qapp, scheme)
            pictures.append(markets.grab().toImage())
        assert pictures[0] != pictures[1]
        click_row(markets, 0)
        assert markets.grab().toImage() != pictures[1]
        to_progress(wizard)
        await until(lambda: bool(stage.session.state.settlements))
        before = wizard.grab().toImage()
        stage.tell(word(S.PROPOSED), word(S.OTHER, "<b>odd</b>"))
        await until(lambda: marks(wizard)[0] is StepMark.DONE)
        assert wizard.grab().toImage() != before
        labels = [label.text() for label in wizard.findChildren(QLabel, "stepLabel")]
        assert any("“<b>odd</b>”" in text for text in labels)
        apply_theme(qapp, Scheme.SYSTEM)

    play(scene)


def test_a_step_may_have_a_small_line_beneath_it(qapp: QApplication) -> None:
    steps = StepList("steps", "Steps")
    steps.show_steps((Step("One.", StepMark.DONE, "12:00"), Step("Two.", StepMark.CURRENT)))
    details = steps.findChildren(QLabel, "stepDetail")
    assert [label.text() for label in details] == ["12:00", ""]
    assert [label.isHidden() for label in details] == [False, True]
    steps.show_steps((Step("One.", StepMark.DONE),))
    assert all(label.isHidden() for label in details)


def test_the_longest_names_and_words_do_not_widen_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position("1000", market=f"{'W' * 20}/USD", entry="0.001", mark="0.001"))
        wizard = SettleWizard(stage.session, stage.bridge)
        wizard.open()
        trail = named(wizard, QWidget, "pageTrail")
        to_progress(wizard)
        await until(lambda: bool(stage.session.state.settlements))
        stage.tell(word(S.PROPOSED), word(S.OTHER, "W" * 40))
        await until(lambda: marks(wizard)[0] is StepMark.DONE)
        steps = named(wizard, StepList, "settleProgress")
        await until(lambda: trail.width() < wizard.width())
        assert steps.mapTo(wizard, QPoint(steps.width(), 0)).x() < wizard.width()
        assert "W" * 40 in steps.steps[1].text
        stage.tell(word(S.COMPLETED))
        await until(named(wizard, QPushButton, "doneButton").isVisible)
        assert trail.width() < wizard.width()

    play(scene)
