"""The door to the network: which addresses it takes, and every failure in our own words."""

from __future__ import annotations

import socket

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from kayen_desktop.domain.errors import TransportError
from kayen_desktop.venues import transport


@pytest.mark.parametrize(
    "url", ["", "kayen.io", "http://kayen.io", "ws://", "wss://", "ws://kayen.io/ws"]
)
async def test_an_address_that_cannot_or_must_not_be_used_is_fatal(url: str) -> None:
    with pytest.raises(TransportError) as caught:
        await transport.connect(url)
    assert caught.value.is_fatal


async def test_text_goes_both_ways() -> None:
    async def echo(peer: ServerConnection) -> None:
        async for frame in peer:
            await peer.send(frame)

    async with serve(echo, "127.0.0.1", 0) as server:
        connection = await transport.connect(_url(server.sockets))
        await connection.send("0.00001152 ₿")
        assert await connection.receive() == "0.00001152 ₿"
        await connection.close()
        with pytest.raises(TransportError, match=r"code 1000|was lost"):
            await connection.send("late")


async def test_a_closed_connection_says_which_code() -> None:
    async def bye(peer: ServerConnection) -> None:
        await peer.close(1013, "busy")

    async with serve(bye, "127.0.0.1", 0) as server:
        connection = await transport.connect(_url(server.sockets))
        with pytest.raises(TransportError, match="1013"):
            await connection.receive()


async def test_a_cut_connection_is_lost() -> None:
    async def cut(peer: ServerConnection) -> None:
        peer.transport.abort()

    async with serve(cut, "127.0.0.1", 0) as server:
        connection = await transport.connect(_url(server.sockets))
        with pytest.raises(TransportError, match="was lost"):
            await connection.receive()


@pytest.mark.parametrize(("status", "is_fatal"), [(403, True), (404, True), (503, False)])
async def test_a_refused_upgrade_tells_its_status(status: int, *, is_fatal: bool) -> None:
    def refuse(peer: ServerConnection, request: Request) -> Response:
        return peer.respond(status, "no")

    async def unused(peer: ServerConnection) -> None:
        await peer.close()

    async with serve(unused, "127.0.0.1", 0, process_request=refuse) as server:
        with pytest.raises(TransportError, match=str(status)) as caught:
            await transport.connect(_url(server.sockets))
    assert caught.value.is_fatal is is_fatal


async def test_a_closed_port_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TransportError, match="can't be reached") as caught:
        await transport.connect(f"ws://127.0.0.1:{port}")
    assert not caught.value.is_fatal


def _url(sockets: object) -> str:
    assert isinstance(sockets, (list, tuple))
    return f"ws://127.0.0.1:{sockets[0].getsockname()[1]}"
