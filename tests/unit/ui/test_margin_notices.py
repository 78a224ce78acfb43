"""Sentences on the margin: each variant of the risk of an order, zones, distances and readings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain.margin import MarginAccount, MarginFigures, MarginReading, Zone, measure
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.risk import OrderRisk
from kayen_desktop.ui.notices import margin, risk_sentence, what_if

D = Decimal


def figures(zone: Zone | None = Zone.GREEN, initial: str = "2") -> MarginFigures:
    whole = measure(MarginAccount(D(1), D(1), None))
    return replace(whole, zone=zone, initial_margin=D(initial))


def risk(
    zone: Zone | None = Zone.GREEN,
    *,
    before: Zone | None = Zone.GREEN,
    side: Side | None = Side.BUY,
    orange: str | None = "-0.06",
    red: str | None = "-0.11",
    initial: str = "2",
    stake: str = "1",
    held: Side | None = None,
    is_waiting: bool = False,
) -> OrderRisk:
    return OrderRisk(
        before=figures(before),
        after=figures(zone, initial),
        side_held=side,
        liquidation_price=None,
        orange_move=None if orange is None else D(orange),
        red_move=None if red is None else D(red),
        most_to_lose=min(D("0.83"), D(stake)),
        stake=D(stake),
        side_before=held,
        is_waiting=is_waiting,
    )


MOST = "the most you can lose here is 0.83 of 1.00 USD."


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            risk(),
            "If PEPE falls 6 % you enter orange; at −11 % the broker may close you; " + MOST,
        ),
        (
            risk(side=Side.SELL, orange="0.0625", red="0.119"),
            "If PEPE rises 6.2 % you enter orange; at +11.9 % the broker may close you; " + MOST,
        ),
        (
            risk(orange="-0.0045", red=None),
            "If PEPE falls 0.45 % you enter orange; at no price of PEPE may the broker close "
            "you; " + MOST,
        ),
        (
            risk(orange="0", red="0"),
            "If PEPE falls at all you enter orange; at the least fall the broker may close "
            "you; " + MOST,
        ),
        (
            risk(side=Side.SELL, orange="0", red="0"),
            "If PEPE rises at all you enter orange; at the least rise the broker may close "
            "you; " + MOST,
        ),
        (
            risk(orange=None, red=None),
            "However far PEPE falls, you don't enter orange; " + MOST,
        ),
        (
            risk(Zone.ORANGE, orange=None),
            "This order puts you into orange; at −11 % the broker may close you; " + MOST,
        ),
        (
            risk(Zone.ORANGE, before=Zone.ORANGE, orange=None, red=None),
            "You stay in orange; at no price of PEPE may the broker close you; " + MOST,
        ),
        (
            risk(Zone.RED, orange=None, red=None),
            "This order puts you into red: the broker may close you at any moment; " + MOST,
        ),
        (
            risk(Zone.RED, before=Zone.RED, orange=None, red=None),
            "You stay in red: the broker may close you at any moment; " + MOST,
        ),
        (
            risk(initial="1"),
            "This order leaves you with less at risk. If PEPE falls 6 % you enter orange; at "
            "−11 % the broker may close you; " + MOST,
        ),
        (
            # Turned round, less is held, and more can be lost: no word of a lesser risk.
            risk(side=Side.SELL, held=Side.BUY, orange="0.06", red="0.11", initial="1"),
            "If PEPE rises 6 % you enter orange; at +11 % the broker may close you; " + MOST,
        ),
        (
            risk(held=Side.BUY, initial="1", is_waiting=True),
            "Once filled, this order leaves you with less at risk. If PEPE falls 6 % you enter "
            "orange; at −11 % the broker may close you; " + MOST,
        ),
        (
            risk(Zone.RED, side=Side.SELL, held=Side.BUY, is_waiting=True),
            "Until this order is filled you stand as you do now. This order puts you into red: "
            "the broker may close you at any moment; " + MOST,
        ),
        (
            risk(side=None, held=Side.BUY, orange=None, red=None, initial="0", is_waiting=True),
            "Until this order is filled you stand as you do now; " + MOST + " Filled, it leaves "
            "you with no PEPE.",
        ),
        (
            risk(side=None, orange=None, red=None, initial="0"),
            "After this order you hold no PEPE, so its price can't cost you any more.",
        ),
        (
            risk(Zone.ORANGE, before=Zone.ORANGE, side=None, orange=None, red=None),
            "After this order you hold no PEPE, so its price can't cost you any more. You stay in "
            "orange.",
        ),
        (
            risk(None, side=None),
            "After this order you hold no PEPE, so its price can't cost you any more.",
        ),
        (
            risk(None, before=None, orange=None, red=None),
            "The deposit is not known, so neither are the zones; " + MOST,
        ),
        (
            risk(Zone.RED, before=Zone.RED, orange=None, red=None, stake="0"),
            "You stay in red: the broker may close you at any moment; nothing is left here that "
            "you could lose.",
        ),
    ],
)
def test_the_risk_of_an_order_is_one_sentence(told: OrderRisk, sentence: str) -> None:
    assert risk_sentence(told, "PEPE/USD", "usd") == sentence


def test_a_distance_is_money_and_per_cent_of_price() -> None:
    near = margin.distance_text(Zone.ORANGE, D("2.35"), D("-0.0629"), "usd")
    assert near == "2.35 USD or −6.2 % until Low"
    assert margin.distance_text(Zone.RED, D("0.5"), None, "usd") == "0.50 USD until Danger"


@pytest.mark.parametrize(
    ("share", "text"),
    [("-0.0629", "−6.2 %"), ("0.2", "+20 %"), ("0.0004", "+0.04 %"), ("0", "at once")],
)
def test_a_move_is_cut_and_never_overstated(share: str, text: str) -> None:
    assert margin.move_text(D(share)) == text


@pytest.mark.parametrize("reading", MarginReading)
@pytest.mark.parametrize("zone", Zone)
def test_a_zone_says_what_it_is_a_share_of(zone: Zone, reading: MarginReading) -> None:
    whole = "your deposit" if reading is MarginReading.OWN_DEPOSIT else "both deposits"
    assert whole in margin.zone_explanation(zone, reading)
    assert zone.value in margin.zone_explanation(zone, reading)
    assert margin.forbidden_text(zone)
    assert margin.reading_text(reading)
    assert "fifth" in margin.reading_explanation(reading)


def test_what_is_left_is_said_in_words_too() -> None:
    own = MarginReading.OWN_DEPOSIT
    assert margin.left_text(D("0.7849"), own) == "78.4 % of your deposit is left"
    assert margin.left_text(D("-0.1"), own) == "Nothing of your deposit left"
    assert margin.left_text(D("0.5"), MarginReading.TOTAL) == "50 % of both deposits is left"


@pytest.mark.parametrize(
    ("market", "share", "zone", "text"),
    [
        ("", "0", Zone.GREEN, "At the prices now your account is worth 1.00 USD and safe. All "),
        ("", "-0.06", Zone.ORANGE, "If all your markets fall 6 %, your account is worth 1.00 USD "),
        ("BTC/USD", "-0.065", Zone.RED, "If BTC/USD falls 6.5 %, your account is worth 1.00 USD "),
        ("BTC/USD", "0.1", None, "If BTC/USD rises 10 %, your account is worth 1.00 USD."),
        ("", "0.2", None, "If all your markets rise 20 %, your account is worth 1.00 USD."),
    ],
)
def test_a_move_is_told_in_a_sentence(
    market: str, share: str, zone: Zone | None, text: str
) -> None:
    assert what_if.result_text(market, D(share), figures(zone), "usd").startswith(text)
