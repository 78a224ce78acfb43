"""One venue, one account, one journal, one state: what the application is while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import uuid4

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import JournalError, KayenError
from kayen_desktop.domain.events import Event, LinkState
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import (
    Intent,
    IntentOutcome,
    OpenChannelRequest,
    RecordTradeRequest,
)
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.domain.margin import RULES, MarginRules
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .changes import Change
from .channels import Channels
from .clearing_house import ClearingHouse
from .gate import Gate
from .going_home import GoingHome
from .intents import IntentLedger
from .market_state import Changes
from .reconcile import ANNOUNCEMENT_S, BETWEEN_LOOKS_S, Reconciler
from .recording import PATIENCE_S, TradeRecorder
from .settlement import Settlements
from .state import AppState
from .tasks import TaskOwner
from .trade_recording import ManualTrades
from .trading import Trading

log = logging.getLogger(__name__)
FLUSH_S = 0.016
# A venue whose own book is crossed must not be asked for it again and again without a pause.
BETWEEN_RESYNCS_S = 5.0

ChangeListener: TypeAlias = Callable[[tuple[Change, ...]], None]


def utc_now() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)


class Session:
    """Applies what the venue tells, offers the use cases, and keeps the books straight."""

    def __init__(
        self,
        venue: Venue,
        journal: Journal,
        on_crash: Callable[[BaseException], None],
        *,
        gate: Gate | None = None,
        margin_rules: MarginRules = RULES,
        clock: Callable[[], datetime] = utc_now,
        patience_s: float = PATIENCE_S,
        between_looks_s: float = BETWEEN_LOOKS_S,
        announcement_s: float = ANNOUNCEMENT_S,
        between_resyncs_s: float = BETWEEN_RESYNCS_S,
    ) -> None:
        """``on_crash`` hears of failures that no part expected; they end nothing silently.

        ``gate`` is what stands before orders and accounts; none lets everything pass.
        """
        self.venue = venue
        self.state = AppState()
        self._journal = journal
        self._clock = clock
        self._listeners: list[ChangeListener] = []
        self._on_crash = on_crash
        self._tasks = TaskOwner(on_crash)
        self._between_resyncs_s = between_resyncs_s
        self._resynced: set[str] = set()
        self._recalled: set[str] = set()
        self._kept_steps: dict[str, ChannelStep] = {}
        self._fills_to_keep: list[tuple[str, Fill]] = []
        self._is_flush_due = False
        ledger = IntentLedger(
            journal, self.on_event, clock, lambda: str(uuid4()), self.state.orders
        )
        self._ledger = ledger
        self._recorder = TradeRecorder(venue, self.state, journal, self._tasks, clock, patience_s)
        self._reconciler = Reconciler(
            venue,
            self.state,
            ledger,
            between_looks_s=between_looks_s,
            announcement_s=announcement_s,
        )
        self.gate = gate or Gate()
        self.trading = Trading(venue, self.state, ledger, clock, self.gate)
        self.channels = Channels(venue, self.state, ledger, self.gate)
        self.settlements = Settlements(
            venue,
            self.state,
            ledger,
            journal,
            self.on_event,
            clock,
            self.gate,
            has_unrecorded=self._recorder.has_pending,
            announcement_s=announcement_s,
        )
        self.clearing_house = ClearingHouse(
            venue, self.state, journal, self.on_event, clock, self.gate
        )
        self.manual_trades = ManualTrades(venue, self.state, ledger, journal, clock, self.gate)
        self.going_home = GoingHome(
            self.state,
            self.trading,
            self.channels,
            self.settlements,
            journal,
            clock,
            self.gate,
            has_unrecorded=self._recorder.has_pending,
        )
        self.listen(self.going_home.on_changes)
        self.choose_margin_rules(margin_rules)

    def listen(self, listener: ChangeListener) -> Callable[[], None]:
        """Deliver changes to the listener from now on; what is known already is in ``state``.

        Returns what to call to hear no more; a second call does nothing.
        """
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    def now(self) -> datetime:
        """Return the time by the session's clock, which stamps everything it takes in."""
        return self._clock()

    def fills_of(self, channel_id: str) -> list[Fill]:
        """Return every fill kept of one margin account, oldest first, earlier runs included."""
        self._flush()
        return self._journal.fills(channel_id)

    def choose_margin_rules(self, rules: MarginRules) -> None:
        """Reckon zones by these rules from now on."""
        self.on_event(events.MarginRulesChosen(rules))

    def start(self) -> None:
        """Show what an earlier run left open, then connect and stay connected."""
        self._ledger.load()
        self.settlements.load()
        self.going_home.load()
        self.venue.listen(self.on_event)
        self._tasks.start(self.venue.run())

    async def stop(self) -> None:
        """Close the links politely, end every task, and write down what is still unwritten."""
        self.going_home.stop()
        await self._tasks.stop()
        self._flush()

    def on_event(self, event: Event) -> None:
        """Take in one fact: the state first, then what follows from it, then the screens."""
        if isinstance(event, events.ChannelUpdated):
            self._guard(lambda: self._recall_life(event.channel.channel_id))
        changes = self.state.apply(event, self._clock())
        if changes or isinstance(event, events.SettlementUpdated):
            self._guard(lambda: self._react(event))
        if changes:
            self._tell(changes)

    def _guard(self, follow: Callable[[], None]) -> None:
        """Do what a fact leads to; a full disk is for the trader to hear of, not for the link."""
        try:
            follow()
        except JournalError as error:
            self._on_crash(error)

    def _react(self, event: Event) -> None:
        match event:
            case events.BookReplaced(market) | events.BookUpdated(market):
                book = self.state.books[market]
                if book.is_crossed or book.is_overgrown:
                    self._drop_book(market)
            case events.FillReceived(fill):
                self._keep(fill)
            case events.LinkChanged(link, LinkState.READY):
                self._catch_up(link)
            case _:
                self._follow_account(event)

    def _follow_account(self, event: Event) -> None:
        match event:
            case events.ChannelUpdated(channel):
                self._recall(channel.channel_id)
                self._follow_channel(self.state.channels[channel.channel_id])
            case events.ChannelClosed(channel_id):
                self._follow_channel(self.state.channels[channel_id])
            case events.TradeRecorded(channel_id, fill_id):
                self._ledger.match_recorded(channel_id, fill_id)
                self._recorder.on_recorded(channel_id, fill_id)
            case events.IntentChanged(
                Intent(request=RecordTradeRequest(fill=fill), outcome=IntentOutcome.CONFIRMED)
            ):
                # Booked like any fill of ours: the receipt and the recorder reckon with it.
                self.on_event(events.FillReceived(fill))
            case events.IntentChanged(
                Intent(
                    request=OpenChannelRequest(broker=broker),
                    outcome=IntentOutcome.CONFIRMED,
                    venue_id=channel_id,
                )
            ):
                self.clearing_house.on_opened(channel_id, broker)
            case events.PositionUpdated(position):
                self._recorder.on_position(position.channel_id, position.market)
                self.settlements.on_position(position)
            case events.PositionsListed(channel_id):
                self._recorder.on_positions(channel_id)
                self.settlements.on_positions(channel_id)
            case events.SettlementUpdated(settlement):
                self.settlements.on_settlement(settlement)
                if settlement.state.is_final:
                    # Not every clearing house tells what became of each position (§1.5).
                    self._tasks.start(self._reconciler.list_positions())

    def _follow_channel(self, channel: Channel) -> None:
        self._keep_life(channel.channel_id)
        self._ledger.match_channel(channel)
        self.settlements.on_channel(channel)
        self.clearing_house.on_channel(channel)
        self.going_home.on_channel(channel)

    def _recall_life(self, channel_id: str) -> None:
        """Show what earlier runs heard of the account, before its life goes on."""
        if channel_id in self.state.channel_steps:
            return
        steps = tuple(self._journal.channel_steps(channel_id))
        if steps:
            self._kept_steps[channel_id] = steps[-1]
            self.on_event(events.ChannelRecalled(channel_id, steps))

    def _keep_life(self, channel_id: str) -> None:
        """Write down the account's newest step, where it is one."""
        newest = self.state.channel_steps[channel_id][-1]
        if newest is not self._kept_steps.get(channel_id):
            self._kept_steps[channel_id] = newest
            self._journal.keep_channel_step(channel_id, newest)

    def _recall(self, channel_id: str) -> None:
        """Show the fills that an earlier run kept of the account; only newer ones are asked for."""
        if channel_id in self._recalled or self.state.channels[channel_id].is_closed:
            return
        self._recalled.add(channel_id)
        for fill in self._journal.fills(channel_id):
            changes = self.state.apply(events.FillReceived(fill), self._clock())
            if changes:
                self._recorder.on_fill(channel_id, fill)
                self._tell(changes)

    def _tell(self, changes: Changes) -> None:
        for listener in tuple(self._listeners):  # a listener may leave while it is told
            listener(changes)

    def _catch_up(self, link: str) -> None:
        """Find out what happened while the link was away."""
        if link == self.venue.trading_link:
            self._tasks.start(self._reconcile())
        if link == self.venue.clearing_link:
            self._tasks.start(self._reconciler.list_positions())
            self._tasks.start(self._reconciler.settle_channels())
            self._tasks.start(self.settlements.on_signed_in())
            self._tasks.start(self.clearing_house.look())
            self._recorder.resume()

    async def _reconcile(self) -> None:
        try:
            await self._reconciler.settle_orders()
        except KayenError as error:
            # The next sign-in looks again; until then the intents stay "not confirmed yet".
            log.info("reconciling stopped: %s", error)

    def _drop_book(self, market: str) -> None:
        """Forget a book that can't be right; ask anew at once, but not twice in a short time."""
        self.on_event(events.BookLost(market))
        if market in self._resynced:
            return
        self._resynced.add(market)
        self.venue.resync_book(market)
        self._tasks.start(self._allow_resync(market))

    async def _allow_resync(self, market: str) -> None:
        await asyncio.sleep(self._between_resyncs_s)
        self._resynced.discard(market)
        if market not in self.state.books:
            self.venue.resync_book(market)

    def _keep(self, fill: Fill) -> None:
        channel = self.state.channel
        if channel is None:
            log.warning("fill %s came without a margin account", fill.fill_id)
            return
        if not self._is_flush_due:
            self._is_flush_due = True
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)
        self._fills_to_keep.append((channel.channel_id, fill))
        self._recorder.on_fill(channel.channel_id, fill)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._fills_to_keep:
            try:
                self._journal.keep_fills(self._fills_to_keep)
            except JournalError as error:
                # They stay here: the next fill, or the end of the session, tries again.
                self._on_crash(error)
            else:
                self._fills_to_keep = []
