"""The documents' own frames: each inbound one is its exact event, each request is reproduced."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_defunct

from kayen_desktop.domain.channels import Broker, Channel, ChannelState, ClearingState
from kayen_desktop.domain.errors import RemoteProtocolError, VenueRejectionError
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionsListed,
    PositionUpdated,
    SettlementUpdated,
    TradeRecorded,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import PaymentMethod, Settlement, SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport import codec
from kayen_desktop.protocol.clearport.messages import UnknownMessage
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import parse_token
from kayen_desktop.protocol.outputs import (
    Dropped,
    Output,
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

DOC_CHANNEL = "0x55608cdbde2ff4183a81e62da096fa863d8f910d29d17826124fccc9bcc11f62"
DOC_BROKER = Broker("0x55608cdbde2ff4183a81e62da096fa863d8f910d", "Alice", "https://example.com")


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


def test_the_operator_apis_requests_are_sent_with_the_same_data() -> None:
    documented = {json.loads(one)["event"]: one for one in read_frames("operator_api_requests")}
    protocol = signed_in()
    broker = Broker(DOC_BROKER.address, DOC_BROKER.name, DOC_BROKER.url)
    protocol.open_channel(broker, Decimal(10000))
    protocol.request_channel_token(DOC_CHANNEL)
    protocol.close_channel(DOC_CHANNEL)
    protocol.request_positions(DOC_CHANNEL)
    markets = ["WBTC/USDT", "WETH/USDT"]
    protocol.request_settlement(DOC_CHANNEL, PaymentMethod.ESCROW, 1, markets)
    for sent in protocol.frames_to_send():
        ours, theirs = json.loads(sent), json.loads(documented[json.loads(sent)["event"]])
        assert ours["data"] == theirs["data"]
        assert json.dumps(ours["data"]) == json.dumps(theirs["data"]), "the same order of keys"


def test_a_fill_is_reported_in_the_documented_shape() -> None:
    protocol = signed_in()
    assert protocol.record_trade(CHANNEL, FILL) == 3
    assert protocol.frames_to_send() == [
        f'{{"reqid":3,"event":"record_trade","data":{{"channel_id":"{CHANNEL}",'
        '"external_id":"172783","market":"PEPE/USD","direction":"buy",'
        '"amount":"108506.94444444","price":"0.00001152","executed_at":1719057600}}'
    ]


def test_requests_without_data_carry_none() -> None:
    protocol = signed_in()
    protocol.request_version()
    protocol.request_identity_address()
    protocol.request_active_channels_count()
    assert protocol.frames_to_send() == [
        '{"reqid":3,"event":"version"}',
        '{"reqid":4,"event":"identity_address"}',
        '{"reqid":5,"event":"active_channels_count"}',
    ]


@pytest.mark.parametrize(
    "sent", read_frames("walkthrough_requests") + read_frames("operator_api_requests")
)
def test_the_venues_side_reads_every_documented_request(sent: str) -> None:
    message = codec.decode_request(sent)
    assert not isinstance(message, UnknownMessage)
    assert json.loads(codec.encode(message)) == json.loads(sent)


@pytest.mark.parametrize(
    "received", read_frames("walkthrough_inbound")[1:] + read_frames("operator_api_inbound")
)
def test_every_documented_reply_is_written_back_as_it_was(received: str) -> None:
    message = codec.decode(received)
    assert not isinstance(message, UnknownMessage)
    assert json.loads(codec.encode(message)) == json.loads(received)


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


# ---- what the operator's interface describes ---------------------------------------------------


def test_the_operator_apis_values() -> None:
    for ask, event, value in (
        (ClearportProtocol.request_version, "version", "1.0.0"),
        (ClearportProtocol.request_identity_address, "identity_address", DOC_BROKER.address),
    ):
        protocol = signed_in()
        reqid = ask(protocol)
        received = operator_api(event).replace('"reqid":1', f'"reqid":{reqid}')
        assert protocol.receive(received, NOW) == [Reply(reqid, value)]


def test_the_operator_apis_authentication_has_no_token() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    assert protocol.receive(operator_api("authenticate"), NOW) == [Ready()]
    assert protocol.session_token is None


def test_the_operator_apis_channel_jwt_is_opaque() -> None:
    protocol = signed_in()
    reqid = protocol.request_channel_token(DOC_CHANNEL)
    received = operator_api("channel_jwt").replace('"reqid":1', f'"reqid":{reqid}')
    token = parse_token(token_in("operator_api_inbound", "channel_jwt"))
    assert protocol.receive(received, NOW) == [Reply(reqid, token)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("open_channel", [Dropped("An answer to open_channel that nobody waits for.")]),
        ("record_trade", [TradeRecorded(DOC_CHANNEL, "123")]),
        (
            "stream_notification",
            [
                ChannelUpdated(
                    Channel(
                        DOC_CHANNEL,
                        ChannelState.OPEN,
                        None,
                        DOC_BROKER,
                        margin_deposit=Decimal(10000),
                        initiator_balance=Decimal(0),
                        responder_balance=Decimal(0),
                    )
                )
            ],
        ),
        (
            "settlement_notification",
            [SettlementUpdated(Settlement(DOC_CHANNEL, SettlementState.PROPOSED))],
        ),
        ("position_notification", [Dropped("A position that names no market.")]),
        ("close_channel", [ChannelClosed(DOC_CHANNEL)]),
        (
            "positions",
            [
                PositionsListed(
                    DOC_CHANNEL,
                    (
                        Position(
                            f"{DOC_CHANNEL}:WBTC/USDT:buy",
                            DOC_CHANNEL,
                            "WBTC/USDT",
                            Side.BUY,
                            Decimal("1.2"),
                            Decimal(36789),
                            Decimal(35467),
                            Decimal("30657.5"),
                            Decimal(-1322),
                            PositionStatus.OPEN,
                        ),
                        Position(
                            f"{DOC_CHANNEL}:ETH/USDT:sell",
                            DOC_CHANNEL,
                            "ETH/USDT",
                            Side.SELL,
                            Decimal("1.5"),
                            Decimal("3678.9"),
                            Decimal("3546.7"),
                            Decimal("2452.6"),
                            Decimal("132.2"),
                            PositionStatus.OPEN,
                        ),
                    ),
                )
            ],
        ),
    ],
)
def test_the_operator_apis_notifications_and_stray_replies(
    event: str, expected: list[Output]
) -> None:
    assert signed_in().receive(operator_api(event), NOW) == expected


def test_the_operator_apis_settlement_reply() -> None:
    protocol = signed_in()
    reqid = protocol.request_settlement(DOC_CHANNEL, PaymentMethod.MOCK, 1, ["ETH/USDT"])
    received = operator_api("request_settlement").replace('"reqid":1', f'"reqid":{reqid}')
    assert protocol.receive(received, NOW) == [Reply(reqid, None)]


def test_the_operator_apis_error_refuses_the_sign_in() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    (output,) = protocol.receive(operator_api("error"), NOW)
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, VenueRejectionError)
    assert output.error.reason == "Invalid signature"
    assert not output.is_token_stale


def test_the_error_frame_without_a_number() -> None:
    protocol = signed_in()
    reqid = protocol.request_version()
    refusal, refused = protocol.receive(frame_of("protocols_inbound", "error"), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.request_id == reqid
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale
