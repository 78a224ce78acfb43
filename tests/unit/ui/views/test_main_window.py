"""The window: painted before there is a session, alive with one, honest when it is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QObject, QProcess, Qt
from PySide6.QtGui import QAccessible, QAction, QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QTableView,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from kayen_desktop.domain import events
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import TransportError
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.margin import AssetBalance, MarginBalance, MarginReading
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.orders import OrderState, OrderType, Side
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Action, Notice
from kayen_desktop.ui.theme import Scheme, apply_theme
from kayen_desktop.ui.views.main_window import MainWindow
from kayen_desktop.ui.views.menus import show_about
from tests.unit.ui.dialogs.conftest import Scene, until
from tests.unit.ui.stage import CHANNEL_ID, FINEX, NOW, POSITION_ID, Stage, channel, order, position

Play = Callable[[Scene], None]
W = TypeVar("W", bound=QObject)
VIEWS = (
    "marketsView",
    "bookView",
    "tradesView",
    "positionsView",
    "openOrdersView",
    "orderHistoryView",
    "fillsView",
    "channelsView",
    "balancesView",
    "activityView",
)
OTHERS = (
    "chartView",
    "orderTicket",
    "marketCombo",
    "sideBuyButton",
    "sideSellButton",
    "typeCombo",
    "amountEdit",
    "priceEdit",
    "triggerPriceEdit",
    "submitOrderButton",
    "ticketProblemLabel",
    "estimateLabel",
    "closePositionButton",
    "closeChannelButton",
    "openAccountButton",
    "noticeBar",
    "marginGauge",
    "practiceBanner",
    "clearportStatus",
    "finexStatus",
)


class Desk:
    """A window on a stage, found by its stable names."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.window = MainWindow(True, "Practice", stage.bridge, clock=lambda: stage.now)
        self.window.attach(stage.session)
        self.window.show()

    def find(self, kind: type[W], name: str) -> W:
        found = self.window.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    def rows(self, name: str) -> int:
        return self.find(QTableView, name).model().rowCount()

    def cell(self, name: str, row: int, column: int) -> str:
        return str(self.find(QTableView, name).model().index(row, column).data())

    @property
    def notice(self) -> str:
        bar = self.find(QFrame, "noticeBar")
        return bar.findChildren(QLabel)[0].text() if bar.isVisible() else ""


def quote(market: str = "PEPE/USD", last: str = "0.00001152") -> events.TickersUpdated:
    zero = Decimal(0)
    ticker = Ticker(market, Decimal(last), zero, zero, zero, zero, zero, Decimal("3.94"), NOW)
    return events.TickersUpdated((ticker,))


def crash(error: BaseException) -> None:
    raise AssertionError from error


def test_it_is_painted_without_a_session(qtbot: QtBot) -> None:
    window = MainWindow(True, "Practice", AsyncBridge(crash))
    window.show()
    qtbot.waitExposed(window)
    assert not window.grab().isNull()
    qtbot.waitUntil(lambda: window.findChild(QFrame, "orderTicket") is not None)
    names = {child.objectName() for child in window.findChildren(QWidget)}
    assert names >= {*VIEWS, *OTHERS}
    assert window.objectName() == "mainWindow"
    with qtbot.waitSignal(window.stop_requested):
        window.close()
    assert window.isVisible()
    window.finish_close()
    assert not window.isVisible()


def test_practice_cannot_be_mistaken_and_live_has_no_banner(qtbot: QtBot) -> None:
    window = MainWindow(True, "Practice", AsyncBridge(crash))
    qtbot.addWidget(window, before_close_func=lambda each: each.finish_close())
    banner = window.findChild(QFrame, "practiceBanner")
    venue = window.findChild(QPushButton, "venueButton")
    assert banner is not None
    assert venue is not None
    for _ in range(2):  # there and back
        window.show_venue("Practice", is_practice=True)
        assert not banner.isHidden()
        assert window.property("practice") == "true"
        assert "no real money" in window.windowTitle()
        assert window.contentsMargins().left() > 0
        window.show_venue("Kayen", is_practice=False)
        assert banner.isHidden()
        assert window.property("practice") == "false"
        assert window.windowTitle() == "Kayen – Kayen Desktop"
        assert window.contentsMargins().left() == 0
        assert venue.text() == "Kayen"


def test_the_way_out_of_practice_and_the_lock_are_asked_for(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        venues = QSignalSpy(desk.window.venue_requested)
        desk.find(QPushButton, "goLiveButton").click()
        menu = desk.find(QPushButton, "venueButton").menu()
        menu.actions()[0].trigger()
        assert [venues.at(index) for index in range(venues.count())] == [["kayen"], ["practice"]]
        locks = QSignalSpy(desk.window.lock_requested)
        desk.find(QToolButton, "lockButton").click()
        assert locks.count() == 1
        connections = QSignalSpy(desk.window.connections_requested)
        menu.actions()[-1].trigger()
        assert connections.count() == 1

    play(scene)


def test_a_covered_window_shows_nothing_of_value_and_offers_nothing(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk, cover = Desk(stage), QLabel("Locked")
        window = desk.window
        window.cover_with(cover)
        assert window.is_covered
        assert cover.isVisible()
        hidden = ("marketsView", "positionsView", "orderTicket", "marginGauge", "bookView")
        assert not any(desk.find(QWidget, name).isVisible() for name in hidden)
        address = stage.session.venue.account
        told = told_to_readers(window)
        assert "Locked" in told
        assert not any("PEPE" in text for text in told)
        labels = window.findChildren(QLabel)
        assert not any(address[:6] in each.text() + each.toolTip() for each in labels)
        assert not desk.find(QToolButton, "copyAddressButton").isVisible()
        assert not desk.find(QToolButton, "lockButton").isEnabled()
        assert {"Ctrl+K", "Ctrl+L", "Ctrl+F"}.isdisjoint(enabled_shortcuts(window))
        window.uncover()
        window.uncover()
        assert not window.is_covered
        assert not cover.isVisible()
        assert desk.find(QWidget, "marketsView").isVisible()
        assert desk.find(QToolButton, "copyAddressButton").isVisible()
        assert {"Ctrl+K", "Ctrl+L", "Ctrl+F"} < enabled_shortcuts(window)
        assert any("PEPE" in text for text in told_to_readers(window))

    play(scene)


def told_to_readers(window: QWidget) -> list[str]:
    """Return what a screen reader can be told of the window, hidden or not."""
    told: list[str] = []
    pending = [QAccessible.queryAccessibleInterface(window)]
    while pending:
        each = pending.pop()
        if each is not None:
            told += [each.text(kind) for kind in (QAccessible.Text.Name, QAccessible.Text.Value)]
            pending += [each.child(index) for index in range(each.childCount())]
    return told


def enabled_shortcuts(window: MainWindow) -> set[str]:
    actions = window.findChildren(QAction)
    return {each.shortcut().toString() for each in actions if each.isEnabled()}


def test_it_starts_without_the_wire_the_vault_or_the_journal() -> None:
    heavy = ["venues", "protocol", "journal", "keys"]
    code = (
        "import sys, kayen_desktop.ui.views.main_window, kayen_desktop.ui.views.desk\n"
        "foreign = {'asyncio', 'keyring', 'eth_account', 'websockets', 'sqlite3', 'msgspec'}\n"
        f"ours = {{'kayen_desktop.' + name for name in {heavy!r}}}\n"
        "print(sorted((foreign | ours) & set(sys.modules)))"
    )
    fresh = QProcess()
    fresh.start(sys.executable, ["-c", code])
    assert fresh.waitForFinished(30_000)
    assert bytes(fresh.readAllStandardOutput().data()).decode().strip() == "[]"


def test_attaching_shows_what_is_known_and_then_what_changes(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        desk = Desk(stage)
        assert desk.rows("marketsView") == 2
        assert desk.rows("positionsView") == 1
        assert desk.find(QComboBox, "marketCombo").currentText() == "PEPE/USD"
        assert stage.venue.watched == ["PEPE/USD"]
        stage.tell(quote())
        stage.show_book()
        stage.tell(events.OrderUpdated(order("o1", OrderState.WAIT, order_type=OrderType.LIMIT)))
        await until(lambda: desk.rows("openOrdersView") == 1)
        spoken = desk.find(QWidget, "finexStatus").accessibleName()
        assert spoken == "Finex: Connected"
        assert desk.find(QFrame, "marginGauge").accessibleName().startswith("Margin: Safe")
        await until(lambda: desk.rows("activityView") > 0)

    play(scene)


def test_choosing_a_market_moves_the_subscriptions_with_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        table = desk.find(QTableView, "marketsView")
        assert desk.cell("marketsView", 0, 1) == "BTC/USD"
        table.selectRow(0)
        assert stage.venue.watched == ["BTC/USD"]
        assert desk.find(QComboBox, "marketCombo").currentText() == "BTC/USD"
        desk.find(QComboBox, "marketCombo").setCurrentText("PEPE/USD")
        assert stage.venue.watched == ["PEPE/USD"]
        desk.window.select_market("NONE/USD")
        assert stage.venue.watched == ["PEPE/USD"]

    play(scene)


def test_a_click_in_the_book_fills_the_ticket(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.show_book()
        desk = Desk(stage)
        book = desk.find(QTableView, "bookView")

        def ask() -> int:  # the ladder follows its height, so its rows move while it is laid out
            return next(r for r in range(desk.rows("bookView")) if desk.cell("bookView", r, 1))

        book.clicked.emit(book.model().index(ask(), 0))
        assert desk.find(QLineEdit, "priceEdit").text() == "0.0000116049"
        assert desk.find(QComboBox, "typeCombo").currentData() is OrderType.LIMIT
        book.clicked.emit(book.model().index(book.model().rowCount() // 2, 0))
        book.setFocus()
        book.selectRow(ask())
        QTest.keyClick(book, Qt.Key.Key_Return)
        assert desk.find(QLineEdit, "priceEdit").text() == "0.0000116049"

    play(scene)


def test_old_prices_look_old_and_say_so(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.tell(quote())
        desk = Desk(stage)
        chip = desk.find(QLabel, "staleChip")
        assert not chip.isVisible()
        stage.pass_time(60)
        await until(chip.isVisible)
        stage.tell(events.LinkHeard(FINEX, 20.0))
        await until(lambda: not chip.isVisible())

    play(scene)


def test_the_chart_asks_for_candles_and_says_when_it_cannot(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(stage: Stage) -> None:
        asked: list[Period] = []

        async def load(market: str, period: Period, *times: object) -> None:
            asked.append(period)
            if len(asked) == 1:
                raise TransportError("reset")

        monkeypatch.setattr(stage.venue, "load_candles", load)
        desk = Desk(stage)
        retry = desk.find(QPushButton, "chartRetryButton")
        await until(retry.isVisible)
        retry.click()
        await until(lambda: len(asked) == 2)
        desk.find(QPushButton, "period5mButton").click()
        await until(lambda: asked[-1] is Period.M5)
        price = Decimal("0.00001152")
        one = Candle(NOW, price, price, price, price, Decimal(5))
        stage.tell(events.CandlesUpdated("PEPE/USD", Period.M5, (one,)))
        await until(desk.find(QWidget, "chartView").isVisible)
        stage.tell(events.LinkChanged(FINEX, LinkState.RETRYING))
        await until(lambda: "Reconnecting" in desk.find(QWidget, "finexStatus").accessibleName())
        stage.tell(events.LinkChanged(FINEX, LinkState.READY))
        await until(lambda: len(asked) == 4)

    play(scene)


def test_buttons_act_on_the_chosen_row_and_dialogs_open_beside_the_loop(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        opened = QSignalSpy(desk.window.open_account_requested)
        desk.find(QPushButton, "openAccountButton").click()
        await until(lambda: desk.window.findChild(QDialog, "openChannelWizard") is not None)
        assert opened.count() == 1
        desk.find(QPushButton, "openAccountButton").click()
        wizards = desk.window.findChildren(QDialog, "openChannelWizard")
        assert len(wizards) == 1
        wizards[0].done(0)

        stage.open_account()
        stage.hold(position(), position(position_id="p2", market="BTC/USD", amount="1"))
        close = desk.find(QPushButton, "closePositionButton")
        await until(lambda: desk.rows("positionsView") == 2)
        assert not close.isEnabled()
        desk.find(QTableView, "positionsView").selectRow(1)
        assert close.isEnabled()
        asked = QSignalSpy(desk.window.close_position_requested)
        close.click()
        assert asked.at(0) == [POSITION_ID]
        await until(lambda: desk.window.findChild(QDialog, "closePositionDialog") is not None)
        desk.find(QDialog, "closePositionDialog").done(0)
        desk.find(QPushButton, "closeAllButton").click()
        await until(lambda: desk.window.findChild(QDialog, "closeAllDialog") is not None)
        desk.find(QDialog, "closeAllDialog").done(0)
        account = QSignalSpy(desk.window.close_account_requested)
        desk.find(QPushButton, "closeChannelButton").click()
        assert account.at(0) == [CHANNEL_ID]
        await until(lambda: desk.window.findChild(QDialog, "closeChannelDialog") is not None)
        desk.find(QDialog, "closeChannelDialog").done(0)

    play(scene)


@pytest.mark.parametrize(
    ("line", "dialog"),
    [
        ("&What if…", "whatIfDialog"),
        ("&Settle positions…", "settleWizard"),
        ("&Details and history…", "accountDialog"),
        ("&Close all and go home…", "goHomeDialog"),
    ],
)
@pytest.mark.parametrize("has_account", [True, False])
def test_the_account_s_menu_opens_its_dialogs_at_any_time(
    play: Play, line: str, dialog: str, has_account: bool
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        if has_account:
            stage.open_account()
            stage.hold(position())
        lines = [a for m in desk.window.findChildren(QMenu) for a in m.actions()]
        next(each for each in lines if each.text() == line).trigger()
        await until(lambda: desk.window.findChild(QDialog, dialog) is not None)
        desk.find(QDialog, dialog).done(0)

    play(scene)


def test_the_reading_chosen_in_what_if_is_told_to_whoever_keeps_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        stage.open_account()
        chosen = QSignalSpy(desk.window.margin_reading_chosen)
        desk.find(QPushButton, "whatIfButton").click()
        await until(lambda: desk.window.findChild(QDialog, "whatIfDialog") is not None)
        combo = desk.find(QComboBox, "marginReadingCombo")
        combo.setCurrentIndex(1 - combo.currentIndex())
        combo.activated.emit(combo.currentIndex())
        assert chosen.at(0) == [MarginReading.TOTAL]

    play(scene)


def test_orders_are_cancelled_by_button_and_by_key(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        held = order("o1", OrderState.WAIT, order_type=OrderType.LIMIT, price="0.00001")
        stage.tell(events.OrderUpdated(held))
        await until(lambda: desk.rows("openOrdersView") == 1)
        desk.find(QPushButton, "cancelOrderButton").click()
        await until(lambda: len(stage.venue.cancelling.calls) == 1)
        QTest.keyClick(desk.find(QTableView, "openOrdersView"), Qt.Key.Key_Delete)
        await until(lambda: len(stage.venue.cancelling.calls) == 2)
        assert stage.venue.cancelling.calls == [(held,), (held,)]
        stage.venue.cancelling.then(TransportError("reset"))
        desk.find(QPushButton, "cancelAllButton").click()
        await until(lambda: "Nothing was sent" in desk.notice)

    play(scene)


def test_rejections_and_alarms_cross_the_window_and_server_text_stays_text(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        stage.tell(events.OrderUpdated(order("o1", OrderState.PENDING)))
        rejected = order("o1", OrderState.REJECT, reason="<a href='x'>no funds</a>")
        stage.tell(events.OrderUpdated(rejected))
        stage.tell(events.OrderUpdated(order("o2", OrderState.PENDING)))
        await until(lambda: desk.rows("openOrdersView") == 1)
        stage.tell(events.OrderUpdated(replace(rejected, venue_order_id="o2")))
        await until(lambda: "<a href='x'>no funds</a>" in desk.notice)
        stage.tell(events.SecurityAlarmRaised("two signers"))
        await until(lambda: "two signers" in desk.notice)
        for label in desk.window.findChildren(QLabel):
            # A combo box or a header of Qt's own may use labels; ours must be plain.
            if label.text():
                assert label.textFormat() is Qt.TextFormat.PlainText, label.text()

    play(scene)


def test_a_notice_s_button_brings_the_right_tab(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        for action, name in (
            (Action.SHOW_ACTIVITY, "activityView"),
            (Action.SHOW_POSITIONS, "positionsView"),
        ):
            desk.window.show_notice(Notice("Look.", "", "", Severity.INFO, action))
            bar = desk.find(QFrame, "noticeBar")
            button = next(b for b in bar.findChildren(QPushButton) if b.text().startswith("Show"))
            button.click()
            page = desk.window.findChildren(QTabWidget)[-1].currentWidget()
            assert page.findChild(QTableView, name) is not None

    play(scene)


def test_the_empty_desk_tells_where_the_account_stands(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)

        def words() -> str:
            page = desk.window.findChildren(QTabWidget)[-1].widget(0)
            assert page is not None
            return " ".join(label.text() for label in page.findChildren(QLabel))

        assert "No margin account yet" in words()
        stage.tell(events.ChannelUpdated(channel(ChannelState.OPENING, ClearingState.ACCEPTED)))
        await until(lambda: "being opened" in words())
        stage.open_account()
        await until(lambda: "No open positions" in words())
        assert not desk.find(QPushButton, "openAccountButton").isVisible()
        stage.tell(events.ChannelUpdated(channel(clearing=ClearingState.FINALIZING)))
        await until(lambda: "being closed" in words())
        stage.tell(events.AssetBalancesUpdated((AssetBalance("usdt", Decimal(5), Decimal(0)),)))
        stage.tell(
            events.MarginUpdated(MarginBalance(Decimal(1), Decimal(0), Decimal(1), Decimal(1)))
        )
        await until(lambda: desk.rows("balancesView") == 1)

    play(scene)


def test_the_address_can_be_copied_whole(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        copy = next(
            each
            for each in desk.window.findChildren(QToolButton)
            if each.accessibleName() == "Copy the account address"
        )
        copy.click()
        assert QGuiApplication.clipboard().text() == stage.venue.account

    play(scene)


def test_a_star_keeps_a_market_on_top_and_search_finds_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        table = desk.find(QTableView, "marketsView")
        table.clicked.emit(table.model().index(1, 0))
        assert desk.cell("marketsView", 0, 1) == "PEPE/USD"
        search = next(
            each
            for each in desk.window.findChildren(QLineEdit)
            if each.accessibleName() == "Search markets"
        )
        search.setText("btc")
        assert desk.rows("marketsView") == 1
        search.setText("nothing")
        assert not table.isVisible()

    play(scene)


def test_after_detaching_nothing_more_is_drawn_or_asked(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.window.detach()
        stage.open_account()
        desk.find(QPushButton, "openAccountButton").click()
        assert desk.window.findChild(QDialog, "openChannelWizard") is None
        assert desk.rows("channelsView") == 0
        assert not desk.find(QPushButton, "submitOrderButton").isEnabled()

    play(scene)


def test_both_schemes_and_both_sizes_can_be_drawn(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.open_account()
        stage.hold(position())
        stage.show_book()
        stage.tell(quote())
        desk = Desk(stage)
        pictures = []
        actions = [a for m in desk.window.findChildren(QMenu) for a in m.actions()]
        for text in ("&Light", "&Dark", "&System"):
            next(each for each in actions if each.text() == text).trigger()
            pictures.append(desk.window.grab().toImage())
        assert pictures[0] != pictures[1]
        desk.window.resize(desk.window.minimumSize())
        assert desk.window.size() == desk.window.minimumSize()

    play(scene)


def test_the_theme_can_be_changed_when_a_window_is_gone(play: Play, qapp: QApplication) -> None:
    apply_theme(qapp, Scheme.LIGHT)

    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        stage.tell(quote())
        stage.show_book()
        desk.window.detach()
        desk.window.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    play(scene)
    for scheme in (Scheme.DARK, Scheme.LIGHT, Scheme.SYSTEM):
        apply_theme(qapp, scheme)  # it ended the process where Qt remembered a widget of the window


def test_about_opens_beside_the_window(qtbot: QtBot) -> None:
    window = MainWindow(True, "Practice", AsyncBridge(crash))
    qtbot.addWidget(window, before_close_func=lambda each: each.finish_close())
    box = show_about(window)
    assert isinstance(box, QMessageBox)
    assert box.textFormat() is Qt.TextFormat.PlainText
    box.close()


def test_nothing_of_the_last_venue_stays_while_the_next_one_is_silent(
    play: Play, tmp_path: Path
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        stage.tell(quote())
        stage.show_book()
        stage.tell(
            events.TradePrinted(
                Trade("1", "PEPE/USD", Decimal("0.00001152"), Decimal(1), Side.BUY, NOW)
            )
        )
        await until(lambda: desk.rows("tradesView") == 1)
        desk.window.detach()
        (tmp_path / "next").mkdir()
        silent = Stage(tmp_path / "next")
        desk.window.show_venue("Kayen", is_practice=False)
        desk.window.attach(silent.session)
        assert desk.rows("tradesView") == 0
        assert not desk.find(QTableView, "bookView").isVisible()
        assert desk.rows("marketsView") == 0
        texts = [each.text() for each in desk.window.findChildren(QLabel) if each.isVisible()]
        assert "Waiting for the venue's list of markets…" in texts
        assert not any("No market has that" in each for each in texts)
        desk.window.detach()
        await silent.end()

    play(scene)
