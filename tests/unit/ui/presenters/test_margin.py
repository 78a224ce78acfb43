"""The picture of the gauge: zones, distances, and what is said where something is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import MarginLimit
from kayen_desktop.domain.margin import (
    RULES,
    Holding,
    MarginAccount,
    MarginReading,
    MarginRules,
    Zone,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.presenters.margin import MarginPicture, margin_picture

D = Decimal
TOTAL = MarginRules(MarginReading.TOTAL)


def account(
    pnl: str = "0",
    *,
    side: Side = Side.BUY,
    deposit: str | None = "1",
    total: str | None = None,
    limit: MarginLimit | None = None,
    is_empty: bool = False,
) -> MarginAccount:
    gain = D(pnl)
    held = Holding("PEPE/USD", side, D(1000), D(10), D(10) + gain * side.sign, gain)
    return MarginAccount(
        D(1),
        None if deposit is None else D(deposit),
        None if total is None else D(total),
        () if is_empty else (held,),
        D("0.8"),
        D("0.2"),
        D(10),
        limit,
    )


def picture(held: MarginAccount | None, rules: MarginRules = RULES) -> MarginPicture:
    return margin_picture(held, rules, "usd")


def test_green_shows_the_way_to_orange_in_money_and_price() -> None:
    drawn = picture(account("-0.25"))
    assert (drawn.headline, drawn.zone, drawn.share) == ("Safe (green)", Zone.GREEN, D("0.75"))
    # 0.55 of 9.75 that are held at the price now
    assert drawn.distance == "75 % left · 0.55 USD or −5.6 % until Low"
    assert drawn.meaning == "All orders are taken"
    assert drawn.marks == (D("0.10"), D("0.20"))
    assert drawn.spoken == (
        "Margin: Safe (green), 75 % left · 0.55 USD or −5.6 % until Low, All orders are taken"
    )


def test_orange_says_what_is_forbidden_and_how_far_red_is() -> None:
    drawn = picture(account("-0.85", side=Side.SELL))
    assert (drawn.headline, drawn.zone) == ("Low (orange)", Zone.ORANGE)
    assert drawn.distance == "15 % left · 0.05 USD or +0.46 % until Danger"
    assert drawn.meaning == "Only orders that reduce your positions are taken"


@pytest.mark.parametrize(("pnl", "left"), [("-0.95", "5 % left"), ("-1.5", "nothing left")])
def test_red_says_what_the_broker_may_do(pnl: str, left: str) -> None:
    drawn = picture(account(pnl))
    assert (drawn.headline, drawn.zone, drawn.distance) == ("Danger (red)", Zone.RED, left)
    assert drawn.meaning == "The broker may close your positions at any moment"


def test_the_other_reading_is_another_share_with_its_own_words() -> None:
    drawn = picture(account("-0.65", total="2"), TOTAL)
    assert (drawn.zone, drawn.share) == (Zone.ORANGE, D("0.175"))
    assert "both deposits" in drawn.tip


def test_the_venues_own_word_goes_first() -> None:
    drawn = picture(account(limit=MarginLimit.SOFT))
    assert drawn.zone is Zone.ORANGE
    assert drawn.tip.endswith("The venue itself says that the limit of the margin is reached.")


def test_the_figures_are_there_with_sign_and_tone() -> None:
    shown = {fact.label: fact for fact in picture(account("-0.25")).figures}
    assert {label: fact.value for label, fact in shown.items()} == {
        "Equity": "0.75",
        "Used": "0.80",
        "Available": "0.20",
        "Buying power": "2.00",
        "Profit/loss": "−0.25",
    }
    assert shown["Profit/loss"].tone is Tone.BAD
    gain = picture(account("0.5")).figures[-1]
    assert (gain.value, gain.tone) == ("+0.50", Tone.GOOD)


def test_long_figures_keep_to_what_a_strip_has_room_for() -> None:
    rich = MarginAccount(
        D("123456789.123456"), D(123456789), None, (), D(0), D("12345678901.5"), D(10)
    )
    shown = {fact.label: fact.value for fact in picture(rich).figures}
    assert shown["Equity"] == "123,456,789.12"
    assert shown["Available"] == "12.34 B"


def test_what_is_not_known_is_said() -> None:
    assert picture(None).headline == "No margin account"
    assert margin_picture(None, RULES, "usd", is_open=True).headline == "Balance not known yet"
    assert {fact.value for fact in picture(None).figures} == {"–"}
    drawn = picture(account(deposit=None))
    assert drawn.headline == "No zone: the deposit is not known"
    assert (drawn.zone, drawn.share, drawn.distance) == (None, None, "")
    assert drawn.figures[0].value == "1.00"
    assert drawn.spoken == "Margin: No zone: the deposit is not known"


def test_with_nothing_held_no_price_leads_anywhere() -> None:
    drawn = picture(account(is_empty=True))
    assert drawn.distance == "100 % left · 0.80 USD until Low"
