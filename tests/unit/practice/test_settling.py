"""The responder: what it accepts, and where the money of a settlement goes, to the last digit."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.practice.channels import Phase, PositionNotice, SettlementNotice
from kayen_desktop.practice.refusals import RefusalError
from kayen_desktop.practice.settling import Script

from .floor import BTC, OWNER, PEPE, Floor

PAID = ["proposed", "accepted", "initiated", "prepared", "executed", "completed", "withdrawn"]


def cut(money: Decimal) -> Decimal:
    return money.quantize(Decimal("0.000001"), ROUND_DOWN)


@pytest.mark.parametrize("share", ["0.031", "-0.027"])
def test_a_settlement_is_paid_to_the_wallet_and_the_balances_stay(share: str) -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    floor.trade(Side.SELL, "20", BTC)
    floor.move(share)
    pnl = floor.channel.positions[PEPE].pnl
    assert pnl
    balances = (floor.channel.initiator_balance, floor.channel.responder_balance)
    wallet = floor.wallet
    assert floor.settle(PEPE) == PAID
    assert floor.wallet - wallet == cut(pnl)
    assert (floor.channel.initiator_balance, floor.channel.responder_balance) == balances
    assert set(floor.channel.positions) == {BTC}
    assert floor.phase() is Phase.OPERATIONAL
    floor.check_money()


def test_positions_are_locked_and_valued_until_they_are_settled() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    floor.responder.begin(floor.channel, [PEPE])
    assert floor.phase() is Phase.ACTIVE_SETTLEMENT
    position = floor.channel.positions[PEPE]
    assert {position.status} == {PositionStatus.IN_SETTLEMENT}
    floor.move("0.01")
    assert position.pnl > 0
    asyncio.run(floor.responder.respond(floor.channel))
    assert position.status is PositionStatus.SETTLED
    assert position.amount == 0
    markets = [n.markets for n in floor.said if isinstance(n, SettlementNotice)]
    assert markets == [(PEPE,)] * len(PAID)


def test_no_order_is_taken_while_settling_and_those_of_its_markets_are_cancelled() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    low = Decimal("0.000001")
    here = floor.order(Side.BUY, Decimal(2_000_000), PEPE, low)
    there = floor.order(Side.BUY, Decimal("0.001"), BTC, Decimal(10_000))
    assert {here.state, there.state} == {OrderState.WAIT}
    floor.responder.begin(floor.channel, [PEPE])
    assert here.state is OrderState.CANCEL
    refused = floor.trade(Side.BUY, "5", BTC)
    assert refused.state is OrderState.REJECT
    assert refused.reason == "could not create order: channel is settling"
    assert floor.exchange.cancel(floor.channel, there.uuid)
    with pytest.raises(RefusalError, match="channel is settling"):
        floor.clearing.check_can_close(floor.channel)
    with pytest.raises(RefusalError, match="channel is settling"):
        floor.responder.begin(floor.channel, [PEPE])


@pytest.mark.parametrize("script", [Script.REJECT, Script.FAIL])
def test_a_scripted_end_leaves_everything_as_it_was(script: Script) -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    wallet = floor.wallet
    states = floor.settle(PEPE, script=script)
    assert states == (
        ["proposed", "rejected"] if script is Script.REJECT else [*PAID[:4], "failed"]
    )
    assert floor.wallet == wallet
    assert floor.channel.positions[PEPE].status is PositionStatus.OPEN
    assert floor.phase() is Phase.OPERATIONAL
    assert floor.settle(PEPE) == PAID


def test_silence_lasts_until_it_fails_or_for_ever() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    floor.responder.begin(floor.channel, [PEPE])
    asyncio.run(floor.responder.respond(floor.channel, Script.SILENT))
    assert floor.states == ["proposed"]
    assert floor.phase() is Phase.ACTIVE_SETTLEMENT
    asyncio.run(floor.responder.respond(floor.channel, Script.SILENT, 0.001))
    assert floor.states == ["proposed", "failed"]
    assert floor.phase() is Phase.OPERATIONAL


@pytest.mark.parametrize("share", ["-0.17", "0.17"])
def test_the_broker_rejects_while_a_side_is_orange(share: str) -> None:
    floor = Floor()
    floor.trade(Side.BUY, "50")
    floor.move(share)
    whose = "margin" if share.startswith("-") else "the broker's margin"
    assert floor.settle(PEPE) == ["proposed", "rejected"]
    assert floor.errors == [f"settlement is rejected: {whose} is orange"]
    floor.check_money()


def test_the_broker_rejects_what_would_leave_orange_behind() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "45")
    floor.trade(Side.BUY, "45", BTC)
    floor.move("0.19")
    floor.move("-0.19", BTC)
    assert floor.settle(PEPE) == ["proposed", "rejected"]
    assert floor.errors == ["settlement is rejected: margin would be orange"]
    # Both together, or the losing one alone, leave nothing that is at risk.
    assert floor.settle(PEPE, BTC) == PAID
    floor.check_money()


def test_a_wallet_that_cannot_pay_fails_before_it_is_prepared() -> None:
    floor = Floor(wallets={OWNER: Decimal("10.5")})
    floor.trade(Side.BUY, "50")
    floor.move("-0.05")
    assert floor.settle(PEPE) == ["proposed", "accepted", "initiated", "failed"]
    assert floor.errors == ["settlement failed: not enough funds in the wallet"]
    assert floor.wallet == Decimal("0.5")
    floor.check_money()


def test_a_mark_that_falls_too_late_fails_after_it_was_prepared() -> None:
    floor = Floor(wallets={OWNER: Decimal("10.5")})
    floor.trade(Side.BUY, "50")

    def fall(notice: object) -> None:
        if isinstance(notice, SettlementNotice) and notice.state == "prepared":
            floor.move("-0.05")

    floor.clearing.listen(fall)
    assert floor.settle(PEPE) == [*PAID[:4], "failed"]
    floor.check_money()


def test_the_payout_is_told_before_anything_new_begins() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    floor.trade(Side.BUY, "20", BTC)
    floor.responder.begin(floor.channel, [PEPE])

    async def both() -> None:
        completed = asyncio.Event()

        def hear(notice: object) -> None:
            if isinstance(notice, SettlementNotice) and notice.state == "completed":
                completed.set()

        floor.clearing.listen(hear)
        first = asyncio.create_task(floor.responder.respond(floor.channel))
        await completed.wait()
        floor.responder.begin(floor.channel, [BTC])
        await floor.responder.respond(floor.channel)
        await first

    asyncio.run(both())
    assert floor.states == PAID * 2


@pytest.mark.parametrize("markets", [[], [BTC], [PEPE, BTC]])
def test_only_held_markets_settle(markets: list[str]) -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    with pytest.raises(RefusalError, match="no open position"):
        floor.responder.begin(floor.channel, markets)


def test_a_dispute_that_ends_the_channel_pays_at_the_mark() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    resting = floor.order(Side.BUY, Decimal(2_000_000), PEPE, Decimal("0.000001"))
    floor.move("0.05")
    expected = floor.channel.initiator_balance + cut(floor.channel.positions[PEPE].pnl)
    wallet = floor.wallet
    asyncio.run(floor.lifecycle.challenge(floor.channel, "finished"))
    assert resting.state is OrderState.CANCEL
    assert floor.phase() is Phase.FINALIZED
    assert floor.wallet == wallet + expected
    last = [n.position for n in floor.said if isinstance(n, PositionNotice)][-1]
    assert last.status is PositionStatus.CLOSED
    floor.check_money()
    # There is nothing left to dispute or to close.
    asyncio.run(floor.lifecycle.challenge(floor.channel, "cleared"))
    asyncio.run(floor.lifecycle.close_for_broker(floor.channel))
    asyncio.run(floor.lifecycle.call_margin(floor.channel, "hard"))
    assert floor.phase() is Phase.FINALIZED


def test_what_the_broker_does_waits_its_turn() -> None:
    floor = Floor()
    floor.trade(Side.BUY, "20")
    floor.responder.begin(floor.channel, [PEPE])

    async def all_at_once() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(floor.lifecycle.close_for_broker(floor.channel))
            tasks.create_task(floor.lifecycle.call_margin(floor.channel, "soft"))
            tasks.create_task(floor.lifecycle.challenge(floor.channel, "cleared"))
            tasks.create_task(floor.responder.respond(floor.channel))

    asyncio.run(all_at_once())
    assert floor.states == PAID
    assert floor.phase() is Phase.FINALIZED
    floor.check_money()


STEPS = st.one_of(
    st.tuples(
        st.just("trade"),
        st.sampled_from([PEPE, BTC]),
        st.sampled_from(list(Side)),
        st.integers(1, 60),
    ),
    st.tuples(st.just("move"), st.sampled_from([PEPE, BTC]), st.integers(-25, 30)),
    st.tuples(st.just("settle"), st.sampled_from([PEPE, BTC]), st.sampled_from(list(Script)[:3])),
    st.tuples(st.just("elsewhere"), st.sampled_from(list(Side)), st.integers(1, 60)),
    st.tuples(st.just("dispute")),
)


def take(floor: Floor, number: int, step: tuple[object, ...]) -> None:
    """Do one thing that a channel allows; the venue may refuse it."""
    match step:
        case ("trade", str() as market, Side() as side, int() as value):
            floor.trade(side, str(value), market)
        case ("move", str() as market, int() as percent):
            floor.move(str(Decimal(percent) / 100), market)
        case ("settle", str() as market, Script() as script):
            if market in floor.channel.positions:
                floor.settle(market, script=script)
        case ("elsewhere", Side() as side, int() as value):
            mark = floor.exchange.mark_price(PEPE).quantize(Decimal("1e-8"))
            amount = floor.exchange.cut_amount("pepeusd", value / mark)
            with contextlib.suppress(RefusalError):
                floor.elsewhere_trade(f"other-{number}", side, str(amount), str(mark))
        case _:
            asyncio.run(floor.lifecycle.challenge(floor.channel, "cleared"))


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=12), st.booleans())
def test_no_money_is_made_or_lost_whatever_happens(
    steps: list[tuple[object, ...]], is_disputed: bool
) -> None:
    floor = Floor(wallets={OWNER: Decimal(13)})
    for number, step in enumerate(steps):
        take(floor, number, step)
        floor.check_money()
        floor.liquidation.watch()
        floor.check_money()
    if is_disputed:
        asyncio.run(floor.lifecycle.challenge(floor.channel, "finished"))
    else:
        asyncio.run(floor.lifecycle.close_for_broker(floor.channel))
    assert floor.phase() is Phase.FINALIZED
    floor.check_money()
