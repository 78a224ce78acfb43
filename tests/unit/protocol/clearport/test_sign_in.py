"""Signing in, resuming, being refused, and the tokens that have to fit together."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from coincurve import PrivateKey

from kayen_desktop.domain.errors import (
    LocalProtocolError,
    OutcomeUnknownError,
    RemoteProtocolError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import SecurityAlarmRaised, Severity, VenueNotified
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.clearport.sign_in import SignInState
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
    CHALLENGE,
    CHANNEL,
    NOW,
    OTHER_CHANNEL,
    SIGNATURE,
    challenged,
    dropped,
    frame,
    signed_in,
    token_in,
)

KEY = b"\x02" * 32
OTHER_KEY = b"\x03" * 32
EXPIRES_AT = int((NOW + timedelta(hours=1)).timestamp())
WANTED = SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE)


def sign_token(key: bytes, **claims: object) -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    header = b'{"alg":"ES256K-R","typ":"JWT"}'
    signed = f"{part(header)}.{part(json.dumps(claims).encode())}"
    digest = hashlib.sha256(signed.encode()).digest()
    return f"{signed}.{part(PrivateKey(key).sign_recoverable(digest, hasher=None))}"


def session_of(key: bytes = KEY, address: str = ADDRESS, expires_at: int = EXPIRES_AT) -> str:
    return sign_token(key, operator_address=address, exp=expires_at)


def resuming(token: str) -> ClearportProtocol:
    """Return a conversation that holds a token and was just given a challenge."""
    protocol = ClearportProtocol(ADDRESS, session_token=token)
    protocol.connect()
    protocol.frames_to_send()
    return protocol


# ---- the steps in their order ------------------------------------------------------------------


def test_the_steps_of_a_sign_in() -> None:
    protocol = ClearportProtocol(ADDRESS)
    states = [protocol.state]
    protocol.connect()
    states.append(protocol.state)
    assert protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW) == [WANTED]
    states.append(protocol.state)
    protocol.provide_signature(SIGNATURE)
    states.append(protocol.state)
    assert protocol.receive(frame("authenticate", None, 1), NOW) == [Ready()]
    states.append(protocol.state)
    assert states == [
        SignInState.DISCONNECTED,
        SignInState.AWAITING_CHALLENGE,
        SignInState.AWAITING_SIGNATURE,
        SignInState.AWAITING_AUTHENTICATION,
        SignInState.SIGNED_IN,
    ]
    assert len(protocol.frames_to_send()) == 3
    assert protocol.frames_to_send() == []


def test_connecting_twice_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        challenged().connect()
    with pytest.raises(LocalProtocolError):
        signed_in().connect()


@pytest.mark.parametrize("address", ["", "0x12", ADDRESS + "0", ADDRESS[2:]])
def test_an_address_that_is_none_is_our_bug(address: str) -> None:
    with pytest.raises(LocalProtocolError):
        ClearportProtocol(address)


@pytest.mark.parametrize("signature", ["", "0x12", SIGNATURE[2:], SIGNATURE + "\n"])
def test_a_signature_that_is_none_is_our_bug_and_not_repeated(signature: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        challenged().provide_signature(signature)
    assert signature[:20].strip() in ("", "0x12") or signature[:20] not in str(caught.value)


def test_a_signature_nobody_asked_for_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        signed_in().provide_signature(SIGNATURE)


def test_a_signature_that_comes_after_the_connection_is_gone_is_not_sent() -> None:
    protocol = challenged()
    protocol.connection_lost()
    with pytest.raises(LocalProtocolError):
        protocol.provide_signature(SIGNATURE)
    assert protocol.frames_to_send() == []


def test_repr_shows_no_token_signature_or_challenge() -> None:
    token = session_of()
    shown = repr(signed_in({"jwt_token": token}))
    assert shown == f"ClearportProtocol(address='{ADDRESS}', state=signed_in, pending=0)"


# ---- challenges --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "challenge", [5, 1.5, None, [], {}, True, "x" * 257, "a\nb", "a\x00b", "a\u202eb"]
)
def test_a_challenge_that_is_not_a_short_line_is_never_signed(challenge: object) -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    (output,) = protocol.receive(frame("challenge", {"challenge": challenge}, 0), NOW)
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, RemoteProtocolError)
    assert not output.is_token_stale
    assert protocol.state is SignInState.REFUSED


def test_a_challenge_whose_inside_cant_be_read_refuses_the_sign_in() -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    (output,) = protocol.receive(frame("challenge", [1], 0), NOW)
    assert isinstance(output, SignInRefused)


def test_the_longest_challenge_is_signed() -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    (output,) = protocol.receive(frame("challenge", {"challenge": "x" * 256}), NOW)
    assert isinstance(output, SignatureNeeded)


def test_a_challenge_with_another_number_is_dropped() -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    data = {"challenge": CHALLENGE}
    assert "not asked" in dropped(protocol.receive(frame("challenge", data, 8), NOW))
    assert protocol.receive(frame("challenge", data, "0"), NOW) == [WANTED]


def test_a_refused_sign_in_may_begin_again_on_the_same_connection() -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    protocol.receive(frame("challenge", {}, 0), NOW)
    protocol.connect()
    assert protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 1), NOW) == [WANTED]


# ---- resuming ----------------------------------------------------------------------------------


def test_a_valid_token_resumes_without_a_signature() -> None:
    token = session_of()
    protocol = resuming(token)
    assert protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW) == []
    assert protocol.frames_to_send() == [
        f'{{"reqid":1,"event":"authenticate","data":{{"address":"{ADDRESS}",'
        f'"jwt_token":"{token}"}}}}'
    ]
    assert protocol.receive(frame("authenticate", None, 1), NOW) == [Ready()]
    assert protocol.session_token == parse_token(token)


def test_a_forgotten_session_is_signed_afresh() -> None:
    protocol = resuming(session_of())
    protocol.forget_session()
    outputs = protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW)
    assert outputs == [SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE)]


def test_a_resumed_session_takes_a_new_token() -> None:
    protocol = resuming(session_of())
    protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW)
    newer = session_of(expires_at=EXPIRES_AT + 60)
    protocol.receive(frame("authenticate", {"jwt_token": newer}, 1), NOW)
    assert protocol.session_token == parse_token(newer)


@pytest.mark.parametrize(
    "token",
    [
        session_of(expires_at=int(NOW.timestamp())),
        session_of(address="0x" + "1" * 40),
        sign_token(KEY, operator_address=ADDRESS),
        "opaque",
    ],
)
def test_a_token_that_cant_hold_is_not_tried(token: str) -> None:
    protocol = resuming(token)
    assert protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW) == [WANTED]


def test_a_token_the_venue_refuses_is_dropped_and_the_next_challenge_signed() -> None:
    protocol = resuming(session_of())
    protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW)
    protocol.frames_to_send()
    refusal = frame("error", {"error": "invalid JWT token"})
    assert "afresh" in dropped(protocol.receive(refusal, NOW))
    assert protocol.session_token is None
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent)["event"] == "challenge"
    second = {"challenge": "second"}
    assert "not asked" in dropped(protocol.receive(frame("challenge", second, 0), NOW))
    (output,) = protocol.receive(frame("challenge", second, 2), NOW)
    assert isinstance(output, SignatureNeeded)
    protocol.provide_signature(SIGNATURE)
    (refused,) = protocol.receive(refusal, NOW)
    assert isinstance(refused, SignInRefused)


def test_an_error_before_the_token_was_shown_does_not_cost_the_token() -> None:
    protocol = resuming(session_of())
    (output,) = protocol.receive(frame("error", {"error": "busy"}, 0), NOW)
    assert isinstance(output, SignInRefused)
    assert not output.is_token_stale
    assert protocol.session_token is not None


def test_the_token_survives_the_connection() -> None:
    token = session_of()
    protocol = signed_in({"jwt_token": token})
    assert protocol.connection_lost() == []
    protocol.connect()
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent)["reqid"] == 3, "the counter goes on"
    assert protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 3), NOW) == []


# ---- being refused -----------------------------------------------------------------------------


def test_a_refused_signature_ends_the_sign_in() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    (output,) = protocol.receive(frame("error", {"error": "Invalid signature"}, 1), NOW)
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, VenueRejectionError)
    assert not output.is_token_stale


@pytest.mark.parametrize("text", ["invalid JWT token", "Request is not authenticated!"])
@pytest.mark.parametrize("reqid", [3, None])
def test_a_session_that_went_stale_is_told_and_its_request_refused(
    text: str, reqid: int | None
) -> None:
    protocol = signed_in({"jwt_token": session_of()})
    asked = protocol.request_positions(CHANNEL)
    refusal, refused = protocol.receive(frame("error", {"error": text}, reqid), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.request_id == asked
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale
    assert protocol.session_token is None
    with pytest.raises(LocalProtocolError):
        protocol.request_version()


def test_a_refused_subscription_is_not_blamed_on_a_request() -> None:
    protocol = signed_in()
    protocol.request_version()
    outputs = protocol.receive(frame("error", {"error": "no"}, 2), NOW)
    assert outputs == [VenueNotified(Severity.WARNING, "no")]


def test_an_answer_to_the_subscription_is_nothing_to_tell() -> None:
    assert signed_in().receive(frame("subscribe_notifications", None, 2), NOW) == []


# ---- whether the tokens fit together -----------------------------------------------------------


def ask_token(session: str | None, channel: str) -> list[object]:
    protocol = signed_in(None if session is None else {"jwt_token": session})
    reqid = protocol.request_channel_token(CHANNEL)
    return list(protocol.receive(frame("channel_jwt", {"jwt": channel}, reqid), NOW))


def assert_alarm(outputs: list[object], words: str) -> None:
    alarm, refusal = outputs
    assert isinstance(alarm, SecurityAlarmRaised)
    assert words in alarm.text
    assert isinstance(refusal, Refusal)
    assert isinstance(refusal.error, OutcomeUnknownError)


def test_tokens_of_one_signer_are_taken() -> None:
    token = sign_token(KEY, channel_id=CHANNEL, exp=EXPIRES_AT)
    assert ask_token(session_of(), token) == [Reply(3, parse_token(token))]


def test_a_channel_token_of_another_signer_is_an_alarm() -> None:
    token = sign_token(OTHER_KEY, channel_id=CHANNEL, exp=EXPIRES_AT)
    assert_alarm(ask_token(session_of(), token), "not signed by")


def test_a_channel_token_with_a_broken_signature_is_an_alarm() -> None:
    token = sign_token(KEY, channel_id=CHANNEL).rpartition(".")[0] + ".AAAA"
    assert_alarm(ask_token(session_of(), token), "not signed by")


def test_a_channel_token_for_another_channel_is_an_alarm() -> None:
    token = sign_token(KEY, channel_id=OTHER_CHANNEL, exp=EXPIRES_AT)
    assert_alarm(ask_token(session_of(), token), "another account")


@pytest.mark.parametrize("session", [None, "opaque"])
def test_without_a_readable_session_token_there_is_nothing_to_compare(session: str | None) -> None:
    token = sign_token(OTHER_KEY, channel_id=CHANNEL.upper().replace("0X", "0x"))
    assert ask_token(session, token) == [Reply(3, parse_token(token))]


def test_a_session_token_for_another_address_is_an_alarm() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    theirs = session_of(address="0x" + "1" * 40)
    alarm, ready = protocol.receive(frame("authenticate", {"jwt_token": theirs}, 1), NOW)
    assert isinstance(alarm, SecurityAlarmRaised)
    assert "another address" in alarm.text
    assert ready == Ready()


def test_the_walkthroughs_tokens_fit_together() -> None:
    session = token_in("walkthrough_inbound", "authenticate")
    channel = token_in("walkthrough_inbound", "channel_jwt")
    assert ask_token(session, channel) == [Reply(3, parse_token(channel))]
