"""One market's resting orders, in price order and, within a price, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sortedcontainers import SortedDict

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.orders import Side

from .orders import RestingOrder


class Level:
    """All orders at one price, oldest first, and the amount they add up to."""

    __slots__ = ("orders", "total")

    def __init__(self) -> None:
        self.orders: dict[int, RestingOrder] = {}
        self.total = ZERO


class BookSide:
    """One side of a book: best price first, O(log n) to place, cancel and find the best."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._levels: SortedDict[Decimal, Level] = SortedDict()
        self._best_index = -1 if side is Side.BUY else 0

    def __len__(self) -> int:
        return len(self._levels)

    @property
    def best(self) -> Decimal | None:
        """The best price, or None on an empty side."""
        if not self._levels:
            return None
        price: Decimal = self._levels.keys()[self._best_index]
        return price

    def first(self) -> RestingOrder | None:
        """Return the order that trades next."""
        if not self._levels:
            return None
        level: Level = self._levels.values()[self._best_index]
        return next(iter(level.orders.values()))

    def reaches(self, price: Decimal | None) -> bool:
        """Return whether the best price is good enough for an order with this limit."""
        best = self.best
        if best is None:
            return False
        if price is None:
            return True
        return best >= price if self.side is Side.BUY else best <= price

    def amount_at(self, price: Decimal) -> Decimal:
        """Return the whole amount resting at a price."""
        level: Level | None = self._levels.get(price)
        return level.total if level is not None else ZERO

    def holds(self, order: RestingOrder, price: Decimal) -> bool:
        """Return whether the order rests here."""
        level: Level | None = self._levels.get(price)
        return level is not None and order.order_id in level.orders

    def levels(self) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield (price, amount), best first."""
        for price in self._prices():
            yield price, self._levels[price].total

    def orders(self) -> Iterator[RestingOrder]:
        """Yield the orders in the sequence in which they would trade."""
        for price in self._prices():
            level: Level = self._levels[price]
            yield from level.orders.values()

    def _prices(self) -> Iterator[Decimal]:
        return reversed(self._levels) if self.side is Side.BUY else iter(self._levels)

    def add(self, order: RestingOrder, price: Decimal) -> None:
        """Put an order last in its price's queue."""
        level: Level | None = self._levels.get(price)
        if level is None:
            level = self._levels[price] = Level()
        level.orders[order.order_id] = order
        level.total += order.remaining

    def take(self, order: RestingOrder, price: Decimal, amount: Decimal) -> None:
        """Lower a resting order by a filled amount; it leaves the book when nothing is left."""
        level: Level = self._levels[price]
        order.remaining -= amount
        level.total -= amount
        if not order.remaining:
            self._drop(order, price, level)

    def remove(self, order: RestingOrder, price: Decimal) -> None:
        """Take an order out with whatever it has left."""
        level: Level = self._levels[price]
        level.total -= order.remaining
        self._drop(order, price, level)

    def _drop(self, order: RestingOrder, price: Decimal, level: Level) -> None:
        del level.orders[order.order_id]
        if not level.orders:
            del self._levels[price]
