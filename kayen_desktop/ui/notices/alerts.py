"""Words of the notices across the window on what happens to the margin account by itself."""

from __future__ import annotations

from kayen_desktop.domain.disputes import Dispute, DisputeOutcome
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.margin import Zone

from .notice import Action, Notice

_MARGIN_ZONE = "margin zone"
_ZONE_NOTICES = {
    Zone.ORANGE: (
        "Your margin is low: the account is in the orange zone.",
        "Your positions are still yours. Only orders that reduce them are taken now.",
        "Close or reduce a position, or wait for the price to come back.",
        Severity.WARNING,
    ),
    Zone.RED: (
        "Your margin is in danger: the account is in the red zone.",
        "You can't lose more than the deposit. The broker may close your positions at any moment "
        "(liquidation).",
        "Close or reduce a position now if you don't want the broker to do it.",
        Severity.CRITICAL,
    ),
}


def dispute_notice(dispute: Dispute) -> Notice:
    """Return the notice for a dispute that has begun or ended."""
    if dispute.outcome is DisputeOutcome.CLEARED:
        return Notice(
            "The dispute over your margin account is over (cleared).",
            "The account goes on with the last balance that both sides had agreed on.",
            "You can trade again.",
            Severity.INFO,
            Action.SHOW_ACCOUNT,
        )
    if dispute.outcome is DisputeOutcome.FINISHED:
        return Notice(
            "The dispute over your margin account is over (finished).",
            "The account ends with the last balance that both sides had signed.",
            "Your part of it is paid out to your wallet. The account's details show the steps.",
            Severity.INFO,
            Action.SHOW_ACCOUNT,
        )
    return Notice(
        "A dispute over your margin account is running: the blockchain was asked to decide "
        "(challenge).",
        "Your deposit is safe." if dispute.is_early else (
            "The last balance that you and the broker both signed is safe. No orders are taken "
            "meanwhile."
        ),
        "You need not do anything. Keep this application running.",
        Severity.CRITICAL,
        Action.SHOW_ACCOUNT,
    )  # fmt: skip


def liquidation_notice(words: str) -> Notice:
    """Return the notice that the broker closes the positions; ``words`` are the venue's own."""
    return Notice(
        "Your loss has used up your margin; the broker is closing your positions (liquidation).",
        "You can't lose more than the deposit.",
        "What is left is shown under the account's details. No order of yours can stop it now.",
        Severity.CRITICAL,
        Action.SHOW_ACCOUNT,
        words,
    )


def zone_notice(before: Zone, after: Zone) -> Notice:
    """Return the notice for an account that went from one zone of the margin to another."""
    if after is Zone.GREEN:
        return Notice(
            "Your margin has recovered: the account is in the green zone.",
            "You can order as usual again.",
            "",
            Severity.INFO,
            about=_MARGIN_ZONE,
        )
    happened, safe, next_step, severity = _ZONE_NOTICES[after]
    if before is Zone.RED:
        happened = "Your margin is better, but still low: the account is in the orange zone."
    return Notice(happened, safe, next_step, severity, Action.SHOW_POSITIONS, about=_MARGIN_ZONE)


def settled_notice(text: str, *, is_paid: bool) -> Notice:
    """Return the notice for a settlement that is over; ``text`` says which and how it ended."""
    return Notice(
        text,
        "What it came to is yours." if is_paid else "Your positions are as they were before.",
        "The account's details show every step.",
        Severity.INFO if is_paid else Severity.WARNING,
        Action.SHOW_ACCOUNT,
    )


def never_known_notice(text: str) -> Notice:
    """Return the notice for a request whose outcome nobody can be asked; ``text`` names it."""
    return Notice(
        text,
        "It is never sent twice.",
        "Look at your positions before you ask for it again.",
        Severity.WARNING,
        Action.SHOW_POSITIONS,
    )


def alarm_lifted_notice() -> Notice:
    """Return the notice that trading goes on after an alarm."""
    return Notice(
        "Trading goes on: you have taken what the venue shows for right.",
        "From now on it is held against what you trusted.",
        "",
        Severity.INFO,
    )
