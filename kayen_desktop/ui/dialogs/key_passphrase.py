"""The dialog that sets, changes or removes the passphrase of the vault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kayen_desktop.app.gate import Gate
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.identities import (
    CHANGE_EXPLAINED,
    OLD_CAPTION,
    SET_EXPLAINED,
    UNPROTECT_EXPLAINED,
)
from kayen_desktop.ui.presenters.key_passphrase import Change, ChangePresenter, ChangeScreen
from kayen_desktop.ui.theme import SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.passphrase_entry import SecretEdit, ShowButton

from .key_dialog import KeyDialog
from .labels import push_button, set_look, show_text, text_label
from .notice_box import NoticeBox
from .passphrase import NewPassphraseFields

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 460
_TITLES = {
    Change.SET: "Set a passphrase",
    Change.CHANGE: "Change the passphrase",
    Change.REMOVE: "Remove the passphrase",
}
_EXPLAINED = {
    Change.SET: SET_EXPLAINED,
    Change.CHANGE: CHANGE_EXPLAINED,
    Change.REMOVE: UNPROTECT_EXPLAINED,
}
_CONFIRMS = {
    Change.SET: "Set the passphrase",
    Change.CHANGE: "Change it",
    Change.REMOVE: "Remove it",
}


class ChangePassphraseDialog(KeyDialog):
    """Accepted once every secret is sealed anew."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        change: Change,
        verify: Callable[[str], Awaitable[None]],
        on_changed: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        """``verify`` raises for a wrong passphrase; the lock's own also counts wrong tries.

        ``on_changed`` hears of it once it is done, also where this dialog is gone by then.
        """
        super().__init__("changePassphraseDialog", _TITLES[change], "", parent, _WIDTH)
        self._change = change
        names = tuple(each.name for each in keychain.identities)
        self._fields = NewPassphraseFields(bridge, names)
        self._build()
        self._changing = ChangePresenter(keychain, gate, bridge, self, change, verify, on_changed)
        self._old.textEdited.connect(self._changing.type_old)
        self._fields.changed.connect(self._changing.refresh)
        self._confirm.clicked.connect(self._submit)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._changing)
        if change is Change.SET:
            self._fields.setFocus()
        else:
            self._old.setFocus()

    def show_screen(self, screen: ChangeScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(not screen.is_busy)
        if screen.problem and screen.problem != self._problem.text():
            announce(self, screen.problem)
        show_text(self._problem, screen.problem)
        self._old.setAccessibleDescription(screen.problem)
        set_look(self._old, "invalid", "true" if screen.problem else "false")
        self._old_part.setEnabled(not screen.is_busy)
        self._fields.setEnabled(not screen.is_busy)
        show_text(self._status, screen.status)
        self._notice.show_notice(screen.notice)
        self._confirm.setEnabled(self._is_complete and not screen.is_busy)
        self._cancel.setEnabled(not screen.is_busy)

    def finish(self) -> None:
        """Close: it is done."""
        self.accept()

    def forget(self) -> None:
        """Empty the fields."""
        self._old.forget()
        self._fields.clear()

    @property
    def _is_complete(self) -> bool:
        return self._change is Change.REMOVE or self._fields.is_valid

    def _submit(self) -> None:
        if self._is_complete:
            new = "" if self._change is Change.REMOVE else self._fields.passphrase
            self._changing.carry_out(self._old.text(), new)

    def _build(self) -> None:
        self._old = SecretEdit("oldPassphraseEdit", OLD_CAPTION)
        caption = text_label(OLD_CAPTION, "small")
        caption.setBuddy(self._old)
        self._problem = text_label(role="problem", name="oldPassphraseProblem")
        self._old_part = QWidget()
        part = QVBoxLayout(self._old_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(SPACE_XS)
        part.addWidget(caption)
        part.addLayout(ShowButton(self._old).beside(self._old))
        part.addWidget(self._problem)
        # Only ever hidden here: shown before it has a place, a part would be a window of its own.
        if self._change is Change.SET:
            self._old_part.hide()
        if self._change is Change.REMOVE:
            self._fields.hide()
        self._status = text_label(role="muted", name="passphraseStatus")
        self._notice = NoticeBox("passphraseNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        kind = "danger" if self._change is Change.REMOVE else "primary"
        self._confirm = push_button(_CONFIRMS[self._change], "confirmButton", kind)
        self._confirm.setDefault(True)
        self.body.addWidget(text_label(_EXPLAINED[self._change], name="passphraseExplanation"))
        for widget in (self._old_part, self._fields, self._status, self._notice):
            self.body.addWidget(widget)
        self.add_buttons(right=(self._cancel, self._confirm))
