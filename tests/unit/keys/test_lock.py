"""The lock warns, locks and opens by the clock and by the trader, and slows down who guesses."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import (
    LockedError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)
from kayen_desktop.keys.lock import FREE_TRIES, LONGEST_PAUSE_S, Lock, LockRules, LockState

RIGHT = "right"
OPEN, WARNING, LOCKED = LockState.OPEN, LockState.WARNING, LockState.LOCKED


WRONG = "wrong"


class Vault:
    """Knows one passphrase and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: VaultError | None = None

    async def verify(self, passphrase: str) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        if passphrase != RIGHT:
            raise WrongPassphraseError("The passphrase does not open the vault.")


class Desk:
    """A lock, its vault, the clock, and every state it was heard to come to."""

    def __init__(self, rules: LockRules | None = None) -> None:
        self.now = 1000.0
        self.vault = Vault()
        self.lock = Lock(self.vault.verify, lambda: self.now, rules)
        self.lock.is_armed = True
        self.heard: list[LockState] = []
        self.unlisten = self.lock.listen(self.heard.append)

    def wait(self, seconds: float) -> LockState:
        self.now += seconds
        self.lock.tick()
        return self.lock.state

    async def guess(self, passphrase: str = WRONG) -> float:
        """Return how long the next try must wait."""
        with pytest.raises(WrongPassphraseError) as refused:
            await self.lock.unlock(passphrase)
        return refused.value.wait_s


# Time


def test_it_warns_and_then_locks() -> None:
    desk = Desk()
    assert desk.lock.seconds_left() == 600
    assert desk.wait(569.9) is OPEN
    assert desk.wait(0.1) is WARNING
    assert desk.lock.seconds_left() == 30
    assert desk.wait(29.9) is WARNING
    assert desk.wait(0.1) is LOCKED
    assert desk.lock.is_locked
    assert desk.lock.seconds_left() is None
    assert desk.heard == [WARNING, LOCKED]


def test_the_trader_keeps_it_open() -> None:
    desk = Desk()
    assert desk.wait(580) is WARNING
    desk.lock.touch()
    assert desk.lock.state is OPEN
    assert desk.lock.seconds_left() == 600
    assert desk.heard == [WARNING, OPEN]


def test_a_touch_that_comes_too_late_locks() -> None:
    """A computer that slept wakes up with a moved mouse, before any tick."""
    desk = Desk()
    desk.now += 3600
    desk.lock.touch()
    assert desk.lock.is_locked
    desk.lock.touch()
    assert desk.lock.is_locked


def test_it_never_locks_by_itself_where_the_trader_does_not_want_it() -> None:
    desk = Desk(LockRules(idle_s=None))
    assert desk.wait(1e9) is OPEN
    assert desk.lock.seconds_left() is None
    desk.lock.lock()
    assert desk.lock.is_locked


def test_a_short_patience_is_not_one_long_warning() -> None:
    desk = Desk(LockRules(idle_s=20, warn_s=30))
    assert desk.wait(9) is OPEN
    assert desk.wait(1) is WARNING
    assert desk.wait(10) is LOCKED


def test_new_rules_count_at_once() -> None:
    desk = Desk()
    desk.wait(100)
    desk.lock.rules = LockRules(idle_s=120)
    assert desk.lock.state is WARNING
    desk.lock.rules = LockRules(idle_s=60)
    assert desk.lock.is_locked
    assert desk.lock.rules.idle_s == 60


def test_a_clock_set_back_does_not_keep_it_open_longer() -> None:
    desk = Desk()
    desk.now -= 1e6
    assert desk.lock.seconds_left() == 600
    assert desk.wait(600) is LOCKED


@given(st.lists(st.tuples(st.floats(0, 400), st.booleans()), max_size=30))
def test_it_is_locked_exactly_after_the_time_without_the_trader(
    steps: list[tuple[float, bool]],
) -> None:
    desk = Desk()
    idle = 0.0
    for seconds, is_touched in steps:
        desk.now += seconds
        idle += seconds
        if is_touched:
            desk.lock.touch()
        else:
            desk.lock.tick()
        must_lock = idle > 600.001
        if desk.lock.is_locked or must_lock:
            assert desk.lock.is_locked
            assert idle >= 599.999
            break
        if is_touched:
            idle = 0.0
    assert all(one is not other for one, other in pairwise(desk.heard))


# Without a passphrase


def test_without_a_passphrase_it_neither_warns_nor_locks() -> None:
    desk = Desk()
    desk.lock.is_armed = False
    assert desk.wait(1e6) is OPEN
    desk.lock.lock()
    assert desk.lock.state is OPEN
    assert desk.lock.seconds_left() is None
    assert not desk.lock.is_armed
    assert desk.heard == []


def test_a_passphrase_set_now_counts_from_now() -> None:
    desk = Desk()
    desk.lock.is_armed = False
    desk.wait(1e6)
    desk.lock.is_armed = True
    assert desk.lock.state is OPEN
    assert desk.lock.seconds_left() == 600
    desk.wait(100)
    desk.lock.is_armed = True
    assert desk.lock.seconds_left() == 500


def test_disarming_ends_a_warning_and_opens_nothing() -> None:
    desk = Desk()
    assert desk.wait(590) is WARNING
    desk.lock.is_armed = False
    assert desk.lock.state is OPEN
    desk.lock.is_armed = True
    desk.lock.lock()
    desk.lock.is_armed = False
    assert desk.lock.is_locked


# Opening


async def test_the_passphrase_opens_it() -> None:
    desk = Desk()
    desk.lock.lock()
    desk.lock.lock()
    desk.now += 5000
    await desk.lock.unlock(RIGHT)
    assert desk.lock.state is OPEN
    assert desk.lock.seconds_left() == 600
    assert desk.heard == [LOCKED, OPEN]


async def test_a_wrong_one_does_not() -> None:
    desk = Desk()
    desk.lock.lock()
    assert await desk.guess() == 0
    assert desk.lock.is_locked
    desk.vault.failure = VaultError(VaultProblem.KEYRING_FAILED)
    with pytest.raises(VaultError):
        await desk.lock.unlock(RIGHT)
    assert desk.lock.is_locked


async def test_verifying_changes_no_state() -> None:
    desk = Desk()
    desk.lock.lock()
    await desk.lock.verify(RIGHT)
    assert desk.lock.is_locked
    with pytest.raises(WrongPassphraseError):
        await desk.lock.verify(WRONG)


async def test_what_is_armed_is_opened_by_the_passphrase_alone() -> None:
    desk = Desk()
    desk.lock.lock()
    with pytest.raises(LockedError):
        desk.lock.release()
    assert desk.lock.is_locked


async def test_without_a_passphrase_only_a_release_opens_it() -> None:
    desk = Desk()
    desk.lock.lock()
    for _ in range(FREE_TRIES):
        await desk.guess()
    desk.now += desk.lock.retry_after_s()
    desk.lock.is_armed = False
    with pytest.raises(LockedError):
        await desk.lock.unlock(RIGHT)  # a vault that was emptied takes any passphrase
    assert desk.lock.is_locked
    desk.lock.release()
    desk.lock.release()
    assert desk.heard == [LOCKED, OPEN]
    desk.lock.is_armed = True
    desk.lock.lock()
    assert await desk.guess() == 0  # the wrong tries were those of another passphrase


async def test_disarming_while_a_passphrase_is_tried_leaves_it_locked() -> None:
    desk = Desk()
    desk.lock.lock()
    trying = asyncio.create_task(desk.lock.unlock(RIGHT))
    await asyncio.sleep(0)
    desk.lock.is_armed = False
    with pytest.raises(LockedError):
        await trying
    assert desk.lock.is_locked


async def test_guessing_gets_slower_and_slower() -> None:
    desk = Desk()
    desk.lock.lock()
    waits = [await desk.guess() for _ in range(FREE_TRIES)]
    assert waits == [0, 0, 0, 0, 1]
    for expected in (2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S):
        desk.now += desk.lock.retry_after_s()
        assert await desk.guess() == expected


async def test_within_the_pause_nothing_is_tried_not_even_the_right_one() -> None:
    desk = Desk()
    desk.lock.lock()
    for _ in range(FREE_TRIES):
        await desk.guess()
    asked = desk.vault.asked
    desk.now += 0.25
    assert await desk.guess(RIGHT) == 0.75
    assert desk.lock.retry_after_s() == 0.75
    assert desk.vault.asked == asked
    desk.now += 0.75
    await desk.lock.unlock(RIGHT)
    assert desk.lock.retry_after_s() == 0
    desk.lock.lock()
    assert await desk.guess() == 0


async def test_asking_and_unlocking_count_together() -> None:
    desk = Desk()
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphraseError):
            await desk.lock.verify(WRONG)
    desk.lock.lock()
    assert await desk.guess(RIGHT) == 1


async def test_many_tries_at_once_are_tried_one_after_the_other() -> None:
    desk = Desk()
    desk.lock.lock()
    tries = [desk.lock.unlock(f"guess {number}") for number in range(50)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(answer, WrongPassphraseError) for answer in answers)
    assert desk.vault.asked == FREE_TRIES


async def test_a_vault_that_fails_is_no_wrong_try() -> None:
    desk = Desk()
    desk.vault.failure = VaultError(VaultProblem.KEYRING_LOCKED)
    for _ in range(2 * FREE_TRIES):
        with pytest.raises(VaultError):
            await desk.lock.verify(RIGHT)
    assert desk.lock.retry_after_s() == 0


async def test_a_clock_set_back_makes_nobody_wait_longer_than_the_pause() -> None:
    desk = Desk()
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphraseError):
            await desk.lock.verify(WRONG)
    desk.now -= 1e6
    assert desk.lock.retry_after_s() == 1
    desk.now += 1
    assert desk.lock.retry_after_s() == 0


# Listening


def test_who_stops_listening_hears_no_more() -> None:
    desk = Desk()
    others: list[LockState] = []

    def leave(state: LockState) -> None:
        others.append(state)
        unlisten()

    unlisten = desk.lock.listen(leave)
    desk.unlisten()
    desk.unlisten()
    desk.lock.lock()
    desk.lock.lock()
    assert desk.heard == []
    assert others == [LOCKED]
