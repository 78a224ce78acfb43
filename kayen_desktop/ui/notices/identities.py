"""Words for the trader's keys: what is known of each, and what is done with one."""

from __future__ import annotations

from datetime import datetime

from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.formatting import format_day, short_address

from .notice import Notice, sentence

MAX_PLACE = 46

# The list

IN_USE = "In use"
NOT_BACKED_UP = "Not backed up"
NO_KEYS = "There is no key here yet. Make one, or bring one that you have."
PRACTICE_KEY = "Practice uses a key of its own, made anew at each start; yours is never used there."
USE_EXPLAINED = "Each key is an account of its own. Using another one signs you in with it."
LOST_BACKUP = (
    "If this computer breaks or is lost, so is the key, and with it the money behind it. Write it "
    "down and check what you wrote: that counts as a backup."
)
GOOD_BACKUP = "Check it again now and then: paper fades, and files get lost."

# Where keys are kept, and the lock

UNPROTECTED = (
    "No passphrase is set: whoever can use this computer as you can use your keys. A passphrase "
    "encrypts them, and lets you lock the window."
)
PROTECTED = (
    "A passphrase encrypts your keys, and is asked for before money moves and before a secret is "
    "shown. Nobody can tell it to you if you forget it."
)
FILES_STAY_PROTECTED = "Keys that are kept in files always have a passphrase."
LOCK_NEEDS_ONE = "Set a passphrase first: without one there is nothing to unlock with."
LOCK_EXPLAINED = (
    "While it is locked the window shows nothing of value. Prices, alarms and margin warnings go "
    "on behind it."
)
SET_EXPLAINED = (
    "It encrypts your keys on this computer. Write it down where you keep your backup: nobody can "
    "tell it to you if you forget it."
)
CHANGE_EXPLAINED = "Everything that is kept is encrypted anew; the old one opens nothing any more."
UNPROTECT_EXPLAINED = (
    "Without it whoever can use this computer as you can use your keys, and the window can't be "
    "locked."
)
OLD_CAPTION = "The passphrase that is in force now"
OLD_EMPTY = "Type the passphrase that is in force now."
WORKING = "Working…"
REMOVE_CAPITALS = "Capital letters count: type the name exactly as it is written above."

# Connections

PRACTICE_VENUE = "A complete venue inside this application. No real money."
LIVE_VENUE = "Real money."
USE_VENUE = "Use this venue"

# Showing a secret

PHRASE_WARNING = (
    "Whoever reads these words can take everything behind this key, from anywhere. Write them on "
    "paper, in order. Never photograph them, never type them into a website, and tell them to "
    "nobody: no support ever asks for them."
)
PRIVATE_KEY_WARNING = (
    "Whoever reads this can take everything behind this key, from anywhere. Never paste it into a "
    "website, and tell it to nobody: no support ever asks for it."
)
HIDDEN_AGAIN = "It was hidden again. It stays on the screen only while you look at it."
CAPTURE_BLOCKED = "Screenshots and screen sharing don't see this window."
CAPTURE_POSSIBLE = (
    "This system can't keep screenshots and screen sharing out of this window: make sure that "
    "none is running, and that nobody stands behind you."
)
COPIED = "Copied; it is cleared from the clipboard in 60 s."
NOT_COPIED = "The clipboard did not take it."
COPY_GONE = "It is cleared from the clipboard."

# A file

EXPORT_EXPLAINED = (
    "The key is written into a file that other wallets can read, too (Ethereum keystore). The file "
    "gets a password of its own: you need both, the file and its password, to get the key back."
)
EXPORT_WRITING = "Writing the file and reading it back… this takes a few seconds."
EXPORT_DONE = (
    "The file is written, and it was read back and opened with its password: it holds this key."
)
EXPORT_NEXT = (
    "Put it on another device, then check it from there with “Check a backup…”. Only then is the "
    "key marked as backed up: a file on this computer alone is lost with it."
)

# The drill

CHECK_EXPLAINED = (
    "Nothing is brought in or changed: what you type is compared with the key here and forgotten."
)
CHECK_WORKING = "Comparing…"
CHECK_GOOD = "This is the backup of this key."
CHECK_GOOD_NEXT = (
    "With it you get the key back on any computer. Keep it where it is safe, and not beside this "
    "one."
)
CHOOSE_A_FILE = "Choose the file first."
FILE_UNOPENED = "Type the password of the file."

# Taking a key away

REMOVE_MONEY = (
    "Close your margin accounts first: without the key nobody gets that money back, not even the "
    "broker."
)
REMOVE_NOT_BACKED_UP = "No backup of this key was ever checked. Check one before you remove it."
REMOVE_ACKNOWLEDGE = (
    "I have no checked backup, and I know that the key and the money behind it may be gone for good"
)
REMOVE_IN_USE = "This key is in use. Use another key first, then remove this one."
REMOVE_ACKNOWLEDGE_FIRST = "Check a backup first, or tick the box above."


def full_day(at: datetime) -> str:
    """Return the local day with its year: "21 Nov 2026"."""
    return f"{format_day(at)} {at.astimezone().year}"


def backup_text(identity: Identity) -> str:
    """Return whether, and when last, a backup of the key was checked."""
    if identity.backed_up_at is None:
        return NOT_BACKED_UP
    return f"Backed up {full_day(identity.backed_up_at)}"


def key_title(identity: Identity) -> str:
    """Return the key's name with the ends of its address, as titles show it."""
    return f"{identity.name} · {short_address(identity.address)}"


def words_counted(count: int) -> str:
    """Return how many words were typed so far; a phrase has 12, 15, 18, 21 or 24."""
    return "" if not count else f"{count} word so far" if count == 1 else f"{count} words so far"


def hidden_in(seconds: int) -> str:
    """Return how long a secret stays on the screen."""
    return f"Hidden again in {seconds} s"


def remove_explained(identity: Identity) -> str:
    """Return what taking the key away does."""
    if identity.has_phrase:
        return (
            "The key and its recovery phrase are taken off this computer. Only a backup brings "
            "them back."
        )
    return "The key is taken off this computer. Only a backup brings it back."


def place_text(path: str) -> str:
    """Return a path short enough for one line: its end tells more than its beginning."""
    return path if len(path) <= MAX_PLACE else "…" + path[1 - MAX_PLACE :]


def name_to_type(name: str) -> str:
    """Return what confirms that a key is taken away."""
    return f"To confirm, type the name of the key: {name}"


def export_failed_notice(reason: str) -> Notice:
    """Return the notice for a file that could not be written; ``reason`` is the system's."""
    return Notice(
        sentence(f"the file could not be written: {reason or 'the system gave no reason'}"),
        "The key is still where it is kept, and no half of it lies about.",
        "Choose another folder, or make room on the disk, then try again.",
        Severity.WARNING,
    )


def export_spoiled_notice() -> Notice:
    """Return the notice for a file that does not give the key back."""
    return Notice(
        "The file was written, but the key could not be read back from it.",
        "The key is still where it is kept. The spoiled file was deleted.",
        "Choose another disk, then try again.",
        Severity.CRITICAL,
    )
