"""From exact values to the text on the screen; pure functions, which cut digits, never round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from kayen_desktop.domain.amounts import plain, truncate
from kayen_desktop.domain.markets import DEFAULT_PRECISION, Market

NOTHING = "–"
MINUS = "−"
MONEY_PLACES = 4
CENTS = 2
PERCENT_PLACES = 2
# Below one cent, money keeps this many significant digits instead of vanishing.
SMALL_MONEY = Decimal("0.01")
SMALL_MONEY_DIGITS = 4
SIZE_DIGITS = 4
SMALL_SIZE_DIGITS = 5
_SIZES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT_HEAD = 6
_SHORT_TAIL = 4


def format_exact(value: Decimal | None, unit: str = "") -> str:
    """Return every digit the number has, grouped by thousands: "1,234.5 USD"."""
    if value is None:
        return NOTHING
    whole, point, fraction = plain(abs(value)).partition(".")
    text = f"{MINUS if value < 0 else ''}{int(whole):,}{point}{fraction}"
    return f"{text} {unit}" if unit else text


def format_signed_exact(value: Decimal, unit: str = "") -> str:
    """Return every digit of a gain or loss, with its sign: "+1,234.5 USD"."""
    return _plus(format_exact(value, unit), value)


def format_price(value: Decimal | None, market: Market | None = None) -> str:
    """Return a price in quote as its market writes it; without a market, every digit it has.

    A market with a stated precision fills up with zeros, so that a column of its prices lines up.
    """
    if value is None:
        return NOTHING
    if market is None:
        return format_exact(value)
    if market.price_digits is not None:
        return format_exact(_cut_significant(value, market.price_digits))
    return _fixed(value, market.price_precision)


def format_prices(values: Sequence[Decimal], market: Market | None = None) -> list[str]:
    """Return prices that stand in one column, filled up with zeros so that their points line up."""
    texts = [format_price(value, market) for value in values]
    places = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [_fill_up(text, places) for text in texts]


def format_amount(value: Decimal | None, market: Market | None = None) -> str:
    """Return an amount in base with its market's precision, without trailing zeros."""
    if value is None:
        return NOTHING
    places = DEFAULT_PRECISION if market is None else market.amount_precision
    return format_exact(truncate(value, places))


def format_size(value: Decimal | None) -> str:
    """Return an amount cut to what fits a narrow column: "4.219 B", "108,506", "0.064251".

    For markets where nobody counts the last digit: the book and the public trades.
    """
    if value is None:
        return NOTHING
    for unit, name in _SIZES:
        if abs(value) >= unit:
            return f"{format_exact(_cut_significant(value / unit, SIZE_DIGITS))} {name}"
    return format_exact(_cut_significant(value, SMALL_SIZE_DIGITS))


def format_money(value: Decimal | None, quote: str = "") -> str:
    """Return money with two to four decimals, more below one cent: "0.9935 USD"."""
    if value is None:
        return NOTHING
    text = _money(value)
    return f"{text} {quote.upper()}" if quote else text


def format_signed_money(value: Decimal | None, quote: str = "") -> str:
    """Return money with its sign, so that gain and loss differ without colour: "+0.01"."""
    if value is None:
        return NOTHING
    return _plus(format_money(value, quote), value)


def format_percent(value: Decimal | None) -> str:
    """Return a signed percentage with two decimals: "+3.94 %"."""
    if value is None:
        return NOTHING
    text = _fixed(value, PERCENT_PLACES)
    return _plus(f"{text} %", value)


def format_time(at: datetime | None, now: datetime | None = None) -> str:
    """Return the local time of day, "14:03:22"; with the date where it is not ``now``'s day."""
    if at is None:
        return NOTHING
    local = at.astimezone()
    today = now.astimezone().date() if now is not None else local.date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    text = f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"
    return text if local.year == today.year else f"{text} {local.year}"


def format_day(at: datetime) -> str:
    """Return the local day: "3 Jun"."""
    local = at.astimezone()
    return f"{local.day} {_MONTHS[local.month - 1]}"


def format_duration(length: timedelta) -> str:
    """Return a length of time in its two largest units: "2 h 5 min", "less than a minute"."""
    minutes = max(int(length.total_seconds()), 0) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"


def short_address(address: str) -> str:
    """Return the ends of an address, enough to tell it from others: "0x44AF…A49C"."""
    if len(address) <= _SHORT_HEAD + _SHORT_TAIL + 1:
        return address
    return f"{address[:_SHORT_HEAD]}…{address[-_SHORT_TAIL:]}"


def _money(value: Decimal) -> str:
    if value and abs(value) < SMALL_MONEY:
        cut = _cut_significant(value, SMALL_MONEY_DIGITS)
        cut = truncate(cut, max(DEFAULT_PRECISION, -value.adjusted()))
        return format_exact(cut)
    text = format_exact(truncate(value, MONEY_PLACES))
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(CENTS, '0')}"


def _fill_up(text: str, places: int) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if places else whole


def _fixed(value: Decimal, places: int) -> str:
    """Return the number cut to, and filled up to, exactly so many decimals."""
    cut = truncate(value, places)
    text = format(abs(cut), ",f")
    return f"{MINUS}{text}" if cut < 0 else text


def _plus(text: str, value: Decimal) -> str:
    """Return the text with a plus where it shows more than nothing."""
    is_zero = not any(digit in text for digit in "123456789")
    return f"+{text}" if value > 0 and not is_zero else text


def _cut_significant(value: Decimal, digits: int) -> Decimal:
    """Cut to significant digits, but never into the whole part."""
    return truncate(value, max(digits - 1 - value.adjusted(), 0)) if value else value
