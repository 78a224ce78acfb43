"""The Clearport wire: sign in, open, hold, settle and close margin channels."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import NoneType
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from kayen_desktop.practice.channels import (
    ChannelNotice,
    ClearingNotice,
    ErrorNotice,
    MarginChannel,
    PositionNotice,
    SettlementNotice,
    TradeNotice,
)
from kayen_desktop.practice.refusals import RefusalError
from kayen_desktop.practice.scenario import Action, Fault, Link
from kayen_desktop.practice.settling import Script
from kayen_desktop.practice.tokens import challenge_signer

from .clearport_fields import decimal_of, text_of, trade_of
from .clearport_frames import ClearportFrames, Json, error_frame, frame
from .connection import WireConnection

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from kayen_desktop.practice.venue import PracticeVenue

API_VERSION = "1.0.0"
# The terminal's fixed reqid of record_trade, which the walkthrough's own recording carries.
RECORD_TRADE_REQID = 7
MAX_CHALLENGES = 16
_EXPIRED_S = -1
_OPEN_TO_ALL = frozenset(
    {"challenge", "authenticate", "version", "identity_address", "active_channels_count"}
)
_TOKENS = frozenset({"authenticate", "channel_jwt"})
_SCRIPTS = {
    Action.FAIL_SETTLEMENT: Script.FAIL,
    Action.REJECT_SETTLEMENT: Script.REJECT,
    Action.SILENT_SETTLEMENT: Script.SILENT,
}

Handler = Callable[[object, Json, list[Fault]], Coroutine[None, None, None]]


class ClearportConnection(WireConnection):
    """One wallet's socket: its challenges, its session, its subscription."""

    link: Link = "clearport"

    def __init__(self, socket: ServerConnection, venue: PracticeVenue) -> None:
        super().__init__(socket, venue.scenario)
        self._venue = venue
        self._frames = ClearportFrames(venue.settings.clearport_dialect)
        self._challenges: dict[str, tuple[str, float]] = {}
        self._address = ""
        self._session_ends_s = 0.0
        self._notices_reqid: object = None
        self._is_subscribed = False
        self._handlers: dict[str, Handler] = {
            "challenge": self._on_challenge,
            "authenticate": self._on_authenticate,
            "subscribe_notifications": self._on_subscribe,
            "open_channel": self._on_open_channel,
            "channel_jwt": self._on_channel_jwt,
            "positions": self._on_positions,
            "record_trade": self._on_record_trade,
            "request_settlement": self._on_settlement,
            "close_channel": self._on_close_channel,
            "version": self._on_version,
            "identity_address": self._on_identity,
            "active_channels_count": self._on_count,
        }

    def enter(self) -> None:
        """Hear of every change of a channel from now on."""
        self._venue.clearing.listen(self.tell)

    def leave(self) -> None:
        """Hear no more."""
        self._venue.clearing.unlisten(self.tell)

    # -- frames in

    def name_of(self, frame: str | bytes) -> str:
        """Return a request's event."""
        try:
            return self._parse(frame)[1]
        except RefusalError:
            return ""

    @staticmethod
    def _parse(raw: str | bytes) -> tuple[object, str, Json]:
        if isinstance(raw, bytes):
            raise RefusalError("malformed message")
        try:
            message = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise RefusalError("malformed message") from None
        if not isinstance(message, dict) or not isinstance(message.get("event"), str):
            raise RefusalError("malformed message")
        reqid, data = message.get("reqid"), message.get("data")
        if not isinstance(reqid, int) or isinstance(reqid, bool):
            raise RefusalError("reqid must be an integer")
        if not isinstance(data, (dict, NoneType)):
            raise RefusalError("malformed message")
        return reqid, message["event"], data or {}

    def reject(self, frame: str | bytes, text: str) -> None:
        """Answer a request by an error."""
        try:
            reqid = self._parse(frame)[0]
        except RefusalError:
            reqid = None
        self.send("error", error_frame(reqid, text))

    async def receive(self, frame: str | bytes, faults: list[Fault]) -> None:
        """Answer one request."""
        reqid: object = None
        try:
            reqid, event, data = self._parse(frame)
            handler = self._handler(event)
            if any(fault.action is Action.EXPIRE for fault in faults) and event not in _TOKENS:
                self._session_ends_s = min(self._session_ends_s, self._venue.now_s)
            if event not in _OPEN_TO_ALL:
                self._check_session()
            await handler(reqid, data, faults)
        except RefusalError as refusal:
            self.send("error", error_frame(reqid, str(refusal)))

    def _handler(self, event: str) -> Handler:
        handler = self._handlers.get(event)
        if handler is None:
            raise RefusalError(f"unknown event {event[:64]}")
        return handler

    def _check_session(self) -> None:
        if not self._address:
            raise RefusalError("request is not authenticated")
        if self._session_ends_s <= self._venue.now_s:
            raise RefusalError("invalid JWT token")

    def _reply(self, reqid: object, event: str, data: Json | None) -> None:
        self.send(event, frame(reqid, event, data))

    # -- signing in

    async def _on_challenge(self, reqid: object, data: Json, _faults: list[Fault]) -> None:
        # The libraries that will check the answer load while the client signs.
        self._venue.spawn(self._load_identity())
        address = data.get("address", "")
        if not isinstance(address, str):
            raise RefusalError("address is not text")
        while len(self._challenges) >= MAX_CHALLENGES:
            del self._challenges[next(iter(self._challenges))]
        challenge = str(uuid4())
        ends_s = self._venue.now_s + self._venue.settings.challenge_lifetime_s
        self._challenges[challenge] = (address, ends_s)
        self._reply(reqid, "challenge", {"challenge": challenge})

    async def _load_identity(self) -> None:
        await self._venue.identity.issuer()

    async def _on_authenticate(self, reqid: object, data: Json, faults: list[Fault]) -> None:
        issuer = await self._venue.identity.issuer()
        if "jwt_token" in data:
            address = text_of(data, "address")
            claims = issuer.read_session(text_of(data, "jwt_token"), self._venue.now_s)
            if claims.operator_address.lower() != address.lower():
                raise RefusalError("invalid JWT token")
        else:
            address = self._signed_by(data)
        lifetime_s = self._venue.settings.session_lifetime_s
        if any(fault.action is Action.EXPIRE for fault in faults):
            lifetime_s = _EXPIRED_S
        self._address = address
        ends_s = int(self._venue.now_s + lifetime_s)
        self._session_ends_s = ends_s
        token = issuer.issue_session(address, ends_s)
        self._reply(reqid, "authenticate", self._frames.authenticated(token))

    def _signed_by(self, data: Json) -> str:
        challenge = data.get("challenge")
        if challenge is None:
            challenge = next(reversed(self._challenges), None)
        if not isinstance(challenge, str):
            raise RefusalError("no challenge was asked for")
        # One use, whatever comes of it.
        asked_for, ends_s = self._challenges.pop(challenge, ("", 0.0))
        if ends_s <= self._venue.now_s:
            raise RefusalError("challenge is unknown or expired")
        signer = challenge_signer(challenge, text_of(data, "signature"))
        wanted = {asked_for, data.get("address", "")} - {""}
        if any(not isinstance(a, str) or a.lower() != signer.lower() for a in wanted):
            raise RefusalError("Invalid signature")
        return signer

    # -- notifications

    async def _on_subscribe(self, reqid: object, _data: Json, _faults: list[Fault]) -> None:
        self._notices_reqid = reqid
        self._is_subscribed = True
        for channel in self._venue.clearing.channels_of(self._address):
            self._notify("stream_notification", self._frames.channel(channel))

    def _notify(self, event: str, data: Json) -> None:
        self.send(event, frame(self._notices_reqid, event, data))

    def tell(self, notice: ClearingNotice) -> None:
        """Pass on what happened to a channel, if it is this wallet's and it listens."""
        channel = notice.channel
        if not self._is_subscribed or channel.owner.lower() != self._address.lower():
            return
        if self._session_ends_s <= self._venue.now_s:
            return
        frames = self._frames
        if isinstance(notice, ChannelNotice):
            self._notify("stream_notification", frames.channel(channel))
        elif isinstance(notice, PositionNotice):
            self._notify("position_notification", frames.position_notification(notice.position))
        elif isinstance(notice, TradeNotice):
            data: Json = {"channel_id": channel.channel_id, "external_id": notice.external_id}
            self.send("record_trade", frame(RECORD_TRADE_REQID, "record_trade", data))
        elif isinstance(notice, SettlementNotice):
            settlement = frames.settlement(notice)
            if settlement is not None:
                self._notify("settlement_notification", settlement)
        elif isinstance(notice, ErrorNotice):
            self._notify("error_notification", frames.error(channel, notice.message))

    # -- channels

    def _channel(self, data: Json) -> MarginChannel:
        return self._venue.clearing.own_channel(text_of(data, "channel_id"), self._address)

    async def _on_open_channel(self, reqid: object, data: Json, faults: list[Fault]) -> None:
        peer = data.get("peer")
        if not isinstance(peer, dict):
            raise RefusalError("peer is required")
        name = peer.get("name")
        channel = self._venue.clearing.open_channel(
            self._address,
            text_of(peer, "address"),
            name if isinstance(name, str) else "",
            decimal_of(data, "margin_deposit"),
        )
        is_funded = all(fault.action is not Action.FAIL_FUNDING for fault in faults)
        self._reply(reqid, "open_channel", {"channel_id": channel.channel_id})
        self._venue.spawn(self._venue.lifecycle.open(channel, is_funded=is_funded))

    async def _on_channel_jwt(self, reqid: object, data: Json, faults: list[Fault]) -> None:
        channel = self._channel(data)
        if not channel.is_open:
            raise RefusalError(channel.obstacle)
        issuer = await self._venue.identity.issuer()
        lifetime_s = self._venue.settings.channel_token_lifetime_s
        if any(fault.action is Action.EXPIRE for fault in faults):
            lifetime_s = _EXPIRED_S
        token = issuer.issue_channel(channel.channel_id, int(self._venue.now_s + lifetime_s))
        self._reply(reqid, "channel_jwt", {"jwt": token})

    async def _on_positions(self, reqid: object, data: Json, _faults: list[Fault]) -> None:
        self._reply(reqid, "positions", self._frames.positions(self._channel(data)))

    async def _on_record_trade(self, reqid: object, data: Json, _faults: list[Fault]) -> None:
        channel = self._channel(data)
        external_id = text_of(data, "external_id")
        asked = trade_of(data, channel)
        known = channel.recorded.get(external_id) or channel.unrecorded.get(external_id)
        if known is None:
            self._venue.elsewhere.check(channel, asked)
        elif known.is_elsewhere and asked != known:
            raise RefusalError("another trade is recorded under this external_id")
        elif not known.is_elsewhere and not known.is_same_trade(asked):
            raise RefusalError("trade does not match the exchange's")
        self._reply(
            reqid,
            "record_trade",
            {"channel_id": channel.channel_id, "external_id": external_id},
        )
        fill = known or asked
        mark = self._venue.exchange.mark_price(fill.market)
        self._venue.clearing.record(fill, mark, is_asked=True)

    async def _on_settlement(self, reqid: object, data: Json, faults: list[Fault]) -> None:
        channel = self._channel(data)
        markets = data.get("markets")
        chain_id = data.get("chain_id")
        if text_of(data, "payment_method") not in ("escrow", "mock"):
            raise RefusalError("payment_method must be escrow or mock")
        if not isinstance(chain_id, int) or isinstance(chain_id, bool):
            raise RefusalError("chain_id must be an integer")
        if not isinstance(markets, list) or not all(isinstance(m, str) for m in markets):
            raise RefusalError("markets must be a list of names")
        responder = self._venue.responder
        responder.check(channel, markets)
        script, silence_s = Script.DECIDE, 0.0
        for fault in faults:
            if fault.action in _SCRIPTS:
                script, silence_s = _SCRIPTS[fault.action], fault.seconds
        self._reply(reqid, "request_settlement", self._frames.settlement_requested())
        responder.begin(channel, markets)
        self._venue.spawn(responder.respond(channel, script, silence_s))

    async def _on_close_channel(self, reqid: object, data: Json, _faults: list[Fault]) -> None:
        channel = self._channel(data)
        self._venue.lifecycle.begin_close(channel)
        self._venue.spawn(self._finish_close(reqid, channel))

    async def _finish_close(self, reqid: object, channel: MarginChannel) -> None:
        await self._venue.lifecycle.finish_close(channel)
        self._reply(reqid, "close_channel", {"channel_id": channel.channel_id})

    # -- about the venue

    async def _on_version(self, reqid: object, _data: Json, _faults: list[Fault]) -> None:
        self._reply(reqid, "version", {"version": API_VERSION})

    async def _on_identity(self, reqid: object, _data: Json, _faults: list[Fault]) -> None:
        issuer = await self._venue.identity.issuer()
        self._reply(reqid, "identity_address", {"address": issuer.address})

    async def _on_count(self, reqid: object, _data: Json, _faults: list[Fault]) -> None:
        count = len(self._venue.clearing.active_channels())
        self._reply(reqid, "active_channels_count", {"count": count})

    def act_on(self, fault: Fault) -> None:
        """Act out a fault that reaches beyond this socket."""
        self._venue.act(fault, self.link, self._venue.clearing.channels_of(self._address))
