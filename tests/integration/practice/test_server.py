"""The server itself: quick to start, polite to stop, and usable from the command line."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from kayen_desktop.practice.server import PracticeServer, main
from kayen_desktop.practice.settings import PracticeSettings

from .conftest import QUIET, StartServer
from .wire_client import Clearport, Finex


async def test_it_listens_before_the_books_are_built() -> None:
    async with PracticeServer(PracticeSettings()) as server, Finex(server.finex_url) as finex:
        markets = await finex.next()
        assert len(markets[2]) == 15


async def test_stopping_says_going_away_and_frees_the_port() -> None:
    server = PracticeServer(QUIET)
    await server.start()
    port = int(server.finex_url.split(":")[2].split("/")[0])
    async with Finex(server.finex_url) as finex, Clearport(server.clearport_url) as clearport:
        await server.stop()
        assert await finex.closed() == 1001
        assert await clearport.closed() == 1001
    await server.stop()
    again = PracticeServer(QUIET)
    await again.start(port=port)
    await again.stop()


async def test_stopping_does_not_wait_for_a_scripted_delay(start_server: StartServer) -> None:
    server = await start_server("finex:in:ping:delay=600")
    async with Finex(server.finex_url) as finex:
        await finex.send([1, 1, "ping", []])
        async with asyncio.timeout(5):
            await server.stop()


async def test_stopping_in_the_middle_of_opening_a_channel(start_server: StartServer) -> None:
    server = await start_server(state_delay_s=600)
    async with Clearport(server.clearport_url) as clearport:
        await clearport.sign_in()
        peer = {"address": server.settings.brokers[0].address}
        await clearport.request("open_channel", {"peer": peer, "margin_deposit": "1"})
        async with asyncio.timeout(5):
            await server.stop()


async def test_a_taken_port_is_an_error(server: PracticeServer) -> None:
    port = int(server.finex_url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="address already in use"):
        await PracticeServer(QUIET).start(port=port)


async def test_a_server_starts_once(server: PracticeServer) -> None:
    with pytest.raises(RuntimeError, match="starts once"):
        await server.start()
    with pytest.raises(RuntimeError, match="not running"):
        PracticeServer(QUIET).drop_connections("finex")
    with pytest.raises(KeyError):
        server.close_for_broker("0x1")


async def test_other_paths_are_not_found(server: PracticeServer) -> None:
    with pytest.raises(InvalidStatus):
        await connect(server.finex_url.replace("/finex", "/elsewhere"))


async def test_a_busy_venue_goes_on_while_clients_come_and_go() -> None:
    settings = replace(QUIET, events_per_second=5000)
    async with PracticeServer(settings) as server:
        for _ in range(3):
            async with Finex(server.finex_url) as finex:
                await finex.request("subscribe", ["public", ["btcusd.trades"]])
                await finex.event("trade")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C can't be sent to a child there")
async def test_the_command_serves_until_ctrl_c() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kayen_desktop.practice.server",
        "--seed=3",
        "--fault=finex:out:pong:drop",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        clearport_url = (await process.stdout.readline()).split()[1].decode()
        finex_url = (await process.stdout.readline()).split()[1].decode()
        async with Clearport(clearport_url) as clearport, Finex(finex_url) as finex:
            assert await clearport.request("version") == {"version": "1.0.0"}
            assert (await finex.next())[1] == "markets"
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert errors == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--fault=nonsense"],
        ["--events-per-second=-1"],
        ["--scenario=/nowhere/at/all.json"],
        ["--clearport-dialect=v9"],
    ],
)
def test_arguments_that_make_no_sense_are_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    assert "kayen-practice: error:" in capsys.readouterr().err
