"""An area that asks for the height of its contents, and scrolls where it does not get it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

# A few lines: enough to see that there is more.
_MIN_HEIGHT = 60


class Scrolled(QScrollArea):
    """Contents go into ``column``; the area shows what stands behind it and scrolls downwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.setWidget(body)
        # A scroll area fills its contents' background by itself; the window's own shall show.
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        body.installEventFilter(self)

    def heightForWidth(self, width: int) -> int:
        """Return the height at which nothing scrolls."""
        if self.column.hasHeightForWidth():
            return self.column.totalHeightForWidth(width)
        return self.column.totalSizeHint().height()

    def sizeHint(self) -> QSize:
        """Return the size at which nothing scrolls."""
        return self.column.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return a size that still shows where one is."""
        return QSize(self.column.totalMinimumSize().width(), _MIN_HEIGHT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another height once the contents need one."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._choose_bar()
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll only if the contents are higher than this."""
        self._choose_bar()
        super().resizeEvent(event)

    def _choose_bar(self) -> None:
        """Show the bar only where the contents need it at the full width.

        Left to itself a bar stays because of the lines that it makes longer by being there.
        """
        fits = self.heightForWidth(self.width()) <= self.height()
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        wanted = off if fits else on
        if self.verticalScrollBarPolicy() is not wanted:
            self.setVerticalScrollBarPolicy(wanted)
