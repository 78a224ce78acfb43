"""Documented frames, mutated by seed, told to both protocols and to a whole state behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, TypeAlias, get_args

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.outputs import Output

from .report import Report

FRAMES = Path(__file__).parents[1] / "frames"
NOW = datetime(2024, 6, 22, 12, tzinfo=UTC)
SEED = 1
FRAMES_PER_LIFE = 500
_EVENTS = get_args(events.Event)
# Nothing at all may leave ``receive`` and ``apply``, our own errors included.
_FOREIGN = (
    ArithmeticError, AssertionError, AttributeError, KayenError, LookupError, MemoryError,
    NameError, OSError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
_ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 10**40, "", " ", "-0", "NaN", "Infinity", "1e999999999", "1e-36",
    "-1", "9" * 200, "0x", "<img src=x><b>y", "\u202e\u0000", "pepeusd", "PEPE/USD", [], [[]], {},
    {"channel_id": "c"}, [None], ["a"] * 50, "error", "closed", "final", "w", "d",
)  # fmt: skip

Receive: TypeAlias = Callable[[str | bytes, datetime], list[Output]]


def tell_hostile_frames(count: int, seed: int = SEED) -> Report:
    """Tell so many frames, half of them to each protocol, and count what escapes."""
    report = Report()
    chance = Random(seed)
    for name, begin in (("clearport", _clearport), ("finex", _finex)):
        known = _read(FRAMES / name)
        state, receive = AppState(), begin()
        for number in range(count // 2):
            if number % FRAMES_PER_LIFE == 0:
                state, receive = AppState(), begin()
            frame = _mutated(chance.choice(known), chance)
            report.hostile_frames += 1
            try:
                _tell(state, receive(frame, NOW))
            except _FOREIGN as error:
                report.foreign_exceptions += 1
                report.failures.append(f"{name}: {type(error).__name__} from {frame[:200]!r}")
    return report


def _read(folder: Path) -> list[str]:
    texts = [path.read_text() for path in sorted(folder.glob("*.jsonl"))]
    return [line for text in texts for line in text.splitlines() if line.strip()]


def _tell(state: AppState, outputs: list[Output]) -> None:
    for output in outputs:
        if isinstance(output, _EVENTS):
            state.apply(output, NOW)
    for position in state.positions.values():
        str((position.mark_price, position.pnl_percent))
    str(state.margin_figures)


def _clearport() -> Receive:
    protocol = ClearportProtocol("0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C")
    protocol.connect()
    protocol.receive('{"reqid":0,"event":"challenge","data":{"challenge":"abc"}}', NOW)
    protocol.provide_signature("0x" + "1" * 130)
    protocol.receive('{"reqid":1,"event":"authenticate","data":{"jwt_token":"a"}}', NOW)
    protocol.request_positions("c")
    return protocol.receive


def _finex() -> Receive:
    protocol = FinexProtocol()
    protocol.connect()
    protocol.receive('[3,"markets",[["pepeusd","spot","pepe","usd","10"]]]', NOW)
    protocol.watch_market("PEPE/USD")
    protocol.receive('[4,"sys",["authenticated"]]', NOW)
    protocol.request_orders()
    protocol.request_channel_trades(1, 500)
    return protocol.receive


def _mutated(line: str, chance: Random) -> str | bytes:
    """Return the frame with something about it wrong, now and then with nothing."""
    kind = chance.random()
    if kind < 0.1:
        return line[: chance.randrange(len(line))]
    if kind < 0.2:
        at = chance.randrange(len(line))
        return line[:at] + chr(chance.randrange(1, 0xD800)) + line[at + 1 :]
    if kind < 0.25:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(40)))
    value = json.loads(line)
    for _ in range(chance.randrange(4)):
        value = _changed(value, chance)
    return json.dumps(value)


def _changed(value: Any, chance: Random) -> Any:
    """Return the value with one place of it replaced, removed or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        if chance.random() < 0.15:
            return {each: value[each] for each in value if each != key}
        return value | {key: _changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        if chance.random() < 0.15:
            return value[:at] + value[at + 1 :]
        if chance.random() < 0.1:
            return value + value[at:]
        return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    return chance.choice(_ODD)
