"""The whole of venues/kayen-walkthrough.md against the practice venue, money to the last digit."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from kayen_desktop.practice.server import PracticeServer

from .conftest import StartServer
from .wire_client import ADDRESS, KAYEN, Clearport, Desk, Finex, Frame, sign

AMOUNT = "108506.94444444"


def cut(money: Decimal) -> Decimal:
    """Cut to USDC's six decimals, as the venue does."""
    return money.quantize(Decimal("0.000001"), ROUND_DOWN)


async def open_by_hand(clearport: Clearport) -> str:
    """Sign in and open a channel with exactly the walkthrough's requests."""
    await clearport.ask(0, "challenge", {"address": ADDRESS, "name": "UserName"})
    challenge = (await clearport.answer(0, "challenge"))["challenge"]
    await clearport.ask(1, "authenticate", {"address": ADDRESS, "signature": sign(challenge)})
    token = (await clearport.answer(1, "authenticate"))["jwt_token"]
    assert token.count(".") == 2
    await clearport.ask(2, "subscribe_notifications")
    await clearport.ask(3, "open_channel", {"peer": KAYEN, "margin_deposit": "1"})
    return str((await clearport.answer(3, "open_channel"))["channel_id"])


async def test_a_channel_opens_state_by_state(server: PracticeServer) -> None:
    async with Clearport(server.clearport_url) as clearport:
        channel_id = await open_by_hand(clearport)
        assert len(channel_id) == 66
        states = [await clearport.notified("stream_notification") for _ in range(5)]
        assert [(s["clearing_sm_state"], s["channel_state"]) for s in states] == [
            ("instantiating", "opening"),
            ("accepted", "opening"),
            ("initiator_funded", "opening"),
            ("funded", "open"),
            ("operational", "open"),
        ]
        # This is the walkthrough's own frame, but for the id.
        assert states[3] == {
            "channel_id": channel_id,
            "action": "channel_opening",
            "channel_state": "open",
            "clearing_sm_state": "funded",
            "my_role": "Initiator",
            "peer": {
                "address": "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
                "url": "clearport-peer-grpc.kayen-prod:50081",
                "name": "BlockSafeguard",
            },
            "margin_deposit": "1",
            "initiator_margin_balance": "1",
            "responder_margin_balance": "1",
            "turn_num": 1,
        }
        assert states[4]["action"] == "channel_opened"
        assert all(f["reqid"] == 2 for f in clearport.frames if "notification" in f["event"])
        assert server.wallet_balance(ADDRESS) == 999


async def buy(desk: Desk) -> Frame:
    """Buy as the walkthrough does; return the position."""
    args = ["pepeusd", "m", "buy", AMOUNT, "0.00001152", ""]
    [uuid] = await desk.finex.request("create_order", args)
    done = await desk.finex.event("ou")
    assert (done[2], done[4], done[10]) == (uuid, "d", AMOUNT)
    record = await desk.clearport.expect(lambda f: f["event"] == "record_trade")
    assert record["reqid"] == 7
    assert set(record["data"]) == {"channel_id", "external_id"}
    return (await desk.clearport.notified("position_notification"))["position"]


async def close(desk: Desk) -> list[Frame]:
    """Close the channel; return the notifications on the way."""
    reply = await desk.clearport.request("close_channel", {"channel_id": desk.channel_id})
    assert reply == {"channel_id": desk.channel_id}
    return [
        frame["data"]
        for frame in desk.clearport.frames
        if frame["event"] == "stream_notification"
        and frame["data"]["clearing_sm_state"] in ("finalizing", "concluding", "finalized")
    ]


async def test_the_main_job_and_its_money(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        position = await buy(desk)
        trade = await desk.finex.event("tr")
        entry, fee = Decimal(trade[2]), Decimal(trade[9])
        assert trade[10] == "usd"
        assert fee == cut(Decimal(trade[4]) * Decimal("0.002"))
        assert position["market"] == "PEPE/USD"
        assert position["direction"] == "buy"
        assert position["status"] == "open"
        assert position["average_entry_price"] == trade[2]
        assert Decimal(position["cost"]) == Decimal(AMOUNT) * entry
        assert Decimal(position["pnl"]) == Decimal(position["market_value"]) - Decimal(
            position["cost"]
        )
        margin = await desk.clearport.notified("stream_notification")
        assert margin["action"] == "margin_updated"
        assert Decimal(margin["initiator_margin_balance"]) == 1 - fee

        assert (
            await desk.clearport.request("close_channel", {"channel_id": desk.channel_id})
            == "channel has open positions"
        )

        await desk.market_order("sell", AMOUNT)
        closing = await desk.finex.event("tr")
        closed = (await desk.clearport.notified("position_notification"))["position"]
        assert (closed["id"], closed["status"], closed["amount"]) == (position["id"], "closed", "0")
        pnl = cut(Decimal(AMOUNT) * (Decimal(closing[2]) - entry))
        final = 1 + pnl - fee - Decimal(closing[9])

        steps = await close(desk)
        assert [s["clearing_sm_state"] for s in steps] == ["finalizing", "concluding", "finalized"]
        assert [s["channel_state"] for s in steps] == ["open", "open", "closed"]
        turns = [s["turn_num"] for s in steps]
        assert turns == sorted(set(turns))
        for step in steps:
            assert Decimal(step["initiator_margin_balance"]) == final
            assert Decimal(step["responder_margin_balance"]) == 2 - final
        assert server.wallet_balance(ADDRESS) == 999 + final
        assert server.channels_of(ADDRESS) == ()


async def test_without_trades_everything_comes_back(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        steps = await close(desk)
        # As in the walkthrough, finalizing is the turn after funded.
        assert [s["turn_num"] for s in steps] == [2, 3, 4]
        assert server.wallet_balance(ADDRESS) == 1000
        assert await desk.finex.request("list_orders", ["", 0, 0, ""]) == "unauthorized"
        assert (
            await desk.clearport.request("close_channel", {"channel_id": desk.channel_id})
            == "channel is closed"
        )
        other = {"peer": KAYEN, "margin_deposit": "2"}
        assert "channel_id" in await desk.clearport.request("open_channel", other)


async def test_the_terminals_venue_waits_for_record_trade(start_server: StartServer) -> None:
    server = await start_server(records_trades=False)
    async with Desk(server) as desk:
        await desk.market_order("buy", AMOUNT)
        trade = await desk.finex.event("tr")
        about = {"channel_id": desk.channel_id}
        assert (await desk.clearport.request("positions", about))["positions"] == []
        refusal = await desk.clearport.request("close_channel", about)
        assert refusal == "channel has trades that are not recorded"
        record = about | {
            "external_id": str(trade[1]),
            "market": "PEPE/USD",
            "direction": "buy",
            "amount": trade[3],
            "price": trade[2],
            "executed_at": 0,
        }
        wrong = await desk.clearport.request("record_trade", record | {"amount": "1"})
        assert wrong == "trade does not match the exchange's"
        others = {"external_id": str(trade[1] + 1)}
        unknown = await desk.clearport.request("record_trade", record | others)
        assert unknown == "trade not found"
        ack = about | {"external_id": str(trade[1])}
        for _ in range(2):
            assert await desk.clearport.request("record_trade", record) == ack
        [position] = (await desk.clearport.request("positions", about))["positions"]
        assert position["amount"] == AMOUNT


async def test_a_client_that_comes_back_finds_everything(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", AMOUNT)
        trade = await desk.finex.event("tr")
        [order] = await desk.finex.request(
            "create_order", ["pepeusd", "l", "buy", "2000", "0.00001", ""]
        )
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        token = (await clearport.sign_in())["jwt_token"]
        await clearport.subscribe()
        state = await clearport.notified("stream_notification")
        assert state["channel_id"] == desk.channel_id
        assert state["clearing_sm_state"] == "operational"
        await finex.trade_on(clearport, desk.channel_id)
        [row] = await finex.request("list_orders", ["", 0, 0, ["wait", "trigger_wait"]])
        assert row[2] == order
        [mine] = await finex.request("list_channel_trades", [1, 10])
        assert mine[1:5] == trade[1:5]
        async with Clearport(server.clearport_url) as second:
            await second.request("challenge", {"address": ADDRESS, "name": "UserName"})
            resumed = {"address": ADDRESS, "jwt_token": token}
            assert "jwt_token" in await second.request("authenticate", resumed)
