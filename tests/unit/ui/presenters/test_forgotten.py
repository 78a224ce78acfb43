"""Every key goes once that was typed out, and never halfway unnoticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kayen_desktop.domain.errors import KayenError, LockedError, VaultError, VaultProblem
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.keys import vault_problem_text
from kayen_desktop.ui.notices.locking import FORGOTTEN_CAPITALS, FORGOTTEN_TYPED
from kayen_desktop.ui.presenters.forgotten import THINKING_S, ForgottenPresenter, ForgottenScreen
from tests.unit.ui.identity_stage import Drawn, reached


class Removal:
    """Removes when told to, or fails; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: KayenError | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.ended = asyncio.Event()

    async def remove(self) -> None:
        self.asked += 1
        await self.may_end.wait()
        if self.error is not None:
            raise self.error
        self.ended.set()


class Front:
    """A presenter, its view, and what it removes with."""

    def __init__(self) -> None:
        self.crashes: list[BaseException] = []
        self.bridge = AsyncBridge(self.crashes.append)
        self.removal = Removal()
        self.view: Drawn[ForgottenScreen] = Drawn()
        self.now = 100.0
        self.presenter = ForgottenPresenter(
            self.removal.remove, self.bridge, self.view, lambda: self.now
        )
        self.presenter.refresh()
        assert not self.screen.can_confirm
        self.now += THINKING_S
        self.presenter.tick()

    @property
    def screen(self) -> ForgottenScreen:
        return self.view.screen


@pytest_asyncio.fixture
async def front() -> AsyncIterator[Front]:
    it = Front()
    yield it
    await it.bridge.stop()
    assert it.crashes == []


async def test_nothing_is_removed_before_the_words_are_typed(front: Front) -> None:
    for typed in ("", "DELETE", "DELETE MY KEY", "DELETE  MY KEYS", "delete my keys", "yes"):
        front.presenter.type_words(typed)
        assert not front.screen.can_confirm, typed
        front.presenter.confirm()
    assert front.removal.asked == 0
    assert not front.screen.is_busy


@pytest.mark.parametrize("typed", ["delete my keys", "Delete My Keys", " DELETE my keys "])
async def test_small_letters_are_no_riddle(front: Front, typed: str) -> None:
    front.presenter.type_words(typed)
    assert front.screen.problem == FORGOTTEN_CAPITALS
    front.presenter.type_words(FORGOTTEN_TYPED)
    assert front.screen.problem == ""


async def test_the_keys_are_removed_once(front: Front) -> None:
    front.removal.may_end.clear()
    front.presenter.type_words(f" {FORGOTTEN_TYPED} ")
    assert front.screen.can_confirm
    front.presenter.confirm()
    front.presenter.confirm()
    assert front.screen.is_busy
    assert not front.screen.can_confirm
    front.removal.may_end.set()
    await front.view.until(lambda: front.view.is_finished)
    assert front.removal.asked == 1


@pytest.mark.parametrize("problem", list(VaultProblem))
async def test_a_vault_that_fails_is_told_with_its_remedy(
    front: Front, problem: VaultProblem
) -> None:
    front.removal.error = VaultError(problem, "the system's word")
    front.presenter.type_words(FORGOTTEN_TYPED)
    front.presenter.confirm()
    await front.view.until(lambda: front.screen.notice is not None)
    notice = front.screen.notice
    assert notice is not None
    assert notice.next_step == vault_problem_text(problem)
    assert "still locked" in notice.safe
    assert "the system's word" in notice.detail
    assert front.screen.can_confirm
    front.removal.error = None
    front.presenter.confirm()
    assert front.screen.notice is None
    await front.view.until(lambda: front.view.is_finished)


async def test_any_other_failure_is_told_too(front: Front) -> None:
    front.removal.error = LockedError("locked")
    front.presenter.type_words(FORGOTTEN_TYPED)
    front.presenter.confirm()
    await front.view.until(lambda: front.screen.notice is not None)
    assert front.screen.notice is not None
    assert "removal of all keys" in front.screen.notice.text


async def test_a_dialog_that_is_gone_is_drawn_no_more(front: Front) -> None:
    front.removal.may_end.clear()
    front.presenter.type_words(FORGOTTEN_TYPED)
    front.presenter.confirm()
    front.presenter.stop()
    front.removal.may_end.set()
    await front.removal.ended.wait()
    assert not front.view.is_finished


async def test_nothing_is_removed_before_half_a_minute_has_passed(front: Front) -> None:
    assert THINKING_S == 30.0
    view: Drawn[ForgottenScreen] = Drawn()
    presenter = ForgottenPresenter(front.removal.remove, front.bridge, view, lambda: front.now)
    presenter.type_words(FORGOTTEN_TYPED)
    assert "30 s" in view.screen.wait
    front.now += 28.5
    presenter.tick()
    assert "2 s" in view.screen.wait
    presenter.confirm()
    assert front.removal.asked == 0
    assert not view.screen.can_confirm
    assert presenter.is_waiting
    front.now += 1.5
    presenter.tick()
    assert view.screen.wait == ""
    assert view.screen.can_confirm
    assert not presenter.is_waiting
    presenter.confirm()
    await view.until(lambda: view.is_finished)


async def test_a_clock_that_is_set_back_makes_nobody_wait_longer(front: Front) -> None:
    view: Drawn[ForgottenScreen] = Drawn()
    presenter = ForgottenPresenter(front.removal.remove, front.bridge, view, lambda: front.now)
    front.now -= 1000.0
    presenter.tick()
    assert "30 s" in view.screen.wait


async def test_a_fault_of_ours_leaves_it_not_busy_for_ever(front: Front) -> None:
    async def broken() -> None:
        raise ArithmeticError

    view: Drawn[ForgottenScreen] = Drawn()
    presenter = ForgottenPresenter(broken, front.bridge, view, lambda: front.now)
    presenter.type_words(FORGOTTEN_TYPED)
    front.now += THINKING_S
    presenter.confirm()
    assert view.screen.is_busy
    await view.until(lambda: not view.screen.is_busy)
    await reached(lambda: bool(front.crashes))
    front.crashes.clear()
