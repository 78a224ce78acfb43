"""What the venue itself has on its books, read by a client that shares no code with ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from kayen_desktop.domain.settlement import SettlementRun
from kayen_desktop.practice.channels import ClearingNotice, MarginChannel, SettlementNotice
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


@dataclass
class Settled:
    """One settlement on the venue's books: its states, and what it took and paid, if it did.

    ``held`` are the amounts with their signs that were to be settled, by market; ``result`` is
    what the wallet got, or paid where it is negative.
    """

    channel_id: str
    markets: tuple[str, ...]
    held: dict[str, Decimal]
    states: list[str] = field(default_factory=list)
    result: Decimal = Decimal(0)

    @property
    def is_paid(self) -> bool:
        """True where the positions are gone and the money is with the wallet."""
        return "executed" in self.states


class ClearingBooks:
    """What the clearing house itself has done, heard inside it and not from its frames."""

    def __init__(self, server: PracticeServer) -> None:
        self.channels: dict[str, MarginChannel] = {}
        self.settlements: list[Settled] = []
        self._server = server
        self._wallet = Decimal(0)
        server.listen(self._note)

    def settled_amount(self, channel_id: str, market: str) -> Decimal:
        """Return what settlements took of a market, with its sign."""
        paid = (each for each in self.settlements if each.is_paid)
        own = (each.held.get(market, Decimal(0)) for each in paid if each.channel_id == channel_id)
        return sum(own, Decimal(0))

    def settled_result(self) -> Decimal:
        """Return what all settlements have paid to the wallet."""
        return sum((each.result for each in self.settlements), Decimal(0))

    def _note(self, notice: ClearingNotice) -> None:
        channel = notice.channel
        self.channels[channel.channel_id] = channel
        if not isinstance(notice, SettlementNotice):
            return
        if notice.state == "proposed":
            held = {
                market: channel.positions[market].amount * channel.positions[market].side.sign
                for market in notice.markets
            }
            self.settlements.append(Settled(channel.channel_id, notice.markets, held))
        own = [each for each in self.settlements if each.channel_id == channel.channel_id]
        settled = own[-1]
        settled.states.append(notice.state)
        if notice.state == "executed":  # nothing else has touched the wallet since ``prepared``
            settled.result = self._server.wallet_balance(channel.owner) - self._wallet
        self._wallet = self._server.wallet_balance(channel.owner)


@dataclass(frozen=True)
class Disagreement:
    """Settlements that one side has and the other has not, and the reasons in words."""

    lost: int
    doubled: int
    words: str


def compare_settlements(runs: Iterable[SettlementRun], books: ClearingBooks) -> Disagreement:
    """Compare what the client believes of its settlements with the venue's books.

    Lost is what was paid there and not here, or is not over here; doubled is what was paid here
    and not there, and what the venue was asked for oftener than the trader asked.
    """
    runs = list(runs)
    here = Counter((run.channel_id, frozenset(run.markets)) for run in runs if run.is_paid)
    there = Counter(
        (each.channel_id, frozenset(each.markets)) for each in books.settlements if each.is_paid
    )
    asked = sum(run.method is not None for run in runs)
    lost = (there - here).total() + sum(not run.is_over for run in runs)
    doubled = (here - there).total() + max(0, len(books.settlements) - asked)
    doubled += sum(run.method is None for run in runs)  # nobody else settles here
    words = f"settlements here {runs}, at the venue {books.settlements}"
    return Disagreement(lost, doubled, words if lost or doubled else "")


def is_booked_in_order(channel: MarginChannel) -> bool:
    """Return whether fills were booked as they were made; only then is the sum known to us.

    Where the client reports its fills, one that it heard of late is booked late: averages and what
    is cut off come out otherwise than in the order of the fills.
    """
    return list(channel.recorded) == sorted(channel.recorded, key=int)


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
