"""The dialog that shows a recovery phrase or a private key for a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kayen_desktop.app.gate import Gate
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.capture_shield import shield_from_capture
from kayen_desktop.ui.notices.identities import CAPTURE_BLOCKED, CAPTURE_POSSIBLE, key_title
from kayen_desktop.ui.presenters.key_reveal import (
    TITLES,
    WARNINGS,
    RevealPresenter,
    RevealScreen,
    Secret,
)
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from kayen_desktop.ui.theme import SPACE_M
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.phrase_grid import PhraseGrid

from .key_dialog import KeyDialog, warning_card
from .labels import card, push_button, show_text, text_label
from .notice_box import NoticeBox

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 520
_GROUP = 8
_GROUPS_A_LINE = 4
_BEAT_MS = 1000


class RevealDialog(KeyDialog):
    """Warns first, shows on demand, and hides when it is left alone or looked away from."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        clipboard: SecretClipboard,
        identity: Identity,
        secret: Secret,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("revealDialog", TITLES[secret], key_title(identity), parent, _WIDTH)
        self._build(secret)
        self._reveal = RevealPresenter(
            keychain, gate, bridge, clipboard, self, identity, secret, clock
        )
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._reveal.tick)
        clipboard.cleared.connect(self._on_copy_cleared)
        self._show.clicked.connect(self._reveal.show)
        self._hide.clicked.connect(self._reveal.hide)
        self._stay.clicked.connect(self._reveal.stay)
        self._copy.clicked.connect(self._reveal.copy)
        self._close.clicked.connect(self.reject)
        self.follow(self._reveal)
        self._show.setFocus()

    def show_screen(self, screen: RevealScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(not screen.is_busy)
        was_shown = not self._secret.isHidden()
        if screen.is_shown != was_shown:
            self._show_secret(screen)
        show_text(self._status, screen.status)
        self._copied.setText(screen.copied)
        self._copy.setEnabled(screen.can_copy)
        self._notice.show_notice(screen.notice)
        self._show.setVisible(not screen.is_shown)
        self._show.setEnabled(not screen.is_busy)
        self._hide.setVisible(screen.is_shown)
        self._stay.setVisible(screen.is_shown)
        self._close.setEnabled(not screen.is_busy)
        if screen.is_shown != was_shown:
            button = self._hide if screen.is_shown else self._show
            button.setDefault(True)
            button.setFocus()
            announce(self, "Shown" if screen.is_shown else "Hidden")

    def forget(self) -> None:
        """Take the secret off the screen."""
        self._beat.stop()
        self._empty()

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the window out of pictures of the screen, and say whether that works."""
        super().showEvent(event)
        is_blocked = shield_from_capture(self)
        self._capture.setText(CAPTURE_BLOCKED if is_blocked else CAPTURE_POSSIBLE)

    def event(self, event: QEvent) -> bool:
        """Hide the secret when the trader turns to another window."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self._reveal.hide()
        return super().event(event)

    def _on_copy_cleared(self) -> None:
        self._reveal.forget_copy()

    def _show_secret(self, screen: RevealScreen) -> None:
        self._empty()
        if screen.is_shown:
            self._words.setVisible(bool(screen.words))
            self._digits.setVisible(not screen.words)
            if screen.words:
                self._words.show_words(len(screen.words), screen.words)
            else:
                self._digits_label.setText(_grouped(screen.private_key))
            self._beat.start()
        else:
            self._beat.stop()
        self._secret.setVisible(screen.is_shown)
        self._copy_row.setVisible(screen.is_shown and screen.can_copy)

    def _empty(self) -> None:
        self._words.hide_words()
        self._digits_label.clear()

    def _build(self, secret: Secret) -> None:
        warning = warning_card(Severity.WARNING, text_label(WARNINGS[secret], name="revealWarning"))
        self._capture = text_label(role="muted", name="captureLabel")
        self._words = PhraseGrid()
        self._digits, inside = card()
        self._digits_label = text_label(role="word", name="privateKeyLabel", wraps=False)
        self._digits_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._digits_label)
        self._secret = QWidget()
        self._secret.setObjectName("secretArea")
        box = QVBoxLayout(self._secret)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._words)
        box.addWidget(self._digits)
        self._secret.hide()
        self._copy = push_button("Copy", "copySecretButton", accessible="Copy the private key")
        self._copied = text_label(role="muted", name="copiedLabel")
        self._copy_row = QWidget()
        row = QHBoxLayout(self._copy_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_M)
        row.addWidget(self._copy)
        row.addWidget(self._copied, 1)
        self._copy_row.hide()
        self._status = text_label(role="muted", name="revealStatus")
        self._notice = NoticeBox("revealNotice")
        self._show = push_button("Show", "showSecretButton", "primary", "Show the secret")
        self._hide = push_button("Hide", "hideSecretButton", "primary", "Hide the secret")
        self._stay = push_button("Another minute", "staySecretButton")
        self._close = push_button("Close", "closeButton")
        for widget in (warning, self._capture, self._secret, self._copy_row, self._status):
            self.body.addWidget(widget)
        self.body.addWidget(self._notice)
        self.add_buttons(self._stay, right=(self._close, self._show, self._hide))
        self._show.setDefault(True)


def _grouped(private_key: str) -> str:
    """Write the digits in groups on two lines, so that nobody loses the place."""
    digits = private_key.removeprefix("0x")
    groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
    lines = [groups[at : at + _GROUPS_A_LINE] for at in range(0, len(groups), _GROUPS_A_LINE)]
    return "\n".join("  ".join(line) for line in lines)
