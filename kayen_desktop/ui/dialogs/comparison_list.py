"""A list of figures as they are and as they would be, each with what it means."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.presenters.what_if import Comparison
from kayen_desktop.ui.theme import SPACE_L, SPACE_XS

from .labels import set_look, text_label

_SIGNS = {Tone.GOOD: "good", Tone.BAD: "bad"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop


class ComparisonList(QWidget):
    """Rows of a label, its meaning below it, and two figures; rows stay while figures change."""

    def __init__(self, name: str, titles: tuple[str, str]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._labels: tuple[tuple[str, str], ...] = ()
        self._values: list[tuple[QLabel, QLabel]] = []
        self._titles = titles
        self._unit = ""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_L)
        self._grid.setVerticalSpacing(SPACE_XS)
        self._grid.setColumnStretch(0, 1)

    def show_facts(self, facts: Sequence[Comparison], unit: str) -> None:
        """Draw the figures, whose money is in the unit; with none the list takes no room."""
        self.setVisible(bool(facts))
        if unit != self._unit:
            self._unit, self._labels = unit, ()
        labels = tuple((fact.label, fact.meaning) for fact in facts)
        if labels != self._labels:
            self._labels = labels
            self._build()
        for (now, then), fact in zip(self._values, facts, strict=True):
            _show(now, f"{fact.label}, {self._titles[0]}", fact.now)
            _show(then, f"{fact.label}, {self._titles[1]}", fact.then)
            set_look(then, "sign", _SIGNS.get(fact.tone, ""))

    def texts(self) -> list[tuple[str, str, str]]:
        """Return what is shown: label, figure now, figure then."""
        return [
            (label, now.text(), then.text())
            for (label, _), (now, then) in zip(self._labels, self._values, strict=True)
        ]

    def _build(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._values = []
        for column, title in enumerate(self._titles, start=1):
            heading = text_label(f"{title}, {self._unit}", "small", wraps=False)
            self._grid.addWidget(heading, 0, column, _RIGHT)
        for row, (label, meaning) in enumerate(self._labels, start=1):
            self._grid.addWidget(_captions(label, meaning), row, 0)
            now = text_label(role="muted", name="nowValue", wraps=False)
            then = text_label(role="heading", name="thenValue", wraps=False)
            for column, value in enumerate((now, then), start=1):
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addWidget(value, row, column, _RIGHT)
            self._values.append((now, then))


def _captions(label: str, meaning: str) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(text_label(label))
    column.addWidget(text_label(meaning, "small"))
    return both


def _show(value: QLabel, spoken: str, text: str) -> None:
    if value.text() != text:
        value.setText(text)
        value.setAccessibleName(f"{spoken}: {text}")
