"""Requests and their answers: which answer belongs to which, and what an error refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import Channel, ChannelState
from kayen_desktop.domain.errors import (
    LocalProtocolError,
    OutcomeUnknownError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelClosed,
    PositionsListed,
    Severity,
    TradeRecorded,
    VenueNotified,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.clearport.turns import MAX_CHANNELS, ChannelTurns
from kayen_desktop.protocol.outputs import Output, Refusal, Reply, SignInRefused

from .session import (
    ADDRESS,
    BROKER,
    CHANNEL,
    FILL,
    NOW,
    OTHER_CHANNEL,
    challenged,
    dropped,
    frame,
    signed_in,
    told_position,
)

ASKS: list[Callable[[ClearportProtocol], int]] = [
    lambda protocol: protocol.open_channel(BROKER, Decimal(1)),
    lambda protocol: protocol.close_channel(CHANNEL),
    lambda protocol: protocol.request_channel_token(CHANNEL),
    lambda protocol: protocol.request_positions(CHANNEL),
    lambda protocol: protocol.record_trade(CHANNEL, FILL),
    lambda protocol: protocol.request_settlement(CHANNEL, PaymentMethod.MOCK, 1, ["A/B"]),
    lambda protocol: protocol.request_version(),
    lambda protocol: protocol.request_identity_address(),
    lambda protocol: protocol.request_active_channels_count(),
]


def refusal_of(outputs: list[Output]) -> Refusal:
    (output,) = outputs
    assert isinstance(output, Refusal)
    return output


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("begin", [lambda: ClearportProtocol(ADDRESS), challenged])
def test_no_request_before_the_sign_in_is_complete(
    ask: Callable[[ClearportProtocol], int], begin: Callable[[], ClearportProtocol]
) -> None:
    protocol = begin()
    with pytest.raises(LocalProtocolError):
        ask(protocol)
    assert protocol.frames_to_send() == []


@pytest.mark.parametrize("ask", ASKS)
def test_every_request_is_unknown_when_the_connection_goes(
    ask: Callable[[ClearportProtocol], int],
) -> None:
    protocol = signed_in()
    reqid = ask(protocol)
    refusal = refusal_of(protocol.connection_lost())
    assert refusal.request_id == reqid
    assert isinstance(refusal.error, OutcomeUnknownError)
    assert protocol.frames_to_send() == [], "what was not sent is never sent"
    assert protocol.connection_lost() == []


@pytest.mark.parametrize("ask", ASKS)
def test_every_request_can_be_refused_by_number(ask: Callable[[ClearportProtocol], int]) -> None:
    protocol = signed_in()
    protocol.request_version()
    reqid = ask(protocol)
    refusal = refusal_of(protocol.receive(frame("error", {"error": "no\nway"}, reqid), NOW))
    assert refusal.request_id == reqid
    assert isinstance(refusal.error, VenueRejectionError)
    assert refusal.error.reason == "no way"


@pytest.mark.parametrize("ask", ASKS)
def test_an_answer_with_an_unreadable_inside_ends_the_waiting(
    ask: Callable[[ClearportProtocol], int],
) -> None:
    protocol = signed_in()
    reqid = ask(protocol)
    (sent,) = protocol.frames_to_send()
    event = sent.split('"event":"')[1].split('"')[0]
    (output,) = protocol.receive(frame(event, [1], reqid), NOW)
    if event == "request_settlement":  # its answer has no documented inside
        assert output == Reply(reqid, None)
    else:
        assert isinstance(output, Refusal)
        assert isinstance(output.error, OutcomeUnknownError)
    assert protocol.connection_lost() == []


@pytest.mark.parametrize("reqid", [None, 77])
def test_an_error_of_no_known_number_refuses_the_oldest_request(reqid: int | None) -> None:
    protocol = signed_in()
    first, _ = protocol.request_version(), protocol.request_positions(CHANNEL)
    outputs = protocol.receive(frame("error", {"error": "no"}, reqid), NOW)
    assert refusal_of(outputs).request_id == first


def test_an_error_that_nobody_waits_for_is_a_notice() -> None:
    outputs = signed_in().receive(frame("error", {"error": "odd"}), NOW)
    assert outputs == [VenueNotified(Severity.WARNING, "odd")]


@pytest.mark.parametrize("ask", ASKS[-3:])
def test_an_error_of_no_number_refuses_a_question_before_an_older_request(
    ask: Callable[[ClearportProtocol], int],
) -> None:
    # The venue need not know the question, and nothing hangs on it; a settlement is money.
    protocol = signed_in()
    settling = protocol.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1, ["A/B"])
    question = ask(protocol)
    unknown = frame("error", {"error": "unknown method"})
    assert refusal_of(protocol.receive(unknown, NOW)).request_id == question
    assert refusal_of(protocol.receive(unknown, NOW)).request_id == settling


def test_a_late_refusal_of_a_forgotten_question_blames_nobody() -> None:
    protocol = signed_in()
    question = protocol.request_version()
    settling = protocol.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1, ["A/B"])
    protocol.forget(question)
    late = frame("error", {"error": "unknown method"}, question)
    assert "any more" in dropped(protocol.receive(late, NOW))
    answer = frame("version", {"version": "1"}, question)
    assert "nobody waits" in dropped(protocol.receive(answer, NOW))
    assert protocol.receive(frame("request_settlement", None, settling), NOW) == [
        Reply(settling, None)
    ]


def test_an_error_with_the_number_of_an_answered_request_blames_no_other() -> None:
    # "Refused" would be a lie about a settlement that nobody has answered yet.
    protocol = signed_in()
    listing = protocol.request_positions(CHANNEL)
    settling = protocol.request_settlement(CHANNEL, PaymentMethod.ESCROW, 1, ["A/B"])
    protocol.receive(frame("positions", {"channel_id": CHANNEL}, listing), NOW)
    late = frame("error", {"error": "too slow"}, listing)
    assert protocol.receive(late, NOW) == [VenueNotified(Severity.WARNING, "too slow")]
    assert protocol.receive(late, NOW) == [VenueNotified(Severity.WARNING, "too slow")]
    assert protocol.receive(frame("request_settlement", None, settling), NOW) == [
        Reply(settling, None)
    ]


def test_a_late_refusal_of_a_forgotten_question_still_says_that_the_session_is_over() -> None:
    protocol = signed_in()
    question = protocol.request_version()
    protocol.forget(question)
    stale = frame("error", {"error": "request is not authenticated"}, question)
    (refused,) = protocol.receive(stale, NOW)
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale


def test_what_was_forgotten_is_not_known_on_the_next_connection() -> None:
    protocol = signed_in()
    question = protocol.request_version()
    protocol.forget(question)
    protocol.connection_lost()
    protocol.connect()
    protocol.frames_to_send()
    (refused,) = protocol.receive(frame("error", {"error": "no"}, question), NOW)
    assert isinstance(refused, SignInRefused)


def test_a_forgotten_request_is_not_blamed() -> None:
    protocol = signed_in()
    first, second = protocol.record_trade(CHANNEL, FILL), protocol.request_positions(CHANNEL)
    protocol.forget(first)
    protocol.forget(99)
    outputs = protocol.receive(frame("error", {"error": "no"}), NOW)
    assert refusal_of(outputs).request_id == second


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"error": "a"}, "a"),
        ({"message": "b"}, "b"),
        ({"err": "c"}, "c"),
        ({"msg": "d"}, "d"),
        ({"error": {"code": 5}}, "no reason given"),
        ({}, "no reason given"),
        ("in words", "in words"),
        ([1], "no reason given"),
        (5, "no reason given"),
        (None, "no reason given"),
        ({"error": "bad token eyJhbGciOiJ.eyJleHAiOjF9.c2ln!"}, "bad token [hidden]!"),
        ({"error": "bad signature 0x" + "a" * 130}, "bad signature [hidden]"),
    ],
)
def test_a_reason_is_plain_and_holds_no_secret(data: object, reason: str) -> None:
    protocol = signed_in()
    protocol.request_version()
    error = refusal_of(protocol.receive(frame("error", data), NOW)).error
    assert isinstance(error, VenueRejectionError)
    assert error.reason == reason


# ---- which answer belongs to which request -----------------------------------------------------


@pytest.mark.parametrize("number", [4, "4", None, "four", True, 4.0])
def test_an_answer_is_matched_by_number_or_as_the_oldest_of_its_kind(number: object) -> None:
    protocol = signed_in()
    protocol.request_version()
    reqid = protocol.open_channel(BROKER, Decimal(1))
    received = frame("open_channel", {"channel_id": CHANNEL}, number)
    assert protocol.receive(received, NOW) == [Reply(reqid, CHANNEL)]
    assert "nobody waits" in dropped(protocol.receive(received, NOW))


@pytest.mark.parametrize("number", [3, 9])
def test_an_answer_to_another_question_is_dropped(number: int) -> None:
    protocol = signed_in()
    protocol.request_version()
    outputs = protocol.receive(frame("open_channel", {"channel_id": CHANNEL}, number), NOW)
    assert "nobody waits" in dropped(outputs)
    assert len(protocol.connection_lost()) == 1


def test_a_token_that_nobody_waits_for_is_dropped() -> None:
    assert "nobody waits" in dropped(
        signed_in().receive(frame("channel_jwt", {"jwt": "a.b.c"}, 3), NOW)
    )


@pytest.mark.parametrize("data", [None, {}, {"jwt": ""}, {"jwt": 5}, {"jwt": 1.5}, {"jwt": {}}])
def test_an_answer_without_a_token_is_unreadable(data: object) -> None:
    protocol = signed_in()
    reqid = protocol.request_channel_token(CHANNEL)
    refusal = refusal_of(protocol.receive(frame("channel_jwt", data, reqid), NOW))
    assert isinstance(refusal.error, OutcomeUnknownError)


@pytest.mark.parametrize("channel_id", [None, "", 1.5, True, -1, 10**30, "x" * 129, "a\nb", []])
def test_an_opened_channel_without_a_readable_id_is_unreadable(channel_id: object) -> None:
    protocol = signed_in()
    reqid = protocol.open_channel(BROKER, Decimal(1))
    data = {"channel_id": channel_id}
    outputs = protocol.receive(frame("open_channel", data, reqid), NOW)
    if channel_id == 1.5:  # a number's own text, as good an id as any
        assert outputs == [Reply(reqid, "1.5")]
    else:
        assert isinstance(refusal_of(outputs).error, OutcomeUnknownError)


@pytest.mark.parametrize(("count", "value"), [(240, 240), ("240", 240), (0, 0)])
def test_the_count_of_channels(count: object, value: int) -> None:
    protocol = signed_in()
    reqid = protocol.request_active_channels_count()
    received = frame("active_channels_count", {"count": count}, reqid)
    assert protocol.receive(received, NOW) == [Reply(reqid, value)]


@pytest.mark.parametrize("count", [None, -1, 1.5, True, 2**63, "many"])
def test_a_count_that_is_none_is_unreadable(count: object) -> None:
    protocol = signed_in()
    reqid = protocol.request_active_channels_count()
    refusal_of(protocol.receive(frame("active_channels_count", {"count": count}, reqid), NOW))


@pytest.mark.parametrize("event", ["version", "identity_address", "active_channels_count"])
def test_an_empty_answer_is_unreadable(event: str) -> None:
    protocol = signed_in()
    for ask in ASKS[-3:]:
        ask(protocol)
    assert refusal_of(protocol.receive(frame(event), NOW))


def test_an_address_that_is_none_is_unreadable() -> None:
    protocol = signed_in()
    reqid = protocol.request_identity_address()
    refusal_of(protocol.receive(frame("identity_address", {"address": "0x12"}, reqid), NOW))


# ---- positions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [{}, {"channel_id": CHANNEL.upper().replace("0X", "0x")}])
def test_positions_are_those_of_the_channel_asked(data: dict[str, object]) -> None:
    protocol = signed_in()
    reqid = protocol.request_positions(CHANNEL)
    assert protocol.receive(frame("positions", data, reqid), NOW) == [
        PositionsListed(CHANNEL, ()),
        Reply(reqid, None),
    ]


def test_positions_of_another_channel_than_asked_are_refused() -> None:
    protocol = signed_in()
    reqid = protocol.request_positions(CHANNEL)
    received = frame("positions", {"channel_id": OTHER_CHANNEL, "positions": []}, reqid)
    refusal_of(protocol.receive(received, NOW))


# ---- recording trades --------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, {}, {"channel_id": CHANNEL}])
def test_an_acknowledgement_without_an_id_is_matched_by_number(data: object) -> None:
    protocol = signed_in()
    reqid = protocol.record_trade(CHANNEL, FILL)
    assert protocol.receive(frame("record_trade", data, reqid), NOW) == [
        TradeRecorded(CHANNEL, FILL.fill_id),
        Reply(reqid, FILL.fill_id),
    ]


def test_acknowledgements_come_in_any_order() -> None:
    protocol = signed_in()
    first = protocol.record_trade(CHANNEL, FILL)
    second = protocol.record_trade(CHANNEL, replace(FILL, fill_id="8"))
    late = frame("record_trade", {"channel_id": CHANNEL, "external_id": 8}, 7)
    assert protocol.receive(late, NOW) == [TradeRecorded(CHANNEL, "8"), Reply(second, "8")]
    assert refusal_of(protocol.connection_lost()).request_id == first


@pytest.mark.parametrize("data", [None, {"external_id": "9"}, {"channel_id": CHANNEL}])
def test_an_acknowledgement_of_nothing_known_is_dropped(data: object) -> None:
    assert "record_trade" in dropped(signed_in().receive(frame("record_trade", data), NOW))


def test_a_fill_without_a_price_is_our_bug_and_costs_no_number() -> None:
    protocol = signed_in()
    for bad in (Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(LocalProtocolError):
            protocol.record_trade(CHANNEL, replace(FILL, price=bad))
    assert protocol.frames_to_send() == []
    assert protocol.request_version() == 3


# ---- channels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("deposit", ["0", "-1", "NaN", "Infinity"])
def test_a_deposit_that_is_no_amount_is_our_bug(deposit: str) -> None:
    with pytest.raises(LocalProtocolError):
        signed_in().open_channel(BROKER, Decimal(deposit))


def test_a_settlement_of_nothing_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        signed_in().request_settlement(CHANNEL, PaymentMethod.ESCROW, 1, [])


@pytest.mark.parametrize("data", [None, {}])
def test_a_closing_without_an_id_is_matched_by_number(data: object) -> None:
    protocol = signed_in()
    reqid = protocol.close_channel(CHANNEL)
    assert protocol.receive(frame("close_channel", data, reqid), NOW) == [
        ChannelClosed(CHANNEL),
        Reply(reqid, CHANNEL),
    ]


def test_a_closing_of_another_channel_is_a_fact_and_not_our_answer() -> None:
    protocol = signed_in()
    reqid = protocol.close_channel(CHANNEL)
    received = frame("close_channel", {"channel_id": OTHER_CHANNEL}, reqid)
    assert protocol.receive(received, NOW) == [ChannelClosed(OTHER_CHANNEL)]
    assert refusal_of(protocol.connection_lost()).request_id == reqid


def test_a_closing_of_nothing_is_dropped() -> None:
    assert "close_channel" in dropped(signed_in().receive(frame("close_channel"), NOW))


def test_channels_without_end_fill_no_memory_and_push_no_real_one_out() -> None:
    turns = ChannelTurns()
    for number in range(MAX_CHANNELS):
        assert turns.close(f"0x{number}")
    assert not turns.accept(Channel("0xnew", ChannelState.OPEN))
    assert not turns.close("0xnew")
    assert not turns.is_closed("0xnew")
    assert turns.is_closed("0X0")


def test_a_sell_keeps_the_venues_profit() -> None:
    position = told_position(direction="SELL", pnl="0.3")
    assert (position.side, position.pnl) == (Side.SELL, Decimal("0.3"))
