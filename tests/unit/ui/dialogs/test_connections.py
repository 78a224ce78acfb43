"""The dialog of keys, vault and connections as a person drives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)

from kayen_desktop.keys.lock import LockRules
from kayen_desktop.ui.dialogs.connections import ConnectionsDialog
from kayen_desktop.ui.dialogs.connections_keys import IdentityList
from kayen_desktop.ui.dialogs.key_dialog import KeyDialog
from kayen_desktop.ui.models.columns import KEY_ROLE
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from kayen_desktop.ui.theme import Scheme, apply_theme
from tests.unit.ui.identity_stage import SESAME, IdentityStage, connections
from tests.unit.ui.stage import Stage

from .conftest import Scene, named, until

Play = Callable[[Scene], None]
Act = Callable[["Desk"], Awaitable[None]]


class Desk:
    """The dialog over a keychain, and what it told."""

    def __init__(self, keys: IdentityStage, in_use: str = "practice") -> None:
        self.keys = keys
        self.told: list[tuple[str, str]] = []
        self.dialog = ConnectionsDialog(
            keys.keychain,
            keys.gate,
            keys.bridge,
            keys.settings,
            connections(in_use),
            SecretClipboard(),
            verify=keys.lock.verify,
            on_passphrase=lambda: self.told.append(("passphrase", "")),
        )
        self.dialog.add_key_requested.connect(lambda: self.told.append(("add", "")))
        self.dialog.key_in_use_changed.connect(lambda key: self.told.append(("use", key)))
        self.dialog.venue_requested.connect(lambda venue: self.told.append(("venue", venue)))
        self.dialog.keys_changed.connect(lambda: self.told.append(("keys", "")))
        self.dialog.open()

    def button(self, name: str) -> QPushButton:
        return named(self.dialog, QPushButton, name)

    def over(self, name: str) -> KeyDialog:
        """Return the small dialog that stands over this one."""
        return named(self.dialog, KeyDialog, name)

    def is_alone(self) -> bool:
        return not any(each.isVisible() for each in self.dialog.findChildren(KeyDialog))

    def choose(self, row: int) -> None:
        view = named(self.dialog, IdentityList, "identitiesView")
        view.setCurrentIndex(view.model().index(row, 0))

    def names(self) -> list[str]:
        model = named(self.dialog, IdentityList, "identitiesView").model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


@pytest.fixture
def keys(tmp_path: Path) -> IdentityStage:
    return IdentityStage(tmp_path)


@pytest.fixture
def sealed(tmp_path: Path) -> IdentityStage:
    return IdentityStage(tmp_path, passphrase=SESAME)


def test_nothing_can_be_done_with_no_key(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        desk = Desk(keys)
        assert desk.dialog.objectName() == "connectionsDialog"
        assert desk.names() == []
        assert not desk.button("checkBackupButton").isVisible()
        assert desk.button("addKeyButton").property("kind") == "primary"
        desk.button("addKeyButton").click()
        assert desk.told == [("add", "")]
        await keys.add("Main")
        desk.dialog.refresh()
        assert desk.names() == ["Main"]
        assert desk.told[1:] == [("keys", "")]
        assert desk.button("checkBackupButton").isVisible()
        desk.dialog.refresh()
        assert len(desk.told) == 2
        await keys.end()

    play(scene)


def test_keys_are_chosen_by_keyboard_and_used(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        savings = await keys.add("Savings", is_backed_up=True)
        desk = Desk(keys)
        view = named(desk.dialog, IdentityList, "identitiesView")
        title = named(desk.dialog, QLabel, "keyTitle")
        assert title.text() == "Main"
        assert not desk.button("useKeyButton").isVisible()
        assert named(desk.dialog, QLabel, "backupLabel").text() == "Not backed up"
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert title.text() == "Savings"
        assert named(desk.dialog, QLabel, "backupLabel").text() == "Backed up 21 Nov 2026"
        use = desk.button("useKeyButton")
        use.click()
        use.click()
        await until(lambda: bool(desk.told))
        assert desk.told == [("use", savings.identity_id)]
        assert not use.isVisible()
        assert named(desk.dialog, QLabel, "keyInUseLabel").isVisible()
        QTest.keyClick(desk.dialog, Qt.Key.Key_Escape)
        assert not desk.dialog.isVisible()
        await keys.end()

    play(scene)


def test_one_small_dialog_at_a_time(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        desk = Desk(keys)
        desk.button("renameKeyButton").click()
        desk.button("renameKeyButton").click()
        desk.button("removeKeyButton").click()
        rename = desk.over("renameDialog")
        edit = named(rename, QLineEdit, "keyNameEdit")
        QTest.keyClicks(edit, "Every day")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        await until(desk.is_alone)
        assert desk.names() == ["Every day"]
        assert desk.told == [("keys", "")]
        await keys.end()

    play(scene)


def test_a_bad_name_is_told_and_mended(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        await keys.add("Savings")
        desk = Desk(keys)
        desk.button("renameKeyButton").click()
        rename = desk.over("renameDialog")
        edit = named(rename, QLineEdit, "keyNameEdit")
        problem = named(rename, QLabel, "nameProblemLabel")
        edit.setText("savings")
        named(rename, QPushButton, "confirmButton").click()
        await until(problem.isVisible)
        assert "already" in problem.text()
        assert edit.accessibleDescription() == problem.text()
        QTest.keyClicks(edit, " two")
        assert not problem.isVisible()
        QTest.keyClick(rename, Qt.Key.Key_Escape)
        assert desk.names() == ["Main", "Savings"]
        assert desk.told == []
        await keys.end()

    play(scene)


def test_a_key_is_removed_after_its_drill(play: Play, sealed: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        old = await sealed.add("Old")
        words = await sealed.words(old)
        desk = Desk(sealed)
        desk.choose(1)
        desk.button("removeKeyButton").click()
        remove = desk.over("removeDialog")
        confirm = named(remove, QPushButton, "confirmButton")
        assert "margin accounts" in named(remove, QLabel, "removeMoneyLabel").text()
        QTest.keyClicks(named(remove, QLineEdit, "confirmNameEdit"), "Old")
        assert not confirm.isEnabled()
        named(remove, QPushButton, "checkFirstButton").click()
        check = desk.over("checkBackupDialog")
        QTest.keyClicks(named(check, QPlainTextEdit, "phraseEdit"), words)
        QTest.keyClick(named(check, QPlainTextEdit, "phraseEdit"), Qt.Key.Key_Return)
        await until(named(check, QLabel, "backupGoodLabel").isVisible)
        assert named(check, QPlainTextEdit, "phraseEdit").toPlainText() == ""
        QTest.keyClick(check, Qt.Key.Key_Return)
        assert desk.is_alone()
        desk.button("removeKeyButton").click()
        remove = next(each for each in desk.dialog.findChildren(KeyDialog) if each.isVisible())
        QTest.keyClicks(named(remove, QLineEdit, "confirmNameEdit"), "Old")
        named(remove, QPushButton, "confirmButton").click()
        await until(desk.is_alone)
        assert desk.names() == ["Main"]
        assert named(desk.dialog, QLabel, "keyTitle").text() == "Main"
        assert desk.told == [("keys", ""), ("keys", "")]
        await sealed.end()

    play(scene)


def test_removing_the_last_key_leaves_none_in_use(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        desk = Desk(keys)
        desk.button("removeKeyButton").click()
        remove = desk.over("removeDialog")
        QTest.keyClicks(named(remove, QLineEdit, "confirmNameEdit"), "Main")
        confirm = named(remove, QPushButton, "confirmButton")
        assert not confirm.isEnabled()
        box = named(remove, QCheckBox, "noBackupCheck")
        QTest.keyClick(box, Qt.Key.Key_Space)
        assert confirm.isEnabled()
        parent = box.parentWidget()
        assert isinstance(parent, QWidget)
        QTest.mouseClick(parent, Qt.MouseButton.LeftButton)
        assert not confirm.isEnabled()
        box.click()
        confirm.click()
        confirm.click()
        await until(desk.is_alone)
        assert desk.names() == []
        assert desk.told == [("use", ""), ("keys", "")]
        await keys.end()

    play(scene)


def test_the_key_in_use_is_not_removed_before_another_is(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main", is_backed_up=True)
        await keys.add("Savings")
        desk = Desk(keys)
        desk.button("removeKeyButton").click()
        remove = desk.over("removeDialog")
        assert "Use another key first" in named(remove, QLabel, "blockedLabel").text()
        assert not named(remove, QPushButton, "confirmButton").isVisible()
        QTest.keyClick(remove, Qt.Key.Key_Escape)
        assert desk.is_alone()
        await keys.end()

    play(scene)


def test_a_passphrase_is_set_and_the_lock_becomes_usable(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        desk = Desk(keys)
        desk.dialog.show_lock()
        assert named(desk.dialog, QTabWidget, "connectionsTabs").currentIndex() == 1
        assert desk.dialog.focusWidget() is desk.button("setPassphraseButton")
        combo = named(desk.dialog, QComboBox, "idleMinutesCombo")
        assert not combo.isEnabled()
        assert not desk.button("changePassphraseButton").isVisible()
        desk.button("setPassphraseButton").click()
        change = desk.over("changePassphraseDialog")
        confirm = named(change, QPushButton, "confirmButton")
        assert not named(change, QLineEdit, "oldPassphraseEdit").isVisible()
        assert not confirm.isEnabled()
        named(change, QLineEdit, "newPassphraseEdit").setText(SESAME)
        named(change, QLineEdit, "repeatPassphraseEdit").setText(SESAME)
        await until(confirm.isEnabled)
        confirm.click()
        confirm.click()
        await until(desk.is_alone)
        assert desk.told == [("passphrase", "")]
        assert keys.keychain.has_passphrase
        assert combo.isEnabled()
        assert desk.button("changePassphraseButton").isVisible()
        assert not desk.button("setPassphraseButton").isVisible()
        await keys.end()

    play(scene)


def test_the_old_passphrase_is_asked_before_it_is_removed(
    play: Play, sealed: IdentityStage
) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        desk = Desk(sealed)
        named(desk.dialog, QTabWidget, "connectionsTabs").setCurrentIndex(1)
        desk.button("removePassphraseButton").click()
        change = desk.over("changePassphraseDialog")
        old = named(change, QLineEdit, "oldPassphraseEdit")
        problem = named(change, QLabel, "oldPassphraseProblem")
        assert old.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(old, "wrong")
        QTest.keyClick(old, Qt.Key.Key_Return)
        await until(problem.isVisible)
        assert sealed.keychain.has_passphrase
        old.selectAll()
        QTest.keyClicks(old, SESAME)
        assert not problem.isVisible()
        QTest.keyClick(old, Qt.Key.Key_Return)
        await until(desk.is_alone)
        assert not sealed.keychain.has_passphrase
        await sealed.end()

    play(scene)


def test_a_change_that_outlives_its_dialogs_is_told(play: Play, sealed: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        desk = Desk(sealed)
        desk.dialog.show_lock()
        desk.button("removePassphraseButton").click()
        change = desk.over("changePassphraseDialog")
        named(change, QLineEdit, "oldPassphraseEdit").setText(SESAME)
        named(change, QPushButton, "confirmButton").click()
        for each in (change, desk.dialog):  # as the lock does
            each.done(0)
            each.deleteLater()
        await until(lambda: ("passphrase", "") in desk.told)
        assert not sealed.keychain.has_passphrase
        await sealed.end()

    play(scene)


def test_the_lock_is_set_by_keyboard(play: Play, sealed: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        sealed.settings.rules = LockRules(900.0)
        desk = Desk(sealed)
        named(desk.dialog, QTabWidget, "connectionsTabs").setCurrentIndex(1)
        combo = named(desk.dialog, QComboBox, "idleMinutesCombo")
        assert combo.currentText() == "After 15 minutes"
        QTest.keyClick(combo, Qt.Key.Key_Home)
        assert sealed.settings.rules == LockRules(None)
        assert combo.currentText() == "Never"
        QTest.keyClick(combo, Qt.Key.Key_Down)
        assert sealed.settings.rules == LockRules(60.0)
        box = named(desk.dialog, QCheckBox, "canCloseWhileLockedCheck")
        QTest.keyClick(box, Qt.Key.Key_Space)
        assert sealed.settings.rules == LockRules(60.0, can_close_positions=True)
        await sealed.end()

    play(scene)


def test_another_venue_is_asked_for(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        desk = Desk(keys)
        named(desk.dialog, QTabWidget, "connectionsTabs").setCurrentIndex(2)
        practice = named(desk.dialog, QFrame, "venueCard-practice")
        live = named(desk.dialog, QFrame, "venueCard-kayen")
        assert not named(practice, QPushButton, "switchVenueButton").isVisible()
        switch = named(live, QPushButton, "switchVenueButton")
        assert switch.accessibleName() == "Use this venue: Kayen"
        switch.click()
        assert desk.told == [("venue", "kayen")]
        desk.dialog.show_connections(connections("kayen"))
        assert not switch.isVisible()
        assert named(live, QLabel, "venueStateLabel").text() == "Clearport: Connected, 4 ms"
        desk.dialog.show_connections(connections("kayen")[1:])
        assert not practice.isVisible()
        await keys.end()

    play(scene)


def test_everything_goes_with_the_window_below(play: Play, sealed: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        desk = Desk(sealed)
        desk.button("renameKeyButton").click()
        rename = desk.over("renameDialog")
        named(rename, QPushButton, "confirmButton").click()
        QTest.keyClick(rename, Qt.Key.Key_Escape)
        assert rename.isVisible()
        desk.dialog.close()
        assert not rename.isVisible()
        await sealed.end()

    play(scene)


def test_another_scheme_is_drawn_at_once(
    play: Play, keys: IdentityStage, qapp: QApplication
) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        apply_theme(qapp, Scheme.LIGHT)
        desk = Desk(keys)
        light = desk.dialog.grab().toImage()
        apply_theme(qapp, Scheme.DARK)
        dark = desk.dialog.grab().toImage()
        apply_theme(qapp, Scheme.LIGHT)
        assert light != dark
        view = named(desk.dialog, IdentityList, "identitiesView")
        assert view.currentIndex().data(KEY_ROLE) == keys.keychain.identities[0].identity_id
        await keys.end()

    play(scene)


def test_every_part_that_takes_the_keyboard_has_a_name(play: Play, sealed: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await sealed.add("Main")
        desk = Desk(sealed)
        nameless = [
            f"{type(each).__name__} {each.objectName()}"
            for each in desk.dialog.findChildren(QWidget)
            if isinstance(each, QPushButton | QLineEdit | QComboBox | IdentityList)
            and not each.accessibleName()
        ]
        assert nameless == []
        await sealed.end()

    play(scene)


@pytest.mark.parametrize(
    ("button", "over", "title"),
    [
        ("revealPhraseButton", "revealDialog", "Recovery phrase"),
        ("revealKeyButton", "revealDialog", "Private key"),
        ("exportKeyButton", "exportDialog", "Export the key"),
        ("checkBackupButton", "checkBackupDialog", "Check a backup"),
    ],
)
def test_each_act_has_a_small_dialog(
    play: Play, keys: IdentityStage, button: str, over: str, title: str
) -> None:
    async def scene(_: Stage) -> None:
        await keys.add("Main")
        await keys.add_pasted()
        desk = Desk(keys)
        desk.button(button).click()
        dialog = desk.over(over)
        assert dialog.windowTitle() == title
        assert named(dialog, QLabel, "keyLabel").text().startswith("Main · 0x")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert desk.is_alone()
        desk.choose(1)
        assert not desk.button("revealPhraseButton").isVisible()
        assert desk.told == []
        await keys.end()

    play(scene)
