"""The shape of a notice: what happened, what is safe, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kayen_desktop.domain.events import Severity

MAX_QUOTED = 300


class Action(Enum):
    """What the button of a notice does; the main window knows how."""

    TRY_AGAIN = "try_again"
    OPEN_ACCOUNT = "open_account"
    SHOW_ACTIVITY = "show_activity"
    SHOW_POSITIONS = "show_positions"
    SHOW_CONNECTIONS = "show_connections"
    BACK_UP = "back_up"
    SHOW_ACCOUNT = "show_account"
    SHOW_WALLET_REQUEST = "show_wallet_request"
    GO_HOME = "go_home"


@dataclass(frozen=True, slots=True)
class Notice:
    """Three sentences for a person, and the action that does the third where there is one.

    ``detail`` is for a report to somebody technical, behind a copy button; mostly empty.
    ``about`` names a matter that has one state at a time, as the margin's zone: the last notice
    about it is the one that counts. Empty where each notice stands for itself.
    """

    happened: str
    safe: str
    next_step: str
    severity: Severity
    action: Action | None = None
    detail: str = ""
    about: str = ""

    @property
    def text(self) -> str:
        """The three sentences in a row."""
        return " ".join(part for part in (self.happened, self.safe, self.next_step) if part)


_ACTIONS = {
    Action.TRY_AGAIN: "Try again",
    Action.OPEN_ACCOUNT: "Open a margin account",
    Action.SHOW_ACTIVITY: "Show activity",
    Action.SHOW_POSITIONS: "Show positions",
    Action.SHOW_CONNECTIONS: "Show connections",
    Action.BACK_UP: "Back up the key",
    Action.SHOW_ACCOUNT: "Show the account",
    Action.SHOW_WALLET_REQUEST: "Show what it asks",
    Action.GO_HOME: "Close all and go home",
}


def action_text(action: Action) -> str:
    """Return the label of the button that does the action."""
    return _ACTIONS[action]


def one_line(words: str) -> str:
    """Return somebody else's words on one line, capped."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= MAX_QUOTED else line[: MAX_QUOTED - 1] + "…"


def quoted(words: str) -> str:
    """Return somebody else's words on one line, in quotation marks, capped."""
    return f"“{one_line(words)}”"


def sentence(text: str) -> str:
    """Return the text with a capital first letter and an end mark."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "…", "?", "!")) else text + "."
