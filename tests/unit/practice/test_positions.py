"""Position arithmetic to the last digit, on the walkthrough's numbers and on any."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.practice.positions import FillEffect, OpenPosition, enter

AMOUNT = Decimal("108506.94444444")
ENTRY = Decimal("0.00001152")


def fill(position: OpenPosition | None, side: Side, amount: Decimal, price: Decimal) -> FillEffect:
    def opened(part: Decimal) -> OpenPosition:
        return OpenPosition("id", "0x1", "PEPE/USD", side, part, price, price)

    return enter(position, opened, side, amount, price)


def test_the_walkthroughs_position() -> None:
    position = fill(None, Side.BUY, AMOUNT, ENTRY).still_open
    assert position is not None
    position.mark_price = Decimal("0.00001149")
    assert position.cost == Decimal("1.2499999999999488")
    assert position.market_value == Decimal("1.2467447916666156")
    assert position.pnl == Decimal("-0.0032552083333332")


def test_the_walkthroughs_close_realises_a_loss_cut_to_six_places() -> None:
    position = fill(None, Side.BUY, AMOUNT, ENTRY).still_open
    effect = fill(position, Side.SELL, AMOUNT, Decimal("0.00001146"))
    assert effect.realised == Decimal("-0.00651")
    assert effect.still_open is None
    assert effect.changed[0].status is PositionStatus.CLOSED
    assert Decimal(1) + effect.realised == Decimal("0.99349")


def test_a_short_positions_pnl_is_cost_minus_value() -> None:
    position = fill(None, Side.SELL, Decimal("1.5"), Decimal("2452.6")).still_open
    assert position is not None
    position.mark_price = Decimal("3546.7") / Decimal("1.5")
    assert position.cost == Decimal("3678.9")
    assert position.pnl == position.cost - position.market_value


def test_more_of_the_same_side_averages_the_entry() -> None:
    position = fill(None, Side.BUY, Decimal(1), Decimal(10)).still_open
    effect = fill(position, Side.BUY, Decimal(2), Decimal(11))
    assert effect.still_open is position
    assert position is not None
    assert position.entry_price == Decimal("10.666666666666666666")
    assert position.cost == position.amount * position.entry_price


def test_a_part_closes_and_keeps_the_entry() -> None:
    position = fill(None, Side.SELL, Decimal(3), Decimal(10)).still_open
    effect = fill(position, Side.BUY, Decimal(1), Decimal(9))
    assert effect.realised == 1
    assert position is not None
    assert position.amount == 2
    assert position.entry_price == 10


def test_going_through_zero_closes_one_position_and_opens_another() -> None:
    position = fill(None, Side.BUY, Decimal(1), Decimal(10)).still_open
    effect = fill(position, Side.SELL, Decimal(3), Decimal(12))
    closed, opened = effect.changed
    assert effect.realised == 2
    assert closed.status is PositionStatus.CLOSED
    assert closed.amount == 0
    assert opened.side is Side.SELL
    assert opened.amount == 2
    assert opened.entry_price == 12


FILLS = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 10_000), st.integers(1, 10_000)),
    min_size=1,
    max_size=20,
)


@given(FILLS)
def test_positions_and_realised_money_follow_the_cash(fills: list[tuple[Side, int, int]]) -> None:
    position: OpenPosition | None = None
    realised = cash = net = Decimal(0)
    for side, units, cents in fills:
        amount, price = Decimal(units) / 1000, Decimal(cents) / 100
        effect = fill(position, side, amount, price)
        position = effect.still_open
        realised += effect.realised
        net += amount * side.sign
        cash -= amount * price * side.sign
    held = position.amount * position.side.sign if position is not None else Decimal(0)
    assert held == net
    cost = position.cost * position.side.sign if position is not None else Decimal(0)
    # Each reduction cuts less than one millionth, each average less than the entry's last digit.
    assert abs(cash + cost - realised) < len(fills) * Decimal("0.000001") * 2
