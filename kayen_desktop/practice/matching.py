"""Price-time priority matching for one market; pure, without clock, socket or account.

Decision: an order that would meet a resting order of the same account cancels the resting one
(cancel-oldest) and matches on: the newest wish is the one the trader holds now. Refusing the
new order instead would let a forgotten order block an urgent close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from decimal import Decimal

from sortedcontainers import SortedList

from kayen_desktop.domain.amounts import ZERO, decimal_places
from kayen_desktop.domain.orders import OrderState, OrderType, Side

from .book import BookSide
from .orders import (
    Accepted,
    Cancelled,
    EngineEvent,
    Rejected,
    RestingOrder,
    Traded,
    TradePrint,
    Updated,
)
from .settings import MarketSpec

# Given an order and the quote value it may come to, return why it can't be afforded, or None.
AffordCheck = Callable[[RestingOrder, Decimal], str | None]

_STOPS = (OrderType.STOP_LOSS, OrderType.STOP_LIMIT)
_MARKETABLE = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)


def _afford_anything(_order: RestingOrder, _value: Decimal) -> str | None:
    return None


class MatchingEngine:
    """One market's book, its sleeping trigger orders and its last price.

    Each call returns what happened, in the order in which the wire tells it: accepted, then
    updated, then the trades. ``dirty`` collects the (side, price) levels that changed since it
    was last cleared.
    """

    def __init__(
        self,
        market: MarketSpec,
        next_trade_id: Callable[[], int],
        can_afford: AffordCheck = _afford_anything,
    ) -> None:
        self.market = market
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)
        self.last_price = market.reference_price
        self.dirty: set[tuple[Side, Decimal]] = set()
        self._next_trade_id = next_trade_id
        self._can_afford = can_afford
        self._live: dict[int, RestingOrder] = {}
        # Sleeping orders as (trigger price, id): those woken by a rise, and those by a fall.
        self._on_rise: SortedList[tuple[Decimal, int]] = SortedList()
        self._on_fall: SortedList[tuple[Decimal, int]] = SortedList()

    @property
    def mark_price(self) -> Decimal:
        """The middle of the best bid and ask, or the last price where a side is empty."""
        bid, ask = self.bids.best, self.asks.best
        return self.last_price if bid is None or ask is None else (bid + ask) / 2

    def side(self, side: Side) -> BookSide:
        """Return the bids or the asks."""
        return self.bids if side is Side.BUY else self.asks

    def order(self, order_id: int) -> RestingOrder | None:
        """Return a live order."""
        return self._live.get(order_id)

    def live_orders(self) -> Iterator[RestingOrder]:
        """Yield every live order, sleeping ones too, oldest first."""
        return iter(self._live.values())

    def place(self, order: RestingOrder, at_s: int) -> list[EngineEvent]:
        """Take a new order, match it, and wake what its trades wake."""
        events: list[EngineEvent] = []
        order.reason = self._problem(order) or ""
        if order.reason:
            order.state = OrderState.REJECT
            self._tell(events, Rejected, order)
            return events
        if order.order_type.has_trigger:
            self._sleep(order, events)
        else:
            self._execute(order, at_s, events, is_new=True)
        self._wake(at_s, events)
        return events

    def cancel(self, order_id: int) -> list[EngineEvent]:
        """Take a live order out; nothing happens where it is not live."""
        order = self._live.get(order_id)
        events: list[EngineEvent] = []
        if order is not None:
            self._cancel(order, events)
        return events

    def estimate(self, order: RestingOrder) -> Decimal:
        """Return the quote value an order would come to at its limit or on today's book."""
        if order.limit is not None:
            return order.remaining * order.limit
        value, left = ZERO, order.remaining
        for price, amount in self.side(order.side.opposite).levels():
            part = min(left, amount)
            value += part * price
            left -= part
            if not left:
                break
        return value

    def _problem(self, order: RestingOrder) -> str | None:
        market = self.market
        if order.original <= ZERO:
            return "could not create order: amount must be greater than zero"
        if decimal_places(order.original) > market.amount_precision:
            return f"could not create order: amount precision is {market.amount_precision}"
        if order.original < market.min_amount and not order.may_be_small:
            return f"could not create order: minimum amount is {market.min_amount:f}"
        if (text := self._price_problem("price", order.limit, order.order_type.has_price)) or (
            text := self._price_problem(
                "trigger price", order.trigger_price, order.order_type.has_trigger
            )
        ):
            return text
        if order.order_type.has_trigger:
            return None
        if order.order_type is OrderType.POST_ONLY and self._crosses(order):
            return "could not create order: post-only order would match at once"
        return self._can_afford(order, self.estimate(order))

    def _price_problem(self, name: str, price: Decimal | None, is_needed: bool) -> str | None:
        if not is_needed:
            return None
        if price is None or price <= ZERO:
            return f"could not create order: {name} must be greater than zero"
        if decimal_places(price) > self.market.price_precision:
            return f"could not create order: {name} precision is {self.market.price_precision}"
        return None

    def _crosses(self, order: RestingOrder) -> bool:
        return self.side(order.side.opposite).reaches(order.limit)

    def _execute(
        self, order: RestingOrder, at_s: int, events: list[EngineEvent], *, is_new: bool
    ) -> None:
        order.state = OrderState.WAIT
        self._live[order.order_id] = order
        self._tell(events, Accepted if is_new else Updated, order)
        if order.order_type is OrderType.FILL_OR_KILL and not self._fills_whole(order):
            self._cancel(order, events)
            return
        trades = self._match(order, at_s, events)
        if not order.remaining:
            order.state = OrderState.DONE
            del self._live[order.order_id]
        if trades:
            self._tell(events, Updated, order)
            for trade in trades:
                self._tell(events, Updated, trade.maker)
                events.append(Traded(trade))
        if not order.remaining:
            return
        if order.order_type in _MARKETABLE or order.is_capped:
            self._cancel(order, events)
        else:
            self._rest(order)

    def _match(self, order: RestingOrder, at_s: int, events: list[EngineEvent]) -> list[TradePrint]:
        other_side = self.side(order.side.opposite)
        limit = order.limit
        trades: list[TradePrint] = []
        while order.remaining and not order.is_capped and other_side.reaches(limit):
            maker = other_side.first()
            if maker is None or maker.price is None:
                break
            if maker.account == order.account:
                self._cancel(maker, events)
                continue
            trades.append(self._trade(maker, order, maker.price, at_s))
        return trades

    def _trade(
        self, maker: RestingOrder, taker: RestingOrder, price: Decimal, at_s: int
    ) -> TradePrint:
        amount = min(maker.remaining, taker.fillable)
        total = amount * price
        self.side(maker.side).take(maker, price, amount)
        taker.remaining -= amount
        for order in (maker, taker):
            order.executed_value += total
            order.trades_count += 1
        if not maker.remaining:
            maker.state = OrderState.DONE
            del self._live[maker.order_id]
        self.dirty.add((maker.side, price))
        self.last_price = price
        return TradePrint(
            self._next_trade_id(), self.market.symbol, price, amount, total, maker, taker, at_s
        )

    def _fills_whole(self, order: RestingOrder) -> bool:
        left = order.remaining
        for resting in self.side(order.side.opposite).orders():
            if resting.price is None or not self._is_within(order, resting.price):
                return False
            if resting.account == order.account:
                continue
            left -= resting.remaining
            if left <= ZERO:
                return True
        return False

    @staticmethod
    def _is_within(order: RestingOrder, price: Decimal) -> bool:
        limit = order.limit
        if limit is None:
            return True
        return price <= limit if order.side is Side.BUY else price >= limit

    def _rest(self, order: RestingOrder) -> None:
        if order.price is None:
            raise ValueError("only an order with a price can rest in a book")
        self.side(order.side).add(order, order.price)
        self.dirty.add((order.side, order.price))

    def _cancel(self, order: RestingOrder, events: list[EngineEvent]) -> None:
        del self._live[order.order_id]
        if order.state is OrderState.TRIGGER_WAIT:
            self._sleepers(order).remove(_wake_key(order))
            order.state = OrderState.TRIGGER_CANCEL
        else:
            side = self.side(order.side)
            if order.price is not None and side.holds(order, order.price):
                side.remove(order, order.price)
                self.dirty.add((order.side, order.price))
            order.state = OrderState.CANCEL
        self._tell(events, Cancelled, order)

    def _sleepers(self, order: RestingOrder) -> SortedList[tuple[Decimal, int]]:
        # A stop guards against the market running away; a target waits for it to come.
        is_stop = order.order_type in _STOPS
        return self._on_rise if is_stop is (order.side is Side.BUY) else self._on_fall

    def _sleep(self, order: RestingOrder, events: list[EngineEvent]) -> None:
        order.state = OrderState.TRIGGER_WAIT
        self._live[order.order_id] = order
        self._sleepers(order).add(_wake_key(order))
        self._tell(events, Accepted, order)

    def _next_woken(self) -> RestingOrder | None:
        if self._on_rise and self._on_rise[0][0] <= self.last_price:
            return self._live[self._on_rise.pop(0)[1]]
        if self._on_fall and self._on_fall[-1][0] >= self.last_price:
            return self._live[self._on_fall.pop(-1)[1]]
        return None

    def _wake(self, at_s: int, events: list[EngineEvent]) -> None:
        while (order := self._next_woken()) is not None:
            del self._live[order.order_id]
            order.reason = self._can_afford(order, self.estimate(order)) or ""
            if order.reason:
                order.state = OrderState.TRIGGER_REJECT
                self._tell(events, Rejected, order)
            else:
                self._execute(order, at_s, events, is_new=False)

    @staticmethod
    def _tell(
        events: list[EngineEvent],
        kind: type[Accepted | Updated | Cancelled | Rejected],
        order: RestingOrder,
    ) -> None:
        # Orders go on changing, so an event carries the order as it was at that moment.
        if not order.is_house:
            events.append(kind(copy(order)))


def _wake_key(order: RestingOrder) -> tuple[Decimal, int]:
    """Return where a sleeping order stands among the others: by trigger, then by age."""
    if order.trigger_price is None:
        raise ValueError("only an order with a trigger can sleep")
    return order.trigger_price, order.order_id
