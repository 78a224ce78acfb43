"""The dialog that closes every open position, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.close_all import CloseAllPresenter, CloseAllScreen, LegLine
from kayen_desktop.ui.presenters.close_position import TOPICS
from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS

from .labels import card, push_button, set_look, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox

_WIDTH = 520
_ROLES = {Tone.PLAIN: "", Tone.GOOD: "good", Tone.BAD: "bad", Tone.STRONG: "heading"}


class LegList(QWidget):
    """One line a position: what it is, what closing it comes to, and how that went."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("closeAllLegs")
        self.setAccessibleName("Positions to close")
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_L)
        self._grid.setVerticalSpacing(SPACE_XS)
        self._grid.setColumnStretch(0, 1)

    def show_legs(self, legs: Sequence[LegLine]) -> None:
        """Draw the positions."""
        while len(self._rows) < len(legs):
            self._add_row()
        for leg, (text, result, status) in zip(legs, self._rows, strict=False):
            text.setText(leg.text)
            result.setText(leg.result)
            set_look(result, "role", _ROLES[leg.tone])
            show_text(status, leg.status)
            set_look(status, "role", "problem" if leg.is_bad else "small")
            text.setAccessibleName(", ".join(p for p in (leg.text, leg.result, leg.status) if p))

    def _add_row(self) -> None:
        row = 3 * len(self._rows)
        text, result, status = (
            text_label(name=name) for name in ("legText", "legResult", "legStatus")
        )
        text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        result.setWordWrap(False)
        result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(result, row, 1)
        self._grid.addWidget(status, row + 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(row + 2, SPACE_XS)
        self._rows.append((text, result, status))


class CloseAllDialog(LiveDialog):
    """Shows each position with its estimate, then each result; accepted once all are closed."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("closeAllDialog")
        self.setWindowTitle("Close all positions")
        self._build()
        self._closing = CloseAllPresenter(session, bridge, self)
        self._confirm.clicked.connect(self._closing.confirm)
        self._cancel.clicked.connect(self.reject)
        self.follow(self._closing)
        self._confirm.setFocus()

    def show_screen(self, screen: CloseAllScreen) -> None:
        """Draw the dialog as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._legs.show_legs(screen.legs)
        show_text(self._headline, screen.headline)
        set_look(self._headline, "sign", {Tone.GOOD: "good", Tone.BAD: "bad"}.get(screen.tone, ""))
        show_text(self._blocked, screen.blocked)
        show_text(self._progress, screen.progress)
        self._notice.show_notice(screen.notice)
        self._confirm.setEnabled(screen.can_confirm)
        self._cancel.setEnabled(screen.can_leave)
        self._cancel.setText("Cancel" if screen.can_confirm else "Close this window")

    def finish(self) -> None:
        """Close: every position is closed."""
        self.accept()

    def _build(self) -> None:
        self._legs = LegList()
        frame, inside = card()
        inside.addWidget(self._legs)
        self._headline = text_label(role="heading", name="closeAllHeadline")
        self._blocked = text_label(role="problem", name="blockedLabel")
        self._progress = text_label(role="muted", name="closeProgressLabel")
        self._notice = NoticeBox("closeNotice")
        self._cancel = push_button("Cancel", "cancelButton")
        self._confirm = push_button("Close all positions now", "confirmButton", "danger")
        self._confirm.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._confirm)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text_label("Close all positions", "title"))
        layout.addWidget(
            text_label(
                "Each position is closed by a market order the other way round. Estimates are "
                "from the order books as they stand, fees included.",
                "muted",
            )
        )
        layout.addWidget(frame)
        for widget in (self._headline, self._blocked, self._progress, self._notice):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.place(body, buttons)
