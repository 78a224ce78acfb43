"""Going home over real sockets: all of it, and from wherever it was stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.app.way_home import LegKind, LegMark, Setback, Way
from kayen_desktop.domain.errors import OutcomeUnknownError, VenueRejectionError
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.receipt import make_receipt
from kayen_desktop.domain.settlement import SettlementState
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.practice.scenario import Direction, Fault, Link, Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues.kayen import CLEARPORT, FINEX

from .desk import AMOUNT, PEPE, QUIET, Desk, desk_at, desk_on

REST = OrderRequest(PEPE, Side.BUY, OrderType.LIMIT, AMOUNT, Decimal("0.00001"))


class Watched(Scenario):
    """Faults, and how often the venue was asked for each thing."""

    def __init__(self, *specs: str) -> None:
        super().__init__([parse_fault(spec) for spec in specs])
        self.asked: Counter[str] = Counter()

    @property
    def is_empty(self) -> bool:
        """Never: every frame is to be seen."""
        return False

    def take(self, link: Link, direction: Direction, name: str) -> list[Fault]:
        """Count the requests, and let the faults act."""
        if direction == "in":
            self.asked[name] += 1
        return super().take(link, direction, name)


async def loaded(desk: Desk) -> str:
    """Open an account with a position and a resting order; return the account's id."""
    channel = await desk.funded()
    await desk.bought()
    await desk.session.trading.place(REST)
    await desk.until(lambda: bool(desk.state.live_orders), "the order rests")
    await desk.until(
        lambda: desk.session.settlements.check([PEPE]).problems == (), "all trades are booked"
    )
    return channel.channel_id


def setback(desk: Desk) -> Setback:
    assert desk.session.going_home.setback is not None
    return desk.session.going_home.setback


def begun(desk: Desk, way: Way = Way.CLOSE) -> asyncio.Task[None]:
    return asyncio.create_task(desk.session.going_home.go(way))


async def within(work: Awaitable[None]) -> None:
    async with asyncio.timeout(20):
        await work


@pytest.mark.parametrize("way", list(Way))
async def test_all_is_ended_and_the_money_is_back(tmp_path: Path, way: Way) -> None:
    watched = Watched()
    async with desk_on(tmp_path, scenario=watched) as desk:
        channel_id = await loaded(desk)
        await within(desk.session.going_home.go(way))
        home = desk.session.going_home
        assert home.is_home
        assert home.setback is None
        middle = LegKind.CLOSE if way is Way.CLOSE else LegKind.SETTLE
        assert [(leg.kind, leg.mark) for leg in home.legs(way)] == [
            (LegKind.CANCEL, LegMark.DONE),
            (middle, LegMark.DONE),
            (LegKind.CLOSE_ACCOUNT, LegMark.DONE),
        ]
        assert watched.asked["close_channel"] == 1
        assert watched.asked["create_order"] == (3 if way is Way.CLOSE else 2)
        assert watched.asked["request_settlement"] == (0 if way is Way.CLOSE else 1)
        (resting,) = [o for o in desk.state.orders.values() if o.order_type is OrderType.LIMIT]
        assert resting.state is OrderState.CANCEL
        assert not desk.state.positions
        channel = desk.state.channels[channel_id]
        assert channel.margin_deposit is not None
        assert channel.own_balance is not None
        receipt = make_receipt(
            channel.margin_deposit,
            desk.session.fills_of(channel_id),
            channel.own_balance,
            desk.state.settlements_of(channel_id),
        )
        assert receipt.difference == 0
        assert desk.journal.plan() is None


async def test_a_rejected_close_leaves_the_position_and_is_gone_on_from(tmp_path: Path) -> None:
    watched = Watched("finex:in:create_order@3:reject=market is halted")
    async with desk_on(tmp_path, scenario=watched) as desk:
        await loaded(desk)
        home = desk.session.going_home
        await within(home.go(Way.CLOSE))
        error = setback(desk).error
        assert isinstance(error, VenueRejectionError)
        assert error.reason == "market is halted"
        assert [each.amount for each in desk.state.open_positions] == [AMOUNT]
        assert not desk.state.live_orders  # what was done stays done
        assert watched.asked["close_channel"] == 0
        assert desk.journal.plan() is not None
        await within(home.go(Way.CLOSE))
        assert home.is_home
        assert watched.asked["create_order"] == 4
        assert desk.journal.plan() is None


async def test_a_close_filled_in_part_leaves_the_rest(tmp_path: Path) -> None:
    watched = Watched("finex:in:create_order@3:partial=0.25")
    async with desk_on(tmp_path, scenario=watched) as desk:
        await loaded(desk)
        home = desk.session.going_home
        await within(home.go(Way.CLOSE))
        order = setback(desk).order
        assert order is not None
        assert 0 < order.executed < AMOUNT
        await desk.until(
            lambda: (
                [each.amount for each in desk.state.open_positions] == [AMOUNT - order.executed]
            ),
            "the rest is still held",
        )
        await within(home.go(Way.CLOSE))
        assert home.is_home


async def test_an_account_that_is_not_closed_stays_open(tmp_path: Path) -> None:
    watched = Watched("clearport:in:close_channel:reject=not now")
    async with desk_on(tmp_path, scenario=watched) as desk:
        channel_id = await loaded(desk)
        home = desk.session.going_home
        await within(home.go(Way.CLOSE))
        assert setback(desk).kind is LegKind.CLOSE_ACCOUNT
        assert desk.state.channels[channel_id].is_usable
        assert not desk.state.positions
        await within(home.go(Way.CLOSE))
        assert home.is_home
        assert watched.asked["create_order"] == 3
        assert watched.asked["close_channel"] == 2


@pytest.mark.parametrize(
    ("fault", "orders"),
    [
        # The venue closed the position, and its answer was lost with the connection.
        ("finex:out:create_order@3:close", 3),
        # The closing order was lost on its way.
        ("finex:in:create_order@3:close", 4),
    ],
)
async def test_a_cut_in_the_middle_is_gone_on_from_without_a_second_order(
    tmp_path: Path, fault: str, orders: int
) -> None:
    watched = Watched(fault)
    async with desk_on(tmp_path, scenario=watched) as desk:
        await loaded(desk)
        home = desk.session.going_home
        await within(home.go(Way.CLOSE))
        assert isinstance(setback(desk).error, OutcomeUnknownError)
        with pytest.raises(OutcomeUnknownError):
            await home.go(Way.CLOSE)
        await desk.until(lambda: not home.has_doubt, "it is found out")
        await desk.until(lambda: home.problems(Way.CLOSE) == (), "the way is free")
        await within(home.go(Way.CLOSE))
        assert home.is_home
        assert watched.asked["create_order"] == orders
        assert watched.asked["close_channel"] == 1


@pytest.mark.parametrize("name", ["finex", "clearport"])
async def test_a_cut_while_it_waits_is_waited_out(tmp_path: Path, name: str) -> None:
    watched = Watched("clearport:out:position_notification@2x0:drop")
    async with desk_on(tmp_path, scenario=watched) as desk:
        await loaded(desk)
        home = desk.session.going_home
        going = begun(desk)
        await desk.until(
            lambda: any(
                order.side is Side.SELL and order.state is OrderState.DONE
                for order in desk.state.orders.values()
            ),
            "the position is closed at the exchange",
        )
        assert desk.state.open_positions  # the clearing house's word was lost
        watched.clear()
        desk.server.drop_connections("finex" if name == "finex" else "clearport")
        link = FINEX if name == "finex" else CLEARPORT
        await desk.until(lambda: not desk.is_ready(link), "the cut is noticed")
        await within(going)
        if not home.is_home:  # the account was to be closed while the connection was away
            await desk.until(lambda: home.problems(Way.CLOSE) == (), "the way is free")
            await within(home.go(Way.CLOSE))
        assert home.is_home
        assert watched.asked["create_order"] == 3
        assert watched.asked["close_channel"] == 1


async def test_the_next_start_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    watched = Watched("clearport:out:position_notification@2x0:drop")
    signer = await throwaway_signer()
    async with PracticeServer(QUIET, watched) as server:
        async with desk_at(server, tmp_path, signer) as desk:
            await loaded(desk)
            going = begun(desk)
            await desk.until(lambda: watched.asked["create_order"] == 3, "the close is sent")
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        watched.clear()
        async with desk_at(server, tmp_path, signer) as desk:
            home = desk.session.going_home
            await desk.until(lambda: home.offer is not None, "to go on is offered")
            assert home.way is Way.CLOSE
            await desk.until(lambda: desk.is_ready(FINEX), "the exchange is there")
            await desk.until(lambda: not home.has_doubt, "nothing is in doubt")
            await desk.until(lambda: not desk.state.positions, "the positions are listed")
            await within(home.go(Way.CLOSE))
            assert home.is_home
            assert home.offer is None
            assert desk.journal.plan() is None
        async with desk_at(server, tmp_path, signer) as desk:
            await desk.connected()
            assert desk.session.going_home.offer is None
    assert watched.asked["create_order"] == 3
    assert watched.asked["close_channel"] == 1


async def test_ended_before_the_answer_nothing_is_sent_twice(tmp_path: Path) -> None:
    watched = Watched("finex:out:create_order@3:silence")
    signer = await throwaway_signer()
    async with PracticeServer(QUIET, watched) as server:
        async with desk_at(server, tmp_path, signer) as desk:
            await loaded(desk)
            going = begun(desk)
            await desk.until(lambda: not desk.state.positions, "the close is done")
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
        async with desk_at(server, tmp_path, signer) as desk:
            home = desk.session.going_home
            assert home.has_doubt
            await desk.until(lambda: home.offer is not None, "to go on is offered")
            await desk.until(lambda: not home.has_doubt, "it is found out")
            await within(home.go(Way.CLOSE))
            assert home.is_home
    assert watched.asked["create_order"] == 3


async def test_a_silent_broker_leaves_the_positions_and_says_so(tmp_path: Path) -> None:
    watched = Watched("clearport:in:request_settlement:silent_settlement")
    async with desk_on(tmp_path, scenario=watched) as desk:
        channel_id = await loaded(desk)
        home = desk.session.going_home
        going = begun(desk, Way.SETTLE)
        await desk.until(lambda: bool(desk.state.settlements), "the settlement is asked for")
        (run,) = desk.state.settlements.values()
        key = run.settlement_id
        await desk.until(
            lambda: desk.state.settlements[key].state is SettlementState.PROPOSED, "it is proposed"
        )
        assert not going.done()
        home.stop()
        await within(going)
        assert setback(desk) == Setback(LegKind.SETTLE)
        assert desk.state.positions
        assert not desk.state.channels[channel_id].is_closed
        assert watched.asked["request_settlement"] == 1
        # Gone on from, it waits for the same settlement, and asks for no other.
        going = begun(desk, Way.SETTLE)
        await desk.until(lambda: home.is_under_way, "it goes on")
        home.stop()
        await within(going)
        assert watched.asked["request_settlement"] == 1


@pytest.mark.parametrize("outcome", ["reject_settlement", "fail_settlement"])
async def test_after_a_settlement_that_came_to_nothing_positions_are_closed(
    tmp_path: Path, outcome: str
) -> None:
    watched = Watched(f"clearport:in:request_settlement:{outcome}")
    async with desk_on(tmp_path, scenario=watched) as desk:
        await loaded(desk)
        home = desk.session.going_home
        await within(home.go(Way.SETTLE))
        run = setback(desk).run
        assert run is not None
        assert run.state is not None
        assert run.state.came_to_nothing
        await desk.until(lambda: home.problems(Way.CLOSE) == (), "the way is free")
        await within(home.go(Way.CLOSE))
        assert home.is_home


async def test_a_broker_that_closes_the_account_brings_everybody_home(tmp_path: Path) -> None:
    watched = Watched("finex:in:create_order@3:drop")
    async with desk_on(tmp_path, scenario=watched) as desk:
        channel_id = await loaded(desk)
        going = begun(desk)
        await desk.until(lambda: not desk.state.live_orders, "the orders are cancelled")
        desk.server.close_for_broker(channel_id)
        await desk.until(lambda: desk.state.channel is None, "the account is over")
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        assert desk.session.going_home.is_home
        assert desk.journal.plan() is None
