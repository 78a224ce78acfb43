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
    from kayen_desktop.domain.margin import MarginReading


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
        from kayen_desktop.ui.dialogs.open_channel import OpenChannelWizard

        self._open(lambda session: OpenChannelWizard(session, self._bridge, self._window))

    def close_position(self, position_id: str) -> None:
        """Open the preview of closing one position."""
        from kayen_desktop.ui.dialogs.close_position import ClosePositionDialog

        self._open(
            lambda session: ClosePositionDialog(session, self._bridge, position_id, self._window)
        )

    def close_account(self, channel_id: str) -> None:
        """Open the preview of closing a margin account."""
        from kayen_desktop.ui.dialogs.close_channel import CloseChannelDialog

        self._open(
            lambda session: CloseChannelDialog(session, self._bridge, channel_id, self._window)
        )

    def close_all(self) -> None:
        """Open the preview of closing every position."""
        from kayen_desktop.ui.dialogs.close_all import CloseAllDialog

        self._open(lambda session: CloseAllDialog(session, self._bridge, self._window))

    def settle(self) -> None:
        """Open the wizard that settles positions with the broker, or follow one under way."""
        from kayen_desktop.ui.dialogs.settle import SettleWizard

        self._open(lambda session: SettleWizard(session, self._bridge, self._window))

    def go_home(self) -> None:
        """Open the flow that closes everything and brings the money back."""
        from kayen_desktop.ui.dialogs.go_home import GoHomeDialog

        self._open(lambda session: GoHomeDialog(session, self._bridge, self._window))

    def show_account(self, channel_id: str) -> None:
        """Open all that is known of a margin account and its broker, which is asked anew."""
        if self._session is not None:
            look = self._session.clearing_house.look()
            self._bridge.run(look, self._on_error("asking the clearing house"))
        from kayen_desktop.ui.dialogs.account import AccountDialog

        def make(session: Session) -> QDialog:
            dialog = AccountDialog(session, self._bridge, channel_id, self._window)
            dialog.settle_requested.connect(lambda: self._turn_to(self.settle))
            dialog.close_requested.connect(
                lambda key: self._turn_to(lambda: self.close_account(key))
            )
            dialog.record_trade_requested.connect(
                lambda key: self._turn_to(lambda: self.record_trade(key))
            )
            return dialog

        self._open(make)

    def record_trade(self, channel_id: str) -> None:
        """Open the dialog that books a trade made elsewhere."""
        from kayen_desktop.ui.dialogs.record_trade import RecordTradeDialog

        self._open(
            lambda session: RecordTradeDialog(session, self._bridge, channel_id, self._window)
        )

    def show_wallet_requests(self) -> None:
        """Open what the venue wanted of the wallet, and why none of it was done."""
        from kayen_desktop.ui.dialogs.wallet_request import WalletRequestDialog

        self._open(lambda session: WalletRequestDialog(session, self._window))

    def show_what_if(self, choose: Callable[[MarginReading], None]) -> None:
        """Open the copy of the window's figures whose prices the trader moves.

        ``choose`` is told where another reading of the margin is chosen there.
        """
        from kayen_desktop.ui.dialogs.what_if import WhatIfDialog

        def make(session: Session) -> QDialog:
            dialog = WhatIfDialog(session, self._window)
            dialog.reading_chosen.connect(choose)
            return dialog

        self._open(make)

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

    def _turn_to(self, show: Callable[[], None]) -> None:
        """Close the dialog that asks for it, and open the next one in its place."""
        if self._dialog is not None:
            self._dialog.done(QDialog.DialogCode.Accepted)
        show()

    def _open(self, make: Callable[[Session], QDialog]) -> None:
        """Open a dialog on the session; one that is open already comes to the front instead."""
        if self._session is None:
            return
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        self._dialog = dialog = make(self._session)
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
