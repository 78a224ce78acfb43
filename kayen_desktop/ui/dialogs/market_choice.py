"""The positions that can be settled, each to be ticked; the whole line takes a click or Space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
)
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

from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.presenters.settle_choice import MarketLine
from kayen_desktop.ui.theme import RADIUS, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.labels import plain_tip

_LINE_ROLE = int(Qt.ItemDataRole.UserRole)
_ROWS_SHOWN = 4
_LINES = 3
_BOX = 16
# What the figures on the right may take of the line before they are cut.
_RIGHT_SHARE = 0.62
# A font, a colour and words.
_Text: TypeAlias = tuple[QFont, str, str]
_TICK = ((0.22, 0.53), (0.42, 0.73), (0.78, 0.29))


class MarketDelegate(QStyledItemDelegate):
    """Draws the box to tick, what is held and what it comes to; what is too long is cut."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return room for the market, what is held of it, and the margin without it."""
        height = QFontMetrics(option.font).height()
        return QSize(0, _LINES * height + (_LINES - 1) * SPACE_XS // 2 + 2 * SPACE_S + SPACE_XS)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one position."""
        line: MarketLine = index.data(_LINE_ROLE)
        colours = tokens()
        is_focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = option.rect.adjusted(SPACE_XS, SPACE_XS // 2, -SPACE_XS, -SPACE_XS // 2)
        painter.setBrush(QColor(colours.selection if line.is_chosen else colours.surface))
        painter.setPen(QColor(colours.accent_text if is_focused else colours.border))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        _draw_box(painter, frame, is_ticked=line.is_chosen)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        area = frame.adjusted(2 * SPACE_M + _BOX, SPACE_S, -SPACE_M, 0)
        tone = {Tone.GOOD: colours.buy, Tone.BAD: colours.sell}.get(line.tone, colours.text)
        area = _draw_texts(
            painter, area, (strong, colours.text, line.market), (strong, tone, line.result)
        )
        area = _draw_texts(painter, area, (option.font, colours.text, line.holding))
        _draw_texts(painter, area, (option.font, colours.muted, line.alone))
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Tick or untick, wherever on the line it was clicked."""
        if not _is_tick(event, option.rect):
            return False
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked.value
        wanted = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
        return model.setData(index, wanted.value, Qt.ItemDataRole.CheckStateRole)


class MarketList(QListWidget):
    """A list of lines to tick; ``market_ticked`` names the market and whether it is wanted."""

    market_ticked = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settleMarketsList")
        self.setAccessibleName("Positions to settle")
        self.setItemDelegate(MarketDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lines: tuple[MarketLine, ...] = ()
        self.itemChanged.connect(self._on_change)

    def show_markets(self, lines: Sequence[MarketLine]) -> None:
        """Draw the positions as they stand; where the same are held, the lines stay in place."""
        with QSignalBlocker(self):
            if [each.market for each in lines] != [each.market for each in self._lines]:
                self.clear()
                for _ in lines:
                    self.addItem(QListWidgetItem())
                self.setCurrentRow(0)
                self._lines = ()
                self.updateGeometry()
            for row, line in enumerate(lines):
                _fill(self.item(row), line)
        self._lines = tuple(lines)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Return room for a few positions without scrolling."""
        rows = min(self.count(), _ROWS_SHOWN)
        height = sum(self.sizeHintForRow(row) for row in range(rows))
        return QSize(super().sizeHint().width(), height + 2 * self.frameWidth() + SPACE_S)

    def minimumSizeHint(self) -> QSize:
        """Return the same: the dialog scrolls before the list does."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def _on_change(self, item: QListWidgetItem) -> None:
        line: MarketLine = item.data(_LINE_ROLE)
        self.market_ticked.emit(line.market, item.checkState() is Qt.CheckState.Checked)


def _fill(item: QListWidgetItem, line: MarketLine) -> None:
    state = Qt.CheckState.Checked if line.is_chosen else Qt.CheckState.Unchecked
    if item.data(_LINE_ROLE) == line and item.checkState() is state:
        return
    item.setData(_LINE_ROLE, line)
    item.setText(", ".join(line.texts))
    item.setCheckState(state)
    item.setToolTip(plain_tip("\n".join(line.texts)))


def _is_tick(event: QEvent, area: QRect) -> bool:
    if isinstance(event, QKeyEvent):
        is_press = event.type() == QEvent.Type.KeyPress
        return is_press and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select)
    if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
        is_left = event.button() is Qt.MouseButton.LeftButton
        return is_left and area.contains(event.position().toPoint())
    return False


def _draw_box(painter: QPainter, frame: QRect, *, is_ticked: bool) -> None:
    colours = tokens()
    top = frame.top() + (frame.height() - _BOX) / 2
    box = QRectF(frame.left() + SPACE_M, top, _BOX, _BOX)
    painter.setPen(QPen(QColor(colours.accent if is_ticked else colours.border_strong), 1))
    painter.setBrush(QColor(colours.accent if is_ticked else colours.surface))
    painter.drawRoundedRect(box, 3, 3)
    if is_ticked:
        pen = QPen(QColor(colours.on_accent), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [QPointF(box.left() + x * _BOX, box.top() + y * _BOX) for x, y in _TICK]
        painter.drawPolyline(QPolygonF(points))


def _draw_texts(painter: QPainter, area: QRect, left: _Text, right: _Text | None = None) -> QRect:
    """Draw one line, cutting first what stands on the left; return the area below it."""
    room = area.width()
    if right is not None:
        room -= _draw_text(painter, area, right, int(room * _RIGHT_SHARE), is_right=True) + SPACE_M
    _draw_text(painter, area, left, room)
    return area.adjusted(0, QFontMetrics(left[0]).height() + SPACE_XS // 2, 0, 0)


def _draw_text(
    painter: QPainter, area: QRect, text: _Text, room: int, *, is_right: bool = False
) -> int:
    """Draw the words within the room, and return how much of it they took."""
    font, colour, words = text
    metrics = QFontMetrics(font)
    if metrics.horizontalAdvance(words) > room:
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(words)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    left = area.right() - width if is_right else area.left()
    painter.drawText(left, area.top() + metrics.ascent(), words)
    return width
