"""A trader killed at random moments: every restart opens its journal and settles every intent."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues.kayen import CLEARPORT
from tests.integration.desk import QUIET, Desk, desk_at
from tests.integration.practice.wire_client import ADDRESS, SECRET
from tests.integration.trader_process import KEY

from .report import Report
from .truth import ClearingBooks, compare_settlements, read_truth

SEED = 1
# From a little before its first frame until after some settlements and the way home.
EARLIEST_S, LATEST_S = 0.0, 1.0
# States take a moment, so that kills fall between them.
SETTINGS = replace(QUIET, state_delay_s=0.008)


async def kill_at_random_moments(count: int, seed: int = SEED) -> Report:
    """Kill one trader so many times; each time restart it, settle, and compare with the venue."""
    report = Report()
    chance = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with PracticeServer(SETTINGS) as server:
            books = ClearingBooks(server)
            for number in range(count):
                report.kills += 1
                try:
                    await _kill_once(server, Path(folder), chance, books, report)
                except AssertionError as error:
                    report.failures.append(f"kill {number}: {error}")
                else:
                    report.recovered += 1
    return report


async def _kill_once(
    server: PracticeServer, folder: Path, chance: Random, books: ClearingBooks, report: Report
) -> None:
    trader = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.busy_trader",
        server.clearport_url,
        server.finex_url,
        str(folder),
        stdout=asyncio.subprocess.PIPE,
    )
    assert trader.stdout is not None
    await trader.stdout.readline()  # it is about to connect
    await asyncio.sleep(chance.uniform(EARLIEST_S, LATEST_S))
    trader.send_signal(signal.SIGKILL)
    await trader.communicate()
    await _recover(server, folder, books, report)


async def _recover(
    server: PracticeServer, folder: Path, books: ClearingBooks, report: Report
) -> None:
    """Start again on the same journal, and compare with the venue."""
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    async with desk_at(server, folder, signer) as desk:
        await desk.until(lambda: desk.is_ready(CLEARPORT), "Clearport is ready")
        await desk.until(lambda: not desk.state.unconfirmed_intents, "every intent is settled")
        await desk.until(
            lambda: all(run.is_over for run in desk.state.settlements.values()),
            "every settlement has ended",
        )
        _compare_settlements(desk, books, report)
        channels = server.channels_of(signer.address)
        assert len(channels) <= 1, "two accounts were opened"
        if not channels or not channels[0].is_open:
            return
        channel_id = channels[0].channel_id
        truth = await read_truth(server, SECRET, ADDRESS, channel_id)
        ours = desk.journal.venue_ids()
        assert truth.orders.keys() <= ours, "an order was lost"
        assert truth.orders.total() == len(truth.orders), "an order was sent twice"
        await desk.until(lambda: desk.state.fills.keys() == truth.fills.keys(), "fills are told")
        await desk.until(
            lambda: desk.state.channels[channel_id].own_balance == channels[0].initiator_balance,
            "the balance is the venue's",
        )


def _compare_settlements(desk: Desk, books: ClearingBooks, report: Report) -> None:
    runs = list(desk.state.settlements.values())
    found = compare_settlements(runs, books)
    report.settlements_sent = len(runs)
    report.settlements_paid = sum(run.is_paid for run in runs)
    report.journeys_home = sum(channel.is_over for channel in books.channels.values())
    report.settlements_lost = max(report.settlements_lost, found.lost)
    report.settlements_doubled = max(report.settlements_doubled, found.doubled)
    assert not found.words, found.words
