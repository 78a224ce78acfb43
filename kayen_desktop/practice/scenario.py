"""Scripted faults: which frame of which link, the how-manieth, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Literal, get_args

import msgspec

from kayen_desktop.domain.errors import SettingsError

Link = Literal["clearport", "finex"]
Direction = Literal["in", "out"]
DisputeEnd = Literal["cleared", "finished"]
MarginCall = Literal["soft", "hard"]
MAX_DELAY_S = 3600


class Action(Enum):
    """What becomes of a matched frame; "in" is a client's request, "out" is a frame of ours.

    Both ways: ``delay`` (seconds; what follows waits too), ``drop``, ``duplicate``, ``close``
    (the socket, instead of the frame: "in" leaves a request undone, "out" does it and loses the
    answer), ``silence`` (the connection stays up and says no more), ``inject`` (``text`` is sent
    after it, on ``to`` or the same link); and on the channels of the socket, as soon as they are
    operational: ``broker_close`` (the broker closes them), ``challenge`` (they are disputed on the
    chain; ``text`` "cleared" lets them go on, which is the default, "finished" pays them out),
    ``margin_call`` (``text`` is the limit: "soft", which is the default, or "hard").
    Out: ``reorder`` (the next frame goes first), ``gap`` (as drop: a sequence number is lost).
    In: ``reject`` (answered by the error ``text``), ``expire`` (authenticate and channel_jwt give
    a token that is over; elsewhere the session is), ``partial`` (create_order fills at most
    ``fraction``, the rest is cancelled), ``fail_funding`` (open_channel); and
    request_settlement goes wrong by ``reject_settlement``, ``fail_settlement`` (after prepared) or
    ``silent_settlement`` (after proposed nothing more is said, and it fails ``seconds`` later;
    never if that is 0).
    """

    DELAY = "delay"
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    REJECT = "reject"
    PARTIAL = "partial"
    GAP = "gap"
    SILENCE = "silence"
    CLOSE = "close"
    EXPIRE = "expire"
    FAIL_FUNDING = "fail_funding"
    FAIL_SETTLEMENT = "fail_settlement"
    REJECT_SETTLEMENT = "reject_settlement"
    SILENT_SETTLEMENT = "silent_settlement"
    CHALLENGE = "challenge"
    MARGIN_CALL = "margin_call"
    BROKER_CLOSE = "broker_close"
    INJECT = "inject"


_OUT_ONLY = frozenset({Action.REORDER, Action.GAP})
_IN_ONLY = frozenset(
    {
        Action.REJECT,
        Action.PARTIAL,
        Action.EXPIRE,
        Action.FAIL_FUNDING,
        Action.FAIL_SETTLEMENT,
        Action.REJECT_SETTLEMENT,
        Action.SILENT_SETTLEMENT,
    }
)
# What ``text`` may be where it is a choice; empty means the first.
_CHOICES = {
    Action.CHALLENGE: get_args(DisputeEnd),
    Action.MARGIN_CALL: get_args(MarginCall),
}


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault: a matcher and an action.

    ``name`` is a Clearport event or a Finex method or event, with ``*`` as in a file name. It acts
    from the ``nth`` match on (1 is the first), ``count`` times (0: for ever), each time with
    probability ``chance``.

    Raises:
        SettingsError: the parts don't fit together.
    """

    link: Link
    direction: Direction
    name: str
    action: Action
    nth: int = 1
    count: int = 1
    chance: float = 1.0
    seconds: float = 0.0
    text: str = ""
    to: Link | None = None
    fraction: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        action = self.action.value
        if self.action in (_OUT_ONLY if self.direction == "in" else _IN_ONLY):
            raise SettingsError(f"The fault {action} does not go with direction {self.direction}.")
        if self.nth < 1 or self.count < 0 or not 0 <= self.chance <= 1:
            raise SettingsError("A fault needs nth from 1, count from 0 and chance from 0 to 1.")
        if not 0 <= self.seconds <= MAX_DELAY_S:
            raise SettingsError(f"A fault delays by 0 to {MAX_DELAY_S} seconds.")
        if not 0 < self.fraction <= 1:
            raise SettingsError("A partial fill is a fraction above 0 and up to 1.")
        if self.action is Action.INJECT and not self.text:
            raise SettingsError("The fault inject needs the text to send.")
        choices = _CHOICES.get(self.action)
        if choices and self.text not in ("", *choices):
            raise SettingsError(f"The fault {action} is {' or '.join(choices)}.")

    @property
    def dispute_end(self) -> DisputeEnd:
        """How a ``challenge`` ends."""
        return "finished" if self.text == "finished" else "cleared"

    @property
    def margin_call(self) -> MarginCall:
        """The limit that a ``margin_call`` names."""
        return "hard" if self.text == "hard" else "soft"


class _ScenarioFile(msgspec.Struct, forbid_unknown_fields=True):
    faults: list[Fault]
    seed: int = 1


class Scenario:
    """Faults with their counters; one object is one run. ``seed`` decides every ``chance``."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 1) -> None:
        self._seed = seed
        self._random = Random(f"{seed}/scenario")
        self._faults: list[Fault] = []
        self._seen: list[int] = []
        for fault in faults:
            self.add(fault)

    @classmethod
    def load(cls, path: Path, more: Sequence[Fault] = ()) -> Scenario:
        """Read a scenario file (``{"seed": 1, "faults": [{…}]}``) and add more faults to it.

        Raises:
            SettingsError: the file can't be read or is not a scenario.
        """
        try:
            file = msgspec.json.decode(path.read_bytes(), type=_ScenarioFile)
        except OSError as error:
            raise SettingsError(f"The scenario can't be read: {error}.") from error
        except msgspec.MsgspecError as error:
            raise SettingsError(f"The scenario is not valid: {error}.") from error
        return cls([*file.faults, *more], file.seed)

    def add(self, fault: Fault) -> None:
        """Add a fault; its count starts now."""
        self._faults.append(fault)
        self._seen.append(0)

    def clear(self) -> None:
        """Forget every fault."""
        self._faults.clear()
        self._seen.clear()

    @property
    def is_empty(self) -> bool:
        """True where there is no fault at all."""
        return not self._faults

    def take(self, link: Link, direction: Direction, name: str) -> list[Fault]:
        """Count a frame and return the faults that act on it."""
        if not self._faults:
            return []
        acting: list[Fault] = []
        for index, fault in enumerate(self._faults):
            if fault.link != link or fault.direction != direction:
                continue
            if not fnmatchcase(name, fault.name):
                continue
            self._seen[index] += 1
            turn = self._seen[index] - fault.nth
            is_due = turn >= 0 and (fault.count == 0 or turn < fault.count)
            if is_due and (fault.chance >= 1 or self._random.random() < fault.chance):
                acting.append(fault)
        return acting


_VALUE_FIELDS = {
    Action.DELAY: "seconds",
    Action.SILENT_SETTLEMENT: "seconds",
    Action.PARTIAL: "fraction",
    Action.REJECT: "text",
    Action.INJECT: "text",
    Action.CHALLENGE: "text",
    Action.MARGIN_CALL: "text",
}


def parse_fault(spec: str) -> Fault:
    """Return the fault that ``LINK:DIRECTION:NAME[@NTH][xCOUNT]:ACTION[=VALUE]`` spells.

    For example ``finex:out:create_order:delay=0.5``, ``finex:out:obi@3:gap``,
    ``clearport:in:open_channel:fail_funding``, ``clearport:in:positions:challenge=finished``. VALUE
    is seconds, a fraction or a text, as the action needs.

    Raises:
        SettingsError: it spells none.
    """
    parts = spec.split(":", 3)
    if len(parts) != 4:
        raise SettingsError("A fault is LINK:DIRECTION:NAME[@NTH][xCOUNT]:ACTION[=VALUE].")
    link, direction, matcher, what = parts
    name, count = _split_number(matcher, "x")
    name, nth = _split_number(name, "@")
    action, _, value = what.partition("=")
    fields: dict[str, object] = {"link": link, "direction": direction, "name": name}
    fields |= {"action": action, "nth": nth, "count": count}
    try:
        if value:
            field = _VALUE_FIELDS.get(Action(action))
            if field is None:
                raise SettingsError(f"The fault {action} takes no value.")
            fields[field] = float(value) if field == "seconds" else value
        return msgspec.convert(fields, Fault)
    except (ValueError, msgspec.ValidationError) as error:
        raise SettingsError(f"The fault {spec} is not valid: {error}.") from error


def _split_number(text: str, mark: str) -> tuple[str, int]:
    name, found, number = text.rpartition(mark)
    if found and name and number.isascii() and number.isdigit():
        return name, int(number)
    return text, 1
