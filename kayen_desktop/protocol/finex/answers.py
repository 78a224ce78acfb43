"""What the exchange answers to each request, read into values and the facts that go with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.events import CandlesUpdated, FillReceived, MarketsListed, OrderUpdated
from kayen_desktop.domain.fills import Fill
from kayen_desktop.protocol.outputs import Dropped, Output

from .events import MAX_ROWS, EventReader, read_candles
from .messages import Args
from .session import Answer
from .values import read_uuid

ReadAnswer: TypeAlias = Callable[[Args], Answer]

_FAILED = "error"
# Rows of a listing that can't be read, after which the rest of it is not looked at any more.
_MAX_UNREADABLE = 100


class AnswerReader:
    """Reads answers; those to orders and fills teach the event reader what it may still lack.

    Every reader raises ValueError for an answer it can't read at all. A listing with a row that
    can't be read tells its other rows as facts and has a ``problem``: a list that lacks
    something must not be taken for the whole.
    """

    def __init__(self, events: EventReader) -> None:
        self._events = events

    def nothing(self, _args: Args) -> Answer:
        """Read an answer that says no more than that it was done."""
        return Answer()

    def order_uuid(self, symbol: str) -> ReadAnswer:
        """Return the reader of ``create_order`` for an order of this symbol: its uuid."""

        def read(args: Args) -> Answer:
            uuid = read_uuid(args[0] if args else None)
            return Answer(uuid, tuple(self._events.know_order(uuid, symbol)))

        return read

    def order_uuids(self, symbols: Sequence[str]) -> ReadAnswer:
        """Return the reader of ``create_bulk`` for orders of these symbols: uuids or None."""

        def read(args: Args) -> Answer:
            if len(args) != len(symbols):
                raise ValueError(f"it has {len(args)} elements for {len(symbols)} orders")
            uuids = tuple([None if word == _FAILED else read_uuid(word) for word in args])
            facts: list[Output] = []
            for uuid, symbol in zip(uuids, symbols, strict=True):
                if uuid is not None:
                    facts += self._events.know_order(uuid, symbol)
            return Answer(uuids, tuple(facts))

        return read

    def orders(self, args: Args) -> Answer:
        """Read a list of orders: a tuple of them, and each as a fact."""
        facts: list[Output] = []
        problem = ""
        unreadable = 0
        for row in args:
            try:
                facts += self._events.order_facts(row)
            except ValueError as error:
                problem = f"an order in it: {error}"
                facts.append(Dropped(f"an order of a list can't be read: {error}"))
                unreadable += 1
                if unreadable >= _MAX_UNREADABLE:
                    break
        orders = tuple([fact.order for fact in facts if isinstance(fact, OrderUpdated)])
        return Answer(orders, tuple(facts), problem)

    def fills(self, symbol: str) -> ReadAnswer:
        """Return the reader of an order's fills; ``symbol`` is their market if they name none."""

        def read(args: Args) -> Answer:
            fills, dropped, problem = self._read_fills(args, symbol)
            facts = tuple([FillReceived(fill) for fill in fills])
            return Answer(fills, (*facts, *dropped), problem)

        return read

    def channel_fills(self, args: Args) -> Answer:
        """Read the account's list of fills: a tuple of them, and no fact.

        Its rows name no fee (§2.5), and a fill told without one would hide the one with it.
        """
        fills, dropped, problem = self._read_fills(args, "")
        return Answer(fills, dropped, problem)

    def _read_fills(
        self, args: Args, symbol: str
    ) -> tuple[tuple[Fill, ...], tuple[Dropped, ...], str]:
        """Return the fills that can be read, a word on each that can't, and the last problem."""
        fills: list[Fill] = []
        dropped: list[Dropped] = []
        problem = ""
        for row in args:
            try:
                fills.append(self._events.read_fill(row, symbol))
            except ValueError as error:
                problem = f"a fill in it: {error}"
                dropped.append(Dropped(f"a fill of a list can't be read: {error}"))
                if len(dropped) >= _MAX_UNREADABLE:
                    break
        return tuple(fills), tuple(dropped), problem

    def candles(self, market: str, period: Period) -> ReadAnswer:
        """Return the reader of ``klines`` for this market and period: candles as one fact."""

        def read(args: Args) -> Answer:
            if len(args) > MAX_ROWS:
                raise ValueError(f"it has {len(args)} candles")
            facts: list[Output] = []
            candles = read_candles(args, facts)
            return Answer(None, (*facts, CandlesUpdated(market, period, candles)))

        return read

    def markets(self, args: Args) -> Answer:
        """Read ``get_markets``: the list as one fact."""
        facts = tuple(self._events.read_markets("", args))
        is_listed = any(isinstance(fact, MarketsListed) for fact in facts)
        return Answer(None, facts, "" if is_listed else "it lists no market")
