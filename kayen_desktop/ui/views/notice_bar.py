"""The strip that says what happened, what is safe and what to do next."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from kayen_desktop.domain.events import Severity
from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.notices import Action, Notice, action_text
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.labels import plain_label, set_look

GOOD_NEWS_MS = 6000
WAITING_KEPT = 20
_WORDS = {Severity.INFO: "Note", Severity.WARNING: "Please read", Severity.CRITICAL: "Important"}


class NoticeBar(QFrame):
    """Shows one notice at a time; good news leaves by itself, the rest waits to be dismissed.

    A graver notice is never replaced by a lighter one: it waits for its turn behind it. Only a
    newer one about the same matter takes its place: that a danger is over must not wait for it.
    """

    action_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self.setProperty("role", "notice")
        self.setProperty("severity", Severity.INFO.value)
        self.setAccessibleName("Notices")
        self._notice: Notice | None = None
        self._waiting: deque[Notice] = deque(maxlen=WAITING_KEPT)
        self._action: QPushButton
        self._build()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GOOD_NEWS_MS)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """What is shown now."""
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        """Show the notice now, or after a graver one is dismissed."""
        held = self._notice
        if notice == held or notice in self._waiting:
            return
        if notice.about:
            others = [each for each in self._waiting if each.about != notice.about]
            self._waiting = deque(others, maxlen=WAITING_KEPT)
            if held is not None and held.about == notice.about:
                self._draw(notice)
                return
            self._count_waiting()
        if held is not None and held.severity is not Severity.INFO:
            is_graver = notice.severity is Severity.CRITICAL is not held.severity
            if not is_graver:
                if notice.severity is not Severity.INFO:
                    self._waiting.append(notice)
                    self._count_waiting()
                return
            self._waiting.appendleft(held)
        self._draw(notice)

    def dismiss(self) -> None:
        """Take the notice away and show the next, if one waits."""
        self._timer.stop()
        if self._waiting:
            self._draw(self._waiting.popleft())
        else:
            self._notice = None
            self.hide()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._close.setIcon(icon("close", tokens().text))

    def _build(self) -> None:
        self._happened = plain_label(role="heading", wraps=True)
        self._rest = plain_label(wraps=True)
        self._more = plain_label(role="small")
        self._action = button("", self._on_action, kind="")
        self._copy = button(
            "Copy details", self._copy_details, kind="link", accessible_name="Copy the details"
        )
        self._close = QToolButton()
        self._close.setAccessibleName("Dismiss the notice")
        self._close.setToolTip("Dismiss")
        self._close.clicked.connect(self.dismiss)
        words = QVBoxLayout()
        words.setSpacing(SPACE_XS // 2)
        words.addWidget(self._happened)
        words.addWidget(self._rest)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_S, SPACE_S)
        row.setSpacing(SPACE_S)
        row.addLayout(words, 1)
        for widget in (self._more, self._copy, self._action, self._close):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def _draw(self, notice: Notice) -> None:
        self._notice = notice
        set_look(self, "severity", notice.severity.value)
        self.redraw_colours()
        self._happened.setText(notice.happened)
        rest = " ".join(part for part in (notice.safe, notice.next_step) if part)
        self._rest.setText(rest)
        self._rest.setVisible(bool(rest))
        self._copy.setVisible(bool(notice.detail))
        self._action.setVisible(notice.action is not None)
        if notice.action is not None:
            self._action.setText(action_text(notice.action))
            self._action.setAccessibleName(action_text(notice.action))
        self.setAccessibleDescription(f"{_WORDS[notice.severity]}: {notice.text}")
        self._count_waiting()
        self.show()
        # The keyboard is elsewhere: without this, nobody who hears the screen would know.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, notice.text))
        self._timer.stop()
        if notice.severity is Severity.INFO and notice.action is None:
            self._timer.start()

    def _count_waiting(self) -> None:
        self._more.setText(f"{len(self._waiting)} more" if self._waiting else "")
        self._more.setVisible(bool(self._waiting))

    def _on_action(self) -> None:
        notice = self._notice
        self.dismiss()
        if notice is not None and isinstance(notice.action, Action):
            self.action_requested.emit(notice.action)

    def _copy_details(self) -> None:
        if self._notice is not None:
            QGuiApplication.clipboard().setText(self._notice.detail)
