"""The first and the last pages of the welcome wizard, and the one with the passphrase."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.welcome import (
    BRING,
    CREATE,
    DONE_TITLE,
    LIVE_NEXT,
    LOCK_LEAD,
    LOCK_REQUIRED_LEAD,
    LOCK_REQUIRED_TITLE,
    LOCK_TITLE,
    LOCK_WARNING,
    LOOKING_FOR_VAULT,
    PRACTICE_NEXT,
    TRY_IT,
    WELCOME,
    WHAT_A_KEY_IS,
    ChoiceWords,
)
from kayen_desktop.ui.presenters.facts import Fact, Tone
from kayen_desktop.ui.presenters.welcome_screens import WelcomeScreen
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS

from .fact_list import FactList
from .labels import card, show_text, text_label
from .passphrase import NewPassphraseFields
from .wizard_pages import page_layout

_LABEL_WIDTH = 110


class ChoiceButton(QPushButton):
    """A large button with a name and one sentence; the Enter key is its own while it is focused."""

    def __init__(self, words: ChoiceWords, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "choice")
        self.setAutoDefault(True)
        self.setAccessibleName(words.title)
        self.setAccessibleDescription(words.sentence)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        self._column.setSpacing(SPACE_XS)
        for label in (text_label(words.title, "choice"), text_label(words.sentence, "muted")):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._column.addWidget(label)

    def sizeHint(self) -> QSize:
        """Return the size of what is written on it."""
        return self._column.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size of what is written on it, at its narrowest."""
        return self._column.totalMinimumSize()

    def heightForWidth(self, width: int) -> int:
        """Return the height of what is written on it, at this width."""
        return self._column.totalHeightForWidth(width)


class ChoicePage(QWidget):
    """Practise at once, create a key, or bring one."""

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, WELCOME, "")
        self.try_it = ChoiceButton(TRY_IT, "tryButton")
        self.create_key = ChoiceButton(CREATE, "createKeyButton")
        self.bring = ChoiceButton(BRING, "bringKeyButton")
        layout.setSpacing(SPACE_M)
        for button in (self.try_it, self.create_key, self.bring):
            layout.addWidget(button)
        self._waiting = text_label(LOOKING_FOR_VAULT, "small", "keychainWaiting")
        frame, inside = card("card")
        inside.addWidget(text_label("What is a key?", "heading"))
        inside.addWidget(text_label(WHAT_A_KEY_IS, "muted", "whatAKeyIs"))
        layout.addWidget(self._waiting)
        layout.addWidget(frame)
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw which choices there are by now."""
        self._waiting.setVisible(not screen.has_keychain and screen.notice is None)
        for button in (self.create_key, self.bring):
            button.setEnabled(screen.has_keychain)


class PassphrasePage(QWidget):
    """Choose a passphrase, where one is needed or wanted."""

    passphrase_typed = Signal(str, bool)

    def __init__(self, bridge: AsyncBridge) -> None:
        super().__init__()
        layout = page_layout(self, "", "")
        self._title = text_label(role="title", name="passphraseTitle")
        self._lead = text_label(role="muted", name="passphraseLead")
        self._why = text_label(role="muted", name="passphraseWhy")
        self.fields = NewPassphraseFields(bridge)
        frame, inside = card()
        inside.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        inside.addWidget(self.fields)
        for label in (self._title, self._lead, self._why):
            layout.addWidget(label)
        layout.addSpacing(SPACE_XS)
        layout.addWidget(frame)
        layout.addWidget(text_label(LOCK_WARNING, "muted"))
        layout.addStretch(1)
        self.fields.changed.connect(self._tell)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw whether it can be left out, and where it can't, why."""
        is_required = screen.passphrase.is_required
        self._title.setText(LOCK_REQUIRED_TITLE if is_required else LOCK_TITLE)
        self._lead.setText(LOCK_REQUIRED_LEAD if is_required else LOCK_LEAD)
        show_text(self._why, screen.passphrase.why)
        self.fields.set_about((screen.create.name,))

    @property
    def first_field(self) -> QWidget:
        """Where one begins."""
        return self.fields.findChild(QLineEdit) or self.fields

    def forget(self) -> None:
        """Forget what was typed."""
        self.fields.clear()

    def _tell(self) -> None:
        is_good = self.fields.is_valid
        self.passphrase_typed.emit(self.fields.passphrase if is_good else "", is_good)


class DonePage(QWidget):
    """The key is kept: where, how its backup stands, and what to do next."""

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, DONE_TITLE, "")
        frame, inside = card()
        self._facts = FactList("keyFacts", is_text=True, label_width=_LABEL_WIDTH)
        inside.addWidget(self._facts)
        self.practice = ChoiceButton(PRACTICE_NEXT, "practiceButton")
        self.live = ChoiceButton(LIVE_NEXT, "liveWithKeyButton")
        layout.setSpacing(SPACE_M)
        layout.addWidget(frame)
        layout.addSpacing(SPACE_S)
        layout.addWidget(text_label("What next?", "heading"))
        layout.addWidget(self.practice)
        layout.addWidget(self.live)
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw what was kept."""
        done = screen.done
        if not done.address:
            self._facts.show_facts(())
            return
        tone = Tone.GOOD if done.is_backed_up else Tone.BAD
        self._facts.show_facts(
            (
                Fact("Name", done.name),
                Fact("Address", done.short_address, copy_text=done.address),
                Fact("Where it is", done.place),
                Fact("Backup", done.backup, tone),
            )
        )
