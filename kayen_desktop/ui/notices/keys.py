"""Words for keys: what is wrong with one that was brought, where keys are kept, what is signed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from kayen_desktop.domain.errors import (
    KayenError,
    KeyInputError,
    KeyProblemKind,
    KeyStoreError,
    LockedError,
    NotAuthorizedError,
    SigningRefusedError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.identities import MAX_NAME, KeyOrigin
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.ui.formatting import short_address

from .notice import Action, Notice, one_line, quoted, sentence

if TYPE_CHECKING:
    from kayen_desktop.keys.strength import Strength
    from kayen_desktop.keys.vault import VaultPlace

# What opens the keys here goes by another name than what opens a file.
NOUN_FOR_KEYS = "passphrase"
NOUN_FOR_FILES = "password"

_PROBLEMS: dict[KeyProblemKind, str] = {
    KeyProblemKind.PHRASE_EMPTY: "Type the words of the recovery phrase, in their order.",
    KeyProblemKind.PHRASE_CHECKSUM: (
        "All words are in the list, but they don't belong together: one of them is probably "
        "another word, or two have changed places. Compare each with what you wrote down."
    ),
    KeyProblemKind.PHRASE_LOOKS_LIKE_KEY: (
        "This looks like a private key or a key file, not like a recovery phrase. Bring it as what "
        "it is instead."
    ),
    KeyProblemKind.INDEX_OUT_OF_RANGE: (
        "There is no account of this number. Enter a whole number from 0 to 2,147,483,647; most "
        "people use 0."
    ),
    KeyProblemKind.KEY_EMPTY: "Enter the private key: 64 digits from 0 to 9 and a to f.",
    KeyProblemKind.KEY_NOT_HEX: (
        "This is not a private key: there is something else in it than the digits 0 to 9 and a to "
        "f. Copy it again."
    ),
    KeyProblemKind.KEY_OUT_OF_RANGE: (
        "It has the right length, but no private key has this value. Copy it again from where you "
        "keep it."
    ),
    KeyProblemKind.KEY_LOOKS_LIKE_ADDRESS: (
        "This is an address, which everybody may know, not the private key behind it. The private "
        "key has 64 digits."
    ),
    KeyProblemKind.KEY_LOOKS_LIKE_PHRASE: (
        "This looks like a recovery phrase, not like a private key. Bring it as a recovery phrase "
        "instead."
    ),
    KeyProblemKind.KEY_LOOKS_LIKE_KEYSTORE: (
        "This looks like a key file, not like a private key. Bring it as a key file instead."
    ),
    KeyProblemKind.KEYSTORE_NOT_READABLE: (
        "This is not a key file, or it is damaged. Choose the file that your wallet exported (its "
        "name often begins with UTC and ends in json)."
    ),
    KeyProblemKind.KEYSTORE_NOT_V3: (
        "This is a file of another kind. Kayen Desktop reads key files of version 3 (Web3 secret "
        "storage): export the key again in that form."
    ),
    KeyProblemKind.KEYSTORE_TOO_COSTLY: (
        "Opening this file would take more memory or time than this computer should give. Export "
        "the key again with ordinary settings."
    ),
    KeyProblemKind.KEYSTORE_WRONG_PASSWORD: (
        "This password does not open the file. Check capital letters and the keyboard's language, "
        "then try again."
    ),
    KeyProblemKind.KEYSTORE_OTHER_ADDRESS: (
        "The file names another address than the key in it has, so somebody has changed it. "
        "Export the key again from your wallet."
    ),
    KeyProblemKind.NAME_EMPTY: "Give the key a name, so that you can tell it from others.",
    KeyProblemKind.NAME_TOO_LONG: f"The name is too long. Use at most {MAX_NAME} characters.",
    KeyProblemKind.NAME_TAKEN: "Another key has this name already. Choose a different one.",
    KeyProblemKind.KNOWN_ALREADY: (
        "This key is here already; nothing was changed. Choose it under “Connections & keys”."
    ),
    KeyProblemKind.BACKUP_DIFFERS: (
        "It is a valid backup, but of another key. Look for the one that was made of this key."
    ),
    KeyProblemKind.NO_PHRASE: (
        "This key has no recovery phrase, because it came without one. Back up its private key or "
        "export it as a file."
    ),
    KeyProblemKind.IN_USE: "This key is in use. Use another one first, then remove this one.",
    KeyProblemKind.PASSPHRASE_EMPTY: "Enter a passphrase.",
    KeyProblemKind.PASSPHRASE_TOO_WEAK: (
        "This {noun} is too easy to guess. Four or five words that have nothing to do with "
        "each other are hard to guess and easy to remember."
    ),
    KeyProblemKind.PASSPHRASES_DIFFER: "The two {noun}s are not the same. Type both again.",
}


class _VaultWords(NamedTuple):
    """The clause that says what happened, and the sentence that says what to do."""

    happened: str
    remedy: str


_FROM_BACKUP = (
    "Bring it again from its backup (the recovery phrase, the private key or the file), with “Add "
    "a key” under “Connections & keys”."
)

_VAULT_PROBLEMS: dict[VaultProblem, _VaultWords] = {
    VaultProblem.NO_KEYRING: _VaultWords(
        "the keyring that your keys are in is not there",
        "Start it, or set it up as it was (GNOME Keyring or KWallet), then start Kayen Desktop "
        "again.",
    ),
    VaultProblem.REFUSED_KEYRING: _VaultWords(
        "the keyring that this system is set up with does not keep secrets safe",
        "Set up the system's own keyring (GNOME Keyring or KWallet on Linux), then start Kayen "
        "Desktop again.",
    ),
    VaultProblem.KEYRING_LOCKED: _VaultWords(
        "the system's keyring is locked",
        "Unlock it, usually with the password of this computer, then try again.",
    ),
    VaultProblem.KEYRING_FAILED: _VaultWords(
        "the system's keyring did not answer as it should",
        "Try again. If it stays so, sign out of this computer, sign in and start again.",
    ),
    VaultProblem.NOT_SAVED: _VaultWords(
        "what was read back is not what was to be kept",
        "Try again, and don't rely on this key before it works.",
    ),
    VaultProblem.FULL: _VaultWords(
        "there is no room for another key where keys are kept",
        "Check the backup of a key that you don't need here, remove that key, then try again.",
    ),
    VaultProblem.DAMAGED: _VaultWords(
        "what this computer keeps of the key is damaged",
        _FROM_BACKUP,
    ),
    VaultProblem.FILE_FAILED: _VaultWords(
        "a file that belongs to your keys can't be read or written",
        "Make sure that the disk is not full and that its folder is yours, then try again.",
    ),
    VaultProblem.NOT_FOUND: _VaultWords(
        "the place where your keys are kept no longer holds this key",
        _FROM_BACKUP,
    ),
}
_NO_KEYRING_THEN = "there was no keyring on this system to keep them in"
_KEY_LOST = frozenset({VaultProblem.DAMAGED, VaultProblem.NOT_FOUND})
_KEY_THERE = "The key is still where you keep it, and nothing was signed."
_KEY_NOT_READ = (
    "Nothing was signed, your money is as it was, and a backup brings the key back on any computer."
)

_NOT_KEPT = "Nothing was signed, and what was kept before is as it was."

_SIGNING = {
    SigningPurpose.CLEARPORT_CHALLENGE: (
        "You are proving to {audience} that {address} is yours. No money moves."
    ),
}

_ORIGINS = {
    KeyOrigin.CREATED: "Made here",
    KeyOrigin.PHRASE: "Brought with its recovery phrase",
    KeyOrigin.PRIVATE_KEY: "Brought as a private key",
    KeyOrigin.KEYSTORE: "Brought as a key file",
}

_SCORES = ("Very weak", "Weak", "Not strong enough", "Good", "Strong")


def key_problem_text(error: KeyInputError, noun: str = NOUN_FOR_KEYS) -> str:
    """Return what is wrong with what was brought and what to do, without a word of it.

    ``noun`` is what was chosen where it is a passphrase, or the password of a file.
    """
    match error.kind:
        case KeyProblemKind.PHRASE_WORD_COUNT:
            return f"{_counted(error.found)} A recovery phrase has 12, 15, 18, 21 or 24 words."
        case KeyProblemKind.PHRASE_UNKNOWN_WORD:
            which = f"Word {error.position}" if error.position else "One of the words"
            return f"{which} is not in the list of recovery words. {_hinted(error.hints)}"
        case KeyProblemKind.KEY_LENGTH:
            given = f"here {'is' if error.found == 1 else 'are'} {_number(error.found, 'digit')}"
            return (
                f"A private key has 64 digits, and {given}. Copy exactly those that belong to it."
            )
        case _:
            return _PROBLEMS[error.kind].format(noun=noun)


def vault_problem_text(kind: VaultProblem, detail: str = "") -> str:
    """Return what is wrong with the place keys are kept in, and what to do.

    ``detail`` is the system's word for it, shown in quotation marks.
    """
    words = _VAULT_PROBLEMS[kind]
    cause = f"{words.happened} ({quoted(detail)})" if detail.strip() else words.happened
    return f"{sentence(cause)} {words.remedy}"


def vault_place_text(place: VaultPlace) -> str:
    """Return where keys are kept and, where it is not the system's keyring, why."""
    if place.path is None:
        return f"Your keys are kept in {one_line(place.name)}."
    kept = f"Your keys are kept in encrypted files in the folder {quoted(str(place.path))}"
    if place.why_not_keyring is None:
        return f"{kept}."
    return f"{kept}, because {_why_files(place.why_not_keyring)}."


def why_files_text(why_not_keyring: VaultProblem) -> str:
    """Return why keys that are in files are not in the system's keyring, nor ever will be."""
    why = sentence(_why_files(why_not_keyring))
    return f"{why} The files stay in use, also where a keyring is set up later."


def signing_text(meaning: SignatureMeaning) -> str:
    """Return what a signature does, in plain words, from the meaning of what is signed."""
    return _SIGNING[meaning.purpose].format(
        audience=one_line(meaning.audience), address=short_address(meaning.address)
    )


def origin_text(origin: KeyOrigin) -> str:
    """Return how a key came here, as a label."""
    return _ORIGINS[origin]


def strength_text(strength: Strength) -> str:
    """Return how good a passphrase is; where it is not good enough, what would make it better."""
    verdict = (
        f"{_SCORES[strength.score]}: guessing it would take a strong computer "
        f"{strength.crack_time}."
    )
    if strength.is_enough:
        return verdict
    return " ".join(part for part in (verdict, strength.warning, *strength.advice) if part)


def key_notice(error: KeyStoreError | LockedError | NotAuthorizedError, what: str) -> Notice:
    """Return the notice for what went wrong with keys, the lock or a signature during ``what``."""
    match error:
        case VaultError():
            return _vault_notice(error, what)
        case KeyInputError():
            return Notice(
                sentence(f"{what} was held back"),
                "Nothing was kept or signed, and nothing has changed.",
                key_problem_text(error),
                Severity.WARNING,
            )
        case WrongPassphraseError():
            return Notice(
                sentence(f"{what} was held back: this is not the right passphrase"),
                _KEY_THERE,
                _try_later(error.wait_s),
                Severity.WARNING,
            )
        case SigningRefusedError():
            return Notice(
                sentence(
                    f"a signature for {what} was refused: the text to be signed is not the plain "
                    "proof of your address that it should be"
                ),
                "Nothing was signed, and no money moves.",
                "Check the venue's address. If this comes back, don't use this venue any more.",
                Severity.CRITICAL,
                Action.SHOW_CONNECTIONS,
                str(error),
            )
        case LockedError():
            return Notice(
                sentence(f"{what} was held back, because the window is locked"),
                "Nothing has changed. Prices, alarms and margin warnings go on.",
                "Unlock it with your passphrase, then do it again.",
                Severity.WARNING,
            )
        case NotAuthorizedError():
            return Notice(
                sentence(f"{what} was held back, because you did not confirm it"),
                "Nothing was sent, signed or shown.",
                "Do it again whenever you like, and confirm it with your passphrase.",
                Severity.INFO,
            )
        case _:
            return _other_notice(error, what)


def _why_files(why_not_keyring: VaultProblem) -> str:
    """Return the clause that says why; what is wrong with a keyring now was so when it was made."""
    if why_not_keyring is VaultProblem.NO_KEYRING:
        return _NO_KEYRING_THEN
    return _VAULT_PROBLEMS[why_not_keyring].happened


def _vault_notice(error: VaultError, what: str) -> Notice:
    words = _VAULT_PROBLEMS[error.kind]
    return Notice(
        sentence(f"{words.happened}, so {what} was held back"),
        _safe(error.kind),
        words.remedy,
        Severity.WARNING,
        Action.SHOW_CONNECTIONS if error.kind in _KEY_LOST else Action.TRY_AGAIN,
        f"{error} {error.detail}".strip(),
    )


def _safe(kind: VaultProblem) -> str:
    if kind in _KEY_LOST:
        return _KEY_NOT_READ
    return _NOT_KEPT if kind in (VaultProblem.NOT_SAVED, VaultProblem.FULL) else _KEY_THERE


def _other_notice(error: KayenError, what: str) -> Notice:
    return Notice(
        sentence(f"your key could not be used for {what}"),
        _KEY_THERE,
        "Unlock the place your key is kept in, then try again.",
        Severity.WARNING,
        Action.TRY_AGAIN,
        str(error),
    )


def _try_later(wait_s: float) -> str:
    check = "Check capital letters and the keyboard's language"
    if wait_s <= 0:
        return f"{check}, then try again."
    return f"{check}, wait {_number(math.ceil(wait_s), 'second')}, then try again."


def _counted(found: int) -> str:
    if found == 1:
        return "Here is one word."
    return f"Here are {found:,} words." if found else "Here is no whole phrase."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _hinted(hints: tuple[str, ...]) -> str:
    if not hints:
        return "Look at it again where you wrote it down."
    *others, last = (quoted(hint) for hint in hints)
    return f"Did you mean {', '.join(others) + ' or ' if others else ''}{last}?"


def backup_notice(name: str) -> Notice:
    """Return the notice that real money stands on a key without a checked backup."""
    return Notice(
        f"There is real money behind the key {quoted(name)} now, and no backup of it was checked.",
        "Nothing is wrong with the key, and nothing has been lost.",
        "Check the backup now: if this computer breaks, only the backup brings the money back.",
        Severity.WARNING,
        Action.BACK_UP,
    )
