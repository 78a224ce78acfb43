"""The messages that a client sends, each as a struct, byte for byte, and as documented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.protocol.clearport import codec, messages
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol

from .session import (
    ADDRESS,
    CHALLENGE,
    DOC_CHANNEL,
    FILL,
    NOW,
    challenged,
    signed_in,
)

DOC_BROKER = Broker("0x55608cdbde2ff4183a81e62da096fa863d8f910d", "Alice", "https://example.com")
DOC_SIGNATURE = (
    "0x8e62e91f99b86caa46ea56c4286545d7b63f0e5121c37d319d9bd46076acad4b"
    "14cef0e5ffca060c0378ef6135a2ef5efd6617555ee84f6d0890dd5aa5534e011c"
)
DOC_FILL = replace(
    FILL,
    fill_id="123",
    market="ETH/USD",
    price=Decimal(1000),
    amount=Decimal(100),
    executed_at=datetime.fromtimestamp(1590000000, UTC),
)
DOC_CHANNEL_DATA = messages.ChannelData(channel_id=DOC_CHANNEL)
DOC_PEER = messages.Peer(address=DOC_BROKER.address, url=DOC_BROKER.url, name=DOC_BROKER.name)


@dataclass(frozen=True)
class Sent:
    """One message of the client's.

    ``sends`` makes a conversation queue it, last of all; ``frame`` is what that is byte for byte,
    and ``message`` what it is to the venue's side. ``documented`` is what the document's example
    is; the example is in the file named, or nowhere.
    """

    name: str
    sends: Callable[[], ClearportProtocol]
    message: messages.Request
    frame: str
    file: str = ""
    documented: messages.Request | None = None


def asking(ask: Callable[[ClearportProtocol], object]) -> Callable[[], ClearportProtocol]:
    """Return what signs in and then makes the request; its number is 3."""

    def converse() -> ClearportProtocol:
        protocol = signed_in()
        ask(protocol)
        return protocol

    return converse


def starting() -> ClearportProtocol:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    return protocol


def proving() -> ClearportProtocol:
    protocol = challenged()
    protocol.provide_signature(DOC_SIGNATURE)
    return protocol


def subscribing() -> ClearportProtocol:
    protocol = proving()
    protocol.receive(codec.encode(messages.AuthenticateReply(reqid=1)), NOW)
    return protocol


def sent(
    name: str,
    ask: Callable[[ClearportProtocol], object],
    message: messages.Request,
    inside: str = "",
    file: str = "operator_api_requests",
) -> Sent:
    """Return a request of a signed-in conversation, the document's under the number 1."""
    event = codec.event_of(message)
    text = f',"data":{inside}' if inside else ""
    return Sent(
        name,
        asking(ask),
        message,
        f'{{"reqid":3,"event":"{event}"{text}}}',
        file,
        msgspec.structs.replace(message, reqid=1),
    )


NAMED = f'{{"channel_id":"{DOC_CHANNEL}"}}'
SENT = [
    Sent(
        "authenticate",
        proving,
        messages.AuthenticateRequest(
            reqid=1,
            data=messages.AuthenticateRequestData(
                address=ADDRESS, signature=DOC_SIGNATURE, challenge=CHALLENGE
            ),
        ),
        f'{{"reqid":1,"event":"authenticate","data":{{"address":"{ADDRESS}",'
        f'"signature":"{DOC_SIGNATURE}","challenge":"{CHALLENGE}"}}}}',
        "operator_api_requests",
        # The older dialect proves the challenge and names no address (§1.6 row 3).
        messages.AuthenticateRequest(
            reqid=1,
            data=messages.AuthenticateRequestData(signature=DOC_SIGNATURE, challenge=CHALLENGE),
        ),
    ),
    sent(
        "getChannelJwt",
        lambda protocol: protocol.request_channel_token(DOC_CHANNEL),
        messages.ChannelJwtRequest(reqid=3, data=DOC_CHANNEL_DATA),
        NAMED,
    ),
    sent(
        "openChannel",
        lambda protocol: protocol.open_channel(DOC_BROKER, Decimal("10000.00")),
        messages.OpenChannelRequest(
            reqid=3,
            data=messages.OpenChannelRequestData(peer=DOC_PEER, margin_deposit="10000"),
        ),
        f'{{"peer":{{"address":"{DOC_BROKER.address}","url":"https://example.com",'
        '"name":"Alice"},"margin_deposit":"10000"}',
    ),
    sent(
        "recordTrade",
        lambda protocol: protocol.record_trade(DOC_CHANNEL, DOC_FILL),
        messages.RecordTradeRequest(
            reqid=3,
            data=messages.RecordTradeRequestData(
                channel_id=DOC_CHANNEL,
                external_id="123",
                market="ETH/USD",
                direction="buy",
                amount="100",
                price="1000",
                executed_at=1590000000,
            ),
        ),
        f'{{"channel_id":"{DOC_CHANNEL}","external_id":"123","market":"ETH/USD",'
        '"direction":"buy","amount":"100","price":"1000","executed_at":1590000000}',
    ),
    Sent(
        "subscribeNotifications",
        subscribing,
        messages.SubscribeNotificationsRequest(reqid=2),
        '{"reqid":2,"event":"subscribe_notifications"}',
        "operator_api_requests",
        messages.SubscribeNotificationsRequest(reqid=1),
    ),
    sent(
        "closeChannel",
        lambda protocol: protocol.close_channel(DOC_CHANNEL),
        messages.CloseChannelRequest(reqid=3, data=DOC_CHANNEL_DATA),
        NAMED,
    ),
    sent(
        "getPositions",
        lambda protocol: protocol.request_positions(DOC_CHANNEL),
        messages.PositionsRequest(reqid=3, data=DOC_CHANNEL_DATA),
        NAMED,
    ),
    sent(
        "requestSettlement",
        lambda protocol: protocol.request_settlement(
            DOC_CHANNEL, PaymentMethod.ESCROW, 1, ["WBTC/USDT", "WETH/USDT"]
        ),
        messages.RequestSettlementRequest(
            reqid=3,
            data=messages.RequestSettlementRequestData(
                channel_id=DOC_CHANNEL,
                payment_method="escrow",
                chain_id=1,
                markets=["WBTC/USDT", "WETH/USDT"],
            ),
        ),
        f'{{"channel_id":"{DOC_CHANNEL}","payment_method":"escrow","chain_id":1,'
        '"markets":["WBTC/USDT","WETH/USDT"]}',
    ),
    Sent(
        "challenge",
        starting,
        messages.ChallengeRequest(
            reqid=0, data=messages.ChallengeRequestData(address=ADDRESS, name="UserName")
        ),
        f'{{"reqid":0,"event":"challenge","data":{{"address":"{ADDRESS}","name":"UserName"}}}}',
        "walkthrough_requests",
        messages.ChallengeRequest(
            reqid=0, data=messages.ChallengeRequestData(address=ADDRESS, name="UserName")
        ),
    ),
    sent(
        "version",
        ClearportProtocol.request_version,
        messages.VersionRequest(reqid=3),
        file="",
    ),
    sent(
        "identity_address",
        ClearportProtocol.request_identity_address,
        messages.IdentityAddressRequest(reqid=3),
        file="",
    ),
    sent(
        "active_channels_count",
        ClearportProtocol.request_active_channels_count,
        messages.ActiveChannelsCountRequest(reqid=3),
        file="",
    ),
]
