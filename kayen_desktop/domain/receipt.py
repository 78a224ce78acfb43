"""What a margin account came to: deposit, results and fees against what came back.

Decision: what settled positions came to was paid to the wallet (domain/settlement.py), so it is no
part of this sum: their holding ends without a result, and later fills of the market start anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .amounts import MONEY_PLACES, PRICE_PLACES, ZERO, truncate
from .fills import Fill
from .settlement import SettlementRun


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


def realised_pnl(fills: Iterable[Fill], runs: Iterable[SettlementRun] = ()) -> Decimal:
    """Return the profit or loss that the fills, oldest first, have realised in the account.

    Fees and what the account's settlements (``runs``) paid to the wallet stand apart. Each
    market's entry is the average of what was added; every fill that reduces realises its part,
    cut to six places as the clearing house cuts it.
    """
    fills = list(fills)
    settled = _settled_before(fills, runs)
    realised = ZERO
    holdings: dict[str, tuple[Decimal, Decimal]] = {}
    for place, fill in enumerate(fills):
        for market in settled.get(place, ()):
            holdings.pop(market, None)
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


def settled_result(runs: Iterable[SettlementRun]) -> Decimal | None:
    """Return what the account's settlements paid to the wallet; None where none was paid.

    A loss is negative: it was taken from the wallet. Cut to six places, position by position, as
    the clearing house cuts it.
    """
    paid = [run for run in runs if run.is_paid]
    if not paid:
        return None
    return sum(
        (
            truncate(each.pnl, MONEY_PLACES)
            for run in paid
            for each in run.positions
            if each.pnl is not None
        ),
        ZERO,
    )


def make_receipt(
    deposit: Decimal,
    fills: Iterable[Fill],
    returned: Decimal,
    runs: Iterable[SettlementRun] = (),
) -> AccountReceipt:
    """Return the receipt of an account from its fills, oldest first, and its settlements."""
    fills = list(fills)
    fees = sum((fill.fee for fill in fills), ZERO)
    return AccountReceipt(deposit, realised_pnl(fills, runs), fees, returned)


def _settled_before(fills: Sequence[Fill], runs: Iterable[SettlementRun]) -> dict[int, list[str]]:
    """Return the markets that were settled before a fill, by the fill's place in the list.

    A settlement whose last fill is not among them ends what was executed before it was asked for.
    """
    places = {fill.fill_id: place for place, fill in enumerate(fills)}
    settled: dict[int, list[str]] = {}
    for run in runs:
        if not run.is_paid:
            continue
        last = places.get(run.last_fill_id)
        if last is None:
            last = -1
            for place, fill in enumerate(fills):
                if fill.executed_at <= run.requested_at:
                    last = place
        settled.setdefault(last + 1, []).extend(run.markets)
    return settled
