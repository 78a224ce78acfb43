"""The margin accounts, open and closed, with what their states mean."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.channels import Channel
from kayen_desktop.ui.formatting import format_money, short_address
from kayen_desktop.ui.notices import channel_explanation, channel_state_text, channel_title

from .columns import Column, Tone
from .table import StateTable


def _state_tone(channel: Channel) -> Tone:
    if channel.is_closed:
        return Tone.MUTED
    return Tone.GOOD if channel.is_usable else Tone.WARNING


_COLUMNS: tuple[Column[Channel], ...] = (
    Column(
        "Account",
        lambda each, _: channel_title(each),
        channel_title,
        width=230,
    ),
    Column(
        "State",
        lambda each, _: channel_state_text(each),
        channel_state_text,
        tone=_state_tone,
        width=84,
    ),
    Column(
        "Deposit",
        lambda each, _: format_money(each.margin_deposit),
        lambda each: each.margin_deposit,
        is_number=True,
        width=58,
    ),
    Column(
        "Your balance",
        lambda each, _: format_money(each.own_balance),
        lambda each: each.own_balance,
        is_number=True,
        width=90,
    ),
    Column(
        "Broker's balance",
        lambda each, _: format_money(each.broker_balance),
        lambda each: each.broker_balance,
        is_number=True,
        width=108,
    ),
    Column(
        "Identifier",
        lambda each, _: short_address(each.channel_id),
        lambda each: each.channel_id,
        tip=lambda each: each.channel_id,
        width=106,
    ),
    # It takes the room that is left, and tells the rest as a tip.
    Column(
        "What it means",
        lambda each, _: channel_explanation(each),
        channel_explanation,
        tip=channel_explanation,
        width=110,
    ),
)


class ChannelsModel(StateTable[Channel]):
    """Rows by channel id; a closed account keeps its row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def _snapshot(self) -> Iterable[tuple[str, Channel]]:
        return self._state.channels.items()

    def _find(self, key: str) -> Channel | None:
        return self._state.channels.get(key)

    def _keys_of(self, change: Change) -> Iterable[str]:
        return (change.key,) if change.topic is Topic.CHANNEL else ()
