"""What a practice venue is made of: its markets, brokers, fees, speeds and dialects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import msgspec

from kayen_desktop.domain.amounts import parse_decimal
from kayen_desktop.domain.channels import Broker, DepositPackage
from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.resources import resource_path

ClearportDialect = Literal["v1", "v2"]
FinexDialect = Literal["kayen", "opendax"]

MAX_EVENTS_PER_SECOND = 10_000


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """One market's rules; precisions are digits after the point, amounts in base."""

    symbol: str
    name: str
    base: str
    quote: str
    amount_precision: int
    price_precision: int
    min_amount: Decimal
    reference_price: Decimal
    leverage: int

    @property
    def tick(self) -> Decimal:
        """The smallest step of a price, in quote."""
        return Decimal(1).scaleb(-self.price_precision)


class _MarketRow(msgspec.Struct):
    id: str
    name: str
    base: str
    quote: str
    amount_precision: int
    price_precision: int
    min_amount: str
    reference_price: str
    leverage: int


class _MarketsFile(msgspec.Struct):
    markets: list[_MarketRow]


class _PackageRow(msgspec.Struct):
    name: str
    minimum: str
    maximum: str


class _BrokerRow(msgspec.Struct):
    name: str
    address: str
    url: str
    packages: list[_PackageRow]


class _NetworkFile(msgspec.Struct):
    brokers: list[_BrokerRow]


def load_markets() -> tuple[MarketSpec, ...]:
    """Return the shipped markets, in their order of display."""
    text = resource_path("networks", "markets.json").read_bytes()
    return tuple(
        MarketSpec(
            symbol=row.id,
            name=row.name,
            base=row.base,
            quote=row.quote,
            amount_precision=row.amount_precision,
            price_precision=row.price_precision,
            min_amount=parse_decimal(row.min_amount),
            reference_price=parse_decimal(row.reference_price),
            leverage=row.leverage,
        )
        for row in msgspec.json.decode(text, type=_MarketsFile).markets
    )


def load_brokers() -> tuple[Broker, ...]:
    """Return the shipped practice brokers with their deposit packages."""
    text = resource_path("networks", "practice.json").read_bytes()
    return tuple(
        Broker(
            address=row.address,
            name=row.name,
            url=row.url,
            packages=tuple(
                DepositPackage(
                    package.name, parse_decimal(package.minimum), parse_decimal(package.maximum)
                )
                for package in row.packages
            ),
        )
        for row in msgspec.json.decode(text, type=_NetworkFile).brokers
    )


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """How one practice venue behaves; money in quote (USD), durations in seconds.

    ``state_delay_s`` is the pause between two states of a channel or a settlement.
    ``records_trades`` is True where Clearport knows each fill by itself, as in the walkthrough;
    False where it waits for the client's ``record_trade``, as the terminal's venue did.

    Raises:
        SettingsError: a value no venue can run with.
    """

    seed: int = 1
    clearport_dialect: ClearportDialect = "v2"
    finex_dialect: FinexDialect = "kayen"
    events_per_second: float = 50
    state_delay_s: float = 0.3
    wallet_balance: Decimal = Decimal(1000)
    wallets: Mapping[str, Decimal] = field(default_factory=dict)
    taker_fee: Decimal = Decimal("0.002")
    maker_fee: Decimal = Decimal("0.001")
    leverage: int = 10
    records_trades: bool = True
    challenge_lifetime_s: float = 60
    session_lifetime_s: float = 24 * 3600
    channel_token_lifetime_s: float = 18 * 3600
    heartbeat_s: float = 15
    ticker_s: float = 1
    mark_interval_s: float = 0.25
    chain_id: int = 1337
    markets: tuple[MarketSpec, ...] = field(default_factory=load_markets)
    brokers: tuple[Broker, ...] = field(default_factory=load_brokers)

    def __post_init__(self) -> None:
        if not 0 <= self.events_per_second <= MAX_EVENTS_PER_SECOND:
            raise SettingsError(f"Events per second must be 0 to {MAX_EVENTS_PER_SECOND}.")
        if self.clearport_dialect not in ("v1", "v2"):
            raise SettingsError("The Clearport dialect must be v1 or v2.")
        if self.finex_dialect not in ("kayen", "opendax"):
            raise SettingsError("The Finex dialect must be kayen or opendax.")
        if self.state_delay_s < 0 or self.mark_interval_s <= 0 or self.ticker_s <= 0:
            raise SettingsError("The venue's pauses can't be negative or zero.")
        if self.heartbeat_s <= 0:
            raise SettingsError("The heartbeat must come after more than 0 seconds.")
        if not 0 <= self.maker_fee <= 1 or not 0 <= self.taker_fee <= 1:
            raise SettingsError("A fee must be a share from 0 to 1.")
        if self.wallet_balance < 0 or self.leverage < 1:
            raise SettingsError("Wallet balances can't be negative and leverage is at least 1.")
        if not self.markets or not self.brokers:
            raise SettingsError("A venue needs at least one market and one broker.")
