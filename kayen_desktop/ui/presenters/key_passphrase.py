"""The logic of setting, changing and removing the passphrase of the vault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.app.gate import Gate
from kayen_desktop.domain.errors import KayenError, WrongPassphraseError
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.identities import OLD_EMPTY, WORKING
from kayen_desktop.ui.notices.locking import NOT_THE_ONE, pause_text

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_DOING = "the change of the passphrase"


class Change(Enum):
    """What is done with the passphrase."""

    SET = "set"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class ChangeScreen:
    """All that the dialog shows at one moment."""

    problem: str
    status: str
    is_busy: bool
    notice: Notice | None


class ChangeView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: ChangeScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close: it is done."""


class ChangePresenter:
    """Seals all secrets anew, after the passphrase in force was typed."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        view: ChangeView,
        change: Change,
        verify: Callable[[str], Awaitable[None]],
        on_changed: Callable[[], None],
    ) -> None:
        """``verify`` raises for a wrong passphrase; the lock's own also counts wrong tries.

        ``on_changed`` hears of it once it is done, also where the view is gone by then.
        """
        self._on_changed = on_changed
        self._keychain = keychain
        self._gate = gate
        self._bridge = bridge
        self._view: ChangeView | None = view
        self._change = change
        self._verify = verify
        self._problem = ""
        self._is_busy = False
        self._notice: Notice | None = None

    def type_old(self) -> None:
        """Hear that the old passphrase changed: what was said of it no longer holds."""
        if self._problem:
            self._problem = ""
            self.refresh()

    def carry_out(self, old: str, new: str) -> None:
        """Put the new passphrase in the old one's place, once; an empty one removes it."""
        if self._is_busy:
            return
        self._notice = None
        if self._change is not Change.SET and not old:
            self._problem = OLD_EMPTY
        else:
            self._problem = ""
            self._is_busy = True
            self._bridge.run(self._carry_out(old, new), self._on_error)
        self.refresh()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            status = WORKING if self._is_busy else ""
            self._view.show_screen(ChangeScreen(self._problem, status, self._is_busy, self._notice))

    def stop(self) -> None:
        """Draw nothing any more; what was begun is finished."""
        self._view = None

    async def _carry_out(self, old: str, new: str) -> None:
        try:
            self._gate.check()
            if self._change is not Change.SET:
                await self._verify(old)
                self._gate.check()  # locked meanwhile
            await self._keychain.change_passphrase(old, new)
        finally:
            self._is_busy = False
            self.refresh()
        self._on_changed()
        if self._view is not None:
            self._view.finish()

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, WrongPassphraseError):
            wait_s = round(error.wait_s)
            self._problem = pause_text(wait_s) if wait_s else NOT_THE_ONE
        else:
            self._notice = error_notice(error, _DOING)
        self.refresh()
