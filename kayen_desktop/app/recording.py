"""Reports fills to the clearing house, once each, where it has not recorded them by itself.

Decision: some clearing houses record every trade themselves (the walkthrough's does), some wait
for the client (the terminal's did). Nobody says which, so a fill is reported only when two
seconds have passed without the house's own word and its position does not hold the fill either.
The claim to report is on disk before the frame, so no restart can report twice.

Decision: a position holds a fill when it has reached the sum of the fills up to that one. The sum
of all fills alone would not do: bought and sold within two seconds it is zero, and so is the
position of a house that has recorded neither.

Decision: while reports are on their way, and for a moment after, positions say nothing. A house
that books them one by one passes through sums that other fills would explain as well, and a fill
taken for booked by mistake would never be reported.

Decision: what a settlement has paid out is gone from the position, but not from the books. It is
added to the position again wherever that is compared with fills.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import KayenError, TransportError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.fills import Fill
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .state import AppState
from .tasks import TaskOwner

log = logging.getLogger(__name__)
PATIENCE_S = 2.0
# A fill told long after it happened comes from a list of the past, not from the market.
PAST_AFTER = timedelta(seconds=60)

_Place: TypeAlias = tuple[str, str]  # channel_id, market


class TradeRecorder:
    """Watches fills and reports those the clearing house does not know."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        journal: Journal,
        tasks: TaskOwner,
        clock: Callable[[], datetime],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._venue = venue
        self._state = state
        self._journal = journal
        self._tasks = tasks
        self._clock = clock
        self._patience_s = patience_s
        self._patience = timedelta(seconds=patience_s)
        # In base: what all fills told come to, and those of them the house has or was told of.
        self._told: dict[_Place, Decimal] = {}
        self._booked: dict[_Place, Decimal] = {}
        self._pending: dict[_Place, dict[str, Fill]] = {}
        self._unlooked: set[_Place] = set()
        self._reporting: Counter[_Place] = Counter()
        self._reported_at: dict[_Place, datetime] = {}
        # Where the position as last told may not hold our reports yet.
        self._moved: set[_Place] = set()

    def on_fill(self, channel_id: str, fill: Fill) -> None:
        """Give the clearing house time to record the fill by itself, then look."""
        place = (channel_id, fill.market)
        _add(self._told, place, fill)
        if self._journal.is_reported(channel_id, fill.fill_id):
            _add(self._booked, place, fill)
            return
        self._pending.setdefault(place, {})[fill.fill_id] = fill
        self._unlooked.add(place)
        self._tasks.start(self._report_later(place, fill))

    def has_pending(self, channel_id: str) -> bool:
        """Return whether the clearing house may not have all of the account's fills yet."""
        return any(pending for place, pending in self._pending.items() if place[0] == channel_id)

    def on_recorded(self, channel_id: str, fill_id: str) -> None:
        """Keep that the clearing house has the fill."""
        self._journal.mark_recorded(channel_id, [fill_id])
        for place, pending in self._pending.items():
            if place[0] == channel_id and fill_id in pending:
                _add(self._booked, place, pending.pop(fill_id))

    def on_position(self, channel_id: str, market: str) -> None:
        """Note which fills the position holds now; later ones may hide it again."""
        place = (channel_id, market)
        if not self._is_moving(place):
            self._moved.discard(place)
            self._look(place)

    def _look(self, place: _Place) -> None:
        self._unlooked.discard(place)
        pending = self._pending.get(place)
        if not pending:
            return
        position = self._position(place)
        reached = self._booked.get(place, ZERO)
        held: list[Fill] = []
        for fill in sorted(pending.values(), key=lambda fill: fill.executed_at):
            if reached == position:
                break
            reached += fill.signed_amount
            held.append(fill)
        if reached == position:
            self._settle(place, held)

    def on_positions(self, channel_id: str) -> None:
        """Note which fills the account's positions hold now."""
        for place in self._pending:
            if place[0] == channel_id:
                self.on_position(*place)

    def resume(self) -> None:
        """Look again at what could not be reported while the clearing house was away."""
        for place, pending in self._pending.items():
            for fill in pending.values():
                self._tasks.start(self._report_later(place, fill))

    async def _report_later(self, place: _Place, fill: Fill) -> None:
        await asyncio.sleep(self._patience_s)
        if not self._must_report(place, fill):
            return
        channel_id, _ = place
        is_ours = self._journal.claim_report(channel_id, fill.fill_id)
        _add(self._booked, place, self._pending[place].pop(fill.fill_id))
        if not is_ours:
            return
        self._reporting[place] += 1
        self._moved.add(place)
        try:
            await self._venue.record_trade(channel_id, fill)
        except TransportError as error:
            # Certainly not sent: it may be reported when the clearing house is back.
            log.info("fill %s could not be reported yet: %s", fill.fill_id, error)
            self._journal.release_report(channel_id, fill.fill_id)
            if not self._journal.is_reported(channel_id, fill.fill_id):
                self._booked[place] -= fill.signed_amount
                self._pending[place][fill.fill_id] = fill
        except KayenError as error:
            # Never again: whether it arrived is not known, and twice would be worse than late.
            log.warning("fill %s was reported without acknowledgement: %s", fill.fill_id, error)
        finally:
            self._reporting[place] -= 1
            self._reported_at[place] = self._clock()

    def _is_moving(self, place: _Place) -> bool:
        """Return whether the position is still changing by what we have reported."""
        if self._reporting[place]:
            return True
        reported_at = self._reported_at.get(place)
        return reported_at is not None and self._clock() - reported_at < self._patience

    def _must_report(self, place: _Place, fill: Fill) -> bool:
        """Return whether the clearing house is there and does not have the fill."""
        if place in self._unlooked and place not in self._moved:
            self._look(place)
        pending = self._pending[place]
        if fill.fill_id not in pending:
            return False
        if self._is_past(fill) and self._position(place) == self._told[place]:
            self._settle(place, [each for each in pending.values() if self._is_past(each)])
            return False
        channel = self._state.channels.get(place[0])
        status = self._state.links.get(self._venue.clearing_link)
        return (
            channel is not None
            and channel.is_usable
            and status is not None
            and status.state is LinkState.READY
        )

    def _is_past(self, fill: Fill) -> bool:
        return self._clock() - fill.executed_at > PAST_AFTER

    def _settle(self, place: _Place, fills: list[Fill]) -> None:
        """Keep that the clearing house has these fills, all of them pending."""
        if not fills:
            return
        self._journal.mark_recorded(place[0], [fill.fill_id for fill in fills])
        for fill in fills:
            _add(self._booked, place, self._pending[place].pop(fill.fill_id))

    def _position(self, place: _Place) -> Decimal:
        """Return what the house's fills in the market come to, negative where more was sold.

        That is the position, and what was settled of it before.
        """
        channel_id, market = place
        held = sum(
            (
                position.amount * position.side.sign
                for position in self._state.positions.values()
                if (position.channel_id, position.market) == place
            ),
            ZERO,
        )
        settled = sum(
            (
                each.amount * each.side.sign
                for run in self._state.settlements_of(channel_id)
                if run.is_paid
                for each in run.positions
                if each.market == market
            ),
            ZERO,
        )
        return held + settled


def _add(sums: dict[_Place, Decimal], place: _Place, fill: Fill) -> None:
    sums[place] = sums.get(place, ZERO) + fill.signed_amount
