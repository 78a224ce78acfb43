"""Frames ↔ messages: what holds for any bytes, any text, any JSON and any message."""

from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.domain.errors import KayenError, RemoteProtocolError
from kayen_desktop.domain.events import VenueNotified, WalletAsked
from kayen_desktop.protocol.clearport import codec, messages
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.outputs import MAX_SERVER_TEXT, Dropped, Refusal, SignInRefused

from .session import ADDRESS, BROKER, CHANNEL, FILL, NOW, challenged, frame, signed_in

# The first example may import a library, and the machine may be busy.
IN_ANY_TIME = settings(deadline=None)
EVENTS = sorted({codec.event_of(kind()) for kind in get_args(messages.Inbound)})
FIELDS = sorted(
    {
        field.encode_name
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, messages.Data)
        for field in msgspec.structs.fields(kind)
    }
)
WORDS = st.sampled_from(
    ["open", "closed", "buy", "PEPE/USD", "1", "-1", "NaN", "1e-7", CHANNEL, "", "final"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=12)
    ),
    max_leaves=20,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WIRE_SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXT


@st.composite
def messages_of(draw: st.DrawFn, kinds: tuple[type[messages.Message], ...]) -> messages.Message:
    """Return a message with any scalars in any of its fields, nested ones included."""
    return _fill(draw, draw(st.sampled_from(kinds)))


def _fill(draw: st.DrawFn, kind: type[messages.Message]) -> messages.Message:
    values = {
        field.name: _value(draw, field.type)
        for field in msgspec.structs.fields(kind)
        if draw(st.booleans())
    }
    return kind(**values)


def _value(draw: st.DrawFn, annotation: object) -> object:
    structs = [
        one
        for one in get_args(annotation)
        if isinstance(one, type) and issubclass(one, messages.Data)
    ]
    if structs:
        fields = msgspec.structs.fields(structs[0])
        values = {field.name: _value(draw, field.type) for field in fields if draw(st.booleans())}
        return structs[0](**values)
    if annotation is object or float in get_args(annotation):
        return draw(WIRE_SCALARS)
    return [messages.PositionItem(market=draw(TEXT)), None]


@IN_ANY_TIME
@given(messages_of(get_args(messages.Inbound)))
def test_what_a_venue_writes_is_read_back(message: messages.Message) -> None:
    assert codec.decode(codec.encode(message)) == message


@IN_ANY_TIME
@given(messages_of(get_args(messages.Request)))
def test_what_a_client_writes_is_read_back(message: messages.Message) -> None:
    assert codec.decode_request(codec.encode(message).encode()) == message


def test_an_unknown_message_keeps_its_event_and_number() -> None:
    message = messages.UnknownMessage(event="brew", reqid=5)
    assert codec.decode('{"reqid":5,"event":"brew","data":[]}') == message
    assert codec.encode(message) == '{"reqid":5,"event":"brew"}'
    assert codec.decode_request('{"event":"stream_notification"}') == messages.UnknownMessage(
        event="stream_notification"
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"event":"authenticate","data":["eyJhbGciOiJ.eyJleHAiOjF9.c2ln"]}',
        '{"event":"authenticate","data":{"jwt_token":"eyJhbGciOiJ.eyJleHAiOjF9.c2ln"',
        '{"event":"authenticate","data":{"jwt_token":"eyJhbGciOiJ.eyJleHAiOjF9.c2ln\udcff"}}',
        '["eyJhbGciOiJ.eyJleHAiOjF9.c2ln"]',
    ],
)
def test_an_error_shows_nothing_of_the_frame(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        codec.decode(text)
    error: BaseException | None = caught.value
    while error is not None:
        assert "eyJ" not in repr(error)
        error = error.__cause__


def busy() -> ClearportProtocol:
    """Return a conversation that waits for an answer of every kind."""
    protocol = signed_in()
    protocol.open_channel(BROKER, FILL.amount)
    protocol.close_channel(CHANNEL)
    protocol.request_channel_token(CHANNEL)
    protocol.request_positions(CHANNEL)
    protocol.record_trade(CHANNEL, FILL)
    protocol.request_version()
    protocol.request_identity_address()
    protocol.request_active_channels_count()
    return protocol


def assert_plain(*texts: str) -> None:
    for text in texts:
        assert text.isprintable()
        assert len(text) <= MAX_SERVER_TEXT


def assert_survived(protocol: ClearportProtocol, received: str | bytes) -> None:
    for output in protocol.receive(received, NOW):
        if isinstance(output, Refusal | SignInRefused):
            assert isinstance(output.error, KayenError)
        elif isinstance(output, Dropped):
            assert output.reason.isprintable()
            assert len(output.reason) < 400
        elif isinstance(output, VenueNotified):
            assert_plain(output.text, output.channel_id, output.transaction_hash, output.state)
        elif isinstance(output, WalletAsked):
            assert_plain(*(text for pair in output.details for text in pair))
    repr(protocol)


@IN_ANY_TIME
@given(st.binary() | st.text())
def test_any_bytes_and_any_text_are_survived(received: str | bytes) -> None:
    for protocol in (ClearportProtocol(ADDRESS), challenged(), busy()):
        assert_survived(protocol, received)


@IN_ANY_TIME
@given(st.sampled_from(EVENTS), VALUES, SCALARS)
def test_any_inside_of_any_event_is_survived(event: str, data: object, reqid: object) -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    for one in (protocol, challenged(), busy()):
        assert_survived(one, frame(event, data, reqid))


@IN_ANY_TIME
@given(
    st.sampled_from(EVENTS),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=12),
    st.integers(0, 12),
)
def test_any_fields_in_any_event_are_survived(
    event: str, data: dict[str, object], reqid: int
) -> None:
    assert_survived(busy(), frame(event, data, reqid))
    assert_survived(busy(), frame(event, {"position": data, "positions": [data]}, reqid))


@IN_ANY_TIME
@given(VALUES)
def test_any_json_is_survived(value: object) -> None:
    assert_survived(busy(), json.dumps(value))


@IN_ANY_TIME
@given(st.data())
def test_cut_frames_are_survived(data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(EVENTS))
    whole = frame(event, {"channel_id": CHANNEL, "positions": [{"market": "A/B"}]}, 3)
    assert_survived(busy(), whole[: data.draw(st.integers(0, len(whole)))])
