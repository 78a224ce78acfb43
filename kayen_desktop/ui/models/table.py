"""The base of every table over the state: it touches the cells that changed and no others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.markets import Market
from kayen_desktop.ui.theme import tokens
from kayen_desktop.ui.widgets.labels import plain_tip

from .columns import KEY_ROLE, SORT_ROLE, Column, SortKey, Tone, tone_colour

T = TypeVar("T")
Index: TypeAlias = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_CELL_ROLES = [_DISPLAY, _FOREGROUND, _TOOL_TIP, SORT_ROLE]
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(slots=True)
class _Row(Generic[T]):
    """One row: the item as last drawn, and the text of each of its cells."""

    key: str
    item: T
    texts: list[str]


class StateTable(QAbstractTableModel, Generic[T]):
    """A table whose rows follow dictionaries of the state; subclasses say which.

    ``apply`` is called once a screen frame. Updates come first, then removals, then additions,
    so that no row number is used after it has moved.
    """

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._state = AppState()
        self._rows: list[_Row[T]] = []
        self._places: dict[str, int] = {}
        self._is_dimmed = False

    # What subclasses say

    @abstractmethod
    def _snapshot(self) -> Iterable[tuple[str, T]]:
        """Return every row the state has now, in order of arrival."""

    @abstractmethod
    def _find(self, key: str) -> T | None:
        """Return the item of a key as the state has it now; None where it has no row."""

    @abstractmethod
    def _keys_of(self, change: Change) -> Iterable[str]:
        """Return the keys of the rows that a change may touch."""

    def _market_name(self, item: T) -> str:
        """Return the market whose precision the row is written with; none by default."""
        return ""

    # What the window calls

    def bind(self, state: AppState) -> None:
        """Show this state from now on, beginning with all it has."""
        self._state = state
        self._reset()

    def apply(self, changes: Iterable[Change]) -> None:
        """Redraw what the changes touch."""
        keys: dict[str, None] = {}
        for change in changes:
            if change.topic is Topic.MARKETS:
                self._reset()  # precisions may differ; the list comes once a connection
                return
            keys.update(dict.fromkeys(self._keys_of(change)))
        gone: list[int] = []
        new: list[_Row[T]] = []
        for key in keys:
            item = self._find(key)
            place = self._places.get(key)
            if place is None:
                if item is not None:
                    new.append(self._make(key, item))
            elif item is None:
                gone.append(place)
            else:
                self._update(place, item)
        self._remove(gone)
        self._append(new)

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw every cell as old, or as current again."""
        if is_dimmed != self._is_dimmed:
            self._is_dimmed = is_dimmed
            self.redraw_colours()

    def redraw_colours(self) -> None:
        """Fetch the colours anew: the scheme or the age of the figures changed."""
        if self._rows:
            bottom = self.index(len(self._rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), bottom, [_FOREGROUND])

    def key_at(self, row: int) -> str:
        """Return the key of a row."""
        return self._rows[row].key

    def item_at(self, row: int) -> T:
        """Return what a row shows."""
        return self._rows[row].item

    def row_of(self, key: str) -> int | None:
        """Return where a key's row is, if it has one."""
        return self._places.get(key)

    def sort_key(self, row: int, column: int) -> SortKey:
        """Return the raw value a cell sorts by."""
        return self.columns[column].key(self._rows[row].item)

    # What Qt asks

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return the number of rows; a table has no children."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return what a cell shows, how it sorts, and in which colour."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == _DISPLAY:
            return row.texts[index.column()]
        column = self.columns[index.column()]
        if role == _ALIGNMENT:
            return _RIGHT if column.is_number else _LEFT
        if role == _FOREGROUND:
            return tone_colour(self._tone(row.item, column), tokens())
        if role == SORT_ROLE:
            return column.key(row.item)
        if role == _TOOL_TIP:
            return plain_tip(column.tip(row.item)) if column.tip else None
        return row.key if role == KEY_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return the titles of the columns, aligned as their cells."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == _ALIGNMENT:
            return _RIGHT if column.is_number else _LEFT
        return None

    # How rows come, change and go

    def _reset(self) -> None:
        self.beginResetModel()
        self._rows = [self._make(key, item) for key, item in self._snapshot()]
        self._count_places()
        self.endResetModel()

    def _make(self, key: str, item: T) -> _Row[T]:
        return _Row(key, item, self._texts(item))

    def _texts(self, item: T) -> list[str]:
        market = self._market(item)
        return [column.text(item, market) for column in self.columns]

    def _market(self, item: T) -> Market | None:
        name = self._market_name(item)
        return self._state.markets.get(name) if name else None

    def _tone(self, item: T, column: Column[T]) -> Tone:
        if self._is_dimmed:
            return Tone.MUTED
        return column.tone(item) if column.tone else Tone.PLAIN

    def _update(self, place: int, item: T) -> None:
        row = self._rows[place]
        held, row.item = row.item, item
        if held == item:
            return
        market = self._market(item)
        changed: list[int] = []
        for at, column in enumerate(self.columns):
            # Writing a number costs more than comparing it, and most columns stay as they are.
            if column.key(item) == column.key(held):
                continue
            text = column.text(item, market)
            if text != row.texts[at]:
                row.texts[at] = text
                changed.append(at)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(place, first), self.index(place, last), _CELL_ROLES)

    def _remove(self, places: list[int]) -> None:
        if not places:
            return
        for first, last in reversed(_runs(sorted(places))):
            self.beginRemoveRows(NO_INDEX, first, last)
            for row in self._rows[first : last + 1]:
                del self._places[row.key]
            del self._rows[first : last + 1]
            self._count_places(first)
            self.endRemoveRows()

    def _append(self, rows: list[_Row[T]]) -> None:
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(NO_INDEX, first, first + len(rows) - 1)
        self._rows.extend(rows)
        self._count_places(first)
        self.endInsertRows()

    def _count_places(self, first: int = 0) -> None:
        if first == 0:
            self._places.clear()
        for place in range(first, len(self._rows)):
            self._places[self._rows[place].key] = place


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Return ascending numbers as unbroken ranges, both ends included."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
