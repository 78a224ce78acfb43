"""Single wire values of Finex: numbers, ids and times, read exactly or refused (§2.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from kayen_desktop.domain.amounts import MAX_DIGITS, ZERO, parse_decimal

MAX_ID_LENGTH = 64
MAX_INT_DIGITS = 30
MS_ABOVE = 10**11
NO_UUID = "00000000-0000-0000-0000-000000000000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED = 8192  # prices and round amounts repeat: a book reads the same texts over and over


def read_number(value: object) -> Decimal:
    """Return the exact number; "" reads as zero (§2.1).

    Raises:
        ValueError: not a finite number, or longer than any real amount is.
    """
    return _number(value) if isinstance(value, str) else parse_decimal(value)


def read_unsigned(value: object) -> Decimal:
    """Return the exact number, zero or above.

    Raises:
        ValueError: as ``read_number``, or negative.
    """
    if isinstance(value, str):
        return _unsigned(value)
    if isinstance(value, Decimal):
        return _unsigned(str(value))  # cheaper by half than taking a Decimal apart
    return _at_least_zero(parse_decimal(value))


def read_positive(value: object) -> Decimal:
    """Return the exact number, above zero.

    Raises:
        ValueError: as ``read_number``, or not above zero.
    """
    number = _unsigned(value) if isinstance(value, str) else read_unsigned(value)
    if not number:
        raise ValueError("a number is not above zero")
    return number


def read_optional(value: object) -> Decimal | None:
    """Return the exact number; None where the venue writes null, "" or 0 for "there is none".

    Raises:
        ValueError: as ``read_unsigned``.
    """
    return None if value is None else read_unsigned(value) or None


def read_int(value: object) -> int:
    """Return the whole number that an integer, an integral number or a numeric text spells.

    Raises:
        ValueError: not a whole number, or absurdly long.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError(f"a {type(value).__name__} is not a whole number")
    if isinstance(value, int):
        if abs(value) >= 10**MAX_INT_DIGITS:
            raise ValueError("a whole number has too many digits")
        return value
    number = parse_decimal(value)
    if number != number.to_integral_value():
        raise ValueError("a number is not whole")
    return int(number)


def read_count(value: object) -> int:
    """Return the whole number, zero or above.

    Raises:
        ValueError: as ``read_int``, or negative.
    """
    number = read_int(value)
    if number < 0:
        raise ValueError("a count is negative")
    return number


def read_id(value: object) -> str:
    """Return a trade's id as text, digit for digit, however large.

    Raises:
        ValueError: neither a whole number nor a short printable text.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**MAX_INT_DIGITS:
        return str(value)
    return read_key(value)


def read_key(value: object) -> str:
    """Return a text fit to be a key: a uuid, a symbol.

    Raises:
        ValueError: not a short text of printable ASCII without spaces.
    """
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_LENGTH:
        raise ValueError("an id is not a short text")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("an id holds characters no id has")
    return value


def read_uuid(value: object) -> str:
    """Return an order's uuid.

    Raises:
        ValueError: not a key, or one of those that stand for "none": the nil uuid and "error".
    """
    uuid = read_key(value)
    if uuid in (NO_UUID, "error"):
        raise ValueError("an order has no uuid")
    return uuid


def read_time(value: object) -> datetime:
    """Return the UTC time of unix seconds or milliseconds, as number or text, or of RFC 3339.

    Raises:
        ValueError: neither of them, or outside the years that a calendar knows.
    """
    if type(value) is int:
        return _unix_time(value)
    if isinstance(value, str):
        if "-" in value[1:]:
            return _rfc3339(value)
        if not value:
            raise ValueError("a time is missing")
        return _unix_time(_number(value))
    return _unix_time(parse_decimal(value))


@lru_cache(maxsize=_CACHED)
def _number(text: str) -> Decimal:
    # The shape nearly every number has needs none of the care that parse_decimal takes.
    if len(text) <= MAX_DIGITS and text.isascii() and text.replace(".", "", 1).isdigit():
        return Decimal(text) or ZERO
    return parse_decimal(text) if text else ZERO


@lru_cache(maxsize=_CACHED)
def _unsigned(text: str) -> Decimal:
    return _at_least_zero(_number(text))


def _at_least_zero(number: Decimal) -> Decimal:
    if number < ZERO:
        raise ValueError("a number is negative")
    return number


@lru_cache(maxsize=_CACHED)
def _unix_time(value: int | Decimal) -> datetime:
    if value < 0:
        raise ValueError("a time is before 1970")
    micros = value * (1000 if value > MS_ABOVE else 1_000_000)
    try:
        return _EPOCH + timedelta(microseconds=int(micros))
    except OverflowError:
        raise ValueError("a time is beyond the calendar") from None


def _rfc3339(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time is not RFC 3339") from None
    if time.tzinfo is None:
        raise ValueError("a time has no zone")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is beyond the calendar") from None
