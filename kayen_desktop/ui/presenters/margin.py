"""What a margin account looks like at a glance: its zone, what is near, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.margin import (
    RULES,
    MarginAccount,
    MarginFigures,
    MarginRules,
    Zone,
    boundary,
    measure,
    move_to,
)
from kayen_desktop.ui.formatting import (
    NOTHING,
    format_money,
    format_signed_money,
    format_size,
)
from kayen_desktop.ui.notices.margin import (
    BALANCE_UNKNOWN,
    NO_ACCOUNT,
    VENUES_WORD,
    ZONE_UNKNOWN,
    ZONE_UNKNOWN_EXPLANATION,
    distance_text,
    forbidden_text,
    left_text,
    share_text,
    zone_explanation,
    zone_text,
)

from .facts import Fact, tone_of

_TITLES = ("Equity", "Used", "Available", "Buying power", "Profit/loss")
# From here on the strip shows cents, and from a billion on four digits; the dialog shows them all.
_LARGE = Decimal(10_000)
_HUGE = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class MarginPicture:
    """What the gauge draws; ``marks`` are where red and orange begin, as shares of the bar.

    ``share`` fills the bar and is None where nothing is known to fill it with. ``meaning`` says
    what the zone allows, ``tip`` all of it in sentences, ``spoken`` is for those who hear it.
    """

    headline: str
    zone: Zone | None = None
    share: Decimal | None = None
    marks: tuple[Decimal, Decimal] = (RULES.red_below, RULES.orange_below)
    distance: str = ""
    meaning: str = ""
    tip: str = ""
    figures: tuple[Fact, ...] = tuple(Fact(title, NOTHING) for title in _TITLES)

    @property
    def spoken(self) -> str:
        """The zone and what is near, in one line."""
        parts = (self.headline, self.distance, self.meaning)
        return f"Margin: {', '.join(part for part in parts if part)}"


def margin_picture(
    account: MarginAccount | None, rules: MarginRules, quote: str, *, is_open: bool = False
) -> MarginPicture:
    """Return the account as the gauge draws it.

    ``is_open`` says that there is an account, where its balance is not known.
    """
    marks = (rules.red_below, rules.orange_below)
    if account is None:
        return MarginPicture(BALANCE_UNKNOWN if is_open else NO_ACCOUNT, marks=marks)
    figures = measure(account, rules)
    shown = _figures(figures)
    if figures.zone is None or figures.share is None:
        return MarginPicture(ZONE_UNKNOWN, marks=marks, tip=ZONE_UNKNOWN_EXPLANATION, figures=shown)
    is_venues_word = figures.zone is not rules.zone_of(figures.share)
    left = left_text(figures.share, rules.reading)
    explanation = VENUES_WORD if is_venues_word else zone_explanation(figures.zone, rules.reading)
    return MarginPicture(
        zone_text(figures.zone),
        figures.zone,
        figures.share,
        marks,
        _near(account, figures, rules, quote),
        forbidden_text(figures.zone),
        f"{left}. {explanation}",
        shown,
    )


def next_move(account: MarginAccount, figures: MarginFigures, rules: MarginRules) -> Decimal | None:
    """Return the share by which all markets move together until the next worse zone begins."""
    if figures.next_zone is None:
        return None
    limit = boundary(account, figures.next_zone, rules)
    return None if limit is None else move_to(account, limit)


def _near(account: MarginAccount, figures: MarginFigures, rules: MarginRules, quote: str) -> str:
    is_left = figures.share is not None and figures.share > ZERO
    share = share_text(figures.share) if figures.share is not None and is_left else "nothing"
    if figures.next_zone is None or figures.to_next is None:
        return f"{share} left"
    move = next_move(account, figures, rules)
    return f"{share} left · {distance_text(figures.next_zone, figures.to_next, move, quote)}"


def _figures(figures: MarginFigures) -> tuple[Fact, ...]:
    equity, used, available, power, pnl = _TITLES
    return (
        Fact(equity, _short(figures.equity)),
        Fact(used, _short(figures.used)),
        Fact(available, _short(figures.available)),
        Fact(power, _short(figures.buying_power)),
        Fact(pnl, _signed(figures.pnl), tone_of(figures.pnl)),
    )


def _signed(value: Decimal) -> str:
    text = _short(value)
    return f"+{text}" if format_signed_money(value).startswith("+") else text


def _short(value: Decimal | None) -> str:
    """Return money without its currency, in as many digits as a strip has room for."""
    if value is None or abs(value) < _LARGE:
        return format_money(value)
    return format_size(value) if abs(value) >= _HUGE else format_money(truncate(value, 2))
