"""Orders, fills and balances in every dialect's array (protocols.md §2.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kayen_desktop.domain.errors import LocalProtocolError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.margin import AssetBalance, MarginBalance
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.protocol.finex import symbols
from kayen_desktop.protocol.finex.messages import Dialect
from kayen_desktop.protocol.finex.parsing import (
    STATE_LETTERS,
    TYPE_LETTERS,
    build_order,
    parse_balance,
    parse_fill,
    parse_margin,
    parse_order,
)
from kayen_desktop.protocol.finex.symbols import MarketTable

from .conversation import CREATED_AT, NIL_UUID, OTHER_UUID, UUID, an_order, fill_row, order_row


def table() -> MarketTable:
    markets = MarketTable()
    markets.replace([Market("PEPE/USD", "pepeusd", "pepe", "usd")])
    return markets


def order(row: list[Any], dialect: Dialect = Dialect.KAYEN) -> Order:
    return parse_order(row, table(), dialect)[0]


def test_thirteen_elements_are_enough() -> None:
    assert order(order_row()) == an_order()


@pytest.mark.parametrize(("state", "letter"), STATE_LETTERS.items())
def test_states(state: OrderState, letter: str) -> None:
    assert order(order_row(state=letter)).state is state


@pytest.mark.parametrize(("order_type", "letter"), TYPE_LETTERS.items())
def test_types(order_type: OrderType, letter: str) -> None:
    assert order(order_row(type=letter)).order_type is order_type


@pytest.mark.parametrize(
    ("dialect", "tail", "trigger", "reason"),
    [
        (Dialect.KAYEN, [], None, ""),
        (Dialect.KAYEN, ["1.5"], "1.5", ""),
        (Dialect.KAYEN, [1], "1", ""),
        (Dialect.KAYEN, [None], None, ""),
        (Dialect.KAYEN, ["price too low"], None, "price too low"),
        (Dialect.KAYEN, ["1.5", ""], "1.5", ""),
        (Dialect.KAYEN, ["1.5", "too\nlow"], "1.5", "too low"),
        (Dialect.KAYEN, ["0", ""], None, ""),
        (Dialect.KAYEN, ["1.5", "0.002"], "1.5", ""),
        (Dialect.OPENDAX, ["1.5", ""], "1.5", ""),
        (Dialect.OPENDAX, ["1.5", None], "1.5", ""),
        (Dialect.OPENDAX, ["1.5", "too low"], "1.5", "too low"),
        (Dialect.OPENDAX, ["0.002", "0.002"], None, ""),
        (Dialect.KAYEN, ["0.002", "0.002", "1.5"], "1.5", ""),
        (Dialect.KAYEN, ["0.002", "0.002", "1.5", "too low"], "1.5", "too low"),
        (Dialect.OPENDAX, ["0.002", "0.002", "1.5", "1e-8"], "1.5", ""),
    ],
)
def test_tails_of_each_dialect(
    dialect: Dialect, tail: list[object], trigger: str | None, reason: str
) -> None:
    parsed = order(order_row(*tail, type="sl", price="0"), dialect)
    assert parsed.trigger_price == (None if trigger is None else Decimal(trigger))
    assert parsed.reason == reason


def test_two_fees_are_never_taken_for_the_trigger_of_an_order_without_one() -> None:
    assert order(order_row("0.002", "0.002", type="l")).trigger_price is None


def test_market_orders_have_no_price_and_unfilled_ones_no_average() -> None:
    assert order(order_row(type="m", price=None)).price is None
    assert order(order_row(type="m", price="0")).price is None
    assert order(order_row(avg_price="")).average_price is None
    assert order(order_row(avg_price="2")).average_price == 2


def test_an_unlisted_market_goes_by_its_symbol_in_capitals() -> None:
    assert order(order_row(market="dogeusd")).market == "DOGEUSD"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"state": "x"}, "the order state “x” is not known"),
        ({"state": "\u202eevil" * 30}, "the order state “evil evil evil evil…” is not known"),
        ({"type": "s"}, "the order type “s” is not known"),
        ({"side": "Buy"}, "the side “Buy” is not known"),
        ({"side": None}, "Expected `str`, got `null`"),
        ({"market": ""}, "an id is not a short text"),
        ({"uuid": ""}, "an id is not a short text"),
        ({"uuid": NIL_UUID}, "an order has no uuid"),
        ({"original": "-1"}, "a number is negative"),
        ({"remaining": None}, "a NoneType is not a decimal number"),
        ({"executed": "NaN"}, "the number is not finite"),
        ({"price": "-1"}, "a number is negative"),
        ({"trades_count": "x"}, "the text is not a decimal number"),
        ({"created_at": ""}, "a time is missing"),
    ],
)
def test_orders_are_refused_rather_than_guessed(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        order(order_row(**changes))


def test_an_order_too_short_or_no_array_is_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        order(order_row()[:12])
    with pytest.raises(ValueError, match="Expected `array`"):
        parse_order({}, table(), Dialect.KAYEN)


FILL = Fill(
    fill_id="172783",
    market="PEPE/USD",
    venue_order_id=UUID,
    side=Side.BUY,
    price=Decimal("0.00001152"),
    amount=Decimal(1000),
    total=Decimal("0.01152"),
    fee=Decimal("0.00001"),
    fee_currency="usd",
    executed_at=CREATED_AT,
)


def test_fill_of_twelve_elements() -> None:
    assert parse_fill(fill_row(), table()) == (FILL, "pepeusd")


def test_fill_of_ten_elements_tells_no_fee() -> None:
    row = fill_row()
    fill, _ = parse_fill([*row[:9], row[11]], table())
    assert (fill.fee, fill.fee_currency, fill.executed_at) == (Decimal(0), "", CREATED_AT)


def test_an_empty_market_is_that_of_the_order() -> None:
    markets = table()
    assert parse_fill(fill_row(market=""), markets)[0].market == ""
    assert parse_fill(fill_row(market=""), markets, "pepeusd")[0].market == "PEPE/USD"
    markets.remember_order(UUID, "dogeusd")
    assert parse_fill(fill_row(market=""), markets, "pepeusd")[0].market == "DOGEUSD"


def test_a_fill_that_names_no_order_is_kept() -> None:
    for nothing in (None, "", NIL_UUID):
        fill, symbol = parse_fill(fill_row(order_uuid=nothing), table())
        assert (fill.venue_order_id, symbol) == (NIL_UUID, "pepeusd")


@pytest.mark.parametrize(
    "changes",
    [
        {"price": "0"},
        {"amount": "-1"},
        {"amount": None},
        {"total": "-1"},
        {"order_side": "bid"},
        {"id": ""},
        {"ts": "x"},
        {"fee": "x"},
        {"order_uuid": "two words"},
    ],
)
def test_fills_are_refused_rather_than_guessed(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_fill(fill_row(**changes), table())


def test_balances_of_both_dialects() -> None:
    assert parse_margin(["100", "1.5", (98.5).__str__(), 10]) == MarginBalance(
        Decimal(100), Decimal("1.5"), Decimal("98.5"), Decimal(10)
    )
    assert parse_balance(["usd", "0.9997", "0.0003"]) == AssetBalance(
        "usd", Decimal("0.9997"), Decimal("0.0003")
    )


@pytest.mark.parametrize(
    ("order_type", "elements"),
    [
        (OrderType.MARKET, ("m", "", "")),
        (OrderType.LIMIT, ("l", "0.00000001", "")),
        (OrderType.POST_ONLY, ("p", "0.00000001", "")),
        (OrderType.FILL_OR_KILL, ("f", "0.00000001", "")),
        (OrderType.STOP_LOSS, ("sl", "", "2.5")),
        (OrderType.TAKE_PROFIT, ("tp", "", "2.5")),
        (OrderType.STOP_LIMIT, ("slm", "0.00000001", "2.5")),
        (OrderType.TAKE_LIMIT, ("tlm", "0.00000001", "2.5")),
    ],
)
def test_built_orders_name_only_the_prices_their_type_has(
    order_type: OrderType, elements: tuple[str, str, str]
) -> None:
    request = OrderRequest(
        "PEPE/USD", Side.SELL, order_type, Decimal("1E+3"), Decimal("1E-8"), Decimal("2.50")
    )
    args = build_order(request, "pepeusd")
    assert (args.market, args.side, args.amount) == ("pepeusd", "sell", "1000")
    assert (args.type, args.price, args.trigger_price) == elements


@pytest.mark.parametrize(
    "request_",
    [
        OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal(0)),
        OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal("NaN")),
        OrderRequest("PEPE/USD", Side.BUY, OrderType.LIMIT, Decimal(1)),
        OrderRequest("PEPE/USD", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(-1)),
        OrderRequest("PEPE/USD", Side.BUY, OrderType.STOP_LOSS, Decimal(1), Decimal(1)),
    ],
)
def test_an_order_with_a_number_missing_is_our_bug(request_: OrderRequest) -> None:
    with pytest.raises(LocalProtocolError, match="missing or not above zero"):
        build_order(request_, "pepeusd")


def test_the_memory_of_orders_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbols, "MAX_ORDERS", 1)
    markets = table()
    markets.remember_order(UUID, "a")
    markets.remember_order(OTHER_UUID, "b")
    markets.remember_order(NIL_UUID, "c")
    assert markets.symbol_of_order(UUID) is None
    assert markets.symbol_of_order(OTHER_UUID) == "b"
    assert markets.symbol_of_order(NIL_UUID) is None
