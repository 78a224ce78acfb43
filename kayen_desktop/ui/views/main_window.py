"""The main window: painted at once as a frame, with the desk in it a moment later.

Decision: the frame (title, practice banner, top bar, menus) needs nothing but Qt; the desk needs
the whole vocabulary of trading. So the desk is imported and built right after the first paint,
or with the session, whichever comes first. Building all of it before the first paint was
refused: the window then comes up three times later than a bare one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPaintEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QVBoxLayout, QWidget

from kayen_desktop.options import KAYEN
from kayen_desktop.resources import resource_path
from kayen_desktop.ui.theme import find_theme, unstyled
from kayen_desktop.ui.untold import tell, untell
from kayen_desktop.ui.widgets.labels import frame, set_look

from .menus import build_menus
from .top_bar import PracticeBanner, TopBar

if TYPE_CHECKING:
    from kayen_desktop.app.session import Session
    from kayen_desktop.ui.async_bridge import AsyncBridge
    from kayen_desktop.ui.notices import Notice

    from .desk import Desk
    from .desk_actions import DeskActions

_FIRST_SIZE = QSize(1360, 820)
_LEAST_SIZE = QSize(1110, 700)
_PRACTICE_FRAME = 3


def utc_now() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)


class MainWindow(QMainWindow):
    """Can be built and painted before there is a session; ``attach`` brings it to life.

    ``stop_requested`` is told when the trader wants to leave: the composition root stops
    everything in order and then calls ``finish_close``.
    """

    stop_requested = Signal()
    venue_requested = Signal(str)
    connections_requested = Signal()
    lock_requested = Signal()
    scheme_chosen = Signal(str)
    open_account_requested = Signal()
    close_position_requested = Signal(str)
    close_account_requested = Signal(str)
    margin_reading_chosen = Signal(object)

    def __init__(
        self,
        is_practice: bool,
        venue_name: str,
        bridge: AsyncBridge,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._clock = clock
        self._desk: Desk | None = None
        self._actions: DeskActions | None = None
        self._is_painted = False
        self._is_finishing = False
        self._top_bar = TopBar()
        self._banner = PracticeBanner()
        self._body: QWidget = frame("body")
        self._cover: QWidget | None = None
        self._column = QVBoxLayout()
        self._build()
        self.show_venue(venue_name, is_practice=is_practice)

    # What the composition root calls

    @property
    def is_painted(self) -> bool:
        """True once the first picture of the window has been asked for and drawn."""
        return self._is_painted

    def show_venue(self, name: str, *, is_practice: bool) -> None:
        """Say which venue this is, in practice so that it can't be mistaken for live."""
        title = f"Practice: no real money – {name}" if is_practice else name
        self.setWindowTitle(f"{title} – Kayen Desktop")
        set_look(self, "practice", "true" if is_practice else "false")
        self.setContentsMargins(*([_PRACTICE_FRAME if is_practice else 0] * 4))
        self._banner.setVisible(is_practice)
        self._top_bar.show_venue(name, is_practice=is_practice)

    def attach(self, session: Session, key_name: str = "") -> None:
        """Show this session from now on: first what it knows, then every change.

        ``key_name`` is what the trader calls the key that signs in.
        """
        desk = self.build_desk()
        self._top_bar.show_account(session.venue.account, key_name)
        if self._actions is not None:
            self._actions.bind(session)
        desk.attach(session)

    def show_key_name(self, name: str) -> None:
        """Call the key that signs in by another name."""
        self._top_bar.show_key_name(name)

    def detach(self) -> None:
        """Forget the session: its venue is about to stop, and nothing may be asked of it."""
        if self._desk is not None:
            self._desk.detach()
        if self._actions is not None:
            self._actions.bind(None)

    @property
    def is_covered(self) -> bool:
        """True while nothing but the top bar and what covers the desk is shown."""
        return self._cover is not None

    def cover_with(self, screen: QWidget) -> None:
        """Show this and nothing else below the top bar, nothing of value anywhere."""
        self._cover = screen
        body = self.build_desk()
        body.hide()
        untell(body)
        self._column.addWidget(screen, 1)
        screen.show()
        self._menus.setEnabled(False)
        self._banner.setDisabled(True)
        self._top_bar.set_covered(is_covered=True)

    def uncover(self) -> None:
        """Show the desk again."""
        if self._cover is None:
            return
        self._column.removeWidget(self._cover)
        self._cover.hide()
        self._cover = None
        body = self.build_desk()
        tell(body)
        body.show()
        self._menus.setEnabled(True)
        self._banner.setDisabled(False)
        self._top_bar.set_covered(is_covered=False)

    def place_strip(self, strip: QWidget) -> None:
        """Put the strip above the desk; it shows and hides itself."""
        self._column.insertWidget(self._column.indexOf(self._banner) + 1, strip)

    def finish_close(self) -> None:
        """Close for real: everything behind the window has stopped."""
        self._is_finishing = True
        self.close()

    def show_notice(self, notice: Notice) -> None:
        """Tell the trader something across the window."""
        self.build_desk().show_notice(notice)

    def select_market(self, name: str) -> None:
        """Show this market's chart, book and ticket."""
        self.build_desk().select_market(name)

    def build_desk(self) -> Desk:
        """Return everything below the top bar, built now if it is not there yet."""
        if self._desk is None:
            from .desk import Desk
            from .desk_actions import DeskActions

            with unstyled():
                desk = Desk(self._top_bar, self._bridge, self._clock)
                self._column.replaceWidget(self._body, desk)
            self._body.deleteLater()
            self._desk = desk
            self._actions = DeskActions(self, self._bridge, self.show_notice)
            self._connect(desk, self._actions)
            desk.focus_search()
        return self._desk

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and build the desk as soon as the first picture is on the screen."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for an orderly stop instead of closing, until everything has stopped."""
        if self._is_finishing:
            event.accept()
            return
        event.ignore()
        self.stop_requested.emit()

    # Building

    def _build(self) -> None:
        self.setObjectName("mainWindow")
        self.setWindowIcon(QIcon(str(resource_path("icons", "kayen-desktop.svg"))))
        self.setAccessibleName("Kayen Desktop")
        self.setMinimumSize(_LEAST_SIZE)
        room = self.screen().availableSize()
        fits = _LEAST_SIZE.boundedTo(room) == _LEAST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room) if fits else _FIRST_SIZE)
        outer = QFrame(self)
        self.setCentralWidget(outer)
        outer.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._top_bar)
        self._column.addWidget(self._banner)
        self._column.addWidget(self._body, 1)
        self._top_bar.venue_requested.connect(self.venue_requested)
        self._top_bar.connections_requested.connect(self.connections_requested)
        self._top_bar.lock_requested.connect(self.lock_requested)
        self._banner.live_requested.connect(lambda: self.venue_requested.emit(KAYEN))
        self._menus = build_menus(
            self,
            search=lambda: self.build_desk().focus_search(),
            show_connections=self.connections_requested.emit,
            lock=self.lock_requested.emit,
            choose_scheme=lambda scheme: self.scheme_chosen.emit(scheme.value),
            account=(
                ("&What if…", lambda: self.build_desk().what_if_requested.emit()),
                ("&Settle positions…", lambda: self.build_desk().tabs.settle_requested.emit()),
                ("&Details and history…", lambda: self.build_desk().show_account()),
                ("&Close all and go home…", lambda: self.build_desk().go_home_requested.emit()),
            ),
        )
        theme = find_theme()
        if theme is not None:
            theme.changed.connect(self._redraw_colours)

    def _connect(self, desk: Desk, actions: DeskActions) -> None:
        tabs = desk.tabs
        desk.connections_requested.connect(self.connections_requested)
        tabs.open_account_requested.connect(self.open_account_requested)
        tabs.close_position_requested.connect(self.close_position_requested)
        tabs.close_account_requested.connect(self.close_account_requested)
        tabs.close_all_requested.connect(actions.close_all)
        tabs.settle_requested.connect(actions.settle)
        tabs.go_home_requested.connect(actions.go_home)
        tabs.account_requested.connect(actions.show_account)
        desk.account_requested.connect(actions.show_account)
        desk.go_home_requested.connect(actions.go_home)
        desk.wallet_requests_requested.connect(actions.show_wallet_requests)
        desk.what_if_requested.connect(
            lambda: actions.show_what_if(self.margin_reading_chosen.emit)
        )
        tabs.cancel_order_requested.connect(actions.cancel_order)
        tabs.cancel_all_requested.connect(actions.cancel_all)
        self.open_account_requested.connect(actions.open_account)
        self.close_position_requested.connect(actions.close_position)
        self.close_account_requested.connect(actions.close_account)

    def _complete(self) -> None:
        self.build_desk()

    def _redraw_colours(self) -> None:
        self._top_bar.redraw_colours()
        if self._desk is not None:
            self._desk.redraw_colours()
