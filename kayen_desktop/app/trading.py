"""Use cases of the exchange: place, cancel, close a position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, decimal_places
from kayen_desktop.domain.errors import (
    KayenError,
    Problem,
    ProblemKind,
    TicketError,
)
from kayen_desktop.domain.estimates import TicketContext
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.risk import added_amount
from kayen_desktop.venues.venue import Venue

from .changes import Topic
from .gate import Gate
from .intents import IntentLedger
from .state import AppState

# How long a close may be done at the exchange before the clearing house's word on the position.
CLOSE_SHOWN_WITHIN = timedelta(seconds=10)
_TRIGGER_KINDS = (
    frozenset({OrderType.STOP_LOSS, OrderType.STOP_LIMIT}),
    frozenset({OrderType.TAKE_PROFIT, OrderType.TAKE_LIMIT}),
)


@dataclass(frozen=True, slots=True)
class _Close:
    """A close that was accepted; ``held`` is the position's amount (base) when it was sent."""

    order_id: str
    held: Decimal
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class _Sent:
    """An order against a position that was accepted; ``held`` is the position's amount (base)."""

    order_id: str
    request: OrderRequest
    held: Decimal
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a larger use case and how it went; ``error`` is None where it was accepted."""

    position: Position
    error: KayenError | None


class Trading:
    """Orders, each sent at most once, never on stale prices, never while an alarm stands."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        ledger: IntentLedger,
        clock: Callable[[], datetime],
        gate: Gate | None = None,
    ) -> None:
        self._venue = venue
        self._state = state
        self._ledger = ledger
        self._clock = clock
        self._gate = gate or Gate()
        self._cancelling: set[str] = set()
        self._closing: set[str] = set()
        self._closes: dict[str, _Close] = {}
        self._sent: dict[str, list[_Sent]] = {}

    def problems(self, *, is_closing: bool = False) -> tuple[Problem, ...]:
        """Return why no order could be placed now; ``is_closing`` is for closing a position."""
        if self._gate.is_shut(is_closing=is_closing):
            return (Problem(ProblemKind.LOCKED),)
        state = self._state
        if state.alarm:
            return (Problem(ProblemKind.TRADING_STOPPED),)
        status = state.links.get(self._venue.trading_link)
        channel = state.channel
        if channel is not None and channel.is_settling and not is_closing:
            return (Problem(ProblemKind.SETTLEMENT_UNDER_WAY),)
        if channel is None or not channel.is_usable:
            return (Problem(ProblemKind.NO_CHANNEL),)
        if status is None or status.state is not LinkState.READY:
            return (Problem(ProblemKind.NOT_CONNECTED, unit=self._venue.trading_link),)
        if not state.is_fresh(self._venue.trading_link, self._clock()):
            return (Problem(ProblemKind.PRICES_STALE),)
        return ()

    def context(self, market: str) -> TicketContext:
        """Return what a ticket in the market is judged against now."""
        state = self._state
        ticker = state.tickers.get(market)
        last_price = ticker.last if ticker else None
        position = state.position_in(market)
        mark_price = position.mark_price if position else None
        return TicketContext(
            book=state.books.get(market),
            last_price=last_price,
            buying_power=state.margin.buying_power if state.margin else None,
            position=position,
            taker_fee=self._venue.taker_fee,
            account=state.margin_account,
            figures=state.margin_figures,
            rules=state.margin_rules,
            mark_price=last_price if mark_price is None else mark_price,
            resting=self._resting_against(position),
        )

    async def place(self, request: OrderRequest) -> str:
        """Place the order and return the venue's id of it.

        Raises:
            LockedError: the application is locked. TicketError: refused before sending; in the
            orange and the red zone whatever adds exposure is.
            JournalError: not written down, so not sent. TransportError: not sent.
            VenueRejectionError: the venue said no. OutcomeUnknownError: not confirmed yet.
        """
        return await self._place(request)

    async def _place(self, request: OrderRequest, *, is_closing: bool = False) -> str:
        self._gate.check(is_closing=is_closing)
        if problems := self.problems(is_closing=is_closing):
            raise TicketError(*problems)
        if not is_closing:
            self._check_zone(request)
        position = self._state.position_in(request.market)
        order_id = await self._ledger.submit(request, lambda: self._venue.place_order(request))
        if position is not None and position.side is not request.side:
            sent = _Sent(order_id, request, position.amount, self._clock())
            self._sent.setdefault(position.position_id, []).append(sent)
        return order_id

    def _check_zone(self, request: OrderRequest) -> None:
        """Refuse what adds exposure while the margin allows only reducing (YIP-0006)."""
        figures = self._state.margin_figures
        zone = None if figures is None else figures.zone
        if zone is None or not zone.is_close_only:
            return
        position = self._state.position_in(request.market)
        resting = self._resting_against(position).get(request.side, ZERO)
        if request.order_type.has_trigger:
            resting += self._waiting_like(request)
        if added_amount(request, position, resting) > ZERO:
            raise TicketError(Problem(ProblemKind.CLOSE_ONLY, unit=zone.value))

    def _resting_against(self, position: Position | None) -> dict[Side, Decimal]:
        """Return the amount (base) that is asked for already and would close the position.

        An order that still waits for its trigger does not count: a stop must not be in the way of
        closing by hand. An order that is on its way or unconfirmed does: it may be there. So does
        what was sold or bought a moment ago and the position does not show yet.
        """
        if position is None:
            return {}
        side = position.side.opposite
        live = (
            order.remaining
            for order in self._state.live_orders
            if (order.market, order.side) == (position.market, side)
            and order.state is not OrderState.TRIGGER_WAIT
        )
        asked = (intent.request for intent in self._ledger.unconfirmed)
        doubtful = (
            request.amount
            for request in asked
            if isinstance(request, OrderRequest)
            and (request.market, request.side) == (position.market, side)
            and not request.order_type.has_trigger
        )
        return {side: sum(live, ZERO) + sum(doubtful, ZERO) + self._unshown(position)}

    def _unshown(self, position: Position) -> Decimal:
        """Return the amount (base) just closed of the position, and not shown by it yet."""
        sent = self._sent.get(position.position_id, [])
        sent[:] = [each for each in sent if self._is_alive(each) or self._is_news(each)]
        news = [each for each in sent if self._is_news(each)]
        if not news:
            return ZERO
        closed = sum((self._closed_by(each) for each in news), ZERO)
        shown = max(news[0].held - position.amount, ZERO)
        return max(closed - shown, ZERO)

    def _closed_by(self, sent: _Sent) -> Decimal:
        """Return what the order has traded (base); all of it where nothing was told of it yet."""
        order = self._state.orders.get(sent.order_id)
        if order is not None:
            return order.executed
        return ZERO if sent.request.order_type.has_trigger else sent.request.amount

    def _is_alive(self, sent: _Sent) -> bool:
        order = self._state.orders.get(sent.order_id)
        return order is not None and order.state.is_live

    def _is_news(self, sent: _Sent) -> bool:
        """Return whether the clearing house may still have to hear of the order's fills."""
        told_at = self._state.told_at(Topic.ORDER, sent.order_id) or sent.accepted_at
        return self._clock() - told_at <= CLOSE_SHOWN_WITHIN

    def _waiting_like(self, request: OrderRequest) -> Decimal:
        """Return the amount (base) of the stops, or of the takes, that wait beside the request.

        A stop and a take of one position are one close between them: only the like add up.
        """
        kinds = next(each for each in _TRIGGER_KINDS if request.order_type in each)
        waiting = (
            order.remaining
            for order in self._state.live_orders
            if (order.market, order.side) == (request.market, request.side)
            and order.order_type in kinds
            and order.state is OrderState.TRIGGER_WAIT
        )
        return sum(waiting, ZERO)

    async def cancel(self, order_id: str) -> None:
        """Ask to cancel one live order; raises as ``place`` does."""
        self._gate.check()
        order = self._state.orders.get(order_id)
        if order is None or order.state.is_final:
            raise TicketError(Problem(ProblemKind.NOTHING_SELECTED))
        if order_id in self._cancelling:
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        self._cancelling.add(order_id)
        try:
            await self._venue.cancel_orders([order])
        finally:
            self._cancelling.discard(order_id)

    async def cancel_all(self) -> None:
        """Ask to cancel every live order; raises as ``place`` does."""
        self._gate.check()
        if not self._state.live_orders:
            raise TicketError(Problem(ProblemKind.NOTHING_SELECTED))
        if "" in self._cancelling:
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        self._cancelling.add("")
        try:
            await self._venue.cancel_all_orders()
        finally:
            self._cancelling.discard("")

    async def close_position(self, position_id: str, amount: Decimal | None = None) -> str:
        """Place the reversed order for all or part (base) of a position; raises as ``place``.

        A second close is refused until the first one shows in the position: sent twice, it would
        not close the position but turn it round. While the application is locked, a position may
        be closed where the trader said so before.
        """
        self._gate.check(is_closing=True)
        position = self._state.positions.get(position_id)
        if position is None:
            raise TicketError(Problem(ProblemKind.NOTHING_TO_CLOSE))
        request = position.close_request(amount)
        channel = self._state.channel
        if channel is None or channel.channel_id != position.channel_id:
            raise TicketError(Problem(ProblemKind.NO_CHANNEL))
        market = self._state.markets.get(position.market)
        if amount is not None and market is not None and amount != position.amount:
            places = market.amount_precision
            if decimal_places(amount) > places:
                raise TicketError(Problem(ProblemKind.AMOUNT_TOO_PRECISE, str(places)))
        if self._is_being_closed(position, request):
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        self._closing.add(position_id)
        try:
            order_id = await self._place(request, is_closing=True)
        finally:
            self._closing.discard(position_id)
        self._closes[position_id] = _Close(order_id, position.amount, self._clock())
        return order_id

    def _is_being_closed(self, position: Position, request: OrderRequest) -> bool:
        """Return whether a close of the position is on its way, unconfirmed, or not shown yet."""
        if position.position_id in self._closing:
            return True
        for intent in self._ledger.unconfirmed:
            asked = intent.request
            if (
                isinstance(asked, OrderRequest)
                and asked.order_type is OrderType.MARKET
                and (asked.market, asked.side) == (request.market, request.side)
            ):
                return True
        close = self._closes.get(position.position_id)
        if close is None or self._is_shown(close, position):
            self._closes.pop(position.position_id, None)
            return False
        return True

    def _is_shown(self, close: _Close, position: Position) -> bool:
        """Return whether the position tells what the close has done, or time enough has passed."""
        order = self._state.orders.get(close.order_id)
        if order is not None:
            if order.state.is_live:
                return False
            if order.executed == ZERO or position.amount <= close.held - order.executed:
                return True
        return self._clock() - close.accepted_at > CLOSE_SHOWN_WITHIN

    async def close_all_positions(self) -> list[Leg]:
        """Close every open position, one after the other; a failed leg does not stop the rest.

        Raises:
            LockedError: the application is locked, and the trader did not allow it before.
        """
        self._gate.check(is_closing=True)
        legs: list[Leg] = []
        for position in self._state.open_positions:
            try:
                await self.close_position(position.position_id)
            except KayenError as error:
                legs.append(Leg(position, error))
            else:
                legs.append(Leg(position, None))
        return legs
