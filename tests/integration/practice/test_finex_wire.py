"""Finex's requests, events and refusals in both dialects."""

from __future__ import annotations

import time
from decimal import ROUND_DOWN, Decimal

import pytest

from kayen_desktop.practice.server import PracticeServer

from .conftest import StartServer
from .wire_client import HARBOUR, Clearport, Desk, Finex, Frame

ROWS = ["on", "ou", "tr"]


async def test_a_client_is_greeted_with_markets_and_config(server: PracticeServer) -> None:
    async with Finex(server.finex_url) as finex:
        markets = await finex.next()
        assert markets[:2] == [3, "markets"]
        assert ["pepeusd", "spot", "pepe", "usd", 10] in markets[2]
        assert (await finex.next())[:2] == [3, "config"]
        assert await finex.request("get_markets", []) == markets[2]
        currencies = await finex.request("get_currencies", [])
        assert {row[0] for row in currencies} == {"btc", "pepe", "mendi", "usd"}
        await finex.send([1, 42, "ping", []])
        assert await finex.answer(42) == [2, 42, "pong", []]


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "{}",
        "[]",
        "[1,1,1,[]]",
        '[1,1,"ping"]',
        '[2,1,"ping",[]]',
        '[1,1.5,"ping",[]]',
        b"x",
    ],
)
async def test_what_is_no_request_gets_an_error(server: PracticeServer, text: str | bytes) -> None:
    async with Finex(server.finex_url) as finex:
        await finex.send(text)
        assert await finex.answer(0) == [2, 0, "error", ["malformed message"]]
        assert await finex.request("teleport", []) == "Unknown method teleport"


async def test_nothing_private_without_a_channels_token(server: PracticeServer) -> None:
    async with Finex(server.finex_url) as finex, Clearport(server.clearport_url) as clearport:
        session = (await clearport.sign_in())["jwt_token"]
        for token in ("x", "a.b.c", session, 5):
            assert await finex.request("auth", [token]) == "unauthorized"
        assert await finex.request("auth", []) == "auth expects exactly 1 arguments"
        for method, args in (
            ("create_order", ["pepeusd", "m", "buy", "1000", "", ""]),
            ("cancel_all", []),
            ("list_orders", ["", 0, 0, ""]),
            ("subscribe", ["private", ["order"]]),
        ):
            assert await finex.request(method, args) == "unauthorized"


async def test_both_names_of_auth_are_echoed(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        token = (await desk.clearport.request("channel_jwt", {"channel_id": desk.channel_id}))[
            "jwt"
        ]
        for method in ("auth", "authenticate"):
            await desk.finex.send([1, "77", method, [token]])
            reply = await desk.finex.expect(lambda f: f[0] == 2)
            assert reply == [2, "77", method, ["authenticated"]]


async def test_subscriptions_answer_with_every_topic(server: PracticeServer) -> None:
    async with Finex(server.finex_url) as finex:
        first = await finex.request("subscribe", ["public", ["pepeusd.trades", "tickers"]])
        assert first == ["public", ["pepeusd.trades", "tickers"]]
        second = await finex.request("subscribe", ["public", ["tickers", "btcusd.kline-15m"]])
        assert second == ["public", ["pepeusd.trades", "tickers", "btcusd.kline-15m"]]
        left = await finex.request("unsubscribe", ["public", ["tickers"]])
        assert left == ["public", ["pepeusd.trades", "btcusd.kline-15m"]]
        assert (
            await finex.request("subscribe", ["public", ["x.trades"]]) == "unknown topic x.trades"
        )
        assert await finex.request("subscribe", ["secret", []]) == "Unexpected scope secret"
        error = "subscribe expects exactly 2 arguments"
        assert await finex.request("subscribe", ["public"]) == error


async def test_tickers_and_heartbeats_come_by_themselves(server: PracticeServer) -> None:
    async with Finex(server.finex_url) as finex:
        await finex.request("subscribe", ["public", ["tickers.volume.desc"]])
        for _ in range(2):
            rows = await finex.event("tickers")
            assert len(rows) == 3
            assert [len(row) for row in rows] == [10] * 3
            volumes = [Decimal(row[6]) for row in rows]
            assert volumes == sorted(volumes, reverse=True)
        [beat] = await finex.event("sys")
        assert abs(beat["hb"] - time.time()) < 5


async def test_klines_hold_a_day(server: PracticeServer) -> None:
    async with Finex(server.finex_url) as finex:
        now_s = int(time.time())
        rows = await finex.request("klines", ["15", "btcusd", now_s - 86400, now_s])
        assert 95 <= len(rows) <= 97
        assert all(row[0] % 900 == 0 and len(row) == 6 for row in rows)
        assert await finex.request("klines", [7, "btcusd", 0, 1]) == "unknown period"
        assert await finex.request("klines", [1, "x", 0, 1]) == "market x not found"
        assert await finex.request("klines", [1]) == "klines expects exactly 4 arguments"
        await finex.request("subscribe", ["public", ["btcusd.kline-15m"]])
        assert len(await finex.event("btcusd.kline-15m")) == 6


class Book:
    """A book kept from obs and obi as protocols.md §2.7 says."""

    def __init__(self) -> None:
        self.sequence = 0
        self.sides: tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]] = ({}, {})

    def take(self, frame: Frame) -> None:
        market, sequence, *sides = frame[2]
        assert market == "pepeusd"
        if frame[1] == "obs":
            self.sides = ({}, {})
        else:
            assert sequence == self.sequence + 1
        self.sequence = sequence
        for mine, rows in zip(self.sides, sides, strict=True):
            for price, amount in rows:
                if Decimal(amount):
                    mine[Decimal(price)] = Decimal(amount)
                else:
                    # A level may come and go between two increments.
                    mine.pop(Decimal(price), None)
        assert max(self.sides[1]) < min(self.sides[0])


async def test_a_book_followed_by_increments_is_the_next_snapshot(
    start_server: StartServer,
) -> None:
    server = await start_server(events_per_second=2000)
    async with Finex(server.finex_url) as finex, Finex(server.finex_url) as late:
        book, fresh = Book(), Book()
        await finex.request("subscribe", ["public", ["pepeusd.ob-inc"]])
        for _ in range(10):
            book.take(await finex.expect(lambda f: f[1] in ("obs", "obi")))
        await late.request("subscribe", ["public", ["pepeusd.ob-inc"]])
        fresh.take(await late.expect(lambda f: f[1] == "obs"))
        while book.sequence < fresh.sequence:
            book.take(await finex.expect(lambda f: f[1] == "obi"))
        assert book.sides == fresh.sides


async def test_a_market_order_tells_on_then_ou_then_tr(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        uuid = await desk.market_order("buy", "1000")
        reply = desk.finex.frames[-1]
        on = await desk.finex.event("on")
        balance = await desk.finex.event("bu")
        assert reply[3] == [uuid]
        assert desk.finex.names() == ["bu", *ROWS, "bu"]
        assert len(on) == 15
        assert on[:6] == ["pepeusd", on[1], uuid, "buy", "w", "m"]
        assert on[6:12] == ["0", "0", "1000", "1000", "0", 0]
        assert on[13:] == ["0", ""]
        done, trade = (f[2] for f in desk.finex.frames if f[0] == 4 and f[1] in ("ou", "tr"))
        assert (done[4], done[8], done[10], done[11]) == ("d", "0", "1000", 1)
        assert len(trade) == 12
        assert (trade[5], trade[6], trade[7], trade[8]) == (on[1], uuid, "buy", "buy")
        margin, locked, available, leverage = (Decimal(text) for text in balance)
        assert margin - locked == available
        assert leverage == 10
        assert locked == Decimal(trade[4]) / 10
        assert await desk.finex.request("list_order_trades", [uuid]) == [trade]


async def test_a_limit_order_rests_locks_and_cancels(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        args = ["pepeusd", "l", "buy", "100000", "0.00001", ""]
        [uuid] = await desk.finex.request("create_order", args)
        on = await desk.finex.event("on")
        assert (on[4], on[6]) == ("w", "0.00001")
        assert await desk.finex.event("bu") == ["1", "0.1", "0.9", "10"]
        assert await desk.finex.request("cancel_order", [["btcusd", uuid]]) == (
            f"order {uuid} not found"
        )
        assert await desk.finex.request("cancel_order", [["pepeusd", uuid]]) == []
        assert (await desk.finex.event("oc"))[4] == "c"
        assert await desk.finex.event("bu") == ["1", "0", "1", "10"]
        [row] = await desk.finex.request("list_orders_by_uuids", [uuid, "nobody"])
        assert row[4] == "c"


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["pepeusd", "l", "buy", "0", "1", ""], "could not create order: amount must be greater"),
        (["pepeusd", "l", "buy", "-5", "1", ""], "could not create order: amount must be greater"),
        (["nousd", "l", "buy", "1", "1", ""], "could not create order: market nousd not found"),
        (["btcusd", "l", "buy", "1", "1.001", ""], "could not create order: price precision is 2"),
        (["pepeusd", "l", "buy", "999", "1", ""], "could not create order: minimum amount is 1000"),
        (
            ["btcusd", "l", "buy", "1", "60000", ""],
            "(usd) balance in cache: 10, required to lock an order: 60000,",
        ),
        (["mendiusd", "l", "buy", "100", "0.02", ""], "(usd) balance in cache: 1, required"),
        (["pepeusd", "slm", "sell", "1000", "1", ""], "could not create order: trigger price must"),
    ],
)
async def test_a_refused_order_is_an_or_event(
    server: PracticeServer, args: list[str], reason: str
) -> None:
    async with Desk(server) as desk:
        [uuid] = await desk.finex.request("create_order", args)
        row = await desk.finex.event("or")
        assert (row[1], row[2], row[4]) == (0, uuid, "r")
        assert row[14].startswith(reason)
        assert await desk.finex.request("list_orders", ["", 0, 0, "wait"]) == []


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["pepeusd"], "create_order expects exactly 6 arguments"),
        (["pepeusd", "zz", "buy", "1", "1", ""], "unknown order type"),
        (["pepeusd", "l", "up", "1", "1", ""], "side must be buy or sell"),
        (["pepeusd", "l", "buy", "NaN", "1", ""], "amount is not a number"),
        (["pepeusd", "l", "buy", "1", [], ""], "price is not a number"),
        ([5, "l", "buy", "1", "1", ""], "market is not text"),
    ],
)
async def test_an_unreadable_order_is_an_error(
    server: PracticeServer, args: list[object], error: str
) -> None:
    async with Desk(server) as desk:
        assert await desk.finex.request("create_order", args) == error


async def test_reducing_needs_no_buying_power(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", "860000")
        done = await desk.finex.event("ou")
        assert done[4] == "d"
        await desk.market_order("buy", "860000")
        assert (await desk.finex.event("or"))[14].startswith("(usd) balance in cache")
        args = ["pepeusd", "l", "sell", "860000", "0.00002", ""]
        await desk.finex.request("create_order", args)
        assert (await desk.finex.event("on"))[4] == "w"
        await desk.market_order("sell", "860000")
        assert (await desk.finex.event("ou"))[4] == "d"


async def test_bulk_lists_paging_and_cancel_all(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        order = ["pepeusd", "l", "buy", "1000", "0.00001", ""]
        uuids = await desk.finex.request("create_bulk", [[order, ["bad"], order, order]])
        assert uuids[1] == "error"
        assert len(set(uuids)) == 4
        newest = [uuids[3], uuids[2], uuids[0]]
        for page, limit, expected in (
            (0, 0, newest),
            (1, 2, newest[:2]),
            (2, 2, newest[2:]),
            (3, 2, []),
        ):
            rows = await desk.finex.request("list_orders", ["pepeusd", page, limit, ["wait"]])
            assert [row[2] for row in rows] == expected
        assert await desk.finex.request("list_orders", ["btcusd", 0, 0, ""]) == []
        assert await desk.finex.request("list_orders", ["", 0, 0, "odd"]) == "unknown order state"
        assert await desk.finex.request("cancel_all", []) == []
        assert await desk.finex.request("list_orders", ["", 0, 0, "wait"]) == []
        rows = await desk.finex.request("list_orders", ["", 0, 0, ["cancel"]])
        assert [row[2] for row in rows] == newest


async def test_a_stop_sleeps_and_wakes_when_the_market_falls(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", "2000")
        await desk.finex.event("tr")
        await desk.finex.request("create_order", ["pepeusd", "sl", "sell", "2000", "", "0.0000109"])
        asleep = await desk.finex.event("on")
        assert (asleep[4], asleep[5], asleep[13]) == ("tw", "sl", "0.0000109")
        server.set_fair_price("PEPE/USD", Decimal("0.0000105"))
        # A print at the new price is what wakes it.
        await desk.market_order("buy", "1000")
        stopped = await desk.finex.expect(
            lambda f: f[1] == "ou" and f[2][5] == "sl" and f[2][4] == "d"
        )
        assert Decimal(stopped[2][7]) < Decimal("0.0000109")


async def test_a_mark_that_moves_is_told(server: PracticeServer) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", "100000")
        first = (await desk.clearport.notified("position_notification"))["position"]
        server.set_fair_price("PEPE/USD", Decimal("0.000013"))
        moved = (await desk.clearport.notified("position_notification"))["position"]
        assert moved["id"] == first["id"]
        assert Decimal(moved["market_value"]) == Decimal(100_000) * Decimal("0.000013")
        assert Decimal(moved["pnl"]) == Decimal(moved["market_value"]) - Decimal(moved["cost"])


async def test_an_account_with_nothing_left_is_closed_by_its_broker(
    server: PracticeServer,
) -> None:
    async with Desk(server) as desk:
        await desk.market_order("buy", "800000")
        await desk.finex.event("tr")
        server.set_fair_price("PEPE/USD", Decimal("0.000009"))
        error = await desk.clearport.notified("error_notification")
        assert error["message"] == "liquidation margin reached"
        closed = await desk.clearport.expect(
            lambda f: (
                f["event"] == "position_notification"
                and f["data"]["position"]["status"] == "closed"
            )
        )
        assert closed["data"]["position"]["amount"] == "0"
        margin = await desk.clearport.notified("stream_notification")
        assert margin["initiator_margin_balance"] == "0"
        assert margin["responder_margin_balance"] == "2"


async def test_opendax_arrays(start_server: StartServer) -> None:
    server = await start_server(finex_dialect="opendax")
    async with Desk(server) as desk:
        markets = desk.finex.frames[0][2]
        pepe = ["pepeusd", "spot", "pepe", "usd", "enabled", 2, 8, 8, "0.00000001", "0", "1000"]
        assert pepe in markets
        await desk.finex.request("create_order", ["pepeusd", "l", "buy", "1000", "0.00001", ""])
        on = await desk.finex.event("on")
        assert (len(on), on[13:]) == (16, ["0.001", "0.002", "0"])
        assert await desk.finex.event("bu") == [["usd", "0.999", "0.001"]]
        await desk.finex.request("create_order", ["pepeusd", "l", "buy", "0", "0.00001", ""])
        refused = await desk.finex.event("or")
        assert refused[16] == "could not create order: amount must be greater than zero"


async def test_private_events_are_for_subscribers_of_the_channel(server: PracticeServer) -> None:
    async with (
        Desk(server) as desk,
        Finex(server.finex_url) as deaf,
        Finex(server.finex_url) as other,
    ):
        token = await desk.clearport.request("channel_jwt", {"channel_id": desk.channel_id})
        await deaf.request("auth", [token["jwt"]])
        await other.request("subscribe", ["public", ["pepeusd.trades"]])
        await desk.market_order("buy", "1000")
        await desk.finex.event("tr")
        trade = await other.event("trade")
        assert (len(trade), trade[6]) == (8, "buy")
        await deaf.request("ping", [])
        assert deaf.names() == []
        assert other.names() == []


async def test_a_burst_ends_every_order_and_adds_up(server: PracticeServer) -> None:
    async with Desk(server, "100", HARBOUR) as desk:
        count = 1000
        for number in range(count):
            side = "buy" if number % 2 else "sell"
            order = ["pepeusd", "m", side, "1000", "", ""]
            await desk.finex.send([1, 10_000 + number, "create_order", order])
        fees = Decimal(0)
        final: dict[str, str] = {}
        trades = 0
        while len(final) < count or trades < count:
            frame = await desk.finex.expect(lambda f: f[0] == 4)
            if frame[1] == "tr":
                fees += Decimal(frame[2][9])
                trades += 1
            elif frame[1] in ("ou", "oc", "or"):
                assert frame[2][2] not in final
                final[frame[2][2]] = frame[2][4]
        assert set(final.values()) == {"d"}
        await desk.clearport.request("close_channel", {"channel_id": desk.channel_id})
        realised = Decimal(0)
        balance = Decimal(100)
        for frame in desk.clearport.frames:
            if frame["event"] == "stream_notification":
                balance = Decimal(frame["data"]["initiator_margin_balance"])
        rows = await _trades_by_position(desk)
        for entry, leave, sign in rows:
            realised += ((leave - entry) * 1000 * sign).quantize(Decimal("0.000001"), ROUND_DOWN)
        assert balance == 100 + realised - fees
        assert balance == server.wallet_balance(HARBOUR["address"]) - 900


async def _trades_by_position(desk: Desk) -> list[tuple[Decimal, Decimal, int]]:
    """Return (entry, exit, side sign) of each pair of trades."""
    trades = [f[2] for f in desk.finex.frames if f[0] == 4 and f[1] == "tr"]
    assert len(trades) == 1000
    return [
        (Decimal(first[2]), Decimal(second[2]), 1 if first[7] == "buy" else -1)
        for first, second in zip(trades[::2], trades[1::2], strict=True)
    ]
