"""Frames of a megabyte that mean to stop the window: refused in time, and nothing else lost."""

from __future__ import annotations

import json
from time import process_time

import pytest

from kayen_desktop.domain.events import ChannelUpdated
from kayen_desktop.protocol.clearport.parsing import MAX_POSITIONS
from kayen_desktop.protocol.outputs import Dropped, Refusal

from .session import CHANNEL, NOW, frame, frame_of, signed_in

MEGABYTE = 1_000_000
# A tenth of this is usual; quadratic work would take minutes.
SECONDS = 1.0
POSITION = {"id": "1", "market": "A/B", "direction": "buy", "amount": "1", "cost": "1"}


def stream(**fields: object) -> str:
    return frame("stream_notification", {"channel_id": "c", "channel_state": "open"} | fields)


@pytest.mark.parametrize(
    "text",
    [
        stream(channel_state="aA" * (MEGABYTE // 2)),
        stream(channel_state="channel_" * (MEGABYTE // 8)),
        stream(my_role="aA" * (MEGABYTE // 2)),
        stream(peer={"address": "0x" + "a" * 40, "name": "ey" * MEGABYTE, "url": "0x" * MEGABYTE}),
        stream(margin_deposit=" " * MEGABYTE + "1"),
        stream(margin_deposit="9" * MEGABYTE),
        stream(**{f"field{number}": number for number in range(60_000)}),
        frame("error_notification", {"error": "ey.ey." * (MEGABYTE // 6)}),
        frame("error_notification", {"message": "0x" + "a" * MEGABYTE}),
        frame("error_notification", {"metadata": {"transactionHash": "ey" * MEGABYTE}}),
        frame("transaction_notification", {"data": "0x" + "a" * MEGABYTE}),
        frame("transaction_notification", {"value": "1" * MEGABYTE, "to": "aA" * MEGABYTE}),
        frame("session_key_transaction", {"permissions": [{}] * (MEGABYTE // 4)}),
        frame("session_key_transaction", {"incomplete_user_op": {"nonce": "0x" + "f" * MEGABYTE}}),
        stream(action="aA" * MEGABYTE, margin_limit_type="limit_" * MEGABYTE),
        frame("positions", {"channel_id": "c", "positions": [{}] * (MEGABYTE // 4)}),
        frame("positions", {"channel_id": "c", "positions": [None] * (MEGABYTE // 6)}),
        '{"event":"x","data":' + "[" * MEGABYTE,
        '{"event":"positions","data":{"positions":' + "[" * MEGABYTE,
        frame("e" * MEGABYTE),
    ],
    ids=lambda text: text[:70],
)
def test_a_megabyte_is_read_or_refused_in_time_and_hides_nothing_behind_it(text: str) -> None:
    protocol = signed_in()
    began = process_time()
    outputs = protocol.receive(text, NOW)
    assert process_time() - began < SECONDS
    assert len(outputs) <= 3
    opened = frame_of("walkthrough_inbound", "stream_notification")
    assert isinstance(protocol.receive(opened, NOW)[0], ChannelUpdated)


def test_more_positions_than_an_account_has_are_no_list() -> None:
    protocol = signed_in()
    request_id = protocol.request_positions(CHANNEL)
    positions = [POSITION] * (MAX_POSITIONS + 1)
    text = json.dumps({"event": "positions", "reqid": request_id, "data": {"positions": positions}})
    (refusal,) = protocol.receive(text, NOW)
    assert isinstance(refusal, Refusal)


def test_channels_invented_without_end_are_dropped_from_some_point_on() -> None:
    protocol = signed_in()
    told = [protocol.receive(stream(channel_id=f"c{number}"), NOW)[0] for number in range(1500)]
    assert isinstance(told[0], ChannelUpdated)
    assert isinstance(told[-1], Dropped)
    assert sum(isinstance(each, ChannelUpdated) for each in told) == 1000
