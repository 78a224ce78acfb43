"""A key that the trader brings: what was typed, pasted or chosen, and what is wrong with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.keys import key_problem_text
from kayen_desktop.ui.notices.welcome import PASTED_FILE, PHRASE_FITS

from .newest_only import NewestOnly

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain
    from kayen_desktop.keys.material import KeyMaterial

_MAX_FILE = 64 * 1024
_MAX_INDEX_DIGITS = 10
_FIRST_INDEX = "0"
_OPEN_END = re.compile(r"[^\W\d_]$")


class Way(Enum):
    """What a key can be brought from."""

    PHRASE = "phrase"
    PRIVATE_KEY = "private_key"
    KEYSTORE = "keystore"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at a typed text brought to light."""

    problem: KeyInputError | None = None
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class BringScreen:
    """The page where a key is brought; the texts are what stands in its fields."""

    way: Way
    phrase_text: str = field(repr=False)
    key_text: str = field(repr=False)
    password: str = field(repr=False)
    index_text: str
    file_name: str
    problem: str
    fits: str
    hints: tuple[str, ...] = field(repr=False)
    other_way: Way | None


class BringKeyPresenter:
    """Takes what is typed where a key is brought, and looks at it while it is being typed.

    It is kept until the key is: somebody who finds the wrong address goes back and mends a word.
    """

    def __init__(self, bridge: AsyncBridge, redraw: Callable[[], None]) -> None:
        """``redraw`` is called when the page should look different."""
        self._redraw = redraw
        self._way = Way.PHRASE
        self._phrase_text = ""
        self._key_text = ""
        self._password = ""
        self._index_text = _FIRST_INDEX
        self._file_name = ""
        self._file_text = ""
        self._finding = Finding()
        self._looks = NewestOnly(bridge, _look_at, self._take_finding)

    @property
    def is_ready(self) -> bool:
        """True once there is something to read a key from."""
        return bool(self._file_text if self._way is Way.KEYSTORE else self._typed.strip())

    # What the trader does

    def choose_way(self, way: Way) -> None:
        """Bring the key from a phrase, a private key or a file; what was typed elsewhere stays."""
        if way is not self._way:
            self._way = way
            self._look()

    def type_phrase(self, text: str) -> None:
        """Take what stands in the field for the phrase; more than any file holds is cut off."""
        text = text[:_MAX_FILE]
        if text != self._phrase_text:
            self._phrase_text = text
            self._look()

    def type_key(self, text: str) -> None:
        """Take what stands in the field for the private key."""
        if text != self._key_text:
            self._key_text = text
            self._look()

    def type_password(self, text: str) -> None:
        """Take what stands in the field for the file's password."""
        if text != self._password:
            self._password = text
            self._look()

    def type_index(self, text: str) -> None:
        """Take what stands in the field for the number of the key."""
        if text != self._index_text:
            self._index_text = text
            self._look()

    def take_file(self, name: str, text: str) -> None:
        """Read the key from this file's text."""
        self._file_name, self._file_text = name, text
        self._look()

    def take_hint(self, hint: str) -> None:
        """Put the suggested word in the place of the one that is not in the list."""
        problem = self._finding.problem
        if problem is not None and hint in problem.hints:
            self.type_phrase(replace_word(self._phrase_text, problem.position, hint))

    def move_to_other_way(self) -> None:
        """Take what was typed to the kind of key it looks like."""
        text, way = self._typed, self._belongs_to
        if way is None:
            return
        if self._way is Way.PHRASE:
            self._phrase_text = ""
        else:
            self._key_text = ""
        if way is Way.PHRASE:
            self._phrase_text = text
        elif way is Way.PRIVATE_KEY:
            self._key_text = text.strip()
        else:
            self._file_name, self._file_text = PASTED_FILE, text
        self.choose_way(way)

    # What comes of it

    async def material(self, keychain: Keychain) -> KeyMaterial:
        """Return the key; raises ``KeyInputError`` with what is wrong."""
        if self._way is Way.PRIVATE_KEY:
            return await keychain.material_from_private_key(self._key_text)
        if self._way is Way.KEYSTORE:
            return await keychain.material_from_keystore(self._file_text, self._password)
        from kayen_desktop.keys.recovery_phrase import RecoveryPhrase

        index = _index(self._index_text)
        phrase = await asyncio.to_thread(RecoveryPhrase.from_text, self._phrase_text)
        return await keychain.material_from_phrase(phrase, index)

    def refuse(self, error: KeyInputError) -> None:
        """Say what is wrong with it."""
        self._finding = Finding(error)

    def forget(self) -> None:
        """Drop everything that was typed or read."""
        self._phrase_text = self._key_text = self._password = ""
        self._index_text = _FIRST_INDEX
        self._file_name = self._file_text = ""
        self._finding = Finding()
        self._looks.take(None)

    def screen(self) -> BringScreen:
        """Return the page as it should look now."""
        found = self._finding
        return BringScreen(
            way=self._way,
            phrase_text=self._phrase_text,
            key_text=self._key_text,
            password=self._password,
            index_text=self._index_text,
            file_name=self._file_name,
            problem=key_problem_text(found.problem) if found.problem is not None else "",
            fits=PHRASE_FITS if found.is_complete else "",
            hints=found.problem.hints if found.problem is not None else (),
            other_way=self._belongs_to,
        )

    @property
    def _typed(self) -> str:
        """The text that a look should be taken at; empty where there is none."""
        texts = {Way.PHRASE: self._phrase_text, Way.PRIVATE_KEY: self._key_text}
        return texts.get(self._way, "")

    @property
    def _belongs_to(self) -> Way | None:
        """Where the text would rather be; None where it may well be right here."""
        match self._finding.problem.kind if self._finding.problem is not None else None:
            case KeyProblemKind.PHRASE_LOOKS_LIKE_KEY:
                is_file = self._phrase_text.lstrip().startswith("{")
                return Way.KEYSTORE if is_file else Way.PRIVATE_KEY
            case KeyProblemKind.KEY_LOOKS_LIKE_KEYSTORE:
                return Way.KEYSTORE
            case KeyProblemKind.KEY_LOOKS_LIKE_PHRASE:
                return Way.PHRASE
            case _:
                return None

    def _look(self) -> None:
        """Look at what stands there now; what was found before is over."""
        self._finding = Finding()
        self._looks.take((self._way, self._typed) if self._typed else None)
        self._redraw()

    def _take_finding(self, finding: Finding) -> None:
        """Draw what was found, unless the trader wanted to go on and heard more already."""
        if self._finding.problem is None:
            self._finding = finding
            self._redraw()


async def _look_at(typed: tuple[Way, str]) -> Finding:
    return await asyncio.to_thread(look_at, *typed)


def look_at(way: Way, text: str) -> Finding:
    """Return what can be said of a text while it is being typed; meant for a thread.

    A word that may still be growing, and words still to come, are no problem yet.
    """
    return _look_at_key(text) if way is Way.PRIVATE_KEY else _look_at_phrase(text)


def _look_at_key(text: str) -> Finding:
    from kayen_desktop.keys.brought_keys import Likeness, recognise

    kinds = {
        Likeness.PHRASE: KeyProblemKind.KEY_LOOKS_LIKE_PHRASE,
        Likeness.KEYSTORE: KeyProblemKind.KEY_LOOKS_LIKE_KEYSTORE,
        Likeness.ADDRESS: KeyProblemKind.KEY_LOOKS_LIKE_ADDRESS,
    }
    kind = kinds.get(recognise(text))
    return Finding(KeyInputError(kind) if kind is not None else None)


def _look_at_phrase(text: str) -> Finding:
    from kayen_desktop.keys.recovery_phrase import RecoveryPhrase, is_word, split_phrase, suggest

    try:
        RecoveryPhrase.from_text(text)
    except KeyInputError as error:
        if error.kind in (KeyProblemKind.PHRASE_LOOKS_LIKE_KEY, KeyProblemKind.PHRASE_CHECKSUM):
            return Finding(error)
    else:
        return Finding(is_complete=True)
    words = split_phrase(text)
    done = words[:-1] if _OPEN_END.search(text) else words
    for position, word in enumerate(done, 1):
        if not is_word(word):
            kind = KeyProblemKind.PHRASE_UNKNOWN_WORD
            return Finding(KeyInputError(kind, position=position, hints=suggest(word)))
    return Finding()


def replace_word(text: str, position: int, word: str) -> str:
    """Return the phrase with another word at the position, written plainly."""
    from kayen_desktop.keys.recovery_phrase import split_phrase

    words = list(split_phrase(text))
    if 0 < position <= len(words):
        words[position - 1] = word
    return " ".join(words) + " "


def read_key_file(path: Path) -> str:
    """Return the text of a key file; blocks, so it is meant for a thread.

    Raises:
        KeyInputError: it is no file, can't be read, or is no text of a key file's size.
    """
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise KeyInputError(KeyProblemKind.KEYSTORE_NOT_READABLE)
        with path.open("rb") as file:
            content = file.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise KeyInputError(KeyProblemKind.KEYSTORE_NOT_READABLE)
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        # The cause would hold what was read.
        raise KeyInputError(KeyProblemKind.KEYSTORE_NOT_READABLE) from None


def _index(text: str) -> int:
    """Return the number of the key; raises ``KeyInputError`` where it is none."""
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_INDEX_DIGITS:
        raise KeyInputError(KeyProblemKind.INDEX_OUT_OF_RANGE)
    return int(text)
