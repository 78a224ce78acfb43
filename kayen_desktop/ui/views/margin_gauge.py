"""How safe the margin account is: a bar, the zone, what is near, and the figures behind them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ONE, ZERO
from kayen_desktop.domain.margin import Zone
from kayen_desktop.ui.notices.accounts import halted_text
from kayen_desktop.ui.presenters.facts import Fact, Tone
from kayen_desktop.ui.presenters.margin import MarginPicture, margin_picture
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.labels import plain_label, plain_tip, set_look

_BAR = QSize(140, 12)
_TONES = {Zone.GREEN: "", Zone.ORANGE: "warning", Zone.RED: "bad"}
_SIGNS = {Tone.GOOD: "good", Tone.BAD: "bad"}
# Less than any of its texts: what is near gives way before a figure does.
_LEAST_WORDS = 90


class _Bar(QWidget):
    """The share of the margin that is left, with marks where the zones begin."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = MarginPicture("")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(_BAR)

    def show_picture(self, picture: MarginPicture) -> None:
        """Draw so much of the bar; where the share is not known it stays empty."""
        drawn = self._picture
        if (picture.share, picture.zone, picture.marks) != (drawn.share, drawn.zone, drawn.marks):
            self.update()
        self._picture = picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the trough, what is left, and the two marks."""
        colours, picture = tokens(), self._picture
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        trough = QRectF(0.5, 2.5, self.width() - 1, self.height() - 5)
        painter.setPen(QColor(colours.border_strong))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(trough, 4, 4)
        if picture.zone is not None and picture.share is not None and picture.share > ZERO:
            fill = {Zone.GREEN: colours.buy, Zone.ORANGE: colours.warning, Zone.RED: colours.sell}
            width = trough.width() * float(min(picture.share, ONE))
            painter.setPen(QColor(fill[picture.zone]))
            painter.setBrush(QColor(fill[picture.zone]))
            painter.drawRoundedRect(QRectF(trough.x(), trough.y(), width, trough.height()), 4, 4)
        painter.setPen(QColor(colours.text))
        for mark in picture.marks:
            x = int(trough.width() * float(min(mark, ONE)))
            painter.drawLine(x, 0, x, self.height())
        painter.end()


class _Words(QLabel):
    """A line that ends in "…" where there is no room for it, and tells the rest as a tip."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setMinimumWidth(_LEAST_WORDS)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_words(self, words: str) -> None:
        """Draw the words, as far as there is room for them."""
        if words != self._whole:
            self._whole = words
            self.setAccessibleName(words)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw more or less of the words."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        fitted = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        if fitted != self.text():
            self.setText(fitted)
        self.setToolTip("" if fitted == self._whole else plain_tip(self._whole))


class MarginGauge(QFrame):
    """The bottom strip, in two rows; it draws a ``MarginPicture`` and reckons nothing itself.

    ``what_if_requested`` comes from its button, which a copy of the gauge does without.
    """

    what_if_requested = Signal()

    def __init__(self, name: str = "marginGauge", *, is_copy: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "panel")
        self._picture = MarginPicture("")
        self._bar = _Bar()
        self._title = plain_label("Margin", "small")
        self._zone = plain_label(role="heading")
        self._zone.setObjectName("zoneLabel")
        self._near = _Words()
        self._near.setObjectName("distanceLabel")
        self._meaning = _Words("small")
        self._meaning.setObjectName("zoneMeaningLabel")
        self._figures: list[QLabel] = []
        self._button = button(
            "What if…",
            self.what_if_requested.emit,
            kind="small",
            name="whatIfButton",
            accessible_name="What if prices moved? Try it on a copy of your account",
        )
        self._button.setVisible(not is_copy)
        self._lay_out()
        self.show_picture(MarginPicture(""), "")

    def refresh(self, state: AppState, quote: str) -> None:
        """Draw the account in use as it stands."""
        account = state.margin_account
        is_open = state.channel is not None
        picture = margin_picture(account, state.margin_rules, quote, is_open=is_open)
        halted = "" if state.channel is None else halted_text(state.channel)
        if halted and picture.zone is Zone.GREEN:  # a worse zone has graver words
            picture = replace(picture, meaning=halted)
        self.show_picture(picture, quote)

    def show_picture(self, picture: MarginPicture, quote: str) -> None:
        """Draw the picture; a new zone is told to those who hear the screen."""
        before, self._picture = self._picture, picture
        self._bar.show_picture(picture)
        title = f"Margin in {quote.upper()}" if quote else "Margin"
        if title != self._title.text():
            self._title.setText(title)
        if picture.headline != self._zone.text():
            self._zone.setText(picture.headline)
        tone = "" if picture.zone is None else _TONES[picture.zone]
        set_look(self._zone, "sign", tone)
        self._near.show_words(picture.distance)
        self._meaning.show_words(picture.meaning)
        set_look(self._meaning, "sign", tone)
        for label, fact in zip(self._figures, picture.figures, strict=False):
            _show_fact(label, fact)
        if picture.tip != before.tip:
            self.setToolTip(plain_tip(picture.tip))
        if picture.spoken != self.accessibleName():
            self.setAccessibleName(picture.spoken)
        if _is_news(before, picture):
            announce(self, f"Margin: {picture.headline}. {picture.meaning}.")

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw the figures as old, or as current again."""
        for label in (*self._figures, self._zone, self._near):
            label.setEnabled(not is_dimmed)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_L)
        grid.setVerticalSpacing(SPACE_XS // 2)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self._bar, 1, 0)
        words = QHBoxLayout()
        words.setSpacing(SPACE_S)
        words.addWidget(self._zone)
        words.addWidget(self._near, 1)
        grid.addLayout(words, 0, 1)
        grid.addWidget(self._meaning, 1, 1)
        grid.setColumnStretch(1, 1)
        side = Qt.AlignmentFlag.AlignRight
        for column, fact in enumerate(MarginPicture("").figures, start=2):
            caption, figure = plain_label(fact.label, "small"), plain_label(fact.value)
            figure.setObjectName("marginFigure")
            self._figures.append(figure)
            grid.addWidget(caption, 0, column, side)
            grid.addWidget(figure, 1, column, side)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_XS, SPACE_M, SPACE_XS)
        row.setSpacing(SPACE_L)
        row.addLayout(grid, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)


def _show_fact(label: QLabel, fact: Fact) -> None:
    if label.text() != fact.value:
        label.setText(fact.value)
        label.setAccessibleName(f"{fact.label}: {fact.value}")
    set_look(label, "sign", _SIGNS.get(fact.tone, ""))


def _is_news(before: MarginPicture, after: MarginPicture) -> bool:
    """Return whether the zone is another one; a first word on it is news only where it warns."""
    if after.zone is None or after.zone is before.zone:
        return False
    return before.zone is not None or after.zone.is_close_only
