"""The dialogs that show, export and check secrets, as a person drives them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from kayen_desktop.keys.brought_keys import material_from_keystore
from kayen_desktop.ui.dialogs.key_backup import CheckBackupDialog
from kayen_desktop.ui.dialogs.key_export import ExportDialog
from kayen_desktop.ui.dialogs.key_reveal import RevealDialog
from kayen_desktop.ui.presenters.key_reveal import Secret
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from tests.unit.ui.identity_stage import PRIVATE_KEY, SESAME, IdentityStage
from tests.unit.ui.stage import Stage

from .conftest import Scene, named, until

Play = Callable[[Scene], None]


@pytest.fixture
def keys(tmp_path: Path) -> IdentityStage:
    return IdentityStage(tmp_path, passphrase=SESAME)


def texts(dialog: QWidget) -> str:
    """Return everything a window says, seen or unseen."""
    said = [dialog.windowTitle(), dialog.accessibleDescription(), dialog.toolTip()]
    for each in dialog.findChildren(QWidget):
        said += [each.toolTip(), each.accessibleName(), each.accessibleDescription()]
        if isinstance(each, QLabel | QPushButton | QLineEdit):
            said.append(each.text())
        if isinstance(each, QPlainTextEdit):
            said.append(each.toPlainText())
    return " ".join(said)


async def revealed(
    keys: IdentityStage, secret: Secret, clipboard: SecretClipboard | None = None
) -> RevealDialog:
    """Return the dialog with the secret of the only key on it."""
    identity = keys.keychain.identities[0]
    dialog = RevealDialog(
        keys.keychain,
        keys.gate,
        keys.bridge,
        clipboard or SecretClipboard(),
        identity,
        secret,
        clock=lambda: keys.now,
    )
    dialog.open()
    assert dialog.objectName() == "revealDialog"
    show = named(dialog, QPushButton, "showSecretButton")
    show.click()
    show.click()
    await until(named(dialog, QPushButton, "hideSecretButton").isVisible)
    return dialog


def test_the_words_are_shown_and_hidden_again(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        main = await keys.add("Main")
        words = (await keys.words(main)).split()
        dialog = await revealed(keys, Secret.PHRASE)
        shown = [named(dialog, QLabel, f"phraseWord{n}").text() for n in range(1, 13)]
        assert shown == words
        assert not named(dialog, QPushButton, "copySecretButton").isVisible()
        assert named(dialog, QLabel, "captureLabel").text()
        QTest.keyClick(dialog, Qt.Key.Key_Return)  # the Enter key is on Hide now
        assert not named(dialog, QPushButton, "hideSecretButton").isVisible()
        assert not set(words) & set(texts(dialog).split())
        assert "hidden again" in named(dialog, QLabel, "revealStatus").text()
        dialog.close()
        await keys.end()

    play(scene)


def test_looking_away_hides_the_secret(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add_pasted()
        dialog = await revealed(keys, Secret.PRIVATE_KEY)
        digits = named(dialog, QLabel, "privateKeyLabel")
        assert "".join(digits.text().split()) == PRIVATE_KEY[2:]
        QApplication.sendEvent(dialog, QEvent(QEvent.Type.WindowDeactivate))
        assert not digits.isVisible()
        assert digits.text() == ""
        assert named(dialog, QPushButton, "showSecretButton").isVisible()
        dialog.close()
        await keys.end()

    play(scene)


def test_the_secret_goes_after_a_minute(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add_pasted()
        dialog = await revealed(keys, Secret.PRIVATE_KEY)
        keys.now += 60.0
        await until(lambda: not named(dialog, QPushButton, "hideSecretButton").isVisible())
        assert named(dialog, QLabel, "privateKeyLabel").text() == ""
        dialog.close()
        await keys.end()

    play(scene)


def test_the_private_key_is_copied_and_cleared(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        await keys.add_pasted()
        clipboard = SecretClipboard()
        dialog = await revealed(keys, Secret.PRIVATE_KEY, clipboard)
        named(dialog, QPushButton, "copySecretButton").click()
        copied = named(dialog, QLabel, "copiedLabel")
        assert QGuiApplication.clipboard().text() == PRIVATE_KEY
        assert "60 s" in copied.text()
        clipboard.clear()
        assert QGuiApplication.clipboard().text() == ""
        assert "60 s" not in copied.text()
        dialog.close()
        clipboard.copy("something else")  # nobody hears of it any more
        clipboard.clear()
        await keys.end()

    play(scene)


def test_closing_drops_everything(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        main = await keys.add("Main")
        words = (await keys.words(main)).split()
        dialog = await revealed(keys, Secret.PHRASE)
        labels = dialog.findChildren(QLabel)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        assert not set(words) & {label.text() for label in labels}
        await keys.end()

    play(scene)


def test_a_refusal_shows_nothing(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        main = await keys.add("Main")
        keys.asker.answer = None
        dialog = RevealDialog(
            keys.keychain, keys.gate, keys.bridge, SecretClipboard(), main, Secret.PHRASE
        )
        dialog.open()
        show = named(dialog, QPushButton, "showSecretButton")
        show.click()
        assert not show.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        await until(show.isEnabled)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        await keys.end()

    play(scene)


def test_a_key_is_exported_under_a_password(
    play: Play, keys: IdentityStage, tmp_path: Path
) -> None:
    async def scene(_: Stage) -> None:
        pasted = await keys.add_pasted()
        dialog = ExportDialog(keys.keychain, keys.gate, keys.bridge, pasted)
        dialog.open()
        choose = named(dialog, QPushButton, "chooseFileButton")
        assert not choose.isEnabled()
        assert named(dialog, QLineEdit, "newPassphraseEdit").accessibleName() == "New password"
        named(dialog, QLineEdit, "newPassphraseEdit").setText("river")
        named(dialog, QLineEdit, "repeatPassphraseEdit").setText("river")
        password = "four more words and a bridge"  # noqa: S105 - a test's own
        named(dialog, QLineEdit, "newPassphraseEdit").setText(password)
        named(dialog, QLineEdit, "repeatPassphraseEdit").setText(password)
        await until(choose.isEnabled)
        choose.click()
        choose.click()
        chooser = named(dialog, QFileDialog, "exportFileDialog")
        assert chooser.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        chooser.fileSelected.emit(str(tmp_path / "key.json"))
        chooser.reject()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()  # the file is being written
        status = named(dialog, QLabel, "exportStatus")
        await until(lambda: "read back" in status.text() and "seconds" not in status.text())
        assert "passphrase" not in texts(dialog)  # that is what opens the keys here
        assert named(dialog, QLineEdit, "newPassphraseEdit").text() == ""
        text = await asyncio.to_thread((tmp_path / "key.json").read_text, "utf-8")
        material = await asyncio.to_thread(material_from_keystore, text, password)
        assert material.address == pasted.address
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert not dialog.isVisible()
        await keys.end()

    play(scene)


def test_the_drill_helps_with_typos_and_forgets(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        main = await keys.add("Main")
        words = await keys.words(main)
        dialog = CheckBackupDialog(keys.keychain, keys.bridge, main)
        dialog.open()
        edit = named(dialog, QPlainTextEdit, "phraseEdit")
        problem = named(dialog, QLabel, "backupProblemLabel")
        QTest.keyClicks(edit, "abandn ")
        await until(lambda: "abandon" in problem.text())
        assert named(dialog, QLabel, "wordCountLabel").text() == "1 word so far"
        assert not edit.isUndoRedoEnabled()
        edit.setPlainText(words)
        named(dialog, QPushButton, "confirmButton").click()
        assert not edit.isEnabled()
        await until(named(dialog, QLabel, "backupGoodLabel").isVisible)
        assert not set(words.split()) & set(texts(dialog).split())
        assert keys.keychain.identities[0].is_backed_up
        dialog.close()
        await keys.end()

    play(scene)


def test_another_way_of_checking_forgets_what_was_typed(play: Play, keys: IdentityStage) -> None:
    async def scene(_: Stage) -> None:
        main = await keys.add("Main")
        dialog = CheckBackupDialog(keys.keychain, keys.bridge, main)
        dialog.open()
        QTest.keyClicks(named(dialog, QPlainTextEdit, "phraseEdit"), "zoo")
        named(dialog, QPushButton, "privateKeyWayButton").click()
        assert named(dialog, QPlainTextEdit, "phraseEdit").toPlainText() == ""
        key = named(dialog, QLineEdit, "privateKeyEdit")
        assert key.isVisible()
        assert key.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(key, "0x12")
        QTest.keyClick(key, Qt.Key.Key_Return)
        problem = named(dialog, QLabel, "backupProblemLabel")
        await until(problem.isVisible)
        assert "64 digits" in problem.text()
        QTest.keyClicks(key, "3")
        assert not problem.isVisible()
        dialog.close()
        assert key.text() == ""
        await keys.end()

    play(scene)


def test_an_exported_file_is_checked(play: Play, keys: IdentityStage, tmp_path: Path) -> None:
    async def scene(_: Stage) -> None:
        pasted = await keys.add_pasted()
        text = await keys.keychain.export(pasted.identity_id, SESAME, "bridge")
        await asyncio.to_thread((tmp_path / "key.json").write_text, text, "utf-8")
        dialog = CheckBackupDialog(keys.keychain, keys.bridge, pasted)
        dialog.open()
        assert not named(dialog, QPushButton, "phraseWayButton").isVisible()
        named(dialog, QPushButton, "keystoreWayButton").click()
        choose = named(dialog, QPushButton, "keystoreFileButton")
        choose.click()
        choose.click()
        chooser = named(dialog, QFileDialog, "keystoreFileDialog")
        chooser.fileSelected.emit(str(tmp_path / "key.json"))
        chooser.reject()
        assert named(dialog, QLabel, "keystoreFileName").text() == "key.json"
        password = named(dialog, QLineEdit, "keystorePasswordEdit")
        QTest.keyClicks(password, "bridge")
        QTest.keyClick(password, Qt.Key.Key_Return)
        await until(named(dialog, QLabel, "backupGoodLabel").isVisible)
        assert password.text() == ""
        dialog.close()
        await keys.end()

    play(scene)
