"""The order book as a ladder: asks above, the spread between, bids below, all in fixed places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.book import Level, OrderBook
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.formatting import (
    NOTHING,
    format_percent,
    format_price,
    format_prices,
    format_size,
)
from kayen_desktop.ui.theme import tokens

from .columns import SORT_ROLE, Tone, tone_colour
from .table import NO_INDEX, Index

# How much of the deepest level shown a row's bar covers, 0 to 1.
SHARE_ROLE = SORT_ROLE + 10
SIDE_ROLE = SORT_ROLE + 11
PRICE, AMOUNT, TOTAL = range(3)
_TITLES = ("Price", "Amount", "Sum")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SHARE_STEPS = 200


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the ladder; an empty one has no price."""

    price: Decimal | None = None
    texts: tuple[str, str, str] = ("", "", "")
    share: float = 0.0


_EMPTY = _Line()


class BookModel(QAbstractTableModel):
    """``depth`` rows of asks, best at the bottom, one for the spread, ``depth`` of bids."""

    def __init__(self, depth: int = 10, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = AppState()
        self._market = ""
        self._depth = depth
        self._is_dimmed = False
        self._lines: list[_Line] = [_EMPTY] * (2 * depth + 1)

    @property
    def spread_row(self) -> int:
        """Where the spread stands."""
        return self._depth

    @property
    def has_book(self) -> bool:
        """Whether there is a book to show."""
        return self._market in self._state.books

    def bind(self, state: AppState, market: str) -> None:
        """Show this market's book from now on."""
        self._state = state
        self._market = market
        self._redraw()

    def set_depth(self, depth: int) -> None:
        """Show so many levels of each side."""
        if depth != self._depth and depth > 0:
            self.beginResetModel()
            self._depth = depth
            self._lines = self._build()
            self.endResetModel()

    def apply(self, changes: Iterable[Change]) -> None:
        """Redraw the rows that differ, once, if the changes touch this book."""
        if any(
            change.topic is Topic.MARKETS
            or (change.topic is Topic.BOOK and change.key == self._market)
            for change in changes
        ):
            self._redraw()

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw every price as old, or as current again."""
        if is_dimmed != self._is_dimmed:
            self._is_dimmed = is_dimmed
            self.redraw_colours()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, TOTAL))

    def price_at(self, row: int) -> Decimal | None:
        """Return the price of a row; None for the spread and for empty rows."""
        return self._lines[row].price

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return both sides' rows and the spread's."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """Return three: price, amount, running sum."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        line = self._lines[row]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.texts[column]
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter if row == self._depth else _RIGHT
            case Qt.ItemDataRole.ForegroundRole:
                return tone_colour(self._tone(row, column), tokens())
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, line)
        if role == SHARE_ROLE:
            return line.share
        return self._side(row) if role == SIDE_ROLE else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return the titles, over right-aligned figures."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _side(self, row: int) -> Side | None:
        if row == self._depth:
            return None
        return Side.SELL if row < self._depth else Side.BUY

    def _tone(self, row: int, column: int) -> Tone:
        side = self._side(row)
        if self._is_dimmed or side is None:
            return Tone.MUTED
        if column != PRICE:
            return Tone.PLAIN
        return Tone.GOOD if side is Side.BUY else Tone.BAD

    def _spoken(self, row: int, line: _Line) -> str:
        side = self._side(row)
        if side is None or line.price is None:
            return line.texts[PRICE] or "empty"
        who = "Seller asks" if side is Side.SELL else "Buyer bids"
        return f"{who} {line.texts[PRICE]}, amount {line.texts[AMOUNT]}"

    def _redraw(self) -> None:
        held, self._lines = self._lines, self._build()
        first: int | None = None
        for row, line in enumerate(self._lines):
            if line != held[row]:
                first = row if first is None else first
            elif first is not None:
                self.dataChanged.emit(self.index(first, 0), self.index(row - 1, TOTAL))
                first = None
        if first is not None:
            last = len(self._lines) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, TOTAL))

    def _build(self) -> list[_Line]:
        book = self._state.books.get(self._market)
        if book is None:
            return [_EMPTY] * (2 * self._depth + 1)
        asks, bids = book.asks(self._depth), book.bids(self._depth)
        deepest = max(_sum(asks), _sum(bids))
        market = self._state.markets.get(self._market)
        prices = format_prices([level.price for level in (*asks, *bids)], market)
        above = _side_lines(asks, prices[: len(asks)], deepest)
        above.reverse()
        below = _side_lines(bids, prices[len(asks) :], deepest)
        padding_above = [_EMPTY] * (self._depth - len(above))
        padding_below = [_EMPTY] * (self._depth - len(below))
        return [*padding_above, *above, self._spread_line(book), *below, *padding_below]

    def _spread_line(self, book: OrderBook) -> _Line:
        ask, bid, mid = book.best_ask, book.best_bid, book.mid
        if ask is None or bid is None or not mid:
            return _Line(texts=(f"Spread {NOTHING}", "", ""))
        market = self._state.markets.get(self._market)
        percent = format_percent((ask - bid) / mid * 100).lstrip("+")
        return _Line(texts=(f"Spread {format_price(ask - bid, market)}  ·  {percent}", "", ""))


def _sum(levels: list[Level]) -> Decimal:
    return sum((level.amount for level in levels), ZERO)


def _side_lines(levels: list[Level], prices: list[str], deepest: Decimal) -> list[_Line]:
    """Return a side's rows, best first, each with the sum of all amounts up to it."""
    lines: list[_Line] = []
    total = ZERO
    for level, price in zip(levels, prices, strict=True):
        total += level.amount
        steps = int(total * _SHARE_STEPS / deepest) if deepest else 0
        texts = (price, format_size(level.amount), format_size(total))
        lines.append(_Line(level.price, texts, steps / _SHARE_STEPS))
    return lines
