"""What the venue wanted of the wallet, as it said it, and why none of it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.app.state import WalletNote
from kayen_desktop.domain.events import WalletAsked
from kayen_desktop.ui.formatting import format_time
from kayen_desktop.ui.notices.notice import one_line
from kayen_desktop.ui.notices.wallet import (
    WALLET_NONE,
    WALLET_TITLES,
    WALLET_WHY,
    asked_text,
    wallet_field,
)

from .account_cards import label_text
from .facts import Fact

TOPICS = frozenset({Topic.WALLET})
REQUESTS_SHOWN = 20
_NAME_LENGTH = 26
_VALUE_LENGTH = 38
_HEAD, _TAIL = 22, 14


@dataclass(frozen=True, slots=True)
class WalletLine:
    """One request, however often it came: its title, when, what it names, and why it was refused.

    ``details`` is the request as plain text, for the clipboard.
    """

    title: str
    when: str
    facts: tuple[Fact, ...]
    why: str
    details: str


@dataclass(frozen=True, slots=True)
class WalletScreen:
    """All that the dialog shows at one moment; newest request first."""

    requests: tuple[WalletLine, ...]
    nothing: str
    more: str


class WalletView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: WalletScreen) -> None:
        """Draw the dialog as it should look now."""


class WalletRequestPresenter:
    """Reads the state alone: there is nothing to be done about any of the requests."""

    def __init__(self, session: Session, view: WalletView) -> None:
        self._session = session
        self._view: WalletView | None = view

    def refresh(self) -> None:
        """Read the state anew and draw."""
        if self._view is not None:
            self._view.show_screen(self._screen())

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None

    def _screen(self) -> WalletScreen:
        now = self._session.now()
        asked: dict[WalletAsked, list[WalletNote]] = {}
        for note in reversed(self._session.state.wallet_requests):
            asked.setdefault(note.event, []).append(note)
        lines = [_line(notes, now) for notes in asked.values()]
        more = len(lines) - REQUESTS_SHOWN
        return WalletScreen(
            tuple(lines[:REQUESTS_SHOWN]),
            "" if lines else WALLET_NONE,
            f"…and {more} older." if more > 0 else "",
        )


def _line(notes: list[WalletNote], now: datetime) -> WalletLine:
    """Return the line of equal requests, newest first."""
    event = notes[0].event
    title = WALLET_TITLES[event.request]
    when = asked_text(format_time(notes[0].at, now), len(notes))
    facts = tuple(
        Fact(label_text(wallet_field(name), _NAME_LENGTH), _shown(value), copy_text=value)
        for name, value in event.details
    )
    details = [f"{title}: {notes[0].at.isoformat(timespec='seconds')}"]
    details += [f"{name}: {value}" for name, value in event.details]
    return WalletLine(title, when, facts, WALLET_WHY[event.request], "\n".join(details))


def _shown(value: str) -> str:
    """Return a value on one line that fits; its copy button has the whole of it."""
    line = one_line(value)
    if len(line) <= _VALUE_LENGTH:
        return line
    return f"{line[:_HEAD]}…{line[-_TAIL:]}"
