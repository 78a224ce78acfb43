"""Numbers as a trader types them: read exactly, or told what to change about them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .amounts import ZERO, decimal_places, parse_decimal
from .errors import Problem, ProblemKind


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """The problem kinds of one number that is typed."""

    missing: ProblemKind
    not_a_number: ProblemKind
    not_positive: ProblemKind
    too_precise: ProblemKind


AMOUNT = TypedNumber(
    ProblemKind.AMOUNT_MISSING,
    ProblemKind.AMOUNT_NOT_A_NUMBER,
    ProblemKind.AMOUNT_NOT_POSITIVE,
    ProblemKind.AMOUNT_TOO_PRECISE,
)
PRICE = TypedNumber(
    ProblemKind.PRICE_MISSING,
    ProblemKind.PRICE_NOT_A_NUMBER,
    ProblemKind.PRICE_NOT_POSITIVE,
    ProblemKind.PRICE_TOO_PRECISE,
)
TRIGGER = TypedNumber(
    ProblemKind.TRIGGER_MISSING,
    ProblemKind.TRIGGER_NOT_A_NUMBER,
    ProblemKind.TRIGGER_NOT_POSITIVE,
    ProblemKind.TRIGGER_TOO_PRECISE,
)
DEPOSIT = TypedNumber(
    ProblemKind.DEPOSIT_MISSING,
    ProblemKind.DEPOSIT_NOT_A_NUMBER,
    ProblemKind.DEPOSIT_NOT_POSITIVE,
    ProblemKind.DEPOSIT_TOO_PRECISE,
)


def read_number(
    text: str, number: TypedNumber, places: int, problems: list[Problem]
) -> Decimal | None:
    """Return the number typed, more than zero and with ``places`` digits after the point at most.

    None where it is not one; what is wrong with it is then added to the problems.
    """
    typed = text.strip()
    if not typed:
        problems.append(Problem(number.missing))
        return None
    try:
        value = parse_decimal(typed)
    except ValueError:
        problems.append(Problem(number.not_a_number))
        return None
    if value <= ZERO:
        problems.append(Problem(number.not_positive))
        return None
    if decimal_places(value) > places:
        problems.append(Problem(number.too_precise, str(places)))
        return None
    return value
