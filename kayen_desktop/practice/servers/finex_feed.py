"""What Finex tells without being asked: books, trades, candles, tickers, orders and balances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kayen_desktop.domain.orders import Side
from kayen_desktop.practice.accounts import AccountTrade
from kayen_desktop.practice.candles import PERIOD_MINUTES
from kayen_desktop.practice.channels import ChannelNotice, ClearingNotice, PositionNotice
from kayen_desktop.practice.clearing import ClearingHouse
from kayen_desktop.practice.exchange import Exchange
from kayen_desktop.practice.orders import (
    Accepted,
    Cancelled,
    EngineEvent,
    Rejected,
    Traded,
    TradePrint,
    Updated,
)
from kayen_desktop.practice.settings import PracticeSettings

from .finex_frames import (
    FinexFrames,
    candle_row,
    encode,
    level_rows,
    private_trade_row,
    public_trade_row,
    ticker_row,
)

if TYPE_CHECKING:
    from .finex import FinexConnection

TICKER_TOPICS = frozenset(
    {
        "tickers",
        "tickers.volume.asc",
        "tickers.volume.desc",
        "tickers.price_change.asc",
        "tickers.price_change.desc",
    }
)
PRIVATE_TOPICS = frozenset({"balances", "order", "trade", "withdrawals", "deposits"})
FIRST_SEQUENCE = 240_000
_EVENTS: dict[type[EngineEvent], str] = {
    Accepted: "on",
    Updated: "ou",
    Cancelled: "oc",
    Rejected: "or",
}


class FinexFeed:
    """Every Finex connection by topic; a frame for many is encoded once.

    A book has one sequence for all connections: a snapshot carries the sequence it stands at,
    each increment the next one.
    """

    def __init__(
        self,
        settings: PracticeSettings,
        exchange: Exchange,
        clearing: ClearingHouse,
        clock: Callable[[], float],
    ) -> None:
        self.frames = FinexFrames(settings)
        self._exchange = exchange
        self._clock = clock
        self._connections: set[FinexConnection] = set()
        self._topics: dict[str, dict[FinexConnection, None]] = {}
        self._sequences = dict.fromkeys(exchange.rooms, FIRST_SEQUENCE)
        self._traded: set[str] = set()
        self._moved_balances: set[str] = set()
        self._quote = settings.markets[0].quote
        self._clearing = clearing
        exchange.listen(self)
        clearing.listen(self._on_notice)

    # -- connections and topics

    def add(self, connection: FinexConnection) -> None:
        """Count a connection in."""
        self._connections.add(connection)

    def remove(self, connection: FinexConnection) -> None:
        """Forget a connection and its topics."""
        self._connections.discard(connection)
        for topic in connection.topics("public"):
            self.leave(connection, topic)

    def is_topic(self, topic: str) -> bool:
        """Return whether there is such a public topic."""
        if topic in TICKER_TOPICS:
            return True
        symbol, _, what = topic.partition(".")
        if not self._exchange.knows(symbol):
            return False
        kind, _, period = what.partition("-")
        return what in ("trades", "ob-inc") or (kind == "kline" and period in PERIOD_MINUTES)

    def join(self, connection: FinexConnection, topic: str) -> None:
        """Put a connection on a public topic and send what it begins with."""
        symbol, _, what = topic.partition(".")
        if what == "ob-inc":
            # Those already on the topic get the changes so far; the newcomer's snapshot has them.
            self._flush_book(symbol)
        self._topics.setdefault(topic, {})[connection] = None
        if what == "ob-inc":
            connection.send("obs", self._snapshot(symbol))
        elif topic in TICKER_TOPICS:
            connection.send("tickers", self._tickers(topic))
        elif what.startswith("kline-"):
            self._send_candle(symbol, topic, (connection,))

    def leave(self, connection: FinexConnection, topic: str) -> None:
        """Take a connection off a public topic."""
        members = self._topics.get(topic)
        if members is not None:
            members.pop(connection, None)
            if not members:
                del self._topics[topic]

    # -- what the exchange and the clearing house tell

    def order_changed(self, channel_id: str, event: EngineEvent) -> None:
        """Send on, ou, oc or or to the owner."""
        if isinstance(event, Traded):
            return
        name = _EVENTS[type(event)]
        row: list[object] | None = None
        for connection in self._private(channel_id, "order"):
            if row is None:
                row = self.frames.order(event.order)
            connection.send(name, encode(4, name, row))

    def fill_made(self, channel_id: str, trade: AccountTrade) -> None:
        """Send tr to the owner."""
        for connection in self._private(channel_id, "trade"):
            connection.send("tr", encode(4, "tr", private_trade_row(trade)))

    def trade_printed(self, trade: TradePrint) -> None:
        """Send a public trade to who is on the market's trades."""
        self._traded.add(trade.market)
        members = self._topics.get(f"{trade.market}.trades")
        if members:
            frame = encode(3, "trade", public_trade_row(trade))
            for connection in members:
                connection.send("trade", frame)

    def balance_changed(self, channel_id: str) -> None:
        """Remember to send bu with the next flush: once, however much happened."""
        self._moved_balances.add(channel_id)

    def _on_notice(self, notice: ClearingNotice) -> None:
        if isinstance(notice, (ChannelNotice, PositionNotice)):
            self._moved_balances.add(notice.channel.channel_id)

    def _private(self, channel_id: str, topic: str) -> Iterable[FinexConnection]:
        return [
            connection
            for connection in self._connections
            if connection.channel_id == channel_id and connection.hears(topic)
        ]

    # -- batches

    def flush(self) -> None:
        """Send what changed since the last flush: books, candles, balances."""
        for room in self._exchange.rooms.values():
            if room.engine.dirty:
                self._flush_book(room.engine.market.symbol)
        if self._traded:
            self._flush_candles()
        if self._moved_balances:
            moved, self._moved_balances = self._moved_balances, set()
            for channel_id in moved:
                for connection in self._private(channel_id, "balances"):
                    self.send_balance(connection)

    def send_balance(self, connection: FinexConnection) -> None:
        """Send bu to one connection."""
        channel = self._clearing.channel(connection.channel_id)
        if channel is not None:
            balance = self._exchange.account(channel).balance()
            connection.send("bu", encode(4, "bu", self.frames.balances(balance, self._quote)))

    def _flush_book(self, symbol: str) -> None:
        engine = self._exchange.rooms[symbol].engine
        if not engine.dirty:
            return
        members = self._topics.get(f"{symbol}.ob-inc")
        self._sequences[symbol] += 1
        if members:
            changed = {
                side: level_rows(
                    sorted(
                        (p, engine.side(side).amount_at(p)) for s, p in engine.dirty if s is side
                    )
                )
                for side in Side
            }
            frame = encode(
                3, "obi", [symbol, self._sequences[symbol], changed[Side.SELL], changed[Side.BUY]]
            )
            for connection in members:
                connection.send("obi", frame)
        engine.dirty.clear()

    def _snapshot(self, symbol: str) -> str:
        engine = self._exchange.rooms[symbol].engine
        asks, bids = level_rows(engine.asks.levels()), level_rows(engine.bids.levels())
        return encode(3, "obs", [symbol, self._sequences[symbol], asks, bids])

    def _flush_candles(self) -> None:
        traded, self._traded = self._traded, set()
        for topic, members in self._topics.items():
            symbol, _, what = topic.partition(".")
            if symbol in traded and what.startswith("kline-"):
                self._send_candle(symbol, topic, members)

    def _send_candle(self, symbol: str, topic: str, connections: Iterable[FinexConnection]) -> None:
        store = self._exchange.rooms[symbol].candles
        candle = store.latest(PERIOD_MINUTES[topic.rpartition("kline-")[2]])
        if candle is not None:
            frame = encode(3, topic, candle_row(store, candle))
            for connection in connections:
                connection.send(topic, frame)

    def _tickers(self, topic: str) -> str:
        now_s = int(self._clock())
        days = [
            (symbol, day)
            for symbol, room in self._exchange.rooms.items()
            if (day := room.candles.day(now_s)) is not None
        ]
        _, _, order = topic.partition(".")
        if order:
            key, _, direction = order.partition(".")
            is_by_volume = key == "volume"
            days.sort(
                key=lambda item: item[1].volume if is_by_volume else item[1].change,
                reverse=direction == "desc",
            )
        return encode(3, "tickers", [ticker_row(symbol, now_s, day) for symbol, day in days])

    def send_tickers(self) -> None:
        """Send every market's ticker to who is on a ticker topic."""
        for topic in TICKER_TOPICS & self._topics.keys():
            frame = self._tickers(topic)
            for connection in self._topics[topic]:
                connection.send("tickers", frame)

    def send_heartbeat(self) -> None:
        """Send the time to everybody."""
        frame = encode(3, "sys", [{"hb": int(self._clock())}])
        for connection in self._connections:
            connection.send("sys", frame)
