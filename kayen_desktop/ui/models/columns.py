"""What a column of a table shows, how it sorts, and in which tone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Generic, TypeAlias, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.markets import Market
from kayen_desktop.domain.orders import Side
from kayen_desktop.ui.theme import Tokens

T = TypeVar("T")
SortKey: TypeAlias = object | None

SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
KEY_ROLE = int(Qt.ItemDataRole.UserRole) + 2


class Tone(Enum):
    """The colour of a cell by its meaning; the text itself always says the same in words."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column over items of one kind; every function also gets the item's market.

    ``key`` gives the raw value to sort by; None sorts last in either direction. While it stays
    the same, so does the text.
    """

    title: str
    text: Callable[[T, Market | None], str]
    key: Callable[[T], SortKey]
    is_number: bool = False
    tone: Callable[[T], Tone] | None = None
    tip: Callable[[T], str] | None = None
    width: int = 96


def sign_tone(value: Decimal | None) -> Tone:
    """Return the tone of a gain or a loss."""
    if value is None or value == ZERO:
        return Tone.PLAIN
    return Tone.GOOD if value > ZERO else Tone.BAD


def side_tone(side: Side) -> Tone:
    """Return the tone of a side."""
    return Tone.GOOD if side is Side.BUY else Tone.BAD


@cache
def tone_colour(tone: Tone, colours: Tokens) -> QColor:
    """Return the colour of a tone in a scheme."""
    return QColor(
        {
            Tone.PLAIN: colours.text,
            Tone.MUTED: colours.muted,
            Tone.GOOD: colours.buy,
            Tone.BAD: colours.sell,
            Tone.WARNING: colours.warning,
        }[tone]
    )
