"""The sum of an account is reckoned from its fills alone, exactly as the clearing house cuts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.receipt import make_receipt, realised_pnl

NOW = datetime(2024, 6, 22, tzinfo=UTC)
PEPE = "PEPE/USD"


def fill(side: Side, amount: str, price: str, fee: str = "0", market: str = PEPE) -> Fill:
    return Fill(
        "1",
        market,
        "order",
        side,
        Decimal(price),
        Decimal(amount),
        Decimal(amount) * Decimal(price),
        Decimal(fee),
        "usd",
        NOW,
    )


def test_the_walkthrough_comes_to_its_own_numbers() -> None:
    fills = [
        fill(Side.BUY, "108506.94444444", "0.00001152"),
        fill(Side.SELL, "108506.94444444", "0.00001146"),
    ]
    receipt = make_receipt(Decimal(1), fills, Decimal("0.99349"))
    assert receipt.realised == Decimal("-0.006510")
    assert receipt.difference == ZERO


def test_adding_averages_the_entry() -> None:
    fills = [
        fill(Side.BUY, "1", "100"),
        fill(Side.BUY, "3", "200"),
        fill(Side.SELL, "4", "180"),
    ]
    assert realised_pnl(fills) == Decimal(20)


def test_a_short_earns_when_the_price_falls() -> None:
    assert realised_pnl([fill(Side.SELL, "2", "10"), fill(Side.BUY, "2", "9")]) == Decimal(2)


def test_going_through_zero_realises_the_old_side_and_enters_the_new_one() -> None:
    fills = [
        fill(Side.BUY, "1", "100"),
        fill(Side.SELL, "3", "110"),
        fill(Side.BUY, "2", "105"),
    ]
    assert realised_pnl(fills) == Decimal(20)


def test_a_part_keeps_the_entry_of_the_rest() -> None:
    fills = [
        fill(Side.BUY, "2", "100"),
        fill(Side.SELL, "1", "110"),
        fill(Side.SELL, "1", "90"),
    ]
    assert realised_pnl(fills) == ZERO


def test_markets_do_not_mix() -> None:
    fills = [fill(Side.BUY, "1", "100"), fill(Side.SELL, "1", "110", market="BTC/USD")]
    assert realised_pnl(fills) == ZERO


def test_fees_are_subtracted() -> None:
    fills = [fill(Side.BUY, "1", "100", fee="0.2"), fill(Side.SELL, "1", "101", fee="0.202")]
    receipt = make_receipt(Decimal(10), fills, Decimal("10.598"))
    assert receipt.fees == Decimal("0.402")
    assert receipt.difference == ZERO


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Side),
            st.decimals("0.001", "1000", places=3),
            st.decimals("0.01", "1000", places=2),
        ),
        max_size=20,
    )
)
def test_a_flat_account_realises_what_it_sold_minus_what_it_bought(
    trades: list[tuple[Side, Decimal, Decimal]],
) -> None:
    fills = [fill(side, str(amount), str(price)) for side, amount, price in trades]
    net = sum((each.signed_amount for each in fills), ZERO)
    if net:
        side = Side.SELL if net > ZERO else Side.BUY
        fills.append(fill(side, str(abs(net)), "50"))
    cash = sum((-each.signed_amount * each.price for each in fills), ZERO)
    assert abs(realised_pnl(fills) - cash) < Decimal("0.001")


def test_a_fill_of_nothing_realises_nothing() -> None:
    assert realised_pnl([fill(Side.BUY, "0", "1"), fill(Side.SELL, "0", "2")]) == ZERO
