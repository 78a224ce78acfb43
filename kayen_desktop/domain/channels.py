"""Margin accounts: the state channel with a broker, and where it stands in its life."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum


class ChannelState(Enum):
    """The channel's outer state, both spellings of the documents read as one (§1.6 row 7)."""

    OPENING = "opening"
    OPEN = "open"
    SETTLING = "settling"
    CLOSING = "closing"
    CLOSED = "closed"
    CHALLENGING = "challenging"
    OTHER = "other"


class ClearingState(Enum):
    """The clearing state machine's states (protocols.md §1.5); ``final`` reads as finalized."""

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
    OTHER = "other"


_CLOSING = frozenset(
    {ClearingState.FINALIZING, ClearingState.CONCLUDING, ClearingState.WITHDRAWING}
)
_SETTLING = frozenset(
    {ClearingState.ACTIVE_SETTLEMENT, ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN}
)
EARLY_DISPUTE = frozenset(
    {
        ClearingState.PRE_OP_CHALLENGING,
        ClearingState.PENDING_PRE_OP_CHALLENGE_REGISTERED,
        ClearingState.PRE_OP_CHALLENGE_REGISTERED,
    }
)
_DISPUTE = EARLY_DISPUTE | frozenset(
    {
        ClearingState.CHALLENGING,
        ClearingState.PENDING_CHALLENGE_REGISTERED,
        ClearingState.CHALLENGE_REGISTERED,
    }
)
_UNFUNDED = frozenset(
    {
        ClearingState.DEFAULT,
        ClearingState.INSTANTIATING,
        ClearingState.ACCEPTED,
        ClearingState.INITIATOR_FUNDED,
    }
)


class ChannelAction(Enum):
    """What a notification says has happened (§1.5), in either spelling; it decides nothing."""

    CHANNEL_OPENING = "channel_opening"
    CHANNEL_OPENED = "channel_opened"
    CHANNEL_CLOSED = "channel_closed"
    CHANNEL_SETTLED = "channel_settled"
    MARGIN_UPDATED = "margin_updated"
    CHALLENGE_STARTED = "challenge_started"
    CHALLENGE_CLEARED = "challenge_cleared"
    CHALLENGE_FINISHED = "challenge_finished"
    OTHER = "other"


class MarginLimit(Enum):
    """Which limit of the margin the venue says is reached (§1.5, later protocol)."""

    NONE = "none"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class DepositPackage:
    """The deposits a broker takes, in quote; both bounds are included."""

    name: str
    minimum: Decimal
    maximum: Decimal

    def takes(self, deposit: Decimal) -> bool:
        """Return whether the deposit is within the package."""
        return self.minimum <= deposit <= self.maximum


@dataclass(frozen=True, slots=True)
class Broker:
    """The other side of a channel, known by its address; the name is only a label (§1.5)."""

    address: str
    name: str
    url: str = ""
    packages: tuple[DepositPackage, ...] = ()

    def is_same_as(self, other: Broker) -> bool:
        """Return whether both are one broker: addresses compare without case (§1.6 row 23)."""
        return self.address.lower() == other.address.lower()

    def takes(self, deposit: Decimal) -> bool:
        """Return whether some package takes the deposit, or no package is known."""
        return not self.packages or any(package.takes(deposit) for package in self.packages)


@dataclass(frozen=True, slots=True)
class Channel:
    """One margin account as last told; balances in quote, None where the venue left them out.

    ``state_text`` keeps the venue's own word, for display, where it is one we don't know.
    """

    channel_id: str
    state: ChannelState
    clearing_state: ClearingState | None = None
    broker: Broker | None = None
    is_initiator: bool = True
    margin_deposit: Decimal | None = None
    initiator_balance: Decimal | None = None
    responder_balance: Decimal | None = None
    turn_num: int | None = None
    state_text: str = ""
    action: ChannelAction | None = None
    margin_limit: MarginLimit | None = None

    @property
    def own_balance(self) -> Decimal | None:
        """Our share of the two deposits."""
        return self.initiator_balance if self.is_initiator else self.responder_balance

    @property
    def broker_balance(self) -> Decimal | None:
        """The broker's share of the two deposits."""
        return self.responder_balance if self.is_initiator else self.initiator_balance

    @property
    def is_closed(self) -> bool:
        """True where the account is over: finalized, closed or failed before it was funded."""
        return (
            self.state is ChannelState.CLOSED
            or self.clearing_state is ClearingState.FINALIZED
            or self.is_failed
        )

    @property
    def is_failed(self) -> bool:
        """True where opening failed before the account was funded."""
        return self.clearing_state is ClearingState.FAILED

    @property
    def is_closing(self) -> bool:
        """True from the first closing step until the account is closed."""
        if self.is_closed:
            return False
        return self.state is ChannelState.CLOSING or self.clearing_state in _CLOSING

    @property
    def is_opening(self) -> bool:
        """True from the request until the account is funded."""
        if self.is_closed or self.is_closing:
            return False
        return self.state is ChannelState.OPENING or self.clearing_state in _UNFUNDED

    @property
    def is_settling(self) -> bool:
        """True while a settlement is under way, as the account itself tells."""
        return self.state is ChannelState.SETTLING or self.clearing_state in _SETTLING

    @property
    def is_usable(self) -> bool:
        """True where orders may be placed on the account (§1.5, terminal behaviour)."""
        return self.state is ChannelState.OPEN and not (
            self.is_closed
            or self.is_closing
            or self.is_opening
            or is_disputed(self.state, self.clearing_state)
        )

    def supersedes(self, other: Channel) -> bool:
        """Return whether this word replaces the other: turns never go back (§1.6 row 11)."""
        if self.turn_num is None or other.turn_num is None:
            return True
        return self.turn_num >= other.turn_num

    def completed_by(self, earlier: Channel) -> Channel:
        """Return this word with what it leaves out taken from an earlier word on the account.

        Venues leave the peer, the balances or the turn out of some notifications (§1.9); the
        clearing state is not carried over, since a missing one is derived from the state. Nor are
        the action and the margin limit: they are of one moment, and a limit that was left out
        because it is no longer reached would go on warning.
        """
        return replace(
            self,
            broker=self.broker or earlier.broker,
            margin_deposit=_first_known(self.margin_deposit, earlier.margin_deposit),
            initiator_balance=_first_known(self.initiator_balance, earlier.initiator_balance),
            responder_balance=_first_known(self.responder_balance, earlier.responder_balance),
            turn_num=earlier.turn_num if self.turn_num is None else self.turn_num,
        )


def is_disputed(state: ChannelState, clearing_state: ClearingState | None) -> bool:
    """Return whether an account in these states is before the blockchain for a decision.

    The inner state tells it, too: a venue may call the account open meanwhile, as the walkthrough's
    does while it finalizes.
    """
    return state is ChannelState.CHALLENGING or clearing_state in _DISPUTE


def _first_known(later: Decimal | None, earlier: Decimal | None) -> Decimal | None:
    return earlier if later is None else later
