"""Nothing passes a locked gate, and what matters passes with the passphrase only."""

from __future__ import annotations

import pytest

from kayen_desktop.app.gate import PERMIT_LASTS_S, Act, Gate, Permit
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


# One question for several acts


async def test_a_permit_to_go_home_covers_each_of_its_acts_once() -> None:
    guard = Guard()
    permit = await guard.gate.permit(Act.GO_HOME)
    assert guard.asker.asked == [Act.GO_HOME]
    guard.gate.redeem(permit)
    guard.gate.redeem(permit, Act.SETTLE)
    with pytest.raises(NotAuthorizedError):
        guard.gate.redeem(permit, Act.SETTLE)
    guard.gate.redeem(permit, Act.CLOSE_ACCOUNT)
    with pytest.raises(NotAuthorizedError):
        guard.gate.redeem(permit, Act.CLOSE_ACCOUNT)
    assert guard.asker.asked == [Act.GO_HOME]


async def test_acts_are_used_together_or_not_at_all() -> None:
    guard = Guard()
    permit = await guard.gate.permit(Act.GO_HOME)
    with pytest.raises(NotAuthorizedError):
        guard.gate.redeem(permit, Act.SETTLE, Act.WITHDRAW)
    guard.gate.redeem(permit, Act.SETTLE, Act.CLOSE_ACCOUNT)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.GO_HOME])
async def test_any_other_permit_covers_its_own_act_alone(act: Act) -> None:
    guard = Guard()
    permit = await guard.gate.permit(act)
    for other in set(Act) - {act}:
        with pytest.raises(NotAuthorizedError):
            guard.gate.redeem(permit, other)
    guard.gate.redeem(permit, act)


async def test_a_lock_in_between_voids_every_permit_given_before() -> None:
    guard = Guard()
    permits = [await guard.gate.permit(Act.GO_HOME), await guard.gate.permit(Act.SETTLE)]
    guard.lock.lock()
    for permit in permits:
        with pytest.raises(LockedError):
            guard.gate.redeem(permit)
    await guard.lock.unlock(PASSPHRASE)
    for permit in permits:
        with pytest.raises(LockedError):
            guard.gate.redeem(permit, Act.SETTLE)
    guard.gate.redeem(await guard.gate.permit(Act.SETTLE), Act.SETTLE)


@pytest.mark.parametrize(
    ("later_s", "is_good"), [(PERMIT_LASTS_S, True), (3601, False), (-1, False)]
)
async def test_a_permit_lasts_an_hour(later_s: float, is_good: bool) -> None:
    now = [1_000_000.0]
    guard = Guard()
    gate = Gate(guard.lock, lambda: True, guard.asker, lambda: now[0])
    permit = await gate.permit(Act.GO_HOME)
    now[0] += later_s
    if is_good:
        gate.redeem(permit, Act.SETTLE)
    else:
        with pytest.raises(NotAuthorizedError):
            gate.redeem(permit, Act.SETTLE)


async def test_a_permit_is_good_only_where_it_was_given() -> None:
    permit = await Guard().gate.permit(Act.GO_HOME)
    for stranger in (permit, Permit(Act.GO_HOME)):
        with pytest.raises(NotAuthorizedError):
            Guard().gate.redeem(stranger)


async def test_who_cancels_gets_no_permit() -> None:
    guard = Guard(asker=FakeAsker(types=None))
    with pytest.raises(NotAuthorizedError):
        await guard.gate.permit(Act.GO_HOME)


async def test_a_permit_given_without_a_passphrase_ends_when_one_is_set() -> None:
    guard = Guard()
    guard.lock.is_armed = False
    permit = await guard.gate.permit(Act.GO_HOME)
    assert guard.asker.asked == []
    guard.gate.redeem(permit, Act.SETTLE)
    guard.lock.is_armed = True
    with pytest.raises(NotAuthorizedError):
        guard.gate.redeem(permit, Act.CLOSE_ACCOUNT)


async def test_old_permits_are_not_kept() -> None:
    now = [0.0]
    gate = Gate(clock=lambda: now[0])
    old = await gate.permit(Act.GO_HOME)
    now[0] += PERMIT_LASTS_S + 1
    await gate.permit(Act.GO_HOME)
    with pytest.raises(NotAuthorizedError, match="no such permit"):
        gate.redeem(old)
