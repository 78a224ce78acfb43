"""From changes of the state to the sentences of the activity list, each told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState, SignatureNote, WalletNote
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.channels import Channel, is_disputed
from kayen_desktop.domain.disputes import DisputeOutcome, last_dispute
from kayen_desktop.domain.events import LinkState, Severity, SignatureWithheld, WalletAsked
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.orders import OrderRequest, OrderState
from kayen_desktop.domain.signatures import SignatureOutcome
from kayen_desktop.ui.notices import (
    channel_activity,
    fill_activity,
    intent_text,
    link_activity,
    notice_activity,
    order_activity,
    settlement_text,
    signature_activity,
)
from kayen_desktop.ui.notices.account import balance_line, dispute_words
from kayen_desktop.ui.notices.wallet import wallet_line

from .facts import account_quote
from .repeats import Repeats, told_after

# An answer usually comes within this; only what waits longer is worth a sentence.
PATIENCE = timedelta(seconds=3)
# A venue that asks the wallet for the same thing again within this gets one line for all of it.
BETWEEN_REPEATS = timedelta(seconds=30)
_WITHHELD = {
    SignatureOutcome.DECLINED: Severity.INFO,
    SignatureOutcome.REFUSED: Severity.CRITICAL,
}
_REJECTED = frozenset({OrderState.REJECT, OrderState.TRIGGER_REJECT})


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One line of the list: when, about what, and the sentence."""

    at: datetime
    about: str
    sentence: str
    severity: Severity = Severity.INFO


class ActivityLog:
    """Remembers what it has told of each thing, so that a repeated word is told once."""

    def __init__(self, state: AppState, now: datetime) -> None:
        """Take what the state has already as known, except what is not confirmed yet."""
        self._state = state
        self._told: dict[Change, object] = {}
        self._waiting: dict[str, Intent] = {}
        self._last_notice: VenueNotice | None = None
        self._last_signature: SignatureNote | None = None
        self._last_wallet_note: WalletNote | None = None
        self._since = now
        self._asked: Repeats[WalletAsked] = Repeats(BETWEEN_REPEATS)
        self._balances = {key: each.own_balance for key, each in state.channels.items()}
        self._tellers: dict[Topic, Callable[[Change, datetime], list[ActivityEntry]]] = {
            Topic.LINK: self._link,
            Topic.ORDER: self._order,
            Topic.FILL: self._fill,
            Topic.CHANNEL: self._channel,
            Topic.SETTLEMENT: self._settlement,
            Topic.INTENT: self._intent,
            Topic.NOTICE: self._notices,
            Topic.SIGNATURE: self._signatures,
            Topic.WALLET: self._wallet_notes,
        }
        for intent in state.unconfirmed_intents:
            self._waiting[intent.intent_id] = intent
        for order in state.orders.values():
            self._told[Change(Topic.ORDER, order.venue_order_id)] = order.state
        for key in state.fills:
            self._told[Change(Topic.FILL, key)] = True

    def on_changes(self, changes: Iterable[Change], now: datetime) -> list[ActivityEntry]:
        """Return what there is to tell, oldest first."""
        entries: list[ActivityEntry] = []
        for change in changes:
            if (tell := self._tellers.get(change.topic)) is not None:
                entries += tell(change, now)
        return entries

    def on_tick(self, now: datetime) -> list[ActivityEntry]:
        """Return what has waited long enough to be told; to be called about once a second."""
        late = [each for each in self._waiting.values() if now - each.created_at >= PATIENCE]
        entries: list[ActivityEntry] = []
        for intent in late:
            del self._waiting[intent.intent_id]
            self._told[Change(Topic.INTENT, intent.intent_id)] = intent.outcome
            entries.append(
                ActivityEntry(now, "Request", self._intent_sentence(intent), Severity.WARNING)
            )
        for asked, count in self._asked.take_over(now):
            entries.append(ActivityEntry(now, "Wallet", wallet_line(asked, count)))
        return entries

    def _is_news(self, change: Change, mark: object) -> bool:
        if self._told.get(change) == mark:
            return False
        self._told[change] = mark
        return True

    def _link(self, change: Change, now: datetime) -> list[ActivityEntry]:
        status = self._state.links[change.key]
        if not self._is_news(change, (status.state, status.reason)):
            return []
        bad = {LinkState.RETRYING: Severity.WARNING, LinkState.REFUSED: Severity.CRITICAL}
        severity = bad.get(status.state, Severity.INFO)
        return [ActivityEntry(now, "Connection", link_activity(status), severity)]

    def _order(self, change: Change, now: datetime) -> list[ActivityEntry]:
        order = self._state.orders[change.key]
        if not self._is_news(change, order.state):
            return []
        severity = Severity.WARNING if order.state in _REJECTED else Severity.INFO
        market = self._state.markets.get(order.market)
        return [ActivityEntry(now, "Order", order_activity(order, market), severity)]

    def _fill(self, change: Change, now: datetime) -> list[ActivityEntry]:
        fill = self._state.fills.get(change.key)
        if fill is None or not self._is_news(change, True):
            return []
        market = self._state.markets.get(fill.market)
        return [ActivityEntry(fill.executed_at, "Fill", fill_activity(fill, market))]

    def _channel(self, change: Change, now: datetime) -> list[ActivityEntry]:
        channel = self._state.channels.get(change.key)
        if channel is None:  # an earlier run's word on an account that the venue has not told yet
            return []
        entries: list[ActivityEntry] = []
        if self._is_news(change, (channel.state, channel.clearing_state)):
            entries += self._dispute_end(channel, now)
            entries.append(
                ActivityEntry(now, "Account", channel_activity(channel), _channel_gravity(channel))
            )
        balance = channel.own_balance
        before = self._balances.get(channel.channel_id)
        if balance is not None and balance != before:
            self._balances[channel.channel_id] = balance
            if before is not None:
                line = balance_line(balance, account_quote(self._state))
                entries.append(ActivityEntry(now, "Account", line))
        return entries

    def _dispute_end(self, channel: Channel, now: datetime) -> list[ActivityEntry]:
        """Tell how a dispute ended, before the line on what the account does next."""
        dispute = last_dispute(self._state.channel_steps.get(channel.channel_id, ()))
        if dispute is None or dispute.ended_at is None or dispute.ended_at < self._since:
            return []
        key = Change(Topic.CHANNEL, f"{channel.channel_id} {dispute.began_at.isoformat()}")
        if dispute.outcome is DisputeOutcome.RUNNING or not self._is_news(key, dispute.outcome):
            return []
        return [ActivityEntry(now, "Account", ". ".join(dispute_words(dispute)))]

    def _settlement(self, change: Change, now: datetime) -> list[ActivityEntry]:
        run = self._state.settlements[change.key]
        if not self._is_news(change, (run.state,)):  # None is news: nobody has answered yet
            return []
        last = run.steps[-1].at if run.steps else run.requested_at
        if run.is_over and last < self._since:
            return []  # told by an earlier run
        failed = run.state is not None and run.state.came_to_nothing
        severity = Severity.WARNING if failed else Severity.INFO
        return [ActivityEntry(now, "Settlement", settlement_text(run), severity)]

    def _intent(self, change: Change, now: datetime) -> list[ActivityEntry]:
        intent = self._state.intents[change.key]
        if intent.is_unconfirmed:
            if self._told.get(change) is None:
                self._waiting[intent.intent_id] = intent
            return []
        self._waiting.pop(intent.intent_id, None)
        was_doubtful = self._told.get(change) is IntentOutcome.UNCONFIRMED
        is_quiet = intent.outcome is IntentOutcome.CONFIRMED and not was_doubtful
        if not self._is_news(change, intent.outcome) or is_quiet:
            return []  # the order or the account it became tells of itself
        severity = Severity.INFO if intent.outcome is IntentOutcome.CONFIRMED else Severity.WARNING
        return [ActivityEntry(now, "Request", self._intent_sentence(intent), severity)]

    def _intent_sentence(self, intent: Intent) -> str:
        request = intent.request
        name = request.market if isinstance(request, OrderRequest) else ""
        return intent_text(intent, self._state.markets.get(name))

    def _notices(self, change: Change, now: datetime) -> list[ActivityEntry]:
        fresh = told_after(self._state.notices, self._last_notice)
        if fresh:
            self._last_notice = fresh[-1]
        return [
            ActivityEntry(notice.at, "Venue", notice_activity(notice), notice.severity)
            for notice in fresh
        ]

    def _wallet_notes(self, change: Change, now: datetime) -> list[ActivityEntry]:
        fresh = told_after(self._state.wallet_requests, self._last_wallet_note)
        if fresh:
            self._last_wallet_note = fresh[-1]
        return [
            ActivityEntry(note.at, "Wallet", wallet_line(note.event), Severity.WARNING)
            for note in fresh
            if self._asked.is_news(note.event, note.at)
        ]

    def _signatures(self, change: Change, now: datetime) -> list[ActivityEntry]:
        fresh = told_after(self._state.signatures, self._last_signature)
        if fresh:
            self._last_signature = fresh[-1]
        return [
            ActivityEntry(note.at, "Signature", signature_activity(note.event), _gravity(note))
            for note in fresh
        ]


def _channel_gravity(channel: Channel) -> Severity:
    if is_disputed(channel.state, channel.clearing_state):
        return Severity.CRITICAL
    return Severity.WARNING if channel.is_failed else Severity.INFO


def _gravity(note: SignatureNote) -> Severity:
    if not isinstance(note.event, SignatureWithheld):
        return Severity.INFO
    return _WITHHELD.get(note.event.outcome, Severity.WARNING)
