"""Whatever network and venue do: no order lost or sent twice, every fill counted once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import (
    OutcomeUnknownError,
    ProblemKind,
    TicketError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.intents import IntentOutcome
from kayen_desktop.domain.orders import OrderState
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.practice.scenario import Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues import kayen, kayen_sign_in
from kayen_desktop.venues.kayen import CLEARPORT, FINEX

from .desk import AMOUNT, DEPOSIT, PEPE, QUIET, Desk, buy, desk_at, desk_on


def faults(*specs: str) -> Scenario:
    return Scenario([parse_fault(spec) for spec in specs])


def outcomes(desk: Desk) -> list[IntentOutcome]:
    return [intent.outcome for intent in desk.state.intents.values()]


async def test_an_order_whose_answer_is_lost_is_found_at_the_venue(tmp_path: Path) -> None:
    async with desk_on(tmp_path, scenario=faults("finex:out:create_order:close")) as desk:
        await desk.funded()
        with pytest.raises(OutcomeUnknownError):
            await desk.session.trading.place(buy())
        assert outcomes(desk)[-1] is IntentOutcome.UNCONFIRMED
        await desk.until(
            lambda: outcomes(desk)[-1] is IntentOutcome.CONFIRMED, "the order is found"
        )
        await desk.until(lambda: bool(desk.state.fills), "its fill is told")
        assert len(await desk.session.venue.list_orders()) == 1
        assert desk.state.open_positions[0].amount == AMOUNT


async def test_an_order_that_never_arrived_is_settled_as_not_received(tmp_path: Path) -> None:
    async with desk_on(tmp_path, scenario=faults("finex:in:create_order:close")) as desk:
        await desk.funded()
        with pytest.raises(OutcomeUnknownError):
            await desk.session.trading.place(buy())
        await desk.until(
            lambda: outcomes(desk)[-1] is IntentOutcome.NOT_RECEIVED, "the venue knows of none"
        )
        assert await desk.session.venue.list_orders() == ()
        await desk.session.trading.place(buy())


async def test_silence_after_an_order_is_not_a_rejection(tmp_path: Path) -> None:
    scenario = faults("finex:out:create_order:drop")
    async with (
        PracticeServer(QUIET, scenario) as server,
        desk_at(server, tmp_path, request_timeout_s=0.3) as desk,
    ):
        await desk.funded()
        with pytest.raises(OutcomeUnknownError):
            await desk.session.trading.place(buy())
        await desk.until(
            lambda: outcomes(desk)[-1] is IntentOutcome.CONFIRMED, "the order is found"
        )
        assert len(await desk.session.venue.list_orders()) == 1


async def test_an_answer_that_cannot_be_read_leaves_the_order_unconfirmed(tmp_path: Path) -> None:
    scenario = faults("finex:out:create_order:drop")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.funded()
        placing = asyncio.create_task(desk.session.trading.place(buy()))
        await desk.until(lambda: bool(desk.state.orders), "the order is told by its event")
        # The request numbers are ours: the last one is the order's.
        for number in range(1, 40):
            desk.server.inject("finex", f'[2,{number},"create_order",[{{"odd":1}}]]')
        with pytest.raises(OutcomeUnknownError):
            await placing
        await desk.until(
            lambda: outcomes(desk)[-1] is IntentOutcome.CONFIRMED, "the order is found"
        )


async def test_a_doubled_answer_and_doubled_fills_count_once(tmp_path: Path) -> None:
    scenario = faults(
        "finex:out:create_order:duplicate",
        "finex:out:trx0:duplicate",
        "finex:out:onx0:duplicate",
        "clearport:out:position_notificationx0:duplicate",
        "clearport:out:record_tradex0:duplicate",
    )
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.funded()
        await desk.bought()
        assert sum(fill.amount for fill in desk.state.fills.values()) == AMOUNT
        assert len(desk.state.open_positions) == 1


async def test_a_rejection_is_definitive_and_not_looked_up(tmp_path: Path) -> None:
    scenario = faults("finex:in:create_order:reject=market is halted")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.funded()
        with pytest.raises(VenueRejectionError, match="market is halted"):
            await desk.session.trading.place(buy())
        assert outcomes(desk)[-1] is IntentOutcome.REJECTED
        assert desk.is_ready(FINEX)


async def test_a_partial_fill_is_told_as_it_is(tmp_path: Path) -> None:
    scenario = faults("finex:in:create_order:partial=0.25")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.funded()
        order_id = await desk.bought()
        await desk.until(lambda: desk.state.orders[order_id].state.is_final, "the order is final")
        order = desk.state.orders[order_id]
        assert 0 < order.executed < AMOUNT
        assert desk.state.open_positions[0].amount == order.executed


@pytest.mark.parametrize("name", ["finex", "clearport"])
async def test_a_cut_connection_comes_back_with_everything(tmp_path: Path, name: str) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        await desk.watching()
        await desk.bought()
        before = dict(desk.state.fills)
        link_name = FINEX if name == "finex" else CLEARPORT
        desk.server.drop_connections("finex" if name == "finex" else "clearport")
        await desk.until(lambda: not desk.is_ready(link_name), "the cut is noticed")
        await desk.until(
            lambda: desk.is_ready(CLEARPORT) and desk.is_ready(FINEX), "both links are back"
        )
        await desk.until(lambda: PEPE in desk.state.books, "the book is back")
        assert desk.state.fills == before
        await desk.session.trading.close_all_positions()
        await desk.until(lambda: not desk.state.open_positions, "and trading goes on")


async def test_however_often_it_was_cut_it_is_back_within_three_seconds(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        await desk.funded()
        for _ in range(6):
            desk.server.drop_connections("clearport")
            await desk.until(lambda: not desk.is_ready(CLEARPORT), "the cut is noticed")
            async with asyncio.timeout(3):
                await desk.until(lambda: desk.is_ready(CLEARPORT), "it is back")


async def test_fills_made_while_away_are_caught_up_with_their_fees(tmp_path: Path) -> None:
    async with desk_on(tmp_path, scenario=faults("finex:out:trx0:drop")) as desk:
        await desk.funded()
        await desk.session.trading.place(buy())
        await desk.until(lambda: bool(desk.state.open_positions), "the position appears")
        assert not desk.state.fills
        desk.server.scenario.clear()
        desk.server.drop_connections("finex")
        await desk.until(lambda: bool(desk.state.fills), "the fill is listed")
        (fill,) = desk.state.fills.values()
        assert fill.fee > 0
        assert fill.fee_currency == "usd"


async def test_a_gap_in_the_book_is_noticed_and_healed(tmp_path: Path) -> None:
    scenario = faults("finex:out:obi@3:gap")
    settings = replace(QUIET, events_per_second=400)
    async with desk_on(tmp_path, settings, scenario) as desk:
        await desk.connected()
        await desk.watching()
        lost = asyncio.Event()

        def look(changes: object) -> None:
            if PEPE not in desk.state.books:
                lost.set()

        desk.session.listen(look)
        async with asyncio.timeout(20):
            await lost.wait()
        await desk.until(lambda: PEPE in desk.state.books, "a new book arrives")


async def test_a_venue_that_does_not_tell_its_markets_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kayen, "MARKETS_WITHIN_S", 0.05)
    async with desk_on(tmp_path, scenario=faults("finex:out:markets:drop")) as desk:
        await desk.until(lambda: PEPE in desk.state.markets, "the markets are told when asked")


async def test_an_opening_whose_answer_is_lost_is_found_by_its_announcement(
    tmp_path: Path,
) -> None:
    scenario = faults("clearport:out:open_channel:close")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        with pytest.raises(OutcomeUnknownError):
            await desk.session.channels.open(broker, DEPOSIT)
        with pytest.raises(TicketError):
            await desk.session.channels.open(broker, DEPOSIT)
        await desk.until(lambda: desk.is_ready(FINEX), "the account is in use")
        assert outcomes(desk) == [IntentOutcome.CONFIRMED]
        assert len(desk.server.channels_of(desk.address)) == 1


async def test_an_opening_that_never_arrived_is_settled_as_not_received(tmp_path: Path) -> None:
    scenario = faults("clearport:in:open_channel:close")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        with pytest.raises(OutcomeUnknownError):
            await desk.session.channels.open(broker, DEPOSIT)
        await desk.until(
            lambda: outcomes(desk) == [IntentOutcome.NOT_RECEIVED], "nothing was announced"
        )
        await desk.funded()


async def test_funding_that_fails_gives_the_account_up(tmp_path: Path) -> None:
    scenario = faults("clearport:in:open_channel:fail_funding")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        await desk.connected()
        broker = desk.session.channels.brokers[0]
        channel_id = await desk.session.channels.open(broker, DEPOSIT)
        await desk.until(lambda: desk.state.channels[channel_id].is_failed, "it failed")
        assert desk.state.channel is None
        assert desk.server.wallet_balance(desk.address) == QUIET.wallet_balance
        await desk.funded()


async def test_a_closing_whose_answer_is_lost_is_settled(tmp_path: Path) -> None:
    scenario = faults("clearport:out:close_channel:close")
    async with desk_on(tmp_path, scenario=scenario) as desk:
        channel = await desk.funded()
        with pytest.raises(OutcomeUnknownError):
            await desk.session.channels.close(channel.channel_id)
        await desk.until(
            lambda: outcomes(desk)[-1] is IntentOutcome.CONFIRMED, "the closing is confirmed"
        )
        assert desk.state.channel is None


async def test_a_broker_that_closes_ends_the_account_and_the_session(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        desk.server.close_for_broker(channel.channel_id)
        await desk.until(lambda: desk.state.channel is None, "the account is over")
        await desk.until(
            lambda: desk.state.links[FINEX].state is LinkState.CONNECTED, "prices go on"
        )
        with pytest.raises(TicketError) as caught:
            await desk.session.trading.place(buy())
        assert caught.value.problems[0].kind is ProblemKind.NO_CHANNEL


async def test_an_expired_channel_token_is_asked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kayen_sign_in, "SIGN_IN_AGAIN_S", 0.05)
    async with desk_on(tmp_path, scenario=faults("clearport:in:channel_jwt:expire")) as desk:
        await desk.funded()
        assert desk.is_ready(FINEX)


async def test_a_session_that_expires_is_signed_in_to_again(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        channel = await desk.funded()
        desk.server.scenario.add(parse_fault("clearport:in:positions:expire"))
        with pytest.raises(VenueRejectionError):
            await desk.session.venue.list_positions(channel.channel_id)
        await desk.until(lambda: not desk.is_ready(CLEARPORT), "the end is noticed")
        await desk.until(lambda: desk.is_ready(CLEARPORT), "it signs in again")
        await desk.session.venue.list_positions(channel.channel_id)


async def test_tokens_are_renewed_before_they_expire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kayen_sign_in, "CHECK_TOKENS_EVERY_S", 0.05)
    settings = replace(QUIET, channel_token_lifetime_s=30, session_lifetime_s=3600)
    async with PracticeServer(settings) as server, desk_at(server, tmp_path) as desk:
        await desk.funded()
        venue = desk.session.venue
        assert isinstance(venue, kayen.KayenVenue)
        first = venue.channel_token
        assert first is not None

        def is_renewed() -> bool:
            token = venue.channel_token if isinstance(venue, kayen.KayenVenue) else None
            return token is not None and token.text != first.text

        async with asyncio.timeout(10):
            while not is_renewed():
                await desk.session.venue.list_orders()
        assert desk.is_ready(FINEX)


@pytest.mark.parametrize("records", [True, False])
async def test_each_fill_is_recorded_once_whoever_does_it(tmp_path: Path, *, records: bool) -> None:
    settings = replace(QUIET, records_trades=records)
    async with PracticeServer(settings) as server:
        signer = await throwaway_signer()
        async with desk_at(server, tmp_path, signer) as desk:
            channel = await desk.funded()
            await desk.bought()
            (fill_id,) = desk.state.fills
            await desk.until(
                lambda: (channel.channel_id, fill_id) in desk.state.recorded, "it is recorded"
            )
        async with desk_at(server, tmp_path, signer) as desk:
            await desk.until(lambda: bool(desk.state.open_positions), "the position is listed")
            await desk.until(lambda: bool(desk.state.fills), "the fill is remembered")
            assert desk.state.open_positions[0].amount == AMOUNT
            assert desk.journal.is_reported(channel.channel_id, fill_id)


async def test_a_restart_finds_out_what_became_of_an_order(tmp_path: Path) -> None:
    scenario = faults("finex:out:create_order:silence")
    async with PracticeServer(QUIET, scenario) as server:
        signer = await throwaway_signer()
        async with desk_at(server, tmp_path, signer) as desk:
            await desk.funded()
            placing = asyncio.create_task(desk.session.trading.place(buy()))
            await desk.until(lambda: bool(desk.state.open_positions), "the order was filled")
            placing.cancel()
            await asyncio.gather(placing, return_exceptions=True)
        async with desk_at(server, tmp_path, signer) as desk:
            assert outcomes(desk) == [IntentOutcome.UNCONFIRMED]
            await desk.until(lambda: outcomes(desk) == [IntentOutcome.CONFIRMED], "it is found out")
            (order,) = desk.state.orders.values()
            assert order.state is OrderState.DONE
            assert len(await desk.session.venue.list_orders()) == 1
