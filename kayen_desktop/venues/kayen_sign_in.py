"""Signing in to Finex with what Clearport gives: which account, with which token, for how long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from kayen_desktop.domain.channels import Channel, ChannelState
from kayen_desktop.domain.errors import KayenError, TransportError
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    Event,
    LinkChanged,
    LinkState,
)
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.finex.protocol import FinexProtocol
from kayen_desktop.protocol.jwt import Token

from .link import Link

log = logging.getLogger(__name__)
RENEW_BEFORE = timedelta(seconds=60)
CHECK_TOKENS_EVERY_S = 5.0
SIGN_IN_AGAIN_S = 2.0
# An account that takes no orders just now, and may again: its orders can still be cancelled.
_PAUSED = frozenset({ChannelState.SETTLING, ChannelState.CHALLENGING})


class ExchangeSignIn:
    """Keeps Finex signed in to the account in use, and both tokens fresh."""

    def __init__(
        self,
        clearing: Link,
        trading: Link,
        clearport: ClearportProtocol,
        finex: FinexProtocol,
        clock: Callable[[], datetime],
        *,
        request_timeout_s: float,
    ) -> None:
        """Begin with no account and no token; nothing happens before ``run``."""
        self._clearing = clearing
        self._trading = trading
        self._clearport = clearport
        self._finex = finex
        self._clock = clock
        self._request_timeout_s = request_timeout_s
        self._channels: dict[str, Channel] = {}
        self._token: Token | None = None
        self._signed_in_to = ""
        self._answer: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()

    @property
    def token(self) -> Token | None:
        """The token that Finex was last signed in to with."""
        return self._token

    async def run(self) -> None:
        """Sign in whenever there is something to sign in to, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_signed_in())
            group.create_task(self._keep_tokens_fresh())

    # What the links tell

    def begin(self) -> None:
        """Start over: Finex is connected anew, and nobody is signed in."""
        self._signed_in_to = ""

    def accept(self, link: Link) -> None:
        """Take in that a link is signed in."""
        if link is self._trading and self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
        self._wake.set()

    def refuse(self, error: KayenError) -> None:
        """Take in that Finex refused the token, or ended the session by itself."""
        self._signed_in_to = ""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        elif not isinstance(error, TransportError):
            # The session ended by itself: its token is no good any more.
            self._token = None
            self._trading.interrupt(TransportError("Finex ended the session; signing in again."))

    def notice(self, event: Event) -> None:
        """Take in what the sign-in depends on: the accounts, and where the links stand."""
        match event:
            case ChannelUpdated(channel):
                held = self._channels.get(channel.channel_id)
                if held is None or (channel.supersedes(held) and not held.is_closed):
                    self._channels[channel.channel_id] = channel
                self._follow_channel()
            case ChannelClosed(channel_id):
                self._channels.pop(channel_id, None)
                self._follow_channel()
            case LinkChanged(link, state):
                lost = state in (LinkState.RETRYING, LinkState.REFUSED)
                if link == self._trading.name and lost:
                    self.refuse(TransportError("The connection was lost."))
                self._wake.set()

    @property
    def _channel_id(self) -> str:
        """The newest usable account, else the one signed in to while it pauses; else empty."""
        usable = [key for key, channel in self._channels.items() if channel.is_usable]
        if usable:
            return usable[-1]
        held = self._channels.get(self._signed_in_to)
        is_pausing = held is not None and held.state in _PAUSED and not held.is_closing
        return self._signed_in_to if is_pausing else ""

    def _follow_channel(self) -> None:
        """Sign in to the account in use; a Finex session never outlives its account."""
        if self._signed_in_to and self._signed_in_to != self._channel_id:
            self._token = None
            self._signed_in_to = ""
            self._trading.interrupt(TransportError("The margin account in use has changed."))
        self._wake.set()

    # Signing in

    async def _keep_signed_in(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._sign_in()
            except KayenError as error:
                log.info("signing in to %s: %s", self._trading.name, error)
                self._token = None
                if self._trading.state is LinkState.SIGNING_IN:
                    await self._trading.declare(LinkState.CONNECTED)
                await asyncio.sleep(SIGN_IN_AGAIN_S)
                self._wake.set()

    async def _sign_in(self) -> None:
        channel_id = self._channel_id
        if (
            not channel_id
            or self._trading.state is not LinkState.CONNECTED
            or self._clearing.state is not LinkState.READY
        ):
            return
        await self._trading.declare(LinkState.SIGNING_IN)
        if self._token is None or self._token.channel_id not in (None, channel_id):
            self._token = await self._channel_token(channel_id)
        await self._authenticate(self._token)
        self._signed_in_to = channel_id
        self._follow_channel()  # the account may have ended while Finex thought about its answer

    async def _authenticate(self, token: Token) -> None:
        """Sign in on the open connection, and wait for Finex's yes or no."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._trading.command(lambda: self._finex.authenticate(token.text))
        try:
            async with asyncio.timeout(self._request_timeout_s):
                await answer
        except TimeoutError as error:
            silent = TransportError("Finex did not answer the sign-in.")
            self._trading.interrupt(silent)
            raise silent from error
        finally:
            self._answer = None

    async def _channel_token(self, channel_id: str) -> Token:
        return cast(
            Token,
            await self._clearing.request(
                lambda: self._clearport.request_channel_token(channel_id), is_listing=True
            ),
        )

    # Renewing

    async def _keep_tokens_fresh(self) -> None:
        """Renew both tokens a minute before they expire, so that nothing is refused for age."""
        while True:
            await asyncio.sleep(CHECK_TOKENS_EVERY_S)
            try:
                await self._renew()
            except KayenError as error:
                log.info("renewing the channel token: %s", error)

    async def _renew(self) -> None:
        now = self._clock()
        if self._signed_in_to and _is_expiring(self._token, now):
            self._token = await self._channel_token(self._signed_in_to)
            await self._authenticate(self._token)
        if (
            self._clearing.state is LinkState.READY
            and self._clearing.is_idle
            and _is_expiring(self._clearport.session_token, now)
        ):
            self._clearport.forget_session()
            self._clearing.interrupt(TransportError("Renewing the sign-in before it expires."))


def _is_expiring(token: Token | None, now: datetime) -> bool:
    return (
        token is not None
        and token.expires_at is not None
        and token.expires_at - now <= RENEW_BEFORE
    )
