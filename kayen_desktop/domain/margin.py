"""How safe a margin account is: equity, buying power and zone, from the venue's own figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from .amounts import ONE, ZERO
from .channels import Channel
from .positions import Position

ORANGE_BELOW = Decimal("0.20")
RED_BELOW = Decimal("0.10")


class Zone(Enum):
    """How much of the deposit is left (protocols.md §1.7, YIP-0006)."""

    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


@dataclass(frozen=True, slots=True)
class MarginBalance:
    """The exchange's word on an account, in quote (§2.6, balances of the Kayen dialect).

    ``available`` is collateral not yet used by positions or locked by open orders.
    """

    balance: Decimal
    locked: Decimal
    available: Decimal
    leverage: Decimal

    @property
    def buying_power(self) -> Decimal:
        """The largest order value the account can still carry (YIP-0003)."""
        return max(self.available * self.leverage, ZERO)


@dataclass(frozen=True, slots=True)
class AssetBalance:
    """One asset's balance where the exchange keeps balances by asset (OpenDAX dialect)."""

    asset: str
    available: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class MarginSummary:
    """An account at a glance, in quote; ``share`` is equity over deposit, 1 being untouched."""

    equity: Decimal
    pnl: Decimal
    share: Decimal
    zone: Zone


def zone_of(share: Decimal) -> Zone:
    """Return the zone of a remaining share of the deposit: green from 20 %, red under 10 %."""
    if share < RED_BELOW:
        return Zone.RED
    return Zone.ORANGE if share < ORANGE_BELOW else Zone.GREEN


def summarise(channel: Channel, positions: Iterable[Position]) -> MarginSummary | None:
    """Return the account's equity, unrealised PnL and zone; None until its balance is known."""
    balance = channel.own_balance
    if balance is None:
        return None
    pnl = sum(
        (
            position.pnl
            for position in positions
            if position.pnl is not None
            and position.is_open
            and position.channel_id == channel.channel_id
        ),
        ZERO,
    )
    equity = balance + pnl
    deposit = channel.margin_deposit
    share = equity / deposit if deposit else ONE
    return MarginSummary(equity, pnl, share, zone_of(share))
