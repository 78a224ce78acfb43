"""The logic of closing a margin account: empty it, ask once, follow to the end, give a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import (
    KayenError,
    Problem,
    ProblemKind,
    VenueRejectionError,
)
from kayen_desktop.domain.intents import CloseChannelRequest, Intent, IntentOutcome
from kayen_desktop.domain.margin import account_of, measure
from kayen_desktop.domain.markets import quote_of
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_amount, format_exact, format_money
from kayen_desktop.ui.notices import (
    Notice,
    channel_title,
    error_notice,
    failure_notice,
    order_activity,
    problem_text,
)
from kayen_desktop.ui.notices.closing import (
    BALANCE_UNKNOWN,
    CLOSED_BY_BROKER,
    CLOSED_BY_YOU,
    CLOSING_FAILED,
    CLOSING_FIRST,
    CLOSING_OPENING,
    CLOSING_READY,
    CLOSING_SENDING,
    CLOSING_UNCONFIRMED_ORDER,
    CLOSING_UNDER_WAY,
    CLOSING_UNKNOWN,
    closed_by_broker_notice,
    closing_not_received,
    position_text,
    signed_result,
)

from .facts import Fact, Tone, account_quote, tone_of
from .receipt import account_facts, make_channel_receipt, receipt_facts, receipt_text
from .steps import CLOSING, Step, Timeline

TOPICS = frozenset(
    {
        Topic.CHANNEL,
        Topic.POSITION,
        Topic.ORDER,
        Topic.INTENT,
        Topic.FILL,
        Topic.LINK,
        Topic.ALARM,
        Topic.MARGIN,
    }
)
DOING = "the request to close the account"


class Phase(Enum):
    """Where closing stands."""

    BEFORE = "before"
    SENDING = "sending"
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CloseChannelScreen:
    """All that the dialog shows at one moment; ``receipt_text`` is what its button copies."""

    phase: Phase
    title: str
    headline: str
    explanation: str
    account: tuple[Fact, ...]
    positions: tuple[Fact, ...]
    orders: tuple[str, ...]
    returns: tuple[Fact, ...]
    steps: tuple[Step, ...]
    receipt: tuple[Fact, ...]
    receipt_text: str
    blocked: str
    notice: Notice | None
    can_cancel_orders: bool
    can_close_positions: bool
    can_confirm: bool
    can_leave: bool


class CloseChannelView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: CloseChannelScreen) -> None:
        """Draw the dialog as it should look now."""


class CloseChannelPresenter:
    """Works from whatever is known of the account, so it can be opened at any moment of closing."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, view: CloseChannelView, channel_id: str
    ) -> None:
        self._session = session
        self._bridge = bridge
        self._view: CloseChannelView | None = view
        self._channel_id = channel_id
        self._is_sending = False
        self._is_asking = False
        self._is_cancelling = False
        self._was_asked = self._last_intent is not None
        self._notice: Notice | None = None
        self._seen_intent: Intent | None = self._last_intent
        self._timeline = Timeline(CLOSING)

    # What the trader does

    def cancel_orders(self) -> None:
        """Ask to cancel every live order, once."""
        if self._is_cancelling or not self._session.state.live_orders:
            return
        self._is_cancelling = True
        self._notice = None
        self._bridge.run(self._cancel(), self._on_cancel_error)
        self.refresh()

    def confirm(self) -> None:
        """Ask to close the account, once."""
        if not self._can_confirm():
            return
        self._is_sending = True
        # Where the passphrase is asked first, nothing is sent before the intent is written down.
        self._is_asking = self._session.channels.asks_first
        self._was_asked = True
        self._notice = None
        self._bridge.run(self._close(), self._on_error)
        self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; closing goes on without the dialog."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw."""
        self._follow()
        if self._view is not None:
            self._view.show_screen(self._screen())

    async def _cancel(self) -> None:
        await self._session.trading.cancel_all()
        self._is_cancelling = False
        self.refresh()

    def _on_cancel_error(self, error: KayenError) -> None:
        self._is_cancelling = False
        self._notice = error_notice(error, "cancelling the orders")
        self.refresh()

    async def _close(self) -> None:
        await self._session.channels.close(self._channel_id)
        self._is_sending = self._is_asking = False
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_sending = self._is_asking = False
        if isinstance(error, VenueRejectionError) or not self._is_unconfirmed:
            self._was_asked = False
        self._notice = failure_notice(error, DOING)
        self.refresh()

    def _follow(self) -> None:
        channel = self._channel
        intent = self._last_intent
        if intent is not None and intent != self._seen_intent:
            self._seen_intent = intent
            self._is_asking = False
            if intent.outcome is IntentOutcome.NOT_RECEIVED:
                self._was_asked = False
                self._notice = closing_not_received()
            elif intent.outcome is IntentOutcome.CONFIRMED:
                self._notice = None
        if channel is None:
            return
        if channel.is_closing:
            self._notice = None  # the venue's own word settles every doubt
        elif channel.is_closed and not channel.is_failed:
            self._notice = None if self._was_asked else closed_by_broker_notice(channel)
        self._timeline.follow(
            channel, is_finished=channel.is_closed and not channel.is_failed, is_failed=False
        )

    # What is shown

    @property
    def _channel(self) -> Channel | None:
        return self._session.state.channels.get(self._channel_id)

    @property
    def _last_intent(self) -> Intent | None:
        for intent in reversed(self._session.state.intents.values()):
            if intent.request == CloseChannelRequest(self._channel_id):
                return intent
        return None

    @property
    def _is_unconfirmed(self) -> bool:
        intent = self._last_intent
        return intent is not None and intent.is_unconfirmed

    @property
    def _positions(self) -> list[Position]:
        return self._session.state.open_positions_of(self._channel_id)

    @property
    def _phase(self) -> Phase:
        channel = self._channel
        if channel is not None and channel.is_closed:
            return Phase.OVER
        if channel is not None and channel.is_closing:
            return Phase.UNDER_WAY
        if self._is_sending and not self._is_asking:
            return Phase.SENDING
        return Phase.UNKNOWN if self._is_unconfirmed else Phase.BEFORE

    @property
    def _has_doubtful_order(self) -> bool:
        return any(
            isinstance(intent.request, OrderRequest)
            for intent in self._session.state.unconfirmed_intents
        )

    def _blocked(self) -> str:
        """Return why the account can't be closed now, beyond what the lists show."""
        channel = self._channel
        if self._phase is not Phase.BEFORE:
            return ""
        if channel is None:
            return problem_text(Problem(ProblemKind.NO_CHANNEL))
        problems = self._session.channels.problems()
        if problems:
            return problem_text(problems[0])
        if self._session.channels.is_being_settled(channel) and not self._positions:
            return problem_text(Problem(ProblemKind.SETTLEMENT_UNDER_WAY))
        return CLOSING_UNCONFIRMED_ORDER if self._has_doubtful_order else ""

    def _can_confirm(self) -> bool:
        channel = self._channel
        return (
            self._phase is Phase.BEFORE
            and not self._is_sending
            and channel is not None
            and not channel.is_opening
            and not self._session.state.live_orders
            and not self._positions
            and not self._blocked()
        )

    def _screen(self) -> CloseChannelScreen:
        channel = self._channel
        phase = self._phase
        quote = account_quote(self._session.state)
        headline, explanation = self._words(phase)
        is_before = phase is Phase.BEFORE
        orders = self._session.state.live_orders if is_before else []
        positions = self._positions if is_before else []
        receipt: tuple[Fact, ...] = ()
        if channel is not None and phase is Phase.OVER and not channel.is_failed:
            fills = self._session.fills_of(channel.channel_id)
            runs = self._session.state.settlements_of(channel.channel_id)
            receipt = receipt_facts(make_channel_receipt(channel, fills, quote, runs), quote)
        markets = self._session.state.markets
        return CloseChannelScreen(
            phase=phase,
            title=channel_title(channel) if channel else "Margin account (channel)",
            headline=headline,
            explanation=explanation,
            account=account_facts(channel) if channel else (),
            positions=tuple(self._position_fact(each) for each in positions),
            orders=tuple(order_activity(each, markets.get(each.market)) for each in orders),
            returns=self._returns(channel, quote) if phase is not Phase.OVER else (),
            steps=self._timeline.steps if not is_before else (),
            receipt=receipt,
            receipt_text=receipt_text(channel, receipt) if channel and receipt else "",
            blocked=self._blocked(),
            notice=self._notice,
            can_cancel_orders=bool(orders) and not self._is_cancelling,
            can_close_positions=bool(positions) and not orders and not self._is_cancelling,
            can_confirm=self._can_confirm(),
            can_leave=phase is not Phase.SENDING and not self._is_asking,
        )

    def _words(self, phase: Phase) -> tuple[str, str]:
        channel = self._channel
        if phase is Phase.BEFORE:
            if channel is not None and channel.is_opening:
                return CLOSING_OPENING
            is_empty = not self._positions and not self._session.state.live_orders
            return CLOSING_READY if is_empty else CLOSING_FIRST
        if phase is Phase.OVER:
            if channel is not None and channel.is_failed:
                return CLOSING_FAILED
            return CLOSED_BY_YOU if self._was_asked else CLOSED_BY_BROKER
        return {
            Phase.SENDING: CLOSING_SENDING,
            Phase.UNKNOWN: CLOSING_UNKNOWN,
            Phase.UNDER_WAY: CLOSING_UNDER_WAY,
        }[phase]

    def _position_fact(self, position: Position) -> Fact:
        market = self._session.state.markets.get(position.market)
        quote = quote_of(position.market)
        label = position_text(position, format_amount(position.amount, market))
        if position.pnl is None:
            return Fact(label, format_money(None))
        return Fact(label, signed_result(position.pnl, quote), tone_of(position.pnl))

    def _returns(self, channel: Channel | None, quote: str) -> tuple[Fact, ...]:
        """Return what comes back: exact once nothing is held, about while positions move."""
        if channel is None:
            return ()
        state = self._session.state
        account = account_of(channel, state.positions.values(), state.margin)
        if account is None:
            return (Fact("You get back", BALANCE_UNKNOWN),)
        figures = measure(account, state.margin_rules)
        facts = [Fact("You deposited", format_exact(channel.margin_deposit, quote))]
        if not self._positions:
            return (
                *facts,
                Fact("You get back", format_exact(figures.payout, quote), Tone.STRONG),
            )
        return (
            *facts,
            Fact("Balance now", format_money(channel.own_balance, quote)),
            Fact("Open positions", signed_result(figures.pnl, quote), tone_of(figures.pnl)),
            Fact("You get back about", format_money(figures.payout, quote), Tone.STRONG),
        )
