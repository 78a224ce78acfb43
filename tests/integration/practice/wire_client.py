"""A trader's client for the practice venue's tests, written from the documents alone.

It shares no code with the application: what it sends and reads is JSON by hand.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from eth_account import Account
from eth_account.messages import encode_defunct
from websockets.asyncio.client import ClientConnection, connect

from kayen_desktop.practice.server import PracticeServer

TIMEOUT_S = 10
SECRET = "0x" + "01" * 32
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
KAYEN = {
    "address": "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
    "url": "http://clearport-peer-grpc.kayen-prod:50081",
    "name": "BlockSafeguard",
}
HARBOUR = {
    "address": "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
    "url": "http://harbour.practice:50081",
    "name": "Harbour Practice",
}

# Frames are whatever JSON the server sent; the tests say what they expect of it.
Frame = Any


def sign(challenge: str, secret: str = SECRET) -> str:
    """Sign a challenge as a wallet does (EIP-191)."""
    signed = Account.sign_message(encode_defunct(text=challenge), secret)
    return "0x" + bytes(signed.signature).hex()


class RawLink:
    """One socket: every frame is kept in order; `expect` waits for the next that fits."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._socket: ClientConnection | None = None
        self.frames: list[Frame] = []
        self._read = 0
        self.reqid = 100

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, compression=None, open_timeout=TIMEOUT_S)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.socket.close()

    @property
    def socket(self) -> ClientConnection:
        assert self._socket is not None
        return self._socket

    async def send(self, message: object) -> None:
        text = message if isinstance(message, (str, bytes)) else json.dumps(message)
        await self.socket.send(text)

    async def next(self) -> Frame:
        """Return the next frame; one that is not JSON comes as its text."""
        async with asyncio.timeout(TIMEOUT_S):
            raw = await self.socket.recv()
        try:
            frame = json.loads(raw)
        except json.JSONDecodeError:
            frame = raw
        self.frames.append(frame)
        return frame

    async def expect(self, fits: Callable[[Frame], bool]) -> Frame:
        """Return the next frame that fits, keeping those before it in `frames`."""
        # Heartbeats go on for ever: what does not come in time never will.
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                frame = await self.next()
                if fits(frame):
                    return frame

    async def closed(self) -> int | None:
        """Wait until the server has closed; return the code."""
        async with asyncio.timeout(TIMEOUT_S):
            await self.socket.wait_closed()
        return self.socket.close_code


class Clearport(RawLink):
    """Clearport's frames."""

    async def request(self, event: str, data: object = None) -> Frame:
        """Send a request and return its answer's data; an error comes as its text."""
        self.reqid += 1
        await self.ask(self.reqid, event, data)
        return await self.answer(self.reqid, event)

    async def ask(self, reqid: int, event: str, data: object = None) -> None:
        message: dict[str, object] = {"reqid": reqid, "event": event}
        if data is not None:
            message["data"] = data
        await self.send(message)

    async def answer(self, reqid: int, event: str) -> Frame:
        frame = await self.expect(
            lambda f: f.get("reqid") == reqid and f["event"] in (event, "error")
        )
        return frame["data"]["error"] if frame["event"] == "error" else frame.get("data")

    async def sign_in(self, secret: str = SECRET, address: str = ADDRESS) -> Frame:
        data = await self.request("challenge", {"address": address, "name": "UserName"})
        return await self.request(
            "authenticate", {"address": address, "signature": sign(data["challenge"], secret)}
        )

    async def subscribe(self) -> None:
        await self.ask(2, "subscribe_notifications")

    async def notified(self, event: str) -> Frame:
        """Return the next notification's data."""
        frame = await self.expect(lambda f: f["event"] == event)
        return frame["data"]

    async def reach(self, state: str) -> Frame:
        """Return the stream notification in which a channel reaches a state."""
        frame = await self.expect(
            lambda f: (
                f["event"] == "stream_notification" and f["data"]["clearing_sm_state"] == state
            )
        )
        return frame["data"]

    async def open_channel(self, deposit: str = "1", peer: object = KAYEN) -> str:
        """Sign in, subscribe and open a channel; return its id."""
        await self.sign_in()
        await self.subscribe()
        data = await self.request("open_channel", {"peer": peer, "margin_deposit": deposit})
        await self.reach("operational")
        return str(data["channel_id"])


class Finex(RawLink):
    """Finex's frames."""

    async def request(self, method: str, args: object) -> Frame:
        """Send a request and return its answer's args; an error comes as its text."""
        self.reqid += 1
        await self.send([1, self.reqid, method, args])
        frame = await self.answer(self.reqid)
        return frame[3][0] if frame[2] == "error" else frame[3]

    async def answer(self, reqid: int) -> Frame:
        return await self.expect(lambda f: f[0] == 2 and f[1] == reqid)

    async def event(self, name: str) -> Frame:
        """Return the args of the next event of a name."""
        frame = await self.expect(lambda f: f[0] in (3, 4) and f[1] == name)
        return frame[2]

    async def trade_on(self, clearport: Clearport, channel_id: str) -> None:
        """Sign in with a channel and subscribe to everything private."""
        data = await clearport.request("channel_jwt", {"channel_id": channel_id})
        assert await self.request("auth", [data["jwt"]]) == ["authenticated"]
        await self.request("subscribe", ["private", ["order", "trade", "balances"]])

    def names(self) -> list[str]:
        """Return the names of the events so far, private ones only."""
        return [frame[1] for frame in self.frames if frame[0] == 4]


class Desk:
    """Both links of one trader with an open channel."""

    def __init__(self, server: PracticeServer, deposit: str = "1", peer: object = KAYEN) -> None:
        self.clearport = Clearport(server.clearport_url)
        self.finex = Finex(server.finex_url)
        self.channel_id = ""
        self._deposit = deposit
        self._peer = peer

    async def __aenter__(self) -> Self:
        await self.clearport.__aenter__()
        await self.finex.__aenter__()
        self.channel_id = await self.clearport.open_channel(self._deposit, self._peer)
        await self.finex.trade_on(self.clearport, self.channel_id)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.finex.__aexit__(kind, error, trace)
        await self.clearport.__aexit__(kind, error, trace)

    async def market_order(self, side: str, amount: str, market: str = "pepeusd") -> str:
        """Place a market order and return its uuid."""
        [uuid] = await self.finex.request("create_order", [market, "m", side, amount, "", ""])
        return str(uuid)
