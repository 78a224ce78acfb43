"""What the broker does when a side of a channel runs out of margin (YIP-0006).

Orange or red: resting orders that would add exposure are cancelled. Red: every position is closed
at market, again and again until none is left.
"""

from __future__ import annotations

from .channels import MarginChannel, Phase
from .clearing import ClearingHouse
from .exchange import Exchange
from .zones import zones_of


class LiquidationDesk:
    """Watches every channel that is operational; others have something else under way."""

    def __init__(self, clearing: ClearingHouse, exchange: Exchange) -> None:
        self._clearing = clearing
        self._exchange = exchange
        self._warned: set[str] = set()

    def watch(self) -> None:
        """Act on what the zones of now ask for."""
        for channel in self._clearing.active_channels():
            if channel.phase is not Phase.OPERATIONAL:
                continue
            zones = zones_of(channel)
            if zones.is_green:
                continue
            if self._exchange.cancel_adding(channel):
                self._clearing.warn(
                    channel, f"{zones.words}: orders that add exposure are cancelled"
                )
            if zones.is_red and channel.positions:
                self._liquidate(channel)

    def _liquidate(self, channel: MarginChannel) -> None:
        if channel.channel_id not in self._warned:
            self._warned.add(channel.channel_id)
            self._clearing.warn(channel, "liquidation margin reached")
        self._exchange.close_positions(channel)
        if not channel.positions:
            self._warned.discard(channel.channel_id)
