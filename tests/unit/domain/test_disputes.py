"""A dispute is known by the account's states alone, and so is how it ended."""

from __future__ import annotations

import pytest

from kayen_desktop.domain.channels import ChannelState, ClearingState, is_disputed
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome, last_dispute
from kayen_desktop.domain.lifecycle import ChannelStep, Jump

from .samples import later

S, C, Out = ChannelState, ClearingState, DisputeOutcome


def life(*states: tuple[ChannelState, ClearingState | None]) -> list[ChannelStep]:
    return [
        ChannelStep(later(number), state, clearing, Jump.NEXT)
        for number, (state, clearing) in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("state", "clearing", "expected"),
    [
        (S.CHALLENGING, None, True),
        (S.CHALLENGING, C.OPERATIONAL, True),
        (S.OPEN, C.CHALLENGE_REGISTERED, True),
        (S.OPENING, C.PRE_OP_CHALLENGING, True),
        (S.OPEN, C.OPERATIONAL, False),
        (S.OTHER, C.OTHER, False),
        (S.OPEN, None, False),
    ],
)
def test_either_vocabulary_tells_of_a_dispute(
    state: ChannelState, clearing: ClearingState | None, *, expected: bool
) -> None:
    assert is_disputed(state, clearing) is expected


def test_a_life_without_a_dispute_has_none() -> None:
    assert last_dispute(life((S.OPENING, C.ACCEPTED), (S.OPEN, C.OPERATIONAL))) is None
    assert last_dispute([]) is None


def test_a_running_dispute_began_with_its_first_state() -> None:
    steps = life(
        (S.OPEN, C.OPERATIONAL),
        (S.CHALLENGING, C.CHALLENGING),
        (S.CHALLENGING, C.CHALLENGE_REGISTERED),
    )
    assert last_dispute(steps) == Dispute(later(1))


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ((S.OPEN, C.OPERATIONAL), Out.CLEARED),
        ((S.SETTLING, C.ACTIVE_SETTLEMENT), Out.CLEARED),
        ((S.OPEN, None), Out.CLEARED),
        ((S.OPEN, C.OTHER), Out.CLEARED),
        ((S.CLOSING, C.WITHDRAWING), Out.FINISHED),
        ((S.OPEN, C.WITHDRAWING), Out.FINISHED),
        ((S.CLOSED, C.FINALIZED), Out.FINISHED),
        ((S.CLOSED, None), Out.FINISHED),
        ((S.OTHER, None), Out.FINISHED),
    ],
)
def test_the_next_state_says_how_it_ended(
    after: tuple[ChannelState, ClearingState | None], outcome: DisputeOutcome
) -> None:
    steps = life((S.CHALLENGING, C.CHALLENGING), after, (S.CLOSED, C.FINALIZED))
    assert last_dispute(steps) == Dispute(later(0), outcome, later(1))


def test_a_dispute_before_trading_is_told_apart() -> None:
    steps = life((S.CHALLENGING, None), (S.CHALLENGING, C.PRE_OP_CHALLENGE_REGISTERED))
    assert last_dispute(steps) == Dispute(later(0), is_early=True)


def test_the_newest_of_several_counts() -> None:
    steps = life(
        (S.CHALLENGING, C.CHALLENGING), (S.OPEN, C.OPERATIONAL), (S.CHALLENGING, C.CHALLENGING)
    )
    assert last_dispute(steps) == Dispute(later(2))
