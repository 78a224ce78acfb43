"""The dialog that closes everything and brings the money back, at any moment of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.app.way_home import Way
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.going_home import (
    GIVE_UP,
    GO_HOME,
    HOME_TITLE,
    NOT_NOW,
    STOP,
    WAYS_TITLE,
    way_text,
)
from kayen_desktop.ui.presenters.go_home import (
    TOPICS,
    GoHomePresenter,
    GoHomeScreen,
    HomePhase,
    WayLine,
)
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS

from .fact_list import FactList
from .labels import CopyButton, card, push_button, set_look, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox
from .step_list import StepList
from .titled_card import titled_card

_WIDTH = 540
_NAMES = {Way.CLOSE: "closeWayButton", Way.SETTLE: "settleWayButton"}
_LEAVE = {HomePhase.BEFORE: NOT_NOW, HomePhase.OVER: "Done"}


class WayChoice(QWidget):
    """The ways to end positions, each with what it means, or why it can't be taken now."""

    def __init__(self, choose: Callable[[Way], None]) -> None:
        """``choose`` is told when the trader picks another way."""
        super().__init__()
        self.setObjectName("wayChoice")
        self._group = QButtonGroup(self)
        self._buttons: dict[Way, QRadioButton] = {}
        self._texts: dict[Way, QLabel] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        for way in Way:
            button = QRadioButton(way_text(way))
            button.setObjectName(_NAMES[way])
            button.clicked.connect(lambda checked, way=way: choose(way))
            self._group.addButton(button)
            self._buttons[way] = button
            text = text_label(role="small", name=f"{way.value}WayText")
            text.setContentsMargins(SPACE_L + SPACE_S, 0, 0, SPACE_XS)
            self._texts[way] = text
            layout.addWidget(button)
            layout.addWidget(text)

    def show_ways(self, ways: Sequence[WayLine]) -> None:
        """Draw the ways, one of them chosen."""
        for line in ways:
            button, text = self._buttons[line.way], self._texts[line.way]
            explanation = line.reason or line.explanation
            button.setEnabled(line.is_chosen or not line.reason)
            button.setChecked(line.is_chosen)
            button.setAccessibleDescription(explanation)
            text.setText(explanation)
            set_look(text, "role", "problem" if line.reason else "small")


class GoHomeDialog(LiveDialog):
    """Shows what will happen, then each leg with its result, then the receipt; can be left."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("goHomeDialog")
        self.setWindowTitle(HOME_TITLE)
        self._shown: tuple[HomePhase, str] | None = None
        self._build()
        self._presenter = GoHomePresenter(session, bridge, self)
        self._confirm.clicked.connect(self._presenter.confirm)
        self._stop.clicked.connect(self._presenter.stop_going)
        self._give_up.clicked.connect(self._presenter.give_up)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._presenter)

    def show_screen(self, screen: GoHomeScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._title.setText(screen.title)
        self._headline.setText(screen.headline)
        self._explanation.setText(screen.explanation)
        self._ways_card.setVisible(bool(screen.ways))
        self._ways.show_ways(screen.ways)
        self._steps_card.setVisible(bool(screen.steps))
        self._steps_title.setText(screen.steps_title)
        self._steps.show_steps(screen.steps)
        self._returns_card.setVisible(bool(screen.returns))
        self._returns.show_facts(screen.returns)
        self._receipt_card.setVisible(bool(screen.receipt))
        self._receipt.show_facts(screen.receipt)
        self._copy.set_copied_text(screen.receipt_text)
        show_text(self._risk, screen.risk)
        show_text(self._blocked, screen.blocked)
        self._notice.show_notice(screen.notice)
        self._show_buttons(screen)

    def _show_buttons(self, screen: GoHomeScreen) -> None:
        can_go = screen.phase in (HomePhase.BEFORE, HomePhase.STOPPED)
        self._confirm.setVisible(can_go)
        self._confirm.setEnabled(screen.can_confirm)
        self._confirm.setText(screen.confirm_text)
        self._confirm.setAccessibleName(screen.confirm_text)
        self._stop.setVisible(screen.phase is HomePhase.UNDER_WAY)
        self._stop.setEnabled(screen.can_stop)
        self._give_up.setVisible(screen.can_give_up)
        self._cancel.setEnabled(screen.can_leave)
        self._cancel.setText(_LEAVE.get(screen.phase, "Close this window"))
        self._cancel.setAccessibleName(self._cancel.text())
        shown = (screen.phase, screen.headline)
        if shown != self._shown:
            self._shown = shown
            self.scroll_to_top()
            # At first it is not the one that ends everything: an Enter meant for the window before
            # would do it.
            goes_on = screen.phase is HomePhase.STOPPED and screen.can_confirm
            button = self._confirm if goes_on else self._cancel
            button.setDefault(True)
            (button if button.isEnabled() else self).setFocus()

    def _build(self) -> None:
        self._title = text_label(role="title", name="goHomeTitle")
        self._headline = text_label(role="heading", name="goHomeHeadline")
        self._explanation = text_label(role="muted", name="goHomeExplanation")
        self._risk = text_label(role="muted", name="riskLabel")
        self._blocked = text_label(role="problem", name="blockedLabel")
        self._notice = NoticeBox("goHomeNotice")
        self._give_up = push_button(GIVE_UP, "giveUpButton", "link")
        self._stop = push_button(STOP, "stopButton")
        self._cancel = push_button(NOT_NOW, "cancelButton")
        self._confirm = push_button(GO_HOME, "confirmButton", "danger")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self._give_up)
        buttons.addStretch(1)
        for button in (self._stop, self._cancel, self._confirm):
            buttons.addWidget(button)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._title)
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        layout.addWidget(self._notice)
        for frame in self._build_cards():
            layout.addWidget(frame)
        layout.addWidget(self._risk)
        layout.addWidget(self._blocked)
        layout.addStretch(1)
        self.place(body, buttons)

    def _build_cards(self) -> tuple[QFrame, ...]:
        self._steps = StepList("homeSteps", "The steps of going home")
        self._steps_title = text_label(role="heading", name="homeStepsTitle")
        self._steps_card, inside = card()
        inside.addWidget(self._steps_title)
        inside.addWidget(self._steps)
        self._ways = WayChoice(lambda way: self._presenter.choose(way))
        self._ways_card = titled_card(WAYS_TITLE, self._ways)
        self._returns = FactList("returnFacts")
        self._returns_card = titled_card("What you get back", self._returns)
        self._receipt = FactList("receiptFacts")
        self._copy = CopyButton("the receipt", name="copyReceiptButton")
        self._receipt_card = titled_card("Receipt", self._receipt, button=self._copy)
        return (
            self._steps_card,
            self._ways_card,
            self._returns_card,
            self._receipt_card,
        )
