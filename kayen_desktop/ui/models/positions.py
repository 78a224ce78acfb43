"""What the trader holds, valued by the venue."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.formatting import (
    format_amount,
    format_money,
    format_percent,
    format_price,
    format_signed_money,
)
from kayen_desktop.ui.notices import position_status_text, side_text

from .columns import Column, side_tone, sign_tone
from .table import StateTable

_COLUMNS: tuple[Column[Position], ...] = (
    Column("Market", lambda each, _: each.market, lambda each: each.market, width=80),
    Column(
        "Side",
        lambda each, _: side_text(each.side),
        lambda each: each.side.value,
        tone=lambda each: side_tone(each.side),
        width=46,
    ),
    Column(
        "Amount",
        lambda each, market: format_amount(each.amount, market),
        lambda each: each.amount,
        is_number=True,
        width=76,
    ),
    Column(
        "Entry",
        lambda each, market: format_price(each.average_entry_price, market),
        lambda each: each.average_entry_price,
        is_number=True,
        width=86,
        tip=lambda _: "What you paid or got for one unit on average (entry price)",
    ),
    Column(
        "Now",
        lambda each, market: format_price(each.mark_price, market),
        lambda each: each.mark_price,
        is_number=True,
        width=86,
        tip=lambda _: "The price the venue values the position at (mark price)",
    ),
    Column(
        "Value",
        lambda each, _: format_money(each.market_value),
        lambda each: each.market_value,
        is_number=True,
        width=58,
    ),
    Column(
        "Cost",
        lambda each, _: format_money(each.cost),
        lambda each: each.cost,
        is_number=True,
        width=58,
    ),
    Column(
        "Profit/loss",
        lambda each, _: format_signed_money(each.pnl),
        lambda each: each.pnl,
        is_number=True,
        width=76,
        tone=lambda each: sign_tone(each.pnl),
        tip=lambda _: "What you would gain or lose by closing at the price now (PnL)",
    ),
    Column(
        "%",
        lambda each, _: format_percent(each.pnl_percent),
        lambda each: each.pnl_percent,
        is_number=True,
        tone=lambda each: sign_tone(each.pnl),
        width=60,
    ),
    Column(
        "Status",
        lambda each, _: position_status_text(each.status),
        lambda each: each.status.value,
        width=60,
    ),
)


class PositionsModel(StateTable[Position]):
    """Rows by position id; a position that is over has none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def _snapshot(self) -> Iterable[tuple[str, Position]]:
        return self._state.positions.items()

    def _find(self, key: str) -> Position | None:
        return self._state.positions.get(key)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.POSITION else ()

    def _market_name(self, item: Position) -> str:
        return item.market
