"""What stands between a wish and its being carried out: the lock, and the passphrase asked anew."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kayen_desktop.domain.errors import LockedError, NotAuthorizedError
from kayen_desktop.keys.lock import Lock, LockState

# Longer than settling and closing take when all goes well, and shorter than an afternoon out.
PERMIT_LASTS_S = 3600.0


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
    TRUST_ADDRESS = "trust_address"
    GO_HOME = "go_home"


_COVERED = {Act.GO_HOME: frozenset({Act.SETTLE, Act.CLOSE_ACCOUNT})}


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """The trader's word for ``act`` and all that belongs to it, given to one gate."""

    act: Act


@dataclass(slots=True)
class _Terms:
    """What a permit is still good for; ``at`` is the gate's time when it was given."""

    acts: set[Act]
    at: float
    was_asked: bool
    was_locked: bool = False


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
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``has_passphrase`` is asked each time: the trader may set one while this stands.

        ``clock`` counts seconds, also while the computer sleeps; it may be set back.
        """
        self._lock = lock
        self._has_passphrase = has_passphrase
        self._asker = asker
        self._clock = clock
        self._permits: dict[Permit, _Terms] = {}
        if lock is not None:
            lock.listen(self._on_lock)

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

    async def permit(self, act: Act) -> Permit:
        """Ask as ``authorize`` does, for several acts that belong together.

        The permit covers each of its acts once. It is void after an hour, and once the
        application has locked: whoever sits there then has to show who they are.
        """
        was_asked = self.asks
        await self.authorize(act)
        permit = Permit(act)
        now = self._clock()
        self._permits = {each: terms for each, terms in self._permits.items() if _lasts(terms, now)}
        self._permits[permit] = _Terms(set(_COVERED.get(act, {act})), now, was_asked)
        return permit

    def redeem(self, permit: Permit, *acts: Act) -> None:
        """Use the permit for the acts; without acts only see whether it still stands.

        Raises:
            LockedError: the application is locked, or was since the permit was given.
            NotAuthorizedError: it does not cover the acts, was used for them, or is too old.
        """
        self.check()
        terms = self._permits.get(permit)
        if terms is None:
            raise NotAuthorizedError("There is no such permit.")
        if terms.was_locked:
            raise LockedError("The application was locked meanwhile, so nothing was sent.")
        if not _lasts(terms, self._clock()) or (self.asks and not terms.was_asked):
            raise NotAuthorizedError("The passphrase was typed too long ago.")
        if not terms.acts.issuperset(acts):
            raise NotAuthorizedError("The permit was not given for that, or was used.")
        terms.acts.difference_update(acts)

    def _on_lock(self, state: LockState) -> None:
        if state is LockState.LOCKED:
            for terms in self._permits.values():
                terms.was_locked = True


def _lasts(terms: _Terms, now: float) -> bool:
    """Return whether the permit is young enough; one from the future is not."""
    return 0.0 <= now - terms.at <= PERMIT_LASTS_S
