"""The logic of closing every open position, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import KayenError, OutcomeUnknownError
from kayen_desktop.domain.markets import quote_of
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_amount
from kayen_desktop.ui.notices import Notice, error_notice, problem_text
from kayen_desktop.ui.notices.closing import (
    LEG_ACCEPTED,
    LEG_CLOSED,
    LEG_SENDING,
    LEG_UNKNOWN_RESULT,
    LEGS_SENDING,
    LEGS_TAKEN_IN,
    LEGS_UNCONFIRMED,
    NO_PRICE,
    POSITIONS_GONE,
    all_result_text,
    position_text,
    signed_result,
)

from .close_estimate import estimate_close, follow_book
from .facts import Tone, account_quote, tone_of


@dataclass(frozen=True, slots=True)
class LegLine:
    """One position of the list: what it is, what closing it comes to, and how that went."""

    position_id: str
    text: str
    result: str
    tone: Tone
    status: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class CloseAllScreen:
    """All that the dialog shows at one moment."""

    legs: tuple[LegLine, ...]
    headline: str
    tone: Tone
    blocked: str
    progress: str
    notice: Notice | None
    can_confirm: bool
    can_leave: bool


class CloseAllView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: CloseAllScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close the dialog: what it was for is done."""


class CloseAllPresenter:
    """Lists each position with its estimate, sends each reversed order once, tells each result."""

    def __init__(self, session: Session, bridge: AsyncBridge, view: CloseAllView) -> None:
        self._session = session
        self._bridge = bridge
        self._view: CloseAllView | None = view
        self._positions: dict[str, Position] = {}
        self._errors: dict[str, KayenError | None] = {}
        self._is_sending = False
        self._notice: Notice | None = None
        for position in session.state.open_positions:
            self._positions[position.position_id] = position
            follow_book(session, position.market)

    def confirm(self) -> None:
        """Send one closing order a position, once."""
        if not self._can_confirm():
            return
        self._is_sending = True
        self._notice = None
        self._errors.clear()
        self._bridge.run(self._close_all(), self._on_error)
        self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; orders on their way go on without the dialog."""
        self._view = None

    def refresh(self) -> None:
        """Read the state anew and draw, or finish once everything was closed by us."""
        for position in self._session.state.open_positions:
            self._positions[position.position_id] = position
        view = self._view
        if view is None:
            return
        if self._errors and not self._is_sending and not self._open_ids:
            self.stop()
            view.finish()
            return
        view.show_screen(self._screen())

    async def _close_all(self) -> None:
        legs = await self._session.trading.close_all_positions()
        self._is_sending = False
        self._errors = {leg.position.position_id: leg.error for leg in legs}
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_sending = False
        self._notice = error_notice(error, "the closing orders")
        self.refresh()

    @property
    def _open_ids(self) -> set[str]:
        return {position.position_id for position in self._session.state.open_positions}

    @property
    def _is_waiting(self) -> bool:
        """True while an accepted order has yet to close its position."""
        open_ids = self._open_ids
        return any(error is None and key in open_ids for key, error in self._errors.items())

    def _blocked(self) -> str:
        if self._is_sending or self._is_waiting or not self._open_ids:
            return ""
        problems = self._session.trading.problems(is_closing=True)
        if problems:
            return problem_text(problems[0])
        has_doubt = any(
            isinstance(intent.request, OrderRequest)
            for intent in self._session.state.unconfirmed_intents
        )
        return LEGS_UNCONFIRMED if has_doubt else ""

    def _can_confirm(self) -> bool:
        return (
            bool(self._open_ids)
            and not self._is_sending
            and not self._is_waiting
            and not self._blocked()
        )

    def _screen(self) -> CloseAllScreen:
        quote = account_quote(self._session.state)
        results: list[Decimal | None] = []
        legs = tuple(self._leg(position, results) for position in self._positions.values())
        total = sum((each for each in results if each is not None), ZERO)
        is_open = bool(self._open_ids)
        is_complete = is_open and all(each is not None for each in results)
        return CloseAllScreen(
            legs=legs,
            headline=all_result_text(total, quote) if is_complete else "",
            tone=tone_of(total) if is_complete else Tone.PLAIN,
            blocked=self._blocked(),
            progress=self._progress(is_open=is_open),
            notice=self._notice,
            can_confirm=self._can_confirm(),
            can_leave=not self._is_sending,
        )

    def _progress(self, *, is_open: bool) -> str:
        if self._is_sending:
            return LEGS_SENDING
        if self._is_waiting:
            return LEGS_TAKEN_IN
        return "" if is_open else POSITIONS_GONE

    def _leg(self, position: Position, results: list[Decimal | None]) -> LegLine:
        market = self._session.state.markets.get(position.market)
        key = position.position_id
        is_open = key in self._open_ids
        error = self._errors.get(key)
        status = ""
        if not is_open:
            status = LEG_CLOSED
        elif self._is_sending:
            status = LEG_SENDING
        elif error is not None:
            status = error_notice(error, "the closing order").happened
        elif key in self._errors:
            status = LEG_ACCEPTED
        result = LEG_CLOSED if not is_open else NO_PRICE
        tone = Tone.PLAIN
        if is_open:
            estimate = estimate_close(self._session, position, position.amount)
            value = None if estimate is None else estimate.result
            results.append(value)
            result = LEG_UNKNOWN_RESULT
            if value is not None:
                result = signed_result(value, quote_of(position.market))
                tone = tone_of(value)
        return LegLine(
            key,
            position_text(position, format_amount(position.amount, market)),
            result if is_open else "",
            tone,
            status,
            is_bad=error is not None and not isinstance(error, OutcomeUnknownError),
        )
