"""The clearing house and the broker are pinned over real sockets, and others stop trading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kayen_desktop.app.clearing_house import CLEARING_HOUSE, broker_pin
from kayen_desktop.domain.disputes import DisputeOutcome, last_dispute
from kayen_desktop.domain.errors import TicketError
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.practice.scenario import Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer

from .desk import DEPOSIT, QUIET, desk_at, desk_on

_QUESTIONS = ("version", "identity_address", "active_channels_count")


async def test_who_is_at_the_other_end_is_described_and_pinned(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        await desk.until(lambda: desk.state.clearing_house.version is not None, "a description")
        told = desk.state.clearing_house
        assert told.identity_address is not None
        assert told.active_channels is not None
        assert desk.journal.pin(CLEARING_HOUSE) == told.identity_address
        assert channel.broker is not None
        assert desk.journal.pin(broker_pin(channel.channel_id)) == channel.broker.address
        assert desk.state.alarm == ""


async def test_another_clearing_house_stops_trading_until_it_is_trusted(tmp_path: Path) -> None:
    signer = await throwaway_signer()
    async with (
        PracticeServer(QUIET) as server,
        desk_at(server, tmp_path, signer) as desk,
    ):
        await desk.until(
            lambda: desk.state.clearing_house.identity_address is not None, "a description"
        )
    async with (
        PracticeServer(replace(QUIET, seed=QUIET.seed + 1)) as server,
        desk_at(server, tmp_path, signer) as desk,
    ):
        await desk.until(lambda: bool(desk.state.alarm), "the alarm")
        broker = desk.session.channels.brokers[0]
        with pytest.raises(TicketError):
            await desk.session.channels.open(broker, DEPOSIT)
        (change,) = desk.session.clearing_house.changes
        assert change.told == desk.state.clearing_house.identity_address
        assert await desk.session.clearing_house.trust(change)
        assert desk.state.alarm == ""
        await desk.funded()


@pytest.mark.parametrize("fault", ["drop", "reject=unknown event"])
async def test_a_clearing_house_that_does_not_speak_of_itself_is_no_alarm(
    tmp_path: Path, fault: str
) -> None:
    scenario = Scenario([parse_fault(f"clearport:in:{name}x99:{fault}") for name in _QUESTIONS])
    async with (
        PracticeServer(QUIET, scenario) as server,
        desk_at(server, tmp_path, request_timeout_s=0.2) as desk,
    ):
        await desk.funded()
        assert desk.state.clearing_house.identity_address is None
        assert desk.journal.pin(CLEARING_HOUSE) is None
        assert desk.state.alarm == ""


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("cleared", DisputeOutcome.CLEARED), ("finished", DisputeOutcome.FINISHED)],
)
async def test_a_dispute_is_followed_to_its_end(
    tmp_path: Path, word: str, outcome: DisputeOutcome
) -> None:
    scenario = Scenario([parse_fault(f"clearport:in:positions:challenge={word}")])
    async with PracticeServer(QUIET, scenario) as server, desk_at(server, tmp_path) as desk:
        channel = await desk.funded()
        await desk.session.venue.list_positions(channel.channel_id)

        def found() -> DisputeOutcome | None:
            dispute = last_dispute(desk.state.channel_steps[channel.channel_id])
            return None if dispute is None else dispute.outcome

        await desk.until(lambda: found() is outcome, f"the dispute is {word}")
