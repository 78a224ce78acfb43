"""The pages on which a key is created: its name and length, its words, and the check of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from kayen_desktop.ui.notices.identities import CAPTURE_BLOCKED, CAPTURE_POSSIBLE
from kayen_desktop.ui.notices.welcome import (
    CHECK_LEAD,
    CHECK_TITLE,
    COUNT_HINT,
    CREATE_LEAD,
    CREATE_TITLE,
    LATER_HINT,
    NAME_HINT,
    PHRASE_EXPLAINED,
    PHRASE_TITLE,
    RISKS,
    RISKS_TITLE,
    WORDS_LEAD,
    WORDS_TITLE,
)
from kayen_desktop.ui.presenters.create_key import LONG_PHRASE, SHORT_PHRASE
from kayen_desktop.ui.presenters.welcome_screens import WelcomePage, WelcomeScreen
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.phrase_grid import PhraseGrid
from kayen_desktop.ui.widgets.phrase_quiz import PhraseQuiz

from .labels import card, push_button, set_look, show_text, text_label
from .wizard_pages import page_layout

_SHOW = "Show the words"
_HIDE = "Hide the words"


class NameField(QWidget):
    """What the key is called, with what is wrong with the name below it."""

    typed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setObjectName(name)
        self.edit.setAccessibleName("Name of the key")
        self.edit.setMaxLength(100)
        self._problem = text_label(role="problem", name=f"{name}Problem")
        self._hint = text_label(NAME_HINT, "small")
        caption = text_label("Name of the key", "heading")
        caption.setBuddy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        for widget in (caption, self.edit, self._hint, self._problem):
            layout.addWidget(widget)
        self.edit.textChanged.connect(self.typed)

    def show_name(self, name: str, problem: str) -> None:
        """Draw the name and what is wrong with it."""
        if self.edit.text() != name:
            self.edit.setText(name)
        self._hint.setVisible(not problem)
        show_text(self._problem, problem)
        set_look(self.edit, "invalid", "true" if problem else "false")
        self.edit.setAccessibleDescription(problem or NAME_HINT)


class CreatePage(QWidget):
    """Name the key, choose the length of its phrase, and read what a phrase is."""

    count_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, CREATE_TITLE, CREATE_LEAD)
        self.name = NameField("keyNameEdit")
        layout.addWidget(self.name)
        layout.addWidget(text_label("Length of the recovery phrase", "heading"))
        layout.addLayout(self._count_row())
        layout.addWidget(text_label(COUNT_HINT, "small"))
        layout.addSpacing(SPACE_XS)
        frame, inside = card("card")
        inside.addWidget(text_label(PHRASE_TITLE, "heading"))
        inside.addWidget(text_label(PHRASE_EXPLAINED))
        inside.addSpacing(SPACE_XS)
        inside.addWidget(text_label(RISKS_TITLE, "heading"))
        for risk in RISKS:
            inside.addLayout(_with_bullet(text_label(risk)))
        layout.addWidget(frame)
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the name and the length."""
        self.name.show_name(screen.create.name, screen.create.name_problem)
        self._short.setChecked(screen.create.word_count == SHORT_PHRASE)
        self._long.setChecked(screen.create.word_count == LONG_PHRASE)
        self.setEnabled(not screen.is_busy)

    def _count_row(self) -> QHBoxLayout:
        self._short = push_button(f"{SHORT_PHRASE} words", "words12Button", "way")
        self._long = push_button(f"{LONG_PHRASE} words", "words24Button", "way")
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        for button, count in ((self._short, SHORT_PHRASE), (self._long, LONG_PHRASE)):
            button.setCheckable(True)
            group.addButton(button, count)
            row.addWidget(button)
        row.addStretch(1)
        group.idClicked.connect(self.count_chosen)
        return row


class WordsPage(QWidget):
    """The words, to be written down; hidden unless the trader wants to see them now."""

    show_wanted = Signal()
    hide_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, WORDS_TITLE, WORDS_LEAD)
        self._remark = text_label(role="problem", name="wordsRemark")
        self.grid = PhraseGrid()
        self.show_button = push_button(_SHOW, "showWordsButton")
        self._capture = text_label(role="small", name="captureLabel")
        row = QHBoxLayout()
        row.addWidget(self.show_button)
        row.addStretch(1)
        layout.addWidget(self._remark)
        layout.addWidget(self.grid)
        layout.addLayout(row)
        layout.addWidget(self._capture)
        layout.addStretch(1)
        self._are_shown = False
        self.show_button.clicked.connect(self._toggle)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the words, or the places where they stand."""
        words = screen.words
        if words.remark != self._remark.text():
            announce(self, words.remark)
        show_text(self._remark, words.remark)
        set_look(self._remark, "role", "good" if words.is_checked else "problem")
        self.grid.show_words(words.word_count, words.words)
        self._are_shown = words.are_shown
        self.show_button.setText(_HIDE if words.are_shown else _SHOW)
        self.show_button.setAccessibleName(self.show_button.text())
        self.show_button.setEnabled(not screen.is_busy)

    def show_capture(self, *, is_blocked: bool) -> None:
        """Say whether the screen can be recorded here."""
        self._capture.setText(CAPTURE_BLOCKED if is_blocked else CAPTURE_POSSIBLE)

    def _toggle(self) -> None:
        (self.hide_wanted if self._are_shown else self.show_wanted).emit()


class CheckPage(QWidget):
    """One question after the other on what was written down."""

    def __init__(self) -> None:
        super().__init__()
        layout = page_layout(self, CHECK_TITLE, CHECK_LEAD)
        self.quiz = PhraseQuiz()
        frame, inside = card()
        inside.addWidget(self.quiz)
        self.later = push_button("I’ll do it later", "laterButton", "link")
        row = QHBoxLayout()
        row.addWidget(self.later)
        row.addStretch(1)
        layout.addWidget(frame)
        layout.addSpacing(SPACE_M)
        layout.addLayout(row)
        layout.addWidget(text_label(LATER_HINT, "small"))
        layout.addStretch(1)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the question that is asked."""
        check = screen.check
        is_open = screen.page is WelcomePage.CHECK and not screen.is_busy
        choices = check.choices if screen.page is WelcomePage.CHECK else ()
        self.quiz.ask(check.trail, check.question, choices, is_open=is_open)
        self.later.setEnabled(is_open)


def _with_bullet(label: QLabel) -> QHBoxLayout:
    bullet = text_label("•", "muted", wraps=False)
    row = QHBoxLayout()
    row.setSpacing(SPACE_S)
    row.addWidget(bullet, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label, 1)
    return row
