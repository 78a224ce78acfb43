"""At the edges of the rules for both documents' spellings, row by row of protocols.md §1.6.

The rows themselves, in both spellings, are in test_disagreements.py.
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionsListed,
    PositionUpdated,
    SettlementUpdated,
    TradeRecorded,
)
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.outputs import Ready, Reply, SignInRefused

from .session import (
    ADDRESS,
    BROKER,
    CHANNEL,
    FILL,
    NOW,
    POSITION,
    SIGNATURE,
    challenged,
    dropped,
    frame,
    signed_in,
    tell,
    told_channel,
    told_position,
)


def test_row_1_the_challenge_request_carries_address_and_name() -> None:
    protocol = ClearportProtocol(ADDRESS, user_name="Ada")
    protocol.connect()
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent)["data"] == {"address": ADDRESS, "name": "Ada"}


@pytest.mark.parametrize("data", [None, {}, {"address": ADDRESS}, {"challenge": ""}])
def test_row_2_a_reply_without_challenge_is_refused_and_nothing_is_signed(data: object) -> None:
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    protocol.frames_to_send()
    (output,) = protocol.receive(frame("challenge", data, 0), NOW)
    assert isinstance(output, SignInRefused)
    assert "no challenge in reply" in str(output.error)
    assert protocol.frames_to_send() == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"jwt_token": "a.b.c"}, "a.b.c"),
        ({"jwt": "a.b.c"}, "a.b.c"),
        ({"jwt_token": "", "jwt": "d.e.f"}, "d.e.f"),
        ({"jwt_token": "a.b.c", "jwt": "d.e.f"}, "a.b.c"),
        ({"jwt_token": 5}, None),
        ({}, None),
        (None, None),
    ],
)
def test_row_4_authenticated_with_or_without_a_token(data: object, text: str | None) -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    assert protocol.receive(frame("authenticate", data, 1), NOW) == [Ready()]
    token = protocol.session_token
    assert (token and token.text) == text


@pytest.mark.parametrize(
    "data",
    [
        {"channel_state": "open", "channel_status": "closed", "state": "closed"},
        {"channel_status": "open", "state": "closed"},
        {"channel_state": None, "channel_status": "", "state": "open"},
    ],
)
def test_row_6_the_first_state_field_present_counts(data: dict[str, object]) -> None:
    assert told_channel(**data).state is ChannelState.OPEN


@pytest.mark.parametrize(
    ("word", "text"),
    [("Frozen\n\u202eup", "Frozen up"), ("other", "other"), (7, "7"), (["x"], "(not text)")],
)
def test_row_7_an_unknown_state_is_other_and_keeps_its_word(word: object, text: str) -> None:
    updated, logged = tell("stream_notification", {"channel_id": CHANNEL, "channel_state": word})
    assert isinstance(updated, ChannelUpdated)
    assert updated.channel.state is ChannelState.OTHER
    assert updated.channel.state_text == text
    assert not updated.channel.is_usable
    assert text in dropped([logged])


def test_row_10_without_a_clearing_state_the_channel_state_tells_the_phase() -> None:
    channel = told_channel(channel_state="closing")
    assert channel.clearing_state is None
    assert channel.is_closing


def test_row_10_an_unknown_clearing_state_is_other_and_keeps_its_word() -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "clearing_sm_state": "Dreaming"}
    updated, logged = tell("stream_notification", data)
    assert isinstance(updated, ChannelUpdated)
    assert updated.channel.clearing_state is ClearingState.OTHER
    assert updated.channel.state_text == "Dreaming"
    assert "Dreaming" in dropped([logged])


def test_row_11_an_older_turn_is_dropped_an_equal_one_is_not() -> None:
    protocol = signed_in()

    def turn(number: object) -> list[object]:
        data = {"channel_id": CHANNEL, "channel_state": "open", "turn_num": number}
        return list(protocol.receive(frame("stream_notification", data), NOW))

    assert isinstance(turn(5)[0], ChannelUpdated)
    assert isinstance(turn(5)[0], ChannelUpdated)
    assert "older" in str(turn(4)[0])
    assert isinstance(turn(None)[0], ChannelUpdated)
    protocol.connection_lost()
    assert "older" in str(turn(4)[0])
    assert isinstance(turn("6")[0], ChannelUpdated)
    assert "older" in str(turn(5)[0])


@pytest.mark.parametrize(
    "data",
    [
        {"position": POSITION},
        POSITION,
        POSITION | {"position": None},
        POSITION | {"position": "a word"},
        {"position": POSITION, "market": "ETH/USD"},
    ],
)
def test_row_12_a_position_is_read_nested_or_flat(data: object) -> None:
    (output,) = tell("position_notification", data)
    assert isinstance(output, PositionUpdated)
    assert output.position.market == "PEPE/USD"


@pytest.mark.parametrize(
    "data", [None, {}, {"channel_id": CHANNEL}, {"position": {}}, {"position": {"market": ""}}]
)
def test_row_12_a_position_without_market_is_ignored(data: object) -> None:
    assert "no market" in dropped(tell("position_notification", data))


def test_row_12_a_nested_position_may_leave_its_channel_outside() -> None:
    nested = {key: value for key, value in POSITION.items() if key != "channel_id"}
    (output,) = tell("position_notification", {"channel_id": CHANNEL, "position": nested})
    assert isinstance(output, PositionUpdated)
    assert output.position.channel_id == CHANNEL


@pytest.mark.parametrize("missing", ["absent", None, ""])
def test_row_13_key_and_average_are_made_where_absent(missing: object) -> None:
    position = told_position(id=missing, average_entry_price=missing)
    assert position.position_id == f"{CHANNEL}:PEPE/USD:buy"
    assert position.average_entry_price == Decimal("0.5")


def test_row_13_no_average_of_nothing() -> None:
    position = told_position(amount="0", average_entry_price=None, status="closed")
    assert position.average_entry_price is None


def test_row_14_list_items_are_read_wrapped_or_flat() -> None:
    data = {"channel_id": CHANNEL, "positions": [{"position": POSITION}, POSITION | {"id": 7}]}
    (output,) = tell("positions", data)
    assert isinstance(output, PositionsListed)
    assert [position.position_id for position in output.positions] == ["p-1", "7"]


@pytest.mark.parametrize(
    "data",
    [
        {"settlement_state": "executed"},
        {"state": "executed"},
        {"settlement_state": "SETTLEMENT_STATE_EXECUTED", "state": "failed"},
    ],
)
def test_row_17_either_name_of_the_settlements_state(data: dict[str, object]) -> None:
    assert tell("settlement_notification", {"channel_id": CHANNEL} | data) == [
        SettlementUpdated(Settlement(CHANNEL, SettlementState.EXECUTED))
    ]


def test_row_18_an_unknown_settlement_state_is_shown() -> None:
    data = {"channel_id": CHANNEL, "state": "Pondering", "markets": ["eth/usd", 5, {"base": 1}]}
    updated, logged = tell("settlement_notification", data)
    assert updated == SettlementUpdated(
        Settlement(CHANNEL, SettlementState.OTHER, ("ETH/USD",), "Pondering")
    )
    assert "Pondering" in dropped([logged])


def test_row_18_a_settlement_without_a_state_is_other() -> None:
    updated, _ = tell("settlement_notification", {"channel_id": CHANNEL})
    assert updated == SettlementUpdated(Settlement(CHANNEL, SettlementState.OTHER))


@pytest.mark.parametrize("reqid", [None, 3, 7, 999, "x"])
def test_row_19_a_recorded_trade_acknowledges_by_its_id_whatever_its_number(reqid: object) -> None:
    protocol = signed_in()
    asked = protocol.record_trade(CHANNEL, FILL)
    data = {"channel_id": CHANNEL, "external_id": FILL.fill_id}
    assert protocol.receive(frame("record_trade", data, reqid), NOW) == [
        TradeRecorded(CHANNEL, FILL.fill_id),
        Reply(asked, FILL.fill_id),
    ]
    assert protocol.receive(frame("record_trade", data, reqid), NOW) == [
        TradeRecorded(CHANNEL, FILL.fill_id)
    ]


@pytest.mark.parametrize("reqid", [1, 2, 3, 99, None, "two", True])
def test_row_20_a_pushs_number_means_nothing(reqid: object) -> None:
    protocol = signed_in()
    protocol.request_positions(CHANNEL)
    data = {"channel_id": CHANNEL, "channel_state": "open"}
    (output,) = protocol.receive(frame("stream_notification", data, reqid), NOW)
    assert isinstance(output, ChannelUpdated)


def test_row_21_a_closed_state_closes_once_and_the_reply_still_answers() -> None:
    protocol = signed_in()
    reqid = protocol.close_channel(CHANNEL)
    told = {"channel_id": CHANNEL, "channel_state": "closed"}
    updated, closed = protocol.receive(frame("stream_notification", told), NOW)
    assert isinstance(updated, ChannelUpdated)
    assert closed == ChannelClosed(CHANNEL)
    data = {"channel_id": CHANNEL}
    assert protocol.receive(frame("close_channel", data, 1), NOW) == [Reply(reqid, CHANNEL)]
    assert "once more" in dropped(protocol.receive(frame("close_channel", data, 1), NOW))


@pytest.mark.parametrize(
    "market", ["pepeusd", "A/B/C", {"base": "A"}, {"base": 1, "quote": "B"}, 5, "PEPE/U\u017fD"]
)
def test_row_24_a_market_that_is_neither_is_refused(market: object) -> None:
    outputs = tell("position_notification", POSITION | {"market": market})
    assert "BASE/QUOTE" in dropped(outputs)


def test_row_25_a_brokers_name_is_a_label_in_plain_text() -> None:
    peer = {"address": BROKER.address, "name": "Block\u202e\nSafeguard" + "x" * 500}
    broker = told_channel(channel_state="open", peer=peer).broker
    assert broker is not None
    assert broker.name.startswith("Block Safeguard")
    assert len(broker.name) == 80


def test_row_8_the_action_drives_nothing_whatever_it_says() -> None:
    finalizing = told_channel(
        action="channel_opened", channel_state="open", clearing_sm_state="finalizing"
    )
    assert finalizing.is_closing
    usable = told_channel(action="channelClosed", channel_state="open")
    assert usable.is_usable


def test_row_9_the_later_name_of_the_balance_comes_first() -> None:
    both = {"responder_margin_balance": "1", "follower_margin_balance": "2"}
    assert told_channel(**both).responder_balance == Decimal(1)
