"""The lock of the application: when it warns, when it locks, and what opens it again.

Decision: this is a lock of the screen and of what the trader can set going, not of the key. While
it is locked the key goes on signing sign-in challenges (and nothing else exists to be signed): a
token that expired would otherwise end the account's connection, and with it the margin warnings
that a locked application must go on giving.

Decision: wrong passphrases are counted in memory only. Someone who can start the application
again can as well try passphrases on a copy of the vault; what stands against that is argon2id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from kayen_desktop.domain.errors import LockedError, WrongPassphraseError

FREE_TRIES = 5
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


class LockState(Enum):
    """WARNING means that it locks in a moment unless the trader does something."""

    OPEN = "open"
    WARNING = "warning"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class LockRules:
    """What the trader wants of the lock; ``idle_s`` is None where it never locks by itself.

    ``warn_s`` is how long before locking it warns, ``can_close_positions`` whether a position may
    be closed while it is locked.
    """

    idle_s: float | None = 600.0
    warn_s: float = 30.0
    can_close_positions: bool = False


Verify: TypeAlias = Callable[[str], Awaitable[None]]
LockListener: TypeAlias = Callable[[LockState], None]


class Lock:
    """Locks after a while without the trader, or when told to; a passphrase opens it.

    It has no timer: whoever owns it calls ``tick`` about once a second. Where there is no
    passphrase (``is_armed`` is false) it never locks and never warns.
    """

    def __init__(
        self, verify: Verify, clock: Callable[[], float], rules: LockRules | None = None
    ) -> None:
        """``verify`` raises ``WrongPassphraseError``; ``clock`` counts seconds.

        The clock should go on while the computer sleeps (a wall clock does, a monotonic one not
        everywhere); it may be set back.
        """
        self._ask_vault = verify
        self._clock = clock
        self._rules = rules or LockRules()
        self._is_armed = False
        self._state = LockState.OPEN
        self._touched_at = clock()
        self._listeners: list[LockListener] = []
        self._wrong_tries = 0
        self._tried_at = self._touched_at
        self._turn = asyncio.Lock()

    @property
    def state(self) -> LockState:
        """Where it stands."""
        return self._state

    @property
    def is_locked(self) -> bool:
        """True while only the passphrase helps."""
        return self._state is LockState.LOCKED

    @property
    def rules(self) -> LockRules:
        """What the trader wants of it."""
        return self._rules

    @rules.setter
    def rules(self, rules: LockRules) -> None:
        self._rules = rules
        self.tick()

    @property
    def is_armed(self) -> bool:
        """True where there is a passphrase to open it with; disarming opens nothing."""
        return self._is_armed

    @is_armed.setter
    def is_armed(self, is_armed: bool) -> None:
        if is_armed and not self._is_armed:
            self._touched_at = self._clock()
        self._is_armed = is_armed
        self.tick()

    def listen(self, listener: LockListener) -> Callable[[], None]:
        """Tell the listener each new state; returns what to call to hear no more."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    def seconds_left(self) -> float | None:
        """Return the seconds until it locks by itself; None where it does not, or is locked."""
        if not self._is_armed or self.is_locked or self._rules.idle_s is None:
            return None
        now = self._clock()
        self._touched_at = min(self._touched_at, now)  # the clock may have been set back
        return max(self._rules.idle_s - (now - self._touched_at), 0.0)

    def retry_after_s(self) -> float:
        """Return the seconds in which no passphrase is tried, after too many wrong ones."""
        now = self._clock()
        self._tried_at = min(self._tried_at, now)  # the clock may have been set back
        return max(_pause_after(self._wrong_tries) - (now - self._tried_at), 0.0)

    def touch(self) -> None:
        """Note that the trader did something; what comes too late does not save it."""
        self.tick()
        if not self.is_locked:
            self._touched_at = self._clock()
            self.tick()

    def tick(self) -> None:
        """Warn or lock if it is time."""
        if self.is_locked:
            return
        left = self.seconds_left()
        if left is None:
            self._be(LockState.OPEN)
        elif left <= 0.0:
            self._be(LockState.LOCKED)
        else:
            # A short patience must not be one long warning.
            warning = min(self._rules.warn_s, (self._rules.idle_s or 0.0) / 2)
            self._be(LockState.WARNING if left <= warning else LockState.OPEN)

    def lock(self) -> None:
        """Lock now; does nothing where no passphrase could open it again."""
        if self._is_armed:
            self._be(LockState.LOCKED)

    def release(self) -> None:
        """Open it without a passphrase, because there is none any more: its vault was destroyed.

        Whoever destroyed it has first ended what only the passphrase may show. Disarming alone
        opens nothing, so that a vault that merely seems empty does not open it, either.

        Raises:
            LockedError: it is armed: there is a passphrase, and nothing else opens it.
        """
        if self._is_armed:
            raise LockedError("Only the passphrase opens the lock.")
        self._wrong_tries = 0
        self._be(LockState.OPEN)

    async def unlock(self, passphrase: str) -> None:
        """Open it; raises as ``verify`` does.

        Raises:
            LockedError: it was disarmed meanwhile, and what verified nothing must not open it.
        """
        await self.verify(passphrase)
        if self.is_locked and not self._is_armed:
            raise LockedError("There is no passphrase any more.")
        self._touched_at = self._clock()
        self._be(LockState.OPEN)
        self.tick()

    async def until_open(self) -> None:
        """Return at once while it is not locked, else as soon as it is open."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_state(state: LockState) -> None:
            if state is not LockState.LOCKED and not opened.done():
                opened.set_result(None)

        unlisten = self.listen(on_state)
        try:
            if self.is_locked:
                await opened
        finally:
            unlisten()

    async def verify(self, passphrase: str) -> None:
        """Do nothing if the passphrase is right; the state stays as it is.

        Raises:
            WrongPassphraseError: it is wrong, or none is tried for ``wait_s`` more seconds.
            VaultError: the vault can't say.
        """
        async with self._turn:
            if wait_s := self.retry_after_s():
                raise WrongPassphraseError("Too many wrong passphrases in a row.", wait_s=wait_s)
            try:
                await self._ask_vault(passphrase)
            except WrongPassphraseError as error:
                self._wrong_tries += 1
                self._tried_at = self._clock()
                raise WrongPassphraseError(str(error), wait_s=self.retry_after_s()) from error
            self._wrong_tries = 0

    def _be(self, state: LockState) -> None:
        if state is self._state:
            return
        self._state = state
        for listener in tuple(self._listeners):  # a listener may leave while it is told
            listener(state)


def _pause_after(wrong_tries: int) -> float:
    """Return the seconds to wait: none for the first tries, then 1, 2, 4 and so on."""
    beyond = wrong_tries - FREE_TRIES
    if beyond < 0:
        return 0.0
    return min(FIRST_PAUSE_S * 2.0 ** min(beyond, 10), LONGEST_PAUSE_S)
