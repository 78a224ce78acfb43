"""What happened is told once, in order, and doubt is told only when it lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.events import Event, LinkState, Severity
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.settlement import SettlementRun, SettlementState, SettlementStep
from kayen_desktop.domain.signatures import SignatureMeaning, SignatureOutcome, SigningPurpose
from kayen_desktop.ui.presenters.activity import (
    BETWEEN_REPEATS,
    PATIENCE,
    ActivityEntry,
    ActivityLog,
)
from tests.unit.ui.stage import CHANNEL_ID, NOW, PEPE, channel, fill, order

INTENT = Intent("i1", OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal(20000)), NOW)


class Desk:
    def __init__(self, *known: Event) -> None:
        self.state = AppState()
        self.tell_state(events.MarketsListed((PEPE,)), *known)
        self.log = ActivityLog(self.state, NOW)

    def tell_state(self, *told: Event) -> None:
        for event in told:
            self.state.apply(event, NOW)

    def tell(self, *told: Event) -> list[ActivityEntry]:
        changes = [change for event in told for change in self.state.apply(event, NOW)]
        return self.log.on_changes(dict.fromkeys(changes), NOW)


def sentences(entries: list[ActivityEntry]) -> str:
    return " ".join(entry.sentence for entry in entries)


def test_a_connection_is_told_when_it_changes_not_when_it_is_heard() -> None:
    desk = Desk()
    (entry,) = desk.tell(events.LinkChanged("Finex", LinkState.READY))
    assert entry.about == "Connection"
    assert desk.tell(events.LinkHeard("Finex", 12.0)) == []
    (lost,) = desk.tell(events.LinkChanged("Finex", LinkState.RETRYING, "reset by peer"))
    assert lost.severity is Severity.WARNING
    assert "reset by peer" in lost.sentence


def test_an_order_is_told_once_a_state_and_each_fill_once() -> None:
    desk = Desk()
    (waiting,) = desk.tell(events.OrderUpdated(order("o1", OrderState.WAIT)))
    assert waiting.about == "Order"
    assert desk.tell(events.OrderUpdated(order("o1", OrderState.WAIT, executed="10"))) == []
    bought = events.FillReceived(fill("f1", Side.BUY, "1000", "0.0000115", "0.00002"))
    done, filled = desk.tell(events.OrderUpdated(order("o1")), bought)
    assert "filled" in done.sentence
    assert filled.sentence.startswith("Bought 1,000 PEPE")
    assert desk.tell(bought, events.TradeRecorded(CHANNEL_ID, "f1")) == []


def test_what_was_known_before_is_not_news() -> None:
    desk = Desk(
        events.OrderUpdated(order("o1")),
        events.FillReceived(fill("f1", Side.BUY, "1000", "0.0000115", "0.00002")),
    )
    assert desk.tell(events.OrderUpdated(order("o1")), events.TradeRecorded("0x", "f1")) == []


def test_an_account_is_told_at_every_step() -> None:
    desk = Desk()
    opening = channel(ChannelState.OPENING, ClearingState.ACCEPTED)
    assert "(accepted)" in sentences(desk.tell(events.ChannelUpdated(opening)))
    assert desk.tell(events.ChannelUpdated(replace(opening, turn_num=4))) == []
    assert "ready to trade" in sentences(desk.tell(events.ChannelUpdated(channel())))


def run(*states: SettlementState, at: datetime = NOW) -> events.SettlementChanged:
    """Return a settlement that has gone through the states."""
    steps = tuple(SettlementStep(state, at) for state in states)
    return events.SettlementChanged(SettlementRun("s1", CHANNEL_ID, ("PEPE/USD",), at, steps=steps))


def test_a_settlement_is_told_once_a_state() -> None:
    desk = Desk()
    (asked,) = desk.tell(run())
    assert asked.about == "Settlement"
    accepted = run(SettlementState.PROPOSED, SettlementState.ACCEPTED)
    assert "(accepted)" in sentences(desk.tell(accepted))
    assert desk.tell(accepted) == []
    (failed,) = desk.tell(run(SettlementState.PROPOSED, SettlementState.FAILED))
    assert failed.severity is Severity.WARNING


def test_a_settlement_of_an_earlier_run_is_no_news() -> None:
    desk = Desk()
    assert desk.tell(run(SettlementState.COMPLETED, at=NOW - timedelta(days=1))) == []
    still_running = run(SettlementState.PREPARED, at=NOW - timedelta(days=1))
    assert len(Desk().tell(still_running)) == 1


def test_a_balance_is_told_when_it_is_another_one() -> None:
    desk = Desk(events.ChannelUpdated(channel(balance="10")))
    assert "Your balance" not in sentences(desk.tell(events.ChannelUpdated(channel(balance="10"))))
    changed = events.ChannelUpdated(channel(balance="9.98765432"))
    assert "Your balance is now 9.98765432 USD." in sentences(desk.tell(changed))
    assert desk.tell(changed) == []
    assert desk.tell(events.ChannelUpdated(channel(balance=None))) == []


def test_the_first_balance_of_an_account_is_no_change() -> None:
    desk = Desk()
    assert "Your balance" not in sentences(desk.tell(events.ChannelUpdated(channel())))


def test_a_dispute_is_told_when_it_begins_and_how_it_ends() -> None:
    desk = Desk(events.ChannelUpdated(channel()))
    begun = channel(ChannelState.CHALLENGING, ClearingState.CHALLENGING)
    (entry,) = desk.tell(events.ChannelUpdated(begun))
    assert entry.severity is Severity.CRITICAL
    assert "(challenging)" in entry.sentence
    ended, ready = desk.tell(events.ChannelUpdated(channel()))
    assert ended.sentence.startswith("The dispute is over (cleared)")
    assert "ready to trade" in ready.sentence
    assert ended.severity is Severity.INFO
    settling = channel(ChannelState.SETTLING, ClearingState.ACTIVE_SETTLEMENT)
    assert "dispute" not in sentences(desk.tell(events.ChannelUpdated(settling)))


def test_a_dispute_of_long_ago_is_no_news() -> None:
    long_ago = NOW - timedelta(days=3)
    steps = (
        ChannelStep(long_ago, ChannelState.CHALLENGING, ClearingState.CHALLENGING, Jump.NEXT),
        ChannelStep(long_ago, ChannelState.OPEN, ClearingState.OPERATIONAL, Jump.NEXT),
    )
    desk = Desk()
    recalled = events.ChannelRecalled(CHANNEL_ID, steps)
    assert "dispute" not in sentences(desk.tell(recalled, events.ChannelUpdated(channel())))


def test_what_the_venue_wants_of_the_wallet_is_told_and_counted() -> None:
    desk = Desk()
    asked = events.WalletAsked(events.WalletRequest.TRANSACTION, (("to", "0x1"),))
    (entry,) = desk.tell(asked, asked, asked)
    assert entry.about == "Wallet"
    assert entry.severity is Severity.WARNING
    assert entry.sentence.startswith("The venue asks for an on-chain transaction; this app does")
    other = events.WalletAsked(events.WalletRequest.SESSION_KEY)
    (second,) = desk.tell(asked, other)
    assert "asks for a session key; refused" in second.sentence
    assert desk.log.on_tick(NOW + BETWEEN_REPEATS / 2) == []
    (counted,) = desk.log.on_tick(NOW + BETWEEN_REPEATS)
    assert counted.sentence.endswith("It asked 4 times in a short time.")
    assert desk.log.on_tick(NOW + 2 * BETWEEN_REPEATS) == []


def test_the_venue_names_a_transaction_and_a_state_beside_its_words() -> None:
    words = events.VenueNotified(
        Severity.CRITICAL, "challenge failed", transaction_hash="0xabc", state="challenging"
    )
    (entry,) = Desk().tell(words)
    assert entry.sentence == (
        "The venue warns urgently: “challenge failed” (state “challenging”, transaction “0xabc”)."
    )


def test_an_answer_in_time_leaves_no_word_of_doubt() -> None:
    desk = Desk()
    assert desk.tell(events.IntentChanged(INTENT)) == []
    assert desk.log.on_tick(NOW + timedelta(seconds=1)) == []
    confirmed = replace(INTENT, outcome=IntentOutcome.CONFIRMED, venue_id="o1")
    assert desk.tell(events.IntentChanged(confirmed)) == []
    assert desk.log.on_tick(NOW + 2 * PATIENCE) == []


def test_a_lasting_doubt_is_told_and_so_is_its_end() -> None:
    desk = Desk()
    desk.tell(events.IntentChanged(INTENT))
    (doubt,) = desk.log.on_tick(NOW + PATIENCE)
    assert "not confirmed yet" in doubt.sentence
    assert "rejected" not in doubt.sentence
    assert doubt.severity is Severity.WARNING
    assert desk.log.on_tick(NOW + 2 * PATIENCE) == []
    confirmed = replace(INTENT, outcome=IntentOutcome.CONFIRMED, venue_id="o1")
    assert "taken in by the venue" in sentences(desk.tell(events.IntentChanged(confirmed)))


def test_doubt_left_by_an_earlier_run_is_told() -> None:
    desk = Desk(events.IntentChanged(replace(INTENT, created_at=NOW - timedelta(hours=1))))
    assert "not confirmed yet" in sentences(desk.log.on_tick(NOW))


def test_a_request_that_was_not_sent_is_told_at_once() -> None:
    desk = Desk()
    failed = replace(INTENT, outcome=IntentOutcome.NOT_SENT)
    assert "Nothing has changed" in sentences(desk.tell(events.IntentChanged(failed)))


def test_every_word_of_the_venue_is_told_even_in_a_burst() -> None:
    desk = Desk()
    entries = desk.tell(
        events.VenueNotified(Severity.INFO, "one"), events.VenueNotified(Severity.WARNING, "two")
    )
    assert [entry.severity for entry in entries] == [Severity.INFO, Severity.WARNING]
    assert "“one”" in entries[0].sentence
    (third,) = desk.tell(events.VenueNotified(Severity.INFO, "three"))
    assert "“three”" in third.sentence


def test_what_a_signature_says_is_told_each_time_one_is_about_to_be_made() -> None:
    desk = Desk()
    meaning = SignatureMeaning(
        SigningPurpose.CLEARPORT_CHALLENGE,
        "Clearport",
        "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C",
        "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2",
    )
    asked = events.SignatureAsked(meaning)
    (entry,) = desk.tell(asked)
    assert entry == ActivityEntry(
        NOW, "Signature", "You are proving to Clearport that 0x44AF…A49C is yours. No money moves."
    )
    assert len(desk.tell(asked, asked)) == 2
    assert desk.log.on_changes([], NOW) == []


def test_a_signature_that_was_not_made_is_told_with_the_reason() -> None:
    desk = Desk()
    purpose = SigningPurpose.CLEARPORT_CHALLENGE
    reason = "The server asked for a signature on what reads as a transaction."
    refused, declined, failed = desk.tell(
        events.SignatureWithheld(purpose, SignatureOutcome.REFUSED, reason),
        events.SignatureWithheld(purpose, SignatureOutcome.DECLINED, "Cancelled."),
        events.SignatureWithheld(purpose, SignatureOutcome.FAILED, "The keyring is locked."),
    )
    assert refused.sentence == reason
    assert refused.severity is Severity.CRITICAL
    assert declined.sentence.startswith("You declined to sign")
    assert declined.severity is Severity.INFO
    assert "nothing was signed" in failed.sentence
    assert failed.sentence.endswith("The keyring is locked.")
    assert failed.severity is Severity.WARNING
