"""Work done one after the other, each to its end although whoever asked for it went away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from kayen_desktop.domain.errors import KayenError

P = ParamSpec("P")
ResultType = TypeVar("ResultType")

log = logging.getLogger(__name__)


class Undertakings:
    """Owns work that must not be broken off half-way, as a dialog that is closed would do."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def run(
        self, work: Callable[P, Coroutine[Any, Any, ResultType]], *args: P.args, **kwargs: P.kwargs
    ) -> ResultType:
        """Return what the work returns; where the caller is cancelled, the work is not.

        Work must not wait for other work here: its turn would never come.
        """

        async def do() -> ResultType:
            async with self._turn:
                return await work(*args, **kwargs)

        task = asyncio.create_task(do())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    async def finish(self, timeout_s: float) -> bool:
        """Wait for what runs; what takes longer is cancelled, and False is returned."""
        if not self._running:
            return True
        _, late = await asyncio.wait(tuple(self._running), timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return not late


def _log_failure(task: asyncio.Task[Any]) -> None:
    """Tell the log of a failure that nobody waits for any more."""
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, KayenError):
        log.warning("left by its caller: %s", error)
    elif error is not None:
        log.error("left by its caller", exc_info=error)
