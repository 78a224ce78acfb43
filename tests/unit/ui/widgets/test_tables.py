"""A figure without its last digits is another figure: columns make room for what is in them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.theme import tokens
from kayen_desktop.ui.widgets.tables import DeskTable


def make_table(qtbot: QtBot, text: str, alignment: Qt.AlignmentFlag, column: int = 0) -> DeskTable:
    item = QStandardItem(text)
    item.setData(tokens().text, Qt.ItemDataRole.ForegroundRole)
    item.setData(alignment | Qt.AlignmentFlag.AlignVCenter, Qt.ItemDataRole.TextAlignmentRole)
    model = QStandardItemModel()
    cells = [QStandardItem(""), QStandardItem("")]
    cells[column] = item
    model.appendRow(cells)
    table = DeskTable("positionsView", "Positions")
    qtbot.addWidget(table)
    model.setParent(table)
    table.show_model(model, (40, 40))
    table.show()
    return table


def test_a_long_figure_widens_its_column(qtbot: QtBot) -> None:
    text = "−108,506.94444444"
    table = make_table(qtbot, text, Qt.AlignmentFlag.AlignRight)
    needed = table.fontMetrics().horizontalAdvance(text)
    qtbot.waitUntil(lambda: table.columnWidth(0) > needed)


def test_the_name_of_a_row_widens_its_column(qtbot: QtBot) -> None:
    text = "DUCKIES/USD"
    table = make_table(qtbot, text, Qt.AlignmentFlag.AlignLeft)
    needed = table.fontMetrics().horizontalAdvance(text)
    qtbot.waitUntil(lambda: table.columnWidth(0) > needed)


def test_long_words_are_shortened_and_the_column_stays(qtbot: QtBot) -> None:
    table = make_table(qtbot, "what it means, at length", Qt.AlignmentFlag.AlignLeft, column=1)
    table.horizontalHeader().setStretchLastSection(False)
    width = table.columnWidth(1)
    table.grab()
    qtbot.waitUntil(lambda: table.isVisible())
    assert table.columnWidth(1) == width
