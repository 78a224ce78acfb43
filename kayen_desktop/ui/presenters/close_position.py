"""The logic of closing a position, part or all of it, by the reversed order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import decimal_places, parse_decimal, plain, truncate
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    VenueRejectionError,
)
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.markets import Market, base_of, quote_of
from kayen_desktop.domain.orders import OrderRequest, OrderState
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_amount, format_exact, format_money, format_price
from kayen_desktop.ui.notices import Notice, error_notice, problem_text, side_text
from kayen_desktop.ui.notices.closing import (
    ORDER_SENDING,
    ORDER_TAKEN_IN,
    POSITION_GONE,
    close_headline,
    close_order_notice,
    order_not_received,
    position_text,
    result_text,
)

from .close_estimate import CloseEstimate, estimate_close, follow_book, no_price_warning
from .facts import Fact, Tone, tone_of

TOPICS = frozenset(
    {
        Topic.POSITION,
        Topic.BOOK,
        Topic.TICKER,
        Topic.ORDER,
        Topic.INTENT,
        Topic.LINK,
        Topic.ALARM,
        Topic.CHANNEL,
    }
)
DOING = "the closing order"
SHARES = (25, 50, 75, 100)
_WHOLE = 100
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class CloseScreen:
    """All that the dialog shows at one moment; ``share`` is 0 where the amount was typed."""

    title: str
    held: str
    amount_text: str
    base: str
    share: int
    amount_problem: str
    headline: str
    result: str
    result_tone: Tone
    facts: tuple[Fact, ...]
    warning: str
    blocked: str
    confirm_text: str
    progress: str
    notice: Notice | None
    can_edit: bool
    can_confirm: bool
    can_leave: bool


class ClosePositionView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: CloseScreen) -> None:
        """Draw the dialog as it should look now."""

    def finish(self) -> None:
        """Close the dialog: what it was for is done."""


class ClosePositionPresenter:
    """Previews the reversed order, sends it once, and waits until it is filled."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, view: ClosePositionView, position_id: str
    ) -> None:
        self._session = session
        self._bridge = bridge
        self._view: ClosePositionView | None = view
        self._position_id = position_id
        self._position = session.state.positions.get(position_id)
        self._share = _WHOLE
        self._typed = ""
        self._is_sending = False
        self._older_intents: frozenset[str] = frozenset()
        self._request: OrderRequest | None = None
        self._order_id = ""
        self._notice: Notice | None = None
        if self._position is not None:
            follow_book(session, self._position.market)

    # What the trader does

    def choose_share(self, percent: int) -> None:
        """Take a share of the position, 1 to 100 per cent."""
        if self._can_edit and 0 < percent <= _WHOLE and percent != self._share:
            self._share = percent
            self.refresh()

    def type_amount(self, text: str) -> None:
        """Take what stands in the amount field (base)."""
        if self._can_edit and text != self._amount_text:
            self._typed = text
            self._share = _WHOLE if self._position and text == plain(self._position.amount) else 0
            self.refresh()

    def confirm(self) -> None:
        """Send the closing order, once."""
        amount = self._amount()
        position = self._position
        if position is None or isinstance(amount, Problem) or not self._can_confirm():
            return
        self._is_sending = True
        self._notice = None
        self._order_id = ""
        self._request = position.close_request(amount)
        self._older_intents = frozenset(self._session.state.intents)
        self._bridge.run(self._close(amount), self._on_error)
        self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; an order on its way goes on without the dialog."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw, or finish."""
        self._position = self._session.state.positions.get(self._position_id, self._position)
        self._follow_intent()
        view = self._view
        if view is None:
            return
        if self._follow_order():
            self.stop()
            view.finish()
            return
        view.show_screen(self._screen())

    async def _close(self, amount: Decimal) -> None:
        order_id = await self._session.trading.close_position(self._position_id, amount)
        self._is_sending = False
        self._order_id = order_id
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_sending = False
        self._notice = error_notice(error, DOING)
        if not isinstance(error, OutcomeUnknownError):
            self._request = None
        self.refresh()

    def _follow_intent(self) -> None:
        """Take up what has been found out of an order that was not confirmed at first."""
        intent = self._own_intent
        if self._is_sending or self._order_id or intent is None:
            return
        if intent.outcome is IntentOutcome.CONFIRMED:
            self._order_id = intent.venue_id
            self._notice = None
        elif intent.outcome is IntentOutcome.NOT_RECEIVED:
            self._request = None
            self._notice = order_not_received()
        elif intent.outcome is IntentOutcome.REJECTED:
            self._request = None
            self._notice = error_notice(VenueRejectionError(intent.reason), DOING)

    def _follow_order(self) -> bool:
        """Return whether the closing order has done what it was for."""
        order = self._session.state.orders.get(self._order_id)
        if order is None or order.state.is_live:
            return False
        if order.state is OrderState.DONE:
            return True
        self._notice = close_order_notice(order)
        self._order_id = ""
        self._request = None
        return False

    # What is shown

    @property
    def _own_intent(self) -> Intent | None:
        if self._request is None:
            return None
        for intent_id, intent in reversed(self._session.state.intents.items()):
            if intent_id not in self._older_intents and intent.request == self._request:
                return intent
        return None

    @property
    def _market(self) -> Market | None:
        position = self._position
        return None if position is None else self._session.state.markets.get(position.market)

    @property
    def _is_gone(self) -> bool:
        return self._position_id not in self._session.state.positions

    @property
    def _is_waiting(self) -> bool:
        """True from the sending until the order's end, or until its fate is known."""
        return self._is_sending or bool(self._order_id) or self._request is not None

    @property
    def _can_edit(self) -> bool:
        return not self._is_waiting and not self._is_gone

    @property
    def _amount_text(self) -> str:
        if not self._share or self._position is None:
            return self._typed
        return plain(part_of(self._position, self._share, self._market))

    def _amount(self) -> Decimal | Problem:
        if self._position is None:
            return Problem(ProblemKind.NOTHING_TO_CLOSE)
        if self._position.status is PositionStatus.IN_SETTLEMENT:
            return Problem(ProblemKind.SETTLEMENT_UNDER_WAY)
        return read_part(self._amount_text, self._position, self._market)

    def _blocked(self) -> str:
        if self._is_waiting or self._position is None or self._is_gone:
            return ""
        problems = self._session.trading.problems(is_closing=True)
        if not problems and not self._position.is_open:
            amount = self._amount()
            problems = (amount,) if isinstance(amount, Problem) else ()
        if not problems and _is_in_doubt(self._session, self._position):
            problems = (Problem(ProblemKind.ALREADY_SENDING),)
        return problem_text(problems[0]) if problems else ""

    def _can_confirm(self) -> bool:
        return self._can_edit and isinstance(self._amount(), Decimal) and not self._blocked()

    def _screen(self) -> CloseScreen:
        position, market = self._position, self._market
        amount = self._amount()
        problem = problem_text(amount) if isinstance(amount, Problem) else ""
        blocked = self._blocked()
        estimate = None
        base = quote = held = confirm = ""
        if position is not None:
            base, quote = base_of(position.market), quote_of(position.market)
            held = position_text(position, format_amount(position.amount, market))
            confirm = f"{side_text(position.side.opposite)} {base}"
            if isinstance(amount, Decimal):
                estimate = estimate_close(self._session, position, amount)
                confirm = f"{side_text(position.side.opposite)} {format_exact(amount)} {base} now"
        is_known = isinstance(amount, Decimal) and not self._is_gone
        headline, result, tone = _headline(position, estimate if is_known else None, quote)
        return CloseScreen(
            title=f"Close {position.market if position else 'position'}",
            held=held,
            amount_text=self._amount_text,
            base=base,
            share=self._share,
            amount_problem="" if self._is_gone or problem == blocked else problem,
            headline=headline,
            result=result,
            result_tone=tone,
            facts=_facts(estimate, market, quote) if is_known else (),
            warning=no_price_warning(estimate) if is_known and not self._is_waiting else "",
            blocked=blocked,
            confirm_text=confirm or "Close",
            progress=self._progress(),
            notice=self._notice,
            can_edit=self._can_edit,
            can_confirm=self._can_confirm(),
            can_leave=not self._is_sending,
        )

    def _progress(self) -> str:
        if self._is_sending:
            return ORDER_SENDING
        if self._order_id:
            return ORDER_TAKEN_IN
        return POSITION_GONE if self._is_gone and self._notice is None else ""


def part_of(position: Position, percent: int, market: Market | None) -> Decimal:
    """Return the share of the position, cut to the market's precision; 100 is exactly all of it."""
    if percent == _WHOLE or market is None:
        return position.amount * percent / _HUNDRED
    return truncate(position.amount * percent / _HUNDRED, market.amount_precision)


def read_part(text: str, position: Position, market: Market | None) -> Decimal | Problem:
    """Return the amount (base) typed, or what is wrong with it; the whole is always right."""
    if not text.strip():
        return Problem(ProblemKind.AMOUNT_MISSING)
    try:
        amount = parse_decimal(text)
    except ValueError:
        return Problem(ProblemKind.AMOUNT_NOT_A_NUMBER)
    try:
        position.close_request(amount)
    except TicketError as error:
        problem = error.problems[0]
        base = base_of(position.market)
        return Problem(problem.kind, problem.limit, base if problem.limit else "")
    if market is None or amount == position.amount:
        return amount
    if decimal_places(amount) > market.amount_precision:
        return Problem(ProblemKind.AMOUNT_TOO_PRECISE, str(market.amount_precision))
    if market.min_amount is not None and amount < market.min_amount:
        return Problem(ProblemKind.AMOUNT_TOO_SMALL, plain(market.min_amount), market.base.upper())
    return amount


def _is_in_doubt(session: Session, position: Position) -> bool:
    """Return whether an order that would close the position is not confirmed yet."""
    return any(
        isinstance(intent.request, OrderRequest)
        and intent.request.market == position.market
        and intent.request.side is position.side.opposite
        for intent in session.state.unconfirmed_intents
    )


def _headline(
    position: Position | None, estimate: CloseEstimate | None, quote: str
) -> tuple[str, str, Tone]:
    if position is None or estimate is None:
        return "", "", Tone.PLAIN
    headline = close_headline(position.side, estimate.money(position.side), quote)
    if estimate.result is None:
        return headline, "", Tone.PLAIN
    return headline, result_text(estimate.result, quote), tone_of(estimate.result)


def _facts(estimate: CloseEstimate | None, market: Market | None, quote: str) -> tuple[Fact, ...]:
    if estimate is None:
        return ()
    return (
        Fact("Average price", f"{format_price(estimate.average_price, market)} {quote}"),
        Fact("Fee", format_money(estimate.fee, quote)),
    )
