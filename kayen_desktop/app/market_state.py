"""What a venue tells everybody: connections, markets, prices, books, trades and candles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from kayen_desktop.domain import events
from kayen_desktop.domain.book import OrderBook
from kayen_desktop.domain.candles import CandleSeries, Period
from kayen_desktop.domain.events import Event, LinkState
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.markets import Market, Ticker

from .changes import Change, Topic

TRADES_KEPT = 200
# Markets with trades, and series of candles; those heard of first make room, and can be asked for.
MARKETS_KEPT = 100
# A silent exchange is pinged after 10 s; one that does not answer that either shows old prices.
STALE_AFTER = timedelta(seconds=20)
# The states of a connection that stands; any other means that it was lost or not yet made.
_UP = frozenset({LinkState.CONNECTED, LinkState.SIGNING_IN, LinkState.READY})
_MARKET_TOPICS = frozenset({Topic.TICKER, Topic.BOOK, Topic.TRADES, Topic.CANDLES})

Changes: TypeAlias = tuple[Change, ...]
Appliers: TypeAlias = Mapping[type[Any], Callable[[Any, datetime], Changes]]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A connection as it stands; ``heard_at`` is when it last proved alive.

    ``began_at`` is when it was last down: what was told since came over this connection.
    """

    link: str
    state: LinkState
    reason: str = ""
    retry_at: datetime | None = None
    heard_at: datetime | None = None
    latency_ms: float | None = None
    began_at: datetime | None = None


class MarketState:
    """The public half of the picture, and the one way in: ``apply``."""

    def __init__(self) -> None:
        self.links: dict[str, LinkStatus] = {}
        self.markets: dict[str, Market] = {}
        self.tickers: dict[str, Ticker] = {}
        self.books: dict[str, OrderBook] = {}
        self.trades: dict[str, deque[Trade]] = {}
        self.candles: dict[tuple[str, Period], CandleSeries] = {}
        self._told_at: dict[Change, datetime] = {}
        self._appliers: Appliers = {
            events.LinkChanged: self._link_changed,
            events.LinkHeard: self._link_heard,
            events.MarketsListed: self._markets_listed,
            events.TickersUpdated: self._tickers_updated,
            events.BookReplaced: self._book_replaced,
            events.BookUpdated: self._book_updated,
            events.BookLost: self._book_lost,
            events.TradePrinted: self._trade_printed,
            events.CandlesUpdated: self._candles_updated,
        }

    def apply(self, event: Event, now: datetime) -> Changes:
        """Take in one fact, stamp what it touches, and return what a screen must redraw."""
        changes = self._appliers[type(event)](event, now)
        for change in changes:
            self._told_at[change] = now
        return changes

    def told_at(self, topic: Topic, key: str = "") -> datetime | None:
        """Return when the venue last spoke of the thing; None if it never did."""
        return self._told_at.get(Change(topic, key))

    def is_fresh(self, link: str, now: datetime) -> bool:
        """Return whether the link is up and has been heard from lately."""
        status = self.links.get(link)
        return (
            status is not None
            and status.state in _UP
            and status.heard_at is not None
            and now - status.heard_at <= STALE_AFTER
        )

    def is_ready(self, link: str) -> bool:
        """Return whether the link is signed in, so that something can be asked for over it."""
        status = self.links.get(link)
        return status is not None and status.state is LinkState.READY

    # Connections

    def _link_changed(self, event: events.LinkChanged, now: datetime) -> Changes:
        held = self.links.get(event.link)
        is_up = event.state in _UP
        self.links[event.link] = LinkStatus(
            event.link,
            event.state,
            event.reason,
            event.retry_at,
            now if is_up else (held.heard_at if held else None),
            held.latency_ms if held and is_up else None,
            held.began_at if held and is_up else now,
        )
        return (Change(Topic.LINK, event.link),)

    def _link_heard(self, event: events.LinkHeard, now: datetime) -> Changes:
        held = self.links.get(event.link)
        if held is None:
            return ()
        latency = held.latency_ms if event.latency_ms is None else event.latency_ms
        self.links[event.link] = replace(held, heard_at=now, latency_ms=latency)
        return (Change(Topic.LINK, event.link),)

    # Market data

    def _markets_listed(self, event: events.MarketsListed, now: datetime) -> Changes:
        self.markets = {market.name: market for market in event.markets}
        # Lists that differ each time must not leave the prices of every market they ever named.
        self.tickers = {key: each for key, each in self.tickers.items() if key in self.markets}
        self._told_at = {
            change: at
            for change, at in self._told_at.items()
            if change.topic not in _MARKET_TOPICS or change.key.partition(" ")[0] in self.markets
        }
        return (Change(Topic.MARKETS),)

    def _tickers_updated(self, event: events.TickersUpdated, now: datetime) -> Changes:
        for ticker in event.tickers:
            self.tickers[ticker.market] = ticker
        return tuple(Change(Topic.TICKER, ticker.market) for ticker in event.tickers)

    def _book_replaced(self, event: events.BookReplaced, now: datetime) -> Changes:
        book = self.books.setdefault(event.market, OrderBook())
        book.replace(event.asks, event.bids)
        return (Change(Topic.BOOK, event.market),)

    def _book_updated(self, event: events.BookUpdated, now: datetime) -> Changes:
        book = self.books.get(event.market)
        if book is None:  # increments before any snapshot mean nothing (§2.7)
            return ()
        book.update(event.asks, event.bids)
        return (Change(Topic.BOOK, event.market),)

    def _book_lost(self, event: events.BookLost, now: datetime) -> Changes:
        self.books.pop(event.market, None)
        return (Change(Topic.BOOK, event.market),)

    def _trade_printed(self, event: events.TradePrinted, now: datetime) -> Changes:
        market = event.trade.market
        _make_room(self.trades, market)
        self.trades.setdefault(market, deque(maxlen=TRADES_KEPT)).append(event.trade)
        return (Change(Topic.TRADES, market),)

    def _candles_updated(self, event: events.CandlesUpdated, now: datetime) -> Changes:
        _make_room(self.candles, (event.market, event.period))
        self.candles.setdefault((event.market, event.period), CandleSeries()).merge(event.candles)
        return (Change(Topic.CANDLES, candles_key(event.market, event.period)),)


def _make_room(held: dict[K, V], key: K) -> None:
    """Let go of the oldest entry where a new one would be one too many."""
    if key not in held and len(held) >= MARKETS_KEPT:
        del held[next(iter(held))]


def candles_key(market: str, period: Period) -> str:
    """Return the key of a CANDLES change."""
    return f"{market} {period.value}"
