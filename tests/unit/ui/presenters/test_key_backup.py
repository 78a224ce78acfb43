"""The logic of the drill, without a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind, VaultProblem
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.notices.identities import CHECK_GOOD, CHOOSE_A_FILE, FILE_UNOPENED
from kayen_desktop.ui.notices.keys import key_problem_text
from kayen_desktop.ui.presenters.bring_key import Way
from kayen_desktop.ui.presenters.key_backup import BackupPresenter, BackupScreen
from tests.unit.ui.identity_stage import NOW, PRIVATE_KEY, Drawn, IdentityStage, reached

FILE_SESAME = "a river and four words"


class View(Drawn[BackupScreen]):
    """Also counts what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten = 0
        self.checked = 0

    def forget_typed(self) -> None:
        self.forgotten += 1

    def tell_checked(self) -> None:
        self.checked += 1


class Scene:
    """A presenter over a key with its view."""

    def __init__(self, stage: IdentityStage, identity: Identity) -> None:
        self.stage = stage
        self.identity = identity
        self.view = View()
        self.presenter = BackupPresenter(stage.keychain, stage.bridge, self.view, identity)
        self.presenter.refresh()

    @property
    def screen(self) -> BackupScreen:
        return self.view.screen

    @property
    def kept(self) -> Identity:
        identities = self.stage.keychain.identities
        return next(e for e in identities if e.identity_id == self.identity.identity_id)

    async def check(self, typed: str) -> None:
        self.presenter.check(typed)
        await self.view.until(lambda: not self.screen.is_busy)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path)
    yield it
    await it.end()


def said(kind: KeyProblemKind, found: int = 0) -> str:
    return key_problem_text(KeyInputError(kind, found=found))


async def test_the_right_phrase_marks_the_backup(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main)
    assert scene.screen.kinds == (Way.PHRASE, Way.PRIVATE_KEY, Way.KEYSTORE)
    words = await stage.words(main)
    written = "\n".join(f"{n}. {word.upper()}," for n, word in enumerate(words.split(), 1))
    scene.presenter.check(written)
    scene.presenter.check(written)
    assert scene.screen.is_busy
    await scene.view.until(lambda: bool(scene.screen.good))
    assert scene.screen.good == CHECK_GOOD
    assert (scene.view.checked, scene.view.forgotten) == (1, 1)
    assert scene.kept.backed_up_at == NOW
    assert len(stage.keychain.identities) == 1
    assert words.split()[0] not in repr(vars(scene.presenter)) + repr(scene.screen)


async def test_the_phrase_of_another_key_is_told(stage: IdentityStage) -> None:
    main, other = await stage.add("Main"), await stage.add("Other")
    scene = Scene(stage, main)
    await scene.check(await stage.words(other))
    assert scene.screen.problem == said(KeyProblemKind.BACKUP_DIFFERS)
    assert scene.screen.good == ""
    assert not scene.kept.is_backed_up
    scene.presenter.type_other()
    assert scene.screen.problem == ""


async def test_words_are_counted_and_typos_hinted_at(stage: IdentityStage) -> None:
    scene = Scene(stage, await stage.add("Main"))
    scene.presenter.type_phrase("abandon")
    assert scene.screen.count == "1 word so far"
    scene.presenter.type_phrase("1. abandon 2. abandn")
    assert scene.screen.count == "2 words so far"
    scene.presenter.type_phrase("1. abandon 2. abandn 3. ")
    await scene.view.until(lambda: bool(scene.screen.hint))
    assert scene.screen.hint.startswith("Word 2 is not in the list")
    assert "abandon" in scene.screen.hint
    scene.presenter.type_phrase("abandon abandon ")
    await scene.view.until(lambda: not scene.screen.hint)
    scene.presenter.type_phrase("")
    assert scene.screen.count == ""


async def test_nothing_typed_is_told(stage: IdentityStage) -> None:
    scene = Scene(stage, await stage.add("Main"))
    scene.presenter.check("  ")
    assert scene.screen.problem == said(KeyProblemKind.PHRASE_EMPTY)
    scene.presenter.choose(Way.PRIVATE_KEY)
    assert scene.screen.problem == ""
    assert scene.view.forgotten == 1
    scene.presenter.check("")
    assert scene.screen.problem == said(KeyProblemKind.KEY_EMPTY)
    scene.presenter.choose(Way.KEYSTORE)
    scene.presenter.check("password")
    assert scene.screen.problem == CHOOSE_A_FILE
    scene.presenter.choose_file(stage.folder / "key.json")
    assert scene.screen.file_name == "key.json"
    scene.presenter.check("")
    assert scene.screen.problem == FILE_UNOPENED


async def test_a_key_without_a_phrase_is_checked_by_its_digits(stage: IdentityStage) -> None:
    scene = Scene(stage, await stage.add_pasted())
    assert scene.screen.kinds == (Way.PRIVATE_KEY, Way.KEYSTORE)
    scene.presenter.choose(Way.PHRASE)
    assert scene.screen.kind is Way.PRIVATE_KEY
    await scene.check("0x" + "50" * 32)
    assert scene.screen.problem == said(KeyProblemKind.BACKUP_DIFFERS)
    await scene.check("0x4f")
    assert scene.screen.problem == said(KeyProblemKind.KEY_LENGTH, found=2)
    await scene.check(f"  {PRIVATE_KEY.upper().replace('0X', '0x')} ")
    assert scene.screen.good == CHECK_GOOD
    assert scene.kept.is_backed_up


async def test_an_exported_file_is_checked_with_its_password(stage: IdentityStage) -> None:
    pasted = await stage.add_pasted()
    path = stage.folder / "key.json"
    path.write_text(await stage.keychain.export(pasted.identity_id, "", FILE_SESAME), "utf-8")
    scene = Scene(stage, pasted)
    scene.presenter.choose(Way.KEYSTORE)
    scene.presenter.choose_file(path)
    await scene.check("a wrong password")
    assert scene.screen.problem == said(KeyProblemKind.KEYSTORE_WRONG_PASSWORD)
    await scene.check(FILE_SESAME)
    assert scene.screen.good == CHECK_GOOD
    assert scene.kept.is_backed_up


async def test_a_file_that_can_not_be_read_is_told(stage: IdentityStage) -> None:
    scene = Scene(stage, await stage.add_pasted())
    scene.presenter.choose(Way.KEYSTORE)
    scene.presenter.choose_file(stage.folder / "gone.json")
    await scene.check(FILE_SESAME)
    assert scene.screen.problem == said(KeyProblemKind.KEYSTORE_NOT_READABLE)
    (stage.folder / "picture.json").write_bytes(b"\xff\xd8\xff")
    scene.presenter.choose_file(stage.folder / "picture.json")
    await scene.check(FILE_SESAME)
    assert scene.screen.problem == said(KeyProblemKind.KEYSTORE_NOT_READABLE)


async def test_a_key_that_is_gone_meanwhile_is_a_notice(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    words = await stage.words(main)
    scene = Scene(stage, main)
    await stage.keychain.remove(main.identity_id, "")
    await scene.check(words)
    assert scene.screen.notice is not None
    assert VaultProblem.NOT_FOUND.value.replace("_", " ") in scene.screen.notice.detail


async def test_a_closed_dialog_still_marks_the_backup(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    scene = Scene(stage, main)
    scene.presenter.check(await stage.words(main))
    scene.presenter.stop()
    await reached(lambda: scene.kept.is_backed_up)
    assert scene.view.checked == 0
