"""A short campaign with every change; `make faults` plays the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from .campaign import run_seed
from .hostile import tell_hostile_frames
from .kills import kill_at_random_moments
from .plans import plan_of


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_doubled_or_missed_whatever_fails(seed: int, tmp_path: Path) -> None:
    report = await run_seed(seed, tmp_path)
    assert report.is_clean, report


async def test_a_killed_trader_finds_everything_again() -> None:
    report = await kill_at_random_moments(2)
    assert report.is_clean, report


def test_no_mutated_frame_gets_through_to_an_exception() -> None:
    report = tell_hostile_frames(20_000)
    assert report.is_clean, report.failures[:5]


def test_a_seed_means_one_plan() -> None:
    assert plan_of(7) == plan_of(7)
    assert plan_of(7) != plan_of(8)
