"""The chart: exact scales, a tick that leaves the history alone, pictures that are not blank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kayen_desktop.domain.candles import Candle, CandleSeries, Period
from kayen_desktop.domain.orders import OrderState, OrderType, Side
from kayen_desktop.ui.views.chart_canvas import ChartCanvas
from kayen_desktop.ui.views.chart_scale import BarScale, price_scale, time_marks
from tests.unit.ui.stage import PEPE, fill, order

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
prices = st.decimals(min_value=Decimal("1e-12"), max_value=Decimal("1e9"), places=12)


def candle(number: int, close: str = "0.00001152", volume: str = "5") -> Candle:
    price = Decimal(close)
    return Candle(
        NOW + timedelta(minutes=number),
        Decimal("0.0000115"),
        max(price, Decimal("0.0000116")),
        min(price, Decimal("0.0000114")),
        price,
        Decimal(volume),
    )


@given(st.lists(prices, min_size=2, max_size=5))
def test_every_price_lies_within_the_scale_and_round_prices_do(values: list[Decimal]) -> None:
    low, high = min(values), max(values)
    scale = price_scale([Candle(NOW, low, high, low, high, Decimal(1))], 10, 200)
    assert 10 <= scale.y(high) <= scale.y(low) <= 210
    assert scale.holds(Candle(NOW, low, high, low, high, Decimal(1)))
    grid = scale.grid(5)
    assert len(grid) <= 6
    assert all(scale.low < price < scale.high for price in grid)
    assert grid == sorted(grid)


def test_a_pixel_row_is_an_exact_price() -> None:
    scale = price_scale([candle(0)], 0, 100)
    price = scale.price_at(50)
    assert isinstance(price, Decimal)
    assert round(scale.y(price)) == 50


def test_the_newest_bar_ends_at_the_right() -> None:
    bars = BarScale(right=500, step=10, count=3)
    assert [bars.x(at) for at in range(3)] == [475, 485, 495]
    assert [bars.bar_at(x) for x in (0, 476, 489, 999)] == [0, 0, 1, 2]


def test_time_labels_keep_their_distance() -> None:
    marks = time_marks([candle(number) for number in range(90)], 7, 90, 1)
    places = [at for at, _ in marks]
    gaps = {later - earlier for earlier, later in pairwise(places)}
    assert gaps == {15}


@pytest.mark.parametrize(("period", "gap"), [(Period.H4, 30), (Period.D1, 30)])
def test_long_periods_are_labelled_by_the_day(period: Period, gap: int) -> None:
    step = timedelta(minutes=period.minutes)
    midnight = NOW.astimezone().replace(hour=0)
    candles = [replace(candle(0), opened_at=midnight + step * number) for number in range(240)]
    marks = time_marks(candles, 7, 90, period.minutes)
    assert {later - earlier for (earlier, _), (later, _) in pairwise(marks)} == {gap}
    assert all(text.endswith(".") for _, text in marks)


@pytest.fixture
def chart(qtbot: QtBot) -> ChartCanvas:
    made = ChartCanvas()
    qtbot.addWidget(made)
    made.resize(640, 360)
    made.show_market(PEPE, Period.M1)
    made.show()
    return made


def mouse(chart: ChartCanvas, kind: QEvent.Type, x: int, y: int) -> None:
    """Let the mouse do something; the offscreen platform has none of its own."""
    at = QPointF(x, y)
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, at, button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(chart, event)


def picture(chart: ChartCanvas) -> bytes:
    image = chart.grab().toImage()
    return bytes(image.constBits())


def test_a_tick_redraws_the_last_bar_and_keeps_the_history(chart: ChartCanvas) -> None:
    series = CandleSeries()
    series.merge([candle(number, f"0.0000115{number % 7}") for number in range(200)])
    chart.show_candles(series.candles)
    before = picture(chart)
    history = chart.history_key
    series.merge([candle(199, "0.00001141")])
    chart.show_candles(series.candles)
    assert picture(chart) != before
    assert chart.history_key == history


@pytest.mark.parametrize("last", [candle(200), candle(199, "0.1"), candle(199, volume="50")])
def test_a_new_bar_or_a_wider_range_draws_the_history_anew(
    chart: ChartCanvas, last: Candle
) -> None:
    series = CandleSeries()
    series.merge([candle(number) for number in range(200)])
    chart.show_candles(series.candles)
    picture(chart)
    history = chart.history_key
    series.merge([last])
    chart.show_candles(series.candles)
    picture(chart)
    assert chart.history_key != history


def key(chart: ChartCanvas, pressed: Qt.Key) -> None:
    QTest.keyClick(chart, pressed)


def test_fills_orders_crosshair_age_zoom_and_movement_show(chart: ChartCanvas) -> None:
    chart.show_candles([candle(number) for number in range(200)])
    seen = {picture(chart)}
    waiting = order("o", OrderState.WAIT, order_type=OrderType.LIMIT, price="0.0000115")
    bought = fill("f", Side.BUY, "1000", "0.0000115", "0")
    late = NOW + timedelta(minutes=180)
    acts: tuple[Callable[[], object], ...] = (
        lambda: chart.show_own([], [waiting]),
        lambda: chart.show_own([replace(bought, executed_at=late)], []),
        lambda: mouse(chart, QEvent.Type.MouseMove, 200, 100),
        lambda: chart.set_dimmed(True),
        lambda: key(chart, Qt.Key.Key_Plus),
        lambda: key(chart, Qt.Key.Key_Minus),
        lambda: chart.redraw_colours(),
    )
    for act in acts:
        act()
        seen.add(picture(chart))
    assert len(seen) == 6  # zooming out again and the same colours bring nothing new
    assert "Close 0.00001152" in chart.accessibleDescription()


def test_moving_back_in_time_and_home_again(chart: ChartCanvas) -> None:
    chart.show_candles([candle(number, f"0.0000115{number % 9}") for number in range(200)])
    newest = picture(chart)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    oldest = picture(chart)
    assert oldest != newest
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert picture(chart) == oldest
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert picture(chart) == newest
    mouse(chart, QEvent.Type.MouseButtonPress, 100, 100)
    mouse(chart, QEvent.Type.MouseMove, 300, 100)
    mouse(chart, QEvent.Type.MouseButtonRelease, 300, 100)
    QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    assert picture(chart) not in (newest, oldest)
