"""A settlement goes from step to step until its end, and knows what it came to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import (
    STEPS,
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)

from .samples import CHANNEL, NOW, PEPE, later

FINAL = {
    SettlementState.COMPLETED,
    SettlementState.WITHDRAWN,
    SettlementState.FAILED,
    SettlementState.REJECTED,
}


def make_run(*pnls: str | None) -> SettlementRun:
    positions = tuple(
        SettledPosition(
            PEPE, Side.BUY, Decimal(1), Decimal(1), None, None if pnl is None else Decimal(pnl)
        )
        for pnl in pnls
    )
    return SettlementRun("s1", CHANNEL, (PEPE,), NOW, positions=positions)


def run_to(*states: SettlementState) -> SettlementRun:
    run = make_run()
    for number, state in enumerate(states):
        run = run.stepped(SettlementStep(state, later(number)))
    return run


@pytest.mark.parametrize("state", SettlementState)
def test_every_state_says_whether_it_is_the_end_and_of_what_kind(state: SettlementState) -> None:
    assert state.is_final is (state in FINAL)
    assert not (state.is_paid and state.came_to_nothing)
    assert state.is_final is (state.is_paid or state.came_to_nothing)


def test_what_goes_well_goes_through_every_step_but_the_bad_ends() -> None:
    assert set(SettlementState) - set(STEPS) == {
        SettlementState.FAILED,
        SettlementState.REJECTED,
        SettlementState.OTHER,
    }
    run = run_to(*STEPS)
    assert [step.state for step in run.steps] == list(STEPS)
    assert [step.at for step in run.steps] == [later(number) for number in range(len(STEPS))]


def test_before_the_venues_first_word_nothing_is_reached() -> None:
    run = make_run()
    assert (run.state, run.is_over, run.is_paid) == (None, False, False)


@pytest.mark.parametrize(
    ("states", "is_over", "is_paid"),
    [
        (STEPS[:1], False, False),
        (STEPS[:5], False, False),
        (STEPS[:6], True, True),
        (STEPS, True, True),
        ((SettlementState.PROPOSED, SettlementState.REJECTED), True, False),
        ((SettlementState.PREPARED, SettlementState.FAILED), True, False),
        # A word after the end does not take the end back.
        ((SettlementState.COMPLETED, SettlementState.OTHER), True, True),
    ],
)
def test_a_settlement_is_over_at_its_first_end(
    states: tuple[SettlementState, ...], is_over: bool, is_paid: bool
) -> None:
    run = run_to(*states)
    assert (run.state, run.is_over, run.is_paid) == (states[-1], is_over, is_paid)


def test_the_result_is_what_the_positions_came_to_as_far_as_they_were_valued() -> None:
    assert make_run("0.5", None, "-0.2").result == Decimal("0.3")
    assert make_run().result == 0
