"""A desk with all that going home uses, and the facts that a venue tells on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.channels import Channels
from kayen_desktop.app.gate import Gate
from kayen_desktop.app.going_home import GoingHome
from kayen_desktop.app.settlement import Settlements
from kayen_desktop.app.trading import Trading
from kayen_desktop.app.way_home import Leg, LegKind, LegMark, Setback, Way
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import (
    ProblemKind,
    TicketError,
)
from kayen_desktop.domain.events import Event, LinkState
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import Settlement, SettlementState
from tests.unit.domain.samples import CHANNEL, PEPE, make_channel, make_order, make_position

from .conftest import Desk
from .fake_venue import CLEARING, TRADING

BTC = "BTC/USD"
RICH = replace(
    make_channel(),
    margin_deposit=Decimal(30),
    initiator_balance=Decimal(30),
    responder_balance=Decimal(30),
    turn_num=None,
)


class Traveller:
    """A desk with all that going home uses, fed as a session feeds it."""

    def __init__(self, desk: Desk, gate: Gate | None = None, *, books_within_s: float = 0) -> None:
        self.desk = desk
        self.has_unrecorded = False
        gate = gate or Gate()
        self.settlements = Settlements(
            desk.venue, desk.state, desk.ledger, desk.journal, self.tell, desk.clock, gate
        )
        self.home = GoingHome(
            desk.state,
            Trading(desk.venue, desk.state, desk.ledger, desk.clock, gate),
            Channels(desk.venue, desk.state, desk.ledger, gate),
            self.settlements,
            desk.journal,
            desk.clock,
            gate,
            has_unrecorded=lambda channel_id: self.has_unrecorded,
            books_within_s=books_within_s,
        )

    def tell(self, *told: Event) -> None:
        for event in told:
            changes = self.desk.state.apply(event, self.desk.clock())
            match event:
                case events.ChannelUpdated(channel):
                    self.settlements.on_channel(channel)
                    self.home.on_channel(self.desk.state.channels[channel.channel_id])
                case events.SettlementUpdated(word):
                    self.settlements.on_settlement(word)
            self.home.on_changes(changes)

    def begin(self, *told: Event) -> None:
        """Let both links be signed in, an account be usable, and these facts be told."""
        self.tell(
            events.LinkChanged(CLEARING, LinkState.READY),
            events.ChannelUpdated(RICH),
            events.LinkChanged(TRADING, LinkState.READY),
            *told,
        )

    def go(self, way: Way = Way.CLOSE) -> asyncio.Task[None]:
        return asyncio.create_task(self.home.go(way))

    def told_closed(self) -> None:
        self.tell(events.ChannelUpdated(replace(RICH, state=ChannelState.CLOSED)))

    def settles(self, state: SettlementState) -> None:
        self.tell(events.SettlementUpdated(Settlement(CHANNEL, state, (PEPE,))))

    @property
    def sent(self) -> list[str]:
        """The names of the requests sent so far."""
        return [call[0] for call in self.desk.venue.calls]

    def marks(self, way: Way = Way.CLOSE) -> list[tuple[LegKind, LegMark]]:
        return [(leg.kind, leg.mark) for leg in self.home.legs(way)]

    def leg(self, kind: LegKind, way: Way = Way.CLOSE) -> Leg:
        (leg,) = [each for each in self.home.legs(way) if each.kind is kind]
        return leg

    def setback(self) -> Setback:
        assert self.home.setback is not None
        return self.home.setback


def order(state: OrderState = OrderState.WAIT, order_id: str = "L1", executed: str = "0") -> Event:
    return events.OrderUpdated(make_order(order_id, state=state, executed=executed))


def held(market: str = PEPE, position_id: str = "p1") -> Event:
    return events.PositionUpdated(make_position(position_id, market=market))


def gone(position_id: str = "p1", market: str = PEPE) -> Event:
    over = make_position(position_id, market=market, amount="0", status=PositionStatus.CLOSED)
    return events.PositionUpdated(over)


def closing_order(
    order_id: str, state: OrderState = OrderState.DONE, executed: str = "100", reason: str = ""
) -> Event:
    request = OrderRequest(PEPE, Side.SELL, OrderType.MARKET, Decimal(100))
    return events.OrderUpdated(
        make_order(order_id, request, state, executed=executed, trades_count=1, reason=reason)
    )


async def refusal(work: Awaitable[object]) -> ProblemKind:
    with pytest.raises(TicketError) as refused:
        await work
    return refused.value.problems[0].kind
