"""A practice venue without sockets and tasks: the clearing house, the exchange and the desks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.orders import OrderType, Side
from kayen_desktop.practice.channels import (
    ClearingNotice,
    ClientFill,
    ErrorNotice,
    MarginChannel,
    Phase,
    SettlementNotice,
)
from kayen_desktop.practice.clearing import ClearingHouse
from kayen_desktop.practice.elsewhere import ElsewhereDesk
from kayen_desktop.practice.exchange import Exchange, OrderWish
from kayen_desktop.practice.lifecycle import ChannelLifecycle
from kayen_desktop.practice.liquidation import LiquidationDesk
from kayen_desktop.practice.orders import RestingOrder
from kayen_desktop.practice.settings import PracticeSettings, load_markets
from kayen_desktop.practice.settling import Responder, Script

from .orders import NOW_S

OWNER = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
KAYEN = "0x269F993271D845efBc7298d9EbC2be557Cc5284e"
PEPE, BTC = "PEPE/USD", "BTC/USD"
SYMBOLS = {PEPE: "pepeusd", BTC: "btcusd"}
SETTINGS = PracticeSettings(
    state_delay_s=0,
    markets=tuple(m for m in load_markets() if m.name in SYMBOLS),
)


class Floor:
    """One operational channel; ``said`` is everything the clearing house told."""

    def __init__(
        self,
        deposit: str = "10",
        wallets: Mapping[str, Decimal] | None = None,
        *,
        records_trades: bool = True,
    ) -> None:
        settings = replace(SETTINGS, wallets=wallets or {}, records_trades=records_trades)
        self.now_s = float(NOW_S)
        self.clearing = ClearingHouse(settings)
        self.exchange = Exchange(settings, self.clearing, lambda: self.now_s)
        self.responder = Responder(self.clearing, self.exchange, 0)
        self.lifecycle = ChannelLifecycle(self.clearing, self.exchange, self.responder, 0)
        self.liquidation = LiquidationDesk(self.clearing, self.exchange)
        self.elsewhere = ElsewhereDesk(self.clearing, self.exchange)
        self.said: list[ClearingNotice] = []
        for symbol in self.exchange.rooms:
            self.exchange.build_book(symbol)
        self.start = self.clearing.wallet_balance(OWNER)
        self.channel: MarginChannel = self.clearing.open_channel(OWNER, KAYEN, "", Decimal(deposit))
        asyncio.run(self.lifecycle.open(self.channel))
        self.clearing.listen(self.said.append)

    def order(
        self, side: Side, amount: Decimal, market: str = PEPE, price: Decimal | None = None
    ) -> RestingOrder:
        """Place an order, at market where it has no price."""
        symbol = SYMBOLS[market]
        order_type = OrderType.MARKET if price is None else OrderType.LIMIT
        amount = self.exchange.cut_amount(symbol, amount)
        wish = OrderWish(symbol, side, order_type, amount, price)
        order = self.exchange.new_order(self.channel, wish)
        self.exchange.place(self.channel, order)
        return order

    def trade(self, side: Side, value: str, market: str = PEPE) -> RestingOrder:
        """Trade so much quote's worth at market."""
        return self.order(side, Decimal(value) / self.exchange.mark_price(market), market)

    def move(self, share: str, market: str = PEPE) -> None:
        """Move a market by a share of its price, and let the marks follow."""
        self.exchange.set_fair_price(
            market, self.exchange.mark_price(market) * (1 + Decimal(share))
        )
        self.now_s += 1
        self.exchange.revalue()

    def settle(self, *markets: str, script: Script = Script.DECIDE) -> list[str]:
        """Settle markets to the end; return the states that were told."""
        before = len(self.states)
        self.responder.begin(self.channel, markets)
        asyncio.run(self.responder.respond(self.channel, script))
        return self.states[before:]

    def elsewhere_trade(self, external_id: str, side: Side, amount: str, price: str) -> ClientFill:
        """Record a trade made elsewhere."""
        trade = ClientFill(
            external_id,
            self.channel.channel_id,
            PEPE,
            side,
            Decimal(amount),
            Decimal(price),
            ZERO,
            int(self.now_s),
            is_elsewhere=True,
        )
        self.elsewhere.check(self.channel, trade)
        self.clearing.record(trade, self.exchange.mark_price(PEPE), is_asked=True)
        return trade

    @property
    def states(self) -> list[str]:
        """The settlement states so far."""
        return [notice.state for notice in self.said if isinstance(notice, SettlementNotice)]

    @property
    def errors(self) -> list[str]:
        """The error notifications so far."""
        return [notice.message for notice in self.said if isinstance(notice, ErrorNotice)]

    def phase(self) -> Phase:
        """Return where the channel stands now."""
        return self.channel.phase

    @property
    def wallet(self) -> Decimal:
        """What the wallet has outside the channel."""
        return self.clearing.wallet_balance(OWNER)

    def check_money(self) -> None:
        """Check that no money came from nowhere, and none went there."""
        channel = self.channel
        both = channel.initiator_balance + channel.responder_balance
        assert both == 2 * channel.deposit
        assert channel.initiator_balance >= 0
        assert channel.responder_balance >= 0
        assert self.wallet >= 0
        inside = ZERO if channel.phase is Phase.FINALIZED else both
        assert self.wallet + self.clearing.purse_balance(channel.broker) + inside == self.start
