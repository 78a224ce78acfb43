"""The sum of an account is reckoned from its fills alone, exactly as the clearing house cuts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.receipt import make_receipt, realised_pnl, settled_result
from kayen_desktop.domain.settlement import (
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.practice.positions import OpenPosition, enter, reduce_position

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


# Settlements


def run(
    *last_fill_ids: str,
    markets: tuple[str, ...] = (PEPE,),
    end: SettlementState = SettlementState.COMPLETED,
    pnl: str | None = None,
    requested_at: datetime = NOW,
) -> SettlementRun:
    """Return a settlement that was asked for after the fill named, if one is."""
    position = SettledPosition(
        PEPE, Side.BUY, Decimal(1), Decimal(1), None, None if pnl is None else Decimal(pnl)
    )
    return SettlementRun(
        "s1",
        "0x1",
        markets,
        requested_at,
        positions=(position,),
        last_fill_id="".join(last_fill_ids),
        steps=(SettlementStep(end, NOW),),
    )


def numbered(*fills: Fill) -> list[Fill]:
    return [
        replace(each, fill_id=str(number), executed_at=NOW + timedelta(seconds=number))
        for number, each in enumerate(fills)
    ]


BOUGHT_SETTLED_BOUGHT_SOLD = numbered(
    fill(Side.BUY, "1", "100"),
    fill(Side.BUY, "2", "110"),
    fill(Side.SELL, "2", "115"),
)


def test_what_was_settled_is_no_result_of_the_account() -> None:
    assert realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD) == Decimal("16.666666")
    assert realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD, [run("0")]) == Decimal(10)
    receipt = make_receipt(Decimal(100), BOUGHT_SETTLED_BOUGHT_SOLD, Decimal(110), [run("0")])
    assert receipt.difference == ZERO


def test_only_the_markets_settled_start_anew() -> None:
    fills = numbered(
        fill(Side.BUY, "1", "100"),
        fill(Side.BUY, "1", "7", market="BTC/USD"),
        fill(Side.SELL, "1", "110"),
        fill(Side.SELL, "1", "9", market="BTC/USD"),
    )
    assert realised_pnl(fills, [run("1", markets=("BTC/USD", "ETH/USD"))]) == Decimal(10)
    assert realised_pnl(fills, [run("1", markets=(PEPE,))]) == Decimal(2)
    assert realised_pnl(fills, [run("1", markets=(PEPE,)), run("1", markets=("BTC/USD",))]) == ZERO


@pytest.mark.parametrize("end", [SettlementState.FAILED, SettlementState.REJECTED])
def test_a_settlement_that_came_to_nothing_changes_nothing(end: SettlementState) -> None:
    runs = [run("0", end=end, pnl="5")]
    assert realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD, runs) == Decimal("16.666666")
    assert settled_result(runs) is None


def test_a_last_fill_that_is_not_there_is_told_by_its_time() -> None:
    asked = NOW + timedelta(seconds=0.5)
    assert realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD, [run("x", requested_at=asked)]) == Decimal(10)
    before = NOW - timedelta(seconds=1)
    whole = realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD)
    assert realised_pnl(BOUGHT_SETTLED_BOUGHT_SOLD, [run(requested_at=before)]) == whole


def test_what_settlements_paid_is_told_beside_the_sum() -> None:
    assert settled_result([]) is None
    assert settled_result([run("0"), run("1", pnl="-0.0032552083333332")]) == Decimal("-0.003255")
    paid_out = run("1", pnl="0.5", end=SettlementState.WITHDRAWN)
    assert settled_result([run("0", pnl="0.25"), paid_out]) == Decimal("0.75")


@dataclass
class House:
    """A clearing house that moves money at each fill, and pays settlements outside the account."""

    deposit: Decimal = Decimal(1000)
    balance: Decimal = Decimal(1000)
    wallet: Decimal = ZERO
    held: dict[str, OpenPosition] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    runs: list[SettlementRun] = field(default_factory=list)

    def trade(self, market: str, side: Side, amount: Decimal, price: Decimal) -> None:
        fee = truncate(amount * price * Decimal("0.002"), 6)
        made = fill(side, str(amount), str(price), str(fee), market)
        number = len(self.fills)
        self.fills.append(replace(made, fill_id=str(number)))

        def opened(part: Decimal) -> OpenPosition:
            return OpenPosition(f"p{number}", "0x1", market, side, part, price, price)

        effect = enter(self.held.get(market), opened, side, amount, price)
        self.held.pop(market, None)
        if effect.still_open is not None:
            self.held[market] = effect.still_open
        self.balance += effect.realised - fee

    def settle(self, market: str, mark: Decimal, *, is_paid: bool) -> None:
        position = self.held.get(market)
        if position is None:
            return
        position.mark_price = mark
        last = self.fills[-1].fill_id
        settled = SettledPosition(
            market,
            position.side,
            position.amount,
            position.cost,
            position.market_value,
            position.pnl,
        )
        end = SettlementState.COMPLETED if is_paid else SettlementState.FAILED
        asked = run(last, markets=(market,), end=end)
        self.runs.append(replace(asked, positions=(settled,)))
        if is_paid:
            self.wallet += reduce_position(position, position.amount, mark)
            del self.held[market]


prices = st.decimals("0.01", "1000", places=2)
markets = st.sampled_from([PEPE, "BTC/USD"])


@given(
    st.lists(
        st.one_of(
            st.tuples(
                markets, st.sampled_from(Side), st.decimals("0.001", "1000", places=3), prices
            ),
            st.tuples(markets, prices, st.booleans()),
        ),
        max_size=25,
    )
)
def test_the_receipt_of_an_account_with_settlements_comes_out_even(
    acts: list[tuple[str, Side, Decimal, Decimal] | tuple[str, Decimal, bool],],
) -> None:
    house = House()
    for act in acts:
        if len(act) == 4:
            house.trade(*act)
        else:
            market, mark, is_paid = act
            house.settle(market, mark, is_paid=is_paid)
    receipt = make_receipt(house.deposit, house.fills, house.balance, house.runs)
    assert receipt.difference == ZERO
    assert (settled_result(house.runs) or ZERO) == house.wallet
