"""A settlement on screen: its timeline, its figures, and the receipt at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.receipt import settled_result
from kayen_desktop.domain.settlement import (
    STEPS,
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui.formatting import (
    MINUS,
    NOTHING,
    format_amount,
    format_exact,
    format_money,
    format_signed_exact,
    format_time,
)
from kayen_desktop.ui.notices import channel_title
from kayen_desktop.ui.notices.closing import signed_result
from kayen_desktop.ui.notices.notice import quoted
from kayen_desktop.ui.notices.orders import held_text
from kayen_desktop.ui.notices.settling import (
    ASKED_ELSEWHERE,
    INFERRED,
    NOT_TOLD,
    WAITING_FOR_PAYOUT,
    chain_text,
    markets_text,
    method_text,
    settlement_meaning,
    settlement_state_text,
    settlement_step_text,
)

from .facts import Fact, Tone, tone_of
from .steps import Step, StepMark

_POSITIONS_SHOWN = 8


def run_steps(run: SettlementRun, now: datetime | None = None) -> tuple[Step, ...]:
    """Return the timeline of a settlement: what was reached, with its time, and what comes.

    Times have their date where ``now`` is another day. A state that was skipped is done all the
    same; nothing follows where the settlement has come to nothing.
    """
    lines: list[Step] = []
    ahead = 0  # the first of STEPS that has not been reached
    before: SettlementStep | None = None
    for step in run.steps:
        is_repeated = before is not None and _is_same(step, before)
        before = step
        if step.state in STEPS:
            reached = STEPS.index(step.state)
            if reached < ahead:
                continue  # told twice, or late
            lines += [_untold(state) for state in STEPS[ahead:reached]]
            ahead = reached + 1
        if not is_repeated:
            lines.append(_told(step, now))
    if run.is_over and not run.is_paid:
        return tuple(lines)
    is_odd = run.state is SettlementState.OTHER and not run.is_over
    if is_odd:
        lines[-1] = replace(lines[-1], mark=StepMark.CURRENT)
    for index, state in enumerate(STEPS[ahead:]):
        is_next = index == 0 and not is_odd and not run.is_over
        lines.append(_to_come(state, StepMark.CURRENT if is_next else StepMark.AHEAD))
    return tuple(lines)


def run_facts(run: SettlementRun, quote: str, now: datetime | None = None) -> tuple[Fact, ...]:
    """Return a settlement in figures: when, what, how it is paid, and what it comes to."""
    was_asked_here = run.method is not None
    asked = format_time(run.requested_at, now)
    facts = [Fact("Asked for" if was_asked_here else "First heard of", asked)]
    if not was_asked_here:
        facts.append(Fact("Who asked", ASKED_ELSEWHERE))
    if run.positions:
        facts += position_facts(_in_order(run), quote)
    else:
        facts.append(Fact("Markets", markets_text(run.markets)))
    if run.method is not None:
        facts.append(Fact("How it is paid", method_text(run.method)))
    if run.chain_id is not None:
        facts.append(Fact("Blockchain", chain_text(run.chain_id)))
    facts.append(_payout(run, quote))
    return tuple(facts)


def position_facts(positions: Sequence[SettledPosition], quote: str) -> list[Fact]:
    """Return a few positions with their results, and how many more there are."""
    facts = [
        Fact(position_label(each), result_text(each.pnl, quote), tone_of(each.pnl))
        for each in positions[:_POSITIONS_SHOWN]
    ]
    if (more := positions[_POSITIONS_SHOWN:]) and any(each.pnl is not None for each in more):
        rest = sum((each.pnl for each in more if each.pnl is not None), ZERO)
        facts.append(Fact(f"…and {len(more)} more", result_text(rest, quote), tone_of(rest)))
    elif more:
        facts.append(Fact(f"…and {len(more)} more", NOTHING))
    return facts


def position_label(position: SettledPosition) -> str:
    """Return what is held, as a label: "Bought 12 PEPE"."""
    return held_text(position.side, format_amount(position.amount), position.market)


def result_text(pnl: Decimal | None, quote: str) -> str:
    """Return a profit or loss for a list of figures; a dash where it is not known."""
    return NOTHING if pnl is None else signed_result(pnl, quote)


def payout_fact(result: Decimal, quote: str, *, is_estimate: bool) -> Fact:
    """Return what a settlement's result means for the wallet: money in, or money out."""
    way = "from" if result < ZERO else "to"
    tone = Tone.BAD if result < ZERO else Tone.STRONG
    label = f"{way.capitalize()} your wallet, about" if is_estimate else f"Paid {way} your wallet"
    return Fact(label, format_money(abs(result), quote), tone)


def settlement_receipt(run: SettlementRun, quote: str, balance: Decimal | None) -> tuple[Fact, ...]:
    """Return the lines of the receipt, every digit shown; ``balance`` is the account's now.

    What is paid is the results cut to six places, as money on the blockchain is; it goes to or
    from the wallet, and the margin account's balance is shown beside it.
    """
    facts = [
        Fact(
            position_label(each),
            NOTHING if each.pnl is None else format_signed_exact(each.pnl, quote),
            tone_of(each.pnl),
        )
        for each in _in_order(run)
    ]
    if not run.positions:
        facts.append(Fact("Markets", markets_text(run.markets)))
    else:
        facts.append(Fact("Result", format_signed_exact(run.result, quote), tone_of(run.result)))
        paid = settled_result((run,)) or ZERO
        to_or_from = "from" if paid < ZERO else "to"
        facts.append(
            Fact(
                f"Paid {to_or_from} your wallet",
                format_exact(abs(paid), quote),
                Tone.STRONG,
            )
        )
    if run.balance is not None:
        facts.append(Fact("Account balance before", format_exact(run.balance, quote)))
    if balance is not None:
        label = "Account balance now" if run.balance is None else "Account balance after"
        facts.append(Fact(label, format_exact(balance, quote)))
    return tuple(facts)


def settlement_receipt_text(
    run: SettlementRun, channel: Channel | None, facts: Sequence[Fact]
) -> str:
    """Return the receipt as plain text for the clipboard, with full identifiers and times."""
    title = "Margin account (channel)" if channel is None else channel_title(channel)
    lines = [
        f"Settlement of {', '.join(run.markets)}",
        title,
        f"Account (channel): {run.channel_id}",
        f"Settlement: {run.settlement_id}",
    ]
    if channel is not None and channel.broker is not None:
        lines.append(f"Broker's address: {channel.broker.address}")
    lines.append(f"Asked for: {run.requested_at.isoformat(timespec='seconds')}")
    if run.method is not None:
        lines.append(f"How it was paid: {method_text(run.method)}")
    if run.chain_id is not None:
        lines.append(f"Blockchain: {chain_text(run.chain_id)}")
    lines += [f"{fact.label}: {fact.value.replace(MINUS, '-')}" for fact in facts]
    lines += [_step_line(step) for step in run.steps]
    return "\n".join(lines)


def _in_order(run: SettlementRun) -> list[SettledPosition]:
    """Return the positions as their markets were asked for; each new value comes last."""
    places = {market: place for place, market in enumerate(run.markets)}
    return sorted(run.positions, key=lambda each: places.get(each.market, len(places)))


def _is_same(step: SettlementStep, other: SettlementStep) -> bool:
    return (step.state, step.state_text) == (other.state, other.state_text)


def _told(step: SettlementStep, now: datetime | None) -> Step:
    mark = StepMark.FAILED if step.state.came_to_nothing else StepMark.DONE
    parts = [f"{format_time(step.at, now)} ·", settlement_meaning(step.state)]
    if step.state is not SettlementState.OTHER and step.state_text.strip():
        parts.append(f"The reason given: {quoted(step.state_text)}.")
    if step.is_inferred:
        parts.append(INFERRED)
    return Step(settlement_step_text(step), mark, " ".join(parts))


def _untold(state: SettlementState) -> Step:
    return Step(settlement_state_text(state), StepMark.DONE, NOT_TOLD)


def _to_come(state: SettlementState, mark: StepMark) -> Step:
    meaning = settlement_meaning(state)
    if state is SettlementState.WITHDRAWN:
        meaning = f"{meaning} {WAITING_FOR_PAYOUT}"
    return Step(settlement_state_text(state), mark, meaning)


def _payout(run: SettlementRun, quote: str) -> Fact:
    if run.is_paid and run.positions:
        return payout_fact(run.result, quote, is_estimate=False)
    if run.is_over:
        return Fact("Paid", "Nothing" if not run.is_paid else NOTHING)
    if not run.positions:
        return Fact("Paid", NOTHING)
    return payout_fact(run.result, quote, is_estimate=True)


def _step_line(step: SettlementStep) -> str:
    name = step.state_text if step.state is SettlementState.OTHER else step.state.value
    inferred = " (found out later)" if step.is_inferred else ""
    return f"{step.at.isoformat(timespec='seconds')} {name or 'other'}{inferred}"
