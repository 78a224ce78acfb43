"""The logic of closing positions, without a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.ui.presenters.close_all import CloseAllPresenter, CloseAllScreen
from kayen_desktop.ui.presenters.close_position import ClosePositionPresenter, CloseScreen
from kayen_desktop.ui.presenters.facts import Tone
from tests.unit.ui.stage import (
    FINEX,
    NOW,
    POSITION_ID,
    Stage,
    channel,
    not_received,
    order,
    position,
    settle,
)

WHOLE = OrderRequest("PEPE/USD", Side.SELL, OrderType.MARKET, Decimal(100_000))


class FakeView:
    """Keeps the last screen and whether it was told to finish."""

    def __init__(self) -> None:
        self.screen: CloseScreen
        self.is_finished = False
        self.count = 0

    def show_screen(self, screen: CloseScreen) -> None:
        assert not self.is_finished
        self.screen = screen
        self.count += 1

    def finish(self) -> None:
        assert not self.is_finished
        self.is_finished = True


class Dialog:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = ClosePositionPresenter(stage.session, stage.bridge, self.view, POSITION_ID)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> CloseScreen:
        return self.view.screen


def held(stage: Stage, amount: str = "100000", side: Side = Side.BUY) -> Dialog:
    """Return a dialog over a position with an account and a book."""
    stage.open_account()
    stage.hold(position(amount, side=side))
    stage.show_book()
    return Dialog(stage)


async def test_a_long_position_shows_what_selling_it_brings(stage: Stage) -> None:
    screen = held(stage).screen
    # 100000 × 0.00001149 = 1.149, the fee 0.2 % of it, the entry 1.152
    assert screen.headline == "If you close now you get about 1.1467 USD"
    assert screen.result == "That is a loss of 0.005298 USD, fee included."
    assert screen.result_tone is Tone.BAD
    assert [(fact.label, fact.value) for fact in screen.facts] == [
        ("Average price", "0.00001149 USD"),
        ("Fee", "0.002298 USD"),
    ]
    assert screen.confirm_text == "Sell 100,000 PEPE now"
    assert screen.amount_text == "100000"
    assert screen.can_confirm
    assert screen.warning == screen.blocked == ""


async def test_a_short_position_shows_what_buying_it_back_costs(stage: Stage) -> None:
    screen = held(stage, side=Side.SELL).screen
    assert screen.headline.startswith("If you close now you pay about 1.1628 USD")
    assert screen.confirm_text == "Buy 100,000 PEPE now"
    assert screen.held == "Sold 100,000 PEPE"


async def test_the_preview_moves_with_the_price(stage: Stage) -> None:
    dialog = held(stage)
    stage.show_book(bid="0.00002")
    assert dialog.screen.headline == "If you close now you get about 1.996 USD"
    assert dialog.screen.result_tone is Tone.GOOD


@pytest.mark.parametrize(("share", "text"), [(25, "25000"), (50, "50000"), (75, "75000")])
async def test_a_share_fills_in_the_amount(stage: Stage, share: int, text: str) -> None:
    dialog = held(stage)
    dialog.presenter.choose_share(share)
    assert dialog.screen.amount_text == text
    assert dialog.screen.share == share
    dialog.presenter.choose_share(100)
    assert dialog.screen.amount_text == "100000"


async def test_all_means_exactly_all_of_an_amount_finer_than_the_market(stage: Stage) -> None:
    dialog = held(stage, "1234.123456789123")
    assert dialog.screen.amount_text == "1234.123456789123"
    assert dialog.screen.can_confirm
    dialog.presenter.choose_share(50)
    assert dialog.screen.amount_text == "617.06172839"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter an amount"),
        ("lots", "not a number"),
        ("0", "zero or less"),
        ("100001", "Your position is 100,000 PEPE"),
        ("2000.123456789", "8 digits"),
        ("10", "1,000 PEPE"),
    ],
)
async def test_a_bad_amount_says_what_to_change(stage: Stage, typed: str, words: str) -> None:
    dialog = held(stage)
    dialog.presenter.type_amount(typed)
    assert words in dialog.screen.amount_problem
    assert not dialog.screen.can_confirm
    dialog.presenter.confirm()
    assert stage.venue.placing.calls == []


async def test_a_typed_amount_is_kept_while_the_position_changes(stage: Stage) -> None:
    dialog = held(stage)
    dialog.presenter.type_amount("2000")
    assert dialog.screen.share == 0
    stage.hold(position("90000"))
    assert dialog.screen.amount_text == "2000"
    dialog.presenter.type_amount("90000")
    assert dialog.screen.share == 100
    stage.hold(position("80000"))
    assert dialog.screen.amount_text == "80000"


async def test_confirming_sends_the_reversed_order_once(stage: Stage) -> None:
    reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stage.venue.placing.then(reply)
    dialog = held(stage)
    dialog.presenter.confirm()
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    dialog.presenter.confirm()
    assert stage.venue.placing.calls == [(WHOLE,)]
    assert not dialog.screen.can_leave
    assert not dialog.screen.can_edit
    dialog.presenter.choose_share(25)
    assert dialog.screen.amount_text == "100000"
    reply.set_result("order-1")
    await settle(lambda: dialog.screen.can_leave)
    assert "took the order in" in dialog.screen.progress
    assert not dialog.screen.can_confirm
    stage.tell(events.OrderUpdated(order()))
    assert dialog.view.is_finished


async def test_an_order_told_before_its_reply_finishes_too(stage: Stage) -> None:
    dialog = held(stage)
    stage.tell(events.OrderUpdated(order()))
    dialog.presenter.confirm()
    await settle(lambda: dialog.view.is_finished)


async def test_a_part_is_sent_as_typed(stage: Stage) -> None:
    dialog = held(stage)
    dialog.presenter.type_amount("2000.5")
    dialog.presenter.confirm()
    await settle(lambda: bool(stage.venue.placing.calls))
    assert stage.venue.placing.calls == [(replace(WHOLE, amount=Decimal("2000.5")),)]


async def test_a_rejection_shows_the_venues_words_and_may_be_tried_again(stage: Stage) -> None:
    stage.venue.placing.then(VenueRejectionError("market is halted"))
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.notice is not None
    assert "“market is halted”" in dialog.screen.notice.happened
    assert dialog.screen.can_confirm


async def test_what_was_not_sent_may_be_tried_again(stage: Stage) -> None:
    stage.venue.placing.then(TransportError("down"))
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.can_confirm


async def test_an_order_rejected_after_it_was_taken_in_is_told(stage: Stage) -> None:
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: "took the order in" in dialog.screen.progress)
    stage.tell(events.OrderUpdated(order(state=OrderState.REJECT, reason="no liquidity")))
    assert dialog.screen.notice is not None
    assert "“no liquidity”" in dialog.screen.notice.happened
    assert dialog.screen.can_confirm


async def test_an_order_that_closed_only_a_part_says_how_much(stage: Stage) -> None:
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: "took the order in" in dialog.screen.progress)
    stage.tell(events.OrderUpdated(order(state=OrderState.CANCEL, executed="40000")))
    stage.hold(position("60000"))
    assert dialog.screen.notice is not None
    assert "40,000 of 100,000 PEPE" in dialog.screen.notice.happened
    assert dialog.screen.amount_text == "60000"


async def test_silence_blocks_a_second_order_until_the_first_is_known(stage: Stage) -> None:
    stage.venue.placing.then(OutcomeUnknownError("silence"))
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.notice is not None
    assert dialog.screen.notice.happened.startswith("Not confirmed yet")
    assert not dialog.screen.can_confirm
    assert dialog.screen.can_leave
    again = Dialog(stage)
    assert "not confirmed yet" in again.screen.blocked
    assert not again.screen.can_confirm
    (intent,) = stage.session.state.unconfirmed_intents
    confirmed = replace(intent, outcome=IntentOutcome.CONFIRMED, venue_id="order-7")
    stage.session.on_event(events.IntentChanged(confirmed))
    assert dialog.screen.notice is None
    stage.tell(events.OrderUpdated(order("order-7")))
    assert dialog.view.is_finished
    assert len(stage.venue.placing.calls) == 1


@pytest.mark.parametrize(
    ("outcome", "words"),
    [(IntentOutcome.NOT_RECEIVED, "never reached"), (IntentOutcome.REJECTED, "“too late”")],
)
async def test_what_is_found_out_later_is_told(
    stage: Stage, outcome: IntentOutcome, words: str
) -> None:
    stage.venue.placing.then(OutcomeUnknownError("silence"))
    dialog = held(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    (intent,) = stage.session.state.unconfirmed_intents
    stage.session.on_event(
        events.IntentChanged(replace(intent, outcome=outcome, reason="too late"))
    )
    assert dialog.screen.notice is not None
    assert words in dialog.screen.notice.happened
    assert dialog.screen.can_edit


async def test_old_prices_block_with_the_reason(stage: Stage) -> None:
    dialog = held(stage)
    stage.pass_time(60)
    dialog.presenter.refresh()
    assert "prices on the screen are old" in dialog.screen.blocked
    assert not dialog.screen.can_confirm
    stage.tell(events.LinkHeard(FINEX))
    stage.show_book()
    assert dialog.screen.can_confirm


async def test_a_silent_book_is_warned_of(stage: Stage) -> None:
    dialog = held(stage)
    stage.pass_time(60)
    stage.tell(events.LinkHeard(FINEX))
    assert "may be old" in dialog.screen.warning
    assert dialog.screen.can_confirm


async def test_a_thin_book_is_warned_of(stage: Stage) -> None:
    dialog = held(stage)
    stage.show_book(size="40000")
    assert "holds 40,000 of 100,000 PEPE" in dialog.screen.warning
    assert dialog.screen.headline == "If you close now you get about 0.4586 USD"
    assert dialog.screen.can_confirm


async def test_without_a_book_the_last_price_is_used_and_the_book_asked_for(stage: Stage) -> None:
    stage.open_account()
    stage.hold(position())
    dialog = Dialog(stage)
    assert stage.venue.watched == ["PEPE/USD"]
    assert "no price" in dialog.screen.warning
    assert dialog.screen.headline == ""
    price = Decimal("0.00002")
    stage.tell(
        events.TickersUpdated(
            (Ticker("PEPE/USD", price, price, price, price, price, price, None, NOW),)
        )
    )
    assert "last price" in dialog.screen.warning
    assert dialog.screen.headline == "If you close now you get about 1.996 USD"


async def test_a_market_the_venue_does_not_list_is_not_asked_for(stage: Stage) -> None:
    stage.open_account()
    stage.tell(events.MarketsListed(()))
    stage.hold(position())
    assert Dialog(stage).screen.amount_text == "100000"
    assert stage.venue.watched == []


async def test_a_position_that_goes_away_leaves_nothing_to_do(stage: Stage) -> None:
    dialog = held(stage)
    stage.hold(position("0", status=PositionStatus.CLOSED))
    assert "is closed" in dialog.screen.progress
    assert not dialog.screen.can_confirm
    assert dialog.screen.headline == ""


async def test_a_position_in_settlement_can_not_be_closed(stage: Stage) -> None:
    dialog = held(stage)
    stage.hold(position(status=PositionStatus.IN_SETTLEMENT))
    assert "settlement is under way" in dialog.screen.blocked
    assert not dialog.screen.amount_problem  # said once is enough
    assert not dialog.screen.can_confirm


async def test_an_unknown_position_offers_nothing(stage: Stage) -> None:
    dialog = Dialog(stage)
    assert not dialog.screen.can_confirm
    assert dialog.screen.can_leave


async def test_a_closing_account_blocks(stage: Stage) -> None:
    dialog = held(stage)
    stage.tell(events.ChannelUpdated(channel(ChannelState.OPEN, ClearingState.FINALIZING)))
    assert "margin account" in dialog.screen.blocked


async def test_a_stopped_presenter_draws_nothing_more(stage: Stage) -> None:
    dialog = held(stage)
    dialog.presenter.stop()
    count = dialog.view.count
    stage.show_book(bid="0.00003")
    assert dialog.view.count == count


class FakeListView:
    """Keeps the last screen of closing all."""

    def __init__(self) -> None:
        self.screen: CloseAllScreen
        self.is_finished = False

    def show_screen(self, screen: CloseAllScreen) -> None:
        self.screen = screen

    def finish(self) -> None:
        self.is_finished = True


class AllDialog:
    """The presenter of closing all with its fake view, over two positions."""

    def __init__(self, stage: Stage) -> None:
        stage.open_account()
        stage.hold(position(), BITCOIN)
        stage.show_book()
        stage.show_book("BTC/USD", "64100", "5")
        self.view = FakeListView()
        self.presenter = CloseAllPresenter(stage.session, stage.bridge, self.view)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> CloseAllScreen:
        return self.view.screen


BITCOIN = position("0.01", market="BTC/USD", position_id="b", entry="64000", mark="64100")


async def test_every_position_is_listed_with_its_estimate(stage: Stage) -> None:
    screen = AllDialog(stage).screen
    assert [(leg.text, leg.result) for leg in screen.legs] == [
        ("Bought 100,000 PEPE", "Loss −0.005298 USD"),
        ("Bought 0.01 BTC", "Loss −0.282 USD"),
    ]
    assert screen.headline == "Closing all of them now makes a loss of about 0.2872 USD."
    assert screen.can_confirm


async def test_each_leg_is_sent_once_and_told_by_itself(stage: Stage) -> None:
    stage.venue.placing.then("order-1", VenueRejectionError("market is halted"), "order-3")
    dialog = AllDialog(stage)
    dialog.presenter.confirm()
    dialog.presenter.confirm()
    assert not dialog.screen.can_leave
    await settle(lambda: dialog.screen.can_leave)
    assert len(stage.venue.placing.calls) == 2
    pepe, bitcoin = dialog.screen.legs
    assert pepe.status == "Taken in by the exchange"
    assert not pepe.is_bad
    assert "“market is halted”" in bitcoin.status
    assert bitcoin.is_bad
    assert not dialog.screen.can_confirm
    stage.hold(position("0", status=PositionStatus.CLOSED))
    assert dialog.screen.legs[0].status == "Closed"
    assert dialog.screen.can_confirm
    dialog.presenter.confirm()
    await settle(lambda: len(stage.venue.placing.calls) == 3)
    await settle(lambda: dialog.screen.can_leave)
    stage.hold(replace(BITCOIN, amount=Decimal(0), status=PositionStatus.CLOSED))
    assert dialog.view.is_finished


async def test_an_unconfirmed_leg_is_not_sent_again(stage: Stage) -> None:
    stage.venue.placing.then(OutcomeUnknownError("silence"), "order-2")
    dialog = AllDialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.can_leave)
    stage.hold(replace(BITCOIN, amount=Decimal(0), status=PositionStatus.CLOSED))
    assert "Not confirmed yet" in dialog.screen.legs[0].status
    assert not dialog.screen.legs[0].is_bad
    assert "not confirmed yet" in dialog.screen.blocked
    assert not dialog.screen.can_confirm
    (intent,) = stage.session.state.unconfirmed_intents
    stage.session.on_event(events.IntentChanged(not_received(intent)))
    assert dialog.screen.blocked == ""
    assert dialog.screen.can_confirm


async def test_closing_all_is_blocked_on_old_prices(stage: Stage) -> None:
    dialog = AllDialog(stage)
    stage.pass_time(60)
    dialog.presenter.refresh()
    assert "old" in dialog.screen.blocked
    dialog.presenter.confirm()
    assert stage.venue.placing.calls == []


async def test_closing_all_without_prices_makes_no_sum(stage: Stage) -> None:
    dialog = AllDialog(stage)
    stage.tell(events.BookLost("BTC/USD"))
    assert dialog.screen.headline == ""
    assert dialog.screen.legs[1].result == "no price yet"


async def test_positions_that_others_closed_leave_nothing_to_do(stage: Stage) -> None:
    dialog = AllDialog(stage)
    stage.hold(
        position("0", status=PositionStatus.CLOSED),
        replace(BITCOIN, amount=Decimal(0), status=PositionStatus.CLOSED),
    )
    assert not dialog.view.is_finished
    assert dialog.screen.progress == "All your positions are closed."
    assert not dialog.screen.can_confirm
