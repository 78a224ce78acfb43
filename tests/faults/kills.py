"""A trader killed at random moments: every restart opens its journal and settles every intent."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from random import Random

from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues.kayen import CLEARPORT
from tests.integration.desk import QUIET, desk_at
from tests.integration.practice.wire_client import ADDRESS, SECRET
from tests.integration.trader_process import KEY

from .report import Report
from .truth import read_truth

SEED = 1
# From a little before its first frame until long after its last order of the script.
EARLIEST_S, LATEST_S = 0.0, 0.5


async def kill_at_random_moments(count: int, seed: int = SEED) -> Report:
    """Kill one trader so many times; each time restart it, settle, and compare with the venue."""
    report = Report()
    chance = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with PracticeServer(QUIET) as server:
            for number in range(count):
                report.kills += 1
                try:
                    await _kill_once(server, Path(folder), chance)
                except AssertionError as error:
                    report.failures.append(f"kill {number}: {error}")
                else:
                    report.recovered += 1
    return report


async def _kill_once(server: PracticeServer, folder: Path, chance: Random) -> None:
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
    await _recover(server, folder)


async def _recover(server: PracticeServer, folder: Path) -> None:
    """Start again on the same journal, and compare with the venue."""
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    async with desk_at(server, folder, signer) as desk:
        await desk.until(lambda: desk.is_ready(CLEARPORT), "Clearport is ready")
        await desk.until(lambda: not desk.state.unconfirmed_intents, "every intent is settled")
        channels = server.channels_of(signer.address)
        assert len(channels) <= 1, "two accounts were opened"
        if not channels:
            return
        truth = await read_truth(server, SECRET, ADDRESS, channels[0].channel_id)
        ours = desk.journal.venue_ids()
        assert truth.orders.keys() <= ours, "an order was lost"
        assert truth.orders.total() == len(truth.orders), "an order was sent twice"
        await desk.until(lambda: desk.state.fills.keys() == truth.fills.keys(), "fills are told")
