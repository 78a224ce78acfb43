"""Balances by asset, where the exchange keeps them that way."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.margin import AssetBalance
from kayen_desktop.ui.formatting import format_amount

from .columns import Column
from .table import StateTable

_COLUMNS: tuple[Column[AssetBalance], ...] = (
    Column("Asset", lambda each, _: each.asset.upper(), lambda each: each.asset),
    Column(
        "Available",
        lambda each, _: format_amount(each.available),
        lambda each: each.available,
        is_number=True,
        width=140,
    ),
    Column(
        "In open orders",
        lambda each, _: format_amount(each.locked),
        lambda each: each.locked,
        is_number=True,
        width=140,
    ),
)


class BalancesModel(StateTable[AssetBalance]):
    """Rows by asset."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def _snapshot(self) -> Iterable[tuple[str, AssetBalance]]:
        return self._state.balances.items()

    def _find(self, key: str) -> AssetBalance | None:
        return self._state.balances.get(key)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.BALANCES else ()
