"""Trades made elsewhere, that a trader has recorded on the channel (operator-api.md, recordTrade).

Decision: the numbers from the exchange's first trade on are the exchange's own, given or yet to
be given; a trade from elsewhere needs another id, or a fill to come would look recorded already.

Decision: a price may differ from the mark by a fifth, and a trade that adds exposure needs margin
for its cost and leaves both sides green. Otherwise one made-up price could empty either side.
"""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.amounts import decimal_places

from .channels import ClientFill, MarginChannel
from .clearing import ClearingHouse
from .exchange import FIRST_TRADE_ID, Exchange
from .refusals import RefusalError
from .settings import MarketSpec
from .zones import zones_of

MAX_ID = 64
# How far from the mark a price may be, as a share of the mark.
_MAX_DISTANCE = Decimal("0.2")


def _is_exchange_id(external_id: str) -> bool:
    return external_id.isascii() and external_id.isdigit() and int(external_id) >= FIRST_TRADE_ID


class ElsewhereDesk:
    """Checks trades that no book of this exchange has seen; they are booked without a fee."""

    def __init__(self, clearing: ClearingHouse, exchange: Exchange) -> None:
        self._clearing = clearing
        self._exchange = exchange

    def check(self, channel: MarginChannel, trade: ClientFill) -> None:
        """Check that a trade may be recorded.

        Raises:
            RefusalError: the trade can't be right, or the margin does not carry it.
        """
        if len(trade.external_id) > MAX_ID:
            raise RefusalError(f"external_id is longer than {MAX_ID} characters")
        if _is_exchange_id(trade.external_id):
            raise RefusalError("trade not found")
        self._clearing.check_operational(channel)
        market = self._exchange.market(trade.market)
        if market is None:
            raise RefusalError(f"market {trade.market[:32]} not found")
        _check_number("amount", trade.amount, market.amount_precision)
        _check_number("price", trade.price, market.price_precision)
        mark = self._exchange.mark_price(trade.market)
        if abs(trade.price - mark) > mark * _MAX_DISTANCE:
            raise RefusalError("price is too far from the market")
        if trade.at_s < 0:
            raise RefusalError("executed_at can't be negative")
        if trade.at_s > self._exchange.now_s:
            raise RefusalError("executed_at is in the future")
        self._check_margin(channel, trade, market, mark)

    def _check_margin(
        self, channel: MarginChannel, trade: ClientFill, market: MarketSpec, mark: Decimal
    ) -> None:
        account = self._exchange.account(channel)
        added = account.added(market.symbol, trade.side, trade.amount)
        if not added:
            return
        self._clearing.set_mark(trade.market, mark)
        zones = zones_of(channel)
        if not zones.is_green:
            raise RefusalError(f"{zones.words}, only trades that reduce a position are taken")
        shortfall = account.lacks(market, added * trade.price)
        if shortfall is not None:
            raise RefusalError(shortfall)
        # Whatever the trade is off the mark is won or lost at once, on all of its amount: a
        # position it reduces is valued at the mark already.
        gain = trade.amount * (mark - trade.price) * trade.side.sign
        after = zones_of(channel, more=gain)
        if not after.is_green:
            words = after.words.replace(" is ", " would be ")
            raise RefusalError(f"{words} after this trade")


def _check_number(name: str, value: Decimal, precision: int) -> None:
    if value <= 0:
        raise RefusalError(f"{name} must be greater than zero")
    if decimal_places(value) > precision:
        raise RefusalError(f"{name} precision is {precision}")
