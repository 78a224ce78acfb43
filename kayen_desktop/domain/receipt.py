"""What a margin account came to: deposit, results and fees against what came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .amounts import ZERO, truncate
from .fills import Fill

# Realised money is cut to the digits of USDC, entry prices to those of YIP-0001 (§1.5, §1.7).
MONEY_PLACES = 6
PRICE_PLACES = 18


@dataclass(frozen=True, slots=True)
class AccountReceipt:
    """The sum of an account, in quote; ``returned`` is the venue's word, the rest is reckoned."""

    deposit: Decimal
    realised: Decimal
    fees: Decimal
    returned: Decimal

    @property
    def difference(self) -> Decimal:
        """What came back beyond deposit plus results minus fees: zero where the sum is right."""
        return self.returned - (self.deposit + self.realised - self.fees)


def realised_pnl(fills: Iterable[Fill]) -> Decimal:
    """Return the profit or loss that the fills, oldest first, have realised, fees apart.

    Each market's entry is the average of what was added; every fill that reduces realises its
    part, cut to six places as the clearing house cuts it.
    """
    realised = ZERO
    holdings: dict[str, tuple[Decimal, Decimal]] = {}
    for fill in fills:
        held, entry = holdings.get(fill.market, (ZERO, ZERO))
        added = fill.signed_amount
        if not added:
            continue
        whole = held + added
        if held * added >= ZERO:
            cost = abs(held) * entry + fill.amount * fill.price
            holdings[fill.market] = (whole, truncate(cost / abs(whole), PRICE_PLACES))
            continue
        closed = min(abs(held), fill.amount)
        sign = 1 if held > ZERO else -1
        realised += truncate(closed * (fill.price - entry) * sign, MONEY_PLACES)
        holdings[fill.market] = (whole, entry if held * whole > ZERO else fill.price)
    return realised


def make_receipt(deposit: Decimal, fills: Iterable[Fill], returned: Decimal) -> AccountReceipt:
    """Return the receipt of an account from its fills, oldest first."""
    fills = list(fills)
    fees = sum((fill.fee for fill in fills), ZERO)
    return AccountReceipt(deposit, realised_pnl(fills), fees, returned)
