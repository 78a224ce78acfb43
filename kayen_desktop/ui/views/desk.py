"""Everything below the top bar: bound to a session, redrawn once a screen frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.candles import Period
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.conflation import Conflator
from kayen_desktop.ui.models.book import BookModel
from kayen_desktop.ui.models.markets import MarketsModel
from kayen_desktop.ui.models.trades import TradesModel
from kayen_desktop.ui.notices import Action, Notice
from kayen_desktop.ui.notices.going_home import unfinished_notice
from kayen_desktop.ui.presenters.activity import ActivityLog
from kayen_desktop.ui.presenters.alerts import Alerts
from kayen_desktop.ui.theme import SPACE_S

from .book_view import BookView
from .chart_feed import ChartFeed
from .chart_panel import ChartPanel
from .desk_tabs import DeskTabs
from .margin_gauge import MarginGauge
from .markets_view import MarketsView
from .notice_bar import NoticeBar
from .order_ticket import OrderTicket
from .top_bar import TopBar

if TYPE_CHECKING:
    from kayen_desktop.app.session import Session

TICK_MS = 1000
FIRST_MARKET = "PEPE/USD"
_RIGHT_WIDTHS = (280, 340)
_TICKET_TOPICS = frozenset(
    {
        Topic.BOOK,
        Topic.TICKER,
        Topic.MARGIN,
        Topic.POSITION,
        Topic.CHANNEL,
        Topic.LINK,
        Topic.ALARM,
        Topic.INTENT,
    }
)


class Desk(QFrame):
    """Markets, chart, tabs, book, ticket and gauge; ``tabs`` asks for what needs a dialog."""

    connections_requested = Signal()
    what_if_requested = Signal()
    go_home_requested = Signal()
    account_requested = Signal(str)
    wallet_requests_requested = Signal()

    def __init__(self, top_bar: TopBar, bridge: AsyncBridge, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.setProperty("role", "body")
        self._top_bar = top_bar
        self._clock = clock
        self._session: Session | None = None
        self._state = AppState()
        self._market = ""
        self._is_home_offered = False
        self._activity = ActivityLog(self._state, clock())
        self._alerts = Alerts(self._state)
        self._conflator = Conflator(self)
        self._conflator.changes_ready.connect(self._on_changes)
        self._markets_model = MarketsModel(self)
        self._book_model = BookModel(parent=self)
        self._trades_model = TradesModel(self)
        self._notices = NoticeBar()
        self._markets = MarketsView(self._markets_model)
        self._chart = ChartPanel()
        self.tabs = DeskTabs()
        self._book_view = BookView(self._book_model, self._trades_model)
        self._ticket = OrderTicket(bridge.run, self.show_notice)
        self._gauge = MarginGauge()
        self._feed = ChartFeed(self._chart, bridge, clock)
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._on_tick)
        self._lay_out()
        self._connect()

    def attach(self, session: Session) -> None:
        """Show this session from now on: first what it knows, then every change."""
        self._session = session
        self._state = session.state
        self._activity = ActivityLog(self._state, self._clock())
        self._alerts = Alerts(self._state)
        self._is_home_offered = False
        self._feed.bind(session)
        self._bind_views()
        self._offer_home()
        self._ticket.presenter.bind(session.trading, self._state)

        def push(changes: tuple[Change, ...]) -> None:
            if self._session is session:
                self._conflator.push(changes)

        session.listen(push)
        self._ticker.start()

    def detach(self) -> None:
        """Forget the session; nothing more is drawn of it or asked of its venue."""
        self._ticker.stop()
        self._conflator.clear()
        self._session = None
        self._feed.bind(None)
        self._ticket.presenter.bind(None, self._state)

    def show_notice(self, notice: Notice) -> None:
        """Tell the trader something across the window."""
        self._notices.show_notice(notice)

    def select_market(self, name: str) -> None:
        """Show this market's chart, book and ticket."""
        if name == self._market or name not in self._state.markets:
            return
        if self._session is not None:
            if self._market:
                self._session.venue.unwatch_market(self._market)
            self._session.venue.watch_market(name)
        self._market = name
        self._book_model.bind(self._state, name)
        self._trades_model.bind(self._state, name)
        self._book_view.refresh()
        self._markets.select(name)
        self._ticket.select_market(name)
        self._feed.show_market(name)

    def show_account(self) -> None:
        """Ask for the details of the account in use, of the last one, or of the clearing house."""
        from kayen_desktop.ui.presenters.account import account_to_show

        self.account_requested.emit(account_to_show(self._state))

    def focus_search(self) -> None:
        """Put the keyboard into the search box of the markets."""
        self._markets.focus_search()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._markets.redraw_colours()
        self._book_model.redraw_colours()
        self._trades_model.redraw_colours()
        self.tabs.redraw_colours()
        self._chart.canvas.redraw_colours()
        self._notices.redraw_colours()

    # Building

    def _lay_out(self) -> None:
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.addWidget(self._chart)
        middle.addWidget(self.tabs)
        middle.setSizes([430, 230])
        right = QWidget()
        right.setMinimumWidth(_RIGHT_WIDTHS[0])
        right.setMaximumWidth(_RIGHT_WIDTHS[1])
        pair = QVBoxLayout(right)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(SPACE_S)
        pair.addWidget(self._book_view, 1)
        pair.addWidget(self._ticket)
        desk = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self._markets, middle, right):
            desk.addWidget(widget)
        desk.setSizes([276, 772, 280])
        desk.setStretchFactor(1, 1)
        for splitter in (middle, desk):
            splitter.setHandleWidth(SPACE_S)
            splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_S, SPACE_S, SPACE_S, SPACE_S)
        column.setSpacing(SPACE_S)
        column.addWidget(self._notices)
        column.addWidget(desk, 1)
        column.addWidget(self._gauge)

    def _connect(self) -> None:
        self._markets.market_chosen.connect(self.select_market)
        self._ticket.market_chosen.connect(self.select_market)
        self.tabs.market_requested.connect(self.select_market)
        self._book_view.price_chosen.connect(self._ticket.use_price)
        self._chart.period_chosen.connect(self._on_period)
        self._notices.action_requested.connect(self._on_action)
        self._gauge.what_if_requested.connect(self.what_if_requested)

    # What happens

    def _bind_views(self) -> None:
        self._markets_model.bind(self._state)
        self.tabs.bind(self._state)
        self._ticket.show_markets(self._state)
        # Another venue may be long in telling its markets; nothing of the last one stays meanwhile.
        self._market = ""
        self._book_model.bind(self._state, "")
        self._trades_model.bind(self._state, "")
        self._book_view.refresh()
        self._select_first()
        self._draw_links()
        self._gauge.refresh(self._state, self._quote)
        self._draw_age()

    def _on_changes(self, changes: tuple[Change, ...]) -> None:
        topics = {change.topic for change in changes}
        self._markets_model.apply(changes)
        self._book_model.apply(changes)
        self._trades_model.apply(changes)
        self.tabs.apply(changes)
        self._feed.apply(changes)
        if Topic.MARKETS in topics:
            self._ticket.show_markets(self._state)
            self._select_first()
            self._markets.select(self._market)
        if topics & _TICKET_TOPICS:
            self._ticket.presenter.refresh()
        if topics & {Topic.MARGIN, Topic.POSITION, Topic.CHANNEL}:
            self._gauge.refresh(self._state, self._quote)
        if Topic.LINK in topics:
            self._draw_links()
            self._draw_age()
        if Topic.CHANNEL in topics:
            self._offer_home()
        self.tabs.add_activity(self._activity.on_changes(changes, self._clock()))
        for notice in self._alerts.on_changes(changes):
            self.show_notice(notice)

    def _on_tick(self) -> None:
        self.tabs.add_activity(self._activity.on_tick(self._clock()))
        self._draw_age()
        self._ticket.presenter.refresh()

    def _select_first(self) -> None:
        markets = self._state.markets
        if self._market in markets or not markets:
            return
        self.select_market(FIRST_MARKET if FIRST_MARKET in markets else next(iter(markets)))

    def _offer_home(self) -> None:
        """Offer once to go on with what an earlier run of the application began and did not end."""
        if self._session is None or self._is_home_offered or not self._session.going_home.offer:
            return
        self._is_home_offered = True
        self.show_notice(unfinished_notice())

    def _draw_links(self) -> None:
        if self._session is None:
            return
        venue = self._session.venue
        for light, link in (
            (self._top_bar.clearport, venue.clearing_link),
            (self._top_bar.finex, venue.trading_link),
        ):
            status = self._state.links.get(link)
            if status is not None:
                light.show_status(status)

    def _draw_age(self) -> None:
        """Make old numbers look old; before the first one there is nothing to be old."""
        if self._session is None:
            return
        is_fresh = self._state.is_fresh(self._session.venue.trading_link, self._clock())
        is_old = bool(self._state.tickers) and not is_fresh
        self._top_bar.show_age(is_old=is_old)
        self._markets_model.set_dimmed(is_old)
        self._book_model.set_dimmed(is_old)
        self._trades_model.set_dimmed(is_old)
        self.tabs.set_dimmed(is_old)
        self._chart.set_dimmed(is_old)
        self._gauge.set_dimmed(is_old)

    def _on_period(self, period: Period) -> None:
        self._feed.show_market(self._market)

    def _on_action(self, action: Action) -> None:
        acts: dict[Action, Callable[[], object]] = {
            Action.OPEN_ACCOUNT: self.tabs.open_account_requested.emit,
            Action.SHOW_POSITIONS: lambda: self.tabs.show_tab("positionsView"),
            Action.SHOW_ACTIVITY: lambda: self.tabs.show_tab("activityView"),
            Action.SHOW_CONNECTIONS: self.connections_requested.emit,
            Action.BACK_UP: self.connections_requested.emit,
            Action.SHOW_ACCOUNT: self.show_account,
            Action.SHOW_WALLET_REQUEST: self.wallet_requests_requested.emit,
            Action.GO_HOME: self.go_home_requested.emit,
            Action.TRY_AGAIN: self._try_again,
        }
        acts[action]()

    def _try_again(self) -> None:
        if self._session is not None:
            self._session.venue.reconnect()
        self._feed.reload()

    @property
    def _quote(self) -> str:
        market = self._state.markets.get(self._market)
        return market.quote if market is not None else ""
