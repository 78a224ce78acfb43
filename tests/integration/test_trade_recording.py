"""Trades made elsewhere over real sockets: booked once, and never sent twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import OutcomeUnknownError, TicketError, VenueRejectionError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.receipt import make_receipt
from kayen_desktop.domain.recorded_trade import TradeDraft
from kayen_desktop.practice.scenario import Scenario, parse_fault
from kayen_desktop.venues.kayen import CLEARPORT

from .desk import DEPOSIT, PEPE, Desk, desk_on

PRICE = "0.00001152"


def drafted(desk: Desk, external_id: str = "T-1", side: Side = Side.BUY) -> Fill:
    """Return the fill of a draft typed now."""
    now = desk.session.now().isoformat(timespec="seconds")
    draft = TradeDraft(external_id, PEPE, side, "1000", PRICE, now)
    fill = desk.session.manual_trades.check(draft)
    assert isinstance(fill, Fill), fill
    return fill


def outcome(desk: Desk) -> IntentOutcome:
    return list(desk.state.intents.values())[-1].outcome


async def test_a_trade_made_elsewhere_becomes_a_position(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        fill = drafted(desk)
        await desk.session.manual_trades.record(channel.channel_id, fill)
        assert outcome(desk) is IntentOutcome.CONFIRMED
        await desk.until(lambda: bool(desk.state.open_positions), "the position appears")
        [position] = desk.state.open_positions
        assert (position.amount, position.cost) == (Decimal(1000), Decimal("0.01152"))
        with pytest.raises(TicketError, match="external_id_known"):
            await desk.session.manual_trades.record(channel.channel_id, fill)


async def test_the_receipt_knows_of_trades_made_elsewhere(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        trades = desk.session.manual_trades
        await trades.record(channel.channel_id, drafted(desk))
        await desk.until(lambda: bool(desk.state.open_positions), "the position appears")
        await trades.record(channel.channel_id, drafted(desk, "T-2", Side.SELL))
        await desk.until(lambda: not desk.state.positions, "the position is gone")
        await desk.session.channels.close(channel.channel_id)
        fills = desk.session.fills_of(channel.channel_id)
        assert [fill.fill_id for fill in fills] == ["T-1", "T-2"]
        returned = desk.state.channels[channel.channel_id].own_balance
        assert returned is not None
        assert make_receipt(DEPOSIT, fills, returned).difference == 0


async def test_a_no_of_the_house_is_a_rejection_and_the_id_is_free_again(tmp_path: Path) -> None:
    scenario = Scenario([parse_fault("clearport:in:record_trade:reject=unknown market")])
    async with desk_on(tmp_path, scenario=scenario) as desk:
        channel = await desk.funded()
        with pytest.raises(VenueRejectionError, match="unknown market"):
            await desk.session.manual_trades.record(channel.channel_id, drafted(desk))
        assert outcome(desk) is IntentOutcome.REJECTED
        await desk.session.manual_trades.record(channel.channel_id, drafted(desk))
        assert outcome(desk) is IntentOutcome.CONFIRMED


@pytest.mark.parametrize("direction", ["in", "out"])
async def test_an_answer_that_is_lost_can_never_be_known(tmp_path: Path, direction: str) -> None:
    scenario = Scenario([parse_fault(f"clearport:{direction}:record_trade:close")])
    async with desk_on(tmp_path, scenario=scenario) as desk:
        channel = await desk.funded()
        fill = drafted(desk)
        with pytest.raises(OutcomeUnknownError):
            await desk.session.manual_trades.record(channel.channel_id, fill)
        assert outcome(desk) is IntentOutcome.UNCONFIRMED
        await desk.until(
            lambda: outcome(desk) is IntentOutcome.NEVER_KNOWN, "nobody can say what became of it"
        )
        await desk.until(lambda: desk.is_ready(CLEARPORT), "Clearport is back")
        with pytest.raises(TicketError, match="external_id_known"):
            await desk.session.manual_trades.record(channel.channel_id, fill)
        assert desk.journal.is_reported(channel.channel_id, "T-1")
