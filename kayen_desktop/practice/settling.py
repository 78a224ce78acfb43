"""The responder's side of a settlement: the broker decides, then both pay (YIP-0008).

proposed -> accepted -> initiated -> prepared -> executed -> completed -> withdrawn

Decision: at execution each chosen position ends at its mark, and its result is paid through the
escrow between broker and wallet, whatever the payment method is called: here all money is
practice money. The channel's two balances stay. That is why the broker looks at the margin of
the positions that stay, and rejects what would leave either side orange or red.

A wallet pays its loss when the settlement is executed; it is asked whether it can before
``prepared`` is told, and again at execution, as the marks go on moving.

The orders of the chosen markets are cancelled when the settlement begins, or a fill would change
a position that both sides are agreeing on; orders of other markets stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import Enum

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.positions import PositionStatus

from .channels import MarginChannel, Phase, PositionNotice, SettlementNotice
from .clearing import ClearingHouse
from .exchange import Exchange
from .positions import MONEY_PLACES
from .refusals import RefusalError
from .zones import zones_of


class Script(Enum):
    """What the broker does: look at the margin, or what a scenario has it do."""

    DECIDE = "decide"
    REJECT = "reject"
    FAIL = "fail"
    SILENT = "silent"


class Responder:
    """Leads settlements to their end, with ``delay_s`` between two states."""

    def __init__(self, clearing: ClearingHouse, exchange: Exchange, delay_s: float) -> None:
        self._clearing = clearing
        self._exchange = exchange
        self._delay_s = delay_s
        # Settlements that are completed and whose payout is not told yet, by channel.
        self._payouts: dict[str, tuple[str, ...]] = {}

    async def _pause(self) -> None:
        await asyncio.sleep(self._delay_s)

    def check(self, channel: MarginChannel, markets: Iterable[str]) -> None:
        """Check that a channel may settle these markets now.

        Raises:
            RefusalError: the channel can't settle now, or holds nothing in these markets.
        """
        wanted = frozenset(markets)
        self._clearing.check_operational(channel)
        if channel.unrecorded:
            raise RefusalError("channel has trades that are not recorded")
        if not wanted or not wanted <= channel.positions.keys():
            raise RefusalError("no open position in the markets to settle")

    def begin(self, channel: MarginChannel, markets: Iterable[str]) -> None:
        """Lock the positions of the markets for settlement and tell that it is proposed.

        Raises:
            RefusalError: as `check`.
        """
        wanted = frozenset(markets)
        self.check(channel, wanted)
        self.tell_payout(channel)
        self._exchange.cancel_orders(channel, wanted)
        channel.in_settlement = wanted
        self._clearing.advance(channel, Phase.ACTIVE_SETTLEMENT)
        self._mark_positions(channel, PositionStatus.IN_SETTLEMENT)
        self._tell(channel, "proposed")

    async def respond(
        self, channel: MarginChannel, script: Script = Script.DECIDE, silence_s: float = 0
    ) -> None:
        """Lead a begun settlement to its end.

        A silent broker says nothing more; after ``silence_s`` the settlement fails, or never if
        that is 0.
        """
        if script is Script.SILENT:
            if silence_s:
                await asyncio.sleep(silence_s)
                self._abandon(channel, "failed")
            return
        await self._pause()
        objection = self._objection(channel)
        if script is Script.REJECT or objection:
            self._abandon(channel, "rejected", objection)
            return
        self._tell(channel, "accepted")
        await self._pause()
        self._tell(channel, "initiated")
        await self._pause()
        if self._wallet_is_short(channel):
            return
        self._tell(channel, "prepared")
        await self._pause()
        if script is Script.FAIL:
            self._abandon(channel, "failed")
        elif not self._wallet_is_short(channel):
            await self._execute(channel)

    async def _execute(self, channel: MarginChannel) -> None:
        markets = channel.in_settlement
        result = self._clearing.end_positions(channel, markets, PositionStatus.SETTLED)
        self._clearing.pay_result(channel, result)
        self._clearing.advance(channel, Phase.PROCESSING_POST_SETTLEMENT_MARGIN)
        self._tell(channel, "executed")
        await self._pause()
        channel.in_settlement = frozenset()
        self._payouts[channel.channel_id] = tuple(sorted(markets))
        self._clearing.advance(channel, Phase.OPERATIONAL)
        self._clearing.tell(SettlementNotice(channel, "completed", tuple(sorted(markets))))
        await self._pause()
        self.tell_payout(channel)

    def tell_payout(self, channel: MarginChannel) -> None:
        """Tell that the last settlement's money is out, if that is not told yet.

        The channel works again from ``completed`` on, so what is begun next may come earlier.
        """
        markets = self._payouts.pop(channel.channel_id, None)
        if markets is not None:
            self._clearing.tell(SettlementNotice(channel, "withdrawn", markets))

    def _tell(self, channel: MarginChannel, state: str) -> None:
        markets = tuple(sorted(channel.in_settlement))
        self._clearing.tell(SettlementNotice(channel, state, markets))

    def _revalue(self, channel: MarginChannel) -> None:
        for market in tuple(channel.positions):
            self._clearing.set_mark(market, self._exchange.mark_price(market))

    def _objection(self, channel: MarginChannel) -> str:
        """Return why the broker can't accept at the marks of now; empty where it can."""
        self._revalue(channel)
        now = zones_of(channel)
        if not now.is_green:
            return f"settlement is rejected: {now.words}"
        after = zones_of(channel, without=channel.in_settlement)
        if not after.is_green:
            return f"settlement is rejected: {after.words.replace(' is ', ' would be ')}"
        return ""

    def _wallet_is_short(self, channel: MarginChannel) -> bool:
        """Fail the settlement where the wallet can't pay its loss; return whether it did."""
        self._revalue(channel)
        result = sum(
            (
                truncate(channel.positions[market].pnl, MONEY_PLACES)
                for market in channel.in_settlement
            ),
            ZERO,
        )
        is_short = result < -self._clearing.wallet_balance(channel.owner)
        if is_short:
            self._abandon(channel, "failed", "settlement failed: not enough funds in the wallet")
        return is_short

    def _abandon(self, channel: MarginChannel, state: str, reason: str = "") -> None:
        """End a settlement that came to nothing: the positions are free again."""
        self._mark_positions(channel, PositionStatus.OPEN)
        self._tell(channel, state)
        channel.in_settlement = frozenset()
        if reason:
            self._clearing.warn(channel, reason)
        self._clearing.advance(channel, Phase.PROCESSING_POST_SETTLEMENT_MARGIN)
        self._clearing.advance(channel, Phase.OPERATIONAL)

    def _mark_positions(self, channel: MarginChannel, status: PositionStatus) -> None:
        for market in sorted(channel.in_settlement):
            position = channel.positions[market]
            position.status = status
            self._clearing.tell(PositionNotice(channel, position))
