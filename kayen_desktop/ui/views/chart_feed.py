"""Asks the venue for the candles that the chart shows, and again after every reconnect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.market_state import candles_key
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.ui.async_bridge import AsyncBridge

from .chart_panel import ChartPanel

if TYPE_CHECKING:
    from kayen_desktop.app.session import Session

# History is public; a venue that wants a signature first is asked again once we are signed in.
_SPEAKS = frozenset({LinkState.CONNECTED, LinkState.READY})
HISTORY_BARS = 300


class ChartFeed:
    """Keeps the chart on one market and period of one session."""

    def __init__(
        self, panel: ChartPanel, bridge: AsyncBridge, clock: Callable[[], datetime]
    ) -> None:
        self._panel = panel
        self._bridge = bridge
        self._clock = clock
        self._session: Session | None = None
        self._market = ""
        self._watched: tuple[str, Period] | None = None
        self._link: LinkState | None = None
        panel.retry_requested.connect(self.reload)

    def bind(self, session: Session | None) -> None:
        """Ask this session from now on; None asks nobody."""
        self._session = session
        self._watched = None
        self._market = ""
        self._link = self._link_of(session) if session is not None else None
        self._panel.show_market(session.state if session else AppState(), "")

    def show_market(self, market: str) -> None:
        """Show the market in the panel's period, and ask for its candles."""
        if self._session is None:
            return
        self._market = market
        venue, period = self._session.venue, self._panel.period
        if self._watched is not None:
            venue.unwatch_candles(*self._watched)
        self._watched = (market, period)
        venue.watch_candles(market, period)
        self._panel.show_market(self._session.state, market)
        self.reload()

    def reload(self) -> None:
        """Ask for the history, if there is a connection to ask on."""
        session = self._session
        if session is None or not self._market or self._link not in _SPEAKS:
            return
        period = self._panel.period
        now = self._clock()
        start = now - timedelta(minutes=period.minutes * HISTORY_BARS)
        self._bridge.run(
            session.venue.load_candles(self._market, period, start, now), self._on_error
        )

    def apply(self, changes: Iterable[Change]) -> None:
        """Redraw what the changes touch; a connection that came back is asked again."""
        if self._session is None:
            return
        key = candles_key(self._market, self._panel.period)
        for change in changes:
            match change.topic:
                case Topic.CANDLES if change.key == key:
                    self._panel.refresh_candles()
                case Topic.TICKER if change.key == self._market:
                    self._panel.refresh_price()
                case Topic.FILL | Topic.ORDER:
                    self._panel.refresh_own()
                case Topic.LINK if change.key == self._session.venue.trading_link:
                    self._on_link(self._session)

    def _on_link(self, session: Session) -> None:
        before, self._link = self._link, self._link_of(session)
        if self._link is not before:
            self.reload()

    def _link_of(self, session: Session) -> LinkState | None:
        status = session.state.links.get(session.venue.trading_link)
        return status.state if status is not None else None

    def _on_error(self, error: KayenError) -> None:
        self._panel.show_failure()
