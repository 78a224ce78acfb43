"""The logic of booking a trade made elsewhere, without a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.errors import OutcomeUnknownError, TransportError, VenueRejectionError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.recorded_trade import MAX_EXTERNAL_ID, TradeDraft
from kayen_desktop.ui.presenters.record_trade import (
    Field,
    RecordPhase,
    RecordScreen,
    RecordTradePresenter,
    local_text,
)
from tests.unit.ui.stage import CHANNEL_ID, CLEARPORT, NOW, Stage, channel, position, settle


class FakeView:
    """Keeps the last screen."""

    screen: RecordScreen

    def show_screen(self, screen: RecordScreen) -> None:
        self.screen = screen


class Dialog:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = RecordTradePresenter(stage.session, stage.bridge, self.view, CHANNEL_ID)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> RecordScreen:
        return self.view.screen

    @property
    def preview(self) -> dict[str, str]:
        return {fact.label: fact.value for fact in self.screen.preview}

    def put(self, field: Field, text: str) -> None:
        """Type in one field."""
        draft = self.screen.draft
        typed = {
            Field.EXTERNAL_ID: replace(draft, external_id=text),
            Field.MARKET: replace(draft, market=text),
            Field.AMOUNT: replace(draft, amount=text),
            Field.PRICE: replace(draft, price=text),
            Field.TIME: replace(draft, executed_at=text),
        }
        self.presenter.take(typed[field], field)

    def fill_in(self) -> None:
        """Type a whole trade."""
        self.put(Field.EXTERNAL_ID, "t-1")
        self.put(Field.AMOUNT, "50000")
        self.put(Field.PRICE, "0.0000115")


async def test_an_empty_form_scolds_nobody(stage: Stage) -> None:
    stage.open_account()
    screen = Dialog(stage).screen
    assert screen.phase is RecordPhase.EDITING
    assert screen.markets == ("PEPE/USD", "BTC/USD")
    assert screen.draft == TradeDraft("", "PEPE/USD", Side.BUY, "", "", local_text(NOW))
    assert (screen.problem, screen.preview, screen.can_confirm) == ("", (), False)
    assert screen.hint


async def test_the_time_offered_is_the_local_one_and_is_taken_back(stage: Stage) -> None:
    stage.open_account()
    typed = datetime.fromisoformat(local_text(NOW))
    assert typed.tzinfo is None
    assert typed.astimezone() == NOW


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        (Field.EXTERNAL_ID, " ", "Enter the trade's id"),
        (Field.EXTERNAL_ID, "x" * (MAX_EXTERNAL_ID + 1), "too long"),
        (Field.AMOUNT, "many", "not a number"),
        (Field.AMOUNT, "-1", "zero or less"),
        (Field.PRICE, "0", "more than zero"),
        (Field.TIME, "yesterday", "not a date and time"),
        (Field.TIME, "2099-01-01 00:00", "has not come yet"),
    ],
)
async def test_what_is_wrong_is_said_at_once_and_the_field_is_marked(
    stage: Stage, field: Field, text: str, problem: str
) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.put(field, text)
    assert problem in dialog.screen.problem
    assert dialog.screen.invalid is field
    assert dialog.screen.hint == ""
    dialog.fill_in()
    dialog.put(Field.TIME, local_text(NOW))
    assert dialog.screen.problem == ""


async def test_a_whole_trade_shows_what_it_does(stage: Stage) -> None:
    stage.open_account()
    stage.hold(position("100000"))
    dialog = Dialog(stage)
    dialog.fill_in()
    assert dialog.preview == {
        "In all": "0.575 USD",
        "You hold now": "Bought 100,000 PEPE",
        "You hold afterwards": "Bought 150,000 PEPE",
        "Your equity": "29.997 → 29.9965 USD",
        "Your margin": "Safe (green), as before",
    }
    assert dialog.screen.can_confirm
    dialog.presenter.take(replace(dialog.screen.draft, side=Side.SELL), Field.SIDE)
    dialog.put(Field.AMOUNT, "100000")
    assert dialog.preview["You hold afterwards"] == "Nothing"
    dialog.put(Field.AMOUNT, "250000")
    assert dialog.preview["You hold afterwards"] == "Sold 150,000 PEPE"


async def test_a_trade_that_leads_into_a_worse_zone_says_so(stage: Stage) -> None:
    stage.open_account()
    stage.hold(position("100000"))
    dialog = Dialog(stage)
    dialog.fill_in()
    dialog.put(Field.AMOUNT, "2000000")
    dialog.put(Field.PRICE, "0.0000257")
    assert dialog.preview["Your margin"] == "Safe (green) → Danger (red)"
    assert "worse zone" in dialog.screen.preview_note


async def test_without_a_balance_only_the_position_is_shown(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(balance=None)))
    dialog = Dialog(stage)
    dialog.fill_in()
    assert list(dialog.preview) == ["In all", "You hold now", "You hold afterwards"]


async def test_without_a_deposit_no_zone_is_shown(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(deposit=None)))
    dialog = Dialog(stage)
    dialog.fill_in()
    assert "Your margin" not in dialog.preview


async def test_it_is_sent_once_and_then_it_is_booked(stage: Stage) -> None:
    stage.open_account()
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stage.venue.booking.then(reply)
    dialog = Dialog(stage)
    dialog.fill_in()
    dialog.presenter.confirm()
    dialog.presenter.confirm()
    assert dialog.screen.phase is RecordPhase.SENDING
    assert not dialog.screen.can_leave
    dialog.put(Field.AMOUNT, "7")  # nothing is typed into what is on its way
    assert dialog.screen.draft.amount == "50000"
    await settle(lambda: bool(stage.venue.booking.calls))
    reply.set_result(None)
    await settle(lambda: dialog.screen.phase is RecordPhase.DONE)
    assert dialog.screen.headline == "The trade is booked"
    assert [(fact.label, fact.value) for fact in dialog.screen.receipt][:2] == [
        ("You bought", "50,000 PEPE"),
        ("At a price of", "0.0000115 USD"),
    ]
    (call,) = stage.venue.booking.calls
    assert call[0] == CHANNEL_ID


async def test_an_id_that_was_used_is_refused_before_sending(stage: Stage) -> None:
    stage.open_account()
    stage.tell(events.TradeRecorded(CHANNEL_ID, "t-1"))
    dialog = Dialog(stage)
    dialog.fill_in()
    assert "booked already" in dialog.screen.problem
    dialog.presenter.confirm()
    assert stage.venue.booking.calls == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VenueRejectionError("unknown market"), "“unknown market”"),
        (TransportError("gone"), "Nothing was sent"),
    ],
)
async def test_what_was_certainly_not_booked_can_be_corrected(
    stage: Stage, error: Exception, words: str
) -> None:
    stage.open_account()
    stage.venue.booking.then(error, None)
    dialog = Dialog(stage)
    dialog.fill_in()
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.notice is not None
    assert words in dialog.screen.notice.text
    assert dialog.screen.phase is RecordPhase.EDITING
    dialog.put(Field.AMOUNT, "50001")
    assert dialog.screen.notice is None
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is RecordPhase.DONE)


async def test_an_answer_that_never_comes_is_told_and_nothing_is_sent_twice(stage: Stage) -> None:
    stage.open_account()
    stage.venue.booking.then(OutcomeUnknownError("silent"))
    dialog = Dialog(stage)
    dialog.fill_in()
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is RecordPhase.UNKNOWN)
    assert "never sent twice" in dialog.screen.explanation
    assert "no way of being asked" in dialog.screen.explanation
    assert dialog.screen.notice is not None
    dialog.presenter.confirm()
    assert len(stage.venue.booking.calls) == 1
    (intent,) = stage.session.state.intents.values()
    stage.tell(events.IntentChanged(replace(intent, outcome=IntentOutcome.CONFIRMED)))
    assert dialog.view.screen.phase.value == "done"
    assert dialog.view.screen.notice is None


async def test_without_a_connection_it_waits(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.fill_in()
    stage.tell(events.LinkChanged(CLEARPORT, LinkState.RETRYING))
    assert "no connection" in dialog.screen.blocked
    assert not dialog.screen.can_confirm
    dialog.presenter.confirm()
    assert dialog.screen.phase is RecordPhase.EDITING


async def test_markets_may_come_late(stage: Stage) -> None:
    stage.open_account()
    markets = tuple(stage.session.state.markets.values())
    stage.tell(events.MarketsListed(()))
    dialog = Dialog(stage)
    assert dialog.screen.draft.market == ""
    stage.tell(events.MarketsListed(markets))
    assert dialog.screen.draft.market == "PEPE/USD"


async def test_a_long_id_is_shortened_on_the_receipt(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.fill_in()
    dialog.put(Field.EXTERNAL_ID, "x" * MAX_EXTERNAL_ID)
    dialog.presenter.confirm()
    await settle(lambda: dialog.screen.phase is RecordPhase.DONE)
    assert len(dialog.screen.receipt[-1].value) == 40
    dialog.presenter.stop()
    dialog.presenter.refresh()
