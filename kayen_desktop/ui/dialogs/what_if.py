"""The dialog that moves prices on a copy of the account: gauge, positions and every figure."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.margin import MarginReading
from kayen_desktop.ui.models.positions import PositionsModel
from kayen_desktop.ui.models.sorting import SortingProxy
from kayen_desktop.ui.notices import reading_text, what_if
from kayen_desktop.ui.presenters.what_if import TOPICS, WhatIfPresenter, WhatIfScreen
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XL
from kayen_desktop.ui.views.margin_gauge import MarginGauge
from kayen_desktop.ui.widgets.percent_spin import PercentSpin
from kayen_desktop.ui.widgets.tables import DeskTable

from .comparison_list import ComparisonList
from .labels import card, push_button, show_text, text_label
from .live_dialog import LiveDialog

_WIDTH = 940
# In tenths of a per cent; the slider itself counts steps.
_BOUND = 200
_STEP = 5
_PAGE_STEPS = 10
_ROWS_SHOWN = 4


class WhatIfDialog(LiveDialog):
    """Follows the prices; ``reading_chosen`` tells another reading of the margin, to be kept."""

    reading_chosen = Signal(MarginReading)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("whatIfDialog")
        self.setWindowTitle(what_if.TITLE)
        self._bound: AppState | None = None
        self._build()
        self._presenter = WhatIfPresenter(session, self)
        self._connect()
        self.follow(self._presenter)
        self._slider.setFocus()

    def show_screen(self, screen: WhatIfScreen) -> None:
        """Draw the dialog as it should look now."""
        show_text(self._empty, screen.empty)
        has_figures = bool(screen.facts)
        for frame in (self._gauge, self._facts_card, self._reading_card):
            frame.setVisible(has_figures)
        can_move = has_figures and not screen.empty
        for frame in (self._controls, self._result, self._positions_card):
            frame.setVisible(can_move)
        self._offer_markets(screen.markets, screen.market)
        self._result.setText(screen.result)
        self._gauge.refresh(screen.copy, screen.quote)
        half = (len(screen.facts) + 1) // 2
        self._facts.show_facts(screen.facts[:half], screen.quote)
        self._more_facts.show_facts(screen.facts[half:], screen.quote)
        self._reading.setCurrentIndex(self._reading.findData(screen.rules.reading))
        self._reading_words.setText(screen.reading_words)
        if screen.copy is not self._bound:
            self._bound = screen.copy
            self._model.bind(screen.copy)
        else:
            self._model.apply(screen.changes)
        self._fit_positions()

    def _fit_positions(self) -> None:
        """Be as high as the rows need, up to a few; more of them scroll."""
        rows = min(max(self._model.rowCount(), 1), _ROWS_SHOWN)
        header = self._positions.horizontalHeader().sizeHint().height()
        height = header + rows * self._positions.verticalHeader().defaultSectionSize() + SPACE_M
        if self._positions.height() != height:
            self._positions.setFixedHeight(height)

    def _offer_markets(self, markets: tuple[str, ...], chosen: str) -> None:
        combo = self._market
        offered = tuple(combo.itemData(at) for at in range(combo.count()))
        combo.blockSignals(True)
        if offered != ("", *markets):
            combo.clear()
            combo.addItem(what_if.ALL_MARKETS, "")
            for market in markets:
                combo.addItem(market, market)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))
        combo.blockSignals(False)

    # Building

    def _build(self) -> None:
        self._title = text_label(what_if.TITLE, "title", "whatIfTitle")
        self._explanation = text_label(what_if.EXPLANATION, "muted")
        self._empty = text_label(role="heading", name="whatIfEmpty")
        self._result = text_label(role="heading", name="whatIfResult")
        self._gauge = MarginGauge("whatIfGauge", is_copy=True)
        self._build_controls()
        self._build_positions()
        self._build_facts()
        self._build_reading()
        self._close = push_button("Close", "closeButton")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        for widget in (
            self._title,
            self._explanation,
            self._empty,
            self._controls,
            self._result,
            self._gauge,
            self._positions_card,
            self._facts_card,
            self._reading_card,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.place(body, buttons)

    def _build_controls(self) -> None:
        self._market = QComboBox()
        self._market.setObjectName("whatIfMarketCombo")
        self._market.setAccessibleName("Which prices move")
        self._market.setAccessibleDescription("Which prices move")
        self._market.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("whatIfSlider")
        self._slider.setAccessibleName("By how much prices move")
        self._slider.setRange(-_BOUND // _STEP, _BOUND // _STEP)
        self._slider.setPageStep(_PAGE_STEPS)
        self._spin = PercentSpin("whatIfSpin", _BOUND, _STEP)
        self._spin.setAccessibleName("By how many per cent prices move")
        self._reset = push_button("Back to now", "whatIfResetButton", "small")
        self._controls = QFrame()
        row = QGridLayout(self._controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setHorizontalSpacing(SPACE_M)
        row.setVerticalSpacing(0)
        row.addWidget(self._market, 0, 0)
        row.addWidget(self._slider, 0, 1)
        row.addWidget(self._spin, 0, 2)
        row.addWidget(self._reset, 0, 3)
        row.setColumnStretch(1, 1)
        ends = QHBoxLayout()
        ends.addWidget(text_label("−20 %", "small", wraps=False))
        ends.addStretch(1)
        ends.addWidget(text_label("now", "small", wraps=False))
        ends.addStretch(1)
        ends.addWidget(text_label("+20 %", "small", wraps=False))
        row.addLayout(ends, 1, 1)

    def _build_positions(self) -> None:
        self._model = PositionsModel(self, mark_title=what_if.MARK_THEN)
        self._positions = DeskTable("whatIfPositions", "Your positions after the move")
        self._positions.show_sorted(
            self._model, SortingProxy(self._model, self), 0, Qt.SortOrder.AscendingOrder
        )
        self._positions_card, inside = card("panel")
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._positions)

    def _build_facts(self) -> None:
        titles = (what_if.NOW, what_if.THEN)
        self._facts = ComparisonList("whatIfFacts", titles)
        self._more_facts = ComparisonList("whatIfMoreFacts", titles)
        self._facts_card, inside = card("panel")
        row = QHBoxLayout()
        row.setSpacing(SPACE_XL + SPACE_S)
        for half in (self._facts, self._more_facts):
            row.addWidget(half, 1, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(row)

    def _build_reading(self) -> None:
        self._reading = QComboBox()
        self._reading.setObjectName("marginReadingCombo")
        self._reading.setAccessibleName("What the zones go by")
        self._reading.setAccessibleDescription("What the zones go by")
        for reading in MarginReading:
            self._reading.addItem(reading_text(reading), reading)
        self._reading_words = text_label(role="small", name="marginReadingLabel")
        self._reading_card, inside = card("panel")
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        caption = text_label("Zones go by", wraps=False)
        caption.setBuddy(self._reading)
        row.addWidget(caption)
        row.addWidget(self._reading)
        row.addWidget(self._reading_words, 1)
        inside.addLayout(row)

    def _connect(self) -> None:
        self._slider.valueChanged.connect(self._on_slider)
        self._spin.valueChanged.connect(self._on_spin)
        self._reset.clicked.connect(lambda: self._spin.setValue(0))
        self._market.currentIndexChanged.connect(
            lambda: self._presenter.choose_market(self._market.currentData() or "")
        )
        self._reading.activated.connect(
            lambda: self.reading_chosen.emit(self._reading.currentData())
        )
        self._close.clicked.connect(self.reject)

    # What the trader does

    def _on_slider(self, steps: int) -> None:
        self._spin.setValue(steps * _STEP)

    def _on_spin(self, tenths: int) -> None:
        """Move the prices; the slider stands at the nearest step to what was typed."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(tenths / _STEP))
        self._slider.blockSignals(False)
        self._presenter.move(self._spin.share)
