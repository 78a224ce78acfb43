"""Tells the lock that the trader is there, and that time passes.

Decision: the filter sits on the application's top-level windows, where the platform delivers every
key, click and movement once. A filter on the application object was refused: it is called in Python
for each event of each object, paint and timer events included, and is handed objects that are still
being built or already being destroyed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QWindow

if TYPE_CHECKING:
    from kayen_desktop.keys.lock import Lock

TICK_MS = 1000
# A moving mouse speaks hundreds of times a second; the lock need not hear all of it.
_BETWEEN_TOUCHES_S = 0.25
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
        QEvent.Type.NativeGesture,
    }
)


class ActivityWatch(QObject):
    """Watches every window of the application from now to ``stop``."""

    def __init__(
        self,
        lock: Lock,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` counts seconds; it only spaces the touches."""
        super().__init__(parent)
        self._lock = lock
        self._clock = clock
        self._next_touch_at = clock()
        self._is_watching = True
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._application().focusWindowChanged.connect(self._watch)
        self._watch_all()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more: the lock is told nothing from now on."""
        if not self._is_watching:
            return
        self._is_watching = False
        self._timer.stop()
        self._application().focusWindowChanged.disconnect(self._watch)
        for window in QGuiApplication.topLevelWindows():
            window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note signs of life; every event goes on to where it was going."""
        if event.type() in _SIGNS_OF_LIFE:
            now = self._clock()
            if now >= self._next_touch_at:
                self._next_touch_at = now + _BETWEEN_TOUCHES_S
                self._lock.touch()
        return False

    def _tick(self) -> None:
        # Windows that never have the focus, such as open menus, are found here.
        self._watch_all()
        self._lock.tick()

    def _watch_all(self) -> None:
        for window in QGuiApplication.topLevelWindows():
            self._watch(window)

    def _watch(self, window: QWindow | None) -> None:
        """Watch the window; Qt keeps one filter even where it is told twice."""
        if window is not None:
            window.installEventFilter(self)

    def _application(self) -> QGuiApplication:
        application = QGuiApplication.instance()
        if not isinstance(application, QGuiApplication):
            raise TypeError("there is no application to watch")
        return application
