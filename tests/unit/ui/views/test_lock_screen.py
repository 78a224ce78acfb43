"""The locked window as a person sees it and drives it by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QMainWindow, QPushButton, QWidget

from kayen_desktop.domain import events
from kayen_desktop.domain.errors import WrongPassphraseError
from kayen_desktop.domain.events import Severity
from kayen_desktop.keys.lock import Lock, LockRules, LockState
from kayen_desktop.ui.theme import Scheme, apply_theme
from kayen_desktop.ui.views.lock_screen import LockScreen, LockWarning
from tests.unit.ui.dialogs.conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until
from tests.unit.ui.stage import Stage, position

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
RIGHT = "orbit lantern seventeen walrus"


class Front:
    """A locked window over a session; the clock stands still unless turned."""

    def __init__(self, stage: Stage, *, can_close: bool = True) -> None:
        self.now = 0.0
        self.lock = Lock(self._verify, lambda: self.now, LockRules(can_close_positions=can_close))
        self.lock.is_armed = True
        self.lock.lock()
        self.window = QMainWindow()
        self.screen = LockScreen(self.lock, stage.bridge, self.lock.unlock)
        self.window.setCentralWidget(self.screen)
        self.window.show()
        self.edit = named(self.screen, QLineEdit, "passphraseEdit")

    async def _verify(self, passphrase: str) -> None:
        if passphrase != RIGHT:
            raise WrongPassphraseError("It is wrong.")

    def label(self, name: str) -> str:
        found = named(self.screen, QLabel, name)
        return found.text() if found.isVisible() else ""

    def button(self, name: str) -> QPushButton:
        return named(self.screen, QPushButton, name)


def texts(widget: QWidget) -> str:
    return " ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def test_the_passphrase_unlocks_before_there_is_a_session(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        front = Front(stage)
        assert front.screen.objectName() == "lockScreen"
        front.screen.show_owner("Savings")
        assert front.label("lockedOwner") == "Savings"
        assert front.screen.focusWidget() is front.edit
        QTest.keyClicks(front.edit, "wrong")
        QTest.keyClick(front.edit, Qt.Key.Key_Return)
        await until(lambda: "not your passphrase" in front.label("passphraseProblem"))
        QTest.keyClicks(front.edit, RIGHT)  # it was selected: typing replaces it
        QTest.keyClick(front.button("unlockButton"), Qt.Key.Key_Return)
        await until(lambda: front.lock.state is LockState.OPEN)
        assert front.edit.text() == ""

    play(scene)


def test_what_is_typed_is_forgotten_when_the_screen_goes_or_locks_again(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        front = Front(stage)
        QTest.keyClicks(front.edit, "half")
        front.screen.hide()
        assert front.edit.text() == ""
        front.screen.show()
        await front.lock.unlock(RIGHT)
        QTest.keyClicks(front.edit, "half")
        front.lock.lock()
        assert (front.edit.text(), front.edit.isUndoAvailable()) == ("", False)

    play(scene)


def test_warnings_come_while_it_is_locked(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        front = Front(stage)
        front.screen.bind(stage.session)
        warnings = named(front.screen, QWidget, "lockedWarnings")
        assert warnings.isHidden()
        assert "margin warnings go on" in front.label("lockedText")
        stage.open_account(balance="2")
        stage.tell(events.VenueNotified(Severity.WARNING, "You lost 28 USD"))
        await until(lambda: "red zone" in texts(warnings) and "sent a warning" in texts(warnings))
        assert warnings.property("severity") == "critical"
        assert "28" not in texts(front.screen)
        assert "red zone" in warnings.accessibleDescription()
        front.screen.bind(None)
        assert "to start" in front.label("lockedText")
        assert warnings.isHidden()

    play(scene)


def test_a_position_is_closed_by_keyboard_in_two_presses(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position(), position("2", market="BTC/USD", position_id="b"))
        front = Front(stage)
        front.screen.bind(stage.session)
        ask = front.button("closeLockedPositionButton")
        QTest.keyClick(ask, Qt.Key.Key_Space)
        listed = named(front.screen, QListWidget, "lockedPositionList")
        assert front.screen.focusWidget() is listed
        rows = [listed.item(row).text() for row in range(listed.count())]
        assert rows == ["PEPE/USD, bought", "BTC/USD, bought"]
        confirm = front.button("confirmCloseButton")
        assert not confirm.isEnabled()
        QTest.keyClick(listed, Qt.Key.Key_Down)
        assert confirm.text() == confirm.accessibleName() == "Close PEPE/USD now"
        assert stage.venue.placing.calls == []
        QTest.keyClick(confirm, Qt.Key.Key_Return)
        await until(lambda: "was accepted" in front.label("closeToldLabel"))
        assert len(stage.venue.placing.calls) == 1
        assert ask.isVisible()

    play(scene)


def test_closing_can_be_left_and_is_hidden_where_it_is_not_allowed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        front = Front(stage)
        front.screen.bind(stage.session)
        front.button("closeLockedPositionButton").click()
        front.button("leaveCloseButton").click()
        assert front.button("closeLockedPositionButton").isVisible()
        forbidden = Front(stage, can_close=False)
        forbidden.screen.bind(stage.session)
        assert named(forbidden.screen, QWidget, "lockedClose").isHidden()

    play(scene)


def test_who_forgot_the_passphrase_is_heard_and_can_still_type_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        front = Front(stage)
        heard: list[bool] = []
        front.screen.forgotten.connect(lambda: heard.append(True))
        QTest.keyClicks(front.edit, "half")
        link = front.button("forgotPassphraseButton")
        link.setFocus()
        QTest.keyClick(link, Qt.Key.Key_Return)
        assert heard == [True]
        assert front.lock.is_locked
        front.screen.try_again()
        assert front.screen.focusWidget() is front.edit
        assert front.edit.selectedText()

    play(scene)


def test_every_control_has_a_name_and_every_text_is_plain(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        front = Front(stage)
        controls = (
            *front.screen.findChildren(QPushButton),
            *front.screen.findChildren(QLineEdit),
            *front.screen.findChildren(QListWidget),
        )
        for control in controls:
            assert control.accessibleName(), control.objectName()
        assert tab_order(front.screen) == [
            "passphraseEdit",
            "showPassphraseButton",
            "unlockButton",
            "forgotPassphraseButton",
        ]
        for label in front.screen.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText

    play(scene)


def test_a_screen_that_is_gone_hears_nothing(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        front = Front(stage)
        front.screen.bind(stage.session)
        front.window.deleteLater()
        front.screen.deleteLater()
        destroyed: list[bool] = []
        front.screen.destroyed.connect(lambda: destroyed.append(True))
        await until(lambda: bool(destroyed))
        stage.open_account(balance="2")
        await front.lock.unlock(RIGHT)
        front.lock.lock()

    play(scene)


def test_it_can_be_drawn_in_light_and_dark(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        from PySide6.QtWidgets import QApplication

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        front = Front(stage)
        pictures = []
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(app, scheme)
            pictures.append(front.screen.grab().toImage())
        assert pictures[0] != pictures[1]
        apply_theme(app, Scheme.SYSTEM)

    play(scene)


# The warning before


def test_the_warning_counts_down_and_staying_is_one_press(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        front = Front(stage)
        lock = front.lock
        strip = LockWarning(lock)
        assert strip.isHidden()
        await lock.unlock(RIGHT)
        text = named(strip, QLabel, "lockWarningText")
        front.now += 573
        lock.tick()
        assert strip.isVisible()
        assert text.text().startswith("Locking in 27 s")
        front.now += 7
        await until(lambda: text.text().startswith("Locking in 20 s"))
        assert strip.accessibleDescription() == text.text()
        stay = named(strip, QPushButton, "stayButton")
        assert stay.accessibleName()
        stay.click()
        assert lock.state is LockState.OPEN
        assert strip.isHidden()
        front.now += 575
        lock.tick()
        assert strip.isVisible()
        front.now += 30
        lock.tick()
        assert lock.is_locked
        assert strip.isHidden()

    play(scene)
