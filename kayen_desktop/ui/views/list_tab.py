"""One tab of the desk: a table, what stands there while it is empty, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from kayen_desktop.ui.models.sorting import SortingProxy
from kayen_desktop.ui.models.table import StateTable
from kayen_desktop.ui.theme import SPACE_XS
from kayen_desktop.ui.widgets.empty import EmptyState
from kayen_desktop.ui.widgets.tables import DeskTable


@dataclass(frozen=True, slots=True)
class TabText:
    """The words of a tab: its table's stable name, its title, and its accessible name."""

    name: str
    title: str
    accessible_name: str


class ListTab(QWidget):
    """Shows the table while it has rows, the empty state while it has none.

    ``buttons`` act on the chosen row and also make the context menu; they stand below the rows, and
    only with rows. In the corner of the tab bar they took the room of its last tabs.
    """

    def __init__(
        self,
        text: TabText,
        empty: EmptyState,
        buttons: Sequence[QPushButton] = (),
        *,
        copies_key: bool = False,
    ) -> None:
        super().__init__()
        self.text = text
        self.empty = empty
        self.table = DeskTable(text.name, text.accessible_name)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self._buttons = tuple(buttons)
        self._copies_key = copies_key
        self._toolbar = QWidget()
        row = QHBoxLayout(self._toolbar)
        row.setContentsMargins(SPACE_XS, SPACE_XS, SPACE_XS, SPACE_XS)
        row.setSpacing(SPACE_XS)
        row.addStretch()
        for each in self._buttons:
            row.addWidget(each)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self._toolbar)
        self._toolbar.setVisible(bool(self._buttons))
        self._rows = rows
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(rows)

    def show_sorted(self, source: StateTable[Any], column: int, order: Qt.SortOrder) -> None:
        """Show the rows of a state table, in this order at first."""
        self.table.show_sorted(source, SortingProxy(source, self), column, order)
        self._follow(self.table.model())

    def show_plain(self, model: QAbstractItemModel, widths: Sequence[int]) -> None:
        """Show the rows as the model has them."""
        self.table.show_model(model, widths)
        self._follow(model)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.table.model().rowCount()

    @property
    def chosen_key(self) -> str:
        """The key of the chosen row; of the only row where there is but one."""
        key = self.table.selected_key
        model = self.table.model()
        if not key and isinstance(model, SortingProxy) and model.rowCount() == 1:
            return model.key_at(0)
        return key

    def _follow(self, model: QAbstractItemModel) -> None:
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._on_rows)
        self._on_rows()

    def _on_rows(self) -> None:
        self._stack.setCurrentWidget(self._rows if self.count else self.empty)

    def _show_menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in self._buttons:
            action = menu.addAction(each.text())
            action.setEnabled(each.isEnabled())
            action.triggered.connect(each.click)
        if self._copies_key and index.isValid():
            menu.addSeparator()
            key = self.table.selected_key
            copy = menu.addAction("Copy the identifier")
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(key))
        if not menu.isEmpty():
            menu.popup(self.table.viewport().mapToGlobal(at))
