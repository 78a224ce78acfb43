"""Which state may follow which, against the machine of protocols.md §1.5."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
from kayen_desktop.domain.lifecycle import (
    NEXT_CLEARING,
    NEXT_OUTER,
    ChannelStep,
    Jump,
    judge_step,
)

from .samples import CHANNEL, NOW

C, S = ClearingState, ChannelState
WAYS = {
    "a life without trouble": (
        C.DEFAULT,
        C.INSTANTIATING,
        C.ACCEPTED,
        C.INITIATOR_FUNDED,
        C.FUNDED,
        C.OPERATIONAL,
        C.FINALIZING,
        C.CONCLUDING,
        C.FINALIZED,
    ),
    "a margin call": (C.OPERATIONAL, C.PROCESSING_MARGIN_CALL, C.OPERATIONAL),
    "a settlement": (
        C.OPERATIONAL,
        C.ACTIVE_SETTLEMENT,
        C.PROCESSING_POST_SETTLEMENT_MARGIN,
        C.OPERATIONAL,
    ),
    "a dispute that is answered": (
        C.OPERATIONAL,
        C.CHALLENGING,
        C.PENDING_CHALLENGE_REGISTERED,
        C.CHALLENGE_REGISTERED,
        C.OPERATIONAL,
    ),
    "a dispute that runs out": (C.CHALLENGE_REGISTERED, C.WITHDRAWING, C.FINALIZED),
    "a broker that never pays in": (
        C.INITIATOR_FUNDED,
        C.PRE_OP_CHALLENGING,
        C.PENDING_PRE_OP_CHALLENGE_REGISTERED,
        C.PRE_OP_CHALLENGE_REGISTERED,
        C.WITHDRAWING,
    ),
    "a broker that pays in late": (C.PRE_OP_CHALLENGE_REGISTERED, C.OPERATIONAL),
    "no answer before the deposit": (C.INSTANTIATING, C.FAILED),
    "concluding that times out": (C.CONCLUDING, C.WITHDRAWING, C.FINALIZED),
}


def stand(state: ChannelState, clearing_state: ClearingState | None = None) -> Channel:
    return Channel(CHANNEL, state, clearing_state)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_way_of_the_machine_is_in_the_table(way: tuple[ClearingState, ...]) -> None:
    for before, after in pairwise(way):
        assert judge_step(stand(S.OPEN, before), stand(S.OPEN, after)) is Jump.NEXT


def test_the_tables_know_every_state_but_the_unknown_one() -> None:
    assert set(NEXT_CLEARING) == set(ClearingState) - {C.OTHER}
    assert set(NEXT_OUTER) == set(ChannelState) - {S.OTHER}
    assert {state for after in NEXT_CLEARING.values() for state in after} <= set(NEXT_CLEARING)
    assert {state for after in NEXT_OUTER.values() for state in after} <= set(NEXT_OUTER)


@pytest.mark.parametrize("over", [C.FINALIZED, C.FAILED])
@pytest.mark.parametrize("after", set(C) - {C.OTHER, C.FINALIZED, C.FAILED})
def test_nothing_follows_the_end(over: ClearingState, after: ClearingState) -> None:
    assert judge_step(stand(S.OPEN, over), stand(S.OPEN, after)) is Jump.ILLEGAL


@pytest.mark.parametrize(
    ("before", "after", "jump"),
    [
        # The walkthrough's own account: the words in between are not told.
        (C.FUNDED, C.FINALIZING, Jump.SKIPPED),
        (C.DEFAULT, C.FINALIZED, Jump.SKIPPED),
        (C.ACTIVE_SETTLEMENT, C.OPERATIONAL, Jump.SKIPPED),
        (C.OPERATIONAL, C.FUNDED, Jump.ILLEGAL),
        (C.WITHDRAWING, C.OPERATIONAL, Jump.ILLEGAL),
        (C.OPERATIONAL, C.FAILED, Jump.ILLEGAL),
        (C.INITIATOR_FUNDED, C.FAILED, Jump.ILLEGAL),
        (C.OTHER, C.OPERATIONAL, Jump.NEXT),
        (C.FINALIZED, C.OTHER, Jump.NEXT),
    ],
)
def test_clearing_states_follow_skip_or_jump(
    before: ClearingState, after: ClearingState, jump: Jump
) -> None:
    assert judge_step(stand(S.OPEN, before), stand(S.OPEN, after)) is jump


@pytest.mark.parametrize(
    ("before", "after", "jump"),
    [
        (S.OPENING, S.OPEN, Jump.NEXT),
        (S.OPEN, S.SETTLING, Jump.NEXT),
        (S.SETTLING, S.OPEN, Jump.NEXT),
        (S.OPEN, S.CLOSING, Jump.NEXT),
        (S.CLOSING, S.CLOSED, Jump.NEXT),
        (S.OPEN, S.OPEN, Jump.SAME),
        (S.OPENING, S.CLOSING, Jump.SKIPPED),
        (S.SETTLING, S.CLOSED, Jump.SKIPPED),
        (S.CLOSED, S.OPEN, Jump.ILLEGAL),
        (S.OPEN, S.OPENING, Jump.ILLEGAL),
        (S.OTHER, S.OPENING, Jump.NEXT),
    ],
)
@pytest.mark.parametrize("inner", [None, C.OPERATIONAL])
def test_the_outer_states_decide_where_the_inner_one_is_not_told_or_stays(
    before: ChannelState, after: ChannelState, jump: Jump, inner: ClearingState | None
) -> None:
    assert judge_step(stand(before, inner), stand(after, inner)) is jump


def test_a_missing_inner_state_leaves_the_judgement_to_the_outer_ones() -> None:
    assert judge_step(stand(S.OPEN, C.FINALIZED), stand(S.CLOSED)) is Jump.NEXT
    assert judge_step(stand(S.CLOSED), stand(S.OPEN, C.OPERATIONAL)) is Jump.ILLEGAL


def test_the_inner_state_decides_where_both_have_changed() -> None:
    before, after = stand(S.CLOSED, C.FINALIZING), stand(S.OPEN, C.CONCLUDING)
    assert judge_step(before, after) is Jump.NEXT


def test_a_step_that_was_kept_is_judged_like_an_account() -> None:
    kept = ChannelStep(NOW, S.OPEN, C.OPERATIONAL, Jump.NEXT)
    assert judge_step(kept, stand(S.OPEN, C.FINALIZING)) is Jump.NEXT
    assert judge_step(kept, stand(S.OPEN, C.OPERATIONAL)) is Jump.SAME


states = st.sampled_from(ClearingState)


@given(states, states, states)
def test_what_can_be_reached_in_two_steps_is_never_a_jump(
    first: ClearingState, second: ClearingState, third: ClearingState
) -> None:
    if C.OTHER in (first, second, third):
        return
    jumps = [
        judge_step(stand(S.OPEN, before), stand(S.OPEN, after))
        for before, after in ((first, second), (second, third))
    ]
    if Jump.ILLEGAL not in jumps:
        whole = judge_step(stand(S.OPEN, first), stand(S.OPEN, third))
        assert whole is not Jump.ILLEGAL
