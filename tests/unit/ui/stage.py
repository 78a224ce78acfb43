"""A real session on a real journal and a hand-written venue that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from kayen_desktop.app.gate import Gate
from kayen_desktop.app.session import Session
from kayen_desktop.domain import events
from kayen_desktop.domain.book import Level
from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.channels import (
    Broker,
    Channel,
    ChannelState,
    ClearingState,
    DepositPackage,
)
from kayen_desktop.domain.events import Event, LinkState
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.journal.store import Journal
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.venues.venue import Capability, Listener

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)
CLEARPORT, FINEX = "Clearport", "Finex"
KAYEN = Broker(
    "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
    "Kayen",
    "http://peer:50081",
    (DepositPackage("Retail Package", Decimal(1), Decimal(30)),),
)
HARBOUR = Broker(
    "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
    "Harbour Practice",
    "http://harbour.practice:50081",
    (
        DepositPackage("Starter", Decimal(1), Decimal(100)),
        DepositPackage("Pro", Decimal(100), Decimal(1000)),
    ),
)
PEPE = Market(
    "PEPE/USD", "pepeusd", "pepe", "usd", Decimal(10), amount_precision=8, price_precision=8,
    price_digits=5, min_amount=Decimal(1000),
)  # fmt: skip
BTC = Market(
    "BTC/USD", "btcusd", "btc", "usd", Decimal(10), amount_precision=8, price_precision=2,
    min_amount=Decimal("0.00001"),
)  # fmt: skip
CHANNEL_ID = "0xef6570a709f664572673eaeb2d8a1ac2a70c867626c18f30d4b406acc8d00746"
POSITION_ID = "7c4a3368-3079-4eae-a0d1-a15c9627cb3d"


class Script:
    """What one request of the venue answers, in turn; the last answer stays."""

    def __init__(self, answer: object) -> None:
        self.answers: list[object] = [answer]
        self.calls: list[tuple[object, ...]] = []

    def then(self, *answers: object) -> None:
        """Answer with these: a value, an error to raise, or a future to wait for."""
        self.answers = list(answers)

    async def __call__(self, *arguments: object) -> object:
        self.calls.append(arguments)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, asyncio.Future):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeVenue:
    """Keeps every request, answers by script, and tells only what the test tells."""

    name = "Practice"
    account = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
    capabilities = frozenset(Capability)
    clearing_link = CLEARPORT
    trading_link = FINEX
    chain_id = 1337

    def __init__(self) -> None:
        self.brokers: tuple[Broker, ...] = (KAYEN, HARBOUR)
        self.taker_fee: Decimal | None = Decimal("0.002")
        self.tell: Listener = lambda event: None
        self.placing = Script("order-1")
        self.cancelling = Script(None)
        self.opening = Script(CHANNEL_ID)
        self.closing = Script(None)
        self.settling = Script(None)
        self.booking = Script(None)
        self.description: events.ClearingHouseDescribed | None = None
        self.watched: list[str] = []

    def listen(self, listener: Listener) -> None:
        self.tell = listener

    def reconnect(self) -> None:
        """Do nothing: the links are what the test tells."""

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def place_order(self, request: OrderRequest) -> str:
        return str(await self.placing(request))

    async def cancel_orders(self, orders: Sequence[Order]) -> None:
        await self.cancelling(*orders)

    async def cancel_all_orders(self) -> None:
        await self.cancelling()

    async def list_orders(self) -> tuple[Order, ...]:
        return ()

    async def list_fills(self, known: Collection[str] = ()) -> None:
        """Nothing has traded."""

    async def open_channel(self, broker: Broker, deposit: Decimal) -> str:
        return str(await self.opening(broker, deposit))

    async def close_channel(self, channel_id: str) -> None:
        await self.closing(channel_id)

    async def list_positions(self, channel_id: str) -> None:
        """Nothing is held."""

    async def record_trade(self, channel_id: str, fill: Fill) -> None:
        await self.booking(channel_id, fill)

    async def request_settlement(
        self, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
    ) -> None:
        await self.settling(channel_id, method, chain_id, tuple(markets))

    async def describe_clearing_house(self) -> None:
        if self.description is not None:
            self.tell(self.description)

    def watch_market(self, market: str) -> None:
        self.watched.append(market)

    def unwatch_market(self, market: str) -> None:
        self.watched.remove(market)

    def watch_candles(self, market: str, period: Period) -> None:
        """No candles here."""

    def unwatch_candles(self, market: str, period: Period) -> None:
        """No candles here."""

    async def load_candles(
        self, market: str, period: Period, start: datetime, end: datetime
    ) -> None:
        """No candles here."""

    def resync_book(self, market: str) -> None:
        """Leave it to the test to tell a new book."""


class Stage:
    """A session on stage: the venue to script, the clock to turn, what crashed."""

    def __init__(self, folder: Path, gate: Gate | None = None) -> None:
        self.now = NOW
        self.crashes: list[BaseException] = []
        self.venue = FakeVenue()
        self.journal = Journal(folder / "journal.sqlite", "practice", self.venue.account)
        self.session = Session(
            self.venue,
            self.journal,
            self.crashes.append,
            gate=gate,
            clock=lambda: self.now,
            patience_s=60,
        )
        self.bridge = AsyncBridge(self.crashes.append)

    def begin(self) -> None:
        """Start the session, connected, with two markets listed."""
        self.session.start()
        self.tell(
            events.LinkChanged(CLEARPORT, LinkState.READY),
            events.LinkChanged(FINEX, LinkState.READY),
            events.MarketsListed((PEPE, BTC)),
        )

    async def end(self) -> None:
        """Stop everything and fail on what crashed."""
        await self.bridge.stop()
        await self.session.stop()
        self.journal.close()
        assert not self.crashes, self.crashes

    def tell(self, *told: Event) -> None:
        """Let the venue tell these facts."""
        for event in told:
            self.venue.tell(event)

    def pass_time(self, seconds: float) -> None:
        """Turn the clock."""
        self.now += timedelta(seconds=seconds)

    def open_account(self, deposit: str = "30", balance: str | None = None) -> None:
        """Let the venue announce an account that is ready to trade."""
        self.tell(events.ChannelUpdated(channel(deposit=deposit, balance=balance or deposit)))

    def hold(self, *positions: Position) -> None:
        """Let the venue tell positions."""
        self.tell(*(events.PositionUpdated(each) for each in positions))

    def show_book(
        self, market: str = "PEPE/USD", bid: str = "0.00001149", size: str = "1e6"
    ) -> None:
        """Let the venue tell a book with one level a side, asks one per cent above bids."""
        price, amount = Decimal(bid), Decimal(size)
        ask = price * Decimal("1.01")
        self.tell(
            events.BookReplaced(market, (Level(ask, amount),), (Level(price, amount),)),
        )


def channel(
    state: ChannelState = ChannelState.OPEN,
    clearing: ClearingState | None = ClearingState.OPERATIONAL,
    *,
    channel_id: str = CHANNEL_ID,
    broker: Broker = KAYEN,
    deposit: str | None = "30",
    balance: str | None = "30",
    turn_num: int | None = None,
) -> Channel:
    """Return an account as the venue tells it."""
    return Channel(
        channel_id,
        state,
        clearing,
        broker,
        margin_deposit=None if deposit is None else Decimal(deposit),
        initiator_balance=None if balance is None else Decimal(balance),
        turn_num=turn_num,
    )


def position(
    amount: str = "100000",
    *,
    side: Side = Side.BUY,
    market: str = "PEPE/USD",
    position_id: str = POSITION_ID,
    entry: str = "0.00001152",
    mark: str = "0.00001149",
    status: PositionStatus = PositionStatus.OPEN,
) -> Position:
    """Return a position as the venue tells it."""
    size, cost = Decimal(amount), Decimal(amount) * Decimal(entry)
    value = size * Decimal(mark)
    return Position(
        position_id,
        CHANNEL_ID,
        market,
        side,
        size,
        cost,
        value,
        Decimal(entry),
        (value - cost) * side.sign,
        status,
    )


def order(
    order_id: str = "order-1",
    state: OrderState = OrderState.DONE,
    *,
    side: Side = Side.SELL,
    amount: str = "100000",
    executed: str | None = None,
    reason: str = "",
    order_type: OrderType = OrderType.MARKET,
    price: str | None = None,
) -> Order:
    """Return an order as the venue tells it."""
    whole = Decimal(amount)
    done = Decimal(executed) if executed is not None else (
        whole if state is OrderState.DONE else Decimal(0)
    )  # fmt: skip
    return Order(
        order_id,
        "PEPE/USD",
        side,
        order_type,
        state,
        whole,
        whole - done,
        done,
        None if price is None else Decimal(price),
        None,
        None,
        1 if done else 0,
        NOW,
        reason,
    )


def fill(fill_id: str, side: Side, amount: str, price: str, fee: str, *, unit: str = "usd") -> Fill:
    """Return a fill as the venue tells it."""
    size, at = Decimal(amount), Decimal(price)
    return Fill(
        fill_id, "PEPE/USD", f"order-{fill_id}", side, at, size, size * at, Decimal(fee), unit, NOW
    )


def not_received(intent: Intent) -> Intent:
    """Return the intent as it is once the venue turned out never to have got it."""
    return replace(intent, outcome=IntentOutcome.NOT_RECEIVED)


async def settle(condition: Callable[[], bool]) -> None:
    """Let the loop run until the condition holds; fails where a thousand turns are not enough."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never came to hold")
