"""Which changes deserve a notice across the window, beside their line in a table."""

from __future__ import annotations

from collections.abc import Iterable

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import OrderRequest, OrderState, Side
from kayen_desktop.ui.notices import (
    Action,
    Notice,
    alarm_notice,
    error_notice,
    intent_text,
    link_explanation,
    notice_activity,
)

_REJECTED = frozenset({OrderState.REJECT, OrderState.TRIGGER_REJECT})
_SAFE = "Your money, orders and positions are as they were."


class Alerts:
    """Finds what the trader must not miss; each thing is told once."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._live: set[str] = set()
        self._rejected: set[str] = set()
        self._refused: set[str] = set()
        self._doubtful = {intent.intent_id for intent in state.unconfirmed_intents}

    def on_changes(self, changes: Iterable[Change]) -> list[Notice]:
        """Return the notices to show, in order."""
        notices: list[Notice] = []
        for change in changes:
            match change.topic:
                case Topic.ORDER:
                    notices += self._order(change.key)
                case Topic.INTENT:
                    notices += self._intent(change.key)
                case Topic.LINK:
                    notices += self._link(change.key)
                case Topic.NOTICE:
                    notices += self._venue_words()
                case Topic.ALARM:
                    notices.append(alarm_notice(self._state.alarm))
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
        if intent.outcome is not IntentOutcome.NOT_RECEIVED or intent_id not in self._doubtful:
            return []
        self._doubtful.discard(intent_id)
        request = intent.request
        name = request.market if isinstance(request, OrderRequest) else ""
        return [
            Notice(
                intent_text(intent, self._state.markets.get(name)),
                "",
                "Send it again yourself if you still want it.",
                Severity.WARNING,
                Action.SHOW_ACTIVITY,
            )
        ]

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

    def _venue_words(self) -> list[Notice]:
        newest = self._state.notices[-1]
        if newest.severity is Severity.INFO or newest.text == self._state.alarm:
            return []
        return [Notice(notice_activity(newest), "", "", newest.severity, Action.SHOW_ACTIVITY)]
