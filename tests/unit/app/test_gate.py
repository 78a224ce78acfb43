"""Nothing passes a locked gate, and what matters passes with the passphrase only."""

from __future__ import annotations

import pytest

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import LockedError, NotAuthorizedError, WrongPassphraseError
from kayen_desktop.keys.lock import LockRules

from .gates import PASSPHRASE, FakeAsker, Guard


async def test_a_gate_without_lock_and_passphrase_lets_everything_pass() -> None:
    gate = Gate()
    gate.check()
    assert not gate.asks
    assert not gate.is_shut()
    assert [await gate.authorize(act) for act in Act] == [""] * len(Act)


async def test_the_passphrase_is_asked_each_time_and_returned() -> None:
    guard = Guard()
    for act in Act:
        assert await guard.gate.authorize(act) == PASSPHRASE
    assert guard.asker.asked == list(Act)
    assert guard.gate.asks


async def test_a_passphrase_set_later_is_asked_for_from_then_on() -> None:
    guard = Guard()
    guard.lock.is_armed = False
    assert await guard.gate.authorize(Act.REVEAL) == ""
    guard.lock.is_armed = True
    assert await guard.gate.authorize(Act.REVEAL) == PASSPHRASE


async def test_a_locked_gate_asks_nobody() -> None:
    guard = Guard()
    guard.lock.lock()
    assert guard.gate.is_shut()
    with pytest.raises(LockedError):
        guard.gate.check()
    with pytest.raises(LockedError):
        await guard.gate.authorize(Act.OPEN_ACCOUNT)
    assert guard.asker.asked == []
    await guard.lock.unlock(PASSPHRASE)
    guard.gate.check()


def test_only_closing_passes_a_locked_gate_and_only_where_the_trader_said_so() -> None:
    guard = Guard()
    guard.lock.lock()
    with pytest.raises(LockedError):
        guard.gate.check(is_closing=True)
    guard.lock.rules = LockRules(can_close_positions=True)
    guard.gate.check(is_closing=True)
    with pytest.raises(LockedError):
        guard.gate.check()


async def test_who_cancels_or_errs_is_not_let_through() -> None:
    guard = Guard(asker=FakeAsker(types=None))
    with pytest.raises(NotAuthorizedError):
        await guard.gate.authorize(Act.CLOSE_ACCOUNT)
    guard.asker.types = "wrong"
    with pytest.raises(WrongPassphraseError):
        await guard.gate.authorize(Act.CLOSE_ACCOUNT)


async def test_what_locks_while_the_question_stands_stays_locked() -> None:
    guard = Guard()
    guard.asker.before_answer = guard.lock.lock
    with pytest.raises(LockedError):
        await guard.gate.authorize(Act.WITHDRAW)
    assert guard.lock.is_locked


async def test_where_nobody_can_be_asked_nothing_passes() -> None:
    with pytest.raises(NotAuthorizedError):
        await Gate(None, lambda: True, FakeAsker()).authorize(Act.REVEAL)
    guard = Guard()
    gate = Gate(guard.lock, lambda: True)
    with pytest.raises(NotAuthorizedError):
        await gate.authorize(Act.REVEAL)
    gate.ask_with(guard.asker)
    assert await gate.authorize(Act.REVEAL) == PASSPHRASE
