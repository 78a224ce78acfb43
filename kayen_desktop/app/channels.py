"""Use cases of the margin account: open it with a broker, close it and get the money back."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Broker, Channel
from kayen_desktop.domain.errors import Problem, ProblemKind, TicketError
from kayen_desktop.domain.intents import CloseChannelRequest, OpenChannelRequest, SettleRequest
from kayen_desktop.domain.ticket import check_deposit
from kayen_desktop.venues.venue import Venue

from .gate import Act, Gate, Permit
from .intents import IntentLedger
from .state import AppState


class Channels:
    """Opening and closing margin accounts, each request sent at most once."""

    def __init__(
        self, venue: Venue, state: AppState, ledger: IntentLedger, gate: Gate | None = None
    ) -> None:
        self._venue = venue
        self._state = state
        self._ledger = ledger
        self._gate = gate or Gate()

    @property
    def asks_first(self) -> bool:
        """True where the trader is asked for the passphrase before anything is sent."""
        return self._gate.asks

    @property
    def brokers(self) -> tuple[Broker, ...]:
        """The brokers an account can be opened with."""
        return self._venue.brokers

    def check_deposit(self, broker: Broker, text: str) -> Decimal | Problem:
        """Return the deposit typed, in quote, or what is wrong with it for this broker."""
        return check_deposit(text, broker.takes, _limits(broker))

    def problems(self) -> tuple[Problem, ...]:
        """Return why no account could be opened or closed now."""
        if self._gate.is_shut():
            return (Problem(ProblemKind.LOCKED),)
        if self._state.alarm:
            return (Problem(ProblemKind.TRADING_STOPPED),)
        if not self._state.is_ready(self._venue.clearing_link):
            return (Problem(ProblemKind.NOT_CONNECTED, unit=self._venue.clearing_link),)
        return ()

    async def open(self, broker: Broker, deposit: Decimal) -> str:
        """Ask for an account and return its id; its progress arrives as changes.

        The trader confirms it with the passphrase first, where there is one.

        Raises:
            LockedError: the application is locked. NotAuthorizedError: not confirmed.
            TicketError: refused before sending. JournalError: not written down, so not sent.
            TransportError: not sent. VenueRejectionError: the venue said no.
            OutcomeUnknownError: not confirmed yet.
        """
        self._gate.check()
        self._check_opening(broker, deposit)
        await self._gate.authorize(Act.OPEN_ACCOUNT)
        self._check_opening(broker, deposit)  # the question may have stood for long
        request = OpenChannelRequest(broker, deposit)
        return await self._ledger.submit(request, lambda: self._venue.open_channel(broker, deposit))

    async def close(self, channel_id: str, permit: Permit | None = None) -> None:
        """Ask to close the account and return when it is closed; asks and raises as ``open``.

        With a permit that covers it nothing is asked; the permit is used up for closing.
        """
        self._gate.check()
        self._check_closing(channel_id)
        if permit is None:
            await self._gate.authorize(Act.CLOSE_ACCOUNT)
            self._check_closing(channel_id)  # the question may have stood for long
        else:
            self._gate.redeem(permit, Act.CLOSE_ACCOUNT)

        async def send() -> str:
            await self._venue.close_channel(channel_id)
            return channel_id

        await self._ledger.submit(CloseChannelRequest(channel_id), send)

    def _check_opening(self, broker: Broker, deposit: Decimal) -> None:
        if problems := self.problems():
            raise TicketError(*problems)
        if self._state.channel is not None:
            raise TicketError(Problem(ProblemKind.CHANNEL_ALREADY_OPEN))
        # Whatever its deposit: a second opening beside the first would open a second account.
        if any(isinstance(each.request, OpenChannelRequest) for each in self._ledger.unconfirmed):
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        if deposit <= ZERO:
            raise TicketError(Problem(ProblemKind.DEPOSIT_NOT_POSITIVE))
        if not broker.takes(deposit):
            raise TicketError(Problem(ProblemKind.DEPOSIT_OUT_OF_RANGE, _limits(broker)))

    def _check_closing(self, channel_id: str) -> None:
        if problems := self.problems():
            raise TicketError(*problems)
        channel = self._state.channels.get(channel_id)
        if channel is None or channel.is_closed:
            raise TicketError(Problem(ProblemKind.NO_CHANNEL))
        if self._is_being_closed(channel):
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        if self._state.open_positions_of(channel_id):
            raise TicketError(Problem(ProblemKind.POSITIONS_OPEN))
        if self.is_being_settled(channel):
            raise TicketError(Problem(ProblemKind.SETTLEMENT_UNDER_WAY))

    def is_being_settled(self, channel: Channel) -> bool:
        """Return whether positions wait to be paid, or may have been asked to be."""
        channel_id = channel.channel_id
        return (
            channel.is_settling
            or any(each.channel_id == channel_id for each in self._state.positions.values())
            or any(
                isinstance(each.request, SettleRequest) and each.request.channel_id == channel_id
                for each in self._ledger.unconfirmed
            )
        )

    def _is_being_closed(self, channel: Channel) -> bool:
        request = CloseChannelRequest(channel.channel_id)
        return channel.is_closing or any(
            each.request == request for each in self._ledger.unconfirmed
        )


def _limits(broker: Broker) -> str:
    return " or ".join(f"{each.minimum:f} to {each.maximum:f}" for each in broker.packages)
