"""Closing a position from the locked screen: choose it, then confirm; no figure is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
)

from kayen_desktop.ui.notices.locking import CHOOSE_POSITION
from kayen_desktop.ui.presenters.lock_screen import CloseOffer
from kayen_desktop.ui.theme import SPACE_S
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.labels import frame, plain_label

_ID_ROLE = Qt.ItemDataRole.UserRole
_ROWS_SHOWN = 4
_CONFIRM = "Choose a position"


class LockedClose(QFrame):
    """Hidden unless the trader allowed it and something is open.

    ``chosen`` carries the position's id.
    """

    asked = Signal()
    chosen = Signal(str)
    confirmed = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lockedClose")
        self._positions: tuple[tuple[str, str], ...] = ()
        self._offer = CloseOffer()
        self._ask = button("Close a position…", self.asked.emit, name="closeLockedPositionButton")
        self._hint = plain_label(CHOOSE_POSITION, "muted", wraps=True)
        self._list = QListWidget()
        self._list.setObjectName("lockedPositionList")
        self._list.setAccessibleName("Open positions")
        self._list.currentItemChanged.connect(self._on_current)
        self._confirm = button(
            _CONFIRM, self.confirmed.emit, kind="danger", name="confirmCloseButton"
        )
        self._leave = button("Don’t close anything", self.left.emit, name="leaveCloseButton")
        for each in (self._ask, self._confirm, self._leave):
            each.setAutoDefault(True)
        self._told = plain_label(wraps=True)
        self._told.setObjectName("closeToldLabel")
        self._problem = plain_label(role="problem", wraps=True)
        self._problem.setObjectName("closeProblemLabel")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self._leave)
        buttons.addStretch(1)
        buttons.addWidget(self._confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(frame("separator"))
        column.addWidget(self._told)
        column.addWidget(self._hint)
        column.addWidget(self._list)
        column.addWidget(self._problem)
        column.addLayout(buttons)
        column.addWidget(self._ask)
        self.hide()

    def show_offer(self, offer: CloseOffer) -> None:
        """Draw how closing stands."""
        if offer == self._offer:
            return
        before, self._offer = self._offer, offer
        self.setVisible(offer.is_offered or bool(offer.told))
        self._ask.setVisible(offer.is_offered and not offer.is_choosing)
        for widget in (self._hint, self._list, self._confirm, self._leave):
            widget.setVisible(offer.is_choosing)
        self._show_positions(offer)
        self._confirm.setText(offer.confirm or _CONFIRM)
        self._confirm.setAccessibleName(offer.confirm or _CONFIRM)
        self._confirm.setEnabled(offer.can_confirm)
        self._leave.setEnabled(offer.can_leave)
        self._list.setEnabled(offer.can_leave)
        self._told.setText(offer.told)
        self._told.setVisible(bool(offer.told))
        self._problem.setText(offer.problem)
        self._problem.setVisible(bool(offer.problem))
        if offer.is_choosing and not before.is_choosing:
            self._list.setFocus()
        elif before.is_choosing and not offer.is_choosing and offer.is_offered:
            self._ask.setFocus()
        news = (now for now, then in _texts(offer, before) if now != then)
        announce(self, " ".join(filter(None, news)))

    def _show_positions(self, offer: CloseOffer) -> None:
        """Fill the list anew only where it differs, so that the keyboard stays where it is."""
        self._list.blockSignals(True)
        if offer.positions != self._positions:
            self._positions = offer.positions
            self._list.clear()
            for position_id, text in offer.positions:
                item = QListWidgetItem(text)
                item.setData(_ID_ROLE, position_id)
                self._list.addItem(item)
            row = self._list.sizeHintForRow(0) if offer.positions else 0
            rows = min(max(len(offer.positions), 1), _ROWS_SHOWN)
            self._list.setFixedHeight(row * rows + 2 * self._list.frameWidth() + 2)
        wanted = next(
            (row for row, each in enumerate(self._positions) if each[0] == offer.chosen), -1
        )
        if wanted != self._list.currentRow():
            self._list.setCurrentRow(wanted)
        self._list.blockSignals(False)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(_ID_ROLE)))


def _texts(offer: CloseOffer, before: CloseOffer) -> tuple[tuple[str, str], ...]:
    return ((offer.told, before.told), (offer.problem, before.problem))
