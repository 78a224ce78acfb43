"""The logic of "close all and go home": what will happen, how far it is, what stopped it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.app.way_home import Leg, LegKind, LegMark, Way
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.intents import CloseChannelRequest, IntentOutcome
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, channel_title, failure_notice, problem_text
from kayen_desktop.ui.notices.closing import (
    CLOSED_BY_BROKER,
    CLOSED_BY_YOU,
    CLOSING_FAILED,
    closed_by_broker_notice,
)
from kayen_desktop.ui.notices.going_home import (
    GO_HOME,
    GO_ON,
    HOME_BEFORE,
    HOME_BEGUN_BEFORE,
    HOME_BOOKING,
    HOME_DOUBT,
    HOME_IS_EMPTY,
    HOME_STOPPED,
    HOME_STOPPING,
    HOME_TITLE,
    HOME_UNDER_WAY,
    STEPS_AHEAD,
    STEPS_SO_FAR,
    leg_detail,
    leg_text,
    offline_notice,
    risk_text,
    setback_notice,
    way_explanation,
    way_text,
)

from .close_estimate import follow_book
from .facts import Fact, account_quote
from .home_figures import return_facts
from .receipt import make_channel_receipt, receipt_facts, receipt_text
from .settle_progress import silence_notice
from .steps import Step, StepMark

TOPICS = frozenset(
    {
        Topic.CHANNEL,
        Topic.POSITION,
        Topic.ORDER,
        Topic.INTENT,
        Topic.FILL,
        Topic.LINK,
        Topic.ALARM,
        Topic.MARGIN,
        Topic.SETTLEMENT,
    }
)
DOING = "the way home"
_MARKS = {
    LegMark.AHEAD: StepMark.AHEAD,
    LegMark.NOW: StepMark.CURRENT,
    LegMark.DONE: StepMark.DONE,
    LegMark.STOPPED: StepMark.FAILED,
}
_NEVER_ASKED = frozenset(
    {IntentOutcome.REJECTED, IntentOutcome.NOT_SENT, IntentOutcome.NOT_RECEIVED}
)


class HomePhase(Enum):
    """Where going home stands; EMPTY means that there is no account to go home from."""

    EMPTY = "empty"
    BEFORE = "before"
    UNDER_WAY = "under_way"
    STOPPED = "stopped"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way to end positions; ``reason`` says why it can't be taken, empty where it can."""

    way: Way
    text: str
    explanation: str
    reason: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class GoHomeScreen:
    """All that the dialog shows at one moment; ``receipt_text`` is what its button copies."""

    phase: HomePhase
    title: str
    headline: str
    explanation: str
    ways: tuple[WayLine, ...]
    steps_title: str
    steps: tuple[Step, ...]
    returns: tuple[Fact, ...]
    receipt: tuple[Fact, ...]
    receipt_text: str
    risk: str
    blocked: str
    notice: Notice | None
    confirm_text: str
    can_confirm: bool
    can_stop: bool
    can_give_up: bool
    can_leave: bool


class GoHomeView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: GoHomeScreen) -> None:
        """Draw the dialog as it should look now."""


class GoHomePresenter:
    """Shows the way at any moment of it; the way itself goes on without a dialog."""

    def __init__(self, session: Session, bridge: AsyncBridge, view: GoHomeView) -> None:
        self._session = session
        self._home = session.going_home
        self._bridge = bridge
        self._view: GoHomeView | None = view
        self._channel_id = self._home.channel_id
        self._way = self._home.way or Way.CLOSE
        self._notice: Notice | None = None
        self._is_beginning = False
        self._unlisten = self._home.listen(self.refresh)
        for position in self._positions:
            follow_book(session, position.market)

    # What the trader does

    def choose(self, way: Way) -> None:
        """End the positions this way."""
        if self._phase in (HomePhase.BEFORE, HomePhase.STOPPED):
            self._way = way
            self._notice = None
            self.refresh()

    def confirm(self) -> None:
        """Go home, or go on from what is left."""
        if self._can_confirm():
            self._notice = None
            self._is_beginning = True
            self._bridge.run(self._go(), self._on_error)
            self.refresh()

    def stop_going(self) -> None:
        """Send nothing more after the step in hand."""
        self._home.stop()

    def give_up(self) -> None:
        """Drop the plan: what is left stays as it is."""
        try:
            self._home.give_up()
        except KayenError as error:
            self._on_error(error)

    def stop(self) -> None:
        """Draw nothing any more; the way goes on without the dialog."""
        self._view = None
        self._unlisten()

    # What happens

    def refresh(self) -> None:
        """Read everything anew and draw."""
        if self._home.channel_id and not self._is_over:
            self._channel_id = self._home.channel_id
        if self._view is not None:
            self._view.show_screen(self._screen())

    async def _go(self) -> None:
        self._is_beginning = False  # from here on it is busy itself
        await self._home.go(self._way)

    def _on_error(self, error: KayenError) -> None:
        self._notice = failure_notice(error, DOING)
        self.refresh()

    # What is shown

    @property
    def _channel(self) -> Channel | None:
        return self._session.state.channels.get(self._channel_id)

    @property
    def _positions(self) -> list[Position]:
        return self._session.state.open_positions_of(self._channel_id)

    @property
    def _is_over(self) -> bool:
        channel = self._channel
        return channel is not None and channel.is_closed

    @property
    def _phase(self) -> HomePhase:
        if self._is_over:
            return HomePhase.OVER
        if self._channel is None:
            return HomePhase.EMPTY
        if self._home.is_under_way:
            return HomePhase.UNDER_WAY
        return HomePhase.BEFORE if self._home.setback is None else HomePhase.STOPPED

    @property
    def _is_waiting(self) -> bool:
        """True where there is nothing to decide: nobody goes."""
        return self._phase in (HomePhase.BEFORE, HomePhase.STOPPED)

    @property
    def _is_busy(self) -> bool:
        return self._is_beginning or self._home.is_busy

    def _blocked(self) -> str:
        if not self._is_waiting or self._is_busy:
            return ""
        if problems := self._home.problems(self._way):
            return problem_text(problems[0])
        return HOME_DOUBT if self._home.has_doubt else ""

    def _can_confirm(self) -> bool:
        return self._is_waiting and not self._is_busy and not self._blocked()

    def _screen(self) -> GoHomeScreen:
        channel, phase, is_waiting = self._channel, self._phase, self._is_waiting
        quote = account_quote(self._session.state)
        headline, explanation = self._words(phase)
        receipt = self._receipt(channel, quote) if phase is HomePhase.OVER else ()
        has_plan = self._home.offer is not None or self._home.setback is not None
        return GoHomeScreen(
            phase=phase,
            title=HOME_TITLE if channel is None else channel_title(channel),
            headline=headline,
            explanation=explanation,
            ways=self._ways() if is_waiting and self._positions else (),
            steps_title=STEPS_AHEAD if phase is HomePhase.BEFORE else STEPS_SO_FAR,
            steps=self._steps(channel, quote),
            returns=return_facts(self._session, channel, self._positions, self._way)
            if channel and not self._is_over
            else (),
            receipt=receipt,
            receipt_text=receipt_text(channel, receipt) if channel and receipt else "",
            risk=risk_text(self._way, has_positions=bool(self._positions))
            if phase is HomePhase.BEFORE
            else "",
            blocked=self._blocked(),
            notice=self._shown_notice(channel, phase),
            confirm_text=GO_ON if has_plan else GO_HOME,
            can_confirm=self._can_confirm(),
            can_stop=phase is HomePhase.UNDER_WAY and not self._home.is_stopping,
            can_give_up=has_plan and is_waiting and not self._is_busy,
            can_leave=not (self._is_busy and is_waiting),
        )

    def _words(self, phase: HomePhase) -> tuple[str, str]:
        if phase is HomePhase.EMPTY:
            return HOME_IS_EMPTY
        if phase is HomePhase.BEFORE:
            return HOME_BEFORE if self._home.offer is None else HOME_BEGUN_BEFORE
        if phase is HomePhase.UNDER_WAY:
            if self._home.is_stopping:
                return HOME_STOPPING
            return HOME_BOOKING if self._home.is_booking else HOME_UNDER_WAY
        if phase is HomePhase.STOPPED:
            return HOME_STOPPED
        if self._is_failed:
            return CLOSING_FAILED
        return CLOSED_BY_YOU if self._was_asked else CLOSED_BY_BROKER

    @property
    def _is_failed(self) -> bool:
        channel = self._channel
        return channel is not None and channel.is_failed

    @property
    def _was_asked(self) -> bool:
        """True where the trader asked to close the account, here or in another window."""
        request = CloseChannelRequest(self._channel_id)
        return any(
            intent.request == request and intent.outcome not in _NEVER_ASKED
            for intent in self._session.state.intents.values()
        )

    def _shown_notice(self, channel: Channel | None, phase: HomePhase) -> Notice | None:
        if self._notice is not None:
            return self._notice
        setback = self._home.setback
        if phase is HomePhase.STOPPED and setback is not None:
            return setback_notice(setback, channel)
        is_surprise = phase is HomePhase.OVER and not self._was_asked and not self._is_failed
        if is_surprise and channel is not None:
            return closed_by_broker_notice(channel)
        return self._waiting_notice(channel) if phase is HomePhase.UNDER_WAY else None

    def _waiting_notice(self, channel: Channel | None) -> Notice | None:
        """Return why what is waited for does not come: no connection, or a silent broker."""
        leg = next((leg for leg in self._home.legs(self._way) if leg.mark is LegMark.NOW), None)
        if leg is None:
            return None
        venue = self._session.venue
        needed = [venue.clearing_link]
        if leg.kind in (LegKind.CANCEL, LegKind.CLOSE):
            needed.append(venue.trading_link)
        for link in needed:
            if not self._session.state.is_ready(link):
                return offline_notice(link)
        return None if leg.run is None else silence_notice(self._session, leg.run, channel)

    def _ways(self) -> tuple[WayLine, ...]:
        general = self._home.problems(Way.CLOSE)
        own = [each for each in self._home.problems(Way.SETTLE) if each not in general]
        reasons = {Way.CLOSE: "", Way.SETTLE: problem_text(own[0]) if own else ""}
        return tuple(
            WayLine(way, way_text(way), way_explanation(way), reasons[way], way is self._way)
            for way in Way
        )

    def _steps(self, channel: Channel | None, quote: str) -> tuple[Step, ...]:
        if self._home.channel_id != self._channel_id:
            return ()
        way = self._way if self._is_waiting else self._home.way or self._way
        return tuple(_step(leg, channel, quote) for leg in self._home.legs(way))

    def _receipt(self, channel: Channel | None, quote: str) -> tuple[Fact, ...]:
        if channel is None or self._is_failed:
            return ()
        fills = self._session.fills_of(channel.channel_id)
        runs = self._session.state.settlements_of(channel.channel_id)
        return receipt_facts(make_channel_receipt(channel, fills, quote, runs), quote)


def _step(leg: Leg, channel: Channel | None, quote: str) -> Step:
    return Step(leg_text(leg), _MARKS[leg.mark], leg_detail(leg, channel, quote))
