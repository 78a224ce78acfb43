"""Words of the account's details: who holds it, its life, disputes, and what the venue asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome
from kayen_desktop.domain.events import Severity, WalletAsked, WalletRequest
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.margin import Zone
from kayen_desktop.ui.formatting import format_exact, format_time

from .accounts import channel_explanation
from .notice import Action, Notice

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

# Wallet requests

WALLET_TITLES = {
    WalletRequest.TRANSACTION: "The venue asks for an on-chain transaction",
    WalletRequest.SESSION_KEY: "The venue asks for a session key",
}
WALLET_WHY = {
    WalletRequest.TRANSACTION: (
        "This application signs nothing that moves money. A transaction could pay out anything "
        "that the address holds, and nobody can take it back."
    ),
    WalletRequest.SESSION_KEY: (
        "A session key would let the venue act for your address by itself, within limits that it "
        "writes. This application gives no such key to anybody, so it was refused."
    ),
}
WALLET_SAFE = "Nothing was signed and nothing was sent. Your key and your money are as they were."
WALLET_NEXT = (
    "You need not do anything. If the broker tells you by another way that it is needed, do it "
    "with a wallet that shows you what you sign."
)
_WALLET_FIELDS = {
    "to": "Goes to (to)",
    "value": "Sends (value)",
    "gas_limit": "At most (gas limit)",
    "data": "Calls (data)",
    "sender": "Acts for (sender)",
    "nonce": "Number (nonce)",
    "initCode": "Sets up (init code)",
    "callData": "Calls (call data)",
    "enable_sig_offset": "Place of the signature",
    "digest_hash": "To be signed (digest)",
    "permissions": "Permissions",
}
WALLET_NONE = "The venue has asked nothing of your wallet."
_WALLET_LINES = {
    WalletRequest.TRANSACTION: (
        "The venue asks for an on-chain transaction; this app does not send one. Nothing was "
        "signed."
    ),
    WalletRequest.SESSION_KEY: "The venue asks for a session key; refused. Nothing was signed.",
}

# Zones

_ZONE_NOTICES = {
    Zone.ORANGE: (
        "Your margin is low: the account is in the orange zone.",
        "Your positions are still yours. Only orders that reduce them are taken now.",
        "Close or reduce a position, or wait for the price to come back.",
        Severity.WARNING,
    ),
    Zone.RED: (
        "Your margin is in danger: the account is in the red zone.",
        "You can't lose more than the deposit. The broker may close your positions at any moment "
        "(liquidation).",
        "Close or reduce a position now if you don't want the broker to do it.",
        Severity.CRITICAL,
    ),
}


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


def duration_text(length: timedelta) -> str:
    """Return a length of time in its two largest units: "2 h 5 min", "less than a minute"."""
    minutes = max(int(length.total_seconds()), 0) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"


def capacity_text(count: int, capacity: int) -> str:
    """Return how many accounts of how many are in use."""
    return f"{count:,} of {capacity:,} accounts in use"


# Across the window


def dispute_notice(dispute: Dispute) -> Notice:
    """Return the notice for a dispute that has begun or ended."""
    if dispute.outcome is DisputeOutcome.CLEARED:
        return Notice(
            "The dispute over your margin account is over (cleared).",
            "The account goes on with the last balance that both sides had agreed on.",
            "You can trade again.",
            Severity.INFO,
            Action.SHOW_ACCOUNT,
        )
    if dispute.outcome is DisputeOutcome.FINISHED:
        return Notice(
            "The dispute over your margin account is over (finished).",
            "The account ends with the last balance that both sides had signed.",
            "Your part of it is paid out to your wallet. The account's details show the steps.",
            Severity.INFO,
            Action.SHOW_ACCOUNT,
        )
    return Notice(
        "A dispute over your margin account is running: the blockchain was asked to decide "
        "(challenge).",
        "Your deposit is safe." if dispute.is_early else (
            "The last balance that you and the broker both signed is safe. No orders are taken "
            "meanwhile."
        ),
        "You need not do anything. Keep this application running.",
        Severity.CRITICAL,
        Action.SHOW_ACCOUNT,
    )  # fmt: skip


def liquidation_notice(words: str) -> Notice:
    """Return the notice that the broker closes the positions; ``words`` are the venue's own."""
    return Notice(
        "Your loss has used up your margin; the broker is closing your positions (liquidation).",
        "You can't lose more than the deposit.",
        "What is left is shown under the account's details. No order of yours can stop it now.",
        Severity.CRITICAL,
        Action.SHOW_ACCOUNT,
        words,
    )


def zone_notice(before: Zone, after: Zone) -> Notice:
    """Return the notice for an account that went from one zone of the margin to another."""
    if after is Zone.GREEN:
        return Notice(
            "Your margin has recovered: the account is in the green zone.",
            "You can order as usual again.",
            "",
            Severity.INFO,
        )
    happened, safe, next_step, severity = _ZONE_NOTICES[after]
    if before is Zone.RED:
        happened = "Your margin is better, but still low: the account is in the orange zone."
    return Notice(happened, safe, next_step, severity, Action.SHOW_POSITIONS)


def wallet_line(event: WalletAsked, count: int = 1) -> str:
    """Return one line on what the venue wanted of the wallet, and how often it did."""
    line = _WALLET_LINES[event.request]
    return line if count == 1 else f"{line} It asked {count} times in a short time."


def wallet_notice(event: WalletAsked) -> Notice:
    """Return the notice for what the venue wants of the wallet."""
    return Notice(
        _WALLET_LINES[event.request],
        "Your key and your money are as they were.",
        "You need not do anything; the details show what it asked for.",
        Severity.WARNING,
        Action.SHOW_WALLET_REQUEST,
    )


def asked_text(time: str, count: int) -> str:
    """Return when a request came last, and how often it came."""
    return f"Asked at {time}" if count == 1 else f"Asked {count} times, last at {time}"


def wallet_field(name: str) -> str:
    """Return a field of a wallet request as a label, the venue's own name in brackets."""
    return _WALLET_FIELDS.get(name, name)


def balance_line(balance: Decimal, quote: str) -> str:
    """Return that the account's agreed balance is another one now, to the last digit."""
    return f"Your balance is now {format_exact(balance)} {quote}."


def settled_notice(text: str, *, is_paid: bool) -> Notice:
    """Return the notice for a settlement that is over; ``text`` says which and how it ended."""
    return Notice(
        text,
        "What it came to is yours." if is_paid else "Your positions are as they were before.",
        "The account's details show every step.",
        Severity.INFO if is_paid else Severity.WARNING,
        Action.SHOW_ACCOUNT,
    )


def never_known_notice(text: str) -> Notice:
    """Return the notice for a request whose outcome nobody can be asked; ``text`` names it."""
    return Notice(
        text,
        "It is never sent twice.",
        "Look at your positions before you ask for it again.",
        Severity.WARNING,
        Action.SHOW_POSITIONS,
    )


def alarm_lifted_notice() -> Notice:
    """Return the notice that trading goes on after an alarm."""
    return Notice(
        "Trading goes on: you have taken what the venue shows for right.",
        "From now on it is held against what you trusted.",
        "",
        Severity.INFO,
    )
