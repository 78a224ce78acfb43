"""What an order would come to: at once from the book, at its own price, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain.estimates import TicketContext, TicketEstimate, estimate_order
from kayen_desktop.domain.orders import OrderRequest, OrderType

from .samples import make_book, make_request

BOOK = make_book([("10", "2"), ("11", "3"), ("12", "100")], [("9", "2"), ("8", "3"), ("7", "100")])
CONTEXT = TicketContext(BOOK, Decimal("9.5"), Decimal(1000), None, Decimal("0.002"))
EMPTY = TicketContext()


def estimate(request: OrderRequest, context: TicketContext = CONTEXT) -> TicketEstimate:
    found = estimate_order(request, context)
    assert found is not None
    return found


def test_a_market_order_walks_the_book() -> None:
    found = estimate(make_request(order_type=OrderType.MARKET, amount="4", price=None))
    assert found.total == Decimal(42)
    assert found.average_price == Decimal("10.5")
    assert found.fee == Decimal("0.084")
    assert (found.is_complete, found.is_resting) == (True, False)


def test_a_thin_book_is_said_to_be_thin() -> None:
    found = estimate(make_request(order_type=OrderType.MARKET, amount="200", price=None))
    assert (found.amount, found.is_complete) == (Decimal(105), False)


def test_without_a_book_the_last_price_is_only_a_guess() -> None:
    context = TicketContext(last_price=Decimal(4))
    found = estimate(make_request(order_type=OrderType.MARKET, amount="2", price=None), context)
    assert (found.total, found.fee, found.is_complete) == (Decimal(8), None, False)


@pytest.mark.parametrize(
    ("order_type", "amount", "price", "total", "is_complete", "is_resting"),
    [
        (OrderType.LIMIT, "4", "11", "42", True, False),
        (OrderType.LIMIT, "10", "11", "108", True, True),
        (OrderType.LIMIT, "10", "9.5", "95", True, True),
        (OrderType.FILL_OR_KILL, "4", "11", "42", True, False),
        (OrderType.FILL_OR_KILL, "10", "11", "108", False, False),
        (OrderType.FILL_OR_KILL, "10", "9.5", "95", False, False),
        (OrderType.POST_ONLY, "4", "11", "44", True, True),
    ],
)
def test_a_priced_order_takes_rests_or_is_killed(
    order_type: OrderType, amount: str, price: str, total: str, is_complete: bool, is_resting: bool
) -> None:
    found = estimate(make_request(order_type=order_type, amount=amount, price=price))
    assert found.amount == Decimal(amount)
    assert found.total == Decimal(total)
    assert (found.is_complete, found.is_resting) == (is_complete, is_resting)


def test_an_order_with_a_trigger_waits_at_its_price() -> None:
    request = make_request(
        order_type=OrderType.STOP_LOSS, amount="4", price=None, trigger_price="20"
    )
    found = estimate(request)
    assert (found.total, found.is_resting) == (Decimal(80), True)
    both = replace(request, order_type=OrderType.STOP_LIMIT, price=Decimal(19))
    assert estimate(both).total == Decimal(76)


def test_a_priced_order_needs_no_book() -> None:
    found = estimate(make_request(amount="4", price="9"), EMPTY)
    assert (found.total, found.fee, found.is_resting) == (Decimal(36), None, True)
