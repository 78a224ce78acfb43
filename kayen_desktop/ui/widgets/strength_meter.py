"""How soon a passphrase would be guessed: in colour, and in words for those who don't see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kayen_desktop.ui.notices.keys import strength_text
from kayen_desktop.ui.theme import SPACE_XS

from .announcements import announce
from .labels import plain_label, set_look

if TYPE_CHECKING:
    from kayen_desktop.keys.strength import Strength

BEST_SCORE = 4
_LOOKS = ("bad", "bad", "fair", "good", "good")
_EMPTY = "Several words that have nothing to do with each other are strong and easy to remember."
_LINES = 2


class StrengthMeter(QWidget):
    """Four bars and a sentence; the score is spoken when it changes, not at every key."""

    def __init__(self, noun: str) -> None:
        """``noun`` is what is measured: a passphrase, or the password of a file."""
        super().__init__()
        self.setObjectName("strengthMeter")
        self.setAccessibleName(f"Strength of the {noun}")
        self._score: int | None = None
        self._bars = [QFrame() for _ in range(BEST_SCORE)]
        row = QHBoxLayout()
        row.setSpacing(SPACE_XS)
        for bar in self._bars:
            bar.setProperty("role", "strengthBar")
            row.addWidget(bar)
        self._words = plain_label(role="small", wraps=True)
        self._words.setObjectName("strengthWords")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addLayout(row)
        layout.addWidget(self._words)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        # The fields below must not jump at every key.
        self._words.setMinimumHeight(_LINES * self._words.fontMetrics().lineSpacing())
        self.show_strength(None)

    def show_strength(self, strength: Strength | None) -> None:
        """Draw the strength; None where nothing is typed."""
        score = None if strength is None else strength.score
        filled = 0 if score is None else max(score, 1)
        look = "" if score is None else _LOOKS[score]
        for number, bar in enumerate(self._bars):
            set_look(bar, "level", look if number < filled else "")
        words = _EMPTY if strength is None else strength_text(strength)
        self._words.setText(words)
        self.setAccessibleDescription(words)
        if score is not None and score != self._score:
            announce(self, words)
        self._score = score
