"""The logic of renaming and removing a key, and of its passphrase, without a window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind, WrongPassphraseError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.ui.notices.identities import (
    OLD_EMPTY,
    REMOVE_ACKNOWLEDGE_FIRST,
    REMOVE_CAPITALS,
    REMOVE_IN_USE,
    REMOVE_NOT_BACKED_UP,
)
from kayen_desktop.ui.notices.keys import key_problem_text
from kayen_desktop.ui.presenters.key_backup import BackupPresenter, BackupScreen
from kayen_desktop.ui.presenters.key_export import ExportPresenter, ExportScreen
from kayen_desktop.ui.presenters.key_passphrase import Change, ChangePresenter, ChangeScreen
from kayen_desktop.ui.presenters.key_remove import RemovePresenter, RemoveScreen
from kayen_desktop.ui.presenters.key_rename import RenamePresenter, RenameScreen
from kayen_desktop.ui.presenters.key_reveal import RevealPresenter, RevealScreen, Secret
from tests.unit.ui.identity_stage import SESAME, Drawn, IdentityStage, reached


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path)
    yield it
    await it.end()


@pytest_asyncio.fixture
async def sealed(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path, passphrase=SESAME)
    yield it
    await it.end()


def renaming(
    stage: IdentityStage, identity: Identity
) -> tuple[RenamePresenter, Drawn[RenameScreen]]:
    view: Drawn[RenameScreen] = Drawn()
    presenter = RenamePresenter(stage.keychain, stage.bridge, view, identity)
    presenter.refresh()
    return presenter, view


def removing(
    stage: IdentityStage, identity: Identity
) -> tuple[RemovePresenter, Drawn[RemoveScreen]]:
    view: Drawn[RemoveScreen] = Drawn()
    presenter = RemovePresenter(stage.keychain, stage.gate, stage.bridge, view, identity)
    presenter.refresh()
    return presenter, view


def changing(stage: IdentityStage, change: Change) -> tuple[ChangePresenter, Drawn[ChangeScreen]]:
    view: Drawn[ChangeScreen] = Drawn()
    presenter = ChangePresenter(
        stage.keychain,
        stage.gate,
        stage.bridge,
        view,
        change,
        stage.lock.verify,
        lambda: stage.told.append(change.value),
    )
    presenter.refresh()
    return presenter, view


async def test_a_key_is_renamed(stage: IdentityStage) -> None:
    presenter, view = renaming(stage, await stage.add("Main"))
    presenter.rename("  Every\tday ")
    presenter.rename("Again")
    assert view.screen.is_busy
    await view.until(lambda: view.is_finished)
    assert [each.name for each in stage.keychain.identities] == ["Every day"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("  ", KeyProblemKind.NAME_EMPTY),
        ("x" * 41, KeyProblemKind.NAME_TOO_LONG),
        ("savings", KeyProblemKind.NAME_TAKEN),
    ],
)
async def test_a_name_that_can_not_be_used_is_told(
    stage: IdentityStage, name: str, kind: KeyProblemKind
) -> None:
    main = await stage.add("Main")
    await stage.add("Savings")
    presenter, view = renaming(stage, main)
    presenter.rename(name)
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.problem == key_problem_text(KeyInputError(kind))
    presenter.type_name()
    assert view.screen.problem == ""


async def test_a_name_that_can_not_be_written_down_is_a_notice(
    stage: IdentityStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = await stage.add("Main")
    presenter, view = renaming(stage, main)
    (tmp_path / "file").touch()
    stage.keychain._book = IdentityBook(tmp_path / "file" / "book.json")  # noqa: SLF001
    presenter.rename("Other")
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.notice is not None
    assert stage.keychain.identities == (main,)


async def test_a_checked_key_is_removed_by_its_name(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    old = await sealed.add("Old", is_backed_up=True)
    presenter, view = removing(sealed, old)
    assert view.screen.is_backed_up
    assert not view.screen.can_confirm
    for wrong in ("old", "Old ", ""):
        presenter.type_name(wrong)
        assert not view.screen.can_confirm
        assert view.screen.problem == (REMOVE_CAPITALS if wrong == "old" else "")
        presenter.confirm()
    presenter.type_name("Old")
    assert view.screen.can_confirm
    presenter.confirm()
    presenter.confirm()
    await view.until(lambda: view.is_finished)
    assert sealed.asker.asked == [Act.REMOVE_KEY]
    assert [each.name for each in sealed.keychain.identities] == ["Main"]
    assert not any(old.identity_id in name for name in await sealed.vault.names(SESAME))


async def test_a_key_without_a_backup_takes_a_second_yes(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    presenter, view = removing(sealed, await sealed.add("Old"))
    assert view.screen.backup == REMOVE_NOT_BACKED_UP
    presenter.type_name("Old")
    assert not view.screen.can_confirm
    assert view.screen.problem == REMOVE_ACKNOWLEDGE_FIRST
    presenter.acknowledge(is_acknowledged=True)
    assert view.screen.can_confirm
    presenter.acknowledge(is_acknowledged=False)
    assert not view.screen.can_confirm
    presenter.acknowledge(is_acknowledged=True)
    presenter.confirm()
    await view.until(lambda: view.is_finished)
    assert len(sealed.keychain.identities) == 1


async def test_the_key_in_use_stays_while_there_is_another(sealed: IdentityStage) -> None:
    main = await sealed.add("Main", is_backed_up=True)
    other = await sealed.add("Other", is_backed_up=True)
    presenter, view = removing(sealed, main)
    assert view.screen.blocked == REMOVE_IN_USE
    presenter.type_name("Main")
    assert not view.screen.can_confirm
    await sealed.keychain.remove(other.identity_id, SESAME)
    presenter.refresh()
    assert view.screen.blocked == ""
    presenter.confirm()
    await view.until(lambda: view.is_finished)
    assert sealed.keychain.identities == ()


async def test_who_would_rather_not_keeps_the_key(sealed: IdentityStage) -> None:
    main = await sealed.add("Main", is_backed_up=True)
    sealed.asker.answer = None
    presenter, view = removing(sealed, main)
    presenter.type_name("Main")
    presenter.confirm()
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.can_confirm
    assert view.screen.notice is None
    assert sealed.keychain.identities == (main,)


async def test_removing_while_locked_is_a_notice(sealed: IdentityStage) -> None:
    main = await sealed.add("Main", is_backed_up=True)
    sealed.lock.lock()
    presenter, view = removing(sealed, main)
    presenter.type_name("Main")
    presenter.confirm()
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.notice is not None
    assert sealed.keychain.identities == (main,)


async def test_a_passphrase_is_set_changed_and_removed(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    presenter, view = changing(stage, Change.SET)
    presenter.carry_out("", SESAME)
    presenter.carry_out("", "another one")
    await view.until(lambda: view.is_finished)
    assert stage.keychain.has_passphrase
    presenter, view = changing(stage, Change.CHANGE)
    presenter.carry_out("", "new one")
    assert view.screen.problem == OLD_EMPTY
    presenter.type_old()
    assert view.screen.problem == ""
    presenter.carry_out(SESAME, "new one")
    await view.until(lambda: view.is_finished)
    with pytest.raises(WrongPassphraseError):
        await stage.keychain.verify(SESAME)
    presenter, view = changing(stage, Change.REMOVE)
    presenter.carry_out("new one", "")
    await view.until(lambda: view.is_finished)
    assert not stage.keychain.has_passphrase
    assert stage.told == ["set", "change", "remove"]
    assert await stage.keychain.reveal_private_key(main.identity_id, "")


async def test_wrong_passphrases_are_told_and_slowed_down(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    presenter, view = changing(sealed, Change.CHANGE)
    for _ in range(4):
        presenter.carry_out("wrong", "new one")
        await view.until(lambda: not view.screen.is_busy)
        assert "not your passphrase" in view.screen.problem
    presenter.carry_out("wrong", "new one")
    await view.until(lambda: not view.screen.is_busy)
    assert "Too many wrong tries" in view.screen.problem
    presenter.carry_out(SESAME, "new one")
    await view.until(lambda: not view.screen.is_busy)
    assert "Too many wrong tries" in view.screen.problem
    sealed.now += 1.0
    presenter.carry_out(SESAME, "new one")
    await view.until(lambda: view.is_finished)


async def test_a_file_vault_keeps_its_passphrase(tmp_path: Path) -> None:
    stage = IdentityStage(tmp_path, passphrase=SESAME, is_file=True)
    await stage.add("Main")
    presenter, view = changing(stage, Change.REMOVE)
    presenter.carry_out(SESAME, "")
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.notice is not None
    presenter.stop()
    presenter.refresh()
    await stage.end()


async def test_nothing_is_changed_while_locked(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    presenter, view = changing(sealed, Change.REMOVE)
    sealed.lock.lock()
    presenter.carry_out(SESAME, "")
    await view.until(lambda: not view.screen.is_busy)
    assert view.screen.notice is not None
    assert "locked" in view.screen.notice.happened
    assert sealed.keychain.has_passphrase
    assert sealed.told == []


async def test_what_locks_while_the_passphrase_is_checked_keeps_it(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    view: Drawn[ChangeScreen] = Drawn()

    async def verify(passphrase: str) -> None:
        await sealed.lock.verify(passphrase)
        sealed.lock.lock()

    presenter = ChangePresenter(
        sealed.keychain,
        sealed.gate,
        sealed.bridge,
        view,
        Change.REMOVE,
        verify,
        lambda: sealed.told.append("remove"),
    )
    presenter.carry_out(SESAME, "")
    await view.until(lambda: not view.screen.is_busy)
    assert sealed.keychain.has_passphrase
    assert sealed.told == []


async def test_a_change_is_told_also_when_the_dialog_is_gone(sealed: IdentityStage) -> None:
    await sealed.add("Main")
    told = asyncio.Event()
    view: Drawn[ChangeScreen] = Drawn()
    presenter = ChangePresenter(
        sealed.keychain,
        sealed.gate,
        sealed.bridge,
        view,
        Change.REMOVE,
        sealed.lock.verify,
        told.set,
    )
    presenter.carry_out(SESAME, "")
    presenter.stop()
    async with asyncio.timeout(10):
        await told.wait()
    assert not sealed.keychain.has_passphrase
    assert not view.is_finished


# What nobody expects


@pytest.mark.parametrize("deed", ["rename", "remove", "change", "export", "check", "reveal"])
async def test_a_fault_of_ours_leaves_no_dialog_busy_for_ever(
    stage: IdentityStage, deed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = await stage.add("Main", is_backed_up=True)

    async def broken(*_: object) -> None:
        raise ArithmeticError

    for name in ("rename", "remove", "change_passphrase", "export", "check_phrase"):
        monkeypatch.setattr(stage.keychain, name, broken)
    monkeypatch.setattr(stage.keychain, "reveal_private_key", broken)
    is_busy = begin(stage, main, deed, tmp_path)
    assert is_busy()
    await reached(lambda: not is_busy())
    await reached(lambda: bool(stage.crashes))
    assert isinstance(stage.crashes.pop(), ArithmeticError)


def begin(stage: IdentityStage, identity: Identity, deed: str, folder: Path) -> Callable[[], bool]:
    """Begin the deed and return what tells whether its dialog is busy."""
    match deed:
        case "rename":
            rename, renamed = renaming(stage, identity)
            rename.rename("Other")
            return lambda: renamed.screen.is_busy
        case "remove":
            remove, removed = removing(stage, identity)
            remove.type_name(identity.name)
            remove.confirm()
            return lambda: removed.screen.is_busy
        case "change":
            change, changed = changing(stage, Change.SET)
            change.carry_out("", SESAME)
            return lambda: changed.screen.is_busy
        case "export":
            exported: Drawn[ExportScreen] = Drawn()
            export = ExportPresenter(stage.keychain, stage.gate, stage.bridge, exported, identity)
            export.export(folder / "key.json", "password")
            return lambda: exported.screen.is_busy
        case "check":
            checked = Checked()
            check = BackupPresenter(stage.keychain, stage.bridge, checked, identity)
            check.check("test test")
            return lambda: checked.screen.is_busy
        case _:
            shown: Drawn[RevealScreen] = Drawn()
            reveal = RevealPresenter(
                stage.keychain,
                stage.gate,
                stage.bridge,
                NoClipboard(),
                shown,
                identity,
                Secret.PRIVATE_KEY,
                lambda: stage.now,
            )
            reveal.show()
            return lambda: shown.screen.is_busy


class Checked(Drawn[BackupScreen]):
    """The view of the drill."""

    def forget_typed(self) -> None:
        raise AssertionError

    def tell_checked(self) -> None:
        raise AssertionError


class NoClipboard:
    """Takes nothing."""

    def copy(self, secret: str) -> bool:
        return False
