"""Opening and closing an account wait in sight for the passphrase; who cancels is not alarmed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kayen_desktop.app.gate import Act
from kayen_desktop.ui.presenters.close_channel import Phase
from kayen_desktop.ui.presenters.open_channel import OpenPage
from tests.unit.app.gates import FakeAsker, Guard
from tests.unit.ui.stage import CHANNEL_ID, Stage, settle

from .test_close_channel import Dialog
from .test_open_channel import Wizard


@pytest.fixture
def guard() -> Guard:
    asker = FakeAsker()
    asker.may_answer.clear()
    return Guard(asker=asker)


@pytest.fixture
async def stage(tmp_path: Path, guard: Guard) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path, guard.gate)
    stage.begin()
    yield stage
    await stage.end()


async def test_the_review_stays_until_the_passphrase_is_right(stage: Stage, guard: Guard) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    await settle(lambda: guard.asker.asked == [Act.OPEN_ACCOUNT])
    assert wizard.screen.page is OpenPage.REVIEW
    assert not wizard.screen.can_go_on
    assert not wizard.screen.can_go_back
    assert not wizard.screen.can_leave
    wizard.presenter.go_on()
    wizard.presenter.go_back()
    assert stage.venue.opening.calls == []
    guard.asker.may_answer.set()
    await settle(lambda: wizard.screen.page is OpenPage.PROGRESS)
    await settle(lambda: wizard.screen.can_leave)
    assert len(stage.venue.opening.calls) == 1
    assert guard.asker.asked == [Act.OPEN_ACCOUNT]


async def test_who_cancels_the_passphrase_is_back_at_the_review(stage: Stage, guard: Guard) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    guard.asker.types = None
    guard.asker.may_answer.set()
    await settle(lambda: wizard.screen.can_leave)
    assert wizard.screen.page is OpenPage.REVIEW
    assert wizard.screen.notice is None
    assert wizard.screen.can_go_on
    assert stage.venue.opening.calls == []
    assert stage.session.state.intents == {}


async def test_what_locks_meanwhile_is_said_at_the_review(stage: Stage, guard: Guard) -> None:
    wizard = Wizard(stage)
    wizard.submit()
    guard.asker.before_answer = guard.lock.lock
    guard.asker.may_answer.set()
    await settle(lambda: wizard.screen.can_leave)
    assert wizard.screen.page is OpenPage.REVIEW
    assert wizard.screen.notice is not None
    assert "locked" in wizard.screen.notice.happened
    assert "locked" in wizard.screen.open_problem
    assert stage.venue.opening.calls == []


async def test_closing_is_not_sent_before_the_passphrase_is_right(
    stage: Stage, guard: Guard
) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    await settle(lambda: guard.asker.asked == [Act.CLOSE_ACCOUNT])
    assert dialog.screen.phase is Phase.BEFORE
    assert not dialog.screen.can_confirm
    assert not dialog.screen.can_leave
    dialog.presenter.confirm()
    assert stage.venue.closing.calls == []
    guard.asker.may_answer.set()
    await settle(lambda: dialog.screen.can_leave)
    assert stage.venue.closing.calls == [(CHANNEL_ID,)]
    assert guard.asker.asked == [Act.CLOSE_ACCOUNT]


async def test_who_cancels_closing_may_close_later(stage: Stage, guard: Guard) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.confirm()
    guard.asker.types = None
    guard.asker.may_answer.set()
    await settle(lambda: dialog.screen.can_confirm)
    assert dialog.screen.phase is Phase.BEFORE
    assert dialog.screen.notice is None
    assert dialog.screen.can_leave
    assert stage.venue.closing.calls == []
    assert stage.session.state.intents == {}
