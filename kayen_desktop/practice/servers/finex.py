"""The Finex wire: array requests in, replies out; what is pushed is `finex_feed`'s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kayen_desktop.domain.amounts import ZERO, decimal_places, parse_decimal
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.practice.candles import PERIOD_MINUTES
from kayen_desktop.practice.channels import MarginChannel
from kayen_desktop.practice.exchange import OrderWish
from kayen_desktop.practice.orders import RestingOrder
from kayen_desktop.practice.refusals import RefusalError
from kayen_desktop.practice.scenario import Action, Fault, Link

from .connection import WireConnection
from .finex_feed import PRIVATE_TOPICS
from .finex_frames import (
    TYPES_BY_LETTER,
    candle_row,
    channel_trade_row,
    encode,
    error_frame,
    private_trade_row,
)

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from kayen_desktop.practice.venue import PracticeVenue

VERSION = "practice"
MAX_BULK = 1000
MAX_TOPICS = 200
_STATES_BY_NAME = {state.value: state for state in OrderState}
_PERIODS = frozenset(PERIOD_MINUTES.values())
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_Item = TypeVar("_Item")
Handler = Callable[[object, str, list[object], list[Fault]], Awaitable[None]]


def _decimal(value: object, name: str) -> Decimal:
    if value is None or value == "":
        return ZERO
    try:
        return parse_decimal(value)
    except ValueError:
        raise RefusalError(f"{name} is not a number") from None


def _integer(value: object, name: str) -> int:
    number = _decimal(value, name)
    if decimal_places(number) or not -(2**63) < number < 2**63:
        raise RefusalError(f"{name} is not an integer")
    return int(number)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise RefusalError(f"{name} is not text")
    return value


def _expect(method: str, args: list[object], *counts: int) -> None:
    if len(args) not in counts:
        raise RefusalError(f"{method} expects exactly {max(counts)} arguments")


def parse_wish(args: list[object]) -> OrderWish:
    """Return the order that create_order's arguments ask for.

    The trigger price may be left out, as in the older form of five arguments.

    Raises:
        RefusalError: the arguments have the wrong count, kind or words.
    """
    _expect("create_order", args, 5, 6)
    side_text = _text(args[2], "side")
    order_type = TYPES_BY_LETTER.get(_text(args[1], "type"))
    if order_type is None:
        raise RefusalError("unknown order type")
    if side_text not in ("buy", "sell"):
        raise RefusalError("side must be buy or sell")
    trigger = args[5] if len(args) > 5 else ""
    return OrderWish(
        symbol=_text(args[0], "market"),
        side=Side(side_text),
        order_type=order_type,
        amount=_decimal(args[3], "amount"),
        # A market order's price is ignored, whatever it says.
        price=_decimal(args[4], "price") if order_type.has_price else None,
        trigger_price=_decimal(trigger, "trigger price") if order_type.has_trigger else None,
    )


class FinexConnection(WireConnection):
    """One client's socket: its token, its topics."""

    link: Link = "finex"

    def __init__(self, socket: ServerConnection, venue: PracticeVenue) -> None:
        super().__init__(socket, venue.scenario)
        self._venue = venue
        self._feed = venue.feed
        self._frames = venue.feed.frames
        self.channel_id = ""
        self._token_ends_s = 0.0
        # Dicts, for their order: a reply lists the topics as they were asked for.
        self._topics: dict[str, dict[str, None]] = {"public": {}, "private": {}}
        self._handlers: dict[str, Handler] = {
            "auth": self._on_auth,
            "authenticate": self._on_auth,
            "ping": self._on_ping,
            "subscribe": self._on_subscribe,
            "unsubscribe": self._on_unsubscribe,
            "get_markets": self._on_get_markets,
            "get_currencies": self._on_get_currencies,
            "klines": self._on_klines,
            "create_order": self._on_create_order,
            "create_bulk": self._on_create_bulk,
            "cancel_order": self._on_cancel_order,
            "cancel_all": self._on_cancel_all,
            "list_orders": self._on_list_orders,
            "list_orders_by_uuids": self._on_list_by_uuids,
            "list_order_trades": self._on_order_trades,
            "list_channel_trades": self._on_channel_trades,
        }

    def enter(self) -> None:
        """Join the feed, and send what every client gets unasked."""
        self._feed.add(self)
        markets = self._venue.settings.markets
        self.send("markets", encode(3, "markets", self._frames.markets(markets)))
        brokers = [broker.address for broker in self._venue.settings.brokers]
        self.send("config", encode(3, "config", [{"finex_version": VERSION, "brokers": brokers}]))

    def leave(self) -> None:
        """Take the connection off every topic."""
        self._feed.remove(self)

    def topics(self, scope: str) -> tuple[str, ...]:
        """Return the topics of a scope."""
        return tuple(self._topics[scope])

    def hears(self, topic: str) -> bool:
        """Return whether private events of a topic go to this connection now."""
        return topic in self._topics["private"] and self._token_ends_s > self._venue.now_s

    # -- frames in

    def name_of(self, frame: str | bytes) -> str:
        """Return a request's method."""
        try:
            return self._parse(frame)[1]
        except RefusalError:
            return ""

    @staticmethod
    def _parse(raw: str | bytes) -> tuple[object, str, list[object]]:
        if isinstance(raw, bytes):
            raise RefusalError("malformed message")
        try:
            message = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise RefusalError("malformed message") from None
        if not isinstance(message, list) or len(message) != 4 or message[0] not in (1, "1"):
            raise RefusalError("malformed message")
        _, reqid, method, args = message
        is_number = isinstance(reqid, int) and not isinstance(reqid, bool)
        if not is_number and not (isinstance(reqid, str) and reqid.isdigit()):
            raise RefusalError("malformed message")
        if not isinstance(method, str) or not isinstance(args, list):
            raise RefusalError("malformed message")
        return reqid, method, args

    def reject(self, frame: str | bytes, text: str) -> None:
        """Answer a request by an error."""
        try:
            reqid = self._parse(frame)[0]
        except RefusalError:
            reqid = 0
        self.send("error", error_frame(reqid, text))

    async def receive(self, frame: str | bytes, faults: list[Fault]) -> None:
        """Answer one request, and send what it changed."""
        reqid: object = 0
        try:
            reqid, method, args = self._parse(frame)
            handler = self._handler(method)
            if any(fault.action is Action.EXPIRE for fault in faults):
                self._token_ends_s = min(self._token_ends_s, self._venue.now_s)
            await handler(reqid, method, args, faults)
        except RefusalError as refusal:
            self.send("error", error_frame(reqid, str(refusal)))
        self._feed.flush()

    def _handler(self, method: str) -> Handler:
        handler = self._handlers.get(method)
        if handler is None:
            raise RefusalError(f"Unknown method {method[:64]}")
        return handler

    def _reply(self, reqid: object, method: str, args: list[object]) -> None:
        self.send(method, encode(2, reqid, method, args))

    def _channel(self) -> MarginChannel:
        channel = self._venue.clearing.channel(self.channel_id)
        if channel is None or self._token_ends_s <= self._venue.now_s or channel.is_over:
            raise RefusalError("unauthorized")
        return channel

    # -- signing in and subscribing

    async def _on_auth(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        _expect(method, args, 1)
        issuer = await self._venue.identity.issuer()
        try:
            claims = issuer.read_channel(_text(args[0], "token"), self._venue.now_s)
        except RefusalError:
            raise RefusalError("unauthorized") from None
        channel = self._venue.clearing.channel(claims.channel_id)
        if channel is None or not channel.is_open:
            raise RefusalError("unauthorized")
        self.channel_id = channel.channel_id
        self._token_ends_s = claims.exp
        self._reply(reqid, method, ["authenticated"])

    async def _on_ping(
        self, reqid: object, _method: str, _args: list[object], _faults: list[Fault]
    ) -> None:
        self._reply(reqid, "pong", [])

    def _topic_args(self, method: str, args: list[object]) -> tuple[str, list[str]]:
        _expect(method, args, 2)
        scope, topics = args
        if scope not in ("public", "private"):
            raise RefusalError(f"Unexpected scope {str(scope)[:32]}")
        if scope == "private":
            self._channel()
        if not isinstance(topics, list) or len(topics) > MAX_TOPICS:
            raise RefusalError("topics are not a list")
        names = [_text(topic, "topic") for topic in topics]
        for name in names:
            known = name in PRIVATE_TOPICS if scope == "private" else self._feed.is_topic(name)
            if not known:
                raise RefusalError(f"unknown topic {name[:64]}")
        return str(scope), names

    async def _on_subscribe(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        scope, names = self._topic_args(method, args)
        mine = self._topics[scope]
        fresh = [name for name in dict.fromkeys(names) if name not in mine]
        mine.update(dict.fromkeys(fresh))
        self._reply(reqid, method, [scope, list(mine)])
        for name in fresh:
            if scope == "public":
                self._feed.join(self, name)
            elif name == "balances":
                self._feed.send_balance(self)

    async def _on_unsubscribe(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        scope, names = self._topic_args(method, args)
        mine = self._topics[scope]
        for name in names:
            if name in mine:
                del mine[name]
                self._feed.leave(self, name)
        self._reply(reqid, method, [scope, list(mine)])

    # -- markets

    async def _on_get_markets(
        self, reqid: object, method: str, _args: list[object], _faults: list[Fault]
    ) -> None:
        self._reply(reqid, method, self._frames.markets(self._venue.settings.markets))

    async def _on_get_currencies(
        self, reqid: object, method: str, _args: list[object], _faults: list[Fault]
    ) -> None:
        markets = self._venue.settings.markets
        names = dict.fromkeys(name for m in markets for name in (m.base, m.quote))
        places = {m.base: m.amount_precision for m in markets}
        zero = f"0x{0:040x}"
        rows: list[object] = [
            [name, zero, self._venue.settings.chain_id, places.get(name, 6), places.get(name, 6)]
            for name in names
        ]
        self._reply(reqid, method, rows)

    async def _on_klines(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        _expect(method, args, 4)
        minutes = _integer(args[0], "period")
        symbol = _text(args[1], "market")
        if minutes not in _PERIODS:
            raise RefusalError("unknown period")
        if not self._venue.exchange.knows(symbol):
            raise RefusalError(f"market {symbol[:32]} not found")
        store = self._venue.exchange.rooms[symbol].candles
        from_s, to_s = _integer(args[2], "from"), _integer(args[3], "to")
        self._reply(
            reqid, method, [candle_row(store, c) for c in store.candles(minutes, from_s, to_s)]
        )

    # -- orders

    def _new_order(self, channel: MarginChannel, args: object, faults: list[Fault]) -> RestingOrder:
        if not isinstance(args, list):
            raise RefusalError("an order is not a list")
        order = self._venue.exchange.new_order(channel, parse_wish(args))
        for fault in faults:
            if fault.action is Action.PARTIAL:
                order.fill_cap = self._venue.exchange.cut_amount(
                    order.market, order.original * fault.fraction
                )
        return order

    async def _on_create_order(
        self, reqid: object, method: str, args: list[object], faults: list[Fault]
    ) -> None:
        channel = self._channel()
        order = self._new_order(channel, args, faults)
        self._reply(reqid, method, [order.uuid])
        self._venue.exchange.place(channel, order)

    async def _on_create_bulk(
        self, reqid: object, method: str, args: list[object], faults: list[Fault]
    ) -> None:
        channel = self._channel()
        # Both spellings are about: a list of orders as the arguments, or as the only argument.
        rows = args[0] if len(args) == 1 and _is_list_of_lists(args[0]) else args
        if not isinstance(rows, list) or not rows or len(rows) > MAX_BULK:
            raise RefusalError(f"create_bulk expects 1 to {MAX_BULK} orders")
        answers: list[object] = []
        orders: list[RestingOrder] = []
        for row in rows:
            try:
                orders.append(self._new_order(channel, row, faults))
            except RefusalError:
                answers.append("error")
            else:
                answers.append(orders[-1].uuid)
        self._reply(reqid, method, answers)
        for order in orders:
            self._venue.exchange.place(channel, order)

    async def _on_cancel_order(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        channel = self._channel()
        pairs: list[tuple[str, str]] = []
        for pair in args:
            if not isinstance(pair, list) or len(pair) != 2:
                raise RefusalError("cancel_order expects pairs of market and uuid")
            pairs.append((_text(pair[0], "market"), _text(pair[1], "uuid")))
        unknown = [u for m, u in pairs if not self._venue.exchange.is_live(channel, m, u)]
        if unknown:
            raise RefusalError(f"order {unknown[0][:36]} not found")
        self._reply(reqid, method, [])
        for _, uuid in pairs:
            self._venue.exchange.cancel(channel, uuid)

    async def _on_cancel_all(
        self, reqid: object, method: str, _args: list[object], _faults: list[Fault]
    ) -> None:
        channel = self._channel()
        self._reply(reqid, method, [])
        self._venue.exchange.cancel_orders(channel)

    # -- lists

    async def _on_list_orders(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        channel = self._channel()
        _expect(method, args, 4)
        wanted = args[3] if isinstance(args[3], list) else [args[3]] if args[3] else []
        states: set[OrderState] = set()
        for name in wanted:
            state = _STATES_BY_NAME.get(_text(name, "state"))
            if state is None:
                raise RefusalError("unknown order state")
            states.add(state)
        symbol = _text(args[0], "market")
        orders = self._venue.exchange.account(channel).listed(symbol, frozenset(states))
        page = _page(orders, args[1], args[2])
        self._reply(reqid, method, [self._frames.order(order) for order in page])

    async def _on_list_by_uuids(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        orders = self._venue.exchange.account(self._channel()).orders
        uuids = [_text(uuid, "uuid") for uuid in args]
        self._reply(
            reqid, method, [self._frames.order(orders[uuid]) for uuid in uuids if uuid in orders]
        )

    async def _on_order_trades(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        channel = self._channel()
        _expect(method, args, 1)
        uuid = _text(args[0], "uuid")
        account = self._venue.exchange.account(channel)
        if uuid not in account.orders:
            raise RefusalError(f"order {uuid[:36]} not found")
        rows = [private_trade_row(t) for t in account.trades if t.order.uuid == uuid]
        self._reply(reqid, method, list(rows))

    async def _on_channel_trades(
        self, reqid: object, method: str, args: list[object], _faults: list[Fault]
    ) -> None:
        channel = self._channel()
        _expect(method, args, 2)
        trades = self._venue.exchange.account(channel).trades[::-1]
        page = _page(trades, args[0], args[1])
        self._reply(reqid, method, [channel_trade_row(trade) for trade in page])

    def act_on(self, fault: Fault) -> None:
        """Act out a fault that reaches beyond this socket."""
        channel = self._venue.clearing.channel(self.channel_id)
        self._venue.act(fault, self.link, () if channel is None else (channel,))


def _is_list_of_lists(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, list) for item in value)


def _page(items: list[_Item], page: object, limit: object) -> list[_Item]:
    """Return one page, counted from 1; page or limit 0 is everything."""
    number, size = _integer(page, "page"), _integer(limit, "limit")
    if number < 0 or size < 0:
        raise RefusalError("page and limit can't be negative")
    if not number or not size:
        return items[:size] if size else items
    return items[(number - 1) * size : number * size]
