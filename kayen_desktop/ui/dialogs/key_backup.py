"""The dialog of the drill: type what was written down, and hear whether it is this key's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.capture_shield import shield_from_capture
from kayen_desktop.ui.notices.identities import CHECK_EXPLAINED, key_title
from kayen_desktop.ui.presenters.bring_key import Way
from kayen_desktop.ui.presenters.key_backup import BackupPresenter, BackupScreen
from kayen_desktop.ui.widgets.announcements import announce

from .key_dialog import KeyDialog
from .key_fields import KeyField, KeyFileField, PhraseField, PrivateKeyField, WayButtons
from .labels import card, push_button, show_text, text_label
from .notice_box import NoticeBox

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 520


class CheckBackupDialog(KeyDialog):
    """Compares what is typed with the key and forgets it; ``checked`` once it is the backup."""

    checked = Signal()

    def __init__(
        self,
        keychain: Keychain,
        bridge: AsyncBridge,
        identity: Identity,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("checkBackupDialog", "Check a backup", key_title(identity), parent, _WIDTH)
        self._kind = Way.PHRASE
        self._build()
        self._backup = BackupPresenter(keychain, bridge, self, identity)
        self._ways.chosen.connect(self._backup.choose)
        self._phrase.typed.connect(self._backup.type_phrase)
        self._phrase.submitted.connect(self._submit)
        self._key.typed.connect(self._backup.type_other)
        self._file.typed.connect(self._backup.type_other)
        self._file.file_chosen.connect(self._on_file)
        self._confirm.clicked.connect(self._submit)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._backup)
        self._fields[self._kind].first_field.setFocus()

    def show_screen(self, screen: BackupScreen) -> None:
        """Draw the dialog as it should look now."""
        is_over = bool(screen.good)
        is_other_kind = screen.kind is not self._kind
        self._kind = screen.kind
        self.set_can_leave(not screen.is_busy)
        self._ways.show_way(screen.kind, screen.kinds)
        self._ways.setEnabled(not screen.is_busy)
        for widget in (self._explanation, self._ways):
            widget.setVisible(not is_over)
        for kind, field in self._fields.items():
            field.setVisible(kind is screen.kind and not is_over)
            field.setEnabled(not screen.is_busy)
        show_text(self._count, screen.count)
        self._file.show_file(screen.file_name)
        self._show_problem(screen.problem or screen.hint)
        show_text(self._status, screen.status)
        self._good.setVisible(is_over)
        self._good_text.setText(screen.good)
        self._good_next.setText(screen.good_next)
        self._notice.show_notice(screen.notice)
        self._cancel.setEnabled(not screen.is_busy)
        self._confirm.setVisible(not is_over)
        self._confirm.setEnabled(not screen.is_busy)
        if is_other_kind:
            self._fields[self._kind].first_field.setFocus()
        if is_over and self._cancel.text() != "Done":
            self._cancel.setText("Done")
            self._cancel.setAccessibleName("Done")
            self._cancel.setDefault(True)
            self._cancel.setFocus()
            announce(self, f"{screen.good} {screen.good_next}")

    def forget_typed(self) -> None:
        """Empty every field."""
        for field in self._fields.values():
            field.forget()

    def tell_checked(self) -> None:
        """Tell that the key has a backup."""
        self.checked.emit()

    def forget(self) -> None:
        """Empty every field."""
        self.forget_typed()

    def showEvent(self, event: QShowEvent) -> None:
        """Keep what is typed out of pictures of the screen, where the system can."""
        super().showEvent(event)
        shield_from_capture(self)

    def _show_problem(self, problem: str) -> None:
        is_news = problem not in ("", self._problem.text())
        show_text(self._problem, problem)
        for kind, field in self._fields.items():
            field.show_problem(problem if kind is self._kind else "")
        if is_news:
            announce(self, problem)

    def _submit(self) -> None:
        self._backup.check(self._fields[self._kind].edit.text())

    def _on_file(self, path: str) -> None:
        self._backup.choose_file(Path(path))

    def _build(self) -> None:
        self._explanation = text_label(CHECK_EXPLAINED, name="checkExplanation")
        self._ways = WayButtons()
        self._phrase = PhraseField()
        self._key = PrivateKeyField()
        self._file = KeyFileField()
        self._fields: dict[Way, KeyField] = {
            Way.PHRASE: self._phrase,
            Way.PRIVATE_KEY: self._key,
            Way.KEYSTORE: self._file,
        }
        self._count = text_label(role="muted", name="wordCountLabel")
        self._problem = text_label(role="problem", name="backupProblemLabel")
        self._status = text_label(role="muted", name="backupStatus")
        self._good, inside = card("card")
        self._good.setObjectName("backupGood")
        self._good_text = text_label(role="heading", name="backupGoodLabel")
        self._good_text.setProperty("sign", "good")
        self._good_next = text_label(name="backupGoodNext")
        inside.addWidget(self._good_text)
        inside.addWidget(self._good_next)
        self._notice = NoticeBox("backupNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        self._confirm = push_button("Check", "confirmButton", "primary", "Check the backup")
        self._confirm.setDefault(True)
        self.body.addWidget(self._explanation)
        self.body.addWidget(self._ways)
        for widget in (*self._fields.values(), self._count):
            self.body.addWidget(widget)
        for widget in (self._problem, self._status, self._good, self._notice):
            self.body.addWidget(widget)
        self.add_buttons(right=(self._cancel, self._confirm))
