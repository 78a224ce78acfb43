"""What to change before a request can be sent: one sentence for every problem."""

from __future__ import annotations

from collections.abc import Callable

from kayen_desktop.domain.amounts import parse_decimal
from kayen_desktop.domain.errors import Problem, ProblemKind
from kayen_desktop.ui.formatting import format_exact

_EXAMPLE = "Write it in digits with a point for the fraction, for example 12.5."

_PLAIN: dict[ProblemKind, str] = {
    ProblemKind.NO_MARKET: "Choose a market first.",
    ProblemKind.MARKET_CLOSED: (
        "The venue takes no orders in this market now. Choose another, or wait until it opens."
    ),
    ProblemKind.AMOUNT_MISSING: "Enter an amount.",
    ProblemKind.AMOUNT_NOT_A_NUMBER: f"The amount is not a number. {_EXAMPLE}",
    ProblemKind.AMOUNT_NOT_POSITIVE: "The amount comes to zero or less. Enter more than that.",
    ProblemKind.PRICE_MISSING: "Enter a price.",
    ProblemKind.PRICE_NOT_A_NUMBER: f"The price is not a number. {_EXAMPLE}",
    ProblemKind.PRICE_NOT_POSITIVE: "The price must be more than zero.",
    ProblemKind.TRIGGER_MISSING: "Enter the trigger price: the order starts when it is reached.",
    ProblemKind.TRIGGER_NOT_A_NUMBER: f"The trigger price is not a number. {_EXAMPLE}",
    ProblemKind.TRIGGER_NOT_POSITIVE: "The trigger price must be more than zero.",
    ProblemKind.NO_PRICE_TO_CONVERT: (
        "There is no price to convert with yet. Enter the amount in units, or wait for a price."
    ),
    ProblemKind.NO_CHANNEL: (
        "No margin account is ready for orders. Open one with a broker, or wait until yours is "
        "ready."
    ),
    ProblemKind.LOCKED: "Kayen Desktop is locked. Unlock it with your passphrase first.",
    ProblemKind.PRICES_STALE: (
        "The prices on the screen are old, so ordering is paused. It goes on as soon as new "
        "prices arrive."
    ),
    ProblemKind.TRADING_STOPPED: (
        "Trading is stopped because of a security notice. Read the notice before anything else."
    ),
    ProblemKind.ALREADY_SENDING: (
        "The same request is on its way or not confirmed yet. Wait for its answer before you "
        "send it again."
    ),
    ProblemKind.NOTHING_TO_CLOSE: "Nothing of this position is left to close.",
    ProblemKind.DEPOSIT_MISSING: "Enter the deposit.",
    ProblemKind.DEPOSIT_NOT_A_NUMBER: f"The deposit is not a number. {_EXAMPLE}",
    ProblemKind.DEPOSIT_NOT_POSITIVE: "The deposit must be more than zero.",
    ProblemKind.CHANNEL_ALREADY_OPEN: (
        "You have a margin account already. Close it before you open another."
    ),
    ProblemKind.POSITIONS_OPEN: "The account still has open positions. Close them first.",
    ProblemKind.NOTHING_SELECTED: (
        "Nothing of what was chosen is left: it is filled, cancelled or closed already."
    ),
    ProblemKind.SETTLEMENT_UNDER_WAY: (
        "A settlement is under way on this account. Wait for its end, then try again."
    ),
    ProblemKind.UNRECORDED_TRADES: (
        "Some of your trades are not booked with the clearing house yet. They are being sent; "
        "wait a moment, then try again."
    ),
    ProblemKind.EXTERNAL_ID_MISSING: (
        "Enter the trade's id in letters, digits and signs, as it is shown where the trade was "
        "made."
    ),
    ProblemKind.EXTERNAL_ID_KNOWN: (
        "A trade with this id is booked already, and a trade counts only once. Check the id."
    ),
    ProblemKind.TIME_NOT_A_TIME: (
        "This is not a date and time. Write it like 2024-06-22 14:30:00."
    ),
    ProblemKind.TIME_IN_FUTURE: (
        "This time has not come yet. Enter when the trade was made, in your local time."
    ),
}


def problem_text(problem: Problem) -> str:
    """Return what to change, with the limit and its unit where there is one."""
    made = _MADE.get(problem.kind)
    return _PLAIN[problem.kind] if made is None else made(problem)


def _with_unit(problem: Problem) -> str:
    return f"{_figure(problem.limit)} {problem.unit}".strip()


def _figure(limit: str) -> str:
    """Return a limit with its thousands grouped; limits in words stay as they are."""
    try:
        return format_exact(parse_decimal(limit))
    except ValueError:
        return limit


def _too_precise(what: str) -> Callable[[Problem], str]:
    def text(problem: Problem) -> str:
        if problem.unit == "digits":
            return (
                f"The {what} has too many digits. Use at most {problem.limit}, counted from the "
                "first that is not zero."
            )
        if problem.limit == "0":
            return f"Enter the {what} as a whole number."
        digits = "digit" if problem.limit == "1" else "digits"
        return f"The {what} is too precise. Use at most {problem.limit} {digits} after the point."

    return text


def _too_small(problem: Problem) -> str:
    return f"The smallest order in this market is {_with_unit(problem)}. Enter that much or more."


def _price_out_of_range(problem: Problem) -> str:
    if problem.unit == "minimum":
        return f"The price is too low. This market takes {_figure(problem.limit)} or more."
    return f"The price is too high. This market takes {_figure(problem.limit)} or less."


def _not_enough(problem: Problem) -> str:
    return (
        f"This order is larger than your buying power of {_with_unit(problem)}. Enter a smaller "
        "amount, or close a position first."
    )


def _not_connected(problem: Problem) -> str:
    return (
        f"There is no connection to {problem.unit or 'the venue'}. It is being tried again; wait "
        "until it is back."
    )


def _more_than_position(problem: Problem) -> str:
    return f"Your position is {_with_unit(problem)}. Enter that much or less."


def _deposit_out_of_range(problem: Problem) -> str:
    return f"This broker takes deposits of {_with_unit(problem)}. Enter an amount within that."


def _close_only(problem: Problem) -> str:
    rule = "only orders that make a position smaller are taken (close-only)"
    if _zone(problem) == "red":
        return (
            f"Your margin is in the red zone: {rule}, and the broker may close your positions. "
            "Reduce or close one, or enter a smaller amount."
        )
    return (
        f"Your margin is in the {_zone(problem)} zone: {rule}. Reduce or close a position, or wait "
        "until your margin is green again."
    )


def _zone(problem: Problem) -> str:
    told = (word for word in (problem.limit, problem.unit) if word in ("orange", "red"))
    return next(told, "orange or red")


def _would_leave_green(problem: Problem) -> str:
    return (
        f"Without {problem.unit or 'these positions'} your margin would be in the {_zone(problem)} "
        "zone, and the broker settles only what leaves it green. Choose other markets, or fewer."
    )


def _not_green(problem: Problem) -> str:
    return (
        f"Your margin is in the {_zone(problem)} zone, and the broker settles only while it is "
        "green. Close positions instead, or wait until it is green again."
    )


def _external_id_too_long(problem: Problem) -> str:
    most = f"Use at most {problem.limit} characters." if problem.limit else "Use a shorter one."
    return f"The trade's id is too long. {most}"


_MADE: dict[ProblemKind, Callable[[Problem], str]] = {
    ProblemKind.AMOUNT_TOO_PRECISE: _too_precise("amount"),
    ProblemKind.PRICE_TOO_PRECISE: _too_precise("price"),
    ProblemKind.TRIGGER_TOO_PRECISE: _too_precise("trigger price"),
    ProblemKind.DEPOSIT_TOO_PRECISE: _too_precise("deposit"),
    ProblemKind.AMOUNT_TOO_SMALL: _too_small,
    ProblemKind.PRICE_OUT_OF_RANGE: _price_out_of_range,
    ProblemKind.NOT_ENOUGH_BUYING_POWER: _not_enough,
    ProblemKind.NOT_CONNECTED: _not_connected,
    ProblemKind.MORE_THAN_POSITION: _more_than_position,
    ProblemKind.DEPOSIT_OUT_OF_RANGE: _deposit_out_of_range,
    ProblemKind.CLOSE_ONLY: _close_only,
    ProblemKind.WOULD_LEAVE_GREEN: _would_leave_green,
    ProblemKind.NOT_GREEN: _not_green,
    ProblemKind.EXTERNAL_ID_TOO_LONG: _external_id_too_long,
}
