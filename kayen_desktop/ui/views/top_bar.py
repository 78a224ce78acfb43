"""The top of the window: which venue, which account, and how both connections are.

It is part of the first picture, so it imports the vocabulary of trading only when it is told.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.labels import plain_label, plain_tip, set_look

if TYPE_CHECKING:
    from kayen_desktop.app.market_state import LinkStatus

_DOT = 8
_STARTING = "Starting…"


class _Dot(QWidget):
    """A round light in the colour of a connection's state; the word stands beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self.setFixedSize(QSize(_DOT + 2, _DOT + 2))

    def show_state(self, state: str) -> None:
        """Take the colour of the link state with this value."""
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the light; hollow while there is no connection, so that form tells it too."""
        colours = tokens()
        colour = {
            "ready": colours.buy,
            "connecting": colours.warning,
            "signing_in": colours.warning,
            "retrying": colours.warning,
            "refused": colours.sell,
        }.get(self._state, colours.muted)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colour))
        if self._state == "ready":
            painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(1, 1, _DOT, _DOT))
        painter.end()


class LinkLight(QWidget):
    """One connection: a light, its name, and a word or its round trip."""

    def __init__(self, name: str, link: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._link = link
        self._dot = _Dot()
        self._label = plain_label()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_XS)
        row.addWidget(self._dot)
        row.addWidget(self._label)
        self._show(f"{link}: {_STARTING}")

    def show_status(self, status: LinkStatus) -> None:
        """Draw the connection as it is."""
        from kayen_desktop.ui.notices import link_explanation, link_text

        self._dot.show_state(status.state.value)
        self._show(f"{self._link}: {link_text(status)}")
        self.setToolTip(plain_tip(link_explanation(status)))

    def forget(self) -> None:
        """Be as before anything was heard of the connection."""
        self._dot.show_state("")
        self._show(f"{self._link}: {_STARTING}")
        self.setToolTip("")

    def _show(self, text: str) -> None:
        if text != self._label.text():
            self._label.setText(text)
            self.setAccessibleName(text)


class TopBar(QFrame):
    """Name, venue, whose key, the two lights, and the lock."""

    venue_requested = Signal(str)
    connections_requested = Signal()
    lock_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "topBar")
        self._address = self._key_name = ""
        self._is_covered = False
        self._name = plain_label(role="heading")
        self._account = plain_label(role="mono")
        self._copy = _tool("copyAddressButton", "Copy the account address")
        self._copy.setToolTip("Copy the whole address")
        self._copy.clicked.connect(self._copy_address)
        self._venue = self._build_venue_button()
        self.clearport = LinkLight("clearportStatus", "Clearport")
        self.finex = LinkLight("finexStatus", "Finex")
        self._stale = plain_label("Prices are old", "warningChip")
        self._stale.setObjectName("staleChip")
        self._stale.setToolTip(
            "Nothing has been heard from the exchange lately. Ordering is paused until it has."
        )
        self._stale.hide()
        self._lock = _tool("lockButton", "Lock the app")
        self._lock.clicked.connect(self.lock_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_S)
        row.addWidget(plain_label("Kayen Desktop", "brand"))
        row.addWidget(self._venue, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(SPACE_S)
        row.addWidget(self._name)
        row.addWidget(self._account)
        row.addWidget(self._copy)
        row.addStretch()
        row.addWidget(self._stale, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(SPACE_S)
        row.addWidget(self.clearport)
        row.addSpacing(SPACE_L)
        row.addWidget(self.finex)
        row.addSpacing(SPACE_S)
        row.addWidget(self._lock)
        self.show_account("")

    def show_venue(self, name: str, *, is_practice: bool) -> None:
        """Say which venue this is, and be as it was before anything was heard of it."""
        set_look(self._venue, "kind", "practiceChip" if is_practice else "chip")
        self._venue.setText(name)
        self._venue.setAccessibleName(f"Venue: {name}")
        self.clearport.forget()
        self.finex.forget()
        self.show_age(is_old=False)
        self.show_account("")

    def show_account(self, address: str, name: str = "") -> None:
        """Show whose key signs in, and its address; both empty before anybody does."""
        self._address, self._key_name = address, name
        self._show_key()
        self.redraw_colours()

    def show_key_name(self, name: str) -> None:
        """Call the key in use by this name."""
        self._key_name = name
        self._show_key()

    def set_covered(self, *, is_covered: bool) -> None:
        """Show nothing of the key, and offer nothing, while the application is locked."""
        self._is_covered = is_covered
        for widget in (self._venue, self._lock):
            widget.setDisabled(is_covered)
        self._show_key()

    def show_age(self, *, is_old: bool) -> None:
        """Say that the prices are old, or nothing."""
        self._stale.setVisible(is_old)

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._copy.setIcon(icon("copy", tokens().muted))
        self._lock.setIcon(icon("lock", tokens().muted))

    def _show_key(self) -> None:
        # A label that is only hidden can still be read by other programs.
        address = "" if self._is_covered else self._address
        name = self._key_name if address else ""
        self._name.setText(name)
        self._name.setAccessibleName(f"Key in use: {name}")
        self._name.setVisible(bool(name))
        if address:
            from kayen_desktop.ui.formatting import short_address

            self._account.setText(short_address(address))
        else:
            self._account.clear()
        self._account.setAccessibleName(f"Account address: {self._account.text()}")
        self._account.setToolTip(address)
        self._account.setVisible(bool(address))
        self._copy.setVisible(bool(address))

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address)

    def _build_venue_button(self) -> QPushButton:
        """Return the venue's name as a button that offers the other venues."""
        button = QPushButton()
        button.setObjectName("venueButton")
        button.setAutoDefault(False)
        menu = QMenu(button)
        for key, text in (("practice", "&Practice: no real money"), ("kayen", "&Kayen: live")):
            action = menu.addAction(text)
            action.triggered.connect(partial(self.venue_requested.emit, key))
        menu.addSeparator()
        menu.addAction("&Connections and keys…").triggered.connect(self.connections_requested)
        button.setMenu(menu)
        return button


class PracticeBanner(QFrame):
    """The strip that makes practice impossible to mistake for live, and the way out of it."""

    live_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "practiceBanner")
        self.setObjectName("practiceBanner")
        self.setAccessibleName("Practice: no real money")
        words: QLabel = plain_label("PRACTICE: no real money")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        live = QPushButton("Go live…")
        live.setObjectName("goLiveButton")
        live.setProperty("kind", "onPractice")
        live.setAutoDefault(False)
        live.setAccessibleName("Go live: trade with real money")
        live.clicked.connect(self.live_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_XS, SPACE_M, SPACE_XS)
        row.addSpacing(live.sizeHint().width())
        row.addWidget(words, 1)
        row.addWidget(live)


def _tool(name: str, accessible: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(accessible)
    button.setToolTip(accessible)
    return button
