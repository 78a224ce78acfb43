"""The area that asks for the height of its contents, and scrolls where it does not get it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.widgets.scrolled import Scrolled

_LINES = 40


def shown(qtbot: QtBot, lines: int) -> tuple[QWidget, Scrolled]:
    window = QWidget()
    area = Scrolled(window)
    for number in range(lines):
        area.column.addWidget(QLabel(f"line {number}"))
    QVBoxLayout(window).addWidget(area)
    qtbot.addWidget(window)
    window.show()
    return window, area


def test_it_asks_for_the_height_of_its_contents(qtbot: QtBot) -> None:
    window, area = shown(qtbot, 3)
    before = area.heightForWidth(200)
    assert area.verticalScrollBar().maximum() == 0
    area.column.addWidget(QLabel("one more"))
    qtbot.waitUntil(lambda: area.heightForWidth(200) > before)
    assert window.sizeHint().height() > before
    wrapping = QLabel("many words that go on a second line where there is no room for them")
    wrapping.setWordWrap(True)
    area.column.addWidget(wrapping)
    qtbot.waitUntil(lambda: area.heightForWidth(60) > area.heightForWidth(600))


def test_a_bar_goes_with_the_lines_that_only_it_makes(qtbot: QtBot) -> None:
    window, area = shown(qtbot, 1)
    wrapping = QLabel("many words that fill one line and not a single letter more")
    wrapping.setWordWrap(True)
    area.column.addWidget(wrapping)
    one_line = wrapping.fontMetrics().horizontalAdvance(wrapping.text())
    margins = area.column.contentsMargins()
    # Wide enough for one line, but not for one line and a bar.
    width = one_line + margins.left() + margins.right() + 4
    area.setParent(None)
    area.resize(width, 20)
    area.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().isVisible())
    area.resize(width, area.heightForWidth(width))
    qtbot.waitUntil(lambda: not area.verticalScrollBar().isVisible())
    area.close()
    assert not window.findChildren(Scrolled)


def test_it_scrolls_where_it_does_not_get_it(qtbot: QtBot) -> None:
    window, area = shown(qtbot, _LINES)
    window.resize(200, 120)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert window.minimumSizeHint().height() < area.heightForWidth(200)
