"""Finex's arrays for what is ours, to domain values and back: orders, fills, balances.

A row that can't be read exactly is refused with ``ValueError``, whose text holds no more of the
server's than a capped, plain word; nothing is guessed.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec

from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.errors import LocalProtocolError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.margin import AssetBalance, MarginBalance
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.protocol.outputs import plain_text

from .messages import (
    Args,
    BalanceRow,
    ChannelTradeRow,
    CreateOrderArgs,
    Dialect,
    MarginRow,
    OrderRow,
    PrivateTradeRow,
)
from .symbols import MarketTable
from .values import (
    NO_UUID,
    read_count,
    read_id,
    read_key,
    read_number,
    read_optional,
    read_positive,
    read_time,
    read_unsigned,
    read_uuid,
)

SIDES = {"buy": Side.BUY, "sell": Side.SELL}
TYPE_LETTERS = {
    OrderType.LIMIT: "l",
    OrderType.MARKET: "m",
    OrderType.POST_ONLY: "p",
    OrderType.FILL_OR_KILL: "f",
    OrderType.STOP_LOSS: "sl",
    OrderType.STOP_LIMIT: "slm",
    OrderType.TAKE_PROFIT: "tp",
    OrderType.TAKE_LIMIT: "tlm",
}
STATE_LETTERS = {
    OrderState.PENDING: "p",
    OrderState.WAIT: "w",
    OrderState.DONE: "d",
    OrderState.REJECT: "r",
    OrderState.CANCEL: "c",
    OrderState.TRIGGER_WAIT: "tw",
    OrderState.TRIGGER_CANCEL: "tc",
    OrderState.TRIGGER_REJECT: "tr",
}
_TYPES = {letter: order_type for order_type, letter in TYPE_LETTERS.items()}
_STATES = {letter: state for state, letter in STATE_LETTERS.items()}
_ORDER_LENGTH = 13
_FILL_LENGTH = 12
_MAX_WORD = 20
_OPENDAX_TAIL = 3  # maker fee, taker fee, trigger price[, reason]
_TWO_ELEMENTS = 2  # Kayen's trigger price and reason, or OF11's two fees

_Row = TypeVar("_Row")
_Value = TypeVar("_Value")


def read_row(value: object, shape: type[_Row]) -> _Row:
    """Return the array as its named fields; elements beyond the last field are ignored.

    Raises:
        ValueError: not such an array (msgspec names the place and the types, never the content).
    """
    return msgspec.convert(value, shape)


def look_up(table: dict[str, _Value], word: str, what: str) -> _Value:
    """Return what a word of the wire means.

    Raises:
        ValueError: the word is not in the table.
    """
    value = table.get(word)
    if value is None:
        raise ValueError(f"the {what} “{plain_text(word, _MAX_WORD)}” is not known")
    return value


def parse_order(args: object, markets: MarketTable, dialect: Dialect) -> tuple[Order, str]:
    """Return an order and its market's symbol, from any dialect's array (§2.6).

    Raises:
        ValueError: too short, or a state, type, side, number or uuid that can't be read.
    """
    row = read_row(args, OrderRow)
    tail = args[_ORDER_LENGTH:] if isinstance(args, list) else []
    symbol = read_key(row.market)
    order_type = look_up(_TYPES, row.type, "order type")
    order = Order(
        venue_order_id=read_uuid(row.uuid),
        market=markets.name(symbol),
        side=look_up(SIDES, row.side, "side"),
        order_type=order_type,
        state=look_up(_STATES, row.state, "order state"),
        amount=read_unsigned(row.original),
        remaining=read_unsigned(row.remaining),
        executed=read_unsigned(row.executed),
        price=read_optional(row.price),
        trigger_price=_trigger_price(tail, dialect) if order_type.has_trigger else None,
        average_price=read_optional(row.avg_price),
        trades_count=read_count(row.trades_count),
        created_at=read_time(row.created_at),
        reason=_reason(tail),
    )
    return order, symbol


def parse_fill(args: Args, markets: MarketTable, symbol: str = "") -> tuple[Fill, str]:
    """Return one of our executions, from the 12- or the 10-element array, and its symbol.

    An empty market is looked up by the order, then taken from ``symbol``; where neither knows,
    the fill's market and the symbol returned are "". The 10-element form tells no fee: it reads
    as zero of no currency. A fill is kept even where it names no order, under the nil uuid.

    Raises:
        ValueError: too short, or a side, number, id or time that can't be read.
    """
    row: PrivateTradeRow | ChannelTradeRow
    fee, fee_currency = ZERO, ""
    if len(args) >= _FILL_LENGTH:
        row = full = read_row(args, PrivateTradeRow)
        fee = read_number(full.fee)
        if isinstance(full.fee_currency, str):
            fee_currency = plain_text(full.fee_currency, _MAX_WORD)
    else:
        row = read_row(args, ChannelTradeRow)
    uuid = read_key(row.order_uuid) if row.order_uuid else NO_UUID
    symbol = row.market or markets.symbol_of_order(uuid) or symbol
    fill = Fill(
        fill_id=read_id(row.id),
        market=markets.name(read_key(symbol)) if symbol else "",
        venue_order_id=uuid,
        side=look_up(SIDES, row.order_side, "side"),
        price=read_positive(row.price),
        amount=read_positive(row.amount),
        total=read_unsigned(row.total),
        fee=fee,
        fee_currency=fee_currency,
        executed_at=read_time(row.ts),
    )
    return fill, symbol


def parse_margin(args: Args) -> MarginBalance:
    """Return the account's figures from Kayen's flat array.

    Raises:
        ValueError: too short, or a figure that can't be read.
    """
    row = read_row(args, MarginRow)
    return MarginBalance(
        balance=read_number(row.margin_balance),
        locked=read_number(row.locked),
        available=read_number(row.available),
        leverage=read_unsigned(row.leverage),
    )


def parse_balance(args: object) -> AssetBalance:
    """Return one asset's balance from OpenDAX's array.

    Raises:
        ValueError: too short, or a figure that can't be read.
    """
    row = read_row(args, BalanceRow)
    return AssetBalance(
        asset=read_key(row.currency),
        available=read_number(row.available),
        locked=read_number(row.locked),
    )


def build_order(request: OrderRequest, symbol: str) -> CreateOrderArgs:
    """Return the arguments of ``create_order``; "" where the type has no price or no trigger.

    Raises:
        LocalProtocolError: a number is missing or not above zero.
    """
    kind = request.order_type
    return CreateOrderArgs(
        market=symbol,
        type=TYPE_LETTERS[kind],
        side=request.side.value,
        amount=_above_zero(request.amount, "amount"),
        price=_above_zero(request.price, "price") if kind.has_price else "",
        trigger_price=_above_zero(request.trigger_price, "trigger price")
        if kind.has_trigger
        else "",
    )


def _above_zero(number: Decimal | None, what: str) -> str:
    if number is None or not number.is_finite() or number <= ZERO:
        raise LocalProtocolError(f"The order's {what} is missing or not above zero.")
    return plain(number)


def _trigger_price(tail: Args, dialect: Dialect) -> Decimal | None:
    """Return the trigger price from the elements after the thirteenth (§2.6)."""
    if len(tail) >= _OPENDAX_TAIL:
        return read_optional(tail[2])
    if len(tail) == _TWO_ELEMENTS and dialect is Dialect.OPENDAX and _is_number(tail[1]):
        return None  # OF11: two fees and no trigger; Kayen's last element is text or ""
    return read_optional(tail[0]) if tail and _is_number(tail[0]) else None


def _reason(tail: Args) -> str:
    """Return the last text that is no number: where every dialect puts the venue's reason."""
    for value in reversed(tail):
        if value and isinstance(value, str) and not _is_number(value):
            return plain_text(value)
    return ""


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        if value.replace(".", "", 1).isdigit():
            return True
        try:
            Decimal(value)
        except InvalidOperation:
            return False
        return True
    return isinstance(value, (int, Decimal))
