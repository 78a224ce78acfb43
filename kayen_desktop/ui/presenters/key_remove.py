"""The logic of taking a key off this computer: confirmed by its name, never without a backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import KayenError, KeyInputError, NotAuthorizedError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.identities import (
    REMOVE_ACKNOWLEDGE_FIRST,
    REMOVE_CAPITALS,
    REMOVE_IN_USE,
    REMOVE_NOT_BACKED_UP,
    backup_text,
    name_to_type,
)
from kayen_desktop.ui.notices.keys import key_problem_text

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain


@dataclass(frozen=True, slots=True)
class RemoveScreen:
    """All that the dialog shows at one moment; ``blocked`` says why it can't be removed at all."""

    backup: str
    is_backed_up: bool
    question: str
    blocked: str
    problem: str
    can_confirm: bool
    is_busy: bool
    notice: Notice | None


class RemoveView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: RemoveScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close: the key is gone."""


class RemovePresenter:
    """Asks thrice: the name, the backup, and the passphrase where there is one."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        view: RemoveView,
        identity: Identity,
    ) -> None:
        self._keychain = keychain
        self._gate = gate
        self._bridge = bridge
        self._view: RemoveView | None = view
        self._identity = identity
        self._typed = ""
        self._is_acknowledged = False
        self._is_busy = False
        self._problem = ""
        self._notice: Notice | None = None

    # What the trader does

    def type_name(self, text: str) -> None:
        """Take the name as typed."""
        self._typed = text
        self._problem = ""
        self.refresh()

    def acknowledge(self, *, is_acknowledged: bool) -> None:
        """Take that there is no backup, or take it back."""
        self._is_acknowledged = is_acknowledged
        self.refresh()

    def confirm(self) -> None:
        """Remove the key, once."""
        if not self._can_confirm():
            return
        self._is_busy = True
        self._problem = ""
        self._notice = None
        self._bridge.run(self._remove(), self._on_error)
        self.refresh()

    # What happens

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            self._view.show_screen(
                RemoveScreen(
                    backup=backup_text(self._identity) + "."
                    if self._identity.is_backed_up
                    else REMOVE_NOT_BACKED_UP,
                    is_backed_up=self._identity.is_backed_up,
                    question=name_to_type(self._identity.name),
                    blocked=self._blocked(),
                    problem=self._problem or self._missing(),
                    can_confirm=self._can_confirm(),
                    is_busy=self._is_busy,
                    notice=self._notice,
                )
            )

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None

    async def _remove(self) -> None:
        try:
            passphrase = await self._gate.authorize(Act.REMOVE_KEY)
            await self._keychain.remove(self._identity.identity_id, passphrase)
        finally:
            self._is_busy = False
            self.refresh()
        if self._view is not None:
            self._view.finish()

    def _on_error(self, error: KayenError) -> None:
        match error:
            case NotAuthorizedError():
                pass
            case KeyInputError():
                self._problem = key_problem_text(error)
            case _:
                self._notice = error_notice(error, "the removal of the key")
        self.refresh()

    def _blocked(self) -> str:
        is_in_use = self._keychain.active == self._identity
        return REMOVE_IN_USE if is_in_use and len(self._keychain.identities) > 1 else ""

    def _is_named(self) -> bool:
        return self._typed == self._identity.name

    def _missing(self) -> str:
        """Return what is still to be done once the name is typed, or nearly."""
        if not self._is_named() and self._typed.casefold() == self._identity.name.casefold():
            return REMOVE_CAPITALS
        if not self._is_named() or self._identity.is_backed_up or self._is_acknowledged:
            return ""
        return REMOVE_ACKNOWLEDGE_FIRST

    def _can_confirm(self) -> bool:
        is_safe = self._identity.is_backed_up or self._is_acknowledged
        return self._is_named() and is_safe and not self._is_busy and not self._blocked()
