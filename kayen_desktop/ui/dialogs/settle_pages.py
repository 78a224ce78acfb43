"""The pages of the wizard that settles markets; each draws its part of the screen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.ui.notices.settling import (
    AVAILABLE_TEXT,
    AVAILABLE_TITLE,
    FORCED_TEXT,
    FORCED_TITLE,
    method_explanation,
    method_text,
)
from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.presenters.settle import SettlePage, SettleScreen
from kayen_desktop.ui.presenters.steps import Step
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_XL, SPACE_XS

from .fact_list import FactList
from .labels import CopyButton, card, push_button, show_text, text_label
from .market_choice import MarketList
from .notice_box import NoticeBox
from .step_list import StepList
from .titled_card import titled_card
from .wizard_pages import LABEL_WIDTH, page_layout

PAGE_NAMES = ("Markets", "How", "Review", "Settle")
_CHOOSE_ALL = "Choose all"
_CHOOSE_NONE = "Choose none"


class MarketsPage(QWidget):
    """Choose what to settle, with the margin that would be left."""

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(
            self,
            "Which markets do you want to settle?",
            "Settling ends a position and pays out its result now, while your margin account "
            "(channel) stays open. A profit goes to your wallet; a loss is paid from your wallet.",
        )
        self.list = MarketList()
        self.choose_all = push_button(_CHOOSE_ALL, "settleAllButton", "link")
        self._empty = text_label(role="muted", name="settleEmptyLabel")
        self._margin = FactList("settleMarginFacts")
        self._hint = text_label(role="muted", name="settleHintLabel")
        self.refusal = text_label(role="problem", name="settleRefusalLabel")
        row = QHBoxLayout()
        row.addWidget(self.choose_all)
        row.addStretch(1)
        self._card, inside = card()
        self._margin_title = text_label(role="heading", name="settleMarginTitle")
        inside.addWidget(self._margin_title)
        inside.addWidget(self._margin)
        layout.addWidget(self.list)
        layout.addLayout(row)
        layout.addWidget(self._empty)
        layout.addWidget(self._hint)
        layout.addWidget(self.refusal)
        layout.addWidget(self._card)
        layout.addStretch(1)

    def show_screen(self, screen: SettleScreen) -> None:
        """Draw the positions and what the choice would leave; elsewhere nothing changes."""
        if screen.page is not SettlePage.MARKETS:
            return
        self.list.setVisible(bool(screen.markets))
        self.list.show_markets(screen.markets)
        self.choose_all.setVisible(bool(screen.markets))
        self.choose_all.setText(_CHOOSE_NONE if screen.is_all_chosen else _CHOOSE_ALL)
        self.choose_all.setAccessibleName(self.choose_all.text())
        show_text(self._empty, screen.empty)
        has_margin = bool(screen.margin) and bool(screen.markets)
        self._card.setVisible(has_margin)
        has_choice = any(line.is_chosen for line in screen.markets)
        self._margin_title.setText("Margin after" if has_choice else "Margin now")
        self._margin.show_facts(screen.margin if has_margin else ())
        show_text(self._hint, screen.hint)
        show_text(self.refusal, screen.refusal)
        self.list.setAccessibleDescription(screen.refusal or screen.hint)


class MethodPage(QWidget):
    """Choose how it is paid; what can be asked for, and what can't, is said beneath."""

    method_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(
            self,
            "How shall it be paid?",
            "The money goes between your wallet and the broker; the balance of your margin account "
            "(channel) stays as it is.",
        )
        self._group = QButtonGroup(self)
        self._radios: dict[PaymentMethod, QRadioButton] = {}
        self._cards: dict[PaymentMethod, QFrame] = {}
        for method in PaymentMethod:
            layout.addWidget(self._build_method(method))
        self._chain = FactList("settleChainFacts", is_text=True, label_width=LABEL_WIDTH)
        layout.addWidget(self._chain)
        layout.addSpacing(SPACE_XS)
        for title, text in ((AVAILABLE_TITLE, AVAILABLE_TEXT), (FORCED_TITLE, FORCED_TEXT)):
            layout.addWidget(text_label(title, "heading"))
            layout.addWidget(text_label(text, "muted"))
        layout.addStretch(1)

    @property
    def chosen_radio(self) -> QWidget | None:
        """The way of payment that is chosen."""
        return self._group.checkedButton()

    def show_screen(self, screen: SettleScreen) -> None:
        """Draw the ways of payment that the venue offers."""
        lines = {line.method: line for line in screen.methods}
        for method, radio in self._radios.items():
            line = lines.get(method)
            self._cards[method].setVisible(line is not None)
            if line is not None and line.is_chosen and not radio.isChecked():
                radio.setChecked(True)
        self._chain.show_facts((Fact("Blockchain", screen.chain),))

    def _build_method(self, method: PaymentMethod) -> QFrame:
        frame, inside = card()
        radio = QRadioButton(method_text(method))
        radio.setObjectName(f"{method.value}Radio")
        radio.setAccessibleDescription(method_explanation(method))
        radio.clicked.connect(lambda: self.method_chosen.emit(method))
        self._group.addButton(radio)
        explanation = text_label(method_explanation(method), "muted")
        explanation.setContentsMargins(SPACE_XL, 0, 0, 0)
        inside.addWidget(radio)
        inside.addWidget(explanation)
        self._radios[method], self._cards[method] = radio, frame
        return frame


class ProgressPage(QWidget):
    """How far the settlement has come, and the receipt once it is done."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        self._headline = text_label(role="title", name="settleHeadline")
        self._explanation = text_label(role="muted", name="settleExplanation")
        self._notice = NoticeBox("settleNotice")
        self._receipt = FactList("settleReceiptFacts")
        self.copy = CopyButton("the receipt", name="copyReceiptButton")
        self._receipt_card = titled_card("Receipt", self._receipt, button=self.copy)
        self.timeline = SettlementTimeline()
        self._figures = FactList("settleFacts")
        self._figures_card = titled_card("What was asked for", self._figures)
        for widget in (
            self._headline,
            self._explanation,
            self._notice,
            self._receipt_card,
            self.timeline,
            self._figures_card,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)

    def show_screen(self, screen: SettleScreen) -> None:
        """Draw the timeline and what belongs to it."""
        part = screen.progress
        self._headline.setText(part.headline)
        self._explanation.setText(part.explanation)
        self._notice.show_notice(part.notice)
        self._receipt_card.setVisible(bool(part.receipt))
        self._receipt.show_facts(part.receipt)
        self.copy.set_copied_text(part.receipt_text)
        self.timeline.show_steps(part.steps)
        self._figures_card.setVisible(bool(part.figures))
        self._figures.show_facts(part.figures)


class SettlementTimeline(QFrame):
    """The states of one settlement in a card of their own; without any it takes no room."""

    def __init__(self, name: str = "settleProgress") -> None:
        super().__init__()
        self.setProperty("role", "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        self.steps = StepList(name, "Progress of the settlement")
        layout.addWidget(self.steps)

    def show_steps(self, steps: tuple[Step, ...]) -> None:
        """Draw the steps."""
        self.setVisible(bool(steps))
        self.steps.show_steps(steps)
