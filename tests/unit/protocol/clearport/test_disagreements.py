"""Every disagreement of the two documents, row by row as protocols.md §1.6 settles it.

The table tells each row in both spellings: the walkthrough's (v2) and the operator's interface's
(v1). Where the rule makes them one they have one outcome; where it does not, each has its own.
What lies at the edges of a row is in test_dialects.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import Channel, ChannelAction, ChannelState, ClearingState
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionsListed,
    PositionUpdated,
    SettlementUpdated,
    TradeRecorded,
)
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport import codec
from kayen_desktop.protocol.clearport.messages import (
    ChallengeRequest,
    CloseChannelRequest,
    RecordTradeRequest,
)
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import parse_token
from kayen_desktop.protocol.outputs import (
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
    DOC_CHANNEL,
    FILL,
    NOW,
    POSITION,
    SIGNATURE,
    challenged,
    connecting,
    frame,
    frame_of,
    signed_in,
    tell,
    token_in,
    told_channel,
    told_position,
)

V2, V1 = "walkthrough", "operator_api"
BARE = {key: value for key, value in POSITION.items() if key not in ("id", "average_entry_price")}


@dataclass(frozen=True)
class Row:
    """One disagreement: what comes of either spelling, and what the rule says must come."""

    number: int
    topic: str
    outcome: Callable[[str], object]
    v2: object
    v1: object


def sent_data(ask: Callable[[ClearportProtocol], object], protocol: ClearportProtocol) -> object:
    """Return the inside of the one frame that the request sends."""
    protocol.frames_to_send()
    ask(protocol)
    (sent,) = protocol.frames_to_send()
    return json.loads(sent)["data"]


def read_challenge(spelling: str) -> object:
    text = frame_of(f"{spelling}_inbound", "challenge").replace('"reqid":1', '"reqid":0')
    (output,) = connecting().receive(text, NOW)
    return str(output.error) if isinstance(output, SignInRefused) else output


def send_authenticate(spelling: str) -> object:
    """Return our own proof under the names that the document's frame has."""
    ours = sent_data(lambda protocol: protocol.provide_signature(SIGNATURE), challenged())
    assert isinstance(ours, dict)
    documented = json.loads(frame_of(f"{spelling}_requests", "authenticate"))["data"]
    return {name: ours[name] for name in documented}


def read_authenticated(spelling: str) -> list[Output]:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    return protocol.receive(frame_of(f"{spelling}_inbound", "authenticate"), NOW)


def read_token(spelling: str) -> object:
    text = token_in(f"{spelling}_inbound", "channel_jwt")
    protocol = signed_in()
    reqid = protocol.request_channel_token(CHANNEL)
    reply = protocol.receive(frame("channel_jwt", {"jwt": text}, reqid), NOW)
    return reply == [Reply(reqid, parse_token(text))] and parse_token(text).text == text


def read_older_turn(spelling: str) -> bool:
    """Return whether a notification is taken after one of turn 5."""
    protocol = signed_in()
    told = {"channel_id": CHANNEL, "channel_state": "open"}
    protocol.receive(frame("stream_notification", told | {"turn_num": 5}), NOW)
    older = told | ({"turn_num": 4} if spelling == V2 else {})
    return isinstance(protocol.receive(frame("stream_notification", older), NOW)[0], ChannelUpdated)


def read_position(data: object) -> object:
    (output,) = tell("position_notification", data)
    assert isinstance(output, PositionUpdated)
    return output.position


def read_list(data: Mapping[str, object]) -> object:
    """Return what a list asked for comes to: its channel, or why it is no list of ours."""
    protocol = signed_in()
    reqid = protocol.request_positions(CHANNEL)
    output = protocol.receive(frame("positions", data, reqid), NOW)[0]
    return output.channel_id if isinstance(output, PositionsListed) else type(output)


def read_recording(spelling: str) -> object:
    """Return the channel that a reported trade names: in our report, and in the document's."""
    if spelling == V2:
        data = sent_data(lambda protocol: protocol.record_trade(DOC_CHANNEL, FILL), signed_in())
        assert isinstance(data, dict)
        return data["channel_id"]
    message = codec.decode_request(frame_of("operator_api_requests", "record_trade"))
    assert isinstance(message, RecordTradeRequest)
    assert message.data is not None
    return message.data.channel_id


def read_recorded(spelling: str) -> list[Output]:
    """Return what an acknowledgement comes to: told unasked, or in answer to our report."""
    protocol = signed_in()
    reqid = protocol.record_trade(CHANNEL, FILL) if spelling == V1 else 7
    data = {"channel_id": CHANNEL, "external_id": FILL.fill_id}
    return protocol.receive(frame("record_trade", data, reqid), NOW)


def read_closing(spelling: str) -> object:
    """Return what a closing comes to: as the walkthrough's notification, or as a channel's state.

    The interface lists the frame in both directions, under the event of our own request.
    """
    protocol = signed_in()
    if spelling == V2:
        return protocol.receive(frame_of("walkthrough_inbound", "close_channel"), NOW)[-1]
    listed = codec.decode_request(frame_of("operator_api_inbound", "close_channel"))
    assert isinstance(listed, CloseChannelRequest)
    told = {"channel_id": CHANNEL, "channel_status": "closed"}
    return protocol.receive(frame("stream_notification", told), NOW)[-1]


def same_broker(peer: Mapping[str, object]) -> bool:
    broker = told_channel(channel_state="open", peer=peer).broker
    return broker is not None and broker.is_same_as(BROKER)


def row(
    number: int,
    topic: str,
    expected: object,
    v2: Callable[[], object],
    v1: Callable[[], object],
) -> Row:
    """Return a row whose two spellings mean the same."""
    return Row(number, topic, lambda spelling: v2() if spelling == V2 else v1(), expected, expected)


ROWS = [
    row(
        1,
        "challenge request",
        ChallengeRequest,
        lambda: type(codec.decode_request(frame_of("walkthrough_requests", "challenge"))),
        lambda: type(codec.decode_request(frame("challenge", None, 1))),
    ),
    Row(
        2,
        "challenge response",
        read_challenge,
        "The sign-in failed: no challenge in reply.",
        SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE),
    ),
    Row(
        3,
        "authenticate request",
        send_authenticate,
        {"address": ADDRESS, "signature": SIGNATURE},
        {"challenge": CHALLENGE, "signature": SIGNATURE},
    ),
    Row(4, "authenticate response", read_authenticated, [Ready()], [Ready()]),
    Row(5, "token algorithm", read_token, True, True),
    row(
        6,
        "state field",
        ChannelState.OPEN,
        lambda: told_channel(channel_state="open").state,
        lambda: told_channel(channel_status="open").state,
    ),
    row(
        7,
        "state value",
        Channel(CHANNEL, ChannelState.OPEN),
        lambda: told_channel(channel_state="open"),
        lambda: told_channel(channel_state="opened"),
    ),
    row(
        8,
        "action",
        Channel(CHANNEL, ChannelState.OPEN, action=ChannelAction.CHANNEL_OPENED),
        lambda: told_channel(channel_state="open", action="channel_opened"),
        lambda: told_channel(channel_state="open", action="channelOpened"),
    ),
    row(
        9,
        "other side's balance",
        Decimal("1.00651"),
        lambda: told_channel(responder_margin_balance="1.00651").responder_balance,
        lambda: told_channel(follower_margin_balance="1.00651").responder_balance,
    ),
    row(
        10,
        "clearing state",
        True,
        lambda: told_channel(channel_state="open", clearing_sm_state="operational").is_usable,
        lambda: told_channel(channel_state="open").is_usable,
    ),
    Row(11, "turn", read_older_turn, False, True),
    row(
        12,
        "position's shape",
        told_position(),
        lambda: read_position({"position": POSITION}),
        lambda: read_position(POSITION),
    ),
    Row(
        13,
        "position's key and average",
        lambda spelling: read_position(POSITION if spelling == V2 else BARE),
        told_position(),
        told_position(id=f"{CHANNEL}:PEPE/USD:buy"),
    ),
    row(
        14,
        "list's items",
        [PositionsListed(CHANNEL, (told_position(),))],
        lambda: tell("positions", {"channel_id": CHANNEL, "positions": [POSITION]}),
        lambda: tell("positions", {"channel_id": CHANNEL, "positions": [{"position": POSITION}]}),
    ),
    Row(
        15,
        "list's channel",
        lambda spelling: read_list({"channel_id": CHANNEL if spelling == V2 else "12.5"}),
        CHANNEL,
        Refusal,  # described as a decimal: it would be another channel than was asked
    ),
    Row(16, "recorded trade's channel", read_recording, DOC_CHANNEL, DOC_CHANNEL),
    row(
        17,
        "settlement's state field",
        [SettlementUpdated(Settlement(CHANNEL, SettlementState.EXECUTED))],
        lambda: tell(
            "settlement_notification", {"channel_id": CHANNEL, "settlement_state": "executed"}
        ),
        lambda: tell("settlement_notification", {"channel_id": CHANNEL, "state": "executed"}),
    ),
    Row(
        18,
        "settlement's end",
        lambda spelling: tell(
            "settlement_notification",
            {"channel_id": CHANNEL, "state": "withdrawn" if spelling == V2 else "completed"},
        ),
        [SettlementUpdated(Settlement(CHANNEL, SettlementState.WITHDRAWN))],
        [SettlementUpdated(Settlement(CHANNEL, SettlementState.COMPLETED))],
    ),
    Row(
        19,
        "recorded trade",
        read_recorded,
        [TradeRecorded(CHANNEL, FILL.fill_id)],
        [TradeRecorded(CHANNEL, FILL.fill_id), Reply(3, FILL.fill_id)],
    ),
    row(
        20,
        "push's number",
        [ChannelUpdated(Channel(CHANNEL, ChannelState.OPEN))],
        lambda: tell("stream_notification", {"channel_id": CHANNEL, "channel_state": "open"}, 2),
        lambda: tell("stream_notification", {"channel_id": CHANNEL, "channel_state": "open"}, 1),
    ),
    Row(21, "closing", read_closing, ChannelClosed(CHANNEL), ChannelClosed(CHANNEL)),
    row(
        22,
        "last clearing state",
        ClearingState.FINALIZED,
        lambda: told_channel(channel_state="open", clearing_sm_state="finalized").clearing_state,
        lambda: told_channel(channel_state="open", clearing_sm_state="final").clearing_state,
    ),
    row(
        23,
        "broker's url",
        True,
        lambda: same_broker({"address": BROKER.address.lower(), "url": "host:50081"}),
        lambda: same_broker({"address": BROKER.address, "url": "https://example.com"}),
    ),
    row(
        24,
        "market",
        "PEPE/USD",
        lambda: told_position(market="PEPE/USD").market,
        lambda: told_position(market={"base": "pepe", "quote": "usd"}).market,
    ),
    row(
        25,
        "broker's name",
        True,
        lambda: same_broker({"address": BROKER.address, "name": "BlockSafeguard"}),
        lambda: same_broker({"address": BROKER.address, "name": "Alice"}),
    ),
    row(
        26,
        "order of keys",
        [ChannelClosed(CHANNEL)],
        lambda: signed_in().receive(
            json.dumps({"reqid": 1, "event": "close_channel", "data": {"channel_id": CHANNEL}}), NOW
        ),
        lambda: signed_in().receive(
            json.dumps({"data": {"channel_id": CHANNEL}, "event": "close_channel", "reqid": 1}), NOW
        ),
    ),
]


@pytest.mark.parametrize("spelling", [V2, V1])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row.number:02} {row.topic}")
def test_both_spellings_mean_what_the_rule_says(row: Row, spelling: str) -> None:
    assert row.outcome(spelling) == (row.v2 if spelling == V2 else row.v1)


def test_every_row_is_here() -> None:
    assert [row.number for row in ROWS] == list(range(1, 27))
