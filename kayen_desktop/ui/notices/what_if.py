"""Words of the dialog that tries a move of prices on a copy of the account."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.amounts import truncate
from kayen_desktop.domain.margin import MarginFigures, MarginReading, Zone
from kayen_desktop.ui.formatting import format_exact, format_money

from .margin import forbidden_text, share_text, whole_text

TITLE = "What if prices moved?"
EXPLANATION = (
    "This is a copy of your account. Move its prices and see what becomes of it: nothing is sent, "
    "and nothing of yours changes."
)
NO_ACCOUNT = "There is no margin account (channel) yet, so there is nothing to try this on."
NO_BALANCE = "The venue has not told the balance of your account yet. Wait a moment."
NOTHING_HELD = (
    "You hold no positions, so no price changes your account. Buy or sell something first, and "
    "come back."
)
ALL_MARKETS = "All your markets"
NOW = "Now"
THEN = "Then"
MARK_THEN = "Price then"
UNKNOWN_ZONE = "not known"
_IN_ZONES = {Zone.GREEN: "safe", Zone.ORANGE: "low", Zone.RED: "in danger"}

# A label and what it means in a few words: longer ones would take a second line each.
EQUITY = ("Equity", "balance with profit/loss")
PNL = ("Profit/loss", "if all were closed (PnL)")
USED = ("Used", "bound by positions, orders")
AVAILABLE = ("Available", "free for further orders")
POWER = ("Buying power", "largest order you can place")
TO_NEXT = ("To the next zone", "a loss of")
NEXT_MOVE = ("… in per cent of price", "all markets together")
CLOSING_MOVE = ("Danger at", "all markets; the broker may close")
YOU_GET = ("You get back", "if all were closed now")
BROKER_GETS = ("The broker gets back", "the rest of both deposits")


def initial_margin(rate: Decimal) -> tuple[str, str]:
    """Return the label of the initial margin and what it means."""
    return "Initial margin", f"{share_text(rate)} of the cost, to open"


def maintenance_margin(rate: Decimal) -> tuple[str, str]:
    """Return the label of the maintenance margin and what it means."""
    return "Maintenance margin", f"{share_text(rate)} of the cost, to keep"


def left_of_margin(reading: MarginReading) -> tuple[str, str]:
    """Return the label of the share that the zone goes by, and what it is a share of."""
    return "Zone", f"what is left of {whole_text(reading)}"


def market_closed_at(market: str) -> tuple[str, str]:
    """Return the label of a market's liquidation price and what it means."""
    return f"… in {market} alone", "liquidation price"


def result_text(market: str, share: Decimal, then: MarginFigures, quote: str) -> str:
    """Return what a move would do, in one or two sentences; ``market`` is empty for all."""
    worth = f"your account is worth {format_money(then.equity, quote)}"
    if then.zone is not None:
        worth = f"{worth} and {_IN_ZONES[then.zone]}. {forbidden_text(then.zone)}"
    if not share:
        return f"At the prices now {worth}."
    verb = ("falls" if share < 0 else "rises") if market else ("fall" if share < 0 else "rise")
    size = format_exact(truncate(abs(share) * 100, 1))
    return f"If {market or 'all your markets'} {verb} {size} %, {worth}."
