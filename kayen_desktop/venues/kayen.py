"""Kayen: Clearport clears the margin account, Finex is the exchange; two links, one venue.

Sign-in goes through both: a signed challenge gives the session at Clearport, an open account
there gives a channel token, and that token signs in at Finex. Prices need no sign-in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import cast

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    RemoteProtocolError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    BookLost,
    ClearingHouseDescribed,
    Event,
    LinkState,
    MarketsListed,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Order, OrderRequest
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.finex.protocol import FinexProtocol
from kayen_desktop.protocol.jwt import Token
from kayen_desktop.protocol.outputs import (
    Dropped,
    Output,
    Ready,
    Refusal,
    Reply,
    SignatureNeeded,
    SignInRefused,
)

from .kayen_sign_in import ExchangeSignIn
from .link import REQUEST_TIMEOUT_S, Link
from .registry import Network
from .venue import Capability, Listener, Signer

log = logging.getLogger(__name__)
CLEARPORT = "Clearport"
FINEX = "Finex"
# The period of Finex's heartbeat is not known; 60 to 90 s of silence mean it is gone (§2.3).
FINEX_SILENCE_S = 60.0
# Finex tells its markets by itself, or else wants to be asked (§2.3).
MARKETS_WITHIN_S = 3.0
FILLS_PAGE = 500
FILLS_PAGES = 200


class KayenVenue:
    """Clearport and Finex behind the one venue interface."""

    capabilities = frozenset(
        {
            Capability.MARKET_DATA,
            Capability.ORDERS,
            Capability.CHANNELS,
            Capability.POSITIONS,
            Capability.SETTLEMENT,
        }
    )
    clearing_link = CLEARPORT
    trading_link = FINEX

    def __init__(
        self,
        network: Network,
        signer: Signer,
        clock: Callable[[], datetime],
        *,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> None:
        """Take a network whose two URLs are known; nothing is connected before ``run``."""
        self._network = network
        self._signer = signer
        self._listener: Listener = _unheard
        self._clearport = ClearportProtocol(signer.address)
        self._finex = FinexProtocol()
        self.clearing = Link(
            CLEARPORT,
            network.clearport_url or "",
            self._clearport,
            self,
            clock,
            request_timeout_s=request_timeout_s,
        )
        self.trading = Link(
            FINEX,
            network.finex_url or "",
            self._finex,
            self,
            clock,
            silence_limit_s=FINEX_SILENCE_S,
            ping=self._finex.ping,
            request_timeout_s=request_timeout_s,
        )
        self._sign_in = ExchangeSignIn(
            self.clearing,
            self.trading,
            self._clearport,
            self._finex,
            clock,
            request_timeout_s=request_timeout_s,
        )
        self._markets_due = asyncio.Event()
        self._are_markets_told = False

    @property
    def name(self) -> str:
        """What the venue is called on screens."""
        return self._network.name

    @property
    def account(self) -> str:
        """The address signed in as."""
        return self._signer.address

    @property
    def brokers(self) -> tuple[Broker, ...]:
        """The brokers of the network, addresses pinned."""
        return self._network.brokers

    @property
    def taker_fee(self) -> Decimal | None:
        """The fee on taking liquidity, as a fraction, where the network states it."""
        return self._network.taker_fee

    @property
    def chain_id(self) -> int:
        """The blockchain that the network settles on, by its number."""
        return self._network.chain_id

    @property
    def channel_token(self) -> Token | None:
        """The token that Finex was last signed in to with."""
        return self._sign_in.token

    def listen(self, listener: Listener) -> None:
        """Deliver every event to the listener from now on, in order."""
        self._listener = listener

    async def run(self) -> None:
        """Keep both links up until cancelled; then close them politely."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.clearing.run())
            group.create_task(self.trading.run())
            group.create_task(self._sign_in.run())
            group.create_task(self._ask_for_markets())

    def reconnect(self) -> None:
        """Try both links again at once, each where it waits or was refused."""
        self.clearing.retry()
        self.trading.retry()

    # Requests

    async def place_order(self, request: OrderRequest) -> str:
        """Send the order once and return the venue's id of it."""
        return cast(str, await self.trading.request(lambda: self._finex.place(request)))

    async def cancel_orders(self, orders: Sequence[Order]) -> None:
        """Ask to cancel the orders; their final states arrive as events."""
        await self.trading.request(lambda: self._finex.cancel(orders))

    async def cancel_all_orders(self) -> None:
        """Ask to cancel every live order."""
        await self.trading.request(self._finex.cancel_all)

    async def list_orders(self) -> tuple[Order, ...]:
        """Return every order Finex knows of; each is told as an event, too."""
        orders = await self.trading.request(self._finex.request_orders, is_listing=True)
        return cast(tuple[Order, ...], orders)

    async def list_fills(self, known: Collection[str] = ()) -> None:
        """Tell every fill of the account in use whose id is not among the known ones.

        The account's list names no fees (protocols.md §2.5), so it only says which orders to
        ask for theirs.
        """
        orders: dict[str, None] = {}
        seen: set[str] = set()
        for page in range(1, FILLS_PAGES + 1):
            found = cast(
                tuple[Fill, ...],
                await self.trading.request(
                    partial(self._finex.request_channel_trades, page, FILLS_PAGE), is_listing=True
                ),
            )
            orders.update(
                {each.venue_order_id: None for each in found if each.fill_id not in known}
            )
            before = len(seen)
            seen.update(each.fill_id for each in found)
            # A venue that knows no pages sends the same fills again and again.
            if len(found) < FILLS_PAGE or len(seen) == before:
                break
        else:
            raise RemoteProtocolError(f"Finex lists more than {len(seen)} fills of one account.")
        for order_id in orders:
            await self.trading.request(
                partial(self._finex.request_order_trades, order_id), is_listing=True
            )

    async def open_channel(self, broker: Broker, deposit: Decimal) -> str:
        """Ask for a margin account with the broker and return its id; progress comes as events."""
        return cast(
            str,
            await self.clearing.request(lambda: self._clearport.open_channel(broker, deposit)),
        )

    async def close_channel(self, channel_id: str) -> None:
        """Ask to close the account and return when Clearport says it is closed."""
        await self.clearing.request(
            lambda: self._clearport.close_channel(channel_id), is_patient=True
        )

    async def list_positions(self, channel_id: str) -> None:
        """Ask for the account's positions; they are told as an event."""
        await self.clearing.request(
            lambda: self._clearport.request_positions(channel_id), is_listing=True
        )

    async def record_trade(self, channel_id: str, fill: Fill) -> None:
        """Report a fill to Clearport and return when it has acknowledged it."""
        await self.clearing.request(lambda: self._clearport.record_trade(channel_id, fill))

    async def request_settlement(
        self, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
    ) -> None:
        """Ask once to settle the markets, by name; how it goes comes as events."""
        await self.clearing.request(
            lambda: self._clearport.request_settlement(channel_id, method, chain_id, markets)
        )

    async def describe_clearing_house(self) -> None:
        """Tell the version, the address and the count of channels that Clearport names itself.

        The three are asked at once; what is refused, unreadable or not answered is told as None.
        """
        version, address, count = await asyncio.gather(
            self._inquire(self._clearport.request_version),
            self._inquire(self._clearport.request_identity_address),
            self._inquire(self._clearport.request_active_channels_count),
        )
        self._listener(
            ClearingHouseDescribed(
                cast(str | None, version), cast(str | None, address), cast(int | None, count)
            )
        )

    async def _inquire(self, ask: Callable[[], int]) -> object:
        """Return the answer to a question that Clearport need not know; None where none came."""
        try:
            return await self.clearing.request(ask, forget=self._clearport.forget)
        except (VenueRejectionError, OutcomeUnknownError) as error:
            log.info("%s was asked what it need not tell: %s", CLEARPORT, error)
            return None

    def watch_market(self, market: str) -> None:
        """Ask for the market's book and trades, now and after every reconnect."""
        self.trading.command(lambda: self._finex.watch_market(market))

    def unwatch_market(self, market: str) -> None:
        """Stop the market's book and trades; the book is not kept to grow old."""
        self.trading.command(lambda: self._finex.unwatch_market(market))
        self._listener(BookLost(market))

    def watch_candles(self, market: str, period: Period) -> None:
        """Ask for the market's forming candle, now and after every reconnect."""
        self.trading.command(lambda: self._finex.watch_candles(market, period))

    def unwatch_candles(self, market: str, period: Period) -> None:
        """Stop the market's candles."""
        self.trading.command(lambda: self._finex.unwatch_candles(market, period))

    async def load_candles(
        self, market: str, period: Period, start: datetime, end: datetime
    ) -> None:
        """Ask for past candles; they are told as an event."""
        await self.trading.request(
            lambda: self._finex.request_klines(market, period, start, end), is_listing=True
        )

    def resync_book(self, market: str) -> None:
        """Ask for the book anew because what we have can't be right."""
        self.trading.command(lambda: self._finex.resync_book(market))

    # What the links tell

    async def on_connected(self, link: Link) -> None:
        """Go on after a socket opened: prices at once, the account when there is one."""
        if link is self.clearing:
            await link.declare(LinkState.SIGNING_IN)
            return
        self._sign_in.begin()
        self._finex.watch_tickers()
        self._finex.watch_account()
        self._finex.resubscribe()
        self._markets_due.set()
        await link.declare(LinkState.CONNECTED)

    async def on_output(self, link: Link, output: Output) -> None:
        """Take in one output of either protocol: act on it, and tell the listener of events."""
        match output:
            case SignatureNeeded(purpose, payload):
                signature = await self._signer.sign(purpose, payload)
                self._clearport.provide_signature(signature)
            case SignInRefused(error):
                if link is self.trading:
                    self._sign_in.refuse(error)
                elif output.is_token_stale:
                    link.interrupt(TransportError("The sign-in has expired; signing in again."))
                else:
                    link.interrupt(error)
            case Ready():
                self._sign_in.accept(link)
            case Reply() | Refusal() | Dropped():
                log.debug("%s: an output that belongs to the link", link.name)
            case _:
                if isinstance(output, MarketsListed):
                    self._are_markets_told = True
                self._sign_in.notice(output)
                self._listener(output)

    async def _ask_for_markets(self) -> None:
        """Ask for the markets on every connection on which Finex has not told them by itself."""
        while True:
            await self._markets_due.wait()
            self._markets_due.clear()
            self._are_markets_told = False
            await asyncio.sleep(MARKETS_WITHIN_S)
            if self._are_markets_told:
                continue
            try:
                await self.trading.request(self._finex.request_markets, is_listing=True)
            except KayenError as error:
                log.info("asking %s for its markets: %s", FINEX, error)


def _unheard(event: Event) -> None:
    log.debug("nobody listens for %s", type(event).__name__)
