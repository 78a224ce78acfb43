"""A window-modal dialog that follows the session and can't be left while a request is in flight."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.session import Session
from kayen_desktop.ui.conflation import Conflator
from kayen_desktop.ui.theme import SPACE_XL

from .scrolling_dialog import Presenter, ScrollingDialog

# Nothing arrives to say that prices have grown old, so time itself is a reason to look.
BEAT_MS = 1000


class LiveDialog(ScrollingDialog):
    """Redraws at most once a screen frame, and hears of nothing once it is closed."""

    def __init__(
        self, session: Session, topics: frozenset[Topic], parent: QWidget | None, width: int
    ) -> None:
        super().__init__(parent, width, is_question=False)
        self._topics = topics
        self._conflator = Conflator(self)
        self._conflator.changes_ready.connect(self._redraw)
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._redraw)
        unlisten = session.listen(self._hear)
        self._unlisten = unlisten
        self.finished.connect(self._hear_no_more)
        self.destroyed.connect(lambda: unlisten())

    def place(self, body: QWidget, footer: QHBoxLayout) -> None:
        """Lay out the contents; the body has the margins of the window on its sides already."""
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(body)
        footer.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        self.column.addLayout(footer)

    def follow(self, presenter: Presenter) -> None:
        """Draw what the presenter shows, now and after every change that matters to it."""
        super().follow(presenter)
        self._beat.start()

    def _hear(self, changes: tuple[Change, ...]) -> None:
        relevant = [change for change in changes if change.topic in self._topics]
        if relevant:
            self._conflator.push(relevant)

    def _redraw(self) -> None:
        if self._followed is not None:
            self._followed.refresh()

    def _hear_no_more(self) -> None:
        self._unlisten()
        self._beat.stop()
        self._conflator.clear()
