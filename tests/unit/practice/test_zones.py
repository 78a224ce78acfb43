"""The venue's own zones, what it refuses in them, and the liquidation in the red one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.orders import OrderState, OrderType, Side
from kayen_desktop.practice.exchange import OrderWish
from kayen_desktop.practice.zones import zone_of, zones_of

from .floor import BTC, PEPE, Floor


@pytest.mark.parametrize(
    ("margin", "zone"),
    [
        ("2", Zone.GREEN),
        ("0.2", Zone.GREEN),
        ("0.199999", Zone.ORANGE),
        ("0.1", Zone.ORANGE),
        ("0.099999", Zone.RED),
        ("0", Zone.RED),
        ("-1", Zone.RED),
    ],
)
def test_a_zone_is_a_share_of_the_deposit(margin: str, zone: Zone) -> None:
    assert zone_of(Decimal(margin), Decimal(1)) is zone


def lose(floor: Floor, share: str) -> None:
    """Hold half the buying power of a deposit of ten, and let the price fall."""
    floor.trade(Side.BUY, "50")
    floor.move(share)


def test_orange_takes_only_what_reduces() -> None:
    floor = Floor()
    lose(floor, "-0.17")
    assert zones_of(floor.channel).trader is Zone.ORANGE
    assert zones_of(floor.channel).words == "margin is orange"
    refused = floor.trade(Side.BUY, "1")
    assert refused.state is OrderState.REJECT
    assert refused.reason == (
        "could not create order: margin is orange, only orders that reduce a position are taken"
    )
    held = floor.channel.positions[PEPE].amount
    assert floor.order(Side.SELL, held + 1000).state is OrderState.REJECT
    assert floor.trade(Side.SELL, "1", BTC).state is OrderState.REJECT
    assert floor.order(Side.SELL, held / 2).state is OrderState.DONE
    floor.check_money()


def test_the_brokers_zone_counts_as_well() -> None:
    floor = Floor()
    lose(floor, "0.17")
    assert zones_of(floor.channel).words == "the broker's margin is orange"
    assert "the broker's margin is orange" in floor.trade(Side.BUY, "1").reason
    assert floor.trade(Side.SELL, "1").state is OrderState.DONE


def test_a_trigger_is_asked_again_when_it_fires() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "50")
    mark = floor.exchange.mark_price(PEPE)
    trigger = (mark * Decimal("0.9")).quantize(mark)
    wish = OrderWish("pepeusd", Side.BUY, OrderType.TAKE_PROFIT, Decimal(1000), None, trigger)
    order = floor.exchange.new_order(floor.channel, wish)
    floor.exchange.place(floor.channel, order)
    assert not order.reason
    floor.move("-0.17")
    # A print at the new price is what wakes it.
    floor.trade(Side.SELL, "1")
    assert order.state is OrderState.TRIGGER_REJECT
    assert "margin is orange" in order.reason


def test_resting_orders_that_add_are_cancelled_and_those_that_reduce_stay() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "50")
    low = floor.exchange.mark_price(PEPE) / 2
    high = floor.exchange.mark_price(PEPE) * 2
    adding = floor.order(Side.BUY, Decimal(1000), PEPE, low.quantize(Decimal("1e-8")))
    reducing = floor.order(Side.SELL, Decimal(1000), PEPE, high.quantize(Decimal("1e-8")))
    assert {adding.state, reducing.state} == {OrderState.WAIT}
    floor.liquidation.watch()
    assert adding.state.is_live
    floor.move("-0.17")
    for _ in range(2):
        floor.liquidation.watch()
    assert adding.state is OrderState.CANCEL
    assert reducing.state is OrderState.WAIT
    assert floor.errors == ["margin is orange: orders that add exposure are cancelled"]


@pytest.mark.parametrize("share", ["-0.185", "0.185", "-0.5", "2"])
def test_red_closes_everything_at_market(share: str) -> None:
    floor = Floor()
    floor.trade(Side.SELL, "5", BTC)
    lose(floor, share)
    assert zones_of(floor.channel).is_red
    floor.liquidation.watch()
    assert floor.channel.positions == {}
    assert floor.errors == ["liquidation margin reached"]
    floor.check_money()
    floor.liquidation.watch()
    assert len(floor.errors) == 1


def test_a_gap_is_the_brokers_cost() -> None:
    floor = Floor()
    lose(floor, "-0.5")
    floor.liquidation.watch()
    assert floor.channel.initiator_balance == 0
    assert floor.channel.responder_balance == 20
    assert zones_of(floor.channel).trader is Zone.RED
    assert floor.trade(Side.BUY, "1").state is OrderState.REJECT
    floor.check_money()


def test_a_liquidation_does_not_wait_for_the_client_to_record() -> None:
    floor = Floor(records_trades=False)
    floor.trade(Side.BUY, "50")
    assert floor.channel.positions == {}
    floor.exchange.record_waiting(floor.channel)
    # A fill that nobody has recorded yet is closed with the rest, and nothing is closed twice.
    floor.trade(Side.BUY, "1")
    floor.move("-0.185")
    floor.liquidation.watch()
    assert floor.channel.positions == {}
    assert floor.channel.unrecorded == {}
    assert len(floor.exchange.account(floor.channel).trades) >= 2
    floor.check_money()
