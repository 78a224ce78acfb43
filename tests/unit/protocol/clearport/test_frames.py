"""The walkthrough frame by frame: each inbound one is its exact event, each request reproduced.

The operator's interface has its messages in test_message_list.py.
"""

from __future__ import annotations

import json
from decimal import Decimal

from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_defunct

from kayen_desktop.domain.channels import (
    Broker,
    Channel,
    ChannelAction,
    ChannelState,
    ClearingState,
)
from kayen_desktop.domain.errors import RemoteProtocolError
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionUpdated,
    TradeRecorded,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import parse_token
from kayen_desktop.protocol.outputs import (
    Ready,
    Refusal,
    Reply,
    SignatureNeeded,
    SignInRefused,
)

from .session import (
    ADDRESS,
    BROKER,
    CHALLENGE,
    CHANNEL,
    FILL,
    NOW,
    SIGNATURE,
    challenged,
    frame,
    frame_of,
    read_frames,
    signed_in,
    token_in,
)


def walkthrough(event: str, number: int = 0) -> str:
    return frame_of("walkthrough_inbound", event, number)


def operator_api(event: str) -> str:
    return frame_of("operator_api_inbound", event)


# ---- what we send ------------------------------------------------------------------------------


def test_the_walkthroughs_requests_are_sent_byte_for_byte() -> None:
    challenge, authenticate, subscribe, open_channel, channel_jwt, close = read_frames(
        "walkthrough_requests"
    )
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    assert protocol.frames_to_send() == [challenge]
    protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW)
    protocol.provide_signature(SIGNATURE)
    # Ours carries the challenge as well, for the older dialect (§1.6 row 3), and nothing else.
    with_challenge = authenticate[: -len("}}")] + f',"challenge":"{CHALLENGE}"}}}}'
    assert protocol.frames_to_send() == [with_challenge]
    protocol.receive(walkthrough("authenticate"), NOW)
    assert protocol.frames_to_send() == [subscribe]
    assert protocol.open_channel(BROKER, Decimal("1.000")) == 3
    assert protocol.request_channel_token(CHANNEL) == 4
    assert protocol.frames_to_send() == [open_channel, channel_jwt]
    assert protocol.close_channel(CHANNEL) == 5
    # The walkthrough writes this one event first and numbers it 1 (§1.6 row 26).
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent) == json.loads(close) | {"reqid": 5}
    assert sent == f'{{"reqid":5,"event":"close_channel","data":{{"channel_id":"{CHANNEL}"}}}}'


def test_a_fill_is_reported_in_the_documented_shape() -> None:
    protocol = signed_in()
    assert protocol.record_trade(CHANNEL, FILL) == 3
    assert protocol.frames_to_send() == [
        f'{{"reqid":3,"event":"record_trade","data":{{"channel_id":"{CHANNEL}",'
        '"external_id":"172783","market":"PEPE/USD","direction":"buy",'
        '"amount":"108506.94444444","price":"0.00001152","executed_at":1719057600}}'
    ]


# ---- the signature of protocols.md §1.2 --------------------------------------------------------


def test_the_challenge_vector_is_what_eth_account_signs() -> None:
    account = Account.from_key(b"\x01" * 32)
    text = encode_defunct(text=CHALLENGE)
    assert _hash_eip191_message(text).hex() == (
        "0a2fc01db5a7299b8d114f686968cfb62675a8c98ea79408a77de736d4d0c031"
    )
    signature = "0x" + account.sign_message(text).signature.hex()
    assert signature == (
        "0xb7584cde01ea4f1d0cb99a0525ac1e23158b97a7a8cf1185e4166473306d0c7e"
        "7a79f70da059a85a959b971b31cf4d2d0cd6476818afaa5f40d38bb621f6247f1c"
    )
    assert Account.recover_message(text, signature=signature) == account.address
    protocol = ClearportProtocol(account.address)
    protocol.connect()
    outputs = protocol.receive(operator_api("challenge").replace("1", "0", 1), NOW)
    assert outputs == [SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE)]
    protocol.provide_signature(signature)
    data = json.loads(protocol.frames_to_send()[-1])["data"]
    assert data == {"address": account.address, "signature": signature, "challenge": CHALLENGE}


# ---- what the walkthrough receives -------------------------------------------------------------


def test_the_walkthroughs_challenge_response_is_refused() -> None:
    # It repeats the request: a documentation error, and nothing to sign (§1.6 row 2).
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    (output,) = protocol.receive(walkthrough("challenge"), NOW)
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, RemoteProtocolError)
    assert "no challenge in reply" in str(output.error)


def test_the_walkthroughs_authentication_signs_in() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    assert protocol.receive(walkthrough("authenticate"), NOW) == [Ready()]
    assert protocol.session_token is not None
    assert protocol.session_token.text == token_in("walkthrough_inbound", "authenticate")


def test_the_walkthroughs_open_channel_response_gives_the_channel() -> None:
    protocol = signed_in()
    protocol.open_channel(BROKER, Decimal(1))
    assert protocol.receive(walkthrough("open_channel"), NOW) == [Reply(3, CHANNEL)]


def test_the_walkthroughs_funded_notification() -> None:
    assert signed_in().receive(walkthrough("stream_notification"), NOW) == [
        ChannelUpdated(
            Channel(
                CHANNEL,
                ChannelState.OPEN,
                ClearingState.FUNDED,
                Broker(BROKER.address, BROKER.name, "clearport-peer-grpc.kayen-prod:50081"),
                is_initiator=True,
                margin_deposit=Decimal(1),
                initiator_balance=Decimal(1),
                responder_balance=Decimal(1),
                turn_num=1,
                action=ChannelAction.CHANNEL_OPENING,
            )
        )
    ]


def test_the_walkthroughs_channel_jwt_response_gives_the_token() -> None:
    session = token_in("walkthrough_inbound", "authenticate")
    protocol = signed_in({"jwt_token": session})
    protocol.open_channel(BROKER, Decimal(1))
    assert protocol.request_channel_token(CHANNEL) == 4
    token = parse_token(token_in("walkthrough_inbound", "channel_jwt"))
    assert protocol.receive(walkthrough("channel_jwt"), NOW) == [Reply(4, token)]


def test_the_walkthroughs_record_trade() -> None:
    outputs = signed_in().receive(walkthrough("record_trade"), NOW)
    assert outputs == [TradeRecorded(CHANNEL, "172783")]


def test_the_walkthroughs_position() -> None:
    assert signed_in().receive(walkthrough("position_notification"), NOW) == [
        PositionUpdated(
            Position(
                "7c4a3368-3079-4eae-a0d1-a15c9627cb3d",
                CHANNEL,
                "PEPE/USD",
                Side.BUY,
                Decimal("108506.94444444"),
                Decimal("1.2499999999999488"),
                Decimal("1.2467447916666156"),
                Decimal("0.00001152"),
                Decimal("-0.0032552083333332"),
                PositionStatus.OPEN,
            )
        )
    ]


def test_the_walkthroughs_finalizing_notification() -> None:
    (output,) = signed_in().receive(walkthrough("stream_notification", 1), NOW)
    assert isinstance(output, ChannelUpdated)
    channel = output.channel
    assert (channel.state, channel.clearing_state) == (ChannelState.OPEN, ClearingState.FINALIZING)
    assert channel.own_balance == Decimal("0.99349")
    assert channel.broker_balance == Decimal("1.00651")
    assert channel.turn_num == 2
    assert channel.is_closing


def test_the_walkthroughs_channel_closed() -> None:
    protocol = signed_in()
    protocol.close_channel(CHANNEL)
    assert protocol.receive(walkthrough("close_channel"), NOW) == [
        ChannelClosed(CHANNEL),
        Reply(3, CHANNEL),
    ]


def test_the_error_frame_without_a_number() -> None:
    protocol = signed_in()
    reqid = protocol.request_version()
    refusal, refused = protocol.receive(frame_of("protocols_inbound", "error"), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.request_id == reqid
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale
