"""Finex's positional arrays, in both dialects (protocols.md §2.6); nothing here decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.margin import MarginBalance
from kayen_desktop.domain.orders import OrderState, OrderType
from kayen_desktop.practice.accounts import AccountTrade
from kayen_desktop.practice.candles import Candle, CandleStore, DayStatistics
from kayen_desktop.practice.orders import RestingOrder, TradePrint
from kayen_desktop.practice.settings import FinexDialect, MarketSpec, PracticeSettings

Row = list[object]

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
TYPES_BY_LETTER = {letter: order_type for order_type, letter in TYPE_LETTERS.items()}
_STATE_LETTERS = {
    OrderState.PENDING: "p",
    OrderState.WAIT: "w",
    OrderState.DONE: "d",
    OrderState.REJECT: "r",
    OrderState.CANCEL: "c",
    OrderState.TRIGGER_WAIT: "tw",
    OrderState.TRIGGER_CANCEL: "tc",
    OrderState.TRIGGER_REJECT: "tr",
}
# What the sample frames call the source of a trade.
_TRADE_SOURCE = "2"


def encode(kind: int, *rest: object) -> str:
    """Return a frame: 2 is a response, 3 a public event, 4 a private one."""
    return msgspec.json.encode([kind, *rest]).decode()


def error_frame(reqid: object, text: str) -> str:
    """Return the answer that replaces the method by ``error``."""
    return encode(2, reqid, "error", [text])


def _optional(value: Decimal | None) -> str:
    return plain(value) if value is not None else "0"


def level_rows(levels: Iterable[tuple[Decimal, Decimal]]) -> list[list[str]]:
    """Return [price, amount] rows."""
    return [[plain(price), plain(amount)] for price, amount in levels]


def private_trade_row(trade: AccountTrade) -> Row:
    """Return the 12 elements of ``tr``."""
    return [
        trade.market,
        trade.trade_id,
        plain(trade.price),
        plain(trade.amount),
        plain(trade.total),
        trade.order.order_id,
        trade.order.uuid,
        trade.order.side.value,
        trade.taker_side.value,
        plain(trade.fee),
        trade.fee_currency,
        trade.at_s,
    ]


def channel_trade_row(trade: AccountTrade) -> Row:
    """Return the 10 elements of a list_channel_trades row."""
    return [
        trade.market,
        trade.trade_id,
        plain(trade.price),
        plain(trade.amount),
        plain(trade.total),
        trade.order.order_id,
        trade.order.uuid,
        trade.order.side.value,
        trade.taker_side.value,
        trade.at_s,
    ]


def public_trade_row(trade: TradePrint) -> Row:
    """Return the 8 elements of ``trade``."""
    return [
        trade.market,
        trade.trade_id,
        plain(trade.price),
        plain(trade.amount),
        plain(trade.total),
        trade.at_s,
        trade.taker.side.value,
        _TRADE_SOURCE,
    ]


def ticker_row(symbol: str, at_s: int, day: DayStatistics) -> Row:
    """Return one row of ``tickers``."""
    return [
        symbol,
        at_s,
        plain(day.low),
        plain(day.high),
        plain(day.open),
        plain(day.last),
        plain(day.volume),
        plain(day.amount),
        plain(day.vwap),
        plain(day.change),
    ]


def candle_row(store: CandleStore, candle: Candle) -> Row:
    """Return [ts, open, high, low, close, amount]."""
    return [
        candle.start_s,
        plain(store.price(candle.open)),
        plain(store.price(candle.high)),
        plain(store.price(candle.low)),
        plain(store.price(candle.close)),
        plain(store.amount(candle.amount)),
    ]


class FinexFrames:
    """The rows that differ between the two dialects."""

    def __init__(self, settings: PracticeSettings) -> None:
        self.dialect: FinexDialect = settings.finex_dialect
        self._maker_fee = plain(settings.maker_fee)
        self._taker_fee = plain(settings.taker_fee)

    def order(self, order: RestingOrder) -> Row:
        """Return an order row; an order that never came into the book has id 0."""
        row: Row = [
            order.market,
            0 if order.state is OrderState.REJECT else order.order_id,
            order.uuid,
            order.side.value,
            _STATE_LETTERS[order.state],
            TYPE_LETTERS[order.order_type],
            _optional(order.price if order.order_type.has_price else None),
            plain(order.average_price),
            plain(order.remaining),
            plain(order.original),
            plain(order.executed),
            order.trades_count,
            order.created_at_s,
        ]
        trigger = _optional(order.trigger_price)
        if self.dialect == "kayen":
            return [*row, trigger, order.reason]
        row += [self._maker_fee, self._taker_fee, trigger]
        return [*row, order.reason] if order.reason else row

    def markets(self, markets: Sequence[MarketSpec]) -> Row:
        """Return the rows of ``markets``: 5 elements, or OpenDAX's 11."""
        if self.dialect == "kayen":
            return [[m.symbol, "spot", m.base, m.quote, m.leverage] for m in markets]
        return [
            [
                m.symbol,
                "spot",
                m.base,
                m.quote,
                "enabled",
                position,
                m.amount_precision,
                m.price_precision,
                plain(m.tick),
                "0",
                plain(m.min_amount),
            ]
            for position, m in enumerate(markets, start=1)
        ]

    def balances(self, balance: MarginBalance, currency: str) -> Row:
        """Return the args of ``bu``: Kayen's flat four, or OpenDAX's rows by currency."""
        if self.dialect == "kayen":
            return [
                plain(balance.balance),
                plain(balance.locked),
                plain(balance.available),
                plain(balance.leverage),
            ]
        return [[currency, plain(max(ZERO, balance.available)), plain(balance.locked)]]
