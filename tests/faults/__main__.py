"""Plays the fault campaign, prints a table and writes build/faults.json.

``python -m tests.faults --runs 300 --first 0``: every run is decided by its seed, so one that
fails is played again by its number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from .campaign import run_seed
from .hostile import tell_hostile_frames
from .kills import kill_at_random_moments
from .report import Report

BUILD = Path("build")


async def play(first: int, runs: int) -> Report:
    """Play the runs one after the other and return all their counts."""
    total = Report()
    for seed in range(first, first + runs):
        with tempfile.TemporaryDirectory() as folder:
            report = await run_seed(seed, Path(folder))
        total.add(report)
        for failure in report.failures:
            say(failure)
    return total


def say(line: str) -> None:
    """Print a line at once: a campaign takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Play everything asked for; the exit code is 0 where nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="the first run's seed")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--frames", type=int, default=100_000, help="hostile frames")
    arguments = parser.parse_args()
    # What the app has to say of hostile frames is no part of the table.
    logging.getLogger("kayen_desktop").addHandler(logging.NullHandler())
    began = time.monotonic()
    total = Report()
    total.add(tell_hostile_frames(arguments.frames))
    total.add(asyncio.run(kill_at_random_moments(arguments.kills)))
    total.add(asyncio.run(play(arguments.first, arguments.runs)))
    for name, value in asdict(total).items():
        if name != "failures":
            say(f"{name.replace('_', ' '):24}{value:>10}")
    say(f"{'seconds':24}{time.monotonic() - began:>10.0f}")
    BUILD.mkdir(exist_ok=True)
    (BUILD / "faults.json").write_text(json.dumps(asdict(total), indent=2) + "\n")
    return 0 if total.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
