"""The dialog that takes a key off this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from kayen_desktop.app.gate import Gate
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.identities import (
    REMOVE_ACKNOWLEDGE,
    REMOVE_MONEY,
    key_title,
    remove_explained,
)
from kayen_desktop.ui.presenters.key_remove import RemovePresenter, RemoveScreen
from kayen_desktop.ui.theme import SPACE_S

from .key_dialog import KeyDialog, warning_card
from .labels import push_button, show_text, text_label
from .notice_box import NoticeBox

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 500


class RemoveDialog(KeyDialog):
    """Accepted once the key is gone; ``check_requested`` where a backup is to be checked first."""

    check_requested = Signal()

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        identity: Identity,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("removeDialog", "Remove the key", key_title(identity), parent, _WIDTH)
        self._build(remove_explained(identity))
        self._removing = RemovePresenter(keychain, gate, bridge, self, identity)
        self._edit.textChanged.connect(self._removing.type_name)
        self._acknowledge.toggled.connect(
            lambda is_on: self._removing.acknowledge(is_acknowledged=is_on)
        )
        self._check.clicked.connect(self._go_and_check)
        self._confirm.clicked.connect(self._removing.confirm)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._removing)
        (self._cancel if self._edit.isHidden() else self._edit).setFocus()

    def show_screen(self, screen: RemoveScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(not screen.is_busy)
        is_blocked = bool(screen.blocked)
        show_text(self._blocked, screen.blocked)
        self._backup.setText(screen.backup)
        for widget in (self._backup, self._question, self._edit):
            widget.setVisible(not is_blocked)
        needs_care = not is_blocked and not screen.is_backed_up
        self._check.setVisible(needs_care)
        self._check.setEnabled(not screen.is_busy)
        self._acknowledge.setVisible(needs_care)
        self._acknowledge.setEnabled(not screen.is_busy)
        self._question.setText(screen.question)
        self._edit.setReadOnly(screen.is_busy)
        show_text(self._problem, screen.problem)
        self._edit.setAccessibleDescription(screen.problem)
        self._notice.show_notice(screen.notice)
        self._confirm.setVisible(not is_blocked)
        self._confirm.setEnabled(screen.can_confirm)
        self._cancel.setEnabled(not screen.is_busy)

    def finish(self) -> None:
        """Close: the key is gone."""
        self.accept()

    def forget(self) -> None:
        """Empty the field; a name is no secret, but it confirms once only."""
        self._edit.clear()

    def _go_and_check(self) -> None:
        self.reject()
        self.check_requested.emit()

    def _build(self, explained: str) -> None:
        warning = warning_card(
            Severity.CRITICAL,
            text_label(REMOVE_MONEY, "heading", "removeMoneyLabel"),
            text_label(explained, name="removeExplanation"),
        )
        self._blocked = text_label(role="problem", name="blockedLabel")
        self._backup = text_label(name="removeBackupLabel")
        self._check = push_button("Check a backup…", "checkFirstButton")
        self._acknowledge = _WrappingCheck(REMOVE_ACKNOWLEDGE, "noBackupCheck")
        self._question = text_label(role="heading", name="removeQuestion")
        self._edit = QLineEdit()
        self._edit.setObjectName("confirmNameEdit")
        self._edit.setAccessibleName("Name of the key to remove")
        self._question.setBuddy(self._edit)
        self._problem = text_label(role="problem", name="removeProblemLabel")
        self._notice = NoticeBox("removeNotice")
        self._cancel = push_button("Keep the key", "cancelButton")
        self._confirm = push_button("Remove the key", "confirmButton", "danger")
        check_row = QHBoxLayout()
        check_row.addWidget(self._check)
        check_row.addStretch(1)
        self.body.addWidget(warning)
        self.body.addWidget(self._blocked)
        self.body.addWidget(self._backup)
        self.body.addLayout(check_row)
        for widget in (self._acknowledge, self._question, self._edit, self._problem):
            self.body.addWidget(widget)
        self.body.addWidget(self._notice)
        self.add_buttons(right=(self._cancel, self._confirm))


class _WrappingCheck(QWidget):
    """A box to tick beside a sentence that takes more than one line, which Qt's own can't."""

    toggled = Signal(bool)

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self._box = QCheckBox()
        self._box.setObjectName(name)
        self._box.setAccessibleName(text)
        self._box.toggled.connect(self.toggled)
        label = text_label(text)
        label.setBuddy(self._box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S)
        row.addWidget(self._box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick the box from its sentence, too."""
        if self.rect().contains(event.position().toPoint()):
            self._box.click()
