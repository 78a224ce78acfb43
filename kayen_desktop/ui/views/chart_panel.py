"""The middle of the window: which market, its price, the period, and the chart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
)

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.candles import Period
from kayen_desktop.ui.formatting import format_percent, format_price
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.empty import EmptyState
from kayen_desktop.ui.widgets.labels import plain_label, set_look

from .chart_canvas import ChartCanvas

PERIODS = (Period.M1, Period.M5, Period.M15, Period.H1, Period.H4, Period.D1)
_UNITS = {"m": "minute", "h": "hour", "d": "day"}
_CHANGE = "Change in 24 hours"
_LOADING = "Loading the chart…"
_NO_MARKET = "The chart appears here when the venue sends prices."


class ChartPanel(QFrame):
    """Tells ``period_chosen`` with a Period, and ``retry_requested`` after a failed load."""

    period_chosen = Signal(object)
    retry_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._state = AppState()
        self._market = ""
        self.period = Period.M1
        self.canvas = ChartCanvas()
        self._retry = button("Try again", self._on_retry, name="chartRetryButton")
        self._empty = EmptyState(_NO_MARKET, self._retry)
        self._retry.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._header())
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.canvas)
        column.addLayout(self._stack, 1)

    def show_market(self, state: AppState, market: str) -> None:
        """Begin another market; its candles may come later."""
        self._state = state
        self._market = market
        self._title.setText(market)
        self.canvas.show_market(state.markets.get(market), self.period)
        self._empty.say(_LOADING if market else _NO_MARKET, offers_action=False)
        self.refresh_price()
        self.refresh_candles()
        self.refresh_own()

    def refresh_price(self) -> None:
        """Draw the last price and the day's change."""
        ticker = self._state.tickers.get(self._market)
        market = self._state.markets.get(self._market)
        change = ticker.change if ticker else None
        _show(self._last, "Last price", format_price(ticker.last, market) if ticker else "")
        _show(self._change, _CHANGE, format_percent(change) if change is not None else "")
        sign = "" if not change else "good" if change > ZERO else "bad"
        set_look(self._change, "sign", sign)

    def refresh_candles(self) -> None:
        """Draw the candles as they are known."""
        series = self._state.candles.get((self._market, self.period))
        candles = series.candles if series is not None else ()
        self.canvas.show_candles(candles)
        self._stack.setCurrentWidget(self.canvas if candles else self._empty)

    def refresh_own(self) -> None:
        """Mark the trader's own fills and waiting orders."""
        self.canvas.show_own(
            [fill for fill in self._state.fills.values() if fill.market == self._market],
            [order for order in self._state.live_orders if order.market == self._market],
        )

    def show_failure(self) -> None:
        """Say that the history could not be had, and offer to try again."""
        self._empty.say("The chart's history could not be loaded.", offers_action=True)

    def set_dimmed(self, is_dimmed: bool) -> None:
        """Draw the figures as old, or as current again."""
        self._last.setEnabled(not is_dimmed)
        self._change.setEnabled(not is_dimmed)
        self.canvas.set_dimmed(is_dimmed)

    def _header(self) -> QHBoxLayout:
        self._title = plain_label("", "market")
        self._last = plain_label("", "price")
        self._change = plain_label("")
        self._change.setToolTip(_CHANGE)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_XS)
        row.addWidget(self._title)
        row.addSpacing(SPACE_M)
        row.addWidget(self._last)
        row.addSpacing(SPACE_S)
        row.addWidget(self._change)
        row.addStretch()
        self._periods = QButtonGroup(self)
        for period in PERIODS:
            made = button(
                period.value,
                self._chooser(period),
                kind="segment",
                name=f"period{period.value}Button",
                accessible_name=f"{period.value[:-1]}-{_UNITS[period.value[-1]]} candles",
            )
            made.setCheckable(True)
            made.setChecked(period is self.period)
            self._periods.addButton(made)
            row.addWidget(made)
        return row

    def _chooser(self, period: Period) -> Callable[[], None]:
        def choose() -> None:
            if period is not self.period:
                self.period = period
                self.period_chosen.emit(period)

        return choose

    def _on_retry(self) -> None:
        self._empty.say(_LOADING, offers_action=False)
        self.retry_requested.emit()


def _show(label: QLabel, what: str, text: str) -> None:
    """Show the figure, and say what it is to those who hear the screen."""
    label.setText(text)
    label.setAccessibleName(f"{what}: {text or 'not known yet'}")
