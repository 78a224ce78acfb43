"""A margin channel as Clearport keeps it, and the things it tells about one."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.orders import Side

from .positions import OpenPosition


class Phase(Enum):
    """The clearing state machine's states, by their word on the wire (protocols.md §1.5)."""

    DEFAULT = "default"
    INSTANTIATING = "instantiating"
    ACCEPTED = "accepted"
    FAILED = "failed"
    INITIATOR_FUNDED = "initiator_funded"
    FUNDED = "funded"
    PRE_OP_CHALLENGING = "pre_op_challenging"
    PENDING_PRE_OP_CHALLENGE_REGISTERED = "pending_pre_op_challenge_registered"
    PRE_OP_CHALLENGE_REGISTERED = "pre_op_challenge_registered"
    OPERATIONAL = "operational"
    PROCESSING_MARGIN_CALL = "processing_margin_call"
    ACTIVE_SETTLEMENT = "active_settlement"
    PROCESSING_POST_SETTLEMENT_MARGIN = "processing_post_settlement_margin"
    CHALLENGING = "challenging"
    PENDING_CHALLENGE_REGISTERED = "pending_challenge_registered"
    CHALLENGE_REGISTERED = "challenge_registered"
    FINALIZING = "finalizing"
    WITHDRAWING = "withdrawing"
    CONCLUDING = "concluding"
    FINALIZED = "finalized"


NEXT_PHASES: dict[Phase, frozenset[Phase]] = {
    Phase.DEFAULT: frozenset({Phase.INSTANTIATING}),
    Phase.INSTANTIATING: frozenset({Phase.ACCEPTED, Phase.FAILED}),
    Phase.ACCEPTED: frozenset({Phase.INITIATOR_FUNDED, Phase.FAILED}),
    Phase.INITIATOR_FUNDED: frozenset({Phase.FUNDED, Phase.PRE_OP_CHALLENGING}),
    Phase.FUNDED: frozenset({Phase.OPERATIONAL, Phase.PRE_OP_CHALLENGING}),
    Phase.PRE_OP_CHALLENGING: frozenset({Phase.PENDING_PRE_OP_CHALLENGE_REGISTERED}),
    Phase.PENDING_PRE_OP_CHALLENGE_REGISTERED: frozenset({Phase.PRE_OP_CHALLENGE_REGISTERED}),
    Phase.PRE_OP_CHALLENGE_REGISTERED: frozenset({Phase.OPERATIONAL, Phase.WITHDRAWING}),
    Phase.OPERATIONAL: frozenset(
        {
            Phase.PROCESSING_MARGIN_CALL,
            Phase.ACTIVE_SETTLEMENT,
            Phase.FINALIZING,
            Phase.CHALLENGING,
        }
    ),
    Phase.PROCESSING_MARGIN_CALL: frozenset({Phase.OPERATIONAL}),
    Phase.ACTIVE_SETTLEMENT: frozenset({Phase.PROCESSING_POST_SETTLEMENT_MARGIN}),
    Phase.PROCESSING_POST_SETTLEMENT_MARGIN: frozenset({Phase.OPERATIONAL}),
    Phase.CHALLENGING: frozenset({Phase.PENDING_CHALLENGE_REGISTERED}),
    Phase.PENDING_CHALLENGE_REGISTERED: frozenset({Phase.CHALLENGE_REGISTERED}),
    Phase.CHALLENGE_REGISTERED: frozenset({Phase.OPERATIONAL, Phase.WITHDRAWING}),
    Phase.FINALIZING: frozenset({Phase.CONCLUDING}),
    Phase.CONCLUDING: frozenset({Phase.FINALIZED, Phase.WITHDRAWING}),
    Phase.WITHDRAWING: frozenset({Phase.FINALIZED}),
    Phase.FAILED: frozenset(),
    Phase.FINALIZED: frozenset(),
}

SETTLING = frozenset({Phase.ACTIVE_SETTLEMENT, Phase.PROCESSING_POST_SETTLEMENT_MARGIN})
# A dispute lasts until its money is paid out.
CHALLENGED = frozenset(
    {
        Phase.PRE_OP_CHALLENGING,
        Phase.PENDING_PRE_OP_CHALLENGE_REGISTERED,
        Phase.PRE_OP_CHALLENGE_REGISTERED,
        Phase.CHALLENGING,
        Phase.PENDING_CHALLENGE_REGISTERED,
        Phase.CHALLENGE_REGISTERED,
        Phase.WITHDRAWING,
    }
)
_OVER = frozenset({Phase.FAILED, Phase.FINALIZED})
# From funded on, as the walkthrough does.
_OPEN = SETTLING | {Phase.FUNDED, Phase.OPERATIONAL, Phase.PROCESSING_MARGIN_CALL}
# From here no channel becomes operational again.
_LEAVING = _OVER | {Phase.FINALIZING, Phase.CONCLUDING, Phase.WITHDRAWING}


@dataclass(frozen=True, slots=True)
class ClientFill:
    """One trade of a channel; ``market`` is the name, ``fee`` in quote.

    ``is_elsewhere`` is True where it was made on no book of this exchange and only recorded here.
    """

    external_id: str
    channel_id: str
    market: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    at_s: int
    is_elsewhere: bool = False

    def is_same_trade(self, other: ClientFill) -> bool:
        """Return whether both are one trade, whatever was paid for it and when it was told."""
        return (self.market, self.side, self.amount, self.price) == (
            other.market,
            other.side,
            other.amount,
            other.price,
        )


@dataclass(slots=True)
class MarginChannel:
    """One channel between a wallet (the initiator) and a broker; balances in quote.

    ``margin_limit`` is the limit that a margin call names, "soft" or "hard"; empty without one.
    """

    channel_id: str
    owner: str
    broker: Broker
    peer_name: str
    deposit: Decimal
    initiator_balance: Decimal
    responder_balance: Decimal
    phase: Phase = Phase.INSTANTIATING
    action: str = "channel_opening"
    turn_num: int = 0
    positions: dict[str, OpenPosition] = field(default_factory=dict)
    recorded: dict[str, ClientFill] = field(default_factory=dict)
    unrecorded: dict[str, ClientFill] = field(default_factory=dict)
    in_settlement: frozenset[str] = frozenset()
    margin_limit: str = ""

    @property
    def is_over(self) -> bool:
        """True where nothing can happen to the channel any more."""
        return self.phase in _OVER

    @property
    def is_open(self) -> bool:
        """True where the exchange lets the channel in, if only to look and to cancel."""
        return self.phase in _OPEN

    @property
    def may_get_ready(self) -> bool:
        """True where the channel is operational or can still become so."""
        return self.phase not in _LEAVING

    @property
    def obstacle(self) -> str:
        """Why the channel can't trade now, as the wire says it; empty where it can."""
        if self.phase in SETTLING:
            return "channel is settling"
        if self.phase in CHALLENGED:
            return "channel is challenging"
        return "" if self.is_open else "channel is not open"

    @property
    def equity(self) -> Decimal:
        """The initiator's balance with the unrealised PnL of its positions."""
        return self.initiator_balance + sum(
            (position.pnl for position in self.positions.values()), ZERO
        )


@dataclass(frozen=True, slots=True)
class ChannelNotice:
    """A channel changed; read the channel for what it is now."""

    channel: MarginChannel


@dataclass(frozen=True, slots=True)
class TradeNotice:
    """Clearport recorded a fill by itself."""

    channel: MarginChannel
    external_id: str


@dataclass(frozen=True, slots=True)
class PositionNotice:
    """A position changed, by a fill or by a move of the mark."""

    channel: MarginChannel
    position: OpenPosition


@dataclass(frozen=True, slots=True)
class SettlementNotice:
    """A settlement of some markets, by their names, reached a state."""

    channel: MarginChannel
    state: str
    markets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrorNotice:
    """Something happened to a channel that its owner did not ask for."""

    channel: MarginChannel
    message: str


ClearingNotice = ChannelNotice | TradeNotice | PositionNotice | SettlementNotice | ErrorNotice
