"""From the click on the order button to the frame handed to the socket, in the real window.

Prints one line of JSON: the times of ours and of the reference, in microseconds. The reference is
the same kind of send with nothing before it, and one commit of the same kind, at the same pace:
what an order that is on disk before it is on the wire can't be faster than. A commit is mostly
the disk's, and a disk that has rested is slower, so both rest between two orders.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from PySide6.QtWidgets import QAbstractButton, QLineEdit

from kayen_desktop import tour
from kayen_desktop.application import Application
from kayen_desktop.main import run
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import PracticeSettings
from kayen_desktop.stage import SETTLE_S, Stage
from kayen_desktop.venues import transport

CLICKS = 120
WARM_UP = 20


class Stopwatch:
    """Notes when a frame that places an order has been handed to the socket."""

    def __init__(self) -> None:
        self.sent_at = 0
        self.sent = asyncio.Event()

    async def send(self, connection: transport.Connection, frame: str) -> None:
        """Send as the connection does, and look at the clock."""
        await _SEND(connection, frame)
        if '"create_order"' in frame:
            self.sent_at = time.perf_counter_ns()
            self.sent.set()


_SEND = transport.Connection.send


class Benchmark(Application):
    """The application, with a finger on its button instead of a person."""

    async def serve(self) -> int:
        """Measure ours and the reference in turn, and print both."""
        if self.journey is None:
            return 1
        stage = Stage(self.window, self.journey, None)
        await tour.watch_markets(stage)
        await tour.open_account(stage)
        watch = Stopwatch()

        async def send(connection: transport.Connection, frame: str) -> None:
            await watch.send(connection, frame)

        with patch.object(transport.Connection, "send", send):
            ours = [await _click(stage, watch, number) for number in range(CLICKS)]
        reference = await _bare(Path(sys.argv[1]))
        json.dump({"ours": ours[WARM_UP:], "reference": reference[WARM_UP:]}, sys.stdout)
        return 0


async def _click(stage: Stage, watch: Stopwatch, number: int) -> float:
    """Place one order by a click and return how long it took, in microseconds."""
    stage.find(QLineEdit, "amountEdit").setText(str(2000 + number))
    button = stage.find(QAbstractButton, "submitOrderButton")
    await stage.until(button.isEnabled, "the order can be placed")
    await asyncio.sleep(SETTLE_S)  # nobody clicks within the frame that draws the last key
    watch.sent.clear()
    clicked_at = time.perf_counter_ns()
    button.clicked.emit()  # what a press and release end in; Qt's own repaint comes before
    await watch.sent.wait()
    taken = (watch.sent_at - clicked_at) / 1000
    await stage.until(lambda: len(stage.state.orders) > number, "the order is told")
    return taken


async def _bare(folder: Path) -> list[float]:
    """Commit one row and send one frame, with nothing before; return microseconds each."""
    taken = []
    async with PracticeServer(PracticeSettings(events_per_second=0)) as server:
        connection = await transport.connect(server.finex_url)
        with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("CREATE TABLE intents (text TEXT)")
            for _ in range(CLICKS):
                await asyncio.sleep(SETTLE_S)
                began = time.perf_counter_ns()
                db.execute("INSERT INTO intents VALUES (?)", ("x" * 300,))
                await connection.send('[1,1,"ping",[]]')
                taken.append((time.perf_counter_ns() - began) / 1000)
                await connection.receive()
        await connection.close()
    return taken


if __name__ == "__main__":
    sys.exit(run(["--practice", "--data-dir", sys.argv[1]], make_application=Benchmark))
