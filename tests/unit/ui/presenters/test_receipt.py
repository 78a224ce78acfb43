"""The receipt of an account tells what settlements paid, beside the sum and never in it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import (
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui.presenters.facts import Fact, Tone
from kayen_desktop.ui.presenters.receipt import (
    SETTLED,
    SETTLED_LOSS,
    make_channel_receipt,
    receipt_facts,
    receipt_text,
)
from tests.unit.domain.samples import CHANNEL, NOW, PEPE, make_channel, make_fill

CLOSED = make_channel(state=ChannelState.CLOSED, deposit="10", balance="9.9975")
BOUGHT = make_fill("1")


def run(pnl: str, end: SettlementState = SettlementState.COMPLETED) -> SettlementRun:
    held = SettledPosition(PEPE, Side.BUY, Decimal(100), Decimal(1), None, Decimal(pnl))
    steps = (SettlementStep(end, NOW),)
    return SettlementRun("s1", CHANNEL, (PEPE,), NOW, None, None, (held,), "1", steps)


def facts(*runs: SettlementRun) -> tuple[Fact, ...]:
    return receipt_facts(make_channel_receipt(CLOSED, [BOUGHT], "USD", runs), "USD")


@pytest.mark.parametrize(
    ("pnl", "label", "tone", "value"),
    [
        ("0.12", SETTLED, Tone.GOOD, "0.12 USD"),
        ("0", SETTLED, Tone.PLAIN, "0 USD"),
        ("-0.0032552083333332", SETTLED_LOSS, Tone.BAD, "0.003255 USD"),
    ],
)
def test_what_settlements_paid_stands_below_the_sum(
    pnl: str, label: str, tone: Tone, value: str
) -> None:
    assert facts(run(pnl)) == (*facts(), Fact(label, value, tone))


def test_settlements_that_came_to_nothing_are_not_told() -> None:
    assert facts(run("5", SettlementState.FAILED)) == facts()


def test_the_position_settled_is_no_result_of_the_account() -> None:
    sold = make_fill("2", Side.SELL, price="0.00002")
    receipt = make_channel_receipt(CLOSED, [BOUGHT, sold], "USD", [run("0.5")])
    assert receipt.sums is not None
    assert receipt.sums.realised == 0  # the sale opened a new position


def test_without_a_balance_the_payment_is_still_told() -> None:
    unknown = make_channel(state=ChannelState.CLOSED, balance=None)
    receipt = make_channel_receipt(unknown, [BOUGHT], "USD", [run("0.5")])
    assert [fact.label for fact in receipt_facts(receipt, "USD")] == ["You get back", SETTLED]


def test_the_copied_receipt_has_the_line_too() -> None:
    assert f"{SETTLED}: 0.5 USD" in receipt_text(CLOSED, facts(run("0.5"))).splitlines()
