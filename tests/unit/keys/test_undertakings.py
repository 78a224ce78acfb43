"""What has begun is done to its end, one after the other, and somebody can wait for all of it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.keys.undertakings import Undertakings


class Work:
    """Says when it begins, waits until it may end, and then returns or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.is_done = False

    async def do(self, answer: int) -> int:
        self.has_begun.set()
        await self.may_end.wait()
        if self.failure is not None:
            raise self.failure
        self.is_done = True
        return answer


async def abandoned(undertakings: Undertakings, work: Work) -> None:
    """Let the work begin and take its caller away."""
    caller = asyncio.create_task(undertakings.run(work.do, 1))
    await work.has_begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_it_returns_what_the_work_returns_and_raises_what_it_raises() -> None:
    undertakings, good, bad = Undertakings(), Work(), Work(VaultError(VaultProblem.FULL))
    good.may_end.set()
    bad.may_end.set()
    assert await undertakings.run(good.do, 7) == 7
    with pytest.raises(VaultError):
        await undertakings.run(bad.do, 7)
    assert await undertakings.finish(0)


async def test_work_whose_caller_went_away_is_done_before_the_next_begins() -> None:
    undertakings, first, second = Undertakings(), Work(), Work()
    await abandoned(undertakings, first)
    following = asyncio.create_task(undertakings.run(second.do, 2))
    second.may_end.set()
    await asyncio.sleep(0)
    assert not second.has_begun.is_set()
    first.may_end.set()
    assert await following == 2
    assert first.is_done


@pytest.mark.parametrize("failure", [VaultError(VaultProblem.FULL), ZeroDivisionError("a bug")])
async def test_a_failure_that_nobody_hears_of_is_in_the_log(
    caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    undertakings, work = Undertakings(), Work(failure)
    await abandoned(undertakings, work)
    work.may_end.set()
    assert await undertakings.finish(60)
    (record,) = caplog.records
    is_bug = isinstance(failure, ZeroDivisionError)
    assert record.levelno == (logging.ERROR if is_bug else logging.WARNING)
    assert bool(record.exc_info) == is_bug


async def test_the_wait_for_all_of_it_has_an_end_and_leaves_nothing_running() -> None:
    undertakings, first, second = Undertakings(), Work(), Work()
    before = asyncio.all_tasks()
    await abandoned(undertakings, first)
    waiting = asyncio.create_task(undertakings.run(second.do, 2))
    await asyncio.sleep(0)
    assert not await undertakings.finish(0.01)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == before
    assert not first.is_done
    assert not second.has_begun.is_set()
