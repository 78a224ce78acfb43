"""Words of an account's details: who holds it, its life and its disputes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.ui.formatting import format_exact, format_time

from .accounts import channel_explanation
from .notice import Notice

NOT_TOLD = "Not told"
NO_ACCOUNT = (
    "No margin account is open",
    "The venue has told of none yet. What is known of the clearing house is shown here.",
)

# Addresses

PIN_SHIPPED = "Pinned: the same as shipped with this application."
PIN_NONE = "Not pinned yet."
PIN_DIFFERS = "Not the pinned one. Trading is stopped until you have looked."
BROKER_UNKNOWN = (
    "Not one of the brokers this application knows. That is no proof of anything wrong, but nobody "
    "has checked this address for you."
)
ADDRESS_TITLE = "An address has changed, so trading is stopped"
ADDRESS_SAFE = (
    "Nothing can be ordered, opened or closed now. Your key never left this computer, and the last "
    "balance that you and the broker both signed stands."
)
ADDRESS_NEXT = (
    "Ask Kayen by another way than this application, for example by telephone or on a website that "
    "you have used before, whether the new address is theirs. Compare it letter by letter."
)
ADDRESS_BACK = (
    "The venue shows the pinned address again. Ask Kayen by another way what happened; then you "
    "can go on."
)
ALARM_TITLE = "Trading is stopped"
ALARM_NEXT = (
    "Check the venue's address under Connections, then start Kayen Desktop again. If this comes "
    "back, don't trade here, and ask Kayen by another way than this application."
)
TRUST_BUTTON = "Trust the new address…"
TRUST_ARMED_BUTTON = "Yes, Kayen confirmed it: trust it"
TRUST_BACK_BUTTON = "Go on with the pinned address…"
TRUST_BACK_ARMED_BUTTON = "Yes, go on"
TRUST_OUTDATED = Notice(
    "The venue showed yet another address meanwhile, so nothing was trusted.",
    "Trading stays stopped.",
    "Look at the address again before you decide.",
    Severity.WARNING,
)

# The clearing house

NEARLY_FULL = (
    "The clearing house is nearly full: 90 % or more of its accounts are in use. Opening another "
    "one may be refused."
)
BUSY = (
    "The clearing house is busy: 60 % or more of its accounts are in use. Your account is not "
    "touched by that."
)
NOT_DESCRIBED = (
    "The clearing house did not answer what it was asked about itself. That is nothing unusual."
)

# The life of an account

WORDS_MISSED = "Words in between were missed."
DOES_NOT_FOLLOW = "This does not follow from the step before; we go by the venue's last word."

# Disputes

DISPUTE_TITLE = "A dispute is running (challenge)"
_DISPUTE_WHAT = (
    "One side has put the account's last agreed balance before the blockchain and asked it to "
    "decide. The other side can answer with a newer agreement, or the waiting time runs out."
)
_DISPUTE_EARLY = (
    "The account never began: one deposit was missing. The blockchain is asked to give back what "
    "has been paid in."
)
_DISPUTE_WHO = "Either side can, at any time: you or the broker. This application never starts one."
_DISPUTE_NO_DEADLINE = "The venue tells no deadline. It ends with an answer or by waiting."
_DISPUTE_SAFE = (
    "The last balance that you and the broker both signed. Nobody can claim an older one while "
    "that stands. No orders are taken meanwhile."
)
_DISPUTE_SAFE_EARLY = "Your deposit. Nothing was traded on the account yet."
_DISPUTE_DO = "Nothing. Keep this application running, so that you hear how it ends."
_CLEARED = (
    "The dispute is over (cleared)",
    "The other side answered with what both had agreed on. The account goes on as before, with the "
    "last agreed balance.",
)
_FINISHED = (
    "The dispute is over (finished)",
    "The blockchain decided: the account ends with the last balance that both sides had signed, "
    "and your part of it is paid out to your wallet.",
)


def pin_seen_text(at: datetime, now: datetime) -> str:
    """Return that an address is the one that was pinned at a time."""
    return f"Pinned: the same as first seen here, {format_time(at, now)}."


def life_text(step: ChannelStep) -> str:
    """Return what a step of an account's life means, in one sentence."""
    return channel_explanation(
        Channel("", step.state, step.clearing_state, state_text=step.state_text)
    )


def jump_text(jump: Jump) -> str:
    """Return what is odd about how a step followed the one before; empty where nothing is."""
    return {Jump.SKIPPED: WORDS_MISSED, Jump.ILLEGAL: DOES_NOT_FOLLOW}.get(jump, "")


def earlier_text(count: int) -> str:
    """Return how many older steps are not shown."""
    return f"{count} earlier step is not shown." if count == 1 else (
        f"{count} earlier steps are not shown."
    )  # fmt: skip


def dispute_words(dispute: Dispute) -> tuple[str, str]:
    """Return the title and the explanation of a dispute, running or over."""
    if dispute.outcome is DisputeOutcome.CLEARED:
        return _CLEARED
    if dispute.outcome is DisputeOutcome.FINISHED:
        return _FINISHED
    return DISPUTE_TITLE, _DISPUTE_EARLY if dispute.is_early else _DISPUTE_WHAT


def dispute_answers(dispute: Dispute) -> tuple[tuple[str, str], ...]:
    """Return what one wants to know while a dispute runs, as pairs of a label and its sentences."""
    return (
        ("Who can start it", _DISPUTE_WHO),
        ("When it ends", _DISPUTE_NO_DEADLINE),
        ("What is safe", _DISPUTE_SAFE_EARLY if dispute.is_early else _DISPUTE_SAFE),
        ("What to do", _DISPUTE_DO),
    )


def capacity_text(count: int, capacity: int) -> str:
    """Return how many accounts of how many are in use."""
    return f"{count:,} of {capacity:,} accounts in use"


def balance_line(balance: Decimal, quote: str) -> str:
    """Return that the account's agreed balance is another one now, to the last digit."""
    return f"Your balance is now {format_exact(balance)} {quote}."
