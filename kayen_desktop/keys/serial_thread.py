"""One thread for calls that block, one after the other; it never keeps the process from ending.

Decision: not asyncio's own threads. Those are waited for when the process ends, and a keyring may
ask its owner something and wait for ever. Being one thread also makes each call a transaction:
read, change, write and read back happen with no other call of this process in between, also
where whoever awaited the call was cancelled meanwhile; an asyncio.Lock would be let go of then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Lock, Thread
from types import TracebackType
from typing import TypeVar

ResultType = TypeVar("ResultType")


class SerialThread:
    """Runs calls in the order they were asked for; the thread is there while there are any."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._guard = Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_running = False

    async def run(self, call: Callable[[], ResultType]) -> ResultType:
        """Return what the call returns, or raise what it raises.

        A call whose caller is cancelled before its turn is never made; one that has begun ends.
        """
        outcome: Future[ResultType] = Future()

        def make() -> None:
            if outcome.set_running_or_notify_cancel():
                with _TellingOf(outcome):
                    outcome.set_result(call())

        with self._guard:
            self._waiting.append(make)
            if not self._is_running:
                self._is_running = True
                Thread(target=self._work, name=self._name, daemon=True).start()
        return await asyncio.wrap_future(outcome)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until every call asked for so far has ended; False where that takes longer.

        For the end of the process, which would cut short a call that nobody awaits any more.
        """
        with self._guard:
            if not self._is_running:
                return True
        try:
            async with asyncio.timeout(timeout_s):
                await self.run(lambda: None)
        except TimeoutError:
            return False
        return True

    def _work(self) -> None:
        while True:
            with self._guard:
                if not self._waiting:
                    self._is_running = False
                    return
                make = self._waiting.popleft()
            make()
            del make  # what it returned or raised is the caller's alone


class _TellingOf(AbstractContextManager[None]):
    """Hands an error, of whatever kind, to the one who awaits the call."""

    def __init__(self, outcome: Future[ResultType]) -> None:
        self._fail = outcome.set_exception

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            self._fail(error)
        return True
