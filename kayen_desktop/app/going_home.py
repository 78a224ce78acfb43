"""Close all and go home: orders, positions and the account are ended one after the other.

Decision: the flow sends nothing itself and repeats nothing. Each leg goes through the use case
that a single button has, and the flow ends at the first leg that does not come to what it was
for. Going on is a new decision of the trader, with the passphrase asked anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
)
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.journal.store import Journal

from .changes import Change, Topic
from .channels import Channels
from .gate import Act, Gate, Permit
from .settlement import Settlements
from .state import AppState
from .trading import Trading
from .way_home import Account, Leg, LegKind, Offer, Setback, Trip, Way

# How long the fills of what was ended may take to be told and booked; mostly they are at once.
BOOKS_WITHIN_S = 10.0
_AWAITED = frozenset(
    {Topic.ORDER, Topic.FILL, Topic.POSITION, Topic.CHANNEL, Topic.SETTLEMENT, Topic.INTENT}
)


class GoingHome:
    """One flow for one account: it waits for each leg's outcome, however long, without polling."""

    def __init__(
        self,
        state: AppState,
        trading: Trading,
        channels: Channels,
        settlements: Settlements,
        journal: Journal,
        clock: Callable[[], datetime],
        gate: Gate | None = None,
        *,
        has_unrecorded: Callable[[str], bool] = lambda channel_id: False,
        books_within_s: float = BOOKS_WITHIN_S,
    ) -> None:
        """Whoever owns this calls ``load`` once, and ``on_changes`` with every change of state.

        ``has_unrecorded`` says whether fills of an account may not be on the books yet.
        """
        self._state = state
        self._trading = trading
        self._channels = channels
        self._settlements = settlements
        self._journal = journal
        self._clock = clock
        self._gate = gate or Gate()
        self._has_unrecorded = has_unrecorded
        self._books_within_s = books_within_s
        self._trip: Trip | None = None
        self._offer: Offer | None = None
        self._is_busy = False
        self._is_stopping = False
        self._is_booking = False
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    # What can be read

    @property
    def is_busy(self) -> bool:
        """True from the wish to go until the flow ends, also while the passphrase is asked."""
        return self._is_busy

    @property
    def is_under_way(self) -> bool:
        """True while legs are gone."""
        return self._trip is not None and self._trip.current is not None

    @property
    def is_stopping(self) -> bool:
        """True from ``stop`` until the flow has ended."""
        return self._is_stopping

    @property
    def is_booking(self) -> bool:
        """True while the fills of what was ended are not all told and booked."""
        return self._is_booking

    @property
    def channel_id(self) -> str:
        """The account gone home from, while no other is in use; else the one in use, or empty."""
        trip = self._current_trip
        if trip is not None:
            return trip.channel_id
        return "" if self._state.channel is None else self._state.channel.channel_id

    @property
    def way(self) -> Way | None:
        """The way chosen last for the account, by this run of the application or an earlier."""
        trip = self._current_trip
        if trip is not None:
            return trip.way
        return None if self.offer is None else self.offer.way

    @property
    def setback(self) -> Setback | None:
        """Why the flow ended early; None while it goes, once it is home, or before."""
        trip = self._current_trip
        return None if trip is None or self.is_home else trip.setback

    @property
    def is_home(self) -> bool:
        """True where the account that was gone home from is closed."""
        trip = self._current_trip
        return trip is not None and Account(self._state, trip.channel_id).is_closed

    @property
    def offer(self) -> Offer | None:
        """What an earlier run of the application began and did not end; None if nothing."""
        offer = self._offer
        if offer is None or self._is_busy or self._trip is not None:
            return None
        channel = self._state.channels.get(offer.channel_id)
        return None if channel is None or channel.is_closed else offer

    @property
    def has_doubt(self) -> bool:
        """True while something sent for the account is not confirmed, and so blocks the way."""
        return Account(self._state, self.channel_id).has_doubt

    def problems(self, way: Way) -> tuple[Problem, ...]:
        """Return why nobody can go this way now; ``has_doubt`` is another reason."""
        if problems := self._channels.problems():
            return problems
        channel = self._state.channel
        if channel is None or channel.is_opening:
            return (Problem(ProblemKind.NO_CHANNEL),)
        account = Account(self._state, channel.channel_id)
        if channel.is_closing or account.run_under_way is not None:
            return ()  # there is only to wait
        positions = account.open_positions
        if positions and way is Way.SETTLE:
            return self._settlements.check(_markets(positions)).problems
        if positions or self._state.live_orders:
            return self._trading.problems(is_closing=True)
        return ()

    def legs(self, way: Way) -> tuple[Leg, ...]:
        """Return the legs that were gone and those that are left this way, in order."""
        channel_id = self.channel_id
        if not channel_id:
            return ()
        return Account(self._state, channel_id).legs(self._current_trip, way)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Tell the listener when the flow goes on or ends; returns what to call to hear no more."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    # What the trader does

    async def go(self, way: Way, method: PaymentMethod | None = None) -> None:
        """Go home, or go on: from what is left now until the account is closed, or a setback.

        The passphrase is asked once, where there is one. A leg that fails is no error of this
        call: ``setback`` tells it.

        Raises:
            LockedError: the application is locked. NotAuthorizedError: not confirmed.
            TicketError: refused before sending. JournalError: not written down, so not begun.
            OutcomeUnknownError: something sent earlier is not confirmed yet.
        """
        if self._is_busy:
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        asked = self._check(way)
        self._is_busy = True
        try:
            self._tell()
            permit = await self._gate.permit(Act.GO_HOME)
            channel = self._check(way)  # the question may have stood for long
            if channel.channel_id != asked.channel_id:
                raise TicketError(Problem(ProblemKind.NO_CHANNEL))  # the word was for another
            self._journal.begin_plan(channel.channel_id, way.value, self._clock())
            self._offer = Offer(channel.channel_id, way)
            await self._travel(self._begin_trip(channel.channel_id, way, method), permit)
        finally:
            self._is_busy = self._is_stopping = self._is_booking = False
            if self._trip is not None:
                self._trip.current = None
            self._tell()

    def stop(self) -> None:
        """Send nothing more: the flow ends once what is being sent now has its answer.

        What was sent already comes to what it comes to; the flow no longer waits for it.
        """
        if self.is_under_way:
            self._is_stopping = True
            self._changed.set()
            self._tell()

    def give_up(self) -> None:
        """Forget the plan: it is not offered again. Does nothing while the flow goes.

        Raises:
            JournalError: the plan could not be taken off the disk.
        """
        if not self._is_busy:
            self._journal.end_plan()
            self._offer = self._trip = None
            self._tell()

    # What happens

    def load(self) -> None:
        """Take up the plan that an earlier run of the application left."""
        plan = self._journal.plan()
        if plan is not None and plan.kind in {way.value for way in Way}:
            self._offer = Offer(plan.channel_id, Way(plan.kind))

    def on_changes(self, changes: tuple[Change, ...]) -> None:
        """Look again whether what is waited for has come; prices bring nothing nearer."""
        if any(change.topic in _AWAITED for change in changes):
            self._changed.set()

    def on_channel(self, channel: Channel) -> None:
        """End the plan once its account is closed, by whomever.

        Raises:
            JournalError: the plan could not be taken off the disk.
        """
        if self._offer and channel.is_closed and channel.channel_id == self._offer.channel_id:
            self._offer = None
            self._journal.end_plan()

    # The legs

    async def _travel(self, trip: Trip, permit: Permit) -> None:
        legs: tuple[tuple[LegKind, Callable[[Trip, Permit], Awaitable[Setback | None]]], ...] = (
            (LegKind.CANCEL, self._cancel),
            (LegKind.SETTLE, self._settle),
            (LegKind.CLOSE, self._close),
            (LegKind.CLOSE_ACCOUNT, self._close_account),
        )
        account = Account(self._state, trip.channel_id)
        for kind, go_leg in legs:
            if self._is_stopping:
                trip.setback = Setback(account.next_leg(trip))
                return
            trip.current = kind
            self._tell()
            try:
                trip.setback = await go_leg(trip, permit)
            except KayenError as error:
                trip.setback = Setback(kind, error)
            if trip.setback is not None or account.is_closed:
                return

    async def _cancel(self, trip: Trip, permit: Permit) -> Setback | None:
        account = Account(self._state, trip.channel_id)
        while live := self._state.live_orders:
            self._prepare(permit)
            asked = [each.venue_order_id for each in live]
            trip.cancelled.update(dict.fromkeys(asked))
            await self._trading.cancel_all()
            if not await self._until(account, partial(account.are_final, asked)):
                return Setback(LegKind.CANCEL)
        await self._wait_for_books(trip, account)  # what was filled first may be a new position
        return None

    async def _settle(self, trip: Trip, permit: Permit) -> Setback | None:
        account = Account(self._state, trip.channel_id)
        run = account.run_under_way
        positions = account.open_positions
        if run is not None:
            trip.settlement_id = run.settlement_id  # asked for before: there is only to wait
        elif trip.way is Way.SETTLE and positions:
            self._prepare(permit)
            method = trip.method or self._settlements.methods[0]
            trip.settlement_id = await self._settlements.request(
                trip.channel_id, _markets(positions), method, permit
            )
        else:
            return None
        if not await self._until(account, partial(account.is_settled, trip.settlement_id)):
            return Setback(LegKind.SETTLE)
        run = self._state.settlements.get(trip.settlement_id)
        has_failed = run is not None and not run.is_paid
        return Setback(LegKind.SETTLE, run=run) if has_failed else None

    async def _close(self, trip: Trip, permit: Permit) -> Setback | None:
        account = Account(self._state, trip.channel_id)
        setback: Setback | None = None
        sent: list[str] = []
        for position in account.open_positions if trip.way is Way.CLOSE else ():
            if self._is_stopping:
                break
            try:
                self._prepare(permit)
                order_id = await self._trading.close_position(position.position_id)
            except KayenError as error:
                setback = setback or Setback(LegKind.CLOSE, error)
            else:
                sent.append(position.position_id)
                trip.closes[position.position_id] = (position, order_id)
            self._tell()
        if not await self._until(account, partial(account.have_ended, trip, sent)):
            return setback or Setback(LegKind.CLOSE)
        if setback is None and (order := account.short_order(trip, sent)) is not None:
            setback = Setback(LegKind.CLOSE, order=order)
        if setback is None and self._is_stopping and account.open_positions:
            setback = Setback(LegKind.CLOSE)
        return setback

    async def _close_account(self, trip: Trip, permit: Permit) -> Setback | None:
        account = Account(self._state, trip.channel_id)
        if not await self._until(account, lambda: not account.is_settling):
            return Setback(LegKind.CLOSE_ACCOUNT)
        if not account.is_closing:
            if trip.closes:
                await self._wait_for_books(trip, account)
            if self._is_stopping:
                return Setback(LegKind.CLOSE_ACCOUNT)
            if self._has_unrecorded(trip.channel_id):
                raise TicketError(Problem(ProblemKind.UNRECORDED_TRADES))
            self._prepare(permit)
            await self._channels.close(trip.channel_id, permit)
        has_ended = await self._until(account, lambda: account.is_closed)
        return None if has_ended else Setback(LegKind.CLOSE_ACCOUNT)

    async def _wait_for_books(self, trip: Trip, account: Account) -> None:
        """Give the fills of what was ended time to be told and booked.

        A fill that is told later is missing in the receipt, and no reason to keep anybody here;
        one that is not booked would be missing in the account's balance.
        """

        def are_straight() -> bool:
            return account.has_fills(trip) and not self._has_unrecorded(trip.channel_id)

        self._is_booking = not are_straight()
        self._tell()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._books_within_s):
                await self._until(account, are_straight)
        self._is_booking = False

    def _prepare(self, permit: Permit) -> None:
        """Raise where nothing may be sent now."""
        self._gate.redeem(permit)
        self._refuse_doubt()

    def _refuse_doubt(self) -> None:
        if self.has_doubt:
            raise OutcomeUnknownError("Something sent earlier is not confirmed yet.")

    def _check(self, way: Way) -> Channel:
        """Return the account in use; raise where nobody can go home from it now."""
        self._gate.check()
        self._refuse_doubt()
        channel = self._state.channel
        if channel is None:
            raise TicketError(Problem(ProblemKind.NO_CHANNEL))
        if problems := self.problems(way):
            raise TicketError(*problems)
        return channel

    async def _until(self, account: Account, condition: Callable[[], bool]) -> bool:
        """Wait for the condition, or for the account's end; False where the trader stops first."""
        while not (condition() or account.is_closed):
            if self._is_stopping:
                return False
            self._changed.clear()
            await self._changed.wait()
        return True

    @property
    def _current_trip(self) -> Trip | None:
        """The trip, unless it is over and another account is in use."""
        trip = self._trip
        if trip is None or self._is_busy or self._state.channel is None:
            return trip
        return None if Account(self._state, trip.channel_id).is_closed else trip

    def _begin_trip(self, channel_id: str, way: Way, method: PaymentMethod | None) -> Trip:
        trip = self._trip
        if trip is None or trip.channel_id != channel_id:
            trip = self._trip = Trip(channel_id, way)
        trip.way, trip.method, trip.setback = way, method, None
        return trip

    def _tell(self) -> None:
        for listener in tuple(self._listeners):  # a listener may leave while it is told
            listener()


def _markets(positions: tuple[Position, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.market for each in positions))
