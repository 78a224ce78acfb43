"""The tabs below the chart: what the trader holds, has asked for, and has done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QTabWidget, QVBoxLayout

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.ui.models.activity import ActivityModel
from kayen_desktop.ui.models.balances import BalancesModel
from kayen_desktop.ui.models.channels import ChannelsModel
from kayen_desktop.ui.models.fills import FillsModel
from kayen_desktop.ui.models.orders import OpenOrdersModel, OrderHistoryModel
from kayen_desktop.ui.models.positions import DESK_ORDER, STATUS, PositionsModel
from kayen_desktop.ui.models.table import StateTable
from kayen_desktop.ui.presenters.activity import ActivityEntry
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.empty import EmptyState

from .list_tab import ListTab, TabText

_TABS = "Positions, orders, accounts and activity"
_NO_ACCOUNT = "No margin account yet. Open one to start trading."
_OPENING = "Your margin account is being opened. You can trade as soon as it is ready."
_CLOSING = "Your margin account is being closed. What you get back is on its way."
_NO_POSITION = "No open positions. Buy or sell with the order ticket to open one."
_COUNTED = ("Positions", "Open orders")
_REFRESHING = frozenset(
    {
        Topic.POSITION,
        Topic.ORDER,
        Topic.INTENT,
        Topic.CHANNEL,
        Topic.BALANCES,
        Topic.SETTLEMENT,
    }
)
_NEWEST_FIRST = (0, Qt.SortOrder.DescendingOrder)


class DeskTabs(QFrame):
    """Asks for what its buttons name; ids are the venue's."""

    close_position_requested = Signal(str)
    close_all_requested = Signal()
    cancel_order_requested = Signal(str)
    cancel_all_requested = Signal()
    open_account_requested = Signal()
    close_account_requested = Signal(str)
    account_requested = Signal(str)
    settle_requested = Signal()
    go_home_requested = Signal()
    market_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._state = AppState()
        self._models: list[StateTable[Any]] = []
        self.activity_model = ActivityModel(self)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName(_TABS)
        self._tabs.tabBar().setAccessibleName(_TABS)
        self._tabs.setUsesScrollButtons(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self._tabs)
        self._build_positions()
        self._build_orders()
        self._build_accounts()
        self.refresh()

    # What the window calls

    def bind(self, state: AppState) -> None:
        """Show this state from now on."""
        self._state = state
        for model in self._models:
            model.bind(state)
        self.activity_model.clear()
        self.refresh()

    def apply(self, changes: tuple[Change, ...]) -> None:
        """Redraw what the changes touch."""
        for model in self._models:
            model.apply(changes)
        touched = {change.topic for change in changes}
        if touched & _REFRESHING:
            self.refresh()

    def add_activity(self, entries: Iterable[ActivityEntry]) -> None:
        """Tell what happened, oldest first."""
        self.activity_model.add(list(entries))

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw the venue's valuations as old, or as current again."""
        self._positions_model.set_dimmed(is_dimmed)

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        for model in self._models:
            model.redraw_colours()
        self.activity_model.redraw_colours()

    def show_tab(self, name: str) -> None:
        """Bring the tab with the view of this object name to the front."""
        for at in range(self._tabs.count()):
            tab = self._tabs.widget(at)
            if isinstance(tab, ListTab) and tab.text.name == name:
                self._tabs.setCurrentIndex(at)
                tab.table.setFocus()

    def refresh(self) -> None:
        """Bring titles, buttons and empty states up to date."""
        for at in range(self._tabs.count()):
            tab = self._tabs.widget(at)
            if isinstance(tab, ListTab) and tab.text.title in _COUNTED:
                count = f" ({tab.count})" if tab.count else ""
                self._tabs.setTabText(at, tab.text.title + count)
        has_chosen = bool(self._positions.chosen_key)
        self._close_button.setEnabled(has_chosen)
        self._close_all_button.setEnabled(bool(self._state.open_positions))
        self._cancel_button.setEnabled(self._chosen_order() != "")
        self._cancel_all_button.setEnabled(bool(self._state.live_orders))
        is_settling = any(not run.is_over for run in self._state.settlements.values())
        # The wizard also follows a settlement that is under way.
        self._settle_button.setEnabled(bool(self._state.open_positions) or is_settling)
        self._offer_status()
        chosen = self._chosen_account()
        self._details_button.setEnabled(chosen != "")
        self._close_account_button.setEnabled(self._is_usable(chosen))
        self._home_button.setEnabled(self._state.channel is not None)
        self._refresh_account()

    # Building

    def _build_positions(self) -> None:
        self._close_button = button(
            "Close…",
            self._on_close_position,
            kind="small",
            name="closePositionButton",
            accessible_name="Close the chosen position",
        )
        self._close_all_button = button(
            "Close all…",
            self.close_all_requested.emit,
            kind="small",
            name="closeAllButton",
            accessible_name="Close all positions",
        )
        self._settle_button = button(
            "Settle…",
            self.settle_requested.emit,
            kind="small",
            name="settleButton",
            accessible_name="Settle chosen positions with the broker",
        )
        self.open_account_button = button(
            "Open a margin account",
            self.open_account_requested.emit,
            kind="primary",
            name="openAccountButton",
        )
        self._positions = ListTab(
            TabText("positionsView", "Positions", "Open positions"),
            EmptyState(_NO_ACCOUNT, self.open_account_button),
            (self._close_button, self._close_all_button, self._settle_button),
            copies_key=True,
        )
        self._positions_model = PositionsModel(self)
        self._add(self._positions, self._positions_model, (0, Qt.SortOrder.AscendingOrder))
        columns = self._positions.table.horizontalHeader()
        for place, column in enumerate(DESK_ORDER):
            columns.moveSection(columns.visualIndex(column), place)
        self._positions.table.delete_pressed.connect(self._on_close_position)
        self._positions.table.enter_pressed.connect(self._on_position_entered)
        self._positions.table.doubleClicked.connect(self._on_position_entered)

    def _build_orders(self) -> None:
        self._cancel_button = button(
            "Cancel order",
            self._on_cancel,
            kind="small",
            name="cancelOrderButton",
            accessible_name="Cancel the chosen order",
        )
        self._cancel_all_button = button(
            "Cancel all",
            self.cancel_all_requested.emit,
            kind="small",
            name="cancelAllButton",
            accessible_name="Cancel all open orders",
        )
        self._open_orders = ListTab(
            TabText("openOrdersView", "Open orders", "Open orders"),
            EmptyState("No open orders. Limit orders that wait in the book appear here."),
            (self._cancel_button, self._cancel_all_button),
            copies_key=True,
        )
        self._add(self._open_orders, OpenOrdersModel(self), _NEWEST_FIRST)
        self._open_orders.table.delete_pressed.connect(self._on_cancel)
        history = ListTab(
            TabText("orderHistoryView", "Orders", "All orders"),
            EmptyState("No orders yet. Every order you send appears here with its outcome."),
            copies_key=True,
        )
        self._add(history, OrderHistoryModel(self), _NEWEST_FIRST)
        fills = ListTab(
            TabText("fillsView", "Fills", "Fills of your orders"),
            EmptyState("No fills yet. Every trade of your own orders appears here."),
            copies_key=True,
        )
        self._add(fills, FillsModel(self), _NEWEST_FIRST)

    def _build_accounts(self) -> None:
        self._close_account_button = button(
            "Close account…",
            self._on_close_account,
            kind="small",
            name="closeChannelButton",
            accessible_name="Close the chosen margin account (channel)",
        )
        self._details_button = button(
            "Details…",
            self._on_details,
            kind="small",
            name="accountDetailsButton",
            accessible_name="Show the chosen margin account (channel) and its broker",
        )
        self._home_button = button(
            "Close all and go home…",
            self.go_home_requested.emit,
            kind="small",
            name="goHomeButton",
            accessible_name="Cancel all orders, close all positions, and close the account",
        )
        self._channels = ListTab(
            TabText("channelsView", "Channels", "Margin accounts (channels)"),
            EmptyState(
                "No margin account (channel) yet. It holds your deposit with a broker while you "
                "trade."
            ),
            (self._details_button, self._close_account_button, self._home_button),
            copies_key=True,
        )
        self._add(self._channels, ChannelsModel(self), (1, Qt.SortOrder.DescendingOrder))
        self._channels.table.delete_pressed.connect(self._on_close_account)
        self._channels.table.enter_pressed.connect(self._on_details)
        self._channels.table.doubleClicked.connect(self._on_details)
        self._balances = ListTab(
            TabText("balancesView", "Balances", "Balances by asset"),
            EmptyState("No balances yet."),
        )
        self._add(self._balances, BalancesModel(self), (0, Qt.SortOrder.AscendingOrder))
        activity = ListTab(
            TabText("activityView", "Activity", "What happened"),
            EmptyState("Nothing has happened yet."),
        )
        activity.show_plain(self.activity_model, (84, 96, 400))
        self._tabs.addTab(activity, activity.text.title)

    def _add(self, tab: ListTab, model: StateTable[Any], order: tuple[int, Qt.SortOrder]) -> None:
        tab.show_sorted(model, *order)
        tab.table.selectionModel().selectionChanged.connect(self.refresh)
        self._models.append(model)
        self._tabs.addTab(tab, tab.text.title)

    # What the trader does

    def _chosen_order(self) -> str:
        key = self._open_orders.chosen_key
        order = self._state.orders.get(key)
        return key if order is not None and order.state.is_live else ""

    def _chosen_account(self) -> str:
        key = self._channels.chosen_key or (
            self._state.channel.channel_id if self._state.channel else ""
        )
        return key if key in self._state.channels else ""

    def _is_usable(self, channel_id: str) -> bool:
        channel = self._state.channels.get(channel_id)
        return channel is not None and channel.is_usable

    def _on_close_position(self) -> None:
        if key := self._positions.chosen_key:
            self.close_position_requested.emit(key)

    def _on_position_entered(self) -> None:
        position = self._state.positions.get(self._positions.chosen_key)
        if position is not None:
            self.market_requested.emit(position.market)

    def _on_cancel(self) -> None:
        if key := self._chosen_order():
            self.cancel_order_requested.emit(key)

    def _on_close_account(self) -> None:
        key = self._chosen_account()
        if self._is_usable(key):
            self.close_account_requested.emit(key)

    def _on_details(self) -> None:
        if key := self._chosen_account():
            self.account_requested.emit(key)

    def _offer_status(self) -> None:
        """Show the positions' status while one is not simply open: the room is for figures."""
        held = [each for each in self._state.positions.values() if not each.is_over]
        self._positions.table.setColumnHidden(STATUS, all(each.is_open for each in held))

    def _refresh_account(self) -> None:
        channel = self._state.channel
        if channel is None:
            self._positions.empty.say(_NO_ACCOUNT)
        else:
            words = _NO_POSITION
            if channel.is_closing:
                words = _CLOSING
            elif channel.is_opening:
                words = _OPENING
            self._positions.empty.say(words, offers_action=False)
        self._offer_balances(bool(self._state.balances))

    def _offer_balances(self, is_offered: bool) -> None:
        """Have a tab for balances or none: screen readers meet even a tab that is hidden."""
        at = self._tabs.indexOf(self._balances)
        if is_offered and at < 0:
            after = self._tabs.indexOf(self._channels)
            self._tabs.insertTab(after + 1, self._balances, self._balances.text.title)
        elif not is_offered and at >= 0:
            self._tabs.removeTab(at)
