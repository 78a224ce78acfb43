"""Disputes over a margin account: when the last one began, and what became of it.

Sources: protocols.md §1.5 (states of a challenge, before and while the account can trade).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from .channels import EARLY_DISPUTE, ChannelState, ClearingState, is_disputed
from .lifecycle import ChannelStep

_AT_WORK = frozenset(
    {
        ClearingState.OPERATIONAL,
        ClearingState.FUNDED,
        ClearingState.PROCESSING_MARGIN_CALL,
        ClearingState.ACTIVE_SETTLEMENT,
        ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN,
    }
)


class DisputeOutcome(Enum):
    """How a dispute went: answered, so that the account goes on, or ended by paying out."""

    RUNNING = "running"
    CLEARED = "cleared"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute, by our clock; ``is_early`` where the account had not begun to trade."""

    began_at: datetime
    outcome: DisputeOutcome = DisputeOutcome.RUNNING
    ended_at: datetime | None = None
    is_early: bool = False


def last_dispute(steps: Iterable[ChannelStep]) -> Dispute | None:
    """Return the newest dispute of an account's life, oldest step first; None without one."""
    dispute: Dispute | None = None
    for step in steps:
        if is_disputed(step.state, step.clearing_state):
            if dispute is None or dispute.outcome is not DisputeOutcome.RUNNING:
                dispute = Dispute(step.at)
            if step.clearing_state in EARLY_DISPUTE:
                dispute = replace(dispute, is_early=True)
        elif dispute is not None and dispute.outcome is DisputeOutcome.RUNNING:
            dispute = replace(dispute, outcome=_outcome(step), ended_at=step.at)
    return dispute


def _outcome(step: ChannelStep) -> DisputeOutcome:
    """Return what a dispute came to by the step after it: work goes on, or the account ends."""
    if step.clearing_state is None or step.clearing_state is ClearingState.OTHER:
        goes_on = step.state in (ChannelState.OPEN, ChannelState.SETTLING, ChannelState.OPENING)
    else:
        goes_on = step.clearing_state in _AT_WORK
    return DisputeOutcome.CLEARED if goes_on else DisputeOutcome.FINISHED
