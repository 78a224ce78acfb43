"""The order ticket's logic: what stands against an order, what it would come to, sending it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.errors import KayenError, OutcomeUnknownError, Problem, ProblemKind
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.margin import zone_of
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.ticket import (
    CheckedTicket,
    Draft,
    TicketContext,
    TicketEstimate,
    check_ticket,
)
from kayen_desktop.ui.formatting import format_amount, format_money, format_price
from kayen_desktop.ui.notices import (
    Notice,
    error_notice,
    problem_text,
    request_text,
    side_text,
    zone_text,
)

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
    """What the ticket shows beside its fields; ``is_hint`` where nothing is wrong, only missing."""

    submit_text: str
    can_submit: bool
    problem: str
    is_hint: bool
    estimate: tuple[tuple[str, str], ...]


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
        checked = self._check()
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

    def _check(self) -> CheckedTicket:
        return check_ticket(self._draft, self._context())

    def _picture(self) -> TicketPicture:
        draft = self._draft
        base = draft.market.base.upper() if draft.market else ""
        text = f"{side_text(draft.side)} {base}".strip()
        checked = self._check()
        estimate = self._estimate_lines(checked.estimate)
        if self._is_sending:
            return TicketPicture("Sending…", False, "", False, estimate)
        standing = self._standing_problems()
        if standing:
            return TicketPicture(text, False, problem_text(standing[0]), False, estimate)
        problems = checked.problems
        if problems:
            is_hint = all(each.kind in _MISSING for each in problems)
            return TicketPicture(text, False, problem_text(problems[0]), is_hint, estimate)
        return TicketPicture(text, True, "", False, estimate)

    def _standing_problems(self) -> tuple[Problem, ...]:
        """Return what stands against any order, whatever its figures."""
        if self._trading is None:
            return (Problem(ProblemKind.NOT_CONNECTED),)
        return self._trading.problems()

    def _estimate_lines(self, estimate: TicketEstimate | None) -> tuple[tuple[str, str], ...]:
        market = self._draft.market
        if estimate is None or market is None:
            return ()
        return _price_lines(self._draft, estimate, market) + self._margin_lines(estimate, market)

    def _margin_lines(
        self, estimate: TicketEstimate, market: Market
    ) -> tuple[tuple[str, str], ...]:
        summary, channel = self._state.margin_summary, self._state.channel
        if summary is None or channel is None or not channel.margin_deposit:
            return ()
        equity = summary.equity - (estimate.fee or 0)
        zone = zone_text(zone_of(equity / channel.margin_deposit))
        return (("Margin after", f"{format_money(equity, market.quote)} · {zone}"),)


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
