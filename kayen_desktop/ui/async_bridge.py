"""From Qt slots, which cannot wait, to coroutines, which somebody must own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from kayen_desktop.domain.errors import KayenError

if TYPE_CHECKING:
    from kayen_desktop.app.tasks import TaskOwner


class AsyncBridge:
    """Owns the work that slots start; expected errors go to the slot's side, others to a crash.

    Decision: nothing here catches ``Exception``: the task owner hands every failure that no slot
    expects to ``on_crash``, so a second net would only hide where it came from. asyncio is
    imported with the first piece of work: the window is painted before there is any.
    """

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        self._on_crash = on_crash
        self._tasks: TaskOwner | None = None
        self._unstarted: set[Coroutine[Any, Any, Any]] = set()
        self._is_stopped = False

    def run(self, work: Coroutine[Any, Any, Any], on_error: Callable[[KayenError], None]) -> None:
        """Run the work in the background; ``on_error`` hears of the errors we raise on purpose."""
        if self._is_stopped:
            work.close()
            return
        if self._tasks is None:
            from kayen_desktop.app.tasks import TaskOwner

            self._tasks = TaskOwner(self._on_crash)
        self._unstarted.add(work)
        self._tasks.start(self._report(work, on_error))

    async def stop(self) -> None:
        """Cancel what still runs and wait for it; work started afterwards is dropped unstarted."""
        self._is_stopped = True
        if self._tasks is not None:
            await self._tasks.stop()
        for work in self._unstarted:  # cancelled before its first step
            work.close()
        self._unstarted.clear()

    async def _report(
        self, work: Coroutine[Any, Any, Any], on_error: Callable[[KayenError], None]
    ) -> None:
        self._unstarted.discard(work)
        try:
            await work
        except KayenError as error:
            on_error(error)
