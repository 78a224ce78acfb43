"""What dialogs share: their height, the window below, and how they are left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.dialogs.labels import push_button
from kayen_desktop.ui.dialogs.scrolling_dialog import ScrollingDialog

from .conftest import OFFSCREEN_NOISE

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
_LINES = 6
_TOO_MANY = 200


class Presenter:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.drawn = self.stopped = 0

    def refresh(self) -> None:
        self.drawn += 1

    def stop(self) -> None:
        self.stopped += 1


def opened(
    qtbot: QtBot, lines: int = _LINES, below: QWidget | None = None, *, is_question: bool = True
) -> tuple[ScrollingDialog, list[QLabel]]:
    """Return an open dialog and the lines of its body."""
    dialog = ScrollingDialog(below, 300, is_question=is_question)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    labels = [QLabel(f"line {number}") for number in range(lines)]
    for label in labels:
        dialog.body.addWidget(label)
    dialog.add_buttons(right=(push_button("Close", "closeButton"),))
    dialog.open()
    return dialog, labels


@pytest.mark.parametrize("is_question", [True, False])
def test_it_grows_with_its_texts_and_only_a_question_shrinks(
    qtbot: QtBot, *, is_question: bool
) -> None:
    dialog, labels = opened(qtbot, is_question=is_question)
    before = dialog.height()
    added = QLabel("one more")
    dialog.body.addWidget(added)
    qtbot.waitUntil(lambda: dialog.height() > before)
    grown = dialog.height()
    for label in (added, *labels[1:]):
        label.hide()
    if is_question:
        qtbot.waitUntil(lambda: dialog.height() < before)
    else:
        qtbot.waitUntil(lambda: dialog.column.totalHeightForWidth(300) < before)
        assert dialog.height() == grown
    dialog.hide()
    dialog.show()
    assert dialog.height() < before


def test_on_a_low_screen_the_body_scrolls_and_the_buttons_stay(qtbot: QtBot) -> None:
    dialog, labels = opened(qtbot, _TOO_MANY)
    assert dialog.height() < dialog.screen().availableGeometry().height()
    button = dialog.findChild(QWidget, "closeButton")
    assert button is not None

    def is_in_sight(widget: QWidget) -> bool:
        return not widget.visibleRegion().isEmpty()

    assert is_in_sight(labels[0])
    assert not is_in_sight(labels[-1])
    assert is_in_sight(button)
    dialog.scroll_to(labels[-1])
    assert is_in_sight(labels[-1])
    assert is_in_sight(button)
    dialog.scroll_to_top()
    assert is_in_sight(labels[0])
    QTest.keyClick(button, Qt.Key.Key_PageDown)
    assert not is_in_sight(labels[0])
    QTest.keyClick(button, Qt.Key.Key_PageUp)
    assert is_in_sight(labels[0])


@pytest.mark.parametrize("is_question", [True, False])
def test_only_a_question_goes_with_the_window_below(qtbot: QtBot, *, is_question: bool) -> None:
    below = QWidget()
    qtbot.addWidget(below)
    below.show()
    dialog, _ = opened(qtbot, below=below, is_question=is_question)
    dialog.set_can_leave(False)
    ends: list[int] = []
    dialog.finished.connect(ends.append)
    below.hide()
    assert ends == ([0] if is_question else [])


def test_it_is_not_left_while_something_is_under_way(qtbot: QtBot) -> None:
    dialog, _ = opened(qtbot)
    presenter = Presenter()
    dialog.follow(presenter)
    dialog.set_can_leave(False)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()
    assert (presenter.drawn, presenter.stopped) == (1, 0)
    dialog.set_can_leave(True)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert presenter.stopped == 1
