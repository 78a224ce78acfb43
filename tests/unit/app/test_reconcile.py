"""Doubts are settled after a sign-in, by the venue's lists and announcements and nothing else."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from kayen_desktop.app.reconcile import LOOKS, Reconciler
from kayen_desktop.domain.channels import ClearingState
from kayen_desktop.domain.errors import KayenError, OutcomeUnknownError, TransportError
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    FillReceived,
    LinkChanged,
    LinkState,
)
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.settlement import PaymentMethod
from tests.unit.domain.samples import (
    BROKER,
    CHANNEL,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_order,
    make_request,
)

from .conftest import Desk, quiet
from .fake_venue import CLEARING

OPEN = OpenChannelRequest(BROKER, Decimal(1))
CLOSE = CloseChannelRequest(CHANNEL)
UNCONFIRMED = IntentOutcome.UNCONFIRMED
CONFIRMED = IntentOutcome.CONFIRMED
NOT_RECEIVED = IntentOutcome.NOT_RECEIVED


@pytest.fixture
def reconciler(desk: Desk) -> Reconciler:
    return Reconciler(desk.venue, desk.state, desk.ledger, between_looks_s=0, announcement_s=0)


async def lose(desk: Desk, request: IntentRequest) -> None:
    async def send() -> str:
        raise OutcomeUnknownError("No answer has come.")

    with pytest.raises(OutcomeUnknownError):
        await desk.ledger.submit(request, send)


# Orders


async def test_without_doubts_one_look_is_enough(desk: Desk, reconciler: Reconciler) -> None:
    desk.open_account()
    await lose(desk, OPEN)  # another question, another answer
    desk.tell(FillReceived(make_fill("172783")))
    await reconciler.settle_orders()
    assert desk.venue.calls == [
        ("list_fills", "172783"),
        ("list_positions", CHANNEL),
        ("list_orders",),
    ]


async def test_an_order_on_the_list_is_confirmed_at_the_first_look(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, make_request())
    desk.venue.orders = (make_order("o1"),)
    await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": CONFIRMED}
    assert desk.venue.calls == [("list_fills",), ("list_orders",)]


async def test_an_order_is_not_received_only_after_the_last_look(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, make_request())
    seen: list[IntentOutcome] = []
    desk.venue.on_request = lambda name: seen.append(desk.outcomes()["i1"])
    await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": NOT_RECEIVED}
    assert len(desk.venue.asked("list_orders")) == LOOKS
    assert set(seen) == {UNCONFIRMED}


async def test_an_order_that_arrives_late_is_found(desk: Desk, reconciler: Reconciler) -> None:
    await lose(desk, make_request())
    desk.venue.replies["list_orders"].extend([(), (), (make_order("o1", created_at=later(5)),)])
    await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": CONFIRMED}


async def test_what_gets_lost_meanwhile_is_for_the_next_sign_in(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, make_request())
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["list_orders"].append(answer)
    task = asyncio.create_task(reconciler.settle_orders())
    await quiet()
    await lose(desk, make_request(amount="7"))
    answer.set_result(())
    await task
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": UNCONFIRMED}
    await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": NOT_RECEIVED}


async def test_a_newer_sign_in_looks_in_place_of_the_older(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, make_request())
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["list_orders"].append(answer)
    older = asyncio.create_task(reconciler.settle_orders())
    await quiet()
    desk.venue.orders = (make_order("o1"),)
    await reconciler.settle_orders()
    assert desk.state.intents["i1"].venue_id == "o1"
    answer.set_result((make_order("o2"),))
    await older
    assert len(desk.venue.asked("list_orders")) == 2
    assert desk.state.intents["i1"].venue_id == "o1"


async def test_a_lost_order_waits_for_its_twin_that_is_being_answered(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, make_request())
    answer = asyncio.get_running_loop().create_future()
    desk.venue.replies["place_order"].append(answer)
    request = make_request()
    twin = asyncio.create_task(desk.ledger.submit(request, lambda: desk.venue.place_order(request)))
    await quiet()
    desk.venue.orders = (make_order("twin"),)

    def answer_after_many_looks(name: str) -> None:
        if len(desk.venue.asked("list_orders")) == LOOKS + 2:
            answer.set_result("twin")

    desk.venue.on_request = answer_after_many_looks
    await reconciler.settle_orders()
    assert await twin == "twin"
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": CONFIRMED}


@pytest.mark.parametrize("name", ["list_fills", "list_orders"])
async def test_a_venue_that_can_not_be_asked_settles_nothing(
    desk: Desk, reconciler: Reconciler, name: str
) -> None:
    await lose(desk, make_request())
    desk.venue.replies[name].append(TransportError("The link is away."))
    with pytest.raises(KayenError):
        await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": UNCONFIRMED}


async def test_orders_are_settled_while_the_clearing_house_is_away(
    desk: Desk, reconciler: Reconciler
) -> None:
    desk.open_account()
    await lose(desk, make_request())
    desk.venue.orders = (make_order("o1"),)
    desk.venue.replies["list_positions"].append(TransportError("Clearport is away."))
    await reconciler.settle_orders()
    assert desk.outcomes() == {"i1": CONFIRMED}


# Accounts


def sign_in(desk: Desk) -> None:
    desk.clock.pass_by(1)
    desk.tell(LinkChanged(CLEARING, LinkState.CONNECTING))
    desk.tell(LinkChanged(CLEARING, LinkState.SIGNING_IN))
    desk.clock.pass_by(1)
    desk.tell(LinkChanged(CLEARING, LinkState.READY))


async def test_an_opening_that_is_not_announced_was_not_received(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, OPEN)
    await lose(desk, make_request())
    sign_in(desk)
    await reconciler.settle_channels()
    assert desk.outcomes() == {"i1": NOT_RECEIVED, "i2": UNCONFIRMED}


@pytest.mark.parametrize(
    ("announced", "outcome"),
    [
        (ChannelUpdated(make_channel(turn_num=2)), NOT_RECEIVED),
        (ChannelUpdated(make_channel(clearing_state=ClearingState.FINALIZED)), CONFIRMED),
        (ChannelClosed(CHANNEL), CONFIRMED),
        (None, CONFIRMED),  # told as open before the sign-in, and not again since
    ],
)
async def test_a_closing_is_settled_by_what_is_announced_since_the_sign_in(
    desk: Desk,
    reconciler: Reconciler,
    announced: ChannelUpdated | ChannelClosed | None,
    outcome: IntentOutcome,
) -> None:
    desk.open_account()
    await lose(desk, CLOSE)
    sign_in(desk)
    if announced is not None:
        desk.tell(announced)
    await reconciler.settle_channels()
    assert desk.outcomes() == {"i1": outcome}


async def test_announcements_while_signing_in_count(desk: Desk, reconciler: Reconciler) -> None:
    desk.open_account()
    await lose(desk, CLOSE)
    desk.clock.pass_by(1)
    desk.tell(LinkChanged(CLEARING, LinkState.SIGNING_IN))
    desk.tell(LinkChanged(CLEARING, LinkState.RETRYING))
    desk.tell(LinkChanged(CLEARING, LinkState.SIGNING_IN))
    desk.tell(ChannelUpdated(make_channel(turn_num=2)))
    desk.clock.pass_by(1)
    desk.tell(LinkChanged(CLEARING, LinkState.READY))
    await reconciler.settle_channels()
    assert desk.outcomes() == {"i1": NOT_RECEIVED}


@pytest.mark.parametrize("is_back", [False, True])
async def test_a_connection_lost_meanwhile_settles_nothing(
    desk: Desk, reconciler: Reconciler, is_back: bool
) -> None:
    await lose(desk, OPEN)
    sign_in(desk)
    task = asyncio.create_task(reconciler.settle_channels())
    await asyncio.sleep(0)
    desk.clock.pass_by(1)
    desk.tell(LinkChanged(CLEARING, LinkState.RETRYING))
    if is_back:
        desk.tell(LinkChanged(CLEARING, LinkState.READY))
    await task
    assert desk.outcomes() == {"i1": UNCONFIRMED}


async def test_before_any_connection_nothing_is_settled(desk: Desk, reconciler: Reconciler) -> None:
    await lose(desk, OPEN)
    await reconciler.settle_channels()
    assert desk.outcomes() == {"i1": UNCONFIRMED}


async def test_a_trade_made_elsewhere_that_nobody_spoke_of_is_never_known(
    desk: Desk, reconciler: Reconciler
) -> None:
    await lose(desk, RecordTradeRequest(CHANNEL, make_fill("T-1")))
    await lose(desk, SettleRequest(CHANNEL, (PEPE,), PaymentMethod.ESCROW, 1))
    await reconciler.settle_channels()
    assert desk.outcomes() == {"i1": UNCONFIRMED, "i2": UNCONFIRMED}
    sign_in(desk)
    await reconciler.settle_channels()
    # What became of a settlement shows in positions, and is not decided here.
    assert desk.outcomes() == {"i1": IntentOutcome.NEVER_KNOWN, "i2": UNCONFIRMED}
