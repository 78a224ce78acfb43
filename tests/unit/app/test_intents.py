"""Intents: on disk before the wire, sent once, and settled by nothing but the venue's word."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.intents import CLOCK_SKEW, IntentLedger
from kayen_desktop.domain.channels import Broker, Channel, ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    JournalError,
    KayenError,
    OutcomeUnknownError,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import OrderUpdated
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, Side
from kayen_desktop.domain.settlement import PaymentMethod
from tests.unit.domain.samples import (
    BROKER,
    CHANNEL,
    NOW,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_order,
    make_request,
)

from .conftest import Desk, open_journal, quiet

REQUEST = make_request()
OPEN = OpenChannelRequest(BROKER, Decimal(1))
CLOSE = CloseChannelRequest(CHANNEL)
SETTLE = SettleRequest(CHANNEL, (PEPE,), PaymentMethod.ESCROW, 1)
RECORD = RecordTradeRequest(CHANNEL, make_fill("T-1"))
UNCONFIRMED = IntentOutcome.UNCONFIRMED
CONFIRMED = IntentOutcome.CONFIRMED
REJECTED = IntentOutcome.REJECTED
NOT_RECEIVED = IntentOutcome.NOT_RECEIVED


async def place(desk: Desk, request: OrderRequest = REQUEST) -> str:
    return await desk.ledger.submit(request, lambda: desk.venue.place_order(request))


async def lose(desk: Desk, request: IntentRequest = REQUEST) -> None:
    """Submit a request whose answer never comes."""

    async def send() -> str:
        raise OutcomeUnknownError("No answer has come.")

    with pytest.raises(OutcomeUnknownError):
        await desk.ledger.submit(request, send)


# Journal first


async def test_the_intent_is_on_disk_before_the_frame_is_on_the_wire(desk: Desk) -> None:
    found: list[list[Intent]] = []
    desk.venue.on_request = lambda name: found.append(desk.on_disk())
    assert await place(desk) == "o1"
    assert found == [[Intent("i1", REQUEST, NOW)]]
    assert desk.on_disk() == []
    assert desk.journal.venue_ids() == {"o1"}


async def test_what_can_not_be_written_down_is_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    with closing(open_journal(desk.path)) as journal, closing(sqlite3.connect(desk.path)) as other:
        ledger = IntentLedger(journal, desk.tell, desk.clock, lambda: "i1", {})
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError):
            await ledger.submit(REQUEST, lambda: desk.venue.place_order(REQUEST))
    assert desk.venue.calls == []
    assert ledger.unconfirmed == []
    assert desk.state.intents == {}


async def test_an_outcome_that_can_not_be_written_down_is_true_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    with closing(open_journal(desk.path)) as journal, closing(sqlite3.connect(desk.path)) as other:
        ledger = IntentLedger(journal, desk.tell, desk.clock, lambda: "i1", {})

        def lock(name: str) -> None:
            other.execute("BEGIN IMMEDIATE")

        desk.venue.on_request = lock
        venue_id = await ledger.submit(REQUEST, lambda: desk.venue.place_order(REQUEST))
    assert venue_id == "o1"
    assert desk.outcomes() == {"i1": CONFIRMED}
    assert "could not be kept" in caplog.text
    # The next start asks the venue again, and finds the order.
    desk.ledger.load()
    desk.ledger.match_orders((make_order("o1"),))
    assert desk.journal.venue_ids() == {"o1"}


# Outcomes


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (VenueRejectionError("not enough funds"), REJECTED, "not enough funds"),
        (TransportError("The link is away."), IntentOutcome.NOT_SENT, "The link is away."),
        (OutcomeUnknownError("No answer."), UNCONFIRMED, ""),
    ],
)
async def test_each_way_of_failing_has_its_outcome(
    desk: Desk, error: KayenError, outcome: IntentOutcome, reason: str
) -> None:
    desk.venue.replies["place_order"].append(error)
    with pytest.raises(type(error)):
        await place(desk)
    intent = desk.state.intents["i1"]
    assert (intent.outcome, intent.reason) == (outcome, reason)
    assert [each.intent_id for each in desk.on_disk()] == (["i1"] if outcome is UNCONFIRMED else [])
    assert len(desk.venue.calls) == 1


async def test_a_submit_cut_short_stays_unconfirmed(desk: Desk) -> None:
    desk.venue.replies["place_order"].append(asyncio.get_running_loop().create_future())
    task = asyncio.create_task(place(desk))
    await quiet()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    assert [intent.intent_id for intent in desk.ledger.waiting] == ["i1"]
    assert desk.on_disk() != []


async def test_the_same_request_is_not_sent_while_it_is_on_its_way(desk: Desk) -> None:
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    task = asyncio.create_task(place(desk))
    await quiet()
    with pytest.raises(TicketError) as refused:
        await place(desk, make_request(amount="100.0"))
    assert refused.value.problems[0].kind is ProblemKind.ALREADY_SENDING
    assert await place(desk, make_request(amount="101")) == "o2"
    answer.set_result("o1")
    assert await task == "o1"
    assert await place(desk) == "o3"


async def test_what_is_being_answered_is_not_settled_by_lists(desk: Desk) -> None:
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    task = asyncio.create_task(place(desk))
    await quiet()
    assert desk.ledger.waiting == []
    assert [intent.intent_id for intent in desk.ledger.unconfirmed] == ["i1"]
    desk.ledger.match_orders((make_order("o1"),))
    desk.ledger.give_up_orders(desk.ledger.unconfirmed, ())
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    answer.set_result("o1")
    await task
    assert desk.outcomes() == {"i1": CONFIRMED}


async def test_an_earlier_run_left_what_it_left(desk: Desk) -> None:
    await lose(desk)
    with closing(open_journal(desk.path)) as journal:
        told: list[Intent] = []
        ledger = IntentLedger(
            journal, lambda event: told.append(event.intent), desk.clock, lambda: "i2", {}
        )
        ledger.load()
        assert told == ledger.waiting == [Intent("i1", REQUEST, NOW)]
        ledger.match_orders((make_order("o7"),))
    assert told[-1] == Intent("i1", REQUEST, NOW, CONFIRMED, "o7")
    assert desk.on_disk() == []


# Matching orders


async def test_a_listed_order_confirms_its_intent_once(desk: Desk) -> None:
    await lose(desk)
    desk.ledger.match_orders((make_order("o1"),))
    desk.ledger.match_orders((make_order("o1"),))
    await lose(desk)
    desk.ledger.match_orders((make_order("o1"),))
    assert desk.outcomes() == {"i1": CONFIRMED, "i2": UNCONFIRMED}
    assert desk.state.intents["i1"].venue_id == "o1"


async def test_equal_intents_take_the_oldest_orders_first(desk: Desk) -> None:
    await lose(desk)
    await lose(desk)
    desk.ledger.match_orders(
        (make_order("late", created_at=later(2)), make_order("early", created_at=later(1)))
    )
    assert [desk.state.intents[key].venue_id for key in ("i1", "i2")] == ["early", "late"]


async def test_one_order_settles_one_of_two_equal_intents(desk: Desk) -> None:
    await lose(desk)
    await lose(desk)
    orders = (make_order("o1"),)
    desk.ledger.match_orders(orders)
    assert desk.outcomes() == {"i1": CONFIRMED, "i2": UNCONFIRMED}
    assert desk.ledger.give_up_orders(desk.ledger.waiting, orders) == []
    assert desk.outcomes() == {"i1": CONFIRMED, "i2": NOT_RECEIVED}


@pytest.mark.parametrize(
    "order",
    [
        make_order("o1", make_request(amount="101")),
        make_order("o1", make_request(side=Side.SELL)),
    ],
)
async def test_another_order_confirms_nothing(desk: Desk, order: Order) -> None:
    await lose(desk)
    desk.ledger.match_orders((order,))
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    desk.ledger.give_up_orders(desk.ledger.waiting, (order,))
    assert desk.outcomes() == {"i1": NOT_RECEIVED}


async def test_an_order_the_venue_rejected_is_a_rejection(desk: Desk) -> None:
    await lose(desk)
    desk.ledger.match_orders(
        (make_order("o1", state=OrderState.REJECT, reason="not enough funds"),)
    )
    intent = desk.state.intents["i1"]
    assert (intent.outcome, intent.venue_id, intent.reason) == (REJECTED, "o1", "not enough funds")


async def test_an_order_confirmed_at_once_is_not_taken_for_a_lost_twin(desk: Desk) -> None:
    await place(desk)
    await lose(desk)
    desk.ledger.match_orders((make_order("o1"),))
    assert desk.outcomes() == {"i1": CONFIRMED, "i2": UNCONFIRMED}


async def test_a_lost_order_does_not_take_that_of_a_twin_being_answered(desk: Desk) -> None:
    await lose(desk)
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    task = asyncio.create_task(place(desk))
    await quiet()
    doubtful = desk.ledger.waiting
    orders = (make_order("twin"),)
    desk.ledger.match_orders(orders)
    assert desk.ledger.give_up_orders(doubtful, orders) == doubtful
    answer.set_result("twin")
    await task
    desk.ledger.match_orders(orders)
    assert desk.ledger.give_up_orders(doubtful, orders) == []
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": CONFIRMED}


async def test_before_the_first_list_the_clocks_tell_twins_apart(desk: Desk) -> None:
    await lose(desk)
    too_old = make_order("old", created_at=NOW - CLOCK_SKEW - (later(1) - NOW))
    desk.ledger.match_orders((too_old,))
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    # It may be the intent's own after all, where our clock is far ahead: nothing is claimed.
    assert desk.ledger.give_up_orders(desk.ledger.waiting, (too_old,)) == []
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    within = make_order("o1", created_at=NOW - CLOCK_SKEW)
    desk.ledger.match_orders((too_old, within))
    assert desk.state.intents["i1"].venue_id == "o1"


async def test_after_the_first_list_a_wrong_clock_does_no_harm(desk: Desk) -> None:
    desk.clock.pass_by(3600)  # our clock is an hour ahead of the venue's
    known = make_order("known", created_at=NOW)
    desk.tell(OrderUpdated(known))
    desk.ledger.match_orders((known,))
    await lose(desk)
    desk.ledger.match_orders((known,))
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    desk.ledger.match_orders((known, make_order("o1", created_at=later(1))))
    assert desk.state.intents["i1"].venue_id == "o1"


async def test_an_order_known_before_is_never_the_answer(desk: Desk) -> None:
    desk.ledger.match_orders(())
    rejected = make_order("r", state=OrderState.REJECT)
    desk.tell(OrderUpdated(rejected))
    await lose(desk)
    desk.ledger.match_orders((rejected,))
    desk.ledger.give_up_orders(desk.ledger.waiting, (rejected,))
    assert desk.outcomes() == {"i1": NOT_RECEIVED}


async def test_giving_up_settles_what_was_doubtful_and_nothing_else(desk: Desk) -> None:
    await lose(desk)
    doubtful = desk.ledger.waiting
    await lose(desk, make_request(amount="7"))
    await lose(desk, OPEN)
    desk.ledger.give_up_orders([*doubtful, desk.ledger.waiting[-1]], ())
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": UNCONFIRMED, "i3": UNCONFIRMED}


async def test_an_outcome_is_told_once(desk: Desk) -> None:
    await lose(desk)
    doubtful = desk.ledger.waiting
    desk.ledger.match_orders((make_order("o1"),))
    told = len(desk.told)
    desk.ledger.give_up_orders(doubtful, ())
    desk.ledger.match_announced([replace(doubtful[0], request=OPEN)], {})
    assert len(desk.told) == told
    assert desk.outcomes() == {"i1": CONFIRMED}


# Accounts


@pytest.mark.parametrize(
    ("channel", "outcome"),
    [
        (make_channel(clearing_state=ClearingState.INSTANTIATING), CONFIRMED),
        (make_channel(broker=replace(BROKER, address=BROKER.address.lower())), CONFIRMED),
        (make_channel(deposit=None), CONFIRMED),
        (make_channel(broker=None), CONFIRMED),
        (make_channel(clearing_state=ClearingState.FAILED), CONFIRMED),
        (make_channel(deposit="2"), UNCONFIRMED),
        (make_channel(broker=Broker("0x01", "Other")), UNCONFIRMED),
        (make_channel(state=ChannelState.CLOSED), UNCONFIRMED),
    ],
)
async def test_an_account_announced_confirms_its_opening(
    desk: Desk, channel: Channel, outcome: IntentOutcome
) -> None:
    await lose(desk, OPEN)
    desk.ledger.match_channel(channel)
    assert desk.outcomes() == {"i1": outcome}


async def test_an_account_known_before_is_not_the_one_asked_for(desk: Desk) -> None:
    desk.ledger.match_channel(make_channel())
    await lose(desk, OPEN)
    desk.ledger.match_channel(make_channel(turn_num=2))
    assert desk.outcomes() == {"i1": UNCONFIRMED}
    desk.ledger.match_channel(make_channel("0xnew"))
    assert desk.state.intents["i1"].venue_id == "0xnew"


async def test_one_account_confirms_one_opening(desk: Desk) -> None:
    await lose(desk, OPEN)
    await lose(desk, OPEN)
    desk.ledger.match_channel(make_channel())
    assert desk.outcomes() == {"i1": CONFIRMED, "i2": UNCONFIRMED}


@pytest.mark.parametrize(
    ("channel", "outcome"),
    [
        (make_channel(), UNCONFIRMED),
        (make_channel(clearing_state=ClearingState.FINALIZING), CONFIRMED),
        (make_channel(state=ChannelState.CLOSED), CONFIRMED),
        (make_channel("0xother", ChannelState.CLOSED), UNCONFIRMED),
    ],
)
async def test_an_account_seen_closing_confirms_its_closing(
    desk: Desk, channel: Channel, outcome: IntentOutcome
) -> None:
    await lose(desk, CLOSE)
    await lose(desk)  # an order has no part in this
    desk.ledger.match_channel(channel)
    assert desk.outcomes() == {"i1": outcome, "i2": UNCONFIRMED}


@pytest.mark.parametrize(
    ("announced", "outcome"),
    [
        ([], CONFIRMED),
        ([make_channel()], NOT_RECEIVED),
        ([make_channel(clearing_state=ClearingState.CONCLUDING)], CONFIRMED),
        ([make_channel(state=ChannelState.CLOSED)], CONFIRMED),
    ],
)
async def test_the_announcements_after_a_sign_in_settle_a_closing(
    desk: Desk, announced: list[Channel], outcome: IntentOutcome
) -> None:
    await lose(desk, CLOSE)
    channels = {channel.channel_id: channel for channel in announced}
    desk.ledger.match_announced(desk.ledger.waiting, channels)
    assert desk.outcomes() == {"i1": outcome}


async def test_an_opening_not_announced_was_not_received(desk: Desk) -> None:
    await lose(desk, OPEN)
    await lose(desk)
    desk.ledger.match_announced(desk.ledger.waiting, {})
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": UNCONFIRMED}


async def test_twins_of_one_second_listed_newest_first_each_find_their_own_order(
    desk: Desk,
) -> None:
    desk.ledger.match_orders(())
    first, second = make_order("first", created_at=NOW), make_order("second", created_at=NOW)
    await lose(desk)
    desk.tell(OrderUpdated(first))
    await lose(desk)
    desk.tell(OrderUpdated(second))
    desk.ledger.match_orders((second, first))
    assert {intent.venue_id for intent in desk.state.intents.values()} == {"first", "second"}
    assert desk.ledger.unconfirmed == []


# What else must be written down


async def test_what_belongs_to_an_intent_is_prepared_between_disk_and_wire(desk: Desk) -> None:
    seen: list[tuple[str, list[Intent], int]] = []

    def look(name: str) -> None:
        seen.append((name, desk.on_disk(), len(desk.ledger.waiting)))

    desk.venue.on_request = look
    await desk.ledger.submit(
        REQUEST,
        lambda: desk.venue.place_order(REQUEST),
        prepare=lambda intent: look(intent.intent_id),
    )
    intent = Intent("i1", REQUEST, NOW)
    assert seen == [("i1", [intent], 0), ("place_order", [intent], 0)]


async def test_what_can_not_be_prepared_is_not_sent(desk: Desk) -> None:
    def prepare(intent: Intent) -> None:
        raise JournalError("The disk is full.")

    with pytest.raises(JournalError):
        await desk.ledger.submit(REQUEST, lambda: desk.venue.place_order(REQUEST), prepare=prepare)
    assert desk.venue.calls == []
    assert desk.outcomes() == {"i1": IntentOutcome.NOT_SENT}
    assert desk.state.intents["i1"].reason == "The disk is full."
    assert desk.on_disk() == []
    assert await place(desk) == "o1"


# Settlements and trades made elsewhere


@pytest.mark.parametrize(("is_taken_in", "outcome"), [(True, CONFIRMED), (False, NOT_RECEIVED)])
async def test_a_request_to_settle_is_settled_by_what_became_of_it(
    desk: Desk, is_taken_in: bool, outcome: IntentOutcome
) -> None:
    await lose(desk, SETTLE)
    await lose(desk, replace(SETTLE, markets=()))
    await lose(desk)
    desk.ledger.match_announced(desk.ledger.waiting, {})  # that is not for them
    for intent_id in ("i1", "i3", "i9"):
        desk.ledger.match_settlement(intent_id, is_taken_in=is_taken_in)
    assert desk.outcomes() == {"i1": outcome, "i2": UNCONFIRMED, "i3": UNCONFIRMED}


async def test_a_request_to_settle_that_is_being_answered_is_left_alone(desk: Desk) -> None:
    async def send() -> str:
        desk.ledger.match_settlement("i1", is_taken_in=False)
        return ""

    await desk.ledger.submit(SETTLE, send)
    assert desk.outcomes() == {"i1": CONFIRMED}


@pytest.mark.parametrize(
    ("channel_id", "fill_id", "outcome"),
    [
        (CHANNEL, "T-1", CONFIRMED),
        (CHANNEL, "T-2", UNCONFIRMED),
        ("0xother", "T-1", UNCONFIRMED),
    ],
)
async def test_the_house_confirms_a_trade_that_it_has(
    desk: Desk, channel_id: str, fill_id: str, outcome: IntentOutcome
) -> None:
    await lose(desk, RECORD)
    await lose(desk)
    desk.ledger.match_recorded(channel_id, fill_id)
    assert desk.outcomes() == {"i1": outcome, "i2": UNCONFIRMED}


async def test_a_trade_nobody_spoke_of_can_never_be_known(desk: Desk) -> None:
    await lose(desk, RECORD)
    await lose(desk, CLOSE)
    desk.ledger.match_announced(desk.ledger.waiting, {CHANNEL: make_channel()})
    assert desk.outcomes() == {"i1": IntentOutcome.NEVER_KNOWN, "i2": NOT_RECEIVED}
    assert desk.on_disk() == []


async def test_the_new_requests_survive_a_new_start(desk: Desk) -> None:
    await lose(desk, SETTLE)
    await lose(desk, RECORD)
    assert [intent.request for intent in desk.on_disk()] == [SETTLE, RECORD]
