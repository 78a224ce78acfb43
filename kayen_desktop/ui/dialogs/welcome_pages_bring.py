"""The pages on which a key is brought, from words, a number or a file, and confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.ui.notices.welcome import (
    BRING_LEAD,
    BRING_TITLE,
    CONFIRM_LEAD,
    CONFIRM_TITLE,
    INDEX_HINT,
    OPENING_FILE,
)
from kayen_desktop.ui.presenters.bring_key import BringScreen, Way
from kayen_desktop.ui.presenters.welcome_screens import WelcomeScreen
from kayen_desktop.ui.theme import SPACE_L, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce

from .key_fields import KeyField, KeyFileField, PhraseField, PrivateKeyField, WayButtons
from .labels import CopyButton, card, push_button, show_text, text_label
from .welcome_pages_create import NameField
from .wizard_pages import page_layout

_MOVE = {
    Way.PHRASE: "Use it as a recovery phrase",
    Way.PRIVATE_KEY: "Use it as a private key",
    Way.KEYSTORE: "Use it as a key file",
}
_MAX_HINTS = 3
_INDEX_WIDTH = 120


class IndexPanel(QWidget):
    """Which key of the phrase, for those who know that there are more."""

    index_typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._more = push_button(
            "Advanced: another account of the phrase", "advancedButton", "link"
        )
        self._more.setCheckable(True)
        self._edit = QLineEdit()
        self._edit.setObjectName("accountIndexEdit")
        self._edit.setAccessibleName("Account number in the phrase")
        self._edit.setAccessibleDescription(INDEX_HINT)
        self._edit.setMaxLength(12)
        self._edit.setFixedWidth(_INDEX_WIDTH)
        self._rows = self._made_rows()
        layout = _panel_layout(self)
        layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._rows)
        self._edit.textChanged.connect(self.index_typed)
        self._more.toggled.connect(self._rows.setVisible)

    def show_screen(self, screen: BringScreen) -> None:
        """Draw the number, with a phrase only."""
        self.setVisible(screen.way is Way.PHRASE)
        if self._edit.text() != screen.index_text:
            self._edit.setText(screen.index_text)

    def _made_rows(self) -> QWidget:
        caption = text_label("Account number", "heading", wraps=False)
        caption.setBuddy(self._edit)
        rows = QWidget()
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(caption)
        row.addWidget(self._edit)
        row.addStretch(1)
        layout = _panel_layout(rows)
        layout.addLayout(row)
        layout.addWidget(text_label(INDEX_HINT, "small"))
        rows.hide()
        return rows


class BringPage(QWidget):
    """Three ways to bring a key, and what is wrong with what was typed."""

    hint_taken = Signal(str)
    move_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, BRING_TITLE, BRING_LEAD)
        self.ways = WayButtons()
        self.phrase = PhraseField()
        self.private_key = PrivateKeyField()
        self.keystore = KeyFileField()
        self.index = IndexPanel()
        self._fields: dict[Way, KeyField] = {
            Way.PHRASE: self.phrase,
            Way.PRIVATE_KEY: self.private_key,
            Way.KEYSTORE: self.keystore,
        }
        self._way = Way.PHRASE
        self._waiting = text_label(OPENING_FILE, "small", "openingFile")
        self._problem = text_label(role="problem", name="bringProblemLabel")
        self._fits = text_label(role="good", name="phraseFitsLabel")
        layout.addWidget(self.ways)
        layout.addSpacing(SPACE_XS)
        for field in self._fields.values():
            layout.addWidget(field)
        layout.addWidget(self._waiting)
        layout.addWidget(self._problem)
        layout.addWidget(self._fits)
        layout.addLayout(self._remedy_row())
        layout.addWidget(self.index)
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw what was typed and what is wrong with it."""
        bring = screen.bring
        self.ways.show_way(bring.way)
        for way, field in self._fields.items():
            field.setVisible(way is bring.way)
            field.show_problem(bring.problem if way is bring.way else "")
        self.phrase.show_text(bring.phrase_text)
        self.private_key.show_text(bring.key_text)
        self.keystore.show_text(bring.password)
        self.keystore.show_file(bring.file_name)
        self.index.show_screen(bring)
        if bring.way is not self._way:
            self._way = bring.way
            self.first_field.setFocus()
        self._waiting.setVisible(screen.is_busy and bring.way is Way.KEYSTORE)
        if bring.problem not in ("", self._problem.text()):
            announce(self, bring.problem)
        show_text(self._problem, bring.problem)
        show_text(self._fits, bring.fits)
        self._show_remedies(bring.hints, bring.other_way)
        self.setEnabled(not screen.is_busy)

    @property
    def first_field(self) -> QWidget:
        """Where one begins with the chosen way."""
        return self._fields[self._way].first_field

    def _show_remedies(self, hints: Sequence[str], other_way: Way | None) -> None:
        for index, button in enumerate(self._hints):
            word = hints[index] if index < len(hints) else ""
            button.setText(word)
            button.setAccessibleName(f"Put in {word}" if word else "No suggestion")
            button.setVisible(bool(word))
        self._move.setVisible(other_way is not None)
        if other_way is not None:
            self._move.setText(_MOVE[other_way])
            self._move.setAccessibleName(_MOVE[other_way])

    def _remedy_row(self) -> QHBoxLayout:
        self._hints = [
            push_button("", f"suggestionButton{number}", "small")
            for number in range(1, _MAX_HINTS + 1)
        ]
        self._move = push_button("Move it", "switchWayButton", "small")
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        for button in (*self._hints, self._move):
            row.addWidget(button)
        row.addStretch(1)
        for button in self._hints:
            button.clicked.connect(self._take_hint)
        self._move.clicked.connect(self.move_wanted)
        return row

    def _take_hint(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.hint_taken.emit(button.text())
            self.phrase.edit.setFocus()


class ConfirmPage(QWidget):
    """The whole address of the key, to be compared, and its name."""

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, CONFIRM_TITLE, CONFIRM_LEAD)
        self._address = text_label(role="address", name="addressLabel")
        self._account = text_label(role="small", name="accountLabel")
        self._otherwise = text_label(role="muted", name="otherAddressLabel")
        self._copy = CopyButton("the address", name="copyAddressButton")
        self.name = NameField("broughtKeyNameEdit")
        frame, inside = card()
        inside.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        inside.addWidget(self._address)
        row = QHBoxLayout()
        row.addWidget(self._account, 1)
        row.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(row)
        layout.addWidget(frame)
        layout.addWidget(self._otherwise)
        layout.addSpacing(SPACE_S)
        layout.addWidget(self.name)
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the address."""
        confirm = screen.confirm
        self._address.setText(confirm.grouped_address)
        self._address.setAccessibleName(f"Address: {confirm.address}")
        self._copy.set_copied_text(confirm.address)
        self._account.setText(confirm.account)
        self._otherwise.setText(confirm.otherwise)
        self.name.show_name(confirm.name, confirm.name_problem)
        self.setEnabled(not screen.is_busy)


def _panel_layout(panel: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(panel)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE_S)
    return layout
