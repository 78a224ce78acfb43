"""The practice exchange: fifteen books, the accounts that trade on them, and their candles.

It has no socket and no task; the Finex wire listens to it, the beat of the server drives it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from random import Random
from typing import Protocol
from uuid import UUID

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.orders import OrderState, OrderType, Side

from .accounts import AccountTrade, TradingAccount
from .candles import CandleStore
from .channels import ClientFill, MarginChannel
from .clearing import ClearingHouse
from .market_maker import MarketMaker, temperament_of
from .matching import MatchingEngine
from .orders import EngineEvent, Rejected, RestingOrder, Traded, TradePrint
from .positions import MONEY_PLACES
from .settings import MarketSpec, PracticeSettings

FIRST_ORDER_ID = 500_001
FIRST_TRADE_ID = 172_783


@dataclass(frozen=True, slots=True)
class OrderWish:
    """An order as a client asks for it; numbers in base and quote, None where not given."""

    symbol: str
    side: Side
    order_type: OrderType
    amount: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None


class ExchangeListener(Protocol):
    """What a wire wants to know, at once and in the order in which it happened."""

    def order_changed(self, channel_id: str, event: EngineEvent) -> None:
        """Tell an order's owner; never a `Traded`."""
        ...

    def fill_made(self, channel_id: str, trade: AccountTrade) -> None:
        """Tell an order's owner of an execution."""
        ...

    def trade_printed(self, trade: TradePrint) -> None:
        """Tell everybody of a trade."""
        ...

    def balance_changed(self, channel_id: str) -> None:
        """Tell an account's owner that margin or locks moved."""
        ...


class MarketRoom:
    """One market of the exchange: its engine, its candles and its crowd."""

    def __init__(self, engine: MatchingEngine, maker: MarketMaker) -> None:
        self.engine = engine
        self.maker = maker
        self.candles = CandleStore(engine.market)
        self.mark_told_at_s = 0.0


class Exchange:
    """All markets and accounts; ``clock`` returns unix seconds."""

    def __init__(
        self, settings: PracticeSettings, clearing: ClearingHouse, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._clearing = clearing
        self._clock = clock
        self._order_ids = count(FIRST_ORDER_ID)
        self._house_ids = count(1)
        self._trade_ids = count(FIRST_TRADE_ID)
        self._uuids = Random(f"{settings.seed}/orders")
        self._crowd = Random(f"{settings.seed}/crowd")
        self._markets = {market.symbol: market for market in settings.markets}
        self._accounts: dict[str, TradingAccount] = {}
        self._listeners: list[ExchangeListener] = []
        self.rooms = {market.symbol: self._make_room(market) for market in settings.markets}
        self._rooms = tuple(self.rooms.values())
        self._room_by_name = {room.engine.market.name: room for room in self._rooms}

    def _make_room(self, market: MarketSpec) -> MarketRoom:
        engine = MatchingEngine(market, lambda: next(self._trade_ids), self._shortfall)
        return MarketRoom(engine, MarketMaker(engine, self, self._settings.seed))

    def listen(self, listener: ExchangeListener) -> None:
        """Tell a listener of everything from now on."""
        self._listeners.append(listener)

    @property
    def now_s(self) -> int:
        """The time of the exchange, in whole unix seconds."""
        return int(self._clock())

    def make_history(self, symbol: str) -> Iterator[None]:
        """Make up one market's last day, yielding after each slice of the work."""
        room = self.rooms[symbol]
        market = room.engine.market
        return room.candles.make_history(
            f"{self._settings.seed}/{symbol}/history",
            market.reference_price,
            temperament_of(market).volatility,
            self.now_s,
        )

    def build_book(self, symbol: str) -> None:
        """Fill one market's book; a millisecond or two."""
        self.rooms[symbol].maker.build()

    def step(self) -> None:
        """Let one thing happen in one market."""
        self._crowd.choice(self._rooms).maker.step()

    def mark_price(self, market: str) -> Decimal:
        """Return the mark of a market by its name."""
        return self._room_by_name[market].engine.mark_price

    def market(self, name: str) -> MarketSpec | None:
        """Return a market by its name."""
        room = self._room_by_name.get(name)
        return None if room is None else room.engine.market

    def account(self, channel: MarginChannel) -> TradingAccount:
        """Return a channel's account, opened on first sight."""
        account = self._accounts.get(channel.channel_id)
        if account is None:
            account = TradingAccount(channel, self._markets, self._settings.leverage)
            self._accounts[channel.channel_id] = account
        return account

    # -- orders of clients

    def new_order(self, channel: MarginChannel, wish: OrderWish) -> RestingOrder:
        """Give an order its id and uuid; `place` then brings it to the book."""
        account = self.account(channel)
        reducible = account.reducible(wish.symbol, wish.side) if self.knows(wish.symbol) else ZERO
        return RestingOrder(
            order_id=next(self._order_ids),
            uuid=str(UUID(int=self._uuids.getrandbits(128), version=4)),
            market=wish.symbol,
            account=channel.channel_id,
            side=wish.side,
            order_type=wish.order_type,
            price=wish.price,
            trigger_price=wish.trigger_price,
            original=wish.amount,
            remaining=wish.amount,
            created_at_s=self.now_s,
            may_be_small=wish.amount == reducible,
        )

    def knows(self, symbol: str) -> bool:
        """Return whether there is such a market."""
        return symbol in self.rooms

    def cut_amount(self, symbol: str, amount: Decimal) -> Decimal:
        """Return an amount cut to what a market can trade; unknown markets take any."""
        market = self._markets.get(symbol)
        return truncate(amount, market.amount_precision) if market is not None else amount

    def place(self, channel: MarginChannel, order: RestingOrder) -> None:
        """Bring a new order to its book and tell what comes of it."""
        account = self.account(channel)
        account.orders[order.uuid] = order
        refusal = self._refusal(account, order)
        if refusal is not None:
            order.state, order.reason = OrderState.REJECT, refusal
            self._tell_order(Rejected(replace(order)))
            return
        engine = self.rooms[order.market].engine
        self._publish(engine, engine.place(order, self.now_s))

    def _refusal(self, account: TradingAccount, order: RestingOrder) -> str | None:
        if not self.knows(order.market):
            return f"could not create order: market {order.market[:32]} not found"
        if account.channel.obstacle:
            return f"could not create order: {account.channel.obstacle}"
        return order.reason or account.close_only(order)

    def _shortfall(self, order: RestingOrder, value: Decimal) -> str | None:
        account = self._accounts.get(order.account)
        if account is None:
            return None
        # Asked for triggers that fire, too: the zone may be another than when they were placed.
        return account.close_only(order) or account.shortfall(order, value)

    def is_live(self, channel: MarginChannel, symbol: str, uuid: str) -> bool:
        """Return whether a channel has this live order in this market."""
        order = self.account(channel).orders.get(uuid)
        return order is not None and order.market == symbol and order.state.is_live

    def cancel(self, channel: MarginChannel, uuid: str) -> bool:
        """Cancel a live order; return whether there was one."""
        order = self.account(channel).orders.get(uuid)
        room = self.rooms.get(order.market) if order is not None else None
        if order is None or room is None or room.engine.order(order.order_id) is None:
            return False
        self._publish(room.engine, room.engine.cancel(order.order_id))
        return True

    def cancel_orders(self, channel: MarginChannel, markets: Container[str] | None = None) -> None:
        """Cancel every live order of a channel, or those in some markets, by their names."""
        for order in tuple(self.account(channel).orders.values()):
            if not order.state.is_live:
                continue
            if markets is None or self._markets[order.market].name in markets:
                self.cancel(channel, order.uuid)

    def cancel_adding(self, channel: MarginChannel) -> bool:
        """Cancel the resting orders that would add exposure; return whether there were any."""
        adding = self.account(channel).adding()
        for order in adding:
            self.cancel(channel, order.uuid)
        return bool(adding)

    def record_waiting(self, channel: MarginChannel) -> None:
        """Record the fills that still wait for the client to do so: the broker knows them."""
        for fill in tuple(channel.unrecorded.values()):
            self._clearing.record(fill, self.mark_price(fill.market), is_asked=False)

    def close_positions(self, channel: MarginChannel) -> None:
        """Cancel a channel's orders and close its positions at market, as its broker does."""
        self.cancel_orders(channel)
        self.record_waiting(channel)
        for name, position in tuple(channel.positions.items()):
            engine = self._room_by_name[name].engine
            if not engine.side(position.side):
                continue  # nobody to close with; the next try may find somebody
            wish = OrderWish(
                engine.market.symbol, position.side.opposite, OrderType.MARKET, position.amount
            )
            self.place(channel, self.new_order(channel, wish))
        self.record_waiting(channel)

    # -- orders of the house

    def place_house_order(
        self,
        engine: MatchingEngine,
        account: str,
        side: Side,
        order_type: OrderType,
        amount: Decimal,
        price: Decimal | None,
    ) -> int:
        """Place an order of the venue's own and return its id."""
        now_s = self.now_s
        order = RestingOrder(
            order_id=-next(self._house_ids),
            uuid="",
            market=engine.market.symbol,
            account=account,
            side=side,
            order_type=order_type,
            price=price,
            trigger_price=None,
            original=amount,
            remaining=amount,
            created_at_s=now_s,
            is_house=True,
        )
        self._publish(engine, engine.place(order, now_s))
        return order.order_id

    def cancel_house_order(self, engine: MatchingEngine, order_id: int) -> None:
        """Cancel one."""
        self._publish(engine, engine.cancel(order_id))

    def set_fair_price(self, market: str, price: Decimal) -> None:
        """Move a market, by its name, to a price at once."""
        self._room_by_name[market].maker.set_fair_price(price)

    # -- what comes of orders

    def _publish(self, engine: MatchingEngine, events: Sequence[EngineEvent]) -> None:
        for event in events:
            if isinstance(event, Traded):
                self._settle(engine, event.trade)
            else:
                self._tell_order(event)

    def _tell_order(self, event: EngineEvent) -> None:
        if isinstance(event, Traded):
            return
        order = event.order
        account = self._accounts[order.account]
        account.note(order)
        for listener in self._listeners:
            listener.order_changed(order.account, event)
            listener.balance_changed(order.account)

    def _settle(self, engine: MatchingEngine, trade: TradePrint) -> None:
        room = self.rooms[trade.market]
        room.candles.record(trade.price, trade.amount, trade.at_s)
        for listener in self._listeners:
            listener.trade_printed(trade)
        for order, rate in (
            (trade.taker, self._settings.taker_fee),
            (trade.maker, self._settings.maker_fee),
        ):
            if not order.is_house:
                self._fill(engine, trade, order, rate)

    def _fill(
        self, engine: MatchingEngine, trade: TradePrint, order: RestingOrder, rate: Decimal
    ) -> None:
        account = self._accounts[order.account]
        fee = truncate(trade.total * rate, MONEY_PLACES)
        own = AccountTrade(
            trade_id=trade.trade_id,
            market=trade.market,
            price=trade.price,
            amount=trade.amount,
            total=trade.total,
            order=order,
            taker_side=trade.taker.side,
            fee=fee,
            fee_currency=engine.market.quote,
            at_s=trade.at_s,
        )
        account.trades.append(own)
        for listener in self._listeners:
            listener.fill_made(order.account, own)
        fill = ClientFill(
            external_id=str(trade.trade_id),
            channel_id=order.account,
            market=engine.market.name,
            side=order.side,
            amount=trade.amount,
            price=trade.price,
            fee=fee,
            at_s=trade.at_s,
        )
        if self._settings.records_trades:
            self._clearing.record(fill, engine.mark_price, is_asked=False)
        else:
            self._clearing.expect(fill)
        for listener in self._listeners:
            listener.balance_changed(order.account)

    # -- time

    def revalue(self) -> None:
        """Bring held positions to today's marks, at most every ``mark_interval_s`` a market."""
        now = self._clock()
        for name in sorted(self._clearing.held_markets()):
            room = self._room_by_name[name]
            if now - room.mark_told_at_s >= self._settings.mark_interval_s:
                room.mark_told_at_s = now
                self._clearing.set_mark(name, room.engine.mark_price)
