"""Clearport's strictness and its v1 dialect."""

from __future__ import annotations

import pytest

from kayen_desktop.practice.server import PracticeServer

from .conftest import StartServer
from .wire_client import ADDRESS, HARBOUR, KAYEN, Clearport, Desk, Finex, sign

OTHER_SECRET = "0x" + "02" * 32


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("not json", "malformed message"),
        ("[]", "malformed message"),
        ("{}", "malformed message"),
        (b"\x00\x01", "malformed message"),
        ('{"event":"challenge"}', "reqid must be an integer"),
        ('{"event":"challenge","reqid":"1"}', "reqid must be an integer"),
        ('{"event":"challenge","reqid":1,"data":[]}', "malformed message"),
    ],
)
async def test_what_is_no_request_gets_an_error_without_reqid(
    server: PracticeServer, text: str | bytes, error: str
) -> None:
    async with Clearport(server.clearport_url) as clearport:
        await clearport.send(text)
        assert await clearport.next() == {"event": "error", "data": {"error": error}}
        assert "version" in await clearport.request("version")


async def test_nothing_of_an_account_before_signing_in(server: PracticeServer) -> None:
    async with Clearport(server.clearport_url) as clearport:
        for event in ("subscribe_notifications", "open_channel", "channel_jwt", "positions"):
            assert await clearport.request(event, {}) == "request is not authenticated"
        assert await clearport.request("teleport") == "unknown event teleport"
        assert await clearport.request("version") == {"version": "1.0.0"}
        assert await clearport.request("active_channels_count") == {"count": 0}
        assert (await clearport.request("identity_address"))["address"].startswith("0x")


async def test_a_challenge_is_for_one_use_and_one_wallet(server: PracticeServer) -> None:
    async with Clearport(server.clearport_url) as clearport:
        no_challenge = await clearport.request(
            "authenticate", {"address": ADDRESS, "signature": sign("x")}
        )
        assert no_challenge == "no challenge was asked for"
        data = await clearport.request("challenge", {"address": ADDRESS, "name": "UserName"})
        challenge = data["challenge"]
        answer = {"address": ADDRESS, "challenge": challenge}
        stranger = answer | {"signature": sign(challenge, OTHER_SECRET)}
        assert await clearport.request("authenticate", stranger) == "Invalid signature"
        right = answer | {"signature": sign(challenge)}
        assert await clearport.request("authenticate", right) == "challenge is unknown or expired"
        assert "jwt_token" in await clearport.sign_in()


async def test_a_challenge_expires(start_server: StartServer) -> None:
    server = await start_server(challenge_lifetime_s=0)
    async with Clearport(server.clearport_url) as clearport:
        assert await clearport.sign_in() == "challenge is unknown or expired"


async def test_a_session_expires(start_server: StartServer) -> None:
    server = await start_server(session_lifetime_s=0)
    async with Clearport(server.clearport_url) as clearport:
        token = (await clearport.sign_in())["jwt_token"]
        assert await clearport.request("positions", {}) == "invalid JWT token"
        resumed = {"address": ADDRESS, "jwt_token": token}
        assert await clearport.request("authenticate", resumed) == "invalid JWT token"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "peer is required"),
        ({"peer": {}}, "address is required"),
        ({"peer": KAYEN}, "margin_deposit is required"),
        ({"peer": KAYEN, "margin_deposit": 1}, "margin_deposit is required"),
        ({"peer": KAYEN, "margin_deposit": "NaN"}, "margin_deposit is not a decimal string"),
        ({"peer": KAYEN, "margin_deposit": "0"}, "margin deposit must be greater than zero"),
        (
            {"peer": KAYEN, "margin_deposit": "31"},
            "margin deposit is outside the broker's packages: 1 to 30",
        ),
    ],
)
async def test_a_bad_deposit_is_refused(
    server: PracticeServer, data: dict[str, object], error: str
) -> None:
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        assert await clearport.request("open_channel", data) == error


async def test_a_channel_is_its_owners_alone(server: PracticeServer) -> None:
    async with Desk(server) as desk, Clearport(server.clearport_url) as other:
        about = {"channel_id": desk.channel_id}
        data = await other.request("challenge", {})
        signature = sign(data["challenge"], OTHER_SECRET)
        await other.request("authenticate", {"signature": signature})
        for event in ("channel_jwt", "positions", "close_channel"):
            assert await other.request(event, about) == "channel not found"
        assert await desk.clearport.request("channel_jwt", {}) == "channel_id is required"


async def test_a_token_is_for_an_open_channel(start_server: StartServer) -> None:
    server = await start_server(state_delay_s=30)
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        data = await clearport.request("open_channel", {"peer": KAYEN, "margin_deposit": "1"})
        assert await clearport.request("channel_jwt", data) == "channel is not open"
        assert await clearport.request("close_channel", data) == "channel is not operational"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"payment_method": "cash"}, "payment_method must be escrow or mock"),
        ({"chain_id": "1"}, "chain_id must be an integer"),
        ({"markets": "PEPE/USD"}, "markets must be a list of names"),
        ({}, "no open position in the markets to settle"),
    ],
)
async def test_a_bad_settlement_is_refused(
    server: PracticeServer, change: dict[str, object], error: str
) -> None:
    async with Desk(server) as desk:
        data: dict[str, object] = {"channel_id": desk.channel_id, "payment_method": "escrow"}
        data |= {"chain_id": 1, "markets": ["PEPE/USD"]}
        assert await desk.clearport.request("request_settlement", data | change) == error


async def test_the_operator_apis_dialect(start_server: StartServer) -> None:
    server = await start_server(clearport_dialect="v1")
    async with Clearport(server.clearport_url) as clearport:
        challenge = (await clearport.request("challenge"))["challenge"]
        reply = await clearport.request(
            "authenticate", {"challenge": challenge, "signature": sign(challenge)}
        )
        assert reply is None
        await clearport.subscribe()
        channel_id = (
            await clearport.request("open_channel", {"peer": HARBOUR, "margin_deposit": "5"})
        )["channel_id"]
        states = [await clearport.notified("stream_notification") for _ in range(5)]
        assert [s["channel_status"] for s in states] == ["opening"] * 3 + ["opened"] * 2
        assert states[-1] == {
            "channel_id": channel_id,
            "action": "channelOpened",
            "channel_status": "opened",
            "my_role": "Initiator",
            "peer": HARBOUR,
            "margin_deposit": "5",
            "initiator_margin_balance": "5",
            "follower_margin_balance": "5",
        }
        token = (await clearport.request("channel_jwt", {"channel_id": channel_id}))["jwt"]
        assert token.count(".") == 2
        assert await clearport.request("positions", {"channel_id": channel_id}) == {
            "channel_id": channel_id,
            "positions": [],
        }
        await clearport.request("close_channel", {"channel_id": channel_id})
        last = [f["data"] for f in clearport.frames if f["event"] == "stream_notification"][-1]
        assert (last["action"], last["channel_status"]) == ("channelClosed", "closed")


async def test_a_v1_position_is_flat_and_listed_wrapped(start_server: StartServer) -> None:
    server = await start_server(clearport_dialect="v1", finex_dialect="opendax")
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        await clearport.sign_in()
        await clearport.subscribe()
        about = await clearport.request("open_channel", {"peer": KAYEN, "margin_deposit": "5"})
        await clearport.expect(
            lambda f: (
                f["event"] == "stream_notification" and f["data"]["channel_status"] == "opened"
            )
        )
        await finex.trade_on(clearport, about["channel_id"])
        await finex.request("create_order", ["pepeusd", "m", "buy", "1000", "", ""])
        position = await clearport.notified("position_notification")
        keys = "channel_id market direction amount cost market_value pnl status"
        assert set(position) == set(keys.split())
        listed = await clearport.request("positions", about)
        assert [set(item) for item in listed["positions"]] == [{"position"}]
