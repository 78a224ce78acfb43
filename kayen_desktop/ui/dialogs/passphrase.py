"""Asking for the passphrase before what needs it, and the two fields that choose a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import NotAuthorizedError
from kayen_desktop.keys.lock import Lock, LockState
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.keys import NOUN_FOR_KEYS
from kayen_desktop.ui.notices.locking import act_words
from kayen_desktop.ui.presenters.newest_only import NewestOnly
from kayen_desktop.ui.presenters.passphrase import new_passphrase_problem
from kayen_desktop.ui.theme import SPACE_L, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.passphrase_entry import PassphraseEntry, SecretEdit, ShowButton
from kayen_desktop.ui.widgets.strength_meter import StrengthMeter

from .labels import push_button, set_look, text_label
from .questions import answer_to, refuse, topmost
from .scrolling_dialog import ScrollingDialog

if TYPE_CHECKING:
    from kayen_desktop.keys.strength import Strength

_WIDTH = 440
_PROBLEM_LINES = 2
_DANGEROUS = frozenset({Act.REMOVE_KEY})


class PassphraseDialog(ScrollingDialog):
    """Says what is about to happen and takes the passphrase for it."""

    def __init__(
        self,
        act: Act,
        verify: Callable[[str], Awaitable[None]],
        bridge: AsyncBridge,
        on_right: Callable[[str], None],
        parent: QWidget | None = None,
        *,
        retry_after_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """``on_right`` takes the passphrase once ``verify`` did not raise for it."""
        super().__init__(parent, _WIDTH)
        self.setObjectName("passphraseDialog")
        words = act_words(act)
        self.setWindowTitle(words.title)
        self.setAccessibleDescription(words.sentence)
        self._on_right = on_right
        kind = "danger" if act in _DANGEROUS else "primary"
        confirm = push_button(words.confirm, "confirmButton", kind)
        cancel = push_button("Cancel", "cancelButton")
        cancel.clicked.connect(self.reject)
        self._entry = PassphraseEntry(
            verify, bridge, self._take, confirm, retry_after_s=retry_after_s
        )
        self.body.setSpacing(SPACE_L)
        self.body.addWidget(text_label(words.title, "title"))
        self.body.addWidget(text_label(words.sentence, name="actLabel"))
        self.body.addWidget(self._entry)
        self.add_buttons(right=(cancel, confirm))
        self.finished.connect(self._entry.stop)
        self._entry.begin()

    def _take(self, passphrase: str) -> None:
        self._on_right(passphrase)
        self.accept()


class PassphraseAsker:
    """Asks over the topmost window, one question after the other, in no loop of its own."""

    def __init__(self, window: QWidget, bridge: AsyncBridge, lock: Lock | None = None) -> None:
        """``window`` is the main window; a question that stands while ``lock`` locks is dropped."""
        self._window = window
        self._bridge = bridge
        self._lock = lock
        self._turn = asyncio.Lock()

    async def ask(self, act: Act, verify: Callable[[str], Awaitable[None]]) -> str:
        """Return the passphrase once ``verify`` did not raise for it.

        Raises:
            NotAuthorizedError: the trader would rather not, or the application is locked.
        """
        async with self._turn:
            if self._lock is not None and self._lock.is_locked:
                raise NotAuthorizedError("The application is locked.")
            return await self._ask(act, verify)

    async def _ask(self, act: Act, verify: Callable[[str], Awaitable[None]]) -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(passphrase: str) -> None:
            if not answer.done():
                answer.set_result(passphrase)

        def on_lock(state: LockState) -> None:
            if state is LockState.LOCKED:
                refuse(answer)

        dialog = PassphraseDialog(
            act,
            verify,
            self._bridge,
            take,
            topmost(self._window),
            retry_after_s=self._lock.retry_after_s if self._lock else lambda: 0.0,
        )
        unlisten = self._lock.listen(on_lock) if self._lock else lambda: None
        try:
            return await answer_to(dialog, answer)
        finally:
            unlisten()


class NewPassphraseFields(QWidget):
    """The new passphrase twice, how strong it is, and what is wrong with it."""

    changed = Signal()

    def __init__(
        self, bridge: AsyncBridge, about: tuple[str, ...] = (), *, noun: str = NOUN_FOR_KEYS
    ) -> None:
        """``about`` are words that everybody would guess first: the trader's name, the key's.

        ``noun`` is what is chosen: a file has a password, what opens the keys is a passphrase.
        """
        super().__init__()
        self._about = about
        self._noun = noun
        self._strength: Strength | None = None
        measuring = NewestOnly(bridge, _measure, self._on_strength)
        self._measuring = measuring
        # The dialog around may be closed in the middle of a measurement.
        self.destroyed.connect(lambda: measuring.stop())
        self._edit = SecretEdit("newPassphraseEdit", f"New {noun}")
        self._repeat = SecretEdit("repeatPassphraseEdit", f"The same {noun} again")
        self._show = ShowButton(self._edit, self._repeat)
        self._meter = StrengthMeter(noun)
        self._problem = text_label(role="problem", name="newPassphraseProblem")
        self._lay_out()
        self._edit.textChanged.connect(self._on_typed)
        self._repeat.textChanged.connect(self._on_repeated)

    @property
    def passphrase(self) -> str:
        """What is typed, good or not."""
        return self._edit.text()

    @property
    def is_empty(self) -> bool:
        """True while nothing is typed in either field."""
        return not self._edit.text() and not self._repeat.text()

    @property
    def is_valid(self) -> bool:
        """True once it was found strong enough and was typed twice alike."""
        is_enough = self._strength is not None and self._strength.is_enough
        return is_enough and self._edit.text() == self._repeat.text()

    def set_about(self, about: tuple[str, ...]) -> None:
        """Count these words as easily guessed from now on."""
        if about != self._about:
            self._about = about
            self._on_typed()

    def clear(self) -> None:
        """Forget what was typed."""
        self._edit.forget()
        self._repeat.forget()
        self._show.setChecked(False)

    def _on_typed(self) -> None:
        # Not valid before it is measured; the meter keeps its last word till then, not to flicker.
        self._strength = None
        passphrase = self._edit.text()
        self._measuring.take((passphrase, self._about) if passphrase else None)
        if not passphrase:
            self._meter.show_strength(None)
        self._on_repeated()

    def _on_repeated(self) -> None:
        self._show_problem()
        self.changed.emit()

    def _on_strength(self, strength: Strength) -> None:
        self._strength = strength
        self._meter.show_strength(strength)
        self._show_problem()
        self.changed.emit()

    def _show_problem(self) -> None:
        problem = new_passphrase_problem(
            self._edit.text(),
            self._repeat.text(),
            is_enough=self._strength is None or self._strength.is_enough,
            noun=self._noun,
        )
        is_news = problem not in ("", self._problem.text())
        self._problem.setText(problem)
        self._repeat.setAccessibleDescription(problem)
        set_look(self._repeat, "invalid", "true" if problem else "false")
        if is_news:
            announce(self, problem)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        first = text_label(f"New {self._noun}", "small")
        first.setBuddy(self._edit)
        second = text_label("The same again", "small")
        second.setBuddy(self._repeat)
        layout.addWidget(first)
        layout.addLayout(self._show.beside(self._edit))
        layout.addWidget(self._meter)
        layout.addSpacing(SPACE_S)
        layout.addWidget(second)
        layout.addWidget(self._repeat)
        layout.addWidget(self._problem)
        # The buttons below must not jump when it speaks.
        self._problem.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._problem.setMinimumHeight(_PROBLEM_LINES * self._problem.fontMetrics().lineSpacing())
        self.setTabOrder(self._edit, self._repeat)
        self.setTabOrder(self._repeat, self._show)


async def _measure(typed: tuple[str, tuple[str, ...]]) -> Strength:
    """Measure in a thread, where the lists of known passwords are read in, too."""
    return await asyncio.to_thread(_measure_now, *typed)


def _measure_now(passphrase: str, about: tuple[str, ...]) -> Strength:
    from kayen_desktop.keys.strength import measure

    return measure(passphrase, about)
