"""A venue for tests: it remembers what it was asked and answers what the test says."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.events import ClearingHouseDescribed, Event, LinkChanged, LinkState
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Order, OrderRequest
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.venues.venue import Capability, Listener
from tests.unit.domain.samples import BROKER

CLEARING = "Clearport"
TRADING = "Finex"

T = TypeVar("T")


class FakeVenue:
    """A venue without a wire.

    ``calls`` holds each request by name with its arguments. ``replies[name]`` holds the answers
    to come, oldest first: an exception is raised, a future is awaited, all else is returned; with
    none left a request succeeds. ``on_request`` is called before any answer, when the real venue
    would be writing to its socket. ``description`` is what the clearing house says of itself.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.replies: defaultdict[str, deque[object]] = defaultdict(deque)
        self.on_request: Callable[[str], None] = lambda name: None
        self.orders: tuple[Order, ...] = ()
        self.reported: list[tuple[str, str]] = []
        self.description = ClearingHouseDescribed()
        self.is_running = False
        self._listeners: list[Listener] = []
        self._order_count = 0

    @property
    def name(self) -> str:
        return "Practice"

    @property
    def account(self) -> str:
        return "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability)

    @property
    def brokers(self) -> tuple[Broker, ...]:
        return (BROKER,)

    @property
    def taker_fee(self) -> Decimal | None:
        return Decimal("0.002")

    @property
    def chain_id(self) -> int:
        return 1337

    @property
    def clearing_link(self) -> str:
        return CLEARING

    @property
    def trading_link(self) -> str:
        return TRADING

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def tell(self, *events: Event) -> None:
        """Deliver the events to whoever listens."""
        for event in events:
            for listener in self._listeners:
                listener(event)

    def sign_in(self, *links: str) -> None:
        """Let links, or both, lose their connection and come back signed in."""
        for link in links or (CLEARING, TRADING):
            self.tell(LinkChanged(link, LinkState.CONNECTING), LinkChanged(link, LinkState.READY))

    def asked(self, name: str) -> list[tuple[str, ...]]:
        """Return the arguments of every request of that name, oldest first."""
        return [call[1:] for call in self.calls if call[0] == name]

    def reconnect(self) -> None:
        self.calls.append(("reconnect",))

    async def run(self) -> None:
        self.is_running = True
        try:
            await asyncio.Event().wait()
        finally:
            self.is_running = False

    async def _answer(self, default: T, name: str, *arguments: str) -> T:
        self.calls.append((name, *arguments))
        self.on_request(name)
        queue = self.replies[name]
        reply = queue.popleft() if queue else default
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, asyncio.Future):
            reply = await reply
        assert isinstance(reply, type(default))
        return reply

    async def place_order(self, request: OrderRequest) -> str:
        self._order_count += 1
        side, amount = request.side.value, str(request.amount)
        return await self._answer(
            f"o{self._order_count}", "place_order", request.market, side, amount
        )

    async def cancel_orders(self, orders: Sequence[Order]) -> None:
        ids = [order.venue_order_id for order in orders]
        await self._answer(None, "cancel_orders", *ids)

    async def cancel_all_orders(self) -> None:
        await self._answer(None, "cancel_all_orders")

    async def list_orders(self) -> tuple[Order, ...]:
        return await self._answer(self.orders, "list_orders")

    async def list_fills(self, known: Collection[str] = ()) -> None:
        await self._answer(None, "list_fills", *known)

    async def open_channel(self, broker: Broker, deposit: Decimal) -> str:
        return await self._answer("0xnew", "open_channel", broker.address, str(deposit))

    async def close_channel(self, channel_id: str) -> None:
        await self._answer(None, "close_channel", channel_id)

    async def list_positions(self, channel_id: str) -> None:
        await self._answer(None, "list_positions", channel_id)

    async def record_trade(self, channel_id: str, fill: Fill) -> None:
        self.reported.append((channel_id, fill.fill_id))
        await self._answer(None, "record_trade", channel_id, fill.fill_id)

    async def request_settlement(
        self, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
    ) -> None:
        await self._answer(
            None, "request_settlement", channel_id, method.value, str(chain_id), *markets
        )

    async def describe_clearing_house(self) -> None:
        await self._answer(None, "describe_clearing_house")
        self.tell(self.description)

    def watch_market(self, market: str) -> None:
        self.calls.append(("watch_market", market))

    def unwatch_market(self, market: str) -> None:
        self.calls.append(("unwatch_market", market))

    def watch_candles(self, market: str, period: Period) -> None:
        self.calls.append(("watch_candles", market, period.value))

    def unwatch_candles(self, market: str, period: Period) -> None:
        self.calls.append(("unwatch_candles", market, period.value))

    async def load_candles(
        self, market: str, period: Period, start: datetime, end: datetime
    ) -> None:
        await self._answer(None, "load_candles", market, period.value)

    def resync_book(self, market: str) -> None:
        self.calls.append(("resync_book", market))
