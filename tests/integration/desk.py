"""A trader's whole desk without screens: practice venue, journal, session; over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.signer import LocalSigner, throwaway_signer
from kayen_desktop.practice.scenario import Scenario
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import PracticeSettings
from kayen_desktop.venues.kayen import CLEARPORT, FINEX, KayenVenue
from kayen_desktop.venues.registry import load_network

PEPE = "PEPE/USD"
AMOUNT = Decimal("108506.94444444")
DEPOSIT = Decimal(10)
# The market stands still and states follow at once, so that a test sees only what it does.
QUIET = PracticeSettings(events_per_second=0, state_delay_s=0)
# Short pauses: what they wait for takes milliseconds on this machine.
PATIENCE_S = 0.05
PAUSE_S = 0.05


class Desk:
    """A session in a trader's hands."""

    def __init__(self, session: Session, server: PracticeServer, journal: Journal) -> None:
        self.session = session
        self.server = server
        self.journal = journal
        self.crashes: list[BaseException] = []
        self._changed = asyncio.Event()
        session.listen(lambda changes: self._changed.set())

    @property
    def state(self) -> AppState:
        return self.session.state

    @property
    def address(self) -> str:
        return self.session.venue.account

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, change by change, for the condition; fail with what was waited for."""
        try:
            async with asyncio.timeout(20):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never came true: {what}") from None

    def is_ready(self, link: str) -> bool:
        status = self.state.links.get(link)
        return status is not None and status.state is LinkState.READY

    async def connected(self) -> None:
        await self.until(lambda: self.is_ready(CLEARPORT), "Clearport is ready")
        await self.until(lambda: PEPE in self.state.markets, "markets are listed")

    async def funded(self) -> Channel:
        """Open a margin account and wait until orders can be placed and filled."""
        await self.connected()
        broker = self.session.channels.brokers[0]
        channel_id = await self.session.channels.open(broker, DEPOSIT)
        await self.until(lambda: self.is_ready(FINEX), "Finex is ready")
        await self.until(
            lambda: self.state.margin is not None or bool(self.state.balances),
            "the exchange's figures for the account",
        )
        return self.state.channels[channel_id]

    async def watching(self, market: str = PEPE) -> None:
        self.session.venue.watch_market(market)
        await self.until(lambda: market in self.state.books, "the book arrives")

    async def bought(self) -> str:
        order_id = await self.session.trading.place(buy())
        await self.until(lambda: bool(self.state.open_positions), "the position appears")
        await self.until(lambda: bool(self.state.fills), "the fill is told")
        return order_id


def buy(amount: Decimal = AMOUNT) -> OrderRequest:
    return OrderRequest(PEPE, Side.BUY, OrderType.MARKET, amount)


@asynccontextmanager
async def desk_at(
    server: PracticeServer,
    folder: Path,
    signer: LocalSigner | None = None,
    request_timeout_s: float = 10,
) -> AsyncIterator[Desk]:
    """Connect a desk to the server; its journal is in the folder."""
    signer = signer or await throwaway_signer()
    network = replace(
        load_network("practice"), clearport_url=server.clearport_url, finex_url=server.finex_url
    )
    journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
    crashes: list[BaseException] = []
    venue = KayenVenue(network, signer, utc_now, request_timeout_s=request_timeout_s)
    session = Session(
        venue,
        journal,
        crashes.append,
        patience_s=PATIENCE_S,
        between_looks_s=PAUSE_S,
        announcement_s=PAUSE_S,
        between_resyncs_s=PAUSE_S,
    )
    desk = Desk(session, server, journal)
    desk.crashes = crashes
    session.start()
    try:
        yield desk
    finally:
        await session.stop()
        journal.close()
    assert not crashes, crashes


@asynccontextmanager
async def desk_on(
    folder: Path, settings: PracticeSettings = QUIET, scenario: Scenario | None = None
) -> AsyncIterator[Desk]:
    """Run a practice venue, with faults if any are given, and connect a desk to it."""
    async with PracticeServer(settings, scenario) as server, desk_at(server, folder) as desk:
        yield desk
