"""A session: facts into the state, what follows from them, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.tasks import TaskOwner
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import JournalError, OutcomeUnknownError, ProblemKind
from kayen_desktop.domain.events import (
    BookReplaced,
    BookUpdated,
    ChannelClosed,
    ChannelUpdated,
    FillReceived,
    MarginUpdated,
    PositionsListed,
    PositionUpdated,
    SecurityAlarmRaised,
    Severity,
    TradeRecorded,
    VenueNotified,
)
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.margin import MarginBalance
from kayen_desktop.journal.store import Journal
from tests.unit.domain.samples import (
    BROKER,
    CHANNEL,
    NOW,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_levels,
    make_order,
    make_position,
    make_request,
)

from .conftest import Clock, Running, make_session, open_journal, quiet, until
from .fake_venue import TRADING, FakeVenue
from .gates import Guard

GOOD = BookReplaced(PEPE, make_levels([("2", "1")]), make_levels([("1", "1")]))
CROSSED = BookReplaced(PEPE, make_levels([("1", "1")]), make_levels([("2", "1")]))


def never(error: BaseException) -> None:
    pytest.fail(f"Nothing was to crash: {error!r}")


def open_account(running: Running) -> None:
    running.venue.sign_in()
    running.venue.tell(ChannelUpdated(make_channel()))


def test_the_time_is_aware() -> None:
    assert utc_now().utcoffset() == timedelta(0)


async def test_the_sessions_time_is_its_clocks(running: Running) -> None:
    running.clock.pass_by(3)
    assert running.session.now() == later(3)


async def test_a_session_connects_and_stops(journal: Journal, clock: Clock) -> None:
    venue = FakeVenue()
    session = make_session(venue, journal, clock, never)
    session.start()
    await until(lambda: venue.is_running)
    await session.stop()
    assert not venue.is_running


async def test_listeners_hear_of_changes_until_they_leave(running: Running) -> None:
    heard: list[tuple[Change, ...]] = []
    leave = running.session.listen(heard.append)
    running.venue.tell(ChannelUpdated(make_channel(turn_num=5)))
    assert heard == [(Change(Topic.CHANNEL, CHANNEL), Change(Topic.MARGIN))]
    running.venue.tell(ChannelUpdated(make_channel(turn_num=4)))  # older: nothing changes
    leave()
    leave()
    running.venue.tell(ChannelUpdated(make_channel(turn_num=6)))
    assert len(heard) == 1


# Books


@pytest.mark.parametrize("crossing", [CROSSED, BookUpdated(PEPE, (), make_levels([("2.5", "1")]))])
async def test_a_crossed_book_is_dropped_and_asked_for_anew(
    running: Running, crossing: BookReplaced | BookUpdated
) -> None:
    running.venue.tell(GOOD)
    assert running.venue.asked("resync_book") == []
    running.venue.tell(crossing)
    assert PEPE not in running.session.state.books
    assert running.venue.asked("resync_book") == [(PEPE,)]
    running.venue.tell(GOOD)
    await quiet()
    assert running.session.state.books[PEPE].best_ask == Decimal(2)
    assert running.venue.asked("resync_book") == [(PEPE,)]


async def test_a_venue_whose_book_stays_crossed_is_not_asked_without_a_pause(
    running: Running,
) -> None:
    for _ in range(10):
        running.venue.tell(CROSSED)
    assert running.venue.asked("resync_book") == [(PEPE,)]
    await quiet()
    assert running.venue.asked("resync_book") == [(PEPE,)] * 2


# Fills


async def test_fills_are_kept_together_and_once(running: Running) -> None:
    open_account(running)
    fills = [make_fill("1"), make_fill("2", executed_at=later(1))]
    running.venue.tell(*(FillReceived(fill) for fill in [*fills, *fills]))
    await until(lambda: len(running.journal.fills(CHANNEL)) == 2)
    running.venue.tell(FillReceived(make_fill("3", executed_at=later(2))))
    assert [fill.fill_id for fill in running.session.fills_of(CHANNEL)] == ["1", "2", "3"]


async def test_fills_of_an_earlier_run_are_shown_once_and_not_asked_for_again(
    journal: Journal, clock: Clock
) -> None:
    journal.keep_fills([(CHANNEL, make_fill("1"))])
    journal.mark_recorded(CHANNEL, ["1"])
    venue = FakeVenue()
    session = make_session(venue, journal, clock, never)
    session.start()
    heard: list[Change] = []
    session.listen(heard.extend)
    for _ in range(2):
        venue.tell(ChannelUpdated(make_channel()))
    assert list(session.state.fills) == ["1"]
    assert heard.count(Change(Topic.FILL, "1")) == 1
    await session.stop()
    assert not [call for call in venue.calls if "record" in str(call)]


async def test_fills_are_kept_when_the_session_stops(
    path: Path, journal: Journal, clock: Clock
) -> None:
    venue = FakeVenue()
    session = make_session(venue, journal, clock, never)
    session.start()
    venue.tell(ChannelUpdated(make_channel()), FillReceived(make_fill("1")))
    await session.stop()
    with closing(open_journal(path)) as reopened:
        assert [fill.fill_id for fill in reopened.fills(CHANNEL)] == ["1"]


async def test_a_fill_without_an_account_is_said_so(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.venue.tell(FillReceived(make_fill("1")))
    assert "without a margin account" in caplog.text
    assert "1" in running.session.state.fills


async def test_a_fill_is_reported_unless_the_house_has_it(running: Running) -> None:
    open_account(running)
    fills = [make_fill(each, market=f"{each}/USD") for each in "abcd"]
    running.venue.tell(*(FillReceived(fill) for fill in fills))
    running.venue.tell(
        TradeRecorded(CHANNEL, "a"),
        PositionUpdated(make_position("pb", market="b/USD")),
        PositionsListed(CHANNEL, (make_position("pc", market="c/USD"),)),
    )
    await quiet()
    assert running.venue.reported == [(CHANNEL, "d")]


async def test_a_fill_is_reported_when_the_house_is_back(running: Running) -> None:
    running.venue.tell(ChannelUpdated(make_channel()), FillReceived(make_fill("1")))
    await quiet()
    assert running.venue.reported == []
    running.venue.sign_in()
    await until(lambda: running.venue.reported)
    assert running.venue.reported == [(CHANNEL, "1")]


async def test_a_journal_that_can_not_be_written_is_told_and_fills_are_kept_later(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    crashes: list[BaseException] = []
    venue = FakeVenue()
    with closing(open_journal(path)) as journal, closing(sqlite3.connect(path)) as other:
        session = make_session(venue, journal, clock, crashes.append)
        session.start()
        venue.tell(ChannelUpdated(make_channel()))
        other.execute("BEGIN IMMEDIATE")
        venue.tell(FillReceived(make_fill("1")), TradeRecorded(CHANNEL, "1"))
        assert session.state.recorded == {(CHANNEL, "1")}
        await until(lambda: len(crashes) >= 2)
        assert {type(crash) for crash in crashes} == {JournalError}
        other.rollback()
        venue.tell(FillReceived(make_fill("2", executed_at=later(1))))
        await until(lambda: len(journal.fills(CHANNEL)) == 2)
        await session.stop()


# Doubts


async def test_an_earlier_runs_doubts_are_shown_and_settled(
    path: Path, journal: Journal, clock: Clock
) -> None:
    venue = FakeVenue()
    first = make_session(venue, journal, clock, never)
    first.start()
    venue.sign_in()
    venue.tell(ChannelUpdated(make_channel()))
    venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await first.trading.place(make_request())
    await first.stop()

    clock.pass_by(5)
    again = FakeVenue()
    again.orders = (make_order("o1"),)
    with closing(open_journal(path)) as reopened:
        second = make_session(again, reopened, clock, never)
        second.start()
        (doubt,) = second.state.unconfirmed_intents
        assert (doubt.request, doubt.created_at) == (make_request(), NOW)
        again.sign_in()
        await until(lambda: not second.state.unconfirmed_intents)
        intent = second.state.intents[doubt.intent_id]
        assert (intent.outcome, intent.venue_id) == (IntentOutcome.CONFIRMED, "o1")
        await second.stop()
    assert again.asked("place_order") == []


async def test_a_sign_in_that_can_not_look_leaves_doubts_open(running: Running) -> None:
    open_account(running)
    await quiet()
    running.venue.replies["place_order"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await running.session.trading.place(make_request())
    running.venue.replies["list_orders"].append(OutcomeUnknownError("No answer."))
    running.venue.sign_in(TRADING)
    await quiet()
    assert len(running.session.state.unconfirmed_intents) == 1
    running.venue.sign_in(TRADING)
    await until(lambda: not running.session.state.unconfirmed_intents)
    assert running.crashes == []


async def test_positions_are_listed_after_either_link_was_away(running: Running) -> None:
    open_account(running)
    await quiet()
    before = len(running.venue.asked("list_positions"))
    running.venue.sign_in(running.venue.clearing_link)
    await quiet()
    running.venue.sign_in(TRADING)
    await quiet()
    assert len(running.venue.asked("list_positions")) == before + 2


async def test_accounts_settle_what_waits_for_them(running: Running) -> None:
    running.venue.sign_in()
    await quiet()
    running.venue.replies["open_channel"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await running.session.channels.open(BROKER, Decimal(1))
    running.venue.tell(ChannelUpdated(make_channel(state=ChannelState.OPENING)))
    running.venue.tell(ChannelUpdated(make_channel()))
    running.venue.replies["close_channel"].append(OutcomeUnknownError("No answer."))
    with pytest.raises(OutcomeUnknownError):
        await running.session.channels.close(CHANNEL)
    running.venue.tell(ChannelClosed(CHANNEL))
    outcomes = {intent.outcome for intent in running.session.state.intents.values()}
    assert outcomes == {IntentOutcome.CONFIRMED}
    assert {intent.venue_id for intent in running.session.state.intents.values()} == {CHANNEL}


# Tasks


async def test_a_task_that_fails_is_heard_of() -> None:
    failures: list[BaseException] = []
    owner = TaskOwner(failures.append)

    async def fail() -> None:
        raise ValueError("A bug.")

    owner.start(fail())
    await until(lambda: failures)
    assert str(failures[0]) == "A bug."
    await owner.stop()


async def test_stopping_waits_for_the_last_words_of_every_task() -> None:
    ended: list[str] = []
    owner = TaskOwner(lambda error: pytest.fail(str(error)))

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)
            owner.start(work("never"))

    owner.start(work("a"))
    owner.start(work("b"))
    await quiet()
    await owner.stop()
    assert sorted(ended) == ["a", "b"]


async def test_while_locked_everything_told_is_taken_in(journal: Journal, clock: Clock) -> None:
    """Prices, alarms and margin warnings go on, and a fill is still reported."""
    guard, venue = Guard(), FakeVenue()
    session = Session(venue, journal, never, gate=guard.gate, clock=clock, patience_s=0)
    heard: list[Change] = []
    session.listen(heard.extend)
    session.start()
    running = Running(session, venue, journal, clock, [], heard)
    open_account(running)
    guard.lock.lock()
    heard.clear()
    margin = MarginBalance(Decimal(1), Decimal(0), Decimal(1), Decimal(10))
    venue.tell(
        GOOD,
        MarginUpdated(margin),
        VenueNotified(Severity.CRITICAL, "Your margin is low."),
        SecurityAlarmRaised("Two signers."),
        FillReceived(make_fill()),
    )
    topics = {change.topic for change in heard}
    assert {Topic.BOOK, Topic.MARGIN, Topic.NOTICE, Topic.ALARM, Topic.FILL} <= topics
    await until(lambda: venue.reported)
    assert session.gate is guard.gate
    assert [each.kind for each in session.trading.problems()] == [ProblemKind.LOCKED]
    assert [each.kind for each in session.channels.problems()] == [ProblemKind.LOCKED]
    await session.stop()
