"""The practice venue as a server: two WebSocket addresses on one port of this machine.

It is the practice venue's one door to `websockets`, with `servers`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from kayen_desktop.domain.errors import SettingsError

from .channels import ClearingNotice, MarginChannel
from .scenario import Action, DisputeEnd, Link, Scenario, parse_fault
from .servers.clearport import ClearportConnection
from .servers.connection import WireConnection
from .servers.finex import FinexConnection
from .settings import PracticeSettings
from .venue import PracticeVenue

CLEARPORT_PATH = "/clearport"
FINEX_PATH = "/finex"
MAX_FRAME = 2**20
STOP_S = 1.0


class PracticeServer:
    """One practice venue on a port of its own.

    ``async with PracticeServer(settings) as server:`` starts and stops it; what it knows is lost
    when it stops, but not when a client goes and comes back. ``clock`` returns unix seconds.
    """

    def __init__(
        self,
        settings: PracticeSettings | None = None,
        scenario: Scenario | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or PracticeSettings()
        self.scenario = scenario or Scenario()
        self._clock = clock
        self._owner: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._venue: PracticeVenue | None = None
        self._handling: set[asyncio.Task[object]] = set()
        self._paused: set[Link] = set()
        self._base_url = ""

    # -- start and stop

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. The books fill while the first client connects.

        Raises:
            OSError: the port is taken.
        """
        if self._owner is not None:
            raise RuntimeError("a practice server starts once")
        listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._run(host, port, listening))
        await asyncio.wait((self._owner, listening), return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            await self._owner

    async def _run(self, host: str, port: int, listening: asyncio.Future[None]) -> None:
        server = await serve(
            self._serve,
            host,
            port,
            process_request=_check_path,
            compression=None,
            max_size=MAX_FRAME,
            close_timeout=STOP_S / 2,
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                self._venue = PracticeVenue(self.settings, self.scenario, tasks, self._clock)
                bound = server.sockets[0].getsockname()
                name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
                self._base_url = f"ws://{name}:{bound[1]}"
                listening.set_result(None)
                venue = self._venue
                lasting = [
                    tasks.create_task(work)
                    for work in (
                        venue.open_markets(),
                        venue.beat(),
                        venue.tell_tickers(),
                        venue.tell_time(),
                    )
                ]
                await self._stopping.wait()
                await self._close(server)
                for task in lasting:
                    task.cancel()
                venue.cancel_tasks()
        finally:
            await self._close(server)

    async def _close(self, server: Server) -> None:
        server.close(code=1001, reason="the practice venue stops")
        try:
            await asyncio.wait_for(server.wait_closed(), STOP_S)
        except TimeoutError:
            # A scripted delay may hold a connection for longer than anybody wants to wait.
            for task in tuple(self._handling):
                task.cancel()
            await server.wait_closed()

    async def wait(self) -> None:
        """Wait until the server has stopped; raises what made it stop, if anything did."""
        if self._owner is not None:
            await asyncio.shield(self._owner)

    async def stop(self) -> None:
        """Close every connection politely (1001) and end every task, within about a second."""
        self._stopping.set()
        if self._owner is not None:
            await self._owner

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _serve(self, socket: ServerConnection) -> None:
        venue = self._running
        task = asyncio.current_task()
        if task is not None:
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)
        if socket.request is not None and _path_of(socket.request) == FINEX_PATH:
            await venue.is_open.wait()
            connection: WireConnection = FinexConnection(socket, venue)
        else:
            connection = ClearportConnection(socket, venue)
        if connection.link in self._paused:
            connection.pause()
        venue.add(connection)
        connection.enter()
        try:
            await connection.run()
        finally:
            connection.leave()
            venue.remove(connection)

    # -- where it is

    @property
    def clearport_url(self) -> str:
        """The address of Clearport, once it listens."""
        return self._base_url + CLEARPORT_PATH

    @property
    def finex_url(self) -> str:
        """The address of Finex, once it listens."""
        return self._base_url + FINEX_PATH

    # -- what tests and scripts do to it

    @property
    def _running(self) -> PracticeVenue:
        if self._venue is None:
            raise RuntimeError("the practice server is not running")
        return self._venue

    def wallet_balance(self, address: str) -> Decimal:
        """Return what a wallet has outside its channels, in quote."""
        return self._running.clearing.wallet_balance(address)

    def channels_of(self, address: str) -> tuple[MarginChannel, ...]:
        """Return a wallet's channels that are not over, to look at and not to change."""
        return self._running.clearing.channels_of(address)

    def listen(self, listener: Callable[[ClearingNotice], None]) -> None:
        """Tell a listener of every change at the clearing house, whatever becomes of its frame."""
        self._running.clearing.listen(listener)

    def connection_count(self, link: Link) -> int:
        """Return how many clients a link has."""
        return len(self._running.on_link(link))

    def inject(self, link: Link, text: str) -> None:
        """Send a text, exactly as it is, to every connection of a link."""
        self._running.inject(link, text)

    def drop_connections(self, link: Link) -> None:
        """Cut every connection of a link without a closing handshake."""
        for connection in self._running.on_link(link):
            connection.drop()

    def pause(self, link: Link) -> None:
        """Hold every frame of a link back, on connections to come as well, until `resume`."""
        self._paused.add(link)
        for connection in self._running.on_link(link):
            connection.pause()

    def resume(self, link: Link) -> None:
        """Let a paused link's frames go."""
        self._paused.discard(link)
        for connection in self._running.on_link(link):
            connection.resume()

    def close_for_broker(self, channel_id: str) -> None:
        """Let the broker close a channel by itself, once it has nothing else under way.

        Raises:
            KeyError: no such channel.
        """
        self._running.close_for_broker(self._channel(channel_id))

    def challenge(self, channel_id: str, end: DisputeEnd = "cleared") -> None:
        """Let a channel be disputed on the chain, once it has nothing else under way.

        Raises:
            KeyError: no such channel.
        """
        self._running.challenge(self._channel(channel_id), end)

    def _channel(self, channel_id: str) -> MarginChannel:
        channel = self._running.clearing.channel(channel_id)
        if channel is None:
            raise KeyError(channel_id)
        return channel

    def set_fair_price(self, market: str, price: Decimal) -> None:
        """Move a market ("PEPE/USD") to a price at once: quotes, mark and positions follow."""
        venue = self._running
        venue.exchange.set_fair_price(market, price)
        venue.feed.flush()


def _path_of(request: Request) -> str:
    return request.path.partition("?")[0].rstrip("/")


def _check_path(socket: ServerConnection, request: Request) -> Response | None:
    if _path_of(request) in (CLEARPORT_PATH, FINEX_PATH):
        return None
    return socket.respond(404, "Connect to /clearport or /finex.\n")


def _parser() -> argparse.ArgumentParser:
    usual = PracticeSettings()
    parser = argparse.ArgumentParser(
        prog="kayen-practice",
        description="Run the Kayen practice venue: no real money.",
        epilog="Fault actions: " + ", ".join(action.value for action in Action) + ".",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=usual.seed, help="same seed, same market")
    parser.add_argument(
        "--clearport-dialect", choices=("v1", "v2"), default=usual.clearport_dialect
    )
    parser.add_argument(
        "--finex-dialect", choices=("kayen", "opendax"), default=usual.finex_dialect
    )
    parser.add_argument(
        "--events-per-second", type=float, default=usual.events_per_second, metavar="N"
    )
    parser.add_argument("--state-delay", type=float, default=usual.state_delay_s, metavar="SECONDS")
    parser.add_argument(
        "--wait-for-record-trade",
        action="store_true",
        help="record fills only when the client asks, as the terminal's venue did",
    )
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="faults, as JSON")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="a fault: LINK:DIRECTION:NAME[@NTH][xCOUNT]:ACTION[=VALUE]; may be repeated",
    )
    return parser


async def _serve_until_told(server: PracticeServer, host: str, port: int) -> None:
    await server.start(host, port)
    sys.stdout.write(f"Clearport {server.clearport_url}\nFinex     {server.finex_url}\n")
    sys.stdout.flush()
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on the loop; Ctrl-C arrives as KeyboardInterrupt there.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told.set)
    waiting = asyncio.create_task(told.wait())
    running = asyncio.create_task(server.wait())
    try:
        await asyncio.wait((waiting, running), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        await server.stop()
        await running


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the practice venue until Ctrl-C; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = PracticeSettings(
            seed=options.seed,
            clearport_dialect=options.clearport_dialect,
            finex_dialect=options.finex_dialect,
            events_per_second=options.events_per_second,
            state_delay_s=options.state_delay,
            records_trades=not options.wait_for_record_trade,
        )
        faults = [parse_fault(spec) for spec in options.fault]
        if options.scenario is None:
            scenario = Scenario(faults, options.seed)
        else:
            scenario = Scenario.load(options.scenario, faults)
    except SettingsError as error:
        parser.error(str(error))
    try:
        asyncio.run(
            _serve_until_told(PracticeServer(settings, scenario), options.host, options.port)
        )
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"kayen-practice: can't listen on port {options.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
