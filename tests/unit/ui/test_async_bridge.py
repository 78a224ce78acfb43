"""Work that slots start has an owner, and its failures a hearer."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from kayen_desktop.domain.errors import KayenError, TransportError
from kayen_desktop.ui.async_bridge import AsyncBridge


@pytest.fixture
def crashes() -> list[BaseException]:
    return []


async def test_expected_errors_go_to_the_slot_s_side(crashes: list[BaseException]) -> None:
    bridge = AsyncBridge(crashes.append)
    heard: asyncio.Future[KayenError] = asyncio.get_running_loop().create_future()

    async def fail() -> None:
        raise TransportError("no network")

    bridge.run(fail(), heard.set_result)
    assert str(await heard) == "no network"
    await bridge.stop()
    assert crashes == []


async def test_unexpected_errors_are_a_crash(crashes: list[BaseException]) -> None:
    crashed = asyncio.Event()

    def on_crash(error: BaseException) -> None:
        crashes.append(error)
        crashed.set()

    bridge = AsyncBridge(on_crash)

    async def fail() -> None:
        raise ZeroDivisionError

    heard: list[KayenError] = []
    bridge.run(fail(), heard.append)
    await crashed.wait()
    assert [type(each) for each in crashes] == [ZeroDivisionError]
    assert heard == []
    await bridge.stop()


async def test_stopping_ends_what_runs_and_drops_what_comes_later(
    crashes: list[BaseException],
) -> None:
    bridge = AsyncBridge(crashes.append)
    started, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    bridge.run(wait(), crashes.append)
    await started.wait()
    await bridge.stop()
    assert ended.is_set()

    started.clear()
    bridge.run(wait(), crashes.append)
    await asyncio.sleep(0)
    assert not started.is_set()
    assert crashes == []


async def test_work_stopped_before_its_first_step_is_closed_quietly(
    crashes: list[BaseException],
) -> None:
    bridge = AsyncBridge(crashes.append)

    async def never() -> None:
        raise AssertionError("it must not start")

    work = never()
    bridge.run(work, crashes.append)
    await bridge.stop()
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED
    assert crashes == []
