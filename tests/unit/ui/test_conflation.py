"""A burst of changes is one redraw."""

from __future__ import annotations

from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.ui.conflation import Conflator

BOOK = Change(Topic.BOOK, "PEPE/USD")
TICKER = Change(Topic.TICKER, "PEPE/USD")


def test_a_burst_is_told_once_in_order_without_repetition(qtbot: QtBot) -> None:
    conflator = Conflator()
    spy = QSignalSpy(conflator.changes_ready)
    with qtbot.waitSignal(conflator.changes_ready) as told:
        for _ in range(1000):
            conflator.push((BOOK, TICKER))
            conflator.push((BOOK,))
    assert told.args == [(BOOK, TICKER)]
    assert spy.count() == 1


def test_what_comes_after_a_frame_is_the_next_frame_s(qtbot: QtBot) -> None:
    conflator = Conflator()
    with qtbot.waitSignal(conflator.changes_ready):
        conflator.push((BOOK,))
    with qtbot.waitSignal(conflator.changes_ready) as told:
        conflator.push((TICKER,))
    assert told.args == [(TICKER,)]


def test_nothing_is_told_of_nothing(qtbot: QtBot) -> None:
    conflator = Conflator()
    spy = QSignalSpy(conflator.changes_ready)
    conflator.push(())
    conflator.flush()
    conflator.push((BOOK,))
    conflator.clear()
    conflator.flush()
    assert spy.count() == 0
