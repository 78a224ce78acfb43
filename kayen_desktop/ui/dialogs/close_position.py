"""The dialogs that close one position, part or all of it, or every position at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.close_position import (
    SHARES,
    TOPICS,
    ClosePositionPresenter,
    CloseScreen,
)
from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL, SPACE_XS

from .fact_list import FactList
from .labels import card, push_button, set_look, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox

_WIDTH = 460
_ROLES = {Tone.PLAIN: "", Tone.GOOD: "good", Tone.BAD: "bad", Tone.STRONG: "heading"}


class ClosePositionDialog(LiveDialog):
    """Shows what closing comes to as the price moves; accepted once the order is filled."""

    def __init__(
        self,
        session: Session,
        bridge: AsyncBridge,
        position_id: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("closePositionDialog")
        self._build()
        self._closing = ClosePositionPresenter(session, bridge, self, position_id)
        self._connect(self._closing)
        self.follow(self._closing)
        self._confirm.setFocus()

    def show_screen(self, screen: CloseScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self.setWindowTitle(screen.title)
        self._title.setText(screen.title)
        show_text(self._held, screen.held)
        self._show_amount(screen)
        self._preview.setVisible(bool(screen.headline))
        self._headline.setText(screen.headline)
        show_text(self._result, screen.result)
        set_look(self._result, "role", _ROLES[screen.result_tone])
        self._facts.show_facts(screen.facts)
        show_text(self._warning, screen.warning)
        show_text(self._blocked, screen.blocked)
        show_text(self._progress, screen.progress)
        self._notice.show_notice(screen.notice)
        self._confirm.setText(screen.confirm_text)
        self._confirm.setToolTip(screen.confirm_text)
        self._confirm.setAccessibleName(f"{screen.title}: {screen.confirm_text}")
        set_look(self._confirm, "kind", "buy" if screen.confirm_text[:3] == "Buy" else "sell")
        self._confirm.setEnabled(screen.can_confirm)
        self._cancel.setEnabled(screen.can_leave)
        is_over = not screen.can_confirm and (bool(screen.progress) or screen.notice is not None)
        self._cancel.setText("Close this window" if is_over else "Cancel")

    def finish(self) -> None:
        """Close: the position, or the part of it, is closed."""
        self.accept()

    def _show_amount(self, screen: CloseScreen) -> None:
        if self._amount.text() != screen.amount_text:
            self._amount.setText(screen.amount_text)
        self._amount.setEnabled(screen.can_edit)
        self._amount.setAccessibleDescription(screen.amount_problem)
        set_look(self._amount, "invalid", "true" if screen.amount_problem else "false")
        self._base.setText(screen.base)
        show_text(self._problem, screen.amount_problem)
        for share, button in self._shares.items():
            button.setChecked(share == screen.share)
            button.setEnabled(screen.can_edit)

    def _build(self) -> None:
        self._title = text_label(role="title", name="closeTitle")
        self._held = text_label(role="muted", name="heldLabel")
        self._problem = text_label(role="problem", name="amountProblemLabel")
        self._preview, inside = card()
        self._headline = text_label(role="heading", name="closeHeadline")
        self._result = text_label(name="closeResult")
        self._facts = FactList("closeFacts")
        inside.addWidget(self._headline)
        inside.addWidget(self._result)
        inside.addSpacing(SPACE_XS)
        inside.addWidget(self._facts)
        self._warning = text_label(role="problem", name="bookWarningLabel")
        self._blocked = text_label(role="problem", name="blockedLabel")
        self._progress = text_label(role="muted", name="closeProgressLabel")
        self._notice = NoticeBox("closeNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        self._confirm = push_button("Close", "confirmButton", "sell")
        self._confirm.setDefault(True)
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
        layout.addWidget(self._held)
        layout.addLayout(self._build_amount())
        layout.addWidget(self._problem)
        layout.addWidget(self._preview)
        for widget in (self._warning, self._blocked, self._progress, self._notice):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.place(body, buttons)

    def _build_amount(self) -> QVBoxLayout:
        self._amount = QLineEdit()
        self._amount.setObjectName("amountEdit")
        self._amount.setAccessibleName("Amount to close")
        self._amount.setMaxLength(60)
        self._amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._base = text_label(role="muted", wraps=False)
        caption = text_label("Amount to close")
        caption.setBuddy(self._amount)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self._amount, 1)
        row.addWidget(self._base)
        shares = QHBoxLayout()
        shares.setSpacing(SPACE_XS)
        self._shares: dict[int, QPushButton] = {}
        for share in SHARES:
            text = "All" if share == SHARES[-1] else f"{share} %"
            spoken = "Close all of it" if share == SHARES[-1] else f"Close {share} per cent"
            button = push_button(text, f"share{share}Button", "segment", spoken)
            button.setCheckable(True)
            self._shares[share] = button
            shares.addWidget(button, 1)
        layout = QVBoxLayout()
        layout.setSpacing(SPACE_XS)
        layout.addWidget(caption)
        layout.addLayout(row)
        layout.addLayout(shares)
        return layout

    def _connect(self, presenter: ClosePositionPresenter) -> None:
        self._amount.textEdited.connect(presenter.type_amount)
        for share, button in self._shares.items():
            button.clicked.connect(partial(self._choose_share, presenter, share))
        self._confirm.clicked.connect(presenter.confirm)
        self._cancel.clicked.connect(self.reject)

    def _choose_share(self, presenter: ClosePositionPresenter, share: int) -> None:
        presenter.choose_share(share)
        presenter.refresh()  # a second click on the same share must not leave it unchecked
