"""The list of markets with their last prices, and which of them are favourites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QObject, Qt

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.markets import Market, Ticker
from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.formatting import format_percent, format_price
from kayen_desktop.ui.theme import tokens

from .columns import Column, Tone, sign_tone
from .table import Index, StateTable

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
STAR, NAME, LAST, CHANGE = range(4)


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market as the list shows it."""

    market: Market
    ticker: Ticker | None
    is_favourite: bool

    @property
    def last(self) -> Decimal | None:
        """The last price, where the venue has told one."""
        return self.ticker.last if self.ticker else None

    @property
    def change(self) -> Decimal | None:
        """The change over the day, in per cent."""
        return self.ticker.change if self.ticker else None


def _is_quiet(line: MarketLine) -> Tone:
    return Tone.PLAIN if line.market.is_enabled else Tone.MUTED


_COLUMNS: tuple[Column[MarketLine], ...] = (
    Column("", lambda line, _: "", lambda line: not line.is_favourite, width=25),
    Column(
        "Market", lambda line, _: line.market.name, lambda line: line.market.name, tone=_is_quiet
    ),
    Column(
        "Last price",
        lambda line, market: format_price(line.last, market),
        lambda line: line.last,
        is_number=True,
        width=98,
    ),
    Column(
        "24 h",
        lambda line, _: format_percent(line.change),
        lambda line: line.change,
        is_number=True,
        tone=lambda line: sign_tone(line.change),
        width=66,
    ),
)


class MarketsModel(StateTable[MarketLine]):
    """Rows by market name, as the venue lists them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._favourites: set[str] = set()

    @property
    def favourites(self) -> frozenset[str]:
        """The names of the starred markets."""
        return frozenset(self._favourites)

    def set_favourites(self, names: Iterable[str]) -> None:
        """Star these markets and no others."""
        self._favourites = set(names)
        self._reset()

    def toggle_favourite(self, row: int) -> None:
        """Star the market, or take its star away."""
        name = self.key_at(row)
        self._favourites ^= {name}
        line = self._find(name)
        if line is not None:
            self._rows[row].item = line
            at = self.index(row, STAR)
            self.dataChanged.emit(at, at)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return what a cell shows; the star is a picture with words for screen readers."""
        if index.isValid() and index.column() == STAR:
            starred = self.item_at(index.row()).is_favourite
            if role == Qt.ItemDataRole.DecorationRole:
                colours = tokens()
                return (
                    icon("star-filled", colours.warning)
                    if starred
                    else icon("star", colours.disabled)
                )
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return "favourite" if starred else "not a favourite"
            if role == Qt.ItemDataRole.ToolTipRole:
                return "Remove from favourites" if starred else "Add to favourites"
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return the titles; the column of stars has one for screen readers alone."""
        is_star = orientation is Qt.Orientation.Horizontal and section == STAR
        if is_star and role == Qt.ItemDataRole.AccessibleTextRole:
            return "Favourite"
        return super().headerData(section, orientation, role)

    def _snapshot(self) -> Iterable[tuple[str, MarketLine]]:
        for name in self._state.markets:
            line = self._find(name)
            if line is not None:
                yield name, line

    def _find(self, key: str) -> MarketLine | None:
        market = self._state.markets.get(key)
        if market is None:
            return None
        return MarketLine(market, self._state.tickers.get(key), key in self._favourites)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.TICKER else ()

    def _market_name(self, item: MarketLine) -> str:
        return item.market.name
