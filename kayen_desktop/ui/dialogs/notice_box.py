"""A notice inside a dialog: what happened, what is safe, what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout

from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.theme import SPACE_M, SPACE_XS

from .labels import CopyButton, set_look, show_text, text_label


class NoticeBox(QFrame):
    """Hidden while there is nothing to say; what to do next is done with the dialog's buttons."""

    def __init__(self, name: str = "dialogNotice") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "notice")
        self._happened = text_label(role="heading", name="noticeHappened")
        self._safe = text_label(name="noticeSafe")
        self._next = text_label(name="noticeNextStep")
        self._copy = CopyButton(
            "the technical details", name="noticeDetailButton", caption="Copy details"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_XS)
        for label in (self._happened, self._safe, self._next):
            layout.addWidget(label)
        layout.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_notice(self, notice: Notice | None) -> None:
        """Draw the notice, or nothing."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        set_look(self, "severity", notice.severity.value)
        show_text(self._happened, notice.happened)
        show_text(self._safe, notice.safe)
        show_text(self._next, notice.next_step)
        self._copy.set_copied_text(notice.detail)
        self._copy.setVisible(bool(notice.detail))
        self.setAccessibleName(notice.text)

    def text(self) -> str:
        """Return what is shown."""
        labels = (self._happened, self._safe, self._next)
        return " ".join(label.text() for label in labels) if not self.isHidden() else ""
