"""Measures the bars side by side, prints one table and writes build/bench.json.

Nothing here is a timed test: a bar is a ratio, or a median, of runs in turn on this machine.
"""

from __future__ import annotations

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

STARTS = 9
START_LIMIT = 2.0
CLICK_LIMIT = 2.0
OWN_LIMIT_US = 1000.0


@dataclass(frozen=True)
class Bar:
    """One measured bar; ``ratio`` is ours over the reference, ``limit`` of what is judged."""

    bar: str
    ours: float
    reference: float
    ratio: float
    limit: float
    holds: bool
    unit: str


def start_bar() -> Bar:
    """Process start to painted window, ours against a bare PySide6 window, in turn."""
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        _painted_after_ms(["-m", "tests.benchmarks.app_window", folder])  # writes the bytecode
        for _ in range(STARTS):
            bare.append(_painted_after_ms(["-m", "tests.benchmarks.bare_window"]))
            ours.append(_painted_after_ms(["-m", "tests.benchmarks.app_window", folder]))
    mine, reference = statistics.median(ours), statistics.median(bare)
    ratio = mine / reference
    return Bar(
        "start to painted window", mine, reference, ratio, START_LIMIT, ratio <= START_LIMIT, "ms"
    )


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


def main() -> int:
    """Measure every bar; return 1 where one does not hold."""
    bars = [start_bar(), *click_bars()]
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    (folder / "bench.json").write_text(json.dumps([asdict(bar) for bar in bars], indent=1) + "\n")
    sys.stdout.write(f"{'bar':<32}{'ours':>12}{'reference':>12}{'ratio':>8}{'limit':>8}  holds\n")
    for bar in bars:
        sys.stdout.write(
            f"{bar.bar:<32}{bar.ours:>9.1f} {bar.unit:<2}{bar.reference:>9.1f} {bar.unit:<2}"
            f"{bar.ratio:>8.2f}{bar.limit:>8g}  {'yes' if bar.holds else 'NO'}\n"
        )
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
