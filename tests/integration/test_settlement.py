"""Settlements over real sockets: asked for once, and found out whatever becomes of the answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import OutcomeUnknownError, TicketError, VenueRejectionError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.intents import Intent, IntentOutcome, SettleRequest
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.receipt import make_receipt
from kayen_desktop.domain.settlement import PaymentMethod, SettlementRun, SettlementState
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.practice.scenario import Direction, Fault, Link, Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import ClearportDialect
from kayen_desktop.venues.kayen import CLEARPORT

from .desk import AMOUNT, DEPOSIT, PEPE, QUIET, Desk, buy, desk_at
from .trader_process import KEY

S = SettlementState
ESCROW = PaymentMethod.ESCROW
PAID = [S.PROPOSED, S.ACCEPTED, S.INITIATED, S.PREPARED, S.EXECUTED, S.COMPLETED, S.WITHDRAWN]


class Watched(Scenario):
    """Faults, and how often the venue was asked to settle."""

    def __init__(self, *specs: str) -> None:
        super().__init__([parse_fault(spec) for spec in specs])
        self.asked = 0

    @property
    def is_empty(self) -> bool:
        """Never: every frame is to be seen."""
        return False

    def take(self, link: Link, direction: Direction, name: str) -> list[Fault]:
        """Count the requests to settle, and let the faults act."""
        self.asked += (link, direction, name) == ("clearport", "in", "request_settlement")
        return super().take(link, direction, name)


async def holding(desk: Desk) -> str:
    """Open an account, buy, and wait until it could be settled; return the account's id."""
    channel = await desk.funded()
    await desk.bought()
    await desk.until(
        lambda: desk.session.settlements.check([PEPE]).problems == (), "it can be settled"
    )
    return channel.channel_id


async def settled(desk: Desk, channel_id: str) -> None:
    """Settle what is held, and wait until it is paid out and gone."""
    settlement_id = await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
    await desk.until(
        lambda: desk.state.settlements[settlement_id].state is S.WITHDRAWN, "it is paid out"
    )
    await desk.until(lambda: not desk.state.positions, "the positions are gone")


def only_run(desk: Desk) -> SettlementRun:
    (run,) = desk.state.settlements.values()
    return run


def states(desk: Desk) -> list[SettlementState]:
    return [step.state for step in only_run(desk).steps]


def intent_of(desk: Desk) -> Intent:
    return desk.state.intents[only_run(desk).settlement_id]


@pytest.mark.parametrize(
    ("dialect", "told"),
    [("v1", PAID[:-1]), ("v2", PAID)],  # one document knows no "withdrawn" (§1.6 row 18)
)
async def test_a_settlement_goes_from_proposed_to_its_end(
    tmp_path: Path, dialect: ClearportDialect, told: list[SettlementState]
) -> None:
    settings = replace(QUIET, clearport_dialect=dialect)
    async with PracticeServer(settings, Watched()) as server, desk_at(server, tmp_path) as desk:
        start = server.wallet_balance(desk.address)
        channel_id = await holding(desk)
        balance = desk.state.channels[channel_id].own_balance
        settlement_id = await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(lambda: states(desk) == told, "the settlement is paid out")
        run = only_run(desk)
        assert run.settlement_id == settlement_id
        assert run.last_fill_id in desk.state.fills
        assert not any(step.is_inferred for step in run.steps)
        assert intent_of(desk).outcome is IntentOutcome.CONFIRMED
        assert desk.journal.settlements() == [run]
        await desk.until(lambda: not desk.state.positions, "the positions are gone")
        # What it came to was paid to the wallet, and the margin account knows nothing of it.
        [(position)] = run.positions
        assert position.amount == AMOUNT
        paid = server.wallet_balance(desk.address) - start + DEPOSIT
        assert paid == run.result.quantize(Decimal("0.000001"), "ROUND_DOWN")
        assert desk.state.channels[channel_id].own_balance == balance

        await desk.session.channels.close(channel_id)
        fills = desk.session.fills_of(channel_id)
        returned = desk.state.channels[channel_id].own_balance
        assert returned is not None
        assert make_receipt(DEPOSIT, fills, returned, [run]).difference == 0
        assert server.wallet_balance(desk.address) == start - DEPOSIT + paid + returned


async def test_after_a_settlement_the_market_starts_anew(tmp_path: Path) -> None:
    async with PracticeServer(QUIET, Watched()) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        await settled(desk, channel_id)
        await desk.bought()
        await desk.until(
            lambda: desk.session.settlements.check([PEPE]).problems == (), "it can be settled"
        )
        await settled(desk, channel_id)
        await desk.session.channels.close(channel_id)
        returned = desk.state.channels[channel_id].own_balance
        assert returned is not None
        fills = desk.session.fills_of(channel_id)
        runs = desk.state.settlements_of(channel_id)
        assert len(runs) == 2
        assert make_receipt(DEPOSIT, fills, returned, runs).difference == 0


async def test_a_house_that_waits_for_reports_gets_those_after_a_settlement_too(
    tmp_path: Path,
) -> None:
    settings = replace(QUIET, records_trades=False)
    async with PracticeServer(settings, Watched()) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        await settled(desk, channel_id)
        # Sold as much as was settled: bought and sold come to nothing, and so does the position.
        await desk.session.trading.place(replace(buy(), side=Side.SELL))
        await desk.until(lambda: bool(desk.state.open_positions), "the sale is on the books")
        [position] = desk.state.open_positions
        assert (position.side, position.amount) == (Side.SELL, AMOUNT)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("reject_settlement", [S.PROPOSED, S.REJECTED]),
        ("fail_settlement", [S.PROPOSED, S.ACCEPTED, S.INITIATED, S.PREPARED, S.FAILED]),
        ("silent_settlement=0.05", [S.PROPOSED, S.FAILED]),
    ],
)
async def test_one_that_comes_to_nothing_leaves_everything_as_it_was(
    tmp_path: Path, fault: str, told: list[SettlementState]
) -> None:
    scenario = Watched(f"clearport:in:request_settlement:{fault}")
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        wallet = server.wallet_balance(desk.address)
        await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(lambda: states(desk) == told, "it ends")
        await desk.until(lambda: len(desk.state.open_positions) == 1, "the position is open again")
        assert server.wallet_balance(desk.address) == wallet
        await desk.until(lambda: desk.session.settlements.problems() == (), "it may be asked again")
        again = await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(
            lambda: desk.state.settlements[again].state is S.WITHDRAWN, "the second one is paid"
        )
        assert scenario.asked == 2


async def test_a_no_to_the_request_itself_is_a_rejection(tmp_path: Path) -> None:
    scenario = Watched("clearport:in:request_settlement:reject=not today")
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        with pytest.raises(VenueRejectionError, match="not today"):
            await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        assert states(desk) == [S.REJECTED]
        assert intent_of(desk).outcome is IntentOutcome.REJECTED
        assert desk.is_ready(CLEARPORT)


async def test_a_broker_that_says_nothing_more_is_waited_for(tmp_path: Path) -> None:
    scenario = Watched("clearport:in:request_settlement:silent_settlement")
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(lambda: states(desk) == [S.PROPOSED], "it is proposed")
        with pytest.raises(TicketError, match="settlement_under_way"):
            await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        server.drop_connections("clearport")
        await desk.until(lambda: not desk.is_ready(CLEARPORT), "the cut is noticed")
        await desk.until(lambda: desk.is_ready(CLEARPORT), "Clearport is back")
        await desk.session.settlements.on_signed_in()  # a look of its own, to its end
        assert states(desk) == [S.PROPOSED]
        assert scenario.asked == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "end"),
    [
        # The venue took it, and the answer was lost with the connection.
        ("clearport:out:request_settlement:close", IntentOutcome.CONFIRMED, S.COMPLETED),
        # It was lost on its way.
        ("clearport:in:request_settlement:close", IntentOutcome.NOT_RECEIVED, S.FAILED),
    ],
)
async def test_a_connection_lost_before_the_answer_is_found_out_and_asked_once(
    tmp_path: Path, fault: str, outcome: IntentOutcome, end: SettlementState
) -> None:
    scenario = Watched(fault)
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        with pytest.raises(OutcomeUnknownError):
            await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        assert intent_of(desk).outcome is IntentOutcome.UNCONFIRMED
        await desk.until(lambda: only_run(desk).is_over, "it is found out")
        assert states(desk) == [end]
        assert only_run(desk).steps[0].is_inferred
        assert intent_of(desk).outcome is outcome
        assert len(desk.state.open_positions) == (end is S.FAILED)
        assert desk.journal.settlements() == [only_run(desk)]
        assert scenario.asked == 1


async def test_an_answer_that_never_comes_is_found_out(tmp_path: Path) -> None:
    scenario = Watched(
        "clearport:out:request_settlement:drop", "clearport:out:settlement_notificationx0:drop"
    )
    async with (
        PracticeServer(QUIET, scenario) as server,
        desk_at(server, tmp_path, request_timeout_s=0.3) as desk,
    ):
        channel_id = await holding(desk)
        with pytest.raises(OutcomeUnknownError):
            await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(lambda: only_run(desk).is_over, "it is found out")
        assert states(desk) == [S.COMPLETED]
        assert intent_of(desk).outcome is IntentOutcome.CONFIRMED
        assert scenario.asked == 1


async def test_words_that_come_twice_are_one_settlement(tmp_path: Path) -> None:
    scenario = Watched(
        "clearport:out:settlement_notificationx0:duplicate",
        "clearport:out:position_notificationx0:duplicate",
        "clearport:out:request_settlement:duplicate",
    )
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel_id = await holding(desk)
        await desk.session.settlements.request(channel_id, [PEPE], ESCROW)
        await desk.until(lambda: states(desk)[-1:] == [S.WITHDRAWN], "it is paid out")
        assert states(desk) == PAID


# Kills


@pytest.mark.parametrize(
    ("fault", "outcome", "end"),
    [
        # The venue settled, and we were killed deaf.
        (
            "clearport:out:request_settlement:silence",
            IntentOutcome.CONFIRMED,
            [S.COMPLETED],
        ),
        # The request was lost on its way, and we were killed while waiting.
        (
            "clearport:in:request_settlement:drop",
            IntentOutcome.NOT_RECEIVED,
            [S.FAILED],
        ),
        # The broker had not answered when we were killed, and does not now.
        (
            "clearport:in:request_settlement:silent_settlement",
            None,
            [S.PROPOSED],
        ),
    ],
)
async def test_a_kill_in_the_middle_is_found_out_by_the_next_start(
    tmp_path: Path,
    fault: str,
    outcome: IntentOutcome | None,
    end: list[SettlementState],
) -> None:
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    scenario = Watched(fault)
    async with PracticeServer(QUIET, scenario) as server:
        trader = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.trader_process",
            server.clearport_url,
            server.finex_url,
            str(tmp_path),
            "settle",
        )
        await _until(lambda: scenario.asked == 1)
        if end == [S.COMPLETED]:
            await _until(
                lambda: not any(each.positions for each in server.channels_of(signer.address))
            )
        if end == [S.PROPOSED]:
            await _until(
                lambda: b'"state":"proposed"' in (tmp_path / "journal.sqlite3-wal").read_bytes()
            )
        trader.kill()
        await trader.wait()
        async with desk_at(server, tmp_path, signer) as desk:
            run = only_run(desk)  # shown at once, before any connection
            assert (run.markets, run.method, run.positions[0].amount) == ((PEPE,), ESCROW, AMOUNT)
            await desk.until(lambda: desk.is_ready(CLEARPORT), "Clearport is there")
            if outcome is None:
                await desk.until(lambda: bool(desk.state.positions), "positions are listed")
                await desk.session.settlements.on_signed_in()  # a look of its own, to its end
            else:
                assert isinstance(intent_of(desk).request, SettleRequest)
                await desk.until(lambda: only_run(desk).is_over, "it is found out")
                assert intent_of(desk).outcome is outcome
            assert states(desk) == end
        assert scenario.asked == 1


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(condition):
            pass  # looking takes a thread, so the venue goes on meanwhile
