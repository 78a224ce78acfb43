"""The pages of the wizard that opens a margin account; each draws its part of the screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.presenters.open_channel import OpenPage, OpenScreen
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S

from .broker_list import BrokerList
from .fact_list import FactList
from .labels import card, set_look, show_text, text_label
from .notice_box import NoticeBox
from .step_list import StepList
from .wizard_pages import page_layout

PAGE_NAMES = ("Broker", "Deposit", "Review", "Open")


class BrokerPage(QWidget):
    """Choose the broker; the address of the chosen one can be copied whole."""

    broker_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(
            self,
            "Choose a broker",
            "The broker is the other side of your margin account (channel). Its address is fixed "
            "in this application, so that nobody can put another in its place.",
        )
        self.list = BrokerList()
        self._address = FactList("brokerAddress", is_text=True)
        self._warning = text_label(role="problem", name="clearingHouseWarning")
        self._nobody = text_label("This venue names no broker to open an account with.", "muted")
        layout.addWidget(self.list)
        layout.addWidget(self._address)
        layout.addWidget(self._warning)
        layout.addWidget(self._nobody)
        layout.addStretch(1)
        self.list.currentRowChanged.connect(self.broker_chosen)

    def show_screen(self, screen: OpenScreen) -> None:
        """Draw the brokers."""
        self.list.setVisible(bool(screen.brokers))
        self._nobody.setVisible(not screen.brokers)
        self.list.show_brokers(screen.brokers, screen.selected)
        facts: Sequence[Fact] = ()
        if 0 <= screen.selected < len(screen.brokers):
            line = screen.brokers[screen.selected]
            facts = (Fact("Address", line.short_address, copy_text=line.address),)
            if screen.house_use:
                facts = (*facts, Fact("Clearing house", screen.house_use))
        self._address.show_facts(facts)
        show_text(self._warning, screen.house_warning)


class DepositPage(QWidget):
    """Type the deposit, checked at every key against the broker's packages."""

    deposit_typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(
            self,
            "How much do you want to put in?",
            "The deposit is what you trade with and the most you can lose. What is left of it "
            "comes back to your wallet when you close the account.",
        )
        self.edit = QLineEdit()
        self.edit.setObjectName("marginDepositEdit")
        self.edit.setAccessibleName("Deposit")
        self.edit.setMaxLength(60)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._unit = text_label(role="muted", wraps=False)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self.edit, 1)
        row.addWidget(self._unit)
        caption = text_label("Deposit", "heading")
        caption.setBuddy(self.edit)
        self._limits = text_label(role="muted", name="depositLimits")
        self._problem = text_label(role="problem", name="depositProblemLabel")
        layout.addWidget(caption)
        layout.addLayout(row)
        layout.addWidget(self._limits)
        layout.addWidget(self._problem)
        layout.addStretch(1)
        self.edit.textChanged.connect(self.deposit_typed)

    def show_screen(self, screen: OpenScreen) -> None:
        """Draw the deposit, its limits and what is wrong with it."""
        if self.edit.text() != screen.deposit_text:
            self.edit.setText(screen.deposit_text)
        self._unit.setText(screen.quote)
        show_text(self._limits, "\n".join(screen.deposit_limits))
        show_text(self._problem, screen.deposit_problem)
        set_look(self.edit, "invalid", "true" if screen.deposit_problem else "false")
        self.edit.setAccessibleDescription(
            screen.deposit_problem or " ".join(screen.deposit_limits)
        )


class ProgressPage(QWidget):
    """How far opening has come."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        self._headline = text_label(role="title", name="openHeadline")
        self._explanation = text_label(role="muted", name="openExplanation")
        frame, inside = card()
        inside.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        self.steps = StepList("channelProgress", "Progress of opening the account")
        inside.addWidget(self.steps)
        self._notice = NoticeBox("openNotice")
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        layout.addWidget(frame)
        layout.addWidget(self._notice)
        layout.addStretch(1)

    def show_screen(self, screen: OpenScreen) -> None:
        """Draw the timeline."""
        self._headline.setText(screen.headline)
        self._explanation.setText(screen.explanation)
        self.steps.show_steps(screen.steps)
        self._notice.show_notice(screen.notice if screen.page is OpenPage.PROGRESS else None)
