"""A timeline: one line a step, ticked, turning, to come, or crossed out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from kayen_desktop.ui.presenters.steps import Step, StepMark
from kayen_desktop.ui.theme import SPACE_M, SPACE_XS, tokens

from .labels import set_look, show_text, text_label

_SIZE = 18
_BREAK_HERE = "\u200b"  # takes no room
_LONG_RUN = re.compile(r"\S{20}(?=\S)")
_TURN_MS = 80
_TURN_DEGREES = 30
_SPOKEN = {
    StepMark.DONE: "Done",
    StepMark.CURRENT: "Now",
    StepMark.AHEAD: "To come",
    StepMark.FAILED: "Stopped here",
}
_ROLES = {
    StepMark.DONE: "",
    StepMark.CURRENT: "heading",
    StepMark.AHEAD: "muted",
    StepMark.FAILED: "bad",
}


class MarkWidget(QWidget):
    """The mark before a step; it turns while the step is the current one and can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = StepMark.AHEAD
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turn)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of every mark."""
        return QSize(_SIZE, _SIZE)

    def set_mark(self, mark: StepMark) -> None:
        """Draw this mark."""
        if mark is not self._mark:
            self._mark = mark
            self._set_turning()
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Turn only while seen."""
        super().showEvent(event)
        self._set_turning()

    def hideEvent(self, event: QHideEvent) -> None:
        """Turn only while seen."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a disc with a tick or a cross, an arc that turns, or an empty ring."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self._mark is StepMark.DONE:
            _draw_disc(painter, ring, colours.buy_fill)
            _draw_line(painter, ring, colours.on_fill, ((0.27, 0.53), (0.44, 0.70), (0.75, 0.33)))
        elif self._mark is StepMark.FAILED:
            _draw_disc(painter, ring, colours.sell_fill)
            _draw_line(painter, ring, colours.on_fill, ((0.32, 0.32), (0.68, 0.68)))
            _draw_line(painter, ring, colours.on_fill, ((0.68, 0.32), (0.32, 0.68)))
        else:
            painter.setPen(QPen(QColor(colours.border_strong), 1.5))
            painter.drawEllipse(ring)
        if self._mark is StepMark.CURRENT:
            pen = QPen(QColor(colours.accent_text), 2.5)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(ring, -self._angle * 16, 120 * 16)

    def _set_turning(self) -> None:
        if self._mark is StepMark.CURRENT and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _turn(self) -> None:
        self._angle = (self._angle + _TURN_DEGREES) % 360
        self.update()


class StepList(QWidget):
    """The lines of a timeline; screen readers hear the mark as a word before each line."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._marks: list[MarkWidget] = []
        self._labels: list[QLabel] = []
        self._details: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_M)
        self._grid.setVerticalSpacing(SPACE_M)
        self._grid.setColumnStretch(1, 1)
        self._steps: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps shown."""
        return self._steps

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Draw the steps; with none the list takes no room."""
        self.setVisible(bool(steps))
        self._steps = tuple(steps)
        while len(self._labels) < len(steps):
            self._add_row()
        rows = zip(self._marks, self._labels, self._details, strict=True)
        for index, (mark, label, detail) in enumerate(rows):
            is_used = index < len(steps)
            mark.setVisible(is_used)
            label.setVisible(is_used)
            show_text(detail, _breakable(steps[index].detail) if is_used else "")
            if is_used:
                step = steps[index]
                mark.set_mark(step.mark)
                label.setText(_breakable(step.text))
                label.setAccessibleName(f"{_SPOKEN[step.mark]}: {step.text}")
                set_look(label, "role", _ROLES[step.mark])

    def _add_row(self) -> None:
        row = len(self._labels)
        mark = MarkWidget()
        label, detail = text_label(name="stepLabel"), text_label(role="small", name="stepDetail")
        self._marks.append(mark)
        self._labels.append(label)
        self._details.append(detail)
        texts = QVBoxLayout()
        texts.setSpacing(SPACE_XS // 2)
        texts.addWidget(label)
        texts.addWidget(detail)
        self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(texts, row, 1)


def _breakable(text: str) -> str:
    """Return the text with places to break in what has none: a venue's word of forty letters."""
    return _LONG_RUN.sub(lambda run: f"{run[0]}{_BREAK_HERE}", text)


def _draw_disc(painter: QPainter, ring: QRectF, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(ring)


def _draw_line(
    painter: QPainter, ring: QRectF, colour: str, points: Sequence[tuple[float, float]]
) -> None:
    pen = QPen(QColor(colour), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        QPolygonF(
            [
                QPointF(ring.left() + x * ring.width(), ring.top() + y * ring.height())
                for x, y in points
            ]
        )
    )
