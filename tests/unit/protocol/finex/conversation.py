"""How the tests talk: a protocol brought to a known point, and frames told to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kayen_desktop.domain.events import OrderUpdated, Severity, VenueNotified
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.protocol.finex import Dialect, FinexProtocol
from kayen_desktop.protocol.outputs import Dropped, Output

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
MARKETS = [
    3,
    "markets",
    [["pepeusd", "spot", "pepe", "usd", 10], ["btcusd", "spot", "btc", "usd", "10"]],
]
UUID = "d1b08171-5e72-467d-bf9e-8125afc954e2"
OTHER_UUID = "e65d22cd-fb5b-448b-a50a-35f800b6756c"
NIL_UUID = "00000000-0000-0000-0000-000000000000"
CREATED_AT = datetime(2022, 6, 6, 11, 47, 31, tzinfo=UTC)
CREATED_TS = 1654516051
BUY = OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal("108506.94444444"))


def tell(protocol: FinexProtocol, value: Any, now: datetime = NOW) -> list[Output]:
    """Receive one JSON value as a compact frame."""
    return protocol.receive(json.dumps(value, separators=(",", ":")), now)


def connected(dialect: Dialect = Dialect.KAYEN) -> FinexProtocol:
    """Return a connected protocol that knows the two markets."""
    protocol = FinexProtocol(dialect=dialect)
    protocol.connect()
    tell(protocol, MARKETS)
    return protocol


def signed_in(dialect: Dialect = Dialect.KAYEN) -> FinexProtocol:
    """Return a protocol that is signed in under request 1 and has nothing to send."""
    protocol = connected(dialect)
    protocol.authenticate("token")
    tell(protocol, [2, 1, "auth", ["authenticated"]])
    protocol.frames_to_send()
    return protocol


def order_row(*tail: object, **changes: object) -> list[object]:
    """Return the thirteen elements of an order, with changes by field, and then a tail."""
    fields: dict[str, object] = {
        "market": "pepeusd",
        "id": 1676,
        "uuid": UUID,
        "side": "buy",
        "state": "w",
        "type": "l",
        "price": "0.00001152",
        "avg_price": "0",
        "remaining": "1000",
        "original": "1000",
        "executed": "0",
        "trades_count": 0,
        "created_at": CREATED_TS,
    }
    return [*(fields | changes).values(), *tail]


def fill_row(**changes: object) -> list[object]:
    """Return the twelve elements of a fill of ours, with changes by field."""
    fields: dict[str, object] = {
        "market": "pepeusd",
        "id": 172783,
        "price": "0.00001152",
        "amount": "1000",
        "total": "0.01152",
        "order_id": 1676,
        "order_uuid": UUID,
        "order_side": "buy",
        "taker_side": "sell",
        "fee": "0.00001",
        "fee_currency": "usd",
        "ts": "1654516051",
    }
    return list((fields | changes).values())


def an_order(**changes: Any) -> Order:
    """Return the domain order that ``order_row`` spells, with changes by field."""
    fields: dict[str, Any] = {
        "venue_order_id": UUID,
        "market": "PEPE/USD",
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "state": OrderState.WAIT,
        "amount": Decimal(1000),
        "remaining": Decimal(1000),
        "executed": Decimal(0),
        "price": Decimal("0.00001152"),
        "trigger_price": None,
        "average_price": None,
        "trades_count": 0,
        "created_at": CREATED_AT,
    }
    return Order(**(fields | changes))


def orders_in(outputs: list[Output]) -> list[Order]:
    """Return the orders told by the outputs."""
    return [output.order for output in outputs if isinstance(output, OrderUpdated)]


def reasons(outputs: list[Output]) -> list[str]:
    """Return why things were dropped."""
    return [output.reason for output in outputs if isinstance(output, Dropped)]


def loudly(sentence: str) -> list[Output]:
    """Return what a loud drop consists of."""
    return [Dropped(sentence), VenueNotified(Severity.WARNING, sentence)]
