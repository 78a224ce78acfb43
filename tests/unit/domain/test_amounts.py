"""Amounts are read exactly or refused, and cut rather than rounded."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import (
    PRECISION,
    ZERO,
    decimal_places,
    parse_decimal,
    plain,
    significant_digits,
    truncate,
)

amounts = st.decimals(
    min_value=Decimal("-1e17"), max_value=Decimal("1e17"), allow_nan=False, places=18
)


class Tagged(Decimal):
    """A decimal by another name."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1e-7", Decimal("0.0000001")),
        ("1E+2", Decimal(100)),
        (" 1.50 ", Decimal("1.5")),
        ("+.5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("0." + "1" * 30, Decimal("0." + "1" * 30)),
        ("9" * 36, Decimal("9" * 36)),
        ("0e999999", ZERO),
        (-3, Decimal(-3)),
        (10**36 - 1, Decimal("9" * 36)),
        (Decimal("1.25"), Decimal("1.25")),
        (Tagged("1.25"), Decimal("1.25")),
    ],
)
def test_reads_what_the_value_spells(value: object, expected: Decimal) -> None:
    number = parse_decimal(value)
    assert number == expected
    assert type(number) is Decimal


@pytest.mark.parametrize("value", ["-0", "0", "-0.000", "0E-20", 0, Decimal("-0")])
def test_every_zero_is_the_plain_one(value: object) -> None:
    number = parse_decimal(value)
    assert str(number) == "0"


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", ".", "-", "1e", "--1", "1,5", "1 2", "0x10", "1_000", "1.0\x00", "abc", "½"),
        *("NaN", "sNaN", "-NaN123", "Infinity", "-inf"),
        *("\uff11\uff12", "\u0661", "\u2212" + "1"),  # full-width, Arabic-Indic, a real minus
        *("1e37", "1e-37", "9" * 37, "1e999999999999999999999", "1e-999999999", "0." + "0" * 99),
        *(10**36, -(10**36), 10**400),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e37"), Tagged("inf")),
        *(True, False, 1.5, float("nan"), None, b"1", [1], {"value": 1}),
    ],
)
def test_refuses_what_is_no_plain_amount(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|digits|finite"):
        parse_decimal(value)


@given(amounts)
def test_wire_text_says_the_same_number_without_exponent(amount: Decimal) -> None:
    text = plain(amount)
    assert parse_decimal(text) == amount
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


@given(amounts, amounts)
def test_a_product_of_two_amounts_is_exact(left: Decimal, right: Decimal) -> None:
    with_fractions = left.as_integer_ratio(), right.as_integer_ratio()
    (a, b), (c, d) = with_fractions
    assert (left * right).as_integer_ratio() == (Decimal(a * c) / Decimal(b * d)).as_integer_ratio()


def test_the_context_is_wide_in_other_threads_too() -> None:
    found: list[Decimal] = []
    one = Decimal(1)
    thread = threading.Thread(target=lambda: found.append(one / 3))
    thread.start()
    thread.join()
    assert len(found[0].as_tuple().digits) == PRECISION


@pytest.mark.parametrize(
    ("value", "text", "places", "digits"),
    [
        ("0", "0", 0, 1),
        ("-0", "0", 0, 1),
        ("100", "100", 0, 1),
        ("1E+3", "1000", 0, 1),
        ("1.500", "1.5", 1, 2),
        ("-0.00001152", "-0.00001152", 8, 4),
        ("64250.5", "64250.5", 1, 6),
        ("1E-18", "0.000000000000000001", 18, 1),
    ],
)
def test_counts_digits_as_written(value: str, text: str, places: int, digits: int) -> None:
    number = Decimal(value)
    assert plain(number) == text
    assert decimal_places(number) == places
    assert significant_digits(number) == digits


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.006510416666", 6, "0.006510"),
        ("-0.006510999", 6, "-0.006510"),
        ("1.999999999", 8, "1.99999999"),
        ("1", 2, "1.00"),
        ("1e72", 8, "1" + "0" * 72),  # more digits than the context has room for
    ],
)
def test_cuts_and_never_rounds(value: str, places: int, expected: str) -> None:
    assert truncate(Decimal(value), places) == Decimal(expected)


@given(amounts, st.integers(0, 18))
def test_cutting_moves_towards_zero_by_less_than_a_step(amount: Decimal, places: int) -> None:
    cut = truncate(amount, places)
    assert abs(cut) <= abs(amount)
    assert abs(amount - cut) < Decimal(1).scaleb(-places)
    assert decimal_places(cut) <= places
