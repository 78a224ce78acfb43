"""Killed at the worst moment, the next start says what is not known and finds it out."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.scenario import Scenario, parse_fault
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
        trader = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.trader_process",
            server.clearport_url,
            server.finex_url,
            str(tmp_path),
        )
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
