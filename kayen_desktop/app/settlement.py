"""Use case of settlement: choose markets, see the margin after, ask the broker once.

How it goes on is in app/settlement_runs.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkState, SettlementChanged
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.margin import MarginAccount, MarginFigures, measure
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import (
    PaymentMethod,
    SettlementState,
)
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .gate import Act, Gate, Permit
from .intents import IntentLedger
from .reconcile import ANNOUNCEMENT_S
from .settlement_runs import SettlementRuns
from .state import AppState

# Ganache's, Hardhat's and Sepolia's: what is on them is worth nothing, so it may be pretended.
TEST_CHAINS = frozenset({1337, 31337, 11155111})


@dataclass(frozen=True, slots=True)
class SettleChoice:
    """One open position, and the margin after it alone were settled, where that is known."""

    position: Position
    after: MarginFigures | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SettleCheck:
    """What settling the chosen markets comes to; without problems it can be asked for.

    ``positions`` are those that would be settled. The figures are None where the venue has not
    told enough.
    """

    problems: tuple[Problem, ...]
    before: MarginFigures | None
    after: MarginFigures | None
    positions: tuple[Position, ...]


class Settlements(SettlementRuns):
    """Settlements of the accounts: asked for at most once each, and followed to their end."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        ledger: IntentLedger,
        journal: Journal,
        tell: Callable[[SettlementChanged], None],
        clock: Callable[[], datetime],
        gate: Gate | None = None,
        *,
        has_unrecorded: Callable[[str], bool] = lambda channel_id: False,
        announcement_s: float = ANNOUNCEMENT_S,
    ) -> None:
        """``has_unrecorded`` says whether fills of an account may not be on the books yet."""
        super().__init__(venue, state, ledger, journal, tell, clock, announcement_s)
        self._gate = gate or Gate()
        self._has_unrecorded = has_unrecorded

    # What can be asked for

    @property
    def asks_first(self) -> bool:
        """True where the trader is asked for the passphrase before anything is sent."""
        return self._gate.asks

    @property
    def chain_id(self) -> int:
        """The blockchain that is settled on, by its number."""
        return self._venue.chain_id

    @property
    def methods(self) -> tuple[PaymentMethod, ...]:
        """The ways to pay that can be chosen; pretending only where no money is real."""
        if self.chain_id in TEST_CHAINS:
            return (PaymentMethod.ESCROW, PaymentMethod.MOCK)
        return (PaymentMethod.ESCROW,)

    def problems(self) -> tuple[Problem, ...]:
        """Return why nothing could be settled now, whatever is chosen."""
        channel = self._state.channel
        if self._gate.is_shut():
            return (Problem(ProblemKind.LOCKED),)
        if self._state.alarm:
            return (Problem(ProblemKind.TRADING_STOPPED),)
        status = self._state.links.get(self._venue.clearing_link)
        if status is None or status.state is not LinkState.READY:
            return (Problem(ProblemKind.NOT_CONNECTED, unit=self._venue.clearing_link),)
        if channel is None:
            return (Problem(ProblemKind.NO_CHANNEL),)
        if self._is_under_way(channel):
            return (Problem(ProblemKind.SETTLEMENT_UNDER_WAY),)
        if not channel.is_usable:
            return (Problem(ProblemKind.NO_CHANNEL),)
        return self._obstacles(channel)

    def _obstacles(self, channel: Channel) -> tuple[Problem, ...]:
        """Return what a broker would refuse a settlement of a working account for."""
        asked = [intent.request for intent in self._ledger.unconfirmed]
        found = []
        if CloseChannelRequest(channel.channel_id) in asked:
            found.append(Problem(ProblemKind.ALREADY_SENDING))
        is_booking = any(
            isinstance(each, RecordTradeRequest) and each.channel_id == channel.channel_id
            for each in asked
        )
        if is_booking or self._has_unrecorded(channel.channel_id):
            found.append(Problem(ProblemKind.UNRECORDED_TRADES))
        figures = self._state.margin_figures
        if figures is not None and figures.zone is not None and figures.zone.is_close_only:
            found.append(Problem(ProblemKind.NOT_GREEN, figures.zone.value))
        return tuple(found)

    def _is_under_way(self, channel: Channel) -> bool:
        channel_id = channel.channel_id
        return (
            channel.is_settling
            or any(not run.is_over for run in self._state.settlements_of(channel_id))
            or any(
                isinstance(each.request, SettleRequest) and each.request.channel_id == channel_id
                for each in self._ledger.unconfirmed
            )
            or bool(self._locked_positions(channel_id))
        )

    def choices(self) -> tuple[SettleChoice, ...]:
        """Return the open positions of the account in use, each with the margin after it alone."""
        channel, account = self._state.channel, self._state.margin_account
        if channel is None:
            return ()
        standing = self.problems()
        choices = []
        for position in self._open_positions(channel.channel_id):
            after, problems = self._judge(account, (position.market,), standing)
            choices.append(SettleChoice(position, after, problems))
        return tuple(choices)

    def check(self, markets: Collection[str]) -> SettleCheck:
        """Return what settling the markets comes to, and why it can't be asked for.

        Markets in which nothing is held (any more) are left out.
        """
        state = self._state
        problems = self.problems()
        channel, account = state.channel, state.margin_account
        positions = () if channel is None else self._open_positions(channel.channel_id, markets)
        if not positions:
            return SettleCheck(
                (*problems, Problem(ProblemKind.NOTHING_SELECTED)), state.margin_figures, None, ()
            )
        settled = tuple(position.market for position in positions)
        after, problems = self._judge(account, settled, problems)
        return SettleCheck(problems, state.margin_figures, after, positions)

    def _judge(
        self, account: MarginAccount | None, settled: tuple[str, ...], standing: tuple[Problem, ...]
    ) -> tuple[MarginFigures | None, tuple[Problem, ...]]:
        """Return the margin once the markets are settled, and what stands against it."""
        if account is None:
            return None, standing
        after = measure(account.without(settled), self._state.margin_rules)
        if not standing and after.zone is not None and after.zone.is_close_only:
            names = ", ".join(settled)
            return after, (Problem(ProblemKind.WOULD_LEAVE_GREEN, after.zone.value, names),)
        return after, standing

    # Asking

    async def request(
        self,
        channel_id: str,
        markets: Collection[str],
        method: PaymentMethod,
        permit: Permit | None = None,
    ) -> str:
        """Ask to settle the markets and return the settlement's id; its steps come as changes.

        The trader confirms it with the passphrase first, where there is one; a permit that covers
        it is used up instead.

        Raises:
            LockedError: the application is locked. NotAuthorizedError: not confirmed.
            TicketError: refused before sending. JournalError: not written down, so not sent.
            TransportError: not sent. VenueRejectionError: the venue said no.
            OutcomeUnknownError: not confirmed yet.
        """
        self._gate.check()
        self._choose(channel_id, markets)
        if permit is None:
            await self._gate.authorize(Act.SETTLE)
        else:
            self._gate.redeem(permit, Act.SETTLE)
        positions = self._choose(channel_id, markets)  # the question may have stood for long
        markets = tuple(position.market for position in positions)
        return await self._submit(
            SettleRequest(channel_id, markets, method, self.chain_id), positions
        )

    async def _submit(self, request: SettleRequest, positions: tuple[Position, ...]) -> str:
        """Write the settlement down, ask for it once, and keep how the asking went."""
        settlement_id = ""

        def prepare(intent: Intent) -> None:
            nonlocal settlement_id
            run = self._new_run(intent, request, positions)
            self._journal.keep_settlement(run)
            settlement_id = run.settlement_id
            self._tell(SettlementChanged(run))
            if settlement_id not in self._state.settlements:
                raise TicketError(Problem(ProblemKind.TRADING_STOPPED))  # too many to be true

        async def send() -> str:
            await self._venue.request_settlement(
                request.channel_id, request.method, request.chain_id, request.markets
            )
            return ""  # the venue has no name for it

        try:
            await self._ledger.submit(request, send, prepare=prepare)
        except VenueRejectionError as error:
            self._end(settlement_id, SettlementState.REJECTED, error.reason, is_inferred=False)
            raise
        except TransportError:
            self._end(settlement_id, SettlementState.FAILED)
            raise
        except OutcomeUnknownError:
            if not self._state.settlements[settlement_id].steps:
                raise
            # The answer is missing, but the venue has told how the settlement goes.
            self._ledger.match_settlement(settlement_id, is_taken_in=True)
        return settlement_id

    def _choose(self, channel_id: str, markets: Collection[str]) -> tuple[Position, ...]:
        channel = self._state.channel
        if channel is not None and channel.channel_id != channel_id:
            raise TicketError(Problem(ProblemKind.NO_CHANNEL))
        check = self.check(markets)
        if check.problems:
            raise TicketError(*check.problems)
        return check.positions
