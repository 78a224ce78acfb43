"""Recording a trade made elsewhere, over the real wire in both dialects."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.practice.server import PracticeServer

from .conftest import StartServer
from .test_settlement import PEPE, open_v1, told
from .wire_client import Clearport, Desk, Frame

TRADE: dict[str, object] = {
    "external_id": "123",
    "market": PEPE,
    "direction": "buy",
    "amount": "1000",
    "price": "0.0000115",
    "executed_at": 1_590_000_000,
}


async def positions(clearport: Clearport, channel_id: str) -> list[Frame]:
    answer = await clearport.request("positions", {"channel_id": channel_id})
    return [item.get("position", item) for item in answer["positions"]]


@pytest.mark.parametrize("dialect", ["v1", "v2"])
async def test_a_trade_is_booked_once_however_often_it_is_told(
    start_server: StartServer, dialect: str
) -> None:
    server = await start_server(clearport_dialect=dialect)
    async with Clearport(server.clearport_url) as clearport:
        if dialect == "v1":
            channel_id = await open_v1(server, clearport)
            await clearport.notified("stream_notification")
        else:
            channel_id = await clearport.open_channel()
        server.set_fair_price(PEPE, Decimal("0.0000115"))
        trade = TRADE | {"channel_id": channel_id}
        acknowledged = {"channel_id": channel_id, "external_id": "123"}
        for _ in range(2):
            assert await clearport.request("record_trade", trade) == acknowledged
        [position] = await positions(clearport, channel_id)
        assert (position["amount"], position["cost"]) == ("1000", "0.0115")
        refusal = "another trade is recorded under this external_id"
        for change in ({"amount": "1001"}, {"direction": "sell"}, {"executed_at": 1}):
            assert await clearport.request("record_trade", trade | change) == refusal
        [same] = await positions(clearport, channel_id)
        assert same["amount"] == "1000"
        assert len(told(clearport, "position_notification")) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"external_id": ""}, "external_id is required"),
        ({"external_id": "172783"}, "trade not found"),
        ({"market": "PEPE/EUR"}, "market PEPE/EUR not found"),
        ({"direction": "long"}, "direction must be buy or sell"),
        ({"amount": "1e3x"}, "amount is not a decimal string"),
        ({"amount": "-1"}, "amount must be greater than zero"),
        ({"price": "0.00002"}, "price is too far from the market"),
        ({"executed_at": "now"}, "executed_at must be an integer"),
        ({"executed_at": True}, "executed_at must be an integer"),
        ({"executed_at": 99_999_999_999}, "executed_at is in the future"),
    ],
)
async def test_a_trade_that_cannot_be_right_is_refused(
    server: PracticeServer, change: dict[str, object], error: str
) -> None:
    async with Desk(server) as desk:
        trade = TRADE | {"channel_id": desk.channel_id} | change
        assert await desk.clearport.request("record_trade", trade) == error


async def test_another_clients_fill_stays_unknown(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", "1000")
        fill = await desk.finex.event("tr")
        trade = TRADE | {"channel_id": desk.channel_id, "price": fill[2]}
        own = trade | {"external_id": str(fill[1])}
        assert "external_id" in await desk.clearport.request("record_trade", own)
        wrong = own | {"direction": "sell"}
        answer = await desk.clearport.request("record_trade", wrong)
        assert answer == "trade does not match the exchange's"
        other = trade | {"external_id": str(fill[1] + 1)}
        assert await desk.clearport.request("record_trade", other) == "trade not found"
