"""Domain values for tests, in the walkthrough's figures unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kayen_desktop.domain.book import Level, OrderBook
from kayen_desktop.domain.channels import (
    Broker,
    Channel,
    ChannelState,
    ClearingState,
    DepositPackage,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.margin import Holding, MarginAccount
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import Position, PositionStatus

NOW = datetime(2024, 6, 22, 12, tzinfo=UTC)
PEPE = "PEPE/USD"
CHANNEL = "0xef6570a709f664572673eaeb2d8a1ac2a70c867626c18f30d4b406acc8d00746"
BROKER = Broker(
    "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
    "Kayen",
    packages=(DepositPackage("Retail Package", Decimal(1), Decimal(30)),),
)
MARKET = Market(
    PEPE,
    "pepeusd",
    "pepe",
    "usd",
    Decimal(10),
    amount_precision=2,
    price_precision=8,
    min_amount=Decimal(10),
)


# The position of the walkthrough as it is told while it is open (protocols.md §1.5).
WALKTHROUGH = Position(
    "7c4a3368-3079-4eae-a0d1-a15c9627cb3d",
    CHANNEL,
    PEPE,
    Side.BUY,
    Decimal("108506.94444444"),
    Decimal("1.2499999999999488"),
    Decimal("1.2467447916666156"),
    Decimal("0.00001152"),
    Decimal("-0.0032552083333332"),
    PositionStatus.OPEN,
)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def make_book(
    asks: list[tuple[str, str]] | None = None, bids: list[tuple[str, str]] | None = None
) -> OrderBook:
    book = OrderBook()
    book.replace(make_levels(asks or []), make_levels(bids or []))
    return book


def make_levels(pairs: list[tuple[str, str]]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(amount)) for price, amount in pairs)


def make_request(
    side: Side = Side.BUY,
    order_type: OrderType = OrderType.LIMIT,
    amount: str = "100",
    price: str | None = "0.00001152",
    trigger_price: str | None = None,
    market: str = PEPE,
) -> OrderRequest:
    return OrderRequest(
        market,
        side,
        order_type,
        Decimal(amount),
        None if price is None else Decimal(price),
        None if trigger_price is None else Decimal(trigger_price),
    )


def make_order(
    order_id: str = "o1",
    request: OrderRequest | None = None,
    state: OrderState = OrderState.WAIT,
    executed: str = "0",
    trades_count: int = 0,
    created_at: datetime = NOW,
    reason: str = "",
) -> Order:
    request = request or make_request()
    return Order(
        order_id,
        request.market,
        request.side,
        request.order_type,
        state,
        request.amount,
        request.amount - Decimal(executed),
        Decimal(executed),
        request.price,
        request.trigger_price,
        None,
        trades_count,
        created_at,
        reason,
    )


def make_fill(
    fill_id: str = "172783",
    side: Side = Side.BUY,
    amount: str = "100",
    price: str = "0.00001152",
    market: str = PEPE,
    executed_at: datetime = NOW,
) -> Fill:
    total = Decimal(amount) * Decimal(price)
    return Fill(
        fill_id,
        market,
        "o1",
        side,
        Decimal(price),
        Decimal(amount),
        total,
        Decimal("0.0025"),
        "usd",
        executed_at,
    )


def make_position(
    position_id: str = "p1",
    side: Side = Side.BUY,
    amount: str = "100",
    market: str = PEPE,
    channel_id: str = CHANNEL,
    status: PositionStatus = PositionStatus.OPEN,
    pnl: str | None = "-1",
    market_value: str | None = "9",
    cost: str = "10",
) -> Position:
    return Position(
        position_id,
        channel_id,
        market,
        side,
        Decimal(amount),
        Decimal(cost),
        None if market_value is None else Decimal(market_value),
        Decimal("0.1"),
        None if pnl is None else Decimal(pnl),
        status,
    )


def make_channel(
    channel_id: str = CHANNEL,
    state: ChannelState = ChannelState.OPEN,
    clearing_state: ClearingState | None = ClearingState.OPERATIONAL,
    turn_num: int | None = 1,
    broker: Broker | None = BROKER,
    deposit: str | None = "1",
    balance: str | None = "1",
) -> Channel:
    return Channel(
        channel_id,
        state,
        clearing_state,
        broker,
        margin_deposit=None if deposit is None else Decimal(deposit),
        initiator_balance=None if balance is None else Decimal(balance),
        responder_balance=None if balance is None else Decimal(2) - Decimal(balance),
        turn_num=turn_num,
    )


def make_holding(
    amount: str = "10",
    entry: str = "1",
    mark: str | None = None,
    side: Side = Side.BUY,
    market: str = PEPE,
    is_open: bool = True,
) -> Holding:
    cost = Decimal(amount) * Decimal(entry)
    value = Decimal(amount) * Decimal(mark or entry)
    return Holding(market, side, Decimal(amount), cost, value, (value - cost) * side.sign, is_open)


def make_account(
    *holdings: Holding,
    balance: str = "1",
    deposit: str | None = "1",
    total: str | None = "2",
    used: str | None = None,
    available: str | None = None,
    leverage: str | None = None,
) -> MarginAccount:
    return MarginAccount(
        Decimal(balance),
        None if deposit is None else Decimal(deposit),
        None if total is None else Decimal(total),
        holdings,
        None if used is None else Decimal(used),
        None if available is None else Decimal(available),
        None if leverage is None else Decimal(leverage),
    )
