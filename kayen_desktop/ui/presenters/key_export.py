"""The logic of exporting a key: a file under a password of its own, read back before it counts.

Decision: an export is checked, but it is no backup yet. The file lies on the very disk that a
backup is to outlive, and its password was typed a moment ago; the drill marks it as a backup once
the trader shows that both can be found again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import KayenError, KeyInputError, NotAuthorizedError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.keys.private_file import write_private
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.identities import (
    EXPORT_DONE,
    EXPORT_NEXT,
    EXPORT_WRITING,
    export_failed_notice,
    export_spoiled_notice,
)

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_DOING = "the export of the key"


@dataclass(frozen=True, slots=True)
class ExportScreen:
    """All that the dialog shows at one moment; ``place`` is where the file is once it is there."""

    status: str
    place: str
    next_step: str
    is_busy: bool
    is_done: bool
    notice: Notice | None

    @property
    def can_leave(self) -> bool:
        """False while the file is being written."""
        return not self.is_busy


class ExportView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: ExportScreen) -> None:
        """Draw the dialog as it should look now."""


class ExportPresenter:
    """Writes one file; the password is held no longer than that takes."""

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        view: ExportView,
        identity: Identity,
    ) -> None:
        self._keychain = keychain
        self._gate = gate
        self._bridge = bridge
        self._view: ExportView | None = view
        self._identity = identity
        self._is_busy = False
        self._place: Path | None = None
        self._notice: Notice | None = None

    @property
    def file_name(self) -> str:
        """The name a file of this key goes by."""
        return f"kayen-{self._identity.address}.json"

    def export(self, path: Path, password: str) -> None:
        """Write the key to the path under the password, once."""
        if self._is_busy or self._place is not None:
            return
        self._is_busy = True
        self._notice = None
        self._bridge.run(self._export(path, password), self._on_error)
        self.refresh()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            is_done = self._place is not None
            self._view.show_screen(
                ExportScreen(
                    status=EXPORT_WRITING if self._is_busy else EXPORT_DONE if is_done else "",
                    place=str(self._place) if self._place is not None else "",
                    next_step=EXPORT_NEXT if is_done else "",
                    is_busy=self._is_busy,
                    is_done=is_done,
                    notice=self._notice,
                )
            )

    def stop(self) -> None:
        """Draw nothing any more; a file that is being written is finished and checked."""
        self._view = None

    async def _export(self, path: Path, password: str) -> None:
        try:
            await self._write(path, password)
        finally:
            self._is_busy = False
            self.refresh()

    async def _write(self, path: Path, password: str) -> None:
        passphrase = await self._gate.authorize(Act.EXPORT)
        text = await self._keychain.export(self._identity.identity_id, passphrase, password)
        notice: Notice | None = None
        try:
            await asyncio.to_thread(write_private, path, text.encode())
            if not await self._is_good(path, password):
                await asyncio.to_thread(path.unlink, missing_ok=True)
                notice = export_spoiled_notice()
        except OSError as error:
            notice = export_failed_notice(error.strerror or "")
        self._notice = notice
        self._place = path if notice is None else None

    async def _is_good(self, path: Path, password: str) -> bool:
        """Return whether the file that lies there now gives the key back."""
        try:
            text = await asyncio.to_thread(path.read_text, encoding="utf-8")
            material = await self._keychain.material_from_keystore(text, password)
        except (KeyInputError, UnicodeDecodeError):
            return False
        return material.address == self._identity.address

    def _on_error(self, error: KayenError) -> None:
        if not isinstance(error, NotAuthorizedError):
            self._notice = error_notice(error, _DOING)
        self.refresh()
