"""The dialog that writes a key into a file under a password of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from kayen_desktop.app.gate import Gate
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.identities import EXPORT_EXPLAINED, key_title, place_text
from kayen_desktop.ui.notices.keys import NOUN_FOR_FILES
from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.presenters.key_export import ExportPresenter, ExportScreen

from .fact_list import FactList
from .key_dialog import KeyDialog
from .labels import push_button, show_text, text_label
from .notice_box import NoticeBox
from .passphrase import NewPassphraseFields

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 500


class ExportDialog(KeyDialog):
    """First the password, then the place; done once the file was read back and opened."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        identity: Identity,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("exportDialog", "Export the key", key_title(identity), parent, _WIDTH)
        self._chooser: QFileDialog | None = None
        self._fields = NewPassphraseFields(bridge, (identity.name,), noun=NOUN_FOR_FILES)
        self._build()
        self._export = ExportPresenter(keychain, gate, bridge, self, identity)
        self._fields.changed.connect(self._export.refresh)
        self._choose.clicked.connect(self._open_chooser)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._export)
        self._fields.setFocus()

    def show_screen(self, screen: ExportScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._fields.setVisible(not screen.is_done)
        self._fields.setEnabled(not screen.is_busy)
        show_text(self._status, screen.status)
        place = (Fact("File", place_text(screen.place), copy_text=screen.place),)
        self._place.show_facts(place if screen.place else ())
        show_text(self._next, screen.next_step)
        self._notice.show_notice(screen.notice)
        self._choose.setVisible(not screen.is_done)
        self._choose.setEnabled(self._fields.is_valid and not screen.is_busy)
        self._cancel.setEnabled(screen.can_leave)
        if screen.is_done and self._cancel.text() != "Done":
            self._fields.clear()
            self._explanation.hide()
            self._cancel.setText("Done")
            self._cancel.setAccessibleName("Done")
            self._cancel.setDefault(True)
            self._cancel.setFocus()

    def forget(self) -> None:
        """Empty the fields."""
        self._fields.clear()

    def _open_chooser(self) -> None:
        """Ask for the place, without waiting for the answer here."""
        if self._chooser is not None or not self._fields.is_valid:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self, "Where shall the file go?", folder)
        chooser.setObjectName("exportFileDialog")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setFileMode(QFileDialog.FileMode.AnyFile)
        chooser.setNameFilter("Key files (*.json)")
        chooser.setDefaultSuffix("json")
        chooser.selectFile(self._export.file_name)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._on_chosen)
        chooser.finished.connect(self._on_chooser_closed)
        self._chooser = chooser
        chooser.open()

    def _on_chosen(self, path: str) -> None:
        if path and self._fields.is_valid:
            self._export.export(Path(path), self._fields.passphrase)

    def _on_chooser_closed(self) -> None:
        self._chooser = None

    def _build(self) -> None:
        self._explanation = text_label(EXPORT_EXPLAINED, name="exportExplanation")
        self._status = text_label(role="heading", name="exportStatus")
        self._place = FactList("exportPlace", is_text=True)
        self._next = text_label(name="exportNextStep")
        self._notice = NoticeBox("exportNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        self._choose = push_button("Choose where to save…", "chooseFileButton", "primary")
        self._choose.setDefault(True)
        for widget in (self._explanation, self._fields, self._status, self._place, self._next):
            self.body.addWidget(widget)
        self.body.addWidget(self._notice)
        self.add_buttons(right=(self._cancel, self._choose))
