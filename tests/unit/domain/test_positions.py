"""Positions and what undoes them, in the walkthrough's own figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain.errors import ProblemKind, TicketError, TransportError
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.positions import Position, PositionStatus

from .samples import PEPE, WALKTHROUGH, make_position

AMOUNT = WALKTHROUGH.amount


def test_the_walkthroughs_arithmetic_is_exact() -> None:
    assert WALKTHROUGH.average_entry_price is not None
    assert AMOUNT * WALKTHROUGH.average_entry_price == WALKTHROUGH.cost
    assert AMOUNT * Decimal("0.00001149") == WALKTHROUGH.market_value
    assert WALKTHROUGH.market_value is not None
    assert WALKTHROUGH.market_value - WALKTHROUGH.cost == WALKTHROUGH.pnl
    assert WALKTHROUGH.mark_price == Decimal("0.00001149")


def test_the_loss_in_per_cent_is_of_the_cost() -> None:
    percent = WALKTHROUGH.pnl_percent
    assert percent is not None
    assert round(percent, 6) == Decimal("-0.260417")


def test_what_the_venue_has_not_valued_is_unknown_not_zero() -> None:
    position = make_position(pnl=None, market_value=None)
    assert position.mark_price is None
    assert position.pnl_percent is None
    assert make_position(amount="0").mark_price is None
    assert make_position(cost="0").pnl_percent is None


@pytest.mark.parametrize(
    ("amount", "status", "is_open", "is_over"),
    [
        ("1", PositionStatus.OPEN, True, False),
        ("0", PositionStatus.OPEN, False, True),
        ("1", PositionStatus.IN_SETTLEMENT, False, False),
        ("1", PositionStatus.SETTLED, False, True),
        ("1", PositionStatus.CLOSED, False, True),
    ],
)
def test_open_and_over(amount: str, status: PositionStatus, is_open: bool, is_over: bool) -> None:
    position = make_position(amount=amount, status=status)
    assert (position.is_open, position.is_over) == (is_open, is_over)


@pytest.mark.parametrize("side", Side)
def test_closing_is_the_reversed_market_order(side: Side) -> None:
    position = replace(WALKTHROUGH, side=side)
    whole = OrderRequest(PEPE, side.opposite, OrderType.MARKET, AMOUNT)
    assert position.close_request() == whole
    assert position.close_request(AMOUNT) == whole
    assert position.close_request(Decimal(5)) == replace(whole, amount=Decimal(5))


@pytest.mark.parametrize(
    ("position", "part", "kind"),
    [
        (make_position(amount="0"), None, ProblemKind.NOTHING_TO_CLOSE),
        (make_position(status=PositionStatus.CLOSED), "1", ProblemKind.NOTHING_TO_CLOSE),
        (make_position(), "0", ProblemKind.AMOUNT_NOT_POSITIVE),
        (make_position(), "-1", ProblemKind.AMOUNT_NOT_POSITIVE),
        (make_position(), "100.00000001", ProblemKind.MORE_THAN_POSITION),
    ],
)
def test_what_is_not_there_is_not_closed(
    position: Position, part: str | None, kind: ProblemKind
) -> None:
    with pytest.raises(TicketError) as refused:
        position.close_request(None if part is None else Decimal(part))
    assert [problem.kind for problem in refused.value.problems] == [kind]


def test_a_transport_error_says_whether_trying_again_helps() -> None:
    assert TransportError("A refused certificate.", is_fatal=True).is_fatal
    assert not TransportError("The network is away.").is_fatal
