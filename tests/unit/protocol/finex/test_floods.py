"""Frames of a megabyte that mean to stop the window: refused in time, and nothing else lost."""

from __future__ import annotations

import json
from time import process_time

import pytest

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.errors import OutcomeUnknownError
from kayen_desktop.domain.events import (
    BookLost,
    BookReplaced,
    FillReceived,
    MarginUpdated,
    Severity,
    VenueNotified,
)
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.finex.values import read_int
from kayen_desktop.protocol.outputs import Dropped, Output, Refusal

from .conversation import CREATED_AT, NOW, connected, order_row, signed_in, tell

MEGABYTE = 1_000_000
# Milliseconds on the machines this is written on; ten times that still tells linear from not.
SECONDS = 1.0


def fill_up(before: str, item: str, after: str) -> str:
    """Return a frame of about a megabyte that repeats the item."""
    times = MEGABYTE // (len(item) + 1)
    return before + ",".join([item] * times) + after


def told(protocol: FinexProtocol, frame: str) -> list[Output]:
    """Return what a frame comes to, and check that it took no longer than a frame may."""
    began = process_time()
    outputs = protocol.receive(frame, NOW)
    assert process_time() - began < SECONDS
    return outputs


@pytest.mark.parametrize(
    "frame",
    [
        fill_up('[3,"markets",[', '["a","s","a","u","5"]', "]]"),
        fill_up('[3,"markets",[', "1", "]]"),
        fill_up('[3,"tickers",[', "1", "]]"),
        fill_up('[3,"tickers",[', '["pepeusd",1,1,1,1,1,1,1,1,1]', "]]"),
        fill_up('[3,"trade",[', "{}", "]]"),
        fill_up('[4,"bu",[', '["usd","1","1"]', "]]"),
        fill_up('[3,"x",[', "1e999999999999999999999", "]]"),
        fill_up('[3,"x",[', "9" * 4000, "]]"),
        fill_up('[3,"config",[', '{"finex_version":["x"]}', "]]"),
        "[" * MEGABYTE,
        f'[3,"{"." * MEGABYTE}",[]]',
        f'[3,"kline.1m.{"a" * MEGABYTE}",[1,1,1,1,1,1]]',
        f'[4,"bu",[1.{"9" * MEGABYTE},1,1,1]]',
        f'[4,"bu",["{"9" * MEGABYTE}","1","1","1"]]',
        f'[2,9,"error",["{"ey" * (MEGABYTE // 2)}"]]',
    ],
    ids=lambda frame: frame[:24],
)
def test_a_megabyte_is_refused_in_time_and_hides_nothing_behind_it(frame: str) -> None:
    protocol = connected()
    outputs = told(protocol, frame)
    assert all(isinstance(output, Dropped | VenueNotified) for output in outputs)
    assert len(outputs) <= 25
    assert tell(protocol, [4, "bu", ["1", "0", "1", "10"]])[0].__class__ is MarginUpdated


def test_a_book_of_more_levels_than_can_be_followed_is_lost_and_asked_for_again() -> None:
    protocol = connected()
    protocol.watch_market("PEPE/USD")
    assert isinstance(tell(protocol, [3, "obs", ["pepeusd", 1, [], []]])[0], BookReplaced)
    protocol.frames_to_send()
    outputs = told(protocol, fill_up('[3,"obi",["pepeusd",2,[', '["0.1","1"]', "],[]]]"))
    assert outputs[1:] == [BookLost("PEPE/USD")]
    assert protocol.frames_to_send()


def test_candles_without_end_are_no_answer() -> None:
    protocol = connected()
    request_id = protocol.request_klines("PEPE/USD", Period.M1, CREATED_AT, NOW)
    (refusal,) = told(protocol, fill_up(f'[2,{request_id},"klines",[', "[1,1,1,1,1,1]", "]]"))
    assert isinstance(refusal, Refusal)
    assert isinstance(refusal.error, OutcomeUnknownError)


@pytest.mark.parametrize("listing", ["orders", "fills"])
def test_a_listing_of_rubbish_is_given_up_early_and_shortly(listing: str) -> None:
    protocol = signed_in()
    if listing == "orders":
        request_id, method = protocol.request_orders(), "list_orders"
    else:
        request_id, method = protocol.request_channel_trades(1, 500), "list_channel_trades"
    outputs = told(protocol, fill_up(f'[2,{request_id},"{method}",[', "[]", "]]"))
    assert isinstance(outputs[-2], Refusal)
    assert outputs[-1] == Dropped("and 80 more parts of the frame")
    assert len(outputs) == 22


def test_a_long_listing_that_can_be_read_is_told_whole() -> None:
    protocol = signed_in()
    request_id = protocol.request_orders()
    rows = [order_row(uuid=f"u{number}") for number in range(30)]
    outputs = tell(protocol, [2, request_id, "list_orders", rows])
    assert len(outputs) == 31


def test_a_number_that_hides_in_spaces_is_not_kept_by_any_cache() -> None:
    padded = " " * MEGABYTE + "1"
    outputs = told(connected(), json.dumps([4, "bu", [padded, "1", "1", "1"]]))
    assert isinstance(outputs[-1], VenueNotified)
    assert outputs[-1].severity is Severity.WARNING


def test_a_whole_number_of_thousands_of_digits_is_none() -> None:
    with pytest.raises(ValueError, match="too many digits"):
        read_int(10**4000)


def test_a_token_that_the_exchange_echoes_reaches_no_notice() -> None:
    echoed = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln"
    protocol = connected()
    protocol.authenticate(echoed)
    outputs = tell(protocol, [2, 1, "error", [f"token {echoed} is not valid"]])
    assert "eyJ" not in str(outputs)
    assert "[hidden]" in str(outputs)


def test_a_fill_without_a_fee_currency_names_none() -> None:
    protocol = signed_in()
    row = ["pepeusd", 1, "1", "1", "1", 1, "u1", "buy", "buy", "0", None, 1654516051]
    (received,) = tell(protocol, [4, "tr", row])
    assert isinstance(received, FillReceived)
    assert received.fill.fee_currency == ""
