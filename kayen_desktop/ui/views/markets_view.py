"""The list of markets: search, favourites, last price and change."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.models.markets import CHANGE, LAST, NAME, STAR, MarketsModel
from kayen_desktop.ui.models.sorting import MarketsProxy
from kayen_desktop.ui.theme import SPACE_S, tokens
from kayen_desktop.ui.widgets.cells import IconDelegate
from kayen_desktop.ui.widgets.empty import EmptyState
from kayen_desktop.ui.widgets.tables import DeskTable

_MIN_WIDTH = 276
_WAITING = "Waiting for the venue's list of markets…"
_NONE_FOUND = "No market has that in its name."


class MarketsView(QFrame):
    """Tells ``market_chosen`` with the name of the market the trader goes to."""

    market_chosen = Signal(str)

    def __init__(self, model: MarketsModel) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._model = model
        self.proxy = MarketsProxy(model, self)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search markets")
        self._search.setAccessibleName("Search markets")
        self._search.setClearButtonEnabled(True)
        self._search_icon = QAction("Search markets", self)
        self._search_icon.triggered.connect(self.focus_search)
        self._search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.setMinimumWidth(_MIN_WIDTH)
        self._search.textChanged.connect(self._on_search)
        self.table = DeskTable("marketsView", "Markets")
        self._set_up_table()
        self._empty = EmptyState(_WAITING)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        search_row = QVBoxLayout()
        search_row.setContentsMargins(SPACE_S, SPACE_S, SPACE_S, SPACE_S)
        search_row.addWidget(self._search)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(search_row)
        column.addLayout(self._stack, 1)
        model.modelReset.connect(self._on_rows)
        self.redraw_colours()

    def select(self, market: str) -> None:
        """Mark the market as the one on the screen, without telling anybody."""
        row = self.proxy.row_of(market)
        if row is not None and self.table.selected_key != market:
            selection = self.table.selectionModel()
            selection.blockSignals(True)
            self.table.selectRow(row)
            selection.blockSignals(False)
            self.table.viewport().update()

    def focus_search(self) -> None:
        """Put the keyboard into the search box."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._search_icon.setIcon(icon("search", tokens().muted))
        self._model.redraw_colours()

    def _set_up_table(self) -> None:
        table = self.table
        table.show_sorted(self._model, self.proxy, NAME, Qt.SortOrder.AscendingOrder)
        table.setItemDelegateForColumn(STAR, IconDelegate(table))
        columns = table.horizontalHeader()
        columns.setStretchLastSection(False)
        columns.setSectionResizeMode(STAR, QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(LAST, QHeaderView.ResizeMode.Interactive)
        columns.setSectionResizeMode(CHANGE, QHeaderView.ResizeMode.Interactive)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.clicked.connect(self._on_click)
        star = QAction("Add to favourites, or remove", table)
        star.setShortcut(Qt.Key.Key_Space)
        star.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        star.triggered.connect(self._on_star)
        table.addAction(star)
        table.setAccessibleDescription("Space adds a market to your favourites, or removes it.")
        table.selectionModel().selectionChanged.connect(self._on_selection)

    def _on_click(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            self._toggle(index)

    def _on_star(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self._toggle(index)

    def _toggle(self, index: QModelIndex) -> None:
        self._model.toggle_favourite(self.proxy.mapToSource(index).row())
        self.proxy.resort()

    def _on_selection(self) -> None:
        if key := self.table.selected_key:
            self.market_chosen.emit(key)

    def _on_search(self, text: str) -> None:
        self.proxy.search(text)
        self._on_rows()

    def _on_rows(self) -> None:
        has_markets = self._model.rowCount() > 0
        self._empty.say(_NONE_FOUND if has_markets else _WAITING)
        self._show(self.table if self.proxy.rowCount() else self._empty)

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
