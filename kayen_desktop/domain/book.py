"""The order book of one market: levels by price, and what an order would fetch from it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .amounts import ZERO
from .orders import Side


@dataclass(frozen=True, slots=True)
class Level:
    """One price of the book and the amount resting there, in base; zero means the level is gone."""

    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FillEstimate:
    """What taking an amount from the book would come to.

    ``amount`` base taken, ``total`` quote paid or got, ``worst_price`` the last level touched;
    ``is_complete`` is False where the book is too thin for the whole amount.
    """

    amount: Decimal
    total: Decimal
    worst_price: Decimal | None
    is_complete: bool

    @property
    def average_price(self) -> Decimal | None:
        """The price paid over all, where anything would be taken."""
        return self.total / self.amount if self.amount else None


# More levels on one side than any exchange shows; keeping them in order would take too long.
MAX_LEVELS = 20_000


class _Levels:
    """One side of the book: a dictionary for amounts and one sorted list of its prices."""

    def __init__(self) -> None:
        self.amounts: dict[Decimal, Decimal] = {}
        self.prices: list[Decimal] = []

    def replace(self, levels: Iterable[Level]) -> None:
        last = {level.price: level.amount for level in levels}
        self.amounts = {price: amount for price, amount in last.items() if amount > ZERO}
        self.prices = sorted(self.amounts)

    def put(self, level: Level) -> None:
        if level.amount > ZERO:
            if level.price not in self.amounts:
                insort(self.prices, level.price)
            self.amounts[level.price] = level.amount
        elif self.amounts.pop(level.price, None) is not None:
            del self.prices[bisect_left(self.prices, level.price)]


class OrderBook:
    """The resting orders of one market, aggregated by price; equal prices are one level."""

    def __init__(self) -> None:
        self._asks = _Levels()
        self._bids = _Levels()

    def replace(self, asks: Iterable[Level], bids: Iterable[Level]) -> None:
        """Forget everything and hold these levels; the last word on a price wins."""
        self._asks.replace(asks)
        self._bids.replace(bids)

    def update(self, asks: Iterable[Level], bids: Iterable[Level]) -> None:
        """Set the named levels to their new amounts; zero removes, unknown or not."""
        for level in asks:
            self._asks.put(level)
        for level in bids:
            self._bids.put(level)

    @property
    def best_ask(self) -> Decimal | None:
        """The lowest price somebody sells at."""
        return self._asks.prices[0] if self._asks.prices else None

    @property
    def best_bid(self) -> Decimal | None:
        """The highest price somebody buys at."""
        return self._bids.prices[-1] if self._bids.prices else None

    @property
    def mid(self) -> Decimal | None:
        """Halfway between the best prices, where both sides have one."""
        if self.best_ask is None or self.best_bid is None:
            return None
        return (self.best_ask + self.best_bid) / 2

    @property
    def is_crossed(self) -> bool:
        """True where the best bid meets the best ask: the book can't be right (§2.7)."""
        if self.best_ask is None or self.best_bid is None:
            return False
        return self.best_bid >= self.best_ask

    @property
    def is_overgrown(self) -> bool:
        """True where a side has more levels than can be kept in order in time."""
        return max(len(self._asks.prices), len(self._bids.prices)) > MAX_LEVELS

    def asks(self, depth: int | None = None) -> list[Level]:
        """Return the asks, best (lowest) first."""
        prices = self._asks.prices[:depth]
        return [Level(price, self._asks.amounts[price]) for price in prices]

    def bids(self, depth: int | None = None) -> list[Level]:
        """Return the bids, best (highest) first."""
        prices = (
            self._bids.prices[: -depth - 1 : -1]
            if depth is not None
            else reversed(self._bids.prices)
        )
        return [Level(price, self._bids.amounts[price]) for price in prices]

    def estimate(self, side: Side, amount: Decimal, limit: Decimal | None = None) -> FillEstimate:
        """Return what taking the amount (base) would come to now, at prices within the limit."""
        taken = total = ZERO
        worst: Decimal | None = None
        for level in self._against(side):
            if taken >= amount or (limit is not None and _is_beyond(side, level.price, limit)):
                break
            part = min(level.amount, amount - taken)
            taken += part
            total += part * level.price
            worst = level.price
        return FillEstimate(taken, total, worst, is_complete=taken >= amount)

    def amount_for(self, side: Side, total: Decimal) -> Decimal:
        """Return the amount (base) that spending or getting the total (quote) at market comes to.

        Where the book is too thin the rest is counted at its worst price; with no book it is zero.
        """
        amount = ZERO
        left = total
        price = ZERO
        for level in self._against(side):
            price = level.price
            value = level.amount * price
            if value >= left:
                return amount + left / price
            amount += level.amount
            left -= value
        return amount + left / price if price else ZERO

    def _against(self, side: Side) -> Iterator[Level]:
        """Yield what somebody on this side would take, best first, as far as it is asked for."""
        levels = self._asks if side is Side.BUY else self._bids
        prices = levels.prices if side is Side.BUY else reversed(levels.prices)
        for price in prices:
            yield Level(price, levels.amounts[price])


def _is_beyond(side: Side, price: Decimal, limit: Decimal) -> bool:
    """Return whether the price is worse than the limit for somebody on this side."""
    return price > limit if side is Side.BUY else price < limit
