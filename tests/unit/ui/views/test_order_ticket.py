"""The ticket as a trader uses it: fields, keys, one order a press."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton

from kayen_desktop.domain import events
from kayen_desktop.domain.margin import MarginBalance
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.theme import LIGHT, build_style_sheet
from kayen_desktop.ui.views.order_ticket import OrderTicket
from tests.unit.ui.dialogs.conftest import Scene, until
from tests.unit.ui.stage import Stage, position

# Of 534 pixels beside the chart in a window of 700, less a heading and a row of the book.
MOST_HEIGHT = 430


class Desk:
    def __init__(self, stage: Stage) -> None:
        stage.open_account()
        stage.show_book()
        power = MarginBalance(Decimal(30), Decimal(0), Decimal(30), Decimal(10))
        stage.tell(events.MarginUpdated(power))
        self.stage = stage
        self.notices: list[Notice] = []
        self.ticket = OrderTicket(stage.bridge.run, self.notices.append)
        self.ticket.show_markets(stage.session.state)
        self.ticket.select_market("PEPE/USD")
        self.ticket.presenter.bind(stage.session.trading, stage.session.state)
        self.ticket.show()

    def edit(self, name: str) -> QLineEdit:
        found = self.ticket.findChild(QLineEdit, name)
        assert isinstance(found, QLineEdit)
        return found

    def button(self, name: str) -> QPushButton:
        found = self.ticket.findChild(QPushButton, name)
        assert isinstance(found, QPushButton)
        return found

    def combo(self, name: str) -> QComboBox:
        found = self.ticket.findChild(QComboBox, name)
        assert isinstance(found, QComboBox)
        return found

    def label(self, name: str) -> str:
        found = self.ticket.findChild(QLabel, name)
        assert isinstance(found, QLabel)
        return found.text()

    def choose_type(self, order_type: OrderType) -> None:
        combo = self.combo("typeCombo")
        combo.setCurrentIndex(combo.findData(order_type))

    @property
    def sent(self) -> list[tuple[object, ...]]:
        return self.stage.venue.placing.calls


def test_enter_sends_a_market_order_once_and_empties_the_amount(
    play: Callable[[Scene], None],
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        amount = desk.edit("amountEdit")
        QTest.keyClicks(amount, "100000")
        assert desk.button("submitOrderButton").text() == "Buy PEPE"
        assert "100,000 PEPE" in desk.label("estimateFigures")
        assert desk.label("estimateLabel").splitlines()[0] == "Amount"
        for _ in range(2):
            QTest.keyClick(amount, Qt.Key.Key_Return)
        await until(lambda: amount.text() == "")
        request = OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal(100000))
        assert desk.sent == [(request,)]
        assert desk.label("ticketProblemLabel") == "Enter an amount."
        assert len(desk.notices) == 1

    play(scene)


def test_fields_follow_the_type_and_a_price_of_the_book_fills_them(
    play: Callable[[Scene], None],
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        price, trigger = desk.edit("priceEdit"), desk.edit("triggerPriceEdit")
        shown = {}
        for order_type in OrderType:
            desk.choose_type(order_type)
            shown[order_type] = (price.isVisible(), trigger.isVisible())
        expected = {each: (each.has_price, each.has_trigger) for each in OrderType}
        assert shown == expected
        desk.choose_type(OrderType.MARKET)
        desk.ticket.use_price(Decimal("0.0000115"))
        assert desk.combo("typeCombo").currentData() is OrderType.LIMIT
        assert price.text() == "0.0000115"
        desk.button("sideSellButton").click()
        desk.edit("amountEdit").setText("2000")
        assert desk.button("submitOrderButton").text() == "Sell PEPE"
        desk.button("submitOrderButton").click()
        await until(lambda: bool(desk.sent))
        request = OrderRequest(
            "PEPE/USD", Side.SELL, OrderType.LIMIT, Decimal(2000), Decimal("0.0000115")
        )
        assert desk.sent == [(request,)]
        await until(lambda: bool(desk.notices))

    play(scene)


def test_a_share_of_buying_power_is_one_click(play: Callable[[Scene], None]) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.button("percent25Button").click()
        assert desk.edit("amountEdit").text() == "25"
        assert desk.combo("unitCombo").currentText() == "% power"
        assert desk.button("submitOrderButton").isEnabled() or desk.label("ticketProblemLabel")

    play(scene)


def test_a_disabled_button_has_its_reason_beside_it(play: Callable[[Scene], None]) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.edit("amountEdit").setText("1.123456789")
        assert not desk.button("submitOrderButton").isEnabled()
        assert "too precise" in desk.label("ticketProblemLabel")
        QTest.keyClick(desk.edit("amountEdit"), Qt.Key.Key_Return)
        assert desk.sent == []

    play(scene)


def test_the_risk_stands_below_the_button_in_the_tone_of_the_zone(
    play: Callable[[Scene], None],
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        stage.open_account("1")
        desk.edit("amountEdit").setText("300000")
        risk = desk.ticket.findChild(QLabel, "riskLabel")
        assert isinstance(risk, QLabel)
        assert risk.text().startswith("If PEPE falls ")
        assert risk.isVisible()
        assert risk.accessibleName() == f"Risk of this order: {risk.text()}"
        assert risk.property("sign") == ""
        captions = desk.label("estimateLabel").splitlines()
        assert captions[-3:] == ["Margin after", "Zone after", "Danger at (liquidation)"]
        stage.open_account("1", balance="0.15")
        stage.hold(position("400000", mark="0.0000115"))
        desk.button("sideSellButton").click()
        assert risk.text().startswith("You stay in orange; ")
        assert risk.property("sign") == "warning"
        assert desk.button("submitOrderButton").isEnabled()
        desk.button("sideBuyButton").click()
        assert not risk.isVisible()  # what can't be sent has a reason instead of a risk
        assert "orange" in desk.label("ticketProblemLabel")

    play(scene)


def test_nothing_moves_while_an_order_is_typed(
    play: Callable[[Scene], None], qapp: QApplication
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.ticket.setStyleSheet(build_style_sheet(LIGHT, qapp.font().pointSizeF()))
        stage.open_account("1")
        desk.ticket.setFixedWidth(300)
        heights = set()
        for text in ("", "x", "1", "100000", "300000", "1.123456789", "99999999999"):
            desk.edit("amountEdit").setText(text)
            heights.add(desk.ticket.heightForWidth(300))
        stage.open_account("1", balance="0.15")
        stage.hold(position("400000", mark="0.0000115"))
        for name in ("sideBuyButton", "sideSellButton"):
            desk.button(name).click()
            heights.add(desk.ticket.heightForWidth(300))
        assert len(heights) == 1

    play(scene)


@pytest.mark.parametrize("order_type", OrderType)
def test_at_the_least_window_a_few_rows_of_the_book_stay(
    play: Callable[[Scene], None], qapp: QApplication, order_type: OrderType
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.ticket.setStyleSheet(build_style_sheet(LIGHT, qapp.font().pointSizeF()))
        desk.choose_type(order_type)
        assert desk.ticket.heightForWidth(300) <= MOST_HEIGHT

    play(scene)


def test_another_market_drops_what_was_typed(play: Callable[[Scene], None]) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        told: list[str] = []
        desk.ticket.market_chosen.connect(told.append)
        desk.edit("amountEdit").setText("5")
        desk.combo("marketCombo").setCurrentIndex(1)
        assert told == ["BTC/USD"]
        assert desk.edit("amountEdit").text() == ""
        assert desk.combo("unitCombo").itemText(0) == "BTC"
        desk.ticket.show_markets(stage.session.state)
        assert desk.combo("marketCombo").currentText() == "BTC/USD"

    play(scene)


def test_every_control_has_a_name_for_screen_readers(play: Callable[[Scene], None]) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        for kind in (QLineEdit, QComboBox, QPushButton):
            for control in desk.ticket.findChildren(kind):
                assert control.accessibleName(), control.objectName()

    play(scene)
