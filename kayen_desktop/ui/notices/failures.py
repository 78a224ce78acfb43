"""What went wrong, what is safe, and what to do next: one notice for every class of error."""

from __future__ import annotations

from collections.abc import Sequence

from kayen_desktop.domain.errors import (
    JournalError,
    KayenError,
    KeyStoreError,
    LocalProtocolError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    RemoteProtocolError,
    SettingsError,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Severity

from .keys import key_notice
from .notice import Action, Notice, quoted, sentence
from .problems import problem_text

_REQUEST = "the request"
_PROBLEM_ACTIONS = {
    ProblemKind.NO_CHANNEL: Action.OPEN_ACCOUNT,
    ProblemKind.NOT_CONNECTED: Action.SHOW_CONNECTIONS,
    ProblemKind.ALREADY_SENDING: Action.SHOW_ACTIVITY,
    ProblemKind.TRADING_STOPPED: Action.SHOW_ACTIVITY,
    ProblemKind.POSITIONS_OPEN: Action.SHOW_POSITIONS,
}


def error_notice(error: KayenError, doing: str = "") -> Notice:
    """Return the notice for an error; ``doing`` names the request, as in "the sell order"."""
    what = doing or _REQUEST
    match error:
        case VenueRejectionError():
            return _rejection(error, what)
        case OutcomeUnknownError():
            return _unknown(what)
        case TransportError():
            return _transport(error, what)
        case TicketError():
            return problems_notice(error.problems, what)
        case KeyStoreError() | LockedError() | NotAuthorizedError():
            return key_notice(error, what)
        case _:
            return _inner(error, what)


def failure_notice(error: KayenError, doing: str) -> Notice | None:
    """Return the notice for what was asked for with the passphrase and did not come about.

    None where the trader changed their mind at the passphrase: nothing went wrong.
    """
    return None if isinstance(error, NotAuthorizedError) else error_notice(error, doing)


def problems_notice(problems: Sequence[Problem], doing: str = "") -> Notice:
    """Return the notice for a request that was held back: nothing left this computer."""
    kinds = [problem.kind for problem in problems]
    action = next((_PROBLEM_ACTIONS[kind] for kind in kinds if kind in _PROBLEM_ACTIONS), None)
    return Notice(
        sentence(f"{doing or _REQUEST} was held back"),
        "Nothing was sent, and nothing has changed.",
        " ".join(problem_text(problem) for problem in problems) or "Check what you entered.",
        Severity.WARNING,
        action,
    )


def alarm_notice(text: str) -> Notice:
    """Return the notice for a security alarm; the text says what does not fit together."""
    return Notice(
        sentence(f"trading is stopped: what the venue shows does not fit together. {text}"),
        "Your key is safe: it never leaves this computer, and no new order is sent now.",
        "The account's details show what it is, and what you can do.",
        Severity.CRITICAL,
        Action.SHOW_ACCOUNT,
    )


def crash_notice() -> Notice:
    """Return the notice for an error that no part expected."""
    return Notice(
        "Something went wrong inside this application.",
        "Whatever was sent is written down, and nothing is sent a second time.",
        "Check your positions and orders. If anything looks wrong, start Kayen Desktop again.",
        Severity.WARNING,
        Action.SHOW_ACTIVITY,
        "The log file in the application's data folder tells more.",
    )


def already_running_notice(folder: str) -> Notice:
    """Return the notice that another window has the same data folder, named for a report."""
    return Notice(
        "Kayen Desktop is running already, with the same keys and records.",
        "Nothing was started here, so the two can't get in each other's way.",
        "Use the other window, or close it and start Kayen Desktop again.",
        Severity.WARNING,
        None,
        folder,
    )


def _rejection(error: VenueRejectionError, what: str) -> Notice:
    words = f": {quoted(error.reason)}" if error.reason.strip() else " and gave no reason"
    return Notice(
        sentence(f"the venue said no to {what}{words}"),
        "It did not happen, and your money is as it was before.",
        "Change what the venue objects to, then send it again yourself.",
        Severity.WARNING,
    )


def _unknown(what: str) -> Notice:
    return Notice(
        sentence(f"not confirmed yet: {what} was sent, and no answer has come"),
        "It is written down on this computer and is never sent twice.",
        "We are finding out from the venue what became of it. Please don't repeat it meanwhile.",
        Severity.WARNING,
        Action.SHOW_ACTIVITY,
    )


def _transport(error: TransportError, what: str) -> Notice:
    if error.is_fatal:
        return Notice(
            sentence(f"nothing was sent: the server for {what} can't be trusted or found"),
            "Your money, orders and positions are as they were.",
            "Check the server's address; trying again with the same one won't help.",
            Severity.CRITICAL,
            Action.SHOW_CONNECTIONS,
            str(error),
        )
    return Notice(
        sentence(f"nothing was sent: there is no connection for {what}"),
        "Your money, orders and positions are as they were.",
        "The connection is being tried again. Send it again yourself when it is back.",
        Severity.WARNING,
        Action.SHOW_CONNECTIONS,
        str(error),
    )


def _inner(error: KayenError, what: str) -> Notice:
    """Return the notice for what is wrong on this computer, or with the venue's language."""
    detail = str(error)
    match error:
        case JournalError():
            return Notice(
                sentence(f"{what} was not sent, because it could not be written down first"),
                "Nothing has changed at the venue. Nothing is ever sent without a record of it.",
                "Make sure that the disk is not full, then try again.",
                Severity.CRITICAL,
                Action.TRY_AGAIN,
                detail,
            )
        case SettingsError():
            return Notice(
                "A setting or a file on this computer can't be used as it is.",
                "Your money is with the broker and the venue, not in this file.",
                "Correct the setting named in the details, then start Kayen Desktop again.",
                Severity.CRITICAL,
                None,
                detail,
            )
        case RemoteProtocolError():
            return Notice(
                sentence(f"the venue sent something about {what} that can't be read"),
                "It was thrown away: no balance, order or position was changed by it.",
                "The connection starts afresh by itself. If this comes back, tell the venue.",
                Severity.WARNING,
                Action.SHOW_ACTIVITY,
                detail,
            )
        case LocalProtocolError():
            return Notice(
                sentence(f"Kayen Desktop made a mistake of its own with {what}"),
                "It was stopped before it reached the venue.",
                "Start Kayen Desktop again. If this comes back, please report it.",
                Severity.WARNING,
                None,
                detail,
            )
        case _:
            return Notice(
                sentence(f"something went wrong with {what}"),
                "Everything you asked for before is written down on this computer.",
                "Look at the activity list before you try again.",
                Severity.WARNING,
                Action.SHOW_ACTIVITY,
                detail,
            )
