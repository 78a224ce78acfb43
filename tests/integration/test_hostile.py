"""An exchange that means harm, beside an honest clearing house, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.domain.errors import RemoteProtocolError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues.kayen import CLEARPORT, FILLS_PAGE, FILLS_PAGES, FINEX, KayenVenue
from kayen_desktop.venues.registry import load_network

from .desk import DEPOSIT, QUIET, Desk

MARKETS = [["pepeusd", "spot", "pepe", "usd", "10"]]
MARGIN = [4, "bu", ["10", "0", "10", "10"]]


class Exchange:
    """Says yes to everything; ``answers`` says how to answer a method otherwise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[list[Any]], list[Any]]] = {}
        self.may_sign_in = asyncio.Event()
        self.may_sign_in.set()
        self.is_asked_to_sign_in = asyncio.Event()
        self.sockets: list[ServerConnection] = []

    async def serve(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        await socket.send(json.dumps([3, "markets", MARKETS]))
        async for frame in socket:
            _, number, method, args = json.loads(frame)
            self.asked.append(method)
            if method == "auth":
                self.is_asked_to_sign_in.set()
                await self.may_sign_in.wait()
            answer = self.answers[method](args) if method in self.answers else []
            if method == "auth":
                answer = ["authenticated"]
            await socket.send(json.dumps([2, number, method, answer]))
            if method == "auth":
                await socket.send(json.dumps(MARGIN))

    async def tell(self, frame: object) -> None:
        for socket in self.sockets:
            await socket.send(json.dumps(frame))


@asynccontextmanager
async def desk_beside(folder: Path, exchange: Exchange) -> AsyncIterator[Desk]:
    """Connect a desk to a practice Clearport and to the exchange given."""
    signer = await throwaway_signer()
    async with PracticeServer(QUIET) as server, serve(exchange.serve, "127.0.0.1", 0) as evil:
        port = evil.sockets[0].getsockname()[1]
        network = replace(
            load_network("practice"),
            clearport_url=server.clearport_url,
            finex_url=f"ws://127.0.0.1:{port}",
        )
        journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
        crashes: list[BaseException] = []
        venue = KayenVenue(network, signer, utc_now)
        session = Session(venue, journal, crashes.append, between_looks_s=0.05)
        desk = Desk(session, server, journal)
        session.start()
        try:
            yield desk
        finally:
            await session.stop()
            journal.close()
        assert not crashes, crashes


def is_written_in(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def fill_row(number: int) -> list[object]:
    return ["pepeusd", number, "1", "1", "1", 1, "u1", "buy", "buy", 1654516051]


async def test_a_listing_that_repeats_its_page_for_ever_ends(tmp_path: Path) -> None:
    exchange = Exchange()
    page = [fill_row(number) for number in range(FILLS_PAGE)]
    exchange.answers["list_channel_trades"] = lambda args: page
    async with desk_beside(tmp_path, exchange) as desk:
        await desk.funded()
        async with asyncio.timeout(20):
            await desk.session.venue.list_fills()
        assert exchange.asked.count("list_order_trades") >= 1


async def test_a_listing_that_invents_fills_for_ever_is_refused(tmp_path: Path) -> None:
    exchange = Exchange()
    numbers = count()
    exchange.answers["list_channel_trades"] = lambda args: [
        fill_row(next(numbers)) for _ in range(FILLS_PAGE)
    ]
    async with desk_beside(tmp_path, exchange) as desk:
        await desk.funded()
        async with asyncio.timeout(60):
            with pytest.raises(RemoteProtocolError):
                await desk.session.venue.list_fills()
        assert exchange.asked.count("list_channel_trades") <= 2 * FILLS_PAGES + 2


async def test_an_account_that_ends_during_the_sign_in_is_not_signed_in_to(
    tmp_path: Path,
) -> None:
    exchange = Exchange()
    exchange.may_sign_in.clear()
    async with desk_beside(tmp_path, exchange) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        channel_id = await desk.session.channels.open(broker, DEPOSIT)
        await exchange.is_asked_to_sign_in.wait()
        await desk.session.venue.close_channel(channel_id)
        await desk.until(lambda: desk.state.channel is None, "the account is over")
        exchange.may_sign_in.set()
        connections = len(exchange.sockets)
        await desk.until(lambda: len(exchange.sockets) > connections, "Finex is left")
        await desk.until(
            lambda: desk.state.links[FINEX].state is LinkState.CONNECTED, "and is public again"
        )
        assert desk.is_ready(CLEARPORT)


async def test_a_token_echoed_by_the_exchange_reaches_neither_log_nor_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "kayen_desktop")
    exchange = Exchange()
    async with desk_beside(tmp_path, exchange) as desk:
        await desk.funded()
        venue = desk.session.venue
        assert isinstance(venue, KayenVenue)
        token = venue.channel_token
        assert token is not None
        await exchange.tell([2, 99999, "error", [f"bad token {token.text}"]])
        await desk.until(lambda: bool(desk.state.notices), "the venue's words are told")
        start = token.text[:40]  # texts are cut, and the start of a token is too much already
        assert start not in desk.state.notices[-1].text
    assert start not in caplog.text
    assert not await asyncio.to_thread(is_written_in, tmp_path, start)
