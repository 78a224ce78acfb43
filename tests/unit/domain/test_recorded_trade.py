"""A trade made elsewhere is read exactly as typed, or refused with every reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import Problem, ProblemKind
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.recorded_trade import MAX_EXTERNAL_ID, TradeDraft, check_trade

from .samples import MARKET, NOW, PEPE, later

DRAFT = TradeDraft("T-1", PEPE, Side.BUY, "100.5", "0.00001152", "2024-06-22 11:00:30")
ALL_TEXTS = ("external_id", "amount", "price", "executed_at")


def to_utc(local: datetime) -> datetime:
    """Read a time without a zone as one of two hours east of Greenwich."""
    return local.replace(tzinfo=timezone(timedelta(hours=2))).astimezone(UTC)


def typed(draft: TradeDraft, name: str, text: str) -> TradeDraft:
    """Return the draft with another text in the field."""
    changes: dict[str, Any] = {name: text}
    return replace(draft, **changes)


def check(draft: TradeDraft, known: str = "") -> Fill | tuple[Problem, ...]:
    return check_trade(draft, MARKET, NOW, to_utc, lambda external_id: external_id == known)


def test_a_good_draft_is_a_fill_to_the_last_digit() -> None:
    assert check(DRAFT) == Fill(
        "T-1",
        PEPE,
        "",
        Side.BUY,
        Decimal("0.00001152"),
        Decimal("100.5"),
        Decimal("0.00115776"),
        ZERO,
        "usd",
        datetime(2024, 6, 22, 9, 0, 30, tzinfo=UTC),
    )


def test_spaces_around_what_is_typed_mean_nothing() -> None:
    spaced = DRAFT
    for name in ALL_TEXTS:
        spaced = typed(spaced, name, f"  {getattr(DRAFT, name)} ")
    assert check(spaced) == check(DRAFT)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-22", datetime(2024, 6, 21, 22, tzinfo=UTC)),
        ("2024-06-22 13:05", datetime(2024, 6, 22, 11, 5, tzinfo=UTC)),
        ("2024-06-22T11:05:00Z", datetime(2024, 6, 22, 11, 5, tzinfo=UTC)),
        ("2024-06-22 06:05-05:00", datetime(2024, 6, 22, 11, 5, tzinfo=UTC)),
        ("2024-06-22 14:00", NOW),
    ],
)
def test_a_time_is_local_unless_it_names_its_zone(text: str, moment: datetime) -> None:
    fill = check(replace(DRAFT, executed_at=text))
    assert isinstance(fill, Fill)
    assert fill.executed_at == moment


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("external_id", " ", Problem(ProblemKind.EXTERNAL_ID_MISSING)),
        ("external_id", "a\x00b", Problem(ProblemKind.EXTERNAL_ID_MISSING)),
        ("external_id", "x" * 65, Problem(ProblemKind.EXTERNAL_ID_TOO_LONG, "64")),
        ("external_id", "known", Problem(ProblemKind.EXTERNAL_ID_KNOWN, "known")),
        ("amount", "", Problem(ProblemKind.AMOUNT_MISSING)),
        ("amount", "1,5", Problem(ProblemKind.AMOUNT_NOT_A_NUMBER)),
        ("amount", "NaN", Problem(ProblemKind.AMOUNT_NOT_A_NUMBER)),
        ("amount", "0", Problem(ProblemKind.AMOUNT_NOT_POSITIVE)),
        ("amount", "-1", Problem(ProblemKind.AMOUNT_NOT_POSITIVE)),
        ("amount", "0.000000001", Problem(ProblemKind.AMOUNT_TOO_PRECISE, "8")),
        ("price", "", Problem(ProblemKind.PRICE_MISSING)),
        ("price", "cheap", Problem(ProblemKind.PRICE_NOT_A_NUMBER)),
        ("price", "0", Problem(ProblemKind.PRICE_NOT_POSITIVE)),
        ("price", "1e-19", Problem(ProblemKind.PRICE_TOO_PRECISE, "18")),
        ("executed_at", "", Problem(ProblemKind.TIME_NOT_A_TIME)),
        ("executed_at", "yesterday", Problem(ProblemKind.TIME_NOT_A_TIME)),
        ("executed_at", "1969-12-31 12:00", Problem(ProblemKind.TIME_NOT_A_TIME)),
        ("executed_at", "0001-01-01 00:00", Problem(ProblemKind.TIME_NOT_A_TIME)),
        ("executed_at", "9999-12-31 23:00-10:00", Problem(ProblemKind.TIME_NOT_A_TIME)),
        ("executed_at", "2024-06-22 14:00:01", Problem(ProblemKind.TIME_IN_FUTURE)),
    ],
)
def test_what_is_wrong_is_named(name: str, text: str, problem: Problem) -> None:
    assert check(typed(DRAFT, name, text), known="known") == (problem,)


def test_an_id_may_be_as_long_as_is_said() -> None:
    assert isinstance(check(replace(DRAFT, external_id="x" * MAX_EXTERNAL_ID)), Fill)


def test_every_problem_is_told_at_once() -> None:
    draft = TradeDraft("", "", Side.SELL, "", "", "")
    problems = check_trade(draft, None, NOW, to_utc, lambda external_id: False)
    assert isinstance(problems, tuple)
    assert [problem.kind for problem in problems] == [
        ProblemKind.EXTERNAL_ID_MISSING,
        ProblemKind.NO_MARKET,
        ProblemKind.AMOUNT_MISSING,
        ProblemKind.PRICE_MISSING,
        ProblemKind.TIME_NOT_A_TIME,
    ]


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=40))
def test_whatever_is_typed_is_a_fill_or_a_list_of_problems(
    external_id: str, amount: str, price: str, executed_at: str
) -> None:
    outcome = check(TradeDraft(external_id, PEPE, Side.SELL, amount, price, executed_at))
    if isinstance(outcome, Fill):
        assert outcome.amount > ZERO
        assert outcome.price > ZERO
        assert outcome.executed_at <= later(0)
    else:
        assert outcome
