"""Killed at the worst moment, the next start says what is not known and finds it out."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from kayen_desktop.app.way_home import Way
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.domain.receipt import make_receipt
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.scenario import Direction, Fault, Link, Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer

from .desk import AMOUNT, QUIET, desk_at
from .trader_process import KEY


@pytest.mark.parametrize(
    ("fault", "outcome", "orders"),
    [
        # The venue took the order, and we were killed before its answer.
        ("finex:out:create_order:silence", IntentOutcome.CONFIRMED, 1),
        # The order was lost on its way, and we were killed while waiting.
        ("finex:in:create_order:drop", IntentOutcome.NOT_RECEIVED, 0),
    ],
)
async def test_a_kill_after_sending_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, fault: str, outcome: IntentOutcome, orders: int
) -> None:
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    async with PracticeServer(QUIET, Scenario([parse_fault(fault)])) as server:
        trader = await _trader(server, tmp_path)
        await _journal_has_an_order(tmp_path)
        if orders:
            await _venue_has_a_position(server, signer.address)
        trader.kill()
        await trader.wait()
        async with desk_at(server, tmp_path, signer) as desk:
            (intent,) = [
                each
                for each in desk.state.intents.values()
                if isinstance(each.request, OrderRequest)
            ]
            assert intent.outcome is IntentOutcome.UNCONFIRMED
            await desk.until(
                lambda: desk.state.intents[intent.intent_id].outcome is outcome, "it is found out"
            )
            assert len(await desk.session.venue.list_orders()) == orders
            if orders:
                await desk.until(lambda: bool(desk.state.open_positions), "the position is there")
                assert desk.state.open_positions[0].amount == AMOUNT


@pytest.mark.parametrize(
    ("fault", "has_position", "orders"),
    [
        # The venue closed the position, and we were killed before its answer.
        ("finex:out:create_order@2:silence", False, 2),
        # The closing order was lost on its way, and we were killed while waiting.
        ("finex:in:create_order@2:drop", True, 3),
        # All was closed; the wish to close the account was lost on its way.
        ("clearport:in:close_channel:drop", False, 2),
    ],
)
async def test_a_kill_on_the_way_home_is_gone_on_from(
    tmp_path: Path, fault: str, has_position: bool, orders: int
) -> None:
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    watched = Watched(fault)
    async with PracticeServer(QUIET, watched) as server:
        trader = await _trader(server, tmp_path, "home")
        name = fault.split(":")[2].partition("@")[0]
        async with asyncio.timeout(30):
            await watched.until_asked(name, 2 if name == "create_order" else 1)
        await asyncio.to_thread(server.connection_count, "finex")  # let it be acted out
        trader.kill()
        await trader.wait()
        (channel,) = server.channels_of(signer.address)
        assert bool(channel.positions) == has_position
        watched.clear()
        async with desk_at(server, tmp_path, signer) as desk:
            home = desk.session.going_home
            await desk.until(lambda: home.offer is not None, "to go on is offered")
            await desk.until(lambda: not home.has_doubt, "it is found out")
            await desk.until(lambda: home.problems(Way.CLOSE) == (), "the way is free")
            held = bool(desk.state.open_positions)
            assert held == has_position
            async with asyncio.timeout(20):
                await home.go(Way.CLOSE)
            assert home.is_home
            assert desk.journal.plan() is None
            closed = desk.state.channels[channel.channel_id]
            assert closed.margin_deposit is not None
            assert closed.own_balance is not None
            fills = desk.session.fills_of(channel.channel_id)
            assert make_receipt(closed.margin_deposit, fills, closed.own_balance).difference == 0
    assert watched.asked["create_order"] == orders


class Watched(Scenario):
    """Faults, and how often the venue was asked for each thing."""

    def __init__(self, *specs: str) -> None:
        super().__init__([parse_fault(spec) for spec in specs])
        self.asked: Counter[str] = Counter()
        self._changed = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Never: every frame is to be seen."""
        return False

    def take(self, link: Link, direction: Direction, name: str) -> list[Fault]:
        """Count the requests, and let the faults act."""
        if direction == "in":
            self.asked[name] += 1
            self._changed.set()
        return super().take(link, direction, name)

    async def until_asked(self, name: str, times: int) -> None:
        """Wait until the venue was asked for it so often."""
        while self.asked[name] < times:
            self._changed.clear()
            await self._changed.wait()


async def _trader(server: PracticeServer, folder: Path, *then: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.trader_process",
        server.clearport_url,
        server.finex_url,
        str(folder),
        *then,
    )


async def _journal_has_an_order(folder: Path) -> None:
    """Wait until the trader's order is on disk, which is before it is on the wire."""
    wal = folder / "journal.sqlite3-wal"
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(_holds, wal, b'"type":"order"'):
            pass  # looking takes a thread, so the venue goes on meanwhile


async def _venue_has_a_position(server: PracticeServer, address: str) -> None:
    async with asyncio.timeout(30):
        while not any(channel.positions for channel in server.channels_of(address)):
            await asyncio.to_thread(server.connection_count, "finex")


def _holds(path: Path, needle: bytes) -> bool:
    return path.exists() and needle in path.read_bytes()
