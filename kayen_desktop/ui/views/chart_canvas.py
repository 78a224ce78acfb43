"""The candles themselves: history is kept as a picture, and a tick redraws the last bar only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from kayen_desktop.domain.amounts import ONE
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import Order, Side
from kayen_desktop.ui.formatting import format_amount, format_day, format_price
from kayen_desktop.ui.notices import side_text
from kayen_desktop.ui.theme import tokens

from .chart_scale import BarScale, PriceScale, price_scale, time_marks

_MIN_BARS, _MAX_BARS, _FIRST_BARS = 20, 400, 90
_ZOOM = 5 / 4
_LABEL_EVERY_PX = 90
_GRID_EVERY_PX = 44
_VOLUME_SHARE = 6
_PAD = 6
_TOP = 26
_HALF_BODY = 0.34
_HOLLOW_FROM = 2
_MARKER = 5
_STALE_OPACITY = 0.4


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where everything lies in one picture of the history."""

    plot: QRect
    bars: BarScale
    prices: PriceScale
    top_volume: Decimal

    def holds(self, candle: Candle) -> bool:
        """Return whether the candle fits without moving what is drawn already."""
        return self.prices.holds(candle) and candle.volume <= self.top_volume


class ChartCanvas(QWidget):
    """Paints one market's candles; wheel and +/− zoom, dragging and arrows move in time."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("chartView")
        self.setAccessibleName("Price chart")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(320, 160))
        self._market: Market | None = None
        self._period = Period.M1
        self._candles: Sequence[Candle] = ()
        self._fills: Sequence[Fill] = ()
        self._orders: Sequence[Order] = ()
        self._is_stale = False
        self._bars = _FIRST_BARS
        self._offset = 0  # how many of the newest candles lie beyond the right edge
        self._cursor: QPoint | None = None
        self._drag_from: tuple[int, int] | None = None
        self._history: QPixmap | None = None
        self._layout: _Layout | None = None

    # What is shown

    def show_market(self, market: Market | None, period: Period) -> None:
        """Begin another market or period, with nothing on the picture."""
        self._market = market
        self._period = period
        self._candles = ()
        self._offset = 0
        self._forget_history()

    def show_candles(self, candles: Sequence[Candle]) -> None:
        """Show the candles, oldest first; only a changed last one leaves the history as it is."""
        held = self._candles
        is_tick = (
            len(held) == len(candles) > 1
            and held[0] is candles[0]
            and held[-2] is candles[-2]
            and self._layout is not None
            and self._layout.holds(candles[-1])
        )
        self._candles = candles
        if is_tick:
            self.update()
        else:
            self._forget_history()
        if candles:
            self.setAccessibleDescription(self._readout(candles[-1]))

    def show_own(self, fills: Sequence[Fill], orders: Sequence[Order]) -> None:
        """Mark the trader's own fills and waiting orders of this market."""
        self._fills = fills
        self._orders = orders
        self.update()

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw everything as old, or as current again."""
        if is_dimmed != self._is_stale:
            self._is_stale = is_dimmed
            self.update()

    def redraw_colours(self) -> None:
        """Fetch the colours anew."""
        self._forget_history()

    @property
    def history_key(self) -> int:
        """The identity of the picture of the history; 0 while it has to be drawn anew."""
        return self._history.cacheKey() if self._history is not None else 0

    # What the trader does

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom in time."""
        if turned := event.angleDelta().y():
            self._zoom(1 / _ZOOM if turned > 0 else _ZOOM)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and −, move with the arrows, Home and End."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(1 / _ZOOM)
            case Qt.Key.Key_Minus:
                self._zoom(_ZOOM)
            case Qt.Key.Key_Left:
                self._move_to(self._offset + self._bars // 10)
            case Qt.Key.Key_Right:
                self._move_to(self._offset - self._bars // 10)
            case Qt.Key.Key_Home:
                self._move_to(len(self._candles))
            case Qt.Key.Key_End:
                self._move_to(0)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag_from = (event.position().toPoint().x(), self._offset)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair, or the picture while it is held."""
        self._cursor = event.position().toPoint()
        if self._drag_from is not None:
            start, offset = self._drag_from
            self._move_to(offset + round((self._cursor.x() - start) / self._step))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        self._drag_from = None

    def leaveEvent(self, event: object) -> None:
        """Take the crosshair away."""
        self._cursor = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the history anew in the new size."""
        self._forget_history()

    def _zoom(self, factor: float) -> None:
        self._bars = min(max(round(self._bars * factor), _MIN_BARS), _MAX_BARS)
        self._move_to(self._offset)
        self._forget_history()

    def _move_to(self, offset: int) -> None:
        most = max(len(self._candles) - self._bars, 0)
        offset = min(max(offset, 0), most)
        if offset != self._offset:
            self._offset = offset
            self._forget_history()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the history's picture, then what moves over it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens().surface))
        shown = self._shown()
        if shown:
            self._paint(painter, shown)
        painter.end()

    def _paint(self, painter: QPainter, shown: Sequence[Candle]) -> None:
        if self._layout is None or self._history is None:
            self._layout = self._lay_out(shown)
            self._history = self._draw_history(self._layout, shown)
        layout = self._layout
        if self._is_stale:
            painter.setOpacity(_STALE_OPACITY)
        painter.drawPixmap(0, 0, self._history)
        self._draw_bar(painter, layout, len(shown) - 1, shown[-1])
        self._draw_orders(painter, layout)
        self._draw_fills(painter, layout, shown)
        painter.setOpacity(1)
        last = self._candles[-1]
        back = tokens().buy_fill if last.close >= last.open else tokens().sell_fill
        words = tokens().on_fill
        if self._is_stale:
            back, words = tokens().muted, tokens().surface
        self._draw_tag(painter, layout, last.close, back, words)
        if self._cursor is not None and self._drag_from is None:
            self._draw_crosshair(painter, layout, shown, self._cursor)

    def _lay_out(self, shown: Sequence[Candle]) -> _Layout:
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(self._price(each.high)) for each in shown[-2:])
        axis = widest + 2 * _PAD + 2
        height = self.height() - metrics.height() - _PAD - 4
        plot = QRect(0, 0, max(self.width() - axis, 1), max(height, 1))
        bars = BarScale(plot.right() - _PAD, (plot.width() - 2 * _PAD) / self._bars, len(shown))
        for_prices = plot.height() * (_VOLUME_SHARE - 1) // _VOLUME_SHARE - _TOP
        prices = price_scale(shown, plot.top() + _TOP, max(for_prices, 1))
        return _Layout(plot, bars, prices, max(candle.volume for candle in shown))

    def _draw_history(self, layout: _Layout, shown: Sequence[Candle]) -> QPixmap:
        """Return the picture of the grid and of every bar but the last."""
        ratio = self.devicePixelRatio()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(tokens().surface))
        painter = QPainter(picture)
        painter.setFont(self.font())
        self._draw_grid(painter, layout, shown)
        for at, candle in enumerate(shown[:-1]):
            self._draw_bar(painter, layout, at, candle)
        painter.end()
        return picture

    def _draw_grid(self, painter: QPainter, layout: _Layout, shown: Sequence[Candle]) -> None:
        colours, plot = tokens(), layout.plot
        line, words = QColor(colours.border), QColor(colours.muted)
        metrics = self.fontMetrics()
        for price in layout.prices.grid(plot.height() // _GRID_EVERY_PX):
            y = round(layout.prices.y(price))
            painter.setPen(line)
            painter.drawLine(plot.left(), y, plot.right(), y)
            painter.setPen(words)
            painter.drawText(plot.right() + _PAD, y + metrics.ascent() // 2 - 1, self._price(price))
        marks = time_marks(shown, layout.bars.step, _LABEL_EVERY_PX, self._period.minutes)
        for at, text in marks:
            x = round(layout.bars.x(at))
            painter.setPen(line)
            painter.drawLine(x, plot.top(), x, plot.bottom())
            painter.setPen(words)
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width // 2, _PAD), plot.right() - width)
            painter.drawText(left, plot.bottom() + metrics.ascent() + _PAD, text)
        painter.setPen(line)
        painter.drawLine(plot.right() + 1, plot.top(), plot.right() + 1, plot.bottom())
        painter.drawLine(plot.left(), plot.bottom() + 1, plot.right(), plot.bottom() + 1)

    def _draw_bar(self, painter: QPainter, layout: _Layout, at: int, candle: Candle) -> None:
        colours, prices = tokens(), layout.prices
        rises = candle.close >= candle.open
        middle = round(layout.bars.x(at))
        half = int(layout.bars.step * _HALF_BODY)
        left, width = middle - half, 2 * half + 1
        if layout.top_volume:
            room = layout.plot.height() // _VOLUME_SHARE
            height = int(room * min(candle.volume / layout.top_volume, ONE))
            tint = colours.buy_tint if rises else colours.sell_tint
            base = layout.plot.bottom() + 1
            painter.fillRect(QRect(left, base - height, width, height), QColor(tint))
        colour = QColor(colours.buy if rises else colours.sell)
        high, low = round(prices.y(candle.high)), round(prices.y(candle.low))
        painter.fillRect(QRect(middle, high, 1, max(low - high, 1)), colour)
        top = round(prices.y(max(candle.open, candle.close)))
        bottom = round(prices.y(min(candle.open, candle.close)))
        body = QRect(left, top, width, max(bottom - top, 1))
        painter.fillRect(body, colour)
        if rises and width > _HOLLOW_FROM and body.height() > 2:
            # Hollow when rising, full when falling: the form says what the colour says.
            painter.fillRect(body.adjusted(1, 1, -1, -1), QColor(colours.surface))

    def _draw_orders(self, painter: QPainter, layout: _Layout) -> None:
        plot, prices = layout.plot, layout.prices
        for order in self._orders:
            price = order.trigger_price if order.order_type.has_trigger else order.price
            if price is None or not prices.low <= price <= prices.high:
                continue
            is_buy = order.side is Side.BUY
            y = round(prices.y(price))
            colour = QColor(tokens().buy if is_buy else tokens().sell)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawLine(plot.left(), y, plot.right(), y)
            text = f"{side_text(order.side)} {format_amount(order.remaining, self._market)}"
            painter.drawText(plot.left() + _PAD, y - 3, text)

    def _draw_fills(self, painter: QPainter, layout: _Layout, shown: Sequence[Candle]) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens().surface), 1))
        painter.setBrush(QColor(tokens().accent_text))
        opened = [candle.opened_at for candle in shown] if self._fills else []
        for fill in self._fills:
            at = bisect_right(opened, fill.executed_at) - 1
            if at < 0:
                continue
            x, y = layout.bars.x(at), layout.prices.y(fill.price)
            way = fill.side.sign  # a buy points up from below its price, a sell down from above
            corners = (
                QPointF(x, y + way * 2),
                QPointF(x - _MARKER, y + way * (2 + 2 * _MARKER)),
                QPointF(x + _MARKER, y + way * (2 + 2 * _MARKER)),
            )
            painter.drawPolygon(QPolygonF(list(corners)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_crosshair(
        self, painter: QPainter, layout: _Layout, shown: Sequence[Candle], at: QPoint
    ) -> None:
        plot, colours = layout.plot, tokens()
        if not plot.contains(at):
            return
        number = layout.bars.bar_at(at.x())
        x = round(layout.bars.x(number))
        painter.setPen(QPen(QColor(colours.border_strong), 1, Qt.PenStyle.DashLine))
        painter.drawLine(x, plot.top(), x, plot.bottom())
        price = layout.prices.price_at(at.y())
        self._draw_tag(painter, layout, price, colours.text, colours.surface)
        candle = shown[number]
        metrics = self.fontMetrics()
        when = f"{format_day(candle.opened_at)} {candle.opened_at.astimezone():%H:%M}"
        width = metrics.horizontalAdvance(when) + 2 * _PAD
        left = min(max(x - width // 2, 0), plot.right() - width)
        box = QRect(left, plot.bottom() + 2, width, metrics.height() + 4)
        _draw_words(painter, box, when, colours.text, colours.surface)
        readout = self._readout(candle)
        room = plot.width() - 2 * _PAD - 4
        readout = metrics.elidedText(readout, Qt.TextElideMode.ElideRight, room)
        wide = metrics.horizontalAdvance(readout) + 2 * _PAD
        box = QRect(plot.left() + 2, plot.top() + 2, wide, metrics.height() + 4)
        _draw_words(painter, box, readout, colours.raised, colours.text)

    def _draw_tag(
        self, painter: QPainter, layout: _Layout, price: Decimal, back: str, words: str
    ) -> None:
        """Draw a line across at the price, and the price in a tag on the axis."""
        plot, height = layout.plot, self.fontMetrics().height() + 4
        y = min(max(round(layout.prices.y(price)), plot.top()), plot.bottom())
        painter.setPen(QPen(QColor(back), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.left(), y, plot.right(), y)
        top = min(max(y - height // 2, 0), plot.bottom() - height)
        tag = QRect(plot.right() + 2, top, self.width() - plot.right() - 2, height)
        _draw_words(painter, tag, self._price(price), back, words)

    # Places and words

    def _shown(self) -> Sequence[Candle]:
        end = len(self._candles) - self._offset
        return self._candles[max(end - self._bars, 0) : end]

    @property
    def _step(self) -> float:
        return self._layout.bars.step if self._layout else self.width() / self._bars

    def _price(self, price: Decimal) -> str:
        return format_price(price, self._market)

    def _readout(self, candle: Candle) -> str:
        parts = (
            ("Open", self._price(candle.open)),
            ("High", self._price(candle.high)),
            ("Low", self._price(candle.low)),
            ("Close", self._price(candle.close)),
            ("Volume", format_amount(candle.volume, self._market)),
        )
        return "   ".join(f"{name} {text}" for name, text in parts)

    def _forget_history(self) -> None:
        self._history = None
        self._layout = None
        self.update()


def _draw_words(painter: QPainter, box: QRect, text: str, back: str, words: str) -> None:
    painter.fillRect(box, QColor(back))
    painter.setPen(QColor(words))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
