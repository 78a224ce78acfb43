"""The timeline of an account that opens or closes: one line a clearing state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from kayen_desktop.domain.channels import Channel, ClearingState
from kayen_desktop.ui.notices import clearing_step_text

OPENING = (
    ClearingState.INSTANTIATING,
    ClearingState.ACCEPTED,
    ClearingState.INITIATOR_FUNDED,
    ClearingState.FUNDED,
    ClearingState.OPERATIONAL,
)
CLOSING = (ClearingState.FINALIZING, ClearingState.CONCLUDING, ClearingState.FINALIZED)
# These name something that is going on; the others name something that is done.
_GOING_ON = frozenset(
    {ClearingState.INSTANTIATING, ClearingState.FINALIZING, ClearingState.CONCLUDING}
)


class StepMark(Enum):
    """Where one line of a timeline stands."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline; ``detail`` stands small beneath it: a time, what it means."""

    text: str
    mark: StepMark
    detail: str = ""


class Timeline:
    """Marks the steps by the account's words; what was reached once stays reached.

    A venue that skips or does not tell the clearing states moves the timeline by the account's
    outer state alone.
    """

    def __init__(self, states: Sequence[ClearingState]) -> None:
        self._states = tuple(states)
        self._done = 0
        self._is_failed = False

    def follow(self, channel: Channel | None, *, is_finished: bool, is_failed: bool) -> None:
        """Take in the account as it stands."""
        self._is_failed = is_failed
        if is_finished:
            self._done = len(self._states)
        elif channel is not None and channel.clearing_state in self._states:
            index = self._states.index(channel.clearing_state)
            done = index if channel.clearing_state in _GOING_ON else index + 1
            self._done = max(self._done, done)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines, in order."""
        return tuple(
            Step(clearing_step_text(state), self._mark(index))
            for index, state in enumerate(self._states)
        )

    def _mark(self, index: int) -> StepMark:
        if index < self._done:
            return StepMark.DONE
        if index > self._done:
            return StepMark.AHEAD
        return StepMark.FAILED if self._is_failed else StepMark.CURRENT
