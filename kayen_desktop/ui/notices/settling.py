"""Words of settling chosen markets: its states, ways of payment, what can go wrong, and what then.

A state has three parts: what it is, in the present tense, so that a timeline reads the same before
and after it; what it means for the trader's money; and what there is to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.margin import MarginReading, Zone
from kayen_desktop.domain.markets import base_of
from kayen_desktop.domain.settlement import (
    PaymentMethod,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui.formatting import format_duration

from .margin import whole_text
from .notice import Action, Notice, one_line, quoted, sentence

SETTLING_SENDING = ("Asking the broker to settle", "Your request is on its way. It is sent once.")
SETTLING_ASKED = (
    "Waiting for the broker's answer",
    "You may close this window or even the application; it goes on without them.",
)
SETTLING_UNDER_WAY = (
    "Your markets are being settled",
    "You may close this window or even the application; it goes on without them.",
)
SETTLING_UNKNOWN = ("Not confirmed yet", "We are finding out what became of your request.")
SETTLING_DONE = ("Your markets are settled", "This is your receipt. You can go on trading.")
SETTLING_NOTHING = ("Nothing was settled", "Your positions are as they were.")
SETTLING_REJECTED = ("The broker declined to settle", "The steps show how far it came.")
SETTLING_FAILED = ("The settlement did not work", "The steps show how far it came.")

NOTHING_HELD = (
    "There is nothing to settle: your margin account holds no open position. Once you have bought "
    "or sold something, you can settle it here."
)
NOTHING_CHOSEN = "Choose at least one market."
AVAILABLE_TITLE = "You ask for an available settlement"
AVAILABLE_TEXT = (
    "You propose it, and it happens if the broker agrees. The broker may decline; then nothing "
    "changes, and you can ask again whenever you like."
)
FORCED_TITLE = "What a forced settlement would be"
FORCED_TEXT = (
    "It does not need the other side's yes. Whoever wants it takes the account's last agreed "
    "balance to the blockchain, which decides after a waiting time. That is a dispute (challenge), "
    "and no orders are taken meanwhile. The venue's language (Operator API) has no word for it, so "
    "this application can't ask for it. If the other side ever starts one, you are told."
)
INFERRED = "We found this out after having been away; the venue did not tell it."
NOT_TOLD = "The venue did not tell this step, but what follows can't be without it."
WAITING_FOR_PAYOUT = "Not every broker tells when the money has arrived."
ASKED_ELSEWHERE = "Not from this application"
CONFIRM_BY_TYPING = "Your passphrase, asked for next. Your key signs nothing."
CONFIRM_BY_BUTTON = "The button below. Your key signs nothing."
MAY_DECLINE = "The broker looks at it and may decline. Then nothing changes, and nothing was paid."

MEANWHILE = (
    "The account takes no new orders until it is done, and open orders in these markets may be "
    "cancelled."
)

_CHAINS = {
    1: "Ethereum",
    59144: "Linea",
    11155111: "Sepolia, a test chain",
    1337: "Practice chain",
}
_MARKETS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """What a state is, what it means, and what there is to do."""

    text: str
    meaning: str
    advice: str


_WAIT = "There is nothing to do but wait."
_STATES: dict[SettlementState, _Words] = {
    SettlementState.PROPOSED: _Words(
        "The broker gets your proposal (proposed).",
        "Nothing has changed yet: your positions rise and fall with the market.",
        "Wait for the broker to agree or to decline.",
    ),
    SettlementState.ACCEPTED: _Words(
        "The broker agrees to settle (accepted).",
        "Both sides agree on what is settled. Nothing is paid yet.",
        _WAIT,
    ),
    SettlementState.INITIATED: _Words(
        "The payment is started (initiated).",
        "Both sides begin to pay in the way you chose.",
        _WAIT,
    ),
    SettlementState.PREPARED: _Words(
        "What is owed is set aside (prepared).",
        "Neither side can take it back for itself any more.",
        _WAIT,
    ),
    SettlementState.EXECUTED: _Words(
        "The payment is made (executed).",
        "What the positions came to has changed hands.",
        _WAIT,
    ),
    SettlementState.COMPLETED: _Words(
        "The settlement is done (completed).",
        "The positions are gone, and the margin they used is free again.",
        "Keep the receipt. You can go on trading.",
    ),
    SettlementState.WITHDRAWN: _Words(
        "The money is paid out (withdrawn).",
        "It is in the wallet of the side that it is due to.",
        "Keep the receipt. You can go on trading.",
    ),
    SettlementState.FAILED: _Words(
        "The settlement does not work out (failed).",
        "What was set aside goes back to where it came from; your positions are as they were.",
        "Choose again, or close the positions with ordinary orders.",
    ),
    SettlementState.REJECTED: _Words(
        "The broker declines to settle (rejected).",
        "Nothing was paid; your positions are as they were.",
        "Choose other markets, or close the positions with ordinary orders.",
    ),
}
_UNKNOWN_MEANING = "We go on listening; a step that we know will say more."
_UNKNOWN_ADVICE = "Wait for the next step. If none comes, ask the broker."

_METHODS = {
    PaymentMethod.ESCROW: (
        "Through an escrow (escrow)",
        "Each side puts what it owes into a safe place on the blockchain. It is paid out only once "
        "both have done so, so neither side can run away with the other's part.",
    ),
    PaymentMethod.MOCK: (
        "Only pretended (mock)",
        "The steps are gone through, but no money moves on any blockchain. This is for practice "
        "and for tests.",
    ),
}


def settlement_text(run: SettlementRun) -> str:
    """Return which settlement it is and where it stands, in one line."""
    start = f"Settlement of {markets_text(run.markets)}"
    if not run.steps:
        return f"{start}: asked for; the venue has not said anything about it yet."
    step = run.steps[-1]
    text = settlement_step_text(step)
    text = f"{start}: {text[:1].lower()}{text[1:]}"
    return f"{text} {INFERRED}" if step.is_inferred else text


def settlement_step_text(step: SettlementStep) -> str:
    """Return what a state that was reached is, in one sentence."""
    if step.state in _STATES:
        return settlement_state_text(step.state)
    return (
        f"The venue calls it {quoted(step.state_text or 'other')}, which this version doesn't know."
    )


def settlement_state_text(state: SettlementState) -> str:
    """Return what a state is, whether it has been reached or is still to come."""
    words = _STATES.get(state)
    return "A step that this version doesn't know." if words is None else words.text


def settlement_meaning(state: SettlementState) -> str:
    """Return what a state means for the trader's money, in one sentence."""
    words = _STATES.get(state)
    return _UNKNOWN_MEANING if words is None else words.meaning


def settlement_advice(state: SettlementState) -> str:
    """Return what there is to do in a state, in one or two sentences."""
    words = _STATES.get(state)
    return _UNKNOWN_ADVICE if words is None else words.advice


def markets_text(markets: Sequence[str]) -> str:
    """Return a few markets by name and how many more there are: "PEPE/USD and BTC/USD"."""
    names = [one_line(market) for market in markets[:_MARKETS_NAMED]]
    more = len(markets) - len(names)
    if more:
        names.append(f"{more} more")
    if not names:
        return "markets that the venue doesn't name"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def method_text(method: PaymentMethod) -> str:
    """Return a way of payment as a label."""
    return _METHODS[method][0]


def method_explanation(method: PaymentMethod) -> str:
    """Return what a way of payment means."""
    return _METHODS[method][1]


def chain_text(chain_id: int) -> str:
    """Return a blockchain by its name and number: "Linea (chain id 59144)"."""
    name = _CHAINS.get(chain_id)
    return f"Chain id {chain_id}" if name is None else f"{name} (chain id {chain_id})"


def share_label(reading: MarginReading) -> str:
    """Return what the share of the margin is a share of, as a label."""
    return f"Left of {whole_text(reading)}"


def leaves_green_text(
    settled: Sequence[str], staying: Sequence[str], zone: Zone, *, is_profit: bool
) -> str:
    """Return why a choice of markets is refused: what stays would stand in the zone.

    ``settled`` and ``staying`` are markets by name; ``is_profit`` is the result of the settled.
    """
    names = markets_text([base_of(market) for market in settled])
    whose = "their" if len(settled) > 1 else "its"
    way = "profit is paid to your wallet" if is_profit else "result is paid outside the account"
    others = markets_text([base_of(market) for market in staying])
    position = f"your {others} {'positions' if len(staying) > 1 else 'position'}"
    stays = "What stays"
    advice = "Choose other markets as well, or wait until prices have moved."
    if not staying:
        way, stays = f"{whose} {way}", "What is left in the account"
        close = "Close it with an ordinary order" if len(settled) == 1 else "Close them with orders"
        advice = f"{close} instead: then the result stays in the account."
    elif is_profit:
        way = f"{whose} {way} and no longer stands behind {position}"
    else:
        way = f"{whose} {way}, and {position} {'stay' if len(staying) > 1 else 'stays'}"
    return (
        f"If you settle {names} now, {way}. {stays} would be in the {zone.value} zone, and the "
        f"broker refuses that. {advice}"
    )


# What went wrong, what is safe, what to do


def settling_stopped_notice(state: SettlementState, channel: Channel | None) -> Notice:
    """Return the notice for a settlement that failed or was rejected."""
    who = _broker_name(channel)
    if state is SettlementState.REJECTED:
        return Notice(
            sentence(f"{who} declined to settle (rejected)"),
            "Your positions are still yours and go on with the market; nothing was paid.",
            "A broker declines mostly because of the margin that would be left. Choose again with "
            "other markets, or close the positions with ordinary orders.",
            Severity.WARNING,
            Action.TRY_AGAIN,
        )
    return Notice(
        "The settlement stopped half-way (failed).",
        "Your positions are still yours and go on with the market; what was set aside for the "
        "payment goes back to where it came from.",
        "Choose again. If it stops again, close the positions with ordinary orders, or ask the "
        "broker.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def settling_silent_notice(
    channel: Channel | None, silence: timedelta, detail: str, *, is_executed: bool
) -> Notice:
    """Return the notice for a settlement that nobody has said anything about for a while.

    ``is_executed`` is True where the payment was told as made already.
    """
    safe = (
        "The payment is made; only the word that all is done is missing."
        if is_executed
        else "The payment is not made, so the positions are still yours and nothing is paid."
    )
    return Notice(
        sentence(f"{_broker_name(channel)} is silent: no word for {format_duration(silence)}"),
        f"{safe} The request is never sent twice.",
        "Wait a while. If it stays silent, ask the broker with the details copied from here.",
        Severity.WARNING,
        None,
        detail,
    )


def settling_offline_notice(link: str) -> Notice:
    """Return the notice for a settlement that goes on while there is no connection."""
    return Notice(
        sentence(f"there is no connection to {link} now, so we can't hear how it goes on"),
        "The settlement goes on without us, and the request is never sent twice.",
        "Wait: the connection is being tried again, and what happened meanwhile is found out.",
        Severity.WARNING,
        Action.SHOW_CONNECTIONS,
    )


def settling_not_received() -> Notice:
    """Return the notice for a request that the venue turned out never to have got."""
    return Notice(
        "Your request never reached the venue.",
        "Your positions are as they were, and nothing was paid.",
        "Choose again if you still want to settle.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def settling_never_known() -> Notice:
    """Return the notice for a request whose fate the venue can't be asked about."""
    return Notice(
        "What became of your request can't be found out: the venue has no way to ask.",
        "It is never sent twice, and the list of positions shows what you hold.",
        "Look at your positions. Choose again if they are still there and you still want to "
        "settle.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def settling_refused_notice(reason: str) -> Notice:
    """Return the notice for a request that the venue refused, also in an earlier run."""
    words = f": {quoted(reason)}" if reason.strip() else " and gave no reason"
    return Notice(
        sentence(f"the venue said no to the request to settle{words}"),
        "Your positions are as they were, and nothing was paid.",
        "Change what the venue objects to, then choose again.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def _broker_name(channel: Channel | None) -> str:
    name = "" if channel is None or channel.broker is None else one_line(channel.broker.name)
    return name or "the broker"
