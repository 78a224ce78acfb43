"""Where prices and times lie on the chart: exact values go in, pixels come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.candles import Candle

_MARGIN_SHARE = Decimal("0.08")
_FLAT_SHARE = Decimal("0.001")
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_MINUTE_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 7200, 14400, 43200)
_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Prices from ``low`` at the bottom to ``high`` at the top of ``height`` pixels."""

    low: Decimal
    high: Decimal
    top: int
    height: int

    def y(self, price: Decimal) -> float:
        """Return the pixel row of a price, which may lie outside."""
        return self.top + float((self.high - price) / (self.high - self.low)) * self.height

    def price_at(self, y: int) -> Decimal:
        """Return the price of a pixel row, exactly."""
        return self.high - (self.high - self.low) * (y - self.top) / self.height

    def holds(self, candle: Candle) -> bool:
        """Return whether the candle fits."""
        return self.low <= candle.low and candle.high <= self.high

    def grid(self, target: int) -> list[Decimal]:
        """Return round prices within the scale, about so many of them."""
        raw = (self.high - self.low) / max(target, 1)
        base = Decimal(1).scaleb(raw.adjusted())
        step = next(base * factor for factor in _STEPS if base * factor >= raw)
        price = (self.low // step + 1) * step
        prices: list[Decimal] = []
        while price < self.high:
            prices.append(price)
            price += step
        return prices


@dataclass(frozen=True, slots=True)
class BarScale:
    """Bars ``step`` pixels apart, ``count`` of them, the newest ending at ``right``."""

    right: int
    step: float
    count: int

    def x(self, at: int) -> float:
        """Return the middle of a bar."""
        return self.right - (self.count - at - 0.5) * self.step

    def bar_at(self, x: int) -> int:
        """Return the bar nearest to a pixel column."""
        return min(max(round((x - self.x(0)) / self.step), 0), self.count - 1)


def price_scale(candles: Sequence[Candle], top: int, height: int) -> PriceScale:
    """Return the scale that shows all the candles with a little air; they must not be empty."""
    low = min(candle.low for candle in candles)
    high = max(candle.high for candle in candles)
    air = (high - low) * _MARGIN_SHARE or high * _FLAT_SHARE or Decimal(1)
    return PriceScale(max(low - air, ZERO) if low > ZERO else low - air, high + air, top, height)


def time_marks(
    candles: Sequence[Candle], step_px: float, min_px: int, period_minutes: int
) -> list[tuple[int, str]]:
    """Return which candles get a time label, and the label: the hour, or the day at midnight."""
    wanted = min_px / step_px * period_minutes
    every = next((each for each in _MINUTE_STEPS if each >= wanted), _MINUTE_STEPS[-1])
    marks: list[tuple[int, str]] = []
    for at, candle in enumerate(candles):
        local = candle.opened_at.astimezone()
        minutes = local.hour * 60 + local.minute
        if every >= _DAY_MINUTES:
            is_mark = minutes < period_minutes and local.toordinal() % (every // _DAY_MINUTES) == 0
        else:
            is_mark = minutes % every < period_minutes and (
                period_minutes >= every or minutes % every == 0
            )
        if is_mark:
            marks.append((at, _mark_text(local, minutes < period_minutes)))
    return marks


def _mark_text(local: datetime, is_new_day: bool) -> str:
    return f"{local.day}.{local.month}." if is_new_day else f"{local:%H:%M}"
