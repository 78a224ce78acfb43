"""Exact money: reading decimals from text, and cutting them the way the venues do.

Decision: importing this module widens the decimal context of the process to 80 digits. Python's
default of 28 would silently round an 18-digit amount times an 18-digit price; passing a context
to every operation would make the arithmetic unreadable. Inputs are capped at 36 digits, so one
product of two of them is always exact.
"""

from __future__ import annotations

import decimal
from decimal import ROUND_DOWN, Decimal

PRECISION = 80
MAX_DIGITS = 36
MAX_EXPONENT = 36
MAX_TEXT = 100

decimal.getcontext().prec = PRECISION
decimal.DefaultContext.prec = PRECISION  # threads started later take their context from this one

# Cutting keeps every digit in front of the point, however many a hostile figure has.
_CUTTING = decimal.Context(prec=1000, rounding=ROUND_DOWN)

ZERO = Decimal(0)
ONE = Decimal(1)

# Digits after the point: money has those of USDC, the others are YIP-0001's (protocols.md §1.7).
MONEY_PLACES = 6
AMOUNT_PLACES = 8
PRICE_PLACES = 18


def parse_decimal(value: object) -> Decimal:
    """Return the exact decimal that a wire value spells.

    Takes text, ``int`` or ``Decimal``; never ``float`` or ``bool``. Negative zero becomes zero.

    Raises:
        ValueError: not a finite number, or longer than any real amount is.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError(f"a {type(value).__name__} is not a decimal number")
    if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
        raise ValueError("the number has too many digits")
    # Decimal() would read underscores and any script's digits; no venue writes either. The length
    # counts spaces, too: a number that hides in a megabyte of them is kept by no cache.
    if isinstance(value, str) and (len(value) > MAX_TEXT or not value.isascii() or "_" in value):
        raise ValueError("the text is not a decimal number")
    try:
        number = Decimal(value)
    except decimal.InvalidOperation:
        raise ValueError("the text is not a decimal number") from None
    if not number.is_finite():
        raise ValueError("the number is not finite")
    if not number:
        return ZERO
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError("the number has too many digits")
    return number


def plain(value: Decimal) -> str:
    """Return the number as wire text: every digit it has, no exponent, no trailing zeros."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal_places(value: Decimal) -> int:
    """Return how many digits after the point the number needs."""
    _, _, fraction = plain(value).partition(".")
    return len(fraction)


def significant_digits(value: Decimal) -> int:
    """Return how many digits the number needs between its first and last non-zero ones."""
    return len(plain(value).lstrip("-").replace(".", "").strip("0")) or 1


def truncate(value: Decimal, places: int) -> Decimal:
    """Return the number cut, not rounded, to so many decimal places (YIP-0001)."""
    return value.quantize(Decimal(1).scaleb(-places), context=_CUTTING)
