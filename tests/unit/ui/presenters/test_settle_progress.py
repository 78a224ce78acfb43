"""A settlement that was asked for, followed to its end, without a window."""

from __future__ import annotations

from dataclasses import replace
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
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.settlement import STEPS, SettlementState
from kayen_desktop.ui.presenters.settle import SettlePage
from kayen_desktop.ui.presenters.settle_progress import SettleProgress
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.settling import ASKED, Wizard, pepe, word
from tests.unit.ui.stage import CHANNEL_ID, CLEARPORT, Stage, channel, settle

D, C, A, F = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD, StepMark.FAILED
S = SettlementState


@pytest.fixture
def held(stage: Stage) -> Stage:
    """Set the stage with an account that holds one position."""
    stage.open_account()
    stage.hold(pepe())
    return stage


async def test_the_timeline_follows_to_the_receipt(held: Stage) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    assert wizard.marks == [C] + [A] * 6
    for count, state in enumerate(STEPS[:5], 1):
        held.tell(word(state))
        assert wizard.marks == [D] * count + [C] + [A] * (6 - count)
        assert wizard.screen.progress.headline == "Your markets are being settled"
        assert "may close this window" in wizard.screen.progress.explanation
        assert not wizard.screen.is_done
    held.tell(word(S.COMPLETED))
    part = wizard.screen.progress
    assert wizard.screen.is_done
    assert part.headline == "Your markets are settled"
    facts = {fact.label: fact.value for fact in part.receipt}
    assert facts["Paid to your wallet"] == "10 USD"
    assert facts["Account balance before"] == facts["Account balance after"] == "30 USD"
    assert CHANNEL_ID in part.receipt_text
    assert part.figures == ()
    held.tell(word(S.WITHDRAWN))
    assert wizard.marks == [D] * 7
    assert wizard.screen.is_done


@pytest.mark.parametrize("state", [S.REJECTED, S.FAILED])
async def test_what_comes_to_nothing_leads_back_to_the_choice(
    held: Stage, state: SettlementState
) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    held.tell(word(S.PROPOSED), word(state))
    assert wizard.marks == [D, F]
    assert state.value in wizard.notice
    assert wizard.screen.can_choose_again
    assert not wizard.screen.is_done
    wizard.presenter.choose_again()
    assert wizard.screen.page is SettlePage.MARKETS
    assert wizard.screen.markets[0].is_chosen
    wizard.presenter.go_on()
    wizard.presenter.go_on()
    wizard.presenter.go_on()
    await settle(lambda: len(held.venue.settling.calls) == 2)
    await settle(lambda: wizard.screen.progress.headline == ASKED)
    assert wizard.marks == [C] + [A] * 6


async def test_a_refused_request_shows_the_venues_words(held: Stage) -> None:
    held.venue.settling.then(VenueRejectionError("margin <b>too</b> low"))
    wizard = Wizard(held)
    wizard.submit()
    await settle(lambda: bool(wizard.notice))
    assert "“margin <b>too</b> low”" in wizard.notice
    assert wizard.screen.page is SettlePage.PROGRESS
    assert wizard.screen.can_choose_again
    assert wizard.screen.progress.headline == "Nothing was settled"


async def test_what_was_not_sent_returns_to_the_review(held: Stage) -> None:
    held.venue.settling.then(TransportError("no route"), None)
    wizard = Wizard(held)
    wizard.submit()
    await settle(lambda: wizard.screen.notice is not None)
    assert wizard.screen.page is SettlePage.REVIEW
    assert wizard.screen.notice is not None
    assert "nothing was sent" in wizard.screen.notice.happened.lower()
    assert wizard.screen.can_go_on
    wizard.presenter.go_on()
    await settle(lambda: wizard.screen.progress.headline == ASKED)
    assert wizard.screen.notice is None


async def test_an_unknown_outcome_is_not_confirmed_yet_until_the_venue_speaks(
    held: Stage,
) -> None:
    held.venue.settling.then(OutcomeUnknownError("silence"))
    wizard = Wizard(held)
    wizard.submit()
    await settle(lambda: wizard.screen.progress.headline == "Not confirmed yet")
    assert "never sent twice" in wizard.notice
    assert not wizard.screen.can_choose_again
    held.tell(word(S.PROPOSED))
    assert wizard.screen.progress.headline == "Your markets are being settled"
    assert wizard.notice == ""
    assert len(held.venue.settling.calls) == 1


async def test_what_never_arrived_may_be_asked_for_again(held: Stage) -> None:
    held.venue.settling.then(OutcomeUnknownError("silence"))
    wizard = Wizard(held)
    wizard.submit()
    await settle(lambda: wizard.screen.progress.headline == "Not confirmed yet")
    (intent,) = held.session.state.intents.values()
    for outcome, part in (
        (IntentOutcome.NOT_RECEIVED, "never reached the venue"),
        (IntentOutcome.NEVER_KNOWN, "can't be found out"),
    ):
        held.session.on_event(events.IntentChanged(replace(intent, outcome=outcome)))
        assert part in wizard.notice
        assert wizard.screen.progress.headline == "Nothing was settled"
        assert wizard.screen.progress.steps == ()
        assert wizard.screen.can_choose_again


async def test_silence_is_said_after_a_minute_by_the_injected_clock(held: Stage) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    held.pass_time(59)
    wizard.presenter.refresh()
    assert wizard.notice == ""
    held.pass_time(1)
    wizard.presenter.refresh()
    assert "silent: no word for 1 min" in wizard.notice
    assert "nothing is paid" in wizard.notice
    assert "never sent twice" in wizard.notice
    notice = wizard.screen.progress.notice
    assert notice is not None
    assert "Last state: none told" in notice.detail
    held.tell(word(S.PROPOSED))
    assert wizard.notice == ""
    held.pass_time(3600)
    wizard.presenter.refresh()
    assert "no word for 1 h" in wizard.notice
    held.tell(word(S.EXECUTED))
    held.pass_time(60)
    wizard.presenter.refresh()
    assert "The payment is made" in wizard.notice


async def test_a_lost_link_is_not_taken_for_a_silent_broker(held: Stage) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    held.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    held.pass_time(600)
    wizard.presenter.refresh()
    assert f"no connection to {CLEARPORT}" in wizard.notice
    held.tell(events.LinkChanged(CLEARPORT, LinkState.CONNECTED))
    held.tell(events.LinkChanged(CLEARPORT, LinkState.READY))


async def test_a_silence_begins_when_we_are_back(held: Stage) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    held.pass_time(600)
    held.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    held.tell(events.LinkChanged(CLEARPORT, LinkState.CONNECTED))
    held.tell(events.LinkChanged(CLEARPORT, LinkState.READY))
    assert wizard.notice == ""


async def test_a_settlement_under_way_is_taken_up_again(held: Stage) -> None:
    first = Wizard(held)
    await first.ask()
    held.tell(word(S.PROPOSED), word(S.ACCEPTED))
    first.presenter.stop()
    again = Wizard(held)
    assert again.screen.page is SettlePage.PROGRESS
    assert again.marks[:3] == [D, D, C]
    held.tell(word(S.COMPLETED))
    assert again.screen.is_done
    facts = {fact.label for fact in again.screen.progress.receipt}
    assert {"Account balance before", "Account balance after"} <= facts
    assert Wizard(held).screen.page is SettlePage.MARKETS


async def test_a_settlement_is_taken_up_after_a_restart(tmp_path: Path) -> None:
    before = Stage(tmp_path)
    before.begin()
    before.open_account()
    before.hold(pepe())
    wizard = Wizard(before)
    await wizard.ask()
    before.tell(word(S.PROPOSED))
    await before.end()
    after = Stage(tmp_path)
    after.begin()
    again = Wizard(after)
    assert again.screen.page is SettlePage.PROGRESS
    assert again.marks[:2] == [D, C]
    assert [fact.label for fact in again.screen.progress.figures][1] == "Bought 1,000,000 PEPE"
    after.open_account()
    after.hold(pepe())
    after.tell(word(S.ACCEPTED))
    assert again.marks[:3] == [D, D, C]
    await after.end()


async def test_an_unanswered_request_is_taken_up_after_a_restart(tmp_path: Path) -> None:
    before = Stage(tmp_path)
    before.begin()
    before.open_account()
    before.hold(pepe())
    before.venue.settling.then(OutcomeUnknownError("silence"))
    wizard = Wizard(before)
    wizard.submit()
    await settle(lambda: wizard.screen.progress.headline == "Not confirmed yet")
    await before.end()
    after = Stage(tmp_path)
    after.begin()
    again = Wizard(after)
    assert again.screen.page is SettlePage.PROGRESS
    assert again.screen.progress.headline == "Not confirmed yet"
    assert after.venue.settling.calls == []
    await after.end()


async def test_a_settlement_of_an_account_that_is_over_is_not_taken_up(held: Stage) -> None:
    first = Wizard(held)
    await first.ask()
    held.tell(events.ChannelUpdated(channel(ChannelState.CLOSED, ClearingState.FINALIZED)))
    assert Wizard(held).screen.page is SettlePage.MARKETS


async def test_an_unknown_state_is_shown_in_the_venues_word(held: Stage) -> None:
    wizard = Wizard(held)
    await wizard.ask()
    held.tell(word(S.OTHER, "<i>escrowing</i>"))
    assert "“<i>escrowing</i>”" in wizard.screen.progress.steps[0].text


async def test_one_asked_for_elsewhere_is_followed_too(held: Stage) -> None:
    held.tell(word(S.PROPOSED))
    wizard = Wizard(held)
    assert wizard.screen.page is SettlePage.PROGRESS
    labels = {fact.label for fact in wizard.screen.progress.figures}
    assert "Who asked" in labels


async def test_a_stopped_presenter_draws_nothing_more(held: Stage) -> None:
    wizard = Wizard(held)
    count = wizard.view.count
    wizard.presenter.stop()
    wizard.presenter.refresh()
    assert wizard.view.count == count


async def test_where_nothing_was_asked_for_there_is_nothing_to_show(held: Stage) -> None:
    progress = SettleProgress(held.session)
    assert not progress.resume()
    part = progress.part()
    assert (part.steps, part.figures, part.receipt, part.notice) == ((), (), (), None)
