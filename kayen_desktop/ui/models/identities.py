"""The trader's keys as rows of a list: names, addresses, backups; never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from kayen_desktop.ui.presenters.connections import IdentityLine
from kayen_desktop.ui.widgets.labels import plain_tip

from .columns import KEY_ROLE
from .table import NO_INDEX, Index

LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 3
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_LINE_ROLES = [_DISPLAY, _TOOL_TIP, _SPOKEN, LINE_ROLE]


class IdentitiesModel(QAbstractListModel):
    """One row a key, in the order they were added; a key keeps its row while its words change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[IdentityLine] = []

    def show_lines(self, lines: Sequence[IdentityLine]) -> None:
        """Show these keys: rows go, change and come, and the others stay as they are."""
        wanted = {line.identity_id for line in lines}
        for row in reversed(range(len(self._lines))):
            if self._lines[row].identity_id not in wanted:
                self.beginRemoveRows(NO_INDEX, row, row)
                del self._lines[row]
                self.endRemoveRows()
        held = [line.identity_id for line in self._lines]
        if held != [line.identity_id for line in lines[: len(held)]]:
            self.beginResetModel()
            self._lines = list(lines)
            self.endResetModel()
            return
        for row, line in enumerate(lines[: len(held)]):
            if line != self._lines[row]:
                self._lines[row] = line
                self.dataChanged.emit(self.index(row), self.index(row), _LINE_ROLES)
        if len(lines) > len(held):
            self.beginInsertRows(NO_INDEX, len(held), len(lines) - 1)
            self._lines.extend(lines[len(held) :])
            self.endInsertRows()

    def row_of(self, identity_id: str) -> int | None:
        """Return where a key's row is, if it has one."""
        for row, line in enumerate(self._lines):
            if line.identity_id == identity_id:
                return row
        return None

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return the number of keys; a list has no children."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return what a row says, in words for those who hear it, and as a line for the painter."""
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == _DISPLAY:
            return line.name
        if role == _SPOKEN:
            return line.spoken
        if role == _TOOL_TIP:
            return plain_tip(f"{line.name}\n{line.address}")
        if role == LINE_ROLE:
            return line
        return line.identity_id if role == KEY_ROLE else None

    def flags(self, index: QModelIndex | Index) -> Qt.ItemFlag:
        """Allow a row to be chosen; nothing is edited in place."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )
