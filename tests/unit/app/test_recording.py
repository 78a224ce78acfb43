"""A fill is reported once where the clearing house does not have it, and never where it has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.app.recording import TradeRecorder
from kayen_desktop.app.state import AppState
from kayen_desktop.app.tasks import TaskOwner
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelUpdated,
    LinkChanged,
    LinkState,
    PositionsListed,
    PositionUpdated,
    SettlementChanged,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import (
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.journal.store import Journal
from tests.unit.domain.samples import (
    CHANNEL,
    NOW,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_position,
)

from .conftest import Clock, Desk, open_journal, quiet
from .fake_venue import CLEARING, FakeVenue

OLD = later(-3600)


@dataclass
class Bench:
    """A recorder and what it stands on."""

    desk: Desk
    tasks: TaskOwner
    recorder: TradeRecorder

    def fill(self, *fills: Fill) -> None:
        for fill in fills:
            self.recorder.on_fill(CHANNEL, fill)

    def position(self, amount: str) -> None:
        """Let the clearing house tell the position, negative where it is sold."""
        number = Decimal(amount)
        side = Side.BUY if number > 0 else Side.SELL
        self.desk.tell(PositionUpdated(make_position(side=side, amount=str(abs(number)))))
        self.recorder.on_position(CHANNEL, PEPE)

    async def reported(self) -> list[str]:
        await quiet()
        return [fill_id for _, fill_id in self.desk.venue.reported]


def make_bench(desk: Desk, journal: Journal) -> Bench:
    failures: list[BaseException] = []
    tasks = TaskOwner(failures.append)
    recorder = TradeRecorder(desk.venue, desk.state, journal, tasks, desk.clock, patience_s=0)
    return Bench(desk, tasks, recorder)


@pytest.fixture
async def bench(desk: Desk) -> AsyncIterator[Bench]:
    desk.open_account()
    made = make_bench(desk, desk.journal)
    yield made
    await made.tasks.stop()


def sold(fill_id: str, amount: str = "100") -> Fill:
    return make_fill(fill_id, Side.SELL, amount)


# A house that waits for the client


async def test_a_fill_the_house_does_not_have_is_reported_once(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    assert await bench.reported() == ["1"]
    bench.fill(make_fill("1"))
    bench.recorder.resume()
    assert await bench.reported() == ["1"]
    assert bench.desk.venue.reported == [(CHANNEL, "1")]


async def test_a_round_trip_within_the_patience_is_reported_whole(bench: Bench) -> None:
    bench.fill(make_fill("1"), sold("2"))
    assert await bench.reported() == ["1", "2"]


async def test_a_position_that_stays_is_not_taken_for_a_round_trip_recorded(bench: Bench) -> None:
    bench.fill(make_fill("0", amount="5"))
    bench.position("5")
    bench.fill(make_fill("1"), sold("2"))
    bench.position("5")  # the mark moved
    assert await bench.reported() == ["1", "2"]


async def test_the_claim_is_on_disk_before_the_frame(bench: Bench) -> None:
    claims: list[bool] = []
    with closing(open_journal(bench.desk.path)) as other:
        bench.desk.venue.on_request = lambda name: claims.append(other.claim_report(CHANNEL, "1"))
        bench.fill(make_fill("1"))
        await bench.reported()
    assert claims == [False]


async def test_another_process_that_reports_is_enough(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    with closing(open_journal(bench.desk.path)) as other:
        assert other.claim_report(CHANNEL, "1")
    assert await bench.reported() == []


# A house that records by itself


async def test_a_fill_the_house_tells_of_is_not_reported(bench: Bench) -> None:
    bench.fill(make_fill("1"), make_fill("2"))
    bench.recorder.on_recorded(CHANNEL, "1")
    bench.recorder.on_recorded("0xother", "2")
    assert await bench.reported() == ["2"]


async def test_the_houses_word_may_come_before_the_fill(bench: Bench) -> None:
    bench.recorder.on_recorded(CHANNEL, "1")
    bench.fill(make_fill("1"))
    bench.fill(make_fill("2", amount="7"))
    bench.position("107")
    assert await bench.reported() == []


async def test_a_position_that_holds_the_fill_is_word_enough(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    bench.position("100")
    assert await bench.reported() == []
    assert bench.desk.journal.is_reported(CHANNEL, "1")


async def test_the_position_may_come_before_the_fill(bench: Bench) -> None:
    bench.position("100")
    bench.fill(make_fill("1"))
    assert await bench.reported() == []


async def test_one_word_may_hold_many_fills(bench: Bench) -> None:
    bench.fill(make_fill("1", amount="1"), make_fill("2", amount="2"), make_fill("3", amount="3"))
    bench.position("6")
    assert await bench.reported() == []


async def test_a_fill_on_top_of_one_recorded_does_not_hide_it(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    bench.position("100")
    bench.fill(make_fill("2", amount="50"))
    assert await bench.reported() == ["2"]


async def test_a_round_trip_is_seen_step_by_step(bench: Bench) -> None:
    bench.fill(make_fill("1"), sold("2"))
    bench.position("100")
    bench.position("0")
    assert await bench.reported() == []


async def test_a_position_sold_is_negative(bench: Bench) -> None:
    bench.fill(sold("1"))
    bench.position("-100")
    assert await bench.reported() == []


async def test_a_list_of_positions_counts_too(bench: Bench) -> None:
    bench.fill(make_fill("1"), make_fill("2", market="BTC/USD"))
    bench.desk.tell(PositionsListed(CHANNEL, (make_position(),)))
    bench.recorder.on_positions(CHANNEL)
    bench.recorder.on_positions("0xother")
    assert await bench.reported() == ["2"]


@given(st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=12))
async def test_a_house_that_tells_every_step_is_never_told_anything(steps: list[int]) -> None:
    desk, journal = _memory_desk()
    with closing(journal):
        bench = make_bench(desk, journal)
        amounts = [(Side.BUY if step > 0 else Side.SELL, str(abs(step))) for step in steps]
        bench.fill(*(make_fill(str(n), *each) for n, each in enumerate(amounts)))
        for end in range(1, len(steps) + 1):
            bench.position(str(sum(steps[:end])))
        assert await bench.reported() == []
        await bench.tasks.stop()


@given(st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=12))
async def test_a_house_that_tells_nothing_is_told_everything_once(steps: list[int]) -> None:
    desk, journal = _memory_desk()
    with closing(journal):
        bench = make_bench(desk, journal)
        amounts = [(Side.BUY if step > 0 else Side.SELL, str(abs(step))) for step in steps]
        bench.fill(*(make_fill(str(n), *each) for n, each in enumerate(amounts)))
        assert await bench.reported() == [str(n) for n in range(len(steps))]
        await bench.tasks.stop()


# The past


async def test_fills_of_the_past_are_in_the_books_when_the_sum_is_right(bench: Bench) -> None:
    bench.fill(
        make_fill("1", executed_at=OLD),
        make_fill("2", Side.SELL, executed_at=OLD),
        make_fill("3", amount="7", executed_at=OLD),
        make_fill("4", Side.SELL, "7", executed_at=OLD),
    )
    assert await bench.reported() == []
    assert all(bench.desk.journal.is_reported(CHANNEL, each) for each in "1234")


async def test_a_fill_of_the_past_that_the_books_lack_is_reported(bench: Bench) -> None:
    bench.fill(make_fill("1", executed_at=OLD), make_fill("2", amount="7", executed_at=OLD))
    bench.position("100")
    assert await bench.reported() == ["2"]


async def test_a_fill_reported_by_an_earlier_run_is_never_reported_again(desk: Desk) -> None:
    desk.open_account()
    first = make_bench(desk, desk.journal)
    first.fill(make_fill("1"))
    assert await first.reported() == ["1"]
    await first.tasks.stop()
    with closing(open_journal(desk.path)) as journal:
        second = make_bench(desk, journal)
        second.fill(make_fill("1"))
        assert await second.reported() == ["1"]
        second.fill(make_fill("2", amount="7"))
        second.position("107")
        assert await second.reported() == ["1"]
        await second.tasks.stop()


# Failures


@pytest.mark.parametrize("error", [OutcomeUnknownError("No answer."), VenueRejectionError("no")])
async def test_a_report_without_acknowledgement_is_never_repeated(
    bench: Bench, error: KayenError
) -> None:
    bench.desk.venue.replies["record_trade"].append(error)
    bench.fill(make_fill("1"))
    assert await bench.reported() == ["1"]
    bench.recorder.resume()
    bench.fill(make_fill("1"))
    assert await bench.reported() == ["1"]


async def test_a_report_that_was_not_sent_is_made_when_the_house_is_back(bench: Bench) -> None:
    bench.desk.venue.replies["record_trade"].append(TransportError("The link is away."))
    bench.fill(make_fill("1"))
    assert await bench.reported() == ["1"]
    bench.recorder.resume()
    assert await bench.reported() == ["1", "1"]
    bench.recorder.resume()
    assert await bench.reported() == ["1", "1"]


async def test_a_fill_recorded_while_its_report_fails_is_done(bench: Bench) -> None:
    bench.desk.venue.replies["record_trade"].append(TransportError("The link is away."))
    bench.desk.venue.on_request = lambda name: bench.recorder.on_recorded(CHANNEL, "1")
    bench.fill(make_fill("1"))
    assert await bench.reported() == ["1"]
    bench.recorder.resume()
    assert await bench.reported() == ["1"]


async def test_nothing_is_claimed_while_the_house_is_away(bench: Bench) -> None:
    bench.desk.tell(LinkChanged(CLEARING, LinkState.RETRYING))
    bench.fill(make_fill("1"))
    assert await bench.reported() == []
    bench.desk.tell(LinkChanged(CLEARING, LinkState.READY))
    bench.recorder.resume()
    bench.recorder.resume()
    assert await bench.reported() == ["1"]


async def test_a_closing_account_takes_no_reports(bench: Bench) -> None:
    bench.desk.tell(ChannelUpdated(make_channel(state=ChannelState.CLOSING, turn_num=2)))
    bench.fill(make_fill("1"))
    assert await bench.reported() == []


def _memory_desk() -> tuple[Desk, Journal]:
    journal = Journal(Path(":memory:"), "Practice", "0xAB")
    desk = Desk(Path(":memory:"), Clock(NOW), FakeVenue(), journal, AppState())
    desk.open_account()
    return desk, journal


async def test_a_sum_passed_through_while_reports_are_booked_hides_no_later_fill(
    bench: Bench,
) -> None:
    answers = [asyncio.get_running_loop().create_future() for _ in range(2)]
    bench.desk.venue.replies["record_trade"].extend(answers)
    bench.fill(sold("1"), make_fill("2"))
    await quiet()
    bench.fill(sold("3"))
    bench.position("-100")  # the house has booked the first, and not yet the second
    for answer in answers:
        answer.set_result(None)
    assert await bench.reported() == ["1", "2", "3"]


def settle(bench: Bench, amount: str, end: SettlementState = SettlementState.COMPLETED) -> None:
    """Let a position be settled, and be gone where it was paid."""
    held = SettledPosition(PEPE, Side.BUY, Decimal(amount), Decimal(1), None, None)
    steps = (SettlementStep(end, NOW),)
    run = SettlementRun(f"s{amount}", CHANNEL, (PEPE,), NOW, positions=(held,), steps=steps)
    if run.is_paid:
        bench.desk.tell(PositionsListed(CHANNEL, ()))
        bench.recorder.on_positions(CHANNEL)
    bench.desk.tell(SettlementChanged(run))


async def test_a_sale_after_a_settlement_is_not_taken_for_its_end(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    bench.position("100")
    settle(bench, "100")
    # The books hold the first fill, the position nothing: this one is new, and not booked.
    bench.fill(sold("2"))
    assert await bench.reported() == ["2"]


async def test_a_position_after_a_settlement_holds_what_came_after(bench: Bench) -> None:
    bench.fill(make_fill("1"))
    bench.position("100")
    settle(bench, "40", SettlementState.FAILED)  # nothing of it happened
    settle(bench, "100")
    bench.fill(make_fill("2", amount="7"))
    bench.position("7")
    assert await bench.reported() == []
    assert bench.desk.journal.is_reported(CHANNEL, "2")


async def test_fills_that_may_not_be_booked_yet_are_known_by_account(bench: Bench) -> None:
    assert not bench.recorder.has_pending(CHANNEL)
    bench.fill(make_fill("1"))
    assert bench.recorder.has_pending(CHANNEL)
    assert not bench.recorder.has_pending("0xother")
    bench.recorder.on_recorded(CHANNEL, "1")
    assert not bench.recorder.has_pending(CHANNEL)
