"""Every disagreement of the two documents, row by row as protocols.md §1.6 settles it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
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
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import parse_token
from kayen_desktop.protocol.outputs import Ready, Reply, SignInRefused

from .session import (
    ADDRESS,
    BROKER,
    CHALLENGE,
    CHANNEL,
    FILL,
    NOW,
    SIGNATURE,
    challenged,
    dropped,
    frame,
    signed_in,
    tell,
    token_in,
)

POSITION = {
    "id": "p-1",
    "channel_id": CHANNEL,
    "market": "PEPE/USD",
    "direction": "buy",
    "amount": "3",
    "cost": "1.5",
    "market_value": "1.2",
    "average_entry_price": "0.5",
    "pnl": "-0.3",
    "status": "open",
}


def told_channel(**data: object) -> Channel:
    output = tell("stream_notification", {"channel_id": CHANNEL, **data})[0]
    assert isinstance(output, ChannelUpdated)
    return output.channel


def told_position(**changes: object) -> Position:
    data = {key: value for key, value in (POSITION | changes).items() if value != "absent"}
    (output,) = tell("position_notification", {"position": data})
    assert isinstance(output, PositionUpdated)
    return output.position


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


def test_row_3_authenticate_carries_address_signature_and_challenge() -> None:
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent)["data"] == {
        "address": ADDRESS,
        "signature": SIGNATURE,
        "challenge": CHALLENGE,
    }


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


def test_row_5_tokens_are_opaque() -> None:
    protocol = signed_in({"jwt_token": "not-a-token"})
    reqid = protocol.request_channel_token(CHANNEL)
    text = token_in("operator_api_inbound", "channel_jwt")
    outputs = protocol.receive(frame("channel_jwt", {"jwt": text}, reqid), NOW)
    assert outputs == [Reply(reqid, parse_token(text))]


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
    ("word", "state"),
    [
        ("open", ChannelState.OPEN),
        ("opened", ChannelState.OPEN),
        ("OPEN", ChannelState.OPEN),
        ("CHANNEL_STATE_OPEN", ChannelState.OPEN),
        ("ChannelState_OPEN", ChannelState.OPEN),
        ("close", ChannelState.CLOSED),
        ("CLOSED", ChannelState.CLOSED),
        ("opening", ChannelState.OPENING),
        ("settling", ChannelState.SETTLING),
        ("Closing", ChannelState.CLOSING),
        ("challenging", ChannelState.CHALLENGING),
    ],
)
def test_row_7_both_spellings_of_a_state_are_one(word: str, state: ChannelState) -> None:
    channel = told_channel(channel_state=word)
    assert (channel.state, channel.state_text) == (state, "")


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


@pytest.mark.parametrize("action", ["channel_closed", "channelClosed", "marginUpdated", 5, None])
def test_row_8_the_action_drives_nothing(action: object) -> None:
    channel = told_channel(action=action, channel_state="open", clearing_sm_state="operational")
    assert channel.is_usable


@pytest.mark.parametrize("name", ["responder_margin_balance", "follower_margin_balance"])
def test_row_9_either_name_of_the_other_sides_balance(name: str) -> None:
    channel = told_channel(channel_state="open", **{name: "1.5"})
    assert channel.responder_balance == Decimal("1.5")


def test_row_10_without_a_clearing_state_the_channel_state_tells_the_phase() -> None:
    channel = told_channel(channel_state="closing")
    assert channel.clearing_state is None
    assert channel.is_closing
    assert told_channel(channel_state="open").is_usable


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


def test_row_15_the_lists_channel_is_the_hexadecimal_id() -> None:
    assert tell("positions", {"channel_id": CHANNEL}) == [PositionsListed(CHANNEL, ())]


def test_row_16_the_recorded_trades_channel_is_the_hexadecimal_id() -> None:
    protocol = signed_in()
    protocol.record_trade(CHANNEL, FILL)
    (sent,) = protocol.frames_to_send()
    assert json.loads(sent)["data"]["channel_id"] == CHANNEL


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


def test_row_18_withdrawn_is_a_settlements_end() -> None:
    (output,) = tell("settlement_notification", {"channel_id": CHANNEL, "state": "withdrawn"})
    assert isinstance(output, SettlementUpdated)
    assert output.settlement.state is SettlementState.WITHDRAWN


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


@pytest.mark.parametrize("word", ["final", "finalized", "FINAL", "CLEARING_STATE_FINAL"])
def test_row_22_final_is_finalized(word: str) -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "clearing_sm_state": word}
    updated, closed = tell("stream_notification", data)
    assert isinstance(updated, ChannelUpdated)
    assert updated.channel.clearing_state is ClearingState.FINALIZED
    assert closed == ChannelClosed(CHANNEL)


def test_row_23_brokers_are_the_same_by_address_whatever_the_url() -> None:
    peer = {"address": BROKER.address.upper().replace("0X", "0x"), "url": "host:50081"}
    broker = told_channel(channel_state="open", peer=peer).broker
    assert broker is not None
    assert broker.is_same_as(BROKER)
    assert (broker.name, broker.url) == ("", "host:50081")


@pytest.mark.parametrize("market", ["PEPE/USD", "pepe/usd", {"base": "PEPE", "quote": "usd"}])
def test_row_24_a_market_is_text_or_a_pair(market: object) -> None:
    assert told_position(market=market).market == "PEPE/USD"


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


def test_row_26_the_order_of_keys_means_nothing() -> None:
    text = json.dumps({"data": {"channel_id": CHANNEL}, "reqid": 1, "event": "close_channel"})
    assert signed_in().receive(text, NOW) == [ChannelClosed(CHANNEL)]


@pytest.mark.parametrize("status", list(PositionStatus))
def test_every_position_status_is_read(status: PositionStatus) -> None:
    assert told_position(status=status.value).status is status
    assert told_position(status=f"POSITION_STATUS_{status.name}").status is status


def test_a_camel_case_status_is_read() -> None:
    assert told_position(status="inSettlement").status is PositionStatus.IN_SETTLEMENT


@pytest.mark.parametrize("state", [one for one in ClearingState if one.name != "OTHER"])
def test_every_clearing_state_is_read(state: ClearingState) -> None:
    told = told_channel(channel_state="open", clearing_sm_state=state.value)
    assert told.clearing_state is state


@pytest.mark.parametrize("state", [one for one in SettlementState if one.name != "OTHER"])
def test_every_settlement_state_is_read(state: SettlementState) -> None:
    data = {"channel_id": CHANNEL, "settlement_state": state.value}
    assert tell("settlement_notification", data) == [SettlementUpdated(Settlement(CHANNEL, state))]


def test_a_sell_keeps_the_venues_profit() -> None:
    position = told_position(direction="SELL", pnl="0.3")
    assert (position.side, position.pnl) == (Side.SELL, Decimal("0.3"))


@pytest.mark.parametrize(
    ("role", "is_initiator"),
    [("Initiator", True), ("", True), ("Responder", False), ("follower", False)],
)
def test_the_role_says_which_balance_is_ours(role: str, is_initiator: bool) -> None:
    channel = told_channel(
        channel_state="open",
        my_role=role,
        initiator_margin_balance="1",
        responder_margin_balance="2",
    )
    assert channel.is_initiator is is_initiator
    assert channel.own_balance == (Decimal(1) if is_initiator else Decimal(2))
