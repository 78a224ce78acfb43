"""The logic of exporting a key, without a window."""

from __future__ import annotations

import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kayen_desktop.app.gate import Act
from kayen_desktop.keys.brought_keys import material_from_keystore
from kayen_desktop.ui.presenters import key_export
from kayen_desktop.ui.presenters.key_export import ExportPresenter, ExportScreen
from tests.unit.ui.identity_stage import SESAME, Drawn, IdentityStage

FILE_SESAME = "a river and four words"


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


class Scene:
    """A presenter over a key with its view."""

    def __init__(self, stage: IdentityStage) -> None:
        identity = stage.keychain.identities[0]
        self.view: Drawn[ExportScreen] = Drawn()
        self.presenter = ExportPresenter(
            stage.keychain, stage.gate, stage.bridge, self.view, identity
        )
        self.presenter.refresh()

    @property
    def screen(self) -> ExportScreen:
        return self.view.screen

    async def export(self, path: Path) -> None:
        self.presenter.export(path, FILE_SESAME)
        await self.view.until(lambda: not self.screen.is_busy)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path, passphrase=SESAME)
    await it.add_pasted("Main")
    yield it
    await it.end()


async def test_the_file_is_written_read_back_and_opened(
    stage: IdentityStage, tmp_path: Path
) -> None:
    scene = Scene(stage)
    identity = stage.keychain.identities[0]
    path = tmp_path / scene.presenter.file_name
    assert identity.address in path.name
    path.write_text("what was there before", "utf-8")
    scene.presenter.export(path, FILE_SESAME)
    scene.presenter.export(path, "another password")
    assert scene.screen.is_busy
    assert not scene.screen.can_leave
    await scene.view.until(lambda: scene.screen.is_done)
    assert stage.asker.asked == [Act.EXPORT]
    assert scene.screen.place == str(path)
    assert scene.screen.notice is None
    assert material_from_keystore(path.read_text("utf-8"), FILE_SESAME).address == identity.address
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["identities.json", path.name]
    # A file on this very disk is no backup yet: the drill makes it one.
    assert not stage.keychain.identities[0].is_backed_up


async def test_who_would_rather_not_writes_nothing(stage: IdentityStage, tmp_path: Path) -> None:
    stage.asker.answer = None
    scene = Scene(stage)
    await scene.export(tmp_path / "key.json")
    assert not scene.screen.is_done
    assert scene.screen.notice is None
    assert not (tmp_path / "key.json").exists()


async def test_a_locked_app_says_so(stage: IdentityStage, tmp_path: Path) -> None:
    stage.lock.lock()
    scene = Scene(stage)
    await scene.export(tmp_path / "key.json")
    assert scene.screen.notice is not None
    assert not (tmp_path / "key.json").exists()


async def test_a_folder_that_is_not_there_is_told(stage: IdentityStage, tmp_path: Path) -> None:
    scene = Scene(stage)
    await scene.export(tmp_path / "nowhere" / "key.json")
    assert not scene.screen.is_done
    assert scene.screen.notice is not None
    assert "No such file or directory" in scene.screen.notice.happened
    assert scene.screen.can_leave


@pytest.mark.parametrize("spoiled", ["{}", "\udcff"])
async def test_a_file_that_does_not_give_the_key_back_is_deleted(
    stage: IdentityStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    """As a disk would that takes everything and gives something else back."""

    def spoil(path: Path, data: bytes) -> None:
        path.write_bytes(spoiled.encode("utf-8", "surrogateescape"))

    monkeypatch.setattr(key_export, "write_private", spoil)
    scene = Scene(stage)
    await scene.export(tmp_path / "key.json")
    assert not scene.screen.is_done
    assert scene.screen.notice is not None
    assert "could not be read back" in scene.screen.notice.happened
    assert not (tmp_path / "key.json").exists()


async def test_a_closed_dialog_is_drawn_no_more(stage: IdentityStage, tmp_path: Path) -> None:
    scene = Scene(stage)
    stage.asker.answer = None
    scene.presenter.export(tmp_path / "key.json", FILE_SESAME)
    before = scene.screen
    scene.presenter.stop()
    await stage.bridge.stop()
    scene.presenter.refresh()
    assert scene.screen is before
