"""Cells painted by hand: plain text costs a third of what a styled item costs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.models.book import SHARE_ROLE, SIDE_ROLE
from kayen_desktop.ui.theme import tokens

_ICON = 16
_PADDING = 5
_NAME_COLUMN = 0  # what the row is about
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)


class CellDelegate(QStyledItemDelegate):
    """Text in its tone over a plain background; the row under the keyboard shows a line.

    ``too_narrow`` tells a column and the width that the figure or the row's name in it needs.
    """

    too_narrow = Signal(int, int)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        view: Any = option
        rect: QRect = view.rect
        self._paint_background(painter, rect, view.state)
        self._paint_text(painter, rect, view.fontMetrics, index)
        if view.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens().accent_text), 1))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size that shows the whole text, for fitting a column on demand."""
        view: Any = option
        metrics: QFontMetrics = view.fontMetrics
        width = metrics.horizontalAdvance(str(index.data() or "")) + 2 * _PADDING
        return QSize(width, metrics.height() + _PADDING)

    def _paint_background(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens().selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens().hover))

    def _paint_text(
        self,
        painter: QPainter,
        rect: QRect,
        metrics: QFontMetrics,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        text = index.data()
        if not text:
            return
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        width = metrics.horizontalAdvance(text)
        if width > inner.width():
            is_figure = index.data(_ALIGNMENT) & Qt.AlignmentFlag.AlignRight
            if is_figure or index.column() == _NAME_COLUMN:
                # A figure without its last digits is another figure, and so is a market without
                # the end of its name: the column makes room.
                self.too_narrow.emit(index.column(), width + 2 * _PADDING)
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.setPen(index.data(_FOREGROUND))
        painter.drawText(inner, index.data(_ALIGNMENT) | Qt.TextFlag.TextSingleLine, text)


class IconDelegate(CellDelegate):
    """A cell that shows nothing but its icon, centred."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        view: Any = option
        rect: QRect = view.rect
        self._paint_background(painter, rect, view.state)
        picture = index.data(_DECORATION)
        if isinstance(picture, QIcon):
            box = QRect(0, 0, _ICON, _ICON)
            box.moveCenter(rect.center())
            picture.paint(painter, box)


class BookDelegate(CellDelegate):
    """A row of the book: behind its figures a bar as long as the amount up to there."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell, and the part of the row's bar that lies in it."""
        view: Any = option
        rect: QRect = view.rect
        side = index.data(SIDE_ROLE)
        if side is None:
            painter.fillRect(rect, QColor(tokens().raised))
        else:
            self._paint_bar(painter, rect, view.widget.viewport().width(), side, index)
        if view.state & QStyle.StateFlag.State_MouseOver and side is not None:
            painter.fillRect(rect, QColor(tokens().hover))
        if view.state & QStyle.StateFlag.State_Selected and view.widget.hasFocus():
            painter.fillRect(rect, QColor(tokens().selection))
        self._paint_text(painter, rect, view.fontMetrics, index)

    def _paint_bar(
        self,
        painter: QPainter,
        rect: QRect,
        width: int,
        side: Side,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        left = width - int(width * index.data(SHARE_ROLE))
        if left > rect.right():
            return
        colour = tokens().buy_tint if side is Side.BUY else tokens().sell_tint
        bar = QRect(rect)
        bar.setLeft(max(left, rect.left()))
        painter.fillRect(bar.adjusted(0, 0, 0, -1), QColor(colour))
