"""Finex's arrays for what everybody sees, to domain values: markets, tickers, trades, candles."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.book import Level
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.markets import DEFAULT_PRECISION, PRICE_DIGITS, Market, Ticker

from .messages import (
    Args,
    CandleRow,
    KayenMarketRow,
    OpenDaxMarketRow,
    PublicTradeObject,
    PublicTradeRow,
    TickerRow,
)
from .parsing import SIDES, read_row
from .values import (
    read_count,
    read_id,
    read_key,
    read_number,
    read_optional,
    read_positive,
    read_time,
    read_unsigned,
)

MAX_PRECISION = 18
MAX_LEVELS = 10_000
_OPENDAX_LENGTH = 11
_TRADE_LENGTHS = (6, 7)
_LEVEL_LENGTH = 2
_PERIODS = {period.value: period for period in Period}
_KLINE = "kline"


def parse_market(args: object) -> Market:
    """Return a market, from OpenDAX's 11 elements or Kayen's 5 (§2.6).

    Raises:
        ValueError: too short, or a name, precision or bound that can't be read.
    """
    if isinstance(args, list) and len(args) < _OPENDAX_LENGTH:
        return _parse_kayen_market(args)
    row = read_row(args, OpenDaxMarketRow)
    return Market(
        name=_name(row.base, row.quote),
        symbol=read_key(row.id),
        base=read_key(row.base),
        quote=read_key(row.quote),
        amount_precision=_precision(row.amount_prec),
        price_precision=_precision(row.price_prec),
        min_amount=read_optional(row.min_amount),
        min_price=read_optional(row.min_price),
        max_price=read_optional(row.max_price),
        is_enabled=row.state == "enabled",
    )


def parse_ticker(args: object, name: str) -> Ticker:
    """Return a market's day; ``change`` is None where the venue has none to tell.

    Raises:
        ValueError: too short, or a number or time that can't be read.
    """
    row = read_row(args, TickerRow)
    return Ticker(
        market=name,
        last=read_unsigned(row.last),
        open=read_unsigned(row.open),
        high=read_unsigned(row.max),
        low=read_unsigned(row.min),
        volume=read_unsigned(row.volume),
        amount=read_unsigned(row.amount),
        change=_change(row.change),
        at=read_time(row.at),
    )


def parse_trade(args: Args, name: str) -> Trade:
    """Return a public print, from 8 elements, 7 (no total) or 6 (no total, no source).

    Raises:
        ValueError: too short, or a number, id or time that can't be read.
    """
    if len(args) in _TRADE_LENGTHS:
        args = [*args[:4], "", *args[4:]]
    row = read_row(args, PublicTradeRow)
    return Trade(
        trade_id=read_id(row.id),
        market=name,
        price=read_positive(row.price),
        amount=read_positive(row.amount),
        taker_side=SIDES.get(row.taker_side) if isinstance(row.taker_side, str) else None,
        executed_at=read_time(row.ts),
    )


def parse_trade_object(value: object, name: str) -> Trade:
    """Return a public print from the object form.

    Raises:
        ValueError: a field is missing or can't be read.
    """
    row = read_row(value, PublicTradeObject)
    return parse_trade([name, row.tid, row.price, row.amount, row.date, row.taker_type], name)


def parse_candle(args: object) -> Candle:
    """Return one candle; an average after the volume is ignored.

    Raises:
        ValueError: too short, or a number or time that can't be read, or its high under its low.
    """
    row = read_row(args, CandleRow)
    high, low = read_unsigned(row.high), read_unsigned(row.low)
    if high < low:
        raise ValueError("a candle's high is under its low")
    return Candle(
        opened_at=read_time(row.ts),
        open=read_unsigned(row.open),
        high=high,
        low=low,
        close=read_unsigned(row.close),
        volume=read_unsigned(row.volume),
    )


def parse_candle_topic(event: str) -> tuple[str, Period] | None:
    """Return symbol and period of ``ethusd.kline-15m`` or old ``kline.15m.ethusd``, else None."""
    head, _, rest = event.partition(".")
    if head == _KLINE:
        word, _, symbol = rest.partition(".")
    else:
        symbol, (kind, _, word) = head, rest.partition("-")
        if kind != _KLINE:
            return None
    period = _PERIODS.get(word)
    return None if period is None or not symbol else (symbol, period)


def parse_levels(side: object) -> tuple[Level, ...]:
    """Return one side of a book: a list of levels, one flat level, [] or nothing (§2.7).

    Raises:
        ValueError: a level is not exactly a price above zero and an amount of zero or more, or
            there are more of them than any book of ours can follow in time.
    """
    if side is None or side == []:
        return ()
    if not isinstance(side, list):
        raise ValueError("a side of the book is not a list")
    if not isinstance(side[0], list):
        return (_parse_level(side),)
    if len(side) > MAX_LEVELS:
        raise ValueError(f"a side of the book has {len(side)} levels")
    return tuple([_parse_level(level) for level in side])


def _parse_level(level: object) -> Level:
    if not isinstance(level, list) or len(level) != _LEVEL_LENGTH:
        raise ValueError("a level of the book is not a price and an amount")
    return Level(read_positive(level[0]), read_unsigned(level[1]))


def _parse_kayen_market(args: Args) -> Market:
    row = read_row(args, KayenMarketRow)
    return Market(
        name=_name(row.base, row.quote),
        symbol=read_key(row.id),
        base=read_key(row.base),
        quote=read_key(row.quote),
        leverage=read_optional(row.leverage),
        amount_precision=DEFAULT_PRECISION,
        price_precision=DEFAULT_PRECISION,
        price_digits=PRICE_DIGITS,
    )


def _name(base: str, quote: str) -> str:
    return f"{base.upper()}/{quote.upper()}"


def _precision(value: object) -> int:
    precision = read_count(value)
    if precision > MAX_PRECISION:
        raise ValueError("a precision is beyond any market's")
    return precision


def _change(value: object) -> Decimal | None:
    """Return per cent, from a number or "+3.94%"; descriptive, so junk reads as unknown."""
    if isinstance(value, str):
        value = value.removesuffix("%")
    try:
        return None if value in (None, "") else read_number(value)
    except ValueError:
        return None
