"""What is news: told after the last one, and not the same again in a short time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Generic, TypeVar

ThingT = TypeVar("ThingT")
# Different things within one pause; a venue that tells more of them counts as repeating itself.
MOST_AT_ONCE = 8


@dataclass(slots=True)
class _Held:
    told_at: datetime
    count: int = 1


class Repeats(Generic[ThingT]):
    """Lets a thing pass once in a while, and counts how often it came meanwhile."""

    def __init__(self, pause: timedelta) -> None:
        self._pause = pause
        self._held: dict[ThingT, _Held] = {}

    def is_news(self, thing: ThingT, at: datetime) -> bool:
        """Return whether the thing is to be told; where it is not, it is counted."""
        if thing not in self._held and len(self._held) >= MOST_AT_ONCE:
            self.take_over(at)
            if len(self._held) >= MOST_AT_ONCE:
                thing = next(reversed(self._held))
        held = self._held.get(thing)
        if held is not None and at - held.told_at < self._pause:
            held.count += 1
            return False
        self._held[thing] = _Held(at)
        return True

    def take_over(self, now: datetime) -> list[tuple[ThingT, int]]:
        """Forget what has had its pause, and return how often each came that came repeatedly."""
        over = [key for key, held in self._held.items() if now - held.told_at >= self._pause]
        counted = [(key, self._held.pop(key).count) for key in over]
        return [(key, count) for key, count in counted if count > 1]


def told_after(kept: Sequence[ThingT], last: ThingT | None) -> list[ThingT]:
    """Return what was kept after the last one told, oldest first."""
    return list(takewhile(lambda each: each is not last, reversed(kept)))[::-1]


def newest(kept: Sequence[ThingT]) -> ThingT | None:
    """Return what was kept last, if anything was."""
    return kept[-1] if kept else None
