"""From changes of the state to the sentences of the activity list, each told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState, SignatureNote
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.events import LinkState, Severity, SignatureWithheld
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

# An answer usually comes within this; only what waits longer is worth a sentence.
PATIENCE = timedelta(seconds=3)
NoteType = TypeVar("NoteType")
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
            match change.topic:
                case Topic.LINK:
                    entries += self._link(change, now)
                case Topic.ORDER:
                    entries += self._order(change, now)
                case Topic.FILL:
                    entries += self._fill(change)
                case Topic.CHANNEL:
                    entries += self._channel(change, now)
                case Topic.SETTLEMENT:
                    entries += self._settlement(change, now)
                case Topic.INTENT:
                    entries += self._intent(change, now)
                case Topic.NOTICE:
                    entries += self._notices()
                case Topic.SIGNATURE:
                    entries += self._signatures()
        return entries

    def on_tick(self, now: datetime) -> list[ActivityEntry]:
        """Return what has waited too long for its answer; to be called about once a second."""
        late = [each for each in self._waiting.values() if now - each.created_at >= PATIENCE]
        entries: list[ActivityEntry] = []
        for intent in late:
            del self._waiting[intent.intent_id]
            self._told[Change(Topic.INTENT, intent.intent_id)] = intent.outcome
            entries.append(
                ActivityEntry(now, "Request", self._intent_sentence(intent), Severity.WARNING)
            )
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

    def _fill(self, change: Change) -> list[ActivityEntry]:
        fill = self._state.fills.get(change.key)
        if fill is None or not self._is_news(change, True):
            return []
        market = self._state.markets.get(fill.market)
        return [ActivityEntry(fill.executed_at, "Fill", fill_activity(fill, market))]

    def _channel(self, change: Change, now: datetime) -> list[ActivityEntry]:
        channel = self._state.channels[change.key]
        if not self._is_news(change, (channel.state, channel.clearing_state)):
            return []
        severity = Severity.WARNING if channel.is_failed else Severity.INFO
        return [ActivityEntry(now, "Account", channel_activity(channel), severity)]

    def _settlement(self, change: Change, now: datetime) -> list[ActivityEntry]:
        settlement = self._state.settlements[change.key]
        if not self._is_news(change, settlement.state):
            return []
        return [ActivityEntry(now, "Settlement", settlement_text(settlement))]

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

    def _notices(self) -> list[ActivityEntry]:
        fresh = _after(self._state.notices, self._last_notice)
        if fresh:
            self._last_notice = fresh[-1]
        return [
            ActivityEntry(notice.at, "Venue", notice_activity(notice), notice.severity)
            for notice in fresh
        ]

    def _signatures(self) -> list[ActivityEntry]:
        fresh = _after(self._state.signatures, self._last_signature)
        if fresh:
            self._last_signature = fresh[-1]
        return [
            ActivityEntry(note.at, "Signature", signature_activity(note.event), _gravity(note))
            for note in fresh
        ]


def _after(kept: Sequence[NoteType], last: NoteType | None) -> list[NoteType]:
    """Return what was kept after the last one told, oldest first."""
    fresh = list(takewhile(lambda each: each is not last, reversed(kept)))
    return fresh[::-1]


def _gravity(note: SignatureNote) -> Severity:
    if not isinstance(note.event, SignatureWithheld):
        return Severity.INFO
    return _WITHHELD.get(note.event.outcome, Severity.WARNING)
