"""Single wire values: exact or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import parse_decimal
from kayen_desktop.protocol.finex import values


@given(st.text(alphabet="0123456789.-+eE_ ٣²", max_size=45) | st.text())
def test_the_short_way_reads_like_the_careful_one(text: str) -> None:
    try:
        expected = parse_decimal(text) if text else Decimal(0)
    except ValueError:
        with pytest.raises(ValueError, match="number"):
            values.read_number(text)
    else:
        assert values.read_number(text) == expected
        assert str(values.read_number(text)) in (str(expected), "0")


@pytest.mark.parametrize(
    ("value", "number"),
    [("", 0), ("-0", 0), (5, 5), ("1e-8", Decimal("1E-8")), (Decimal("0.1"), Decimal("0.1"))],
)
def test_numbers(value: object, number: object) -> None:
    assert values.read_number(value) == number


@pytest.mark.parametrize("value", [None, True, [], 1.5, "NaN", "Infinity", "1e400", "1_000", "x"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|finite"):
        values.read_number(value)


def test_signs() -> None:
    assert values.read_unsigned("0") == 0
    for negative in ("-1", Decimal("-0.1"), -1):
        with pytest.raises(ValueError, match="negative"):
            values.read_unsigned(negative)
    assert values.read_positive("0.1") == Decimal("0.1")
    with pytest.raises(ValueError, match="not above zero"):
        values.read_positive("")


@pytest.mark.parametrize("value", [None, "", "0", 0, "0.000"])
def test_none_is_written_in_many_ways(value: object) -> None:
    assert values.read_optional(value) is None


def test_an_optional_number() -> None:
    assert values.read_optional("1.5") == Decimal("1.5")


def test_counts() -> None:
    assert [values.read_count(value) for value in (3, "3", Decimal("3.0"))] == [3, 3, 3]
    with pytest.raises(ValueError, match="negative"):
        values.read_count(-1)


@pytest.mark.parametrize(
    ("value", "text"), [(2**53 + 1, "9007199254740993"), (0, "0"), ("a-1", "a-1")]
)
def test_ids(value: object, text: str) -> None:
    assert values.read_id(value) == text


@pytest.mark.parametrize(
    "value", [True, -1, 10**31, None, "", "x" * 65, "a b", "é", "a\n", Decimal("1.0")]
)
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="an id"):
        values.read_id(value)


@pytest.mark.parametrize("value", ["error", values.NO_UUID])
def test_what_stands_for_no_uuid_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="no uuid"):
        values.read_uuid(value)


@pytest.mark.parametrize(
    "value",
    [
        1588678924,
        "1588678924",
        1588678924000,
        "1588678924000",
        Decimal("1588678924.0"),
        "2020-05-05T11:42:04Z",
        "2020-05-05T13:42:04+02:00",
    ],
)
def test_times(value: object) -> None:
    assert values.read_time(value) == datetime(2020, 5, 5, 11, 42, 4, tzinfo=UTC)


def test_parts_of_a_second_are_kept() -> None:
    assert values.read_time(1588678924349).microsecond == 349_000
    assert values.read_time(Decimal("1588678924.349")).microsecond == 349_000


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "missing"),
        (None, "not a decimal"),
        (True, "not a decimal"),
        ([], "not a decimal"),
        (-5, "before 1970"),
        ("-5", "before 1970"),
        (10**30, "beyond the calendar"),
        (10**200, "beyond the calendar"),
        ("2020-05-05T11:42:04", "no zone"),
        ("2020-99-05", "not RFC 3339"),
        ("1e-8", "not RFC 3339"),
        ("0001-01-01T00:00:00+05:00", "beyond the calendar"),
    ],
)
def test_what_is_no_time_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        values.read_time(value)
