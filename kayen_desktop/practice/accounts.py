"""One channel's side of the exchange: its orders, its trades and what they lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, plain, truncate
from kayen_desktop.domain.margin import MarginBalance
from kayen_desktop.domain.orders import OrderState, Side

from .channels import MarginChannel
from .orders import PRICE_PLACES, RestingOrder
from .settings import MarketSpec
from .zones import zones_of


@dataclass(frozen=True, slots=True)
class AccountTrade:
    """One execution as its owner sees it; ``order`` is the owner's."""

    trade_id: int
    market: str
    price: Decimal
    amount: Decimal
    total: Decimal
    order: RestingOrder
    taker_side: Side
    fee: Decimal
    fee_currency: str
    at_s: int


@dataclass(slots=True)
class _Resting:
    """What rests on one side of one market: amounts in base, value in quote."""

    amount: Decimal = ZERO
    value: Decimal = ZERO


@dataclass(slots=True)
class TradingAccount:
    """A channel's orders by uuid, its trades oldest first, and what it has in use.

    Decision: an open order locks only what it could add to the exposure. The part that would
    reduce a position needs no margin, or a trader at the limit could not get out.
    """

    channel: MarginChannel
    markets: dict[str, MarketSpec]
    leverage: int
    orders: dict[str, RestingOrder] = field(default_factory=dict)
    trades: list[AccountTrade] = field(default_factory=list)
    _resting: dict[tuple[str, Side], _Resting] = field(default_factory=dict)
    _remaining: dict[str, Decimal] = field(default_factory=dict)

    def note(self, order: RestingOrder) -> None:
        """Count an order's change into what rests; O(1)."""
        limit = order.limit
        rests = order.remaining if order.state is OrderState.WAIT else ZERO
        change = rests - self._remaining.pop(order.uuid, ZERO)
        if limit is None or not (change or rests):
            return
        if rests:
            self._remaining[order.uuid] = rests
        resting = self._resting.setdefault((order.market, order.side), _Resting())
        resting.amount += change
        resting.value += change * limit

    def reducible(self, symbol: str, side: Side) -> Decimal:
        """Return how much of a position an order of this side could close."""
        position = self.channel.positions.get(self.markets[symbol].name)
        return position.amount if position is not None and position.side is not side else ZERO

    def balance(self) -> MarginBalance:
        """Return the account at a glance; ``locked`` is margin in use, in quote (YIP-0003)."""
        locked = ZERO
        for name, position in self.channel.positions.items():
            locked += position.cost / self._leverage_of(name)
        for (symbol, side), resting in self._resting.items():
            excess = resting.amount - self.reducible(symbol, side)
            if resting.amount and excess > ZERO:
                value = resting.value * excess / resting.amount
                locked += value / self.markets[symbol].leverage
        locked = truncate(locked, PRICE_PLACES)
        equity = self.channel.equity
        return MarginBalance(equity, locked, equity - locked, Decimal(self.leverage))

    def _leverage_of(self, name: str) -> int:
        return next(m.leverage for m in self.markets.values() if m.name == name)

    def added(self, symbol: str, side: Side, amount: Decimal) -> Decimal:
        """Return the part of a trade that would add exposure, in base."""
        return max(ZERO, amount - self.reducible(symbol, side))

    def _added_by(self, order: RestingOrder) -> Decimal:
        amount = order.remaining
        resting = self._resting.get((order.market, order.side))
        if order.limit is not None and resting is not None:
            # What already rests on this side has first call on the position it would close.
            amount += min(resting.amount, self.reducible(order.market, order.side))
        return self.added(order.market, order.side, amount)

    def close_only(self, order: RestingOrder) -> str | None:
        """Return why an order may not add to the exposure now, or None (YIP-0006)."""
        zones = zones_of(self.channel)
        if zones.is_green or not self._added_by(order):
            return None
        return (
            f"could not create order: {zones.words}, only orders that reduce a position are taken"
        )

    def adding(self) -> tuple[RestingOrder, ...]:
        """Return the resting orders that would add exposure; the oldest may still reduce."""
        kept: dict[tuple[str, Side], Decimal] = {}
        adding: list[RestingOrder] = []
        for order in self.orders.values():
            if order.state is not OrderState.WAIT:
                continue
            key = (order.market, order.side)
            amount = kept.get(key, ZERO) + order.remaining
            if self.added(order.market, order.side, amount):
                adding.append(order)
            else:
                kept[key] = amount
        return tuple(adding)

    def lacks(self, market: MarketSpec, value: Decimal) -> str | None:
        """Return why the account can't carry more value in a market, or None (YIP-0003)."""
        required = truncate(value, PRICE_PLACES)
        power = max(ZERO, self.balance().available * market.leverage)
        if required <= power:
            return None
        has = f"{plain(power)} {market.quote}"
        return (
            f"({market.quote}) balance in cache: {plain(power)}, required to lock an order: "
            f"{plain(required)}, error: not enough funds: {has}"
        )

    def shortfall(self, order: RestingOrder, value: Decimal) -> str | None:
        """Return why the account can't carry an order of this value, or None (YIP-0003)."""
        added = self._added_by(order)
        if not added:
            return None
        return self.lacks(self.markets[order.market], value * added / order.remaining)

    def listed(self, symbol: str, states: frozenset[OrderState]) -> list[RestingOrder]:
        """Return orders newest first; an empty symbol or set of states means any."""
        return [
            order
            for order in reversed(self.orders.values())
            if (not symbol or order.market == symbol) and (not states or order.state in states)
        ]
