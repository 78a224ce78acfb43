"""What the small dialogs about one key share: a title, and nothing left behind."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from kayen_desktop.domain.events import Severity

from .labels import card, text_label
from .scrolling_dialog import ScrollingDialog


class KeyDialog(ScrollingDialog):
    """Drops what it held once it is closed."""

    def __init__(
        self, name: str, title: str, subtitle: str, parent: QWidget | None, width: int
    ) -> None:
        super().__init__(parent, width)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.body.addWidget(text_label(title, "title", "dialogTitle"))
        if subtitle:
            self.body.addWidget(text_label(subtitle, "muted", "keyLabel"))
        self.finished.connect(self.forget)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin where the keyboard is, which a low screen may have below its edge."""
        super().showEvent(event)
        focused = self.focusWidget()
        if focused is not None and self._area.isAncestorOf(focused):
            self.scroll_to(focused)

    def forget(self) -> None:
        """Empty every field that may hold a secret; called when the dialog closes."""


def warning_card(severity: Severity, *labels: QLabel) -> QFrame:
    """Return a frame in the colour of a notice for what must be read first."""
    frame, inside = card("notice")
    frame.setProperty("severity", severity.value)
    for label in labels:
        inside.addWidget(label)
    return frame
