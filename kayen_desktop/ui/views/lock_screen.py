"""What covers the window while it is locked, and the strip that says it is about to be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kayen_desktop.app.changes import Change
from kayen_desktop.app.session import Session
from kayen_desktop.keys.lock import Lock, LockState
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.conflation import Conflator
from kayen_desktop.ui.notices.locking import FORGOTTEN_LINK, locking_soon_text
from kayen_desktop.ui.presenters.lock_screen import (
    LockedScreen,
    LockScreenPresenter,
)
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.labels import frame, plain_label
from kayen_desktop.ui.widgets.passphrase_entry import PassphraseEntry

from .locked_close import LockedClose
from .locked_warnings import WarningList

_CARD_WIDTH = 460
# Nothing arrives to say that prices have grown old, so time itself is a reason to look.
_BEAT_MS = 1000
_COUNT_MS = 500


class LockScreen(QFrame):
    """The main window shows it, and hides all else, while the lock is locked.

    It may stand before there is a session: at the start the passphrase comes first.
    ``forgotten`` is told when the trader says that nobody knows the passphrase any more.
    """

    forgotten = Signal()

    def __init__(
        self,
        lock: Lock,
        bridge: AsyncBridge,
        unlock: Callable[[str], Awaitable[None]],
        parent: QWidget | None = None,
    ) -> None:
        """``unlock`` opens the lock (and whatever else the passphrase opens) or raises."""
        super().__init__(parent)
        self.setObjectName("lockScreen")
        self.setProperty("role", "body")
        self.setAccessibleName("Locked")
        self._lock = lock
        self._is_bound = False
        self._unlisten_session: Callable[[], None] = _nothing
        self._unlock = button("Unlock", _nothing, kind="primary", name="unlockButton")
        self._unlock.setAutoDefault(True)
        self._forgotten = button(
            FORGOTTEN_LINK, self.forgotten.emit, kind="link", name="forgotPassphraseButton"
        )
        self._forgotten.setAutoDefault(True)
        self._entry = PassphraseEntry(
            unlock, bridge, _take, self._unlock, retry_after_s=lock.retry_after_s
        )
        self._close = LockedClose()
        self._warned = WarningList()
        self._owner = plain_label(role="muted", wraps=True)
        self._owner.setObjectName("lockedOwner")
        self._text = plain_label(wraps=True)
        self._text.setObjectName("lockedText")
        self._links = plain_label(role="small", wraps=True)
        self._links.setObjectName("lockedLinks")
        self._build()
        self._presenter = LockScreenPresenter(lock, bridge, self)
        self._conflator = Conflator(self)
        self._conflator.changes_ready.connect(self._presenter.hear)
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._presenter.refresh)
        self._close.asked.connect(self._presenter.choose_position)
        self._close.chosen.connect(self._presenter.choose)
        self._close.confirmed.connect(self._presenter.confirm_close)
        self._close.left.connect(self._presenter.leave_choice)
        self._unlisten_lock = lock.listen(self._on_lock)
        self.destroyed.connect(lambda: self._leave())
        self._presenter.begin()

    def bind(self, session: Session | None) -> None:
        """Watch over this session from now on; None where there is none (yet)."""
        self._unlisten_session()
        self._conflator.clear()
        self._unlisten_session = _nothing if session is None else session.listen(self._hear)
        self._presenter.bind(session)

    def show_owner(self, name: str) -> None:
        """Say whose key it is, by its name."""
        self._presenter.show_owner(name)

    def try_again(self) -> None:
        """Give the keyboard back to the field."""
        self._entry.ask_again()

    # What the presenter needs

    def show_screen(self, screen: LockedScreen) -> None:
        """Draw the screen as it should look now."""
        self._owner.setText(screen.owner)
        self._owner.setVisible(bool(screen.owner))
        self._text.setText(screen.text)
        links = "   ·   ".join(screen.links)
        self._links.setText(links)
        self._links.setVisible(bool(links))
        self._warned.show_warnings(screen.warnings, screen.older)
        self._close.show_offer(screen.close)

    # What Qt calls

    def showEvent(self, event: QShowEvent) -> None:
        """Start with an empty field that has the keyboard."""
        super().showEvent(event)
        self._entry.begin()
        self._beat.start()
        self._presenter.refresh()
        announce(self, "Kayen Desktop is locked.")

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing of what was typed."""
        super().hideEvent(event)
        self._entry.forget()
        self._beat.stop()

    def _leave(self) -> None:
        self._unlisten_lock()
        self._unlisten_session()
        self._presenter.stop()

    def _on_lock(self, state: LockState) -> None:
        if state is LockState.LOCKED:
            self._entry.forget()
            self._presenter.begin()

    def _hear(self, changes: tuple[Change, ...]) -> None:
        if self._lock.is_locked:
            self._conflator.push(changes)

    def _build(self) -> None:
        card = frame("panel")
        card.setObjectName("lockCard")
        card.setMaximumWidth(_CARD_WIDTH)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_XL)
        inside.setSpacing(SPACE_M)
        heading = QVBoxLayout()
        heading.setSpacing(SPACE_XS)
        heading.addWidget(plain_label("Kayen Desktop", "small"))
        heading.addWidget(plain_label("Locked", "title"))
        heading.addWidget(self._owner)
        inside.addLayout(heading)
        inside.addWidget(self._text)
        inside.addWidget(self._entry)
        inside.addWidget(self._unlock)
        inside.addWidget(self._forgotten, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self._warned)
        inside.addWidget(self._close)
        inside.addWidget(self._links)
        middle = QWidget()
        centred = QVBoxLayout(middle)
        centred.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        centred.addStretch(2)
        centred.addLayout(row)
        centred.addStretch(3)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(middle)
        middle.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)


class LockWarning(QFrame):
    """Shows itself before the lock locks, takes no keyboard, and goes when the trader stays."""

    def __init__(self, lock: Lock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lockWarning")
        self.setProperty("role", "notice")
        self.setProperty("severity", "warning")
        self.setAccessibleName("About to lock")
        self._lock = lock
        self._text = plain_label(role="heading", wraps=True)
        self._text.setObjectName("lockWarningText")
        stay = button("Stay", lock.touch, name="stayButton", accessible_name="Stay unlocked")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_S, SPACE_S)
        row.setSpacing(SPACE_S)
        row.addWidget(self._text, 1)
        row.addWidget(stay)
        self._beat = QTimer(self)
        self._beat.setInterval(_COUNT_MS)
        self._beat.timeout.connect(self._count)
        unlisten = lock.listen(self._on_lock)
        self.destroyed.connect(lambda: unlisten())
        self.hide()
        self._on_lock(lock.state)

    def _on_lock(self, state: LockState) -> None:
        is_warning = state is LockState.WARNING
        if is_warning:
            self._count()
            self._beat.start()
        else:
            self._beat.stop()
        self.setVisible(is_warning)
        if is_warning:
            # Once, not each second: who hears the screen would hear nothing else.
            announce(self, self._text.text())

    def _count(self) -> None:
        left = self._lock.seconds_left()
        if left is not None:
            self._text.setText(locking_soon_text(left))
            self.setAccessibleDescription(self._text.text())


def _take(_: str) -> None:
    """Keep nothing: the lock is open, and whoever hears of that shows the window again."""


def _nothing() -> None:
    """Hear of nothing."""
