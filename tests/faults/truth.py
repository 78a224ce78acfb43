"""What the venue itself has on its books, read by a client that shares no code with ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from kayen_desktop.practice.server import PracticeServer
from tests.integration.practice.wire_client import Clearport, Finex

# price and amount (base) of each level, best first
Levels: TypeAlias = tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True)
class Truth:
    """One account: orders by uuid with how often each is listed, fills, positions, and one book."""

    orders: Counter[str]
    executed: dict[str, Decimal]
    fills: dict[str, tuple[str, Decimal, Decimal, Decimal]]  # order, price, amount, fee
    positions: dict[str, Decimal]


async def read_truth(server: PracticeServer, secret: str, address: str, channel_id: str) -> Truth:
    """Sign in beside the trader with the same key, and list everything."""
    async with Clearport(server.clearport_url) as clearport, Finex(server.finex_url) as finex:
        await clearport.sign_in(secret, address)
        await finex.trade_on(clearport, channel_id)
        orders = await finex.request("list_orders", ["", 0, 0, ""])
        fills = {}
        for uuid in {row[2] for row in orders}:
            for row in await finex.request("list_order_trades", [uuid]):
                numbers = Decimal(row[2]), Decimal(row[3]), Decimal(row[9])
                fills[str(row[1])] = (uuid, *numbers)
        listed = await clearport.request("positions", {"channel_id": channel_id})
        # The older dialect wraps each position.
        positions = [each.get("position", each) for each in listed["positions"]]
        return Truth(
            Counter(str(row[2]) for row in orders),
            {row[2]: Decimal(row[10]) for row in orders},
            fills,
            {
                each["market"]: Decimal(each["amount"]) * (1 if each["direction"] == "buy" else -1)
                for each in positions
                if Decimal(each["amount"])
            },
        )


async def read_book(server: PracticeServer, symbol: str) -> tuple[Levels, Levels]:
    """Return asks and bids of a market as a fresh subscription tells them."""
    async with Finex(server.finex_url) as finex:
        await finex.send([1, 1, "subscribe", ["public", [f"{symbol}.ob-inc"]]])
        _, _, asks, bids = await finex.event("obs")
        return _levels(asks), _levels(bids)


def _levels(rows: list[list[str]]) -> Levels:
    return tuple((Decimal(price), Decimal(amount)) for price, amount in rows)
