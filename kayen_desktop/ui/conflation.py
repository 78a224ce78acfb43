"""At most one redraw a screen frame, however many changes arrive within it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kayen_desktop.app.changes import Change

FRAME_MS = 16


class Conflator(QObject):
    """Collects changes and hands them on once a frame, in order, each one once.

    ``changes_ready`` carries a tuple of ``Change``.
    """

    changes_ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[Change, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.flush)

    def push(self, changes: Iterable[Change]) -> None:
        """Keep the changes until the end of the frame, which the first of a burst starts."""
        self._waiting.update(dict.fromkeys(changes))
        if self._waiting and not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Hand on what waits, now."""
        self._timer.stop()
        if self._waiting:
            changes = tuple(self._waiting)
            self._waiting.clear()
            self.changes_ready.emit(changes)

    def clear(self) -> None:
        """Forget what waits; nothing of it will be drawn."""
        self._timer.stop()
        self._waiting.clear()
