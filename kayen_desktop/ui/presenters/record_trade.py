"""The logic of booking a trade made elsewhere: check at every key, show what it does, send once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
)
from kayen_desktop.domain.estimates import TicketEstimate
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, IntentOutcome, RecordTradeRequest
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.markets import base_of, quote_of
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.recorded_trade import TradeDraft
from kayen_desktop.domain.risk import order_risk
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_amount, format_exact, format_money, format_time
from kayen_desktop.ui.notices import Notice, failure_notice, problem_text, zone_text
from kayen_desktop.ui.notices.orders import held_text
from kayen_desktop.ui.notices.record_trade import (
    NOTHING_HELD,
    RECORD_FEES,
    RECORD_HINT,
    RECORD_LEAD,
    RECORD_TITLE,
    RECORD_UNKNOWN,
    RECORD_ZONE_WORSE,
    RECORDED,
    RECORDING,
    record_unknown_notice,
)

from .facts import Fact, Tone

TOPICS = frozenset(
    {
        Topic.CHANNEL,
        Topic.POSITION,
        Topic.MARGIN,
        Topic.INTENT,
        Topic.LINK,
        Topic.ALARM,
        Topic.MARKETS,
        Topic.FILL,
    }
)
DOING = "the request to book the trade"
_ORDER_OF_ZONES = (Zone.GREEN, Zone.ORANGE, Zone.RED)
_ID_SHOWN = 40


class Field(Enum):
    """The fields of the dialog."""

    EXTERNAL_ID = "external_id"
    MARKET = "market"
    SIDE = "side"
    AMOUNT = "amount"
    PRICE = "price"
    TIME = "time"


_FIELDS = {
    ProblemKind.EXTERNAL_ID_MISSING: Field.EXTERNAL_ID,
    ProblemKind.EXTERNAL_ID_TOO_LONG: Field.EXTERNAL_ID,
    ProblemKind.EXTERNAL_ID_KNOWN: Field.EXTERNAL_ID,
    ProblemKind.NO_MARKET: Field.MARKET,
    ProblemKind.AMOUNT_MISSING: Field.AMOUNT,
    ProblemKind.AMOUNT_NOT_A_NUMBER: Field.AMOUNT,
    ProblemKind.AMOUNT_NOT_POSITIVE: Field.AMOUNT,
    ProblemKind.AMOUNT_TOO_PRECISE: Field.AMOUNT,
    ProblemKind.PRICE_MISSING: Field.PRICE,
    ProblemKind.PRICE_NOT_A_NUMBER: Field.PRICE,
    ProblemKind.PRICE_NOT_POSITIVE: Field.PRICE,
    ProblemKind.PRICE_TOO_PRECISE: Field.PRICE,
    ProblemKind.TIME_NOT_A_TIME: Field.TIME,
    ProblemKind.TIME_IN_FUTURE: Field.TIME,
}


class RecordPhase(Enum):
    """Where recording stands."""

    EDITING = "editing"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RecordScreen:
    """All that the dialog shows at one moment; ``invalid`` is the field that ``problem`` means."""

    phase: RecordPhase
    headline: str
    explanation: str
    markets: tuple[str, ...]
    draft: TradeDraft
    base: str
    quote: str
    problem: str
    invalid: Field | None
    hint: str
    blocked: str
    preview: tuple[Fact, ...]
    preview_note: str
    receipt: tuple[Fact, ...]
    notice: Notice | None
    can_confirm: bool
    can_leave: bool


class RecordView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: RecordScreen) -> None:
        """Draw the dialog as it should look now."""


class RecordTradePresenter:
    """Leads from an empty form to a trade on the books, sending one request at most."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, view: RecordView, channel_id: str
    ) -> None:
        self._session = session
        self._bridge = bridge
        self._view: RecordView | None = view
        self._channel_id = channel_id
        self._draft = TradeDraft(
            "", self._first_market(), Side.BUY, "", "", local_text(session.now())
        )
        self._touched: set[Field] = set()
        self._sent: Fill | None = None
        self._phase = RecordPhase.EDITING
        self._notice: Notice | None = None

    # What the trader does

    def take(self, draft: TradeDraft, field: Field) -> None:
        """Take the form as it stands after something was typed or chosen in the field."""
        if self._phase is not RecordPhase.EDITING or draft == self._draft:
            return
        self._draft = draft
        self._touched.add(field)
        self._notice = None
        self.refresh()

    def confirm(self) -> None:
        """Send the trade, once."""
        checked = self._session.manual_trades.check(self._draft)
        if not isinstance(checked, Fill) or not self._can_confirm(checked):
            return
        self._sent = checked
        self._notice = None
        self._phase = RecordPhase.SENDING
        self._bridge.run(self._record(checked), self._on_error)
        self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; a request on its way goes on without the dialog."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw."""
        self._follow()
        if self._view is not None:
            self._view.show_screen(self._screen())

    async def _record(self, fill: Fill) -> None:
        await self._session.manual_trades.record(self._channel_id, fill)
        self._phase = RecordPhase.DONE
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, OutcomeUnknownError):
            self._phase = RecordPhase.UNKNOWN
            self._notice = record_unknown_notice()
        else:
            self._phase = RecordPhase.EDITING
            self._sent = None
            self._notice = failure_notice(error, DOING)
        self.refresh()

    def _follow(self) -> None:
        """Take in an answer that came later than anybody waited for, and markets told late."""
        if not self._draft.market:
            self._draft = replace(self._draft, market=self._first_market())
        intent = self._intent
        if (
            self._phase is RecordPhase.UNKNOWN
            and intent is not None
            and intent.outcome is IntentOutcome.CONFIRMED
        ):
            self._phase = RecordPhase.DONE
            self._notice = None

    # What is shown

    @property
    def _intent(self) -> Intent | None:
        if self._sent is None:
            return None
        request = RecordTradeRequest(self._channel_id, self._sent)
        for intent in reversed(self._session.state.intents.values()):
            if intent.request == request:
                return intent
        return None

    def _first_market(self) -> str:
        """Return the market that is most likely meant: one that is held, else the first."""
        held = [each.market for each in self._session.state.open_positions]
        return next((each for each in (*held, *self._session.state.markets)), "")

    def _can_confirm(self, checked: Fill | tuple[Problem, ...]) -> bool:
        return (
            self._phase is RecordPhase.EDITING
            and isinstance(checked, Fill)
            and not self._session.manual_trades.problems()
        )

    def _screen(self) -> RecordScreen:
        is_editing = self._phase is RecordPhase.EDITING
        checked: Fill | tuple[Problem, ...] = ()
        if is_editing:
            checked = self._session.manual_trades.check(self._draft)
        problem = self._problem(checked)
        blocked = self._session.manual_trades.problems() if is_editing else ()
        headline, explanation = self._words()
        base, quote = base_of(self._draft.market), quote_of(self._draft.market)
        preview: tuple[Fact, ...] = ()
        note = ""
        if isinstance(checked, Fill):
            preview, note = self._preview(checked)
        is_waiting_for_input = is_editing and problem is None and not isinstance(checked, Fill)
        return RecordScreen(
            phase=self._phase,
            headline=headline,
            explanation=explanation,
            markets=tuple(self._session.state.markets),
            draft=self._draft,
            base=base,
            quote=quote,
            problem="" if problem is None else problem_text(problem),
            invalid=None if problem is None else _FIELDS.get(problem.kind),
            hint=RECORD_HINT if is_waiting_for_input else "",
            blocked=problem_text(blocked[0]) if blocked else "",
            preview=preview,
            preview_note=note,
            receipt=self._receipt(),
            notice=self._notice,
            can_confirm=self._can_confirm(checked),
            can_leave=self._phase is not RecordPhase.SENDING,
        )

    def _words(self) -> tuple[str, str]:
        return {
            RecordPhase.EDITING: (RECORD_TITLE, RECORD_LEAD),
            RecordPhase.SENDING: RECORDING,
            RecordPhase.UNKNOWN: RECORD_UNKNOWN,
            RecordPhase.DONE: RECORDED,
        }[self._phase]

    def _problem(self, checked: Fill | tuple[Problem, ...]) -> Problem | None:
        """Return what is wrong with a field that was filled in; nobody is scolded for the rest."""
        if isinstance(checked, Fill):
            return None
        return next((each for each in checked if _FIELDS.get(each.kind) in self._touched), None)

    def _receipt(self) -> tuple[Fact, ...]:
        fill = self._sent
        if fill is None or self._phase is RecordPhase.EDITING:
            return ()
        return (*self._trade_facts(fill), Fact("Its id", _shown(fill.fill_id)))

    def _trade_facts(self, fill: Fill) -> tuple[Fact, ...]:
        base, quote = base_of(fill.market), quote_of(fill.market)
        word = "You bought" if fill.side is Side.BUY else "You sold"
        made_at = format_time(fill.executed_at, self._session.now())
        return (
            Fact(word, format_exact(fill.amount, base)),
            Fact("At a price of", format_exact(fill.price, quote)),
            Fact("In all", format_money(fill.total, quote)),
            Fact("Made at", made_at),
        )

    def _preview(self, fill: Fill) -> tuple[tuple[Fact, ...], str]:
        """Return what the trade does to the position and the margin, and what to know of it."""
        state = self._session.state
        market = state.markets.get(fill.market)
        held = state.position_in(fill.market)
        before = ZERO if held is None else held.amount * held.side.sign
        after = before + fill.signed_amount
        quote = quote_of(fill.market)
        facts = [
            Fact("In all", format_money(fill.total, quote)),
            Fact("You hold now", _held(before, fill.market)),
            Fact("You hold afterwards", _held(after, fill.market), Tone.STRONG),
        ]
        account = state.margin_account
        if account is None:
            return tuple(facts), RECORD_FEES
        ticker = state.tickers.get(fill.market)
        mark = held.mark_price if held is not None else None
        mark = mark or (ticker.last if ticker is not None else None) or fill.price
        estimate = TicketEstimate(
            fill.amount, fill.price, fill.total, ZERO, is_complete=True, is_resting=False
        )
        request = OrderRequest(fill.market, fill.side, OrderType.MARKET, fill.amount)
        leverage = None if market is None else market.leverage
        risk = order_risk(account, request, estimate, mark, leverage, state.margin_rules)
        equity = f"{format_money(risk.before.equity)} → {format_money(risk.after.equity, quote)}"
        facts.append(Fact("Your equity", equity))
        zones = (risk.before.zone, risk.after.zone)
        if zones[0] is None or zones[1] is None:
            return tuple(facts), RECORD_FEES
        is_worse = _ORDER_OF_ZONES.index(zones[1]) > _ORDER_OF_ZONES.index(zones[0])
        words = f"{zone_text(zones[0])} → {zone_text(zones[1])}"
        if zones[0] is zones[1]:
            words = f"{zone_text(zones[0])}, as before"
        facts.append(Fact("Your margin", words, Tone.BAD if is_worse else Tone.PLAIN))
        return tuple(facts), f"{RECORD_ZONE_WORSE} {RECORD_FEES}" if is_worse else RECORD_FEES


def local_text(at: datetime) -> str:
    """Return a moment as the time field takes it, in the time zone of this computer."""
    return at.astimezone().replace(tzinfo=None, microsecond=0).isoformat(sep=" ")


def _held(signed: Decimal, market: str) -> str:
    if not signed:
        return NOTHING_HELD
    return held_text(Side.BUY if signed > ZERO else Side.SELL, format_amount(abs(signed)), market)


def _shown(external_id: str) -> str:
    if len(external_id) <= _ID_SHOWN:
        return external_id
    return f"{external_id[: _ID_SHOWN - 1]}…"
