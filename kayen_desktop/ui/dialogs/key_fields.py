"""The three ways in which a trader shows the application a key: words, digits, or a file."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.ui.notices.welcome import KEYSTORE_HINT, NO_FILE, PHRASE_HINT, PRIVATE_KEY_HINT
from kayen_desktop.ui.presenters.bring_key import Way
from kayen_desktop.ui.theme import SPACE_M, SPACE_S
from kayen_desktop.ui.widgets.passphrase_entry import SecretEdit, ShowButton
from kayen_desktop.ui.widgets.phrase_edit import PhraseEdit

from .labels import push_button, set_look, text_label

_WAYS = {
    Way.PHRASE: ("Recovery phrase", "phraseWayButton"),
    Way.PRIVATE_KEY: ("Private key", "privateKeyWayButton"),
    Way.KEYSTORE: ("Key file", "keystoreWayButton"),
}
# Room for a whole key file that is pasted into the wrong field: it is told where it belongs.
_MAX_KEY_TEXT = 8192


class WayButtons(QWidget):
    """One button a way; ``chosen`` tells which way the trader wants."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[Way, QPushButton] = {}
        ways = list(_WAYS)
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S)
        for number, way in enumerate(ways):
            button = push_button(*_WAYS[way], "way")
            button.setCheckable(True)
            group.addButton(button, number)
            row.addWidget(button)
            self._buttons[way] = button
        row.addStretch(1)
        group.idClicked.connect(lambda number: self.chosen.emit(ways[number]))

    def show_way(self, way: Way, ways: tuple[Way, ...] = tuple(Way)) -> None:
        """Draw the way that is chosen among those that there are."""
        for each, button in self._buttons.items():
            button.setVisible(each in ways)
            button.setChecked(each is way)


class KeyField(QWidget):
    """What one way takes; ``typed`` tells what stands in ``edit``, whoever put it there."""

    typed = Signal(str)

    def __init__(self, edit: PhraseEdit | SecretEdit, hint: str) -> None:
        super().__init__()
        self.edit = edit
        self._hint = hint
        edit.setAccessibleDescription(hint)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_S)

    @property
    def first_field(self) -> QWidget:
        """Where one begins."""
        return self.edit

    def show_text(self, text: str) -> None:
        """Draw what is typed."""
        if self.edit.text() != text:
            self.edit.setText(text)

    def show_problem(self, problem: str) -> None:
        """Draw whether something is wrong with what is typed."""
        set_look(self.edit, "invalid", "true" if problem else "false")
        self.edit.setAccessibleDescription(problem or self._hint)

    def forget(self) -> None:
        """Empty the field, and tell nobody."""
        with QSignalBlocker(self):
            self.edit.forget()


class PhraseField(KeyField):
    """A recovery phrase, as it was written down; ``submitted`` with the Enter key."""

    submitted = Signal()

    def __init__(self) -> None:
        edit = PhraseEdit()
        super().__init__(edit, PHRASE_HINT)
        self._column.addWidget(edit)
        self._column.addWidget(text_label(PHRASE_HINT, "small"))
        edit.typed.connect(self.typed)
        edit.submitted.connect(self.submitted)


class HiddenField(KeyField):
    """A line that is hidden unless the trader wants to see what is typed."""

    def __init__(self, edit: SecretEdit, hint: str, show: str) -> None:
        """``show`` is the object name of the button that shows it."""
        super().__init__(edit, hint)
        self._show = ShowButton(edit, name=show)
        edit.textChanged.connect(self.typed)

    def show_text(self, text: str) -> None:
        """Draw what is typed; what is typed after it was emptied is hidden."""
        super().show_text(text)
        if not text:
            self._show.setChecked(False)

    def forget(self) -> None:
        """Empty the field, tell nobody, and hide what will be typed."""
        super().forget()
        self._show.setChecked(False)


class PrivateKeyField(HiddenField):
    """A private key."""

    def __init__(self) -> None:
        edit = SecretEdit("privateKeyEdit", "Private key")
        edit.setMaxLength(_MAX_KEY_TEXT)
        super().__init__(edit, PRIVATE_KEY_HINT, "showPrivateKeyButton")
        self._column.addLayout(self._show.beside(edit))
        self._column.addWidget(text_label(PRIVATE_KEY_HINT, "small"))


class KeyFileField(HiddenField):
    """A key file, chosen in a dialog of its own, and its password."""

    file_chosen = Signal(str)

    def __init__(self) -> None:
        edit = SecretEdit("keystorePasswordEdit", "Password of the file")
        super().__init__(edit, KEYSTORE_HINT, "showFilePasswordButton")
        self._chooser: QFileDialog | None = None
        self._has_file = False
        self._button = push_button("Choose the file…", "keystoreFileButton")
        self._name = text_label(role="muted", name="keystoreFileName")
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self._button)
        row.addWidget(self._name, 1)
        caption = text_label("Password of the file", "heading")
        caption.setBuddy(edit)
        self._column.addWidget(text_label(KEYSTORE_HINT, "small"))
        self._column.addLayout(row)
        self._column.addSpacing(SPACE_S)
        self._column.addWidget(caption)
        self._column.addLayout(self._show.beside(edit))
        self._button.clicked.connect(self._open_chooser)

    @property
    def first_field(self) -> QWidget:
        """The file comes first, then its password."""
        return self.edit if self._has_file else self._button

    def show_file(self, name: str) -> None:
        """Draw which file is chosen; empty where none is."""
        self._has_file = bool(name)
        self._name.setText(name or NO_FILE)
        self._button.setAccessibleDescription(name or NO_FILE)

    def _open_chooser(self) -> None:
        """Ask for the file, without waiting for the answer here."""
        if self._chooser is not None:
            return
        chooser = QFileDialog(self, "Choose the key file")
        chooser.setObjectName("keystoreFileDialog")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters(["Key files (*.json UTC--*)", "All files (*)"])
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._on_chosen)
        chooser.finished.connect(self._on_chooser_closed)
        self._chooser = chooser
        chooser.open()

    def _on_chosen(self, path: str) -> None:
        if path:
            self.file_chosen.emit(path)
            self.edit.setFocus()

    def _on_chooser_closed(self) -> None:
        self._chooser = None
