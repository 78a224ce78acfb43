"""The latest public trades of one market, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.formatting import format_price, format_size, format_time
from kayen_desktop.ui.theme import tokens

from .columns import Tone, side_tone, tone_colour
from .table import NO_INDEX, Index

SHOWN = 60
_TITLES = ("Price", "Amount", "Time")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TradesModel(QAbstractTableModel):
    """At most ``SHOWN`` rows; a new trade comes in at the top and pushes the oldest out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = AppState()
        self._market = ""
        self._trades: list[Trade] = []
        self._is_dimmed = False

    def bind(self, state: AppState, market: str) -> None:
        """Show this market's trades from now on."""
        self.beginResetModel()
        self._state = state
        self._market = market
        self._trades = list(reversed(state.trades.get(market, ())))[:SHOWN]
        self.endResetModel()

    def apply(self, changes: Iterable[Change]) -> None:
        """Add what is new, if the changes touch this market's trades."""
        if Change(Topic.TRADES, self._market) in tuple(changes):
            self._take_in()

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw every trade as old, or as current again."""
        if is_dimmed != self._is_dimmed:
            self._is_dimmed = is_dimmed
            self.redraw_colours()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        if self._trades:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._trades) - 1, 2))

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return the number of trades shown."""
        return 0 if parent.isValid() else len(self._trades)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """Return three: price, amount, time."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        trade = self._trades[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(trade, index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT
            case Qt.ItemDataRole.ForegroundRole:
                return tone_colour(self._tone(trade, index.column()), tokens())
            case Qt.ItemDataRole.AccessibleTextRole:
                side = {Side.BUY: "bought", Side.SELL: "sold", None: "traded"}[trade.taker_side]
                return f"{side}, {self._text(trade, index.column())}"
        return None

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

    def _text(self, trade: Trade, column: int) -> str:
        market = self._state.markets.get(self._market)
        if column == 0:
            # The arrow says by form what the colour says: who took the price.
            arrow = {Side.BUY: "▲ ", Side.SELL: "▼ ", None: ""}[trade.taker_side]
            return arrow + format_price(trade.price, market)
        if column == 1:
            return format_size(trade.amount)
        return format_time(trade.executed_at)

    def _tone(self, trade: Trade, column: int) -> Tone:
        if self._is_dimmed or column > 1:
            return Tone.MUTED
        if column == 1 or trade.taker_side is None:
            return Tone.PLAIN
        return side_tone(trade.taker_side)

    def _take_in(self) -> None:
        newest = self._trades[0] if self._trades else None
        fresh: list[Trade] = []
        for trade in reversed(self._state.trades.get(self._market, ())):
            if trade is newest or len(fresh) == SHOWN:
                break
            fresh.append(trade)
        if not fresh:
            return
        self.beginInsertRows(NO_INDEX, 0, len(fresh) - 1)
        self._trades[:0] = fresh
        self.endInsertRows()
        if len(self._trades) > SHOWN:
            self.beginRemoveRows(NO_INDEX, SHOWN, len(self._trades) - 1)
            del self._trades[SHOWN:]
            self.endRemoveRows()
