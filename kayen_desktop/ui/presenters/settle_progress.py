"""Where a settlement stands that was asked for: its words, its steps, its receipt.

All of it is read from the state at every look and nothing is remembered, so the settlement can be
taken up at any moment, also after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from kayen_desktop.app.session import Session
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.errors import OutcomeUnknownError
from kayen_desktop.domain.intents import Intent, IntentOutcome, SettleRequest
from kayen_desktop.domain.settlement import SettlementRun, SettlementState
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.settling import (
    SETTLING_ASKED,
    SETTLING_DONE,
    SETTLING_FAILED,
    SETTLING_NOTHING,
    SETTLING_REJECTED,
    SETTLING_SENDING,
    SETTLING_UNDER_WAY,
    SETTLING_UNKNOWN,
    settlement_advice,
    settling_never_known,
    settling_not_received,
    settling_offline_notice,
    settling_refused_notice,
    settling_silent_notice,
    settling_stopped_notice,
)

from .facts import Fact, account_quote
from .settlement_steps import (
    run_facts,
    run_steps,
    settlement_receipt,
    settlement_receipt_text,
)
from .steps import Step

DOING = "the request to settle"
SILENT_AFTER = timedelta(seconds=60)
_NOT_BEGUN = frozenset(
    {
        IntentOutcome.REJECTED,
        IntentOutcome.NOT_RECEIVED,
        IntentOutcome.NOT_SENT,
        IntentOutcome.NEVER_KNOWN,
    }
)


class SettlePhase(Enum):
    """Where a settlement that was asked for stands."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    ASKED = "asked"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"  # the venue told the end of it
    NOTHING = "nothing"  # it never began

    @property
    def came_to_nothing(self) -> bool:
        """True where one may choose again."""
        return self in (SettlePhase.STOPPED, SettlePhase.NOTHING)


_WORDS = {
    SettlePhase.SENDING: SETTLING_SENDING,
    SettlePhase.UNKNOWN: SETTLING_UNKNOWN,
    SettlePhase.ASKED: SETTLING_ASKED,
    SettlePhase.UNDER_WAY: SETTLING_UNDER_WAY,
    SettlePhase.DONE: SETTLING_DONE,
    SettlePhase.NOTHING: SETTLING_NOTHING,
}


@dataclass(frozen=True, slots=True)
class ProgressPart:
    """What the last page shows; ``receipt_text`` is what its button copies."""

    headline: str = ""
    explanation: str = ""
    steps: tuple[Step, ...] = ()
    figures: tuple[Fact, ...] = ()
    receipt: tuple[Fact, ...] = ()
    receipt_text: str = ""
    notice: Notice | None = None


class SettleProgress:
    """Follows one settlement, from the request on or from wherever it stands."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._request: SettleRequest | None = None
        self._run_id = ""
        self._older: frozenset[str] = frozenset()

    def begin(self, request: SettleRequest) -> None:
        """Follow the settlement asked for now; older ones of the same markets are not it."""
        state = self._session.state
        self._request = request
        self._run_id = ""
        self._older = frozenset(state.settlements) | frozenset(state.intents)

    def take(self, settlement_id: str) -> None:
        """Follow the settlement of this id."""
        self._run_id = settlement_id

    def forget(self) -> None:
        """Follow nothing."""
        self._request = None
        self._run_id = ""

    def resume(self) -> bool:
        """Follow the newest settlement that is not over, of this run or an earlier one."""
        state = self._session.state
        for run in reversed(state.settlements.values()):
            channel = state.channels.get(run.channel_id)
            intent = state.intents.get(run.settlement_id)
            is_gone = channel is not None and channel.is_closed
            if not run.is_over and not is_gone and not _has_not_begun(intent):
                self.take(run.settlement_id)
                return True
        return False

    @property
    def run(self) -> SettlementRun | None:
        """The settlement that answers our request, also before its id is known."""
        runs = self._session.state.settlements
        if self._run_id:
            return runs.get(self._run_id)
        if self._request is None:
            return None
        for run in reversed(runs.values()):
            if run.settlement_id not in self._older and run.method is not None:
                return run
        return None

    @property
    def intent(self) -> Intent | None:
        """Our request as the journal has it; a settlement has the id of its intent."""
        intents = self._session.state.intents
        if self._run_id:
            return intents.get(self._run_id)
        for intent_id, intent in reversed(intents.items()):
            if intent_id not in self._older and intent.request == self._request:
                return intent
        return None

    @property
    def channel(self) -> Channel | None:
        """The account that is settled."""
        run = self.run
        request = self._request
        channel_id = run.channel_id if run else request.channel_id if request else ""
        return self._session.state.channels.get(channel_id)

    def phase(self, *, is_sending: bool = False) -> SettlePhase:
        """Return where the settlement stands; ``is_sending`` until the request is answered."""
        run, intent = self.run, self.intent
        if run is not None and run.is_paid:
            return SettlePhase.DONE
        if _has_not_begun(intent):
            return SettlePhase.NOTHING
        if run is not None and run.is_over:
            return SettlePhase.STOPPED
        if run is not None and run.steps:
            return SettlePhase.UNDER_WAY
        if is_sending:
            return SettlePhase.SENDING
        if intent is not None and intent.is_unconfirmed:
            return SettlePhase.UNKNOWN
        return SettlePhase.ASKED

    def part(self, *, is_sending: bool = False) -> ProgressPart:
        """Return what there is to show of it now."""
        phase = self.phase(is_sending=is_sending)
        run = self.run
        quote = account_quote(self._session.state)
        now = self._session.now()
        headline, explanation = self._words(phase)
        receipt: tuple[Fact, ...] = ()
        if run is not None and phase is SettlePhase.DONE:
            channel = self.channel
            balance = None if channel is None else channel.own_balance
            receipt = settlement_receipt(run, quote, balance)
        return ProgressPart(
            headline,
            explanation,
            run_steps(run, now) if run and phase is not SettlePhase.NOTHING else (),
            run_facts(run, quote, now) if run and not receipt else (),
            receipt,
            settlement_receipt_text(run, self.channel, receipt) if run and receipt else "",
            self._notice(phase),
        )

    @property
    def _is_rejected(self) -> bool:
        run = self.run
        steps = () if run is None else run.steps
        return any(step.state is SettlementState.REJECTED for step in steps)

    def _words(self, phase: SettlePhase) -> tuple[str, str]:
        if phase is SettlePhase.STOPPED:
            return SETTLING_REJECTED if self._is_rejected else SETTLING_FAILED
        headline, explanation = _WORDS[phase]
        run = self.run
        if phase is SettlePhase.UNDER_WAY and run is not None and run.state is not None:
            explanation = f"{settlement_advice(run.state)} {explanation}"
        return headline, explanation

    def _notice(self, phase: SettlePhase) -> Notice | None:
        """Return what stands in the way of the settlement, in its three parts."""
        intent = self.intent
        if phase in (SettlePhase.DONE, SettlePhase.SENDING):
            return None
        if phase is SettlePhase.NOTHING and intent is not None:
            return _not_begun_notice(intent)
        if phase is SettlePhase.STOPPED:
            is_rejected = self._is_rejected
            state = SettlementState.REJECTED if is_rejected else SettlementState.FAILED
            return settling_stopped_notice(state, self.channel)
        if phase is SettlePhase.UNKNOWN:
            return error_notice(OutcomeUnknownError(), DOING)
        return self._silence()

    def _silence(self) -> Notice | None:
        """Return what to say where nothing is heard, or can be."""
        link = self._session.venue.clearing_link
        if not self._session.state.is_ready(link):
            return settling_offline_notice(link)
        run = self.run
        return None if run is None else silence_notice(self._session, run, self.channel)


def silence_notice(session: Session, run: SettlementRun, channel: Channel | None) -> Notice | None:
    """Return the notice that nobody has said anything about the settlement for long, if so."""
    heard_at = run.steps[-1].at if run.steps else run.requested_at
    # What was told while we were away is not told again: the silence begins with us.
    status = session.state.links.get(session.venue.clearing_link)
    began_at = None if status is None else status.began_at
    silence = session.now() - max(heard_at, began_at or heard_at)
    if run.is_over or silence < SILENT_AFTER:
        return None
    is_executed = any(step.state is SettlementState.EXECUTED for step in run.steps)
    return settling_silent_notice(channel, silence, _details(run), is_executed=is_executed)


def _has_not_begun(intent: Intent | None) -> bool:
    """Return whether the request never led to a settlement, as far as the venue knows of one."""
    return intent is not None and intent.outcome in _NOT_BEGUN


def _not_begun_notice(intent: Intent) -> Notice:
    if intent.outcome is IntentOutcome.REJECTED:
        return settling_refused_notice(intent.reason)
    if intent.outcome is IntentOutcome.NEVER_KNOWN:
        return settling_never_known()
    return settling_not_received()


def _details(run: SettlementRun) -> str:
    """Return what a broker needs to find the settlement, as text to copy."""
    state = "none told" if run.state is None else run.state.value
    return (
        f"Account (channel): {run.channel_id}\n"
        f"Markets: {', '.join(run.markets)}\n"
        f"Settlement asked for: {run.requested_at.isoformat(timespec='seconds')}\n"
        f"Last state: {state}"
    )
