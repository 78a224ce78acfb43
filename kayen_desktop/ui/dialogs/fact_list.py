"""A list of labelled figures or sentences, with a copy button where a value is shortened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from kayen_desktop.ui.presenters.facts import Fact, Tone
from kayen_desktop.ui.theme import SPACE_L, SPACE_S
from kayen_desktop.ui.widgets.labels import plain_tip

from .labels import CopyButton, set_look, text_label

_ROLES = {Tone.PLAIN: "", Tone.GOOD: "good", Tone.BAD: "bad", Tone.STRONG: "heading"}


class FactList(QWidget):
    """Two columns that keep their labels while the figures change."""

    def __init__(self, name: str, *, is_text: bool = False, label_width: int = 0) -> None:
        """``is_text`` for sentences, which read from the left; figures line up on the right."""
        super().__init__()
        self.setObjectName(name)
        self._is_text = is_text
        self._values: list[QLabel] = []
        self._shape: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_L)
        self._grid.setVerticalSpacing(SPACE_S)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, label_width)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Draw the facts; with none the list takes no room."""
        self.setVisible(bool(facts))
        shape = tuple((fact.label, fact.copy_text) for fact in facts)
        if shape != self._shape:
            self._shape = shape
            self._build(facts)
        for label, fact in zip(self._values, facts, strict=True):
            if label.text() != fact.value:
                label.setText(fact.value)
                label.setAccessibleName(f"{fact.label}: {fact.value}")
            set_look(label, "role", _ROLES[fact.tone])

    def texts(self) -> list[tuple[str, str]]:
        """Return what is shown, as pairs of label and value."""
        return [
            (label, value.text())
            for (label, _), value in zip(self._shape, self._values, strict=True)
        ]

    def _build(self, facts: Sequence[Fact]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._values = []
        before = _reached_before(self)
        for row, fact in enumerate(facts):
            label = text_label(fact.label, "muted", wraps=self._is_text)
            value = text_label(name="factValue")
            side = Qt.AlignmentFlag.AlignLeft if self._is_text else Qt.AlignmentFlag.AlignRight
            value.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setBuddy(value)
            self._values.append(value)
            if fact.copy_text:
                self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
                line = self._with_copy(value, fact)
                self._grid.addWidget(line, row, 1)
                # Made late, the button would come after all the others on the Tab key.
                copy = line.findChildren(CopyButton)[0]
                QWidget.setTabOrder(before, copy)
                before = copy
            else:
                self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(value, row, 1)

    def _with_copy(self, value: QLabel, fact: Fact) -> QWidget:
        value.setToolTip(plain_tip(fact.copy_text))
        value.setWordWrap(False)
        value.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        if not self._is_text:
            layout.addStretch(1)
        layout.addWidget(value, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(CopyButton(fact.label, fact.copy_text), 0, Qt.AlignmentFlag.AlignVCenter)
        if self._is_text:
            layout.addStretch(1)
        return line


def _reached_before(widget: QWidget) -> QWidget:
    """Return what the Tab key reaches last before the widget."""
    before = widget
    while (previous := before.previousInFocusChain()) not in (None, widget):
        before = previous
        if before.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            return before
    return widget
