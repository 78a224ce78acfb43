"""Positions, margin and zones, in the walkthrough's own figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.channels import Channel, ChannelState
from kayen_desktop.domain.errors import ProblemKind, TicketError, TransportError
from kayen_desktop.domain.margin import MarginBalance, MarginSummary, Zone, summarise, zone_of
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import SettlementState

from .samples import CHANNEL, PEPE, make_channel, make_position

AMOUNT = Decimal("108506.94444444")
WALKTHROUGH = Position(
    "7c4a3368-3079-4eae-a0d1-a15c9627cb3d",
    CHANNEL,
    PEPE,
    Side.BUY,
    AMOUNT,
    Decimal("1.2499999999999488"),
    Decimal("1.2467447916666156"),
    Decimal("0.00001152"),
    Decimal("-0.0032552083333332"),
    PositionStatus.OPEN,
)


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


@pytest.mark.parametrize(
    ("share", "zone"),
    [
        ("1.5", Zone.GREEN),
        ("0.20", Zone.GREEN),
        ("0.1999999", Zone.ORANGE),
        ("0.10", Zone.ORANGE),
        ("0.0999999", Zone.RED),
        ("-1", Zone.RED),
    ],
)
def test_zones_change_at_a_fifth_and_at_a_tenth(share: str, zone: Zone) -> None:
    assert zone_of(Decimal(share)) is zone


@given(st.decimals(-2, 2, allow_nan=False, places=6), st.decimals(0, 1, places=6))
def test_a_zone_never_gets_better_by_losing(share: Decimal, loss: Decimal) -> None:
    order = [Zone.RED, Zone.ORANGE, Zone.GREEN]
    assert order.index(zone_of(share - loss)) <= order.index(zone_of(share))


def test_buying_power_is_available_times_leverage_and_never_negative() -> None:
    margin = MarginBalance(Decimal(1), Decimal("0.1"), Decimal("0.9"), Decimal(10))
    assert margin.buying_power == Decimal(9)
    assert replace(margin, available=Decimal("-0.5")).buying_power == Decimal(0)


def test_the_account_counts_its_own_open_positions_only() -> None:
    positions = [
        make_position("a", pnl="-0.3"),
        make_position("b", pnl=None),
        make_position("c", pnl="5", status=PositionStatus.SETTLED),
        make_position("d", pnl="7", channel_id="0xother"),
    ]
    assert summarise(make_channel(), positions) == MarginSummary(
        Decimal("0.7"), Decimal("-0.3"), Decimal("0.7"), Zone.GREEN
    )


def test_an_account_without_figures_has_no_summary() -> None:
    assert summarise(Channel(CHANNEL, ChannelState.OPENING), []) is None


@pytest.mark.parametrize("deposit", [None, "0"])
def test_a_share_of_no_deposit_is_whole(deposit: str | None) -> None:
    summary = summarise(make_channel(deposit=deposit), [])
    assert summary is not None
    assert (summary.share, summary.zone) == (Decimal(1), Zone.GREEN)


def test_settlements_end_in_four_states() -> None:
    assert {state for state in SettlementState if state.is_final} == {
        SettlementState.COMPLETED,
        SettlementState.WITHDRAWN,
        SettlementState.FAILED,
        SettlementState.REJECTED,
    }


def test_a_transport_error_says_whether_trying_again_helps() -> None:
    assert TransportError("A refused certificate.", is_fatal=True).is_fatal
    assert not TransportError("The network is away.").is_fatal
