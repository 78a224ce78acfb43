"""One look at a time, and only the newest text counts."""

from __future__ import annotations

import asyncio

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.ui.presenters.newest_only import NewestOnly
from tests.unit.ui.stage import Stage, settle


class Bench:
    """Finds something when the test says so."""

    def __init__(self, stage: Stage) -> None:
        self.asked: list[str] = []
        self.told: list[int] = []
        self.answers: list[asyncio.Future[int]] = []
        self.looks = NewestOnly(stage.bridge, self._look, self.told.append)

    async def _look(self, text: str) -> int:
        self.asked.append(text)
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return await answer

    def answer(self, found: int) -> None:
        self.answers[-1].set_result(found)


async def test_what_was_typed_meanwhile_is_looked_at_once_and_told_alone(stage: Stage) -> None:
    bench = Bench(stage)
    bench.looks.take("a")
    await settle(lambda: bench.asked == ["a"])
    for text in ("ab", "abc", "abcd"):
        bench.looks.take(text)
    bench.answer(0)
    await settle(lambda: bench.asked == ["a", "abcd"])
    bench.answer(3)
    await settle(lambda: bench.told == [3])
    bench.looks.take("e")
    await settle(lambda: bench.asked[-1] == "e")
    bench.answer(1)
    await settle(lambda: bench.told == [3, 1])


async def test_what_was_deleted_is_not_told(stage: Stage) -> None:
    bench = Bench(stage)
    bench.looks.take("a")
    await settle(lambda: bench.asked == ["a"])
    bench.looks.take(None)
    bench.answer(0)
    bench.looks.take("b")
    await settle(lambda: bench.asked == ["a", "b"])
    assert bench.told == []


async def test_a_look_that_fails_is_not_the_last(stage: Stage) -> None:
    bench = Bench(stage)
    bench.looks.take("a")
    await settle(lambda: bench.asked == ["a"])
    bench.answers[-1].set_exception(KayenError("no"))
    await settle(lambda: bench.answers[-1].done())
    await asyncio.sleep(0)
    bench.looks.take("b")
    await settle(lambda: bench.asked == ["a", "b"])
    bench.answer(2)
    await settle(lambda: bench.told == [2])


async def test_nothing_is_told_any_more_once_it_is_stopped(stage: Stage) -> None:
    bench = Bench(stage)
    bench.looks.take("a")
    await settle(lambda: bench.asked == ["a"])
    bench.looks.stop()
    bench.looks.take("b")
    bench.answer(1)
    await settle(lambda: bench.answers[-1].done())
    await asyncio.sleep(0)
    assert (bench.asked, bench.told) == (["a"], [])
