"""The brokers to choose from: name, pinned address, packages and limits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from kayen_desktop.ui.presenters.open_channel import BrokerLine
from kayen_desktop.ui.theme import RADIUS, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.labels import plain_tip

_LINE_ROLE = int(Qt.ItemDataRole.UserRole)
_ROWS_SHOWN = 4


class BrokerDelegate(QStyledItemDelegate):
    """Draws the name strong and the rest beneath it; what is too long is cut with an ellipsis."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return room for the name, the address and every package."""
        line: BrokerLine = index.data(_LINE_ROLE)
        height = QFontMetrics(option.font).height()
        rows = 2 + len(line.packages)
        return QSize(0, rows * height + (rows - 1) * SPACE_XS + 2 * SPACE_M)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one broker."""
        line: BrokerLine = index.data(_LINE_ROLE)
        colours = tokens()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = option.rect.adjusted(SPACE_XS, SPACE_XS // 2, -SPACE_XS, -SPACE_XS // 2)
        painter.setBrush(QColor(colours.selection if is_selected else colours.surface))
        painter.setPen(QColor(colours.accent_text if is_focused else colours.border))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        area = frame.adjusted(SPACE_M, SPACE_M - SPACE_XS // 2, -SPACE_M, 0)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        area = _draw_line(painter, area, strong, colours.text, line.name)
        area = _draw_line(painter, area, option.font, colours.muted, line.short_address)
        for package in line.packages:
            area = _draw_line(painter, area, option.font, colours.text, package)
        painter.restore()


class BrokerList(QListWidget):
    """A list with one broker selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("brokerList")
        self.setAccessibleName("Brokers")
        self.setItemDelegate(BrokerDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._lines: tuple[BrokerLine, ...] = ()

    def show_brokers(self, lines: Sequence[BrokerLine], selected: int) -> None:
        """Draw the brokers, one of them selected."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._fill()
        if self.currentRow() != selected:
            self.setCurrentRow(selected)

    def sizeHint(self) -> QSize:
        """Return room for a few brokers without scrolling."""
        rows = min(self.count(), _ROWS_SHOWN)
        height = sum(self.sizeHintForRow(row) for row in range(rows))
        return QSize(super().sizeHint().width(), height + 2 * self.frameWidth() + SPACE_S)

    def _fill(self) -> None:
        self.blockSignals(True)
        self.clear()
        for line in self._lines:
            spoken = ", ".join((line.name, f"address {line.short_address}", *line.packages))
            item = QListWidgetItem(spoken)
            item.setData(_LINE_ROLE, line)
            item.setToolTip(plain_tip(f"{line.name}\n{line.address}"))
            self.addItem(item)
        self.blockSignals(False)
        self.updateGeometry()


def _draw_line(painter: QPainter, area: QRect, font: QFont, colour: str, text: str) -> QRect:
    """Draw one line of text and return the area below it."""
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area.left(), area.top() + metrics.ascent(), shown)
    return area.adjusted(0, metrics.height() + SPACE_XS, 0, 0)
