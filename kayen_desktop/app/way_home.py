"""The way home, leg by leg, as the state shows it: what was done, and what is left.

Decision: what is left to do is read from the state each time, and the plan on disk says only that
the trader wanted it. A list of steps done would be wrong as soon as the venue, the broker or the
trader did something else meanwhile; what is true can't be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.intents import CloseChannelRequest, SettleRequest
from kayen_desktop.domain.orders import Order, OrderRequest
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import PaymentMethod, SettlementRun

from .state import AppState


class Way(Enum):
    """How positions are ended: by reversed orders at the exchange, or settled with the broker."""

    CLOSE = "close"
    SETTLE = "settle"


class LegKind(Enum):
    """The legs, in the order in which they are gone."""

    CANCEL = "cancel"
    SETTLE = "settle"
    CLOSE = "close"
    CLOSE_ACCOUNT = "close_account"


class LegMark(Enum):
    """Where a leg stands."""

    AHEAD = "ahead"
    NOW = "now"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Closing:
    """A position as it was when its close was sent, and the venue's word on the order."""

    position: Position
    order: Order | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg as it stands now: what it has done, and what of it is left.

    ``orders`` are those that were to be cancelled, ``live_orders`` and ``positions`` what is left,
    ``closings`` what was sent for positions that are gone, ``run`` the settlement.
    """

    kind: LegKind
    mark: LegMark
    orders: tuple[Order, ...] = ()
    live_orders: tuple[Order, ...] = ()
    positions: tuple[Position, ...] = ()
    closings: tuple[Closing, ...] = ()
    run: SettlementRun | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """Why the flow ended before it was home; with nothing named, the trader stopped it.

    ``order`` is a closing order that ended short, ``run`` a settlement that came to nothing.
    """

    kind: LegKind
    error: KayenError | None = None
    order: Order | None = None
    run: SettlementRun | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A way home that was begun and not ended, of an account that is still there."""

    channel_id: str
    way: Way


@dataclass(slots=True)
class Trip:
    """What this run of the application did for one account; it only adds to what is true.

    ``current`` is the leg being gone, ``cancelled`` the orders whose cancel was asked for, in
    order, ``closes`` the positions by id with the closing order sent for each.
    """

    channel_id: str
    way: Way
    method: PaymentMethod | None = None
    current: LegKind | None = None
    setback: Setback | None = None
    cancelled: dict[str, None] = field(default_factory=dict)
    closes: dict[str, tuple[Position, str]] = field(default_factory=dict)
    settlement_id: str = ""


class Account:
    """One account in the state, with the questions that going home has of it."""

    def __init__(self, state: AppState, channel_id: str) -> None:
        self._state = state
        self.channel_id = channel_id

    @property
    def is_closed(self) -> bool:
        """True where the account is over."""
        channel = self._state.channels.get(self.channel_id)
        return channel is not None and channel.is_closed

    @property
    def is_closing(self) -> bool:
        """True where the account is being closed, or is closed."""
        channel = self._state.channels.get(self.channel_id)
        return channel is not None and (channel.is_closed or channel.is_closing)

    @property
    def is_settling(self) -> bool:
        """True while a settlement keeps the account from everything else."""
        channel = self._state.channels.get(self.channel_id)
        return channel is not None and channel.is_settling

    @property
    def open_positions(self) -> tuple[Position, ...]:
        """The account's positions that can be closed or settled, in order of arrival."""
        return tuple(self._state.open_positions_of(self.channel_id))

    @property
    def has_doubt(self) -> bool:
        """True while something sent for the account is not confirmed."""
        return any(
            isinstance(each.request, OrderRequest)
            or (
                isinstance(each.request, CloseChannelRequest | SettleRequest)
                and each.request.channel_id == self.channel_id
            )
            for each in self._state.unconfirmed_intents
        )

    @property
    def run_under_way(self) -> SettlementRun | None:
        """The settlement whose end has not come, the newest one."""
        runs = self._state.settlements_of(self.channel_id)
        return next((run for run in reversed(runs) if not run.is_over), None)

    def are_final(self, order_ids: Iterable[str]) -> bool:
        """Return whether none of the orders can trade any more."""
        orders = (self._state.orders.get(each) for each in order_ids)
        return not any(order is not None and order.state.is_live for order in orders)

    def is_settled(self, settlement_id: str) -> bool:
        """Return whether the settlement has ended, and its end shows in the positions."""
        run = self._state.settlements.get(settlement_id)
        if run is None or not run.is_over:
            return False
        return not run.is_paid or not any(
            each.channel_id == self.channel_id and each.market in run.markets
            for each in self._state.positions.values()
        )

    def have_ended(self, trip: Trip, position_ids: Collection[str]) -> bool:
        """Return whether each position is gone, or its closing order ended short of it."""
        return all(
            each not in self._state.positions or self._short_order(trip, each) is not None
            for each in position_ids
        )

    def short_order(self, trip: Trip, position_ids: Collection[str]) -> Order | None:
        """Return the first closing order that ended and left some of its position."""
        left = (each for each in position_ids if each in self._state.positions)
        short = (self._short_order(trip, each) for each in left)
        return next((order for order in short if order is not None), None)

    def has_fills(self, trip: Trip) -> bool:
        """Return whether every fill of the orders that were ended has been told."""
        ids = {*trip.cancelled, *(order_id for _, order_id in trip.closes.values())}
        told = dict.fromkeys(ids, ZERO)
        for fill in self._state.fills.values():
            if fill.venue_order_id in told:
                told[fill.venue_order_id] += fill.amount
        orders = (self._state.orders.get(each) for each in ids)
        return all(
            order is None or told[order.venue_order_id] >= order.executed for order in orders
        )

    def _short_order(self, trip: Trip, position_id: str) -> Order | None:
        order = self._state.orders.get(trip.closes[position_id][1])
        is_short = order is not None and order.state.is_final and order.executed < order.amount
        return order if is_short else None

    # The legs

    def legs(self, trip: Trip | None, way: Way) -> tuple[Leg, ...]:
        """Return the legs that were gone and those that are left, in order.

        A leg that has nothing to do and did nothing is left out.
        """
        is_left = not self.is_closed
        legs = (
            self._cancel_leg(trip),
            self._settle_leg(trip, way),
            self._close_leg(trip, way),
            Leg(LegKind.CLOSE_ACCOUNT, _mark(trip, LegKind.CLOSE_ACCOUNT, is_left=is_left)),
        )
        return tuple(leg for leg in legs if leg is not None)

    def next_leg(self, trip: Trip) -> LegKind:
        """Return the first leg that is left."""
        legs = self.legs(trip, trip.way)
        return next(leg.kind for leg in legs if leg.mark in (LegMark.AHEAD, LegMark.NOW))

    def _cancel_leg(self, trip: Trip | None) -> Leg | None:
        live = () if self.is_closed else tuple(self._state.live_orders)
        asked = () if trip is None else tuple(trip.cancelled)
        if not live and not asked:
            return None
        orders = tuple(self._state.orders[key] for key in asked if key in self._state.orders)
        mark = _mark(trip, LegKind.CANCEL, is_left=bool(live))
        return Leg(LegKind.CANCEL, mark, orders=orders, live_orders=live)

    def _settle_leg(self, trip: Trip | None, way: Way) -> Leg | None:
        run = self.run_under_way
        if run is None and trip is not None:
            run = self._state.settlements.get(trip.settlement_id)
        left = self.open_positions if way is Way.SETTLE else ()
        is_under_way = run is not None and not run.is_over
        if run is None and not left:
            return None
        mark = _mark(trip, LegKind.SETTLE, is_left=bool(left) or is_under_way)
        if mark is LegMark.DONE and run is not None and not run.is_paid:
            mark = LegMark.STOPPED  # it came to nothing, and another way was taken
        return Leg(LegKind.SETTLE, mark, positions=left, run=run)

    def _close_leg(self, trip: Trip | None, way: Way) -> Leg | None:
        closes = {} if trip is None else trip.closes
        closings = tuple(
            Closing(position, self._state.orders.get(order_id))
            for key, (position, order_id) in closes.items()
            if key not in self._state.positions
        )
        left = self.open_positions if way is Way.CLOSE else ()
        if not closings and not left:
            return None
        mark = _mark(trip, LegKind.CLOSE, is_left=bool(left))
        return Leg(LegKind.CLOSE, mark, positions=left, closings=closings)


def _mark(trip: Trip | None, kind: LegKind, *, is_left: bool) -> LegMark:
    if not is_left:
        return LegMark.DONE
    if trip is None:
        return LegMark.AHEAD
    if trip.current is kind:
        return LegMark.NOW
    is_stopped = trip.setback is not None and trip.setback.kind is kind
    return LegMark.STOPPED if is_stopped else LegMark.AHEAD
