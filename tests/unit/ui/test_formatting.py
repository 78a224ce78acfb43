"""Text on the screen: cut, never rounded, never an exponent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.markets import Market
from kayen_desktop.ui import formatting as f

PEPE = Market("PEPE/USD", "pepeusd", "pepe", "usd", amount_precision=8, price_precision=8)
SIGNIFICANT = Market("X/USD", "xusd", "x", "usd", price_digits=5)
amounts = st.decimals(
    min_value=Decimal("-1e18"), max_value=Decimal("1e18"), allow_nan=False, places=12
)
NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)


def read(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(f.MINUS, "-").split(" ")[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.9935", "0.9935 USD"),
        ("0.99359", "0.9935 USD"),
        ("1", "1.00 USD"),
        ("1234567.891", "1,234,567.891 USD"),
        ("0.00001152", "0.00001152 USD"),
        ("-0.0032", "−0.0032 USD"),
        ("0", "0.00 USD"),
        ("0.000000000000123", "0.0000000000001 USD"),
    ],
)
def test_money(value: str, text: str) -> None:
    assert f.format_money(Decimal(value), "usd") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.01", "+0.01"), ("-0.0033", "−0.0033"), ("0", "0.00"), ("1234", "+1,234.00")],
)
def test_signed_money(value: str, text: str) -> None:
    assert f.format_signed_money(Decimal(value)) == text


def test_price_fills_up_to_the_market_s_precision() -> None:
    assert f.format_price(Decimal("0.0000115"), PEPE) == "0.00001150"
    assert f.format_price(Decimal("0.000011529"), PEPE) == "0.00001152"


def test_price_of_a_market_with_significant_digits_never_cuts_the_whole_part() -> None:
    assert f.format_price(Decimal("0.0000115278"), SIGNIFICANT) == "0.000011527"
    assert f.format_price(Decimal("123456.7"), SIGNIFICANT) == "123,456"


def test_percent_has_a_sign_unless_it_is_nothing() -> None:
    assert f.format_percent(Decimal("3.949")) == "+3.94 %"
    assert f.format_percent(Decimal("-0.5")) == "−0.50 %"
    assert f.format_percent(Decimal("0.001")) == "0.00 %"
    assert f.format_percent(Decimal("-0.001")) == "0.00 %"


@pytest.mark.parametrize(
    "text",
    [
        f.format_money(None, "usd"),
        f.format_price(None),
        f.format_amount(None),
        f.format_percent(None),
        f.format_signed_money(None),
        f.format_exact(None),
        f.format_time(None),
    ],
)
def test_what_is_not_known_is_a_dash(text: str) -> None:
    assert text == "–"


@given(amounts)
def test_cut_text_is_never_further_from_zero_than_the_value(value: Decimal) -> None:
    texts = (f.format_money(value), f.format_price(value, PEPE), f.format_amount(value, PEPE))
    for text in texts:
        assert "E" not in text.upper()
        shown = read(text)
        assert abs(shown) <= abs(value)
        assert abs(value - shown) < Decimal("0.0001")


@given(amounts)
def test_exact_text_loses_no_digit(value: Decimal) -> None:
    assert read(f.format_exact(value)) == value


@given(amounts)
def test_a_sign_is_shown_exactly_where_something_is_left_to_show(value: Decimal) -> None:
    text = f.format_signed_money(value)
    shown = read(text.lstrip("+"))
    assert text.startswith("+") == (shown > 0)
    assert text.startswith(f.MINUS) == (shown < 0)


def test_times_tell_the_day_only_where_it_is_another() -> None:
    at = NOW.astimezone()
    assert f.format_time(NOW, NOW) == f"{at:%H:%M:%S}"
    before = NOW - timedelta(days=3)
    assert f.format_time(before, NOW) == f"19 Jun {before.astimezone():%H:%M}"
    assert f.format_time(before.replace(year=2023), NOW).endswith("2023")
    assert f.format_day(NOW) == f"{at.day} Jun"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("8399618123.5", "8.399 B"),
        ("1351709", "1.351 M"),
        ("2500000000000", "2.5 T"),
        ("999999.99", "999,999"),
        ("108506.94444444", "108,506"),
        ("0.06425119", "0.064251"),
        ("0", "0"),
    ],
)
def test_a_size_is_cut_to_a_narrow_column(value: str, text: str) -> None:
    assert f.format_size(Decimal(value)) == text


def test_an_unknown_size_is_a_dash() -> None:
    assert f.format_size(None) == f.NOTHING


def test_short_address() -> None:
    assert f.short_address("0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C") == "0x44AF…A49C"
    assert f.short_address("0x1234") == "0x1234"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations_have_two_units(seconds: int, text: str) -> None:
    assert f.format_duration(timedelta(seconds=seconds)) == text


def test_an_exact_figure_may_have_a_unit_and_a_sign() -> None:
    assert f.format_exact(Decimal("1234.50"), "USD") == "1,234.5 USD"
    assert f.format_exact(None, "USD") == f.NOTHING
    assert f.format_signed_exact(Decimal("0.000001"), "USD") == "+0.000001 USD"
    assert f.format_signed_exact(Decimal(-1)) == "−1"
    assert f.format_signed_exact(Decimal(0), "USD") == "0 USD"
