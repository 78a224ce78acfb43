"""Orders are sent once, never on stale prices, never while an alarm stands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.market_state import STALE_AFTER
from kayen_desktop.app.trading import CLOSE_SHOWN_WITHIN, Trading
from kayen_desktop.domain.channels import ChannelState, ClearingState, MarginLimit
from kayen_desktop.domain.errors import (
    LockedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.estimates import TicketContext
from kayen_desktop.domain.events import (
    BookReplaced,
    ChannelUpdated,
    LinkChanged,
    LinkHeard,
    LinkState,
    MarginRulesChosen,
    MarginUpdated,
    MarketsListed,
    OrderUpdated,
    PositionsListed,
    PositionUpdated,
    SecurityAlarmRaised,
    TickersUpdated,
)
from kayen_desktop.domain.margin import (
    MarginBalance,
    MarginReading,
    MarginRules,
    account_of,
    measure,
)
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.orders import OrderState, OrderType, Side
from tests.unit.domain.samples import (
    CHANNEL,
    MARKET,
    NOW,
    PEPE,
    make_channel,
    make_order,
    make_position,
    make_request,
)

from .conftest import Desk, quiet
from .fake_venue import TRADING
from .gates import PASSPHRASE, Guard

TOTAL = MarginRules(reading=MarginReading.TOTAL)
CLOSING_ORDER = make_request(Side.SELL, OrderType.MARKET, price=None)


@pytest.fixture
def trading(desk: Desk) -> Trading:
    desk.open_account()
    return Trading(desk.venue, desk.state, desk.ledger, desk.clock)


async def refusal(work: Awaitable[object]) -> ProblemKind:
    with pytest.raises(TicketError) as refused:
        await work
    (problem,) = refused.value.problems
    return problem.kind


# What stands in the way


def test_nothing_stands_in_the_way_of_a_fresh_account(trading: Trading) -> None:
    assert trading.problems() == ()


async def test_what_stands_in_the_way_is_named_and_nothing_is_sent(
    desk: Desk, trading: Trading
) -> None:
    desk.clock.pass_by(STALE_AFTER.total_seconds() + 1)
    assert await refusal(trading.place(make_request())) is ProblemKind.PRICES_STALE
    desk.tell(LinkHeard(TRADING))
    assert trading.problems() == ()
    for state in set(LinkState) - {LinkState.READY}:
        desk.tell(LinkChanged(TRADING, state))
        assert await refusal(trading.place(make_request())) is ProblemKind.NOT_CONNECTED
    assert trading.problems()[0].unit == TRADING
    desk.tell(ChannelUpdated(make_channel(state=ChannelState.CLOSING)))
    assert await refusal(trading.place(make_request())) is ProblemKind.NO_CHANNEL
    desk.tell(SecurityAlarmRaised("Two signers."))
    assert await refusal(trading.place(make_request())) is ProblemKind.TRADING_STOPPED
    assert desk.venue.calls == []
    assert desk.on_disk() == []


async def test_while_a_settlement_runs_nothing_new_is_sent_and_a_close_is(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position("p1", pnl="0")))
    for settling in (
        make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT),
        make_channel(state=ChannelState.SETTLING, clearing_state=None),
    ):
        desk.tell(ChannelUpdated(settling))
        assert await refusal(trading.place(make_request())) is ProblemKind.SETTLEMENT_UNDER_WAY
    assert desk.venue.calls == []
    desk.tell(ChannelUpdated(make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT)))
    await trading.close_position("p1")
    assert len(desk.venue.asked("place_order")) == 1


def test_without_an_account_or_a_link_there_is_no_trading(desk: Desk) -> None:
    trading = Trading(desk.venue, desk.state, desk.ledger, desk.clock)
    assert [each.kind for each in trading.problems()] == [ProblemKind.NO_CHANNEL]
    desk.tell(ChannelUpdated(make_channel()))
    assert [each.kind for each in trading.problems()] == [ProblemKind.NOT_CONNECTED]


def test_a_ticket_is_judged_by_what_is_known_now(desk: Desk, trading: Trading) -> None:
    fee = desk.venue.taker_fee
    flat = account_of(make_channel(), [])
    assert flat is not None
    assert trading.context(PEPE) == TicketContext(
        taker_fee=fee, account=flat, figures=measure(flat)
    )
    price = Decimal("0.00001152")
    desk.tell(BookReplaced(PEPE, (), ()))
    desk.tell(TickersUpdated((Ticker(PEPE, price, price, price, price, price, price, None, NOW),)))
    margin = MarginBalance(Decimal(1), Decimal(0), Decimal(1), Decimal(10))
    desk.tell(MarginUpdated(margin))
    assert trading.context(PEPE).mark_price == price  # no position: no mark of the clearing house
    desk.tell(PositionUpdated(make_position()))
    desk.tell(MarginRulesChosen(TOTAL))
    account = account_of(make_channel(), [make_position()], margin)
    assert account is not None
    assert trading.context(PEPE) == TicketContext(
        desk.state.books[PEPE],
        price,
        Decimal(10),
        make_position(),
        fee,
        account,
        measure(account, TOTAL),
        TOTAL,
        Decimal("0.09"),
        {Side.SELL: Decimal(0)},
    )
    desk.tell(PositionUpdated(make_position(pnl=None, market_value=None)))
    assert trading.context(PEPE).mark_price == price


async def test_what_is_asked_for_already_is_counted_against_the_position(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position(pnl="0")))
    closing = make_request(Side.SELL, amount="30")
    stop = make_request(
        Side.SELL, OrderType.STOP_LOSS, amount="50", price=None, trigger_price="0.00001"
    )
    desk.tell(OrderUpdated(make_order("a", closing, executed="10", trades_count=1)))
    desk.tell(OrderUpdated(make_order("b", closing, OrderState.PENDING)))
    desk.tell(OrderUpdated(make_order("c", closing, OrderState.DONE, "30", 1)))
    desk.tell(OrderUpdated(make_order("d", stop, OrderState.TRIGGER_WAIT)))
    desk.tell(OrderUpdated(make_order("e", make_request(Side.BUY))))
    desk.tell(OrderUpdated(make_order("f", replace(closing, market="BTC/USD"))))
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(50)}
    for doubtful in (
        replace(closing, amount=Decimal(7)),
        stop,
        make_request(Side.BUY, amount="11"),
        replace(closing, market="BTC/USD"),
    ):
        desk.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
        with pytest.raises(OutcomeUnknownError):
            await trading.place(doubtful)
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(57)}
    assert trading.context("BTC/USD").resting == {}


# Where the margin allows only reducing


LOSING = make_position(pnl="-0.85")


@pytest.mark.parametrize(("pnl", "zone"), [("-0.85", "orange"), ("-0.95", "red")])
async def test_in_orange_and_red_only_what_reduces_is_sent(
    desk: Desk, trading: Trading, pnl: str, zone: str
) -> None:
    desk.tell(PositionUpdated(make_position(pnl=pnl)))
    for adding in (
        make_request(),
        make_request(Side.SELL, amount="100.01"),
        make_request(Side.SELL, market="BTC/USD"),
    ):
        with pytest.raises(TicketError) as refused:
            await trading.place(adding)
        assert refused.value.problems == (Problem(ProblemKind.CLOSE_ONLY, unit=zone),)
    assert desk.venue.calls == []
    assert desk.on_disk() == []
    await trading.place(make_request(Side.SELL, amount="60"))
    assert trading.problems() == ()
    assert await trading.close_position("p1") == "o2"
    assert desk.venue.asked("place_order") == [(PEPE, "sell", "60"), (PEPE, "sell", "100")]


async def test_what_rests_already_has_first_call_on_the_position(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(LOSING))
    desk.tell(OrderUpdated(make_order("a", make_request(Side.SELL, amount="60"))))
    assert await refusal(trading.place(make_request(Side.SELL, amount="41"))) is (
        ProblemKind.CLOSE_ONLY
    )
    await trading.place(make_request(Side.SELL, amount="40"))


async def test_what_is_on_its_way_has_first_call_on_the_position(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(LOSING))
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    task = asyncio.create_task(trading.place(make_request(Side.SELL, amount="60")))
    await quiet()
    assert await refusal(trading.place(make_request(Side.SELL, amount="41"))) is (
        ProblemKind.CLOSE_ONLY
    )
    assert await trading.close_position("p1") == "o2"  # a close always passes
    answer.set_result("o1")
    await task


async def test_the_chosen_reading_decides_what_is_sent(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position(pnl="-0.7")))
    await trading.place(make_request())
    desk.tell(MarginRulesChosen(TOTAL))
    assert await refusal(trading.place(make_request())) is ProblemKind.CLOSE_ONLY


async def test_the_venues_own_limit_stops_what_adds(desk: Desk, trading: Trading) -> None:
    desk.tell(ChannelUpdated(replace(make_channel(turn_num=2), margin_limit=MarginLimit.SOFT)))
    assert await refusal(trading.place(make_request())) is ProblemKind.CLOSE_ONLY


async def test_where_the_zone_is_not_known_the_venue_judges(desk: Desk, trading: Trading) -> None:
    desk.tell(ChannelUpdated(make_channel("0x02", deposit=None, balance=None)))
    assert desk.state.margin_account is None
    await trading.place(make_request())
    desk.tell(ChannelUpdated(make_channel("0x03", deposit=None)))
    assert desk.state.margin_account is not None
    await trading.place(make_request())


# Placing and cancelling


async def test_an_order_is_placed_and_its_id_returned(desk: Desk, trading: Trading) -> None:
    assert await trading.place(make_request()) == "o1"
    assert desk.venue.asked("place_order") == [(PEPE, "buy", "100")]


async def test_a_rejection_is_the_venues_word(desk: Desk, trading: Trading) -> None:
    desk.venue.replies["place_order"].append(VenueRejectionError("not enough funds"))
    with pytest.raises(VenueRejectionError):
        await trading.place(make_request())


async def test_a_live_order_is_cancelled_once_at_a_time(desk: Desk, trading: Trading) -> None:
    desk.tell(OrderUpdated(make_order()))
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["cancel_orders"].append(answer)
    task = asyncio.create_task(trading.cancel("o1"))
    await quiet()
    assert await refusal(trading.cancel("o1")) is ProblemKind.ALREADY_SENDING
    answer.set_result(None)
    await task
    desk.venue.replies["cancel_orders"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await trading.cancel("o1")
    await trading.cancel("o1")
    assert desk.venue.asked("cancel_orders") == [("o1",)] * 3


async def test_what_is_not_live_is_not_cancelled(desk: Desk, trading: Trading) -> None:
    assert await refusal(trading.cancel("o1")) is ProblemKind.NOTHING_SELECTED
    assert await refusal(trading.cancel_all()) is ProblemKind.NOTHING_SELECTED
    desk.tell(OrderUpdated(make_order(state=OrderState.DONE)))
    assert await refusal(trading.cancel("o1")) is ProblemKind.NOTHING_SELECTED
    assert await refusal(trading.cancel_all()) is ProblemKind.NOTHING_SELECTED
    assert desk.venue.calls == []


async def test_all_live_orders_are_cancelled_once_at_a_time(desk: Desk, trading: Trading) -> None:
    desk.tell(OrderUpdated(make_order()))
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["cancel_all_orders"].append(answer)
    task = asyncio.create_task(trading.cancel_all())
    await quiet()
    assert await refusal(trading.cancel_all()) is ProblemKind.ALREADY_SENDING
    answer.set_result(None)
    await task
    await trading.cancel_all()
    assert desk.venue.asked("cancel_all_orders") == [(), ()]


# Closing positions


async def test_closing_is_the_reversed_order(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position()))
    assert await trading.close_position("p1") == "o1"
    assert desk.venue.asked("place_order") == [(PEPE, "sell", "100")]


async def test_a_part_is_closed_within_the_markets_precision(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position(amount="100.123456")))
    await trading.close_position("p1", Decimal("40.5555"))  # no market known: the venue judges
    desk.tell(PositionUpdated(make_position(amount="59.567956")))
    desk.tell(OrderUpdated(make_order("o1", CLOSING_ORDER, OrderState.DONE, "40.5555", 1)))
    desk.tell(MarketsListed((MARKET,)))
    kind = await refusal(trading.close_position("p1", Decimal("1.001")))
    assert kind is ProblemKind.AMOUNT_TOO_PRECISE
    assert await refusal(trading.close_position("p1", Decimal(60))) is (
        ProblemKind.MORE_THAN_POSITION
    )
    await trading.close_position("p1", Decimal("1.25"))
    desk.tell(OrderUpdated(make_order("o2", CLOSING_ORDER, OrderState.DONE, "1.25", 1)))
    desk.tell(PositionUpdated(make_position(amount="58.317956")))
    await trading.close_position("p1", Decimal("58.317956"))  # all of it, whatever its digits
    assert desk.venue.asked("place_order") == [
        (PEPE, "sell", "40.5555"),
        (PEPE, "sell", "1.25"),
        (PEPE, "sell", "58.317956"),
    ]


async def test_what_is_not_open_in_the_account_in_use_is_not_closed(
    desk: Desk, trading: Trading
) -> None:
    assert await refusal(trading.close_position("p1")) is ProblemKind.NOTHING_TO_CLOSE
    desk.tell(PositionUpdated(make_position(channel_id="0xother")))
    assert await refusal(trading.close_position("p1")) is ProblemKind.NO_CHANNEL
    assert desk.venue.calls == []


async def test_a_position_is_closed_once_at_a_time(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position()))
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    task = asyncio.create_task(trading.close_position("p1"))
    await quiet()
    # A part is another request, but together they would be more than the position.
    assert await refusal(trading.close_position("p1", Decimal(50))) is ProblemKind.ALREADY_SENDING
    answer.set_result("o1")
    await task


async def test_a_close_is_not_repeated_before_the_position_shows_it(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position()))
    await trading.close_position("p1", Decimal(60))
    again = trading.close_position
    assert await refusal(again("p1")) is ProblemKind.ALREADY_SENDING
    desk.tell(OrderUpdated(make_order("o1", CLOSING_ORDER, OrderState.WAIT)))
    desk.clock.pass_by(15)
    desk.tell(LinkHeard(TRADING))
    assert await refusal(again("p1")) is ProblemKind.ALREADY_SENDING  # it still rests
    desk.clock.pass_by(-15)
    desk.tell(OrderUpdated(make_order("o1", CLOSING_ORDER, OrderState.DONE, "60", 2)))
    desk.tell(PositionUpdated(make_position(pnl="-2")))  # the mark moved, the amount did not
    assert await refusal(again("p1")) is ProblemKind.ALREADY_SENDING
    desk.tell(PositionUpdated(make_position(amount="70")))  # the first of two fills
    assert await refusal(again("p1")) is ProblemKind.ALREADY_SENDING
    desk.tell(PositionUpdated(make_position(amount="40")))
    await again("p1")
    assert desk.venue.asked("place_order") == [(PEPE, "sell", "60"), (PEPE, "sell", "40")]


async def test_a_close_that_took_nothing_may_be_repeated_at_once(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position()))
    await trading.close_position("p1")
    desk.tell(OrderUpdated(make_order("o1", CLOSING_ORDER, OrderState.CANCEL)))
    await trading.close_position("p1")


async def test_a_close_that_never_shows_may_be_repeated_after_a_while(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position()))
    await trading.close_position("p1")
    desk.tell(OrderUpdated(make_order("o1", CLOSING_ORDER, OrderState.DONE, "100", 1)))
    desk.clock.pass_by(CLOSE_SHOWN_WITHIN.total_seconds())
    assert await refusal(trading.close_position("p1")) is ProblemKind.ALREADY_SENDING
    desk.clock.pass_by(0.001)
    await trading.close_position("p1")


async def test_a_close_not_confirmed_yet_is_not_repeated(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position()))
    desk.tell(PositionUpdated(make_position("p2", market="BTC/USD")))
    desk.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await trading.close_position("p1")
    desk.clock.pass_by(15)
    assert await refusal(trading.close_position("p1")) is ProblemKind.ALREADY_SENDING
    await trading.close_position("p2")
    desk.ledger.match_orders(())
    desk.ledger.give_up_orders(desk.ledger.waiting, ())
    await trading.close_position("p1")


async def test_a_close_that_was_not_sent_may_be_repeated(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position()))
    desk.venue.replies["place_order"].append(TransportError("The link is away."))
    with pytest.raises(TransportError):
        await trading.close_position("p1")
    await trading.close_position("p1")


async def test_an_opening_in_doubt_does_not_stop_a_close(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position(pnl="0")))
    for doubtful in (make_request(), replace(CLOSING_ORDER, market="BTC/USD")):
        desk.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
        with pytest.raises(OutcomeUnknownError):
            await trading.place(doubtful)
    await trading.close_position("p1")


async def test_closing_all_goes_on_after_a_leg_that_fails(desk: Desk, trading: Trading) -> None:
    positions = [
        make_position("a", market="A/USD"),
        make_position("b", Side.SELL, market="B/USD"),
        make_position("c", market="C/USD"),
    ]
    desk.tell(PositionsListed(CHANNEL, tuple(positions)))
    rejection = VenueRejectionError("market is halted")
    desk.venue.replies["place_order"].extend(["o1", rejection, "o3"])
    legs = await trading.close_all_positions()
    assert [(leg.position, leg.error) for leg in legs] == [
        (positions[0], None),
        (positions[1], rejection),
        (positions[2], None),
    ]
    assert desk.venue.asked("place_order") == [
        ("A/USD", "sell", "100"),
        ("B/USD", "buy", "100"),
        ("C/USD", "sell", "100"),
    ]


async def test_closing_all_of_nothing_does_nothing(desk: Desk, trading: Trading) -> None:
    assert await trading.close_all_positions() == []
    assert desk.venue.calls == []


# While the application is locked


async def test_while_locked_nothing_is_sent_and_the_ticket_says_why(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    trading = Trading(desk.venue, desk.state, desk.ledger, desk.clock, guard.gate)
    desk.tell(PositionUpdated(make_position(pnl="0")))
    desk.tell(OrderUpdated(make_order("o9")))
    guard.lock.lock()
    assert [each.kind for each in trading.problems()] == [ProblemKind.LOCKED]
    assert [each.kind for each in trading.problems(is_closing=True)] == [ProblemKind.LOCKED]
    asked: list[Awaitable[object]] = [
        trading.place(make_request()),
        trading.cancel("o9"),
        trading.cancel_all(),
        trading.close_position(make_position().position_id),
        trading.close_all_positions(),
    ]
    for work in asked:
        with pytest.raises(LockedError):
            await work
    assert desk.venue.calls == []
    assert desk.on_disk() == []
    await guard.lock.unlock(PASSPHRASE)
    assert trading.problems() == ()
    assert await trading.place(make_request()) == "o1"
    assert guard.asker.asked == []  # an order is not asked about each time


async def test_while_locked_a_position_is_closed_where_the_trader_said_so(desk: Desk) -> None:
    desk.open_account()
    guard = Guard(can_close_positions=True)
    trading = Trading(desk.venue, desk.state, desk.ledger, desk.clock, guard.gate)
    desk.tell(PositionUpdated(make_position()))
    guard.lock.lock()
    assert [each.kind for each in trading.problems()] == [ProblemKind.LOCKED]
    assert trading.problems(is_closing=True) == ()
    with pytest.raises(LockedError):
        await trading.place(CLOSING_ORDER)
    assert await trading.close_position(make_position().position_id) == "o1"
    (leg,) = await trading.close_all_positions()
    assert isinstance(leg.error, TicketError)  # on its way already


async def test_what_locks_on_the_way_ends_closing_with_the_truth(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    trading = Trading(desk.venue, desk.state, desk.ledger, desk.clock, guard.gate)
    desk.tell(PositionUpdated(make_position("a")))
    desk.tell(PositionUpdated(make_position("b", market="ETH/USD")))
    desk.venue.on_request = lambda name: guard.lock.lock()
    first, second = await trading.close_all_positions()
    assert first.error is None
    assert isinstance(second.error, LockedError)
    assert len(desk.venue.calls) == 1


# What has been asked for already closes, too, before the clearing house shows it


ALL = replace(CLOSING_ORDER, amount=Decimal(100))


@pytest.mark.parametrize("told", [None, OrderState.WAIT, OrderState.DONE])
@pytest.mark.parametrize("is_close", [False, True])
async def test_what_is_closed_but_not_shown_yet_is_not_sold_again(
    desk: Desk, trading: Trading, told: OrderState | None, is_close: bool
) -> None:
    held = make_position(pnl="-0.85")
    desk.tell(PositionUpdated(held))
    order_id = await (trading.close_position("p1") if is_close else trading.place(ALL))
    if told is not None:
        executed = "100" if told is OrderState.DONE else "0"
        desk.tell(OrderUpdated(make_order(order_id, ALL, told, executed)))
    assert await refusal(trading.place(ALL)) is ProblemKind.CLOSE_ONLY
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(100)}
    assert len(desk.venue.asked("place_order")) == 1


async def test_what_is_shown_or_came_to_nothing_may_be_sold_again(
    desk: Desk, trading: Trading
) -> None:
    desk.tell(PositionUpdated(make_position(pnl="-0.85")))
    part = replace(ALL, amount=Decimal(40))
    first = await trading.place(part)
    desk.tell(OrderUpdated(make_order(first, part, OrderState.DONE, "40")))
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(40)}
    desk.tell(PositionUpdated(make_position(amount="60", cost="6", pnl="-0.85")))
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(0)}
    second = await trading.place(replace(ALL, amount=Decimal(60)))
    desk.tell(OrderUpdated(make_order(second, ALL, OrderState.CANCEL, "0")))
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(0)}
    await trading.place(replace(ALL, amount=Decimal(60)))  # neither told nor shown, for long
    desk.clock.pass_by(11)
    assert trading.context(PEPE).resting == {Side.SELL: Decimal(0)}


async def test_stops_of_one_kind_close_a_position_once(desk: Desk, trading: Trading) -> None:
    desk.tell(PositionUpdated(make_position(pnl="-0.85")))
    stop = replace(ALL, order_type=OrderType.STOP_LOSS, trigger_price=Decimal("0.05"))
    order_id = await trading.place(stop)
    desk.tell(OrderUpdated(make_order(order_id, stop, OrderState.TRIGGER_WAIT)))
    limited = replace(stop, order_type=OrderType.STOP_LIMIT, price=Decimal("0.05"))
    assert await refusal(trading.place(limited)) is ProblemKind.CLOSE_ONLY
    taking = replace(stop, order_type=OrderType.TAKE_PROFIT, trigger_price=Decimal(1))
    await trading.place(taking)  # a stop below and one above are one close between them
    assert await trading.place(ALL)  # and neither is in the way of closing by hand
