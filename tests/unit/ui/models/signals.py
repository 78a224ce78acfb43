"""Writes down what a model tells its views."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex

Told = tuple[object, ...]


class Signals:
    """Every signal of a model as a short tuple, oldest first."""

    def __init__(self, model: QAbstractItemModel) -> None:
        self.told: list[Told] = []
        model.dataChanged.connect(self._changed)
        model.rowsInserted.connect(lambda _, first, last: self.told.append(("in", first, last)))
        model.rowsRemoved.connect(lambda _, first, last: self.told.append(("out", first, last)))
        model.modelReset.connect(lambda: self.told.append(("reset",)))
        model.layoutChanged.connect(lambda: self.told.append(("layout",)))

    def take(self) -> list[Told]:
        """Return what was told since the last time."""
        told, self.told = self.told, []
        return told

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self.told.append(("cells", first.row(), first.column(), last.row(), last.column()))


def texts(model: QAbstractItemModel, column: int) -> list[str]:
    """Return what a column shows, from the top."""
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]
