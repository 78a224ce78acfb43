"""Every scripted fault does on a real socket what its name says."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from kayen_desktop.practice.scenario import Fault, parse_fault

from .conftest import StartServer
from .wire_client import ADDRESS, KAYEN, Clearport, Desk, Finex


async def test_delay_holds_a_frame_and_what_follows(start_server: StartServer) -> None:
    server = await start_server("finex:out:pong:delay=0.05")
    async with Finex(server.finex_url) as finex:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await finex.request("ping", [])
        assert loop.time() - began >= 0.05


async def test_drop_loses_one_frame(start_server: StartServer) -> None:
    server = await start_server("finex:out:pong:drop")
    async with Finex(server.finex_url) as finex:
        await finex.send([1, 1, "ping", []])
        await finex.send([1, 2, "ping", []])
        frame = await finex.expect(lambda f: f[0] == 2)
        assert frame[1] == 2


async def test_a_dropped_request_is_not_done(start_server: StartServer) -> None:
    server = await start_server("clearport:in:open_channel:drop")
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        data = {"peer": KAYEN, "margin_deposit": "1"}
        await clearport.ask(1, "open_channel", data)
        assert "channel_id" in await clearport.request("open_channel", data)


async def test_duplicate_sends_a_frame_twice(start_server: StartServer) -> None:
    server = await start_server("finex:out:tr:duplicate")
    async with Desk(server) as desk:
        await desk.market_order("buy", "1000")
        assert await desk.finex.event("tr") == await desk.finex.event("tr")


async def test_a_duplicated_request_is_done_twice(start_server: StartServer) -> None:
    server = await start_server("clearport:in:challenge:duplicate")
    async with Clearport(server.clearport_url) as clearport:
        first = await clearport.request("challenge", {})
        second = await clearport.next()
        assert second["data"]["challenge"] != first["challenge"]


async def test_reorder_lets_the_next_frame_go_first(start_server: StartServer) -> None:
    server = await start_server("finex:out:ou:reorder")
    async with Desk(server) as desk:
        await desk.market_order("buy", "1000")
        await desk.finex.event("ou")
        assert desk.finex.names()[-3:] == ["on", "tr", "ou"]


async def test_reject_answers_with_its_text(start_server: StartServer) -> None:
    server = await start_server(
        "finex:in:create_order:reject=no luck today", "clearport:in:channel_jwt@2:reject=no"
    )
    async with Desk(server) as desk:
        args = ["pepeusd", "m", "buy", "1000", "", ""]
        assert await desk.finex.request("create_order", args) == "no luck today"
        about = {"channel_id": desk.channel_id}
        assert await desk.clearport.request("channel_jwt", about) == "no"


async def test_partial_fills_a_part_and_cancels_the_rest(start_server: StartServer) -> None:
    server = await start_server("finex:in:create_order:partial=0.25")
    async with Desk(server) as desk:
        await desk.market_order("buy", "8000")
        assert (await desk.finex.event("ou"))[10] == "2000"
        row = await desk.finex.event("oc")
        assert (row[4], row[8], row[9], row[10]) == ("c", "6000", "8000", "2000")


async def test_gap_loses_a_sequence_number(start_server: StartServer) -> None:
    server = await start_server("finex:out:obi@2:gap", events_per_second=2000)
    async with Finex(server.finex_url) as finex:
        await finex.request("subscribe", ["public", ["pepeusd.ob-inc"]])
        start = (await finex.event("obs"))[1]
        assert [(await finex.event("obi"))[1] - start for _ in range(2)] == [1, 3]


async def test_a_heartbeat_can_stop_while_the_rest_goes_on(start_server: StartServer) -> None:
    server = await start_server("finex:out:sysx0:drop")
    async with Finex(server.finex_url) as finex:
        await finex.request("subscribe", ["public", ["tickers"]])
        for _ in range(4):
            await finex.event("tickers")
        assert "sys" not in [frame[1] for frame in finex.frames]


async def test_silence_says_no_more_and_stays_connected(start_server: StartServer) -> None:
    server = await start_server("finex:out:pong@2:silence")
    async with Finex(server.finex_url) as finex:
        await finex.request("ping", [])
        for number in (1, 2):
            await finex.send([1, number, "ping", []])
        # The socket itself still answers: only the venue is mute.
        async with asyncio.timeout(5):
            await (await finex.socket.ping())
        assert [f for f in finex.frames if f[1] in (1, 2)] == []
        assert server.connection_count("finex") == 1


async def test_close_before_a_request_leaves_it_undone(start_server: StartServer) -> None:
    server = await start_server("clearport:in:open_channel:close")
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        await clearport.ask(1, "open_channel", {"peer": KAYEN, "margin_deposit": "1"})
        assert await clearport.closed() == 1011
        assert server.channels_of(ADDRESS) == ()


async def test_close_before_a_reply_does_the_request(start_server: StartServer) -> None:
    server = await start_server("finex:out:create_order:close")
    async with Desk(server) as desk:
        await desk.finex.send([1, 1, "create_order", ["pepeusd", "m", "buy", "1000", "", ""]])
        assert await desk.finex.closed() == 1011
        position = (await desk.clearport.notified("position_notification"))["position"]
        assert position["amount"] == "1000"


async def test_expire_gives_a_token_that_is_over(start_server: StartServer) -> None:
    server = await start_server("clearport:in:channel_jwt:expire")
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        about = {"channel_id": await clearport.open_channel()}
        stale = (await clearport.request("channel_jwt", about))["jwt"]
        assert await finex.request("auth", [stale]) == "unauthorized"
        fresh = (await clearport.request("channel_jwt", about))["jwt"]
        assert await finex.request("auth", [fresh]) == ["authenticated"]


async def test_expire_ends_a_session_under_way(start_server: StartServer) -> None:
    server = await start_server("clearport:in:positions:expire", "finex:in:list_orders:expire")
    async with Desk(server) as desk:
        about = {"channel_id": desk.channel_id}
        assert await desk.clearport.request("positions", about) == "invalid JWT token"
        assert await desk.finex.request("list_orders", ["", 0, 0, ""]) == "unauthorized"
        await desk.clearport.sign_in()
        await desk.finex.trade_on(desk.clearport, desk.channel_id)


async def test_funding_that_fails_costs_nothing(start_server: StartServer) -> None:
    server = await start_server("clearport:in:open_channel:fail_funding")
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        await clearport.subscribe()
        await clearport.request("open_channel", {"peer": KAYEN, "margin_deposit": "1"})
        failed = await clearport.reach("failed")
        assert failed["channel_state"] == "closed"
        error = await clearport.notified("error_notification")
        assert error["message"] == "funding of the channel failed"
        assert server.wallet_balance(ADDRESS) == 1000


async def test_a_broker_closes_the_channel_by_itself(start_server: StartServer) -> None:
    server = await start_server("finex:in:list_orders:broker_close")
    async with Desk(server) as desk:
        await desk.market_order("buy", "1000")
        await desk.finex.request("list_orders", ["", 0, 0, ""])
        error = await desk.clearport.notified("error_notification")
        assert error["message"] == "channel is closed by the broker"
        final = await desk.clearport.reach("finalized")
        assert final["channel_state"] == "closed"
        paid = Decimal(final["initiator_margin_balance"])
        assert server.wallet_balance(ADDRESS) == 999 + paid


async def test_a_broker_closes_on_a_tests_word(start_server: StartServer) -> None:
    server = await start_server()
    async with Desk(server) as desk:
        server.close_for_broker(desk.channel_id)
        await desk.clearport.reach("finalized")
        assert server.wallet_balance(ADDRESS) == 1000


async def test_inject_sends_any_text_at_a_moment(start_server: StartServer) -> None:
    text = '[4,"tr",["",45,"123.5","33.5","4445.33",0,"","sell","sell","0","0","1654522267"]]'
    server = await start_server(f"finex:out:pong:inject={text}")
    async with Finex(server.finex_url) as finex:
        await finex.request("ping", [])
        assert (await finex.event("tr"))[1] == 45
        server.inject("finex", "not json")
        assert await finex.expect(lambda f: f == "not json")


async def test_a_fault_can_speak_on_the_other_link(start_server: StartServer) -> None:
    server = await start_server()
    server.scenario.add(
        Fault(
            link="finex",
            direction="in",
            name="ping",
            action=parse_fault("finex:in:ping:inject=x").action,
            text='{"event":"error","data":{"error":"invalid JWT token"}}',
            to="clearport",
        )
    )
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        await clearport.request("version")
        await finex.request("ping", [])
        assert (await clearport.next())["data"] == {"error": "invalid JWT token"}


async def test_dropped_connections_are_cut_and_can_come_back(start_server: StartServer) -> None:
    server = await start_server()
    async with Finex(server.finex_url) as finex:
        await finex.next()
        server.drop_connections("finex")
        assert await finex.closed() == 1006
    async with Finex(server.finex_url) as finex:
        assert (await finex.next())[1] == "markets"


async def test_a_paused_link_catches_up_when_resumed(start_server: StartServer) -> None:
    server = await start_server()
    async with Finex(server.finex_url) as finex:
        await finex.request("ping", [])
        server.pause("finex")
        await finex.send([1, 1, "ping", []])
        async with asyncio.timeout(5):
            await (await finex.socket.ping())
        server.resume("finex")
        assert (await finex.answer(1))[2] == "pong"
