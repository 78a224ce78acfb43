"""Leaves out of what screen readers are told what the locked screen must not show.

Qt tells them, and every program that asks as they do, of hidden widgets, too, with all that
stands in them. By one name alone it leaves out a widget and everything below it: that of the
rubber band of its own (QAccessibleWidget).
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

_UNTOLD = "qt_rubberband"
_OWN_NAME = "nameBeforeUntold"


def untell(widget: QWidget) -> None:
    """Tell nobody of the widget from now on; of a window, of nothing that is in it."""
    for part in _parts(widget):
        if part.objectName() != _UNTOLD:
            part.setProperty(_OWN_NAME, part.objectName())
            part.setObjectName(_UNTOLD)


def tell(widget: QWidget) -> None:
    """Tell of it again, whoever asks."""
    for part in _parts(widget):
        if part.objectName() == _UNTOLD:
            part.setObjectName(str(part.property(_OWN_NAME) or ""))


def _parts(widget: QWidget) -> list[QWidget]:
    if not widget.isWindow():
        return [widget]
    inside = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [each for each in inside if not each.isWindow()]
