"""What can be traded, and its last prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

DEFAULT_PRECISION = 8
PRICE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Market:
    """One market: ``name`` ("PEPE/USD") is ours everywhere, ``symbol`` ("pepeusd") is the venue's.

    Precisions are digits after the point. ``price_digits`` caps significant digits instead where
    the venue states no precision (protocols.md §2.6: 8/8 and five significant digits).
    """

    name: str
    symbol: str
    base: str
    quote: str
    leverage: Decimal | None = None
    amount_precision: int = DEFAULT_PRECISION
    price_precision: int = DEFAULT_PRECISION
    price_digits: int | None = None
    min_amount: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Ticker:
    """A market's day so far; ``change`` is in per cent, ``volume`` in quote, ``amount`` in base."""

    market: str
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    amount: Decimal
    change: Decimal | None
    at: datetime


def base_of(market: str) -> str:
    """Return what is traded in a market, by the market's name: "PEPE" of "PEPE/USD"."""
    return market.partition("/")[0]


def quote_of(market: str) -> str:
    """Return what a market's prices are in, by its name: "USD" of "PEPE/USD"."""
    return market.partition("/")[2]
