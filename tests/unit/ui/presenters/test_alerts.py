"""What must not be missed is told across the window, once, and old news is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
from kayen_desktop.domain.events import Event, LinkState, Severity
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.settlement import SettlementRun, SettlementState, SettlementStep
from kayen_desktop.ui.notices import Action, Notice
from kayen_desktop.ui.presenters.alerts import BETWEEN_REPEATS, Alerts
from tests.unit.ui.stage import CHANNEL_ID, NOW, PEPE, channel, order, position

INTENT = Intent("i1", OrderRequest("PEPE/USD", Side.SELL, OrderType.MARKET, Decimal(100000)), NOW)
DISPUTED = channel(ChannelState.CHALLENGING, ClearingState.CHALLENGING)
REJECTED = order("o1", OrderState.REJECT, reason="not enough funds")


class Desk:
    def __init__(self, *known: Event) -> None:
        self.state = AppState()
        for event in (events.MarketsListed((PEPE,)), *known):
            self.state.apply(event, NOW)
        self.alerts = Alerts(self.state)

    def tell(self, *told: Event, at: datetime = NOW) -> list[Notice]:
        changes = [change for event in told for change in self.state.apply(event, at)]
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
    assert notice.action is Action.SHOW_ACCOUNT


def test_the_end_of_an_alarm_is_good_news() -> None:
    desk = Desk()
    desk.tell(events.SecurityAlarmRaised("two different signers"))
    (notice,) = desk.tell(events.SecurityAlarmLifted())
    assert notice.severity is Severity.INFO
    assert notice.happened.startswith("Trading goes on")


def test_every_grave_word_of_a_burst_is_told_and_none_twice() -> None:
    desk = Desk(events.VenueNotified(Severity.WARNING, "of yesterday"))
    grave = [events.VenueNotified(Severity.WARNING, word) for word in ("one", "two", "one")]
    assert [notice.happened for notice in desk.tell(*grave)] == [
        "The venue warns: “one”.",
        "The venue warns: “two”.",
    ]
    assert desk.tell(grave[0], at=NOW + BETWEEN_REPEATS / 2) == []
    assert len(desk.tell(grave[0], at=NOW + BETWEEN_REPEATS)) == 1


def test_a_liquidation_is_told_in_plain_words() -> None:
    words = events.VenueNotified(
        Severity.CRITICAL, "liquidation margin reached", CHANNEL_ID, events.Trouble.LIQUIDATION
    )
    (notice,) = Desk().tell(words)
    assert notice.severity is Severity.CRITICAL
    assert notice.happened == (
        "Your loss has used up your margin; the broker is closing your positions (liquidation)."
    )
    assert notice.action is Action.SHOW_ACCOUNT
    assert "liquidation margin reached" in notice.detail


def test_a_dispute_is_told_at_its_beginning_and_its_end() -> None:
    desk = Desk(events.ChannelUpdated(channel()))
    (begun,) = desk.tell(events.ChannelUpdated(DISPUTED))
    assert begun.severity is Severity.CRITICAL
    assert begun.action is Action.SHOW_ACCOUNT
    further = replace(DISPUTED, clearing_state=ClearingState.CHALLENGE_REGISTERED)
    assert desk.tell(events.ChannelUpdated(further)) == []
    (ended,) = desk.tell(events.ChannelUpdated(channel()))
    assert ended.severity is Severity.INFO
    assert "(cleared)" in ended.happened
    assert desk.tell(events.ChannelUpdated(replace(channel(), turn_num=9))) == []
    desk.tell(events.ChannelUpdated(DISPUTED))
    paid_out = channel(ChannelState.CLOSING, ClearingState.WITHDRAWING)
    (finished,) = desk.tell(events.ChannelUpdated(paid_out))
    assert "(finished)" in finished.happened


def test_an_early_dispute_says_that_the_deposit_is_safe() -> None:
    early = channel(ChannelState.CHALLENGING, ClearingState.PRE_OP_CHALLENGING)
    (notice,) = Desk().tell(events.ChannelUpdated(early))
    assert notice.safe == "Your deposit is safe."


def recalled(*steps: tuple[Channel, datetime]) -> events.ChannelRecalled:
    """Return what an earlier run heard of the account."""
    return events.ChannelRecalled(
        CHANNEL_ID,
        tuple(ChannelStep(at, each.state, each.clearing_state, Jump.NEXT) for each, at in steps),
    )


def test_a_dispute_that_ended_while_the_application_was_away_is_told() -> None:
    ready = events.LinkChanged("Clearport", LinkState.READY)
    desk = Desk(ready)
    yesterday = NOW - timedelta(days=1)
    told = desk.tell(recalled((DISPUTED, yesterday)), events.ChannelUpdated(channel()))
    assert ["(cleared)" in notice.happened for notice in told] == [True]


def test_a_dispute_of_long_ago_is_no_news() -> None:
    yesterday = NOW - timedelta(days=1)
    steps = recalled((DISPUTED, yesterday), (channel(), yesterday))
    desk = Desk(events.LinkChanged("Clearport", LinkState.READY))
    assert desk.tell(steps, events.ChannelUpdated(channel())) == []
    assert Desk().tell(recalled((DISPUTED, yesterday))) == []


def test_a_dispute_that_still_runs_is_told_at_the_start() -> None:
    yesterday = NOW - timedelta(days=1)
    desk = Desk()
    (notice,) = desk.tell(recalled((DISPUTED, yesterday)), events.ChannelUpdated(DISPUTED))
    assert notice.severity is Severity.CRITICAL


def test_what_the_venue_wants_of_the_wallet_is_told_once_in_a_while() -> None:
    asked = events.WalletAsked(events.WalletRequest.TRANSACTION, (("to", "0x1"),))
    desk = Desk(asked)
    (notice,) = desk.tell(asked, asked)
    assert notice.action is Action.SHOW_WALLET_REQUEST
    assert notice.happened.startswith(
        "The venue asks for an on-chain transaction; this app does not send one."
    )
    assert desk.tell(asked) == []
    assert len(desk.tell(events.WalletAsked(events.WalletRequest.SESSION_KEY))) == 1
    assert len(desk.tell(asked, at=NOW + BETWEEN_REPEATS)) == 1


def test_a_flood_of_different_wishes_shows_a_few() -> None:
    desk = Desk()
    wishes = [
        events.WalletAsked(events.WalletRequest.TRANSACTION, (("to", str(number)),))
        for number in range(50)
    ]
    assert len(desk.tell(*wishes)) == 8


def test_a_zone_is_told_when_it_changes() -> None:
    def at(mark: str) -> events.PositionUpdated:
        return events.PositionUpdated(position("1000000", entry="0.00003", mark=mark))

    desk = Desk()
    assert desk.tell(events.ChannelUpdated(channel()), at("0.00003")) == []
    (orange,) = desk.tell(at("0.000005"))
    assert "orange zone" in orange.happened
    assert orange.severity is Severity.WARNING
    assert desk.tell(at("0.0000051")) == []
    (red,) = desk.tell(at("0.000001"))
    assert "red zone" in red.happened
    assert red.severity is Severity.CRITICAL
    (better,) = desk.tell(at("0.000005"))
    assert better.happened.startswith("Your margin is better")
    (green,) = desk.tell(at("0.00003"))
    assert green.severity is Severity.INFO
    desk.tell(at("0.000001"))
    closed = channel(ChannelState.CLOSED, ClearingState.FINALIZED)
    assert desk.tell(events.ChannelUpdated(closed)) == []


def test_an_account_found_in_the_red_zone_is_told() -> None:
    (notice,) = Desk().tell(events.ChannelUpdated(channel(balance="1")))
    assert "red zone" in notice.happened


def test_a_request_whose_fate_nobody_knows_is_told_after_the_doubt() -> None:
    desk = Desk()
    desk.tell(events.IntentChanged(INTENT))
    never = events.IntentChanged(replace(INTENT, outcome=IntentOutcome.NEVER_KNOWN))
    (notice,) = desk.tell(never)
    assert notice.safe == "It is never sent twice."
    assert desk.tell(never) == []


def test_the_end_of_a_settlement_is_told_where_its_beginning_was() -> None:
    def run(*states: SettlementState) -> events.SettlementChanged:
        steps = tuple(SettlementStep(state, NOW) for state in states)
        return events.SettlementChanged(
            SettlementRun("s1", CHANNEL_ID, ("PEPE/USD",), NOW, steps=steps)
        )

    rejected = run(SettlementState.PROPOSED, SettlementState.REJECTED)
    assert Desk().tell(rejected) == []  # an earlier run has told it
    desk = Desk(run())
    (notice,) = desk.tell(rejected)
    assert notice.severity is Severity.WARNING
    assert notice.action is Action.SHOW_ACCOUNT
    other = Desk()
    other.tell(run(SettlementState.PROPOSED))
    (paid,) = other.tell(run(SettlementState.COMPLETED))
    assert paid.severity is Severity.INFO
    assert other.tell(run(SettlementState.COMPLETED, SettlementState.WITHDRAWN)) == []
