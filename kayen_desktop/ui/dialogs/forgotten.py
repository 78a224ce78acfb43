"""The dialog behind "I forgot my passphrase": what is lost, what brings it back, and the way on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import short_address
from kayen_desktop.ui.notices.locking import (
    FORGOTTEN_HINT,
    FORGOTTEN_KEYS,
    FORGOTTEN_MONEY,
    FORGOTTEN_NO_KEYS,
    FORGOTTEN_QUESTION,
    FORGOTTEN_SIGNED_IN,
    FORGOTTEN_TITLE,
    FORGOTTEN_TRUTH,
    FORGOTTEN_WAY,
    REMOVING,
    forgotten_backup_text,
)
from kayen_desktop.ui.presenters.forgotten import ForgottenPresenter, ForgottenScreen
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce

from .key_dialog import KeyDialog
from .labels import card, push_button, show_text, text_label
from .notice_box import NoticeBox

_WIDTH = 540
_REMOVE = "Remove all keys from this computer"
# Far beyond what confirms; what is pasted by mistake is cut.
_MAX_TYPED = 64
_BEAT_MS = 200


class ForgottenDialog(KeyDialog):
    """Accepted once every key is gone; shows names, backups and the ends of addresses alone.

    It stands over a locked screen, where whole addresses would tell a stranger what to look up.
    """

    def __init__(
        self,
        identities: Sequence[Identity],
        remove: Callable[[], Awaitable[None]],
        bridge: AsyncBridge,
        parent: QWidget | None = None,
        *,
        account: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``remove`` is what forgets the keys; ``account`` is the address signed in, if any.

        ``clock`` counts the seconds before they can be removed.
        """
        super().__init__("forgottenDialog", FORGOTTEN_TITLE, "", parent, _WIDTH)
        self.setAccessibleDescription(FORGOTTEN_TRUTH)
        self._spoken = ""
        is_signed_in = account in {each.address for each in identities}
        self._build(identities, is_signed_in=is_signed_in)
        self._removing = ForgottenPresenter(remove, bridge, self, clock)
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._removing.tick)
        self._beat.start()
        self._edit.textChanged.connect(self._removing.type_words)
        self._confirm.clicked.connect(self._removing.confirm)
        self._again.clicked.connect(self.reject)
        self.follow(self._removing)
        self._again.setDefault(True)
        self._again.setFocus()

    def show_screen(self, screen: ForgottenScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(not screen.is_busy)
        self._edit.setReadOnly(screen.is_busy)
        self._edit.setAccessibleDescription(screen.problem)
        show_text(self._problem, screen.problem)
        show_text(self._wait, screen.wait)
        self._confirm.setAccessibleDescription(screen.wait)
        if not screen.wait:
            self._beat.stop()
        self._notice.show_notice(screen.notice)
        text = REMOVING if screen.is_busy else _REMOVE
        self._confirm.setText(text)
        self._confirm.setAccessibleName(text)
        self._confirm.setEnabled(screen.can_confirm)
        self._again.setEnabled(not screen.is_busy)
        said = screen.notice.text if screen.notice is not None else ""
        if said not in ("", self._spoken):
            announce(self, said)
            # Its place is known once the layout has made room for it.
            QTimer.singleShot(0, self, lambda: self.scroll_to(self._notice))
        self._spoken = said

    def finish(self) -> None:
        """Close: the keys are gone."""
        self.accept()

    def forget(self) -> None:
        """Empty the field: what was typed confirms once only."""
        self._beat.stop()
        self._edit.clear()

    def _build(self, identities: Sequence[Identity], *, is_signed_in: bool) -> None:
        self._again = push_button("Try typing it again", "cancelButton", "primary")
        self._confirm = push_button(_REMOVE, "confirmButton", "danger")
        question = text_label(FORGOTTEN_QUESTION, "heading", "forgottenQuestion")
        self._edit = QLineEdit()
        self._edit.setObjectName("typedConfirmationEdit")
        self._edit.setAccessibleName(FORGOTTEN_QUESTION)
        self._edit.setMaxLength(_MAX_TYPED)
        question.setBuddy(self._edit)
        self._problem = text_label(role="problem", name="forgottenProblemLabel")
        self._wait = text_label(role="muted", name="forgottenWait")
        self._notice = NoticeBox("forgottenNotice")
        self.body.addWidget(text_label(FORGOTTEN_TRUTH, "heading", "forgottenTruth"))
        self.body.addWidget(text_label(FORGOTTEN_HINT, name="forgottenHint"))
        self.body.addWidget(text_label(FORGOTTEN_WAY, name="forgottenWay"))
        self.body.addWidget(_key_list(identities))
        if identities:
            self.body.addWidget(_warning(identities, is_signed_in=is_signed_in))
        self.body.addWidget(question)
        self.body.addWidget(self._edit)
        self.body.addWidget(self._problem)
        self.body.addWidget(self._wait)
        self.body.addWidget(self._notice)
        self.add_buttons(right=(self._again, self._confirm))


def _key_list(identities: Sequence[Identity]) -> QFrame:
    """Return each key's name, the ends of its address, and its backup."""
    frame, column = card()
    frame.setObjectName("forgottenKeys")
    column.setSpacing(SPACE_M)
    column.addWidget(text_label(FORGOTTEN_KEYS if identities else FORGOTTEN_NO_KEYS, "small"))
    for identity in identities:
        short = short_address(identity.address)
        address = text_label(short, "mono", "forgottenAddress", wraps=False)
        backup = text_label(
            forgotten_backup_text(identity),
            "muted" if identity.is_backed_up else "problem",
            "forgottenBackup",
        )
        lines = QVBoxLayout()
        lines.setSpacing(SPACE_XS)
        lines.addWidget(text_label(identity.name, "heading", "forgottenName"))
        lines.addWidget(address)
        lines.addWidget(backup)
        column.addLayout(lines)
    return frame


def _warning(identities: Sequence[Identity], *, is_signed_in: bool) -> QFrame:
    """Return what it may cost, in red where a key has no backup that was checked."""
    frame = QFrame()
    frame.setObjectName("forgottenWarning")
    frame.setProperty("role", "notice")
    is_safe = all(each.is_backed_up for each in identities)
    frame.setProperty("severity", "warning" if is_safe else "critical")
    column = QVBoxLayout(frame)
    column.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
    column.setSpacing(SPACE_S)
    column.addWidget(text_label(FORGOTTEN_MONEY, name="forgottenMoney"))
    if is_signed_in:
        column.addWidget(text_label(FORGOTTEN_SIGNED_IN, name="forgottenSignedIn"))
    return frame
