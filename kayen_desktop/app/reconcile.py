"""Finds out what became of everything that is not confirmed yet, by asking the venue."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.intents import SettleRequest
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.venues.venue import Venue

from .changes import Topic
from .intents import IntentLedger
from .state import AppState

log = logging.getLogger(__name__)
# An order sent just before a link died can reach the venue a little later than our first look.
LOOKS = 3
BETWEEN_LOOKS_S = 3.0
# After sign-in every open account is announced at once; this is generous.
ANNOUNCEMENT_S = 10.0


class Reconciler:
    """Settles unconfirmed intents against the venue's lists and announcements.

    Decision: it looks only after a sign-in, and settles as not received only what waited at that
    moment: everything sent on an earlier connection. A request left unanswered on a live
    connection makes the venue reconnect, so every doubt comes here and none is decided while
    its frame can still be on the way.
    """

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        ledger: IntentLedger,
        *,
        between_looks_s: float = BETWEEN_LOOKS_S,
        announcement_s: float = ANNOUNCEMENT_S,
    ) -> None:
        self._venue = venue
        self._state = state
        self._ledger = ledger
        self._between_looks_s = between_looks_s
        self._announcement_s = announcement_s
        self._generation = 0

    async def settle_orders(self) -> None:
        """List fills, positions and orders, and settle the waiting orders against them.

        Raises:
            KayenError: the venue could not be asked; nothing is settled by that.
        """
        self._generation += 1
        generation = self._generation
        doubtful = [each for each in self._ledger.waiting if isinstance(each.request, OrderRequest)]
        await self._venue.list_fills(self._state.fills.keys())
        await self.list_positions()
        look = 0
        while True:
            look += 1
            orders = await self._venue.list_orders()
            if generation != self._generation:
                return  # a newer sign-in looks now
            self._ledger.match_orders(orders)
            if look >= LOOKS:
                doubtful = self._ledger.give_up_orders(doubtful, orders)
            else:
                waiting = self._ledger.waiting
                doubtful = [each for each in doubtful if each in waiting]
            if not doubtful:
                return
            await asyncio.sleep(self._between_looks_s)

    async def list_positions(self) -> None:
        """List the positions of the account in use: words about them may have been missed.

        The clearing house has its own connection; where that is away now, its next sign-in
        lists them, and the orders are settled without it.
        """
        channel = self._state.channel
        if channel is None:
            return
        try:
            await self._venue.list_positions(channel.channel_id)
        except KayenError as error:
            log.info("positions could not be listed: %s", error)

    async def settle_channels(self) -> None:
        """Wait for the announcements that follow a sign-in, then settle what they decide.

        These are openings, closings and trades made elsewhere; what became of a settlement shows
        in positions, too (app/settlement.py).
        """
        doubtful = [
            each
            for each in self._ledger.waiting
            if not isinstance(each.request, OrderRequest | SettleRequest)
        ]
        if not doubtful:
            return
        announced = await wait_for_announcements(self._venue, self._state, self._announcement_s)
        if announced is not None:
            self._ledger.match_announced(doubtful, announced)


async def wait_for_announcements(
    venue: Venue, state: AppState, announcement_s: float
) -> dict[str, Channel] | None:
    """Return the accounts told on this connection once all of them have been.

    None where the connection was lost meanwhile: the next sign-in asks again.
    """
    status = state.links.get(venue.clearing_link)
    since = None if status is None else status.began_at
    if since is None:
        return None
    await asyncio.sleep(announcement_s)
    status = state.links.get(venue.clearing_link)
    if status is None or status.state is not LinkState.READY or status.began_at != since:
        return None
    return _announced_since(state, since)


def _announced_since(state: AppState, since: datetime) -> dict[str, Channel]:
    """Return the accounts told on this connection: what an earlier one told may be over."""
    announced = {}
    for channel_id, channel in state.channels.items():
        told_at = state.told_at(Topic.CHANNEL, channel_id)
        if told_at is not None and told_at >= since:
            announced[channel_id] = channel
    return announced
