"""One question on a recovery phrase: six words to choose from, by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.ui.theme import SPACE_M, SPACE_S

from .calm_button import CalmButton
from .labels import plain_label

CHOICES = 6
_COLUMNS = 3


class PhraseQuiz(QWidget):
    """Tells which word was chosen; whether it is right is somebody else's business."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("phraseQuiz")
        self._trail = plain_label(role="small")
        self._trail.setObjectName("quizTrail")
        self._question = plain_label(role="heading", wraps=True)
        self._question.setObjectName("quizQuestion")
        self._buttons = [self._made(number) for number in range(1, CHOICES + 1)]
        grid = QGridLayout()
        grid.setSpacing(SPACE_S)
        for index, button in enumerate(self._buttons):
            grid.addWidget(button, *divmod(index, _COLUMNS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._trail)
        layout.addWidget(self._question)
        layout.addLayout(grid)

    def ask(self, trail: str, question: str, choices: Sequence[str], *, is_open: bool) -> None:
        """Ask this; without choices every word disappears. ``is_open`` lets it be answered."""
        is_new = question != self._question.text()
        self._trail.setText(trail)
        self._question.setText(question)
        for index, button in enumerate(self._buttons):
            word = choices[index] if index < len(choices) else ""
            button.setText(word)
            button.setAccessibleName(f"{question} {word}" if word else "No word")
            button.setEnabled(is_open and bool(word))
        if is_new and choices:
            self.first_choice.setFocus()

    @property
    def first_choice(self) -> QWidget:
        """Where the keyboard begins."""
        return self._buttons[0]

    def _made(self, number: int) -> QPushButton:
        button = CalmButton("", f"answerButton{number}", "answer")
        # The Enter key is the focused word's.
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self.chosen.emit(button.text()))
        return button
