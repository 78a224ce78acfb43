"""The logic of the way out for who forgot the passphrase: every key goes, once it was typed out.

Decision: it is offered to whoever sits at the locked window, without the passphrase that nobody
knows any more. Somebody else at the keyboard can destroy the keys with it, but could delete the
files or the keyring's item just as well, and comes to see nothing: no secret is read, and the
window opens only after the live session is gone. The words to be typed guard against accidents,
not against people; against both there is the written backup. What stands against somebody who
passes by is half a minute in full sight: the button works no sooner after the dialog opened.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from kayen_desktop.domain.errors import KayenError, VaultError
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.failures import error_notice
from kayen_desktop.ui.notices.locking import (
    FORGOTTEN_CAPITALS,
    FORGOTTEN_TYPED,
    forgotten_failed_notice,
    forgotten_wait_text,
)
from kayen_desktop.ui.notices.notice import Notice

THINKING_S = 30.0
_DOING = "the removal of all keys"


@dataclass(frozen=True, slots=True)
class ForgottenScreen:
    """All that changes in the dialog while it is open; ``wait`` counts down to its button."""

    problem: str
    wait: str
    can_confirm: bool
    is_busy: bool
    notice: Notice | None


class ForgottenView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: ForgottenScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close: the keys are gone."""


class ForgottenPresenter:
    """Removes all keys once the words that confirm it are typed, and only once."""

    def __init__(
        self,
        remove: Callable[[], Awaitable[None]],
        bridge: AsyncBridge,
        view: ForgottenView,
        clock: Callable[[], float],
    ) -> None:
        """``remove`` forgets every key and the passphrase, or raises ``VaultError``.

        ``clock`` counts seconds; the wait begins now.
        """
        self._remove_all = remove
        self._clock = clock
        self._opened_at = clock()
        self._bridge = bridge
        self._view: ForgottenView | None = view
        self._typed = ""
        self._is_busy = False
        self._notice: Notice | None = None

    # What the trader does

    def type_words(self, text: str) -> None:
        """Take the confirmation as typed."""
        self._typed = text.strip()
        self.refresh()

    def confirm(self) -> None:
        """Remove the keys, if that was typed out."""
        if not self._can_confirm():
            return
        self._is_busy = True
        self._notice = None
        self._bridge.run(self._remove(), self._on_error)
        self.refresh()

    # What happens

    @property
    def is_waiting(self) -> bool:
        """True until half a minute has passed since the dialog opened."""
        return self._wait_s() > 0.0

    def tick(self) -> None:
        """Count down; called about once a second while it waits."""
        self.refresh()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            wait_s = self._wait_s()
            self._view.show_screen(
                ForgottenScreen(
                    problem=self._problem(),
                    wait=forgotten_wait_text(math.ceil(wait_s)) if wait_s else "",
                    can_confirm=self._can_confirm(),
                    is_busy=self._is_busy,
                    notice=self._notice,
                )
            )

    def stop(self) -> None:
        """Draw nothing any more; keys on their way out go all the same."""
        self._view = None

    async def _remove(self) -> None:
        try:
            await self._remove_all()
        finally:
            self._is_busy = False
            self.refresh()
        if self._view is not None:
            self._view.finish()

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, VaultError):
            self._notice = forgotten_failed_notice(error)
        else:
            self._notice = error_notice(error, _DOING)
        self.refresh()

    def _problem(self) -> str:
        is_small = self._typed != FORGOTTEN_TYPED and self._typed.upper() == FORGOTTEN_TYPED
        return FORGOTTEN_CAPITALS if is_small else ""

    def _can_confirm(self) -> bool:
        is_free = not self._is_busy and not self.is_waiting
        return self._typed == FORGOTTEN_TYPED and is_free

    def _wait_s(self) -> float:
        now = self._clock()
        self._opened_at = min(self._opened_at, now)  # the clock may have been set back
        return max(THINKING_S - (now - self._opened_at), 0.0)
