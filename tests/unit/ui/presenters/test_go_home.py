"""The logic of "close all and go home", without a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.app.gate import Act
from kayen_desktop.app.way_home import Way
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import OutcomeUnknownError, VenueRejectionError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.ui.presenters.go_home import GoHomePresenter, GoHomeScreen, HomePhase
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.app.gates import FakeAsker, Guard
from tests.unit.ui.stage import (
    CHANNEL_ID,
    CLEARPORT,
    FINEX,
    Stage,
    channel,
    fill,
    order,
    position,
    settle,
)

D, C, A, F = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD, StepMark.FAILED
GONE = position("0", status=PositionStatus.CLOSED)


class FakeView:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: GoHomeScreen
        self.count = 0

    def show_screen(self, screen: GoHomeScreen) -> None:
        self.screen = screen
        self.count += 1


class Dialog:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = GoHomePresenter(stage.session, stage.bridge, self.view)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> GoHomeScreen:
        return self.view.screen

    def is_in(self, phase: HomePhase) -> bool:
        return self.screen.phase is phase

    @property
    def marks(self) -> list[StepMark]:
        return [step.mark for step in self.screen.steps]

    @property
    def texts(self) -> list[str]:
        return [step.text for step in self.screen.steps]

    @property
    def returns(self) -> list[tuple[str, str]]:
        return [(fact.label, fact.value) for fact in self.screen.returns]

    def notice(self) -> str:
        return "" if self.screen.notice is None else self.screen.notice.text


def funded(stage: Stage, *held: Position, balance: str = "30") -> None:
    """Let the venue tell an account whose broker can pay, and what it holds."""
    stage.tell(
        events.ChannelUpdated(replace(channel(balance=balance), responder_balance=Decimal(30)))
    )
    stage.hold(*held)
    stage.show_book()


def told_closed(stage: Stage, balance: str = "30") -> None:
    stage.tell(
        events.ChannelUpdated(
            channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance=balance)
        )
    )


async def test_without_an_account_one_is_home_already(stage: Stage) -> None:
    dialog = Dialog(stage)
    assert dialog.is_in(HomePhase.EMPTY)
    assert dialog.screen.title == "Close all and go home"
    assert dialog.screen.headline == "You are home already"
    assert dialog.screen.steps == ()
    assert dialog.screen.blocked == ""
    assert not dialog.screen.can_confirm
    assert dialog.screen.can_leave


async def test_before_it_says_what_will_happen_and_what_comes_back(stage: Stage) -> None:
    funded(stage, position())
    stage.tell(events.OrderUpdated(order("o9", OrderState.WAIT)))
    dialog = Dialog(stage)
    assert dialog.is_in(HomePhase.BEFORE)
    assert dialog.screen.steps_title == "What will happen, in this order"
    assert dialog.texts == [
        "Cancel 1 order",
        "Close 1 position at the exchange",
        "Close the margin account",
    ]
    assert dialog.marks == [A, A, A]
    assert dialog.returns == [
        ("You deposited", "30 USD"),
        ("Balance now", "30.00 USD"),
        ("Bought 100,000 PEPE", "Loss −0.005298 USD"),  # 0.003 of price and 0.002298 of fee
        ("You get back about", "29.9947 USD"),
    ]
    assert "prices move" in dialog.screen.risk
    assert dialog.screen.confirm_text == "Go home"
    assert dialog.screen.can_confirm
    assert not dialog.screen.can_give_up


async def test_a_book_that_is_not_told_is_asked_for(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel()))
    stage.hold(position())
    dialog = Dialog(stage)
    assert "PEPE/USD" in stage.venue.watched
    assert dialog.returns[2] == ("Bought 100,000 PEPE", "Loss −0.003 USD")


async def test_settling_shows_its_own_figures_and_risks(stage: Stage) -> None:
    funded(stage, position())
    dialog = Dialog(stage)
    assert [line.is_chosen for line in dialog.screen.ways] == [True, False]
    dialog.presenter.choose(Way.SETTLE)
    assert [line.is_chosen for line in dialog.screen.ways] == [False, True]
    assert dialog.texts == ["Settle PEPE with the broker", "Close the margin account"]
    assert dialog.returns[2] == ("Bought 100,000 PEPE", "Loss −0.003 USD")
    assert "broker may decline" in dialog.screen.risk


async def test_a_way_that_can_not_be_taken_says_why(stage: Stage) -> None:
    funded(stage, position("2000000", mark="0.0000001"), balance="24")
    dialog = Dialog(stage)
    close, settling = dialog.screen.ways
    assert close.reason == ""
    assert "zone" in settling.reason
    assert dialog.screen.can_confirm
    dialog.presenter.choose(Way.SETTLE)
    assert not dialog.screen.can_confirm
    assert dialog.screen.blocked == settling.reason
    stage.tell(events.LinkChanged(FINEX, LinkState.RETRYING))
    dialog.presenter.choose(Way.CLOSE)
    assert "Finex" in dialog.screen.blocked


async def test_a_loss_beyond_the_deposit_gives_nothing_back(stage: Stage) -> None:
    funded(stage, position("100", side=Side.SELL, entry="1", mark="2"))
    stage.show_book(bid="2", size="1000")
    assert Dialog(stage).returns[-1] == ("You get back about", "0.00 USD")


async def test_a_profit_beyond_the_brokers_deposit_is_not_promised(stage: Stage) -> None:
    funded(stage, position("100", entry="1", mark="3"))
    stage.show_book(bid="3", size="1000")
    assert Dialog(stage).returns[-1] == ("You get back about", "60.00 USD")


async def test_many_positions_are_summed_up(stage: Stage) -> None:
    funded(stage, *(position("1000", position_id=f"p{number}") for number in range(9)))
    dialog = Dialog(stage)
    assert dialog.texts[0] == "Close 9 positions at the exchange"
    assert [label for label, _ in dialog.returns].count("Bought 1,000 PEPE") == 6
    assert dialog.returns[-2][0] == "…and 3 positions more"


async def test_an_unknown_balance_promises_nothing(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(balance=None)))
    assert Dialog(stage).returns == [("You get back", "The broker has not told the balance yet.")]


async def test_a_person_goes_home_and_gets_the_receipt(stage: Stage) -> None:
    funded(stage, position("108506.94444444"), balance="30")
    stage.tell(events.OrderUpdated(order("o9", OrderState.WAIT)))
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.cancelling.calls))
    assert dialog.is_in(HomePhase.UNDER_WAY)
    assert dialog.marks == [C, A, A]
    assert dialog.texts[0] == "Cancelling 1 order…"
    assert dialog.screen.can_leave
    assert dialog.screen.can_stop
    assert not dialog.screen.can_confirm
    dialog.presenter.choose(Way.SETTLE)  # too late
    stage.tell(events.OrderUpdated(order("o9", OrderState.CANCEL)))
    await settle(lambda: bool(stage.venue.placing.calls))
    assert dialog.texts[:2] == ["1 order cancelled", "Closing 1 position…"]
    done = order("order-1", amount="108506.94444444")
    stage.tell(
        events.OrderUpdated(replace(done, average_price=Decimal("0.00001146"))),
        events.FillReceived(fill("1", Side.BUY, "108506.94444444", "0.00001152", "0.0025")),
        events.FillReceived(fill("2", Side.SELL, "108506.94444444", "0.00001146", "0.002487")),
        events.TradeRecorded(CHANNEL_ID, "1"),
        events.TradeRecorded(CHANNEL_ID, "2"),
    )
    stage.hold(GONE)
    await settle(lambda: bool(stage.venue.closing.calls))
    assert dialog.screen.steps[1].text == "1 position closed"
    assert dialog.screen.steps[1].detail == "PEPE closed at 0.00001146 USD"
    stage.tell(
        events.ChannelUpdated(
            channel(ChannelState.OPEN, ClearingState.CONCLUDING, balance="29.988503")
        )
    )
    assert dialog.screen.steps[2].text == "Closing the margin account…"
    assert "recorded for good" in dialog.screen.steps[2].detail
    assert dialog.returns[-1] == ("You get back", "29.988503 USD")
    told_closed(stage, "29.988503")
    await settle(lambda: not stage.session.going_home.is_busy)
    assert dialog.is_in(HomePhase.OVER)
    assert dialog.marks == [D, D, D]
    assert dialog.screen.headline == "The account is closed"
    assert dialog.screen.steps[2].detail == "29.9885 USD paid out to your wallet"
    assert [(fact.label, fact.value) for fact in dialog.screen.receipt][-1] == (
        "You get back",
        "29.988503 USD",
    )
    assert f"Account (channel): {CHANNEL_ID}" in dialog.screen.receipt_text
    assert dialog.screen.returns == ()
    assert dialog.screen.notice is None


async def test_it_can_be_left_and_opened_again_at_any_moment(stage: Stage) -> None:
    funded(stage, position())
    first = Dialog(stage)
    first.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    first.presenter.stop()
    count = first.view.count
    second = Dialog(stage)
    assert second.is_in(HomePhase.UNDER_WAY)
    assert second.marks == [C, A]
    stage.hold(GONE)
    await settle(lambda: bool(stage.venue.closing.calls))
    told_closed(stage)
    await settle(lambda: not stage.session.going_home.is_busy)
    assert second.is_in(HomePhase.OVER)
    assert Dialog(stage).is_in(HomePhase.OVER)
    assert first.view.count == count
    stage.tell(events.ChannelUpdated(channel(channel_id="0xother")))
    third = Dialog(stage)
    assert third.is_in(HomePhase.BEFORE)
    assert second.is_in(HomePhase.OVER)  # its receipt stays


async def test_a_rejected_close_is_told_and_gone_on_from(stage: Stage) -> None:
    funded(stage, position())
    stage.venue.placing.then(VenueRejectionError("market is halted"), "order-2")
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.is_in(HomePhase.STOPPED))
    assert dialog.texts[0] == "1 position is still open"
    assert dialog.marks == [F, A]
    assert "“market is halted”" in dialog.notice()
    assert "nothing goes on by itself" in dialog.notice()
    assert dialog.screen.headline == "You are not home yet"
    assert dialog.screen.confirm_text == "Go on"
    assert dialog.screen.can_give_up
    dialog.presenter.confirm()
    await settle(lambda: len(stage.venue.placing.calls) == 2)
    assert dialog.screen.notice is None
    stage.hold(GONE)
    await settle(lambda: bool(stage.venue.closing.calls))
    told_closed(stage)
    await settle(lambda: not stage.session.going_home.is_busy)
    assert dialog.is_in(HomePhase.OVER)


async def test_a_doubtful_order_blocks_going_on(stage: Stage) -> None:
    funded(stage, position())
    stage.venue.placing.then(OutcomeUnknownError("No answer."))
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.is_in(HomePhase.STOPPED))
    assert "never sent twice" in dialog.notice()
    assert "not confirmed yet" in dialog.screen.blocked
    assert not dialog.screen.can_confirm


async def test_the_trader_stops_and_gives_it_up(stage: Stage) -> None:
    funded(stage, position())
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    dialog.presenter.stop_going()
    assert dialog.screen.headline == "Stopping"
    assert not dialog.screen.can_stop
    await settle(lambda: dialog.is_in(HomePhase.STOPPED))
    assert "You stopped here." in dialog.notice()
    assert stage.journal.plan() is not None
    dialog.presenter.give_up()
    assert stage.journal.plan() is None
    assert dialog.is_in(HomePhase.BEFORE)
    assert dialog.screen.confirm_text == "Go home"


async def test_what_an_earlier_run_began_is_offered(stage: Stage) -> None:
    stage.journal.begin_plan(CHANNEL_ID, "settle", stage.now)
    stage.session.going_home.load()
    funded(stage, position())
    dialog = Dialog(stage)
    assert dialog.screen.headline == "You were on your way home"
    assert dialog.screen.confirm_text == "Go on"
    assert dialog.screen.ways[1].is_chosen
    assert dialog.screen.can_give_up


async def test_a_silence_begins_when_we_are_back(stage: Stage) -> None:
    """What was told while the connection was away can't be held against the broker."""
    funded(stage, position(mark="0.00001452"))
    dialog = Dialog(stage)
    dialog.presenter.choose(Way.SETTLE)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.settling.calls))
    stage.pass_time(600)
    for state in (LinkState.RETRYING, LinkState.CONNECTED, LinkState.READY):
        stage.tell(events.LinkChanged(CLEARPORT, state))
    assert dialog.screen.notice is None
    stage.pass_time(60)
    dialog.presenter.refresh()
    assert "silent: no word for 1 min" in dialog.notice()


async def test_a_settlement_is_followed_and_a_silent_broker_told(stage: Stage) -> None:
    funded(stage, position(mark="0.00001452"))
    dialog = Dialog(stage)
    dialog.presenter.choose(Way.SETTLE)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.settling.calls))
    assert dialog.texts[0] == "Settling PEPE with the broker…"
    assert "has not said anything" in dialog.screen.steps[0].detail
    stage.tell(tell_settled(SettlementState.PROPOSED))
    assert "(proposed)" in dialog.screen.steps[0].detail
    assert dialog.screen.notice is None
    stage.pass_time(200)
    dialog.presenter.refresh()
    assert "silent" in dialog.notice()
    stage.tell(tell_settled(SettlementState.COMPLETED))
    stage.hold(GONE)
    await settle(lambda: bool(stage.venue.closing.calls))
    assert dialog.screen.steps[0].text == "PEPE settled"
    assert dialog.screen.steps[0].detail == "0.30 USD paid to your wallet"
    assert dialog.screen.notice is None
    assert ("Settled already", "Profit +0.30 USD") in dialog.returns
    told_closed(stage)
    await settle(lambda: not stage.session.going_home.is_busy)


async def test_trades_that_are_still_booked_are_told(stage: Stage) -> None:
    funded(stage, position())
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    stage.tell(events.OrderUpdated(order()))
    stage.hold(GONE)
    await settle(lambda: "booked" in dialog.screen.headline)
    assert stage.venue.closing.calls == []
    stage.tell(
        events.FillReceived(fill("1", Side.SELL, "100000", "0.00001146", "0")),
        events.TradeRecorded(CHANNEL_ID, "1"),
    )
    await settle(lambda: bool(stage.venue.closing.calls))
    assert dialog.screen.headline == "You are on your way home"
    told_closed(stage)
    await settle(lambda: not stage.session.going_home.is_busy)


async def test_a_lost_connection_is_told_while_it_is_waited_for(stage: Stage) -> None:
    funded(stage, position())
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    assert dialog.screen.notice is None
    stage.tell(events.LinkChanged(FINEX, LinkState.RETRYING))
    assert "no connection to Finex" in dialog.notice()
    assert "goes on by itself" in dialog.notice()
    stage.hold(GONE)
    await settle(lambda: bool(stage.venue.closing.calls))
    assert dialog.screen.notice is None  # closing the account needs no exchange
    stage.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    assert "no connection to Clearport" in dialog.notice()
    told_closed(stage)
    await settle(lambda: not stage.session.going_home.is_busy)


@pytest.mark.parametrize("end", [SettlementState.REJECTED, SettlementState.FAILED])
async def test_after_a_settlement_that_came_to_nothing_the_other_way_is_offered(
    stage: Stage, end: SettlementState
) -> None:
    funded(stage, position())
    dialog = Dialog(stage)
    dialog.presenter.choose(Way.SETTLE)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.settling.calls))
    stage.tell(tell_settled(SettlementState.PROPOSED), tell_settled(end))
    await settle(lambda: dialog.is_in(HomePhase.STOPPED))
    assert f"({end.value})" in dialog.notice()
    assert "close the positions at the exchange" in dialog.notice()
    dialog.presenter.choose(Way.CLOSE)
    assert dialog.texts == [
        "PEPE not settled",
        "Close 1 position at the exchange",
        "Close the margin account",
    ]
    assert dialog.marks == [F, A, A]


async def test_an_account_closed_by_the_broker_is_told_as_that(stage: Stage) -> None:
    funded(stage)
    dialog = Dialog(stage)
    told_closed(stage)
    assert dialog.is_in(HomePhase.OVER)
    assert dialog.screen.headline == "The broker closed the account"
    assert "without your asking" in dialog.notice()


async def test_an_account_that_was_never_opened_owes_no_receipt(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, ClearingState.ACCEPTED)))
    dialog = Dialog(stage)
    assert not dialog.screen.can_confirm
    stage.tell(events.ChannelUpdated(channel(ChannelState.CLOSED, ClearingState.FAILED)))
    assert dialog.is_in(HomePhase.OVER)
    assert dialog.screen.headline == "The account was never opened"
    assert dialog.screen.receipt == ()
    assert dialog.screen.returns == ()
    assert dialog.screen.notice is None


async def test_a_position_that_is_not_valued_has_no_figure(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel()))
    stage.hold(replace(position(), market_value=None, pnl=None))
    assert Dialog(stage).returns[2] == ("Bought 100,000 PEPE", "no price yet")


async def test_what_is_refused_at_the_start_is_told(stage: Stage) -> None:
    funded(stage)
    dialog = Dialog(stage)
    stage.journal.close()
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert "written down" in dialog.notice()
    dialog.presenter.give_up()
    assert dialog.is_in(HomePhase.BEFORE)


async def test_who_cancels_the_passphrase_is_not_alarmed(tmp_path: Path) -> None:
    asker = FakeAsker(types=None)
    asker.may_answer.clear()
    guard = Guard(asker=asker)
    stage = Stage(tmp_path, guard.gate)
    stage.begin()
    try:
        funded(stage, position())
        dialog = Dialog(stage)
        dialog.presenter.confirm()
        await settle(lambda: asker.asked == [Act.GO_HOME])
        assert dialog.is_in(HomePhase.BEFORE)
        assert not dialog.screen.can_confirm
        assert not dialog.screen.can_leave
        asker.may_answer.set()
        await settle(lambda: dialog.screen.can_leave)
        assert dialog.screen.notice is None
        assert dialog.screen.can_confirm
        assert stage.venue.placing.calls == []
    finally:
        await stage.end()


async def test_a_lock_on_the_way_is_told(tmp_path: Path) -> None:
    guard = Guard()
    stage = Stage(tmp_path, guard.gate)
    stage.begin()
    try:
        funded(stage, position())
        dialog = Dialog(stage)
        dialog.presenter.confirm()
        await settle(lambda: bool(stage.venue.placing.calls))
        guard.lock.lock()
        stage.hold(GONE)
        await settle(lambda: dialog.is_in(HomePhase.STOPPED))
        assert "locked" in dialog.notice()
        assert dialog.marks == [D, F]
        assert not dialog.screen.can_confirm
    finally:
        await stage.end()


async def test_the_way_goes_on_while_an_answer_is_awaited(stage: Stage) -> None:
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stage.venue.closing.then(reply)
    funded(stage)
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.closing.calls))
    assert dialog.is_in(HomePhase.UNDER_WAY)
    assert dialog.screen.steps[0].detail == ""
    reply.set_exception(VenueRejectionError("not now"))
    await settle(lambda: dialog.is_in(HomePhase.STOPPED))
    assert dialog.texts == ["The margin account is still open"]


def tell_settled(state: SettlementState) -> events.SettlementUpdated:
    """Return the venue's word on the settlement."""
    return events.SettlementUpdated(Settlement(CHANNEL_ID, state, ("PEPE/USD",)))
