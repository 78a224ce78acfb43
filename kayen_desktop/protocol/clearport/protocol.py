"""The Clearport client as a state machine: frames in, facts and frames out; it waits for nothing.

Sources: venues/operator-api.md, venues/kayen-walkthrough.md, protocols.md §1. Neither clock, key
nor socket is here: ``now`` comes with each frame, a signature is asked for and given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.errors import (
    LocalProtocolError,
    OutcomeUnknownError,
    RemoteProtocolError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelClosed,
    SecurityAlarmRaised,
    Severity,
    TradeRecorded,
    VenueNotified,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.protocol.jwt import Token, parse_token
from kayen_desktop.protocol.outputs import Dropped, Output, Refusal, Reply

from . import building, messages, parsing
from .codec import decode, decode_label, encode, event_of
from .notifications import read_notification
from .pending import PendingRequest, PendingRequests
from .sign_in import SignIn, SignInState
from .trust import doubt_channel
from .turns import ChannelTurns

# The venue's words for a session it no longer knows (protocols.md §1.2 point 4).
_STALE_SESSION = ("invalid jwt token", "request is not authenticated")
_Receive: TypeAlias = Callable[[Any], list[Output]]


class ClearportProtocol:
    """One trader's conversation with Clearport, over any number of connections in turn.

    Pump it so: ``connect``, send what ``frames_to_send`` gives, hand every frame to ``receive``,
    act on the outputs, send again; ``connection_lost`` when the socket is gone. Request numbers
    come from one counter that never starts again, so a number means one request for good.
    """

    def __init__(
        self, address: str, *, user_name: str = "UserName", session_token: str | None = None
    ) -> None:
        """Speak for ``address``; ``session_token`` resumes an earlier session if still valid.

        Raises:
            LocalProtocolError: the address is not one.
        """
        self._sign_in = SignIn(address, user_name, session_token, self._post)
        self._next_id = 0
        self._queue: list[str] = []
        self._pending = PendingRequests()
        self._turns = ChannelTurns()
        self._replies: Mapping[type[messages.Message], _Receive] = {
            messages.AuthenticateReply: self._sign_in.receive_authentication,
            messages.SubscribeNotificationsReply: self._receive_subscription,
            messages.ChannelJwtReply: self._receive_channel_token,
            messages.PositionsReply: self._receive_positions,
            messages.RecordTradeReply: self._receive_recorded_trade,
            messages.CloseChannelReply: self._receive_closing,
            messages.ErrorReply: self._receive_error,
        }

    def __repr__(self) -> str:
        return (
            f"ClearportProtocol(address={self._sign_in.address!r}, "
            f"state={self.state.value}, pending={len(self._pending)})"
        )

    @property
    def state(self) -> SignInState:
        """Where the sign-in stands."""
        return self._sign_in.state

    @property
    def session_token(self) -> Token | None:
        """The token that resumes this session; None where the venue gave none or refused it."""
        return self._sign_in.token

    def forget_session(self) -> None:
        """Sign the next challenge afresh instead of resuming with the token held now."""
        self._sign_in.token = None

    # ---- the connection ------------------------------------------------------------------------

    def connect(self) -> None:
        """Begin to sign in on a new connection, or again where the venue refused.

        Raises:
            LocalProtocolError: a sign-in is under way or done.
        """
        self._sign_in.begin()

    def provide_signature(self, signature: str) -> None:
        """Go on with the signature of the challenge: 0x and 130 hex digits.

        Raises:
            LocalProtocolError: no signature was asked for (any more), or this is none.
        """
        self._sign_in.provide_signature(signature)

    def frames_to_send(self) -> list[str]:
        """Return the frames to send now, in order; each is returned once."""
        frames, self._queue = self._queue, []
        return frames

    def receive(self, frame: str | bytes, now: datetime) -> list[Output]:
        """Return what the frame means; never raises, whatever the frame.

        ``frame`` is text, or bytes for a binary frame; ``now`` is aware.
        """
        if not isinstance(frame, str):
            return [Dropped("A binary frame: the clearing house sends text.")]
        try:
            message = decode(frame)
        except RemoteProtocolError as error:
            return self._fail(decode_label(frame), error)
        if isinstance(message, messages.UnknownMessage):
            event = parsing.server_text(message.event, parsing.MAX_WORD)
            return [Dropped(f"A message that no document names: {event}.")]
        try:
            return self._read(message, now)
        except RemoteProtocolError as error:
            return self._fail(message, error)

    def connection_lost(self) -> list[Output]:
        """Forget the connection: nothing queued is ever sent, nothing asked will be answered.

        The turns of channels are kept (see turns.py), and so is the session's token.
        """
        self._sign_in.disconnect()
        self._queue.clear()
        return [
            Refusal(
                request.request_id,
                OutcomeUnknownError(
                    f"The connection was lost before the answer to {request.event} came."
                ),
            )
            for request in self._pending.drain()
        ]

    def forget(self, request_id: int) -> None:
        """Wait no longer for a request whose time is up, so that no later error is blamed on it."""
        self._pending.forget(request_id)

    # ---- requests: each returns the number its Reply or Refusal will carry ---------------------
    # Each raises LocalProtocolError before the sign-in is complete.

    def open_channel(self, broker: Broker, deposit: Decimal) -> int:
        """Ask to open a channel with a deposit in quote; the reply's value is its id, ``str``."""
        return self._request(
            "open_channel", lambda reqid: building.build_open_channel(reqid, broker, deposit)
        )

    def close_channel(self, channel_id: str) -> int:
        """Ask to close a channel; the reply, its id as ``str``, comes when closing is complete."""
        data = messages.ChannelData(channel_id=channel_id)
        return self._request(
            "close_channel",
            lambda reqid: messages.CloseChannelRequest(reqid=reqid, data=data),
            channel_id,
        )

    def request_channel_token(self, channel_id: str) -> int:
        """Ask for the exchange's token; the reply's value is a ``protocol.jwt.Token``."""
        data = messages.ChannelData(channel_id=channel_id)
        return self._request(
            "channel_jwt",
            lambda reqid: messages.ChannelJwtRequest(reqid=reqid, data=data),
            channel_id,
        )

    def request_positions(self, channel_id: str) -> int:
        """Ask for all positions: a PositionsListed tells them, the reply's value is None."""
        data = messages.ChannelData(channel_id=channel_id)
        return self._request(
            "positions", lambda reqid: messages.PositionsRequest(reqid=reqid, data=data), channel_id
        )

    def record_trade(self, channel_id: str, fill: Fill) -> int:
        """Report a fill: a TradeRecorded tells it is booked, the reply's value is its id, ``str``.

        Raises:
            LocalProtocolError: the fill's amount or price is not positive.
        """
        return self._request(
            "record_trade",
            lambda reqid: building.build_record_trade(reqid, channel_id, fill),
            channel_id,
            fill.fill_id,
        )

    def request_settlement(
        self, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
    ) -> int:
        """Ask to settle the markets named: notifications tell how it goes, the value is None.

        Raises:
            LocalProtocolError: no market is named.
        """
        return self._request(
            "request_settlement",
            lambda reqid: building.build_settlement(reqid, channel_id, method, chain_id, markets),
            channel_id,
        )

    def request_version(self) -> int:
        """Ask for the interface's version; the reply's value is ``str``."""
        return self._request("version", lambda reqid: messages.VersionRequest(reqid=reqid))

    def request_identity_address(self) -> int:
        """Ask for the clearing house's own address; the reply's value is ``str``."""
        return self._request(
            "identity_address", lambda reqid: messages.IdentityAddressRequest(reqid=reqid)
        )

    def request_active_channels_count(self) -> int:
        """Ask how many channels are open at the venue; the reply's value is ``int``."""
        return self._request(
            "active_channels_count", lambda reqid: messages.ActiveChannelsCountRequest(reqid=reqid)
        )

    def _post(self, build: Callable[[int], messages.Request]) -> int:
        """Give a request its number and queue it; a builder that raises uses no number up."""
        request_id = self._next_id
        self._queue.append(encode(build(request_id)))
        self._next_id += 1
        return request_id

    def _request(
        self,
        event: str,
        build: Callable[[int], messages.Request],
        channel_id: str = "",
        external_id: str = "",
    ) -> int:
        if self.state is not SignInState.SIGNED_IN:
            raise LocalProtocolError("Requests need a completed sign-in.")
        request_id = self._post(build)
        self._pending.add(PendingRequest(request_id, event, channel_id, external_id))
        return request_id

    # ---- receiving -----------------------------------------------------------------------------

    def _read(self, message: messages.Inbound, now: datetime) -> list[Output]:
        outputs = read_notification(message, self._turns)
        if outputs is not None:
            return outputs
        if isinstance(message, messages.ChallengeReply):
            return self._sign_in.receive_challenge(message, now)
        return self._replies.get(type(message), self._receive_value)(message)

    # ---- errors --------------------------------------------------------------------------------

    def _fail(self, message: messages.Message | None, error: RemoteProtocolError) -> list[Output]:
        """Return what follows from a message that can't be read: nobody waits in vain for it."""
        if message is None:
            return [Dropped(str(error))]
        if self._sign_in.awaits(message):
            return [self._sign_in.refuse(error)]
        request = self._find_answered(message)
        if request is None:
            return [Dropped(f"{event_of(message)}: {error}")]
        return [self._give_up(request, str(error))]

    def _give_up(self, request: PendingRequest, reason: str) -> Refusal:
        self._pending.remove(request)
        text = f"The answer to {request.event} can't be used. {reason}"
        return Refusal(request.request_id, OutcomeUnknownError(text))

    def _receive_error(self, message: messages.ErrorReply) -> list[Output]:
        """Blame the request named, else the sign-in under way, else one that waits (§1.8).

        One that names a request answered before is about that one: nothing else is refused by it.
        """
        reason = parsing.parse_reason(message.data)
        error = VenueRejectionError(reason)
        is_stale = any(words in reason.lower() for words in _STALE_SESSION)
        request_id = parsing.parse_request_id(message.reqid)
        request = self._pending.find(request_id)
        if request is None and self._sign_in.is_under_way:
            return self._sign_in.receive_error(error, is_stale=is_stale)
        is_forgotten = self._pending.is_forgotten(request_id)
        is_subscription = request_id is not None and request_id == self._sign_in.subscription_id
        is_answered = self._pending.is_answered(request_id)
        if request is None and not (is_subscription or is_forgotten or is_answered):
            request = self._pending.blamed()
        outputs: list[Output] = []
        if request is not None:
            self._pending.remove(request)
            outputs.append(Refusal(request.request_id, error))
        if is_stale:
            outputs.append(self._sign_in.refuse(error, is_stale=True))
        if is_forgotten and not outputs:
            return [Dropped("A refusal of what nobody waits for any more.")]
        return outputs or [VenueNotified(Severity.WARNING, reason)]

    # ---- replies -------------------------------------------------------------------------------

    def _find_answered(self, message: messages.Message) -> PendingRequest | None:
        request_id = parsing.parse_request_id(message.reqid)
        return self._pending.find_answered(event_of(message), request_id)

    def _receive_subscription(self, _message: messages.SubscribeNotificationsReply) -> list[Output]:
        return []

    def _receive_value(self, message: messages.Inbound) -> list[Output]:
        """Answer a request whose reply is one value and tells nothing else."""
        value = _VALUES[type(message)](message)
        request = self._find_answered(message)
        if request is None:
            return [Dropped(f"An answer to {event_of(message)} that nobody waits for.")]
        self._pending.remove(request)
        return [Reply(request.request_id, value)]

    def _receive_channel_token(self, message: messages.ChannelJwtReply) -> list[Output]:
        request = self._find_answered(message)
        if request is None:
            return [Dropped("A channel token that nobody waits for.")]
        text = None if message.data is None else parsing.parse_token_text(message.data.jwt)
        if text is None:
            raise RemoteProtocolError("The message has no token.")
        token = parse_token(text)
        doubt = doubt_channel(token, self._sign_in.token, request.channel_id)
        if doubt is not None:
            return [SecurityAlarmRaised(doubt), self._give_up(request, doubt)]
        self._pending.remove(request)
        return [Reply(request.request_id, token)]

    def _receive_positions(self, message: messages.PositionsReply) -> list[Output]:
        request = self._find_answered(message)
        asked = None if request is None else request.channel_id
        listed, skipped = parsing.parse_positions(message.data, asked)
        outputs: list[Output] = [listed]
        if skipped:
            outputs.append(Dropped(f"The list of positions has {skipped} empty items."))
        if request is not None:
            self._pending.remove(request)
            outputs.append(Reply(request.request_id, None))
        return outputs

    def _receive_recorded_trade(self, message: messages.RecordTradeReply) -> list[Output]:
        """Take an acknowledgement, whatever its number: the execution's id decides (§1.4)."""
        data = message.data or messages.RecordTradeReplyData()
        if data.external_id is None:
            request = self._find_answered(message)
            fill_id = parsing.parse_identifier(request and request.external_id, "external id")
        else:
            fill_id = parsing.parse_identifier(data.external_id, "external id")
            request = self._pending.find_recording(fill_id)
        told = data.channel_id if data.channel_id is not None else request and request.channel_id
        recorded = TradeRecorded(parsing.parse_identifier(told, "channel id"), fill_id)
        if request is None:
            return [recorded]
        self._pending.remove(request)
        return [recorded, Reply(request.request_id, fill_id)]

    def _receive_closing(self, message: messages.CloseChannelReply) -> list[Output]:
        """Take the closing as a fact, asked for or not (§1.6 row 21)."""
        if message.data is None or message.data.channel_id is None:
            request = self._find_answered(message)
            channel_id = parsing.parse_identifier(request and request.channel_id, "channel id")
        else:
            channel_id = parsing.parse_channel_id(message.data)
            request = self._pending.find_closing(channel_id)
        outputs: list[Output] = []
        if self._turns.close(channel_id):
            outputs.append(ChannelClosed(channel_id))
        if request is not None:
            self._pending.remove(request)
            outputs.append(Reply(request.request_id, request.channel_id))
        return outputs or [Dropped("A channel was said to be closed once more.")]


_VALUES: Mapping[type[messages.Message], Callable[[Any], object]] = {
    messages.OpenChannelReply: lambda message: parsing.parse_channel_id(message.data),
    messages.RequestSettlementReply: lambda message: None,
    messages.VersionReply: lambda message: parsing.parse_version(message.data),
    messages.IdentityAddressReply: lambda message: parsing.parse_identity_address(message.data),
    messages.ActiveChannelsCountReply: lambda message: parsing.parse_active_channels_count(
        message.data
    ),
}
