"""How soon a passphrase would be guessed, and what would make it better."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.late_imports import import_late

ENOUGH = 3

# zxcvbn takes no more, because its search grows with the square of the length.
_MAX_LENGTH = 72
# What one machine with strong graphics cards tries a second against a key that was stretched with
# as much memory as our vaults use; bcrypt, of the same cost on a processor, allows a hundred
# times as many. Rather too many than too few.
_GUESSES_PER_SECOND = 100
_MAX_YEARS = 100
_UNITS = (
    ("year", 31_557_600),
    ("month", 2_629_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)

# zxcvbn keeps the words about the user in a table of the module: one measurement at a time.
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Strength:
    """What is known of a passphrase without the passphrase.

    ``score`` runs from 0 (guessed at once) to 4; ``crack_time`` is in plain words ("about 3
    days"); ``warning`` (may be empty) and ``advice`` are sentences.
    """

    score: int
    crack_time: str
    warning: str
    advice: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """True where it keeps somebody out who has copied the sealed keys."""
        return self.score >= ENOUGH


def measure(passphrase: str, about: tuple[str, ...] = ()) -> Strength:
    """Judge a passphrase; words ``about`` the trader count as easy to guess. Meant for a thread.

    A passphrase of more than 72 characters is judged by its first 72: what follows can only make
    it better. Source of the estimate: zxcvbn (Wheeler, USENIX Security 2016).
    """
    if not passphrase:
        # zxcvbn raises IndexError on it.
        return Strength(0, _plain_time(Decimal(0)), "", ())
    library = import_late("zxcvbn")
    with _lock:
        try:
            result = library.zxcvbn(passphrase[:_MAX_LENGTH], user_inputs=about)
        finally:
            library.matching.RANKED_DICTIONARIES.pop("user_inputs", None)
    feedback = result["feedback"]
    return Strength(
        score=int(result["score"]),
        crack_time=_plain_time(Decimal(result["guesses"]) / _GUESSES_PER_SECOND),
        warning=str(feedback["warning"] or ""),
        advice=tuple(str(each) for each in feedback["suggestions"]),
    )


def _plain_time(seconds: Decimal) -> str:
    if seconds >= _MAX_YEARS * _UNITS[0][1]:
        return "centuries"
    for name, length in _UNITS:
        count = int(seconds / length)
        if count:
            return f"about {count} {name}{'s' if count > 1 else ''}"
    return "less than a second"
