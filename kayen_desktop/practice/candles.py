"""A market's candles: a day of made-up history, the live minute, and every longer period.

Prices are whole ticks and amounts whole smallest units inside, so that nothing rounds; the
random walk behind the history is the only float, and it ends at the tick the market opens at.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from .settings import MarketSpec

MINUTE_S = 60
DAY_MINUTES = 1440
MAX_MINUTES = 2 * DAY_MINUTES
PERIOD_MINUTES = {
    "1m": 1,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "6h": 360,
    "12h": 720,
    "1d": 1440,
    "3d": 4320,
    "1w": 10080,
}
_SLICE_MINUTES = 360
_WEEK_S = 7 * 86400
# The unix epoch was a Thursday; weeks start on Monday.
_FIRST_MONDAY_S = 4 * 86400


@dataclass(slots=True)
class Candle:
    """One candle; prices in ticks, ``amount`` in smallest units of base, ``value`` their product.

    ``start_s`` is unix seconds.
    """

    start_s: int
    open: int
    high: int
    low: int
    close: int
    amount: int
    value: int

    def absorb(self, later: Candle) -> None:
        """Extend this candle by one that follows it."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.amount += later.amount
        self.value += later.value


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """The last 24 hours in quote and base; ``change`` in per cent, to two places."""

    low: Decimal
    high: Decimal
    open: Decimal
    last: Decimal
    volume: Decimal
    amount: Decimal
    vwap: Decimal
    change: Decimal


def period_start(at_s: int, minutes: int) -> int:
    """Return when the period that holds a moment began."""
    length = minutes * MINUTE_S
    if length == _WEEK_S:
        return at_s - (at_s - _FIRST_MONDAY_S) % _WEEK_S
    return at_s - at_s % length


class CandleStore:
    """The candles of one market; `make_history` once, then `record` each trade."""

    def __init__(self, market: MarketSpec) -> None:
        self._price_places = market.price_precision
        self._amount_places = market.amount_precision
        self._minutes: list[Candle] = []
        self._settled = _Range()

    def make_history(
        self, seed: str, last: Decimal, volatility: float, now_s: int
    ) -> Iterator[None]:
        """Fill the day before ``now_s`` with a walk of this yearly volatility ending at ``last``.

        ``seed`` alone decides its shape. Yields after each slice of a millisecond or two, for the
        caller to let others run.
        """
        random = Random(seed)
        step = volatility / math.sqrt(365 * DAY_MINUTES)
        unit = 10**self._amount_places
        log_prices = [0.0]
        for _ in range(DAY_MINUTES):
            # A pull of one part in 900 a minute keeps a day's walk on the chart.
            log_prices.append(log_prices[-1] * (1 - 1 / 900) + random.gauss(0, step))
        end = self._ticks(last)
        ticks = [max(1, round(end * math.exp(value - log_prices[-1]))) for value in log_prices]
        typical = 40_000 / float(last)
        first_s = period_start(now_s, 1) - DAY_MINUTES * MINUTE_S
        for index in range(DAY_MINUTES):
            if index % _SLICE_MINUTES == 0:
                yield
            opened, closed = ticks[index], ticks[index + 1]
            wick = abs(random.gauss(0, step / 2)) * end
            amount = int(typical * random.lognormvariate(-0.5, 0.8) * unit)
            self._minutes.append(
                Candle(
                    first_s + index * MINUTE_S,
                    opened,
                    max(opened, closed) + int(wick * random.random() + 0.5),
                    max(1, min(opened, closed) - int(wick * random.random() + 0.5)),
                    closed,
                    amount,
                    amount * (opened + closed) // 2,
                )
            )

    def record(self, price: Decimal, amount: Decimal, at_s: int) -> None:
        """Count a trade into its minute."""
        ticks = self._ticks(price)
        units = int(amount.scaleb(self._amount_places))
        self._roll(at_s, ticks)
        current = self._minutes[-1]
        current.absorb(Candle(current.start_s, ticks, ticks, ticks, ticks, units, units * ticks))

    def _roll(self, at_s: int, ticks: int) -> None:
        """Start the minutes up to this moment, flat at the last close where nothing traded."""
        start_s = period_start(at_s, 1)
        if not self._minutes:
            self._minutes.append(Candle(start_s, ticks, ticks, ticks, ticks, 0, 0))
        while self._minutes[-1].start_s < start_s:
            close = self._minutes[-1].close
            next_s = max(self._minutes[-1].start_s + MINUTE_S, start_s - DAY_MINUTES * MINUTE_S)
            self._minutes.append(Candle(next_s, close, close, close, close, 0, 0))
        if len(self._minutes) > MAX_MINUTES:
            del self._minutes[:-DAY_MINUTES]

    def candles(self, minutes: int, from_s: int, to_s: int) -> Iterator[Candle]:
        """Yield the candles of a period that start in ``[from_s, to_s]``, oldest first."""
        first = bisect_left(self._minutes, period_start(from_s, minutes), key=_start_of)
        current: Candle | None = None
        for minute in self._minutes[first:]:
            start_s = period_start(minute.start_s, minutes)
            if current is not None and current.start_s == start_s:
                current.absorb(minute)
                continue
            if current is not None and from_s <= current.start_s <= to_s:
                yield current
            if start_s > to_s:
                return
            current = Candle(
                start_s,
                minute.open,
                minute.high,
                minute.low,
                minute.close,
                minute.amount,
                minute.value,
            )
        if current is not None and from_s <= current.start_s <= to_s:
            yield current

    def latest(self, minutes: int) -> Candle | None:
        """Return the running candle of a period."""
        if not self._minutes:
            return None
        start_s = period_start(self._minutes[-1].start_s, minutes)
        return next(self.candles(minutes, start_s, start_s), None)

    def day(self, now_s: int) -> DayStatistics | None:
        """Return the last 24 hours at a glance; None before there is any candle."""
        if not self._minutes:
            return None
        live = self._minutes[-1]
        self._roll(now_s, live.close)
        live = self._minutes[-1]
        if self._settled.live_start_s != live.start_s:
            self._settled = _Range.of(self._minutes[-DAY_MINUTES:-1], live)
        day = self._settled
        amount, value = day.amount + live.amount, day.value + live.value
        volume = self.price(value).scaleb(-self._amount_places)
        base = self.amount(amount)
        change = Decimal(live.close - day.open) / day.open * 100
        return DayStatistics(
            low=self.price(min(day.low, live.low)),
            high=self.price(max(day.high, live.high)),
            open=self.price(day.open),
            last=self.price(live.close),
            volume=volume.quantize(Decimal("0.01")),
            amount=base,
            vwap=self.price(value // amount) if amount else self.price(live.close),
            change=change.quantize(Decimal("0.01")),
        )

    def _ticks(self, price: Decimal) -> int:
        return int(price.scaleb(self._price_places))

    def price(self, ticks: int) -> Decimal:
        """Return a price in quote from ticks."""
        return Decimal(ticks).scaleb(-self._price_places)

    def amount(self, units: int) -> Decimal:
        """Return an amount in base from smallest units."""
        return Decimal(units).scaleb(-self._amount_places)


def _start_of(candle: Candle) -> int:
    return candle.start_s


@dataclass(slots=True)
class _Range:
    """The day without its live minute: counted once a minute, not once a ticker."""

    live_start_s: int = -1
    open: int = 1
    high: int = 0
    low: int = 0
    amount: int = 0
    value: int = 0

    @classmethod
    def of(cls, settled: list[Candle], live: Candle) -> _Range:
        whole = Candle(live.start_s, live.open, live.high, live.low, live.close, 0, 0)
        opened = settled[0].open if settled else live.open
        for candle in settled:
            whole.absorb(candle)
        return cls(live.start_s, opened, whole.high, whole.low, whole.amount, whole.value)
