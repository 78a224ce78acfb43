"""Tables over the state: which rows, in which order, and which cells are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.events import Event
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.margin import (
    AssetBalance,
    MarginReading,
    MarginRules,
    liquidation_price,
)
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.ui.models.balances import BalancesModel
from kayen_desktop.ui.models.channels import ChannelsModel
from kayen_desktop.ui.models.columns import KEY_ROLE, SORT_ROLE
from kayen_desktop.ui.models.fills import FillsModel
from kayen_desktop.ui.models.markets import CHANGE, LAST, NAME, STAR, MarketsModel
from kayen_desktop.ui.models.orders import OpenOrdersModel, OrderHistoryModel
from kayen_desktop.ui.models.positions import LIQUIDATION, PositionsModel
from kayen_desktop.ui.models.table import StateTable
from kayen_desktop.ui.theme import tokens
from tests.unit.ui.stage import BTC, CHANNEL_ID, PEPE, channel, fill, order, position

from .signals import Signals, texts

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
PNL, PNL_PERCENT = 7, 8
REQUEST = OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal(20000))


class Desk:
    """A state, and one table that follows it as the window would let it."""

    def __init__(self, model: StateTable[Any]) -> None:
        self.state = AppState()
        self.model = model
        self.tester = QAbstractItemModelTester(
            model, QAbstractItemModelTester.FailureReportingMode.Warning
        )
        self.state.apply(events.MarketsListed((PEPE, BTC)), NOW)
        model.bind(self.state)
        self.signals = Signals(model)

    def tell(self, *told: Event) -> list[tuple[object, ...]]:
        changes = [change for event in told for change in self.state.apply(event, NOW)]
        self.model.apply(dict.fromkeys(changes))
        return self.signals.take()


@pytest.fixture
def positions(qtbot: QtBot) -> Desk:
    return Desk(PositionsModel())


@pytest.fixture
def open_orders(qtbot: QtBot) -> Desk:
    return Desk(OpenOrdersModel())


@pytest.fixture
def history(qtbot: QtBot) -> Desk:
    return Desk(OrderHistoryModel())


def test_rows_keep_the_order_of_arrival(positions: Desk) -> None:
    told = positions.tell(
        *(events.PositionUpdated(position(position_id=each)) for each in ("c", "a", "b"))
    )
    assert told == [("in", 0, 2)]
    assert [positions.model.key_at(row) for row in range(3)] == ["c", "a", "b"]


def test_only_the_cells_that_changed_are_told(positions: Desk) -> None:
    positions.tell(events.PositionUpdated(position(position_id="a", mark="0.00001149")))
    held = position(position_id="a", mark="0.00001149")
    assert positions.tell(events.PositionUpdated(held)) == []
    assert held.pnl is not None
    told = positions.tell(events.PositionUpdated(replace(held, pnl=held.pnl * 2)))
    assert told == [("cells", 0, PNL, 0, PNL_PERCENT)]


def account(deposit: str = "1") -> events.ChannelUpdated:
    return events.ChannelUpdated(channel(deposit=deposit, balance=deposit))


def closing_prices(model: StateTable[Any]) -> list[str]:
    return texts(model, LIQUIDATION)


def test_a_position_says_where_the_broker_may_close_it(positions: Desk) -> None:
    held = position("1000000", position_id="a")
    positions.tell(account(), events.PositionUpdated(held))
    # Of 0.97 that are left, 0.87 go at a price lower by 0.00000087: a tenth of the deposit stays.
    assert closing_prices(positions.model) == ["0.00001062"]
    sold = position("0.00001", side=Side.SELL, market="BTC/USD", position_id="b",
                    entry="64000", mark="64000")  # fmt: skip
    positions.tell(events.PositionUpdated(sold))
    assert closing_prices(positions.model) == ["0.00001062", "151,000.00"]
    rules = MarginRules(MarginReading.TOTAL)
    positions.tell(events.MarginRulesChosen(rules))
    assert closing_prices(positions.model) == ["–", "–"]  # the broker's deposit is not known


def test_every_closing_price_follows_any_of_the_positions(positions: Desk) -> None:
    first, second = position("1000000", position_id="a"), position("500000", position_id="b")
    positions.tell(account(), events.PositionUpdated(first))
    positions.tell(events.PositionUpdated(replace(second, market="BTC/USD")))
    before = closing_prices(positions.model)
    worse = position("500000", position_id="b", market="BTC/USD", mark="0.00001148")
    told = positions.tell(events.PositionUpdated(worse))
    assert told[-1] == ("cells", 0, LIQUIDATION, 0, LIQUIDATION)
    after = closing_prices(positions.model)
    assert after[0] > before[0]
    assert after[1] == before[1]  # what it stands at does not move where it closes
    account_now = positions.state.margin_account
    assert account_now is not None
    for row, market in enumerate(("PEPE/USD", "BTC/USD")):
        exact = liquidation_price(account_now, market)
        assert positions.model.sort_key(row, LIQUIDATION) == exact
        assert positions.model.index(row, LIQUIDATION).data(SORT_ROLE) == exact


def test_closing_prices_are_told_to_those_who_looked(positions: Desk) -> None:
    held = [position("1000000", position_id=key) for key in "ab"]
    positions.tell(account(), *(events.PositionUpdated(each) for each in held))
    positions.model.index(0, LIQUIDATION).data()
    worse = events.PositionUpdated(position("1000000", position_id="b", mark="0.00001148"))
    told = [each for each in positions.tell(worse) if each[2] == LIQUIDATION]
    assert told == []  # both are in one market: what it stands at does not move where it closes
    more = events.PositionUpdated(position("1200000", position_id="b"))
    told = [each for each in positions.tell(more) if each[2] == LIQUIDATION]
    assert told == [("cells", 0, LIQUIDATION, 0, LIQUIDATION)]
    less = events.PositionUpdated(position("1100000", position_id="b"))
    assert not [each for each in positions.tell(less) if each[2] == LIQUIDATION]


def test_closing_prices_stay_right_while_positions_come_change_and_go(positions: Desk) -> None:
    positions.tell(account("5"))
    amounts = {"a": "1000000", "b": "200000", "c": "300000"}
    marks = {"PEPE/USD": "0.0000114", "BTC/USD": "0.0000119"}
    for step, (key, amount) in enumerate([*amounts.items(), ("b", "0"), ("a", "900000")]):
        market = "BTC/USD" if key == "b" else "PEPE/USD"
        side = Side.SELL if key == "c" else Side.BUY
        told = position(amount, side=side, market=market, position_id=key, mark=marks[market])
        positions.tell(events.PositionUpdated(told))
        account_now = positions.state.margin_account
        assert account_now is not None, step
        for row in range(positions.model.rowCount()):
            exact = liquidation_price(account_now, positions.model.item_at(row).market)
            assert positions.model.sort_key(row, LIQUIDATION) == exact
    positions.tell(events.ChannelClosed(CHANNEL_ID))
    assert positions.model.rowCount() == 0
    second = events.ChannelUpdated(channel(deposit="1", balance="1", channel_id="0xnew"))
    positions.tell(second, events.PositionUpdated(replace(position("1000000"), channel_id="0xnew")))
    assert closing_prices(positions.model) == ["0.00001062"]


def test_in_red_a_position_may_be_closed_now_and_without_danger_at_no_price(
    positions: Desk,
) -> None:
    positions.tell(account("30"), events.PositionUpdated(position(position_id="a")))
    assert closing_prices(positions.model) == ["at no price"]
    assert positions.model.sort_key(0, LIQUIDATION) is None
    positions.tell(account("30"), events.PositionUpdated(
        position("100000", position_id="a", entry="0.0003")
    ))  # fmt: skip
    assert closing_prices(positions.model) == ["now"]


def test_another_accounts_position_has_no_closing_price(positions: Desk) -> None:
    stranger = replace(position("1000000", position_id="s"), channel_id="0xother")
    positions.tell(account(), events.PositionUpdated(stranger))
    assert closing_prices(positions.model) == ["–"]


def test_a_burst_about_one_position_is_one_look(positions: Desk) -> None:
    positions.tell(events.PositionUpdated(position(position_id="a")))
    told = positions.tell(
        *(
            events.PositionUpdated(position(position_id="a", mark=f"0.0000{mark}"))
            for mark in range(1100, 1149)
        )
    )
    assert len(told) == 2  # mark and value, then PnL and percentage: two unbroken ranges
    assert {each[0] for each in told} == {"cells"}


def test_rows_leave_in_unbroken_runs_and_the_rest_stay_in_order(positions: Desk) -> None:
    keys = list("abcdef")
    positions.tell(*(events.PositionUpdated(position(position_id=each)) for each in keys))
    gone = [
        events.PositionUpdated(position("0", position_id=each, status=PositionStatus.CLOSED))
        for each in ("b", "c", "e")
    ]
    assert positions.tell(*gone) == [("out", 4, 4), ("out", 1, 2)]
    rows = [positions.model.key_at(row) for row in range(positions.model.rowCount())]
    assert rows == ["a", "d", "f"]
    assert [positions.model.row_of(key) for key in rows] == [0, 1, 2]


def test_a_position_shows_text_raw_value_side_and_colour(positions: Desk) -> None:
    positions.tell(events.PositionUpdated(position()))
    model = positions.model
    row = [model.index(0, column).data() for column in range(model.columnCount())]
    assert row[:7] == ["PEPE/USD", "Buy", "100,000", "0.00001152", "0.00001149", "1.149", "1.152"]
    assert row[7:] == ["−0.003", "−0.26 %", "–", "Open"]
    pnl = model.index(0, PNL)
    assert pnl.data(SORT_ROLE) == Decimal("-0.003")
    assert pnl.data(KEY_ROLE) == position().position_id
    assert pnl.data(int(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignRight
    assert pnl.data(int(Qt.ItemDataRole.ForegroundRole)) == QColor(tokens().sell)
    assert "PnL" in pnl.data(int(Qt.ItemDataRole.ToolTipRole))


def test_old_figures_lose_their_colour(positions: Desk) -> None:
    positions.tell(events.PositionUpdated(position()))
    positions.model.set_dimmed(True)
    assert positions.signals.take() == [("cells", 0, 0, 0, 10)]
    pnl = positions.model.index(0, PNL)
    assert pnl.data(int(Qt.ItemDataRole.ForegroundRole)) == QColor(tokens().muted)
    positions.model.set_dimmed(True)
    assert positions.signals.take() == []


def test_titles_stand_over_their_columns(positions: Desk) -> None:
    model = positions.model
    assert model.headerData(PNL, Qt.Orientation.Horizontal) == "Profit/loss"
    align = model.headerData(PNL, Qt.Orientation.Horizontal, int(Qt.ItemDataRole.TextAlignmentRole))
    assert align & Qt.AlignmentFlag.AlignRight
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.data(QModelIndex()) is None
    assert model.rowCount(model.index(0, 0)) == 0


def test_a_new_list_of_markets_is_written_with_its_precisions(positions: Desk) -> None:
    positions.tell(events.PositionUpdated(position(entry="0.0000115278")))
    assert texts(positions.model, 3) == ["0.000011527"]
    coarse = replace(PEPE, price_digits=None, price_precision=6)
    assert positions.tell(events.MarketsListed((coarse,))) == [("reset",)]
    assert texts(positions.model, 3) == ["0.000011"]


def test_an_order_leaves_the_open_ones_when_it_is_over_but_not_the_history(
    open_orders: Desk, history: Desk
) -> None:
    for desk in (open_orders, history):
        told = desk.tell(events.OrderUpdated(order("o1", OrderState.WAIT)))
        assert told == [("in", 0, 0)]
    assert open_orders.tell(events.OrderUpdated(order("o1", OrderState.DONE))) == [("out", 0, 0)]
    (told_cells,) = {each[0] for each in history.tell(events.OrderUpdated(order("o1")))}
    assert told_cells == "cells"
    assert texts(history.model, 4) == ["Filled"]


def test_what_is_not_confirmed_yet_is_never_invisible(open_orders: Desk, history: Desk) -> None:
    intent = Intent("i1", REQUEST, NOW)
    for desk in (open_orders, history):
        assert desk.tell(events.IntentChanged(intent)) == [("in", 0, 0)]
        assert texts(desk.model, 4) == ["Not confirmed yet"]
        assert desk.model.item_at(0).order_id == ""
    confirmed = replace(intent, outcome=IntentOutcome.CONFIRMED, venue_id="o1")
    for desk in (open_orders, history):
        assert desk.tell(events.IntentChanged(confirmed)) == [("out", 0, 0)]


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (IntentOutcome.NOT_SENT, "Not sent"),
        (IntentOutcome.NOT_RECEIVED, "Never reached the venue"),
        (IntentOutcome.REJECTED, "The venue said no"),
    ],
)
def test_a_request_that_became_no_order_stays_in_the_history(
    history: Desk, open_orders: Desk, outcome: IntentOutcome, text: str
) -> None:
    intent = Intent("i1", REQUEST, NOW, outcome, reason="too late")
    history.tell(events.IntentChanged(intent))
    assert texts(history.model, 4) == [text]
    assert history.model.index(0, 4).data(int(Qt.ItemDataRole.ToolTipRole)) == "too late"
    assert open_orders.tell(events.IntentChanged(intent)) == []


def test_a_rejected_order_takes_the_place_of_its_request(history: Desk) -> None:
    history.tell(events.IntentChanged(Intent("i1", REQUEST, NOW, IntentOutcome.REJECTED)))
    rejected = order("o1", OrderState.REJECT, side=Side.BUY, amount="20000", reason="no funds")
    assert history.tell(events.OrderUpdated(rejected)) == [("out", 0, 0), ("in", 0, 0)]
    assert texts(history.model, 4) == ["Rejected by the exchange"]


def test_history_of_an_earlier_run_comes_in_order_of_time(history: Desk) -> None:
    late = replace(order("o1"), created_at=NOW + timedelta(seconds=2))
    history.state.apply(events.OrderUpdated(late), NOW)
    history.state.apply(events.IntentChanged(Intent("i1", REQUEST, NOW)), NOW)
    history.model.bind(history.state)
    assert texts(history.model, 4) == ["Not confirmed yet", "Filled"]


def test_a_fill_tells_when_the_broker_has_it(qtbot: QtBot) -> None:
    desk = Desk(FillsModel())
    desk.tell(
        events.ChannelUpdated(channel()),
        events.FillReceived(fill("f1", Side.BUY, "1000", "0.00001150", "0.000023")),
    )
    assert texts(desk.model, 7) == ["–"]
    assert desk.tell(events.TradeRecorded(CHANNEL_ID, "f1")) == [("cells", 0, 7, 0, 7)]
    assert texts(desk.model, 7) == ["By the broker"]
    assert texts(desk.model, 6) == ["0.000023 USD"]


def test_a_closed_account_keeps_its_row(qtbot: QtBot) -> None:
    desk = Desk(ChannelsModel())
    assert desk.tell(events.ChannelUpdated(channel())) == [("in", 0, 0)]
    assert texts(desk.model, 1) == ["Ready"]
    desk.tell(events.ChannelClosed(CHANNEL_ID))
    assert texts(desk.model, 1) == ["Closed"]


def test_balances_by_asset(qtbot: QtBot) -> None:
    desk = Desk(BalancesModel())
    balance = AssetBalance("usdt", Decimal("12.5"), Decimal(0))
    assert desk.tell(events.AssetBalancesUpdated((balance,))) == [("in", 0, 0)]
    assert texts(desk.model, 0) == ["USDT"]
    assert texts(desk.model, 1) == ["12.5"]


def ticker(market: str, last: str, change: str | None) -> Ticker:
    zero = Decimal(0)
    day = None if change is None else Decimal(change)
    return Ticker(market, Decimal(last), zero, zero, zero, zero, zero, day, NOW)


def test_markets_show_price_and_change_and_their_star(qtbot: QtBot) -> None:
    desk = Desk(MarketsModel())
    assert texts(desk.model, NAME) == ["PEPE/USD", "BTC/USD"]
    assert texts(desk.model, LAST) == ["–", "–"]
    told = desk.tell(events.TickersUpdated((ticker("BTC/USD", "64250.5", "-1.2"),)))
    assert told == [("cells", 1, LAST, 1, CHANGE)]
    assert texts(desk.model, LAST) == ["–", "64,250.50"]
    assert texts(desk.model, CHANGE) == ["–", "−1.20 %"]

    assert isinstance(desk.model, MarketsModel)
    spoken = int(Qt.ItemDataRole.AccessibleTextRole)
    assert desk.model.index(1, STAR).data(spoken) == "not a favourite"
    desk.model.toggle_favourite(1)
    assert desk.signals.take() == [("cells", 1, STAR, 1, STAR)]
    assert desk.model.favourites == {"BTC/USD"}
    assert desk.model.index(1, STAR).data(spoken) == "favourite"
    assert not desk.model.index(1, STAR).data(int(Qt.ItemDataRole.DecorationRole)).isNull()
    desk.model.set_favourites(["PEPE/USD"])
    assert desk.model.index(0, STAR).data(spoken) == "favourite"
