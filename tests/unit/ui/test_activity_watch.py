"""Every sign of life keeps the window open; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from kayen_desktop.keys.lock import Lock, LockRules, LockState
from kayen_desktop.ui.activity_watch import ActivityWatch

RULES = LockRules(idle_s=100, warn_s=10)


class Desk:
    """A window with a field, a lock, and a clock that both count by."""

    def __init__(self, qtbot: QtBot) -> None:
        self.now = 1000.0
        self.asked = 0
        self.lock = Lock(_nothing, self.clock, RULES)
        self.lock.is_armed = True
        self.field = QLineEdit()
        qtbot.addWidget(self.field)
        self.field.resize(200, 30)
        self.field.show()
        qtbot.waitExposed(self.field)
        self.watch = ActivityWatch(self.lock, clock=self.clock)
        self.asked = 0

    def clock(self) -> float:
        self.asked += 1
        return self.now

    def state(self) -> LockState:
        return self.lock.state

    @property
    def window(self) -> QWindow:
        window = self.field.windowHandle()
        assert window is not None
        return window

    @property
    def beat(self) -> QTimer:
        (timer,) = self.watch.findChildren(QTimer)
        return timer


async def _nothing(passphrase: str) -> None:
    """Every passphrase is right."""


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.watch.stop()
    made.watch.deleteLater()


def _left(desk: Desk) -> float:
    left = desk.lock.seconds_left()
    assert left is not None
    return left


@pytest.mark.parametrize("sign", ["key", "press", "move", "wheel"])
def test_signs_of_life_keep_it_open(desk: Desk, sign: str) -> None:
    desk.now += 95
    desk.beat.timeout.emit()
    assert desk.state() is LockState.WARNING
    match sign:
        case "key":
            QTest.keyClick(desk.window, Qt.Key.Key_A)
        case "press":
            QTest.mouseClick(desk.window, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        case "move":
            QTest.mouseMove(desk.window, QPoint(7, 7))
        case _:
            QTest.wheelEvent(desk.window, QPoint(5, 5).toPointF(), QPoint(0, 120))
    assert desk.state() is LockState.OPEN
    assert _left(desk) == pytest.approx(100)


def test_the_event_goes_on_to_where_it_was_going(desk: Desk) -> None:
    desk.field.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_A)
    assert desk.field.text() == "a"


def test_time_alone_and_drawing_are_no_sign_of_life(desk: Desk, qtbot: QtBot) -> None:
    desk.now += 95
    desk.field.update()
    desk.field.setText("changed by the application")
    desk.field.resize(250, 40)
    qtbot.waitUntil(lambda: desk.field.width() == 250)
    desk.beat.timeout.emit()
    assert desk.state() is LockState.WARNING
    desk.now += 10
    desk.beat.timeout.emit()
    assert desk.lock.is_locked
    QTest.keyClick(desk.window, Qt.Key.Key_A)
    assert desk.lock.is_locked


def test_a_moving_mouse_touches_the_lock_four_times_a_second_at_most(desk: Desk) -> None:
    touches: list[float] = []
    touch = desk.lock.touch

    class Counted(Lock):
        def touch(self) -> None:
            touches.append(desk.now)
            touch()

    counted = Counted(_nothing, desk.clock, RULES)
    watch = ActivityWatch(counted, clock=desk.clock)
    for step in range(200):
        desk.now += 0.005
        QTest.mouseMove(desk.window, QPoint(step % 50, 5))
    assert 3 <= len(touches) <= 5
    watch.stop()
    watch.deleteLater()


def test_windows_that_come_later_are_watched_too(desk: Desk, qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Close")
    menu.popup(QPoint(10, 10))
    desk.now += 95
    desk.beat.timeout.emit()
    assert desk.state() is LockState.WARNING
    handle = menu.windowHandle()
    assert handle is not None
    QTest.mouseMove(handle, QPoint(4, 4))
    assert desk.state() is LockState.OPEN
    menu.close()


def test_stopped_it_tells_nothing_any_more(desk: Desk) -> None:
    desk.watch.stop()
    desk.watch.stop()
    assert not desk.beat.isActive()
    desk.now += 95
    QTest.keyClick(desk.window, Qt.Key.Key_A)
    assert _left(desk) == pytest.approx(5)
