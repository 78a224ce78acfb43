"""What a trader asks of an exchange, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Side(Enum):
    """Which way an order, a fill or a position goes."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The side that undoes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for buy, −1 for sell."""
        return 1 if self is Side.BUY else -1


class OrderType(Enum):
    """How an order may be filled."""

    MARKET = "market"
    LIMIT = "limit"
    POST_ONLY = "post_only"
    FILL_OR_KILL = "fill_or_kill"
    STOP_LOSS = "stop_loss"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_LIMIT = "take_limit"

    @property
    def has_price(self) -> bool:
        """True where the order names the price it will trade at."""
        return self in _PRICED

    @property
    def has_trigger(self) -> bool:
        """True where the order sleeps until the market reaches its trigger price."""
        return self in _TRIGGERED


_PRICED = frozenset(
    {
        OrderType.LIMIT,
        OrderType.POST_ONLY,
        OrderType.FILL_OR_KILL,
        OrderType.STOP_LIMIT,
        OrderType.TAKE_LIMIT,
    }
)
_TRIGGERED = frozenset(
    {OrderType.STOP_LOSS, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_LIMIT}
)


class OrderState(Enum):
    """Where an order stands, in the venue's own vocabulary (protocols.md §2.5)."""

    PENDING = "pending"
    TRIGGER_WAIT = "trigger_wait"
    WAIT = "wait"
    DONE = "done"
    CANCEL = "cancel"
    REJECT = "reject"
    TRIGGER_CANCEL = "trigger_cancel"
    TRIGGER_REJECT = "trigger_reject"

    @property
    def is_final(self) -> bool:
        """True where nothing more can happen to the order."""
        return self not in _LIVE

    @property
    def is_live(self) -> bool:
        """True where the order can still trade or be cancelled."""
        return self in _LIVE


_LIVE = frozenset({OrderState.PENDING, OrderState.TRIGGER_WAIT, OrderState.WAIT})
_RANK = {OrderState.PENDING: 0, OrderState.TRIGGER_WAIT: 1, OrderState.WAIT: 2}
_FINAL_RANK = 3


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it will be asked for; amounts in base, prices in quote."""

    market: str
    side: Side
    order_type: OrderType
    amount: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the venue last told it; amounts in base, prices in quote, ``created_at`` UTC."""

    venue_order_id: str
    market: str
    side: Side
    order_type: OrderType
    state: OrderState
    amount: Decimal
    remaining: Decimal
    executed: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    average_price: Decimal | None
    trades_count: int
    created_at: datetime
    reason: str = ""

    @property
    def progress(self) -> tuple[int, Decimal, int]:
        """How far the order has come: a later word never has a lower value than an earlier one."""
        return (_RANK.get(self.state, _FINAL_RANK), self.executed, self.trades_count)

    def is_newer_than(self, other: Order) -> bool:
        """Return whether this word about the same order supersedes the other.

        Listings and events can cross on the wire, so the order's own progress decides, not the
        time of arrival.
        """
        return self.progress >= other.progress

    def answers(self, request: OrderRequest) -> bool:
        """Return whether this could be the order that the request asked for."""
        return (
            self.market == request.market
            and self.side is request.side
            and self.order_type is request.order_type
            and self.amount == request.amount
            and (not request.order_type.has_price or self.price == request.price)
            and (
                not request.order_type.has_trigger
                or self.trigger_price in (None, request.trigger_price)
            )
        )
