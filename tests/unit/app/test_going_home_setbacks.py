"""Going home ends where a leg fails, leaves what is true, and sends nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.way_home import LegKind, LegMark, Setback, Way
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    LockedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Event, LinkState
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import Position
from tests.unit.domain.samples import PEPE, make_fill, make_order, make_position

from .conftest import Desk, quiet, until
from .fake_venue import CLEARING, TRADING
from .gates import Guard
from .traveller import BTC, RICH, Traveller, closing_order, gone, held, order, refusal


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def it(desk: Desk) -> Traveller:
    return Traveller(desk)


# What goes wrong leaves what is true


async def test_a_rejected_close_leaves_the_position_and_going_on_closes_it(
    desk: Desk, it: Traveller
) -> None:
    it.begin(held(), held(BTC, "p2"))
    desk.venue.replies["place_order"].append(VenueRejectionError("market is halted"))
    going = it.go()
    await until(lambda: len(it.sent) == 2)
    await quiet()
    assert it.home.is_under_way  # the other close is waited for
    it.tell(gone("p2", BTC))
    await going
    error = it.setback().error
    assert isinstance(error, VenueRejectionError)
    assert it.setback().kind is LegKind.CLOSE
    assert "close_channel" not in it.sent
    assert it.marks() == [
        (LegKind.CLOSE, LegMark.STOPPED),
        (LegKind.CLOSE_ACCOUNT, LegMark.AHEAD),
    ]
    again = it.go()
    await until(lambda: len(it.sent) == 3)
    assert it.home.setback is None
    it.tell(gone())
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await again
    assert it.home.is_home
    assert len(it.leg(LegKind.CLOSE).closings) == 2


async def test_a_close_that_is_filled_in_part_leaves_the_rest(it: Traveller) -> None:
    it.begin(held())
    going = it.go()
    await until(lambda: "place_order" in it.sent)
    it.tell(
        closing_order("o1", OrderState.CANCEL, "40", "no liquidity"),
        events.PositionUpdated(make_position(amount="60")),
    )
    await going
    short = it.setback().order
    assert short is not None
    assert short.reason == "no liquidity"
    assert [each.amount for each in it.leg(LegKind.CLOSE).positions] == [Decimal(60)]


async def test_a_refused_cancel_ends_it_before_anything_is_closed(
    desk: Desk, it: Traveller
) -> None:
    it.begin(order(), held())
    desk.venue.replies["cancel_all_orders"].append(TransportError("no connection"))
    await it.home.go(Way.CLOSE)
    assert isinstance(it.setback().error, TransportError)
    assert it.sent == ["cancel_all_orders"]
    assert it.leg(LegKind.CANCEL).mark is LegMark.STOPPED


async def test_a_close_without_an_answer_is_never_sent_twice(desk: Desk, it: Traveller) -> None:
    it.begin(held(), held(BTC, "p2"))
    desk.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
    await it.home.go(Way.CLOSE)
    assert isinstance(it.setback().error, OutcomeUnknownError)
    assert it.sent == ["place_order"]  # nothing more while that is in doubt
    assert it.home.has_doubt
    with pytest.raises(OutcomeUnknownError):
        await it.home.go(Way.CLOSE)
    found = replace(
        make_order("o1", OrderRequest(PEPE, Side.SELL, OrderType.MARKET, Decimal(100))),
        state=OrderState.DONE,
    )
    desk.ledger.match_orders((found,))
    assert not it.home.has_doubt
    it.tell(gone())
    again = it.go()
    await until(lambda: len(it.sent) == 2)
    it.tell(gone("p2", BTC))
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await again
    assert it.sent == ["place_order", "place_order", "close_channel"]


async def test_a_closing_of_the_account_that_is_refused_leaves_it_open(
    desk: Desk, it: Traveller
) -> None:
    it.begin()
    desk.venue.replies["close_channel"].append(VenueRejectionError("not now"))
    await it.home.go(Way.CLOSE)
    assert it.setback().kind is LegKind.CLOSE_ACCOUNT
    assert it.marks() == [(LegKind.CLOSE_ACCOUNT, LegMark.STOPPED)]
    going = it.go()
    await until(lambda: len(it.sent) == 2)
    it.told_closed()
    await going
    assert it.home.is_home


async def test_a_closing_of_the_account_without_an_answer_is_waited_for(
    desk: Desk, it: Traveller
) -> None:
    it.begin()
    desk.venue.replies["close_channel"].append(OutcomeUnknownError("No answer."))
    await it.home.go(Way.CLOSE)
    with pytest.raises(OutcomeUnknownError):
        await it.home.go(Way.CLOSE)
    it.told_closed()
    assert it.home.setback is None
    assert it.home.is_home
    assert it.sent == ["close_channel"]


async def test_a_lock_on_the_way_ends_it(desk: Desk, guard: Guard) -> None:
    it = Traveller(desk, guard.gate)
    it.begin(order(), held())
    going = it.go()
    await quiet()
    guard.lock.lock()
    it.tell(order(OrderState.CANCEL))
    await going
    assert isinstance(it.setback().error, LockedError)
    assert it.sent == ["cancel_all_orders"]
    with pytest.raises(LockedError):
        await it.home.go(Way.CLOSE)


@pytest.mark.parametrize(
    ("facts", "kind", "sent"),
    [
        ([order()], LegKind.CANCEL, ["cancel_all_orders"]),
        ([held()], LegKind.CLOSE, ["place_order"]),
        ([], LegKind.CLOSE_ACCOUNT, ["close_channel"]),
    ],
)
async def test_the_trader_can_stop_any_wait(
    it: Traveller, facts: list[Event], kind: LegKind, sent: list[str]
) -> None:
    it.begin(*facts)
    going = it.go()
    await until(lambda: it.sent == sent)
    await quiet()
    it.home.stop()
    assert it.home.is_stopping
    await going
    assert it.setback() == Setback(kind)
    assert not it.home.is_stopping
    assert it.sent == sent


async def test_a_stop_while_orders_are_sent_sends_no_more(desk: Desk, it: Traveller) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    it.begin(held(), held(BTC, "p2"))
    going = it.go()
    await until(lambda: "place_order" in it.sent)
    it.home.stop()
    await quiet()
    assert not going.done()  # what is being sent has no answer yet
    it.tell(gone())
    answer.set_result("o1")
    await going
    assert it.setback() == Setback(LegKind.CLOSE)
    assert it.sent == ["place_order"]


async def test_a_stop_between_two_legs_begins_no_other(desk: Desk, it: Traveller) -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    desk.venue.replies["cancel_all_orders"].append(answer)
    it.begin(order(), held())
    going = it.go()
    await until(lambda: "cancel_all_orders" in it.sent)
    it.home.stop()
    it.tell(order(OrderState.CANCEL))
    answer.set_result(None)
    await going
    assert it.sent == ["cancel_all_orders"]
    assert it.setback().error is None


# What stands in the way from the start


async def test_without_an_account_nobody_goes(desk: Desk, it: Traveller) -> None:
    assert it.home.channel_id == ""
    assert it.home.legs(Way.CLOSE) == ()
    it.tell(events.LinkChanged(CLEARING, LinkState.READY))
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.NO_CHANNEL
    assert it.home.problems(Way.CLOSE) == (Problem(ProblemKind.NO_CHANNEL),)
    it.tell(events.ChannelUpdated(replace(RICH, clearing_state=ClearingState.ACCEPTED)))
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.NO_CHANNEL
    assert desk.journal.plan() is None


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("link", [CLEARING, TRADING])
async def test_without_a_connection_it_needs_nobody_goes(
    it: Traveller, way: Way, link: str
) -> None:
    it.begin(held())
    it.tell(events.LinkChanged(link, LinkState.RETRYING))
    problems = it.home.problems(way)
    if way is Way.SETTLE and link == TRADING:
        assert problems == ()
    else:
        assert problems == (Problem(ProblemKind.NOT_CONNECTED, unit=link),)


async def test_an_empty_account_needs_no_exchange(it: Traveller) -> None:
    it.begin()
    it.tell(events.LinkChanged(TRADING, LinkState.RETRYING))
    assert it.home.problems(Way.CLOSE) == ()
    it.tell(order())
    assert it.home.problems(Way.SETTLE)[0].kind is ProblemKind.NOT_CONNECTED


def poor(told: Position) -> Event:
    return events.PositionUpdated(replace(told, pnl=Decimal(-25)))


async def test_outside_the_green_zone_only_closing_goes(it: Traveller) -> None:
    it.begin(poor(make_position()))
    assert it.home.problems(Way.CLOSE) == ()
    assert it.home.problems(Way.SETTLE)[0].kind is ProblemKind.NOT_GREEN
    assert await refusal(it.home.go(Way.SETTLE)) is ProblemKind.NOT_GREEN


async def test_an_order_on_its_way_is_in_the_way(desk: Desk, it: Traveller) -> None:
    it.begin()
    desk.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
    request = OrderRequest(PEPE, Side.BUY, OrderType.MARKET, Decimal(100))
    with pytest.raises(OutcomeUnknownError):
        await desk.ledger.submit(request, lambda: desk.venue.place_order(request))
    assert it.home.has_doubt
    with pytest.raises(OutcomeUnknownError):
        await it.home.go(Way.CLOSE)
    assert "close_channel" not in it.sent


# The books


async def test_trades_that_are_not_booked_keep_the_account_open(it: Traveller) -> None:
    it.begin()
    it.has_unrecorded = True
    await it.home.go(Way.CLOSE)
    error = it.setback().error
    assert isinstance(error, TicketError)
    assert error.problems[0].kind is ProblemKind.UNRECORDED_TRADES
    assert it.sent == []
    it.has_unrecorded = False
    going = it.go()
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going


async def test_fills_that_are_told_late_are_waited_for(desk: Desk) -> None:
    it = Traveller(desk, books_within_s=60)
    it.begin(held())
    going = it.go()
    await until(lambda: "place_order" in it.sent)
    it.tell(closing_order("o1"), gone())
    await quiet()
    assert it.sent == ["place_order"]
    it.tell(events.FillReceived(replace(make_fill(side=Side.SELL), amount=Decimal(60))))
    await quiet()
    assert it.sent == ["place_order"]
    rest = replace(make_fill("172784", Side.SELL), amount=Decimal(40))
    it.tell(events.FillReceived(rest))
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going


async def test_an_order_filled_before_its_cancel_is_closed_too(desk: Desk) -> None:
    it = Traveller(desk, books_within_s=60)
    it.begin(order())
    going = it.go()
    await until(lambda: "cancel_all_orders" in it.sent)
    it.has_unrecorded = True
    it.tell(order(OrderState.CANCEL, executed="100"))
    it.tell(events.FillReceived(replace(make_fill(), venue_order_id="L1")))
    await quiet()
    assert it.sent == ["cancel_all_orders"]
    it.has_unrecorded = False
    it.tell(held())
    await until(lambda: "place_order" in it.sent)
    it.tell(gone())
    await until(lambda: "close_channel" in it.sent)
    it.told_closed()
    await going


async def test_the_trader_can_stop_the_wait_for_the_books(desk: Desk) -> None:
    it = Traveller(desk, books_within_s=60)
    it.has_unrecorded = True
    it.begin()
    going = it.go()
    await quiet()
    it.home.stop()
    await going
    assert it.setback() == Setback(LegKind.CLOSE_ACCOUNT)
    assert it.sent == []


async def test_a_stop_while_fills_are_awaited_leaves_the_account_open(desk: Desk) -> None:
    it = Traveller(desk, books_within_s=60)
    it.begin(held())
    going = it.go()
    await until(lambda: "place_order" in it.sent)
    it.tell(closing_order("o1"), gone())
    await quiet()
    it.home.stop()
    await going
    assert it.setback() == Setback(LegKind.CLOSE_ACCOUNT)
    assert it.sent == ["place_order"]


async def test_an_account_that_still_settles_can_be_left_alone(it: Traveller) -> None:
    it.begin(events.ChannelUpdated(replace(RICH, state=ChannelState.SETTLING)))
    going = it.go()
    await quiet()
    assert it.sent == []
    it.home.stop()
    await going
    assert it.setback() == Setback(LegKind.CLOSE_ACCOUNT)


async def test_the_word_given_for_one_account_ends_no_other(desk: Desk, guard: Guard) -> None:
    it = Traveller(desk, guard.gate)
    it.begin(held())
    newer = replace(RICH, channel_id="0x02")

    def show_another() -> None:
        it.tell(events.ChannelUpdated(newer))

    guard.asker.before_answer = show_another
    assert await refusal(it.home.go(Way.CLOSE)) is ProblemKind.NO_CHANNEL
    assert it.sent == []
    assert desk.journal.plan() is None
    assert not it.home.is_busy
