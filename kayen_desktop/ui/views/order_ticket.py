"""The order ticket: fields, what the order would come to, and the one button that sends it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import plain
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import OrderType, Side
from kayen_desktop.domain.ticket import AmountUnit, Draft
from kayen_desktop.ui.notices import Notice, order_type_help, order_type_text
from kayen_desktop.ui.presenters.ticket import Runner, TicketPicture, TicketPresenter
from kayen_desktop.ui.theme import SPACE_M, SPACE_S, SPACE_XS
from kayen_desktop.ui.widgets.buttons import button
from kayen_desktop.ui.widgets.labels import plain_label, plain_tip, set_look

_PERCENTS = (25, 50, 75, 100)
_MAX_TYPED = 40
_OUTCOME_LINES = 8
_WORD_LINES = 4
_TONES = {Zone.GREEN: "", Zone.ORANGE: "warning", Zone.RED: "bad"}


class OrderTicket(QFrame):
    """Tells ``market_chosen`` when the trader picks another market here."""

    market_chosen = Signal(str)

    def __init__(self, run: Runner, tell: Callable[[Notice], None]) -> None:
        super().__init__()
        self.setObjectName("orderTicket")
        self.setProperty("role", "panel")
        self.setAccessibleName("Order ticket")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._state = AppState()
        self._build()
        self.presenter = TicketPresenter(self, run, tell)
        self._connect()
        self._on_type()

    # What the window calls

    def show_markets(self, state: AppState) -> None:
        """Offer the markets of this state, keeping the chosen one where it is still there."""
        self._state = state
        chosen = self._market_combo.currentText()
        names = [market.name for market in state.markets.values() if market.is_enabled]
        self._market_combo.blockSignals(True)
        self._market_combo.clear()
        self._market_combo.addItems(names)
        self._market_combo.setCurrentIndex(names.index(chosen) if chosen in names else -1)
        self._market_combo.blockSignals(False)
        self._on_market()

    def select_market(self, name: str) -> None:
        """Trade this market from now on; what was typed for another one is dropped."""
        if self._market_combo.currentText() == name:
            return
        self._market_combo.blockSignals(True)
        self._market_combo.setCurrentIndex(self._market_combo.findText(name))
        self._market_combo.blockSignals(False)
        for field in (self._amount, self._price, self._trigger):
            field.clear()
        self._on_market()

    def use_price(self, price: Decimal) -> None:
        """Put a price of the book into the ticket; a market order becomes a limit order."""
        if not self._order_type.has_price:
            self._type_combo.setCurrentIndex(self._type_combo.findData(OrderType.LIMIT))
        self._price.setText(plain(price))

    # What the presenter calls

    def show_picture(self, picture: TicketPicture) -> None:
        """Draw the outcome of the last edit or price."""
        self._submit.setText(picture.submit_text)
        self._submit.setAccessibleName(picture.submit_text)
        self._submit.setEnabled(picture.can_submit)
        self._submit.setToolTip(plain_tip(picture.problem))
        self._show_words(picture)
        self._estimate.setText("\n".join(label for label, _ in picture.estimate))
        self._figures.setText("\n".join(text for _, text in picture.estimate))
        spoken = ", ".join(f"{label} {text}" for label, text in picture.estimate)
        self._estimate.setAccessibleDescription(spoken)

    def clear_amount(self) -> None:
        """Empty the amount, so that the same order is not sent again by mistake."""
        self._amount.clear()

    def _show_words(self, picture: TicketPicture) -> None:
        """Draw what to change; while there is something, the risk of the order does not count."""
        risk = "" if picture.problem else picture.risk
        # What goes is hidden first: both at a time would make the ticket grow.
        if not risk:
            self._risk.hide()
        self._problem.setText(picture.problem)
        self._problem.setVisible(bool(picture.problem))
        self._risk.setText(risk)
        self._risk.setVisible(bool(risk))
        self._problem.setAccessibleName(f"What to change: {picture.problem or 'nothing'}")
        self._risk.setAccessibleName(f"Risk of this order: {risk}" if risk else "")
        set_look(self._problem, "sign", "" if picture.is_hint else "warning")
        zone = picture.zone_after
        set_look(self._risk, "sign", "" if zone is None else _TONES[zone])

    # Building

    def _build(self) -> None:
        self._buy = self._side_button("Buy", "sideBuyButton", "sideBuy")
        self._sell = self._side_button("Sell", "sideSellButton", "sideSell")
        self._buy.setChecked(True)
        self._sides = QButtonGroup(self)
        self._sides.addButton(self._buy)
        self._sides.addButton(self._sell)
        self._market_combo = self._combo("marketCombo", "Market", "The market to trade in")
        self._type_combo = self._combo("typeCombo", "Order type")
        for order_type in OrderType:
            self._type_combo.addItem(order_type_text(order_type), order_type)
            self._type_combo.setItemData(
                self._type_combo.count() - 1,
                order_type_help(order_type),
                Qt.ItemDataRole.ToolTipRole,
            )
        self._amount = self._field("amountEdit", "Amount")
        self._amount.setPlaceholderText("Amount")
        self._unit = self._combo("unitCombo", "Unit of the amount", "The unit of the amount")
        for unit in AmountUnit:
            self._unit.addItem("", unit)
        self._unit.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unit.setMinimumContentsLength(7)
        self._price = self._field("priceEdit", "Price")
        self._price_label = plain_label("Price", "muted")
        self._trigger = self._field("triggerPriceEdit", "Trigger price")
        self._trigger_label = plain_label("Trigger", "muted")
        self._build_outcome()
        self._lay_out()

    def _build_outcome(self) -> None:
        self._estimate = plain_label(role="muted")
        self._estimate.setObjectName("estimateLabel")
        self._estimate.setAccessibleName("Estimate")
        self._figures = plain_label()
        self._figures.setObjectName("estimateFigures")
        self._figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._estimate.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._problem = plain_label(role="small", wraps=True)
        self._problem.setObjectName("ticketProblemLabel")
        self._risk = plain_label(role="small", wraps=True)
        self._risk.setObjectName("riskLabel")
        self._submit = button("Buy", self._on_submit, kind="buy", name="submitOrderButton")
        self._submit.setMinimumHeight(self._submit.fontMetrics().height() + SPACE_M * 2)

    def _lay_out(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(SPACE_XS)
        sides.addWidget(self._buy)
        sides.addWidget(self._sell)
        kinds = QHBoxLayout()
        kinds.setSpacing(SPACE_XS)
        kinds.addWidget(self._market_combo, 1)
        kinds.addWidget(self._type_combo, 1)
        percents = QHBoxLayout()
        percents.setSpacing(SPACE_XS)
        for percent in _PERCENTS:
            percents.addWidget(self._percent_button(percent))
        amount = QHBoxLayout()
        amount.setSpacing(SPACE_XS)
        amount.addWidget(self._amount, 1)
        amount.addWidget(self._unit)
        # Side by side: on a low screen a second row would take the place of the book.
        prices = QHBoxLayout()
        prices.setSpacing(SPACE_S)
        for widget, stretch in (
            (self._trigger_label, 0),
            (self._trigger, 1),
            (self._price_label, 0),
            (self._price, 1),
        ):
            prices.addWidget(widget, stretch)
        self._price_label.setBuddy(self._price)
        self._trigger_label.setBuddy(self._trigger)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        column.setSpacing(SPACE_S)
        column.addLayout(sides)
        column.addLayout(kinds)
        column.addLayout(prices)
        column.addLayout(amount)
        column.addLayout(percents)
        column.addWidget(self._outcome())
        column.addWidget(self._submit)
        column.addWidget(self._words())

    def _outcome(self) -> QWidget:
        """Return what the order comes to; room is kept free, so that no button moves meanwhile."""
        outcome = QWidget()
        outcome.setMinimumHeight(_OUTCOME_LINES * self.fontMetrics().lineSpacing())
        grid = QGridLayout(outcome)
        grid.setContentsMargins(0, 0, 0, 0)
        # In one place: a long figure may reach to the left as far as its own caption.
        grid.addWidget(self._estimate, 0, 0)
        grid.addWidget(self._figures, 0, 0)
        return outcome

    def _words(self) -> QWidget:
        """Return what to change, or else the risk, with room for the longest of them."""
        words = QWidget()
        words.setMinimumHeight(_WORD_LINES * self._risk.fontMetrics().lineSpacing())
        lines = QVBoxLayout(words)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self._problem)
        lines.addWidget(self._risk)
        lines.addStretch()
        return words

    def _side_button(self, text: str, name: str, kind: str) -> QPushButton:
        made = button(text, self._on_side, kind=kind, name=name)
        made.setCheckable(True)
        return made

    def _percent_button(self, percent: int) -> QPushButton:
        made = button(
            f"{percent} %",
            lambda: self._on_percent(percent),
            kind="small",
            name=f"percent{percent}Button",
            accessible_name=f"{percent} per cent of your buying power",
        )
        made.setToolTip(f"{percent} % of your buying power")
        return made

    def _combo(self, name: str, accessible_name: str, description: str = "") -> QComboBox:
        made = QComboBox()
        made.setObjectName(name)
        made.setAccessibleName(accessible_name)
        # On Linux a screen reader hears the choice in place of the name, so this says what it is.
        made.setAccessibleDescription(description)
        return made

    def _field(self, name: str, accessible_name: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.setAccessibleName(accessible_name)
        made.setAlignment(Qt.AlignmentFlag.AlignRight)
        made.setMaxLength(_MAX_TYPED)
        return made

    def _connect(self) -> None:
        self._market_combo.currentIndexChanged.connect(self._on_market_picked)
        self._type_combo.currentIndexChanged.connect(self._on_type)
        self._unit.currentIndexChanged.connect(self._on_edit)
        for field in (self._amount, self._price, self._trigger):
            field.textChanged.connect(self._on_edit)
            field.returnPressed.connect(self._on_submit)

    # What the trader does

    @property
    def _order_type(self) -> OrderType:
        order_type: OrderType = self._type_combo.currentData()
        return order_type

    @property
    def _market(self) -> Market | None:
        return self._state.markets.get(self._market_combo.currentText())

    def _on_market_picked(self) -> None:
        name = self._market_combo.currentText()
        for field in (self._amount, self._price, self._trigger):
            field.clear()
        self._on_market()
        self.market_chosen.emit(name)

    def _on_market(self) -> None:
        market = self._market
        base = market.base.upper() if market else "units"
        quote = market.quote.upper() if market else "money"
        for at, text in enumerate((base, quote, "% power")):
            self._unit.setItemText(at, text)
        self._price.setPlaceholderText(quote if market else "")
        self._trigger.setPlaceholderText(quote if market else "")
        self._on_edit()

    def _on_side(self) -> None:
        set_look(self._submit, "kind", "buy" if self._buy.isChecked() else "sell")
        self._on_edit()

    def _on_type(self) -> None:
        order_type = self._order_type
        self._type_combo.setToolTip(order_type_help(order_type))
        self._type_combo.setAccessibleDescription(f"Order type. {order_type_help(order_type)}")
        for widget in (self._price, self._price_label):
            widget.setVisible(order_type.has_price)
        for widget in (self._trigger, self._trigger_label):
            widget.setVisible(order_type.has_trigger)
        self._on_edit()

    def _on_percent(self, percent: int) -> None:
        self._unit.setCurrentIndex(self._unit.findData(AmountUnit.PERCENT))
        self._amount.setText(str(percent))

    def _on_edit(self) -> None:
        self.presenter.edit(
            Draft(
                self._market,
                Side.BUY if self._buy.isChecked() else Side.SELL,
                self._order_type,
                self._amount.text(),
                self._unit.currentData(),
                self._price.text(),
                self._trigger.text(),
            )
        )

    def _on_submit(self) -> None:
        self.presenter.submit()
