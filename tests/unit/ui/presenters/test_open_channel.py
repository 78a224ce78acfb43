"""The logic of opening a margin account, without a window."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkState
from kayen_desktop.ui.presenters.open_channel import (
    OpenChannelPresenter,
    OpenPage,
    OpenScreen,
)
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import (
    CHANNEL_ID,
    CLEARPORT,
    HARBOUR,
    KAYEN,
    Stage,
    channel,
    not_received,
    settle,
)

D, C, A, F = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD, StepMark.FAILED


class FakeView:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: OpenScreen
        self.count = 0

    def show_screen(self, screen: OpenScreen) -> None:
        self.screen = screen
        self.count += 1


class Wizard:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = OpenChannelPresenter(stage.session, stage.bridge, self.view)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> OpenScreen:
        return self.view.screen

    @property
    def marks(self) -> list[StepMark]:
        return [step.mark for step in self.screen.steps]

    def review(self, deposit: str = "30") -> None:
        self.presenter.go_on()
        self.presenter.type_deposit(deposit)
        self.presenter.go_on()
        assert self.screen.page is OpenPage.REVIEW

    def submit(self, deposit: str = "30") -> None:
        self.review(deposit)
        self.presenter.go_on()


async def test_brokers_are_shown_with_pinned_address_and_limits(stage: Stage) -> None:
    screen = Wizard(stage).screen
    assert [line.name for line in screen.brokers] == ["Kayen", "Harbour Practice"]
    assert screen.brokers[0].address == KAYEN.address
    assert screen.brokers[0].short_address == "0x269F…284e"
    assert screen.brokers[1].packages == ("Starter: 1 to 100 USD", "Pro: 100 to 1,000 USD")
    assert screen.can_go_on
    assert not screen.can_go_back


async def test_the_smallest_deposit_of_the_chosen_broker_is_suggested(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.presenter.choose_broker(1)
    wizard.presenter.choose_broker(7)
    wizard.presenter.go_on()
    assert wizard.screen.deposit_text == "1"
    assert wizard.screen.deposit_problem == ""
    assert wizard.screen.selected == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the deposit."),
        ("ten", "not a number"),
        ("-3", "more than zero"),
        ("1.1234567", "6 digits"),
        ("31", "1 to 30 USD"),
        ("0.5", "1 to 30 USD"),
    ],
)
async def test_a_bad_deposit_says_what_to_change_and_stops(
    stage: Stage, typed: str, words: str
) -> None:
    wizard = Wizard(stage)
    wizard.presenter.go_on()
    wizard.presenter.type_deposit(typed)
    assert words in wizard.screen.deposit_problem
    assert not wizard.screen.can_go_on
    wizard.presenter.go_on()
    assert wizard.screen.page is OpenPage.DEPOSIT


async def test_the_review_shows_what_will_be_sent(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.review("12.5")
    facts = {fact.label: fact for fact in wizard.screen.review}
    assert facts["You deposit"].value == "12.5 USD"
    assert facts["Broker's address"].copy_text == KAYEN.address
    assert "0.20 %" in facts["What it costs"].value
    assert wizard.screen.can_go_on
    wizard.presenter.go_back()
    assert wizard.screen.page is OpenPage.DEPOSIT


async def test_nothing_can_be_sent_while_the_link_is_down(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.review()
    stage.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    assert CLEARPORT in wizard.screen.open_problem
    wizard.presenter.go_on()
    assert stage.venue.opening.calls == []
    stage.tell(events.LinkChanged(CLEARPORT, LinkState.READY))
    assert wizard.screen.can_go_on


async def test_a_second_account_is_refused_before_sending(stage: Stage) -> None:
    stage.open_account()
    wizard = Wizard(stage)
    wizard.review()
    assert "already" in wizard.screen.open_problem
    assert not wizard.screen.can_go_on


async def test_the_request_is_sent_once_however_often_it_is_clicked(stage: Stage) -> None:
    stage.venue.opening.then(asyncio.get_running_loop().create_future())
    wizard = Wizard(stage)
    wizard.submit()
    wizard.presenter.go_on()
    wizard.presenter.go_back()
    await settle(lambda: bool(stage.venue.opening.calls))
    wizard.presenter.go_on()
    assert len(stage.venue.opening.calls) == 1
    assert not wizard.screen.can_leave
    assert wizard.marks == [C, A, A, A, A]


async def test_the_timeline_follows_the_account_until_it_is_ready(stage: Stage) -> None:
    reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stage.venue.opening.then(reply)
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: bool(stage.venue.opening.calls))
    seen = []
    for state in (ClearingState.INSTANTIATING, ClearingState.ACCEPTED):
        stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, state)))
        seen.append(wizard.marks)
    reply.set_result(CHANNEL_ID)
    await settle(lambda: wizard.screen.can_leave)
    for state in (ClearingState.INITIATOR_FUNDED, ClearingState.FUNDED):
        stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, state)))
        seen.append(wizard.marks)
    assert seen == [[C, A, A, A, A], [D, D, C, A, A], [D, D, D, C, A], [D, D, D, D, C]]
    assert not wizard.screen.is_done
    stage.open_account()
    assert wizard.marks == [D] * 5
    assert wizard.screen.is_done
    assert wizard.screen.notice is None


async def test_an_account_that_tells_no_clearing_states_becomes_ready_too(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, None)))
    assert wizard.marks == [C, A, A, A, A]
    stage.tell(events.ChannelUpdated(channel(ChannelState.OPEN, None)))
    assert wizard.screen.is_done


async def test_a_rejection_shows_the_venues_words_and_leads_back(stage: Stage) -> None:
    stage.venue.opening.then(VenueRejectionError("not enough funds in the wallet"), CHANNEL_ID)
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    assert wizard.screen.notice is not None
    assert "“not enough funds in the wallet”" in wizard.screen.notice.happened
    assert wizard.marks == [F, A, A, A, A]
    wizard.presenter.go_back()
    assert wizard.screen.page is OpenPage.REVIEW
    wizard.presenter.go_on()
    await settle(lambda: len(stage.venue.opening.calls) == 2)
    stage.open_account()
    assert wizard.screen.is_done


async def test_what_was_not_sent_returns_to_the_review(stage: Stage) -> None:
    stage.venue.opening.then(TransportError("no route"))
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.page is OpenPage.REVIEW)
    assert wizard.screen.notice is not None
    assert wizard.screen.notice.happened.startswith("Nothing was sent")
    assert wizard.screen.can_go_on


async def test_silence_is_not_confirmed_yet_until_the_venue_announces_the_account(
    stage: Stage,
) -> None:
    stage.venue.opening.then(OutcomeUnknownError("no answer"))
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    assert wizard.screen.headline == "Not confirmed yet"
    assert wizard.screen.notice is not None
    assert not wizard.screen.can_go_back
    assert wizard.marks == [C, A, A, A, A]
    stage.open_account()
    assert wizard.screen.is_done
    assert wizard.screen.notice is None
    assert len(stage.venue.opening.calls) == 1


async def test_what_never_arrived_may_be_sent_again(stage: Stage) -> None:
    stage.venue.opening.then(OutcomeUnknownError("no answer"))
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    (intent,) = stage.session.state.unconfirmed_intents
    stage.session.on_event(events.IntentChanged(not_received(intent)))
    assert wizard.screen.notice is not None
    assert "never reached" in wizard.screen.notice.happened
    wizard.presenter.go_back()
    assert wizard.screen.page is OpenPage.REVIEW


async def test_an_account_that_fails_says_where_the_deposit_is(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    stage.tell(
        events.ChannelUpdated(channel(ChannelState.OPENING, ClearingState.ACCEPTED)),
        events.ChannelUpdated(channel(ChannelState.CLOSED, ClearingState.FAILED)),
    )
    assert wizard.marks == [D, D, F, A, A]
    assert wizard.screen.notice is not None
    assert "deposit is in your wallet" in wizard.screen.notice.safe
    assert wizard.screen.can_go_back


async def test_a_dispute_while_opening_is_explained(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: wizard.screen.can_leave)
    stage.tell(
        events.ChannelUpdated(channel(ChannelState.CHALLENGING, ClearingState.PRE_OP_CHALLENGING))
    )
    assert wizard.screen.notice is not None
    assert "called back" in wizard.screen.notice.happened
    assert not wizard.screen.is_done


async def test_an_opening_under_way_is_taken_up_again(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, ClearingState.ACCEPTED)))
    wizard = Wizard(stage)
    assert wizard.screen.page is OpenPage.PROGRESS
    assert wizard.marks == [D, D, C, A, A]
    stage.open_account()
    assert wizard.screen.is_done


async def test_an_opening_of_an_earlier_run_is_not_confirmed_yet(tmp_path: Path) -> None:
    before = Stage(tmp_path)
    before.begin()
    before.venue.opening.then(OutcomeUnknownError("killed"))
    first = Wizard(before)
    first.submit()
    await settle(lambda: first.screen.can_leave)
    await before.end()
    after = Stage(tmp_path)
    after.begin()
    second = Wizard(after)
    assert second.screen.page is OpenPage.PROGRESS
    assert second.screen.headline == "Not confirmed yet"
    assert after.venue.opening.calls == []
    after.open_account()
    assert second.screen.is_done
    await after.end()


async def test_another_brokers_account_is_not_taken_for_ours(stage: Stage) -> None:
    stage.venue.opening.then(asyncio.get_running_loop().create_future())
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: bool(stage.venue.opening.calls))
    stage.tell(events.ChannelUpdated(channel(channel_id="0x02", broker=HARBOUR)))
    assert not wizard.screen.is_done


async def test_a_stopped_presenter_draws_nothing_more(stage: Stage) -> None:
    wizard = Wizard(stage)
    wizard.presenter.stop()
    count = wizard.view.count
    stage.open_account()
    assert wizard.view.count == count


async def test_a_venue_without_brokers_offers_none(stage: Stage) -> None:
    stage.venue.brokers = ()
    wizard = Wizard(stage)
    assert wizard.screen.brokers == ()
    assert not wizard.screen.can_go_on


async def test_how_full_the_clearing_house_is_stands_beside_the_broker(stage: Stage) -> None:
    wizard = Wizard(stage)
    assert (wizard.screen.house_use, wizard.screen.house_warning) == ("", "")
    stage.tell(events.ClearingHouseDescribed(active_channels=359))
    assert wizard.screen.house_use == "359 of 400 accounts in use"
    assert wizard.screen.house_warning == ""


async def test_a_nearly_full_clearing_house_is_warned_of_up_to_the_review(stage: Stage) -> None:
    stage.tell(events.ClearingHouseDescribed(active_channels=360))
    wizard = Wizard(stage)
    assert "may be refused" in wizard.screen.house_warning
    wizard.presenter.go_on()
    wizard.presenter.go_on()
    assert wizard.screen.page is OpenPage.REVIEW
    assert "nearly full" in wizard.screen.review[0].value
    assert wizard.screen.can_go_on
