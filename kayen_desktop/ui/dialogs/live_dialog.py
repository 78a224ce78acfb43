"""A window-modal dialog that follows the session and can't be left while a request is in flight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.session import Session
from kayen_desktop.ui.conflation import Conflator
from kayen_desktop.ui.theme import SPACE_L, SPACE_XL

# Nothing arrives to say that prices have grown old, so time itself is a reason to look.
BEAT_MS = 1000
# What a window manager puts around a window, about.
_TITLE_BAR = 40


class LivePresenter(Protocol):
    """What a dialog needs of any presenter."""

    def refresh(self) -> None:
        """Read the state anew and draw."""

    def stop(self) -> None:
        """Draw nothing any more."""


class LiveDialog(QDialog):
    """Redraws at most once a screen frame; Escape and the close button obey ``set_can_leave``."""

    def __init__(
        self, session: Session, topics: frozenset[Topic], parent: QWidget | None, width: int
    ) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(width)
        self._topics = topics
        self._can_leave = True
        self._is_fitted = False
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._footer: QLayout = QHBoxLayout()
        self._presenter: LivePresenter | None = None
        self._conflator = Conflator(self)
        self._conflator.changes_ready.connect(self._redraw)
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._redraw)
        self._unlisten = session.listen(self._hear)
        self.finished.connect(self._leave)
        self.destroyed.connect(_ignoring_arguments(self._unlisten))

    def follow(self, presenter: LivePresenter) -> None:
        """Draw what the presenter shows, now and after every change that matters to it."""
        self._presenter = presenter
        presenter.refresh()
        self._beat.start()

    def set_can_leave(self, can_leave: bool) -> None:
        """Allow or refuse Escape and the window's own close button."""
        self._can_leave = can_leave

    def reject(self) -> None:
        """Close without a result, unless a request is in flight."""
        if self._can_leave:
            super().reject()

    def place(self, body: QWidget, footer: QLayout) -> None:
        """Lay out the contents: the body scrolls where the screen is too low, the footer stays."""
        # A scroll area fills its contents' background by itself; the dialog's own shall show.
        self._area.setWidget(body)
        body.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        body.installEventFilter(self)
        self._footer = footer
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE_L, 0, SPACE_L)
        layout.setSpacing(SPACE_L)
        layout.addWidget(self._area, 1)
        footer.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.addLayout(footer)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that the texts need, now that their fonts are known."""
        super().showEvent(event)
        self._is_fitted = False
        self._fit_height()
        self._is_fitted = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room when the contents ask for it: Qt asks once for any number of changes."""
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._fit_height()
        return super().eventFilter(watched, event)

    def _fit_height(self) -> None:
        """Grow to what the texts need at this width, as far as the screen goes.

        Once shown it never shrinks: a window that jumps with every price can't be read.
        """
        layout, body = self.layout(), self._area.widget()
        if layout is None or body is None or (inner := body.layout()) is None:
            return
        inner.activate()
        margins = layout.contentsMargins()
        needed = inner.totalHeightForWidth(self.width()) + layout.spacing()
        needed += self._footer.sizeHint().height() + margins.top() + margins.bottom()
        screen = self.screen() or QGuiApplication.primaryScreen()
        needed = min(needed, screen.availableGeometry().height() - _TITLE_BAR)
        if needed > self.height() or not self._is_fitted:
            self.resize(self.width(), needed)

    def _hear(self, changes: tuple[Change, ...]) -> None:
        relevant = [change for change in changes if change.topic in self._topics]
        if relevant:
            self._conflator.push(relevant)

    def _redraw(self) -> None:
        if self._presenter is not None:
            self._presenter.refresh()

    def _leave(self) -> None:
        self._unlisten()
        self._beat.stop()
        self._conflator.clear()
        if self._presenter is not None:
            self._presenter.stop()
            self._presenter = None


def _ignoring_arguments(action: Callable[[], None]) -> Callable[..., None]:
    def call(*_: object) -> None:
        action()

    return call
