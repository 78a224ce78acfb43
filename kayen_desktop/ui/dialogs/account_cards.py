"""The cards of an account's details: the alarm, the dispute, and the settlements so far."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.ui.presenters.account import SettlementLine
from kayen_desktop.ui.presenters.account_cards import AlarmCard
from kayen_desktop.ui.presenters.account_life import DisputeCard
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.calm_button import CalmButton

from .fact_list import FactList
from .labels import CopyButton, push_button, set_look, show_text, text_label
from .step_list import StepList

_LABEL_WIDTH = 140


class AlarmBox(QFrame):
    """Why trading is stopped: both addresses whole, what is safe, what to do, and the one button.

    The button needs a click of its own each time: a double click does not trust an address.
    """

    trust_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("addressAlarm")
        self.setProperty("role", "notice")
        self.setProperty("severity", "critical")
        self._title = text_label(role="heading", name="alarmTitle")
        self._happened = text_label(name="alarmHappened")
        self._pinned = _WholeAddress("Pinned until now", "the pinned address", "pinnedAddress")
        self._told = _WholeAddress("Shown by the venue now", "the new address", "toldAddress")
        self._safe = text_label(name="alarmSafe")
        self._next = text_label(name="alarmNextStep")
        self._trust = CalmButton("", "trustAddressButton", "danger")
        self._trust.clicked.connect(self.trust_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_S)
        for widget in (
            self._title, self._happened, self._pinned, self._told, self._safe, self._next
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addWidget(self._trust, 0, Qt.AlignmentFlag.AlignLeft)

    def show_alarm(self, alarm: AlarmCard | None, *, is_trusting: bool) -> None:
        """Draw the alarm, or nothing."""
        self.setVisible(alarm is not None)
        if alarm is None:
            return
        self._title.setText(alarm.title)
        self._happened.setText(alarm.happened)
        self._pinned.show_address(alarm.pinned)
        self._told.show_address(alarm.told)
        self._safe.setText(alarm.safe)
        self._next.setText(alarm.next_step)
        self._trust.setText(alarm.trust_button)
        self._trust.setAccessibleName(alarm.trust_button)
        self._trust.setVisible(bool(alarm.trust_button))
        self._trust.setEnabled(not is_trusting)
        self.setAccessibleName(f"{alarm.title}. {alarm.happened}")


class DisputeBox(QFrame):
    """What a dispute is, since when it runs, what is safe and what to do; or how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("disputeCard")
        self.setProperty("role", "notice")
        self._title = text_label(role="heading", name="disputeTitle")
        self._explanation = text_label(name="disputeExplanation")
        self._facts = FactList("disputeFacts", is_text=True, label_width=_LABEL_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self._title)
        layout.addWidget(self._explanation)
        layout.addWidget(self._facts)

    def show_dispute(self, dispute: DisputeCard | None) -> None:
        """Draw the dispute, or nothing."""
        self.setVisible(dispute is not None)
        if dispute is None:
            return
        set_look(self, "severity", "warning" if dispute.is_running else "info")
        self._title.setText(dispute.title)
        self._explanation.setText(dispute.explanation)
        self._facts.show_facts(dispute.facts)
        self.setAccessibleName(dispute.title)


class SettlementList(QWidget):
    """One line a settlement, newest first; each unfolds its figures and its steps."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("settlementList")
        self.setAccessibleName("Settlements so far")
        self._rows: dict[str, _SettlementRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE_M)

    def show_settlements(self, lines: Sequence[SettlementLine]) -> None:
        """Draw the settlements; what was unfolded stays so."""
        wanted = [line.settlement_id for line in lines]
        if wanted != list(self._rows):
            for key in self._rows.keys() - set(wanted):
                row = self._rows.pop(key)
                row.hide()
                row.deleteLater()
            held = self._rows
            self._rows = {key: held.get(key) or _SettlementRow() for key in wanted}
            for row in self._rows.values():
                self._layout.removeWidget(row)
                self._layout.addWidget(row)
        for line in lines:
            self._rows[line.settlement_id].show_line(line)


class _WholeAddress(QWidget):
    """An address letter by letter, to be compared, with a button that copies it."""

    def __init__(self, caption: str, what: str, name: str) -> None:
        super().__init__()
        self._caption = caption
        self._address = text_label(role="mono", name=name, wraps=False)
        self._address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._copy = CopyButton(what, name=f"{name}Copy")
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self._address)
        row.addWidget(self._copy)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addWidget(text_label(caption, "small"))
        layout.addLayout(row)

    def show_address(self, address: str) -> None:
        """Draw the address; without one the line takes no room."""
        self.setVisible(bool(address))
        if address != self._address.text():
            self._address.setText(address)
            self._address.setAccessibleName(f"{self._caption}: {address}")
        self._copy.set_copied_text(address)


class _SettlementRow(QFrame):
    """A settlement's line, and beneath it what a button unfolds."""

    def __init__(self) -> None:
        super().__init__()
        self._when = text_label(role="small", name="settlementTime")
        self._text = text_label(name="settlementText")
        self._facts = FactList("settlementFacts")
        self._steps = StepList("settlementSteps", "Steps of this settlement")
        self._unfolded = QWidget()
        inside = QVBoxLayout(self._unfolded)
        inside.setContentsMargins(0, SPACE_S, 0, 0)
        inside.setSpacing(SPACE_M)
        inside.addWidget(self._facts)
        inside.addWidget(self._steps)
        self._unfolded.hide()
        self._toggle: QPushButton = push_button("Show steps", "settlementToggle", "link")
        self._toggle.setCheckable(True)
        self._toggle.toggled.connect(self._on_toggled)
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        words = QVBoxLayout()
        words.setSpacing(SPACE_XS // 2)
        words.addWidget(self._text)
        words.addWidget(self._when)
        head.addLayout(words, 1)
        head.addWidget(self._toggle, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._unfolded)

    def show_line(self, line: SettlementLine) -> None:
        """Draw the settlement as it stands."""
        self._when.setText(line.when)
        self._text.setText(line.text)
        self._toggle.setAccessibleDescription(line.text)
        self._facts.show_facts(line.facts)
        self._steps.show_steps(line.steps)

    def _on_toggled(self, is_on: bool) -> None:
        self._unfolded.setVisible(is_on)
        self._toggle.setText("Hide steps" if is_on else "Show steps")
        self._toggle.setAccessibleName(self._toggle.text())


class WarningLabel(QWidget):
    """A warning in a card, in words and by its colour; hidden where there is none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._label = text_label(role="problem", name=name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label)

    def show_warning(self, text: str, *, is_grave: bool) -> None:
        """Draw the warning, or nothing."""
        self.setVisible(bool(text))
        show_text(self._label, text)
        set_look(self._label, "role", "bad" if is_grave else "problem")
