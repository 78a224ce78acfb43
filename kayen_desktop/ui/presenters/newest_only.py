"""A look at what is being typed: one look at a time, and only at the newest text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.ui.async_bridge import AsyncBridge

TypedT = TypeVar("TypedT")
FoundT = TypeVar("FoundT")


class NewestOnly(Generic[TypedT, FoundT]):
    """Looks off the loop, and tells only what was found in the text that stands there by then.

    A look takes longer than the pause between two keys, so that it is its own brake.
    """

    def __init__(
        self,
        bridge: AsyncBridge,
        look: Callable[[TypedT], Awaitable[FoundT]],
        tell: Callable[[FoundT], None],
    ) -> None:
        """``tell`` hears what ``look`` found in the newest text."""
        self._bridge = bridge
        self._look = look
        self._tell = tell
        self._wanted: TypedT | None = None
        self._is_looking = False
        self._is_stopped = False

    def take(self, typed: TypedT | None) -> None:
        """Look at this; what waited before is forgotten, and with None nothing waits any more."""
        self._wanted = None if self._is_stopped else typed
        if self._wanted is not None and not self._is_looking:
            self._is_looking = True
            self._bridge.run(self._work(), self._on_error)

    def stop(self) -> None:
        """Tell nothing any more: whoever listened is gone."""
        self._is_stopped = True
        self._wanted = None

    async def _work(self) -> None:
        try:
            while (typed := self._wanted) is not None:
                found = await self._look(typed)
                if typed == self._wanted:
                    self._wanted = None
                    self._tell(found)
        finally:
            self._is_looking = False

    def _on_error(self, error: KayenError) -> None:
        """Leave unsaid what can't be found out; the next text is looked at again."""
        self._wanted = None
