"""Kayen over real sockets to a clearing house of a few lines: how it settles and is described.

All else of the venue is tested against the practice venue, in tests/integration.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from kayen_desktop.domain.errors import OutcomeUnknownError, TransportError, VenueRejectionError
from kayen_desktop.domain.events import (
    ChannelUpdated,
    ClearingHouseDescribed,
    Event,
    LinkChanged,
    LinkState,
    SettlementUpdated,
)
from kayen_desktop.domain.settlement import PaymentMethod, Settlement, SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.venues.kayen import FINEX, KayenVenue
from kayen_desktop.venues.registry import Network
from kayen_desktop.venues.venue import Capability

ADDRESS = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
IDENTITY = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
CHANNEL = "0x" + "5" * 64
MARKETS = ("PEPE/USD", "BTC/USD")
ANSWERS = {
    "challenge": {"challenge": "4ffc0b7f"},
    "authenticate": {},
    "channel_jwt": {"jwt": "a.b.c"},
    "version": {"version": "1.0.0"},
    "identity_address": {"address": IDENTITY},
    "active_channels_count": {"count": 240},
    "request_settlement": {},
}
QUESTIONS = ("version", "identity_address", "active_channels_count")
FULL = ClearingHouseDescribed("1.0.0", IDENTITY, 240)


class Wallet:
    """Signs whatever it is given."""

    address = ADDRESS

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        return "0x" + "1" * 130


class House:
    """A clearing house: it answers each event as told, refuses some, and ignores some."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = dict(ANSWERS)
        self.refused: Collection[str] = ()
        self.ignored: Collection[str] = ()
        self.is_numbering_errors = True
        self.asked: list[dict[str, object]] = []
        self.told: list[Event] = []
        self.connections = 0
        self.sockets: list[ServerConnection] = []
        self.changed = asyncio.Condition()

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.sockets.append(socket)
        try:
            async for frame in socket:
                asked = json.loads(frame)
                self.asked.append(asked)
                if (reply := self.reply_to(asked["event"], asked["reqid"])) is not None:
                    await socket.send(json.dumps(reply))
                await self.notify()
        except ConnectionClosed:
            pass  # the client went away, as it may

    def reply_to(self, event: str, reqid: int) -> dict[str, object] | None:
        if event in self.refused:
            error: dict[str, object] = {"event": "error", "data": {"error": "unknown method"}}
            return error | ({"reqid": reqid} if self.is_numbering_errors else {})
        if event in self.ignored or event not in self.answers:
            return None
        return {"event": event, "reqid": reqid, "data": self.answers[event]}

    def frames(self, event: str) -> list[dict[str, object]]:
        return [each for each in self.asked if each["event"] == event]

    async def say(self, event: str, data: object) -> None:
        await self.sockets[-1].send(json.dumps({"event": event, "reqid": 2, "data": data}))

    async def say_state(self, state: str, channel_id: str = CHANNEL) -> None:
        await self.say("stream_notification", {"channel_id": channel_id, "channel_state": state})
        told = (channel_id, state)
        await self.until(lambda: told in [_word(each) for each in self.told])

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(condition)

    def descriptions(self) -> list[ClearingHouseDescribed]:
        return [each for each in self.told if isinstance(each, ClearingHouseDescribed)]


async def sign_in_only(socket: ServerConnection) -> None:
    """Be an exchange that takes any token and answers nothing else."""
    try:
        async for frame in socket:
            kind, reqid, method, _ = json.loads(frame)
            if (kind, method) == (1, "auth"):
                await socket.send(json.dumps([2, reqid, "auth", ["authenticated"]]))
    except ConnectionClosed:
        pass  # the client went away, as it may


def _word(event: Event) -> tuple[str, str]:
    if not isinstance(event, ChannelUpdated):
        return "", ""
    return event.channel.channel_id, event.channel.state.value


@asynccontextmanager
async def open_venue(house: House, *, request_timeout_s: float = 10) -> AsyncIterator[KayenVenue]:
    """Yield a venue that is signed in to the house; its exchange says yes to any token."""
    async with (
        serve(house.serve, "127.0.0.1", 0) as clearing,
        serve(sign_in_only, "127.0.0.1", 0) as trading,
    ):
        urls = [
            f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in (clearing, trading)
        ]
        network = Network("Test", "", "usd", 1337, urls[0], urls[1], ())
        venue = KayenVenue(
            network, Wallet(), lambda: datetime.now(UTC), request_timeout_s=request_timeout_s
        )
        loop = asyncio.get_running_loop()
        notices: set[asyncio.Task[None]] = set()

        def hear(event: Event) -> None:
            house.told.append(event)
            task = loop.create_task(house.notify())
            notices.add(task)
            task.add_done_callback(notices.discard)

        venue.listen(hear)
        running = asyncio.create_task(venue.run())
        try:
            await house.until(lambda: venue.clearing.state is LinkState.READY)
            yield venue
        finally:
            running.cancel()
            await asyncio.gather(running, *notices, return_exceptions=True)


async def test_the_venue_settles_on_its_networks_chain() -> None:
    network = Network("Test", "", "usd", 59144, None, None, ())
    venue = KayenVenue(network, Wallet(), lambda: datetime.now(UTC))
    assert venue.chain_id == 59144
    assert Capability.SETTLEMENT in venue.capabilities


# ---- what the clearing house says of itself ----------------------------------------------------


async def test_the_clearing_house_describes_itself_in_one_event() -> None:
    house = House()
    async with open_venue(house) as venue:
        await venue.describe_clearing_house()
        assert house.descriptions() == [FULL]
        assert [len(house.frames(event)) for event in QUESTIONS] == [1, 1, 1]


@pytest.mark.parametrize("is_numbering_errors", [True, False])
async def test_a_question_refused_is_no_error(is_numbering_errors: bool) -> None:
    house = House()
    house.refused = QUESTIONS
    house.is_numbering_errors = is_numbering_errors
    async with open_venue(house) as venue:
        await venue.describe_clearing_house()
        assert house.descriptions() == [ClearingHouseDescribed()]
        assert house.connections == 1
        assert venue.clearing.state is LinkState.READY


async def test_a_question_never_answered_leaves_the_others_and_the_connection() -> None:
    house = House()
    house.ignored = {"version"}
    async with open_venue(house, request_timeout_s=0.2) as venue:
        await venue.describe_clearing_house()
        assert house.descriptions() == [ClearingHouseDescribed(None, IDENTITY, 240)]
        assert house.connections == 1
        assert venue.clearing.is_idle


async def test_an_answer_that_comes_too_late_or_twice_is_no_trouble() -> None:
    house = House()
    house.ignored = QUESTIONS
    async with open_venue(house, request_timeout_s=0.2) as venue:
        await venue.describe_clearing_house()
        (asked,) = house.frames("identity_address")
        late = {"event": "error", "reqid": asked["reqid"], "data": {"error": "unknown method"}}
        house.ignored = ()
        await house.sockets[-1].send(json.dumps(late))
        await venue.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1337, MARKETS)
        await venue.describe_clearing_house()
        assert house.descriptions() == [ClearingHouseDescribed(), FULL]
        assert house.connections == 1


@pytest.mark.parametrize(
    ("event", "data", "expected"),
    [
        ("version", {"version": "2\u202e\n" + "x" * 100}, None),
        ("version", {"version": {"major": 2}}, None),
        ("identity_address", {"address": "0x12"}, None),
        ("active_channels_count", {"count": -1}, None),
        ("active_channels_count", {"count": "7"}, 7),
    ],
)
async def test_an_unreadable_answer_is_told_as_none(
    event: str, data: object, expected: object
) -> None:
    house = House()
    house.answers[event] = data
    async with open_venue(house) as venue:
        await venue.describe_clearing_house()
        (told,) = house.descriptions()
        assert (told.version, told.identity_address, told.active_channels)[
            QUESTIONS.index(event)
        ] == expected
        assert house.connections == 1


async def test_a_clearing_house_that_is_not_there_is_not_asked() -> None:
    network = Network("Test", "", "usd", 1, None, None, ())
    venue = KayenVenue(network, Wallet(), lambda: datetime.now(UTC))
    with pytest.raises(TransportError, match="nothing was sent"):
        await venue.describe_clearing_house()


async def test_a_connection_lost_amid_the_questions_leaves_them_unanswered() -> None:
    house = House()
    house.ignored = QUESTIONS
    async with open_venue(house) as venue:
        describing = asyncio.create_task(venue.describe_clearing_house())
        await house.until(lambda: all(house.frames(event) for event in QUESTIONS))
        await house.sockets[-1].close()
        await describing
        assert house.descriptions() == [ClearingHouseDescribed()]


# ---- settlements -------------------------------------------------------------------------------


async def test_a_settlement_is_asked_for_once_and_told_as_it_goes() -> None:
    house = House()
    async with open_venue(house) as venue:
        await venue.request_settlement(CHANNEL, PaymentMethod.MOCK, 1337, MARKETS)
        (asked,) = house.frames("request_settlement")
        assert asked["data"] == {
            "channel_id": CHANNEL,
            "payment_method": "mock",
            "chain_id": 1337,
            "markets": ["PEPE/USD", "BTC/USD"],
        }
        data = {"channel_id": CHANNEL, "settlement_state": "proposed"}
        await house.say("settlement_notification", data)
        proposed = SettlementUpdated(Settlement(CHANNEL, SettlementState.PROPOSED))
        await house.until(lambda: proposed in house.told)


async def test_a_settlement_refused_is_the_venues_word() -> None:
    house = House()
    house.refused = {"request_settlement"}
    async with open_venue(house) as venue:
        with pytest.raises(VenueRejectionError, match="unknown method"):
            await venue.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1337, MARKETS)
        assert house.connections == 1


async def test_a_settlement_without_an_answer_is_unknown_and_everything_is_listed_again() -> None:
    house = House()
    house.ignored = {"request_settlement"}
    async with open_venue(house, request_timeout_s=0.2) as venue:
        with pytest.raises(OutcomeUnknownError):
            await venue.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1337, MARKETS)
        await house.until(
            lambda: house.connections == 2 and venue.clearing.state is LinkState.READY
        )
        assert len(house.frames("request_settlement")) == 1, "it is never sent twice"


async def test_a_settlement_of_nothing_is_certainly_not_sent() -> None:
    house = House()
    async with open_venue(house) as venue:
        with pytest.raises(TransportError, match="nothing was sent"):
            await venue.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1337, ())
        assert house.frames("request_settlement") == []


# ---- the exchange's session --------------------------------------------------------------------


def reconnects(house: House) -> int:
    """Return how often the connection to the exchange was broken off."""
    return sum(
        isinstance(each, LinkChanged) and each.link == FINEX and each.state is LinkState.RETRYING
        for each in house.told
    )


@pytest.mark.parametrize("pause", ["settling", "challenging"])
async def test_an_account_that_pauses_keeps_its_session_and_one_that_ends_does_not(
    pause: str,
) -> None:
    house = House()
    async with open_venue(house) as venue:
        await house.say_state("open")
        await house.until(lambda: venue.trading.state is LinkState.READY)
        await house.say_state(pause)
        await house.say_state("open")
        assert venue.trading.state is LinkState.READY
        assert len(house.frames("channel_jwt")) == 1
        await house.say_state("closing")
        await house.until(lambda: reconnects(house) == 1)
        assert venue.channel_token is None


async def test_an_account_that_only_pauses_gives_way_to_one_that_can_be_used() -> None:
    house = House()
    other = "0x" + "6" * 64
    async with open_venue(house) as venue:
        await house.say_state("open")
        await house.until(lambda: venue.trading.state is LinkState.READY)
        await house.say_state("settling")
        await house.say_state("open", other)
        await house.until(lambda: reconnects(house) == 1 and venue.trading.state is LinkState.READY)
        assert [each["data"] for each in house.frames("channel_jwt")] == [
            {"channel_id": CHANNEL},
            {"channel_id": other},
        ]


async def test_an_account_that_pauses_is_not_signed_in_to_anew() -> None:
    house = House()
    async with open_venue(house) as venue:
        await house.say_state("settling")
        await venue.describe_clearing_house()
        assert house.frames("channel_jwt") == []
        assert venue.channel_token is None
