"""The margin account that is remembered is always the one that would be put together now."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.events import Event
from kayen_desktop.domain.margin import (
    MarginAccount,
    MarginBalance,
    MarginReading,
    MarginRules,
    account_of,
    measure,
)
from kayen_desktop.domain.positions import PositionStatus
from tests.unit.domain.samples import CHANNEL, NOW, make_channel, make_position

OTHER = "0xother"


def test_an_account_is_put_together_once_and_holdings_once_a_word() -> None:
    state = _state()
    first = _account(state)
    assert _account(state) is first
    _tell(state, events.PositionUpdated(make_position("p2", market="BTC/USD", pnl="-3")))
    then = _account(state)
    assert then.holdings[0] is first.holdings[0]
    assert (first.pnl, then.pnl) == (Decimal(-2), Decimal(-4))


def test_a_position_that_is_gone_is_not_remembered_when_it_comes_back() -> None:
    state = _state()
    _account(state)
    _tell(state, events.PositionsListed(CHANNEL, ()))
    assert _account(state).holdings == ()
    _tell(state, events.PositionUpdated(make_position(pnl="-5")))
    assert _account(state).pnl == Decimal(-5)


def test_with_the_account_its_margin_is_over() -> None:
    state = _state()
    _account(state)
    _tell(state, events.ChannelClosed(CHANNEL))
    assert state.margin_account is None
    assert state.margin_figures is None


@pytest.mark.parametrize("seed", range(20))
def test_after_any_events_it_is_the_account_of_now(seed: int) -> None:
    random, state = Random(seed), AppState()
    for turn in range(150):
        _tell(state, _some_event(random, turn))
        if random.random() < 0.6:  # whether it is asked for must not matter either
            _assert_of_now(state)
    _assert_of_now(state)


def _assert_of_now(state: AppState) -> None:
    channel = state.channel
    fresh = channel and account_of(channel, state.positions.values(), state.margin)
    assert state.margin_account == fresh
    assert state.margin_figures == (fresh and measure(fresh, state.margin_rules))


def _some_event(random: Random, turn: int) -> Event:
    channel_id = random.choice((CHANNEL, CHANNEL, OTHER))
    position = make_position(
        f"p{random.randrange(6)}",
        channel_id=channel_id,
        pnl=random.choice(("-2", "-1", "0.5", None)),
        market=random.choice(("PEPE/USD", "BTC/USD")),
        status=random.choice((*PositionStatus, PositionStatus.OPEN, PositionStatus.OPEN)),
    )
    balance = Decimal(random.randrange(100))
    rules = MarginRules(random.choice(tuple(MarginReading)))
    state = ChannelState.OPEN if random.random() < 0.9 else ChannelState.CLOSED
    choices: tuple[Event, ...] = (
        events.PositionUpdated(position),
        events.PositionUpdated(position),
        events.PositionsListed(channel_id, (position,)),
        events.MarginUpdated(MarginBalance(balance, Decimal(0), balance, Decimal(10))),
        events.ChannelUpdated(
            make_channel(
                f"{channel_id}{turn // 40}",
                state,
                turn_num=turn,
                balance=random.choice(("1", "0.5", None)),
            )
        ),
        events.ChannelUpdated(make_channel(channel_id, turn_num=turn)),
        events.ChannelClosed(f"{channel_id}{turn // 40}"),
        events.MarginRulesChosen(rules),
        events.ChannelRecalled(channel_id, ()),
    )
    return random.choice(choices)


def _state() -> AppState:
    state = AppState()
    _tell(state, events.ChannelUpdated(make_channel()))
    _tell(state, events.PositionUpdated(make_position("p1")))
    _tell(state, events.PositionUpdated(make_position("p2", market="BTC/USD")))
    return state


def _tell(state: AppState, event: Event) -> None:
    state.apply(event, NOW)


def _account(state: AppState) -> MarginAccount:
    account = state.margin_account
    assert account is not None
    return account
