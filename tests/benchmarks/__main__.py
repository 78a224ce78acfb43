"""Measures the bars side by side, prints one table and writes build/bench.json.

Nothing here is a timed test: a bar is a ratio, or a median, of runs in turn on this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from tests.secret_service import secret_service

STARTS = 7
WARM_UP_S = 3.0
PRACTICE_S = 15.0
PRACTICE_LIMIT = 0.10
START_LIMIT = 2.0
CLICK_LIMIT = 2.0
OWN_LIMIT_US = 1000.0
KEY_RUNS = 5
GAP_LIMIT_MS = 16.0
MARGIN_LIMIT = 1.5
# What the bar judges; what else is done with keys is told.
JUDGED = ("unlock a keyring", "unlock files", "sign")


@dataclass(frozen=True)
class Bar:
    """One measured bar; ``ratio`` is ours over the reference, ``limit`` of what is judged.

    A row without a limit is told for information.
    """

    bar: str
    ours: float
    reference: float
    ratio: float
    limit: float | None
    holds: bool | None
    unit: str


def start_bars() -> list[Bar]:
    """Process start to painted window, ours against a bare PySide6 window, in turn.

    The window is painted in two steps: the frame with its banner, lights and menus, which is what
    the bar judges, and the desk, which is told beside it.
    """
    frame: list[float] = []
    desk: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        _painted_after_ms(["-m", "tests.benchmarks.app_window", "desk", folder])  # warms up
        for _ in range(STARTS):
            bare.append(_painted_after_ms(["-m", "tests.benchmarks.bare_window"]))
            frame.append(_painted_after_ms(["-m", "tests.benchmarks.app_window", "frame", folder]))
            desk.append(_painted_after_ms(["-m", "tests.benchmarks.app_window", "desk", folder]))
    reference = statistics.median(bare)
    first, whole = statistics.median(frame), statistics.median(desk)
    ratio = first / reference
    return [
        Bar(
            "start to painted window",
            first,
            reference,
            ratio,
            START_LIMIT,
            ratio <= START_LIMIT,
            "ms",
        ),
        Bar("start to whole desk painted", whole, reference, whole / reference, None, None, "ms"),
    ]


def _painted_after_ms(arguments: Sequence[str]) -> float:
    began = time.monotonic_ns()
    # As an installed application has it: with its bytecode on disk after the first start.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    return (int(told.stdout.split()[-1]) - began) / 1e6


def click_bars() -> list[Bar]:
    """Click to frame handed to the socket, against a bare commit and send; medians.

    Own code is what is left when the bare commit and send are taken off.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.click", folder],
            check=True,
            capture_output=True,
            text=True,
            timeout=240,
        )
    times = json.loads(told.stdout.splitlines()[-1])
    mine, bare = statistics.median(times["ours"]), statistics.median(times["reference"])
    own, ratio = mine - bare, mine / bare
    return [
        Bar(
            "click to frame: own code",
            own,
            bare,
            own / bare,
            OWN_LIMIT_US,
            own < OWN_LIMIT_US,
            "µs",
        ),
        Bar("click to frame: in all", mine, bare, ratio, CLICK_LIMIT, ratio <= CLICK_LIMIT, "µs"),
    ]


def key_bars() -> list[Bar]:
    """Measure how long the loop is held up by work on keys, against the same time without it.

    Medians of what several processes saw, each with a keyring of its own.
    """
    longest: dict[str, tuple[list[float], list[float]]] = {}
    late: dict[str, tuple[list[float], list[float]]] = {}
    for _ in range(KEY_RUNS):
        for act, gaps in _gaps_ms().items():
            for side, of in enumerate((gaps["ours"], gaps["reference"])):
                longest.setdefault(act, ([], []))[side].append(max(of))
                late.setdefault(act, ([], []))[side].append(_percentile(of, 99))
    bars = []
    for act, times in longest.items():
        limit = GAP_LIMIT_MS if act in JUDGED else None
        bars.append(_gap_bar(f"{act}: longest gap", times, limit))
        if act in JUDGED:
            bars.append(_gap_bar(f"{act}: gap, p99", late[act], None))
    return bars


def _gaps_ms() -> dict[str, dict[str, list[float]]]:
    with tempfile.TemporaryDirectory() as folder, secret_service(Path(folder, "service")) as found:
        command = [sys.executable, "-m", "tests.benchmarks.loop", folder]
        environment = {**os.environ, **found}
        subprocess.run([*command, "make"], check=True, timeout=60, env=environment)
        told = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, timeout=240, env=environment
        )
    gaps: dict[str, dict[str, list[float]]] = json.loads(told.stdout.splitlines()[-1])
    return gaps


def _gap_bar(name: str, times: tuple[list[float], list[float]], limit: float | None) -> Bar:
    ours, reference = (statistics.median(each) for each in times)
    holds = None if limit is None else ours <= limit
    return Bar(name, ours, reference, ours / reference, limit, holds, "ms")


def _percentile(times: list[float], percent: int) -> float:
    return sorted(times)[(len(times) - 1) * percent // 100]


def desk_bars() -> list[Bar]:
    """Measure the desk's frame with the margin figures on, and the loop while it settles."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.desk", folder],
            check=True,
            capture_output=True,
            text=True,
            timeout=240,
        )
    times = json.loads(told.stdout.splitlines()[-1])
    bars = []
    for rows, frame in times["frames"].items():
        ours, reference = (statistics.median(frame[side]) / 1000 for side in ("ours", "reference"))
        name, ratio = f"frame with margin, {rows} rows", ours / reference
        bars.append(Bar(name, ours, reference, ratio, MARGIN_LIMIT, ratio <= MARGIN_LIMIT, "ms"))
    settle = times["settle"]
    gaps = (settle["ours"], settle["reference"])
    return [*bars, _gap_bar("ask for a settlement: longest gap", gaps, GAP_LIMIT_MS)]


def practice_bar() -> Bar:
    """Measure the practice venue: share of one core, 15 markets, 50 events a second, one client."""
    venue = subprocess.Popen(
        [sys.executable, "-m", "kayen_desktop.practice.server", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if venue.stdout is None:
            raise RuntimeError("the practice venue tells nothing")
        urls = [venue.stdout.readline().split()[-1] for _ in range(2)]
        with connect(urls[1], compression=None) as client:
            topics = ["tickers", "btcusd.ob-inc", "btcusd.trades", "btcusd.kline-1m"]
            client.send(json.dumps([1, 1, "subscribe", ["public", topics]]))
            _listen_for(client, WARM_UP_S)
            before, began = _cpu_s(venue.pid), time.monotonic()
            _listen_for(client, PRACTICE_S)
            share = (_cpu_s(venue.pid) - before) / (time.monotonic() - began) * 100
    finally:
        venue.terminate()
        venue.wait(timeout=10)
    ratio = share / 100
    return Bar(
        "practice venue, of one core",
        share,
        100,
        ratio,
        PRACTICE_LIMIT,
        ratio <= PRACTICE_LIMIT,
        "% ",
    )


def _listen_for(client: ClientConnection, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(TimeoutError):
            client.recv(timeout=left)


def _cpu_s(pid: int) -> float:
    """Return the processor time that a process has used, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure every bar; return 1 where one does not hold."""
    bars = [*start_bars(), *click_bars(), *key_bars(), *desk_bars(), practice_bar()]
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    (folder / "bench.json").write_text(json.dumps([asdict(bar) for bar in bars], indent=1) + "\n")
    sys.stdout.write(f"{'bar':<34}{'ours':>12}{'reference':>12}{'ratio':>8}{'limit':>8}  holds\n")
    for bar in bars:
        sys.stdout.write(
            f"{bar.bar:<34}{bar.ours:>9.1f} {bar.unit:<2}{bar.reference:>9.1f} {bar.unit:<2}"
            f"{bar.ratio:>8.2f}{_told(bar)}\n"
        )
    return 1 if any(bar.holds is False for bar in bars) else 0


def _told(bar: Bar) -> str:
    if bar.limit is None:
        return f"{'–':>8}  –"
    return f"{bar.limit:>8g}  {'yes' if bar.holds else 'NO'}"


if __name__ == "__main__":
    raise SystemExit(main())
