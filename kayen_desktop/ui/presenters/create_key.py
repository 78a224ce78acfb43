"""A key in the making: its name, its phrase, and how far the check of its words has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import MAX_NAME, Identity
from kayen_desktop.ui.notices.keys import key_problem_text
from kayen_desktop.ui.notices.welcome import (
    CHECKED_ALREADY,
    WRONG_ANSWER,
    question_text,
    question_trail,
)

if TYPE_CHECKING:
    from kayen_desktop.keys.recovery_phrase import Question, RecoveryPhrase

SHORT_PHRASE = 12
LONG_PHRASE = 24
_FIRST_NAME = "My key"
NAME_PROBLEMS = frozenset(
    {KeyProblemKind.NAME_EMPTY, KeyProblemKind.NAME_TOO_LONG, KeyProblemKind.NAME_TAKEN}
)


class Answer(Enum):
    """What an answer to a question of the check leads to."""

    RIGHT = "right"
    WRONG = "wrong"
    ALL_RIGHT = "all_right"


@dataclass(frozen=True, slots=True)
class CreateScreen:
    """The page with the name of the key and the length of its phrase."""

    name: str
    name_problem: str
    word_count: int


@dataclass(frozen=True, slots=True)
class WordsScreen:
    """The page with the words; ``words`` is empty while they are hidden."""

    word_count: int
    words: tuple[str, ...] = field(repr=False)
    remark: str
    is_checked: bool

    @property
    def are_shown(self) -> bool:
        """True while the words are on the screen."""
        return bool(self.words)


@dataclass(frozen=True, slots=True)
class CheckScreen:
    """The page with one question of the check."""

    trail: str
    question: str
    choices: tuple[str, ...] = field(repr=False)


class KeyName:
    """The name that a key is going to have, checked as it is typed."""

    def __init__(self) -> None:
        self.text = ""
        self._names: frozenset[str] = frozenset()
        self._listed = ""

    def suggest(self, identities: Sequence[Identity]) -> None:
        """Take a name that no other key has, unless the trader has typed one."""
        self._names = frozenset(identity.name.casefold() for identity in identities)
        self.text = self.text or self._free_name()

    def belong_to(self, listed: str) -> None:
        """Offer the name under which the key is listed; empty where it is on no list."""
        if listed:
            self.text = listed
        elif self._listed and self.text == self._listed:
            self.text = self._free_name()
        self._listed = listed

    @property
    def problem(self) -> str:
        """What is wrong with the name; the keychain has the last word on it."""
        name = " ".join(self.text.split())
        if not name:
            return key_problem_text(KeyInputError(KeyProblemKind.NAME_EMPTY))
        if len(name) > MAX_NAME:
            return key_problem_text(KeyInputError(KeyProblemKind.NAME_TOO_LONG))
        if name.casefold() in self._names - {self._listed.casefold()}:
            return key_problem_text(KeyInputError(KeyProblemKind.NAME_TAKEN))
        return ""

    def _free_name(self) -> str:
        number, name = 1, _FIRST_NAME
        while name.casefold() in self._names:
            number += 1
            name = f"{_FIRST_NAME} {number}"
        return name


class NewKey:
    """Keeps the phrase until the key is kept, or until it is told to forget it."""

    def __init__(self) -> None:
        self.word_count = SHORT_PHRASE
        self.phrase: RecoveryPhrase | None = None
        self.are_words_shown = self.were_words_shown = False
        self.is_checked = False
        self._questions: tuple[Question, ...] = ()
        self._answered = 0
        self._remark = ""

    def choose_count(self, word_count: int) -> None:
        """Make a phrase of 12 or 24 words; a phrase of another length is forgotten."""
        if word_count != self.word_count:
            self.forget()
            self.word_count = word_count

    def take_phrase(self, phrase: RecoveryPhrase) -> None:
        """Show this phrase, hidden at first."""
        self.forget()
        self.phrase = phrase

    def show_words(self) -> None:
        """Show the words until something hides them."""
        self.are_words_shown = self.were_words_shown = self.phrase is not None

    def begin_check(self, questions: tuple[Question, ...]) -> None:
        """Ask these questions, one after the other; the words are hidden."""
        self._questions = questions
        self._answered = 0
        self._remark = ""
        self.are_words_shown = False

    def answer(self, word: str) -> Answer:
        """Take the answer to the question that is asked; after a wrong one all are asked anew."""
        if not self._questions[self._answered].is_right(word):
            self._questions = ()
            self._remark = WRONG_ANSWER
            return Answer.WRONG
        self._answered += 1
        if self._answered < len(self._questions):
            return Answer.RIGHT
        self._questions = ()
        self.is_checked = True
        return Answer.ALL_RIGHT

    @property
    def are_words_stray(self) -> bool:
        """True while words may be on paper already that belong to no key that is kept."""
        return self.phrase is not None and self.were_words_shown

    @property
    def is_asking(self) -> bool:
        """True while a question waits for its answer."""
        return bool(self._questions)

    def forget(self) -> None:
        """Drop the phrase and the questions on it."""
        self.phrase = None
        self.are_words_shown = self.were_words_shown = False
        self.is_checked = False
        self._questions = ()
        self._answered = 0
        self._remark = ""

    def words_screen(self) -> WordsScreen:
        """Return the page with the words, which it holds only while they are shown."""
        is_shown = self.are_words_shown and self.phrase is not None
        return WordsScreen(
            word_count=self.word_count,
            words=self.phrase.words if is_shown and self.phrase is not None else (),
            remark=CHECKED_ALREADY if self.is_checked else self._remark,
            is_checked=self.is_checked,
        )

    def check_screen(self) -> CheckScreen:
        """Return the page with the question that is asked, empty where none is."""
        if not self._questions:
            return CheckScreen("", "", ())
        question = self._questions[self._answered]
        return CheckScreen(
            question_trail(self._answered + 1, len(self._questions)),
            question_text(question.position),
            question.choices,
        )
