"""How a channel goes from state to state in time: opening, disputes, margin calls and the end.

Decision: what a broker does to a channel by itself waits until the channel has nothing else under
way, as a second turn can't be signed before the first. A channel that is on its way out is left
alone.
"""

from __future__ import annotations

import asyncio

from kayen_desktop.domain.positions import PositionStatus

from .channels import ChannelNotice, ClearingNotice, MarginChannel, Phase
from .clearing import ClearingHouse
from .exchange import Exchange
from .scenario import DisputeEnd, MarginCall
from .settling import Responder

_OPENING = (Phase.ACCEPTED, Phase.INITIATOR_FUNDED, Phase.FUNDED, Phase.OPERATIONAL)
_DISPUTE = (
    Phase.CHALLENGING,
    Phase.PENDING_CHALLENGE_REGISTERED,
    Phase.CHALLENGE_REGISTERED,
)
# Between two tries to close positions for which nobody offers a price.
_RETRY_S = 0.1


class ChannelLifecycle:
    """Leads channels through their states with ``delay_s`` between two of them."""

    def __init__(
        self,
        clearing: ClearingHouse,
        exchange: Exchange,
        responder: Responder,
        delay_s: float,
    ) -> None:
        self._clearing = clearing
        self._exchange = exchange
        self._responder = responder
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
        self._responder.tell_payout(channel)
        self._clearing.advance(channel, Phase.FINALIZING)
        self._exchange.cancel_orders(channel)

    async def finish_close(self, channel: MarginChannel) -> None:
        """Conclude and finalize a channel that is finalizing."""
        for phase in (Phase.CONCLUDING, Phase.FINALIZED):
            await self._pause()
            self._clearing.advance(channel, phase)

    async def close_for_broker(self, channel: MarginChannel) -> None:
        """Close a channel as its broker does: positions at market first, then the channel."""
        if not await self._operational(channel):
            return
        self._clearing.warn(channel, "channel is closed by the broker")
        self._exchange.close_positions(channel)
        while channel.positions:
            await asyncio.sleep(_RETRY_S)
            if not await self._operational(channel):
                return
            self._exchange.close_positions(channel)
        self.begin_close(channel)
        await self.finish_close(channel)

    async def challenge(self, channel: MarginChannel, end: DisputeEnd) -> None:
        """Dispute a channel on the chain: cleared, it works again; finished, it pays and ends.

        Decision: a dispute that ends the channel pays what the last valuation says. Positions end
        at their mark, and the two balances are what both sides get.
        """
        if not await self._operational(channel):
            return
        self._responder.tell_payout(channel)
        self._exchange.cancel_orders(channel)
        for phase in _DISPUTE:
            self._clearing.advance(channel, phase)
            await self._pause()
        if end == "cleared":
            self._clearing.advance(channel, Phase.OPERATIONAL, "challenge_cleared")
            return
        self._exchange.record_waiting(channel)
        result = self._clearing.end_positions(channel, channel.positions, PositionStatus.CLOSED)
        self._clearing.realise(channel, result)
        self._clearing.advance(channel, Phase.WITHDRAWING)
        await self._pause()
        self._clearing.advance(channel, Phase.FINALIZED)

    async def call_margin(self, channel: MarginChannel, limit: MarginCall) -> None:
        """Lead a channel through a margin call that names a limit."""
        if not await self._operational(channel):
            return
        channel.margin_limit = limit
        self._clearing.advance(channel, Phase.PROCESSING_MARGIN_CALL)
        await self._pause()
        channel.margin_limit = ""
        self._clearing.advance(channel, Phase.OPERATIONAL, "margin_updated")

    async def _operational(self, channel: MarginChannel) -> bool:
        """Wait until a channel is operational; return False where it never will be again."""
        moved = asyncio.Event()

        def hear(notice: ClearingNotice) -> None:
            if isinstance(notice, ChannelNotice) and notice.channel is channel:
                moved.set()

        self._clearing.listen(hear)
        try:
            while channel.may_get_ready and channel.phase is not Phase.OPERATIONAL:
                moved.clear()
                await moved.wait()
        finally:
            self._clearing.unlisten(hear)
        return channel.phase is Phase.OPERATIONAL
