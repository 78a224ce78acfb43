"""The logic of settling markets: choose, check the margin after, send once, follow to the end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    VenueRejectionError,
)
from kayen_desktop.domain.intents import SettleRequest
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, failure_notice, problem_text
from kayen_desktop.ui.notices.settling import (
    NOTHING_CHOSEN,
    NOTHING_HELD,
    chain_text,
    leaves_green_text,
)

from .facts import Fact, account_quote
from .settle_choice import (
    MarketLine,
    MethodLine,
    margin_facts,
    market_line,
    method_line,
    review_facts,
)
from .settle_progress import DOING, ProgressPart, SettlePhase, SettleProgress

TOPICS = frozenset(
    {
        Topic.SETTLEMENT,
        Topic.POSITION,
        Topic.MARGIN,
        Topic.CHANNEL,
        Topic.INTENT,
        Topic.LINK,
        Topic.ALARM,
        Topic.MARKETS,
    }
)


class SettlePage(IntEnum):
    """The pages, in order."""

    MARKETS = 0
    METHOD = 1
    REVIEW = 2
    PROGRESS = 3


@dataclass(frozen=True, slots=True)
class SettleScreen:
    """All that the wizard shows at one moment; ``notice`` is the review's."""

    page: SettlePage
    markets: tuple[MarketLine, ...]
    is_all_chosen: bool
    empty: str
    margin: tuple[Fact, ...]
    refusal: str
    hint: str
    methods: tuple[MethodLine, ...]
    chain: str
    review: tuple[Fact, ...]
    review_problem: str
    notice: Notice | None
    progress: ProgressPart
    can_go_on: bool
    can_go_back: bool
    can_choose_again: bool
    can_leave: bool
    is_done: bool


class SettleView(Protocol):
    """What the presenter needs of the wizard."""

    def show_screen(self, screen: SettleScreen) -> None:
        """Draw the wizard as it should look now."""


class SettlePresenter:
    """Leads from the choice of markets to the receipt, sending one request at most."""

    def __init__(self, session: Session, bridge: AsyncBridge, view: SettleView) -> None:
        self._session = session
        self._bridge = bridge
        self._view: SettleView | None = view
        self._chosen: frozenset[str] = frozenset()
        self._method = session.settlements.methods[0]
        self._is_sending = False
        self._notice: Notice | None = None
        self._progress = SettleProgress(session)
        self._page = SettlePage.PROGRESS if self._progress.resume() else SettlePage.MARKETS

    # What the trader does

    def choose_market(self, market: str, *, is_chosen: bool) -> None:
        """Take a market into the choice, or out of it."""
        changed = self._chosen | {market} if is_chosen else self._chosen - {market}
        if self._page is SettlePage.MARKETS and changed != self._chosen:
            self._chosen = changed
            self.refresh()

    def choose_all(self) -> None:
        """Take every market into the choice; where all are in it, take them out again."""
        if self._page is SettlePage.MARKETS:
            self._chosen = frozenset() if self._is_all_chosen else frozenset(self._held)
            self.refresh()

    def choose_method(self, method: PaymentMethod) -> None:
        """Take a way of payment that the venue offers."""
        if method in self._session.settlements.methods and method is not self._method:
            self._method = method
            self.refresh()

    def go_on(self) -> None:
        """Turn to the next page; from the review, send the request, once."""
        if not self._can_go_on():
            return
        if self._page is SettlePage.REVIEW:
            self._submit()
        elif self._page < SettlePage.REVIEW:
            self._page = SettlePage(self._page + 1)
            self._notice = None
        self.refresh()

    def go_back(self) -> None:
        """Turn to the page before, where nothing has been sent."""
        if self._can_go_back():
            self._page = SettlePage(self._page - 1)
            self._notice = None
            self.refresh()

    def choose_again(self) -> None:
        """Begin anew after a settlement that came to nothing."""
        if self._can_choose_again():
            self._page = SettlePage.MARKETS
            self._progress.forget()
            self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; a settlement under way goes on without the wizard."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw."""
        if self._is_sending and self._progress.intent is not None:
            self._page = SettlePage.PROGRESS  # confirmed with the passphrase, and written down
        if self._view is not None:
            self._view.show_screen(self._screen())

    def _submit(self) -> None:
        channel = self._session.state.channel
        if channel is None:
            return
        settlements = self._session.settlements
        markets = tuple(self._choice)
        request = SettleRequest(channel.channel_id, markets, self._method, settlements.chain_id)
        self._progress.begin(request)
        self._notice = None
        self._is_sending = True
        # Where the passphrase is asked first, nothing is sent yet: the review stays in sight.
        if not settlements.asks_first:
            self._page = SettlePage.PROGRESS
        self._bridge.run(self._settle(request), self._on_error)

    async def _settle(self, request: SettleRequest) -> None:
        settlement_id = await self._session.settlements.request(
            request.channel_id, request.markets, request.method
        )
        self._progress.take(settlement_id)
        self._is_sending = False
        self._page = SettlePage.PROGRESS
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_sending = False
        # What was sent, or may have been, is told on the last page from what the journal has.
        if isinstance(error, (OutcomeUnknownError, VenueRejectionError)):
            self._page = SettlePage.PROGRESS
        else:
            # It was never sent, so the review's button sends it anew. Who changes their mind at
            # the passphrase has done nothing wrong.
            self._notice = failure_notice(error, DOING)
            self._page = SettlePage.REVIEW
            self._progress.forget()
        self.refresh()

    # What is known

    @property
    def _positions(self) -> list[Position]:
        """The open positions of the account in use."""
        state = self._session.state
        return [] if state.channel is None else state.open_positions_of(state.channel.channel_id)

    @property
    def _held(self) -> list[str]:
        """The markets that something is held in, in order of arrival."""
        return list(dict.fromkeys(each.market for each in self._positions))

    @property
    def _choice(self) -> list[str]:
        """The markets chosen that are still held."""
        return [market for market in self._held if market in self._chosen]

    @property
    def _is_all_chosen(self) -> bool:
        return bool(self._held) and len(self._choice) == len(self._held)

    @property
    def _phase(self) -> SettlePhase | None:
        """Where the settlement stands that is followed; None before one is asked for."""
        if self._page is not SettlePage.PROGRESS:
            return None
        return self._progress.phase(is_sending=self._is_sending)

    def _can_go_on(self) -> bool:
        if self._page is SettlePage.MARKETS:
            return bool(self._choice) and not self._refusal()
        if self._page is SettlePage.REVIEW:
            return not self._is_sending and not self._review_problem()
        return self._page is SettlePage.METHOD

    def _can_go_back(self) -> bool:
        is_between = SettlePage.MARKETS < self._page < SettlePage.PROGRESS
        return is_between and not self._is_sending

    def _can_choose_again(self) -> bool:
        phase = self._phase
        return phase is not None and phase.came_to_nothing

    # What is shown

    def _screen(self) -> SettleScreen:
        page, settlements = self._page, self._session.settlements
        is_review, is_progress = page is SettlePage.REVIEW, page is SettlePage.PROGRESS
        quote = account_quote(self._session.state)
        return SettleScreen(
            page=page,
            markets=self._lines(quote) if page is SettlePage.MARKETS else (),
            is_all_chosen=self._is_all_chosen,
            empty="" if self._held else self._empty_text(),
            margin=self._margin(quote) if page is SettlePage.MARKETS else (),
            refusal=self._refusal() if page is SettlePage.MARKETS else "",
            hint=NOTHING_CHOSEN if self._held and not self._choice else "",
            methods=tuple(method_line(each, self._method) for each in settlements.methods),
            chain=chain_text(settlements.chain_id),
            review=self._review(quote) if is_review else (),
            review_problem=self._review_problem() if is_review else "",
            notice=self._notice,
            progress=self._progress.part(is_sending=self._is_sending)
            if is_progress
            else ProgressPart(),
            can_go_on=self._can_go_on(),
            can_go_back=self._can_go_back(),
            can_choose_again=self._can_choose_again(),
            can_leave=not self._is_sending or is_progress,
            is_done=self._phase is SettlePhase.DONE,
        )

    def _lines(self, quote: str) -> tuple[MarketLine, ...]:
        state = self._session.state
        return tuple(
            market_line(
                choice,
                state.markets.get(choice.position.market),
                quote,
                is_chosen=choice.position.market in self._chosen,
            )
            for choice in self._session.settlements.choices()
        )

    def _margin(self, quote: str) -> tuple[Fact, ...]:
        """Return the margin as it is now, and after the choice where there is one."""
        state = self._session.state
        before = state.margin_figures
        if before is None:
            return ()
        choice = self._choice
        after = self._session.settlements.check(choice).after if choice else None
        return margin_facts(before, after, state.margin_rules.reading, quote)

    def _refusal(self) -> str:
        """Return why the choice as it stands can't be settled; empty where it can."""
        settlements, choice = self._session.settlements, self._choice
        checked = settlements.check(choice) if choice else None
        problems = settlements.problems() if checked is None else checked.problems
        if not problems or not self._held:
            return ""
        staying = [market for market in self._held if market not in choice]
        zone = checked.after.zone if checked is not None and checked.after is not None else None
        if problems[0].kind is not ProblemKind.WOULD_LEAVE_GREEN or zone is None:
            return problem_text(problems[0])
        is_profit = (self._result() or ZERO) > ZERO
        return leaves_green_text(choice, staying, zone, is_profit=is_profit)

    def _empty_text(self) -> str:
        if self._session.state.channel is None:
            return problem_text(Problem(ProblemKind.NO_CHANNEL))
        return NOTHING_HELD

    def _review_problem(self) -> str:
        if not self._choice:
            return NOTHING_CHOSEN if self._held else NOTHING_HELD
        return self._refusal()

    def _result(self) -> Decimal | None:
        """Return what the positions chosen stand at now; None where one is not valued yet."""
        results = [each.pnl for each in self._positions if each.market in self._chosen]
        known = [pnl for pnl in results if pnl is not None]
        return sum(known, ZERO) if len(known) == len(results) else None

    def _review(self, quote: str) -> tuple[Fact, ...]:
        if not self._choice:
            return ()
        state, settlements = self._session.state, self._session.settlements
        after = settlements.check(self._choice).after
        margin_after = margin_facts(after, None, state.margin_rules.reading, quote) if after else ()
        return review_facts(
            [each for each in self._positions if each.market in self._chosen],
            state.markets,
            quote,
            self._result(),
            margin_after,
            self._method,
            settlements.chain_id,
            asks_first=settlements.asks_first,
        )
