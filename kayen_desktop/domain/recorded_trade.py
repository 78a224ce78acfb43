"""A trade made elsewhere: from what a trader typed to a fill, or to the list of what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .amounts import AMOUNT_PLACES, PRICE_PLACES, ZERO
from .errors import Problem, ProblemKind
from .fills import Fill
from .markets import Market
from .orders import Side
from .typed_numbers import AMOUNT, PRICE, read_number

# Ids have no length in any document; this is twice that of an id made of 32 hex digits.
MAX_EXTERNAL_ID = 64
# The wire counts seconds since then; no trade is older.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TradeDraft:
    """A trade as it stands on the screen; the texts are exactly what was typed.

    ``market`` is a name ("PEPE/USD"), ``amount`` in base, ``price`` in quote, ``executed_at`` a
    date and time such as "2024-06-22 14:05:30", in the trader's own time zone unless it names one.
    """

    external_id: str
    market: str
    side: Side
    amount: str
    price: str
    executed_at: str


def check_trade(
    draft: TradeDraft,
    market: Market | None,
    now: datetime,
    to_utc: Callable[[datetime], datetime],
    is_known: Callable[[str], bool],
) -> Fill | tuple[Problem, ...]:
    """Return the fill that the draft means, or every problem that stands against it.

    ``to_utc`` reads a time without a zone as the trader's own. ``is_known`` says whether an
    external id has been used before: the clearing house books each one once.
    """
    problems: list[Problem] = []
    external_id = _read_external_id(draft.external_id, is_known, problems)
    if market is None:
        problems.append(Problem(ProblemKind.NO_MARKET))
    amount = read_number(draft.amount, AMOUNT, AMOUNT_PLACES, problems)
    price = read_number(draft.price, PRICE, PRICE_PLACES, problems)
    executed_at = _read_time(draft.executed_at, now, to_utc, problems)
    if problems or market is None or amount is None or price is None or executed_at is None:
        return tuple(problems)
    return Fill(
        external_id,
        market.name,
        "",
        draft.side,
        price,
        amount,
        amount * price,
        ZERO,
        market.quote,
        executed_at,
    )


def _read_external_id(text: str, is_known: Callable[[str], bool], problems: list[Problem]) -> str:
    external_id = text.strip()
    # What can't be printed could not be told from another id, nor be read in the answer.
    if not external_id or not external_id.isprintable():
        problems.append(Problem(ProblemKind.EXTERNAL_ID_MISSING))
    elif len(external_id) > MAX_EXTERNAL_ID:
        problems.append(Problem(ProblemKind.EXTERNAL_ID_TOO_LONG, str(MAX_EXTERNAL_ID)))
    elif is_known(external_id):
        problems.append(Problem(ProblemKind.EXTERNAL_ID_KNOWN, external_id))
    return external_id


def _read_time(
    text: str,
    now: datetime,
    to_utc: Callable[[datetime], datetime],
    problems: list[Problem],
) -> datetime | None:
    try:
        typed = datetime.fromisoformat(text.strip())
        moment = to_utc(typed) if typed.tzinfo is None else typed.astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # the last two: a year that no zone knows
        problems.append(Problem(ProblemKind.TIME_NOT_A_TIME))
        return None
    if moment < _EPOCH:
        problems.append(Problem(ProblemKind.TIME_NOT_A_TIME))
        return None
    if moment > now:
        problems.append(Problem(ProblemKind.TIME_IN_FUTURE))
        return None
    return moment
