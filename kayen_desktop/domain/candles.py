"""Candles: a market's history in equal slices of time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Period(Enum):
    """The length of a candle, as the venues spell it (protocols.md §2.4)."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H12 = "12h"
    D1 = "1d"
    D3 = "3d"
    W1 = "1w"

    @property
    def minutes(self) -> int:
        """The length in minutes."""
        return int(self.value[:-1]) * _UNIT_MINUTES[self.value[-1]]


_UNIT_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}


@dataclass(frozen=True, slots=True)
class Candle:
    """One slice: prices in quote, ``volume`` in base, ``opened_at`` UTC."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class CandleSeries:
    """The candles of one market and period, oldest first, at most ``capacity`` of them."""

    def __init__(self, capacity: int = 1500) -> None:
        self._capacity = capacity
        self._candles: list[Candle] = []

    def __len__(self) -> int:
        return len(self._candles)

    @property
    def candles(self) -> tuple[Candle, ...]:
        """All candles, oldest first."""
        return tuple(self._candles)

    @property
    def last(self) -> Candle | None:
        """The candle still forming, if any is known."""
        return self._candles[-1] if self._candles else None

    def merge(self, candles: Iterable[Candle]) -> None:
        """Add candles in any order; one of the same opening time replaces the one held."""
        for candle in candles:
            self._put(candle)
        del self._candles[: -self._capacity]

    def _put(self, candle: Candle) -> None:
        held = self._candles
        if not held or candle.opened_at > held[-1].opened_at:
            held.append(candle)
            return
        at = bisect_left(held, candle.opened_at, key=lambda each: each.opened_at)
        if held[at].opened_at == candle.opened_at:
            held[at] = candle
        else:
            held.insert(at, candle)
