"""What must be remembered of each channel to read the next word about it."""

from __future__ import annotations

from dataclasses import dataclass

from kayen_desktop.domain.channels import Channel

MAX_CHANNELS = 1000


@dataclass(slots=True)
class _Memory:
    turn_num: int | None = None
    is_closed: bool = False


class ChannelTurns:
    """The last turn of every channel, and which channels were told to be closed.

    Decision: the memory outlives the connection. A channel's turn counts its signed states, so a
    lower one after a reconnect is as stale as before it. A venue that invents channels can't fill
    the memory, here or behind it, nor make it forget a real one: once full, it takes in no more.
    """

    def __init__(self) -> None:
        self._channels: dict[str, _Memory] = {}

    def accept(self, channel: Channel) -> bool:
        """Return whether this word is not older than the last one, and remember it (row 11)."""
        memory = self._remember(channel.channel_id)
        if memory is None:
            return False
        if channel.turn_num is None:
            return True
        if memory.turn_num is not None and channel.turn_num < memory.turn_num:
            return False
        memory.turn_num = channel.turn_num
        return True

    def close(self, channel_id: str) -> bool:
        """Remember that the channel is closed; return whether that is news."""
        memory = self._remember(channel_id)
        if memory is None:
            return False
        is_news = not memory.is_closed
        memory.is_closed = True
        return is_news

    def is_closed(self, channel_id: str) -> bool:
        """Return whether the channel was told to be closed."""
        memory = self._channels.get(channel_id.lower())
        return memory is not None and memory.is_closed

    def _remember(self, channel_id: str) -> _Memory | None:
        """Return what is remembered of the channel, from now on; None where there is no room."""
        key = channel_id.lower()
        if key not in self._channels and len(self._channels) < MAX_CHANNELS:
            self._channels[key] = _Memory()
        return self._channels.get(key)
