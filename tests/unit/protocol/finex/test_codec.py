"""Frames and messages: the tolerant reader of protocols.md §2.1, and exact numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import LocalProtocolError, RemoteProtocolError
from kayen_desktop.protocol.finex.codec import decode, encode
from kayen_desktop.protocol.finex.messages import (
    Message,
    PrivateEvent,
    PublicEvent,
    Request,
    Response,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=12)
)
arguments = st.lists(st.recursive(scalars, st.lists, max_leaves=8), max_size=6)
ids = st.integers(0, 2**70)


@given(
    st.builds(Request, ids, st.text(), arguments)
    | st.builds(Response, ids, st.text(), arguments)
    | st.builds(PublicEvent, st.text(), arguments)
    | st.builds(PrivateEvent, st.text(), arguments)
)
def test_encode_then_decode_is_the_same_message(message: Message) -> None:
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ('["2","14","pong",[]]', Response(14, "pong", [])),
        ('[2,"14","pong",[]]', Response(14, "pong", [])),
        ('[2.0,14.0,"pong",[]]', Response(14, "pong", [])),
        ('["1",1,"ping",[]]', Request(1, "ping", [])),
        ('["3","sys",[]]', PublicEvent("sys", [])),
        ('["4","sys",[]]', PrivateEvent("sys", [])),
        (b'[3,"sys",[1]]', PublicEvent("sys", [1])),
        ('[3,"x",[9007199254740993]]', PublicEvent("x", [9007199254740993])),
        (
            '[3,"x",[123456789012345678901234567890]]',
            PublicEvent("x", [123456789012345678901234567890]),
        ),
        ('[3,"x",[1e-8]]', PublicEvent("x", [Decimal("1E-8")])),
        ('[3,"x",[1e9999999999999999999]]', PublicEvent("x", ["1e9999999999999999999"])),
    ],
)
def test_tolerant_frames(frame: str | bytes, message: Message) -> None:
    assert decode(frame) == message


def test_floats_keep_every_digit() -> None:
    message = decode('[3,"x",[31411.907434247005,0.1]]')
    assert [str(value) for value in message.args] == ["31411.907434247005", "0.1"]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("ping", "The frame is not JSON."),
        ("", "The frame is not JSON."),
        (b"\xff\xfe", "The frame is not JSON."),
        ('[3,"\ud800",[]]', "The frame is not JSON."),
        ('[3,"x",' + "[" * 100_000, "The frame is not JSON."),
        ('[3,"x",[' + "9" * 5000 + "]]", "The frame is not JSON."),
        ('[3,"x",[NaN]]', "The frame is not JSON."),
        ("{}", "The frame is not an array."),
        ("3", "The frame is not an array."),
        ("[]", "The frame is not an array."),
        ('[5,"admin",[]]', "The frame can't be read: it is an admin event."),
        ('[9,"x",[]]', "The frame can't be read: its type is not known."),
        ('[1.5,"x",[]]', "The frame can't be read: a number is not whole."),
        ('[true,"x",[]]', "The frame can't be read: a bool is not a whole number."),
        ('[null,"x",[]]', "The frame can't be read: a NoneType is not a whole number."),
        ('[2,1.5,"x",[]]', "The frame can't be read: a number is not whole."),
        ('[2,"x","x",[]]', "The frame can't be read: the text is not a decimal number."),
        ('[2,1e30,"x"]', "The frame can't be read: it has 3 elements instead of 4."),
        ("[3]", "The frame can't be read: it has 1 elements instead of 3."),
        ('[3,"x",[],1]', "The frame can't be read: it has 4 elements instead of 3."),
        ("[3,7,[]]", "The frame can't be read: its name is not text."),
        ('[3,"x",{}]', "The frame can't be read: its arguments are not an array."),
    ],
)
def test_bad_frames_say_what_is_wrong(frame: str | bytes, sentence: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        decode(frame)
    assert str(caught.value) == sentence


def test_a_message_that_is_not_json_is_our_bug_and_does_not_tell_its_content() -> None:
    with pytest.raises(LocalProtocolError) as caught:
        encode(Request(1, "auth", ["secret\ud800"]))
    assert str(caught.value) == "The message can't be written as JSON."
    assert caught.value.__cause__ is None


def test_a_request_does_not_show_its_arguments() -> None:
    assert repr(Request(1, "auth", ["secret"])) == "Request(reqid=1, method='auth')"
