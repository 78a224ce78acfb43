"""When a broken link is tried again: capped exponential backoff with jitter, and what is fatal."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum

from kayen_desktop.domain.errors import (
    KayenError,
    KeyStoreError,
    LockedError,
    NotAuthorizedError,
    SettingsError,
    TransportError,
    VenueRejectionError,
)

FIRST_DELAY_S = 0.25
# With the sign-in after it, a link is back within three seconds of the network, however long that
# was gone, and however often lately.
MAX_DELAY_S = 2.5
FACTOR = 2.0
# Said by somebody, or written somewhere: asking again by itself would be asking in a loop.
_FATAL = (VenueRejectionError, KeyStoreError, LockedError, NotAuthorizedError, SettingsError)


class Verdict(Enum):
    """What to do about a broken link."""

    RETRY = "retry"
    FATAL = "fatal"


def classify(error: KayenError) -> Verdict:
    """Return whether trying again by itself can help; the only place that decides it."""
    if isinstance(error, TransportError):
        return Verdict.FATAL if error.is_fatal else Verdict.RETRY
    if isinstance(error, _FATAL):
        return Verdict.FATAL
    return Verdict.RETRY


class Backoff:
    """The waits between tries, each up to twice the one before, never the same for everybody."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        """``jitter`` returns a number from 0 to 1; half of each wait depends on it."""
        self._jitter = jitter
        self._next_s = FIRST_DELAY_S

    def delay_s(self) -> float:
        """Return how long to wait before the next try, in seconds."""
        ceiling = self._next_s
        self._next_s = min(self._next_s * FACTOR, MAX_DELAY_S)
        return ceiling * (0.5 + 0.5 * self._jitter())

    def reset(self) -> None:
        """Start small again: the link has been good."""
        self._next_s = FIRST_DELAY_S
