"""Words for orders and positions."""

from __future__ import annotations

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.markets import base_of
from kayen_desktop.domain.orders import Order, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus

_SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}

_STATES = {
    OrderState.PENDING: "Taken in, not in the book yet",
    OrderState.TRIGGER_WAIT: "Waiting for its trigger price",
    OrderState.WAIT: "Waiting in the book",
    OrderState.DONE: "Filled",
    OrderState.CANCEL: "Cancelled",
    OrderState.REJECT: "Rejected by the exchange",
    OrderState.TRIGGER_CANCEL: "Cancelled before its trigger price",
    OrderState.TRIGGER_REJECT: "Rejected when its trigger price came",
}

_TYPES = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.POST_ONLY: "Post only",
    OrderType.FILL_OR_KILL: "Fill or kill",
    OrderType.STOP_LOSS: "Stop loss",
    OrderType.STOP_LIMIT: "Stop limit",
    OrderType.TAKE_PROFIT: "Take profit",
    OrderType.TAKE_LIMIT: "Take limit",
}

_TYPE_HELP = {
    OrderType.MARKET: "Trades at once, at the best prices in the book.",
    OrderType.LIMIT: "Trades at your price or better, and waits in the book for the rest.",
    OrderType.POST_ONLY: (
        "Only ever waits in the book at your price; cancelled if it would trade at once."
    ),
    OrderType.FILL_OR_KILL: (
        "Trades the whole amount at once at your price or better, or nothing at all."
    ),
    OrderType.STOP_LOSS: (
        "Sleeps until the price reaches your trigger against you, then trades at once at the best "
        "prices."
    ),
    OrderType.STOP_LIMIT: (
        "Sleeps until the price reaches your trigger against you, then becomes a limit order."
    ),
    OrderType.TAKE_PROFIT: (
        "Sleeps until the price reaches your trigger in your favour, then trades at once at the "
        "best prices."
    ),
    OrderType.TAKE_LIMIT: (
        "Sleeps until the price reaches your trigger in your favour, then becomes a limit order."
    ),
}

_POSITIONS = {
    PositionStatus.OPEN: "Open",
    PositionStatus.IN_SETTLEMENT: "Being settled",
    PositionStatus.SETTLED: "Settled",
    PositionStatus.CLOSED: "Closed",
}


def side_text(side: Side) -> str:
    """Return "Buy" or "Sell"."""
    return _SIDES[side]


def held_word(side: Side) -> str:
    """Return how a position was entered: long ones were bought, short ones sold."""
    return "Bought" if side is Side.BUY else "Sold"


def held_text(side: Side, amount: str, market: str) -> str:
    """Return what is held in a market, without an end mark: "Bought 100,000 PEPE"."""
    return f"{held_word(side)} {amount} {base_of(market)}"


def order_status_text(order: Order) -> str:
    """Return where the order stands, as a label that also tells of a part already filled."""
    is_part = order.executed > ZERO and order.remaining > ZERO
    if is_part and order.state is OrderState.WAIT:
        return "Partly filled, waiting in the book"
    if is_part and order.state is OrderState.CANCEL:
        return "Partly filled, the rest cancelled"
    return _STATES[order.state]


def order_type_text(order_type: OrderType) -> str:
    """Return the name of an order type, as a label."""
    return _TYPES[order_type]


def order_type_help(order_type: OrderType) -> str:
    """Return what an order of the type does, in one sentence."""
    return _TYPE_HELP[order_type]


def position_status_text(status: PositionStatus) -> str:
    """Return where a position stands, as a label."""
    return _POSITIONS[status]
