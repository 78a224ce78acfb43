"""What Clearport tells unasked: channels, positions, settlements, trouble (protocols.md §1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionUpdated,
    SettlementUpdated,
)
from kayen_desktop.domain.settlement import SettlementState
from kayen_desktop.protocol.outputs import Dropped, Output

from . import parsing
from .messages import (
    ErrorNotification,
    Message,
    PositionNotification,
    SessionKeyTransaction,
    SettlementNotification,
    StreamNotification,
    TransactionNotification,
)
from .turns import ChannelTurns
from .wallet import parse_session_key, parse_transaction


def read_notification(message: Message, turns: ChannelTurns) -> list[Output] | None:
    """Return what the notification tells; None where the message is not a notification.

    Raises:
        RemoteProtocolError: it can't be read, or holds a number or a state that can't be right.
    """
    read = _READERS.get(type(message))
    return None if read is None else read(message, turns)


def _read_stream(message: StreamNotification, turns: ChannelTurns) -> list[Output]:
    channel = parsing.parse_channel(message.data)
    if not turns.accept(channel):
        return [Dropped("An older word on a channel than the last one, or one channel too many.")]
    outputs: list[Output] = [ChannelUpdated(channel)]
    if channel.state is ChannelState.OTHER or channel.clearing_state is ClearingState.OTHER:
        outputs.append(Dropped(f"A channel state that is none we know: {channel.state_text}."))
    # A channel that failed to open never held the money that "closed" says is on its way.
    if channel.is_closed and not channel.is_failed and turns.close(channel.channel_id):
        outputs.append(ChannelClosed(channel.channel_id))
    return outputs


def _read_position(message: PositionNotification, turns: ChannelTurns) -> list[Output]:
    position = parsing.parse_position(message.data)
    if position is None:
        return [Dropped("A position that names no market.")]
    if position.is_open and turns.is_closed(position.channel_id):
        return [Dropped("An open position of an account that is closed.")]
    return [PositionUpdated(position)]


def _read_settlement(message: SettlementNotification, _turns: ChannelTurns) -> list[Output]:
    settlement = parsing.parse_settlement(message.data)
    outputs: list[Output] = [SettlementUpdated(settlement)]
    if settlement.state is SettlementState.OTHER:
        text = settlement.state_text
        outputs.append(Dropped(f"A settlement state that is none we know: {text}."))
    return outputs


def _read_trouble(message: ErrorNotification, _turns: ChannelTurns) -> list[Output]:
    return [parsing.parse_notice(message.data)]


def _read_transaction(message: TransactionNotification, _turns: ChannelTurns) -> list[Output]:
    return [parse_transaction(message.data)]


def _read_session_key(message: SessionKeyTransaction, _turns: ChannelTurns) -> list[Output]:
    return [parse_session_key(message.data)]


_READERS: Mapping[type[Message], Callable[[Any, ChannelTurns], list[Output]]] = {
    StreamNotification: _read_stream,
    PositionNotification: _read_position,
    SettlementNotification: _read_settlement,
    ErrorNotification: _read_trouble,
    TransactionNotification: _read_transaction,
    SessionKeyTransaction: _read_session_key,
}
