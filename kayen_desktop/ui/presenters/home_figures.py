"""What going home brings back, position by position, before and while it goes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kayen_desktop.app.session import Session
from kayen_desktop.app.way_home import Way
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.receipt import settled_result
from kayen_desktop.ui.formatting import format_amount, format_exact, format_money
from kayen_desktop.ui.notices.closing import (
    BALANCE_UNKNOWN,
    LEG_UNKNOWN_RESULT,
    position_text,
    signed_result,
)
from kayen_desktop.ui.notices.going_home import more_positions_text

from .close_estimate import estimate_close
from .facts import Fact, Tone, account_quote, tone_of

_POSITIONS_NAMED = 6


def return_facts(
    session: Session, channel: Channel, positions: Sequence[Position], way: Way
) -> tuple[Fact, ...]:
    """Return what comes back: exact once nothing is held, about while positions move.

    ``positions`` are the account's open ones, which are ended this way.
    """
    balance = channel.own_balance
    if balance is None:
        return (Fact("You get back", BALANCE_UNKNOWN),)
    quote = account_quote(session.state)
    facts = [Fact("You deposited", format_exact(channel.margin_deposit, quote))]
    runs = session.state.settlements_of(channel.channel_id)
    if (paid := settled_result(runs)) is not None:
        facts.append(_result_fact("Settled already", paid, quote))
    if not positions:
        back = format_exact(balance, quote)
        return (*facts, Fact("You get back", back, Tone.STRONG))
    results = [_result(session, each, way) for each in positions]
    back_about = max(balance + sum((each or ZERO for each in results), ZERO), ZERO)
    if channel.broker_balance is not None:
        back_about = min(back_about, balance + channel.broker_balance)
    return (
        *facts,
        Fact("Balance now", format_money(balance, quote)),
        *_position_facts(session, positions, results, quote),
        Fact("You get back about", format_money(back_about, quote), Tone.STRONG),
    )


def _result(session: Session, position: Position, way: Way) -> Decimal | None:
    """Return about what ending the position comes to, the exchange's fee included."""
    if way is Way.SETTLE:
        return position.pnl
    estimate = estimate_close(session, position, position.amount)
    return position.pnl if estimate is None else estimate.result


def _position_facts(
    session: Session,
    positions: Sequence[Position],
    results: Sequence[Decimal | None],
    quote: str,
) -> tuple[Fact, ...]:
    """Return a line for each position; those beyond a few are summed up in one."""
    facts = []
    for position, result in zip(positions[:_POSITIONS_NAMED], results, strict=False):
        market = session.state.markets.get(position.market)
        label = position_text(position, format_amount(position.amount, market))
        facts.append(_result_fact(label, result, quote))
    others = results[_POSITIONS_NAMED:]
    if others:
        known = [each for each in others if each is not None]
        total = sum(known, ZERO) if len(known) == len(others) else None
        facts.append(_result_fact(more_positions_text(len(others)), total, quote))
    return tuple(facts)


def _result_fact(label: str, result: Decimal | None, quote: str) -> Fact:
    if result is None:
        return Fact(label, LEG_UNKNOWN_RESULT)
    return Fact(label, signed_result(result, quote), tone_of(result))
