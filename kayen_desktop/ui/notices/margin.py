"""Words for the margin: how safe the account is, what is forbidden, what an order could cost."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, truncate
from kayen_desktop.domain.margin import MarginReading, Zone
from kayen_desktop.domain.markets import base_of
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.risk import OrderRisk
from kayen_desktop.ui.formatting import MINUS, format_exact, format_money

NO_ACCOUNT = "No margin account"
BALANCE_UNKNOWN = "Balance not known yet"
ZONE_UNKNOWN = "No zone: the deposit is not known"
ZONE_UNKNOWN_EXPLANATION = (
    "The venue has not told what was deposited, so how much of it is left can't be reckoned. "
    "The figures beside it are right."
)
VENUES_WORD = "The venue itself says that the limit of the margin is reached."
NOTHING_HELD = "Nothing is held, so no price changes the account."
NEVER = "at no price"
ANY_MOMENT = "now"
ASK_THE_BROKER = (
    "The clearing rules can be read in both ways. Ask your broker which one it goes by."
)

_ZONES = {Zone.GREEN: "Safe", Zone.ORANGE: "Low", Zone.RED: "Danger"}
_COLOURS = {Zone.GREEN: "green", Zone.ORANGE: "orange", Zone.RED: "red"}
_WHOLES = {
    MarginReading.OWN_DEPOSIT: "your deposit",
    MarginReading.TOTAL: "both deposits",
}
_EXPLANATIONS = {
    Zone.GREEN: "A fifth of {whole} or more is left (green zone).",
    Zone.ORANGE: (
        "Less than a fifth of {whole} is left: only orders that reduce your positions are "
        "taken (orange zone)."
    ),
    Zone.RED: (
        "Less than a tenth of {whole} is left: the broker may close your positions (red zone)."
    ),
}
_FORBIDDEN = {
    Zone.GREEN: "All orders are taken",
    Zone.ORANGE: "Only orders that reduce your positions are taken",
    Zone.RED: "The broker may close your positions at any moment",
}
_READINGS = {
    MarginReading.OWN_DEPOSIT: (
        "Your own deposit",
        "The zones go by what is left of your own deposit: low (orange) under a fifth of it, "
        "danger (red) under a tenth.",
    ),
    MarginReading.TOTAL: (
        "Both deposits together",
        "The zones go by what is left of your deposit and the broker's together: low (orange) "
        "under a fifth of the sum, danger (red) under a tenth.",
    ),
}
_HUNDRED = Decimal(100)


def zone_text(zone: Zone) -> str:
    """Return how safe the account is, as a label: plain English, and the colour it goes by."""
    return f"{_ZONES[zone]} ({_COLOURS[zone]})"


def zone_word(zone: Zone) -> str:
    """Return how safe the account is in one word, where there is room for no more."""
    return _ZONES[zone]


def zone_explanation(zone: Zone, reading: MarginReading = MarginReading.OWN_DEPOSIT) -> str:
    """Return what a zone of the margin means, in one sentence."""
    return _EXPLANATIONS[zone].format(whole=_WHOLES[reading])


def forbidden_text(zone: Zone) -> str:
    """Return what a zone allows and what it threatens, without an end mark."""
    return _FORBIDDEN[zone]


def whole_text(reading: MarginReading) -> str:
    """Return what the share of the margin is a share of: "your deposit"."""
    return _WHOLES[reading]


def left_text(share: Decimal, reading: MarginReading) -> str:
    """Return how much of the margin is left: "78.4 % of your deposit is left"."""
    whole = _WHOLES[reading]
    return f"{share_text(share)} of {whole} is left" if share > ZERO else f"Nothing of {whole} left"


def share_text(share: Decimal) -> str:
    """Return what is left of the margin, cut to one decimal: "78.4 %"."""
    cut = truncate(share * _HUNDRED, 1)
    return f"{format_exact(cut)} %"


def move_text(share: Decimal) -> str:
    """Return a move of a price with its sign: "−6.2 %"; cut, so that it is never overstated."""
    percent = _percent(share)
    sign = MINUS if share < ZERO else "+"
    return f"{sign}{percent}" if percent else "at once"


def distance_text(zone: Zone, money: Decimal, move: Decimal | None, quote: str) -> str:
    """Return how far a worse zone is: "2.35 USD or −6.2 % until Low".

    ``move`` is the share by which all prices would have to move together; None where none leads
    there.
    """
    until = f"until {zone_word(zone)}"
    if move is None:
        return f"{format_money(money, quote)} {until}"
    return f"{format_money(money, quote)} or {move_text(move)} {until}"


def reading_text(reading: MarginReading) -> str:
    """Return what the zones are a share of, as a choice in a list."""
    return _READINGS[reading][0]


def reading_explanation(reading: MarginReading) -> str:
    """Return how the zones are reckoned, in one sentence."""
    return _READINGS[reading][1]


def boundaries_text(orange: Decimal, red: Decimal, quote: str) -> str:
    """Return at what equity (quote) the zones begin, in one sentence."""
    return (
        f"With your account, low begins under {format_money(orange, quote)} and danger under "
        f"{format_money(red, quote)}."
    )


def risk_sentence(risk: OrderRisk, market: str, quote: str) -> str:
    """Return what could become of the account after an order, in one sentence.

    ``market`` is the order's, "PEPE/USD"; its price is the only one that is taken to move.
    """
    base = base_of(market)
    zone = risk.after.zone
    if risk.side_held is None:
        return _flat(risk, base, quote)
    most = _most(risk, quote)
    if zone is None:
        return f"The deposit is not known, so neither are the zones; {most}."
    wait = "Until this order is filled you stand as you do now. " if _waits_to_turn(risk) else ""
    if zone is Zone.RED:
        return f"{wait}{_entering(risk, zone)}: the broker may close you at any moment; {most}."
    lead = _less(risk) if _reduces(risk) else wait
    red = _red(risk, base)
    if zone is Zone.ORANGE:
        return f"{wait}{_entering(risk, zone)}; {red}; {most}."
    if risk.orange_move is None:
        return f"{lead}However far {base} {_moves(risk)}, you don't enter orange; {most}."
    return f"{lead}If {base} {_moves_by(risk, risk.orange_move)} you enter orange; {red}; {most}."


def _flat(risk: OrderRisk, base: str, quote: str) -> str:
    """Return what there is to say where nothing is held in the market after the order."""
    text = f"After this order you hold no {base}, so its price can't cost you any more."
    if _waits_to_turn(risk):
        most = _most(risk, quote)
        text = f"Until this order is filled you stand as you do now; {most}."
        text += f" Filled, it leaves you with no {base}."
    zone = risk.after.zone
    if zone is None or not zone.is_close_only:
        return text
    return f"{text} {_entering(risk, zone)}."


def _entering(risk: OrderRisk, zone: Zone) -> str:
    """Return where the order leads, or leaves, the account: a zone that is not green."""
    verb = "You stay" if risk.before.zone is zone else "This order puts you"
    into = "in" if risk.before.zone is zone else "into"
    return f"{verb} {into} {_COLOURS[zone]}"


def _reduces(risk: OrderRisk) -> bool:
    """Return whether less is held after the order, by what it was entered for.

    Turned round it is another risk, and no lesser one: what is sold has no highest price.
    """
    return not _turns(risk) and risk.after.initial_margin < risk.before.initial_margin


def _less(risk: OrderRisk) -> str:
    start = "Once filled, this order leaves" if risk.is_waiting else "This order leaves"
    return f"{start} you with less at risk. "


def _turns(risk: OrderRisk) -> bool:
    """Return whether what is held before is ended, and perhaps turned round, by the order."""
    return risk.side_before is not None and risk.side_before is not risk.side_held


def _waits_to_turn(risk: OrderRisk) -> bool:
    return risk.is_waiting and _turns(risk)


def _red(risk: OrderRisk, base: str) -> str:
    """Return when the broker may close the account's positions."""
    move = risk.red_move
    if move is None:
        return f"at no price of {base} may the broker close you"
    if not _percent(move):
        move_word = "fall" if risk.side_held is Side.BUY else "rise"
        return f"at the least {move_word} the broker may close you"
    return f"at {move_text(move)} the broker may close you"


def _moves(risk: OrderRisk) -> str:
    return "falls" if risk.side_held is Side.BUY else "rises"


def _moves_by(risk: OrderRisk, move: Decimal) -> str:
    return f"{_moves(risk)} {_percent(move) or 'at all'}"


def _most(risk: OrderRisk, quote: str) -> str:
    if risk.stake <= ZERO:
        return "nothing is left here that you could lose"
    return (
        f"the most you can lose here is {format_money(risk.most_to_lose)} of "
        f"{format_money(risk.stake, quote)}"
    )


def _percent(share: Decimal) -> str:
    """Return the size of a share, "6.2 %"; empty where it is under a hundredth of a per cent."""
    percent = abs(share) * _HUNDRED
    cut = truncate(percent, 1 if percent >= 1 else 2)
    return f"{format_exact(cut)} %" if cut else ""
