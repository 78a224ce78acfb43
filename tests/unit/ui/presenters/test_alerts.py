"""What must not be missed is told across the window, once, and old news is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.events import Event, LinkState, Severity
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.presenters.alerts import Alerts
from tests.unit.ui.stage import NOW, PEPE, order

INTENT = Intent("i1", OrderRequest("PEPE/USD", Side.SELL, OrderType.MARKET, Decimal(100000)), NOW)
REJECTED = order("o1", OrderState.REJECT, reason="not enough funds")


class Desk:
    def __init__(self, *known: Event) -> None:
        self.state = AppState()
        for event in (events.MarketsListed((PEPE,)), *known):
            self.state.apply(event, NOW)
        self.alerts = Alerts(self.state)

    def tell(self, *told: Event) -> list[Notice]:
        changes = [change for event in told for change in self.state.apply(event, NOW)]
        return self.alerts.on_changes(dict.fromkeys(changes))


def test_a_rejection_after_the_order_was_taken_in_is_told_once() -> None:
    desk = Desk()
    desk.tell(events.OrderUpdated(order("o1", OrderState.PENDING)))
    (notice,) = desk.tell(events.OrderUpdated(REJECTED))
    assert "not enough funds" in notice.happened
    assert desk.tell(events.OrderUpdated(replace(REJECTED, trades_count=1))) == []


def test_a_rejection_before_the_answer_is_told_with_the_answer() -> None:
    desk = Desk()
    assert desk.tell(events.OrderUpdated(REJECTED)) == []
    confirmed = replace(INTENT, outcome=IntentOutcome.CONFIRMED, venue_id="o1")
    assert len(desk.tell(events.IntentChanged(confirmed))) == 1


def test_rejections_of_long_ago_are_no_news() -> None:
    assert Desk().tell(events.OrderUpdated(REJECTED)) == []


def test_a_request_that_never_arrived_is_told_after_the_doubt() -> None:
    desk = Desk()
    assert desk.tell(events.IntentChanged(INTENT)) == []
    (notice,) = desk.tell(events.IntentChanged(replace(INTENT, outcome=IntentOutcome.NOT_RECEIVED)))
    assert "never reached" in notice.happened
    assert "Send it again yourself" in notice.next_step


def test_a_refused_connection_is_told_once_until_it_was_tried_again() -> None:
    desk = Desk()
    refused = events.LinkChanged("Clearport", LinkState.REFUSED, "bad signature")
    (notice,) = desk.tell(refused)
    assert notice.severity is Severity.CRITICAL
    assert desk.tell(refused) == []
    desk.tell(events.LinkChanged("Clearport", LinkState.CONNECTING))
    assert len(desk.tell(refused)) == 1


def test_only_grave_words_of_the_venue_cross_the_window() -> None:
    desk = Desk()
    assert desk.tell(events.VenueNotified(Severity.INFO, "maintenance")) == []
    (notice,) = desk.tell(events.VenueNotified(Severity.WARNING, "margin is low"))
    assert "margin is low" in notice.happened


def test_an_alarm_is_told_once_and_gravely() -> None:
    (notice,) = Desk().tell(events.SecurityAlarmRaised("two different signers"))
    assert notice.severity is Severity.CRITICAL
    assert "two different signers" in notice.happened
