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
