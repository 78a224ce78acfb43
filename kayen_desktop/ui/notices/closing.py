"""Words of the dialogs that close positions and margin accounts."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.markets import base_of
from kayen_desktop.domain.orders import Order, Side
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.formatting import MINUS, format_amount, format_money

from .notice import Action, Notice, one_line, quoted, sentence
from .orders import held_text, order_status_text

NO_PRICE = "There is no price for this market yet, so what you would get is not known."
BOOK_MISSING = "The order book is not here yet; the figures are reckoned at the last price."
BOOK_OLD = "The order book has not changed for a while, so these figures may be old."
ORDER_TAKEN_IN = "The exchange took the order in. Waiting for it to be filled…"
ORDER_SENDING = "Your order is on its way. It is sent once."
POSITION_GONE = "This position is closed. There is nothing left to do here."
POSITIONS_GONE = "All your positions are closed."
LEGS_SENDING = "Your orders are on their way. Each is sent once."
LEGS_TAKEN_IN = "Waiting for the orders to be filled…"
LEG_SENDING = "Sending…"
LEG_ACCEPTED = "Taken in by the exchange"
LEG_CLOSED = "Closed"
LEG_UNKNOWN_RESULT = "no price yet"
LEGS_UNCONFIRMED = (
    "An order is not confirmed yet. Wait until we have found out what became of it, so that "
    "nothing is closed twice."
)

CLOSING_FIRST = (
    "Before the account can be closed",
    "Orders and positions of the account have to be closed first.",
)
CLOSING_READY = (
    "Ready to close",
    "You and the broker agree on the final balance, and your part is paid out to your wallet.",
)
CLOSING_SENDING = ("Asking to close the account", "Your request is on its way. It is sent once.")
CLOSING_UNDER_WAY = (
    "The account is being closed",
    "You may close this window or even the application; it goes on without them.",
)
CLOSING_UNKNOWN = ("Not confirmed yet", "We are finding out what became of your request.")
CLOSED_BY_YOU = ("The account is closed", "This is your receipt, to the last digit.")
CLOSED_BY_BROKER = (
    "The broker closed the account",
    "You did not ask for it. This is your receipt, to the last digit.",
)
CLOSING_FAILED = ("The account was never opened", "Your deposit stays in your wallet.")
CLOSING_OPENING = (
    "The account is not open yet",
    "It can be closed as soon as it is ready to trade.",
)
CLOSING_UNCONFIRMED_ORDER = (
    "An order is not confirmed yet. Wait until we have found out what became of it."
)
ROUNDING = "Rounding"
UNEXPLAINED = "Other changes by the broker"
BALANCE_UNKNOWN = "The broker has not told the balance yet."


def position_text(position: Position, amount: str) -> str:
    """Return a position without an end mark: "Bought 12 PEPE" is a long one, "Sold" a short one."""
    return held_text(position.side, amount, position.market)


def close_headline(side: Side, money: Decimal, quote: str) -> str:
    """Return what closing comes to: ``side`` is the position's, ``money`` in quote, fee in it."""
    if side is Side.BUY:
        return f"If you close now you get about {format_money(money, quote)}"
    return f"If you close now you pay about {format_money(money, quote)} to buy it back"


def result_text(result: Decimal, quote: str) -> str:
    """Return what closing gains or loses, in one sentence."""
    if not result:
        return "That is neither profit nor loss, fee included."
    word = "profit" if result > 0 else "loss"
    return f"That is a {word} of {format_money(abs(result), quote)}, fee included."


def signed_result(result: Decimal, quote: str) -> str:
    """Return a gain or loss for a list of figures: "Loss −1.20 USD"."""
    if not result:
        return format_money(result, quote)
    word, sign = ("Profit", "+") if result > 0 else ("Loss", MINUS)
    return f"{word} {sign}{format_money(abs(result), quote)}"


def all_result_text(result: Decimal, quote: str) -> str:
    """Return what closing everything comes to, in one sentence."""
    if not result:
        return "Closing all of them now makes neither profit nor loss."
    word = "profit" if result > 0 else "loss"
    return f"Closing all of them now makes a {word} of about {format_money(abs(result), quote)}."


def thin_book_text(can_fill: Decimal, wanted: Decimal, base: str) -> str:
    """Return the warning that the book does not hold the whole amount (base)."""
    return (
        f"The order book is thin: it holds {format_amount(can_fill)} of {format_amount(wanted)} "
        f"{base}. The figures cover that part; the rest may be filled later, at a worse price, "
        "or not at all."
    )


def close_order_notice(order: Order) -> Notice:
    """Return the notice for a closing order that ended without closing everything."""
    words = f": {quoted(order.reason)}" if order.reason.strip() else ""
    base = base_of(order.market)
    if order.executed:
        happened = (
            f"only a part was closed, {format_amount(order.executed)} of "
            f"{format_amount(order.amount)} {base}{words}"
        )
    else:
        happened = f"nothing was closed; the order is {order_status_text(order).lower()}{words}"
    return Notice(
        sentence(happened),
        "What is left of the position is still yours and goes on with the market.",
        "Close the rest when you are ready.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def order_not_received() -> Notice:
    """Return the notice for an order that the venue turned out never to have got."""
    return Notice(
        "Your order never reached the venue.",
        "Nothing was sold or bought, and the position is as it was.",
        "Send it again if you still want to close.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def closing_not_received() -> Notice:
    """Return the notice for a request to close that the venue turned out never to have got."""
    return Notice(
        "Your request never reached the venue.",
        "The account is open as before, with everything in it.",
        "Send it again if you still want to close the account.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def closed_by_broker_notice(channel: Channel) -> Notice:
    """Return the notice for an account that the broker closed without being asked."""
    name = one_line(channel.broker.name) if channel.broker else "The broker"
    return Notice(
        sentence(f"{name} closed the account without your asking"),
        "Your part of the last agreed balance is paid out to your wallet.",
        "Compare the receipt with what you expected; copy it if you want to ask the broker.",
        Severity.WARNING,
    )
