"""The parts of one practice venue, put together; its sockets are `server`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable

from .channels import MarginChannel
from .clearing import ClearingHouse
from .elsewhere import ElsewhereDesk
from .exchange import Exchange
from .identity import Identity
from .lifecycle import ChannelLifecycle
from .liquidation import LiquidationDesk
from .scenario import Action, DisputeEnd, Fault, Link, Scenario
from .servers.connection import WireConnection
from .servers.finex_feed import FinexFeed
from .settings import PracticeSettings
from .settling import Responder

BEAT_S = 0.1
# Steps of the crowd between two turns of the event loop: about a millisecond.
STEPS_A_SLICE = 10


class PracticeVenue:
    """Clearing house, exchange and their connections; ``clock`` returns unix seconds.

    Every task it starts belongs to ``tasks``.
    """

    def __init__(
        self,
        settings: PracticeSettings,
        scenario: Scenario,
        tasks: asyncio.TaskGroup,
        clock: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.scenario = scenario
        self.clearing = ClearingHouse(settings)
        self.exchange = Exchange(settings, self.clearing, clock)
        self.feed = FinexFeed(settings, self.exchange, self.clearing, clock)
        self.elsewhere = ElsewhereDesk(self.clearing, self.exchange)
        self.liquidation = LiquidationDesk(self.clearing, self.exchange)
        self.responder = Responder(self.clearing, self.exchange, settings.state_delay_s)
        self.lifecycle = ChannelLifecycle(
            self.clearing, self.exchange, self.responder, settings.state_delay_s
        )
        self.identity = Identity(settings.seed)
        self.is_open = asyncio.Event()
        self._tasks = tasks
        self._clock = clock
        self._connections: set[WireConnection] = set()
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def now_s(self) -> float:
        """The time of the venue, in unix seconds."""
        return self._clock()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Start a task that the venue owns."""
        task = self._tasks.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def cancel_tasks(self) -> None:
        """End what is still under way; the owner of the task group awaits it."""
        for task in tuple(self._errands):
            task.cancel()

    # -- connections

    def add(self, connection: WireConnection) -> None:
        """Count a connection in."""
        self._connections.add(connection)

    def remove(self, connection: WireConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def on_link(self, link: Link) -> tuple[WireConnection, ...]:
        """Return the connections of a link."""
        return tuple(c for c in self._connections if c.link == link)

    def inject(self, link: Link, text: str) -> None:
        """Send a text, exactly as it is, to every connection of a link."""
        for connection in self.on_link(link):
            connection.send("", text)

    def close_for_broker(self, channel: MarginChannel) -> None:
        """Let the broker close a channel, once it has nothing else under way."""
        self.spawn(self.lifecycle.close_for_broker(channel))

    def challenge(self, channel: MarginChannel, end: DisputeEnd) -> None:
        """Let a channel be disputed, once it has nothing else under way."""
        self.spawn(self.lifecycle.challenge(channel, end))

    def act(self, fault: Fault, link: Link, channels: Iterable[MarginChannel]) -> None:
        """Act out a fault that reaches beyond the socket of a link and of some channels."""
        if fault.action is Action.INJECT:
            self.inject(fault.to or link, fault.text)
            return
        for channel in channels:
            if fault.action is Action.CHALLENGE:
                self.challenge(channel, fault.dispute_end)
            elif fault.action is Action.MARGIN_CALL:
                self.spawn(self.lifecycle.call_margin(channel, fault.margin_call))
            else:
                self.close_for_broker(channel)

    # -- time

    async def open_markets(self) -> None:
        """Build every history and book in slices of a few milliseconds."""
        for symbol in self.exchange.rooms:
            for _ in self.exchange.make_history(symbol):
                await asyncio.sleep(0)
            self.exchange.build_book(symbol)
            await asyncio.sleep(0)
        self.is_open.set()

    async def beat(self) -> None:
        """Let the crowd trade, the marks move and the changes go out, ten times a second."""
        await self.is_open.wait()
        loop = asyncio.get_running_loop()
        last, due = loop.time(), 0.0
        while True:
            await asyncio.sleep(BEAT_S)
            now = loop.time()
            # After a pause of the whole process there is no rush to catch up.
            due += min(now - last, 1.0) * self.settings.events_per_second
            last = now
            while due >= 1:
                steps = min(int(due), STEPS_A_SLICE)
                due -= steps
                for _ in range(steps):
                    self.exchange.step()
                await asyncio.sleep(0)
            self.exchange.revalue()
            self.liquidation.watch()
            self.feed.flush()

    async def tell_tickers(self) -> None:
        """Send the tickers, batched, every ``ticker_s``."""
        await self.is_open.wait()
        while True:
            await asyncio.sleep(self.settings.ticker_s)
            self.feed.send_tickers()

    async def tell_time(self) -> None:
        """Send the heartbeat every ``heartbeat_s``."""
        while True:
            await asyncio.sleep(self.settings.heartbeat_s)
            self.feed.send_heartbeat()
