"""The dialog that gives a key another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from kayen_desktop.domain.identities import MAX_NAME, Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.identities import key_title
from kayen_desktop.ui.presenters.key_rename import RenamePresenter, RenameScreen
from kayen_desktop.ui.widgets.announcements import announce

from .key_dialog import KeyDialog
from .labels import push_button, set_look, show_text, text_label
from .notice_box import NoticeBox

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 480


class RenameDialog(KeyDialog):
    """Accepted once the key has its new name."""

    def __init__(
        self,
        keychain: Keychain,
        bridge: AsyncBridge,
        identity: Identity,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("renameDialog", "Rename the key", key_title(identity), parent, _WIDTH)
        self._edit = QLineEdit(identity.name)
        self._edit.setObjectName("keyNameEdit")
        self._edit.setAccessibleName("Name of the key")
        # Longer ones are let in and refused in words: a paste cut in silence is worse.
        self._edit.setMaxLength(4 * MAX_NAME)
        self._problem = text_label(role="problem", name="nameProblemLabel")
        self._notice = NoticeBox("renameNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        self._confirm = push_button("Rename", "confirmButton", "primary", "Rename the key")
        self._confirm.setDefault(True)
        for widget in (self._edit, self._problem, self._notice):
            self.body.addWidget(widget)
        self.add_buttons(right=(self._cancel, self._confirm))
        self._renaming = RenamePresenter(keychain, bridge, self, identity)
        self._edit.textEdited.connect(self._renaming.type_name)
        self._confirm.clicked.connect(self._submit)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._renaming)
        self._edit.selectAll()
        self._edit.setFocus()

    def show_screen(self, screen: RenameScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(not screen.is_busy)
        if screen.problem and screen.problem != self._problem.text():
            announce(self, screen.problem)
        show_text(self._problem, screen.problem)
        self._edit.setAccessibleDescription(screen.problem)
        set_look(self._edit, "invalid", "true" if screen.problem else "false")
        self._edit.setReadOnly(screen.is_busy)
        self._notice.show_notice(screen.notice)
        self._confirm.setEnabled(not screen.is_busy)
        self._cancel.setEnabled(not screen.is_busy)

    def finish(self) -> None:
        """Close: the key has its new name."""
        self.accept()

    def _submit(self) -> None:
        self._renaming.rename(self._edit.text())
