"""One client's socket: frames in one by one, frames out in order, faults on both ways."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from kayen_desktop.practice.scenario import Action, Fault, Link, Scenario

logger = logging.getLogger(__name__)

MAX_WAITING = 20_000
_LOSING = frozenset({Action.DROP, Action.GAP, Action.SILENCE, Action.REORDER})
# What reaches beyond the socket.
_REACHING = frozenset({Action.INJECT, Action.BROKER_CLOSE, Action.CHALLENGE, Action.MARGIN_CALL})


class WireConnection(ABC):
    """One socket of one link. What is sent waits in a queue that a writer empties in order.

    A client that lets `MAX_WAITING` frames pile up is cut off, so that it can't eat the memory.
    """

    link: Link

    def __init__(self, socket: ServerConnection, scenario: Scenario) -> None:
        self._socket = socket
        self._scenario = scenario
        self._outbox: deque[tuple[str, str]] = deque()
        self._wake = asyncio.Event()
        self._gate = asyncio.Event()
        self._gate.set()
        self._held: str | None = None
        self._is_silent = False

    @abstractmethod
    def enter(self) -> None:
        """Begin to listen to the venue, and greet the client."""

    @abstractmethod
    def leave(self) -> None:
        """Stop listening to the venue."""

    @abstractmethod
    def name_of(self, frame: str | bytes) -> str:
        """Return a request's name for the scenario; empty where it has none."""

    @abstractmethod
    async def receive(self, frame: str | bytes, faults: list[Fault]) -> None:
        """Answer one frame; ``faults`` are those that only the link can act out."""

    @abstractmethod
    def reject(self, frame: str | bytes, text: str) -> None:
        """Answer a request by an error."""

    @abstractmethod
    def act_on(self, fault: Fault) -> None:
        """Act out a fault that reaches beyond this socket: to others, or to its channels."""

    def send(self, name: str, text: str) -> None:
        """Queue a frame; ``name`` is what the scenario knows it by."""
        self._outbox.append((name, text))
        self._wake.set()
        if len(self._outbox) > MAX_WAITING:
            logger.warning("a %s client reads too slowly and is cut off", self.link)
            self.drop()

    def drop(self) -> None:
        """Cut the connection without a closing handshake, as a broken network does."""
        self._outbox.clear()
        self._socket.transport.abort()

    def pause(self) -> None:
        """Hold every frame back until `resume`."""
        self._gate.clear()

    def resume(self) -> None:
        """Let frames go again."""
        self._gate.set()

    async def run(self) -> None:
        """Serve the socket until it closes."""
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write_all())
            try:
                async for frame in self._socket:
                    await self._take(frame)
            except ConnectionClosed:
                logger.debug("a %s client went away without saying so", self.link)
            finally:
                writer.cancel()

    async def _take(self, frame: str | bytes) -> None:
        if self._scenario.is_empty:
            await self.receive(frame, [])
            return
        repeats, faults = 1, self._scenario.take(self.link, "in", self.name_of(frame))
        for fault in faults:
            if fault.action is Action.DELAY:
                await asyncio.sleep(fault.seconds)
            elif fault.action is Action.CLOSE:
                await self._socket.close(1011, "scripted")
                return
            elif fault.action is Action.SILENCE:
                self._is_silent = True
            elif fault.action is Action.DROP:
                repeats = 0
            elif fault.action is Action.DUPLICATE:
                repeats += 1
            elif fault.action is Action.REJECT:
                self.reject(frame, fault.text or "rejected")
                repeats = 0
        for _ in range(repeats):
            await self.receive(frame, faults)
        self._act(faults)

    def _act(self, faults: list[Fault]) -> None:
        for fault in faults:
            if fault.action in _REACHING:
                self.act_on(fault)

    async def _write_all(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    await self._gate.wait()
                    # A pause may have dropped the queue meanwhile.
                    if self._outbox:
                        await self._write(*self._outbox.popleft())
        except ConnectionClosed:
            logger.debug("a %s client closed while frames were waiting", self.link)

    async def _write(self, name: str, text: str) -> None:
        if self._is_silent:
            return
        faults = self._scenario.take(self.link, "out", name) if name else []
        if not faults:
            await self._put(text)
            return
        copies = 1
        for fault in faults:
            if fault.action is Action.DELAY:
                await asyncio.sleep(fault.seconds)
            elif fault.action is Action.CLOSE:
                await self._socket.close(1011, "scripted")
                return
            elif fault.action is Action.DUPLICATE:
                copies += 1
            elif fault.action in _LOSING:
                copies = 0
                self._is_silent = fault.action is Action.SILENCE
                self._held = text if fault.action is Action.REORDER else self._held
        for _ in range(copies):
            await self._put(text)
        self._act(faults)

    async def _put(self, text: str) -> None:
        await self._socket.send(text)
        if self._held is not None:
            held, self._held = self._held, None
            await self._socket.send(held)
