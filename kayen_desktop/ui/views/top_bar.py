"""The top of the window: which venue, which account, and how both connections are.

It is part of the first picture, so it imports the vocabulary of trading only when it is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.labels import frame, plain_label, plain_tip

if TYPE_CHECKING:
    from kayen_desktop.app.state import LinkStatus

_DOT = 8
_STARTING = "starting…"


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

    def _show(self, text: str) -> None:
        if text != self._label.text():
            self._label.setText(text)
            self.setAccessibleName(text)


class TopBar(QFrame):
    """Name, venue, account and the two lights."""

    def __init__(self, *, is_practice: bool, venue_name: str) -> None:
        super().__init__()
        self.setProperty("role", "topBar")
        self._address = ""
        self._account = plain_label(role="mono")
        self._account.setAccessibleName("Account address")
        self._copy = QToolButton()
        self._copy.setAccessibleName("Copy the account address")
        self._copy.setToolTip("Copy the whole address")
        self._copy.clicked.connect(self._copy_address)
        chip = plain_label(venue_name, "practiceChip" if is_practice else "chip")
        chip.setAccessibleName(f"Venue: {venue_name}")
        self.clearport = LinkLight("clearportStatus", "Clearport")
        self.finex = LinkLight("finexStatus", "Finex")
        self._stale = plain_label("Prices are old", "warningChip")
        self._stale.setObjectName("staleChip")
        self._stale.setToolTip(
            "Nothing has been heard from the exchange lately. Ordering is paused until it has."
        )
        self._stale.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_S)
        row.addWidget(plain_label("Kayen Desktop", "brand"))
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(SPACE_S)
        row.addWidget(self._account)
        row.addWidget(self._copy)
        row.addStretch()
        row.addWidget(self._stale, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(SPACE_S)
        row.addWidget(self.clearport)
        row.addSpacing(SPACE_L)
        row.addWidget(self.finex)
        self.show_account("")

    def show_account(self, address: str) -> None:
        """Show the address signed in as; empty before anybody is."""
        self._address = address
        if address:
            from kayen_desktop.ui.formatting import short_address

            self._account.setText(short_address(address))
        self._account.setToolTip(address)
        self._account.setVisible(bool(address))
        self._copy.setVisible(bool(address))
        self.redraw_colours()

    def show_age(self, *, is_old: bool) -> None:
        """Say that the prices are old, or nothing."""
        self._stale.setVisible(is_old)

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._copy.setIcon(icon("copy", tokens().muted))

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address)


def practice_banner() -> QFrame:
    """Return the strip that makes practice impossible to mistake for live."""
    banner = frame("practiceBanner")
    banner.setObjectName("practiceBanner")
    banner.setAccessibleName("Practice: no real money")
    words: QLabel = plain_label("PRACTICE: no real money")
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    row = QHBoxLayout(banner)
    row.setContentsMargins(SPACE_M, SPACE_XS, SPACE_M, SPACE_XS)
    row.addWidget(words)
    return banner
