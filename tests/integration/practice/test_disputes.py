"""Disputes, margin calls and what a venue may push, over the real wire in both dialects."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kayen_desktop.practice.server import PracticeServer

from .conftest import StartServer
from .test_settlement import PEPE, hold, open_v1, told
from .wire_client import ADDRESS, Clearport, Desk, Finex, Frame

DISPUTE = ["challenging", "pending_challenge_registered", "challenge_registered"]


def steps(clearport: Clearport) -> list[tuple[str, str, str]]:
    """Return what the stream notifications said, from the dispute on."""
    all_steps = [
        (data["clearing_sm_state"], data["action"], data["channel_state"])
        for data in told(clearport, "stream_notification")
    ]
    return all_steps[[phase for phase, _, _ in all_steps].index("challenging") :]


async def test_a_dispute_is_cleared(start_server: StartServer) -> None:
    server = await start_server("clearport:in:positions:challenge", state_delay_s=0.02)
    async with Desk(server) as desk:
        await hold(desk)
        about = {"channel_id": desk.channel_id}
        await desk.clearport.ask(50, "positions", about)
        await desk.clearport.reach("challenging")
        assert await desk.clearport.request("channel_jwt", about) == "channel is challenging"
        assert await desk.clearport.request("close_channel", about) == "channel is challenging"
        await desk.market_order("sell", "1000")
        row = await desk.finex.event("or")
        assert row[14] == "could not create order: channel is challenging"
        await desk.clearport.reach("operational")
        assert steps(desk.clearport) == [
            *((phase, "challenge_started", "challenging") for phase in DISPUTE),
            ("operational", "challenge_cleared", "open"),
        ]
        assert "jwt" in await desk.clearport.request("channel_jwt", about)
        await desk.market_order("sell", "108506.94444444")
        await desk.finex.event("tr")
        assert await desk.clearport.request("close_channel", about) == about


@pytest.mark.parametrize("how", ["fault", "word"])
async def test_a_dispute_ends_the_channel_and_pays(start_server: StartServer, how: str) -> None:
    faults = ["finex:in:ping:challenge=finished"] if how == "fault" else []
    server = await start_server(*faults)
    async with Desk(server) as desk:
        await hold(desk)
        if how == "fault":
            await desk.finex.request("ping", [])
        else:
            server.challenge(desk.channel_id, "finished")
        final = await desk.clearport.reach("finalized")
        assert final["channel_state"] == "closed"
        assert [step for step in steps(desk.clearport) if step[0] not in DISPUTE] == [
            ("withdrawing", "challenge_finished", "challenging"),
            ("finalized", "channel_closed", "closed"),
        ]
        # The position ended at its mark on the way.
        closed = told(desk.clearport, "position_notification")[-1]["position"]
        assert (closed["status"], closed["amount"]) == ("closed", "0")
        paid = Decimal(final["initiator_margin_balance"])
        assert paid + Decimal(final["responder_margin_balance"]) == 2
        assert server.wallet_balance(ADDRESS) == 999 + paid
        assert server.channels_of(ADDRESS) == ()


async def test_the_operator_api_calls_a_dispute_settling(start_server: StartServer) -> None:
    server = await start_server(
        "clearport:in:positions@1:challenge",
        "clearport:in:positions@2:challenge=finished",
        clearport_dialect="v1",
    )
    allowed = {"channelOpened", "channelClosed", "channelSettled", "marginUpdated"}
    async with Clearport(server.clearport_url) as clearport:
        channel_id = await open_v1(server, clearport)
        await clearport.notified("stream_notification")

        async def dispute(last: str) -> list[str]:
            before = len(told(clearport, "stream_notification"))
            await clearport.ask(50, "positions", {"channel_id": channel_id})
            await clearport.expect(
                lambda f: (
                    f["event"] == "stream_notification" and f["data"]["channel_status"] == last
                )
            )
            notices = told(clearport, "stream_notification")[before:]
            assert {notice["action"] for notice in notices} <= allowed
            return [notice["channel_status"] for notice in notices]

        assert await dispute("opened") == ["settling"] * 3 + ["opened"]
        assert await dispute("closed") == ["settling"] * 3 + ["closing", "closed"]
        assert server.wallet_balance(ADDRESS) == 1000


@pytest.mark.parametrize(("value", "limit"), [("", "soft"), ("=soft", "soft"), ("=hard", "hard")])
async def test_a_margin_call_passes(start_server: StartServer, value: str, limit: str) -> None:
    server = await start_server(f"clearport:in:positions:margin_call{value}")
    async with Desk(server) as desk:
        await desk.clearport.ask(50, "positions", {"channel_id": desk.channel_id})
        called = await desk.clearport.reach("processing_margin_call")
        assert (called["margin_limit_type"], called["channel_state"]) == (limit, "open")
        over = await desk.clearport.reach("operational")
        assert (called["action"], over["action"]) == ("margin_updated", "margin_updated")
        assert "margin_limit_type" not in over


async def test_the_operator_api_has_margin_calls_as_updates(start_server: StartServer) -> None:
    server = await start_server(
        "clearport:in:positions:margin_call=hard", clearport_dialect="v1", state_delay_s=0.01
    )
    async with Clearport(server.clearport_url) as clearport:
        channel_id = await open_v1(server, clearport)
        await clearport.ask(50, "positions", {"channel_id": channel_id})
        call = await clearport.expect(
            lambda f: f["event"] == "stream_notification" and f["data"]["action"] == "marginUpdated"
        )
        assert call["data"]["channel_status"] == "opened"
        assert "margin_limit_type" not in call["data"]


async def test_red_is_told_with_its_metadata_and_closed(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await hold(desk, "430000")
        server.set_fair_price(PEPE, Decimal("0.0000092"))
        error = await desk.clearport.notified("error_notification")
        assert error["message"] == "liquidation margin reached"
        assert error["metadata"] == {"channel_id": desk.channel_id, "state": "operational"}
        assert error["channel_state"] == "open"
        closed = await desk.clearport.expect(
            lambda f: (
                f["event"] == "position_notification"
                and f["data"]["position"]["status"] == "closed"
            )
        )
        assert closed["data"]["position"]["amount"] == "0"
        margin = await desk.clearport.notified("stream_notification")
        left = Decimal(margin["initiator_margin_balance"])
        assert 0 <= left < Decimal("0.2")
        assert left + Decimal(margin["responder_margin_balance"]) == 2


# protocols.md §1.5: what the terminal was seen to read of the two requests to a wallet.
TRANSACTION = {
    "event": "transaction_notification",
    "reqid": 2,
    "data": {
        "to": "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
        "data": "0xa9059cbb",
        "gas_limit": "120000",
        "value": "0",
    },
}
SESSION_KEY = {
    "event": "session_key_transaction",
    "reqid": 2,
    "data": {
        "incomplete_user_op": {
            "sender": "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C",
            "nonce": "0x0",
            "initCode": "0x",
            "callData": "0x",
        },
        "enable_sig_offset": "0",
        "digest_hash": "0x" + "ab" * 32,
        "permissions": [],
    },
}


@pytest.mark.parametrize("pushed", [TRANSACTION, SESSION_KEY])
@pytest.mark.parametrize("dialect", ["v1", "v2"])
async def test_a_request_to_the_wallet_can_be_injected(
    start_server: StartServer, pushed: Frame, dialect: str
) -> None:
    server = await start_server(
        f"clearport:in:version:inject={json.dumps(pushed)}", clearport_dialect=dialect
    )
    async with Clearport(server.clearport_url) as clearport:
        assert await clearport.request("version") == {"version": "1.0.0"}
        assert await clearport.next() == pushed


@pytest.mark.parametrize("event", ["version", "identity_address", "active_channels_count"])
@pytest.mark.parametrize("dialect", ["v1", "v2"])
async def test_a_venue_may_not_know_about_itself(
    start_server: StartServer, event: str, dialect: str
) -> None:
    server = await start_server(
        f"clearport:in:{event}:reject=unknown event",
        f"clearport:in:{event}@2:drop",
        clearport_dialect=dialect,
    )
    async with Clearport(server.clearport_url) as clearport:
        assert await clearport.request(event) == "unknown event"
        await clearport.ask(60, event)
        assert set(await clearport.request(event)) == {event.removeprefix("active_channels_")} or (
            event == "identity_address"
        )
        assert all(frame.get("reqid") != 60 for frame in clearport.frames)


async def test_a_broker_closes_after_the_settlement(start_server: StartServer) -> None:
    server = await start_server("clearport:in:request_settlement:broker_close", state_delay_s=0.01)
    async with Desk(server) as desk, Finex(server.finex_url):
        await hold(desk)
        data = {"channel_id": desk.channel_id, "payment_method": "mock", "chain_id": 1}
        await desk.clearport.request("request_settlement", data | {"markets": [PEPE]})
        await desk.clearport.reach("finalized")
        states = [n["settlement_state"] for n in told(desk.clearport, "settlement_notification")]
        assert states[-1] == "withdrawn"
        messages = [n["message"] for n in told(desk.clearport, "error_notification")]
        assert messages == ["channel is closed by the broker"]
