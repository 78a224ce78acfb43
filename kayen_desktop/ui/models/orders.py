"""Orders: what the venue has told of them, and what was asked for and is not confirmed yet."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QObject

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.ui.formatting import format_amount, format_price, format_time
from kayen_desktop.ui.notices import order_status_text, order_type_text, side_text

from .columns import Column, Tone, side_tone
from .table import StateTable

INTENT_PREFIX = "intent "
_OUTCOME_TEXTS = {
    IntentOutcome.UNCONFIRMED: "Not confirmed yet",
    IntentOutcome.REJECTED: "The venue said no",
    IntentOutcome.NOT_SENT: "Not sent",
    IntentOutcome.NOT_RECEIVED: "Never reached the venue",
}
_REJECTED = frozenset({OrderState.REJECT, OrderState.TRIGGER_REJECT})


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One row: an order, or a request whose order the venue has not told of.

    ``order_id`` is empty for a request; ``trigger_price`` and ``price`` are None where the type
    has none.
    """

    order_id: str
    market: str
    side: Side
    order_type: OrderType
    amount: Decimal
    executed: Decimal | None
    price: Decimal | None
    trigger_price: Decimal | None
    average_price: Decimal | None
    status: str
    tone: Tone
    reason: str
    created_at: datetime
    is_live: bool


def line_of_order(order: Order) -> OrderLine:
    """Return the row of an order the venue has told of."""
    tone = Tone.PLAIN
    if order.state in _REJECTED:
        tone = Tone.BAD
    elif order.state.is_final:
        tone = Tone.MUTED
    return OrderLine(
        order.venue_order_id,
        order.market,
        order.side,
        order.order_type,
        order.amount,
        order.executed,
        order.price if order.order_type.has_price else None,
        order.trigger_price if order.order_type.has_trigger else None,
        order.average_price or None,
        order_status_text(order),
        tone,
        order.reason,
        order.created_at,
        order.state.is_live,
    )


def line_of_intent(intent: Intent, request: OrderRequest) -> OrderLine:
    """Return the row of a request without an order; its outcome must not be "confirmed"."""
    return OrderLine(
        "",
        request.market,
        request.side,
        request.order_type,
        request.amount,
        None,
        request.price,
        request.trigger_price,
        None,
        _OUTCOME_TEXTS[intent.outcome],
        Tone.WARNING if intent.is_unconfirmed else Tone.BAD,
        intent.reason,
        intent.created_at,
        is_live=False,
    )


_COLUMNS: tuple[Column[OrderLine], ...] = (
    Column(
        "Time",
        lambda line, _: format_time(line.created_at),
        lambda line: line.created_at,
        width=72,
        tip=lambda line: f"{line.created_at.astimezone():%Y-%m-%d %H:%M:%S}",
    ),
    Column("Market", lambda line, _: line.market, lambda line: line.market, width=80),
    Column(
        "Side",
        lambda line, _: side_text(line.side),
        lambda line: line.side.value,
        tone=lambda line: side_tone(line.side),
        width=46,
    ),
    Column(
        "Type",
        lambda line, _: order_type_text(line.order_type),
        lambda line: line.order_type.value,
        width=88,
    ),
    Column(
        "Status",
        lambda line, _: line.status,
        lambda line: line.status,
        tone=lambda line: line.tone,
        tip=lambda line: line.reason or line.status,
        width=166,
    ),
    Column(
        "Amount",
        lambda line, market: format_amount(line.amount, market),
        lambda line: line.amount,
        is_number=True,
        width=80,
    ),
    Column(
        "Filled",
        lambda line, market: format_amount(line.executed, market),
        lambda line: line.executed,
        is_number=True,
        width=80,
    ),
    Column(
        "Price",
        lambda line, market: (
            "Market" if not line.order_type.has_price else format_price(line.price, market)
        ),
        lambda line: line.price,
        is_number=True,
    ),
    Column(
        "Trigger",
        lambda line, market: format_price(line.trigger_price, market),
        lambda line: line.trigger_price,
        is_number=True,
    ),
    Column(
        "Average",
        lambda line, market: format_price(line.average_price, market),
        lambda line: line.average_price,
        is_number=True,
        tip=lambda _: "The average price of what has been filled",
    ),
)


class OrdersModel(StateTable[OrderLine]):
    """What both order tables share: orders by their id, requests by theirs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    @abstractmethod
    def _shows_order(self, order: Order) -> bool:
        """Return whether this table has a row for the order."""

    @abstractmethod
    def _shows_intent(self, intent: Intent, request: OrderRequest) -> bool:
        """Return whether this table has a row for the request."""

    def _snapshot(self) -> Iterable[tuple[str, OrderLine]]:
        keys = [*self._state.orders, *(INTENT_PREFIX + key for key in self._state.intents)]
        lines = ((key, self._find(key)) for key in keys)
        found = [(key, line) for key, line in lines if line is not None]
        return sorted(found, key=lambda pair: pair[1].created_at)

    def _find(self, key: str) -> OrderLine | None:
        if key.startswith(INTENT_PREFIX):
            intent = self._state.intents.get(key.removeprefix(INTENT_PREFIX))
            if (
                intent is not None
                and isinstance(intent.request, OrderRequest)
                and self._shows_intent(intent, intent.request)
            ):
                return line_of_intent(intent, intent.request)
            return None
        order = self._state.orders.get(key)
        return line_of_order(order) if order is not None and self._shows_order(order) else None

    def _keys_of(self, change: Change) -> Iterable[str]:
        if change.topic is Topic.ORDER:
            return (change.key,)
        return (INTENT_PREFIX + change.key,) if change.topic is Topic.INTENT else ()

    def _market_name(self, item: OrderLine) -> str:
        return item.market


class OpenOrdersModel(OrdersModel):
    """Orders that can still trade, and requests not confirmed yet."""

    def _shows_order(self, order: Order) -> bool:
        return order.state.is_live

    def _shows_intent(self, intent: Intent, request: OrderRequest) -> bool:
        return intent.is_unconfirmed


class OrderHistoryModel(OrdersModel):
    """Every order the venue has told of, and every request that became none."""

    def _shows_order(self, order: Order) -> bool:
        return True

    def _shows_intent(self, intent: Intent, request: OrderRequest) -> bool:
        if intent.outcome is IntentOutcome.CONFIRMED:
            return False
        return intent.outcome is not IntentOutcome.REJECTED or not self._has_rejected(request)

    def _keys_of(self, change: Change) -> Iterable[str]:
        keys = super()._keys_of(change)
        order = self._state.orders.get(change.key) if change.topic is Topic.ORDER else None
        if order is None or order.state is not OrderState.REJECT:
            return keys
        # The venue's own row of a rejected order takes the place of the request's.
        return (*keys, *(INTENT_PREFIX + key for key in self._rejected_intents(order)))

    def _has_rejected(self, request: OrderRequest) -> bool:
        return any(
            order.state is OrderState.REJECT and order.answers(request)
            for order in self._state.orders.values()
        )

    def _rejected_intents(self, order: Order) -> Iterable[str]:
        return (
            intent.intent_id
            for intent in self._state.intents.values()
            if intent.outcome is IntentOutcome.REJECTED
            and isinstance(intent.request, OrderRequest)
            and order.answers(intent.request)
        )
