"""The whole tree of errors: each message is a sentence, each field carries data, none a secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class KayenError(Exception):
    """The root of every error this application raises on purpose."""


class LocalProtocolError(KayenError):
    """We asked for something the protocol does not allow now: a bug of ours."""


class RemoteProtocolError(KayenError):
    """The venue sent something its own document does not allow."""


class TransportError(KayenError):
    """The network failed before anything of consequence was sent.

    ``is_fatal`` is true where trying again can't help (a refused certificate, a wrong address).
    """

    def __init__(self, message: str, *, is_fatal: bool = False) -> None:
        super().__init__(message)
        self.is_fatal = is_fatal


class KeyStoreError(KayenError):
    """The vault can't give or keep a key, or refuses to sign."""


class WrongPassphraseError(KeyStoreError):
    """The passphrase does not open the vault; ``wait_s`` is how long no other one is tried."""

    def __init__(self, message: str, *, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class SigningRefusedError(KeyStoreError):
    """What was to be signed is not what its purpose allows, or could mean more than one thing."""


class VaultProblem(Enum):
    """Why a vault can't be used; the sentence and the remedy are made in ui/notices."""

    NO_KEYRING = "no_keyring"
    REFUSED_KEYRING = "refused_keyring"
    KEYRING_LOCKED = "keyring_locked"
    KEYRING_FAILED = "keyring_failed"
    NOT_SAVED = "not_saved"
    FULL = "full"
    DAMAGED = "damaged"
    FILE_FAILED = "file_failed"
    NOT_FOUND = "not_found"


class VaultError(KeyStoreError):
    """The vault itself failed: ``kind`` says how, ``detail`` is for a report, never a secret."""

    def __init__(self, kind: VaultProblem, detail: str = "") -> None:
        super().__init__(f"The vault of your keys can't be used: {kind.value.replace('_', ' ')}.")
        self.kind = kind
        self.detail = detail


class KeyProblemKind(Enum):
    """What is wrong with a key, phrase, file, name or passphrase that the trader brought."""

    PHRASE_EMPTY = "phrase_empty"
    PHRASE_WORD_COUNT = "phrase_word_count"
    PHRASE_UNKNOWN_WORD = "phrase_unknown_word"
    PHRASE_CHECKSUM = "phrase_checksum"
    PHRASE_LOOKS_LIKE_KEY = "phrase_looks_like_key"
    INDEX_OUT_OF_RANGE = "index_out_of_range"
    KEY_EMPTY = "key_empty"
    KEY_NOT_HEX = "key_not_hex"
    KEY_LENGTH = "key_length"
    KEY_OUT_OF_RANGE = "key_out_of_range"
    KEY_LOOKS_LIKE_ADDRESS = "key_looks_like_address"
    KEY_LOOKS_LIKE_PHRASE = "key_looks_like_phrase"
    KEY_LOOKS_LIKE_KEYSTORE = "key_looks_like_keystore"
    KEYSTORE_NOT_READABLE = "keystore_not_readable"
    KEYSTORE_NOT_V3 = "keystore_not_v3"
    KEYSTORE_TOO_COSTLY = "keystore_too_costly"
    KEYSTORE_WRONG_PASSWORD = "keystore_wrong_password"  # noqa: S105 - a name, no password
    KEYSTORE_OTHER_ADDRESS = "keystore_other_address"
    NAME_EMPTY = "name_empty"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    KNOWN_ALREADY = "known_already"
    BACKUP_DIFFERS = "backup_differs"
    NO_PHRASE = "no_phrase"
    IN_USE = "in_use"
    PASSPHRASE_EMPTY = "passphrase_empty"  # noqa: S105 - a name, no passphrase
    PASSPHRASE_TOO_WEAK = "passphrase_too_weak"  # noqa: S105 - a name, no passphrase
    PASSPHRASES_DIFFER = "passphrases_differ"


class KeyInputError(KeyStoreError):
    """What the trader brought can't be used; the text is theirs and in no field but ``hints``.

    ``position`` counts words from 1 (0 where no one word is meant), ``found`` is a count, and
    ``hints`` are words of the public word list that come near, for the screen alone.
    """

    def __init__(
        self,
        kind: KeyProblemKind,
        *,
        position: int = 0,
        found: int = 0,
        hints: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"This can't be used: {kind.value.replace('_', ' ')}.")
        self.kind = kind
        self.position = position
        self.found = found
        self.hints = hints


class LockedError(KayenError):
    """The app is locked; nothing was sent."""


class NotAuthorizedError(KayenError):
    """The trader did not confirm it with the passphrase; nothing was sent or shown."""


class VenueRejectionError(KayenError):
    """The venue said no, in its own words: definitive.

    ``reason`` is the venue's text, plain and capped; ``code`` is its code where it has one.
    """

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(f"The venue refused: {reason}")
        self.reason = reason
        self.code = code


class OutcomeUnknownError(KayenError):
    """A request was sent (or may have been) and no answer that can be read has come."""


class SettingsError(KayenError):
    """A setting or a command-line argument can't be used as it is."""


class JournalError(SettingsError):
    """The journal can't be opened, read or written; what depended on it was not sent."""


class ProblemKind(Enum):
    """Why a ticket can't be sent as it stands; the sentence for each is made in ui/notices.py."""

    NO_MARKET = "no_market"
    MARKET_CLOSED = "market_closed"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_NOT_A_NUMBER = "amount_not_a_number"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_PRECISE = "amount_too_precise"
    AMOUNT_TOO_SMALL = "amount_too_small"
    PRICE_MISSING = "price_missing"
    PRICE_NOT_A_NUMBER = "price_not_a_number"
    PRICE_NOT_POSITIVE = "price_not_positive"
    PRICE_TOO_PRECISE = "price_too_precise"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    TRIGGER_MISSING = "trigger_missing"
    TRIGGER_NOT_A_NUMBER = "trigger_not_a_number"
    TRIGGER_NOT_POSITIVE = "trigger_not_positive"
    TRIGGER_TOO_PRECISE = "trigger_too_precise"
    NO_PRICE_TO_CONVERT = "no_price_to_convert"
    NOT_ENOUGH_BUYING_POWER = "not_enough_buying_power"
    LOCKED = "locked"
    NO_CHANNEL = "no_channel"
    NOT_CONNECTED = "not_connected"
    PRICES_STALE = "prices_stale"
    TRADING_STOPPED = "trading_stopped"
    ALREADY_SENDING = "already_sending"
    NOTHING_TO_CLOSE = "nothing_to_close"
    MORE_THAN_POSITION = "more_than_position"
    DEPOSIT_MISSING = "deposit_missing"
    DEPOSIT_NOT_A_NUMBER = "deposit_not_a_number"
    DEPOSIT_NOT_POSITIVE = "deposit_not_positive"
    DEPOSIT_TOO_PRECISE = "deposit_too_precise"
    DEPOSIT_OUT_OF_RANGE = "deposit_out_of_range"
    CHANNEL_ALREADY_OPEN = "channel_already_open"
    POSITIONS_OPEN = "positions_open"
    NOTHING_SELECTED = "nothing_selected"
    CLOSE_ONLY = "close_only"
    WOULD_LEAVE_GREEN = "would_leave_green"
    NOT_GREEN = "not_green"
    SETTLEMENT_UNDER_WAY = "settlement_under_way"
    UNRECORDED_TRADES = "unrecorded_trades"
    EXTERNAL_ID_MISSING = "external_id_missing"
    EXTERNAL_ID_TOO_LONG = "external_id_too_long"
    EXTERNAL_ID_KNOWN = "external_id_known"
    TIME_NOT_A_TIME = "time_not_a_time"
    TIME_IN_FUTURE = "time_in_future"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason a draft is refused: its kind and the figures its sentence needs, as text."""

    kind: ProblemKind
    limit: str = ""
    unit: str = ""


class TicketError(KayenError):
    """A draft was refused before anything was sent; ``problems`` say why, most important first."""

    def __init__(self, *problems: Problem) -> None:
        names = ", ".join(problem.kind.value for problem in problems)
        super().__init__(f"The request was not sent: {names}.")
        self.problems = problems
