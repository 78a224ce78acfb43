"""The one client door to `websockets`: opens a socket, moves text, and speaks our errors.

Decision: liveness is the library's own ping, every 4 s with 8 s to answer, so that a half-open
link is noticed within 12 s without any frame of the venue's protocol.
"""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websockets_connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)

from kayen_desktop import __version__
from kayen_desktop.domain.errors import TransportError

MAX_FRAME_BYTES = 8 * 1024 * 1024
OPEN_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 1
PING_INTERVAL_S = 4
PING_TIMEOUT_S = 8
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSED = frozenset({400, 401, 403, 404, 410})


class Connection:
    """One open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @property
    def latency_ms(self) -> float | None:
        """The last ping's round trip; None before the first."""
        return self._socket.latency * 1000 or None

    async def send(self, frame: str) -> None:
        """Hand one text frame to the socket.

        Raises:
            TransportError: the connection is closed; whether the frame left is not known.
        """
        try:
            await self._socket.send(frame)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str | bytes:
        """Return the next frame; returns at once while frames are ready.

        Raises:
            TransportError: the connection is closed.
        """
        try:
            return await self._socket.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def close(self) -> None:
        """Close politely: the peer sees code 1000."""
        await self._socket.close()


async def connect(url: str) -> Connection:
    """Open a socket to ws:// or wss://; anything but this machine must be wss://.

    Raises:
        TransportError: it could not be opened; ``is_fatal`` where trying again can't help.
    """
    parts = urlsplit(url)
    is_loopback = parts.hostname in _LOOPBACK
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise TransportError("The address is not a ws:// or wss:// address.", is_fatal=True)
    if parts.scheme == "ws" and not is_loopback:
        raise TransportError(
            "The address is not encrypted (ws://). Only wss:// is used outside this computer.",
            is_fatal=True,
        )
    try:
        socket = await websockets_connect(
            url,
            max_size=MAX_FRAME_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            compression=None,
            user_agent_header=f"Kayen-Desktop/{__version__}",
            proxy=None if is_loopback else True,
        )
    except ssl.SSLCertVerificationError as error:
        raise TransportError(
            "The server's certificate can't be trusted, so nothing was sent to it.", is_fatal=True
        ) from error
    except InvalidURI as error:
        raise TransportError("The address is not a WebSocket address.", is_fatal=True) from error
    except InvalidStatus as error:
        status = error.response.status_code
        raise TransportError(
            f"The server refused the connection (HTTP {status}).", is_fatal=status in _REFUSED
        ) from error
    except TimeoutError as error:
        raise TransportError("The server did not answer in time.") from error
    except InvalidHandshake as error:
        raise TransportError("The server did not speak WebSocket.") from error
    except OSError as error:
        raise TransportError("The server can't be reached.") from error
    return Connection(socket)


def _closed(error: ConnectionClosed) -> TransportError:
    if error.rcvd is not None:
        return TransportError(f"The server closed the connection (code {error.rcvd.code}).")
    return TransportError("The connection was lost.")
