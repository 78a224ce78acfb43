"""Finex messages as they stand on the wire: positional arrays under the venue's own field names.

Decision: prices, amounts and ids stay what JSON made of them (text, ``int`` or exact ``Decimal``)
until ``parsing`` reads them. Typing them here would refuse a whole frame where the venue writes a
number for a text or the reverse, which its documents allow (protocols.md §2.1).
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

from msgspec import Struct

Args: TypeAlias = list[Any]


class Dialect(Enum):
    """Which deployment's arrays are spoken where their length does not tell (§2.6)."""

    KAYEN = "kayen"
    OPENDAX = "opendax"


class Scope(Enum):
    """The two kinds of topics that can be subscribed to."""

    PUBLIC = "public"
    PRIVATE = "private"


class Method:
    """The methods this client calls (§2.5)."""

    AUTH = "auth"
    PING = "ping"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    CREATE_ORDER = "create_order"
    CREATE_BULK = "create_bulk"
    CANCEL_ORDER = "cancel_order"
    CANCEL_ALL = "cancel_all"
    LIST_ORDERS = "list_orders"
    LIST_ORDERS_BY_UUIDS = "list_orders_by_uuids"
    LIST_ORDER_TRADES = "list_order_trades"
    LIST_CHANNEL_TRADES = "list_channel_trades"
    KLINES = "klines"
    GET_MARKETS = "get_markets"
    ERROR = "error"


REPLY_NAMES = {
    Method.AUTH: ("auth", "authenticate"),
    Method.PING: ("pong", "ping"),
    Method.SUBSCRIBE: ("subscribe", "subscribed"),
    Method.UNSUBSCRIBE: ("unsubscribe", "unsubscribed"),
}
"""Under which names a method is answered, where the name may differ from the method's (§2.3)."""


class Request(Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True):
    """``[1, reqid, method, args]``."""

    reqid: int
    method: str
    args: Args

    def __repr__(self) -> str:
        # The arguments of auth are a token; no other request is worth the risk of an exception.
        return f"Request(reqid={self.reqid}, method={self.method!r})"


class Response(Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """``[2, reqid, method, args]``; the method is "error" where the venue says no."""

    reqid: int
    method: str
    args: Args


class PublicEvent(Struct, frozen=True, array_like=True, tag=3, forbid_unknown_fields=True):
    """``[3, name, args]``."""

    name: str
    args: Args


class PrivateEvent(Struct, frozen=True, array_like=True, tag=4, forbid_unknown_fields=True):
    """``[4, name, args]``."""

    name: str
    args: Args


Message: TypeAlias = Request | Response | PublicEvent | PrivateEvent


class CreateOrderArgs(Struct, frozen=True, array_like=True):
    """The arguments of ``create_order``: all text, "" where the type has no such price (§2.5)."""

    market: str
    type: str
    side: str
    amount: str
    price: str = ""
    trigger_price: str = ""


class OrderRow(Struct, frozen=True, array_like=True):
    """The first 13 elements of an order, the same in every dialect (§2.6)."""

    market: str
    id: Any
    uuid: str
    side: str
    state: str
    type: str
    price: Any
    avg_price: Any
    remaining: Any
    original: Any
    executed: Any
    trades_count: Any
    created_at: Any


class PrivateTradeRow(Struct, frozen=True, array_like=True):
    """An execution of ours, as event ``tr`` and ``list_order_trades`` tell it; market may be ""."""

    market: str
    id: Any
    price: Any
    amount: Any
    total: Any
    order_id: Any
    order_uuid: Any
    order_side: str
    taker_side: Any
    fee: Any
    fee_currency: Any
    ts: Any


class ChannelTradeRow(Struct, frozen=True, array_like=True):
    """An execution of ours, as Kayen's ``list_channel_trades`` tells it: without a fee (§2.5)."""

    market: str
    id: Any
    price: Any
    amount: Any
    total: Any
    order_id: Any
    order_uuid: Any
    order_side: str
    taker_side: Any
    ts: Any


class PublicTradeRow(Struct, frozen=True, array_like=True):
    """A public print; ``total`` is missing in the forms of 6 and 7 elements, ``source`` in 6."""

    market: str
    id: Any
    price: Any
    amount: Any
    total: Any
    ts: Any
    taker_side: Any
    source: Any = None


class PublicTradeObject(Struct, frozen=True):
    """A public print in the object form (§2.6); the market may stand in the event's name only."""

    tid: Any
    price: Any
    amount: Any
    date: Any
    taker_type: Any = None
    market: str = ""


class TickerRow(Struct, frozen=True, array_like=True):
    """A market's day; ``volume`` is turnover in quote, ``amount`` in base (§2.6)."""

    market: str
    at: Any
    min: Any
    max: Any
    open: Any
    last: Any
    volume: Any
    amount: Any
    vwap: Any
    change: Any = None


class OpenDaxMarketRow(Struct, frozen=True, array_like=True):
    """A market as OpenDAX lists it; ``max_price`` "0" is no maximum (§2.6)."""

    id: str
    type: Any
    base: str
    quote: str
    state: Any
    position: Any
    amount_prec: Any
    price_prec: Any
    min_price: Any
    max_price: Any
    min_amount: Any


class KayenMarketRow(Struct, frozen=True, array_like=True):
    """A market as Kayen lists it: no precisions, no bounds (§2.6)."""

    id: str
    type: Any
    base: str
    quote: str
    leverage: Any


class MarginRow(Struct, frozen=True, array_like=True):
    """Kayen's balances: one flat array for the whole account (§2.6)."""

    margin_balance: Any
    locked: Any
    available: Any
    leverage: Any


class BalanceRow(Struct, frozen=True, array_like=True):
    """One asset of OpenDAX's balances (§2.6)."""

    currency: str
    available: Any
    locked: Any


class CandleRow(Struct, frozen=True, array_like=True):
    """One candle; ``ts`` in unix seconds, ``volume`` in base (§2.6)."""

    ts: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any


class BookRow(Struct, frozen=True, array_like=True):
    """A book or a change of one; asks come first, and either side may be missing (§2.7)."""

    market: str
    sequence: Any
    asks: Any = None
    bids: Any = None
