"""Open, buy, watch, close, close the account: over real sockets, to the last digit."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import (
    ProblemKind,
    TicketError,
    VenueRejectionError,
)
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.receipt import make_receipt
from kayen_desktop.practice.settings import PracticeSettings
from kayen_desktop.venues.kayen import FINEX

from .desk import AMOUNT, DEPOSIT, PEPE, QUIET, Desk, buy, desk_on


async def close_everything(desk: Desk) -> Decimal:
    """Close all positions and the account, and return what came back to the wallet."""
    await desk.session.trading.close_all_positions()
    await desk.until(lambda: not desk.state.open_positions, "positions are closed")
    channel = desk.state.channel
    assert channel is not None
    before = desk.server.wallet_balance(desk.address)
    await desk.session.channels.close(channel.channel_id)
    await desk.until(lambda: desk.state.channel is None, "the account is closed")
    return desk.server.wallet_balance(desk.address) - before


@pytest.mark.parametrize("finex", ["kayen", "opendax"])
@pytest.mark.parametrize("clearport", ["v1", "v2"])
async def test_the_money_adds_up_from_the_fills_alone(
    tmp_path: Path, clearport: str, finex: str
) -> None:
    settings = PracticeSettings(
        events_per_second=0,
        state_delay_s=0,
        clearport_dialect="v1" if clearport == "v1" else "v2",
        finex_dialect="opendax" if finex == "opendax" else "kayen",
    )
    async with desk_on(tmp_path, settings) as desk:
        channel = await desk.funded()
        await desk.bought()
        position = desk.state.open_positions[0]
        assert position.amount == AMOUNT
        assert position.cost == sum(fill.total for fill in desk.state.fills.values())
        returned = await close_everything(desk)
        fills = sorted(desk.state.fills.values(), key=lambda fill: int(fill.fill_id))
        assert make_receipt(DEPOSIT, fills, returned).difference == 0
        assert desk.state.channels[channel.channel_id].own_balance == returned


async def test_a_part_of_a_position_is_closed_and_the_rest_stays(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        await desk.bought()
        position = desk.state.open_positions[0]
        await desk.session.trading.close_position(position.position_id, Decimal(8506))
        rest = AMOUNT - 8506
        await desk.until(
            lambda: [each.amount for each in desk.state.open_positions] == [rest],
            "the rest of the position",
        )
        await close_everything(desk)


async def test_a_limit_order_rests_and_is_cancelled(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        request = OrderRequest(PEPE, Side.BUY, OrderType.LIMIT, AMOUNT, Decimal("0.00000900"))
        order_id = await desk.session.trading.place(request)
        await desk.until(lambda: bool(desk.state.live_orders), "the order rests")
        await desk.session.trading.cancel(order_id)
        await desk.until(
            lambda: desk.state.orders[order_id].state is OrderState.CANCEL, "it is cancelled"
        )
        with pytest.raises(TicketError):
            await desk.session.trading.cancel(order_id)


async def test_cancel_all_leaves_nothing_live(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        for price in ("0.00000900", "0.00000901", "0.00000902"):
            await desk.session.trading.place(
                OrderRequest(PEPE, Side.BUY, OrderType.LIMIT, Decimal(5000), Decimal(price))
            )
        await desk.until(lambda: len(desk.state.live_orders) == 3, "three orders rest")
        await desk.session.trading.cancel_all()
        await desk.until(lambda: not desk.state.live_orders, "none is live")


async def test_the_venues_own_no_is_a_rejection_in_its_words(tmp_path: Path) -> None:
    poor = PracticeSettings(events_per_second=0, state_delay_s=0, wallet_balance=Decimal(5))
    async with desk_on(tmp_path, poor) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        with pytest.raises(VenueRejectionError, match="not enough funds in the wallet"):
            await desk.session.channels.open(broker, DEPOSIT)
        assert desk.state.channel is None
        outcomes = [intent.outcome.value for intent in desk.state.intents.values()]
        assert outcomes == ["rejected"]


async def test_a_deposit_outside_the_brokers_packages_is_not_sent(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        with pytest.raises(TicketError) as caught:
            await desk.session.channels.open(broker, Decimal(31))
        assert caught.value.problems[0].kind is ProblemKind.DEPOSIT_OUT_OF_RANGE
        assert not desk.state.intents


async def test_too_large_an_order_ends_as_rejected_with_the_reason(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        await desk.session.trading.place(buy(AMOUNT * 1000))
        await desk.until(lambda: bool(desk.state.orders), "the venue's word on the order")
        (order,) = desk.state.orders.values()
        assert order.state is OrderState.REJECT
        assert "not enough funds" in order.reason
        assert not desk.state.fills


async def test_no_account_means_no_order(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.connected()
        with pytest.raises(TicketError) as caught:
            await desk.session.trading.place(buy())
        assert caught.value.problems[0].kind is ProblemKind.NO_CHANNEL


async def test_the_same_order_twice_at_once_is_sent_once(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        results = await asyncio.gather(
            desk.session.trading.place(buy()),
            desk.session.trading.place(buy()),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in results) == ["TicketError", "str"]
        await desk.until(lambda: bool(desk.state.fills), "the fill")
        assert len(await desk.session.venue.list_orders()) == 1


async def test_the_account_is_not_closed_over_open_positions(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        await desk.bought()
        with pytest.raises(TicketError) as caught:
            await desk.session.channels.close(channel.channel_id)
        assert caught.value.problems[0].kind is ProblemKind.POSITIONS_OPEN


async def test_a_second_account_works_after_the_first(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        for _ in range(2):
            await desk.funded()
            await desk.bought()
            await close_everything(desk)
            await desk.until(lambda: not desk.is_ready(FINEX), "Finex is signed out")


async def test_a_thousand_orders_each_end_in_one_state_and_the_cash_adds_up(
    tmp_path: Path,
) -> None:
    async with desk_on(tmp_path, QUIET) as desk:
        await desk.funded()
        requests = [
            OrderRequest(
                PEPE,
                Side.BUY if number % 2 else Side.SELL,
                OrderType.MARKET if number % 3 else OrderType.LIMIT,
                Decimal(1000 + number // 2),
                None if number % 3 else Decimal("0.00001152"),
            )
            for number in range(1000)
        ]
        order_ids = await asyncio.gather(
            *(desk.session.trading.place(request) for request in requests)
        )
        assert len(set(order_ids)) == 1000
        await desk.until(lambda: len(desk.state.orders) == 1000, "every order is told")
        if desk.state.live_orders:
            await desk.session.trading.cancel_all()
        await desk.until(lambda: not desk.state.live_orders, "every order is final")
        outcomes = {intent.outcome.value for intent in desk.state.intents.values()}
        assert outcomes == {"confirmed"}
        listed = await desk.session.venue.list_orders()
        assert {order.venue_order_id: order.state for order in listed} == {
            key: order.state for key, order in desk.state.orders.items()
        }
        executed = sum(order.executed for order in desk.state.orders.values())
        assert executed == sum(fill.amount for fill in desk.state.fills.values())
        returned = await close_everything(desk)
        fills = sorted(desk.state.fills.values(), key=lambda fill: int(fill.fill_id))
        assert make_receipt(DEPOSIT, fills, returned).difference == 0
