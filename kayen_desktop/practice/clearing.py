"""The clearing house: wallets, channels, positions and margin, exact to the last digit.

Decision: money moves at the fill. Each fill moves its realised PnL (cut to 6 places) and then
its fee (cut to 6 places) between the initiator's and the responder's balance, and tells the new
balances with action ``margin_updated``; so at every moment

    initiator balance = deposit + sum of realised PnL - sum of fees

and both balances always add up to twice the deposit. The walkthrough's venue moved money only
when the channel was finalizing; then a trader could not check the sum as it grew. A loss can't
take more than the initiator has, nor a gain more than the responder has: the broker closes the
positions before (see `liquidation`), and what a gap costs beyond that is the broker's.

A settlement is paid outside the channel, from the broker's purse to the wallet or back (see
`settling`). So wallets, purses and balances together never change, whatever happens.

Pure: no clock, no socket, no task; every change is told to the listeners at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from random import Random
from uuid import UUID

from kayen_desktop.domain.amounts import ZERO, decimal_places
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.positions import PositionStatus

from .channels import (
    CHALLENGED,
    NEXT_PHASES,
    SETTLING,
    ChannelNotice,
    ClearingNotice,
    ClientFill,
    ErrorNotice,
    MarginChannel,
    Phase,
    PositionNotice,
    TradeNotice,
)
from .positions import MONEY_PLACES, OpenPosition, enter, reduce_position
from .refusals import RefusalError
from .settings import PracticeSettings

_ACTIONS = {
    Phase.FUNDED: "channel_opening",
    Phase.OPERATIONAL: "channel_opened",
    # The walkthrough shows channel_opened while finalizing.
    Phase.FINALIZING: "channel_opened",
    Phase.CONCLUDING: "channel_opened",
    Phase.FINALIZED: "channel_closed",
    Phase.ACTIVE_SETTLEMENT: "channel_settled",
    Phase.PROCESSING_POST_SETTLEMENT_MARGIN: "channel_settled",
    Phase.PROCESSING_MARGIN_CALL: "margin_updated",
    Phase.CHALLENGING: "challenge_started",
    Phase.WITHDRAWING: "challenge_finished",
}
# The states that both sides sign anew: each is a turn.
_TURNS = frozenset(
    {
        Phase.FUNDED,
        Phase.ACTIVE_SETTLEMENT,
        Phase.PROCESSING_POST_SETTLEMENT_MARGIN,
        Phase.FINALIZING,
        Phase.CONCLUDING,
        Phase.FINALIZED,
    }
)
_MAX_NAME = 64


class ClearingHouse:
    """Every wallet and channel of the venue, by wallet address; all in memory."""

    def __init__(self, settings: PracticeSettings) -> None:
        self._settings = settings
        self._random = Random(f"{settings.seed}/clearing")
        self._wallets = {key.lower(): value for key, value in settings.wallets.items()}
        # What brokers have outside their channels, from zero on: they bring what they need.
        self._purses: dict[str, Decimal] = {}
        self._channels: dict[str, MarginChannel] = {}
        self._listeners: list[Callable[[ClearingNotice], None]] = []

    def listen(self, listener: Callable[[ClearingNotice], None]) -> None:
        """Tell a listener of every change from now on, as it happens."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[ClearingNotice], None]) -> None:
        """Stop telling a listener."""
        self._listeners.remove(listener)

    def tell(self, notice: ClearingNotice) -> None:
        """Tell the listeners of a change."""
        for listener in self._listeners:
            listener(notice)

    def wallet_balance(self, address: str) -> Decimal:
        """Return what a wallet has outside its channels, in quote."""
        return self._wallets.get(address.lower(), self._settings.wallet_balance)

    def purse_balance(self, broker: Broker) -> Decimal:
        """Return what a broker has got out of its channels, less what it put in, in quote."""
        return self._purses.get(broker.address.lower(), ZERO)

    def _pay_wallet(self, address: str, amount: Decimal) -> None:
        self._wallets[address.lower()] = self.wallet_balance(address) + amount

    def _pay_purse(self, broker: Broker, amount: Decimal) -> None:
        self._purses[broker.address.lower()] = self.purse_balance(broker) + amount

    def pay_result(self, channel: MarginChannel, result: Decimal) -> None:
        """Pay a settlement's result from broker to wallet, or back; the balances stay."""
        self._pay_wallet(channel.owner, result)
        self._pay_purse(channel.broker, -result)

    def channel(self, channel_id: str) -> MarginChannel | None:
        """Return a channel by its id, whatever its state."""
        return self._channels.get(channel_id.lower())

    def own_channel(self, channel_id: str, owner: str) -> MarginChannel:
        """Return a wallet's channel.

        Raises:
            RefusalError: no such channel, or another wallet's.
        """
        channel = self.channel(channel_id)
        if channel is None or channel.owner.lower() != owner.lower():
            raise RefusalError("channel not found")
        return channel

    def channels_of(self, owner: str) -> tuple[MarginChannel, ...]:
        """Return a wallet's channels that are not over, oldest first."""
        return tuple(
            channel
            for channel in self._channels.values()
            if channel.owner.lower() == owner.lower() and not channel.is_over
        )

    def active_channels(self) -> tuple[MarginChannel, ...]:
        """Return every channel that is not over, oldest first."""
        return tuple(channel for channel in self._channels.values() if not channel.is_over)

    def open_channel(
        self, owner: str, peer_address: str, peer_name: str, deposit: Decimal
    ) -> MarginChannel:
        """Start a channel; the wallet is debited when it is funded.

        Raises:
            RefusalError: unknown broker, a deposit it does not take, or too little in the wallet.
        """
        broker = self._broker(peer_address)
        if deposit <= ZERO:
            raise RefusalError("margin deposit must be greater than zero")
        if decimal_places(deposit) > MONEY_PLACES:
            raise RefusalError(f"margin deposit precision is {MONEY_PLACES}")
        if not broker.takes(deposit):
            ranges = ", ".join(f"{p.minimum:f} to {p.maximum:f}" for p in broker.packages)
            raise RefusalError(f"margin deposit is outside the broker's packages: {ranges}")
        if any(channel.broker.is_same_as(broker) for channel in self.channels_of(owner)):
            raise RefusalError("a channel with this broker is already open")
        if deposit > self.wallet_balance(owner):
            raise RefusalError("not enough funds in the wallet")
        channel = MarginChannel(
            channel_id=f"0x{self._random.getrandbits(256):064x}",
            owner=owner,
            broker=broker,
            peer_name=peer_name[:_MAX_NAME] or broker.name,
            deposit=deposit,
            initiator_balance=deposit,
            responder_balance=deposit,
        )
        self._channels[channel.channel_id] = channel
        return channel

    def _broker(self, address: str) -> Broker:
        for broker in self._settings.brokers:
            if broker.address.lower() == address.lower():
                return broker
        raise RefusalError("unknown peer")

    def begin(self, channel: MarginChannel) -> None:
        """Tell that a new channel is instantiating."""
        self.tell(ChannelNotice(channel))

    def advance(self, channel: MarginChannel, phase: Phase, action: str = "") -> None:
        """Bring a channel to its next phase, with the money that goes with it.

        ``action`` is what the channel is told to have done, where it is not the usual one.
        """
        if phase not in NEXT_PHASES[channel.phase]:
            raise ValueError(f"a channel can't go from {channel.phase.value} to {phase.value}")
        channel.phase = phase
        channel.action = action or _ACTIONS.get(phase, channel.action)
        if phase in _TURNS:
            channel.turn_num += 1
        if phase is Phase.INITIATOR_FUNDED:
            self._pay_wallet(channel.owner, -channel.deposit)
        elif phase is Phase.FUNDED:
            self._pay_purse(channel.broker, -channel.deposit)
        elif phase is Phase.FINALIZED:
            self._pay_wallet(channel.owner, channel.initiator_balance)
            self._pay_purse(channel.broker, channel.responder_balance)
        self.tell(ChannelNotice(channel))

    def fail(self, channel: MarginChannel, message: str) -> None:
        """End a channel before it is funded; nothing has left the wallet."""
        self.advance(channel, Phase.FAILED)
        self.tell(ErrorNotice(channel, message))

    @staticmethod
    def check_operational(channel: MarginChannel) -> None:
        """Check that a channel is at work, with nothing under way.

        Raises:
            RefusalError: it is not; the text says what it does instead.
        """
        if channel.phase in SETTLING | CHALLENGED:
            raise RefusalError(channel.obstacle)
        if channel.phase is not Phase.OPERATIONAL:
            raise RefusalError("channel is not operational")

    def check_can_close(self, channel: MarginChannel) -> None:
        """Check that a channel may be closed now.

        Raises:
            RefusalError: positions or unrecorded trades stand in the way, or it is not open.
        """
        if channel.phase in (Phase.FINALIZING, Phase.CONCLUDING):
            raise RefusalError("channel is already closing")
        if channel.is_over:
            raise RefusalError("channel is closed")
        self.check_operational(channel)
        if channel.unrecorded:
            raise RefusalError("channel has trades that are not recorded")
        if channel.positions:
            raise RefusalError("channel has open positions")

    def expect(self, fill: ClientFill) -> None:
        """Keep a fill until the client records it."""
        channel = self._channels[fill.channel_id]
        channel.unrecorded[fill.external_id] = fill

    def record(self, fill: ClientFill, mark: Decimal, *, is_asked: bool) -> None:
        """Apply a fill to positions and balances, once per external id.

        ``is_asked`` is True where the client recorded it: then its request is answered, else
        Clearport tells of the recording itself.
        """
        channel = self._channels[fill.channel_id]
        channel.unrecorded.pop(fill.external_id, None)
        if fill.external_id in channel.recorded:
            return
        channel.recorded[fill.external_id] = fill
        if not is_asked:
            self.tell(TradeNotice(channel, fill.external_id))

        def opened(amount: Decimal) -> OpenPosition:
            return self._new_position(channel, fill, amount, mark)

        effect = enter(
            channel.positions.get(fill.market), opened, fill.side, fill.amount, fill.price
        )
        if effect.still_open is None:
            channel.positions.pop(fill.market, None)
        else:
            channel.positions[fill.market] = effect.still_open
        for position in effect.changed:
            position.mark_price = mark
            self.tell(PositionNotice(channel, position))
        moved = self._move(channel, effect.realised)
        moved += self._move(channel, -fill.fee)
        if moved:
            self._tell_margin(channel)

    def _new_position(
        self, channel: MarginChannel, fill: ClientFill, amount: Decimal, mark: Decimal
    ) -> OpenPosition:
        return OpenPosition(
            position_id=str(UUID(int=self._random.getrandbits(128), version=4)),
            channel_id=channel.channel_id,
            market=fill.market,
            side=fill.side,
            amount=amount,
            entry_price=fill.price,
            mark_price=mark,
        )

    @staticmethod
    def _move(channel: MarginChannel, amount: Decimal) -> Decimal:
        """Move money from the responder to the initiator, or back, as far as there is any."""
        part = max(-channel.initiator_balance, min(amount, channel.responder_balance))
        channel.initiator_balance += part
        channel.responder_balance -= part
        return abs(part)

    def _tell_margin(self, channel: MarginChannel) -> None:
        channel.action = "margin_updated"
        channel.turn_num += 1
        self.tell(ChannelNotice(channel))

    def set_mark(self, market: str, mark: Decimal) -> None:
        """Value every open position of a market anew."""
        for channel in self.active_channels():
            position = channel.positions.get(market)
            if position is not None and position.mark_price != mark:
                position.mark_price = mark
                self.tell(PositionNotice(channel, position))

    def held_markets(self) -> set[str]:
        """Return the markets in which anybody holds a position."""
        return {market for channel in self.active_channels() for market in channel.positions}

    def warn(self, channel: MarginChannel, message: str) -> None:
        """Tell a channel's owner of something it did not ask for."""
        self.tell(ErrorNotice(channel, message))

    def end_positions(
        self, channel: MarginChannel, markets: Collection[str], status: PositionStatus
    ) -> Decimal:
        """End positions at their mark; return what they came to, which nobody has paid yet.

        Each result is cut to 6 places by itself, as each fill's is.
        """
        result = ZERO
        for market in sorted(markets):
            position = channel.positions.pop(market)
            result += reduce_position(position, position.amount, position.mark_price)
            position.status = status
            self.tell(PositionNotice(channel, position))
        return result

    def realise(self, channel: MarginChannel, result: Decimal) -> None:
        """Move a result between the two balances, as far as there is any, and tell them."""
        if self._move(channel, result):
            self._tell_margin(channel)
