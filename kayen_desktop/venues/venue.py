"""The one interface behind every screen: what a venue can do and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol, TypeAlias

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.events import Event
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Order, OrderRequest
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.domain.signatures import SigningPurpose

Listener: TypeAlias = Callable[[Event], None]


class Capability(Enum):
    """What a venue's document lets a client do; screens show only what is there."""

    MARKET_DATA = "market_data"
    ORDERS = "orders"
    CHANNELS = "channels"
    POSITIONS = "positions"
    SETTLEMENT = "settlement"


class Signer(Protocol):
    """Something that can sign for one address; no protocol or venue ever sees its key."""

    @property
    def address(self) -> str:
        """The checksummed address that the signatures prove."""

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        """Return the EIP-191 signature of the text, 0x and 130 hex digits.

        Raises:
            KeyStoreError: the key can't be had, or the payload is not what the purpose allows.
        """


class Venue(Protocol):
    """One venue, signed in as one account.

    Every request raises ``TransportError`` where it was certainly not sent,
    ``VenueRejectionError`` where the venue said no, and ``OutcomeUnknownError`` where it was (or
    may have been) sent and no answer that can be read has come.
    """

    @property
    def name(self) -> str:
        """What the venue is called on screens."""

    @property
    def account(self) -> str:
        """The address signed in as."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the venue can do."""

    @property
    def brokers(self) -> tuple[Broker, ...]:
        """The brokers margin accounts may be opened with, addresses pinned."""

    @property
    def taker_fee(self) -> Decimal | None:
        """The fee on taking liquidity, as a fraction, where it is known."""

    @property
    def chain_id(self) -> int:
        """The blockchain that accounts are settled on, by its number."""

    @property
    def clearing_link(self) -> str:
        """The name of the link that tells of the account."""

    @property
    def trading_link(self) -> str:
        """The name of the link that tells prices and takes orders."""

    def listen(self, listener: Listener) -> None:
        """Deliver every event to the listener from now on, in order."""

    async def run(self) -> None:
        """Stay connected until cancelled; then close politely."""

    def reconnect(self) -> None:
        """Try every connection again at once that waits, or that was refused."""

    async def place_order(self, request: OrderRequest) -> str:
        """Send the order once and return the venue's id of it."""

    async def cancel_orders(self, orders: Sequence[Order]) -> None:
        """Ask to cancel the orders; their final states arrive as events."""

    async def cancel_all_orders(self) -> None:
        """Ask to cancel every live order."""

    async def list_orders(self) -> tuple[Order, ...]:
        """Return every order the venue knows of; each is told as an event, too."""

    async def list_fills(self, known: Collection[str] = ()) -> None:
        """Tell every fill of the account in use whose id is not among the known ones."""

    async def open_channel(self, broker: Broker, deposit: Decimal) -> str:
        """Ask for a margin account with the broker and return its id; progress comes as events."""

    async def close_channel(self, channel_id: str) -> None:
        """Ask to close the account and return when the venue says it is closed."""

    async def list_positions(self, channel_id: str) -> None:
        """Ask for the account's positions; they are told as an event."""

    async def record_trade(self, channel_id: str, fill: Fill) -> None:
        """Report a fill to the clearing house and return when it has acknowledged it."""

    async def request_settlement(
        self, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
    ) -> None:
        """Ask to settle the markets; how it goes comes as events."""

    async def describe_clearing_house(self) -> None:
        """Ask the clearing house for its version, its address and how busy it is.

        What it answers is told as one event. No document says how to ask for these, so a question
        that is refused or not answered is no error, and costs no connection.
        """

    def watch_market(self, market: str) -> None:
        """Ask for the market's book and trades, now and after every reconnect."""

    def unwatch_market(self, market: str) -> None:
        """Stop the market's book and trades."""

    def watch_candles(self, market: str, period: Period) -> None:
        """Ask for the market's forming candle, now and after every reconnect."""

    def unwatch_candles(self, market: str, period: Period) -> None:
        """Stop the market's candles."""

    async def load_candles(
        self, market: str, period: Period, start: datetime, end: datetime
    ) -> None:
        """Ask for past candles; they are told as an event."""

    def resync_book(self, market: str) -> None:
        """Ask for the book anew because what we have can't be right."""
