"""Which changes deserve a notice across the window, beside their line in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState, WalletNote
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome, last_dispute
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.events import LinkState, Severity, Trouble, WalletAsked
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.orders import OrderRequest, OrderState, Side
from kayen_desktop.ui.notices import (
    Action,
    Notice,
    alarm_notice,
    error_notice,
    intent_text,
    link_explanation,
    notice_activity,
    settlement_text,
)
from kayen_desktop.ui.notices.alerts import (
    alarm_lifted_notice,
    dispute_notice,
    liquidation_notice,
    never_known_notice,
    settled_notice,
    zone_notice,
)
from kayen_desktop.ui.notices.wallet import wallet_notice

from .repeats import Repeats, newest, told_after

# A notice that was dismissed does not come back at once because the venue says the same again.
BETWEEN_REPEATS = timedelta(seconds=30)
_MARGIN_TOPICS = frozenset({Topic.MARGIN, Topic.POSITION, Topic.CHANNEL})
_REJECTED = frozenset({OrderState.REJECT, OrderState.TRIGGER_REJECT})
_SAFE = "Your money, orders and positions are as they were."


class Alerts:
    """Finds what the trader must not miss; each thing is told once."""

    def __init__(self, state: AppState) -> None:
        """Take the venue's words that the state has already as told; where it stands is not."""
        self._state = state
        self._live: set[str] = set()
        self._rejected: set[str] = set()
        self._refused: set[str] = set()
        self._doubtful = {intent.intent_id for intent in state.unconfirmed_intents}
        self._settling = {key for key, run in state.settlements.items() if not run.is_over}
        self._disputes: dict[str, Dispute] = {}
        self._zone: tuple[str, Zone] | None = None
        self._last_words: VenueNotice | None = newest(state.notices)
        self._last_asked: WalletNote | None = newest(state.wallet_requests)
        self._words: Repeats[str] = Repeats(BETWEEN_REPEATS)
        self._asked: Repeats[WalletAsked] = Repeats(BETWEEN_REPEATS)
        self._tellers: dict[Topic, Callable[[str], list[Notice]]] = {
            Topic.ORDER: self._order,
            Topic.INTENT: self._intent,
            Topic.LINK: self._link,
            Topic.CHANNEL: self._dispute,
            Topic.SETTLEMENT: self._settlement,
            Topic.NOTICE: self._venue_words,
            Topic.WALLET: self._wallet,
            Topic.ALARM: self._alarm,
        }

    def on_changes(self, changes: Iterable[Change]) -> list[Notice]:
        """Return the notices to show, in order."""
        notices: list[Notice] = []
        topics: set[Topic] = set()
        for change in changes:
            topics.add(change.topic)
            if (tell := self._tellers.get(change.topic)) is not None:
                notices += tell(change.key)
        if topics & _MARGIN_TOPICS:
            notices += self._margin()
        return notices

    def _order(self, order_id: str) -> list[Notice]:
        order = self._state.orders.get(order_id)
        if order is None:
            return []
        if order.state.is_live:
            self._live.add(order_id)
        was_ours = order_id in self._live or any(
            intent.venue_id == order_id for intent in self._state.intents.values()
        )
        # A listing also brings rejections of long ago, which are no news.
        if order.state not in _REJECTED or order_id in self._rejected or not was_ours:
            return []
        self._rejected.add(order_id)
        side = "buy" if order.side is Side.BUY else "sell"
        return [error_notice(VenueRejectionError(order.reason), f"the {side} order")]

    def _intent(self, intent_id: str) -> list[Notice]:
        intent = self._state.intents[intent_id]
        if intent.is_unconfirmed:
            self._doubtful.add(intent_id)
            return []
        if intent.outcome is IntentOutcome.CONFIRMED and intent.venue_id in self._state.orders:
            return self._order(intent.venue_id)
        was_doubtful = intent_id in self._doubtful
        self._doubtful.discard(intent_id)
        if was_doubtful and intent.outcome is IntentOutcome.NEVER_KNOWN:
            return [never_known_notice(self._intent_text(intent))]
        if not was_doubtful or intent.outcome is not IntentOutcome.NOT_RECEIVED:
            return []
        return [
            Notice(
                self._intent_text(intent),
                "",
                "Send it again yourself if you still want it.",
                Severity.WARNING,
                Action.SHOW_ACTIVITY,
            )
        ]

    def _intent_text(self, intent: Intent) -> str:
        request = intent.request
        name = request.market if isinstance(request, OrderRequest) else ""
        return intent_text(intent, self._state.markets.get(name))

    def _link(self, link: str) -> list[Notice]:
        status = self._state.links[link]
        if status.state is not LinkState.REFUSED:
            self._refused.discard(link)
            return []
        if link in self._refused:
            return []
        self._refused.add(link)
        return [
            Notice(
                link_explanation(status),
                _SAFE,
                "Check the address and the key you sign in with, then try again.",
                Severity.CRITICAL,
                Action.TRY_AGAIN,
            )
        ]

    def _dispute(self, channel_id: str) -> list[Notice]:
        """Tell that a dispute began, and how it ended; one that ended long ago is no news."""
        dispute = last_dispute(self._state.channel_steps.get(channel_id, ()))
        if dispute is None or channel_id not in self._state.channels:
            return []
        held = self._disputes.get(channel_id)
        if held == dispute:
            return []
        self._disputes[channel_id] = dispute
        is_running = dispute.outcome is DisputeOutcome.RUNNING
        was_running = held is not None and held.outcome is DisputeOutcome.RUNNING
        if is_running and was_running:
            return []  # only recalled to have begun earlier
        if is_running or was_running or self._ended_lately(dispute):
            return [dispute_notice(dispute)]
        return []

    def _ended_lately(self, dispute: Dispute) -> bool:
        """Return whether we heard of its end over a connection that stands now."""
        began = [each.began_at for each in self._state.links.values() if each.began_at is not None]
        return dispute.ended_at is not None and bool(began) and dispute.ended_at >= min(began)

    def _settlement(self, settlement_id: str) -> list[Notice]:
        run = self._state.settlements[settlement_id]
        if not run.is_over:
            self._settling.add(settlement_id)
            return []
        if settlement_id not in self._settling:
            return []
        self._settling.discard(settlement_id)
        return [settled_notice(settlement_text(run), is_paid=run.is_paid)]

    def _margin(self) -> list[Notice]:
        """Tell that the account in use went into another zone, and a bad one it is found in."""
        channel, figures = self._state.channel, self._state.margin_figures
        if channel is None or figures is None or figures.zone is None:
            self._zone = None
            return []
        held = self._zone
        self._zone = (channel.channel_id, figures.zone)
        before = held[1] if held is not None and held[0] == channel.channel_id else Zone.GREEN
        return [] if figures.zone is before else [zone_notice(before, figures.zone)]

    def _alarm(self, _: str) -> list[Notice]:
        alarm = self._state.alarm
        return [alarm_notice(alarm) if alarm else alarm_lifted_notice()]

    def _venue_words(self, _: str) -> list[Notice]:
        fresh = told_after(self._state.notices, self._last_words)
        self._last_words = newest(self._state.notices)
        return [
            _words_notice(each)
            for each in fresh
            if each.severity is not Severity.INFO
            and each.text != self._state.alarm
            and self._words.is_news(each.text, each.at)
        ]

    def _wallet(self, _: str) -> list[Notice]:
        fresh = told_after(self._state.wallet_requests, self._last_asked)
        self._last_asked = newest(self._state.wallet_requests)
        return [
            wallet_notice(each.event) for each in fresh if self._asked.is_news(each.event, each.at)
        ]


def _words_notice(words: VenueNotice) -> Notice:
    if words.trouble is Trouble.LIQUIDATION:
        return liquidation_notice(notice_activity(words))
    return Notice(notice_activity(words), "", "", words.severity, Action.SHOW_ACTIVITY)
