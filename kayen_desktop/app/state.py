"""Everything known of one venue and account; written only by ``apply``, read by everybody.

Decision: the state keeps domain values in plain dictionaries in order of arrival and says what
changed; it does not call back. Who listens, and how often a screen is drawn, is not its business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from kayen_desktop.domain import events
from kayen_desktop.domain.book import OrderBook
from kayen_desktop.domain.candles import CandleSeries, Period
from kayen_desktop.domain.channels import Channel, ChannelState
from kayen_desktop.domain.events import Event, LinkState, Severity
from kayen_desktop.domain.fills import Fill, Trade
from kayen_desktop.domain.intents import Intent
from kayen_desktop.domain.margin import AssetBalance, MarginBalance, MarginSummary, summarise
from kayen_desktop.domain.markets import Market, Ticker
from kayen_desktop.domain.orders import Order
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import Settlement

from .changes import Change, Topic

TRADES_KEPT = 200
NOTICES_KEPT = 500
SIGNATURES_KEPT = 100
# Markets with trades, and series of candles; those heard of first make room, and can be asked for.
MARKETS_KEPT = 100
# More of anything of ours than one account comes to. Nothing of it is ever forgotten to make room:
# a venue that tells more is out of order, and trading stops.
MOST_FACTS = 100_000
MOST_POSITIONS = 2000
# A silent exchange is pinged after 10 s; one that does not answer that either shows old prices.
STALE_AFTER = timedelta(seconds=20)
# The states of a connection that stands; any other means that it was lost or not yet made.
_UP = frozenset({LinkState.CONNECTED, LinkState.SIGNING_IN, LinkState.READY})
_MARKET_TOPICS = frozenset({Topic.TICKER, Topic.BOOK, Topic.TRADES, Topic.CANDLES})

Changes: TypeAlias = tuple[Change, ...]
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


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the venue said in words, and when."""

    severity: Severity
    text: str
    at: datetime
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class SignatureNote:
    """A signature that is about to be made, or was not made, and when that was told."""

    event: events.SignatureAsked | events.SignatureWithheld
    at: datetime


class AppState:
    """The single picture of a venue: dictionaries by key, each entry the newest word on it."""

    def __init__(self) -> None:
        self.links: dict[str, LinkStatus] = {}
        self.markets: dict[str, Market] = {}
        self.tickers: dict[str, Ticker] = {}
        self.books: dict[str, OrderBook] = {}
        self.trades: dict[str, deque[Trade]] = {}
        self.candles: dict[tuple[str, Period], CandleSeries] = {}
        self.orders: dict[str, Order] = {}
        self.fills: dict[str, Fill] = {}
        self.positions: dict[str, Position] = {}
        self.channels: dict[str, Channel] = {}
        self.settlements: dict[str, Settlement] = {}
        self.intents: dict[str, Intent] = {}
        self.recorded: set[tuple[str, str]] = set()
        self.balances: dict[str, AssetBalance] = {}
        self.margin: MarginBalance | None = None
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.signatures: deque[SignatureNote] = deque(maxlen=SIGNATURES_KEPT)
        self.alarm: str = ""
        self._told_at: dict[Change, datetime] = {}
        self._appliers: dict[type[Any], Callable[[Any, datetime], Changes]] = {
            events.LinkChanged: self._link_changed,
            events.LinkHeard: self._link_heard,
            events.MarketsListed: self._markets_listed,
            events.TickersUpdated: self._tickers_updated,
            events.BookReplaced: self._book_replaced,
            events.BookUpdated: self._book_updated,
            events.BookLost: self._book_lost,
            events.TradePrinted: self._trade_printed,
            events.CandlesUpdated: self._candles_updated,
            events.OrderUpdated: self._order_updated,
            events.FillReceived: self._fill_received,
            events.MarginUpdated: self._margin_updated,
            events.AssetBalancesUpdated: self._balances_updated,
            events.ChannelUpdated: self._channel_updated,
            events.ChannelClosed: self._channel_closed,
            events.PositionUpdated: self._position_updated,
            events.PositionsListed: self._positions_listed,
            events.TradeRecorded: self._trade_recorded,
            events.SettlementUpdated: self._settlement_updated,
            events.VenueNotified: self._venue_notified,
            events.SecurityAlarmRaised: self._alarm_raised,
            events.IntentChanged: self._intent_changed,
            events.SignatureAsked: self._signature_told,
            events.SignatureWithheld: self._signature_told,
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

    @property
    def channel(self) -> Channel | None:
        """The account in use: the usable one, else the newest that is not over."""
        alive = [channel for channel in self.channels.values() if not channel.is_closed]
        usable = [channel for channel in alive if channel.is_usable]
        preferred = usable or alive
        return preferred[-1] if preferred else None

    @property
    def open_positions(self) -> list[Position]:
        """The positions still open, in order of arrival."""
        return [position for position in self.positions.values() if position.is_open]

    @property
    def live_orders(self) -> list[Order]:
        """The orders that can still trade, in order of arrival."""
        return [order for order in self.orders.values() if order.state.is_live]

    @property
    def unconfirmed_intents(self) -> list[Intent]:
        """What was asked for and has no known outcome yet, oldest first."""
        return [intent for intent in self.intents.values() if intent.is_unconfirmed]

    @property
    def margin_summary(self) -> MarginSummary | None:
        """The account in use at a glance; None until its balance is known."""
        channel = self.channel
        return None if channel is None else summarise(channel, self.positions.values())

    def position_in(self, market: str) -> Position | None:
        """Return the open position of the account in use in the market, if there is one."""
        channel = self.channel
        if channel is None:
            return None
        for position in self.open_positions:
            if position.market == market and position.channel_id == channel.channel_id:
                return position
        return None

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

    # Orders and fills

    def _order_updated(self, event: events.OrderUpdated, now: datetime) -> Changes:
        order = event.order
        held = self.orders.get(order.venue_order_id)
        if held is not None and not order.is_newer_than(held):
            return ()
        if held is None and len(self.orders) >= MOST_FACTS:
            return self._refuse("orders", now)
        self.orders[order.venue_order_id] = order
        return (Change(Topic.ORDER, order.venue_order_id),)

    def _fill_received(self, event: events.FillReceived, now: datetime) -> Changes:
        if event.fill.fill_id in self.fills:
            return ()
        if len(self.fills) >= MOST_FACTS:
            return self._refuse("fills", now)
        self.fills[event.fill.fill_id] = event.fill
        return (Change(Topic.FILL, event.fill.fill_id),)

    # The account

    def _margin_updated(self, event: events.MarginUpdated, now: datetime) -> Changes:
        self.margin = event.margin
        return (Change(Topic.MARGIN),)

    def _balances_updated(self, event: events.AssetBalancesUpdated, now: datetime) -> Changes:
        if len(self.balances.keys() | {balance.asset for balance in event.balances}) > MOST_FACTS:
            return self._refuse("balances", now)
        for balance in event.balances:
            self.balances[balance.asset] = balance
        return tuple(Change(Topic.BALANCES, balance.asset) for balance in event.balances)

    def _channel_updated(self, event: events.ChannelUpdated, now: datetime) -> Changes:
        channel = event.channel
        held = self.channels.get(channel.channel_id)
        if held is not None and not channel.supersedes(held):
            return ()
        if held is not None and held.is_closed and not channel.is_closed:
            return ()  # a closed account does not come back; a late word about it is only late
        if held is not None:
            channel = channel.completed_by(held)
        gone = self._end_account(channel.channel_id) if channel.is_closed else ()
        self.channels[channel.channel_id] = channel
        return (Change(Topic.CHANNEL, channel.channel_id), Change(Topic.MARGIN), *gone)

    def _channel_closed(self, event: events.ChannelClosed, now: datetime) -> Changes:
        held = self.channels.get(event.channel_id)
        if held is None:
            held = Channel(event.channel_id, ChannelState.CLOSED)
        gone = self._end_account(event.channel_id)
        self.channels[event.channel_id] = replace(held, state=ChannelState.CLOSED)
        return (Change(Topic.CHANNEL, event.channel_id), Change(Topic.MARGIN), *gone)

    def _end_account(self, channel_id: str) -> Changes:
        """Forget what an account held, and its margin: the next account has its own."""
        if self.channel is not None and self.channel.channel_id == channel_id:
            self.margin = None
        gone = [key for key, each in self.positions.items() if each.channel_id == channel_id]
        for key in gone:
            del self.positions[key]
        return tuple(Change(Topic.POSITION, key) for key in gone)

    def _position_updated(self, event: events.PositionUpdated, now: datetime) -> Changes:
        position = event.position
        channel = self.channels.get(position.channel_id)
        if channel is not None and channel.is_closed:
            return ()
        if not position.is_over:
            if position.position_id not in self.positions and (
                len(self.positions) >= MOST_POSITIONS
            ):
                return self._refuse("positions", now)
            self.positions[position.position_id] = position
        elif self.positions.pop(position.position_id, None) is None:
            return ()
        return (Change(Topic.POSITION, position.position_id), Change(Topic.MARGIN))

    def _positions_listed(self, event: events.PositionsListed, now: datetime) -> Changes:
        listed = {position.position_id for position in event.positions}
        gone = [
            key
            for key, position in self.positions.items()
            if position.channel_id == event.channel_id and key not in listed
        ]
        for key in gone:
            del self.positions[key]
        changes = {Change(Topic.POSITION, key): None for key in gone}
        for position in event.positions:
            changes.update(
                dict.fromkeys(self._position_updated(events.PositionUpdated(position), now))
            )
        return (*changes, Change(Topic.MARGIN))

    def _trade_recorded(self, event: events.TradeRecorded, now: datetime) -> Changes:
        if len(self.recorded) >= MOST_FACTS:
            return self._refuse("recorded trades", now)
        self.recorded.add((event.channel_id, event.fill_id))
        return (Change(Topic.FILL, event.fill_id),)

    def _settlement_updated(self, event: events.SettlementUpdated, now: datetime) -> Changes:
        channel_id = event.settlement.channel_id
        if channel_id not in self.settlements and len(self.settlements) >= MOST_POSITIONS:
            return self._refuse("settlements", now)
        self.settlements[channel_id] = event.settlement
        return (Change(Topic.SETTLEMENT, event.settlement.channel_id),)

    # Words

    def _venue_notified(self, event: events.VenueNotified, now: datetime) -> Changes:
        self.notices.append(Notice(event.severity, event.text, now, event.channel_id))
        return (Change(Topic.NOTICE),)

    def _alarm_raised(self, event: events.SecurityAlarmRaised, now: datetime) -> Changes:
        self.alarm = event.text
        self.notices.append(Notice(Severity.CRITICAL, event.text, now))
        return (Change(Topic.ALARM), Change(Topic.NOTICE))

    def _signature_told(
        self, event: events.SignatureAsked | events.SignatureWithheld, now: datetime
    ) -> Changes:
        self.signatures.append(SignatureNote(event, now))
        return (Change(Topic.SIGNATURE),)

    def _refuse(self, what: str, now: datetime) -> Changes:
        """Take in no more of what there can't be so much of, and stop trading, once and loudly."""
        if self.alarm:
            return ()
        text = f"The venue tells of more {what} than an account has. What it told last is not kept."
        return self._alarm_raised(events.SecurityAlarmRaised(text), now)

    def _intent_changed(self, event: events.IntentChanged, now: datetime) -> Changes:
        self.intents[event.intent.intent_id] = event.intent
        return (Change(Topic.INTENT, event.intent.intent_id),)


def _make_room(held: dict[K, V], key: K) -> None:
    """Let go of the oldest entry where a new one would be one too many."""
    if key not in held and len(held) >= MARKETS_KEPT:
        del held[next(iter(held))]


def candles_key(market: str, period: Period) -> str:
    """Return the key of a CANDLES change."""
    return f"{market} {period.value}"
