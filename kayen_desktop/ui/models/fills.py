"""The executions of the trader's own orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.fills import Fill
from kayen_desktop.ui.formatting import format_amount, format_money, format_price, format_time
from kayen_desktop.ui.notices import side_text

from .columns import Column, Tone, side_tone
from .table import StateTable


@dataclass(frozen=True, slots=True)
class FillLine:
    """A fill, and whether the clearing house is known to have it on its books."""

    fill: Fill
    is_recorded: bool


_COLUMNS: tuple[Column[FillLine], ...] = (
    Column(
        "Time",
        lambda line, _: format_time(line.fill.executed_at),
        lambda line: line.fill.executed_at,
        width=72,
        tip=lambda line: f"{line.fill.executed_at.astimezone():%Y-%m-%d %H:%M:%S}",
    ),
    Column("Market", lambda line, _: line.fill.market, lambda line: line.fill.market, width=88),
    Column(
        "Side",
        lambda line, _: side_text(line.fill.side),
        lambda line: line.fill.side.value,
        tone=lambda line: side_tone(line.fill.side),
        width=46,
    ),
    Column(
        "Price",
        lambda line, market: format_price(line.fill.price, market),
        lambda line: line.fill.price,
        is_number=True,
    ),
    Column(
        "Amount",
        lambda line, market: format_amount(line.fill.amount, market),
        lambda line: line.fill.amount,
        is_number=True,
        width=92,
    ),
    Column(
        "Total",
        lambda line, _: format_money(line.fill.total),
        lambda line: line.fill.total,
        is_number=True,
    ),
    Column(
        "Fee",
        lambda line, _: format_money(line.fill.fee, line.fill.fee_currency),
        lambda line: line.fill.fee,
        is_number=True,
        width=120,
    ),
    Column(
        "Recorded",
        lambda line, _: "By the broker" if line.is_recorded else "–",
        lambda line: line.is_recorded,
        tone=lambda line: Tone.PLAIN if line.is_recorded else Tone.MUTED,
        tip=lambda line: (
            "The clearing house has this trade on its books."
            if line.is_recorded
            else "The clearing house has not said that it has this trade on its books."
        ),
        width=92,
    ),
)


class FillsModel(StateTable[FillLine]):
    """Rows by the venue's trade id."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def _snapshot(self) -> Iterable[tuple[str, FillLine]]:
        recorded = {fill_id for _, fill_id in self._state.recorded}
        for key, fill in self._state.fills.items():
            yield key, FillLine(fill, key in recorded)

    def _find(self, key: str) -> FillLine | None:
        fill = self._state.fills.get(key)
        if fill is None:
            return None
        recorded = any((each, key) in self._state.recorded for each in self._state.channels)
        return FillLine(fill, recorded)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.FILL else ()

    def _market_name(self, item: FillLine) -> str:
        return item.fill.market
