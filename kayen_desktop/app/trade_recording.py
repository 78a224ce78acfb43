"""Use case of a trade made elsewhere: book it in the margin account, once per external id.

Decision: the clearing house answers whether it has booked a trade, and says it nowhere else. Where
no answer comes it is "not confirmed yet", and after the next sign-in it can never be known; it is
not sent again, and its external id can't be used for another trade.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from kayen_desktop.domain.errors import (
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, RecordTradeRequest
from kayen_desktop.domain.recorded_trade import TradeDraft, check_trade
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .gate import Gate
from .intents import IntentLedger
from .state import AppState


class ManualTrades:
    """Books trades that were made elsewhere, each reported at most once."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        ledger: IntentLedger,
        journal: Journal,
        clock: Callable[[], datetime],
        gate: Gate | None = None,
    ) -> None:
        self._venue = venue
        self._state = state
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._gate = gate or Gate()

    def problems(self) -> tuple[Problem, ...]:
        """Return why no trade could be booked now."""
        if self._gate.is_shut():
            return (Problem(ProblemKind.LOCKED),)
        if self._state.alarm:
            return (Problem(ProblemKind.TRADING_STOPPED),)
        if not self._state.is_ready(self._venue.clearing_link):
            return (Problem(ProblemKind.NOT_CONNECTED, unit=self._venue.clearing_link),)
        channel = self._state.channel
        if channel is None or not channel.is_usable:
            return (Problem(ProblemKind.NO_CHANNEL),)
        return ()

    def check(self, draft: TradeDraft) -> Fill | tuple[Problem, ...]:
        """Return the fill that the draft means, or every problem that stands against it.

        Whether it could be sent now is not asked: a draft may be written while waiting.
        """
        return check_trade(
            draft,
            self._state.markets.get(draft.market),
            self._clock(),
            _to_utc,
            self._is_known,
        )

    def _is_known(self, external_id: str) -> bool:
        """Return whether the id names a trade of ours, or was sent for the account in use."""
        if external_id in self._state.fills:
            return True
        channel = self._state.channel
        return channel is not None and self._is_used(channel.channel_id, external_id)

    def _is_used(self, channel_id: str, external_id: str) -> bool:
        return (channel_id, external_id) in self._state.recorded or self._journal.is_reported(
            channel_id, external_id
        )

    async def record(self, channel_id: str, fill: Fill) -> None:
        """Book the trade in the account and return when the clearing house has it.

        Raises:
            LockedError: the application is locked. TicketError: refused before sending.
            JournalError: not written down, so not sent. TransportError: not sent.
            VenueRejectionError: the venue said no. OutcomeUnknownError: not confirmed yet.
        """
        self._gate.check()
        if problems := self.problems():
            raise TicketError(*problems)
        channel = self._state.channel
        if channel is None or channel.channel_id != channel_id:
            raise TicketError(Problem(ProblemKind.NO_CHANNEL))
        known = Problem(ProblemKind.EXTERNAL_ID_KNOWN, fill.fill_id)
        if self._is_known(fill.fill_id):
            raise TicketError(known)

        def prepare(intent: Intent) -> None:
            if not self._journal.claim_report(channel_id, fill.fill_id):
                raise TicketError(known)  # another process was faster

        async def send() -> str:
            await self._venue.record_trade(channel_id, fill)
            return fill.fill_id

        request = RecordTradeRequest(channel_id, fill)
        try:
            await self._ledger.submit(request, send, prepare=prepare)
        except (TransportError, VenueRejectionError):
            # Certainly not booked: it may be corrected and tried again under its id.
            self._journal.release_report(channel_id, fill.fill_id)
            raise


def _to_utc(local: datetime) -> datetime:
    """Return the moment of a time in the time zone of this computer, as it was on that day."""
    return local.astimezone(UTC)
