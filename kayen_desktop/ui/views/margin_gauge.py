"""How safe the margin account is: a bar, a word, and the figures behind them."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ONE, ZERO
from kayen_desktop.domain.margin import ORANGE_BELOW, RED_BELOW, Zone
from kayen_desktop.ui.formatting import NOTHING, format_money, format_percent, format_signed_money
from kayen_desktop.ui.notices import zone_explanation, zone_text
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, tokens
from kayen_desktop.ui.widgets.labels import plain_label, set_look

_HEIGHT = 8
_WIDTH = 180
_NO_ACCOUNT = "No margin account"


class _Bar(QWidget):
    """The share of the deposit that is left, with marks where the zones begin."""

    def __init__(self) -> None:
        super().__init__()
        self._share = ZERO
        self._zone: Zone | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(QSize(_WIDTH, _HEIGHT + 4))

    def show_share(self, share: Decimal, zone: Zone | None) -> None:
        """Draw so much of the bar; without a zone it stays empty."""
        if (share, zone) != (self._share, self._zone):
            self._share, self._zone = share, zone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the trough, what is left, and the two marks."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        trough = QRectF(0.5, 2.5, self.width() - 1, _HEIGHT - 1)
        painter.setPen(QColor(colours.border_strong))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(trough, 4, 4)
        if self._zone is not None:
            fill = {Zone.GREEN: colours.buy, Zone.ORANGE: colours.warning, Zone.RED: colours.sell}
            width = trough.width() * float(min(max(self._share, ZERO), ONE))
            painter.setPen(QColor(fill[self._zone]))
            painter.setBrush(QColor(fill[self._zone]))
            painter.drawRoundedRect(QRectF(trough.x(), trough.y(), width, trough.height()), 4, 4)
        painter.setPen(QColor(colours.text))
        for mark in (RED_BELOW, ORANGE_BELOW):
            x = int(trough.width() * float(mark))
            painter.drawLine(x, 0, x, self.height())
        painter.end()


class MarginGauge(QFrame):
    """The bottom strip; it reads the state's own summary and reckons nothing itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("marginGauge")
        self.setProperty("role", "panel")
        self._bar = _Bar()
        self._zone = plain_label(_NO_ACCOUNT, "heading")
        self._equity = plain_label(NOTHING)
        self._power = plain_label(NOTHING)
        self._pnl = plain_label(NOTHING)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_S)
        row.addWidget(plain_label("Margin", "muted"))
        row.addWidget(self._bar)
        row.addWidget(self._zone)
        row.addStretch()
        for title, figure in (
            ("Equity", self._equity),
            ("Buying power", self._power),
            ("Profit/loss", self._pnl),
        ):
            row.addSpacing(SPACE_L)
            row.addWidget(plain_label(title, "muted"))
            row.addWidget(figure)
        self.setAccessibleName(_NO_ACCOUNT)

    def refresh(self, state: AppState, quote: str) -> None:
        """Draw the account in use as it stands."""
        summary = state.margin_summary
        power = state.margin.buying_power if state.margin else None
        if summary is None:
            self._bar.show_share(ZERO, None)
            self._show_words(_NO_ACCOUNT if state.channel is None else "Balance not known yet", "")
            for figure in (self._equity, self._power, self._pnl):
                figure.setText(NOTHING)
            set_look(self._pnl, "sign", "")
            return
        self._bar.show_share(summary.share, summary.zone)
        left = format_percent(summary.share * 100).lstrip("+")
        words = f"{zone_text(summary.zone)} · {left} of the deposit"
        self._show_words(words, zone_explanation(summary.zone))
        self._equity.setText(format_money(summary.equity, quote))
        self._power.setText(format_money(power, quote))
        self._pnl.setText(format_signed_money(summary.pnl, quote))
        sign = "good" if summary.pnl > ZERO else "bad" if summary.pnl < ZERO else ""
        set_look(self._pnl, "sign", sign)

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw the figures as old, or as current again."""
        for figure in (self._equity, self._power, self._pnl, self._zone):
            figure.setEnabled(not is_dimmed)

    def _show_words(self, words: str, explanation: str) -> None:
        if words != self._zone.text():
            self._zone.setText(words)
            self.setAccessibleName(f"Margin: {words}")
        self.setToolTip(explanation)
