"""A window-modal dialog of fixed width that is as high as its texts need."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from kayen_desktop.ui.theme import SPACE_L, SPACE_XL

# What a window manager puts around a window, about.
TITLE_BAR = 40


class PlainDialog(QDialog):
    """A question goes with the window that it stands over; any dialog is deleted once closed."""

    def __init__(self, parent: QWidget | None, width: int, *, is_question: bool = True) -> None:
        """Only a question is rejected with the window below, and only one ever shrinks.

        Whatever else is shown may be hidden with that window and come back with it, and it changes
        by itself: a window that jumps under the mouse can't be used.
        """
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(width)
        self._is_question = is_question
        self._is_fitted = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        self._column.setSpacing(SPACE_L)
        if parent is not None and is_question:
            parent.installEventFilter(self)

    @property
    def column(self) -> QVBoxLayout:
        """Where the contents go, from top to bottom."""
        return self._column

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that the texts need, now that their fonts are known."""
        super().showEvent(event)
        self._is_fitted = False
        self._fit_height()
        self._is_fitted = True

    def event(self, event: QEvent) -> bool:
        """Make room when the contents ask for it: Qt asks once for any number of changes."""
        is_done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._fit_height()
        return is_done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go with the window below, whatever is under way: nobody waits for it any more."""
        if (
            event.type() == QEvent.Type.Hide
            and not event.spontaneous()
            and watched is self.parent()
            and self.isVisible()
        ):
            self.done(QDialog.DialogCode.Rejected)
        return super().eventFilter(watched, event)

    def _fit_height(self) -> None:
        """Be as high as the texts need at this width, as far as the screen goes."""
        self._column.activate()
        screen = self.screen() or QGuiApplication.primaryScreen()
        room = screen.availableGeometry().height() - TITLE_BAR
        needed = min(self._column.totalHeightForWidth(self.width()), room)
        if self._is_question:
            self.setFixedHeight(needed)
        elif needed > self.height() or not self._is_fitted:
            self.resize(self.width(), needed)
