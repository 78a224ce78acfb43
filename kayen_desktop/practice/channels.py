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

    INSTANTIATING = "instantiating"
    ACCEPTED = "accepted"
    FAILED = "failed"
    INITIATOR_FUNDED = "initiator_funded"
    FUNDED = "funded"
    OPERATIONAL = "operational"
    ACTIVE_SETTLEMENT = "active_settlement"
    PROCESSING_POST_SETTLEMENT_MARGIN = "processing_post_settlement_margin"
    FINALIZING = "finalizing"
    CONCLUDING = "concluding"
    FINALIZED = "finalized"


NEXT_PHASES: dict[Phase, frozenset[Phase]] = {
    Phase.INSTANTIATING: frozenset({Phase.ACCEPTED, Phase.FAILED}),
    Phase.ACCEPTED: frozenset({Phase.INITIATOR_FUNDED, Phase.FAILED}),
    Phase.INITIATOR_FUNDED: frozenset({Phase.FUNDED}),
    Phase.FUNDED: frozenset({Phase.OPERATIONAL}),
    Phase.OPERATIONAL: frozenset({Phase.ACTIVE_SETTLEMENT, Phase.FINALIZING}),
    Phase.ACTIVE_SETTLEMENT: frozenset({Phase.PROCESSING_POST_SETTLEMENT_MARGIN}),
    Phase.PROCESSING_POST_SETTLEMENT_MARGIN: frozenset({Phase.OPERATIONAL}),
    Phase.FINALIZING: frozenset({Phase.CONCLUDING}),
    Phase.CONCLUDING: frozenset({Phase.FINALIZED}),
    Phase.FAILED: frozenset(),
    Phase.FINALIZED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ClientFill:
    """One execution of a trader's order; ``market`` is the name, ``fee`` in quote."""

    external_id: str
    channel_id: str
    market: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    at_s: int


@dataclass(slots=True)
class MarginChannel:
    """One channel between a wallet (the initiator) and a broker; balances in quote."""

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

    @property
    def is_over(self) -> bool:
        """True where nothing can happen to the channel any more."""
        return self.phase in (Phase.FAILED, Phase.FINALIZED)

    @property
    def is_open(self) -> bool:
        """True where the channel may trade: from funded on, as the walkthrough does."""
        return self.phase in (
            Phase.FUNDED,
            Phase.OPERATIONAL,
            Phase.ACTIVE_SETTLEMENT,
            Phase.PROCESSING_POST_SETTLEMENT_MARGIN,
        )

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
    """A settlement reached a state."""

    channel: MarginChannel
    state: str


@dataclass(frozen=True, slots=True)
class ErrorNotice:
    """Something happened to a channel that its owner did not ask for."""

    channel: MarginChannel
    message: str


ClearingNotice = ChannelNotice | TradeNotice | PositionNotice | SettlementNotice | ErrorNotice
