"""The logic of typing a passphrase: trying one, and what is wrong with a new one."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from kayen_desktop.domain.errors import (
    KayenError,
    KeyInputError,
    KeyProblemKind,
    VaultError,
    WrongPassphraseError,
)
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.failures import error_notice
from kayen_desktop.ui.notices.keys import NOUN_FOR_KEYS, key_problem_text, vault_problem_text
from kayen_desktop.ui.notices.locking import CHECKING, NOT_THE_ONE, pause_text

_DOING = "the passphrase"


@dataclass(frozen=True, slots=True)
class TryScreen:
    """How the field for a passphrase stands; ``pause`` counts down and is no news each second."""

    problem: str
    pause: str
    progress: str
    can_try: bool


class TryView(Protocol):
    """What the presenter needs of the field."""

    def show_screen(self, screen: TryScreen) -> None:
        """Draw the field as it should look now."""

    def ask_again(self) -> None:
        """Select what was typed, so that typing replaces it."""

    def finish(self, passphrase: str) -> None:
        """Forget what was typed: it was right."""


class TryPresenter:
    """Tries one passphrase at a time, and none during the pause after too many wrong ones."""

    def __init__(
        self,
        verify: Callable[[str], Awaitable[None]],
        bridge: AsyncBridge,
        view: TryView,
        retry_after_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """``verify`` raises where the passphrase is wrong; ``retry_after_s`` is the pause left."""
        self._verify = verify
        self._bridge = bridge
        self._view: TryView | None = view
        self._retry_after_s = retry_after_s
        self._problem = ""
        self._is_trying = False

    @property
    def is_trying(self) -> bool:
        """True while a passphrase is being checked."""
        return self._is_trying

    def submit(self, passphrase: str) -> None:
        """Try the passphrase, unless one is being tried or the pause is not over."""
        if self._is_trying or self._retry_after_s() > 0.0:
            return
        if not passphrase:
            self._say(key_problem_text(KeyInputError(KeyProblemKind.PASSPHRASE_EMPTY)))
            return
        self._is_trying = True
        self._problem = ""
        self._bridge.run(self._try(passphrase), self._on_error)
        self.refresh()

    def begin_anew(self) -> None:
        """Forget what was wrong before."""
        self._problem = ""
        self.refresh()

    def refresh(self) -> None:
        """Draw; called about once a second while a pause runs."""
        if self._view is None:
            return
        wait_s = math.ceil(self._retry_after_s())
        is_free = not self._is_trying and not wait_s
        self._view.show_screen(
            TryScreen(
                problem=self._problem,
                pause=pause_text(wait_s) if wait_s and not self._is_trying else "",
                progress=CHECKING if self._is_trying else "",
                can_try=is_free,
            )
        )

    def stop(self) -> None:
        """Draw nothing any more; the answer to a try on its way is dropped."""
        self._view = None

    async def _try(self, passphrase: str) -> None:
        try:
            await self._verify(passphrase)
        finally:
            # Also after what nobody expects: a screen that goes on checking can't be unlocked.
            self._is_trying = False
            self.refresh()
        if self._view is not None:
            self._view.finish(passphrase)

    def _on_error(self, error: KayenError) -> None:
        self._say(_problem_of(error))

    def _say(self, problem: str) -> None:
        self._problem = problem
        self.refresh()
        if self._view is not None:
            self._view.ask_again()


def new_passphrase_problem(
    passphrase: str, repeated: str, *, is_enough: bool, noun: str = NOUN_FOR_KEYS
) -> str:
    """Return what is wrong with the two fields, once there is enough in them to say so."""
    if repeated and not passphrase.startswith(repeated):
        return key_problem_text(KeyInputError(KeyProblemKind.PASSPHRASES_DIFFER), noun)
    if repeated == passphrase and passphrase and not is_enough:
        return key_problem_text(KeyInputError(KeyProblemKind.PASSPHRASE_TOO_WEAK), noun)
    return ""


def _problem_of(error: KayenError) -> str:
    match error:
        case WrongPassphraseError():
            return NOT_THE_ONE
        case VaultError(kind=kind):
            return vault_problem_text(kind)
        case KeyInputError():
            return key_problem_text(error)
        case _:
            return error_notice(error, _DOING).text
