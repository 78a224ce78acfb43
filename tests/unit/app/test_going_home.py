"""Going home: one leg after the other, with one question, as the plan on disk says."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace

import pytest

from kayen_desktop.app.gate import Act
from kayen_desktop.app.way_home import LegKind, LegMark, Offer, Setback, Way
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    JournalError,
    NotAuthorizedError,
    ProblemKind,
    VenueRejectionError,
)
from kayen_desktop.domain.orders import OrderState
from kayen_desktop.domain.settlement import PaymentMethod, SettlementState
from tests.unit.domain.samples import CHANNEL

from .conftest import Desk, open_journal, quiet, until
from .gates import FakeAsker, Guard
from .traveller import BTC, RICH, Traveller, closing_order, gone, held, order, refusal


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def it(desk: Desk) -> Traveller:
    return Traveller(desk)


# All goes well


async def test_an_empty_account_is_only_closed(it: Traveller) -> None:
    it.begin()
    assert it.marks() == [(LegKind.CLOSE_ACCOUNT, LegMark.AHEAD)]
    assert it.home.channel_id == CHANNEL
    assert it.home.way is None
    going = it.go()
    await until(lambda: "close_channel" in it.sent)
    assert it.home.is_under_way
    assert not it.home.is_home
    it.told_closed()
    await going
    assert it.sent == ["close_channel"]
    assert it.home.is_home
    assert not it.home.is_busy
    assert it.marks() == [(LegKind.CLOSE_ACCOUNT, LegMark.DONE)]


async def test_each_leg_waits_until_the_one_before_shows_in_the_state(it: Traveller) -> None:
    it.begin(order(), held(), held(BTC, "p2"))
    ahead = LegMark.AHEAD
    assert it.marks() == [
        (LegKind.CANCEL, ahead),
        (LegKind.CLOSE, ahead),
        (LegKind.CLOSE_ACCOUNT, ahead),
    ]
    going = it.go()
    await quiet()
    assert it.sent == ["cancel_all_orders"]
    assert it.leg(LegKind.CANCEL).mark is LegMark.NOW
    it.tell(order(OrderState.CANCEL))
    await quiet()
    assert it.sent == ["cancel_all_orders", "place_order", "place_order"]
    assert it.leg(LegKind.CANCEL).orders[0].state is OrderState.CANCEL
    it.tell(closing_order("o1"), gone())
    await quiet()
    assert it.leg(LegKind.CLOSE).mark is LegMark.NOW
    assert [each.position.position_id for each in it.leg(LegKind.CLOSE).closings] == ["p1"]
    assert [each.position_id for each in it.leg(LegKind.CLOSE).positions] == ["p2"]
    assert "close_channel" not in it.sent
    it.tell(gone("p2", BTC))
    await quiet()
    assert it.sent[3:] == ["close_channel"]
    it.told_closed()
    await going
    assert it.marks() == [
        (LegKind.CANCEL, LegMark.DONE),
        (LegKind.CLOSE, LegMark.DONE),
        (LegKind.CLOSE_ACCOUNT, LegMark.DONE),
    ]
    closings = it.leg(LegKind.CLOSE).closings
    assert [each.order and each.order.venue_order_id for each in closings] == ["o1", None]


async def test_an_order_that_comes_while_others_are_cancelled_is_cancelled_too(
    it: Traveller,
) -> None:
    it.begin(order())
    going = it.go()
    await quiet()
    it.tell(order(order_id="L2"), order(OrderState.DONE, executed="100"))
    await quiet()
    assert it.sent == ["cancel_all_orders"] * 2
    it.tell(order(OrderState.CANCEL, "L2"))
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going


async def test_an_account_that_is_being_closed_is_waited_for(it: Traveller) -> None:
    it.begin(events.ChannelUpdated(replace(RICH, clearing_state=ClearingState.FINALIZING)))
    going = it.go()
    await quiet()
    assert it.sent == []
    assert it.leg(LegKind.CLOSE_ACCOUNT).mark is LegMark.NOW
    it.told_closed()
    await going
    assert it.home.is_home


async def test_a_broker_that_closes_the_account_on_the_way_ends_it(it: Traveller) -> None:
    it.begin(held())
    going = it.go()
    await until(lambda: "place_order" in it.sent)
    it.told_closed()
    await going
    assert it.home.is_home
    assert it.home.setback is None
    assert "close_channel" not in it.sent


async def test_the_next_account_begins_anew(it: Traveller) -> None:
    it.begin()
    going = it.go()
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going
    other = replace(RICH, channel_id="0xother")
    it.tell(events.ChannelUpdated(other))
    assert not it.home.is_home
    assert it.home.channel_id == "0xother"
    assert it.marks() == [(LegKind.CLOSE_ACCOUNT, LegMark.AHEAD)]


# The passphrase, and the plan on disk


async def test_the_passphrase_is_asked_once_for_all_of_it(desk: Desk, guard: Guard) -> None:
    it = Traveller(desk, guard.gate)
    it.begin(held())
    going = it.go(Way.SETTLE)
    await until(lambda: "request_settlement" in it.sent)
    it.settles(SettlementState.PROPOSED)
    it.settles(SettlementState.COMPLETED)
    it.tell(gone())
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going
    assert guard.asker.asked == [Act.GO_HOME]


async def test_the_plan_is_on_disk_before_the_first_frame_until_the_account_is_closed(
    desk: Desk, guard: Guard
) -> None:
    it = Traveller(desk, guard.gate)
    it.begin(order())
    seen: list[tuple[str, str] | None] = []

    def look(name: str = "") -> None:
        with closing(open_journal(desk.path)) as journal:
            plan = journal.plan()
            seen.append(None if plan is None else (plan.channel_id, plan.kind))

    guard.asker.before_answer = look
    desk.venue.on_request = look
    going = it.go()
    await quiet()
    it.tell(order(OrderState.CANCEL))
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    look()
    await going
    assert seen == [None, (CHANNEL, "close"), (CHANNEL, "close"), None]
    assert it.home.offer is None


async def test_who_does_not_confirm_has_sent_and_planned_nothing(desk: Desk, guard: Guard) -> None:
    guard.asker.types = None
    it = Traveller(desk, guard.gate)
    it.begin(order())
    with pytest.raises(NotAuthorizedError):
        await it.home.go(Way.CLOSE)
    assert it.sent == []
    assert desk.journal.plan() is None
    assert not it.home.is_busy
    assert it.marks()[0] == (LegKind.CANCEL, LegMark.AHEAD)


async def test_what_can_not_be_written_down_is_not_begun(desk: Desk, it: Traveller) -> None:
    it.begin(order())
    desk.journal.close()
    with pytest.raises(JournalError):
        await it.home.go(Way.CLOSE)
    assert it.sent == []


async def test_nobody_goes_twice_at_once(desk: Desk) -> None:
    asker = FakeAsker()
    asker.may_answer.clear()
    it = Traveller(desk, Guard(asker=asker).gate)
    it.begin(order())
    going = it.go()
    await quiet()
    assert it.home.is_busy
    assert not it.home.is_under_way
    it.home.stop()
    assert not it.home.is_stopping
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.ALREADY_SENDING
    asker.may_answer.set()
    await quiet()
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.ALREADY_SENDING
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    assert not it.home.is_busy
    assert it.sent == ["cancel_all_orders"]


async def test_what_changed_while_the_question_stood_is_seen(desk: Desk, guard: Guard) -> None:
    it = Traveller(desk, guard.gate)
    it.begin(order())
    guard.asker.before_answer = lambda: it.tell(events.SecurityAlarmRaised("Two signers."))
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.TRADING_STOPPED
    assert it.sent == []


async def test_the_next_start_offers_to_go_on(desk: Desk, it: Traveller) -> None:
    it.begin(order())
    going = it.go(Way.SETTLE)
    await quiet()
    assert it.home.offer is None  # it goes
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    later = Desk(desk.path, desk.clock, type(desk.venue)(), desk.journal, type(desk.state)())
    again = Traveller(later)
    again.home.load()
    assert again.home.offer is None  # the account is not known yet
    again.begin(order())
    assert again.home.offer == Offer(CHANNEL, Way.SETTLE)
    assert again.home.way is Way.SETTLE
    going = again.go(Way.SETTLE)
    await quiet()
    again.tell(order(OrderState.CANCEL))
    await until(lambda: "close_channel" in again.sent)
    again.told_closed()
    await going
    assert again.home.offer is None
    assert desk.journal.plan() is None


async def test_an_account_closed_meanwhile_takes_the_plan_with_it(
    desk: Desk, it: Traveller
) -> None:
    desk.journal.begin_plan(CHANNEL, "close", desk.clock())
    it.home.load()
    it.begin()
    assert it.home.offer is not None
    it.tell(events.ChannelUpdated(replace(RICH, channel_id="0xother", state=ChannelState.CLOSED)))
    assert it.home.offer is not None
    it.told_closed()
    assert it.home.offer is None
    assert desk.journal.plan() is None


async def test_an_offer_that_is_given_up_is_gone(desk: Desk, it: Traveller) -> None:
    desk.journal.begin_plan(CHANNEL, "close", desk.clock())
    it.home.load()
    it.begin()
    it.home.give_up()
    assert it.home.offer is None
    assert desk.journal.plan() is None


async def test_a_plan_of_another_kind_is_not_ours(desk: Desk, it: Traveller) -> None:
    desk.journal.begin_plan(CHANNEL, "something else", desk.clock())
    it.home.load()
    it.begin()
    assert it.home.offer is None


async def test_a_plan_that_is_given_up_is_not_offered_again(desk: Desk, it: Traveller) -> None:
    it.begin(order())
    heard: list[bool] = []
    unlisten = it.home.listen(lambda: heard.append(it.home.is_busy))
    desk.venue.replies["cancel_all_orders"].append(VenueRejectionError("busy"))
    await it.home.go(Way.CLOSE)
    assert desk.journal.plan() is not None
    assert it.home.offer is None  # begun by this run: its setback is there to go on from
    it.home.give_up()
    assert it.home.setback is None
    assert desk.journal.plan() is None
    assert heard[0] is True
    assert heard[-1] is False
    unlisten()
    unlisten()
    count = len(heard)
    it.home.give_up()
    assert len(heard) == count


async def test_nothing_is_given_up_while_it_goes(desk: Desk, it: Traveller) -> None:
    it.begin(order())
    going = it.go()
    await quiet()
    it.home.give_up()
    assert desk.journal.plan() is not None
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)


# Settling instead of closing


async def test_positions_are_settled_and_the_account_closed(it: Traveller) -> None:
    it.begin(held())
    assert it.marks(Way.SETTLE) == [
        (LegKind.SETTLE, LegMark.AHEAD),
        (LegKind.CLOSE_ACCOUNT, LegMark.AHEAD),
    ]
    going = asyncio.create_task(it.home.go(Way.SETTLE, PaymentMethod.ESCROW))
    await until(lambda: "request_settlement" in it.sent)
    it.settles(SettlementState.PROPOSED)
    it.tell(events.ChannelUpdated(replace(RICH, clearing_state=ClearingState.ACTIVE_SETTLEMENT)))
    it.settles(SettlementState.EXECUTED)
    it.settles(SettlementState.COMPLETED)
    await quiet()
    assert it.leg(LegKind.SETTLE, Way.SETTLE).mark is LegMark.NOW  # its positions are still there
    it.tell(gone())
    await quiet()
    assert "close_channel" not in it.sent  # the account is still settling
    it.tell(events.ChannelUpdated(RICH))
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going
    assert it.sent == ["request_settlement", "close_channel"]
    leg = it.leg(LegKind.SETTLE, Way.SETTLE)
    assert leg.mark is LegMark.DONE
    assert leg.run is not None
    assert leg.run.is_paid
    assert leg.run.method is PaymentMethod.ESCROW


@pytest.mark.parametrize("end", [SettlementState.FAILED, SettlementState.REJECTED])
async def test_a_settlement_that_comes_to_nothing_can_be_gone_on_from_the_other_way(
    it: Traveller, end: SettlementState
) -> None:
    it.begin(held())
    going = it.go(Way.SETTLE)
    await until(lambda: "request_settlement" in it.sent)
    it.settles(SettlementState.PROPOSED)
    it.settles(end)
    await going
    run = it.setback().run
    assert run is not None
    assert run.state is end
    assert it.leg(LegKind.SETTLE, Way.SETTLE).mark is LegMark.STOPPED
    again = it.go(Way.CLOSE)
    await until(lambda: "place_order" in it.sent)
    assert it.home.way is Way.CLOSE
    assert it.marks()[:2] == [(LegKind.SETTLE, LegMark.STOPPED), (LegKind.CLOSE, LegMark.NOW)]
    it.tell(gone())
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await again


async def test_a_request_to_settle_that_is_refused_ends_it(desk: Desk, it: Traveller) -> None:
    it.begin(held())
    desk.venue.replies["request_settlement"].append(VenueRejectionError("not green"))
    await it.home.go(Way.SETTLE)
    assert isinstance(it.setback().error, VenueRejectionError)
    assert it.leg(LegKind.SETTLE, Way.SETTLE).mark is LegMark.STOPPED


async def test_a_silent_broker_is_waited_for_until_the_trader_stops(it: Traveller) -> None:
    it.begin(held())
    going = it.go(Way.SETTLE)
    await until(lambda: "request_settlement" in it.sent)
    it.settles(SettlementState.PROPOSED)
    await quiet()
    assert not going.done()
    it.home.stop()
    await going
    assert it.setback() == Setback(LegKind.SETTLE)
    # Whichever way is chosen then, the settlement under way comes first.
    assert it.home.problems(Way.CLOSE) == ()
    again = it.go(Way.CLOSE)
    await quiet()
    assert it.sent == ["request_settlement"]
    assert it.marks()[0] == (LegKind.SETTLE, LegMark.NOW)
    it.settles(SettlementState.COMPLETED)
    it.tell(gone())
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await again
    assert it.sent == ["request_settlement", "close_channel"]
