"""What stands between a wish and its being carried out: the lock, and the passphrase asked anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Protocol

from kayen_desktop.domain.errors import LockedError, NotAuthorizedError
from kayen_desktop.keys.lock import Lock


class Act(Enum):
    """What is confirmed with the passphrase each time, however lately it was typed."""

    OPEN_ACCOUNT = "open_account"
    SETTLE = "settle"
    CLOSE_ACCOUNT = "close_account"
    WITHDRAW = "withdraw"
    REVEAL = "reveal"
    EXPORT = "export"
    ADD_KEY = "add_key"
    REMOVE_KEY = "remove_key"
    USE_KEY = "use_key"


class Asker(Protocol):
    """Asks the trader for the passphrase."""

    async def ask(self, act: Act, verify: Callable[[str], Awaitable[None]]) -> str:
        """Return the passphrase once ``verify`` did not raise for it.

        Raises:
            NotAuthorizedError: the trader would rather not.
        """


class Gate:
    """Lets things pass while the application is open, and asks for the passphrase first.

    A gate with neither lock nor passphrase, as in the practice venue, lets everything pass.
    """

    def __init__(
        self,
        lock: Lock | None = None,
        has_passphrase: Callable[[], bool] = lambda: False,
        asker: Asker | None = None,
    ) -> None:
        """``has_passphrase`` is asked each time: the trader may set one while this stands."""
        self._lock = lock
        self._has_passphrase = has_passphrase
        self._asker = asker

    def ask_with(self, asker: Asker) -> None:
        """Ask in this way from now on."""
        self._asker = asker

    @property
    def asks(self) -> bool:
        """True where a passphrase is set, so that the trader is asked before each act."""
        return self._has_passphrase()

    def is_shut(self, *, is_closing: bool = False) -> bool:
        """Return whether nothing passes now; ``is_closing`` is for the close of a position."""
        if self._lock is None or not self._lock.is_locked:
            return False
        return not (is_closing and self._lock.rules.can_close_positions)

    def check(self, *, is_closing: bool = False) -> None:
        """Raise ``LockedError`` where the application is locked against it."""
        if self.is_shut(is_closing=is_closing):
            raise LockedError("The application is locked, so nothing was sent.")

    async def authorize(self, act: Act) -> str:
        """Ask for the passphrase and return it; empty where none is set.

        Raises:
            LockedError: the application is locked, or was while the question stood.
            NotAuthorizedError: the trader would rather not, or can't be asked.
        """
        self.check()
        if not self.asks:
            return ""
        if self._lock is None or self._asker is None:
            raise NotAuthorizedError("There is no way to ask for the passphrase.")
        passphrase = await self._asker.ask(act, self._lock.verify)
        self.check()
        return passphrase
