"""The field for the words of a recovery phrase."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from kayen_desktop.ui.theme import SPACE_S

_LINES = 4


class PhraseEdit(QPlainTextEdit):
    """Tab leaves it, Enter submits it, and nothing that stood in it can be brought back by undo."""

    typed = Signal(str)
    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("phraseEdit")
        self.setAccessibleName("Recovery phrase")
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        margins = round(2 * self.document().documentMargin()) + 2 * self.frameWidth() + SPACE_S
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + margins)
        self.textChanged.connect(self._tell)

    def text(self) -> str:
        """Return what stands here."""
        return self.toPlainText()

    def setText(self, text: str) -> None:
        """Put another text here and leave the cursor at its end."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def forget(self) -> None:
        """Empty the field."""
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit with Enter: a phrase is one line however it was written."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.submitted.emit()

    def _tell(self) -> None:
        self.typed.emit(self.toPlainText())
