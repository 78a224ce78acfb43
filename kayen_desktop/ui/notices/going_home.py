"""Words of "close all and go home": its legs, what stopped one, what is offered at a start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from kayen_desktop.app.way_home import Closing, Leg, LegKind, LegMark, Setback, Way
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import (
    JournalError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    TicketError,
)
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.markets import base_of, quote_of
from kayen_desktop.domain.orders import Order, OrderState
from kayen_desktop.domain.settlement import SettlementRun
from kayen_desktop.ui.formatting import format_money, format_price

from .accounts import channel_explanation
from .closing import close_order_notice
from .failures import error_notice
from .notice import Action, Notice, one_line, sentence
from .settling import (
    markets_text,
    settlement_meaning,
    settlement_step_text,
    settling_stopped_notice,
)

# After this long without a word of the broker, the wait itself is told.

HOME_TITLE = "Close all and go home"
HOME_BEFORE = (
    "Your way home",
    "Everything that you hold here is ended, step by step, and your money is paid out to your "
    "wallet. Each step waits until the one before it is done.",
)
HOME_BEGUN_BEFORE = (
    "You were on your way home",
    "You began this earlier, and it was not ended. What is left to do is below.",
)
HOME_UNDER_WAY = (
    "You are on your way home",
    "You may close this window; it goes on without it. If you close the application, it stops "
    "there, and you can go on at the next start.",
)
HOME_BOOKING = (
    "Waiting for your last trades to be booked",
    "The exchange and the broker are still putting them down. This takes some seconds.",
)
HOME_STOPPING = (
    "Stopping",
    "Nothing more is sent after what is on its way now.",
)
HOME_STOPPED = ("You are not home yet", "What is done stays done. What is left is below.")
HOME_IS_EMPTY = (
    "You are home already",
    "There is no open margin account here, so there is nothing to close.",
)
HOME_DOUBT = (
    "Something that you sent is not confirmed yet. Wait until we have found out what became of it, "
    "so that nothing is done twice."
)
STEPS_AHEAD = "What will happen, in this order"
STEPS_SO_FAR = "How far it is"
WAYS_TITLE = "How should your positions end?"
GO_HOME = "Go home"
GO_ON = "Go on"
STOP = "Stop after this step"
GIVE_UP = "Don't go home"
NOT_NOW = "Not now"
IN_SETTLEMENT = "Being settled"

_WAYS = {
    Way.CLOSE: (
        "Close them at the exchange",
        "A reversed order at the price of that moment closes each of them, mostly within seconds. "
        "The exchange takes its fee.",
    ),
    Way.SETTLE: (
        "Settle them with the broker",
        "You and the broker pay out the result at the broker's price, without a fee of the "
        "exchange. The broker has to agree, and it takes longer.",
    ),
}
_RISKS = {
    Way.CLOSE: (
        "What can go wrong: prices move until the orders are filled, so you may get less or more. "
        "A step that fails stops it there: what is done stays done, and the rest is still yours."
    ),
    Way.SETTLE: (
        "What can go wrong: the broker may decline or not answer; until it is paid, your positions "
        "go on with the market. A step that fails stops it there: what is done stays done, and "
        "the rest is still yours."
    ),
}
_RISK_EMPTY = (
    "What can go wrong: if a step fails it stops there. What is done stays done, and your money "
    "stays in the account."
)
_DOING = {
    LegKind.CANCEL: "the request to cancel your orders",
    LegKind.SETTLE: "the request to settle",
    LegKind.CLOSE: "the closing order",
    LegKind.CLOSE_ACCOUNT: "the request to close the account",
}
_PAID_UNTOLD = "The settlement is paid; its result was not told"
_SAFE = "What was done before stays done, and what is left is still yours."
_GO_ON = "Press “Go on” to try what is left, or leave it as it is: nothing goes on by itself."
_CANCELLED = frozenset({OrderState.CANCEL, OrderState.TRIGGER_CANCEL})


def way_text(way: Way) -> str:
    """Return the label of a way to end positions."""
    return _WAYS[way][0]


def way_explanation(way: Way) -> str:
    """Return what the way means, in two sentences."""
    return _WAYS[way][1]


def risk_text(way: Way, *, has_positions: bool) -> str:
    """Return what can go wrong on the way."""
    return _RISKS[way] if has_positions else _RISK_EMPTY


def more_positions_text(count: int) -> str:
    """Return the label of the positions that have no line of their own."""
    return f"…and {_counted(count, 'position')} more"


# The legs, each as a line and what stands small beneath it


def leg_text(leg: Leg) -> str:
    """Return what the leg is to do, does, has done, or has not done."""
    match leg.kind:
        case LegKind.CANCEL:
            return _cancel_text(leg)
        case LegKind.SETTLE:
            return _settle_text(leg)
        case LegKind.CLOSE:
            return _close_text(leg)
    return {
        LegMark.AHEAD: "Close the margin account",
        LegMark.NOW: "Closing the margin account…",
        LegMark.DONE: "The margin account is closed",
        LegMark.STOPPED: "The margin account is still open",
    }[leg.mark]


def leg_detail(leg: Leg, channel: Channel | None, quote: str) -> str:
    """Return the leg's results, or what it waits for; money in quote."""
    if leg.kind is LegKind.SETTLE and leg.run is not None:
        return _run_detail(leg.run, quote)
    if leg.kind is LegKind.CLOSE:
        return "\n".join(closing_text(each) for each in leg.closings)
    if leg.kind is not LegKind.CLOSE_ACCOUNT:
        return ""
    if leg.mark is LegMark.AHEAD:
        return "Your part of the final balance is paid out to your wallet."
    if leg.mark is LegMark.NOW and channel is not None and channel.is_closing:
        return channel_explanation(channel)
    if leg.mark is LegMark.DONE and channel is not None and channel.own_balance is not None:
        return f"{format_money(channel.own_balance, quote)} paid out to your wallet"
    return ""


def closing_text(closing: Closing) -> str:
    """Return how a position ended: "PEPE closed at 0.00001146 USD"."""
    base, quote = base_of(closing.position.market), quote_of(closing.position.market)
    order = closing.order
    if order is None or order.average_price is None:
        return f"{base} closed"
    return f"{base} closed at {format_price(order.average_price)} {quote}"


def _cancel_text(leg: Leg) -> str:
    left = _counted(len(leg.live_orders), "order")
    match leg.mark:
        case LegMark.AHEAD:
            return f"Cancel {left}"
        case LegMark.NOW:
            return f"Cancelling {left}…"
        case LegMark.STOPPED:
            return f"{left} {_is(len(leg.live_orders))} still open"
    cancelled = sum(order.state in _CANCELLED for order in leg.orders)
    others = len(leg.orders) - cancelled
    text = f"{_counted(cancelled, 'order')} cancelled"
    return f"{text}, {others} ended before that" if others else text


def _settle_text(leg: Leg) -> str:
    markets = leg.run.markets if leg.run is not None else ()
    bases = _bases(markets or tuple(each.market for each in leg.positions))
    return {
        LegMark.AHEAD: f"Settle {bases} with the broker",
        LegMark.NOW: f"Settling {bases} with the broker…",
        LegMark.DONE: f"{bases} settled",
        LegMark.STOPPED: f"{bases} not settled",
    }[leg.mark]


def _close_text(leg: Leg) -> str:
    left = _counted(len(leg.positions), "position")
    return {
        LegMark.AHEAD: f"Close {left} at the exchange",
        LegMark.NOW: f"Closing {left}…",
        LegMark.DONE: f"{_counted(len(leg.closings), 'position')} closed",
        LegMark.STOPPED: f"{left} {_is(len(leg.positions))} still open",
    }[leg.mark]


def _run_detail(run: SettlementRun, quote: str) -> str:
    if run.is_paid:
        is_told = any(each.pnl is not None for each in run.positions)
        return _paid_text(run.result, quote) if is_told else _PAID_UNTOLD
    if not run.steps:
        return "Asked for. The broker has not said anything about it yet."
    step = run.steps[-1]
    return f"{settlement_step_text(step)} {settlement_meaning(step.state)}"


def _paid_text(result: Decimal, quote: str) -> str:
    if result > 0:
        return f"{format_money(result, quote)} paid to your wallet"
    if result < 0:
        return f"A loss of {format_money(-result, quote)}, paid to the broker"
    return "Neither profit nor loss, so nothing was paid"


def _bases(markets: Sequence[str]) -> str:
    return markets_text([base_of(market) for market in dict.fromkeys(markets)])


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


# What went wrong, what is safe, what to do


def setback_notice(setback: Setback, channel: Channel | None) -> Notice:
    """Return the notice for a way that ended early: what happened, and how to go on."""
    if setback.order is not None:
        return replace(
            _short_order(setback.order), next_step=_GO_ON, severity=Severity.WARNING, action=None
        )
    if setback.run is not None:
        return _settlement_stopped(setback.run, channel)
    match setback.error:
        case None:
            return Notice(
                "You stopped here.",
                "What is done stays done, and what was sent already still comes to its end.",
                "Press “Go on” whenever you like. Nothing goes on by itself.",
                Severity.INFO,
            )
        case LockedError() | NotAuthorizedError() as error:
            is_locked = isinstance(error, LockedError)
            return Notice(
                "It stopped, because the application was locked on the way."
                if is_locked
                else "It stopped, because your passphrase was typed too long ago.",
                _SAFE,
                "Press “Go on”, and confirm it with your passphrase again.",
                Severity.WARNING,
            )
        case OutcomeUnknownError() as error:
            notice = error_notice(error, _DOING[setback.kind])
            next_step = (
                "We are finding out from the venue what became of it. You can go on as soon as we "
                "know."
            )
            return replace(notice, next_step=next_step, action=None)
        case error:
            notice = error_notice(error, _DOING[setback.kind])
            # What these say to do next is the reason, or the remedy.
            has_remedy = isinstance(error, TicketError | JournalError)
            next_step = f"{notice.next_step} {_GO_ON}" if has_remedy else _GO_ON
            return replace(notice, safe=_SAFE, next_step=next_step, action=None)


def offline_notice(link: str) -> Notice:
    """Return the notice for a way that waits while there is no connection to the link."""
    return Notice(
        sentence(f"there is no connection to {one_line(link)} now"),
        "What was sent comes to its end without us, and nothing is sent twice.",
        "Wait: the connection is being tried again, and then it goes on by itself.",
        Severity.WARNING,
    )


def unfinished_notice() -> Notice:
    """Return the notice at a start that finds a way home begun and not ended."""
    return Notice(
        "You were on your way home when Kayen Desktop was closed.",
        "What was done is done, and nothing went on without you.",
        "Look at what is left, then go on, or drop it there.",
        Severity.WARNING,
        Action.GO_HOME,
    )


def _short_order(order: Order) -> Notice:
    base = base_of(order.market)
    notice = close_order_notice(order)
    return replace(notice, happened=f"{base}: {notice.happened[:1].lower()}{notice.happened[1:]}")


def _settlement_stopped(run: SettlementRun, channel: Channel | None) -> Notice:
    state = next((step.state for step in reversed(run.steps) if step.state.came_to_nothing), None)
    if state is None:
        return Notice(
            "The settlement came to nothing.",
            _SAFE,
            f"You can ask again, or close the positions at the exchange instead. {_GO_ON}",
            Severity.WARNING,
        )
    return replace(
        settling_stopped_notice(state, channel),
        next_step=f"You can ask again, or close the positions at the exchange instead. {_GO_ON}",
        action=None,
    )
