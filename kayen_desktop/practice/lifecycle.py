"""How a channel and a settlement go from state to state in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from .channels import MarginChannel, Phase
from .clearing import ClearingHouse
from .exchange import Exchange
from .refusals import RefusalError

_OPENING = (Phase.ACCEPTED, Phase.INITIATOR_FUNDED, Phase.FUNDED, Phase.OPERATIONAL)
_SETTLING = ("accepted", "initiated", "prepared")


class ChannelLifecycle:
    """Leads channels through their states with ``delay_s`` between two of them."""

    def __init__(self, clearing: ClearingHouse, exchange: Exchange, delay_s: float) -> None:
        self._clearing = clearing
        self._exchange = exchange
        self._delay_s = delay_s

    async def _pause(self) -> None:
        await asyncio.sleep(self._delay_s)

    async def open(self, channel: MarginChannel, *, is_funded: bool = True) -> None:
        """Open a channel, or fail it where its deposit can't be funded."""
        self._clearing.begin(channel)
        for phase in _OPENING:
            await self._pause()
            is_short = self._clearing.wallet_balance(channel.owner) < channel.deposit
            if phase is Phase.INITIATOR_FUNDED and (is_short or not is_funded):
                self._clearing.fail(channel, "funding of the channel failed")
                return
            self._clearing.advance(channel, phase)

    def begin_close(self, channel: MarginChannel) -> None:
        """Start closing: orders are cancelled, nothing can be traded any more.

        Raises:
            RefusalError: the channel can't be closed now.
        """
        self._clearing.check_can_close(channel)
        self._clearing.advance(channel, Phase.FINALIZING)
        self._exchange.cancel_all(channel)

    async def finish_close(self, channel: MarginChannel) -> None:
        """Conclude and finalize a channel that is finalizing."""
        for phase in (Phase.CONCLUDING, Phase.FINALIZED):
            await self._pause()
            self._clearing.advance(channel, phase)

    async def close_for_broker(self, channel: MarginChannel) -> None:
        """Close a channel as its broker does: positions at market first, then the channel."""
        if channel.phase is not Phase.OPERATIONAL:
            raise RefusalError("channel is not operational")
        self._clearing.warn(channel, "channel is closed by the broker")
        self._exchange.close_positions(channel)
        self.begin_close(channel)
        await self.finish_close(channel)

    async def settle(
        self, channel: MarginChannel, markets: Sequence[str], *, outcome: str = "completed"
    ) -> None:
        """Lead a begun settlement to its ``outcome``: completed, rejected or failed."""
        for state in _SETTLING:
            await self._pause()
            if outcome == "rejected":
                self._clearing.abandon_settlement(channel, "rejected")
                return
            self._clearing.tell_settlement(channel, state)
        await self._pause()
        if outcome == "failed":
            self._clearing.abandon_settlement(channel, "failed")
            return
        for market in markets:
            self._clearing.set_mark(market, self._exchange.mark_price(market))
        self._clearing.execute_settlement(channel)
        self._clearing.tell_settlement(channel, "executed")
        await self._pause()
        self._clearing.advance(channel, Phase.OPERATIONAL)
        self._clearing.tell_settlement(channel, "completed")
