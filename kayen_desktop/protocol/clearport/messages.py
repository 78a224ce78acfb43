"""Every Clearport message, both ways, with the venue's own field names; no rules live here.

Sources: venues/operator-api.md, venues/kayen-walkthrough.md, protocols.md §1.4–1.5.

Decision: every field is optional, because each dialect leaves some out, and every single value is
typed ``object``: the documents promise text, deployments also send numbers, and the codec brings
a JSON number as an ``int`` or as its own text, never as a float. parsing.py decides what a value
means and refuses what it can't be. Typing them ``Decimal`` here would cost 2.5 times the decoding
and refuse a whole frame for a value that nobody reads. ``gc=False``: what JSON makes has no cycles.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

# What may stand where an object is documented: read as absent. Where only text will do (what is to
# be signed, a token) it keeps a number from passing for the text it is written as.
NotAnObject: TypeAlias = str | int | float | bool | list[object] | None


class Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The inside of a frame."""


class Message(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="event"
):
    """One frame; ``reqid`` is the client's number of the request it belongs to."""

    reqid: object = None


# ---- what several messages share ---------------------------------------------------------------


class Peer(Data, frozen=True):
    """The other side of a channel: our broker."""

    address: object = None
    url: object = None
    name: object = None


class ChannelData(Data, frozen=True):
    """Names a channel, and nothing else."""

    channel_id: object = None


class PositionFields(Data, frozen=True):
    """One position."""

    id: object = None
    channel_id: object = None
    market: object = None
    direction: object = None
    amount: object = None
    cost: object = None
    market_value: object = None
    average_entry_price: object = None
    pnl: object = None
    status: object = None


class PositionItem(PositionFields, frozen=True):
    """One position, flat or wrapped in ``position`` (§1.6 rows 12 and 14)."""

    position: PositionFields | NotAnObject = None


# ---- client → venue ----------------------------------------------------------------------------


class ChallengeRequestData(Data, frozen=True):
    """Who wants to sign in."""

    address: object = None
    name: object = None


class ChallengeRequest(Message, frozen=True, tag="challenge"):
    """Ask for a text to sign."""

    data: ChallengeRequestData | None = None


class AuthenticateRequestData(Data, frozen=True):
    """The proof: a signature of the challenge, or the token of an earlier session."""

    address: object = None
    signature: object = None
    challenge: object = None
    jwt_token: object = None


class AuthenticateRequest(Message, frozen=True, tag="authenticate"):
    """Sign in."""

    data: AuthenticateRequestData | None = None


class SubscribeNotificationsRequest(Message, frozen=True, tag="subscribe_notifications"):
    """Ask to be told of channels, positions and settlements."""


class OpenChannelRequestData(Data, frozen=True):
    """With whom, and how much each side puts in."""

    peer: Peer | None = None
    margin_deposit: object = None


class OpenChannelRequest(Message, frozen=True, tag="open_channel"):
    """Open a margin account."""

    data: OpenChannelRequestData | None = None


class ChannelJwtRequest(Message, frozen=True, tag="channel_jwt"):
    """Ask for the token that signs in to the exchange."""

    data: ChannelData | None = None


class RecordTradeRequestData(Data, frozen=True):
    """One execution; ``executed_at`` in unix seconds."""

    channel_id: object = None
    external_id: object = None
    market: object = None
    direction: object = None
    amount: object = None
    price: object = None
    executed_at: object = None


class RecordTradeRequest(Message, frozen=True, tag="record_trade"):
    """Report an execution to the clearing house."""

    data: RecordTradeRequestData | None = None


class PositionsRequest(Message, frozen=True, tag="positions"):
    """Ask for all positions of a channel."""

    data: ChannelData | None = None


class RequestSettlementRequestData(Data, frozen=True):
    """Which markets to settle, and how it is paid."""

    channel_id: object = None
    payment_method: object = None
    chain_id: object = None
    markets: object = None


class RequestSettlementRequest(Message, frozen=True, tag="request_settlement"):
    """Ask to settle some markets."""

    data: RequestSettlementRequestData | None = None


class CloseChannelRequest(Message, frozen=True, tag="close_channel"):
    """Close a margin account."""

    data: ChannelData | None = None


class VersionRequest(Message, frozen=True, tag="version"):
    """Ask for the version of the interface."""


class IdentityAddressRequest(Message, frozen=True, tag="identity_address"):
    """Ask for the clearing house's own address."""


class ActiveChannelsCountRequest(Message, frozen=True, tag="active_channels_count"):
    """Ask how busy the clearing house is."""


# ---- venue → client ----------------------------------------------------------------------------


class ChallengeReplyData(Data, frozen=True):
    """The text to sign."""

    challenge: NotAnObject = None


class ChallengeReply(Message, frozen=True, tag="challenge"):
    """The text to sign, at last."""

    data: ChallengeReplyData | None = None


class AuthenticateReplyData(Data, frozen=True):
    """The session's token, under either of its names."""

    jwt_token: NotAnObject = None
    jwt: NotAnObject = None


class AuthenticateReply(Message, frozen=True, tag="authenticate"):
    """Signed in; the older dialect sends no data."""

    data: AuthenticateReplyData | None = None


class SubscribeNotificationsReply(Message, frozen=True, tag="subscribe_notifications"):
    """An answer that no document describes and some deployments may send."""


class OpenChannelReply(Message, frozen=True, tag="open_channel"):
    """The new channel's id: opening has begun."""

    data: ChannelData | None = None


class ChannelJwtReplyData(Data, frozen=True):
    """The token for the exchange."""

    jwt: NotAnObject = None


class ChannelJwtReply(Message, frozen=True, tag="channel_jwt"):
    """The token for the exchange."""

    data: ChannelJwtReplyData | None = None


class RecordTradeReplyData(Data, frozen=True):
    """Which execution is on the books."""

    channel_id: object = None
    external_id: object = None


class RecordTradeReply(Message, frozen=True, tag="record_trade"):
    """An execution is on the clearing house's books, whoever reported it."""

    data: RecordTradeReplyData | None = None


class PositionsReplyData(Data, frozen=True):
    """All positions of a channel; an empty list may be absent."""

    channel_id: object = None
    positions: list[PositionItem | NotAnObject] | None = None


class PositionsReply(Message, frozen=True, tag="positions"):
    """All positions of a channel."""

    data: PositionsReplyData | None = None


class RequestSettlementReply(Message, frozen=True, tag="request_settlement"):
    """The settlement was asked for; how it goes is told by notifications."""


class CloseChannelReply(Message, frozen=True, tag="close_channel"):
    """The channel is closed: sent when closing is complete."""

    data: ChannelData | None = None


class VersionReplyData(Data, frozen=True):
    """The version of the interface."""

    version: object = None


class VersionReply(Message, frozen=True, tag="version"):
    """The version of the interface."""

    data: VersionReplyData | None = None


class IdentityAddressReplyData(Data, frozen=True):
    """The clearing house's own address."""

    address: object = None


class IdentityAddressReply(Message, frozen=True, tag="identity_address"):
    """The clearing house's own address."""

    data: IdentityAddressReplyData | None = None


class ActiveChannelsCountReplyData(Data, frozen=True):
    """How many channels are open."""

    count: object = None


class ActiveChannelsCountReply(Message, frozen=True, tag="active_channels_count"):
    """How many channels are open."""

    data: ActiveChannelsCountReplyData | None = None


class StreamNotificationData(Data, frozen=True):
    """A channel as it stands, in both dialects' field names (§1.6 rows 6 and 9)."""

    channel_id: object = None
    action: object = None
    channel_state: object = None
    channel_status: object = None
    state: object = None
    clearing_sm_state: object = None
    my_role: object = None
    peer: Peer | NotAnObject = None
    margin_deposit: object = None
    initiator_margin_balance: object = None
    responder_margin_balance: object = None
    follower_margin_balance: object = None
    turn_num: object = None
    margin_limit_type: object = None


class StreamNotification(Message, frozen=True, tag="stream_notification"):
    """A channel changed."""

    data: StreamNotificationData | None = None


class PositionNotification(Message, frozen=True, tag="position_notification"):
    """A position changed, or the market under it moved."""

    data: PositionItem | None = None


class SettlementNotificationData(Data, frozen=True):
    """How far a settlement is (§1.6 row 17)."""

    channel_id: object = None
    settlement_state: object = None
    state: object = None
    markets: object = None
    ledger: object = None


class SettlementNotification(Message, frozen=True, tag="settlement_notification"):
    """A settlement went a step further."""

    data: SettlementNotificationData | None = None


class ErrorMetadata(Data, frozen=True):
    """What the trouble is about."""

    channel_id: object = None
    transaction_hash: object = msgspec.field(name="transactionHash", default=None)
    state: object = None
    event: object = None


class ErrorData(Data, frozen=True):
    """The trouble in words, under any of the names in use."""

    message: object = None
    err: object = None
    error: object = None
    msg: object = None
    metadata: ErrorMetadata | NotAnObject = None
    channel_id: object = None
    action: object = None
    channel_state: object = None


class ErrorReply(Message, frozen=True, tag="error"):
    """A request was refused; ``reqid`` may be missing."""

    data: ErrorData | NotAnObject = None


class ErrorNotification(Message, frozen=True, tag="error_notification"):
    """Something went wrong at the venue."""

    data: ErrorData | NotAnObject = None


class TransactionNotificationData(Data, frozen=True):
    """A transaction that the venue wants sent."""

    to: object = None
    data: object = None
    gas_limit: object = None
    value: object = None


class TransactionNotification(Message, frozen=True, tag="transaction_notification"):
    """The venue asks the wallet to send a transaction."""

    data: TransactionNotificationData | NotAnObject = None


class UserOperation(Data, frozen=True):
    """What a smart account is to do, as far as it says something to a person."""

    sender: object = None
    nonce: object = None
    init_code: object = msgspec.field(name="initCode", default=None)
    call_data: object = msgspec.field(name="callData", default=None)


class SessionKeyTransactionData(Data, frozen=True):
    """A smart account's operation that the venue wants sent."""

    incomplete_user_op: UserOperation | NotAnObject = None
    enable_sig_offset: object = None
    digest_hash: object = None
    permissions: object = None


class SessionKeyTransaction(Message, frozen=True, tag="session_key_transaction"):
    """The venue asks a smart account to act."""

    data: SessionKeyTransactionData | NotAnObject = None


class UnknownMessage(Message, frozen=True, tag=False, tag_field=None):
    """A frame whose event no document names."""

    event: str


Request: TypeAlias = (
    ChallengeRequest
    | AuthenticateRequest
    | SubscribeNotificationsRequest
    | OpenChannelRequest
    | ChannelJwtRequest
    | RecordTradeRequest
    | PositionsRequest
    | RequestSettlementRequest
    | CloseChannelRequest
    | VersionRequest
    | IdentityAddressRequest
    | ActiveChannelsCountRequest
)

Inbound: TypeAlias = (
    ChallengeReply
    | AuthenticateReply
    | SubscribeNotificationsReply
    | OpenChannelReply
    | ChannelJwtReply
    | RecordTradeReply
    | PositionsReply
    | RequestSettlementReply
    | CloseChannelReply
    | VersionReply
    | IdentityAddressReply
    | ActiveChannelsCountReply
    | StreamNotification
    | PositionNotification
    | SettlementNotification
    | ErrorReply
    | ErrorNotification
    | TransactionNotification
    | SessionKeyTransaction
)
