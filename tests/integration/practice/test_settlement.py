"""Settlements over the real wire, in both dialects and with every end."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import pytest

from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import ClearportDialect

from .conftest import StartServer
from .wire_client import ADDRESS, KAYEN, Clearport, Desk, Finex, Frame

PAID = ["proposed", "accepted", "initiated", "prepared", "executed", "completed", "withdrawn"]
PEPE = "PEPE/USD"


async def ask(clearport: Clearport, channel_id: str, *markets: str) -> Frame:
    """Request a settlement; return the answer's data."""
    data = {"channel_id": channel_id, "payment_method": "escrow", "chain_id": 1337}
    return await clearport.request("request_settlement", data | {"markets": markets})


async def until(clearport: Clearport, last: str, key: str = "settlement_state") -> list[Frame]:
    """Return the settlement notifications up to a state."""
    await clearport.expect(
        lambda f: f["event"] == "settlement_notification" and f["data"][key] == last
    )
    return told(clearport, "settlement_notification")


def told(clearport: Clearport, event: str) -> list[Frame]:
    return [f["data"] for f in clearport.frames if f["event"] == event]


async def hold(desk: Desk, amount: str = "108506.94444444") -> None:
    await desk.market_order("buy", amount)
    await desk.clearport.notified("position_notification")


async def test_a_settlement_runs_to_its_end(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await hold(desk)
        server.set_fair_price(PEPE, Decimal("0.0000125"))
        valued = await desk.clearport.expect(
            lambda f: (
                f["event"] == "position_notification"
                and Decimal(f["data"]["position"]["market_value"])
                == Decimal("108506.94444444") * Decimal("0.0000125")
            )
        )
        pnl = Decimal(valued["data"]["position"]["pnl"])
        assert await ask(desk.clearport, desk.channel_id, PEPE) == {}
        notices = await until(desk.clearport, "withdrawn")
        assert notices == [
            {"channel_id": desk.channel_id, "settlement_state": state, "markets": [PEPE]}
            for state in PAID
        ]
        statuses = [
            data["position"]["status"]
            for data in told(desk.clearport, "position_notification")
            if data["position"]["status"] != "open"
        ]
        assert statuses == ["in_settlement", "settled"]
        paid = pnl.quantize(Decimal("0.000001"), ROUND_DOWN)
        assert paid > 0
        assert server.wallet_balance(ADDRESS) == 999 + paid
        streams = told(desk.clearport, "stream_notification")
        phases = [(s["clearing_sm_state"], s["action"], s["channel_state"]) for s in streams[-3:]]
        assert phases == [
            ("active_settlement", "channel_settled", "open"),
            ("processing_post_settlement_margin", "channel_settled", "open"),
            ("operational", "channel_opened", "open"),
        ]
        # The settlement has moved nothing between the two balances; only the fee has.
        balance = Decimal(streams[-1]["initiator_margin_balance"])
        about = {"channel_id": desk.channel_id}
        assert (await desk.clearport.request("positions", about))["positions"] == []
        assert await desk.clearport.request("close_channel", about) == about
        assert server.wallet_balance(ADDRESS) == 999 + paid + balance


async def open_v1(server: PracticeServer, clearport: Clearport) -> str:
    await clearport.sign_in()
    await clearport.subscribe()
    data = await clearport.request("open_channel", {"peer": KAYEN, "margin_deposit": "5"})
    await clearport.expect(
        lambda f: f["event"] == "stream_notification" and f["data"]["channel_status"] == "opened"
    )
    return str(data["channel_id"])


async def test_the_operator_apis_settlement_ends_with_completed(start_server: StartServer) -> None:
    server = await start_server(clearport_dialect="v1", finex_dialect="opendax")
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        channel_id = await open_v1(server, clearport)
        await finex.trade_on(clearport, channel_id)
        await finex.request("create_order", ["pepeusd", "m", "buy", "1000", "", ""])
        await clearport.notified("position_notification")
        assert await ask(clearport, channel_id, PEPE) is None
        notices = await until(clearport, "completed", "state")
        assert notices == [{"channel_id": channel_id, "state": state} for state in PAID[:-1]]
        status = [s["channel_status"] for s in told(clearport, "stream_notification")]
        assert status[-3:] == ["settling", "settling", "opened"]
        assert await clearport.request("close_channel", {"channel_id": channel_id})
        assert len(told(clearport, "settlement_notification")) == 6


@pytest.mark.parametrize("dialect", ["v1", "v2"])
@pytest.mark.parametrize(
    ("fault", "states"),
    [
        ("reject_settlement", ["proposed", "rejected"]),
        ("fail_settlement", [*PAID[:4], "failed"]),
        ("silent_settlement=0.05", ["proposed", "failed"]),
    ],
)
async def test_a_settlement_can_end_badly(
    start_server: StartServer, fault: str, states: list[str], dialect: ClearportDialect
) -> None:
    server = await start_server(
        f"clearport:in:request_settlement:{fault}", clearport_dialect=dialect
    )
    key = "settlement_state" if dialect == "v2" else "state"
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        if dialect == "v1":
            channel_id = await open_v1(server, clearport)
        else:
            channel_id = await clearport.open_channel("5")
        await finex.trade_on(clearport, channel_id)
        await finex.request("create_order", ["pepeusd", "m", "buy", "1000", "", ""])
        await clearport.notified("position_notification")
        wallet = server.wallet_balance(ADDRESS)
        await ask(clearport, channel_id, PEPE)
        notices = await until(clearport, states[-1], key)
        assert [notice[key] for notice in notices] == states
        await clearport.notified("stream_notification")
        listed = await clearport.request("positions", {"channel_id": channel_id})
        [item] = listed["positions"]
        assert item.get("position", item)["status"] == "open"
        assert server.wallet_balance(ADDRESS) == wallet


async def test_a_silent_broker_holds_the_channel(start_server: StartServer) -> None:
    server = await start_server("clearport:in:request_settlement:silent_settlement")
    async with Desk(server) as desk:
        await hold(desk)
        [resting] = await desk.finex.request(
            "create_order", ["btcusd", "l", "buy", "0.0001", "10000", ""]
        )
        await ask(desk.clearport, desk.channel_id, PEPE)
        await until(desk.clearport, "proposed")
        about = {"channel_id": desk.channel_id}
        assert await desk.clearport.request("close_channel", about) == "channel is settling"
        assert await ask(desk.clearport, desk.channel_id, PEPE) == "channel is settling"
        # Coming back is possible, and so is cancelling; orders are not taken.
        assert "jwt" in await desk.clearport.request("channel_jwt", about)
        await desk.market_order("buy", "1000", "btcusd")
        refused = await desk.finex.event("or")
        assert refused[14] == "could not create order: channel is settling"
        await desk.finex.request("cancel_order", [["btcusd", resting]])
        assert (await desk.finex.event("oc"))[2] == resting
        server.close_for_broker(desk.channel_id)
        [position] = (await desk.clearport.request("positions", about))["positions"]
        assert position["status"] == "in_settlement"


async def test_an_orange_margin_is_rejected_by_the_broker_itself(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await hold(desk, "430000")
        server.set_fair_price(PEPE, Decimal("0.0000096"))
        await ask(desk.clearport, desk.channel_id, PEPE)
        states = [n["settlement_state"] for n in await until(desk.clearport, "rejected")]
        assert states == ["proposed", "rejected"]
        error = await desk.clearport.notified("error_notification")
        assert error == {
            "message": "settlement is rejected: margin is orange",
            "metadata": {"channel_id": desk.channel_id, "state": "active_settlement"},
            "action": "channel_settled",
            "channel_state": "open",
        }
        await desk.market_order("buy", "1000")
        row = await desk.finex.event("or")
        assert row[14] == (
            "could not create order: margin is orange, only orders that reduce a position are taken"
        )


async def test_a_wallet_that_cannot_pay_is_told(start_server: StartServer) -> None:
    server = await start_server(wallets={ADDRESS: Decimal(1)})
    async with Desk(server) as desk:
        await hold(desk)
        server.set_fair_price(PEPE, Decimal("0.00001"))
        await ask(desk.clearport, desk.channel_id, PEPE)
        states = [n["settlement_state"] for n in await until(desk.clearport, "failed")]
        assert states == ["proposed", "accepted", "initiated", "failed"]
        error = await desk.clearport.notified("error_notification")
        assert error["message"] == "settlement failed: not enough funds in the wallet"
