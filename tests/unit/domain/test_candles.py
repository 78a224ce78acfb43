"""Candles keep one slice a time, in time's order, whatever order they arrive in."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.candles import Candle, CandleSeries, Period

from .samples import NOW


def candle(minute: int, close: int = 1) -> Candle:
    price = Decimal(close)
    return Candle(NOW + timedelta(minutes=minute), price, price, price, price, Decimal(1))


candles = st.builds(candle, st.integers(0, 40), st.integers(1, 9))


@pytest.mark.parametrize(
    ("period", "minutes"),
    [(Period.M1, 1), (Period.M30, 30), (Period.H12, 720), (Period.D3, 4320), (Period.W1, 10080)],
)
def test_a_period_knows_its_length(period: Period, minutes: int) -> None:
    assert period.minutes == minutes


def test_an_empty_series_has_no_last_candle() -> None:
    series = CandleSeries()
    assert (len(series), series.last, series.candles) == (0, None, ())


@given(st.lists(st.lists(candles, max_size=12), max_size=6), st.integers(1, 50))
def test_merging_comes_to_the_newest_of_a_sorted_dictionary(
    batches: list[list[Candle]], capacity: int
) -> None:
    series = CandleSeries(capacity)
    held: dict[datetime, Candle] = {}
    for batch in batches:
        series.merge(batch)
        held.update((each.opened_at, each) for each in batch)
    expected = tuple(held[at] for at in sorted(held))[-capacity:]
    assert series.candles == expected
    assert len(series) == len(expected)
    assert series.last == (expected[-1] if expected else None)
