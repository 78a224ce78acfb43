"""A button for what follows upon another click: a double click presses it not even once."""

from __future__ import annotations

from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QPushButton


class CalmButton(QPushButton):
    """Ignores the second half of a double click, which was meant for what stood here before."""

    def __init__(self, text: str, name: str, kind: str) -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setProperty("kind", kind)
        self.setAutoDefault(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the event and do nothing, neither here nor in what is below."""
        event.accept()
