"""The logic of showing a secret, without a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.notices.identities import COPIED, COPY_GONE, HIDDEN_AGAIN, NOT_COPIED
from kayen_desktop.ui.presenters.key_reveal import (
    SHOWN_FOR_S,
    RevealPresenter,
    RevealScreen,
    Secret,
)
from tests.unit.ui.identity_stage import PRIVATE_KEY, SESAME, Drawn, IdentityStage


class FakeClipboard:
    """Takes a secret, or does not."""

    def __init__(self) -> None:
        self.is_taking = True
        self.copied: list[str] = []

    def copy(self, secret: str) -> bool:
        self.copied.append(secret)
        return self.is_taking


class Scene:
    """A presenter with its fakes."""

    def __init__(self, stage: IdentityStage, identity: Identity, secret: Secret) -> None:
        self.stage = stage
        self.view: Drawn[RevealScreen] = Drawn()
        self.clipboard = FakeClipboard()
        self.presenter = RevealPresenter(
            stage.keychain,
            stage.gate,
            stage.bridge,
            self.clipboard,
            self.view,
            identity,
            secret,
            lambda: stage.now,
        )
        self.presenter.refresh()

    @property
    def screen(self) -> RevealScreen:
        return self.view.screen

    async def show(self) -> None:
        self.presenter.show()
        await self.view.until(lambda: not self.screen.is_busy)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path, passphrase=SESAME)
    yield it
    await it.end()


async def test_the_phrase_is_shown_after_the_passphrase(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main, Secret.PHRASE)
    assert not scene.screen.is_shown
    assert scene.screen.words == ()
    scene.presenter.show()
    scene.presenter.show()
    await scene.view.until(lambda: scene.screen.is_shown)
    assert stage.asker.asked == [Act.REVEAL]
    assert " ".join(scene.screen.words) == await stage.words(main)
    assert scene.screen.private_key == ""
    assert not scene.screen.can_copy
    scene.presenter.copy()
    assert scene.clipboard.copied == []
    scene.presenter.stop()


async def test_no_repr_holds_the_secret(stage: IdentityStage) -> None:
    main = await stage.add_pasted()
    scene = Scene(stage, main, Secret.PRIVATE_KEY)
    await scene.show()
    assert scene.screen.private_key == PRIVATE_KEY
    assert PRIVATE_KEY[2:] not in repr(scene.screen) + repr(scene.presenter)


async def test_it_is_dropped_after_a_minute(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main, Secret.PHRASE)
    await scene.show()
    stage.now += SHOWN_FOR_S - 0.5
    scene.presenter.tick()
    assert scene.screen.status == "Hidden again in 1 s"
    scene.presenter.stay()
    assert scene.screen.status == "Hidden again in 60 s"
    stage.now += SHOWN_FOR_S
    scene.presenter.tick()
    assert not scene.screen.is_shown
    assert scene.screen.words == ()
    assert scene.screen.status == HIDDEN_AGAIN
    scene.presenter.stay()
    scene.presenter.tick()
    assert not scene.screen.is_shown
    await scene.show()
    assert stage.asker.asked == [Act.REVEAL, Act.REVEAL]


async def test_it_is_dropped_once_the_app_is_locked(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main, Secret.PHRASE)
    await scene.show()
    stage.lock.lock()
    scene.presenter.tick()
    assert not scene.screen.is_shown
    await scene.show()
    assert scene.screen.notice is not None
    assert "locked" in scene.screen.notice.happened


async def test_who_would_rather_not_sees_nothing(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    stage.asker.answer = None
    scene = Scene(stage, main, Secret.PHRASE)
    await scene.show()
    assert not scene.screen.is_shown
    assert scene.screen.notice is None


async def test_a_vault_that_fails_is_told(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    await stage.vault.delete({f"phrase.{main.identity_id}"}, SESAME)
    scene = Scene(stage, main, Secret.PHRASE)
    await scene.show()
    assert not scene.screen.is_shown
    assert scene.screen.notice is not None
    expected = VaultError(VaultProblem.NOT_FOUND)
    assert str(expected) in scene.screen.notice.detail


async def test_the_private_key_is_copied_and_said_so(stage: IdentityStage) -> None:
    pasted = await stage.add_pasted()
    scene = Scene(stage, pasted, Secret.PRIVATE_KEY)
    await scene.show()
    assert scene.screen.can_copy
    scene.presenter.copy()
    assert scene.clipboard.copied == [PRIVATE_KEY]
    assert scene.screen.copied == COPIED
    scene.presenter.forget_copy()
    assert scene.screen.copied == COPY_GONE
    scene.clipboard.is_taking = False
    scene.presenter.copy()
    assert scene.screen.copied == NOT_COPIED


async def test_a_secret_that_comes_too_late_is_not_shown(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main, Secret.PHRASE)
    scene.presenter.show()
    scene.presenter.stop()
    await stage.bridge.stop()
    assert not scene.presenter.is_shown
    assert scene.screen.is_busy


async def test_closing_drops_what_is_shown(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main, Secret.PHRASE)
    await scene.show()
    scene.presenter.stop()
    assert not scene.presenter.is_shown
    words = await stage.words(main)
    assert words.split()[0] not in repr(vars(scene.presenter))
