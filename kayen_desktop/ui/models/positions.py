"""What the trader holds, valued by the venue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QObject, Qt

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.margin import Holding, Zone, account_of, liquidation_price, measure
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.formatting import (
    NOTHING,
    format_amount,
    format_money,
    format_percent,
    format_price,
    format_signed_money,
)
from kayen_desktop.ui.notices import position_status_text, side_text
from kayen_desktop.ui.notices.margin import ANY_MOMENT, NEVER

from .columns import SORT_ROLE, Column, SortKey, side_tone, sign_tone
from .table import Index, StateTable

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_MARGIN_TOPICS = frozenset({Topic.POSITION, Topic.MARGIN, Topic.CHANNEL})

_MARK_TITLE = "Now"
_LIQUIDATION_TITLE = "Danger at"
_STATUS_TITLE = "Status"
# Widths hold the titles; a figure that needs more room makes it, so that the table is never wider
# than what stands in it.
_COLUMNS: tuple[Column[Position], ...] = (
    Column("Market", lambda each, _: each.market, lambda each: each.market, width=70),
    Column(
        "Side",
        lambda each, _: side_text(each.side),
        lambda each: each.side.value,
        tone=lambda each: side_tone(each.side),
        width=36,
    ),
    Column(
        "Amount",
        lambda each, market: format_amount(each.amount, market),
        lambda each: each.amount,
        is_number=True,
        width=60,
    ),
    Column(
        "Entry",
        lambda each, market: format_price(each.average_entry_price, market),
        lambda each: each.average_entry_price,
        is_number=True,
        width=60,
        tip=lambda _: "What you paid or got for one unit on average (entry price)",
    ),
    Column(
        _MARK_TITLE,
        lambda each, market: format_price(each.mark_price, market),
        lambda each: each.mark_price,
        is_number=True,
        width=60,
        tip=lambda _: "The price the venue values the position at (mark price)",
    ),
    Column(
        "Value",
        lambda each, _: format_money(each.market_value),
        lambda each: each.market_value,
        is_number=True,
        width=54,
    ),
    Column(
        "Cost",
        lambda each, _: format_money(each.cost),
        lambda each: each.cost,
        is_number=True,
        width=54,
    ),
    Column(
        "Profit/loss",
        lambda each, _: format_signed_money(each.pnl),
        lambda each: each.pnl,
        is_number=True,
        width=66,
        tone=lambda each: sign_tone(each.pnl),
        tip=lambda _: "What you would gain or lose by closing at the price now (PnL)",
    ),
    Column(
        "%",
        lambda each, _: format_percent(each.pnl_percent),
        lambda each: each.pnl_percent,
        is_number=True,
        tone=lambda each: sign_tone(each.pnl),
        width=54,
    ),
    # It hangs on the whole account, not on the row: the model itself writes these cells.
    Column(
        _LIQUIDATION_TITLE,
        lambda _, __: "",
        lambda _: None,
        is_number=True,
        width=80,
        tip=lambda _: (
            "The price at which the broker may close your positions, if no other price moves "
            "(liquidation price)"
        ),
    ),
    Column(
        _STATUS_TITLE,
        lambda each, _: position_status_text(each.status),
        lambda each: each.status.value,
        width=98,
    ),
)


_TITLES = [each.title for each in _COLUMNS]
LIQUIDATION = _TITLES.index(_LIQUIDATION_TITLE)
STATUS = _TITLES.index(_STATUS_TITLE)
# From left to right on the desk. In a small window the last ones are out of sight: those that can
# be reckoned from the others, and never where the danger is.
DESK_ORDER = tuple(
    _TITLES.index(title)
    for title in (
        "Market",
        "Side",
        _STATUS_TITLE,
        "Amount",
        _MARK_TITLE,
        _LIQUIDATION_TITLE,
        "Profit/loss",
        "%",
        "Entry",
        "Value",
        "Cost",
    )
)


class _Margin:
    """What the account in use holds and where the broker may close it.

    Kept in step one position at a time: to add up all of them, a frame of 500 rows would take
    1.2 ms, and the sum of exact numbers is the same either way.
    """

    def __init__(self, state: AppState) -> None:
        self._state = state
        self.channel_id = "" if state.channel is None else state.channel.channel_id
        self._held: dict[str, Holding] = {}
        self._markets: dict[str, dict[str, Holding]] = {}
        self._pnl = ZERO
        for key in state.positions:
            self.take(key)
        self.begin()

    def take(self, key: str) -> None:
        """Take in what became of a position."""
        before = self._held.pop(key, None)
        if before is not None:
            self._pnl -= before.pnl
            del self._markets[before.market][key]
        position = self._state.positions.get(key)
        if position is None or position.is_over or position.channel_id != self.channel_id:
            return
        held = Holding.of(position)
        self._held[key] = held
        self._markets.setdefault(held.market, {})[key] = held
        self._pnl += held.pnl

    def begin(self) -> None:
        """Reckon anew from here on: all that was to be taken in is."""
        channel, self._rules = self._state.channel, self._state.margin_rules
        account = None if channel is None else account_of(channel, (), self._state.margin)
        # With nothing held and its result in the balance, the account's equity is the same.
        self._account = (
            None if account is None else replace(account, balance=account.balance + self._pnl)
        )
        self._zone = None if self._account is None else measure(self._account, self._rules).zone
        self._known: dict[str, Decimal | None] = {}

    def text(self, position: Position) -> str:
        """Return the price at which the broker may close, as its cell shows it."""
        if self._zone is None or position.channel_id != self.channel_id:
            return NOTHING
        if self._zone is Zone.RED:
            return ANY_MOMENT
        price = self.price(position)
        market = self._state.markets.get(position.market)
        return NEVER if price is None else format_price(price, market)

    def price(self, position: Position) -> Decimal | None:
        """Return the price at which the broker may close; None where there is none."""
        if self._zone is None or position.channel_id != self.channel_id:
            return None
        market = position.market
        if market not in self._known:
            self._known[market] = self._reckon(market)
        return self._known[market]

    def _reckon(self, market: str) -> Decimal | None:
        """Return the market's price from its own holdings: the others are as good as a balance."""
        held = tuple(self._markets.get(market, {}).values())
        if self._account is None or not held:
            return None
        balance = self._account.balance - sum((each.pnl for each in held), ZERO)
        alone = replace(self._account, balance=balance, holdings=held)
        return liquidation_price(alone, market, self._rules)


class PositionsModel(StateTable[Position]):
    """Rows by position id; a position that is over has none.

    Decision: a price of one market moves the liquidation prices of all. They are reckoned for the
    rows that are painted, and told where they differ from what was painted last: with 500 rows
    all of them would cost more than everything else in the table.
    """

    def __init__(self, parent: QObject | None = None, *, mark_title: str = _MARK_TITLE) -> None:
        """``mark_title`` is for a copy whose prices are not those of now."""
        columns = (
            replace(each, title=mark_title) if each.title == _MARK_TITLE else each
            for each in _COLUMNS
        )
        super().__init__(tuple(columns), parent)
        self._margin: _Margin | None = None
        self._told: dict[str, str] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        """Redraw what the changes touch, and the liquidation prices that they move."""
        changes = tuple(changes)
        is_moved = False
        for change in changes:
            is_moved = is_moved or change.topic in _MARGIN_TOPICS
            if change.topic is Topic.POSITION and self._margin is not None:
                self._margin.take(change.key)
        if is_moved:
            self._follow_margin()
        super().apply(changes)
        if is_moved:
            self._tell_liquidation()

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return what a cell shows, how it sorts, and in which colour."""
        if (
            role in (_DISPLAY, SORT_ROLE)
            and index.isValid()
            and index.column() == LIQUIDATION
            and index.row() < len(self._rows)
        ):
            row = self._rows[index.row()]
            if role == SORT_ROLE:
                return self._margin_now().price(row.item)
            text = self._told[row.key] = self._margin_now().text(row.item)
            return text
        return super().data(index, role)

    def sort_key(self, row: int, column: int) -> SortKey:
        """Return the raw value a cell sorts by."""
        if column == LIQUIDATION:
            return self._margin_now().price(self._rows[row].item)
        return super().sort_key(row, column)

    def _reset(self) -> None:
        self._margin = None
        self._told.clear()
        super()._reset()

    def _margin_now(self) -> _Margin:
        if self._margin is None:
            self._margin = _Margin(self._state)
        return self._margin

    def _follow_margin(self) -> None:
        """Reckon from the changed account; another account is taken in from the beginning."""
        if self._margin is None:
            return
        channel = self._state.channel
        if self._margin.channel_id == ("" if channel is None else channel.channel_id):
            self._margin.begin()
        else:
            self._margin = None

    def _tell_liquidation(self) -> None:
        """Tell of the cells that show an old price; who still looks at them asks again."""
        for key, text in tuple(self._told.items()):
            place = self._places.get(key)
            if place is not None and self._margin_now().text(self._rows[place].item) == text:
                continue
            del self._told[key]
            if place is not None:
                index = self.index(place, LIQUIDATION)
                self.dataChanged.emit(index, index, [_DISPLAY, SORT_ROLE])

    def _snapshot(self) -> Iterable[tuple[str, Position]]:
        return self._state.positions.items()

    def _find(self, key: str) -> Position | None:
        return self._state.positions.get(key)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.POSITION else ()

    def _market_name(self, item: Position) -> str:
        return item.market
