"""What a screen reader is told of a window, and what it is not."""

from __future__ import annotations

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.untold import tell, untell


def test_what_is_hidden_is_told_of_unless_it_is_untold(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    desk = QWidget()
    desk.setObjectName("desk")
    QVBoxLayout(desk).addWidget(QLabel("7.31 USD"))
    column.addWidget(desk)
    column.addWidget(QLabel("Locked"))
    window.show()
    desk.hide()
    assert told_of(window) == {"7.31 USD", "Locked"}  # it is Qt that tells of it
    untell(desk)
    untell(desk)
    assert told_of(window) == {"Locked"}
    tell(desk)
    tell(desk)
    assert desk.objectName() == "desk"
    assert told_of(window) == {"7.31 USD", "Locked"}


def test_of_a_window_the_frame_alone_is_told(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = QDialog(window)
    dialog.setObjectName("wizard")
    label = QLabel("7.31 USD", dialog)
    label.setObjectName("deposit")
    nested = QDialog(dialog)
    nested.setObjectName("question")
    untell(dialog)
    assert dialog.objectName() == "wizard"
    assert nested.objectName() == "question"
    assert told_of(dialog) == set()
    tell(dialog)
    assert label.objectName() == "deposit"
    assert told_of(dialog) == {"7.31 USD"}


def told_of(widget: QWidget) -> set[str]:
    """Return the names of all that a screen reader may find below the widget."""
    told: set[str] = set()
    pending = [QAccessible.queryAccessibleInterface(widget)]
    while pending:
        each = pending.pop()
        if each is not None:
            told.add(each.text(QAccessible.Text.Name))
            pending += [each.child(index) for index in range(each.childCount())]
    return told - {""}
