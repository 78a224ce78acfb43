"""Seeded runs of a trading desk through a venue and a network that fail by chance.

Each run trades and settles through faults, then the faults end, and what the client believes is
compared with what the venue has: orders, fills to the last digit, positions, balances, settlements
and the order book. Many runs go home through faults at their end, and check the receipt.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random

from kayen_desktop.app.way_home import Way
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.receipt import AccountReceipt, make_receipt, settled_result
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.scenario import Link, Scenario
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues import kayen_sign_in
from kayen_desktop.venues.kayen import CLEARPORT, FINEX, KayenVenue
from tests.integration.desk import PEPE, Desk, desk_at

from .plans import WALLET, Plan, plan_of
from .report import Report
from .truth import ClearingBooks, compare_settlements, is_booked_in_order, read_book, read_truth

ACTIONS = 14
REQUEST_TIMEOUT_S = 0.4
RUN_LIMIT_S = 60
# A close that is not shown in its position is not asked for again for some seconds.
HOME_WITHIN_S = 30
FAULTY_ATTEMPTS = 4
AGAIN_AFTER_S = 0.2
LEG_WITHIN_S = 2.0
ETH = "ETH/USD"


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
        self._books: ClearingBooks | None = None

    @property
    def books(self) -> ClearingBooks:
        """The venue's own books, while the run is played."""
        assert self._books is not None
        return self._books

    async def play(self) -> Report:
        """Trade, let the faults end, and compare."""
        async with PracticeServer(self.plan.settings, Scenario()) as server:
            channel_id = ""
            self._books = ClearingBooks(server)
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
                await self._end_doubts(desk)
                await self._compare(desk, channel_id)
                await self._compare_money(desk, channel_id)
                await self._compare_books(desk)
                if self.plan.way_home is not None:
                    self._break(server)
                    await self._go_home(desk, channel_id, self.plan.way_home)
                self._compare_settlements(desk)
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
        if kind < 0.46:
            await trading.place(self._order())
        elif kind < 0.56:
            orders = [trading.place(self._order()) for _ in range(3)]
            await asyncio.gather(*orders, return_exceptions=True)
        elif kind < 0.66 and desk.state.live_orders:
            await trading.cancel(self._chance.choice(desk.state.live_orders).venue_order_id)
        elif kind < 0.74 and desk.state.open_positions:
            await trading.close_position(desk.state.open_positions[0].position_id)
        elif kind < 0.88 and desk.state.open_positions:
            await self._settle(desk)
        else:
            links: tuple[Link, ...] = ("finex", "clearport")
            link = self._chance.choice(links if self.plan.has_clearing_faults else links[:1])
            desk.server.drop_connections(link)
            await asyncio.sleep(0.05)

    async def _settle(self, desk: Desk) -> None:
        """Settle some of what is held, once the trades are booked; it goes on by itself."""
        settlements = desk.session.settlements
        held = list(dict.fromkeys(each.market for each in desk.state.open_positions))
        markets = self._chance.sample(held, self._chance.randint(1, len(held)))
        for _ in range(20):
            if not settlements.check(markets).problems:
                break
            await asyncio.sleep(0.02)
        channel = desk.state.channel
        if channel is not None:
            await settlements.request(channel.channel_id, markets, PaymentMethod.ESCROW)

    def _order(self) -> OrderRequest:
        """Return an order; few amounts, so that equal ones meet."""
        side = self._chance.choice((Side.BUY, Side.SELL))
        if self._chance.random() < 0.25:
            return OrderRequest(ETH, side, OrderType.MARKET, Decimal("0.001"))
        amount = Decimal(self._chance.choice((1000, 1500, 2500)))
        if self._chance.random() < 0.6:
            return OrderRequest(PEPE, side, OrderType.MARKET, amount)
        price = Decimal("0.00001100") if side is Side.BUY else Decimal("0.00001210")
        return OrderRequest(PEPE, side, OrderType.LIMIT, amount, price)

    async def _end_doubts(self, desk: Desk) -> None:
        """Let both links come back once more, and every doubt be settled."""
        await self._cut(desk)
        await desk.until(lambda: not desk.state.unconfirmed_intents, "every intent is settled")
        await desk.until(
            lambda: all(run.is_over for run in desk.state.settlements.values()),
            "every settlement has ended",
        )

    async def _cut(self, desk: Desk) -> None:
        """Let the links be away for a moment, so that what was lost is read anew."""
        desk.server.drop_connections("finex")
        if self.plan.has_clearing_faults:
            desk.server.drop_connections("clearport")
        await desk.until(lambda: not desk.is_ready(FINEX), "the last cut is noticed")
        # Without an account there is nothing to sign in with at the exchange.
        await desk.until(
            lambda: (
                desk.is_ready(CLEARPORT) and (desk.is_ready(FINEX) or desk.state.channel is None)
            ),
            "both links are back",
        )

    async def _go_home(self, desk: Desk, channel_id: str, way: Way) -> None:
        """Go home through faults, again from every setback; the last attempts are undisturbed."""
        home = desk.session.going_home
        self.report.journeys_home = 1
        began = time.monotonic()
        for attempt in count():
            if attempt == FAULTY_ATTEMPTS:
                desk.server.scenario.clear()
                await self._cut(desk)
            try:
                await self._go_once(desk, way)
            except KayenError as error:
                self._log.append(f"the way home: {error}")
            if channel_id not in _open_accounts(desk) or time.monotonic() - began > HOME_WITHIN_S:
                break
            await asyncio.sleep(AGAIN_AFTER_S)
        channel = desk.state.channels[channel_id]
        assert channel.is_closed, f"{way} did not lead home: {home.setback}, {home.problems(way)}"
        assert self.books.channels[channel_id].is_over, "the account is still open at the venue"
        self._check_receipt(desk, channel_id)

    async def _go_once(self, desk: Desk, way: Way) -> None:
        """Go until home or a setback; where a word was lost on its way, cut to hear it again."""
        going = asyncio.create_task(desk.session.going_home.go(way))
        try:
            for _ in range(3):
                done, _pending = await asyncio.wait((going,), timeout=LEG_WITHIN_S)
                if done:
                    return going.result()
                desk.server.scenario.clear()
                await self._cut(desk)
            legs = desk.session.going_home.legs(way)
            raise AssertionError(f"stuck on the way home: {legs}")
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)

    def _check_receipt(self, desk: Desk, channel_id: str) -> None:
        """Compare the closed account with the venue's: fills, money back, and the sum of it."""
        theirs = self.books.channels[channel_id]
        receipt = self._receipt(desk, channel_id)
        told = {each.fill_id for each in desk.session.fills_of(channel_id)}
        self.report.fills_missed += len(theirs.recorded.keys() - told)
        self.report.fills_doubled += len(told - theirs.recorded.keys())
        wallet = WALLET - receipt.deposit + receipt.returned + self.books.settled_result()
        is_right = (
            (receipt.difference == 0 or not is_booked_in_order(theirs))
            and receipt.returned == theirs.initiator_balance
            and wallet == desk.server.wallet_balance(self._signer.address)
        )
        if not is_right or told != theirs.recorded.keys():
            self.report.money_different += not is_right
            self.report.failures.append(
                f"seed {self.plan.seed}: {receipt} differs by {receipt.difference}, the venue paid "
                f"{theirs.initiator_balance}; fills here {sorted(told)}, there "
                f"{sorted(theirs.recorded)}; {desk.state.settlements_of(channel_id)}"
            )

    def _compare_settlements(self, desk: Desk) -> None:
        report = self.report
        runs = list(desk.state.settlements.values())
        found = compare_settlements(runs, self.books)
        report.settlements_sent = sum(run.method is not None for run in runs)
        report.settlements_paid = sum(run.is_paid for run in runs)
        report.settlements_lost, report.settlements_doubled = found.lost, found.doubled
        if found.words:
            report.failures.append(f"seed {self.plan.seed}: {found.words}")
        # Where no word of the clearing house was lost, the last value told is the value paid.
        paid = settled_result(runs) or Decimal(0)
        if not self.plan.has_clearing_faults and paid != self.books.settled_result():
            report.money_different += 1
            report.failures.append(
                f"seed {self.plan.seed}: settlements came to {paid}, the venue paid "
                f"{self.books.settled_result()}; {runs}"
            )

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
            net = self._net(desk, channel_id)
            if truth.positions == positions() == net:
                return
            await asyncio.sleep(0.05)
        self.report.positions_different = 1
        self.report.failures.append(
            f"seed {self.plan.seed}: the venue has {truth.positions}, the client {positions()}, "
            f"its fills come to {net}"
        )

    def _net(self, desk: Desk, channel_id: str) -> dict[str, Decimal]:
        """Return what the fills come to without what the venue has settled of them."""
        found: dict[str, Decimal] = {}
        for fill in desk.state.fills.values():
            found[fill.market] = found.get(fill.market, Decimal(0)) + fill.signed_amount
        for market in found:
            found[market] -= self.books.settled_amount(channel_id, market)
        return {market: amount for market, amount in found.items() if amount}

    async def _compare_money(self, desk: Desk, channel_id: str) -> None:
        """Compare the account's balance here with the venue's, and with the sum of its fills."""
        theirs = self.books.channels[channel_id]
        for _ in range(60):
            receipt = self._receipt(desk, channel_id)
            is_right = receipt.difference == 0 or not is_booked_in_order(theirs)
            if receipt.returned == theirs.initiator_balance and is_right:
                return
            await asyncio.sleep(0.05)
        self.report.money_different += 1
        self.report.failures.append(
            f"seed {self.plan.seed}: the balance is {theirs.initiator_balance}, the client has "
            f"{receipt}, which differs by {receipt.difference}; "
            f"{desk.state.settlements_of(channel_id)}; {desk.session.fills_of(channel_id)}"
        )

    @staticmethod
    def _receipt(desk: Desk, channel_id: str) -> AccountReceipt:
        """Return the sum of an account as the client would draw it up now."""
        channel = desk.state.channels[channel_id]
        assert channel.margin_deposit is not None
        assert channel.own_balance is not None
        fills, runs = desk.session.fills_of(channel_id), desk.state.settlements_of(channel_id)
        return make_receipt(channel.margin_deposit, fills, channel.own_balance, runs)

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


def _open_accounts(desk: Desk) -> set[str]:
    return {key for key, channel in desk.state.channels.items() if not channel.is_closed}


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
