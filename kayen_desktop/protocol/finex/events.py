"""What Finex tells unasked, as facts: our orders, fills and balances, and the market's.

Decision: what is ours is strict and loud. An order, a fill or a balance that can't be read
exactly is dropped with a warning the trader sees, never guessed; and no order or fill is dropped
because its market is not listed. What is everybody's is dropped quietly, row by row.

Decision: a fill that names no market and whose order is not known yet is held until the order is,
and the order is asked for. Passing it on without a market would lose it for good, since a later
word on the same fill id counts as a repetition. Where the order stays unknown the fill is given
up loudly; the venue's list of fills, read after every reconnect, still has it with its market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.events import (
    AssetBalancesUpdated,
    CandlesUpdated,
    FillReceived,
    MarginUpdated,
    MarketsListed,
    OrderUpdated,
    Severity,
    TickersUpdated,
    TradePrinted,
    VenueNotified,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.markets import Market
from kayen_desktop.protocol.outputs import Dropped, Output, plain_text

from .messages import Args, Dialect
from .parsing import parse_balance, parse_fill, parse_margin, parse_order
from .quotes import (
    parse_candle,
    parse_candle_topic,
    parse_market,
    parse_ticker,
    parse_trade,
    parse_trade_object,
)
from .symbols import MarketTable
from .values import NO_UUID

MAX_HELD_FILLS = 1000
MAX_REPORTED = 1000
# Rows of one frame about what is everybody's: beyond any exchange, and still read in time.
MAX_ROWS = 5000
_FINAL_EVENTS = frozenset({"oc", "or"})
_OBJECT_TRADES = ".trades"

_Value = TypeVar("_Value")


class EventReader:
    """Turns event arrays into facts; knows the markets and the fills that wait for their order."""

    def __init__(self, markets: MarketTable, dialect: Dialect) -> None:
        self._markets = markets
        self._dialect = dialect
        self._held: dict[str, list[Fill]] = {}
        self._unknown_orders: list[str] = []
        self._reported: set[str] = set()
        self._private: dict[str, Callable[[str, Args], list[Output]]] = {
            "on": self._read_order_event,
            "ou": self._read_order_event,
            "oc": self._read_order_event,
            "or": self._read_order_event,
            "tr": self._read_fill_event,
            "bu": self._read_balances,
        }
        self._public: dict[str, Callable[[str, Args], list[Output]]] = {
            "trade": self._read_trade,
            "tickers": self._read_tickers,
            "markets": self.read_markets,
        }

    def read(self, name: str, args: Args, *, is_private: bool) -> list[Output]:
        """Return the facts of one event; a name that means nothing to us is logged once."""
        read = self._public.get(name)
        if read is None and is_private:
            read = self._private.get(name)
        if read is not None:
            return read(name, args)
        topic = parse_candle_topic(name)
        if topic is not None:
            return self._read_candles(*topic, args)
        if name.endswith(_OBJECT_TRADES):
            return self._read_trade(name, args)
        return self.once(f"an event named “{plain_text(name, 40)}”, which is not known")

    def once(self, reason: str) -> list[Output]:
        """Return a log line the first time the reason comes up, then nothing."""
        if reason in self._reported or len(self._reported) >= MAX_REPORTED:
            return []
        self._reported.add(reason)
        return [Dropped(reason)]

    # --- ours -----------------------------------------------------------------------------------

    def order_facts(self, row: object, *, is_over: bool = False) -> list[Output]:
        """Return the venue's word on one order, then the fills that waited for it.

        Raises:
            ValueError: the row can't be read, or is live although the event says ``is_over``.
        """
        order, symbol = parse_order(row, self._markets, self._dialect)
        if is_over and order.state.is_live:
            raise ValueError("the event says it is over, the order's state says it is not")
        return [OrderUpdated(order), *self.know_order(order.venue_order_id, symbol)]

    def know_order(self, uuid: str, symbol: str) -> list[Output]:
        """Remember which market an order is of and return the fills that waited for it."""
        self._markets.remember_order(uuid, symbol)
        held = self._held.pop(uuid, None)
        if held is None:
            return []
        name = self._markets.name(symbol)
        return [FillReceived(replace(fill, market=name)) for fill in held]

    def read_fill(self, args: object, symbol: str = "") -> Fill:
        """Return one execution of a listing; ``symbol`` is its market where it names none.

        Raises:
            ValueError: the row can't be read, or nobody knows its market.
        """
        if not isinstance(args, list):
            raise ValueError("a fill is not an array")
        fill, symbol = parse_fill(args, self._markets, symbol)
        if not symbol:
            raise ValueError(f"fill {fill.fill_id} names no market")
        self._markets.remember_order(fill.venue_order_id, symbol)
        return fill

    def take_unknown_orders(self) -> list[str]:
        """Return the uuids of orders that fills wait for and that must be asked for."""
        unknown, self._unknown_orders = self._unknown_orders, []
        return unknown

    def give_up(self, uuids: Iterable[str] | None = None) -> list[Output]:
        """Let go, loudly, of the fills still waiting for these orders (for any, without a list)."""
        outputs: list[Output] = []
        for uuid in tuple(self._held) if uuids is None else uuids:
            for fill in self._held.pop(uuid, ()):
                outputs += _fill_without_market(fill)
        return outputs

    def _read_order_event(self, name: str, args: Args) -> list[Output]:
        try:
            return self.order_facts(args, is_over=name in _FINAL_EVENTS)
        except ValueError as error:
            return loud(f"The exchange's word on an order can't be read: {error}.")

    def _read_fill_event(self, _name: str, args: Args) -> list[Output]:
        try:
            fill, symbol = parse_fill(args, self._markets)
        except ValueError as error:
            return loud(f"The exchange's word on a fill can't be read: {error}.")
        uuid = fill.venue_order_id
        if symbol:
            return [FillReceived(fill), *self.know_order(uuid, symbol)]
        if uuid == NO_UUID or sum(map(len, self._held.values())) >= MAX_HELD_FILLS:
            return _fill_without_market(fill)
        if uuid not in self._held:
            self._unknown_orders.append(uuid)
        self._held.setdefault(uuid, []).append(fill)
        return [Dropped(f"fill {fill.fill_id} waits for its order to be known")]

    def _read_balances(self, _name: str, args: Args) -> list[Output]:
        try:
            if not args or not isinstance(args[0], list):
                return [MarginUpdated(parse_margin(args))]
            if len(args) > MAX_ROWS:
                return loud(f"The exchange's word on balances lists {len(args)} assets.")
            return [AssetBalancesUpdated(tuple([parse_balance(row) for row in args]))]
        except ValueError as error:
            return loud(f"The exchange's word on balances can't be read: {error}.")

    # --- everybody's ----------------------------------------------------------------------------

    def read_markets(self, _name: str, args: Args) -> list[Output]:
        """Return the list of markets; rows that can't be read and repeated names are left out."""
        outputs: list[Output] = []
        markets: dict[str, Market] = {}
        if len(args) > MAX_ROWS:
            return [Dropped(f"a list of {len(args)} markets is too long: the last one stands")]
        for row in args:
            market = _try(parse_market, row, "market", outputs)
            if market is None:
                continue
            if market.name in markets:
                outputs.append(Dropped(f"a second market named {plain_text(market.name, 40)}"))
                continue
            markets[market.name] = market
        if not markets:
            # An exchange without markets is a server that has only just started.
            return [*outputs, Dropped("a list of no markets: the last one stands")]
        self._markets.replace(markets.values())
        self._reported.clear()
        return [*outputs, MarketsListed(tuple(markets.values()))]

    def _read_tickers(self, _name: str, args: Args) -> list[Output]:
        outputs: list[Output] = []
        tickers = []
        if len(args) > MAX_ROWS:
            return [Dropped(f"a list of {len(args)} tickers is too long")]
        for row in args:
            symbol = row[0] if isinstance(row, list) and row else None
            name = self._listed(symbol, "ticker", outputs)
            if name is None:
                continue
            try:
                tickers.append(parse_ticker(row, name))
            except ValueError as error:
                outputs.append(Dropped(f"a ticker of {name} can't be read: {error}"))
        return [TickersUpdated(tuple(tickers)), *outputs] if tickers else outputs

    def _read_trade(self, event: str, args: Args) -> list[Output]:
        outputs: list[Output] = []
        if len(args) > MAX_ROWS:
            return [Dropped(f"a list of {len(args)} trades is too long")]
        if args and isinstance(args[0], dict):
            for value in args:
                self._read_trade_object(event, value, outputs)
            return outputs
        name = self._listed(args[0] if args else None, "trade", outputs)
        if name is not None:
            trade = _try(lambda row: parse_trade(row, name), args, "trade", outputs)
            if trade is not None:
                outputs.append(TradePrinted(trade))
        return outputs

    def _read_trade_object(self, event: str, value: object, outputs: list[Output]) -> None:
        symbol = value.get("market") if isinstance(value, dict) else None
        if symbol is None and event.endswith(_OBJECT_TRADES):
            symbol = event.removesuffix(_OBJECT_TRADES)
        name = self._listed(symbol, "trade", outputs)
        if name is None:
            return
        trade = _try(lambda row: parse_trade_object(row, name), value, "trade", outputs)
        if trade is not None:
            outputs.append(TradePrinted(trade))

    def _read_candles(self, symbol: str, period: Period, args: Args) -> list[Output]:
        outputs: list[Output] = []
        name = self._listed(symbol, "candle", outputs)
        candles = read_candles([args], outputs) if name is not None else ()
        return [CandlesUpdated(name, period, candles)] if name and candles else outputs

    def _listed(self, symbol: object, what: str, outputs: list[Output]) -> str | None:
        """Return the name of a listed market; say once that another one is not listed."""
        if not isinstance(symbol, str):
            outputs.append(Dropped(f"a {what} names no market"))
            return None
        name = self._markets.listed_name(symbol)
        if name is None:
            outputs += self.once(f"a {what} of “{plain_text(symbol, 40)}”, which is not listed")
        return name


def read_candles(rows: Iterable[object], outputs: list[Output]) -> tuple[Candle, ...]:
    """Return the candles that can be read; say of each other row why it can't."""
    candles = [_try(parse_candle, row, "candle", outputs) for row in rows]
    return tuple([candle for candle in candles if candle is not None])


def loud(sentence: str) -> list[Output]:
    """Return a log line and a warning that the trader sees."""
    return [Dropped(sentence), VenueNotified(Severity.WARNING, sentence)]


def _fill_without_market(fill: Fill) -> list[Output]:
    return loud(
        f"Fill {fill.fill_id} names no market, and its order is not known: "
        "it will show once the exchange lists its fills again."
    )


def _try(
    parse: Callable[[Any], _Value], row: object, what: str, outputs: list[Output]
) -> _Value | None:
    """Return what the row says, or None and a log line why it can't be read."""
    try:
        return parse(row)
    except ValueError as error:
        outputs.append(Dropped(f"a {what} can't be read: {error}"))
        return None
