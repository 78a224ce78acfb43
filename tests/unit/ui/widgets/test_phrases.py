"""The widgets for a recovery phrase: what they show, and that they keep nothing of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.widgets.phrase_edit import PhraseEdit
from kayen_desktop.ui.widgets.phrase_grid import PhraseGrid

SHORT = tuple(f"short{number}" for number in range(12))
LONG = tuple(f"long{number}" for number in range(24))


def words_in(labels: list[QLabel]) -> set[str]:
    said = " ".join(f"{label.text()} {label.accessibleName()}" for label in labels)
    return set(said.split()) & {*SHORT, *LONG}


def test_a_grid_of_another_size_leaves_no_words_in_the_old_places(qtbot: QtBot) -> None:
    grid = PhraseGrid()
    qtbot.addWidget(grid)
    grid.show_words(12, SHORT)
    old = grid.findChildren(QLabel)
    assert words_in(old) == set(SHORT)
    grid.show_words(24, LONG)
    assert words_in(old) == set()
    assert words_in(grid.findChildren(QLabel)) == set(LONG)


def test_a_grid_hides_its_words_in_their_places(qtbot: QtBot) -> None:
    grid = PhraseGrid()
    qtbot.addWidget(grid)
    grid.show_words(12, SHORT)
    places = grid.findChildren(QLabel)
    grid.hide_words()
    assert grid.findChildren(QLabel) == places
    assert words_in(places) == set()


def test_enter_submits_the_phrase_once_and_writes_no_line(qtbot: QtBot) -> None:
    edit = PhraseEdit()
    qtbot.addWidget(edit)
    submitted: list[str] = []
    edit.submitted.connect(lambda: submitted.append(edit.text()))
    QTest.keyClicks(edit, "test junk")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    no_mods = Qt.KeyboardModifier.NoModifier
    held = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, no_mods, "\r", autorep=True)
    QApplication.sendEvent(edit, held)
    assert submitted == ["test junk"]
    assert edit.text() == "test junk"


def test_what_stood_in_the_field_can_not_be_brought_back(qtbot: QtBot) -> None:
    edit = PhraseEdit()
    qtbot.addWidget(edit)
    told: list[str] = []
    edit.typed.connect(told.append)
    edit.setText("test junk")
    assert edit.textCursor().atEnd()
    edit.forget()
    edit.undo()
    assert edit.text() == ""
    assert told == ["test junk", ""]
