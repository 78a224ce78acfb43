"""The sequence rule of Finex's order books: whole and in step, or lost and asked for again (§2.7).

Decision: a book that is not followed any more is never shown. While a new one is under way,
changes are dropped. If it does not come within five seconds of further frames, were they only
heartbeats and tickers, it is asked for once more: neither a lost nor an unreadable snapshot leaves
the market without a book for good, nor does a server that never sends a good one get asked at the
pace of its frames.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kayen_desktop.domain.book import Level
from kayen_desktop.domain.events import BookLost, BookReplaced, BookUpdated
from kayen_desktop.protocol.outputs import Dropped, Output

from .messages import Args, BookRow
from .parsing import read_row
from .quotes import parse_levels
from .values import read_count

ASK_AGAIN_AFTER = timedelta(seconds=5)


class _Feed:
    """Where one market's book stands: ``sequence`` is None until a snapshot is in."""

    __slots__ = ("name", "sequence", "waiting_since")

    def __init__(self, name: str) -> None:
        self.name = name
        self.sequence: int | None = None
        self.waiting_since: datetime | None = None


class BookFeeds:
    """The books being followed, by symbol; ``take_lost`` tells which must be asked for again."""

    def __init__(self) -> None:
        self._feeds: dict[str, _Feed] = {}
        self._lost: list[str] = []

    def watch(self, symbol: str, name: str) -> None:
        """Follow the market's book from its next snapshot on."""
        self._feeds.setdefault(symbol, _Feed(name))

    def unwatch(self, symbol: str) -> None:
        """Follow the market's book no longer."""
        self._feeds.pop(symbol, None)

    def reset(self) -> list[Output]:
        """Return what is lost with the connection; every book waits for a snapshot again."""
        lost: list[Output] = []
        for feed in self._feeds.values():
            if feed.sequence is not None:
                lost.append(BookLost(feed.name))
            feed.sequence = feed.waiting_since = None
        self._lost.clear()
        return lost

    def take_lost(self) -> list[str]:
        """Return the symbols whose books must be asked for again, each once."""
        lost, self._lost = self._lost, []
        return lost

    def look(self, now: datetime) -> None:
        """Ask again for books that don't come: in a quiet market nothing else would show it."""
        for symbol, feed in self._feeds.items():
            if feed.sequence is None:
                self._wait(feed, symbol, now)

    def lose(self, symbol: str, now: datetime | None = None) -> list[Output]:
        """Give a live book up and ask for a new one; one already under way is left to come."""
        feed = self._feeds.get(symbol)
        if feed is None or feed.sequence is None:
            return []
        feed.sequence = None
        feed.waiting_since = now
        self._lost.append(symbol)
        return [BookLost(feed.name)]

    def replace(self, args: Args, now: datetime) -> list[Output]:
        """Read ``obs``: the whole book."""
        return self._read(args, now, is_snapshot=True)

    def update(self, args: Args, now: datetime) -> list[Output]:
        """Read ``obi``: the change that follows the last one."""
        return self._read(args, now, is_snapshot=False)

    def _read(self, args: Args, now: datetime, *, is_snapshot: bool) -> list[Output]:
        symbol = args[0] if args else None
        feed = self._feeds.get(symbol) if isinstance(symbol, str) else None
        if feed is None:
            return [Dropped("a book event of a market that is not watched")]
        try:
            sequence, asks, bids = _parse(args)
        except ValueError as error:
            return self._spoilt(feed, args[0], now, f"a book event can't be read: {error}")
        if is_snapshot:
            feed.sequence = sequence
            return [BookReplaced(feed.name, asks, bids)]
        if feed.sequence is None:
            return self._spoilt(feed, args[0], now, "a change of a book that is not known yet")
        if sequence != feed.sequence + 1:
            reason = f"sequence {sequence} after {feed.sequence} in the book of {feed.name}"
            return self._spoilt(feed, args[0], now, reason)
        feed.sequence = sequence
        return [BookUpdated(feed.name, asks, bids)]

    def _spoilt(self, feed: _Feed, symbol: str, now: datetime, reason: str) -> list[Output]:
        dropped = Dropped(reason)
        if feed.sequence is not None:
            return [dropped, *self.lose(symbol, now)]
        self._wait(feed, symbol, now)
        return [dropped]

    def _wait(self, feed: _Feed, symbol: str, now: datetime) -> None:
        if feed.waiting_since is None:
            feed.waiting_since = now
        elif now - feed.waiting_since >= ASK_AGAIN_AFTER:
            feed.waiting_since = now
            self._lost.append(symbol)


def _parse(args: Args) -> tuple[int, tuple[Level, ...], tuple[Level, ...]]:
    row = read_row(args, BookRow)
    return read_count(row.sequence), parse_levels(row.asks), parse_levels(row.bids)
