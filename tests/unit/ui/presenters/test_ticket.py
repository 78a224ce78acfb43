"""The ticket's logic against a hand-written view: what to change, what it costs, sent once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.errors import OutcomeUnknownError, TransportError, VenueRejectionError
from kayen_desktop.domain.margin import MarginBalance, Zone
from kayen_desktop.domain.orders import OrderType, Side
from kayen_desktop.domain.ticket import AmountUnit, Draft
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.presenters.ticket import TicketPicture, TicketPresenter
from tests.unit.ui.stage import CHANNEL_ID, PEPE, Stage, channel, position, settle

DRAFT = Draft(PEPE, Side.BUY, OrderType.MARKET, "100000")


class View:
    """Keeps what it is told to show."""

    def __init__(self) -> None:
        self.pictures: list[TicketPicture] = []
        self.cleared = 0

    def show_picture(self, picture: TicketPicture) -> None:
        self.pictures.append(picture)

    def clear_amount(self) -> None:
        self.cleared += 1


class Desk:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.view = View()
        self.notices: list[Notice] = []
        self.ticket = TicketPresenter(self.view, stage.bridge.run, self.notices.append)
        self.ticket.bind(stage.session.trading, stage.session.state)

    @property
    def picture(self) -> TicketPicture:
        return self.view.pictures[-1]

    def show(self, label: str) -> str:
        return dict(self.picture.estimate)[label]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    stage = Stage(tmp_path)
    stage.begin()
    stage.open_account()
    stage.show_book()
    power = MarginBalance(Decimal(30), Decimal(0), Decimal(30), Decimal(10))
    stage.tell(events.MarginUpdated(power))
    yield Desk(stage)
    await stage.end()


async def test_a_good_draft_can_be_sent_and_says_what_it_comes_to(desk: Desk) -> None:
    desk.ticket.edit(DRAFT)
    assert desk.picture.submit_text == "Buy PEPE"
    assert desk.picture.can_submit
    assert desk.picture.problem == ""
    assert desk.show("Amount") == "100,000 PEPE"
    assert desk.show("Average price") == "about 0.000011604"
    assert desk.show("Fee") == "about 0.00232 USD"
    assert desk.show("You pay") == "about 1.1628 USD"
    assert desk.show("Margin after") == "29.9976 USD"
    assert desk.show("Zone after") == "Safe (green)"
    assert desk.show("Danger at (liquidation)") == "at no price"
    assert desk.picture.risk == (
        "However far PEPE falls, you don't enter orange; the most you can lose here is 1.1628 of "
        "30.00 USD."
    )
    assert desk.picture.zone_after is Zone.GREEN


async def test_the_risk_follows_the_price(desk: Desk) -> None:
    desk.stage.open_account("1")
    desk.ticket.edit(replace(DRAFT, amount_text="300000"))
    assert desk.show("Danger at (liquidation)").startswith("0.0000086")
    before = desk.picture.risk
    assert before.startswith("If PEPE falls ")
    desk.stage.show_book(bid="0.00001349")
    desk.ticket.refresh()
    assert desk.picture.risk.startswith("If PEPE falls ")
    assert desk.picture.risk != before


async def test_in_orange_only_what_reduces_can_be_sent(desk: Desk) -> None:
    desk.stage.open_account("1")
    desk.stage.hold(position("1000000", mark="0.00001068"))
    desk.ticket.edit(DRAFT)
    assert not desk.picture.can_submit
    assert not desk.picture.is_hint
    assert "orange" in desk.picture.problem
    assert desk.picture.risk.startswith("This order puts you into red: ")
    assert desk.picture.zone_after is Zone.RED
    assert desk.show("Danger at (liquidation)") == "now"
    desk.ticket.submit()
    assert desk.stage.venue.placing.calls == []
    desk.ticket.edit(replace(DRAFT, side=Side.SELL))
    assert desk.picture.can_submit


async def test_in_red_the_reason_is_shown_and_closing_goes_on(desk: Desk) -> None:
    desk.stage.open_account("1")
    desk.stage.hold(position("1000000", mark="0.0000106"))
    desk.ticket.edit(DRAFT)
    assert "red" in desk.picture.problem
    desk.ticket.edit(replace(DRAFT, side=Side.SELL, amount_text="1000000"))
    assert desk.picture.can_submit
    assert desk.picture.risk.startswith("After this order you hold no PEPE")


async def test_without_a_deposit_there_is_no_zone_to_show(desk: Desk) -> None:
    desk.stage.tell(
        events.ChannelClosed(CHANNEL_ID),
        events.ChannelUpdated(channel(deposit=None, channel_id="0xnew")),
    )
    desk.ticket.edit(DRAFT)
    assert desk.show("Zone after") == "–"
    assert desk.show("Danger at (liquidation)") == "–"
    assert desk.picture.risk.startswith("The deposit is not known")


async def test_a_sale_says_what_comes_in(desk: Desk) -> None:
    desk.ticket.edit(replace(DRAFT, side=Side.SELL))
    assert desk.picture.submit_text == "Sell PEPE"
    assert desk.show("You get") == "about 1.1467 USD"


async def test_the_estimate_moves_with_the_book(desk: Desk) -> None:
    desk.ticket.edit(DRAFT)
    before = desk.show("You pay")
    desk.stage.show_book(bid="0.00001249")
    desk.ticket.refresh()
    assert desk.show("You pay") != before


async def test_a_thin_book_and_a_waiting_price_are_said(desk: Desk) -> None:
    desk.stage.show_book(size="2000")
    desk.ticket.edit(DRAFT)
    assert desk.show("Note") == "The book is too thin for all of it"
    waiting = replace(DRAFT, order_type=OrderType.LIMIT, price_text="0.00001")
    desk.ticket.edit(waiting)
    assert desk.show("Note") == "Waits at your price"


@pytest.mark.parametrize(
    ("draft", "words", "is_hint"),
    [
        (replace(DRAFT, amount_text=""), "Enter an amount.", True),
        (replace(DRAFT, amount_text="ten"), "The amount is not a number.", False),
        (replace(DRAFT, amount_text="-5"), "The amount comes to zero or less.", False),
        (
            replace(DRAFT, amount_text="1"),
            "The smallest order in this market is 1,000 PEPE.",
            False,
        ),
        (replace(DRAFT, amount_text="99999999999"), "larger than your buying power", False),
        (replace(DRAFT, order_type=OrderType.LIMIT), "Enter a price.", True),
        (
            replace(DRAFT, order_type=OrderType.STOP_LOSS, trigger_text="x"),
            "The trigger price is not a number.",
            False,
        ),
        (replace(DRAFT, market=None), "Choose a market first.", True),
    ],
)
async def test_a_bad_draft_says_what_to_change(
    desk: Desk, draft: Draft, words: str, is_hint: bool
) -> None:
    desk.ticket.edit(draft)
    assert words in desk.picture.problem
    assert desk.picture.is_hint is is_hint
    assert not desk.picture.can_submit


async def test_amounts_can_be_money_or_a_share_of_buying_power(desk: Desk) -> None:
    desk.ticket.edit(replace(DRAFT, amount_text="1.1604900", amount_unit=AmountUnit.QUOTE))
    assert desk.show("Amount") == "100,000 PEPE"
    desk.ticket.edit(replace(DRAFT, amount_text="1", amount_unit=AmountUnit.PERCENT))
    assert desk.picture.can_submit


async def test_without_an_account_or_fresh_prices_the_reason_is_shown(desk: Desk) -> None:
    desk.ticket.edit(DRAFT)
    desk.stage.pass_time(60)
    desk.ticket.refresh()
    assert "prices on the screen are old" in desk.picture.problem
    assert not desk.picture.can_submit
    desk.stage.tell(events.ChannelClosed(desk.stage.session.state.channels.popitem()[0]))
    desk.ticket.refresh()
    assert "No margin account is ready" in desk.picture.problem
    desk.ticket.bind(None, desk.stage.session.state)
    assert "There is no connection" in desk.picture.problem


async def test_an_order_is_sent_once_however_often_enter_is_pressed(desk: Desk) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    desk.stage.venue.placing.then(answer)
    desk.ticket.edit(DRAFT)
    for _ in range(3):
        desk.ticket.submit()
    await settle(lambda: bool(desk.stage.venue.placing.calls))
    desk.ticket.refresh()  # as the desk does with the change that tells of the intent
    assert desk.picture.submit_text == "Sending…"
    assert not desk.picture.can_submit
    desk.ticket.submit()
    answer.set_result("o1")
    await settle(lambda: desk.view.cleared == 1)
    assert len(desk.stage.venue.placing.calls) == 1
    assert desk.picture.submit_text == "Buy PEPE"
    assert desk.notices[-1].happened == (
        "The venue has your order: Buy 100,000 PEPE, market order."
    )


async def test_what_cannot_be_sent_is_not_sent(desk: Desk) -> None:
    desk.ticket.edit(replace(DRAFT, amount_text="x"))
    desk.ticket.submit()
    desk.ticket.edit(DRAFT)
    desk.stage.tell(events.SecurityAlarmRaised("two signers"))
    desk.ticket.submit()
    desk.ticket.bind(None, desk.stage.session.state)
    desk.ticket.submit()
    assert desk.stage.venue.placing.calls == []
    assert desk.notices == []


@pytest.mark.parametrize(
    ("error", "words", "cleared"),
    [
        (VenueRejectionError("no funds"), "said no to the buy order: “no funds”", 0),
        (TransportError("reset"), "Nothing was sent", 0),
        (OutcomeUnknownError("silence"), "Not confirmed yet", 1),
    ],
)
async def test_a_failure_says_what_is_known_and_silence_is_no_rejection(
    desk: Desk, error: Exception, words: str, cleared: int
) -> None:
    desk.stage.venue.placing.then(error)
    desk.ticket.edit(DRAFT)
    desk.ticket.submit()
    await settle(lambda: bool(desk.notices))
    assert words in desk.notices[0].happened
    assert ("reject" in desk.notices[0].text) is False
    assert desk.view.cleared == cleared
    assert desk.picture.submit_text == "Buy PEPE"


async def test_a_crash_does_not_leave_the_ticket_sending(desk: Desk) -> None:
    desk.stage.venue.placing.then(ZeroDivisionError())
    desk.ticket.edit(DRAFT)
    desk.ticket.submit()
    await settle(lambda: bool(desk.stage.crashes))
    assert desk.picture.submit_text == "Buy PEPE"
    desk.stage.crashes.clear()
