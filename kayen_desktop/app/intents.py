"""Intents, written down before they are sent and settled by what the venue says afterwards."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import (
    JournalError,
    KayenError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import IntentChanged
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState
from kayen_desktop.journal.store import Journal

log = logging.getLogger(__name__)
# The venue's clock and ours may differ; an order older than this is hardly the intent's.
CLOCK_SKEW = timedelta(seconds=60)


class IntentLedger:
    """The only way from a trader's decision to a frame: journal first, then the wire, once.

    Decision: an order is told from an older twin by having been known before the intent was
    made, and by its time of creation only where the venue had not listed its orders by then. A
    wrong clock must not turn a live order into one that was "not received".
    """

    def __init__(
        self,
        journal: Journal,
        tell: Callable[[IntentChanged], None],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        orders: Mapping[str, Order],
    ) -> None:
        """``orders`` is the live view of every order told so far, in order of arrival."""
        self._journal = journal
        self._tell = tell
        self._clock = clock
        self._new_id = new_id
        self._orders = orders
        self._in_flight: dict[str, IntentRequest] = {}
        self._claimed = journal.venue_ids()
        self._unconfirmed: dict[str, Intent] = {}
        # How many orders were known when an intent was made: none of those can be its own.
        self._known_orders: dict[str, int] = {}
        self._has_listed = False
        # Accounts that were there while no opening was unconfirmed.
        self._foreign_channels: set[str] = set()

    def load(self) -> None:
        """Tell the intents that an earlier run left without an outcome."""
        for intent in self._journal.unconfirmed_intents():
            self._unconfirmed[intent.intent_id] = intent
            self._tell(IntentChanged(intent))

    @property
    def unconfirmed(self) -> list[Intent]:
        """The intents without an outcome, oldest first: on their way, or sent and unanswered."""
        return list(self._unconfirmed.values())

    @property
    def waiting(self) -> list[Intent]:
        """The intents that were sent, or perhaps sent, and are no longer being answered."""
        return [intent for key, intent in self._unconfirmed.items() if key not in self._in_flight]

    async def submit(
        self,
        request: IntentRequest,
        send: Callable[[], Awaitable[str]],
        *,
        prepare: Callable[[Intent], None] | None = None,
    ) -> str:
        """Write the request down, send it once, keep its outcome, and return the venue's id.

        ``prepare`` writes down what else must be on disk before the frame goes; where it raises,
        nothing is sent.

        Raises:
            TicketError: the same request is on its way already.
            JournalError: it could not be written down, so it was not sent.
            TransportError: it was not sent. VenueRejectionError: the venue said no.
            OutcomeUnknownError: sent without an answer; it stays unconfirmed.
        """
        if self._is_in_flight(request):
            raise TicketError(Problem(ProblemKind.ALREADY_SENDING))
        intent = Intent(self._new_id(), request, self._clock())
        self._journal.record_intent(intent)
        self._unconfirmed[intent.intent_id] = intent
        if self._has_listed:
            self._known_orders[intent.intent_id] = len(self._orders)
        self._in_flight[intent.intent_id] = request
        try:
            self._tell(IntentChanged(intent))
            if prepare is not None:
                self._prepare(intent, prepare)
            venue_id = await send()
        except VenueRejectionError as error:
            self._settle(intent, IntentOutcome.REJECTED, reason=error.reason)
            raise
        except TransportError as error:
            self._settle(intent, IntentOutcome.NOT_SENT, reason=str(error))
            raise
        finally:
            del self._in_flight[intent.intent_id]
        self._settle(intent, IntentOutcome.CONFIRMED, venue_id)
        return venue_id

    def _prepare(self, intent: Intent, prepare: Callable[[Intent], None]) -> None:
        try:
            prepare(intent)
        except KayenError as error:
            self._settle(intent, IntentOutcome.NOT_SENT, reason=str(error))
            raise

    def _is_in_flight(self, request: IntentRequest) -> bool:
        return request in self._in_flight.values()

    def _settle(
        self, intent: Intent, outcome: IntentOutcome, venue_id: str = "", reason: str = ""
    ) -> None:
        if self._unconfirmed.pop(intent.intent_id, None) is None:
            return
        settled = replace(intent, outcome=outcome, venue_id=venue_id, reason=reason)
        self._known_orders.pop(intent.intent_id, None)
        if venue_id:
            self._claimed.add(venue_id)
        try:
            self._journal.settle_intent(settled)
        except JournalError:
            # The outcome is true all the same; on disk it stays open, and the next start asks.
            log.exception("the outcome of %s could not be kept", intent.intent_id)
        self._tell(IntentChanged(settled))

    # What the venue says afterwards

    def match_orders(self, orders: tuple[Order, ...]) -> None:
        """Confirm waiting orders from the venue's list; equal intents take the oldest first."""
        # Venues tell whole seconds, and may list the newest first: among equals the older one is
        # the one heard of earlier.
        places = {order_id: place for place, order_id in enumerate(self._orders)}
        free = sorted(
            (order for order in orders if order.venue_order_id not in self._claimed),
            key=lambda order: (order.created_at, places.get(order.venue_order_id, len(places))),
        )
        for intent in self.waiting:
            # The order listed may be that of an equal request which is just being answered.
            if self._is_in_flight(intent.request):
                continue
            match = next((order for order in free if self._fits(order, intent)), None)
            if match is not None:
                free.remove(match)
                is_rejected = match.state is OrderState.REJECT
                outcome = IntentOutcome.REJECTED if is_rejected else IntentOutcome.CONFIRMED
                self._settle(intent, outcome, match.venue_order_id, match.reason)
        self._has_listed = True

    def _fits(self, order: Order, intent: Intent) -> bool:
        """Return whether the order can be the intent's."""
        if not isinstance(intent.request, OrderRequest) or not order.answers(intent.request):
            return False
        known = self._known_orders.get(intent.intent_id)
        if known is not None:
            return order.venue_order_id not in islice(self._orders, known)
        return order.created_at >= intent.created_at - CLOCK_SKEW

    def give_up_orders(self, doubtful: list[Intent], orders: tuple[Order, ...]) -> list[Intent]:
        """Settle orders that the venue's complete list does not show as not received.

        Return those that can't be decided yet, because an equal request is being answered. One
        that only the clocks tell apart from an order of the list stays unconfirmed.
        """
        undecided = []
        waiting = self.waiting
        for intent in doubtful:
            request = intent.request
            if intent not in waiting or not isinstance(request, OrderRequest):
                continue
            if self._is_in_flight(request):
                undecided.append(intent)
            elif intent.intent_id in self._known_orders or not any(
                order.venue_order_id not in self._claimed and order.answers(request)
                for order in orders
            ):
                self._settle(intent, IntentOutcome.NOT_RECEIVED)
        return undecided

    def match_channel(self, channel: Channel) -> None:
        """Settle waiting openings and closings by the venue's word on one account."""
        for intent in self.waiting:
            request = intent.request
            if isinstance(request, OpenChannelRequest):
                if self._is_new(channel.channel_id) and _is_opened_by(channel, request):
                    self._settle(intent, IntentOutcome.CONFIRMED, channel.channel_id)
            elif (
                isinstance(request, CloseChannelRequest)
                and request.channel_id == channel.channel_id
                and (channel.is_closed or channel.is_closing)
            ):
                self._settle(intent, IntentOutcome.CONFIRMED, channel.channel_id)
        if not any(isinstance(each.request, OpenChannelRequest) for each in self.unconfirmed):
            self._foreign_channels.add(channel.channel_id)

    def _is_new(self, channel_id: str) -> bool:
        return channel_id not in self._claimed and channel_id not in self._foreign_channels

    def match_announced(self, doubtful: list[Intent], channels: dict[str, Channel]) -> None:
        """Settle what waits once the venue has announced every open account after a sign-in.

        ``channels`` are the accounts announced since. An opening that is not announced was not
        received. A closing whose account is announced as open was not received; one whose
        account is not announced any more is done. Whether a trade made elsewhere was booked is
        said in the answer alone: no list names it, and a position may hold it or not.
        """
        for intent in doubtful:
            request = intent.request
            if isinstance(request, OpenChannelRequest):
                self._settle(intent, IntentOutcome.NOT_RECEIVED)
            elif isinstance(request, CloseChannelRequest):
                channel = channels.get(request.channel_id)
                if channel is None or channel.is_closed or channel.is_closing:
                    self._settle(intent, IntentOutcome.CONFIRMED, request.channel_id)
                else:
                    self._settle(intent, IntentOutcome.NOT_RECEIVED)
            elif isinstance(request, RecordTradeRequest):
                self._settle(intent, IntentOutcome.NEVER_KNOWN)

    def match_settlement(self, settlement_id: str, *, is_taken_in: bool) -> None:
        """Settle a waiting request to settle by what is known of its settlement."""
        outcome = IntentOutcome.CONFIRMED if is_taken_in else IntentOutcome.NOT_RECEIVED
        for intent in self.waiting:
            if intent.intent_id == settlement_id and isinstance(intent.request, SettleRequest):
                self._settle(intent, outcome)

    def match_recorded(self, channel_id: str, fill_id: str) -> None:
        """Confirm the waiting trade made elsewhere that the clearing house says it has."""
        for intent in self.waiting:
            match intent.request:
                case RecordTradeRequest(asked_of, fill) if (asked_of, fill.fill_id) == (
                    channel_id,
                    fill_id,
                ):
                    self._settle(intent, IntentOutcome.CONFIRMED, fill_id)


def _is_opened_by(channel: Channel, request: OpenChannelRequest) -> bool:
    """Return whether the account can be the one asked for; what is not told speaks for it."""
    if channel.is_closed and not channel.is_failed:
        return False
    is_broker = channel.broker is None or channel.broker.is_same_as(request.broker)
    return is_broker and channel.margin_deposit in (None, request.deposit)
