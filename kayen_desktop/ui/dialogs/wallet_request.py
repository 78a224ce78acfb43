"""What the venue wanted of the wallet: shown, with its details to copy, and never done."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.notices.wallet import WALLET_NEXT, WALLET_SAFE
from kayen_desktop.ui.presenters.wallet_request import (
    TOPICS,
    WalletLine,
    WalletRequestPresenter,
    WalletScreen,
)
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL

from .fact_list import FactList
from .labels import CopyButton, push_button, show_text, text_label
from .live_dialog import LiveDialog

_WIDTH = 620
_LABEL_WIDTH = 160


class WalletRequestDialog(LiveDialog):
    """Lists the requests, newest first, and says why nothing is signed; there is no yes here."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("walletRequestDialog")
        self.setWindowTitle("What the venue asks of your wallet")
        self._cards: list[_RequestCard] = []
        self._lines: tuple[WalletLine, ...] = ()
        self._build()
        self.follow(WalletRequestPresenter(session, self))
        self._done.setFocus()

    def show_screen(self, screen: WalletScreen) -> None:
        """Draw the dialog as it should look now."""
        if screen.requests != self._lines:
            self._lines = screen.requests
            self._show_requests()
        self._safe.setVisible(bool(screen.requests))
        self._next.setVisible(bool(screen.requests))
        show_text(self._nothing, screen.nothing)
        show_text(self._more, screen.more)

    def _show_requests(self) -> None:
        while len(self._cards) < len(self._lines):
            added = _RequestCard()
            self._cards.append(added)
            self._list.addWidget(added)
        for index, each in enumerate(self._cards):
            each.show_line(self._lines[index] if index < len(self._lines) else None)

    def _build(self) -> None:
        self._safe = text_label(WALLET_SAFE, "heading", "walletSafe")
        self._next = text_label(WALLET_NEXT, "muted", "walletNextStep")
        self._nothing = text_label(role="muted", name="walletNothing")
        self._more = text_label(role="muted", name="walletMore")
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_M)
        body = QWidget()
        body.setMinimumWidth(1)  # a word of the venue that is too wide is cut, not the rest
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text_label("What the venue asks of your wallet", "title"))
        layout.addWidget(self._safe)
        layout.addWidget(self._next)
        layout.addWidget(self._nothing)
        layout.addLayout(self._list)
        layout.addWidget(self._more)
        layout.addStretch(1)
        self._done = push_button("Done", "doneButton")
        self._done.setDefault(True)
        self._done.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._done)
        self.place(body, buttons)


class _RequestCard(QFrame):
    """One request: what it is, when it came, what it names, and why it is not done."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("walletRequestCard")
        self.setProperty("role", "panel")
        self._title = text_label(role="heading", name="walletRequestTitle")
        self._when = text_label(role="small", name="walletRequestTime")
        self._facts = FactList("walletRequestFacts", is_text=True, label_width=_LABEL_WIDTH)
        self._why = text_label(name="walletRequestWhy")
        self._copy = CopyButton(
            "the whole request", name="copyRequestButton", caption="Copy all of it"
        )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_S)
        for widget in (self._title, self._when, self._facts, self._why):
            layout.addWidget(widget)
        layout.addLayout(row)

    def show_line(self, line: WalletLine | None) -> None:
        """Draw the request, or nothing."""
        self.setVisible(line is not None)
        if line is None:
            return
        self._title.setText(line.title)
        self._when.setText(line.when)
        self._facts.show_facts(line.facts)
        self._why.setText(line.why)
        self._copy.set_copied_text(line.details)
        self.setAccessibleName(f"{line.title}, {line.when}")
