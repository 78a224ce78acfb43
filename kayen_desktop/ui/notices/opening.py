"""Words of the wizard that opens a margin account."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.channels import Channel, DepositPackage
from kayen_desktop.domain.events import Severity
from kayen_desktop.ui.formatting import format_exact, format_percent

from .accounts import channel_explanation
from .notice import Action, Notice

OPENING_DONE = ("Your margin account is ready", "You can trade on it now.")
OPENING_UNDER_WAY = (
    "Your margin account is being opened",
    "This usually takes less than a minute. You may close this window; it goes on by itself.",
)
OPENING_SENDING = ("Asking the broker", "Your request is on its way. It is sent once.")
OPENING_UNKNOWN = ("Not confirmed yet", "We are finding out what became of your request.")
OPENING_NOTHING = ("No account was opened", "The steps show how far it came.")

_HUNDRED = Decimal(100)
_COSTS_NOTHING = "Nothing is taken for opening."


def package_text(package: DepositPackage, quote: str) -> str:
    """Return a broker's package: "Retail Package: 1 to 30 USD"."""
    limits = f"{format_exact(package.minimum)} to {format_exact(package.maximum)} {quote}"
    return f"{package.name}: {limits}" if package.name else limits


def opening_review(taker_fee: Decimal | None) -> tuple[tuple[str, str], ...]:
    """Return what to know before opening, as pairs of a label and its sentences.

    ``taker_fee`` is a fraction, None where it is not known.
    """
    trades = (
        f"Each trade costs up to {format_percent(taker_fee * _HUNDRED).lstrip('+')} of its value."
        if taker_fee is not None
        else "Each trade costs the exchange's fee."
    )
    return (
        (
            "What you sign",
            "Nothing more. By signing in you proved that the address is yours; that signature "
            "moves no money.",
        ),
        ("What it costs", f"{_COSTS_NOTHING} {trades}"),
        ("What you can lose", "The deposit, and no more than that."),
        (
            "How you get it back",
            "Close the account whenever you like. You get back the deposit, plus your profits, "
            "minus your losses and fees.",
        ),
        (
            "What a channel is",
            "You and the broker each put up the deposit. A trade only changes how the two are "
            "shared out when the account closes; that agreement is the channel.",
        ),
    )


def opening_not_received() -> Notice:
    """Return the notice for a request that the venue turned out never to have got."""
    return Notice(
        "Your request never reached the venue.",
        "No account was opened, and your deposit is in your wallet.",
        "Go back and send it again if you still want the account.",
        Severity.WARNING,
        Action.TRY_AGAIN,
    )


def opening_notice(channel: Channel) -> Notice | None:
    """Return what to say of a new account that did not take the ordinary way, else None."""
    if channel.is_failed:
        return Notice(
            "The account could not be opened (failed).",
            "Your deposit is in your wallet, or on its way back to it.",
            "Try again, or choose another broker.",
            Severity.WARNING,
            Action.TRY_AGAIN,
        )
    if channel.is_opening or channel.is_usable:
        return None
    return Notice(
        channel_explanation(channel),
        "Your part of the agreed balance stays yours.",
        "Close this window; the list of margin accounts shows how it goes on.",
        Severity.WARNING,
    )
