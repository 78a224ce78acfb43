"""One socket pumped through one protocol: frames in, outputs to the venue, requests awaited."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from kayen_desktop.domain.errors import (
    KayenError,
    LocalProtocolError,
    OutcomeUnknownError,
    TransportError,
)
from kayen_desktop.domain.events import LinkChanged, LinkHeard, LinkState
from kayen_desktop.protocol.outputs import Dropped, Output, Ready, Refusal, Reply

from . import transport
from .reconnect import Backoff, Verdict, classify

log = logging.getLogger(__name__)
REQUEST_TIMEOUT_S = 10.0
PING_AFTER_S = 10.0
TEND_EVERY_S = 1.0
# A connection that lasted so long was good: the next trouble starts from small waits again. That
# it was signed in is not enough: a server could have that signed without end by hanging up then.
GOOD_AFTER_S = 10.0


class LinkProtocol(Protocol):
    """What a link needs of a protocol, whichever it is."""

    def connect(self) -> None:
        """Begin on a new connection."""

    def receive(self, frame: str | bytes, now: datetime) -> list[Output]:
        """Take in one frame; never raises."""

    def frames_to_send(self) -> list[str]:
        """Return and forget the frames to send, in order."""

    def connection_lost(self) -> list[Output]:
        """Fail what was pending; the connection is gone."""


class LinkOwner(Protocol):
    """The venue that a link belongs to."""

    async def on_connected(self, link: Link) -> None:
        """Say how to go on: the socket is open and the protocol has begun."""

    async def on_output(self, link: Link, output: Output) -> None:
        """Take in one output that is not a reply."""


class Link:
    """Keeps one connection up until cancelled, and matches replies to those who wait for them."""

    def __init__(
        self,
        name: str,
        url: str,
        protocol: LinkProtocol,
        owner: LinkOwner,
        clock: Callable[[], datetime],
        *,
        silence_limit_s: float | None = None,
        ping: Callable[[], object] | None = None,
        ping_after_s: float = PING_AFTER_S,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
        backoff: Backoff | None = None,
    ) -> None:
        """``silence_limit_s`` is how long the venue may say nothing at all; None is for ever.

        ``ping`` queues a question that the protocol answers, asked after ``ping_after_s`` seconds
        of silence: a quiet venue is told from a dead one by it.
        """
        self.name = name
        self.state = LinkState.OFFLINE
        self._url = url
        self._protocol = protocol
        self._owner = owner
        self._clock = clock
        self._silence_limit_s = silence_limit_s
        self._ping = ping
        self._ping_after_s = ping_after_s
        self._request_timeout_s = request_timeout_s
        self._backoff = backoff or Backoff()
        self._connection: transport.Connection | None = None
        self._replies: dict[int, asyncio.Future[object]] = {}
        self._sending = asyncio.Lock()
        self._wake = asyncio.Event()
        self._retry_now = asyncio.Event()
        self._broken_by: KayenError | None = None
        self._heard_at = clock()
        self._told_at = self._heard_at
        self._pinged_at: datetime | None = None

    async def run(self) -> None:
        """Connect, pump and reconnect until cancelled; then close politely."""
        try:
            while True:
                await self._be(LinkState.CONNECTING)
                error = await self._serve_once()
                await self._rest(error)
        finally:
            await self._hang_up()

    async def request(
        self,
        ask: Callable[[], int],
        *,
        is_patient: bool = False,
        is_listing: bool = False,
        forget: Callable[[int], None] | None = None,
    ) -> object:
        """Make one request of the protocol and return its reply's value.

        ``is_patient`` waits without limit, for answers that come when a long process is done.
        ``is_listing`` is for requests that change nothing: an answer to one that can't be read
        is no reason to sign in again, which would only bring the same list.
        ``forget`` is for questions that the venue need not know: the protocol stops waiting for
        the answer with it, and a venue that says nothing to it keeps its connection.

        Raises:
            TransportError: not connected or not signed in; nothing was sent.
            VenueRejectionError: the venue said no.
            OutcomeUnknownError: no answer in time, or the connection was lost after sending.
        """
        if self._connection is None:
            raise TransportError(f"{self.name} is not connected, so nothing was sent.")
        try:
            request_id = ask()
        except LocalProtocolError as error:
            raise TransportError(f"{self.name} is not ready, so nothing was sent.") from error
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._replies[request_id] = future
        try:
            await self._flush()
            if is_patient:
                return await future
            async with asyncio.timeout(self._request_timeout_s):
                return await future
        except TransportError as error:
            raise OutcomeUnknownError(
                f"The connection to {self.name} broke while the request was being sent."
            ) from error
        except OutcomeUnknownError as error:
            if not is_listing and forget is None:
                # We are out of step with the venue; signing in again is what lists everything.
                self.interrupt(error)
            raise
        except TimeoutError as error:
            unknown = OutcomeUnknownError(f"{self.name} did not answer in time.")
            if forget is None:
                self.interrupt(unknown)
            raise unknown from error
        finally:
            del self._replies[request_id]
            if forget is not None:
                forget(request_id)

    @property
    def is_idle(self) -> bool:
        """True while no request waits for its reply."""
        return not self._replies

    def command(self, act: Callable[[], object]) -> None:
        """Let the protocol queue frames that nobody waits for, and send them soon."""
        act()
        self._wake.set()

    def interrupt(self, error: KayenError) -> None:
        """Break the connection, if there is one, because of the error, which is then classified."""
        if self._connection is not None:
            self._broken_by = error
            self._wake.set()

    def retry(self) -> None:
        """Try again at once if the link is waiting or was refused."""
        self._retry_now.set()

    async def declare(self, state: LinkState) -> None:
        """Tell where the link stands, as only the venue knows."""
        await self._be(state)

    # The supervisor

    async def _serve_once(self) -> KayenError:
        """Run one connection to its end and return why it ended."""
        try:
            return await self._serve()
        except KayenError as error:
            return error
        except Exception:
            # The supervisor: a bug in handling one frame must not end the link for good.
            log.exception("%s: the connection was dropped by an error of ours", self.name)
            return TransportError("Something unexpected came from the server.")
        finally:
            await self._hang_up()
            for output in self._protocol.connection_lost():
                await self._handle(output)

    async def _serve(self) -> KayenError:
        self._broken_by = None
        self._connection = await transport.connect(self._url)
        connected_at = self._heard_at = self._clock()
        self._protocol.connect()
        await self._owner.on_connected(self)
        await self._flush()
        jobs = [asyncio.create_task(job) for job in (self._read(self._connection), self._tend())]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            if (self._clock() - connected_at).total_seconds() >= GOOD_AFTER_S:
                self._backoff.reset()

    async def _read(self, connection: transport.Connection) -> KayenError:
        while True:
            frame = await connection.receive()
            now = self._heard_at = self._clock()
            for output in self._protocol.receive(frame, now):
                await self._handle(output)
            await self._flush()
            if now - self._told_at >= timedelta(seconds=1):
                self._told_at = now
                await self._owner.on_output(self, LinkHeard(self.name, connection.latency_ms))

    async def _tend(self) -> KayenError:
        """Send what commands queued, and notice silence and interruptions."""
        while True:
            try:
                async with asyncio.timeout(TEND_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            if self._broken_by is not None:
                return self._broken_by
            self._ask_whether_alive()
            await self._flush()
            if self._silence_limit_s is not None and self._silence_s > self._silence_limit_s:
                return TransportError(
                    f"{self.name} has been silent for {self._silence_s:.0f} seconds."
                )

    @property
    def _silence_s(self) -> float:
        return (self._clock() - self._heard_at).total_seconds()

    def _ask_whether_alive(self) -> None:
        """Ping a venue that says nothing, once a silence; its answer is heard like any frame."""
        if self._ping is None or self._silence_s < self._ping_after_s:
            return
        if self._pinged_at is None or self._pinged_at < self._heard_at:
            self._pinged_at = self._clock()
            self._ping()

    async def _flush(self) -> None:
        async with self._sending:
            if self._connection is None:
                return
            for frame in self._protocol.frames_to_send():
                await self._connection.send(frame)

    async def _handle(self, output: Output) -> None:
        match output:
            case Reply(request_id, value):
                if (future := self._replies.get(request_id)) and not future.done():
                    future.set_result(value)
            case Refusal(request_id, error):
                if (future := self._replies.get(request_id)) and not future.done():
                    future.set_exception(error)
            case Dropped(reason):
                log.info("%s: %s", self.name, reason)
            case Ready():
                await self._be(LinkState.READY)
                await self._owner.on_output(self, output)
            case _:
                await self._owner.on_output(self, output)

    async def _rest(self, error: KayenError) -> None:
        """Wait before the next try, or until asked where trying by itself can't help."""
        log.info("%s: %s", self.name, error)
        self._retry_now.clear()
        if classify(error) is Verdict.FATAL:
            await self._be(LinkState.REFUSED, str(error))
            await self._retry_now.wait()
            return
        delay_s = self._backoff.delay_s()
        await self._be(LinkState.RETRYING, str(error), self._clock() + timedelta(seconds=delay_s))
        try:
            async with asyncio.timeout(delay_s):
                await self._retry_now.wait()
        except TimeoutError:
            return

    async def _be(
        self, state: LinkState, reason: str = "", retry_at: datetime | None = None
    ) -> None:
        self.state = state
        await self._owner.on_output(self, LinkChanged(self.name, state, reason, retry_at))

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
