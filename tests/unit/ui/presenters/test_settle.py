"""The logic of choosing what to settle and asking for it, without a window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kayen_desktop.app.gate import Act
from kayen_desktop.domain import events
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.margin import MarginReading, MarginRules
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.ui.presenters.settle import SettlePage
from tests.unit.app.gates import FakeAsker, Guard
from tests.unit.ui.settling import ASKED, Wizard, btc, pepe
from tests.unit.ui.stage import CHANNEL_ID, CLEARPORT, Stage, position, settle


@pytest.fixture
def held(stage: Stage) -> Stage:
    """Set the stage with an account that holds one position."""
    stage.open_account()
    stage.hold(pepe())
    return stage


async def test_positions_are_shown_with_what_they_stand_at(held: Stage) -> None:
    wizard = Wizard(held)
    line = wizard.screen.markets[0]
    assert line.market == "PEPE/USD"
    assert line.holding == "Bought 1,000,000, worth 20.00 USD"
    assert line.result == "Profit +10.00 USD"
    assert ", ".join(line.texts).startswith("PEPE/USD, Bought 1,000,000")
    assert line.alone == "Settled alone: 100 % left, safe (green)"
    assert not line.is_chosen
    assert wizard.screen.hint == "Choose at least one market."
    assert not wizard.screen.can_go_on
    assert not wizard.screen.can_go_back
    assert wizard.margin()["Worth (equity)"] == "40.00 USD"


async def test_the_margin_after_follows_the_choice_and_the_price(held: Stage) -> None:
    wizard = Wizard(held)
    wizard.presenter.choose_market("PEPE/USD", is_chosen=True)
    assert wizard.margin() == {
        "Worth (equity)": "40.00 → 30.00 USD",
        "Left of your deposit": "133.3 % → 100 %",
        "Zone": "Safe (green) → Safe (green)",
    }
    assert wizard.screen.can_go_on
    assert wizard.screen.hint == ""
    held.hold(position("1000000", entry="0.00001", mark="0.000021", position_id="pepe"))
    assert wizard.margin()["Worth (equity)"] == "41.00 → 30.00 USD"
    wizard.presenter.choose_market("PEPE/USD", is_chosen=False)
    assert wizard.margin()["Worth (equity)"] == "41.00 USD"


async def test_a_choice_that_leaves_green_is_refused_with_its_reason(stage: Stage) -> None:
    stage.open_account()
    stage.hold(pepe(), btc())
    wizard = Wizard(stage)
    wizard.presenter.choose_market("PEPE/USD", is_chosen=True)
    assert wizard.screen.refusal.startswith(
        "If you settle PEPE now, its profit is paid to your wallet and no longer stands behind "
        "your BTC position. What stays would be in the orange zone, and the broker refuses that."
    )
    assert wizard.margin()["Zone"].endswith("(orange)")
    assert "orange" in wizard.screen.markets[0].alone
    assert not wizard.screen.can_go_on
    wizard.presenter.go_on()
    assert wizard.screen.page is SettlePage.MARKETS
    wizard.presenter.choose_market("BTC/USD", is_chosen=True)
    assert wizard.screen.refusal == ""
    assert wizard.screen.can_go_on


async def test_a_profit_that_the_account_needs_is_better_closed(stage: Stage) -> None:
    stage.open_account(balance="4")
    stage.hold(pepe())
    wizard = Wizard(stage)
    wizard.presenter.choose_all()
    assert "What is left in the account would be in the orange zone" in wizard.screen.refusal
    assert not wizard.screen.can_go_on


async def test_an_account_that_is_not_green_settles_nothing(stage: Stage) -> None:
    stage.open_account()
    stage.hold(btc())
    wizard = Wizard(stage)
    assert "orange" in wizard.screen.refusal
    wizard.presenter.choose_market("BTC/USD", is_chosen=True)
    assert "orange" in wizard.screen.refusal
    assert not wizard.screen.can_go_on


async def test_the_share_is_told_of_the_total_where_that_is_the_reading(held: Stage) -> None:
    held.session.choose_margin_rules(MarginRules(MarginReading.TOTAL))
    assert "Left of both deposits" in Wizard(held).margin()


async def test_all_can_be_chosen_at_once_and_left_again(stage: Stage) -> None:
    stage.open_account()
    stage.hold(pepe(), btc("59"))
    wizard = Wizard(stage)
    wizard.presenter.choose_all()
    assert wizard.screen.is_all_chosen
    assert all(line.is_chosen for line in wizard.screen.markets)
    wizard.presenter.choose_all()
    assert not any(line.is_chosen for line in wizard.screen.markets)


async def test_without_a_position_there_is_nothing_to_settle(stage: Stage) -> None:
    wizard = Wizard(stage)
    assert "No margin account" in wizard.screen.empty
    assert wizard.screen.margin == ()
    stage.open_account()
    assert "nothing to settle" in wizard.screen.empty
    wizard.presenter.choose_all()
    assert not wizard.screen.can_go_on
    assert wizard.screen.hint == ""
    assert wizard.screen.refusal == ""


async def test_a_position_that_goes_leaves_the_choice(held: Stage) -> None:
    wizard = Wizard(held)
    wizard.review()
    held.hold(position("0", position_id="pepe", status=PositionStatus.CLOSED))
    assert "nothing to settle" in wizard.screen.review_problem
    assert wizard.screen.review == ()
    assert not wizard.screen.can_go_on
    held.hold(btc("60"))
    assert wizard.screen.review_problem == "Choose at least one market."


async def test_the_ways_of_payment_are_those_that_the_venue_offers(held: Stage) -> None:
    wizard = Wizard(held)
    assert [line.method for line in wizard.screen.methods] == [
        PaymentMethod.ESCROW,
        PaymentMethod.MOCK,
    ]
    assert wizard.screen.methods[0].is_chosen
    assert wizard.screen.chain == "Practice chain (chain id 1337)"
    wizard.presenter.choose_method(PaymentMethod.MOCK)
    assert wizard.screen.methods[1].is_chosen


async def test_real_chains_offer_no_pretending(held: Stage) -> None:
    held.venue.chain_id = 1
    wizard = Wizard(held)
    wizard.presenter.choose_method(PaymentMethod.MOCK)
    assert [line.method for line in wizard.screen.methods] == [PaymentMethod.ESCROW]
    assert wizard.screen.methods[0].is_chosen
    assert wizard.screen.chain == "Ethereum (chain id 1)"


async def test_the_review_says_what_will_be_asked_for(held: Stage) -> None:
    wizard = Wizard(held)
    wizard.review()
    facts = {fact.label: fact.value for fact in wizard.screen.review}
    assert facts["You settle"] == "Bought 1,000,000 PEPE"
    assert facts["To your wallet, about"] == "10.00 USD"
    assert "Zone: Safe (green)" in facts["Margin after"]
    assert facts["How it is paid"] == "Through an escrow (escrow)"
    assert "button" in facts["You confirm with"]
    assert "decline" in facts["What can happen"]
    assert wizard.screen.review_problem == ""
    wizard.presenter.choose_all()
    wizard.presenter.choose_market("PEPE/USD", is_chosen=False)
    wizard.presenter.choose_again()
    assert wizard.screen.review
    for _ in range(3):
        wizard.presenter.go_back()
    assert wizard.screen.page is SettlePage.MARKETS
    assert wizard.screen.markets[0].is_chosen


async def test_twenty_positions_are_summed_up_in_the_review(stage: Stage) -> None:
    stage.open_account("3000")
    for number in range(20):
        stage.hold(
            position("1", market=f"M{number}/USD", entry="1", mark="1", position_id=f"p{number}")
        )
    wizard = Wizard(stage)
    wizard.presenter.choose_all()
    wizard.presenter.go_on()
    wizard.presenter.go_on()
    assert wizard.screen.review[0].value.endswith("…and 12 more")


async def test_what_is_not_valued_yet_is_said_to_be_unknown(stage: Stage) -> None:
    stage.open_account()
    held = position("1", market="BTC/USD", entry="6", mark="6", position_id="btc")
    unvalued = replace(held, market_value=None, pnl=None)
    stage.hold(unvalued)
    wizard = Wizard(stage)
    assert wizard.screen.markets[0].result == "–"
    wizard.review("BTC/USD")
    facts = {fact.label: fact.value for fact in wizard.screen.review}
    assert "Not known" in facts["Paid to your wallet"]


async def test_nothing_can_be_sent_while_the_link_is_down(held: Stage) -> None:
    wizard = Wizard(held)
    wizard.review()
    held.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    assert CLEARPORT in wizard.screen.review_problem
    wizard.presenter.go_on()
    assert held.venue.settling.calls == []
    held.tell(events.LinkChanged(CLEARPORT, LinkState.READY))
    assert wizard.screen.can_go_on


async def test_the_request_is_sent_once_however_often_it_is_clicked(held: Stage) -> None:
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    held.venue.settling.then(reply)
    wizard = Wizard(held)
    wizard.submit()
    wizard.presenter.go_on()
    await settle(lambda: bool(held.venue.settling.calls))
    wizard.presenter.go_on()
    assert wizard.screen.page is SettlePage.PROGRESS
    assert wizard.screen.progress.headline == "Asking the broker to settle"
    assert wizard.screen.can_leave
    reply.set_result(None)
    await settle(lambda: wizard.screen.progress.headline == ASKED)
    assert held.venue.settling.calls == [
        (CHANNEL_ID, PaymentMethod.ESCROW, 1337, ("PEPE/USD",)),
    ]
    assert not wizard.screen.can_go_on
    assert not wizard.screen.can_go_back


class TestWithAPassphrase:
    """The review stays in sight until the passphrase is right."""

    @pytest.fixture
    def guard(self) -> Guard:
        asker = FakeAsker()
        asker.may_answer.clear()
        return Guard(asker=asker)

    @pytest.fixture
    async def guarded(self, tmp_path: Path, guard: Guard) -> AsyncIterator[Stage]:
        stage = Stage(tmp_path, guard.gate)
        stage.begin()
        stage.open_account()
        stage.hold(pepe())
        yield stage
        await stage.end()

    async def test_nothing_is_sent_before_it_is_right(self, guarded: Stage, guard: Guard) -> None:
        wizard = Wizard(guarded)
        wizard.review()
        facts = {fact.label: fact.value for fact in wizard.screen.review}
        assert "passphrase" in facts["You confirm with"]
        wizard.presenter.go_on()
        await settle(lambda: guard.asker.asked == [Act.SETTLE])
        assert wizard.screen.page is SettlePage.REVIEW
        assert not wizard.screen.can_go_on
        assert not wizard.screen.can_go_back
        assert not wizard.screen.can_leave
        wizard.presenter.go_on()
        assert guarded.venue.settling.calls == []
        guard.asker.may_answer.set()
        await settle(lambda: wizard.screen.page is SettlePage.PROGRESS)
        await settle(lambda: bool(guarded.venue.settling.calls))
        assert guard.asker.asked == [Act.SETTLE]

    async def test_who_cancels_is_back_at_the_review(self, guarded: Stage, guard: Guard) -> None:
        wizard = Wizard(guarded)
        wizard.submit()
        guard.asker.types = None
        guard.asker.may_answer.set()
        await settle(lambda: wizard.screen.can_leave)
        assert wizard.screen.page is SettlePage.REVIEW
        assert wizard.screen.notice is None
        assert wizard.screen.can_go_on
        assert guarded.venue.settling.calls == []

    async def test_what_locks_meanwhile_is_said(self, guarded: Stage, guard: Guard) -> None:
        wizard = Wizard(guarded)
        wizard.submit()
        guard.asker.before_answer = guard.lock.lock
        guard.asker.may_answer.set()
        await settle(lambda: wizard.screen.can_leave)
        assert wizard.screen.notice is not None
        assert "locked" in wizard.screen.notice.happened
        assert "locked" in wizard.screen.review_problem
