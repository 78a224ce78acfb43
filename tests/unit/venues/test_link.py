"""A link over real sockets: requests, replies, reconnects, refusals, silence, and polite ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from kayen_desktop.domain.errors import (
    KeyStoreError,
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkChanged, LinkState, VenueNotified
from kayen_desktop.protocol.outputs import Output
from kayen_desktop.venues.link import GOOD_AFTER_S, Link
from kayen_desktop.venues.reconnect import Backoff

from .echo_protocol import EchoProtocol

Answer = Callable[[ServerConnection, str], Awaitable[None]]


class Venue:
    """A server that answers as told, and the owner of a link to it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.outputs: list[Output] = []
        self.close_codes: list[int | None] = []
        self.connections = 0
        self.answer: Answer = self.say_yes
        self.changed = asyncio.Condition()

    async def say_yes(self, socket: ServerConnection, frame: str) -> None:
        if frame == "hello":
            await socket.send("hello")
        elif frame.startswith("ask"):
            await socket.send("yes" + frame.removeprefix("ask"))

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        try:
            async for frame in socket:
                self.heard.append(str(frame))
                await self.notify()
                await self.answer(socket, str(frame))
        except ConnectionClosed:
            pass  # the client went away without a word; its code is noted below
        self.close_codes.append(socket.close_code)
        await self.notify()

    async def on_connected(self, link: Link) -> None:
        await link.declare(LinkState.SIGNING_IN)

    async def on_output(self, link: Link, output: Output) -> None:
        self.outputs.append(output)
        await self.notify()

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(condition)

    def states(self) -> list[LinkState]:
        return [each.state for each in self.outputs if isinstance(each, LinkChanged)]


def now() -> datetime:
    return datetime.now(UTC)


def calm() -> Backoff:
    return Backoff(jitter=lambda: 0.0)


@asynccontextmanager
async def linked(
    venue: Venue,
    *,
    silence_limit_s: float | None = None,
    request_timeout_s: float = 10,
    ping_after_s: float = 10,
    clock: Callable[[], datetime] = now,
    backoff: Backoff | None = None,
) -> AsyncIterator[tuple[Link, EchoProtocol, Server]]:
    async with serve(venue.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        protocol = EchoProtocol()
        link = Link(
            "Echo",
            f"ws://127.0.0.1:{port}",
            protocol,
            venue,
            clock,
            silence_limit_s=silence_limit_s,
            ping=lambda: protocol.say("ping"),
            ping_after_s=ping_after_s,
            request_timeout_s=request_timeout_s,
            backoff=backoff or calm(),
        )
        running = asyncio.create_task(link.run())
        try:
            yield link, protocol, server
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_request_gets_the_reply_of_its_number() -> None:
    venue = Venue()
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        values = await asyncio.gather(link.request(protocol.ask), link.request(protocol.ask))
        assert list(values) == ["value 1", "value 2"]
        assert link.is_idle
    assert venue.states() == [LinkState.CONNECTING, LinkState.SIGNING_IN, LinkState.READY]


async def test_cancelling_closes_with_code_1000() -> None:
    venue = Venue()
    async with linked(venue) as (link, _, _):
        await venue.until(lambda: link.state is LinkState.READY)
    assert venue.close_codes == [1000]


async def test_a_request_before_the_connection_is_certainly_not_sent() -> None:
    venue = Venue()
    link = Link("Echo", "ws://127.0.0.1:9", EchoProtocol(), venue, now)
    with pytest.raises(TransportError, match="nothing was sent"):
        await link.request(lambda: 1)


async def test_a_request_before_sign_in_is_certainly_not_sent() -> None:
    venue = Venue()

    async def be_silent(socket: ServerConnection, frame: str) -> None:
        pass

    venue.answer = be_silent
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: "hello" in venue.heard)
        with pytest.raises(TransportError, match="nothing was sent"):
            await link.request(protocol.ask)


async def test_a_rejection_is_the_venues_own_word() -> None:
    venue = Venue()

    async def refuse(socket: ServerConnection, frame: str) -> None:
        await socket.send("hello" if frame == "hello" else "no 1")

    venue.answer = refuse
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(VenueRejectionError):
            await link.request(protocol.ask)
        assert link.state is LinkState.READY


async def test_a_connection_lost_after_sending_leaves_the_outcome_unknown_and_reconnects() -> None:
    venue = Venue()

    async def hang_up_once(socket: ServerConnection, frame: str) -> None:
        if frame.startswith("ask") and venue.connections == 1:
            await socket.close()
        else:
            await venue.say_yes(socket, frame)

    venue.answer = hang_up_once
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(OutcomeUnknownError):
            await link.request(protocol.ask)
        await venue.until(lambda: venue.connections == 2 and link.state is LinkState.READY)
        assert venue.heard.count("ask 1") == 1
        assert await link.request(protocol.ask) == "value 2"


async def test_no_answer_in_time_is_unknown_and_makes_the_link_sign_in_again() -> None:
    venue = Venue()

    async def ignore_first(socket: ServerConnection, frame: str) -> None:
        if frame != "ask 1":
            await venue.say_yes(socket, frame)

    venue.answer = ignore_first
    async with linked(venue, request_timeout_s=0.05) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(OutcomeUnknownError, match="did not answer in time"):
            await link.request(protocol.ask)
        await venue.until(lambda: venue.connections == 2 and link.state is LinkState.READY)


async def test_a_patient_request_outlasts_the_time_limit() -> None:
    venue = Venue()
    may_answer = asyncio.Event()

    async def wait(socket: ServerConnection, frame: str) -> None:
        if frame.startswith("ask 1"):
            await may_answer.wait()
        await venue.say_yes(socket, frame)

    venue.answer = wait
    async with linked(venue, request_timeout_s=0.01) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        request = asyncio.create_task(link.request(protocol.ask, is_patient=True))
        await venue.until(lambda: "ask 1" in venue.heard)
        may_answer.set()
        assert await request == "value 1"


async def test_an_unreadable_answer_is_unknown_and_makes_the_link_sign_in_again() -> None:
    venue = Venue()

    async def mumble_once(socket: ServerConnection, frame: str) -> None:
        if frame == "ask 1":
            await socket.send("odd 1")
        else:
            await venue.say_yes(socket, frame)

    venue.answer = mumble_once
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(OutcomeUnknownError):
            await link.request(protocol.ask)
        await venue.until(lambda: venue.connections == 2 and link.state is LinkState.READY)


async def test_a_question_that_is_never_answered_costs_no_connection() -> None:
    venue = Venue()

    async def ignore_first(socket: ServerConnection, frame: str) -> None:
        if frame != "ask 1":
            await venue.say_yes(socket, frame)

    venue.answer = ignore_first
    async with linked(venue, request_timeout_s=0.05) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(OutcomeUnknownError, match="did not answer in time"):
            await link.request(protocol.ask, forget=protocol.forget)
        assert protocol.forgotten == [1]
        assert link.is_idle
        assert await link.request(protocol.ask) == "value 2"
        assert venue.connections == 1


@pytest.mark.parametrize(
    ("answer", "error"), [("no 1", VenueRejectionError), ("odd 1", OutcomeUnknownError)]
)
async def test_a_question_that_is_refused_or_not_understood_costs_no_connection(
    answer: str, error: type[Exception]
) -> None:
    venue = Venue()

    async def answer_first(socket: ServerConnection, frame: str) -> None:
        if frame == "ask 1":
            await socket.send(answer)
        else:
            await venue.say_yes(socket, frame)

    venue.answer = answer_first
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        with pytest.raises(error):
            await link.request(protocol.ask, forget=protocol.forget)
        assert await link.request(protocol.ask) == "value 2"
        assert venue.connections == 1


async def test_a_question_given_up_by_who_asked_is_forgotten() -> None:
    venue = Venue()

    async def be_silent(socket: ServerConnection, frame: str) -> None:
        if frame == "hello":
            await socket.send("hello")

    venue.answer = be_silent
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        asking = asyncio.create_task(link.request(protocol.ask, forget=protocol.forget))
        await venue.until(lambda: "ask 1" in venue.heard)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert protocol.forgotten == [1]


async def test_commands_go_out_without_anybody_waiting() -> None:
    venue = Venue()
    async with linked(venue) as (link, protocol, _):
        await venue.until(lambda: link.state is LinkState.READY)
        link.command(lambda: protocol.say("news please"))
        await venue.until(lambda: "news please" in venue.heard)


async def test_events_reach_the_owner_in_order_and_a_bad_frame_loses_none() -> None:
    venue = Venue()

    async def tell(socket: ServerConnection, frame: str) -> None:
        for text in ("hello", "news one", "gibberish", "news two"):
            await socket.send(text)

    venue.answer = tell
    async with linked(venue):
        await venue.until(lambda: sum(isinstance(o, VenueNotified) for o in venue.outputs) == 2)
    told = [each.text for each in venue.outputs if isinstance(each, VenueNotified)]
    assert told == ["one", "two"]


async def test_a_bug_in_reading_costs_one_connection_not_the_link(
    caplog: pytest.LogCaptureFixture,
) -> None:
    venue = Venue()

    async def provoke(socket: ServerConnection, frame: str) -> None:
        await socket.send("bug" if venue.connections == 1 else "hello")

    venue.answer = provoke
    async with linked(venue) as (link, _, _):
        await venue.until(lambda: link.state is LinkState.READY)
    assert venue.connections == 2
    assert "dropped by an error of ours" in caplog.text


async def test_a_quiet_venue_is_pinged_once_and_kept_if_it_answers() -> None:
    venue = Venue()

    async def answer_pings(socket: ServerConnection, frame: str) -> None:
        if frame == "ping":
            await socket.send("news pong")
        else:
            await venue.say_yes(socket, frame)

    venue.answer = answer_pings
    async with linked(venue, ping_after_s=0.01, silence_limit_s=5) as (link, _, _):
        await venue.until(lambda: venue.heard.count("ping") >= 2)
        assert link.state is LinkState.READY
        assert venue.connections == 1


async def test_silence_beyond_the_limit_breaks_the_link() -> None:
    venue = Venue()
    async with linked(venue, silence_limit_s=0.1) as (link, _, _):
        await venue.until(lambda: venue.connections >= 2)
    reasons = [each.reason for each in venue.outputs if isinstance(each, LinkChanged)]
    assert any("has been silent" in reason for reason in reasons)
    assert link.name == "Echo"


async def test_a_fatal_error_waits_for_the_trader() -> None:
    venue = Venue()
    async with linked(venue) as (link, _, _):
        await venue.until(lambda: link.state is LinkState.READY)
        link.interrupt(KeyStoreError("The key is gone."))
        await venue.until(lambda: link.state is LinkState.REFUSED)
        assert venue.connections == 1
        link.retry()
        await venue.until(lambda: venue.connections == 2 and link.state is LinkState.READY)


async def test_a_dead_server_is_tried_again_with_its_time_told() -> None:
    venue = Venue()
    async with linked(venue) as (link, _, server):
        await venue.until(lambda: link.state is LinkState.READY)
        server.close()
        await venue.until(lambda: LinkState.RETRYING in venue.states())
    waiting = [each for each in venue.outputs if isinstance(each, LinkChanged) and each.retry_at]
    assert waiting


async def test_a_server_that_hangs_up_on_whoever_is_ready_is_left_alone_for_longer_each_time() -> (
    None
):
    venue = Venue()

    async def hang_up(socket: ServerConnection, frame: str) -> None:
        await venue.say_yes(socket, frame)
        await socket.close()

    venue.answer = hang_up
    backoff, longer = calm(), calm()
    async with linked(venue, backoff=backoff):
        await venue.until(lambda: venue.states().count(LinkState.RETRYING) == 3)
        assert venue.states().count(LinkState.READY) == 3
        waits = [longer.delay_s() for _ in range(4)]
        assert backoff.delay_s() == waits[-1] > waits[0]


async def test_after_a_connection_that_was_good_the_waits_are_small_again() -> None:
    venue = Venue()
    ahead = timedelta()

    async def hang_up(socket: ServerConnection, frame: str) -> None:
        nonlocal ahead
        await venue.say_yes(socket, frame)
        if venue.connections == 3:
            ahead = timedelta(seconds=GOOD_AFTER_S)
        await socket.close()

    venue.answer = hang_up
    backoff, fresh = calm(), calm()
    async with linked(venue, clock=lambda: now() + ahead, backoff=backoff):
        await venue.until(lambda: venue.states().count(LinkState.RETRYING) == 3)
        fresh.delay_s()  # the one wait since
        assert backoff.delay_s() == fresh.delay_s()
