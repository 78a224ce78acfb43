"""The sequence rule of the order books (protocols.md §2.7)."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from kayen_desktop.domain.book import Level
from kayen_desktop.domain.errors import LocalProtocolError
from kayen_desktop.domain.events import BookLost, BookReplaced, BookUpdated
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.outputs import Dropped

from .conversation import NOW, connected, reasons, tell

OBS = [3, "obs", ["pepeusd", 10, [["2", "1"]], [["1", "5"]]]]
UNKNOWN = Dropped("a change of a book that is not known yet")


def obi(sequence: object, *sides: object) -> list[object]:
    return [3, "obi", ["pepeusd", sequence, *sides]]


def level(price: str, amount: str) -> Level:
    return Level(Decimal(price), Decimal(amount))


def watching() -> FinexProtocol:
    protocol = connected()
    protocol.watch_market("PEPE/USD")
    assert protocol.frames_to_send() == [
        '[1,1,"subscribe",["public",["pepeusd.trades","pepeusd.ob-inc"]]]'
    ]
    return protocol


def live() -> FinexProtocol:
    protocol = watching()
    tell(protocol, OBS)
    return protocol


def asked_again(protocol: FinexProtocol, first_id: int) -> bool:
    """Return whether the book was left and subscribed to again, and nothing else was sent."""
    frames = protocol.frames_to_send()
    if frames:
        assert frames == [
            f'[1,{first_id},"unsubscribe",["public",["pepeusd.ob-inc"]]]',
            f'[1,{first_id + 1},"subscribe",["public",["pepeusd.ob-inc"]]]',
        ]
    return bool(frames)


def test_snapshot_then_changes() -> None:
    protocol = watching()
    assert tell(protocol, OBS) == [BookReplaced("PEPE/USD", (level("2", "1"),), (level("1", "5"),))]
    assert tell(protocol, obi(11, [["3", "4"], ["2", "0"]], [])) == [
        BookUpdated("PEPE/USD", (level("3", "4"), level("2", "0")), ())
    ]


@pytest.mark.parametrize(
    ("sides", "asks", "bids"),
    [
        ((["2", "1"], []), (level("2", "1"),), ()),
        (([], ["1", ""]), (), (level("1", "0"),)),
        ((None, [["1", "2"]]), (), (level("1", "2"),)),
        (([["2", 1e-8]],), (level("2", "1E-8"),), ()),
        ((), (), ()),
    ],
)
def test_sides_in_every_form(
    sides: tuple[object, ...], asks: tuple[Level, ...], bids: tuple[Level, ...]
) -> None:
    assert tell(live(), obi("11", *sides)) == [BookUpdated("PEPE/USD", asks, bids)]


@pytest.mark.parametrize("sequence", [10, 12, 9, 0])
def test_any_other_sequence_loses_the_book_and_asks_for_a_new_one(sequence: int) -> None:
    protocol = live()
    assert tell(protocol, obi(sequence)) == [
        Dropped(f"sequence {sequence} after 10 in the book of PEPE/USD"),
        BookLost("PEPE/USD"),
    ]
    assert asked_again(protocol, 2)
    assert tell(protocol, obi(13)) == [UNKNOWN]
    assert not asked_again(protocol, 4)
    assert isinstance(tell(protocol, OBS)[0], BookReplaced)


@pytest.mark.parametrize(
    "side",
    [
        [["1", "2", "3"]],
        [["1"]],
        [["1", None]],
        [["1", "-2"]],
        [["0", "2"]],
        [["x", "2"]],
        [["1", "2"], "x"],
        "junk",
        {"1": "2"},
        ["1", "2", "3"],
        [None],
    ],
)
def test_a_level_that_cannot_be_read_loses_the_book(side: object) -> None:
    for asks, bids in ((side, []), ([], side)):
        protocol = live()
        dropped, lost = tell(protocol, obi(11, asks, bids))
        assert isinstance(dropped, Dropped)
        assert lost == BookLost("PEPE/USD")
        assert asked_again(protocol, 2)


def test_an_unreadable_snapshot_loses_a_live_book() -> None:
    protocol = live()
    assert tell(protocol, [3, "obs", ["pepeusd", "x", [], []]]) == [
        Dropped("a book event can't be read: the text is not a decimal number"),
        BookLost("PEPE/USD"),
    ]
    assert asked_again(protocol, 2)


def test_a_new_snapshot_restarts_the_sequence() -> None:
    protocol = live()
    assert isinstance(tell(protocol, [3, "obs", ["pepeusd", 0, [], []]])[0], BookReplaced)
    assert isinstance(tell(protocol, obi(1))[0], BookUpdated)


def test_changes_before_the_snapshot_are_ignored() -> None:
    protocol = watching()
    assert tell(protocol, obi(11)) == [UNKNOWN]
    assert not asked_again(protocol, 2)


def test_a_snapshot_that_does_not_come_is_asked_for_again_after_five_seconds() -> None:
    protocol = watching()
    for seconds, is_asked in ((0, False), (4, False), (5, True), (9, False), (10, True)):
        frame = obi(11) if seconds % 2 else [3, "obs", ["pepeusd"]]
        tell(protocol, frame, NOW + timedelta(seconds=seconds))
        assert asked_again(protocol, 2 if seconds < 6 else 4) is is_asked


@pytest.mark.parametrize("args", [[], [7], [["pepeusd"]], ["btcusd", 1, [], []]])
def test_a_book_that_is_not_watched_is_dropped(args: list[object]) -> None:
    assert reasons(tell(watching(), [3, "obs", args])) == [
        "a book event of a market that is not watched"
    ]


def test_unwatching_ends_the_book() -> None:
    protocol = live()
    protocol.unwatch_market("PEPE/USD")
    assert protocol.frames_to_send() == [
        '[1,2,"unsubscribe",["public",["pepeusd.trades","pepeusd.ob-inc"]]]'
    ]
    assert reasons(tell(protocol, obi(11))) == ["a book event of a market that is not watched"]
    protocol.unwatch_market("PEPE/USD")
    assert protocol.frames_to_send() == []


def test_the_caller_may_give_a_book_up_once() -> None:
    protocol = live()
    assert protocol.resync_book("PEPE/USD") == [BookLost("PEPE/USD")]
    assert asked_again(protocol, 2)
    assert protocol.resync_book("PEPE/USD") == []
    assert protocol.resync_book("BTC/USD") == []
    assert not asked_again(protocol, 4)
    with pytest.raises(LocalProtocolError):
        protocol.resync_book("DOGE/USD")


def test_a_lost_connection_loses_live_books_only() -> None:
    protocol = live()
    protocol.watch_market("BTC/USD")
    assert protocol.connection_lost()[-1] == BookLost("PEPE/USD")
    assert BookLost("BTC/USD") not in protocol.connection_lost()
    protocol.connect()
    assert tell(protocol, obi(11)) == [UNKNOWN]


@pytest.mark.parametrize("frame", [[3, "sys", [{"hb": None}]], [3, "tickers", []]])
def test_a_book_that_does_not_come_to_a_quiet_market_is_asked_for_again(frame: object) -> None:
    protocol = connected()
    protocol.watch_market("PEPE/USD")
    protocol.frames_to_send()
    tell(protocol, frame, NOW)
    assert protocol.frames_to_send() == []
    tell(protocol, frame, NOW + timedelta(seconds=6))
    assert [json.loads(each)[2] for each in protocol.frames_to_send()] == [
        "unsubscribe",
        "subscribe",
    ]
    tell(protocol, [3, "obs", ["pepeusd", 1, [], []]], NOW + timedelta(seconds=7))
    tell(protocol, frame, NOW + timedelta(seconds=20))
    assert protocol.frames_to_send() == []
