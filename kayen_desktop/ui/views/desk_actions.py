"""What the window's buttons do: dialogs for what needs a look, requests for what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QWidget

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice

if TYPE_CHECKING:
    from kayen_desktop.app.session import Session


class DeskActions:
    """Opens the dialogs, imported when first needed, one at a time, and never in a nested loop."""

    def __init__(
        self, window: QWidget, bridge: AsyncBridge, tell: Callable[[Notice], None]
    ) -> None:
        self._window = window
        self._bridge = bridge
        self._tell = tell
        self._session: Session | None = None
        self._dialog: QDialog | None = None

    def bind(self, session: Session | None) -> None:
        """Act on this session from now on; a dialog over an earlier one is closed."""
        if self._dialog is not None:
            self._dialog.done(QDialog.DialogCode.Rejected)
        self._session = session

    def open_account(self) -> None:
        """Open the wizard that opens a margin account."""
        if self._session is None or self._is_busy():
            return
        from kayen_desktop.ui.dialogs.open_channel import OpenChannelWizard

        self._show(OpenChannelWizard(self._session, self._bridge, self._window))

    def close_position(self, position_id: str) -> None:
        """Open the preview of closing one position."""
        if self._session is None or self._is_busy():
            return
        from kayen_desktop.ui.dialogs.close_position import ClosePositionDialog

        self._show(ClosePositionDialog(self._session, self._bridge, position_id, self._window))

    def close_account(self, channel_id: str) -> None:
        """Open the preview of closing a margin account."""
        if self._session is None or self._is_busy():
            return
        from kayen_desktop.ui.dialogs.close_channel import CloseChannelDialog

        self._show(CloseChannelDialog(self._session, self._bridge, channel_id, self._window))

    def close_all(self) -> None:
        """Open the preview of closing every position."""
        if self._session is None or self._is_busy():
            return
        from kayen_desktop.ui.dialogs.close_all import CloseAllDialog

        self._show(CloseAllDialog(self._session, self._bridge, self._window))

    def cancel_order(self, order_id: str) -> None:
        """Ask to cancel one order; its new state comes as a change."""
        if self._session is not None:
            work = self._session.trading.cancel(order_id)
            self._bridge.run(work, self._on_error("the cancellation"))

    def cancel_all(self) -> None:
        """Ask to cancel every open order."""
        if self._session is not None:
            work = self._session.trading.cancel_all()
            self._bridge.run(work, self._on_error("the cancellation of all orders"))

    def _is_busy(self) -> bool:
        """Bring a dialog that is open already to the front, instead of a second one."""
        if self._dialog is None:
            return False
        self._dialog.raise_()
        self._dialog.activateWindow()
        return True

    def _show(self, dialog: QDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _on_error(self, doing: str) -> Callable[[KayenError], None]:
        def tell(error: KayenError) -> None:
            self._tell(error_notice(error, doing))

        return tell
