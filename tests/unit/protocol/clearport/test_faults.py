"""Every fault of protocols.md §1.9: a clear error or a dropped frame, nothing lost behind it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import OutcomeUnknownError, VenueRejectionError
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionsListed,
    PositionUpdated,
    SettlementUpdated,
)
from kayen_desktop.domain.settlement import SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import Token
from kayen_desktop.protocol.outputs import (
    MAX_SERVER_TEXT,
    Ready,
    Refusal,
    Reply,
    SignatureNeeded,
    SignInRefused,
)

from .session import (
    BROKER,
    CHALLENGE,
    CHANNEL,
    FILL,
    NOW,
    OTHER_CHANNEL,
    POSITION,
    SIGNATURE,
    challenged,
    connecting,
    dropped,
    frame,
    frame_of,
    signed_in,
    tell,
    told_position,
)


def assert_still_works(protocol: ClearportProtocol) -> None:
    """Check that a frame behind the bad one is read, and a request answered."""
    outputs = protocol.receive(frame("position_notification", {"position": POSITION}), NOW)
    assert isinstance(outputs[0], PositionUpdated)
    reqid = protocol.request_version()
    outputs = protocol.receive(frame("version", {"version": "2"}, reqid), NOW)
    assert outputs == [Reply(reqid, "2")]


def test_challenge_reply_without_challenge() -> None:
    (output,) = connecting().receive(frame_of("walkthrough_inbound", "challenge"), NOW)
    assert isinstance(output, SignInRefused)


@pytest.mark.parametrize("challenge", [5, "", [], None])
def test_challenge_that_is_no_text_or_empty(challenge: object) -> None:
    (output,) = connecting().receive(frame("challenge", {"challenge": challenge}, 0), NOW)
    assert isinstance(output, SignInRefused)


def test_two_challenge_replies() -> None:
    protocol = connecting()
    reply = frame("challenge", {"challenge": CHALLENGE}, 0)
    wanted = SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE)
    assert protocol.receive(reply, NOW) == [wanted]
    other = frame("challenge", {"challenge": "another"}, 0)
    assert "not asked" in dropped(protocol.receive(other, NOW))
    protocol.provide_signature(SIGNATURE)
    assert CHALLENGE in protocol.frames_to_send()[-1]
    assert "not asked" in dropped(protocol.receive(reply, NOW))


def test_authenticate_reply_with_no_data() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    assert protocol.receive(frame("authenticate", None, 1), NOW) == [Ready()]
    assert "not asked" in dropped(protocol.receive(frame("authenticate", None, 1), NOW))
    assert_still_works(protocol)


def test_error_without_reqid() -> None:
    protocol = signed_in()
    reqid = protocol.open_channel(BROKER, Decimal(1))
    (output,) = protocol.receive(frame("error", {"error": "too small"}), NOW)
    assert isinstance(output, Refusal)
    assert output.request_id == reqid
    assert_still_works(protocol)


def test_error_instead_of_reply() -> None:
    protocol = signed_in()
    reqid = protocol.close_channel(CHANNEL)
    (output,) = protocol.receive(frame("error", {"error": "positions open"}, reqid), NOW)
    assert isinstance(output, Refusal)
    assert isinstance(output.error, VenueRejectionError)


def test_token_expired_mid_session() -> None:
    protocol = signed_in({"jwt_token": "a.b.c"})
    outputs = protocol.receive(frame("error", {"error": "invalid JWT token"}), NOW)
    (refused,) = outputs
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale
    assert protocol.session_token is None
    protocol.connect()


def test_channel_jwt_expired_is_asked_again() -> None:
    protocol = signed_in()
    first, second = (protocol.request_channel_token(CHANNEL) for _ in range(2))
    assert first != second
    reply = frame("channel_jwt", {"jwt": "a.b.c"}, second)
    assert protocol.receive(reply, NOW) == [Reply(second, Token("a.b.c"))]


def test_token_that_is_not_three_parts() -> None:
    protocol = signed_in()
    reqid = protocol.request_channel_token(CHANNEL)
    reply = frame("channel_jwt", {"jwt": "one.two"}, reqid)
    assert protocol.receive(reply, NOW) == [Reply(reqid, Token("one.two"))]


def test_stream_notification_before_open_channel_reply() -> None:
    protocol = signed_in()
    reqid = protocol.open_channel(BROKER, Decimal(1))
    pushed = frame_of("walkthrough_inbound", "stream_notification")
    (output,) = protocol.receive(pushed, NOW)
    assert isinstance(output, ChannelUpdated)
    reply = frame("open_channel", {"channel_id": CHANNEL}, reqid)
    assert protocol.receive(reply, NOW) == [Reply(reqid, CHANNEL)]


def test_notification_for_an_unknown_channel() -> None:
    data = {"channel_id": OTHER_CHANNEL, "channel_state": "open"}
    (output,) = tell("stream_notification", data)
    assert isinstance(output, ChannelUpdated)
    assert output.channel.channel_id == OTHER_CHANNEL


def test_same_notification_twice() -> None:
    protocol = signed_in()
    pushed = frame_of("walkthrough_inbound", "stream_notification")
    assert protocol.receive(pushed, NOW) == protocol.receive(pushed, NOW)


def test_turn_num_going_back() -> None:
    protocol = signed_in()
    protocol.receive(frame_of("walkthrough_inbound", "stream_notification", 1), NOW)
    older = frame_of("walkthrough_inbound", "stream_notification")
    assert "older" in dropped(protocol.receive(older, NOW))
    assert_still_works(protocol)


@pytest.mark.parametrize("turn", ["two", -1, 2**63, 1.5, True, []])
def test_turn_num_that_is_none(turn: object) -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "turn_num": turn}
    assert "turn number" in dropped(tell("stream_notification", data))


def test_state_failed_after_open_channel() -> None:
    data = {"channel_id": CHANNEL, "channel_state": "closed", "clearing_sm_state": "failed"}
    (output,) = tell("stream_notification", data)
    assert isinstance(output, ChannelUpdated)
    assert output.channel.is_failed


def test_challenging() -> None:
    data = {
        "channel_id": CHANNEL,
        "channel_state": "challenging",
        "clearing_sm_state": "challenge_registered",
    }
    (output,) = tell("stream_notification", data)
    assert isinstance(output, ChannelUpdated)
    assert output.channel.state is ChannelState.CHALLENGING
    assert output.channel.clearing_state is ClearingState.CHALLENGE_REGISTERED
    assert not output.channel.is_usable


def test_closed_by_peer_with_no_request() -> None:
    protocol = signed_in()
    data = {"channel_id": CHANNEL}
    assert protocol.receive(frame("close_channel", data, 2), NOW) == [ChannelClosed(CHANNEL)]
    assert_still_works_elsewhere(protocol)


def assert_still_works_elsewhere(protocol: ClearportProtocol) -> None:
    other = POSITION | {"channel_id": OTHER_CHANNEL}
    (output,) = protocol.receive(frame("position_notification", other), NOW)
    assert isinstance(output, PositionUpdated)


def test_position_for_a_closed_channel() -> None:
    protocol = signed_in()
    protocol.receive(frame("close_channel", {"channel_id": CHANNEL}), NOW)
    outputs = protocol.receive(frame("position_notification", POSITION), NOW)
    assert "closed" in dropped(outputs)
    last_word = POSITION | {"status": "closed"}
    (output,) = protocol.receive(frame("position_notification", last_word), NOW)
    assert isinstance(output, PositionUpdated)


@pytest.mark.parametrize("nothing", [None, ""])
def test_pnl_or_market_value_null_or_empty(nothing: object) -> None:
    position = told_position(pnl=nothing, market_value=nothing)
    assert (position.pnl, position.market_value) == (None, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-7", Decimal("0.0000001")),
        ("-0", Decimal(0)),
        ("0." + "1" * 30, Decimal("0." + "1" * 30)),
        (" 5 ", Decimal(5)),
    ],
)
def test_amounts_in_odd_spellings_are_exact(text: str, value: Decimal) -> None:
    assert told_position(amount=text).amount == value


@pytest.mark.parametrize("field", ["amount", "cost", "market_value", "average_entry_price", "pnl"])
@pytest.mark.parametrize(
    "bad", ["NaN", "Infinity", "1_000", "0x10", "1,5", "1e400", "1" * 99, True, [], {"a": 1}]
)
def test_amounts_that_are_none_drop_the_frame(field: str, bad: object) -> None:
    protocol = signed_in()
    outputs = protocol.receive(frame("position_notification", POSITION | {field: bad}), NOW)
    assert "is not an amount" in dropped(outputs)
    assert_still_works(protocol)


@pytest.mark.parametrize("field", ["amount", "cost", "market_value", "average_entry_price"])
def test_negative_amounts_drop_the_frame(field: str) -> None:
    outputs = tell("position_notification", POSITION | {field: "-1"})
    assert "negative" in dropped(outputs)


@pytest.mark.parametrize("field", ["amount", "cost"])
def test_a_position_without_its_amount_or_cost_is_dropped(field: str) -> None:
    assert "lacks" in dropped(tell("position_notification", POSITION | {field: None}))


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("0.1", Decimal("0.1")),
        ("1e-7", Decimal("0.0000001")),
        ("123456789012345678.123456789", Decimal("123456789012345678.123456789")),
        ("12345678901234567890123", Decimal("12345678901234567890123")),
        ("7", Decimal(7)),
    ],
)
def test_json_numbers_where_strings_are_expected_are_exact(number: str, value: Decimal) -> None:
    text = frame("position_notification", POSITION).replace('"amount": "3"', f'"amount": {number}')
    (output,) = signed_in().receive(text, NOW)
    assert isinstance(output, PositionUpdated)
    assert output.position.amount == value


def test_json_numbers_too_big_to_be_amounts_are_dropped() -> None:
    for number in ("1e999999999999", "1" * 400, "1" * 5000):
        text = frame("position_notification", POSITION).replace('"3"', number)
        assert dropped(signed_in().receive(text, NOW))


def test_uppercase_enum_spelling() -> None:
    position = told_position(direction="SELL", status="OPEN", market="pepe/USD")
    assert position.is_open


@pytest.mark.parametrize(
    ("field", "bad", "words"),
    [
        ("direction", "long", "neither buy nor sell"),
        ("direction", 1, "neither buy nor sell"),
        ("status", "melting", "none we know: melting"),
        ("status", None, "none we know"),
        ("channel_id", None, "channel id"),
        ("id", 1e40, ""),
    ],
)
def test_a_position_in_an_unknown_state_is_dropped_loudly(
    field: str, bad: object, words: str
) -> None:
    outputs = tell("position_notification", POSITION | {field: bad})
    if field == "id":  # an id of digits is an id
        assert isinstance(outputs[0], PositionUpdated)
    else:
        assert words in dropped(outputs)


@pytest.mark.parametrize(
    "peer", [None, "a word", [], {}, {"address": 5}, {"address": "0x12", "name": "x"}]
)
def test_missing_peer(peer: object) -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "peer": peer}
    (output,) = tell("stream_notification", data)
    assert isinstance(output, ChannelUpdated)
    assert output.channel.broker is None


def test_peer_with_labels_that_are_no_text() -> None:
    peer = {"address": BROKER.address, "name": 5, "url": None}
    data = {"channel_id": CHANNEL, "channel_state": "open", "peer": peer}
    (output,) = tell("stream_notification", data)
    assert isinstance(output, ChannelUpdated)
    assert output.channel.broker is not None
    assert output.channel.broker.name == ""


@pytest.mark.parametrize("role", ["Observer", 5])
def test_a_role_that_is_none_is_dropped_as_it_decides_whose_money_is_whose(role: object) -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "my_role": role}
    assert "role" in dropped(tell("stream_notification", data))


@pytest.mark.parametrize("text", ["x" * 1_000_000, "eyJ" * 300_000, "ey-" * 300_000])
def test_very_long_error_text(text: str) -> None:
    protocol = signed_in()
    protocol.request_version()
    (output,) = protocol.receive(frame("error", {"error": text}), NOW)
    assert isinstance(output, Refusal)
    assert isinstance(output.error, VenueRejectionError)
    assert len(output.error.reason) == MAX_SERVER_TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ping",
        "{",
        '{"event":"version"',
        "\ud800",
        '{"event":"\udcff"}',
        "[" * 100_000,
        '{"event":"positions","x":' + "[" * 100_000,
    ],
)
def test_non_json_frame(text: str) -> None:
    protocol = signed_in()
    assert dropped(protocol.receive(text, NOW))
    assert_still_works(protocol)


@pytest.mark.parametrize("text", ["[]", '[1,2,"x"]', "5", "null", '"text"', "true", "{}"])
def test_json_that_is_no_object_with_an_event(text: str) -> None:
    protocol = signed_in()
    assert dropped(protocol.receive(text, NOW))
    assert_still_works(protocol)


@pytest.mark.parametrize("event", ['""', "5", "null", "[]"])
def test_event_that_is_no_name(event: str) -> None:
    assert dropped(signed_in().receive(f'{{"event":{event}}}', NOW))


def test_event_that_no_document_names() -> None:
    protocol = signed_in()
    text = dropped(protocol.receive(frame("brew\n\u202ecoffee" + "x" * 99, {"a": 1}), NOW))
    assert text.startswith("A message that no document names: brew coffeexx")
    assert len(text) < 90
    assert_still_works(protocol)


def test_event_named_twice() -> None:
    text = '{"event":"secret","event":"version","reqid":3}'
    protocol = signed_in()
    protocol.request_version()
    (output,) = protocol.receive(text, NOW)
    assert isinstance(output, Refusal)
    assert "secret" not in str(output.error)


def test_binary_frame() -> None:
    protocol = signed_in()
    assert "binary" in dropped(protocol.receive(frame("version").encode(), NOW))
    assert_still_works(protocol)


def test_socket_closing_between_open_channel_and_its_reply() -> None:
    protocol = signed_in()
    reqid = protocol.open_channel(BROKER, Decimal(1))
    assert len(protocol.frames_to_send()) == 1
    (output,) = protocol.connection_lost()
    assert isinstance(output, Refusal)
    assert output.request_id == reqid
    assert isinstance(output.error, OutcomeUnknownError)
    protocol.connect()
    (sent,) = protocol.frames_to_send()
    assert "open_channel" not in sent
    late = frame("open_channel", {"channel_id": CHANNEL}, reqid)
    assert "nobody waits" in dropped(protocol.receive(late, NOW))


def test_record_trade_ack_never_arriving() -> None:
    protocol = signed_in()
    protocol.record_trade(CHANNEL, FILL)
    assert_still_works(protocol)
    (output,) = protocol.connection_lost()
    assert isinstance(output, Refusal)
    assert isinstance(output.error, OutcomeUnknownError)


@pytest.mark.parametrize("state", [SettlementState.FAILED, SettlementState.REJECTED])
def test_settlement_failed_or_rejected_half_way(state: SettlementState) -> None:
    protocol = signed_in()
    for word in ("proposed", state.value.upper()):
        data = {"channel_id": CHANNEL, "settlement_state": word, "markets": ["ETH/USD"]}
        (output,) = protocol.receive(frame("settlement_notification", data), NOW)
    assert isinstance(output, SettlementUpdated)
    assert output.settlement.state is state
    assert output.settlement.markets == ("ETH/USD",)


def test_positions_list_with_null_item() -> None:
    data = {"channel_id": CHANNEL, "positions": [None, POSITION, {}]}
    listed, skipped = tell("positions", data)
    assert isinstance(listed, PositionsListed)
    assert [position.position_id for position in listed.positions] == ["p-1"]
    assert "2 empty items" in dropped([skipped])


@pytest.mark.parametrize(
    "item", [5, "x", POSITION | {"amount": "NaN"}, POSITION | {"channel_id": OTHER_CHANNEL}]
)
def test_a_list_with_an_unreadable_position_is_no_list(item: object) -> None:
    # Without it the list would say that the position is gone.
    protocol = signed_in()
    reqid = protocol.request_positions(CHANNEL)
    data = {"channel_id": CHANNEL, "positions": [POSITION, item]}
    (output,) = protocol.receive(frame("positions", data, reqid), NOW)
    assert isinstance(output, Refusal)
    assert isinstance(output.error, OutcomeUnknownError)
    assert_still_works(protocol)


def test_positions_that_are_no_list() -> None:
    assert dropped(tell("positions", None))
    assert dropped(tell("positions", {}))
    assert dropped(tell("positions", {"channel_id": CHANNEL, "positions": {"a": 1}}))


@pytest.mark.parametrize("event", ["stream_notification", "settlement_notification"])
@pytest.mark.parametrize("data", [None, {}, {"channel_id": ""}, []])
def test_notifications_about_nothing(event: str, data: object) -> None:
    assert event in dropped(tell(event, data))


def test_a_channel_that_names_no_state() -> None:
    updated, logged = tell("stream_notification", {"channel_id": CHANNEL})
    assert isinstance(updated, ChannelUpdated)
    assert (updated.channel.state, updated.channel.state_text) == (ChannelState.OTHER, "")
    assert dropped([logged])
