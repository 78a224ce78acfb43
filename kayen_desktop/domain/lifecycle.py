"""The life of a margin account as a table: which state may follow which, in both vocabularies.

Source: protocols.md §1.5 (the clearing state machine) and §1.6 row 7 (the outer states).

Decision: a plain table instead of a state machine library. The machine is the venue's and not
ours: we follow what it tells, say where a word can't be right, and never refuse it. A venue
speaks over a connection that is lost at times, so a state that the table reaches in several steps
is a word missed, and only one that it never reaches is a jump.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol, TypeVar

from .channels import ChannelAction, ChannelState, ClearingState

_C = ClearingState
_O = ChannelState
State = TypeVar("State", bound=Hashable)

NEXT_CLEARING: Mapping[ClearingState, frozenset[ClearingState]] = {
    _C.DEFAULT: frozenset({_C.INSTANTIATING, _C.FAILED}),
    _C.INSTANTIATING: frozenset({_C.ACCEPTED, _C.FAILED}),
    _C.ACCEPTED: frozenset({_C.INITIATOR_FUNDED, _C.FAILED}),
    _C.INITIATOR_FUNDED: frozenset({_C.FUNDED, _C.PRE_OP_CHALLENGING}),
    _C.FUNDED: frozenset({_C.OPERATIONAL, _C.PRE_OP_CHALLENGING}),
    _C.PRE_OP_CHALLENGING: frozenset({_C.PENDING_PRE_OP_CHALLENGE_REGISTERED}),
    _C.PENDING_PRE_OP_CHALLENGE_REGISTERED: frozenset({_C.PRE_OP_CHALLENGE_REGISTERED}),
    _C.PRE_OP_CHALLENGE_REGISTERED: frozenset({_C.OPERATIONAL, _C.WITHDRAWING}),
    _C.OPERATIONAL: frozenset(
        {_C.PROCESSING_MARGIN_CALL, _C.ACTIVE_SETTLEMENT, _C.FINALIZING, _C.CHALLENGING}
    ),
    _C.PROCESSING_MARGIN_CALL: frozenset({_C.OPERATIONAL, _C.CHALLENGING}),
    _C.ACTIVE_SETTLEMENT: frozenset({_C.PROCESSING_POST_SETTLEMENT_MARGIN, _C.CHALLENGING}),
    _C.PROCESSING_POST_SETTLEMENT_MARGIN: frozenset({_C.OPERATIONAL, _C.CHALLENGING}),
    _C.CHALLENGING: frozenset({_C.PENDING_CHALLENGE_REGISTERED}),
    _C.PENDING_CHALLENGE_REGISTERED: frozenset({_C.CHALLENGE_REGISTERED}),
    _C.CHALLENGE_REGISTERED: frozenset({_C.OPERATIONAL, _C.WITHDRAWING}),
    _C.FINALIZING: frozenset({_C.CONCLUDING, _C.CHALLENGING}),
    _C.CONCLUDING: frozenset({_C.FINALIZED, _C.WITHDRAWING}),
    _C.WITHDRAWING: frozenset({_C.FINALIZED}),
    _C.FINALIZED: frozenset(),
    _C.FAILED: frozenset(),
}
NEXT_OUTER: Mapping[ChannelState, frozenset[ChannelState]] = {
    _O.OPENING: frozenset({_O.OPEN, _O.CHALLENGING, _O.CLOSED}),
    _O.OPEN: frozenset({_O.SETTLING, _O.CLOSING, _O.CHALLENGING, _O.CLOSED}),
    _O.SETTLING: frozenset({_O.OPEN, _O.CHALLENGING}),
    _O.CHALLENGING: frozenset({_O.OPEN, _O.CLOSING, _O.CLOSED}),
    _O.CLOSING: frozenset({_O.CHALLENGING, _O.CLOSED}),
    _O.CLOSED: frozenset(),
}


class Jump(Enum):
    """How one state follows another."""

    SAME = "same"
    NEXT = "next"
    SKIPPED = "skipped"  # reached in several steps: words in between were missed
    ILLEGAL = "illegal"  # never reached


@dataclass(frozen=True, slots=True)
class ChannelStep:
    """One state of an account's life, when we heard of it, and how it followed the one before."""

    at: datetime
    state: ChannelState
    clearing_state: ClearingState | None
    jump: Jump
    action: ChannelAction | None = None
    state_text: str = ""


class Standing(Protocol):
    """Where an account stands: an account itself, or a step of its life."""

    @property
    def state(self) -> ChannelState:
        """The outer state."""

    @property
    def clearing_state(self) -> ClearingState | None:
        """The inner state, where it was told."""


def judge_step(before: Standing, after: Standing) -> Jump:
    """Return how one word on an account follows another.

    The clearing state decides where both tell it and it has changed; the walkthrough's venue stays
    "open" outside while it finalizes. States that we don't know can follow anything.
    """
    inner = (before.clearing_state, after.clearing_state)
    if inner[0] is not None and inner[1] is not None and inner[0] is not inner[1]:
        return _judge(NEXT_CLEARING, inner[0], inner[1])
    return _judge(NEXT_OUTER, before.state, after.state)


def _judge(table: Mapping[State, frozenset[State]], before: State, after: State) -> Jump:
    if before == after:
        return Jump.SAME
    if before not in table or after not in table or after in table[before]:
        return Jump.NEXT
    return Jump.SKIPPED if after in _reachable(table, before) else Jump.ILLEGAL


def _reachable(table: Mapping[State, frozenset[State]], start: State) -> set[State]:
    found: set[State] = set()
    to_visit = [start]
    while to_visit:
        for state in table[to_visit.pop()] - found:
            found.add(state)
            to_visit.append(state)
    return found
