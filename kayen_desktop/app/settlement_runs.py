"""The settlements of an account as the venue tells them, and as they are found after a silence.

Decision: the venue's word on a settlement names only the account. It belongs to the newest
settlement of the account that is not over. A payout (withdrawn) belongs to the newest one that was
completed, and a word with none under way begins one that was asked for elsewhere.

Decision: on a connection that stands only the venue's own word is a step; its silence stays "not
confirmed yet". What a lost connection may have swallowed is read, after the next sign-in, from the
account and its positions, and kept as an inferred step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import SettlementChanged
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, SettleRequest
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import (
    STEPS,
    SettledPosition,
    Settlement,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .intents import IntentLedger
from .reconcile import ANNOUNCEMENT_S, wait_for_announcements
from .state import AppState

log = logging.getLogger(__name__)
# More than any settlement takes; of a venue that goes back and forth no more is kept.
MOST_STEPS = 100
# Of a settlement that was asked for elsewhere: no list of the venue's makes it grow without end.
MOST_MARKETS = 100
# Begun elsewhere, and told in one run of the application: a venue that invents them pushes none of
# ours out of the journal, and keeps neither the disk nor the window busy.
MOST_ELSEWHERE = 200
# Values of positions in settlement change with the market; on disk they may be this much older.
KEEP_VALUES_EVERY = timedelta(seconds=1)
_VALUED = frozenset({PositionStatus.IN_SETTLEMENT, PositionStatus.SETTLED})


class SettlementRuns:
    """Follows every settlement to its end; the state holds them, the journal keeps them."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        ledger: IntentLedger,
        journal: Journal,
        tell: Callable[[SettlementChanged], None],
        clock: Callable[[], datetime],
        announcement_s: float = ANNOUNCEMENT_S,
    ) -> None:
        self._venue = venue
        self._state = state
        self._ledger = ledger
        self._journal = journal
        self._tell = tell
        self._clock = clock
        self._announcement_s = announcement_s
        self._generation = 0
        self._kept_at: dict[str, datetime] = {}
        self._elsewhere_count = 0

    # What the venue tells

    def load(self) -> None:
        """Tell the settlements that earlier runs kept, oldest first.

        Raises:
            JournalError: they can't be read.
        """
        for run in self._journal.settlements():
            self._tell(SettlementChanged(run))
        for intent in self._ledger.unconfirmed:
            if isinstance(intent.request, SettleRequest):
                self._take_up(intent, intent.request)

    def _take_up(self, intent: Intent, request: SettleRequest) -> None:
        """Bring a request without an outcome, and its settlement, together again."""
        run = self._state.settlements.get(intent.intent_id)
        if run is None:
            # Killed between the two writes, or its row is gone: what became of it is found
            # out like that of any other.
            self._keep(self._new_run(intent, request))
        elif run.is_over:
            # Killed before the answer: nothing that comes is about what is over.
            is_told = any(not step.is_inferred for step in run.steps)
            self._ledger.match_settlement(run.settlement_id, is_taken_in=is_told or run.is_paid)

    def on_settlement(self, word: Settlement) -> None:
        """Add the venue's word to the settlement that it is about."""
        if word.channel_id not in self._state.channels:
            log.warning("a settlement was told of the unknown account %s", word.channel_id)
            return
        run = self._run_of(word)
        if run is None:
            if self._elsewhere_count >= MOST_ELSEWHERE:
                log.warning("more settlements of elsewhere than any account has are not kept")
                return
            self._elsewhere_count += 1
            run = self._begun_elsewhere(word)
        if _is_told_before(run, word):
            return
        if len(run.steps) >= MOST_STEPS and (run.is_over or not word.state.is_final):
            log.warning("settlement %s has too many steps; no more are kept", run.settlement_id)
            return
        if _goes_back(run, word.state):
            log.warning(
                "settlement %s went from %s back to %s",
                run.settlement_id,
                run.state and run.state.value,
                word.state.value,
            )
        self._keep(run.stepped(SettlementStep(word.state, self._clock(), word.state_text)))
        self._ledger.match_settlement(run.settlement_id, is_taken_in=True)

    def _run_of(self, word: Settlement) -> SettlementRun | None:
        """Return the settlement that the word is about; None where it begins one."""
        runs = self._state.settlements_of(word.channel_id)
        running = next((run for run in reversed(runs) if not run.is_over), None)
        if word.state is SettlementState.WITHDRAWN and not (running and _is_executed(running)):
            paid = (run for run in reversed(runs) if run.is_paid)
            running = next((run for run in paid if not _has(run, word.state)), running)
        if running is not None or not runs:
            return running
        newest = runs[-1]
        is_news = word.state is SettlementState.PROPOSED or (
            word.state is not newest.state and bool(self._locked_positions(word.channel_id))
        )
        return None if is_news else newest

    def _begun_elsewhere(self, word: Settlement) -> SettlementRun:
        positions = self._locked_positions(word.channel_id)
        if word.markets:
            held = positions or self._open_positions(word.channel_id)
            positions = tuple(each for each in held if each.market in word.markets)
        markets = dict.fromkeys(word.markets or (each.market for each in positions))
        return SettlementRun(
            str(uuid4()),
            word.channel_id,
            tuple(markets)[:MOST_MARKETS],
            self._clock(),
            positions=tuple(_settled(position) for position in positions[:MOST_MARKETS]),
            last_fill_id=self._last_fill_id(),
            balance=self._balance(word.channel_id),
        )

    def on_position(self, position: Position) -> None:
        """Keep what a position in settlement stands at; its last value is what is paid."""
        if position.status not in _VALUED:
            return  # nearly every word on a position: the settlements are not even looked for
        runs = self._state.settlements_of(position.channel_id)
        if not runs or position.amount <= 0 or not _is_valued(runs[-1], position.status):
            return
        run = runs[-1]
        if position.market not in run.markets:
            if run.method is not None or len(run.markets) >= MOST_MARKETS:
                return
            run = replace(run, markets=(*run.markets, position.market))
        valued = _settled(position)
        others = [each for each in run.positions if each.market != position.market]
        if valued not in run.positions:
            is_last = position.status is PositionStatus.SETTLED
            self._keep(replace(run, positions=(*others, valued)), can_wait=not is_last)

    def on_positions(self, channel_id: str) -> None:
        """Keep what the account's positions in settlement stand at."""
        for position in self._locked_positions(channel_id):
            self.on_position(position)

    def on_channel(self, channel: Channel) -> None:
        """Follow the account: one that settles has taken the request in, one that is over ends it.

        What an account's end leaves of a settlement can't be told any more: it is paid where the
        payments had been made, and came to nothing elsewhere.
        """
        for run in self._state.settlements_of(channel.channel_id):
            if run.is_over:
                continue
            if channel.is_settling or channel.is_closed:
                self._ledger.match_settlement(run.settlement_id, is_taken_in=True)
            if channel.is_closed:
                self._end(run.settlement_id, _reading(run, is_gone=False))

    # After a time without a connection

    async def on_signed_in(self) -> None:
        """Find out what became of the settlements under way while the connection was away.

        Only those that waited when it came back are decided: a request sent on this connection
        may still be on its way.
        """
        self._generation += 1
        generation = self._generation
        on_their_way = {intent.intent_id for intent in self._ledger.unconfirmed} - {
            intent.intent_id for intent in self._ledger.waiting
        }
        doubtful = [
            run
            for run in self._state.settlements.values()
            if not run.is_over and run.settlement_id not in on_their_way
        ]
        if not doubtful:
            return
        announced = await wait_for_announcements(self._venue, self._state, self._announcement_s)
        if announced is None:
            return
        try:
            for channel_id in {run.channel_id for run in doubtful}:
                if channel_id in announced and not announced[channel_id].is_closed:
                    await self._venue.list_positions(channel_id)
        except KayenError as error:
            log.info("positions could not be listed: %s", error)
            return
        if generation != self._generation:
            return  # a newer sign-in looks now
        for run in doubtful:
            self._find_out(run.settlement_id, announced.get(run.channel_id))

    def _find_out(self, settlement_id: str, announced: Channel | None) -> None:
        """Read what became of a settlement from its account and positions as they are now.

        An account that is announced no more is over.
        """
        run = self._state.settlements[settlement_id]
        if run.is_over:
            return
        channel = None if announced is None else self._state.channels[run.channel_id]
        if channel is None or channel.is_closed:
            self._ledger.match_settlement(settlement_id, is_taken_in=True)
            self._end(settlement_id, _reading(run, is_gone=False))
            return
        if channel.is_settling or self._locked_positions(run.channel_id):
            self._ledger.match_settlement(settlement_id, is_taken_in=True)
            return
        if not channel.is_usable:
            return  # in dispute, or being closed: its end will tell
        state = _reading(run, is_gone=self._is_gone(run))
        is_taken_in = bool(run.steps) or state.is_paid
        self._ledger.match_settlement(settlement_id, is_taken_in=is_taken_in)
        self._end(settlement_id, state)

    def _is_gone(self, run: SettlementRun) -> bool:
        """Return whether what was to be settled is no part of the positions of now.

        Fills since then are reckoned in: a position that was closed by an order meanwhile was not
        settled, and one that was bought anew is another.
        """
        for held in run.positions:
            now = self._amount_in(run.channel_id, held.market)
            since = self._filled_since(run, held.market)
            if now == since:
                return True
            if now == since + held.amount * held.side.sign:
                return False
        return bool(run.markets) and not self._open_positions(run.channel_id, run.markets)

    def _amount_in(self, channel_id: str, market: str) -> Decimal:
        held = self._open_positions(channel_id, (market,))
        return sum((each.amount * each.side.sign for each in held), ZERO)

    def _filled_since(self, run: SettlementRun, market: str) -> Decimal:
        fills = self._state.fills
        last = fills.get(run.last_fill_id)

        def is_newer(fill: Fill) -> bool:
            return fill.executed_at > run.requested_at if last is None else _age(fill) > _age(last)

        newer = (each for each in fills.values() if each.market == market and is_newer(each))
        return sum((each.signed_amount for each in newer), ZERO)

    # Keeping

    def _end(
        self,
        settlement_id: str,
        state: SettlementState,
        text: str = "",
        *,
        is_inferred: bool = True,
    ) -> None:
        run = self._state.settlements[settlement_id]
        if not run.is_over:
            self._keep(run.stepped(SettlementStep(state, self._clock(), text, is_inferred)))

    def _keep(self, run: SettlementRun, *, can_wait: bool = False) -> None:
        """Tell of the settlement as it stands, and write it down."""
        self._tell(SettlementChanged(run))
        now = self._clock()
        kept_at = self._kept_at.get(run.settlement_id)
        if can_wait and kept_at is not None and now - kept_at < KEEP_VALUES_EVERY:
            return
        self._kept_at[run.settlement_id] = now
        self._journal.keep_settlement(run)

    def _new_run(
        self, intent: Intent, request: SettleRequest, positions: Iterable[Position] = ()
    ) -> SettlementRun:
        return SettlementRun(
            intent.intent_id,
            request.channel_id,
            request.markets,
            intent.created_at,
            request.method,
            request.chain_id,
            tuple(_settled(position) for position in positions),
            self._last_fill_id(),
            balance=self._balance(request.channel_id),
        )

    def _balance(self, channel_id: str) -> Decimal | None:
        channel = self._state.channels.get(channel_id)
        return None if channel is None else channel.own_balance

    def _last_fill_id(self) -> str:
        """Return the id of the newest fill, in the order in which the journal keeps them."""
        newest = max(self._state.fills.values(), key=_age, default=None)
        return "" if newest is None else newest.fill_id

    def _open_positions(
        self, channel_id: str, markets: Collection[str] | None = None
    ) -> tuple[Position, ...]:
        return tuple(
            position
            for position in self._state.open_positions
            if position.channel_id == channel_id and (markets is None or position.market in markets)
        )

    def _locked_positions(self, channel_id: str) -> tuple[Position, ...]:
        return tuple(
            position
            for position in self._state.positions.values()
            if position.channel_id == channel_id and position.status is PositionStatus.IN_SETTLEMENT
        )


def _settled(position: Position) -> SettledPosition:
    return SettledPosition(
        position.market,
        position.side,
        position.amount,
        position.cost,
        position.market_value,
        position.pnl,
    )


def _age(fill: Fill) -> tuple[datetime, int, str]:
    return (fill.executed_at, len(fill.fill_id), fill.fill_id)


def _has(run: SettlementRun, state: SettlementState) -> bool:
    return any(step.state is state for step in run.steps)


def _is_executed(run: SettlementRun) -> bool:
    return _has(run, SettlementState.EXECUTED)


def _is_told_before(run: SettlementRun, word: Settlement) -> bool:
    """Return whether the word is the last one again, or a late repetition after the end."""
    told = run.steps if run.is_over else run.steps[-1:]
    return any((step.state, step.state_text) == (word.state, word.state_text) for step in told)


def _goes_back(run: SettlementRun, state: SettlementState) -> bool:
    """Return whether no settlement goes from where this one has been to the state."""
    reached = [STEPS.index(step.state) for step in run.steps if step.state in STEPS]
    if state in STEPS and reached and STEPS.index(state) < max(reached):
        return True
    return run.is_over and not (run.is_paid and state is SettlementState.WITHDRAWN)


def _is_valued(run: SettlementRun, status: PositionStatus) -> bool:
    """Return whether a position of that status is valued for the settlement.

    Locked, until the payments are made; settled, with the value it was paid at.
    """
    if status is PositionStatus.IN_SETTLEMENT:
        return not run.is_over and not _is_executed(run)
    return status is PositionStatus.SETTLED and not (run.state and run.state.came_to_nothing)


def _reading(run: SettlementRun, *, is_gone: bool) -> SettlementState:
    """Return how a settlement must have ended: paid where the payments had been made.

    ``is_gone`` says that nothing is left of what was to be settled, which is the same.
    """
    is_paid = _is_executed(run) or is_gone
    return SettlementState.COMPLETED if is_paid else SettlementState.FAILED
