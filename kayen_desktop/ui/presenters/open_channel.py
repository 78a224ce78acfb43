"""The logic of opening a margin account: choose, check, send once, follow until it is usable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import plain
from kayen_desktop.domain.channels import Broker, Channel
from kayen_desktop.domain.errors import (
    KayenError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    VenueRejectionError,
)
from kayen_desktop.domain.intents import Intent, IntentOutcome, OpenChannelRequest
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_exact, short_address
from kayen_desktop.ui.notices import Notice, error_notice, failure_notice, problem_text
from kayen_desktop.ui.notices.opening import (
    OPENING_DONE,
    OPENING_NOTHING,
    OPENING_SENDING,
    OPENING_UNDER_WAY,
    OPENING_UNKNOWN,
    opening_not_received,
    opening_notice,
    opening_review,
    package_text,
)

from .account_cards import capacity_in_use, nearly_full_text
from .facts import Fact, Tone, account_quote
from .steps import OPENING, Step, Timeline

TOPICS = frozenset(
    {
        Topic.CHANNEL,
        Topic.INTENT,
        Topic.LINK,
        Topic.ALARM,
        Topic.MARKETS,
        Topic.CLEARING_HOUSE,
    }
)
DOING = "the request to open an account"


class OpenPage(IntEnum):
    """The pages, in order."""

    BROKER = 0
    DEPOSIT = 1
    REVIEW = 2
    PROGRESS = 3


@dataclass(frozen=True, slots=True)
class BrokerLine:
    """One broker as the list shows it."""

    name: str
    address: str
    short_address: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenScreen:
    """All that the wizard shows at one moment.

    ``house_warning`` is empty where the clearing house is not nearly full.
    """

    page: OpenPage
    brokers: tuple[BrokerLine, ...]
    house_use: str
    house_warning: str
    selected: int
    deposit_text: str
    deposit_problem: str
    deposit_limits: tuple[str, ...]
    quote: str
    review: tuple[Fact, ...]
    open_problem: str
    headline: str
    explanation: str
    steps: tuple[Step, ...]
    notice: Notice | None
    can_go_on: bool
    can_go_back: bool
    can_leave: bool
    is_done: bool


class OpenChannelView(Protocol):
    """What the presenter needs of the wizard."""

    def show_screen(self, screen: OpenScreen) -> None:
        """Draw the wizard as it should look now."""


class OpenChannelPresenter:
    """Leads from the choice of a broker to a usable account, sending one request at most."""

    def __init__(self, session: Session, bridge: AsyncBridge, view: OpenChannelView) -> None:
        self._session = session
        self._bridge = bridge
        self._view: OpenChannelView | None = view
        self._selected = 0 if session.channels.brokers else -1
        self._deposit_text = _suggestion(self._broker)
        self._page = OpenPage.BROKER
        self._is_sending = False
        self._notice: Notice | None = None
        self._request: OpenChannelRequest | None = None
        self._channel_id = ""
        self._older: frozenset[str] = frozenset()
        self._older_intents: frozenset[str] = frozenset()
        self._timeline = Timeline(OPENING)
        self._resume()

    # What the trader does

    def choose_broker(self, index: int) -> None:
        """Take the broker of the list; its smallest deposit is suggested."""
        if self._page is not OpenPage.BROKER or index == self._selected:
            return
        if 0 <= index < len(self._session.channels.brokers):
            self._selected = index
            self._deposit_text = _suggestion(self._broker)
            self.refresh()

    def type_deposit(self, text: str) -> None:
        """Take what stands in the deposit field."""
        if text != self._deposit_text:
            self._deposit_text = text
            self.refresh()

    def go_on(self) -> None:
        """Turn to the next page; from the review, send the request, once."""
        if not self._can_go_on():
            return
        if self._page is OpenPage.REVIEW:
            self._submit()
        elif self._page < OpenPage.REVIEW:
            self._page = OpenPage(self._page + 1)
            self._notice = None
        self.refresh()

    def go_back(self) -> None:
        """Turn to the page before, where nothing has been sent or the request came to nothing."""
        if self._can_go_back():
            self._page = (
                OpenPage.REVIEW if self._page is OpenPage.PROGRESS else OpenPage(self._page - 1)
            )
            self._forget_request()
            self.refresh()

    def stop(self) -> None:
        """Draw nothing any more; a request on its way goes on without the wizard."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw."""
        self._follow()
        if self._view is not None:
            self._view.show_screen(self._screen())

    def _submit(self) -> None:
        broker, deposit = self._broker, self._deposit()
        if broker is None or not isinstance(deposit, Decimal):
            return
        state = self._session.state
        self._request = OpenChannelRequest(broker, deposit)
        self._older = frozenset(state.channels)
        self._older_intents = frozenset(state.intents)
        self._timeline = Timeline(OPENING)
        self._notice = None
        self._is_sending = True
        # Where the passphrase is asked first, nothing is sent yet: the review stays in sight.
        self._page = OpenPage.REVIEW if self._session.channels.asks_first else OpenPage.PROGRESS
        self._bridge.run(self._open(broker, deposit), self._on_error)

    async def _open(self, broker: Broker, deposit: Decimal) -> None:
        self._channel_id = await self._session.channels.open(broker, deposit)
        self._is_sending = False
        self._page = OpenPage.PROGRESS
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_sending = False
        self._notice = failure_notice(error, DOING)
        was_sent = isinstance(error, (OutcomeUnknownError, VenueRejectionError))
        # Where it was never sent, the review's button sends it anew.
        self._page = OpenPage.PROGRESS if was_sent else OpenPage.REVIEW
        self.refresh()

    def _resume(self) -> None:
        """Take up an opening that is under way already, of this run or an earlier one."""
        state = self._session.state
        channel = state.channel
        if channel is not None and channel.is_opening:
            self._channel_id = channel.channel_id
            self._page = OpenPage.PROGRESS
            return
        for intent in state.unconfirmed_intents:
            if isinstance(intent.request, OpenChannelRequest):
                self._request = intent.request
                self._older = frozenset(state.channels)
                self._page = OpenPage.PROGRESS
                self._notice = error_notice(OutcomeUnknownError(), DOING)

    def _follow(self) -> None:
        if self._is_sending and self._intent is not None:
            self._page = OpenPage.PROGRESS  # confirmed with the passphrase, and written down
        if self._page is not OpenPage.PROGRESS:
            return
        channel = self._channel
        intent = self._intent
        if channel is None and intent is not None and not self._is_sending:
            if intent.outcome is IntentOutcome.CONFIRMED:
                self._channel_id = intent.venue_id
                channel = self._channel
            elif intent.outcome is IntentOutcome.NOT_RECEIVED:
                self._notice = opening_not_received()
        if channel is not None:
            self._notice = opening_notice(channel)
        self._timeline.follow(
            channel, is_finished=self._is_done, is_failed=self._has_come_to_nothing
        )

    def _forget_request(self) -> None:
        self._notice = None
        self._request = None
        self._channel_id = ""
        self._timeline = Timeline(OPENING)

    # What is shown

    @property
    def _broker(self) -> Broker | None:
        brokers = self._session.channels.brokers
        return brokers[self._selected] if 0 <= self._selected < len(brokers) else None

    @property
    def _channel(self) -> Channel | None:
        """The account that answers our request, also before the reply has told its id."""
        channels = self._session.state.channels
        if self._channel_id:
            return channels.get(self._channel_id)
        if self._request is None:
            return None
        for channel_id, channel in reversed(channels.items()):
            if channel_id not in self._older and (
                channel.broker is None or channel.broker.is_same_as(self._request.broker)
            ):
                return channel
        return None

    @property
    def _intent(self) -> Intent | None:
        """Our request as the journal has it."""
        for intent_id, intent in reversed(self._session.state.intents.items()):
            if intent_id not in self._older_intents and intent.request == self._request:
                return intent
        return None

    @property
    def _is_done(self) -> bool:
        channel = self._channel
        return channel is not None and channel.is_usable

    @property
    def _has_come_to_nothing(self) -> bool:
        """True where the request is over and no account came of it, or it is over already."""
        if self._is_sending or self._page is not OpenPage.PROGRESS:
            return False
        if (channel := self._channel) is not None:
            return channel.is_closed
        intent = self._intent
        return intent is not None and intent.outcome in (
            IntentOutcome.REJECTED,
            IntentOutcome.NOT_RECEIVED,
            IntentOutcome.NOT_SENT,
        )

    def _deposit(self) -> Decimal | Problem:
        broker = self._broker
        if broker is None:
            return Problem(ProblemKind.DEPOSIT_MISSING)
        checked = self._session.channels.check_deposit(broker, self._deposit_text)
        if isinstance(checked, Problem) and checked.kind is ProblemKind.DEPOSIT_OUT_OF_RANGE:
            return replace(checked, unit=account_quote(self._session.state))
        return checked

    def _open_problem(self) -> str:
        problems = self._session.channels.problems()
        if not problems and self._session.state.channel is not None:
            problems = (Problem(ProblemKind.CHANNEL_ALREADY_OPEN),)
        return problem_text(problems[0]) if problems else ""

    def _can_go_on(self) -> bool:
        if self._page is OpenPage.BROKER:
            return self._broker is not None
        if self._page is OpenPage.DEPOSIT:
            return isinstance(self._deposit(), Decimal)
        if self._page is OpenPage.REVIEW:
            return (
                not self._is_sending
                and isinstance(self._deposit(), Decimal)
                and not self._open_problem()
            )
        return self._is_done

    def _can_go_back(self) -> bool:
        if self._page is OpenPage.PROGRESS:
            return self._has_come_to_nothing and self._broker is not None
        return self._page > OpenPage.BROKER and not self._is_sending

    def _screen(self) -> OpenScreen:
        deposit = self._deposit()
        quote = account_quote(self._session.state)
        broker = self._broker
        headline, explanation = self._progress_words()
        return OpenScreen(
            page=self._page,
            brokers=tuple(_broker_line(each, quote) for each in self._session.channels.brokers),
            house_use=capacity_in_use(self._session.state.clearing_house),
            house_warning=nearly_full_text(self._session.state.clearing_house),
            selected=self._selected,
            deposit_text=self._deposit_text,
            deposit_problem=problem_text(deposit) if isinstance(deposit, Problem) else "",
            deposit_limits=tuple(package_text(each, quote) for each in broker.packages)
            if broker
            else (),
            quote=quote,
            review=self._review(broker, deposit, quote),
            open_problem=self._open_problem() if self._page is OpenPage.REVIEW else "",
            headline=headline,
            explanation=explanation,
            steps=self._timeline.steps,
            notice=self._notice,
            can_go_on=self._can_go_on(),
            can_go_back=self._can_go_back(),
            can_leave=not self._is_sending,
            is_done=self._page is OpenPage.PROGRESS and self._is_done,
        )

    def _progress_words(self) -> tuple[str, str]:
        if self._is_done:
            return OPENING_DONE
        if self._has_come_to_nothing:
            return OPENING_NOTHING
        if self._channel is not None or self._channel_id:
            return OPENING_UNDER_WAY
        return OPENING_SENDING if self._is_sending else OPENING_UNKNOWN

    def _review(
        self, broker: Broker | None, deposit: Decimal | Problem, quote: str
    ) -> tuple[Fact, ...]:
        if broker is None or isinstance(deposit, Problem):
            return ()
        warning = nearly_full_text(self._session.state.clearing_house)
        return (
            *((Fact("Good to know", warning, Tone.STRONG),) if warning else ()),
            Fact("Broker", broker.name),
            Fact("Broker's address", short_address(broker.address), copy_text=broker.address),
            Fact("You deposit", format_exact(deposit, quote)),
            *(Fact(*pair) for pair in opening_review(self._session.venue.taker_fee)),
        )


def _suggestion(broker: Broker | None) -> str:
    """Return the smallest deposit the broker takes, as one would type it."""
    if broker is None or not broker.packages:
        return ""
    return plain(min(package.minimum for package in broker.packages))


def _broker_line(broker: Broker, quote: str) -> BrokerLine:
    packages = tuple(package_text(package, quote) for package in broker.packages)
    return BrokerLine(
        broker.name,
        broker.address,
        short_address(broker.address),
        packages or ("Any deposit",),
    )
