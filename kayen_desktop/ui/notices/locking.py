"""Words for the lock, for the passphrase, and for what is told while the screen is locked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kayen_desktop.app.gate import Act
from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.domain.errors import KayenError, VaultError, VenueRejectionError
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.identities import Identity
from kayen_desktop.domain.margin import MarginReading, Zone
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position

from .connections import link_text
from .failures import error_notice
from .identities import full_day
from .keys import vault_problem_text
from .margin import zone_explanation, zone_text
from .notice import Notice, one_line

CHECKING = "Checking…"
NOT_THE_ONE = (
    "That is not your passphrase. Check capital letters and the keyboard's language, then type it "
    "again."
)


@dataclass(frozen=True, slots=True)
class ActWords:
    """What the passphrase is asked for: a title, a sentence, and the button's text."""

    title: str
    sentence: str
    confirm: str


_ACTS = {
    Act.OPEN_ACCOUNT: ActWords(
        "Open the margin account",
        "To open the margin account with your deposit, type your passphrase.",
        "Open the account",
    ),
    Act.SETTLE: ActWords(
        "Settle positions",
        "To settle the positions you chose, type your passphrase.",
        "Settle",
    ),
    Act.CLOSE_ACCOUNT: ActWords(
        "Close the margin account",
        "To close the margin account and have your money paid out, type your passphrase.",
        "Close the account",
    ),
    Act.WITHDRAW: ActWords(
        "Withdraw money",
        "To withdraw money, type your passphrase.",
        "Withdraw",
    ),
    Act.REVEAL: ActWords(
        "Show it on this screen",
        "To show your recovery phrase or private key on this screen, type your passphrase. "
        "Make sure that nobody looks over your shoulder.",
        "Show it",
    ),
    Act.EXPORT: ActWords(
        "Export the key",
        "To save your key in a file, type your passphrase: the one that opens your keys here, not "
        "the password that you chose for the file.",
        "Go on",
    ),
    Act.ADD_KEY: ActWords(
        "Add a key",
        "To put another key beside those you have, type your passphrase.",
        "Add the key",
    ),
    Act.USE_KEY: ActWords(
        "Sign in with your key",
        "To sign in with your key, type your passphrase. No money moves by that; what you trade at "
        "a live venue is real money.",
        "Sign in",
    ),
    Act.REMOVE_KEY: ActWords(
        "Remove the key",
        "To remove the key from this computer, type your passphrase. Without a backup it is gone "
        "for good.",
        "Remove the key",
    ),
    Act.TRUST_ADDRESS: ActWords(
        "Trust the new address",
        "To take the address that the venue shows now for the right one, type your passphrase.",
        "Trust it",
    ),
    Act.GO_HOME: ActWords(
        "Close all and go home",
        "To cancel your orders, end your positions, close the margin account and have your money "
        "paid out, type your passphrase. You are asked once for all of it.",
        "Go home",
    ),
}


def act_words(act: Act) -> ActWords:
    """Return what is said where the passphrase is asked for the act."""
    return _ACTS[act]


def pause_text(wait_s: int) -> str:
    """Return how long no passphrase is tried after too many wrong ones."""
    return f"Too many wrong tries in a row. You can try again in {wait_s} s."


# Before the first signature

SIGNATURE_ASKED_ONCE = "You are asked once for this venue and this key."


def signature_title(venue: str) -> str:
    """Return the title of the question for the first signature."""
    return f"Sign in to {one_line(venue)}"


# The screen while it is locked: nothing of what the trader owns, owes, gains or loses.

LOCKED_BEFORE_START = "Type your passphrase to start."
LOCKED_AND_WATCHING = (
    "Prices, alarms and margin warnings go on. What you have is shown once you unlock."
)
LOCKED_AND_CUT_OFF = (
    "There is no connection to {links} now: margin warnings can't reach this screen until it is "
    "back. It is tried again by itself."
)
ALARM_WHILE_LOCKED = (
    "Trading is stopped: what the venue shows does not fit together. Unlock to read why."
)
VENUE_WARNED_WHILE_LOCKED = "The venue sent a warning. Unlock to read it."
CHOOSE_POSITION = "Choose the position to close. All of it is closed, at the price of that moment."
POSITION_GONE_WHILE_LOCKED = "That position is closed already."
POSITION_CLOSE_SENDING = "The order is on its way. It is sent once."

_UP = frozenset({LinkState.CONNECTED, LinkState.SIGNING_IN, LinkState.READY})


def locked_text(links: tuple[LinkStatus, ...]) -> str:
    """Return what goes on behind the locked screen, and what does not."""
    if not links:
        return LOCKED_BEFORE_START
    lost = [each.link for each in links if each.state not in _UP]
    if lost:
        return LOCKED_AND_CUT_OFF.format(links=" and ".join(lost))
    return LOCKED_AND_WATCHING


def locked_link_text(status: LinkStatus) -> str:
    """Return the name of the connection and how it is."""
    return f"{status.link}: {link_text(status)}"


def locked_zone_text(zone: Zone, reading: MarginReading = MarginReading.OWN_DEPOSIT) -> str:
    """Return the margin warning, or that it is over, without a figure of money."""
    return f"Margin: {zone_text(zone)}. {zone_explanation(zone, reading)}"


def locked_position_text(position: Position) -> str:
    """Return which position it is, by its market and direction alone."""
    return f"{position.market}, {'bought' if position.side is Side.BUY else 'sold'}"


def locked_close_text(position: Position) -> str:
    """Return the label of the button that closes the position."""
    return f"Close {position.market} now"


def close_accepted_text(market: str) -> str:
    """Return that the order was accepted; what it brought is shown after unlocking."""
    return f"The order to close {market} was accepted."


def close_failed_text(error: KayenError, market: str) -> str:
    """Return why the position was not closed; a venue's own words may hold amounts: not here."""
    if isinstance(error, VenueRejectionError):
        return f"The venue said no to closing {market}. Unlock to see the position."
    return error_notice(error, f"the order to close {market}").text


def locking_soon_text(seconds_left: float) -> str:
    """Return the warning before the screen locks by itself."""
    return f"Locking in {math.ceil(seconds_left)} s – move the mouse or press a key to stay."


# For who forgot the passphrase

FORGOTTEN_LINK = "I forgot my passphrase"
FORGOTTEN_TITLE = "Forgotten passphrase"
FORGOTTEN_TRUTH = "Nobody can read your passphrase back or reset it."
FORGOTTEN_HINT = (
    "So think, and try again first: check capital letters and the keyboard's language, and try "
    "passphrases that you had before."
)
FORGOTTEN_WAY = (
    "If it stays forgotten, you can remove every key from this computer and start anew. A key then "
    "comes back only from its backup: the written recovery phrase, the private key or the exported "
    "file."
)
FORGOTTEN_KEYS = "Keys that are removed"
FORGOTTEN_NO_KEYS = "There is no key here: only the passphrase is removed."
FORGOTTEN_MONEY = (
    "Margin accounts that were opened with a key without a backup are lost for ever, with the "
    "money in them: nobody gets it back, not even the broker."
)
FORGOTTEN_SIGNED_IN = (
    "You are signed in with one of these keys and will be signed out: open positions stay open, "
    "and no margin warning reaches you here until the key is back."
)
FORGOTTEN_TYPED = "DELETE MY KEYS"
FORGOTTEN_QUESTION = f"To go on, type {FORGOTTEN_TYPED}"
FORGOTTEN_CAPITALS = "Type it in capital letters."
REMOVING = "Removing…"


def forgotten_backup_text(identity: Identity) -> str:
    """Return whether, and when last, a backup was checked that brings the key back."""
    if identity.backed_up_at is None:
        return "No backup was ever checked"
    return f"Backup checked on {full_day(identity.backed_up_at)}"


def forgotten_wait_text(wait_s: int) -> str:
    """Return how long the keys can't be removed yet."""
    return f"You can remove the keys in {wait_s} s."


def forgotten_failed_notice(error: VaultError) -> Notice:
    """Return the notice for keys that could not be removed, or not all of them."""
    return Notice(
        "The keys could not be removed.",
        "It is still locked, and no key was shown. Your passphrase opens what was not removed.",
        vault_problem_text(error.kind),
        Severity.WARNING,
        detail=f"{error} {error.detail}".strip(),
    )
