"""Tables of the desk: one look, one behaviour, rows chosen whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from kayen_desktop.ui.models.columns import KEY_ROLE
from kayen_desktop.ui.models.sorting import SortingProxy
from kayen_desktop.ui.models.table import StateTable

from .cells import CellDelegate

# Widths are given for a font of this height and grow with a larger one.
_DESIGN_FONT_HEIGHT = 15
_ROW_PADDING = 11


class DeskTable(QTableView):
    """A table of whole rows; ``delete_pressed`` and ``enter_pressed`` come from the keyboard."""

    delete_pressed = Signal()
    enter_pressed = Signal()

    def __init__(self, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        cells = CellDelegate(self)
        # Queued: a column can't grow while it is being painted.
        cells.too_narrow.connect(self._make_room, Qt.ConnectionType.QueuedConnection)
        self.setItemDelegate(cells)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + _ROW_PADDING)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(24)
        columns.setStretchLastSection(True)

    def show_model(self, model: QAbstractItemModel, widths: Sequence[int]) -> None:
        """Show the model's rows in columns of these widths, at the design font size."""
        self.setModel(model)
        scale = self.fontMetrics().height() / _DESIGN_FONT_HEIGHT
        for column, width in enumerate(widths):
            self.setColumnWidth(column, round(width * scale))

    def show_sorted(
        self, source: StateTable[Any], proxy: SortingProxy, column: int, order: Qt.SortOrder
    ) -> None:
        """Show a sortable table, in this order until the trader clicks a title."""
        self.horizontalHeader().setSortIndicator(column, order)
        self.show_model(proxy, [each.width for each in source.columns])
        self.setSortingEnabled(True)

    def _make_room(self, column: int, width: int) -> None:
        if self.columnWidth(column) < width:
            self.setColumnWidth(column, width)

    @property
    def selected_key(self) -> str:
        """The key of the row the trader chose; empty where none is."""
        rows = self.selectionModel().selectedRows() if self.selectionModel() else []
        return str(rows[0].data(KEY_ROLE) or "") if rows else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Delete and Enter; the rest moves within the table."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter_pressed.emit()
        else:
            super().keyPressEvent(event)
