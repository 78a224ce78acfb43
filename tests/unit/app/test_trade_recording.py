"""A trade made elsewhere is booked once, and never sent twice under one id."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta

import pytest

from kayen_desktop.app.gate import Gate
from kayen_desktop.app.trade_recording import ManualTrades
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import (
    JournalError,
    LockedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelUpdated,
    Event,
    FillReceived,
    LinkChanged,
    LinkState,
    MarketsListed,
    SecurityAlarmRaised,
    TradeRecorded,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, IntentOutcome, RecordTradeRequest
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.recorded_trade import TradeDraft
from tests.unit.domain.samples import CHANNEL, MARKET, NOW, PEPE, make_channel, make_fill

from .conftest import Desk, open_journal, quiet
from .fake_venue import CLEARING
from .gates import Guard

DRAFT = TradeDraft("T-1", PEPE, Side.BUY, "100", "0.00001152", "2024-06-22T11:00:00Z")
FILL = make_fill("T-1")


@dataclass
class Office:
    """Trades of elsewhere on a desk, told of what is booked as the session would tell them."""

    desk: Desk
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        desk = self.desk
        self.trades = ManualTrades(
            desk.venue, desk.state, desk.ledger, desk.journal, desk.clock, self.gate
        )

    async def record(self, fill: Fill = FILL) -> None:
        await self.trades.record(CHANNEL, fill)

    async def fail(self, error: Exception) -> None:
        self.desk.venue.replies["record_trade"].append(error)
        with pytest.raises(type(error)):
            await self.record()

    def outcomes(self) -> list[IntentOutcome]:
        return list(self.desk.outcomes().values())


@pytest.fixture
def office(desk: Desk) -> Office:
    desk.open_account()
    desk.tell(MarketsListed((MARKET,)))
    return Office(desk)


def test_a_good_draft_is_a_fill(office: Office) -> None:
    fill = office.trades.check(DRAFT)
    assert isinstance(fill, Fill)
    assert (fill.fill_id, fill.market, fill.amount, fill.price) == (
        "T-1",
        PEPE,
        FILL.amount,
        FILL.price,
    )
    assert fill.executed_at == NOW - timedelta(hours=1)


def test_a_time_without_a_zone_is_that_of_this_computer(office: Office) -> None:
    typed = NOW.replace(tzinfo=None) - timedelta(days=3)
    fill = office.trades.check(replace(DRAFT, executed_at=str(typed)))
    assert isinstance(fill, Fill)
    assert fill.executed_at == typed.astimezone(UTC)


def test_a_market_that_is_not_listed_is_none(office: Office) -> None:
    problems = office.trades.check(replace(DRAFT, market="ETH/USD", external_id=""))
    assert problems == (
        Problem(ProblemKind.EXTERNAL_ID_MISSING),
        Problem(ProblemKind.NO_MARKET),
    )


@pytest.mark.parametrize(
    "told", [FillReceived(make_fill("T-1")), TradeRecorded(CHANNEL, "T-1"), None]
)
async def test_an_id_that_was_used_is_refused(office: Office, told: Event | None) -> None:
    if told is None:
        office.desk.journal.claim_report(CHANNEL, "T-1")
    else:
        office.desk.tell(told)
    known = Problem(ProblemKind.EXTERNAL_ID_KNOWN, "T-1")
    assert office.trades.check(DRAFT) == (known,)
    with pytest.raises(TicketError) as refused:
        await office.record()
    assert refused.value.problems == (known,)
    assert office.desk.venue.reported == []


def test_without_an_account_a_draft_may_be_written(desk: Desk) -> None:
    desk.tell(MarketsListed((MARKET,)))
    assert isinstance(Office(desk).trades.check(DRAFT), Fill)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (SecurityAlarmRaised("Odd."), ProblemKind.TRADING_STOPPED),
        (LinkChanged(CLEARING, LinkState.RETRYING), ProblemKind.NOT_CONNECTED),
        (ChannelUpdated(make_channel(state=ChannelState.CLOSED)), ProblemKind.NO_CHANNEL),
        (ChannelUpdated(make_channel(state=ChannelState.CLOSING)), ProblemKind.NO_CHANNEL),
    ],
)
async def test_what_stands_against_it_is_named_and_nothing_is_sent(
    office: Office, told: Event, kind: ProblemKind
) -> None:
    assert office.trades.problems() == ()
    office.desk.tell(told)
    assert [problem.kind for problem in office.trades.problems()] == [kind]
    with pytest.raises(TicketError):
        await office.record()
    assert office.desk.venue.reported == []


async def test_a_locked_application_books_nothing(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    office = Office(desk, guard.gate)
    guard.lock.lock()
    assert office.trades.problems() == (Problem(ProblemKind.LOCKED),)
    with pytest.raises(LockedError):
        await office.record()


async def test_another_account_than_the_one_in_use_is_refused(office: Office) -> None:
    with pytest.raises(TicketError, match="no_channel"):
        await office.trades.record("0xother", FILL)


async def test_intent_and_claim_are_on_disk_before_the_frame_is_on_the_wire(
    office: Office,
) -> None:
    seen: list[tuple[list[Intent], bool]] = []

    def look(name: str) -> None:
        with closing(open_journal(office.desk.path)) as journal:
            seen.append((office.desk.on_disk(), journal.is_reported(CHANNEL, "T-1")))

    office.desk.venue.on_request = look
    await office.record()
    assert seen == [([Intent("i1", RecordTradeRequest(CHANNEL, FILL), NOW)], True)]
    assert office.outcomes() == [IntentOutcome.CONFIRMED]
    assert office.desk.state.intents["i1"].venue_id == "T-1"
    with pytest.raises(TicketError, match="external_id_known"):
        await office.record()
    assert office.desk.venue.reported == [(CHANNEL, "T-1")]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TransportError("Away."), IntentOutcome.NOT_SENT),
        (VenueRejectionError("unknown market"), IntentOutcome.REJECTED),
    ],
)
async def test_what_was_certainly_not_booked_may_be_tried_again(
    office: Office, error: Exception, outcome: IntentOutcome
) -> None:
    await office.fail(error)
    assert office.outcomes() == [outcome]
    await office.record()
    assert office.outcomes() == [outcome, IntentOutcome.CONFIRMED]


async def test_what_may_have_been_booked_is_never_sent_again(office: Office) -> None:
    await office.fail(OutcomeUnknownError("Silence."))
    assert office.outcomes() == [IntentOutcome.UNCONFIRMED]
    with pytest.raises(TicketError, match="external_id_known"):
        await office.record()
    office.desk.ledger.match_announced(office.desk.ledger.waiting, {})
    assert office.outcomes() == [IntentOutcome.NEVER_KNOWN]
    with pytest.raises(TicketError, match="external_id_known"):
        await office.record()
    assert office.desk.venue.reported == [(CHANNEL, "T-1")]


async def test_two_clicks_are_one_trade(office: Office) -> None:
    answer = asyncio.get_running_loop().create_future()
    office.desk.venue.replies["record_trade"].append(answer)
    first = asyncio.create_task(office.record())
    await quiet()
    with pytest.raises(TicketError):
        await office.record()
    answer.set_result(None)
    await first
    assert office.desk.venue.reported == [(CHANNEL, "T-1")]


async def test_another_process_that_was_faster_is_noticed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_faster(event: Event) -> None:
        with closing(open_journal(office.desk.path)) as journal:
            journal.claim_report(CHANNEL, "T-1")
        office.desk.tell(event)

    monkeypatch.setattr(office.desk.ledger, "_tell", be_faster)
    with pytest.raises(TicketError, match="external_id_known"):
        await office.record()
    assert office.outcomes() == [IntentOutcome.NOT_SENT]
    assert office.desk.journal.is_reported(CHANNEL, "T-1")
    assert office.desk.venue.reported == []


async def test_what_can_not_be_written_down_is_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    desk.open_account()
    with closing(open_journal(desk.path)) as journal, closing(sqlite3.connect(desk.path)) as other:
        office = Office(replace(desk, journal=journal, told=[]))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError):
            await office.record()
    assert desk.venue.reported == []


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_booked_trade_is_on_disk_with_the_word_that_it_is_booked(
    office: Office, is_late: bool
) -> None:
    # Killed right after, its id is used up: nobody could ever tell of the trade again.
    desk = office.desk
    if is_late:
        await office.fail(OutcomeUnknownError("Silence."))
        desk.tell(ChannelUpdated(make_channel(state=ChannelState.CLOSED, turn_num=2)))
        desk.tell(ChannelUpdated(make_channel("0x02")))
        desk.ledger.match_recorded(CHANNEL, "T-1")
    else:
        await office.record()
    assert office.outcomes() == [IntentOutcome.CONFIRMED]
    with closing(open_journal(desk.path)) as journal:
        assert journal.unconfirmed_intents() == []
        assert journal.fills(CHANNEL) == [FILL]


@pytest.mark.parametrize("error", [VenueRejectionError("no"), OutcomeUnknownError("Silence.")])
async def test_a_trade_that_is_not_known_to_be_booked_is_no_fill(
    office: Office, error: Exception
) -> None:
    await office.fail(error)
    assert office.desk.journal.fills(CHANNEL) == []
