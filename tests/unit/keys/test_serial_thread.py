"""Calls that block are made one after the other, and never keep the process from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from kayen_desktop.keys.serial_thread import SerialThread


async def test_it_returns_what_the_call_returns_and_raises_what_it_raises() -> None:
    thread = SerialThread("test")
    assert await thread.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert await thread.run(lambda: 8) == 8


async def test_calls_are_made_in_turn_on_one_daemon_that_is_not_this_one() -> None:
    thread = SerialThread("test")
    seen: list[tuple[int, threading.Thread]] = []
    calls = [lambda n=n: seen.append((n, threading.current_thread())) for n in range(20)]
    await asyncio.gather(*(thread.run(call) for call in calls))
    assert [number for number, _ in seen] == list(range(20))
    assert all(each.daemon and each.name == "test" for _, each in seen)
    assert threading.current_thread() not in {each for _, each in seen}


async def test_a_call_whose_caller_went_away_before_its_turn_is_never_made() -> None:
    thread, gate, made = SerialThread("test"), threading.Event(), []
    first = asyncio.create_task(thread.run(gate.wait))
    second = asyncio.create_task(thread.run(lambda: made.append(2)))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({second})  # the thread hears of it before the first call ends
    gate.set()
    assert await first
    await thread.run(lambda: made.append(3))
    assert made == [3]


async def test_the_thread_ends_when_there_is_nothing_to_do() -> None:
    thread = SerialThread("test")
    worker = await thread.run(threading.current_thread)
    await asyncio.to_thread(worker.join, 10)
    assert not worker.is_alive()
    assert await thread.run(threading.current_thread) is not worker


async def test_draining_waits_for_what_was_asked_for_also_where_nobody_awaits_it_any_more() -> None:
    thread, gate, made = SerialThread("test"), threading.Event(), []
    begun = threading.Event()

    def write() -> None:
        begun.set()
        gate.wait()
        made.append("whole")

    assert await thread.drain(60)  # there is nothing to wait for
    writing = asyncio.create_task(thread.run(write))
    await asyncio.to_thread(begun.wait)
    draining = asyncio.create_task(thread.drain(60))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait({writing})
    assert not draining.done()
    gate.set()
    assert await draining
    assert made == ["whole"]


async def test_draining_gives_up_on_a_question_that_nobody_answers() -> None:
    thread, gate = SerialThread("test"), threading.Event()
    asking = asyncio.create_task(thread.run(gate.wait))
    await asyncio.sleep(0)
    assert not await thread.drain(0.01)
    gate.set()
    assert await asking
    assert await thread.drain(60)


_HANG = """
import asyncio, threading
from kayen_desktop.keys.serial_thread import SerialThread
async def main():
    asked = threading.Event()
    def ask():
        asked.set()
        threading.Event().wait()
    task = asyncio.create_task(SerialThread("test").run(ask))
    await asyncio.to_thread(asked.wait)
    task.cancel()
asyncio.run(main())
print("ended")
"""


def test_a_question_that_nobody_answers_does_not_keep_the_process() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _HANG], capture_output=True, text=True, check=False, timeout=60
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "ended\n", "")
