"""A dialog of one presenter: its body scrolls where the screen is too low, its buttons stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSlider, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from kayen_desktop.ui.widgets.scrolled import Scrolled

from .plain_dialog import PlainDialog

# Keyed by number: some keys of some keyboards have one that Qt has no name for.
_PAGE_KEYS: dict[int, QAbstractSlider.SliderAction] = {
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
}


class Presenter(Protocol):
    """What the dialog needs of any presenter."""

    def refresh(self) -> None:
        """Draw."""

    def stop(self) -> None:
        """Draw nothing any more."""


class ScrollingDialog(PlainDialog):
    """Can't be left by Escape or the close button where ``set_can_leave`` says so."""

    def __init__(self, parent: QWidget | None, width: int, *, is_question: bool = True) -> None:
        super().__init__(parent, width, is_question=is_question)
        self._can_leave = True
        self._followed: Presenter | None = None
        # The scroll bar of a low screen stands at the edge, not beside the texts.
        self.column.setContentsMargins(0, SPACE_L, 0, SPACE_L)
        self._area = Scrolled()
        self._area.column.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        self._area.column.setSpacing(SPACE_M)
        self.column.addWidget(self._area, 1)
        self.finished.connect(self._leave)

    @property
    def body(self) -> QVBoxLayout:
        """Where the contents go."""
        return self._area.column

    def add_buttons(self, *left: QPushButton, right: Sequence[QPushButton]) -> None:
        """Lay out the row of buttons at the bottom."""
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        row.setSpacing(SPACE_S)
        for button in left:
            row.addWidget(button)
        row.addStretch(1)
        for button in right:
            row.addWidget(button)
        self.column.addLayout(row)

    def follow(self, presenter: Presenter) -> None:
        """Draw what the presenter shows, until the dialog is closed."""
        self._followed = presenter
        presenter.refresh()

    def set_can_leave(self, can_leave: bool) -> None:
        """Allow or refuse Escape and the window's own close button."""
        self._can_leave = can_leave

    def reject(self) -> None:
        """Close without a result, unless something is under way."""
        if self._can_leave:
            super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll the body by a page also where a button beneath it has the keyboard."""
        action = _PAGE_KEYS.get(event.key())
        if action is None:
            super().keyPressEvent(event)
        else:
            self._area.verticalScrollBar().triggerAction(action)

    def scroll_to(self, widget: QWidget) -> None:
        """Bring a widget of the body into sight."""
        self._area.ensureWidgetVisible(widget)

    def scroll_to_top(self) -> None:
        """Show the body from its beginning."""
        self._area.verticalScrollBar().setValue(0)

    def _leave(self) -> None:
        if self._followed is not None:
            self._followed.stop()
            self._followed = None
