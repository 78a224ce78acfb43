"""Where keys are kept, how the window locks, and the venues: pages of "Connections & keys"."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.ui.notices.identities import IN_USE, USE_VENUE
from kayen_desktop.ui.presenters.connections import IDLE_MINUTES, VaultScreen, VenueLine
from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S
from kayen_desktop.ui.widgets.scrolled import Scrolled

from .fact_list import FactList
from .labels import card, push_button, set_look, show_text, text_label
from .notice_box import NoticeBox

_ROLES = {Tone.PLAIN: "muted", Tone.GOOD: "good", Tone.BAD: "problem", Tone.STRONG: "heading"}


class VaultPage(QWidget):
    """Where the keys are, the passphrase, and the lock."""

    idle_minutes_chosen = Signal(int)
    can_close_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.set = push_button("Set a passphrase…", "setPassphraseButton", "primary")
        self.change = push_button("Change…", "changePassphraseButton", "", "Change the passphrase")
        self.remove = push_button("Remove…", "removePassphraseButton", "", "Remove the passphrase")
        self._notice = NoticeBox("vaultNotice")
        column = _scrolling(self)
        column.addWidget(self._build_place())
        column.addWidget(self._build_passphrase())
        column.addWidget(self._build_lock())
        column.addWidget(self._notice)
        column.addStretch(1)

    def show_screen(self, screen: VaultScreen) -> None:
        """Draw the page."""
        self._place.setText(screen.place)
        show_text(self._why, screen.why_not_keyring)
        self._passphrase.setText(screen.passphrase)
        self.set.setVisible(not screen.has_passphrase)
        self.change.setVisible(screen.has_passphrase)
        self.remove.setVisible(screen.can_remove_passphrase)
        self._lock_text.setText(screen.lock_text)
        self._idle.setEnabled(screen.has_passphrase)
        self._can_close.setEnabled(screen.has_passphrase)
        self._show_idle(screen.idle_minutes)
        with QSignalBlocker(self._can_close):
            self._can_close.setChecked(screen.can_close_positions)
        self._notice.show_notice(screen.notice)

    def _show_idle(self, minutes: int) -> None:
        """Choose the minutes in the list, which takes in what a file of settings may say."""
        with QSignalBlocker(self._idle):
            place = self._idle.findData(minutes)
            if place < 0:
                self._idle.addItem(_idle_text(minutes), minutes)
                place = self._idle.count() - 1
            self._idle.setCurrentIndex(place)

    def _build_place(self) -> QWidget:
        frame, inside = card("card")
        self._place = text_label(name="vaultPlaceLabel")
        self._why = text_label(role="muted", name="vaultProblemLabel")
        inside.addWidget(text_label("Where your keys are", "heading"))
        inside.addWidget(self._place)
        inside.addWidget(self._why)
        return frame

    def _build_passphrase(self) -> QWidget:
        frame, inside = card("card")
        self._passphrase = text_label(name="passphraseLabel")
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        for button in (self.set, self.change, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        inside.addWidget(text_label("Passphrase", "heading"))
        inside.addWidget(self._passphrase)
        inside.addLayout(row)
        return frame

    def _build_lock(self) -> QWidget:
        frame, inside = card("card")
        self._lock_text = text_label(name="lockLabel")
        self._idle = QComboBox()
        self._idle.setObjectName("idleMinutesCombo")
        self._idle.setAccessibleName("Lock by itself when nobody touches the window")
        self._idle.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for minutes in IDLE_MINUTES:
            self._idle.addItem(_idle_text(minutes), minutes)
        self._idle.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._idle.activated.connect(self._on_idle)
        caption = text_label("Lock by itself", wraps=False)
        caption.setBuddy(self._idle)
        self._can_close = QCheckBox("Allow closing a position while locked")
        self._can_close.setObjectName("canCloseWhileLockedCheck")
        self._can_close.toggled.connect(self.can_close_chosen)
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(caption)
        row.addWidget(self._idle)
        row.addStretch(1)
        inside.addWidget(text_label("Lock", "heading"))
        inside.addWidget(self._lock_text)
        inside.addLayout(row)
        inside.addWidget(self._can_close)
        return frame

    def _on_idle(self) -> None:
        self.idle_minutes_chosen.emit(int(self._idle.currentData()))


class VenuesPage(QWidget):
    """One card a venue; ``venue_requested`` tells which one the trader wants to use."""

    venue_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[str, _VenueCard] = {}
        self._column = _scrolling(self)
        self._column.addStretch(1)

    def show_lines(self, lines: tuple[VenueLine, ...]) -> None:
        """Draw the venues; a venue keeps its card while its connection changes."""
        wanted = [line.venue_id for line in lines]
        for venue_id in [each for each in self._cards if each not in wanted]:
            gone = self._cards.pop(venue_id)
            gone.hide()
            gone.deleteLater()
        for place, line in enumerate(lines):
            if line.venue_id not in self._cards:
                made = _VenueCard(line)
                made.use.clicked.connect(partial(self._request, line.venue_id))
                self._cards[line.venue_id] = made
                self._column.insertWidget(place, made)
            self._cards[line.venue_id].show_line(line)

    def _request(self, venue_id: str) -> None:
        self.venue_requested.emit(venue_id)


class _VenueCard(QFrame):
    """A venue: what it is, where it is, how the connection is, and the button that goes there."""

    def __init__(self, line: VenueLine) -> None:
        super().__init__()
        self.setObjectName(f"venueCard-{line.venue_id}")
        self.setProperty("role", "card")
        self._name = text_label(role="heading", name="venueNameLabel")
        self._in_use = text_label(IN_USE, "keyChip", "venueInUseLabel", wraps=False)
        self.use = push_button(USE_VENUE, "switchVenueButton")
        self._kind = text_label(role="muted", name="venueKindLabel")
        self._state = text_label(name="venueStateLabel")
        self._servers = FactList("venueServers", is_text=True)
        heading = QHBoxLayout()
        heading.setSpacing(SPACE_S)
        heading.addWidget(self._name, 1)
        heading.addWidget(self._in_use)
        heading.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        column.setSpacing(SPACE_S)
        column.addLayout(heading)
        for widget in (self._kind, self._state, self._servers):
            column.addWidget(widget)

    def show_line(self, line: VenueLine) -> None:
        """Draw the venue as it is now."""
        self._name.setText(line.name)
        self._in_use.setVisible(line.is_in_use)
        self.use.setVisible(not line.is_in_use)
        self.use.setAccessibleName(f"{USE_VENUE}: {line.name}")
        self._kind.setText(line.kind)
        self._state.setText(line.state)
        set_look(self._state, "role", _ROLES[line.tone])
        self._servers.show_facts(line.servers)


def _idle_text(minutes: int) -> str:
    if not minutes:
        return "Never"
    return "After 1 minute" if minutes == 1 else f"After {minutes} minutes"


def _scrolling(page: QWidget) -> QVBoxLayout:
    """Return the column of a page that scrolls where the window is too low for it."""
    area = Scrolled()
    area.column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
    area.column.setSpacing(SPACE_M)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(area)
    return area.column
