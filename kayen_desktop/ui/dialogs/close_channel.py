"""The dialog that closes a margin account: empty it, confirm, watch it end, take the receipt."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.close_channel import (
    TOPICS,
    CloseChannelPresenter,
    CloseChannelScreen,
    Phase,
)
from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL

from .close_all import CloseAllDialog
from .fact_list import FactList
from .labels import CopyButton, card, push_button, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox
from .step_list import StepList
from .titled_card import titled_card

_WIDTH = 520
_ORDERS_SHOWN = 5
_POSITIONS_SHOWN = 8


class CloseChannelDialog(LiveDialog):
    """Shows what stands in the way, what comes back and how far closing is, at any moment of it."""

    def __init__(
        self,
        session: Session,
        bridge: AsyncBridge,
        channel_id: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("closeChannelDialog")
        self.setWindowTitle("Close the margin account")
        self._session = session
        self._bridge = bridge
        self._phase: Phase | None = None
        self._build()
        self._closing = CloseChannelPresenter(session, bridge, self, channel_id)
        self._cancel_orders.clicked.connect(self._closing.cancel_orders)
        self._close_positions.clicked.connect(self._open_close_all)
        self._confirm.clicked.connect(self._closing.confirm)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._closing)

    def show_screen(self, screen: CloseChannelScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._title.setText(screen.title)
        self._account.show_facts(screen.account)
        self._headline.setText(screen.headline)
        self._explanation.setText(screen.explanation)
        self._show_contents(screen)
        self._returns_card.setVisible(bool(screen.returns))
        self._returns.show_facts(screen.returns)
        self._steps_card.setVisible(bool(screen.steps))
        self._steps.show_steps(screen.steps)
        self._receipt_card.setVisible(bool(screen.receipt))
        self._receipt.show_facts(screen.receipt)
        self._copy.set_copied_text(screen.receipt_text)
        show_text(self._blocked, screen.blocked)
        self._notice.show_notice(screen.notice)
        self._show_buttons(screen)

    def _show_contents(self, screen: CloseChannelScreen) -> None:
        """Draw what has to go before the account can be closed: orders first, then positions."""
        self._orders_card.setVisible(bool(screen.orders))
        self._orders.setText(_listed(screen.orders))
        self._cancel_orders.setEnabled(screen.can_cancel_orders)
        self._positions_card.setVisible(bool(screen.positions))
        self._positions.show_facts(_shortened(screen.positions))
        self._close_positions.setEnabled(screen.can_close_positions)

    def _show_buttons(self, screen: CloseChannelScreen) -> None:
        is_before = screen.phase is Phase.BEFORE
        self._confirm.setVisible(is_before)
        self._confirm.setEnabled(screen.can_confirm)
        self._cancel.setEnabled(screen.can_leave)
        text = {Phase.BEFORE: "Keep the account", Phase.OVER: "Done"}
        self._cancel.setText(text.get(screen.phase, "Close this window"))
        self._cancel.setAccessibleName(self._cancel.text())
        if screen.phase is not self._phase:
            self._phase = screen.phase
            button = self._confirm if is_before else self._cancel
            button.setDefault(True)
            (button if button.isEnabled() else self).setFocus()

    def _open_close_all(self) -> None:
        CloseAllDialog(self._session, self._bridge, self).open()

    def _build(self) -> None:
        self._title = text_label(role="title", name="closeChannelTitle")
        self._account = FactList("accountFacts", is_text=True)
        self._headline = text_label(role="heading", name="closeChannelHeadline")
        self._explanation = text_label(role="muted", name="closeChannelExplanation")
        self._blocked = text_label(role="problem", name="blockedLabel")
        self._notice = NoticeBox("closeNotice")
        self._cancel = push_button("Keep the account", "cancelButton")
        self._confirm = push_button("Close the account", "confirmButton", "danger")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._confirm)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._title)
        layout.addWidget(self._account)
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        for frame in self._build_cards():
            layout.addWidget(frame)
        layout.addWidget(self._blocked)
        layout.addWidget(self._notice)
        layout.addStretch(1)
        self.place(body, buttons)

    def _build_cards(self) -> tuple[QFrame, ...]:
        self._orders = text_label(name="liveOrders")
        self._cancel_orders = push_button("Cancel these orders first", "cancelOrdersButton")
        self._orders_card = titled_card("Open orders", self._orders, button=self._cancel_orders)
        self._positions = FactList("openPositions")
        self._close_positions = push_button("Close positions first", "closePositionsButton")
        self._positions_card = titled_card(
            "Open positions", self._positions, button=self._close_positions
        )
        self._returns = FactList("returnFacts")
        self._returns_card = titled_card("What you get back", self._returns)
        self._steps = StepList("channelProgress", "Progress of closing the account")
        self._steps_card, inside = card()
        inside.addWidget(self._steps)
        self._receipt = FactList("receiptFacts")
        self._copy = CopyButton("the receipt", name="copyReceiptButton")
        self._receipt_card = titled_card("Receipt", self._receipt, button=self._copy)
        return (
            self._orders_card,
            self._positions_card,
            self._steps_card,
            self._returns_card,
            self._receipt_card,
        )


def _listed(lines: Sequence[str]) -> str:
    """Return a few lines and how many more there are."""
    shown = list(lines[:_ORDERS_SHOWN])
    if len(lines) > _ORDERS_SHOWN:
        shown.append(f"…and {len(lines) - _ORDERS_SHOWN} more.")
    return "\n".join(shown)


def _shortened(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return a few positions and how many more there are."""
    shown = tuple(facts[:_POSITIONS_SHOWN])
    if len(facts) > _POSITIONS_SHOWN:
        shown += (Fact(f"…and {len(facts) - _POSITIONS_SHOWN} more", ""),)
    return shown
