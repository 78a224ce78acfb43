"""What happened, in sentences, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from kayen_desktop.domain.events import Severity
from kayen_desktop.ui.formatting import format_time
from kayen_desktop.ui.presenters.activity import ActivityEntry
from kayen_desktop.ui.theme import tokens
from kayen_desktop.ui.widgets.labels import plain_tip

from .columns import Tone, tone_colour
from .table import NO_INDEX, Index

KEPT = 1000
_TITLES = ("Time", "About", "What happened")
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TONES = {
    Severity.INFO: Tone.PLAIN,
    Severity.WARNING: Tone.WARNING,
    Severity.CRITICAL: Tone.BAD,
}


class ActivityModel(QAbstractTableModel):
    """At most ``KEPT`` entries; a new one comes in at the top."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[ActivityEntry] = []

    def add(self, entries: Sequence[ActivityEntry]) -> None:
        """Show the entries, given oldest first, above the others."""
        if not entries:
            return
        self.beginInsertRows(NO_INDEX, 0, len(entries) - 1)
        self._entries[:0] = reversed(entries)
        self.endInsertRows()
        if len(self._entries) > KEPT:
            self.beginRemoveRows(NO_INDEX, KEPT, len(self._entries) - 1)
            del self._entries[KEPT:]
            self.endRemoveRows()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, 2))

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._entries.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return the number of entries."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """Return three: when, about what, the sentence."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (format_time(entry.at), entry.about, entry.sentence)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(entry.sentence)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _LEFT
            case Qt.ItemDataRole.ForegroundRole:
                tone = _TONES[entry.severity] if index.column() else Tone.MUTED
                return tone_colour(tone, tokens())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return the titles."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return _LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None
