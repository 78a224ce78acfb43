"""Margin accounts are opened and closed once, and never on a guess."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

import pytest

from kayen_desktop.app.channels import Channels
from kayen_desktop.app.gate import Act
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelUpdated,
    LinkChanged,
    LinkState,
    PositionUpdated,
    SecurityAlarmRaised,
)
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.positions import PositionStatus
from tests.unit.domain.samples import BROKER, CHANNEL, make_channel, make_position

from .conftest import Desk, quiet
from .fake_venue import CLEARING
from .gates import FakeAsker, Guard

ONE = Decimal(1)


@pytest.fixture
def channels(desk: Desk) -> Channels:
    desk.tell(LinkChanged(CLEARING, LinkState.READY))
    return Channels(desk.venue, desk.state, desk.ledger)


async def refusal(work: Awaitable[object]) -> Problem:
    with pytest.raises(TicketError) as refused:
        await work
    (problem,) = refused.value.problems
    return problem


def test_the_brokers_are_the_venues(channels: Channels) -> None:
    assert channels.brokers == (BROKER,)


def test_a_deposit_is_checked_against_the_packages(channels: Channels) -> None:
    assert channels.check_deposit(BROKER, "1") == ONE
    refused = Problem(ProblemKind.DEPOSIT_OUT_OF_RANGE, "1 to 30")
    assert channels.check_deposit(BROKER, "0.5") == refused


async def test_an_account_is_opened(desk: Desk, channels: Channels) -> None:
    assert await channels.open(BROKER, ONE) == "0xnew"
    assert desk.venue.asked("open_channel") == [(BROKER.address, "1")]
    assert desk.outcomes() == {"i1": IntentOutcome.CONFIRMED}


async def test_no_account_is_opened_without_a_connection_or_under_an_alarm(
    desk: Desk, channels: Channels
) -> None:
    desk.tell(LinkChanged(CLEARING, LinkState.RETRYING))
    assert await refusal(channels.open(BROKER, ONE)) == Problem(
        ProblemKind.NOT_CONNECTED, unit=CLEARING
    )
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.NOT_CONNECTED
    desk.tell(SecurityAlarmRaised("Two signers."))
    assert (await refusal(channels.open(BROKER, ONE))).kind is ProblemKind.TRADING_STOPPED
    assert desk.venue.calls == []


@pytest.mark.parametrize("deposit", ["0", "-1"])
async def test_a_deposit_of_nothing_is_not_sent(
    desk: Desk, channels: Channels, deposit: str
) -> None:
    refused = await refusal(channels.open(BROKER, Decimal(deposit)))
    assert refused.kind is ProblemKind.DEPOSIT_NOT_POSITIVE
    assert desk.venue.calls == []


async def test_a_deposit_that_no_package_takes_is_not_sent(desk: Desk, channels: Channels) -> None:
    problem = await refusal(channels.open(BROKER, Decimal(31)))
    assert problem.kind is ProblemKind.DEPOSIT_OUT_OF_RANGE
    assert desk.venue.calls == []


async def test_one_account_at_a_time(desk: Desk, channels: Channels) -> None:
    desk.tell(ChannelUpdated(make_channel(clearing_state=ClearingState.CONCLUDING)))
    assert (await refusal(channels.open(BROKER, ONE))).kind is ProblemKind.CHANNEL_ALREADY_OPEN
    desk.tell(ChannelUpdated(make_channel(state=ChannelState.CLOSED)))
    await channels.open(BROKER, ONE)


async def test_a_second_opening_waits_for_the_first_whatever_its_deposit(
    desk: Desk, channels: Channels
) -> None:
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["open_channel"].append(answer)
    task = asyncio.create_task(channels.open(BROKER, ONE))
    await quiet()
    assert (await refusal(channels.open(BROKER, Decimal(2)))).kind is ProblemKind.ALREADY_SENDING
    answer.set_exception(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await task
    assert (await refusal(channels.open(BROKER, Decimal(2)))).kind is ProblemKind.ALREADY_SENDING
    desk.ledger.match_announced(desk.ledger.waiting, {})
    await channels.open(BROKER, Decimal(2))
    assert desk.venue.asked("open_channel") == [(BROKER.address, "1"), (BROKER.address, "2")]


async def test_a_rejected_opening_may_be_tried_again(desk: Desk, channels: Channels) -> None:
    desk.venue.replies["open_channel"].append(VenueRejectionError("deposit too small"))
    with pytest.raises(VenueRejectionError):
        await channels.open(BROKER, ONE)
    await channels.open(BROKER, ONE)


async def test_an_account_is_closed(desk: Desk, channels: Channels) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    await channels.close(CHANNEL)
    assert desk.venue.asked("close_channel") == [(CHANNEL,)]
    assert desk.state.intents["i1"].venue_id == CHANNEL


async def test_an_account_that_is_not_there_is_not_closed(desk: Desk, channels: Channels) -> None:
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.NO_CHANNEL
    desk.tell(ChannelUpdated(make_channel(state=ChannelState.CLOSED)))
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.NO_CHANNEL
    assert desk.venue.calls == []


async def test_open_positions_are_closed_first(desk: Desk, channels: Channels) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    desk.tell(PositionUpdated(make_position("b", channel_id="0xother")))
    desk.tell(PositionUpdated(make_position("a")))
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.POSITIONS_OPEN
    desk.tell(PositionUpdated(make_position("a", amount="0")))
    await channels.close(CHANNEL)


async def test_what_is_being_settled_is_paid_first(desk: Desk, channels: Channels) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    desk.tell(PositionUpdated(make_position("a", status=PositionStatus.IN_SETTLEMENT)))
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.SETTLEMENT_UNDER_WAY
    desk.tell(PositionUpdated(make_position("a", status=PositionStatus.SETTLED)))
    settling = make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT)
    desk.tell(ChannelUpdated(settling))
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.SETTLEMENT_UNDER_WAY
    assert desk.venue.calls == []
    desk.tell(ChannelUpdated(make_channel()))
    await channels.close(CHANNEL)


async def test_an_account_is_closed_once(desk: Desk, channels: Channels) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    desk.venue.replies["close_channel"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await channels.close(CHANNEL)
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.ALREADY_SENDING
    desk.tell(ChannelUpdated(make_channel(clearing_state=ClearingState.FINALIZING)))
    desk.ledger.match_channel(desk.state.channels[CHANNEL])
    assert desk.outcomes() == {"i1": IntentOutcome.CONFIRMED}
    assert (await refusal(channels.close(CHANNEL))).kind is ProblemKind.ALREADY_SENDING
    assert len(desk.venue.calls) == 1


# The passphrase first


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def guarded(desk: Desk, guard: Guard) -> Channels:
    desk.tell(LinkChanged(CLEARING, LinkState.READY))
    return Channels(desk.venue, desk.state, desk.ledger, guard.gate)


async def test_without_a_passphrase_nothing_is_asked(channels: Channels) -> None:
    assert not channels.asks_first


async def test_opening_and_closing_are_confirmed_before_they_are_written_down(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    assert guarded.asks_first
    seen: list[tuple[int, int]] = []
    guard.asker.before_answer = lambda: seen.append((len(desk.on_disk()), len(desk.venue.calls)))
    await guarded.open(BROKER, ONE)
    desk.tell(ChannelUpdated(make_channel()))
    await guarded.close(CHANNEL)
    assert guard.asker.asked == [Act.OPEN_ACCOUNT, Act.CLOSE_ACCOUNT]
    assert seen == [(0, 0), (0, 1)]
    assert len(desk.venue.calls) == 2


async def test_who_does_not_confirm_has_sent_and_written_nothing(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    guard.asker.types = None
    with pytest.raises(NotAuthorizedError):
        await guarded.open(BROKER, ONE)
    desk.tell(ChannelUpdated(make_channel()))
    with pytest.raises(NotAuthorizedError):
        await guarded.close(CHANNEL)
    assert desk.venue.calls == []
    assert desk.state.intents == {}


async def test_what_can_not_be_done_is_said_before_the_passphrase_is_asked(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    desk.tell(LinkChanged(CLEARING, LinkState.RETRYING))
    assert (await refusal(guarded.open(BROKER, ONE))).kind is ProblemKind.NOT_CONNECTED
    assert (await refusal(guarded.close(CHANNEL))).kind is ProblemKind.NOT_CONNECTED
    assert guard.asker.asked == []


async def test_what_changed_while_the_question_stood_is_seen(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    guard.asker.before_answer = lambda: desk.tell(ChannelUpdated(make_channel()))
    assert (await refusal(guarded.open(BROKER, ONE))).kind is ProblemKind.CHANNEL_ALREADY_OPEN
    guard.asker.before_answer = lambda: desk.tell(SecurityAlarmRaised("Two signers."))
    assert (await refusal(guarded.close(CHANNEL))).kind is ProblemKind.TRADING_STOPPED
    assert desk.venue.calls == []
    assert desk.state.intents == {}


async def test_two_openings_that_are_confirmed_at_once_are_one(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    guard.asker.may_answer.clear()
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    desk.venue.replies["open_channel"].append(answer)
    openings = [asyncio.ensure_future(guarded.open(BROKER, ONE)) for _ in range(2)]
    await quiet()
    guard.asker.may_answer.set()
    await quiet()
    answer.set_result("0xnew")
    told = await asyncio.gather(*openings, return_exceptions=True)
    assert told[0] == "0xnew"
    assert isinstance(told[1], TicketError)
    assert len(desk.venue.calls) == 1


async def test_while_locked_no_account_is_opened_or_closed(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    guard.lock.lock()
    assert [each.kind for each in guarded.problems()] == [ProblemKind.LOCKED]
    for work in (guarded.open(BROKER, ONE), guarded.close(CHANNEL)):
        with pytest.raises(LockedError):
            await work
    assert guard.asker.asked == []
    assert desk.venue.calls == []


async def test_what_locks_while_the_question_stands_sends_nothing(desk: Desk) -> None:
    guard = Guard(asker=FakeAsker())
    guard.asker.before_answer = guard.lock.lock
    desk.tell(LinkChanged(CLEARING, LinkState.READY))
    with pytest.raises(LockedError):
        await Channels(desk.venue, desk.state, desk.ledger, guard.gate).open(BROKER, ONE)
    assert desk.venue.calls == []
    assert desk.state.intents == {}


async def test_a_permit_to_go_home_closes_an_account_once_without_asking(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    permit = await guard.gate.permit(Act.GO_HOME)
    desk.venue.replies["close_channel"].append(VenueRejectionError("not now"))
    with pytest.raises(VenueRejectionError):
        await guarded.close(CHANNEL, permit)
    assert guard.asker.asked == [Act.GO_HOME]
    with pytest.raises(NotAuthorizedError):
        await guarded.close(CHANNEL, permit)
    assert len(desk.venue.calls) == 1


async def test_what_stands_in_the_way_of_closing_does_not_use_up_the_permit(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    desk.tell(PositionUpdated(make_position()))
    permit = await guard.gate.permit(Act.GO_HOME)
    assert (await refusal(guarded.close(CHANNEL, permit))).kind is ProblemKind.POSITIONS_OPEN
    guard.gate.redeem(permit, Act.CLOSE_ACCOUNT)


async def test_a_permit_for_something_else_closes_nothing(
    desk: Desk, guard: Guard, guarded: Channels
) -> None:
    desk.tell(ChannelUpdated(make_channel()))
    permit = await guard.gate.permit(Act.SETTLE)
    with pytest.raises(NotAuthorizedError):
        await guarded.close(CHANNEL, permit)
    guard.lock.lock()
    with pytest.raises(LockedError):
        await guarded.close(CHANNEL, permit)
    assert desk.venue.calls == []
