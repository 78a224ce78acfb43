"""The logic of closing a margin account, without a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.ui.presenters.close_channel import (
    CloseChannelPresenter,
    CloseChannelScreen,
    Phase,
)
from kayen_desktop.ui.presenters.receipt import make_channel_receipt, receipt_facts
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import (
    CHANNEL_ID,
    CLEARPORT,
    KAYEN,
    Stage,
    channel,
    fill,
    not_received,
    order,
    position,
    settle,
)

D, C, A = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD
BUY = fill("1", Side.BUY, "108506.94444444", "0.00001152", "0.0025")
SELL = fill("2", Side.SELL, "108506.94444444", "0.00001146", "0.002487")
BACK = "29.988503"  # 30 − 0.00651 − 0.0025 − 0.002487


class FakeView:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: CloseChannelScreen
        self.count = 0

    def show_screen(self, screen: CloseChannelScreen) -> None:
        self.screen = screen
        self.count += 1


class Dialog:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = CloseChannelPresenter(stage.session, stage.bridge, self.view, CHANNEL_ID)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> CloseChannelScreen:
        return self.view.screen

    @property
    def marks(self) -> list[StepMark]:
        return [step.mark for step in self.screen.steps]

    @property
    def returns(self) -> dict[str, str]:
        return {fact.label: fact.value for fact in self.screen.returns}

    @property
    def receipt(self) -> list[tuple[str, str]]:
        return [(fact.label, fact.value) for fact in self.screen.receipt]


def tell(stage: Stage, state: ChannelState, clearing: ClearingState, balance: str = BACK) -> None:
    """Let the venue tell a step of closing."""
    stage.tell(events.ChannelUpdated(channel(state, clearing, balance=balance)))


async def test_an_empty_account_says_exactly_what_comes_back(stage: Stage) -> None:
    stage.open_account(balance="29.993490")
    dialog = Dialog(stage)
    assert dialog.screen.title == "Margin account (channel) with Kayen"
    assert dialog.screen.headline == "Ready to close"
    assert dialog.returns == {"You deposited": "30 USD", "You get back": "29.99349 USD"}
    assert dialog.screen.can_confirm
    assert dialog.screen.steps == ()
    assert [fact.copy_text for fact in dialog.screen.account] == [CHANNEL_ID, KAYEN.address]


async def test_orders_go_first_then_positions(stage: Stage) -> None:
    stage.open_account()
    stage.hold(position())
    waiting = order("o9", OrderState.WAIT, order_type=OrderType.LIMIT, price="0.00002")
    stage.tell(events.OrderUpdated(waiting))
    dialog = Dialog(stage)
    assert dialog.screen.headline == "Before the account can be closed"
    assert len(dialog.screen.orders) == 1
    assert "0.00002 USD" in dialog.screen.orders[0]
    assert dialog.screen.positions[0].label == "Bought 100,000 PEPE"
    assert dialog.screen.positions[0].value == "Loss −0.003 USD"
    assert dialog.returns["You get back about"] == "29.997 USD"
    assert dialog.screen.can_cancel_orders
    assert not dialog.screen.can_close_positions
    assert not dialog.screen.can_confirm
    dialog.presenter.cancel_orders()
    dialog.presenter.cancel_orders()
    assert not dialog.screen.can_cancel_orders
    await settle(lambda: bool(stage.venue.cancelling.calls))
    stage.tell(events.OrderUpdated(replace(waiting, state=OrderState.CANCEL)))
    assert len(stage.venue.cancelling.calls) == 1
    await settle(lambda: dialog.screen.can_close_positions)
    stage.hold(position("0", status=PositionStatus.CLOSED))
    assert dialog.screen.can_confirm


async def test_a_cancel_that_fails_is_told(stage: Stage) -> None:
    stage.open_account()
    stage.tell(events.OrderUpdated(order("o9", OrderState.WAIT)))
    stage.venue.cancelling.then(VenueRejectionError("busy"))
    dialog = Dialog(stage)
    dialog.presenter.cancel_orders()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.notice is not None
    assert "“busy”" in dialog.screen.notice.happened
    assert dialog.screen.can_cancel_orders


async def test_a_position_without_a_value_shows_none(stage: Stage) -> None:
    stage.open_account()
    stage.hold(replace(position(), pnl=None))
    assert Dialog(stage).screen.positions[0].value == "–"


async def test_no_more_comes_back_than_is_there_and_never_less_than_nothing(stage: Stage) -> None:
    stage.open_account("1")
    stage.hold(position("1000000", mark="0.00000952"))
    dialog = Dialog(stage)
    assert dialog.returns["Open positions"] == "Loss −2.00 USD"
    assert dialog.returns["You get back about"] == "0.00 USD"
    stage.tell(
        events.ChannelUpdated(
            replace(channel(deposit="1", balance="1"), responder_balance=Decimal(1))
        )
    )
    stage.hold(position("1000000", mark="0.00001352"))
    assert dialog.returns["You get back about"] == "2.00 USD"


async def test_an_account_whose_balance_was_never_told_says_so(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(balance=None)))
    assert "not told" in Dialog(stage).returns["You get back"]


async def test_the_request_is_sent_once_and_followed_to_the_receipt(stage: Stage) -> None:
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stage.venue.closing.then(reply)
    stage.open_account(balance=BACK)
    stage.tell(events.FillReceived(BUY), events.FillReceived(SELL))
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    dialog.presenter.confirm()
    assert dialog.screen.phase is Phase.SENDING
    assert not dialog.screen.can_leave
    await settle(lambda: bool(stage.venue.closing.calls))
    dialog.presenter.confirm()
    assert stage.venue.closing.calls == [(CHANNEL_ID,)]
    seen = []
    for state in (ClearingState.FINALIZING, ClearingState.CONCLUDING):
        tell(stage, ChannelState.OPEN, state)
        seen.append(dialog.marks)
        assert dialog.screen.can_leave
    tell(stage, ChannelState.CLOSED, ClearingState.FINALIZED)
    assert [*seen, dialog.marks] == [[C, A, A], [D, C, A], [D, D, D]]
    reply.set_result(None)
    await settle(lambda: dialog.screen.phase is Phase.OVER)
    assert dialog.screen.headline == "The account is closed"
    assert dialog.screen.notice is None
    assert dialog.receipt == [
        ("You deposited", "30 USD"),
        ("Result of your trades", "−0.00651 USD"),
        ("Fees", "−0.004987 USD"),
        ("You get back", "29.988503 USD"),
    ]
    assert CHANNEL_ID in dialog.screen.receipt_text
    assert KAYEN.address in dialog.screen.receipt_text
    assert "Fees: -0.004987 USD" in dialog.screen.receipt_text


async def test_a_receipt_counts_only_the_fills_of_its_own_account(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(channel_id="0x01", deposit="5", balance="5")))
    stage.tell(events.FillReceived(fill("0", Side.BUY, "5000", "0.00001", "1")))
    stage.tell(events.ChannelClosed("0x01"))
    stage.open_account(balance=BACK)
    stage.tell(events.FillReceived(BUY), events.FillReceived(SELL))
    stage.tell(events.ChannelClosed(CHANNEL_ID))
    assert ("Fees", "−0.004987 USD") in Dialog(stage).receipt


async def test_a_dialog_opened_in_the_middle_goes_on_from_there(stage: Stage) -> None:
    stage.open_account(balance=BACK)
    first = Dialog(stage)
    stage.venue.closing.then(asyncio.get_running_loop().create_future())
    first.presenter.confirm()
    await settle(lambda: bool(stage.venue.closing.calls))
    tell(stage, ChannelState.OPEN, ClearingState.CONCLUDING)
    first.presenter.stop()
    second = Dialog(stage)
    assert second.screen.phase is Phase.UNDER_WAY
    assert second.marks == [D, C, A]
    assert not second.screen.can_confirm
    tell(stage, ChannelState.CLOSED, ClearingState.FINALIZED)
    assert second.screen.headline == "The account is closed"


async def test_a_broker_that_closes_by_itself_is_named(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    tell(stage, ChannelState.CLOSED, ClearingState.FINALIZED, "30")
    assert dialog.screen.headline == "The broker closed the account"
    assert dialog.screen.notice is not None
    assert dialog.screen.notice.happened.startswith("Kayen closed")
    assert ("You get back", "30 USD") in dialog.receipt


async def test_a_rejection_shows_the_venues_words_and_may_be_tried_again(stage: Stage) -> None:
    stage.venue.closing.then(VenueRejectionError("channel has trades that are not recorded"))
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is Phase.BEFORE)
    assert dialog.screen.notice is not None
    assert "“channel has trades that are not recorded”" in dialog.screen.notice.happened
    assert dialog.screen.can_confirm


async def test_what_was_not_sent_may_be_tried_again(stage: Stage) -> None:
    stage.venue.closing.then(TransportError("down"))
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.can_confirm


async def test_silence_is_not_confirmed_yet_until_the_venue_speaks(stage: Stage) -> None:
    stage.venue.closing.then(OutcomeUnknownError("silence"))
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is Phase.UNKNOWN)
    assert dialog.screen.headline == "Not confirmed yet"
    assert not dialog.screen.can_confirm
    assert dialog.screen.can_leave
    tell(stage, ChannelState.OPEN, ClearingState.FINALIZING)
    assert dialog.screen.phase is Phase.UNDER_WAY
    assert dialog.screen.notice is None
    tell(stage, ChannelState.CLOSED, ClearingState.FINALIZED)
    assert dialog.screen.headline == "The account is closed"
    assert len(stage.venue.closing.calls) == 1


async def test_what_never_arrived_may_be_sent_again(stage: Stage) -> None:
    stage.venue.closing.then(OutcomeUnknownError("silence"))
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is Phase.UNKNOWN)
    (intent,) = stage.session.state.unconfirmed_intents
    stage.session.on_event(events.IntentChanged(not_received(intent)))
    assert dialog.screen.phase is Phase.BEFORE
    assert dialog.screen.notice is not None
    assert "never reached" in dialog.screen.notice.happened


async def test_a_closing_of_an_earlier_run_is_taken_up(tmp_path: Path) -> None:
    before = Stage(tmp_path)
    before.begin()
    before.open_account()
    before.venue.closing.then(OutcomeUnknownError("killed"))
    first = Dialog(before)
    first.presenter.confirm()
    await settle(lambda: first.screen.phase is Phase.UNKNOWN)
    await before.end()
    after = Stage(tmp_path)
    after.begin()
    second = Dialog(after)
    assert second.screen.headline == "Not confirmed yet"
    tell(after, ChannelState.OPEN, ClearingState.CONCLUDING)
    assert second.screen.phase is Phase.UNDER_WAY
    tell(after, ChannelState.CLOSED, ClearingState.FINALIZED)
    assert second.screen.headline == "The account is closed"
    assert after.venue.closing.calls == []
    await after.end()


async def test_an_order_in_doubt_blocks(stage: Stage) -> None:
    stage.venue.placing.then(OutcomeUnknownError("silence"))
    stage.open_account()
    request = OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal(5000))
    with pytest.raises(OutcomeUnknownError):
        await stage.session.trading.place(request)
    dialog = Dialog(stage)
    assert "not confirmed yet" in dialog.screen.blocked
    assert not dialog.screen.can_confirm


async def test_nothing_can_be_sent_while_the_link_is_down(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    stage.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    assert CLEARPORT in dialog.screen.blocked
    dialog.presenter.confirm()
    assert stage.venue.closing.calls == []


async def test_an_account_still_opening_or_never_opened_has_nothing_to_close(
    stage: Stage,
) -> None:
    tell(stage, ChannelState.OPENING, ClearingState.ACCEPTED, "30")
    dialog = Dialog(stage)
    assert dialog.screen.headline == "The account is not open yet"
    assert not dialog.screen.can_confirm
    tell(stage, ChannelState.CLOSED, ClearingState.FAILED, "30")
    assert dialog.screen.headline == "The account was never opened"
    assert dialog.screen.receipt == ()


async def test_an_unknown_account_offers_nothing(stage: Stage) -> None:
    dialog = Dialog(stage)
    assert not dialog.screen.can_confirm
    assert dialog.screen.blocked


async def test_a_stopped_presenter_draws_nothing_more(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.stop()
    count = dialog.view.count
    tell(stage, ChannelState.OPEN, ClearingState.FINALIZING)
    assert dialog.view.count == count


def lines(closed: Channel, fills: list[Fill]) -> dict[str, str]:
    """Return the receipt's lines by label."""
    receipt = make_channel_receipt(closed, fills, "USD")
    return {fact.label: fact.value for fact in receipt_facts(receipt, "USD")}


def test_a_receipt_shows_what_the_fills_do_not_explain() -> None:
    it = channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance="31")
    assert lines(it, [])["Other changes by the broker"] == "+1 USD"


def test_a_receipt_calls_a_digit_cut_off_rounding() -> None:
    it = channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance="29.9885025")
    assert lines(it, [BUY, SELL])["Rounding"] == "−0.0000005 USD"


def test_fees_in_another_currency_are_not_added_to_money() -> None:
    it = channel(ChannelState.CLOSED, ClearingState.FINALIZED)
    facts = lines(it, [fill("1", Side.BUY, "10", "1", "0.5", unit="pepe")])
    assert facts["Fees"] == "0 USD"
    assert facts["Fees in PEPE"] == "−0.5 PEPE"


def test_a_receipt_without_a_balance_claims_nothing() -> None:
    it = channel(ChannelState.CLOSED, ClearingState.FINALIZED, balance=None)
    assert lines(it, [BUY]) == {"You get back": "–"}
