"""Executions: a fill is ours, a trade is a public print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .orders import Side


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of one of our orders; ``amount`` base, ``price`` and ``total`` quote.

    ``fill_id`` is the venue's trade id, the key under which it is kept and reported once.
    """

    fill_id: str
    market: str
    venue_order_id: str
    side: Side
    price: Decimal
    amount: Decimal
    total: Decimal
    fee: Decimal
    fee_currency: str
    executed_at: datetime

    @property
    def signed_amount(self) -> Decimal:
        """The amount, negative for a sell."""
        return self.amount * self.side.sign


@dataclass(frozen=True, slots=True)
class Trade:
    """A public print of the market; ``taker_side`` is None where the venue does not say."""

    trade_id: str
    market: str
    price: Decimal
    amount: Decimal
    taker_side: Side | None
    executed_at: datetime
