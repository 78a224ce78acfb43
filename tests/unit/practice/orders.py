"""Orders and markets for the tests of the practice exchange."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import count

from kayen_desktop.domain.orders import OrderType, Side
from kayen_desktop.practice.matching import AffordCheck, MatchingEngine
from kayen_desktop.practice.orders import (
    Accepted,
    Cancelled,
    EngineEvent,
    Rejected,
    RestingOrder,
    Traded,
    TradePrint,
    Updated,
)
from kayen_desktop.practice.settings import MarketSpec, load_markets

NOW_S = 1_718_000_000
MARKET = replace(
    next(market for market in load_markets() if market.symbol == "ethusd"),
    amount_precision=2,
    price_precision=1,
    min_amount=Decimal("0.01"),
    reference_price=Decimal(100),
)
_ids = count(1)
_NAMES = {Accepted: "on", Updated: "ou", Cancelled: "oc", Rejected: "or", Traded: "tr"}


def make_engine(
    market: MarketSpec = MARKET, can_afford: AffordCheck | None = None
) -> MatchingEngine:
    numbers = count(1)
    if can_afford is None:
        return MatchingEngine(market, lambda: next(numbers))
    return MatchingEngine(market, lambda: next(numbers), can_afford)


def make_order(
    side: Side,
    amount: str | Decimal,
    price: str | Decimal | None = None,
    order_type: OrderType = OrderType.LIMIT,
    account: str = "alice",
    trigger: str | None = None,
) -> RestingOrder:
    number = next(_ids)
    return RestingOrder(
        order_id=number,
        uuid=f"uuid-{number}",
        market=MARKET.symbol,
        account=account,
        side=side,
        order_type=order_type,
        price=None if price is None else Decimal(price),
        trigger_price=None if trigger is None else Decimal(trigger),
        original=Decimal(amount),
        remaining=Decimal(amount),
        created_at_s=NOW_S,
    )


def names(events: list[EngineEvent]) -> list[str]:
    return [_NAMES[type(event)] for event in events]


def trades(events: list[EngineEvent]) -> list[TradePrint]:
    return [event.trade for event in events if isinstance(event, Traded)]
