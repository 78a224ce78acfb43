"""What stands where there is nothing to show: one sentence, and a button where it helps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kayen_desktop.ui.theme import SPACE_L, SPACE_M

from .labels import plain_label


class EmptyState(QWidget):
    """A centred sentence, with at most one button below it."""

    def __init__(
        self, sentence: str, action: QPushButton | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label = plain_label(sentence, "muted", wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._action = action
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        column.setSpacing(SPACE_M)
        column.addStretch()
        column.addWidget(self._label)
        if action is not None:
            action.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            column.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def say(self, sentence: str, *, offers_action: bool = True) -> None:
        """Change the sentence; hide the button where it would not help."""
        self._label.setText(sentence)
        if self._action is not None:
            self._action.setVisible(offers_action)
