"""Words for margin accounts: the plain meaning first, the clearing term in brackets."""

from __future__ import annotations

from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState, is_disputed

from .notice import one_line, quoted

# In the present tense, so that a timeline reads the same before, during and after each step.
_STEPS: dict[ClearingState, str] = {
    ClearingState.DEFAULT: "The broker has not begun with the account yet (default).",
    ClearingState.INSTANTIATING: "The account is set up with the broker (instantiating).",
    ClearingState.ACCEPTED: "The broker agrees to open the account (accepted).",
    ClearingState.FAILED: (
        "The account could not be opened; your deposit stays in your wallet (failed)."
    ),
    ClearingState.INITIATOR_FUNDED: "Your deposit arrives (initiator funded).",
    ClearingState.FUNDED: "The broker's deposit arrives, too (funded).",
    ClearingState.PRE_OP_CHALLENGING: (
        "The broker did not pay in; your deposit is being called back (challenging before "
        "operation)."
    ),
    ClearingState.PENDING_PRE_OP_CHALLENGE_REGISTERED: (
        "Calling your deposit back is waiting for the blockchain (challenge pending)."
    ),
    ClearingState.PRE_OP_CHALLENGE_REGISTERED: (
        "Calling your deposit back is recorded; it returns after a waiting time (challenge "
        "registered)."
    ),
    ClearingState.OPERATIONAL: "The account is ready to trade (operational).",
    ClearingState.PROCESSING_MARGIN_CALL: (
        "Profit or loss is being moved between you and the broker (margin call)."
    ),
    ClearingState.ACTIVE_SETTLEMENT: (
        "Chosen positions are being paid out; the others go on (active settlement)."
    ),
    ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN: (
        "The settlement is done and the margin is being brought up to date (post-settlement "
        "margin)."
    ),
    ClearingState.CHALLENGING: (
        "One side asked the blockchain to decide over the account (challenging)."
    ),
    ClearingState.PENDING_CHALLENGE_REGISTERED: (
        "The dispute is waiting to be recorded on the blockchain (challenge pending)."
    ),
    ClearingState.CHALLENGE_REGISTERED: (
        "The dispute is recorded; it ends with an answer or after a waiting time (challenge "
        "registered)."
    ),
    ClearingState.FINALIZING: "You and the broker agree on the final balance (finalizing).",
    ClearingState.WITHDRAWING: "Your money is being paid out to your wallet (withdrawing).",
    ClearingState.CONCLUDING: "The final balance is recorded for good (concluding).",
    ClearingState.FINALIZED: "The account is closed and your money is paid out (finalized).",
    ClearingState.OTHER: "The venue is in a step that this version doesn't know.",
}

_STATES: dict[ChannelState, str] = {
    ChannelState.OPENING: "The account is being opened; you can't trade on it yet (opening).",
    ChannelState.OPEN: "The account is open and ready to trade (open).",
    ChannelState.SETTLING: (
        "Chosen positions are being paid out; no new orders until it is done (settling)."
    ),
    ChannelState.CLOSING: (
        "The account is being closed and what you get back is being paid out (closing)."
    ),
    ChannelState.CLOSED: "The account is closed and your money is paid out (closed).",
    ChannelState.CHALLENGING: (
        "One side asked the blockchain to decide over the account. Your agreed balance is safe; "
        "no new orders until it is done (challenging)."
    ),
}

_LABELS: dict[ChannelState, str] = {
    ChannelState.OPENING: "Opening",
    ChannelState.OPEN: "Ready",
    ChannelState.SETTLING: "Settling",
    ChannelState.CLOSING: "Closing",
    ChannelState.CLOSED: "Closed",
    ChannelState.CHALLENGING: "In dispute",
    ChannelState.OTHER: "Unknown",
}
_FAILED_LABEL = "Not opened"

# The outer word tells more than the step while the step only says that the account works.
_OUTER_FIRST = frozenset(
    {ChannelState.SETTLING, ChannelState.CLOSING, ChannelState.CHALLENGING, ChannelState.OTHER}
)
_ORDINARY = frozenset({ClearingState.FUNDED, ClearingState.OPERATIONAL, ClearingState.OTHER})


def channel_title(channel: Channel) -> str:
    """Return what to call an account: "Margin account (channel) with Kayen"."""
    name = "" if channel.broker is None else one_line(channel.broker.name)
    return f"Margin account (channel) with {name}" if name else "Margin account (channel)"


def channel_state_text(channel: Channel) -> str:
    """Return where an account stands, as a label of one or two words."""
    if channel.is_failed:
        return _FAILED_LABEL
    return _LABELS[_outer_state(channel)]


def channel_explanation(channel: Channel) -> str:
    """Return what the account's state means, in one or two sentences."""
    step = channel.clearing_state
    if channel.is_failed:
        return _STEPS[ClearingState.FAILED]
    if channel.is_closed:
        return _STATES[ChannelState.CLOSED]
    if step in (None, ClearingState.OTHER) or (channel.state in _OUTER_FIRST and step in _ORDINARY):
        return _STATES.get(channel.state) or _unknown(channel)
    if step is ClearingState.FUNDED and channel.is_usable:
        return "The account is paid in and ready to trade (funded)."
    if step is ClearingState.OPERATIONAL and channel.is_opening:
        return _STATES[ChannelState.OPENING]
    return _STEPS[step] if step is not None else _unknown(channel)


def halted_text(channel: Channel) -> str:
    """Return why no orders are taken for now, without an end mark; empty where they are."""
    if is_disputed(channel.state, channel.clearing_state):
        return "No orders are taken until the dispute is over"
    return "No orders are taken until the settlement is over" if channel.is_settling else ""


def clearing_step_text(state: ClearingState) -> str:
    """Return what a step of opening, keeping or closing an account means, in one sentence."""
    return _STEPS[state]


def _outer_state(channel: Channel) -> ChannelState:
    """Return the outer state as it matters to the trader: what is not usable is not "ready"."""
    if channel.is_closed:
        return ChannelState.CLOSED
    if channel.is_closing:
        return ChannelState.CLOSING
    if channel.is_opening:
        return ChannelState.OPENING
    if is_disputed(channel.state, channel.clearing_state):
        return ChannelState.CHALLENGING
    return ChannelState.SETTLING if channel.is_settling else channel.state


def _unknown(channel: Channel) -> str:
    return (
        f"The venue calls the account's state {quoted(channel.state_text or 'other')}, which this "
        "version doesn't know. Your last agreed balance stands."
    )
