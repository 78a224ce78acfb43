"""Trades made elsewhere: what may be recorded, and that it is booked like a fill without a fee."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kayen_desktop.domain.orders import Side
from kayen_desktop.practice.channels import ClientFill
from kayen_desktop.practice.exchange import FIRST_TRADE_ID
from kayen_desktop.practice.refusals import RefusalError

from .floor import BTC, PEPE, Floor
from .orders import NOW_S


@pytest.fixture
def floor() -> Floor:
    floor = Floor()
    floor.exchange.set_fair_price(PEPE, Decimal("0.0000115"))
    return floor


def trade_of(floor: Floor, **changes: Any) -> ClientFill:
    trade = ClientFill(
        external_id="desk-7",
        channel_id=floor.channel.channel_id,
        market=PEPE,
        side=Side.BUY,
        amount=Decimal(100_000),
        price=Decimal("0.0000115"),
        fee=Decimal(0),
        at_s=NOW_S,
        is_elsewhere=True,
    )
    return replace(trade, **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"external_id": str(FIRST_TRADE_ID)}, "trade not found"),
        ({"external_id": f"00{FIRST_TRADE_ID + 99}"}, "trade not found"),
        ({"external_id": "9" * 64}, "trade not found"),
        ({"external_id": "x" * 65}, "external_id is longer than 64 characters"),
        ({"market": "ETH/USD"}, "market ETH/USD not found"),
        ({"market": "pepeusd"}, "market pepeusd not found"),
        ({"amount": Decimal(0)}, "amount must be greater than zero"),
        ({"amount": Decimal(-1)}, "amount must be greater than zero"),
        ({"amount": Decimal("1e-20")}, "amount precision is 8"),
        ({"price": Decimal(0)}, "price must be greater than zero"),
        ({"price": Decimal("1e-20")}, "price precision is "),
        ({"price": Decimal("0.000014")}, "price is too far from the market"),
        ({"price": Decimal("0.000009")}, "price is too far from the market"),
        ({"at_s": NOW_S + 1}, "executed_at is in the future"),
        ({"at_s": -1}, "executed_at can't be negative"),
        ({"amount": Decimal(10_000_000)}, "not enough funds"),
        (
            {"amount": Decimal(4_000_000), "price": Decimal("0.0000136")},
            "margin would be orange after this trade",
        ),
        (
            {"amount": Decimal(5_000_000), "price": Decimal("0.0000093")},
            "the broker's margin would be red after this trade",
        ),
    ],
)
def test_a_trade_that_cannot_be_right_is_refused(
    floor: Floor, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RefusalError) as refusal:
        floor.elsewhere.check(floor.channel, trade_of(floor, **changes))
    assert reason in str(refusal.value)
    assert floor.channel.positions == {}


@pytest.mark.parametrize("external_id", ["desk-7", "1", str(FIRST_TRADE_ID - 1), "x" * 64, "٣"])
def test_any_other_id_will_do(floor: Floor, external_id: str) -> None:
    floor.elsewhere.check(floor.channel, trade_of(floor, external_id=external_id))


def test_a_trade_at_the_edge_of_what_is_allowed_is_taken(floor: Floor) -> None:
    mark = floor.exchange.mark_price(PEPE)
    for share in ("0.8", "1.2"):
        price = (mark * Decimal(share)).normalize()
        floor.elsewhere.check(floor.channel, trade_of(floor, price=price, at_s=0))


def test_it_is_booked_like_a_fill_without_a_fee(floor: Floor) -> None:
    floor.elsewhere_trade("a", Side.BUY, "100000", "0.0000115")
    position = floor.channel.positions[PEPE]
    assert (position.amount, position.entry_price) == (Decimal(100_000), Decimal("0.0000115"))
    assert floor.channel.initiator_balance == 10
    floor.elsewhere_trade("b", Side.SELL, "100000", "0.0000116")
    assert floor.channel.positions == {}
    assert floor.channel.initiator_balance == Decimal("10.01")
    floor.check_money()


def test_in_orange_only_what_reduces_is_recorded(floor: Floor) -> None:
    floor.trade(Side.BUY, "50")
    floor.move("-0.17")
    mark = floor.exchange.mark_price(PEPE).quantize(Decimal("1e-8"))
    with pytest.raises(RefusalError, match="margin is orange, only trades that reduce"):
        floor.elsewhere_trade("a", Side.BUY, "1000", str(mark))
    floor.elsewhere_trade("b", Side.SELL, "1000", str(mark))
    held = floor.channel.positions[PEPE].amount
    with pytest.raises(RefusalError, match="margin is orange"):
        floor.elsewhere_trade("c", Side.SELL, str(held + 1), str(mark))


def test_nothing_is_recorded_while_settling(floor: Floor) -> None:
    floor.trade(Side.BUY, "5", BTC)
    floor.responder.begin(floor.channel, [BTC])
    with pytest.raises(RefusalError, match="channel is settling"):
        floor.elsewhere_trade("a", Side.BUY, "1000", "0.0000115")
