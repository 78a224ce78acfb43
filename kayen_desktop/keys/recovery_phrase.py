"""The words that bring a key back: BIP-39 phrases, the keys they lead to, and the quiz on them.

Decisions:

- The optional passphrase of BIP-39 (the "25th word") is not supported. A typo in it leads to
  another key without any error, it is on no written backup, and this application seals its keys
  with a passphrase of its own that can be checked.
- English words only: it is the one list that every wallet reads.
- No word is ever changed or completed for the trader. BIP-39's words differ in their first four
  letters, so an abbreviation is answered with a hint, which the trader takes or not.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NoReturn, Protocol, Self, TypeVar

from mnemonic import Mnemonic

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.late_imports import import_late

from .material import KeyMaterial

MemberType = TypeVar("MemberType")

WORD_COUNTS = (12, 15, 18, 21, 24)
MADE_WORD_COUNTS = (12, 24)
MAX_INDEX = 2**31 - 1
QUESTIONS = 4
CHOICES = 6

_ACCOUNT_PATH = "m/44'/60'/0'/0/{}"
_MAX_HINTS = 3
_LIKENESS = 0.7
# The longest word has eight letters. What is much longer is no typo, and comparing it costs time.
_MAX_TYPO = 16
# More than any phrase with its numbering: of a longer text only the beginning is looked at, and
# it is never taken for a phrase.
_MAX_TEXT = 4_000
_PREFIX = 4

_BETWEEN = re.compile(r"[\s,;|.:()\[\]/\"'-]+")
_NUMBER = re.compile(r"\d{1,2}")
_PRIVATE_KEY = re.compile(r"(0x)?[0-9a-f]{64}")
_PATH_STEP = re.compile(r"([0-9]{1,10})('?)")


class RecoveryPhrase:
    """A valid BIP-39 phrase of 12 to 24 English words; nothing about it can be printed.

    Made by ``make``, ``from_text`` or ``from_entropy``.
    """

    __slots__ = ("__entropy", "__origin")

    def __init__(self, entropy: bytes, origin: KeyOrigin) -> None:
        """Take 16, 20, 24, 28 or 32 bytes; raises ``KeyInputError`` for another length."""
        if len(entropy) not in {_entropy_length(words) for words in WORD_COUNTS}:
            raise KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=len(entropy) * 3 // 4)
        self.__entropy = entropy
        self.__origin = origin

    @classmethod
    def make(cls, words: int, entropy: Callable[[int], bytes]) -> Self:
        """Return a new phrase of 12 or 24 words; ``entropy`` gives that many unpredictable bytes.

        Raises:
            KeyInputError: another number of words.
        """
        if words not in MADE_WORD_COUNTS:
            raise KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=words)
        length = _entropy_length(words)
        drawn = entropy(length)
        if len(drawn) != length:
            raise ValueError("The source of entropy gave another number of bytes.")
        return cls(drawn, KeyOrigin.CREATED)

    @classmethod
    def from_entropy(cls, entropy: bytes) -> Self:
        """Return the phrase of 16 to 32 bytes; raises ``KeyInputError`` for a wrong length."""
        return cls(entropy, KeyOrigin.PHRASE)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the phrase that was typed: any case, spacing, commas and numbering will do.

        Raises:
            KeyInputError: PHRASE_*; the first word that is not on the list is told by position.
        """
        if _looks_like_key(text):
            raise KeyInputError(KeyProblemKind.PHRASE_LOOKS_LIKE_KEY)
        words = split_phrase(text)
        if not words:
            raise KeyInputError(KeyProblemKind.PHRASE_EMPTY)
        if len(text.strip()) > _MAX_TEXT:
            raise KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=len(text.split()))
        if len(words) not in WORD_COUNTS:
            raise KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=len(words))
        for position, word in enumerate(words, 1):
            if not is_word(word):
                raise KeyInputError(
                    KeyProblemKind.PHRASE_UNKNOWN_WORD, position=position, hints=suggest(word)
                )
        try:
            entropy = bytes(_bip39().to_entropy(list(words)))
        except ValueError:
            # The cause quotes nothing, but its context holds the words: it ends here.
            raise KeyInputError(KeyProblemKind.PHRASE_CHECKSUM) from None
        return cls(entropy, KeyOrigin.PHRASE)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in their order, for the screen alone."""
        return tuple(_bip39().to_mnemonic(self.__entropy).split())

    def derive(self, index: int = 0) -> KeyMaterial:
        """Return the key of the BIP-44 path m/44'/60'/0'/0/index; meant for a thread.

        Raises:
            KeyInputError: INDEX_OUT_OF_RANGE.
        """
        if not 0 <= index <= MAX_INDEX:
            raise KeyInputError(KeyProblemKind.INDEX_OUT_OF_RANGE)
        return self.derive_path(_ACCOUNT_PATH.format(index))

    def derive_path(self, path: str) -> KeyMaterial:
        """Return the key of a BIP-32 path such as m/44'/60'/0'/0/0; meant for a thread.

        Raises:
            KeyInputError: INDEX_OUT_OF_RANGE where it is no path.
        """
        _check_path(path)
        seed = Mnemonic.to_seed(" ".join(self.words))
        # eth-account opens its BIP-32 part with the phrase's own features only through a switch
        # of the whole process; the class behind it takes a seed and needs none.
        key: bytes = import_late("eth_account.hdaccount").HDPath(path).derive(seed)
        return KeyMaterial(key, self.__origin, entropy=self.__entropy, path=path)

    def __repr__(self) -> str:
        return f"RecoveryPhrase({len(self.words)} words)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a recovery phrase can't be copied or written down")


def split_phrase(text: str) -> tuple[str, ...]:
    """Return the words of a typed phrase in lower case, without numbering, commas and spaces."""
    parts = _BETWEEN.split(_plain(text))
    return tuple(part for part in parts if part and not _NUMBER.fullmatch(part))


def is_word(word: str) -> bool:
    """Return whether the word is on the list, in any case."""
    return _plain(word).strip() in _positions()


def suggest(word: str) -> tuple[str, ...]:
    """Return up to three words of the list that come near, the nearest first.

    The word with the same first four letters comes first: no two words of the list share them.
    """
    typed = _plain(word).strip()
    if not typed or len(typed) > _MAX_TYPO:
        return ()
    listed = _bip39().wordlist
    same_start = [each for each in listed if each.startswith(typed[:_PREFIX])]
    near = difflib.get_close_matches(typed, listed, n=_MAX_HINTS, cutoff=_LIKENESS)
    hints = (*same_start, *near) if len(typed) >= _PREFIX else (*near, *same_start)
    return tuple(dict.fromkeys(hints))[:_MAX_HINTS]


def looks_like_phrase(text: str) -> bool:
    """Return whether most of a text of several words is on the list."""
    words = split_phrase(text)
    known = sum(is_word(word) for word in words)
    return len(words) >= QUESTIONS and 2 * known > len(words)


class Chooser(Protocol):
    """What draws at random: ``random.SystemRandom()``, or a seeded ``random.Random`` in tests."""

    def sample(self, population: Sequence[MemberType], k: int) -> list[MemberType]:
        """Return k different members in random order."""

    def shuffle(self, x: list[str]) -> None:
        """Put the list into random order."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which word stands at ``position`` (counted from 1)? One of ``choices`` is right."""

    position: int
    choices: tuple[str, ...] = field(repr=False)
    answer: str = field(repr=False)

    def is_right(self, word: str) -> bool:
        """Return whether this is the word of the phrase."""
        return word == self.answer


def make_quiz(words: Sequence[str], choose: Chooser) -> tuple[Question, ...]:
    """Return four questions on different words, in the phrase's order, with six choices each.

    The five wrong choices are words of the list and none of the phrase, so that a word can't be
    ruled out, or be right, because it stands somewhere else.
    """
    asked = sorted(choose.sample(range(len(words)), QUESTIONS))
    decoys = [word for word in _bip39().wordlist if word not in set(words)]
    questions = []
    for number in asked:
        choices = [words[number], *choose.sample(decoys, CHOICES - 1)]
        choose.shuffle(choices)
        questions.append(Question(number + 1, tuple(choices), words[number]))
    return tuple(questions)


@cache
def _bip39() -> Mnemonic:
    return Mnemonic("english")


@cache
def _positions() -> frozenset[str]:
    return frozenset(_bip39().wordlist)


def _entropy_length(words: int) -> int:
    return words * 4 // 3


def _plain(text: str) -> str:
    """Return the text in lower-case NFKD without marks that nobody sees (BOM, zero width)."""
    folded = unicodedata.normalize("NFKD", text.strip()[:_MAX_TEXT]).lower()
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def _looks_like_key(text: str) -> bool:
    plain = _plain(text).strip()
    return plain.startswith("{") or _PRIVATE_KEY.fullmatch(plain) is not None


def _check_path(path: str) -> None:
    """Refuse what is no BIP-32 path; the library lets 2**31 and Unicode digits through."""
    root, *steps = path.split("/")
    found = [_PATH_STEP.fullmatch(step) for step in steps]
    if root != "m" or any(each is None or int(each[1]) > MAX_INDEX for each in found):
        raise KeyInputError(KeyProblemKind.INDEX_OUT_OF_RANGE)
