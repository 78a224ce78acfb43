"""Which market a wire symbol means, and which symbol an order was last told under."""

from __future__ import annotations

from collections.abc import Iterable

from kayen_desktop.domain.markets import Market

from .values import NO_UUID

MAX_ORDERS = 100_000


class MarketTable:
    """The venue's list of markets both ways round, and a bounded memory of order uuid → symbol."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        self._orders: dict[str, str] = {}

    def replace(self, markets: Iterable[Market]) -> None:
        """Hold these markets and no others."""
        markets = tuple(markets)
        self._names = {market.symbol: market.name for market in markets}
        self._symbols = {market.name: market.symbol for market in markets}

    def listed_name(self, symbol: str) -> str | None:
        """Return the name of a listed market, None for any other."""
        return self._names.get(symbol)

    def name(self, symbol: str) -> str:
        """Return the market's name; an unlisted one goes by its symbol in capitals."""
        return self._names.get(symbol) or symbol.upper()

    def symbol(self, name: str) -> str | None:
        """Return the symbol of a listed market, None for any other."""
        return self._symbols.get(name)

    def remember_order(self, uuid: str, symbol: str) -> None:
        """Remember under which symbol an order trades; the oldest memory goes when full."""
        if uuid == NO_UUID:
            return  # it stands for "no order", and would lend its market to every such fill
        self._orders[uuid] = symbol
        if len(self._orders) > MAX_ORDERS:
            del self._orders[next(iter(self._orders))]

    def symbol_of_order(self, uuid: str) -> str | None:
        """Return the symbol of an order seen before."""
        return self._orders.get(uuid)
