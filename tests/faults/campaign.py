"""Seeded runs of a trading desk through a venue and a network that fail by chance.

Each run trades through faults, then the faults end, and what the client believes is compared
with what the venue has: orders, fills to the last digit, positions, and the order book.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.scenario import Fault, Link, Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import PracticeSettings
from kayen_desktop.venues import kayen_sign_in
from kayen_desktop.venues.kayen import CLEARPORT, FINEX, KayenVenue
from tests.integration.desk import PEPE, Desk, desk_at

from .report import Report
from .truth import read_book, read_truth

# Three books instead of fifteen: a run starts in a tenth of a second.
MARKETS = frozenset({"pepeusd", "btcusd", "ethusd"})
ACTIONS = 14
REQUEST_TIMEOUT_S = 0.4
RUN_LIMIT_S = 60
# By chance, for as long as the run lasts. What a TCP stream can't do to frames, a venue's own
# gateways can: lose, double and reorder what they push.
FAULTS = (
    "finex:in:create_order:drop",
    "finex:in:create_order:close",
    "finex:in:create_order:reject=market is halted",
    "finex:in:create_order:partial=0.3",
    "finex:in:create_order:delay=0.05",
    "finex:in:cancel_order:drop",
    "finex:in:cancel_order:close",
    "finex:in:list_orders:close",
    "finex:in:list_channel_trades:expire",
    "finex:out:create_order:drop",
    "finex:out:create_order:close",
    "finex:out:create_order:duplicate",
    "finex:out:create_order:delay=0.1",
    "finex:out:auth:drop",
    "finex:out:auth:close",
    "finex:out:tr:drop",
    "finex:out:tr:duplicate",
    "finex:out:tr:reorder",
    "finex:out:on:drop",
    "finex:out:on:reorder",
    "finex:out:ou:duplicate",
    "finex:out:oc:drop",
    "finex:out:bu:drop",
    "finex:out:obi:gap",
    "finex:out:obi:duplicate",
    "finex:out:obi:reorder",
    "finex:out:obi:close",
    "finex:out:list_orders:close",
    "finex:out:list_orders:delay=0.05",
    "finex:out:list_order_trades:close",
)
CLEARING_FAULTS = (
    "clearport:in:positions:close",
    "clearport:in:channel_jwt:drop",
    "clearport:in:channel_jwt:expire",
    "clearport:in:authenticate:close",
    "clearport:out:channel_jwt:close",
    "clearport:out:position_notification:drop",
    "clearport:out:position_notification:duplicate",
    "clearport:out:position_notification:reorder",
    "clearport:out:stream_notification:duplicate",
    "clearport:out:positions:drop",
)


@dataclass(frozen=True)
class Plan:
    """One run, decided by its seed alone."""

    seed: int
    settings: PracticeSettings
    faults: tuple[Fault, ...]
    has_clearing_faults: bool


def plan_of(seed: int) -> Plan:
    """Return the run of a seed."""
    chance = Random(f"{seed}/plan")
    records_trades = chance.random() < 0.7
    # A report lost on its way is never made again, by decision; so no such loss in these runs.
    has_clearing_faults = records_trades
    pool = FAULTS + (CLEARING_FAULTS if has_clearing_faults else ())
    specs = chance.sample(pool, chance.randint(3, 9))
    faults = tuple(
        replace_chance(parse_fault(spec), chance.choice((0.05, 0.15, 0.4))) for spec in specs
    )
    base = PracticeSettings()
    settings = replace(
        base,
        seed=seed + 1,
        events_per_second=chance.choice((0, 40, 150)),
        state_delay_s=0,
        markets=tuple(each for each in base.markets if each.symbol in MARKETS),
        records_trades=records_trades,
        clearport_dialect=chance.choice(("v1", "v2")),
        wallet_balance=Decimal(1000),
    )
    return Plan(seed, settings, faults, has_clearing_faults)


def replace_chance(fault: Fault, chance: float) -> Fault:
    """Return the fault acting for ever, with this probability each time."""
    return Fault(
        link=fault.link,
        direction=fault.direction,
        name=fault.name,
        action=fault.action,
        count=0,
        chance=chance,
        seconds=fault.seconds,
        text=fault.text,
        fraction=fault.fraction,
    )


class Run:
    """One trader and one venue for one seed."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.report = Report(runs=1)
        self._folder = folder
        self._chance = Random(f"{plan.seed}/trader")
        self._secret = "0x" + Random(f"{plan.seed}/key").randbytes(32).hex()
        key = bytes.fromhex(self._secret.removeprefix("0x"))
        self._signer = LocalSigner(KeyMaterial(key, KeyOrigin.CREATED))
        self._secrets = {self._secret.removeprefix("0x")}
        self._log: list[str] = []

    async def play(self) -> Report:
        """Trade, let the faults end, and compare."""
        async with PracticeServer(self.plan.settings, Scenario()) as server:
            channel_id = ""
            async with self._desk(server) as desk:
                channel_id = (await desk.funded()).channel_id
                await desk.watching()
                self._break(server)
                await self._trade(desk)
                if not self.plan.settings.records_trades:
                    # A report that is cut off is never repeated, by decision: let them end.
                    server.scenario.clear()
                    await self._compare_positions(desk, channel_id)
                    self._break(server)
            async with self._desk(server) as desk:
                await desk.until(lambda: desk.is_ready(FINEX), "the account is found again")
                await desk.watching()
                await self._trade(desk)
                server.scenario.clear()
                await self._settle(desk)
                await self._compare(desk, channel_id)
                await self._compare_books(desk)
        self._look_for_leaks()
        self.report.survived = 1
        return self.report

    @asynccontextmanager
    async def _desk(self, server: PracticeServer) -> AsyncIterator[Desk]:
        handler = _Lines(self._log)
        logger = logging.getLogger("kayen_desktop")
        logger.addHandler(handler)
        level = logger.level
        logger.setLevel(logging.DEBUG)
        try:
            async with desk_at(server, self._folder, self._signer, REQUEST_TIMEOUT_S) as desk:
                yield desk
        finally:
            logger.setLevel(level)
            logger.removeHandler(handler)

    def _break(self, server: PracticeServer) -> None:
        for fault in self.plan.faults:
            server.scenario.add(fault)

    async def _trade(self, desk: Desk) -> None:
        for _ in range(ACTIONS):
            await self._wait_for_links(desk)
            try:
                await self._act(desk)
            except KayenError as error:
                self._log.append(f"the trader is told: {error}")
                await asyncio.sleep(0.02)
            self._remember_tokens(desk)

    async def _wait_for_links(self, desk: Desk) -> None:
        """Give the exchange a moment to come back; a trader clicks while it is away, too."""
        for _ in range(20):
            if desk.is_ready(FINEX):
                return
            await asyncio.sleep(0.02)

    async def _act(self, desk: Desk) -> None:
        trading = desk.session.trading
        kind = self._chance.random()
        if kind < 0.5:
            await trading.place(self._order())
        elif kind < 0.62:
            orders = [trading.place(self._order()) for _ in range(3)]
            await asyncio.gather(*orders, return_exceptions=True)
        elif kind < 0.74 and desk.state.live_orders:
            await trading.cancel(self._chance.choice(desk.state.live_orders).venue_order_id)
        elif kind < 0.86 and desk.state.open_positions:
            await trading.close_position(desk.state.open_positions[0].position_id)
        else:
            links: tuple[Link, ...] = ("finex", "clearport")
            link = self._chance.choice(links if self.plan.has_clearing_faults else links[:1])
            desk.server.drop_connections(link)
            await asyncio.sleep(0.05)

    def _order(self) -> OrderRequest:
        """Return an order; few amounts, so that equal ones meet."""
        side = self._chance.choice((Side.BUY, Side.SELL))
        amount = Decimal(self._chance.choice((1000, 1500, 2500)))
        if self._chance.random() < 0.6:
            return OrderRequest(PEPE, side, OrderType.MARKET, amount)
        price = Decimal("0.00001100") if side is Side.BUY else Decimal("0.00001210")
        return OrderRequest(PEPE, side, OrderType.LIMIT, amount, price)

    async def _settle(self, desk: Desk) -> None:
        """Let both links come back once more, and every doubt be settled."""
        desk.server.drop_connections("finex")
        if self.plan.has_clearing_faults:
            desk.server.drop_connections("clearport")
        await desk.until(lambda: not desk.is_ready(FINEX), "the last cut is noticed")
        await desk.until(
            lambda: desk.is_ready(FINEX) and desk.is_ready(CLEARPORT), "both links are back"
        )
        await desk.until(lambda: not desk.state.unconfirmed_intents, "every intent is settled")

    async def _compare(self, desk: Desk, channel_id: str) -> None:
        report = self.report
        truth = await read_truth(desk.server, self._secret, self._signer.address, channel_id)
        await desk.until(lambda: desk.state.fills.keys() >= truth.fills.keys(), "all fills told")
        ours = desk.journal.venue_ids() - {channel_id}
        report.orders_sent = len(ours)
        report.orders_lost = len(truth.orders.keys() ^ ours)
        report.orders_duplicated = truth.orders.total() - len(truth.orders)
        fills = {
            fill.fill_id: (fill.venue_order_id, fill.price, fill.amount, fill.fee)
            for fill in desk.state.fills.values()
        }
        report.fills_counted = len(fills)
        report.fills_missed = sum(fills.get(key) != fill for key, fill in truth.fills.items())
        report.fills_doubled = len(fills.keys() - truth.fills.keys())
        kept = [fill.fill_id for fill in desk.session.fills_of(channel_id)]
        report.fills_missed += len(truth.fills.keys() - set(kept))
        report.fills_doubled += len(kept) - len(set(kept))
        executed = {key: each.executed for key, each in desk.state.orders.items()}
        strange = {
            key: (told, desk.state.orders.get(key))
            for key, told in truth.executed.items()
            if executed.get(key) != told
        }
        report.orders_lost += len(strange)
        if report.orders_lost or report.fills_missed or report.fills_doubled:
            report.failures.append(
                f"seed {self.plan.seed}: only at the venue {truth.orders.keys() - ours}, only here "
                f"{ours - truth.orders.keys()}, told differently {strange}, fills of the venue "
                f"{truth.fills}, fills here {fills}"
            )
        await self._compare_positions(desk, channel_id)

    async def _compare_positions(self, desk: Desk, channel_id: str) -> None:
        def positions() -> dict[str, Decimal]:
            return {each.market: each.amount * each.side.sign for each in desk.state.open_positions}

        for _ in range(60):  # the house is told of a fill after a moment of patience
            truth = await read_truth(desk.server, self._secret, self._signer.address, channel_id)
            net = sum((each.signed_amount for each in desk.state.fills.values()), start=Decimal(0))
            if truth.positions == positions() and truth.positions.get(PEPE, Decimal(0)) == net:
                return
            await asyncio.sleep(0.05)
        self.report.positions_different = 1
        self.report.failures.append(
            f"seed {self.plan.seed}: the venue has {truth.positions}, the client {positions()}, "
            f"its fills come to {net}"
        )

    async def _compare_books(self, desk: Desk) -> None:
        self.report.books_compared = 1
        for _ in range(60):  # the market moves while it is compared
            theirs = await read_book(desk.server, "pepeusd")
            book = desk.state.books.get(PEPE)
            if book is not None and theirs == (
                tuple((level.price, level.amount) for level in book.asks()),
                tuple((level.price, level.amount) for level in book.bids()),
            ):
                return
            await asyncio.sleep(0.02)
        self.report.books_different = 1
        self.report.failures.append(f"seed {self.plan.seed}: the books differ")

    def _remember_tokens(self, desk: Desk) -> None:
        venue = desk.session.venue
        if isinstance(venue, KayenVenue) and venue.channel_token is not None:
            self._secrets.add(venue.channel_token.text)

    def _look_for_leaks(self) -> None:
        written = "\n".join(self._log).encode()
        for path in self._folder.rglob("*"):
            if path.is_file():
                written += path.read_bytes()
        self.report.leaks = sum(secret.encode() in written for secret in self._secrets)


class _Lines(logging.Handler):
    """Keeps every line of the log, tracebacks included."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


async def run_seed(seed: int, folder: Path) -> Report:
    """Play one seed; a run that does not come to its end is a failure with its reason."""
    run = Run(plan_of(seed), folder)
    pause_s, kayen_sign_in.SIGN_IN_AGAIN_S = kayen_sign_in.SIGN_IN_AGAIN_S, 0.05
    try:
        async with asyncio.timeout(RUN_LIMIT_S):
            return await run.play()
    except (AssertionError, KayenError, TimeoutError) as error:
        run.report.failures.append(f"seed {seed}: {error or 'it took too long'}")
        return run.report
    finally:
        kayen_sign_in.SIGN_IN_AGAIN_S = pause_s
