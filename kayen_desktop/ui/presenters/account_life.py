"""The life of a margin account as a timeline, and the dispute over it where there was one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState, is_disputed
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome, last_dispute
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.ui.formatting import format_duration, format_exact, format_time
from kayen_desktop.ui.notices import clearing_step_text
from kayen_desktop.ui.notices.account import (
    dispute_answers,
    dispute_words,
    earlier_text,
    jump_text,
    life_text,
)

from .facts import Fact, Tone
from .steps import CLOSING, OPENING, Step, StepMark

# An account that was in and out of margin calls for days has a longer life than anybody reads.
STEPS_SHOWN = 40
_CHALLENGE = (
    ClearingState.CHALLENGING,
    ClearingState.PENDING_CHALLENGE_REGISTERED,
    ClearingState.CHALLENGE_REGISTERED,
)
_EARLY_CHALLENGE = (
    ClearingState.PRE_OP_CHALLENGING,
    ClearingState.PENDING_PRE_OP_CHALLENGE_REGISTERED,
    ClearingState.PRE_OP_CHALLENGE_REGISTERED,
)
_PAYING_OUT = (ClearingState.WITHDRAWING, ClearingState.FINALIZED)


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """What to know of a dispute: what it is, its clock, and what to do."""

    title: str
    explanation: str
    facts: tuple[Fact, ...]
    is_running: bool


def life_steps(channel: Channel, steps: Sequence[ChannelStep], now: datetime) -> tuple[Step, ...]:
    """Return what the account went through, oldest first, and what is still to come."""
    steps = _without_repeats(steps)
    shown = steps[-STEPS_SHOWN:]
    lines: list[Step] = []
    if len(steps) > len(shown):
        lines.append(Step(earlier_text(len(steps) - len(shown)), StepMark.DONE))
    for index, step in enumerate(shown):
        is_last = index == len(shown) - 1
        detail = " · ".join(
            part for part in (format_time(step.at, now), jump_text(step.jump)) if part
        )
        lines.append(Step(life_text(step), _mark(channel, step, is_last=is_last), detail))
    lines += [Step(clearing_step_text(state), StepMark.AHEAD) for state in _to_come(channel)]
    return tuple(lines)


def dispute_card(
    channel: Channel, steps: Sequence[ChannelStep], now: datetime, quote: str
) -> DisputeCard | None:
    """Return the newest dispute over the account, with its clock; None where there was none."""
    dispute = last_dispute(steps)
    if dispute is None:
        return None
    title, explanation = dispute_words(dispute)
    facts = _clock(dispute, now)
    is_running = dispute.outcome is DisputeOutcome.RUNNING
    if channel.own_balance is not None:
        balance = format_exact(channel.own_balance, quote)
        facts.append(Fact("Last agreed balance", balance, Tone.STRONG))
    if is_running:
        facts += [Fact(*pair) for pair in dispute_answers(dispute)]
    return DisputeCard(title, explanation, tuple(facts), is_running)


def _without_repeats(steps: Sequence[ChannelStep]) -> list[ChannelStep]:
    """Leave out what each start of the application hears anew though nothing has happened."""
    kept: list[ChannelStep] = []
    for step in steps:
        key = (step.state, step.clearing_state, step.state_text)
        last = kept[-1] if kept else None
        if last is None or key != (last.state, last.clearing_state, last.state_text):
            kept.append(step)
    return kept


def _clock(dispute: Dispute, now: datetime) -> list[Fact]:
    began = format_time(dispute.began_at, now)
    if dispute.ended_at is None:
        length = format_duration(now - dispute.began_at)
        return [Fact("Running since", f"{began}, for {length}, by this computer's clock")]
    length = format_duration(dispute.ended_at - dispute.began_at)
    return [
        Fact("Began", began),
        Fact("Ended", f"{format_time(dispute.ended_at, now)}, after {length}"),
    ]


def _mark(channel: Channel, step: ChannelStep, *, is_last: bool) -> StepMark:
    if step.clearing_state is ClearingState.FAILED:
        return StepMark.FAILED
    is_going_on = (
        channel.is_opening
        or channel.is_closing
        or channel.state is ChannelState.SETTLING
        or is_disputed(channel.state, channel.clearing_state)
    )
    is_current = is_last and is_going_on and not channel.is_closed
    return StepMark.CURRENT if is_current else StepMark.DONE


def _to_come(channel: Channel) -> tuple[ClearingState, ...]:
    """Return the steps that follow if all goes well; none where the account simply works."""
    state = channel.clearing_state
    if channel.is_closed:
        return ()
    way: tuple[ClearingState, ...]
    way = OPENING if channel.is_opening else CLOSING if channel.is_closing else ()
    for each in (_CHALLENGE, _EARLY_CHALLENGE, _PAYING_OUT, way):
        if state in each:
            return each[each.index(state) + 1 :]
    # An account that tells only its outer state goes to the same end by steps that we don't hear.
    return way if state is ClearingState.DEFAULT else way[-1:]
