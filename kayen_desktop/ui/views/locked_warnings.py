"""The warnings that came while the window was locked, without a figure of money."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from kayen_desktop.domain.events import Severity
from kayen_desktop.ui.presenters.lock_screen import WarningLine
from kayen_desktop.ui.theme import SPACE_M, SPACE_S
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.labels import plain_label, set_look

_ORDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


class WarningList(QFrame):
    """What came while the screen was locked, newest first; hidden while nothing did."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lockedWarnings")
        self.setProperty("role", "notice")
        self.setAccessibleName("What happened while it was locked")
        self._shown: tuple[WarningLine, ...] = ()
        self._lines: list[QLabel] = []
        self._older = plain_label(role="small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        self._column.setSpacing(SPACE_S)
        self._column.addWidget(plain_label("While it was locked", "heading"))
        self._column.addWidget(self._older)
        self.hide()

    def show_warnings(self, warnings: tuple[WarningLine, ...], older: str) -> None:
        """Draw the newest warnings; a new one is spoken."""
        if warnings == self._shown and older == self._older.text():
            return
        is_news = bool(warnings) and warnings[:1] != self._shown[:1]
        self._shown = warnings
        while len(self._lines) < len(warnings):
            line = plain_label(wraps=True)
            line.setObjectName("lockedWarning")
            self._column.insertWidget(self._column.count() - 1, line)
            self._lines.append(line)
        for number, label in enumerate(self._lines):
            text = (
                f"{warnings[number].at}  {warnings[number].text}" if number < len(warnings) else ""
            )
            label.setText(text)
            label.setVisible(bool(text))
        gravest = max((each.severity for each in warnings), key=_ORDER.index, default=Severity.INFO)
        set_look(self, "severity", gravest.value)
        self._older.setText(older)
        self._older.setVisible(bool(older))
        self.setVisible(bool(warnings))
        self.setAccessibleDescription(" ".join(each.text for each in warnings))
        if is_news:
            announce(self, warnings[0].text)
