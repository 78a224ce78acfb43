"""What a signature says, shown before the first one of a key at a venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from kayen_desktop.domain.signatures import SignatureMeaning
from kayen_desktop.keys.lock import Lock
from kayen_desktop.ui.notices.keys import signing_text
from kayen_desktop.ui.notices.locking import SIGNATURE_ASKED_ONCE, signature_title
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.calm_button import CalmButton

from .labels import CopyButton, card, push_button, text_label
from .plain_dialog import PlainDialog
from .questions import answer_to, topmost

_WIDTH = 520
_MOST_LINES = 6


class SignatureDialog(PlainDialog):
    """The sentence, who asks, the whole address, and the very text that is signed."""

    def __init__(
        self, meaning: SignatureMeaning, venue: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, _WIDTH)
        self.setObjectName("signatureDialog")
        self._text = SignedText(meaning.text)
        title = signature_title(venue)
        self.setWindowTitle(title)
        sentence = text_label(signing_text(meaning), "price", "signatureSentence")
        self.setAccessibleDescription(sentence.text())
        cancel = push_button("Not now", "cancelButton")
        cancel.clicked.connect(self.reject)
        # No key and no double click that was meant for what stood here before signs unread.
        confirm = CalmButton("Sign", "confirmButton", "primary")
        confirm.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(confirm)
        self.column.addWidget(text_label(title, "title"))
        self.column.addWidget(sentence)
        self.column.addWidget(self._facts(meaning, venue))
        self.column.addWidget(text_label(SIGNATURE_ASKED_ONCE, "muted", "signatureNote"))
        self.column.addLayout(buttons)
        self._text.setFocus()

    def _facts(self, meaning: SignatureMeaning, venue: str) -> QFrame:
        frame, inside = card()
        inside.setSpacing(SPACE_M)
        inside.addLayout(_fact("Venue", text_label(venue, name="signatureVenue")))
        address = text_label(meaning.address, "mono", "signatureAddress", wraps=False)
        address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        address.setAccessibleName(f"Your address {meaning.address}")
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(address, 1)
        row.addWidget(CopyButton("your address", meaning.address, "copyAddressButton"))
        column = QVBoxLayout()
        column.setSpacing(SPACE_XS)
        column.addWidget(text_label("Your address", "small"))
        column.addLayout(row)
        inside.addLayout(column)
        inside.addLayout(_fact("The exact text that is signed", self._text))
        return frame


class SignedText(QPlainTextEdit):
    """A text as it is, character for character, on as many lines as it needs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("signedText")
        self.setAccessibleName("The exact text that is signed")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setProperty("role", "mono")
        self.setPlainText(text)
        line = self.fontMetrics().lineSpacing()
        per_line = max((_WIDTH - 120) // max(self.fontMetrics().horizontalAdvance("0"), 1), 1)
        lines = min(max(-(-len(text) // per_line), 1), _MOST_LINES)
        self.setFixedHeight(line * lines + 2 * SPACE_S + SPACE_XS)


class SignatureConsent:
    """Asks before the first signature of a key at the venue, and remembers the yes.

    While the application is locked nobody is asked: the question waits.
    """

    def __init__(
        self,
        window: QWidget,
        lock: Lock,
        venue: str,
        is_agreed: Callable[[SignatureMeaning], bool],
        agree: Callable[[SignatureMeaning], None],
    ) -> None:
        """``is_agreed`` tells whether it was asked before, ``agree`` remembers that it was."""
        self._window = window
        self._lock = lock
        self._venue = venue
        self._is_agreed = is_agreed
        self._agree = agree
        self._turn = asyncio.Lock()

    async def __call__(self, meaning: SignatureMeaning) -> None:
        """Return once the trader has agreed, now or before.

        Raises:
            NotAuthorizedError: the trader would rather not sign now.
        """
        async with self._turn:
            if self._is_agreed(meaning):
                return
            await self._lock.until_open()
            answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            dialog = SignatureDialog(meaning, self._venue, topmost(self._window))

            def agreed() -> None:
                if not answer.done():
                    answer.set_result(True)

            dialog.accepted.connect(agreed)
            await answer_to(dialog, answer)
            self._agree(meaning)


def _fact(name: str, value: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(SPACE_XS)
    label = text_label(name, "small")
    label.setBuddy(value)
    column.addWidget(label)
    column.addWidget(value)
    return column
