"""Everything known of one venue and account; written only by ``apply``, read by everybody.

Decision: the state keeps domain values in plain dictionaries in order of arrival and says what
changed; it does not call back. Who listens, and how often a screen is drawn, is not its business.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Channel, ChannelState
from kayen_desktop.domain.events import Event, Severity
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent
from kayen_desktop.domain.lifecycle import ChannelStep, Jump, Standing, judge_step
from kayen_desktop.domain.margin import (
    RULES,
    AssetBalance,
    MarginAccount,
    MarginBalance,
    MarginFigures,
    MarginRules,
)
from kayen_desktop.domain.orders import Order
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import SettlementRun

from .changes import Change, Topic
from .margin_memory import MarginMemory
from .market_state import Changes, MarketState

log = logging.getLogger(__name__)
NOTICES_KEPT = 500
SIGNATURES_KEPT = 100
WALLET_REQUESTS_KEPT = 100
STEPS_KEPT = 200  # of one account's life: a venue that goes back and forth is no reason to grow
# More of anything of ours than one account comes to. Nothing of it is ever forgotten to make room:
# a venue that tells more is out of order, and trading stops.
MOST_FACTS = 100_000
MOST_POSITIONS = 2000
_MARGIN_MOVED = Change(Topic.MARGIN)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the venue said in words, and when."""

    severity: Severity
    text: str
    at: datetime
    channel_id: str = ""
    trouble: events.Trouble = events.Trouble.OTHER
    transaction_hash: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class WalletNote:
    """What the venue wanted of the wallet, and when; none of it was done."""

    event: events.WalletAsked
    at: datetime


@dataclass(frozen=True, slots=True)
class SignatureNote:
    """A signature that is about to be made, or was not made, and when that was told."""

    event: events.SignatureAsked | events.SignatureWithheld
    at: datetime


class AppState(MarketState):
    """The single picture of a venue: dictionaries by key, each entry the newest word on it."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}
        self.fills: dict[str, Fill] = {}
        self.positions: dict[str, Position] = {}
        self.channels: dict[str, Channel] = {}
        self.channel_steps: dict[str, deque[ChannelStep]] = {}
        self.settlements: dict[str, SettlementRun] = {}
        self.intents: dict[str, Intent] = {}
        self.recorded: set[tuple[str, str]] = set()
        self.balances: dict[str, AssetBalance] = {}
        self.margin: MarginBalance | None = None
        self.margin_rules: MarginRules = RULES
        self.clearing_house = events.ClearingHouseDescribed()
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.signatures: deque[SignatureNote] = deque(maxlen=SIGNATURES_KEPT)
        self.wallet_requests: deque[WalletNote] = deque(maxlen=WALLET_REQUESTS_KEPT)
        self.alarm: str = ""
        self._memory = MarginMemory()
        self._appliers = {
            **self._appliers,
            events.OrderUpdated: self._order_updated,
            events.FillReceived: self._fill_received,
            events.MarginUpdated: self._margin_updated,
            events.AssetBalancesUpdated: self._balances_updated,
            events.ChannelUpdated: self._channel_updated,
            events.ChannelRecalled: self._channel_recalled,
            events.ChannelClosed: self._channel_closed,
            events.PositionUpdated: self._position_updated,
            events.PositionsListed: self._positions_listed,
            events.TradeRecorded: self._trade_recorded,
            events.SettlementUpdated: self._settlement_told,
            events.SettlementChanged: self._settlement_changed,
            events.VenueNotified: self._venue_notified,
            events.WalletAsked: self._wallet_asked,
            events.ClearingHouseDescribed: self._clearing_house_described,
            events.MarginRulesChosen: self._margin_rules_chosen,
            events.SecurityAlarmRaised: self._alarm_raised,
            events.SecurityAlarmLifted: self._alarm_lifted,
            events.IntentChanged: self._intent_changed,
            events.SignatureAsked: self._signature_told,
            events.SignatureWithheld: self._signature_told,
        }

    def apply(self, event: Event, now: datetime) -> Changes:
        """Take in one fact, stamp what it touches, and return what a screen must redraw."""
        changes = super().apply(event, now)
        # Nobody else writes, and all that the margin hangs on is told so: nothing old is given out.
        if _MARGIN_MOVED in changes:
            self._memory.forget()
        return changes

    @property
    def channel(self) -> Channel | None:
        """The account in use: the usable one, else the newest that is not over."""
        alive = [channel for channel in self.channels.values() if not channel.is_closed]
        usable = [channel for channel in alive if channel.is_usable]
        preferred = usable or alive
        return preferred[-1] if preferred else None

    @property
    def open_positions(self) -> list[Position]:
        """The positions still open, in order of arrival."""
        return [position for position in self.positions.values() if position.is_open]

    def open_positions_of(self, channel_id: str) -> list[Position]:
        """Return the account's positions still open, in order of arrival."""
        return [each for each in self.open_positions if each.channel_id == channel_id]

    @property
    def live_orders(self) -> list[Order]:
        """The orders that can still trade, in order of arrival."""
        return list(self._live.values())

    @property
    def unconfirmed_intents(self) -> list[Intent]:
        """What was asked for and has no known outcome yet, oldest first."""
        return [intent for intent in self.intents.values() if intent.is_unconfirmed]

    @property
    def margin_account(self) -> MarginAccount | None:
        """What the margin of the account in use hangs on; None until its balance is known."""
        known = self._margin_now()
        return None if known is None else known[0]

    @property
    def margin_figures(self) -> MarginFigures | None:
        """The account in use at a glance; None until its balance is known."""
        known = self._margin_now()
        return None if known is None else known[1]

    def _margin_now(self) -> tuple[MarginAccount, MarginFigures] | None:
        return self._memory.account(
            self.channel, self.positions.values(), self.margin, self.margin_rules
        )

    def settlements_of(self, channel_id: str) -> list[SettlementRun]:
        """Return the account's settlements, oldest first."""
        return [each for each in self.settlements.values() if each.channel_id == channel_id]

    def position_in(self, market: str) -> Position | None:
        """Return the open position of the account in use in the market, if there is one."""
        channel = self.channel
        held = [] if channel is None else self.open_positions_of(channel.channel_id)
        return next((each for each in held if each.market == market), None)

    # Orders and fills

    def _order_updated(self, event: events.OrderUpdated, now: datetime) -> Changes:
        order = event.order
        held = self.orders.get(order.venue_order_id)
        if held is not None and not order.is_newer_than(held):
            return ()
        if held is None and len(self.orders) >= MOST_FACTS:
            return self._refuse("orders", now)
        self.orders[order.venue_order_id] = order
        if order.state.is_live:
            self._live[order.venue_order_id] = order
        else:
            self._live.pop(order.venue_order_id, None)
        return (Change(Topic.ORDER, order.venue_order_id),)

    def _fill_received(self, event: events.FillReceived, now: datetime) -> Changes:
        if event.fill.fill_id in self.fills:
            return ()
        if len(self.fills) >= MOST_FACTS:
            return self._refuse("fills", now)
        self.fills[event.fill.fill_id] = event.fill
        return (Change(Topic.FILL, event.fill.fill_id),)

    # The account

    def _margin_updated(self, event: events.MarginUpdated, now: datetime) -> Changes:
        self.margin = event.margin
        return (Change(Topic.MARGIN),)

    def _balances_updated(self, event: events.AssetBalancesUpdated, now: datetime) -> Changes:
        if len(self.balances.keys() | {balance.asset for balance in event.balances}) > MOST_FACTS:
            return self._refuse("balances", now)
        for balance in event.balances:
            self.balances[balance.asset] = balance
        return tuple(Change(Topic.BALANCES, balance.asset) for balance in event.balances)

    def _channel_updated(self, event: events.ChannelUpdated, now: datetime) -> Changes:
        channel = event.channel
        held = self.channels.get(channel.channel_id)
        if held is not None and not channel.supersedes(held):
            return ()
        if held is not None and held.is_closed and not channel.is_closed:
            return ()  # a closed account does not come back; a late word about it is only late
        if held is not None:
            channel = channel.completed_by(held)
        self._keep_step(channel, now)
        gone = self._end_account(channel.channel_id) if channel.is_closed else ()
        self.channels[channel.channel_id] = channel
        return (Change(Topic.CHANNEL, channel.channel_id), Change(Topic.MARGIN), *gone)

    def _channel_closed(self, event: events.ChannelClosed, now: datetime) -> Changes:
        held = self.channels.get(event.channel_id)
        if held is None:
            held = Channel(event.channel_id, ChannelState.CLOSED)
        gone = self._end_account(event.channel_id)
        closed = replace(held, state=ChannelState.CLOSED)
        self._keep_step(closed, now)
        self.channels[event.channel_id] = closed
        return (Change(Topic.CHANNEL, event.channel_id), Change(Topic.MARGIN), *gone)

    def _channel_recalled(self, event: events.ChannelRecalled, now: datetime) -> Changes:
        self.channel_steps[event.channel_id] = deque(event.steps, maxlen=STEPS_KEPT)
        return (Change(Topic.CHANNEL, event.channel_id),)

    def _keep_step(self, channel: Channel, now: datetime) -> None:
        """Add to the account's life what differs; a jump that can't be is logged, and believed."""
        steps = self.channel_steps.setdefault(channel.channel_id, deque(maxlen=STEPS_KEPT))
        last = steps[-1] if steps else None
        if last is not None and (last.state, last.clearing_state) == (
            channel.state,
            channel.clearing_state,
        ):
            return
        jump = Jump.NEXT if last is None else judge_step(last, channel)
        if jump is Jump.ILLEGAL and last is not None:
            log.warning(
                "account %s went from %s to %s, which no account does",
                channel.channel_id,
                _state_words(last),
                _state_words(channel),
            )
        steps.append(
            ChannelStep(
                now,
                channel.state,
                channel.clearing_state,
                jump,
                channel.action,
                channel.state_text,
            )
        )

    def _end_account(self, channel_id: str) -> Changes:
        """Forget what an account held, and its margin: the next account has its own."""
        if self.channel is not None and self.channel.channel_id == channel_id:
            self.margin = None
        gone = [key for key, each in self.positions.items() if each.channel_id == channel_id]
        for key in gone:
            del self.positions[key]
        return tuple(Change(Topic.POSITION, key) for key in gone)

    def _position_updated(self, event: events.PositionUpdated, now: datetime) -> Changes:
        position = event.position
        channel = self.channels.get(position.channel_id)
        if channel is not None and channel.is_closed:
            return ()
        if not position.is_over:
            if position.position_id not in self.positions and (
                len(self.positions) >= MOST_POSITIONS
            ):
                return self._refuse("positions", now)
            self.positions[position.position_id] = position
        elif self.positions.pop(position.position_id, None) is None:
            return ()
        return (Change(Topic.POSITION, position.position_id), Change(Topic.MARGIN))

    def _positions_listed(self, event: events.PositionsListed, now: datetime) -> Changes:
        listed = {position.position_id for position in event.positions}
        gone = [
            key
            for key, position in self.positions.items()
            if position.channel_id == event.channel_id and key not in listed
        ]
        for key in gone:
            del self.positions[key]
        changes = {Change(Topic.POSITION, key): None for key in gone}
        for position in event.positions:
            changes.update(
                dict.fromkeys(self._position_updated(events.PositionUpdated(position), now))
            )
        return (*changes, Change(Topic.MARGIN))

    def _trade_recorded(self, event: events.TradeRecorded, now: datetime) -> Changes:
        if len(self.recorded) >= MOST_FACTS:
            return self._refuse("recorded trades", now)
        self.recorded.add((event.channel_id, event.fill_id))
        return (Change(Topic.FILL, event.fill_id),)

    def _settlement_told(self, event: events.SettlementUpdated, now: datetime) -> Changes:
        return ()  # it names no settlement: app/settlement_runs.py finds out which one it is of

    def _settlement_changed(self, event: events.SettlementChanged, now: datetime) -> Changes:
        run = event.run
        if run.settlement_id not in self.settlements and len(self.settlements) >= MOST_POSITIONS:
            return self._refuse("settlements", now)
        self.settlements[run.settlement_id] = run
        return (Change(Topic.SETTLEMENT, run.settlement_id),)

    def _clearing_house_described(
        self, event: events.ClearingHouseDescribed, now: datetime
    ) -> Changes:
        self.clearing_house = event
        return (Change(Topic.CLEARING_HOUSE),)

    def _margin_rules_chosen(self, event: events.MarginRulesChosen, now: datetime) -> Changes:
        self.margin_rules = event.rules
        return (Change(Topic.MARGIN),)

    # Words

    def _venue_notified(self, event: events.VenueNotified, now: datetime) -> Changes:
        self.notices.append(
            Notice(
                event.severity,
                event.text,
                now,
                event.channel_id,
                event.trouble,
                event.transaction_hash,
                event.state,
            )
        )
        return (Change(Topic.NOTICE),)

    def _alarm_raised(self, event: events.SecurityAlarmRaised, now: datetime) -> Changes:
        self.alarm = event.text
        self.notices.append(Notice(Severity.CRITICAL, event.text, now))
        return (Change(Topic.ALARM), Change(Topic.NOTICE))

    def _alarm_lifted(self, event: events.SecurityAlarmLifted, now: datetime) -> Changes:
        self.alarm = ""
        return (Change(Topic.ALARM),)

    def _wallet_asked(self, event: events.WalletAsked, now: datetime) -> Changes:
        self.wallet_requests.append(WalletNote(event, now))
        return (Change(Topic.WALLET),)

    def _signature_told(
        self, event: events.SignatureAsked | events.SignatureWithheld, now: datetime
    ) -> Changes:
        self.signatures.append(SignatureNote(event, now))
        return (Change(Topic.SIGNATURE),)

    def _refuse(self, what: str, now: datetime) -> Changes:
        """Take in no more of what there can't be so much of, and stop trading, once and loudly."""
        if self.alarm:
            return ()
        text = f"The venue tells of more {what} than an account has. What it told last is not kept."
        return self._alarm_raised(events.SecurityAlarmRaised(text), now)

    def _intent_changed(self, event: events.IntentChanged, now: datetime) -> Changes:
        self.intents[event.intent.intent_id] = event.intent
        return (Change(Topic.INTENT, event.intent.intent_id),)


def _state_words(standing: Standing) -> str:
    inner = standing.clearing_state
    return standing.state.value if inner is None else f"{standing.state.value}/{inner.value}"
