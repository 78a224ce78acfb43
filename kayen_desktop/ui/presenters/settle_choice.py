"""What there is to settle, and what a choice of it would mean, as the wizard's pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.app.settlement import SettleChoice
from kayen_desktop.domain.margin import MarginFigures, MarginReading, Zone
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.ui.formatting import (
    NOTHING,
    format_amount,
    format_money,
)
from kayen_desktop.ui.notices import zone_text
from kayen_desktop.ui.notices.closing import position_text
from kayen_desktop.ui.notices.margin import share_text
from kayen_desktop.ui.notices.orders import held_word
from kayen_desktop.ui.notices.settling import (
    CONFIRM_BY_BUTTON,
    CONFIRM_BY_TYPING,
    MAY_DECLINE,
    MEANWHILE,
    chain_text,
    method_explanation,
    method_text,
    share_label,
)

from .facts import Fact, Tone, tone_of
from .settlement_steps import payout_fact, result_text

_POSITIONS_SHOWN = 8
_ZONE_TONES = {Zone.GREEN: Tone.GOOD, Zone.ORANGE: Tone.BAD, Zone.RED: Tone.BAD}
_ARROW = " → "


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One position as the list shows it; ``alone`` is the margin if only it were settled."""

    market: str
    holding: str
    result: str
    tone: Tone
    alone: str
    is_chosen: bool

    @property
    def texts(self) -> tuple[str, ...]:
        """All that the line says, for those who hear it and where it is cut."""
        return (self.market, self.holding, self.result, self.alone)


@dataclass(frozen=True, slots=True)
class MethodLine:
    """One way of payment to choose from."""

    method: PaymentMethod
    title: str
    explanation: str
    is_chosen: bool


def market_line(
    choice: SettleChoice, market: Market | None, quote: str, *, is_chosen: bool
) -> MarketLine:
    """Return a position's line: what is held, what it is worth, what it has come to."""
    position, after = choice.position, choice.after
    alone = "Settled alone: margin not known"
    if after is not None:
        alone = f"Settled alone: {_share(after.share)} left, {zone_label(after.zone).lower()}"
    return MarketLine(
        position.market,
        f"{held_word(position.side)} {format_amount(position.amount, market)}, worth "
        f"{format_money(position.market_value, quote)}",
        result_text(position.pnl, quote),
        tone_of(position.pnl),
        alone,
        is_chosen,
    )


def method_line(method: PaymentMethod, chosen: PaymentMethod | None) -> MethodLine:
    """Return a way of payment with its explanation."""
    return MethodLine(method, method_text(method), method_explanation(method), method is chosen)


def margin_facts(
    before: MarginFigures, after: MarginFigures | None, reading: MarginReading, quote: str
) -> tuple[Fact, ...]:
    """Return what the account is worth, what is left of the margin, and its zone.

    Where there is an ``after``, each line leads from one to the other.
    """
    figures = (before,) if after is None else (before, after)
    last = figures[-1]
    return (
        Fact(
            "Worth (equity)",
            _ARROW.join(format_money(each.equity) for each in figures) + f" {quote}",
        ),
        Fact(share_label(reading), _ARROW.join(_share(each.share) for each in figures)),
        Fact(
            "Zone",
            _ARROW.join(zone_label(each.zone) for each in figures),
            Tone.PLAIN if last.zone is None else _ZONE_TONES[last.zone],
        ),
    )


def review_facts(
    positions: Sequence[Position],
    markets: Mapping[str, Market],
    quote: str,
    result: Decimal | None,
    margin_after: Sequence[Fact],
    method: PaymentMethod,
    chain_id: int,
    *,
    asks_first: bool,
) -> tuple[Fact, ...]:
    """Return everything that settling means, before it is asked for; ``result`` in quote."""
    settled = [
        position_text(each, format_amount(each.amount, markets.get(each.market)))
        for each in positions[:_POSITIONS_SHOWN]
    ]
    if len(positions) > _POSITIONS_SHOWN:
        settled.append(f"…and {len(positions) - _POSITIONS_SHOWN} more")
    payout = (
        Fact("Paid to your wallet", "Not known: the venue has not valued every position yet.")
        if result is None
        else payout_fact(result, quote, is_estimate=True)
    )
    return (
        Fact("You settle", "\n".join(settled)),
        payout,
        Fact("Margin after", "\n".join(f"{each.label}: {each.value}" for each in margin_after)),
        Fact("How it is paid", method_text(method)),
        Fact("Blockchain", chain_text(chain_id)),
        Fact("You confirm with", CONFIRM_BY_TYPING if asks_first else CONFIRM_BY_BUTTON),
        Fact("While it runs", MEANWHILE),
        Fact("What can happen", MAY_DECLINE),
    )


def zone_label(zone: Zone | None) -> str:
    """Return a zone by its meaning and its colour: "Safe (green)"."""
    return NOTHING if zone is None else zone_text(zone)


def _share(share: Decimal | None) -> str:
    return NOTHING if share is None else share_text(share)
