"""The crowd that keeps the practice markets alive: one maker and many takers, all from a seed.

The same seed and the same steps give the same orders; time plays no part. Floats shape the
crowd's wishes only: every price becomes a whole tick and every amount a decimal before it is
an order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Protocol

from kayen_desktop.domain.amounts import truncate
from kayen_desktop.domain.orders import OrderType, Side

from .matching import MatchingEngine
from .settings import MarketSpec

MAKER_ACCOUNT = "maker"
TAKER_ACCOUNT = "taker"
DEPTH = 24

_SECONDS_A_YEAR = 365 * 86400
_STEP_S = 0.3
_PULL = _STEP_S / (6 * 3600)
_TAKER_SHARE = 0.3
_CHANGE_SHARE = 0.35
_TOP_NOTIONAL = 3000.0
_MAX_LEVEL_STEP = 4


@dataclass(frozen=True, slots=True)
class Temperament:
    """How one market behaves: yearly volatility, and half its spread in basis points."""

    volatility: float
    half_spread_bps: float


_TEMPERAMENTS = {
    "BTC": Temperament(0.55, 0.4),
    "WBTC": Temperament(0.55, 0.8),
    "ETH": Temperament(0.65, 0.5),
    "USDT": Temperament(0.01, 0.6),
    "BNB": Temperament(0.6, 0.9),
    "SOL": Temperament(0.85, 0.9),
    "UNI": Temperament(0.9, 2.0),
    "PEPE": Temperament(2.4, 2.5),
    "SHIB": Temperament(1.0, 2.0),
    "FLOKI": Temperament(1.3, 3.0),
}
_USUAL = Temperament(1.1, 3.5)


def temperament_of(market: MarketSpec) -> Temperament:
    """Return how a market behaves."""
    return _TEMPERAMENTS.get(market.base.upper(), _USUAL)


class Venue(Protocol):
    """What the crowd needs of an exchange."""

    def place_house_order(
        self,
        engine: MatchingEngine,
        account: str,
        side: Side,
        order_type: OrderType,
        amount: Decimal,
        price: Decimal | None,
    ) -> int:
        """Place an order of the venue's own and return its id."""
        ...

    def cancel_house_order(self, engine: MatchingEngine, order_id: int) -> None:
        """Cancel one."""
        ...


@dataclass(slots=True)
class _Quotes:
    """The maker's resting orders of one market, by tick."""

    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)

    def of(self, side: Side) -> dict[int, int]:
        return self.bids if side is Side.BUY else self.asks


class MarketMaker:
    """The crowd of one market: a fair price that wanders, a ladder around it, and takers."""

    def __init__(self, engine: MatchingEngine, venue: Venue, seed: int) -> None:
        market = engine.market
        self._engine = engine
        self._venue = venue
        self._random = Random(f"{seed}/{market.symbol}/crowd")
        self._temperament = temperament_of(market)
        self._tick = market.tick
        self._tick_float = float(market.tick)
        self._anchor = float(market.reference_price)
        self._fair = self._anchor
        self._quotes = _Quotes()
        self._sigma = self._temperament.volatility * math.sqrt(_STEP_S / _SECONDS_A_YEAR)

    def build(self) -> None:
        """Place the whole ladder; a millisecond or two."""
        self._requote()
        for side in Side:
            for _ in range(DEPTH - len(self._quotes.of(side))):
                self._extend(side)

    def step(self) -> None:
        """Let one thing happen: the fair price moves, then quotes follow or a taker comes."""
        random = self._random
        pull = math.log(self._anchor / self._fair) * _PULL
        self._fair *= math.exp(pull + random.gauss(0, self._sigma))
        if random.random() < _TAKER_SHARE:
            self._take()
        else:
            self._requote()
            for side in Side:
                self._trim(side)
            if random.random() < _CHANGE_SHARE:
                self._change_one()

    def set_fair_price(self, price: Decimal) -> None:
        """Move the market to a price at once, quotes and all."""
        self._fair = self._anchor = max(float(price), self._tick_float)
        for side in Side:
            for tick in tuple(self._quotes.of(side)):
                self._withdraw(side, tick)
        self.build()

    def _tops(self) -> tuple[int, int]:
        half = self._fair * self._temperament.half_spread_bps / 10_000
        bid = max(1, math.floor((self._fair - half) / self._tick_float))
        ask = math.ceil((self._fair + half) / self._tick_float)
        return bid, max(ask, bid + 1)

    def _requote(self) -> None:
        bid, ask = self._tops()
        for tick in [tick for tick in self._quotes.bids if tick > bid]:
            self._withdraw(Side.BUY, tick)
        for tick in [tick for tick in self._quotes.asks if tick < ask]:
            self._withdraw(Side.SELL, tick)
        self._forget_filled()
        self._quote(Side.BUY, bid)
        self._quote(Side.SELL, ask)

    def _forget_filled(self) -> None:
        for side in Side:
            quotes = self._quotes.of(side)
            for tick in [t for t, i in quotes.items() if self._engine.order(i) is None]:
                del quotes[tick]

    def _quote(self, side: Side, tick: int) -> None:
        quotes = self._quotes.of(side)
        if tick in quotes or tick < 1:
            return
        price = self._tick * tick
        # Further out stands more: near the middle a quote is likely to be hit.
        distance = abs(tick * self._tick_float / self._fair - 1) * 10_000
        scale = 1 + min(distance / 8, 4)
        amount = self._amount(_TOP_NOTIONAL * scale * self._random.lognormvariate(0, 0.7))
        order_id = self._venue.place_house_order(
            self._engine, MAKER_ACCOUNT, side, OrderType.LIMIT, amount, price
        )
        if self._engine.order(order_id) is not None:
            quotes[tick] = order_id

    def _withdraw(self, side: Side, tick: int) -> None:
        self._venue.cancel_house_order(self._engine, self._quotes.of(side).pop(tick))

    def _extend(self, side: Side) -> None:
        quotes = self._quotes.of(side)
        spacing = max(1, round(self._fair * 0.8 / 10_000 / self._tick_float))
        step = max(1, round(spacing * self._random.uniform(0.4, _MAX_LEVEL_STEP / 2)))
        if side is Side.BUY:
            tick = min(quotes, default=self._tops()[0] + 1) - step
        else:
            tick = max(quotes, default=self._tops()[1] - 1) + step
        self._quote(side, tick)

    def _trim(self, side: Side) -> None:
        quotes = self._quotes.of(side)
        if len(quotes) > DEPTH:
            self._withdraw(side, min(quotes) if side is Side.BUY else max(quotes))
        elif len(quotes) < DEPTH:
            self._extend(side)

    def _change_one(self) -> None:
        side = self._random.choice((Side.BUY, Side.SELL))
        quotes = self._quotes.of(side)
        if quotes:
            tick = self._random.choice(tuple(quotes))
            self._withdraw(side, tick)
            self._quote(side, tick)

    def _take(self) -> None:
        # Takers lean to the side on which the book has fallen behind the fair price.
        lean = 0.5 + 0.3 * math.tanh((self._fair / float(self._engine.mark_price) - 1) * 3000)
        side = Side.BUY if self._random.random() < lean else Side.SELL
        amount = self._amount(_TOP_NOTIONAL * 0.15 * self._random.lognormvariate(0, 1))
        self._venue.place_house_order(
            self._engine, TAKER_ACCOUNT, side, OrderType.MARKET, amount, None
        )

    def _amount(self, notional: float) -> Decimal:
        market = self._engine.market
        # About four digits below one dollar's worth: nobody quotes a fraction of a PEPE.
        places = max(0, min(market.amount_precision, round(math.log10(self._fair)) + 4))
        amount = truncate(Decimal(f"{notional / self._fair:.12f}"), places)
        return max(amount, market.min_amount)
