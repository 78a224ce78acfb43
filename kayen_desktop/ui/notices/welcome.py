"""Words of the welcome wizard: what a key is, how it is made or brought, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from kayen_desktop.domain.errors import (
    KayenError,
    LockedError,
    NotAuthorizedError,
    VaultError,
    WrongPassphraseError,
)
from kayen_desktop.domain.events import Severity

from .failures import error_notice
from .keys import vault_problem_text
from .notice import Notice

WELCOME = "Welcome to Kayen Desktop"
WHAT_A_KEY_IS = (
    "A key is a very large secret number that signs for you: whoever holds it decides over what "
    "belongs to its address. You hold it yourself, on this computer, and nobody else has a copy."
)
LOOKING_FOR_VAULT = "Looking for the place where keys are kept…"
_GROUP = 4
_STILL_HERE = "Nothing is lost: it is still in this window."


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """One of the ways to begin: its name and one plain sentence."""

    title: str
    sentence: str


TRY_IT = ChoiceWords(
    "Try it now",
    "Practise on a market with play money: no key, no real money, ready in seconds.",
)
CREATE = ChoiceWords(
    "Create a key",
    "Make a new key on this computer, and write down the words that bring it back.",
)
BRING = ChoiceWords(
    "Bring a key",
    "Use a key you have already, from its recovery phrase, its number or its file.",
)

# Creating a key

CREATE_TITLE = "Create a key"
CREATE_LEAD = "The key is made on this computer and never leaves it."
NAME_HINT = "Only you see this name. You can change it later."
COUNT_HINT = "12 words are safe. 24 take longer to write down and are safer still."
PHRASE_TITLE = "What a recovery phrase is"
PHRASE_EXPLAINED = (
    "A list of ordinary words that stands for your key. If this computer is lost or broken, the "
    "words bring the key back on another one. You write them down on paper in a moment."
)
RISKS_TITLE = "What can go wrong"
RISKS = (
    "Who has the words has the money. Show them to nobody, and take no photo of them.",
    "Nobody can restore them, and we can't either. Without the words and without this computer, "
    "what the key holds is lost.",
    "Never type them into a web page, a mail or a chat.",
    "Support never asks for them. Somebody who does wants your money.",
)
WORDS_TITLE = "Write these words down"
WORDS_LEAD = (
    "Take paper and a pen, and write the words with their numbers, in this order. They can't be "
    "copied from here: other programs can read what is copied."
)
WRONG_ANSWER = (
    "That was another word. Look at the words once more and correct what you wrote; then you are "
    "asked again."
)
CHECKED_ALREADY = "You have checked these words. What is left is to keep the key."
CHECK_TITLE = "Check what you wrote"
CHECK_LEAD = "Look at your paper, not at your memory. After a wrong word you start again."
LATER_HINT = (
    "If you do it later, the key is kept all the same, and we remind you once real money "
    "depends on it."
)

# Bringing a key

BRING_TITLE = "Bring a key"
BRING_LEAD = "It is read on this computer and sent to nobody."
PHRASE_HINT = (
    "Type the words in their order, with spaces between them. Numbers before them do no harm."
)
PHRASE_FITS = "All the words are there, and they fit together."
INDEX_HINT = (
    "One phrase leads to many keys (accounts). 0 is the first one, and nearly always the right one."
)
PRIVATE_KEY_HINT = "64 digits and letters from a to f, with or without 0x before them."
KEYSTORE_HINT = (
    "A file that a wallet exported (keystore, JSON), with the password it was saved under."
)
NO_FILE = "No file is chosen."
PASTED_FILE = "the text you pasted"
OPENING_FILE = "Opening the file takes a moment, on purpose: so does every guess of a thief."
CONFIRM_TITLE = "Is this the address you expect?"
CONFIRM_LEAD = (
    "Each key has one address. Compare all of it with what you know: your paper, your other "
    "wallet, an earlier receipt."
)
OTHER_PHRASE = (
    "If it is another address, go back: a word, its place or the account number is different."
)
OTHER_KEY = "If it is another address, go back: what you brought is another key."

# The passphrase

LOCK_TITLE = "Lock this app with a passphrase"
LOCK_LEAD = (
    "Recommended: with a passphrase nobody who sits down at this computer can use your key. You "
    "type it when you start live and before money moves; practice opens without it."
)
LOCK_WARNING = (
    "Nobody can tell you a passphrase you forgot. The recovery phrase or file of your key still "
    "brings the key back."
)
LOCK_REQUIRED_TITLE = "Choose a passphrase"
LOCK_REQUIRED_LEAD = "It encrypts the files that your keys are kept in, so it can't be left out."
_SYSTEM_INSTEAD = (
    "If you would rather have the system's keyring keep them, set one up (GNOME Keyring or KWallet "
    "on Linux) and start Kayen Desktop again."
)

# The end

DONE_TITLE = "Your key is ready"
BACKUP_GOOD = "Its backup is checked: what you wrote down brings it back."
BACKUP_BROUGHT = "Keep what you brought it from in a safe place: it is your backup."
BACKUP_OPEN = (
    "Its words are not checked yet. Check them soon, under “Connections & keys”: until then this "
    "computer may hold the only copy."
)
PRACTICE_NEXT = ChoiceWords(
    "Start in practice",
    "Learn the app with play money first. Your key waits until you go live.",
)
LIVE_NEXT = ChoiceWords(
    "Go live with this key",
    "Connect to the exchange and prove that the address is yours. No money moves by that.",
)


def trail_text(title: str, step: int, steps: int) -> str:
    """Return where in the wizard one is: "Create a key · step 2 of 4"."""
    return f"{title}  ·  step {step} of {steps}"


def question_text(position: int) -> str:
    """Return what is asked of one word: "Which is word number 7?"."""
    return f"Which is word number {position}?"


def question_trail(asked: int, questions: int) -> str:
    """Return how far the check has come: "Question 2 of 4"."""
    return f"Question {asked} of {questions}"


def grouped_address(address: str) -> str:
    """Return the whole address in groups of four, so that a person can compare it."""
    digits = address.removeprefix("0x")
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    return " ".join(("0x", *groups)) if digits else ""


def account_text(path: str) -> str:
    """Return which key of a phrase it is, from its path m/44'/60'/0'/0/0."""
    return f"Account {path.rpartition('/')[2]} of the phrase ({path})"


def no_vault_notice(error: VaultError) -> Notice:
    """Return the notice for a computer where no key can be kept as it is."""
    return Notice(
        "A key can't be kept on this computer as it is.",
        "Practice needs no key and works all the same.",
        vault_problem_text(error.kind),
        Severity.WARNING,
        detail=error.detail,
    )


def not_kept_notice(error: KayenError) -> Notice:
    """Return the notice for a key that is ready and could not be kept: it is here still."""
    match error:
        case VaultError():
            return Notice(
                "The key could not be kept.",
                _STILL_HERE,
                vault_problem_text(error.kind),
                Severity.WARNING,
                detail=error.detail,
            )
        case NotAuthorizedError() | WrongPassphraseError() | LockedError():
            return Notice(
                "The key is not kept yet, because your passphrase was not given.",
                _STILL_HERE,
                "Go on when you are ready, and type the passphrase.",
                Severity.INFO,
            )
        case _:
            return error_notice(error, "keeping the key")


def stray_words_notice() -> Notice:
    """Return the notice for words that were shown, and that lead to no key that is kept."""
    return Notice(
        "The words you wrote down belong to no key.",
        "No key was kept, and no money depends on them.",
        "Cross them out, so that nobody takes them for a backup; a new key gets new words.",
        Severity.INFO,
    )


def required_passphrase_text(place: str) -> str:
    """Return why a passphrase can't be left out, from where keys are kept."""
    return f"{place} {_SYSTEM_INSTEAD}"
