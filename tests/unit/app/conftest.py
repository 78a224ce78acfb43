"""The parts of the application around a fake venue, on a clock that stands until it is moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from kayen_desktop.app.changes import Change
from kayen_desktop.app.intents import IntentLedger
from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.events import ChannelUpdated, Event, LinkChanged, LinkState
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.journal.store import Journal
from tests.unit.domain.samples import NOW, make_channel

from .fake_venue import CLEARING, TRADING, FakeVenue


@dataclass
class Clock:
    """The time, moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """One venue, journal and state, with the ledger between them and everything they told."""

    path: Path
    clock: Clock
    venue: FakeVenue
    journal: Journal
    state: AppState
    told: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = count(1)
        self.ledger = IntentLedger(
            self.journal, self.tell, self.clock, lambda: f"i{next(ids)}", self.state.orders
        )
        self.venue.listen(self.tell)

    def tell(self, event: Event) -> None:
        self.told.append(event)
        self.state.apply(event, self.clock())

    def open_account(self) -> None:
        """Let both links be signed in and one account be usable."""
        self.tell(LinkChanged(CLEARING, LinkState.READY))
        self.tell(ChannelUpdated(make_channel()))
        self.tell(LinkChanged(TRADING, LinkState.READY))

    def outcomes(self) -> dict[str, IntentOutcome]:
        return {key: intent.outcome for key, intent in self.state.intents.items()}

    def on_disk(self) -> list[Intent]:
        """Return what a process that starts now would find unconfirmed."""
        with closing(open_journal(self.path)) as journal:
            return journal.unconfirmed_intents()


def open_journal(path: Path) -> Journal:
    return Journal(path, "Practice", "0xAB")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(open_journal(path)) as opened:
        yield opened


@pytest.fixture
def desk(path: Path, clock: Clock, journal: Journal) -> Desk:
    return Desk(path, clock, FakeVenue(), journal, AppState())


@dataclass
class Running:
    """A whole session, started."""

    session: Session
    venue: FakeVenue
    journal: Journal
    clock: Clock
    crashes: list[BaseException]
    changes: list[Change]


@pytest.fixture
async def running(journal: Journal, clock: Clock) -> AsyncIterator[Running]:
    venue = FakeVenue()
    crashes: list[BaseException] = []
    changes: list[Change] = []
    session = make_session(venue, journal, clock, crashes.append)
    session.listen(changes.extend)
    session.start()
    yield Running(session, venue, journal, clock, crashes, changes)
    await session.stop()


def make_session(
    venue: FakeVenue, journal: Journal, clock: Clock, on_crash: Callable[[BaseException], None]
) -> Session:
    return Session(
        venue,
        journal,
        on_crash,
        clock=clock,
        patience_s=0,
        between_looks_s=0,
        announcement_s=0,
        between_resyncs_s=0,
    )


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until the condition holds."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("The condition never came to hold.")


async def quiet() -> None:
    """Let the loop run until everything that waits for nothing but its turn has had it."""
    for _ in range(50):
        await asyncio.sleep(0)
