"""The logic of giving a key another name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.domain.errors import KayenError, KeyInputError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.keys import key_problem_text

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain


@dataclass(frozen=True, slots=True)
class RenameScreen:
    """All that the dialog shows at one moment."""

    problem: str
    is_busy: bool
    notice: Notice | None


class RenameView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: RenameScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close: the key has its new name."""


class RenamePresenter:
    """Names are no secret, so nothing is asked for."""

    def __init__(
        self, keychain: Keychain, bridge: AsyncBridge, view: RenameView, identity: Identity
    ) -> None:
        self._keychain = keychain
        self._bridge = bridge
        self._view: RenameView | None = view
        self._identity = identity
        self._problem = ""
        self._is_busy = False
        self._notice: Notice | None = None

    def type_name(self) -> None:
        """Hear that the name changed: what was said of it no longer holds."""
        self._problem = ""
        self._notice = None
        self.refresh()

    def rename(self, name: str) -> None:
        """Give the key the name, once."""
        if self._is_busy:
            return
        self._is_busy = True
        self._problem = ""
        self._notice = None
        self._bridge.run(self._rename(name), self._on_error)
        self.refresh()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            self._view.show_screen(RenameScreen(self._problem, self._is_busy, self._notice))

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None

    async def _rename(self, name: str) -> None:
        try:
            await self._keychain.rename(self._identity.identity_id, name)
        finally:
            self._is_busy = False
            self.refresh()
        if self._view is not None:
            self._view.finish()

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, KeyInputError):
            self._problem = key_problem_text(error)
        else:
            self._notice = error_notice(error, "renaming the key")
        self.refresh()
