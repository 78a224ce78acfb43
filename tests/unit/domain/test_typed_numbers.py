"""A typed number is read exactly, or one problem says what is wrong with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.errors import Problem, ProblemKind
from kayen_desktop.domain.typed_numbers import (
    AMOUNT,
    DEPOSIT,
    PRICE,
    TRIGGER,
    TypedNumber,
    read_number,
)

NUMBERS = [AMOUNT, DEPOSIT, PRICE, TRIGGER]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "missing"),
        (" \t", "missing"),
        ("a lot", "not_a_number"),
        ("1,5", "not_a_number"),
        ("0", "not_positive"),
        ("-0.5", "not_positive"),
        ("0.0000001", "too_precise"),
    ],
)
def test_each_mistake_has_a_problem_of_its_own(number: TypedNumber, text: str, kind: str) -> None:
    problems: list[Problem] = []
    assert read_number(text, number, 6, problems) is None
    assert [each.kind for each in problems] == [getattr(number, kind)]


def test_what_is_too_precise_is_told_how_many_digits_are_taken() -> None:
    problems: list[Problem] = []
    read_number("0.0000001", DEPOSIT, 6, problems)
    assert problems == [Problem(ProblemKind.DEPOSIT_TOO_PRECISE, "6")]


@given(value=st.decimals("0.00000001", "1000000000", places=8))
def test_what_is_right_is_read_to_its_last_digit(value: Decimal) -> None:
    problems: list[Problem] = []
    assert value > ZERO
    assert read_number(f" {plain(value)}\u00a0", AMOUNT, 8, problems) == value
    assert problems == []
