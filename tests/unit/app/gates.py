"""A lock on a clock that stands, and a trader who answers the passphrase as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import NotAuthorizedError, WrongPassphraseError
from kayen_desktop.keys.lock import Lock, LockRules

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - opens nothing but this fake


async def only_the_right_one(passphrase: str) -> None:
    if passphrase != PASSPHRASE:
        raise WrongPassphraseError("The passphrase does not open the vault.")


@dataclass
class FakeAsker:
    """Types the passphrase given once it may; None cancels."""

    types: str | None = PASSPHRASE
    asked: list[Act] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    before_answer: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def ask(self, act: Act, verify: Callable[[str], Awaitable[None]]) -> str:
        self.asked.append(act)
        await self.may_answer.wait()
        self.before_answer()
        if self.types is None:
            raise NotAuthorizedError("Cancelled.")
        await verify(self.types)
        return self.types


@dataclass
class Guard:
    """A gate with its lock and the one who is asked."""

    can_close_positions: bool = False
    asker: FakeAsker = field(default_factory=FakeAsker)

    def __post_init__(self) -> None:
        rules = LockRules(can_close_positions=self.can_close_positions)
        self.lock = Lock(only_the_right_one, lambda: 0.0, rules)
        self.lock.is_armed = True
        self.gate = Gate(self.lock, lambda: self.lock.is_armed, self.asker)
