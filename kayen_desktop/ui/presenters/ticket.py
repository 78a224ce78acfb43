"""The order ticket's logic: what stands against an order, what it would come to, sending it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.errors import KayenError, OutcomeUnknownError, Problem, ProblemKind
from kayen_desktop.domain.estimates import TicketContext, TicketEstimate
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.risk import OrderRisk
from kayen_desktop.domain.ticket import CheckedTicket, Draft, check_ticket
from kayen_desktop.ui.formatting import NOTHING, format_amount, format_money, format_price
from kayen_desktop.ui.notices import (
    Notice,
    error_notice,
    problem_text,
    request_text,
    risk_sentence,
    side_text,
    zone_text,
)
from kayen_desktop.ui.notices.margin import ANY_MOMENT, NEVER

if TYPE_CHECKING:
    from kayen_desktop.app.trading import Trading

Runner: TypeAlias = Callable[[Coroutine[Any, Any, Any], Callable[[KayenError], None]], None]

_MISSING = frozenset(
    {
        ProblemKind.AMOUNT_MISSING,
        ProblemKind.PRICE_MISSING,
        ProblemKind.TRIGGER_MISSING,
        ProblemKind.NO_MARKET,
    }
)


@dataclass(frozen=True, slots=True)
class TicketPicture:
    """What the ticket shows beside its fields; ``is_hint`` where nothing is wrong, only missing.

    ``risk`` is the sentence on what could become of the account, ``zone_after`` gives its tone.
    """

    submit_text: str
    can_submit: bool
    problem: str
    is_hint: bool
    estimate: tuple[tuple[str, str], ...]
    risk: str = ""
    zone_after: Zone | None = None


class TicketView(Protocol):
    """What the presenter asks of the screen."""

    def show_picture(self, picture: TicketPicture) -> None:
        """Draw the outcome of the last edit or price."""

    def clear_amount(self) -> None:
        """Empty the amount, so that the same order is not sent again by mistake."""


class TicketPresenter:
    """Judges the draft at every edit and every price, and sends it once."""

    def __init__(self, view: TicketView, run: Runner, tell: Callable[[Notice], None]) -> None:
        self._view = view
        self._run = run
        self._tell = tell
        self._trading: Trading | None = None
        self._state = AppState()
        self._draft = Draft(None, Side.BUY, OrderType.MARKET, "")
        self._is_sending = False

    def bind(self, trading: Trading | None, state: AppState) -> None:
        """Trade through this session from now on; None where there is none."""
        self._trading = trading
        self._state = state
        self.refresh()

    def edit(self, draft: Draft) -> None:
        """Take in what stands in the fields now."""
        self._draft = draft
        self.refresh()

    def refresh(self) -> None:
        """Judge the draft again: a price, a balance or a connection moved."""
        self._view.show_picture(self._picture())

    def submit(self) -> None:
        """Send the order, unless one is on its way or something stands against it.

        "Sending…" is drawn with the change that tells of the intent, a screen frame later at the
        most: a repaint here would be in front of the order on its way to the venue.
        """
        trading = self._trading
        if self._is_sending or trading is None:
            return
        checked = self._check(reckons_risk=False)
        if checked.request is None or trading.problems():
            self.refresh()
            return
        self._is_sending = True
        self._run(self._send(trading, checked.request), self._on_error)

    async def _send(self, trading: Trading, request: OrderRequest) -> None:
        try:
            await trading.place(request)
        finally:
            self._is_sending = False
            self.refresh()
        self._view.clear_amount()
        market = self._state.markets.get(request.market)
        self._tell(
            Notice(
                f"The venue has your order: {request_text(request, market)}.",
                "",
                "",
                Severity.INFO,
            )
        )

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, OutcomeUnknownError):
            self._view.clear_amount()
        self._tell(error_notice(error, f"the {side_text(self._draft.side).lower()} order"))
        self.refresh()

    def _context(self) -> TicketContext:
        market = self._draft.market
        if self._trading is None or market is None:
            return TicketContext()
        return self._trading.context(market.name)

    def _check(self, *, reckons_risk: bool = True) -> CheckedTicket:
        return check_ticket(self._draft, self._context(), reckons_risk=reckons_risk)

    def _picture(self) -> TicketPicture:
        checked = self._check()
        base = self._draft.market.base.upper() if self._draft.market else ""
        text = f"{side_text(self._draft.side)} {base}".strip()
        problems = checked.problems
        if self._is_sending:
            text, can_submit, problem, is_hint = "Sending…", False, "", False
        elif standing := self._standing_problems():
            can_submit, problem, is_hint = False, problem_text(standing[0]), False
        elif problems:
            is_hint = all(each.kind in _MISSING for each in problems)
            can_submit, problem = False, problem_text(problems[0])
        else:
            can_submit, problem, is_hint = True, "", False
        risk = checked.risk
        return TicketPicture(
            text,
            can_submit,
            problem,
            is_hint,
            self._estimate_lines(checked),
            self._risk(risk),
            None if risk is None else risk.after.zone,
        )

    def _standing_problems(self) -> tuple[Problem, ...]:
        """Return what stands against any order, whatever its figures."""
        if self._trading is None:
            return (Problem(ProblemKind.NOT_CONNECTED),)
        return self._trading.problems()

    def _estimate_lines(self, checked: CheckedTicket) -> tuple[tuple[str, str], ...]:
        market, estimate = self._draft.market, checked.estimate
        if estimate is None or market is None:
            return ()
        lines = _price_lines(self._draft, estimate, market)
        return lines if checked.risk is None else lines + _risk_lines(checked.risk, market)

    def _risk(self, risk: OrderRisk | None) -> str:
        market = self._draft.market
        if risk is None or market is None:
            return ""
        return risk_sentence(risk, market.name, market.quote)


def _risk_lines(risk: OrderRisk, market: Market) -> tuple[tuple[str, str], ...]:
    zone = risk.after.zone
    return (
        ("Margin after", format_money(risk.after.equity, market.quote)),
        ("Zone after", NOTHING if zone is None else zone_text(zone)),
        ("Danger at (liquidation)", liquidation_text(risk, market)),
    )


def liquidation_text(risk: OrderRisk, market: Market) -> str:
    """Return the price at which the broker may close the account after the order."""
    if risk.after.zone is None:
        return NOTHING
    if risk.after.zone is Zone.RED:
        return ANY_MOMENT
    price = risk.liquidation_price
    return NEVER if price is None else format_price(price, market)


def _price_lines(
    draft: Draft, estimate: TicketEstimate, market: Market
) -> tuple[tuple[str, str], ...]:
    is_buy = draft.side is Side.BUY
    fee = estimate.fee
    total = estimate.total + ((fee or 0) if is_buy else -(fee or 0))
    price = format_price(estimate.average_price, market)
    lines = [
        ("Amount", f"{format_amount(estimate.amount, market)} {market.base.upper()}"),
        ("Price" if estimate.is_resting else "Average price", f"about {price}"),
    ]
    if fee is not None:
        lines.append(("Fee", f"about {format_money(fee, market.quote)}"))
    verb = "You pay" if is_buy else "You get"
    lines.append((verb, f"about {format_money(total, market.quote)}"))
    if not estimate.is_complete:
        lines.append(("Note", "The book is too thin for all of it"))
    elif estimate.is_resting:
        lines.append(("Note", "Waits at your price"))
    return tuple(lines)
