"""The details of a margin account: broker and clearing house, its life, disputes, settlements."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.account import TOPICS, AccountPresenter, AccountScreen
from kayen_desktop.ui.presenters.steps import Step
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL

from .account_cards import AlarmBox, DisputeBox, SettlementList, WarningLabel
from .fact_list import FactList
from .labels import push_button, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox
from .step_list import StepList
from .titled_card import titled_card

_WIDTH = 600
_LABEL_WIDTH = 170


class AccountDialog(LiveDialog):
    """Shows all that is known of an account; what is to be done with it, others are asked for."""

    record_trade_requested = Signal(str)
    settle_requested = Signal()
    close_requested = Signal(str)

    def __init__(
        self,
        session: Session,
        bridge: AsyncBridge,
        channel_id: str,
        parent: QWidget | None = None,
    ) -> None:
        """``channel_id`` may be empty: then the clearing house is shown alone."""
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("accountDialog")
        self.setWindowTitle("Account details")
        self._channel_id = channel_id
        self._life: tuple[Step, ...] | None = None
        self._build()
        presenter = AccountPresenter(session, bridge, self, channel_id)
        self._alarm.trust_requested.connect(presenter.trust)
        self.follow(presenter)
        self._close.setFocus()

    def show_screen(self, screen: AccountScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._title.setText(screen.title)
        self._headline.setText(screen.headline)
        show_text(self._explanation, screen.explanation)
        self._alarm.show_alarm(screen.alarm, is_trusting=screen.is_trusting)
        self._notice.show_notice(screen.notice)
        self._dispute.show_dispute(screen.dispute)
        self._money_card.setVisible(bool(screen.money))
        self._money.show_facts(screen.money)
        self._broker_card.setVisible(bool(screen.broker))
        self._broker.show_facts(screen.broker)
        self._house.show_facts(screen.house.facts)
        self._load.show_warning(screen.house.warning, is_grave=screen.house.is_grave)
        self._life_card.setVisible(bool(screen.life))
        if screen.life != self._life:  # a long life is not drawn anew at every beat
            self._life = screen.life
            self._steps.show_steps(screen.life)
        self._settlements_card.setVisible(bool(screen.money))
        self._settlements.show_settlements(screen.settlements)
        self._no_settlements.setVisible(not screen.settlements)
        self._record.setEnabled(screen.can_record)
        self._settle.setEnabled(screen.can_settle)
        self._close_account.setEnabled(screen.can_close)
        self._close.setEnabled(screen.can_leave)

    def _build(self) -> None:
        self._title = text_label(role="title", name="accountTitle")
        self._headline = text_label(role="heading", name="accountHeadline")
        self._explanation = text_label(role="muted", name="accountExplanation")
        self._alarm = AlarmBox()
        self._notice = NoticeBox("accountNotice")
        self._dispute = DisputeBox()
        body = QWidget()
        body.setMinimumWidth(1)  # a word of the venue that is too wide is cut, not the rest
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._title)
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        for widget in (self._alarm, self._notice, self._dispute, *self._build_cards()):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.place(body, self._build_buttons())

    def _build_cards(self) -> tuple[QFrame, ...]:
        self._money = FactList("accountMoney")
        self._money_card = titled_card("Balances", self._money)
        self._broker = FactList("brokerFacts", is_text=True, label_width=_LABEL_WIDTH)
        self._broker_card = titled_card("Broker", self._broker)
        self._broker_card.setObjectName("brokerCard")
        self._house = FactList("clearingHouseFacts", is_text=True, label_width=_LABEL_WIDTH)
        self._load = WarningLabel("clearingHouseWarning")
        house_card = titled_card("Clearing house", self._house, self._load)
        house_card.setObjectName("clearingHouseCard")
        self._steps = StepList("accountLife", "History of the account")
        self._life_card = titled_card("History", self._steps)
        self._settlements = SettlementList()
        self._no_settlements = text_label("None so far.", "muted", "noSettlements")
        self._settlements_card = titled_card("Settlements", self._settlements, self._no_settlements)
        return (
            self._money_card,
            self._life_card,
            self._settlements_card,
            self._broker_card,
            house_card,
        )

    def _build_buttons(self) -> QHBoxLayout:
        self._record = push_button(
            "Record a trade…", "recordTradeButton", accessible="Record a trade made elsewhere"
        )
        self._settle = push_button(
            "Settle…", "settleButton", accessible="Settle chosen positions with the broker"
        )
        self._close_account = push_button(
            "Close the account…", "closeChannelButton", accessible="Close this margin account"
        )
        self._close = push_button("Done", "doneButton")
        self._close.setDefault(True)
        self._record.clicked.connect(lambda: self.record_trade_requested.emit(self._channel_id))
        self._settle.clicked.connect(self.settle_requested)
        self._close_account.clicked.connect(lambda: self.close_requested.emit(self._channel_id))
        self._close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        for button in (self._record, self._settle, self._close_account):
            if not self._channel_id:
                button.hide()
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        return buttons
