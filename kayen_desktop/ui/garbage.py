"""Python's garbage collection, on the thread of the window alone.

Decision: Python collects cycles on whatever thread happens to allocate next. Ours work on keys and
passphrases beside the window, and a widget that is destroyed on such a thread takes the process
down. So the automatic collection is off, and a timer of the window collects by the same
thresholds. Finding and breaking every cycle instead was refused: one that is overlooked is a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 500


class GarbageCollection(QObject):
    """Collects from now on, until ``stop`` gives the collection back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        # What was imported until now stays for good: walking it again would only cost time.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
