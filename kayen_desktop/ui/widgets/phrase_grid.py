"""The numbered words of a recovery phrase; each word is on the screen only while it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL

from .labels import plain_label, set_look

_HIDDEN = "••••••••"
_SHORT = 12
_COLUMNS = 3
_COLUMNS_OF_LONG = 4


class PhraseGrid(QFrame):
    """Numbers run down the columns, as one writes a list; no word can be selected or copied."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("phraseGrid")
        self.setAccessibleName("The words of the recovery phrase")
        self.setProperty("role", "panel")
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE_XL, SPACE_M, SPACE_XL, SPACE_M)
        self._grid.setHorizontalSpacing(SPACE_S)
        self._grid.setVerticalSpacing(SPACE_M)

    def show_words(self, count: int, words: Sequence[str]) -> None:
        """Show the words, or with none as many places that hide what stands in them."""
        if count != len(self._labels):
            self._build(count)
        for number, label in enumerate(self._labels, 1):
            word = words[number - 1] if words else ""
            label.setText(word or _HIDDEN)
            label.setAccessibleName(f"Word {number}: {word}" if word else f"Word {number}, hidden")
            set_look(label, "role", "word" if word else "wordHidden")

    def hide_words(self) -> None:
        """Hide what stands in the places that there are."""
        self.show_words(len(self._labels), ())

    def _build(self, count: int) -> None:
        # A label that goes keeps its text until Qt deletes it.
        self.hide_words()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        columns = _COLUMNS if count <= _SHORT else _COLUMNS_OF_LONG
        rows = -(-count // columns)
        self._labels = []
        for index in range(count):
            column, row = divmod(index, rows)
            number = plain_label(f"{index + 1}.", "muted")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            word = plain_label(_HIDDEN, "wordHidden")
            word.setObjectName(f"phraseWord{index + 1}")
            self._labels.append(word)
            self._grid.addWidget(number, row, 2 * column)
            self._grid.addWidget(word, row, 2 * column + 1)
        for column in range(_COLUMNS_OF_LONG):
            self._grid.setColumnStretch(2 * column + 1, 1 if column < columns else 0)
