"""The locked screen tells of dangers and nothing of value; closing takes two presses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from kayen_desktop.app.changes import Change
from kayen_desktop.app.gate import Gate
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
    WrongPassphraseError,
)
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.margin import MarginReading, MarginRules
from kayen_desktop.domain.orders import OrderRequest, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.keys.lock import Lock, LockRules
from kayen_desktop.ui.presenters.lock_screen import (
    WARNINGS_SHOWN,
    LockedScreen,
    LockScreenPresenter,
)
from tests.unit.ui.stage import (
    CLEARPORT,
    FINEX,
    POSITION_ID,
    Stage,
    channel,
    position,
    settle,
)

OTHER_ID = "9f1c2a44-0000-4000-8000-000000000001"
CLOSING = LockRules(can_close_positions=True)
RIGHT = "orbit lantern seventeen walrus"


async def _verify(passphrase: str) -> None:
    if passphrase != RIGHT:
        raise WrongPassphraseError("It is wrong.")


class FakeView:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: LockedScreen

    def show_screen(self, screen: LockedScreen) -> None:
        self.screen = screen


class Locked:
    """A presenter over a session behind a gate that is locked."""

    def __init__(self, stage: Stage, lock: Lock) -> None:
        self.stage, self.lock = stage, lock
        self.view = FakeView()
        self.presenter = LockScreenPresenter(lock, stage.bridge, self.view)
        self.presenter.begin()
        stage.session.listen(self._hear)

    def _hear(self, changes: tuple[Change, ...]) -> None:
        self.presenter.hear(changes)

    def bind(self) -> None:
        self.presenter.bind(self.stage.session)

    @property
    def screen(self) -> LockedScreen:
        return self.view.screen

    @property
    def warnings(self) -> list[str]:
        return [each.text for each in self.screen.warnings]

    def gravity(self) -> Severity:
        return self.screen.warnings[0].severity

    def choose(self, position_id: str = POSITION_ID) -> None:
        self.presenter.choose_position()
        self.presenter.choose(position_id)


def lock_of(rules: LockRules) -> Lock:
    lock = Lock(_verify, lambda: 0.0, rules)
    lock.is_armed = True
    lock.lock()
    return lock


@pytest_asyncio.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Locked]:
    """Yield the screen of a locked application that may close positions."""
    lock = lock_of(CLOSING)
    stage = Stage(tmp_path, Gate(lock))
    stage.begin()
    stage.open_account()
    yield Locked(stage, lock)
    await stage.end()


async def test_before_the_start_there_is_nothing_but_the_field(locked: Locked) -> None:
    assert "to start" in locked.screen.text
    assert locked.screen.links == ()
    assert not locked.screen.close.is_offered
    locked.presenter.show_owner("Savings")
    assert locked.screen.owner == "Savings"


async def test_what_goes_on_and_what_does_not(locked: Locked) -> None:
    locked.bind()
    assert "margin warnings go on" in locked.screen.text
    assert list(locked.screen.links) == ["Clearport: Connected", "Finex: Connected"]
    locked.stage.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING, "gone"))
    assert "no connection to Clearport now" in locked.screen.text
    assert locked.screen.links[0] == "Clearport: Reconnecting…"
    locked.stage.tell(events.LinkChanged(CLEARPORT, LinkState.READY))
    assert "margin warnings go on" in locked.screen.text


async def test_the_zone_of_the_margin_is_told_when_it_changes(locked: Locked) -> None:
    locked.bind()
    assert locked.warnings == []
    locked.stage.open_account(balance="5")
    assert "orange zone" in locked.warnings[0]
    locked.stage.open_account(balance="4.9")
    assert len(locked.warnings) == 1
    locked.stage.pass_time(60)
    locked.stage.open_account(balance="2")
    assert "red zone" in locked.warnings[0]
    assert locked.gravity() is Severity.CRITICAL
    assert locked.screen.warnings[0].at > locked.screen.warnings[1].at
    locked.stage.open_account(balance="20")
    assert locked.gravity() is Severity.INFO
    # Once the account is over there is nothing to warn of, and nothing is made up.
    locked.stage.open_account(balance="2")
    count = len(locked.warnings)
    locked.stage.tell(events.ChannelUpdated(channel(ChannelState.CLOSED)))
    assert len(locked.warnings) == count


async def test_the_zone_says_what_it_is_a_share_of(locked: Locked) -> None:
    locked.bind()
    both = replace(channel(deposit="30", balance="5"), responder_balance=Decimal(55))
    locked.stage.tell(
        events.MarginRulesChosen(MarginRules(MarginReading.TOTAL)), events.ChannelUpdated(both)
    )
    assert "a tenth of both deposits" in locked.warnings[0]


async def test_dangers_that_stand_already_are_told_at_once(locked: Locked) -> None:
    locked.stage.open_account(balance="2")
    locked.stage.tell(events.SecurityAlarmRaised("the signer differs: 12.5 USD"))
    locked.bind()
    assert len(locked.warnings) == 2
    assert "red zone" in locked.warnings[1]
    assert "Trading is stopped" in locked.warnings[0]


async def test_the_venue_s_words_stay_where_they_are(locked: Locked) -> None:
    locked.stage.tell(events.VenueNotified(Severity.CRITICAL, "old news: 7 USD"))
    locked.bind()
    assert locked.warnings == []
    locked.stage.tell(events.VenueNotified(Severity.WARNING, "You lost 12.5 USD"))
    locked.stage.tell(events.VenueNotified(Severity.INFO, "Balance 3 USD"))
    assert locked.warnings == ["The venue sent a warning. Unlock to read it."]


async def test_many_warnings_show_the_newest(locked: Locked) -> None:
    locked.bind()
    for _ in range(WARNINGS_SHOWN + 3):
        locked.stage.tell(events.VenueNotified(Severity.WARNING, "again"))
    assert len(locked.screen.warnings) == WARNINGS_SHOWN
    assert locked.screen.older == "3 more before these"
    locked.presenter.begin()
    assert locked.warnings == []


async def test_while_it_is_open_nothing_is_collected(locked: Locked) -> None:
    locked.bind()
    await locked.lock.unlock(RIGHT)
    locked.stage.tell(events.VenueNotified(Severity.WARNING, "on the screen"))
    locked.stage.open_account(balance="2")
    assert locked.warnings == []


async def test_nothing_of_value_is_ever_on_the_screen(locked: Locked) -> None:
    locked.bind()
    stage = locked.stage
    stage.hold(position("123456", entry="0.00009876"), position(position_id=OTHER_ID))
    stage.tell(events.VenueNotified(Severity.WARNING, "You lost 987.65 USD"))
    stage.tell(events.SecurityAlarmRaised("Balance 4321.5 differs"))
    stage.open_account(deposit="7777", balance="100")
    locked.choose()
    locked.presenter.refresh()
    figures = re.findall(r"\d[\d.,]*", re.sub(r"\d\d:\d\d:\d\d", "", repr(locked.screen)))
    ids = "".join((POSITION_ID, OTHER_ID))
    assert {each.strip(".,") for each in figures if each.strip(".,") not in ids} == set()


# Closing a position


async def test_closing_is_offered_only_where_the_trader_said_so(locked: Locked) -> None:
    locked.bind()
    assert not locked.screen.close.is_offered  # nothing is open
    locked.stage.hold(position())
    assert locked.screen.close.is_offered
    locked.lock.rules = LockRules()
    locked.presenter.refresh()
    assert not locked.screen.close.is_offered
    locked.presenter.choose_position()
    locked.presenter.choose(POSITION_ID)
    locked.presenter.confirm_close()
    assert locked.stage.venue.placing.calls == []


async def test_a_position_is_chosen_confirmed_and_closed_once(locked: Locked) -> None:
    locked.bind()
    short = position("3", side=Side.SELL, market="BTC/USD", position_id=OTHER_ID)
    locked.stage.hold(position(), short)
    locked.presenter.confirm_close()  # nothing is chosen
    locked.presenter.choose_position()
    close = locked.screen.close
    assert close.positions == ((POSITION_ID, "PEPE/USD, bought"), (OTHER_ID, "BTC/USD, sold"))
    assert not close.can_confirm
    locked.presenter.choose(POSITION_ID)
    assert locked.screen.close.confirm == "Close PEPE/USD now"
    reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    locked.stage.venue.placing.then(reply)
    locked.presenter.confirm_close()
    locked.presenter.confirm_close()
    locked.presenter.leave_choice()
    assert locked.screen.close.is_choosing
    assert not locked.screen.close.can_leave
    await settle(lambda: bool(locked.stage.venue.placing.calls))
    reply.set_result("order-1")
    await settle(lambda: locked.screen.close.told == "The order to close PEPE/USD was accepted.")
    assert len(locked.stage.venue.placing.calls) == 1
    (request,) = locked.stage.venue.placing.calls[0]
    assert isinstance(request, OrderRequest)
    assert (request.side, request.amount) == (Side.SELL, position().amount)
    assert not locked.screen.close.is_choosing


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VenueRejectionError("you have only 12.5 USD"), "The venue said no to closing PEPE/USD."),
        (OutcomeUnknownError("silence"), "Not confirmed yet"),
        (TransportError("gone"), "Nothing was sent"),
    ],
)
async def test_a_close_that_fails_says_so_without_the_venue_s_words(
    locked: Locked, error: Exception, words: str
) -> None:
    locked.bind()
    locked.stage.hold(position())
    locked.stage.venue.placing.then(error)
    locked.choose()
    locked.presenter.confirm_close()
    await settle(lambda: words in locked.screen.close.problem)
    assert "12.5" not in repr(locked.screen)
    assert locked.screen.close.is_choosing


async def test_a_position_that_is_gone_is_let_go_of(locked: Locked) -> None:
    locked.bind()
    locked.stage.hold(position(), position(position_id=OTHER_ID, market="BTC/USD"))
    locked.choose()
    locked.stage.hold(position(status=PositionStatus.CLOSED))
    assert locked.screen.close.chosen == ""
    assert locked.screen.close.problem == "That position is closed already."
    locked.stage.hold(position(position_id=OTHER_ID, status=PositionStatus.CLOSED))
    assert not locked.screen.close.is_choosing
    assert not locked.screen.close.is_offered


async def test_what_stands_in_the_way_of_closing_is_told(locked: Locked) -> None:
    locked.bind()
    locked.stage.hold(position())
    locked.choose()
    locked.stage.tell(events.LinkChanged(FINEX, LinkState.RETRYING, "gone"))
    assert not locked.screen.close.can_confirm
    assert locked.screen.close.problem
    locked.presenter.confirm_close()
    assert locked.stage.venue.placing.calls == []
    locked.presenter.leave_choice()
    assert not locked.screen.close.problem


async def test_a_stopped_screen_is_not_drawn(locked: Locked) -> None:
    locked.bind()
    held = locked.screen
    locked.presenter.stop()
    locked.stage.open_account(balance="2")
    assert locked.screen is held
