"""The venue's words for states, sides and roles, in every spelling met as one (§1.6 row 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from kayen_desktop.domain.channels import ChannelAction, ChannelState, ClearingState, MarginLimit
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import SettlementState

# Longer than any word with its prefix; what is longer is no word.
MAX_SPELLING = 80

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PREFIX = re.compile(
    r"(?:(?:channel|clearing|clearing_sm|settlement|position|my)_)?"
    r"(?:state|status|direction|role|action)_"
    r"|(?:margin_)?limit_(?:type_)?"
)

Word = TypeVar("Word")
_State = TypeVar("_State", bound=Enum)


def _words_of(kind: type[_State], **synonyms: _State) -> dict[str, _State]:
    """Return the states by their word; ``other`` is ours, not a word of the venue's."""
    return {state.value: state for state in kind if state.name != "OTHER"} | synonyms


CHANNEL_STATES = _words_of(ChannelState, opened=ChannelState.OPEN, close=ChannelState.CLOSED)
CLEARING_STATES = _words_of(ClearingState, final=ClearingState.FINALIZED)  # row 22
ACTIONS = _words_of(ChannelAction)  # row 8
MARGIN_LIMITS = _words_of(MarginLimit)
SETTLEMENT_STATES = _words_of(SettlementState)  # row 18
POSITION_STATUSES = _words_of(PositionStatus)
SIDES = _words_of(Side)
IS_INITIATOR = {"initiator": True, "responder": False, "follower": False}


def look_up(words: Mapping[str, Word], value: object) -> Word | None:
    """Return what a word means: any case, camel or snake, with or without its prefix.

    None where it is none of the words, or no text.
    """
    if not isinstance(value, str):
        return None
    found = words.get(value)
    return words.get(_spell(value)) if found is None else found


def _spell(value: str) -> str:
    if len(value) > MAX_SPELLING:
        return ""
    word = _HUMP.sub("_", value.strip()).lower()
    prefix = _PREFIX.match(word)
    return word[prefix.end() :] if prefix else word
