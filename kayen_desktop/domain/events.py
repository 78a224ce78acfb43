"""Facts that venues tell, in one vocabulary for all of them; each is past tense and final.

``now`` is not in them: the state stamps what it applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from .book import Level
from .candles import Candle, Period
from .channels import Channel
from .fills import Fill, Trade
from .intents import Intent
from .lifecycle import ChannelStep
from .margin import AssetBalance, MarginBalance, MarginRules
from .markets import Market, Ticker
from .orders import Order
from .positions import Position
from .settlement import Settlement, SettlementRun
from .signatures import SignatureMeaning, SignatureOutcome, SigningPurpose


class LinkState(Enum):
    """Where a connection to one of the venue's servers stands.

    CONNECTED gives public data only: there is no account to sign in to yet.
    """

    OFFLINE = "offline"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    SIGNING_IN = "signing_in"
    READY = "ready"
    RETRYING = "retrying"
    REFUSED = "refused"


class Severity(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A connection changed; ``reason`` is plain text, ``retry_at`` is when it is tried again."""

    link: str
    state: LinkState
    reason: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkHeard:
    """A connection proved alive; ``latency_ms`` is the last round trip, where measured."""

    link: str
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class MarketsListed:
    """The venue's list of markets: the whole of it."""

    markets: tuple[Market, ...]


@dataclass(frozen=True, slots=True)
class TickersUpdated:
    """New tickers; markets not named keep theirs."""

    tickers: tuple[Ticker, ...]


@dataclass(frozen=True, slots=True)
class BookReplaced:
    """The whole book of a market."""

    market: str
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class BookUpdated:
    """New amounts at some prices of a book; zero removes the price."""

    market: str
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class BookLost:
    """The book can't be trusted any more; a new one is being asked for."""

    market: str


@dataclass(frozen=True, slots=True)
class TradePrinted:
    """A public trade."""

    trade: Trade


@dataclass(frozen=True, slots=True)
class CandlesUpdated:
    """Candles of one market and period, one or many; same opening time replaces."""

    market: str
    period: Period
    candles: tuple[Candle, ...]


@dataclass(frozen=True, slots=True)
class OrderUpdated:
    """The venue's word on one of our orders."""

    order: Order


@dataclass(frozen=True, slots=True)
class FillReceived:
    """One of our orders traded; the same fill may be told more than once."""

    fill: Fill


@dataclass(frozen=True, slots=True)
class MarginUpdated:
    """The exchange's figures for the margin account."""

    margin: MarginBalance


@dataclass(frozen=True, slots=True)
class AssetBalancesUpdated:
    """Balances by asset; assets not named keep theirs."""

    balances: tuple[AssetBalance, ...]


@dataclass(frozen=True, slots=True)
class ChannelUpdated:
    """The venue's word on a margin account."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelRecalled:
    """What an earlier run heard of an account's life, oldest first."""

    channel_id: str
    steps: tuple[ChannelStep, ...]


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The venue said that the account is closed and the money is on its way."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class PositionUpdated:
    """The venue's word on one position."""

    position: Position


@dataclass(frozen=True, slots=True)
class PositionsListed:
    """All positions of one account: those not named are gone."""

    channel_id: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class TradeRecorded:
    """The clearing house has a fill on its books; ``fill_id`` is the exchange's trade id."""

    channel_id: str
    fill_id: str


@dataclass(frozen=True, slots=True)
class SettlementUpdated:
    """The venue's word on a settlement; it names the account, but not which settlement."""

    settlement: Settlement


@dataclass(frozen=True, slots=True)
class SettlementChanged:
    """A settlement was asked for, or went a step further."""

    run: SettlementRun


class Trouble(Enum):
    """What a venue's words are about, as far as they tell."""

    LIQUIDATION = "liquidation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VenueNotified:
    """Something the venue says in words; ``text`` is its own, plain and capped.

    ``transaction_hash`` and ``state`` are the venue's, plain and capped, where it names them.
    """

    severity: Severity
    text: str
    channel_id: str = ""
    trouble: Trouble = Trouble.OTHER
    transaction_hash: str = ""
    state: str = ""


class WalletRequest(Enum):
    """What the venue wants the wallet to do; this application does neither."""

    TRANSACTION = "transaction"
    SESSION_KEY = "session_key"


@dataclass(frozen=True, slots=True)
class WalletAsked:
    """The venue asks for an on-chain act; shown and refused (protocols.md §1.5).

    ``details`` are pairs of a field's name and its value, plain text, capped.
    """

    request: WalletRequest
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClearingHouseDescribed:
    """What the clearing house says of itself; None where it did not answer that."""

    version: str | None = None
    identity_address: str | None = None
    active_channels: int | None = None


@dataclass(frozen=True, slots=True)
class MarginRulesChosen:
    """The trader chose how zones are reckoned."""

    rules: MarginRules


@dataclass(frozen=True, slots=True)
class SecurityAlarmRaised:
    """What the venue shows does not fit together; trading stops until the trader has looked."""

    text: str


@dataclass(frozen=True, slots=True)
class SecurityAlarmLifted:
    """The trader has looked, and takes what the venue shows for right."""


@dataclass(frozen=True, slots=True)
class IntentChanged:
    """Something asked for by the trader was written down, or its outcome became known."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class SignatureAsked:
    """Something is about to be signed unless the trader declines; told before it is."""

    meaning: SignatureMeaning


@dataclass(frozen=True, slots=True)
class SignatureWithheld:
    """Nothing was signed; ``reason`` says why in a sentence."""

    purpose: SigningPurpose
    outcome: SignatureOutcome
    reason: str


Event: TypeAlias = (
    LinkChanged
    | LinkHeard
    | MarketsListed
    | TickersUpdated
    | BookReplaced
    | BookUpdated
    | BookLost
    | TradePrinted
    | CandlesUpdated
    | OrderUpdated
    | FillReceived
    | MarginUpdated
    | AssetBalancesUpdated
    | ChannelUpdated
    | ChannelRecalled
    | ChannelClosed
    | PositionUpdated
    | PositionsListed
    | TradeRecorded
    | SettlementUpdated
    | SettlementChanged
    | VenueNotified
    | WalletAsked
    | ClearingHouseDescribed
    | MarginRulesChosen
    | SecurityAlarmRaised
    | SecurityAlarmLifted
    | IntentChanged
    | SignatureAsked
    | SignatureWithheld
)
