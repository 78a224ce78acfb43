"""Labelled figures as dialogs show them, and the currency that accounts are kept in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from kayen_desktop.app.state import AppState

DEFAULT_QUOTE = "USD"


class Tone(Enum):
    """How a figure is meant; words and signs say the same, colour only repeats it."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of figures; ``copy_text`` is what a copy button beside it copies."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN
    copy_text: str = ""


def tone_of(value: Decimal | None) -> Tone:
    """Return the tone of a gain or a loss; plain where there is none or it is not known."""
    if not value:
        return Tone.PLAIN
    return Tone.GOOD if value > 0 else Tone.BAD


def account_quote(state: AppState) -> str:
    """Return the currency deposits and results are in: the one the venue's markets quote."""
    for market in state.markets.values():
        return market.quote.upper()
    return DEFAULT_QUOTE
