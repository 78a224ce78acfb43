"""The order book beside the latest public trades."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QStackedLayout, QTabWidget, QVBoxLayout, QWidget

from kayen_desktop.ui.models.book import PRICE, TOTAL, BookModel
from kayen_desktop.ui.models.trades import TradesModel
from kayen_desktop.ui.widgets.cells import BookDelegate
from kayen_desktop.ui.widgets.empty import EmptyState
from kayen_desktop.ui.widgets.tables import DeskTable

_ROW_PADDING = 5
_MIN_DEPTH = 3


class _Ladder(DeskTable):
    """A table whose number of rows follows its height."""

    def __init__(self, model: BookModel) -> None:
        super().__init__("bookView", "Order book")
        self._model = model
        self.setItemDelegate(BookDelegate(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(model)
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._span_spread()
        model.modelReset.connect(self._span_spread)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many levels as there is room for."""
        super().resizeEvent(event)
        height = self.viewport().height()
        least = self.fontMetrics().height() + _ROW_PADDING
        depth = max((height // least - 1) // 2, _MIN_DEPTH)
        self._model.set_depth(depth)
        self.verticalHeader().setDefaultSectionSize(max(height // (2 * depth + 1), least))

    def _span_spread(self) -> None:
        self.clearSpans()
        self.setSpan(self._model.spread_row, PRICE, 1, TOTAL + 1)


class BookView(QFrame):
    """Tells ``price_chosen`` with a Decimal when a level is clicked or entered."""

    price_chosen = Signal(object)

    def __init__(self, book: BookModel, trades: TradesModel) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._book = book
        self.ladder = _Ladder(book)
        self.ladder.setToolTip("Click a price to use it in the order ticket")
        self.ladder.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.ladder.clicked.connect(self._on_click)
        self.ladder.enter_pressed.connect(self._on_enter)
        self._waiting = EmptyState("The order book appears here when the venue sends it.")
        page = QWidget()
        self._stack = QStackedLayout(page)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self.ladder)
        prints = DeskTable("tradesView", "Latest trades of everybody in this market")
        prints.verticalHeader().setDefaultSectionSize(prints.fontMetrics().height() + _ROW_PADDING)
        prints.setModel(trades)
        prints.horizontalHeader().setStretchLastSection(False)
        prints.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.addTab(page, "Book")
        tabs.addTab(prints, "Trades")
        tabs.setAccessibleName("Book or trades")
        tabs.tabBar().setAccessibleName("Book or trades")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(tabs)
        book.dataChanged.connect(self.refresh)
        book.modelReset.connect(self.refresh)

    def refresh(self) -> None:
        """Show the ladder, or the sentence that says why there is none."""
        self._stack.setCurrentWidget(self.ladder if self._book.has_book else self._waiting)

    def _on_click(self, index: QModelIndex) -> None:
        self._choose(self._book.price_at(index.row()))

    def _on_enter(self) -> None:
        rows = self.ladder.selectionModel().selectedRows()
        if rows:
            self._choose(self._book.price_at(rows[0].row()))

    def _choose(self, price: Decimal | None) -> None:
        if price is not None:
            self.price_chosen.emit(price)
