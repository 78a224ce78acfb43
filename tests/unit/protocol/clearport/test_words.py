"""Every word of the venue's enumerations (protocols.md §1.5), in every spelling it is met in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.channels import ChannelAction, ChannelState, ClearingState, MarginLimit
from kayen_desktop.domain.events import ChannelClosed, ChannelUpdated, SettlementUpdated
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.protocol.clearport import words

from .session import CHANNEL, tell, told_channel, told_position

# The twenty values of the state machine as the later protocol's source writes them; the
# walkthrough's prose says "finalized" for the last (§1.6 row 22).
CLEARING_STATES = {
    "default": ClearingState.DEFAULT,
    "instantiating": ClearingState.INSTANTIATING,
    "accepted": ClearingState.ACCEPTED,
    "failed": ClearingState.FAILED,
    "initiator_funded": ClearingState.INITIATOR_FUNDED,
    "funded": ClearingState.FUNDED,
    "pre_op_challenging": ClearingState.PRE_OP_CHALLENGING,
    "pending_pre_op_challenge_registered": ClearingState.PENDING_PRE_OP_CHALLENGE_REGISTERED,
    "pre_op_challenge_registered": ClearingState.PRE_OP_CHALLENGE_REGISTERED,
    "operational": ClearingState.OPERATIONAL,
    "processing_margin_call": ClearingState.PROCESSING_MARGIN_CALL,
    "active_settlement": ClearingState.ACTIVE_SETTLEMENT,
    "processing_post_settlement_margin": ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN,
    "challenging": ClearingState.CHALLENGING,
    "pending_challenge_registered": ClearingState.PENDING_CHALLENGE_REGISTERED,
    "challenge_registered": ClearingState.CHALLENGE_REGISTERED,
    "finalizing": ClearingState.FINALIZING,
    "withdrawing": ClearingState.WITHDRAWING,
    "concluding": ClearingState.CONCLUDING,
    "final": ClearingState.FINALIZED,
}
CHANNEL_STATES = {
    "open": ChannelState.OPEN,
    "closed": ChannelState.CLOSED,
    "close": ChannelState.CLOSED,
    "challenging": ChannelState.CHALLENGING,
    "opening": ChannelState.OPENING,
    "opened": ChannelState.OPEN,
    "settling": ChannelState.SETTLING,
    "closing": ChannelState.CLOSING,
}
ACTIONS = {
    "channel_opening": ChannelAction.CHANNEL_OPENING,
    "channel_opened": ChannelAction.CHANNEL_OPENED,
    "channel_closed": ChannelAction.CHANNEL_CLOSED,
    "channel_settled": ChannelAction.CHANNEL_SETTLED,
    "margin_updated": ChannelAction.MARGIN_UPDATED,
    "challenge_started": ChannelAction.CHALLENGE_STARTED,
    "challenge_cleared": ChannelAction.CHALLENGE_CLEARED,
    "challenge_finished": ChannelAction.CHALLENGE_FINISHED,
}
MARGIN_LIMITS = {"none": MarginLimit.NONE, "soft": MarginLimit.SOFT, "hard": MarginLimit.HARD}


def camel(word: str) -> str:
    first, *others = word.split("_")
    return first + "".join(other.capitalize() for other in others)


def spellings(word: str, *prefixes: str) -> list[str]:
    """Return the word as both documents and the later protocol's generated code would write it."""
    plainly = [word, word.upper(), word.title(), camel(word), f" {word} "]
    return plainly + [prefix + each for prefix in prefixes for each in (word, word.upper())]


@pytest.mark.parametrize("spell", range(9))
@pytest.mark.parametrize(
    ("word", "state"), [*CLEARING_STATES.items(), ("finalized", ClearingState.FINALIZED)]
)
def test_every_clearing_state_is_read_in_both_vocabularies(
    word: str, state: ClearingState, spell: int
) -> None:
    spelled = spellings(word, "clearing_state_", "CLEARING_SM_STATE_")[spell]
    told = told_channel(channel_state="open", clearing_sm_state=spelled)
    assert (told.clearing_state, told.state_text) == (state, "")


def test_no_clearing_state_is_missing_here() -> None:
    assert len(CLEARING_STATES) == 20
    assert set(CLEARING_STATES.values()) == set(ClearingState) - {ClearingState.OTHER}


@pytest.mark.parametrize("word", ["final", "finalized"])
def test_the_last_clearing_state_closes_the_account(word: str) -> None:
    data = {"channel_id": CHANNEL, "channel_state": "open", "clearing_sm_state": word}
    updated, closed = tell("stream_notification", data)
    assert isinstance(updated, ChannelUpdated)
    assert updated.channel.is_closed
    assert closed == ChannelClosed(CHANNEL)


@pytest.mark.parametrize(("word", "state"), CHANNEL_STATES.items())
def test_every_channel_state_is_read(word: str, state: ChannelState) -> None:
    for spelled in spellings(word, "CHANNEL_STATE_", "ChannelState_", "channel_status_", "STATE_"):
        channel = told_channel(channel_state=spelled)
        assert (channel.state, channel.state_text) == (state, "")


@pytest.mark.parametrize(("word", "action"), ACTIONS.items())
def test_every_action_is_read_and_decides_nothing(word: str, action: ChannelAction) -> None:
    for spelled in spellings(word, "CHANNEL_ACTION_", "Action_"):
        channel = told_channel(action=spelled, channel_state="open")
        assert channel.action is action
        assert channel.is_usable


@pytest.mark.parametrize(
    ("told", "action"),
    [
        ("channel_melted", ChannelAction.OTHER),
        ("other", ChannelAction.OTHER),
        (5, ChannelAction.OTHER),
        ({"a": 1}, ChannelAction.OTHER),
        ("x" * 1_000_000, ChannelAction.OTHER),
        (None, None),
        ("", None),
        ("absent", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_action_that_is_none_we_know_is_other_and_a_missing_one_is_none(
    told: object, action: ChannelAction | None
) -> None:
    data = {} if told == "absent" else {"action": told}
    channel = told_channel(channel_state="open", **data)
    assert (channel.action, channel.state_text) == (action, "")


@pytest.mark.parametrize(("word", "limit"), MARGIN_LIMITS.items())
def test_every_margin_limit_is_read(word: str, limit: MarginLimit) -> None:
    prefixes = ("MARGIN_LIMIT_TYPE_", "MarginLimitType_", "MARGIN_LIMIT_", "LIMIT_TYPE_")
    for spelled in spellings(word, *prefixes):
        assert told_channel(channel_state="open", margin_limit_type=spelled).margin_limit is limit


@pytest.mark.parametrize("told", [None, "", "squishy", 2, ["soft"], {"type": "soft"}])
def test_a_margin_limit_that_is_none_we_know_is_none(told: object) -> None:
    assert told_channel(channel_state="open", margin_limit_type=told).margin_limit is None


@pytest.mark.parametrize("status", list(PositionStatus))
def test_every_position_status_is_read(status: PositionStatus) -> None:
    for spelled in spellings(status.value, "POSITION_STATUS_"):
        assert told_position(status=spelled).status is status


@pytest.mark.parametrize("state", [one for one in SettlementState if one.name != "OTHER"])
def test_every_settlement_state_is_read(state: SettlementState) -> None:
    for spelled in spellings(state.value, "SETTLEMENT_STATE_"):
        data = {"channel_id": CHANNEL, "settlement_state": spelled}
        told = tell("settlement_notification", data)
        assert told == [SettlementUpdated(Settlement(CHANNEL, state))]


@pytest.mark.parametrize("side", list(Side))
def test_every_side_is_read(side: Side) -> None:
    for spelled in spellings(side.value, "DIRECTION_", "position_direction_"):
        assert told_position(direction=spelled).side is side


@pytest.mark.parametrize(
    ("role", "is_initiator"),
    [
        ("Initiator", True),
        ("", True),
        ("MY_ROLE_INITIATOR", True),
        ("Responder", False),
        ("follower", False),
    ],
)
def test_the_role_says_which_balance_is_ours(role: str, is_initiator: bool) -> None:
    channel = told_channel(
        channel_state="open",
        my_role=role,
        initiator_margin_balance="1",
        responder_margin_balance="2",
    )
    assert channel.is_initiator is is_initiator
    assert str(channel.own_balance) == ("1" if is_initiator else "2")


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_anything_is_a_word_we_know_or_none(value: object) -> None:
    for table in (words.CLEARING_STATES, words.ACTIONS, words.MARGIN_LIMITS):
        found = words.look_up(table, value)
        assert found is None or found in table.values()
