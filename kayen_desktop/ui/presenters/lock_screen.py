"""The logic of the locked screen: it tells of dangers, never of what the trader has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.session import Session
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.positions import Position
from kayen_desktop.keys.lock import Lock
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_time
from kayen_desktop.ui.notices.locking import (
    ALARM_WHILE_LOCKED,
    POSITION_CLOSE_SENDING,
    POSITION_GONE_WHILE_LOCKED,
    VENUE_WARNED_WHILE_LOCKED,
    close_accepted_text,
    close_failed_text,
    locked_close_text,
    locked_link_text,
    locked_position_text,
    locked_text,
    locked_zone_text,
)
from kayen_desktop.ui.notices.problems import problem_text

TOPICS = frozenset(
    {Topic.LINK, Topic.MARGIN, Topic.CHANNEL, Topic.POSITION, Topic.NOTICE, Topic.ALARM}
)
WARNINGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class WarningLine:
    """Something that came while the screen was locked."""

    at: str
    text: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class CloseOffer:
    """How closing a position stands; ``confirm`` is empty until a position is chosen."""

    is_offered: bool = False
    is_choosing: bool = False
    positions: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    confirm: str = ""
    can_confirm: bool = False
    can_leave: bool = True
    told: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LockedScreen:
    """All that the locked screen shows beside the field for the passphrase."""

    owner: str
    text: str
    links: tuple[str, ...]
    warnings: tuple[WarningLine, ...]
    older: str
    close: CloseOffer


class LockedView(Protocol):
    """What the presenter needs of the screen."""

    def show_screen(self, screen: LockedScreen) -> None:
        """Draw the screen as it should look now."""


class LockScreenPresenter:
    """Collects warnings while locked, and closes a position where the trader allowed that."""

    def __init__(self, lock: Lock, bridge: AsyncBridge, view: LockedView) -> None:
        self._lock = lock
        self._bridge = bridge
        self._view: LockedView | None = view
        self._session: Session | None = None
        self._owner = ""
        self._warnings: list[WarningLine] = []
        self._zone = Zone.GREEN
        self._is_alarm_told = False
        self._newest_words: VenueNotice | None = None
        self._is_choosing = False
        self._is_sending = False
        self._chosen = ""
        self._told = ""
        self._problem = ""

    # What the screen tells

    def bind(self, session: Session | None) -> None:
        """Watch over this session from now on."""
        self._session = session
        self._forget_warnings()
        self.leave_choice()
        self._look()

    def show_owner(self, name: str) -> None:
        """Say whose key it is, by its name."""
        self._owner = name
        self.refresh()

    def begin(self) -> None:
        """Begin to watch: the screen was just locked. Dangers that stand already are told."""
        self._forget_warnings()
        self._told = self._problem = ""
        self.leave_choice()
        self._look()

    def hear(self, changes: Iterable[Change]) -> None:
        """Take in what changed while the screen is locked."""
        if any(change.topic in TOPICS for change in changes):
            self._look()

    def stop(self) -> None:
        """Draw nothing any more; an order on its way goes on without the screen."""
        self._view = None

    # What the trader does

    def choose_position(self) -> None:
        """List the positions; nothing is sent before one is chosen and confirmed."""
        if self._offers_close():
            self._is_choosing = True
            self._told = self._problem = ""
            self.refresh()

    def choose(self, position_id: str) -> None:
        """Take this position to be closed; it still has to be confirmed."""
        if self._is_choosing and not self._is_sending and position_id != self._chosen:
            self._chosen = position_id
            self._problem = ""
            self.refresh()

    def leave_choice(self) -> None:
        """Close nothing after all; an order on its way can't be called back."""
        if not self._is_sending:
            self._is_choosing = False
            self._chosen = ""
            self._problem = ""
            self.refresh()

    def confirm_close(self) -> None:
        """Send the order that closes the chosen position, once."""
        position = self._position()
        if position is None or self._session is None or not self._can_confirm():
            return
        self._is_sending = True
        self._told = self._problem = ""
        market = position.market

        def failed(error: KayenError) -> None:
            self._is_sending = False
            self._problem = close_failed_text(error, market)
            self.refresh()

        self._bridge.run(self._close(self._session, position), failed)
        self.refresh()

    async def _close(self, session: Session, position: Position) -> None:
        await session.trading.close_position(position.position_id)
        self._is_sending = False
        self._told = close_accepted_text(position.market)
        self.leave_choice()

    # What happens

    def refresh(self) -> None:
        """Draw what is known."""
        if self._view is None:
            return
        self._follow_choice()
        state = None if self._session is None else self._session.state
        links = () if state is None else tuple(state.links.values())
        older = len(self._warnings) - WARNINGS_SHOWN
        self._view.show_screen(
            LockedScreen(
                owner=self._owner,
                text=locked_text(links),
                links=tuple(locked_link_text(each) for each in links),
                warnings=tuple(self._warnings[: -WARNINGS_SHOWN - 1 : -1]),
                older=f"{older} more before these" if older > 0 else "",
                close=self._close_offer(),
            )
        )

    def _look(self) -> None:
        """Compare what is with what was told, and draw."""
        session = self._session
        if session is not None and self._lock.is_locked:
            self._look_at_margin(session)
            if session.state.alarm and not self._is_alarm_told:
                self._is_alarm_told = True
                self._warn(ALARM_WHILE_LOCKED, Severity.CRITICAL)
            self._look_at_words(session)
        self.refresh()

    def _look_at_margin(self, session: Session) -> None:
        figures = session.state.margin_figures
        if figures is None or figures.zone is None:
            self._zone = Zone.GREEN  # without an account there is nothing to warn of
        elif figures.zone is not self._zone:
            self._zone = figures.zone
            reading = session.state.margin_rules.reading
            self._warn(locked_zone_text(self._zone, reading), _SEVERITIES[self._zone])

    def _look_at_words(self, session: Session) -> None:
        """Tell that the venue warned; its words may hold amounts and stay where they are."""
        gravest: VenueNotice | None = None
        for words in reversed(session.state.notices):
            if words is self._newest_words:
                break
            is_warning = words.severity is not Severity.INFO and words.text != session.state.alarm
            if is_warning and (gravest is None or words.severity is Severity.CRITICAL):
                gravest = words
        self._newest_words = _newest_words(session)
        if gravest is not None:
            self._warn(VENUE_WARNED_WHILE_LOCKED, gravest.severity)

    def _warn(self, text: str, severity: Severity) -> None:
        if self._session is not None:
            at = format_time(self._session.now())
            self._warnings.append(WarningLine(at, text, severity))

    def _forget_warnings(self) -> None:
        self._warnings.clear()
        self._zone = Zone.GREEN
        self._is_alarm_told = False
        # What the venue said before was on the screen before it was locked.
        self._newest_words = None if self._session is None else _newest_words(self._session)

    # Closing a position

    def _offers_close(self) -> bool:
        return (
            self._session is not None
            and self._lock.rules.can_close_positions
            and bool(self._session.state.open_positions)
        )

    def _position(self) -> Position | None:
        if self._session is None or not self._chosen:
            return None
        position = self._session.state.positions.get(self._chosen)
        return position if position is not None and position.is_open else None

    def _follow_choice(self) -> None:
        """Let go of a chosen position that was closed meanwhile."""
        if self._is_sending:
            return
        if self._chosen and self._position() is None:
            self._chosen = ""
            self._problem = POSITION_GONE_WHILE_LOCKED
        if self._is_choosing and not self._offers_close():
            self._is_choosing = False
            self._told, self._problem = self._told or self._problem, ""

    def _blocked(self) -> str:
        if self._session is None or self._is_sending:
            return ""
        problems = self._session.trading.problems(is_closing=True)
        return problem_text(problems[0]) if problems else ""

    def _can_confirm(self) -> bool:
        return not self._is_sending and self._position() is not None and not self._blocked()

    def _close_offer(self) -> CloseOffer:
        session = self._session
        if session is None or not self._lock.rules.can_close_positions:
            return CloseOffer()
        if not self._is_choosing:
            return CloseOffer(is_offered=self._offers_close(), told=self._told)
        position = self._position()
        return CloseOffer(
            is_offered=True,
            is_choosing=True,
            positions=tuple(
                (each.position_id, locked_position_text(each))
                for each in session.state.open_positions
            ),
            chosen=self._chosen,
            confirm=locked_close_text(position) if position is not None else "",
            can_confirm=self._can_confirm(),
            can_leave=not self._is_sending,
            told=POSITION_CLOSE_SENDING if self._is_sending else self._told,
            problem=self._blocked() or self._problem,
        )


_SEVERITIES = {
    Zone.GREEN: Severity.INFO,
    Zone.ORANGE: Severity.WARNING,
    Zone.RED: Severity.CRITICAL,
}


def _newest_words(session: Session) -> VenueNotice | None:
    notices = session.state.notices
    return notices[-1] if notices else None
