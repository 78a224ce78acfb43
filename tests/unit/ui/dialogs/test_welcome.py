"""The welcome wizard as a person drives it: by the names of its widgets, and by the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.ui.dialogs import welcome
from kayen_desktop.ui.dialogs.welcome import WelcomeWizard
from kayen_desktop.ui.presenters.welcome_screens import Onward, WelcomePage, WelcomeResult
from kayen_desktop.ui.theme import Scheme, apply_theme
from tests.unit.ui.keys import (
    ADDRESS,
    PHRASE,
    PRIVATE_KEY,
    STRONG,
    Passphrase,
    ShakyVault,
    loaded_keychain,
    write_keystore,
)
from tests.unit.ui.stage import Stage

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
P = WelcomePage
HIDDEN = "••••••••"


class Desk:
    """An open wizard on a keychain, and what came of it."""

    def __init__(self, stage: Stage, keychain: Keychain | None, start: WelcomePage) -> None:
        self.passphrase = Passphrase()
        self.results: list[WelcomeResult] = []
        self.ends: list[int] = []
        self.wizard = WelcomeWizard(keychain, stage.bridge, self.passphrase.authorize)
        self.strays = 0
        self.wizard.words_abandoned.connect(self._on_stray)
        self.wizard.finished_with.connect(self.results.append)
        self.wizard.finished.connect(self.ends.append)
        self.wizard.open()
        if start is P.CREATE:
            self.button("createKeyButton").click()
        elif start is P.BRING:
            self.button("bringKeyButton").click()

    def _on_stray(self) -> None:
        self.strays += 1

    def button(self, name: str) -> QPushButton:
        return named(self.wizard, QPushButton, name)

    def label(self, name: str) -> QLabel:
        return named(self.wizard, QLabel, name)

    def edit(self, name: str) -> QLineEdit:
        return named(self.wizard, QLineEdit, name)

    @property
    def phrase(self) -> QPlainTextEdit:
        return named(self.wizard, QPlainTextEdit, "phraseEdit")

    async def press(self, name: str) -> None:
        """Press the button once it can be pressed."""
        button = self.button(name)
        await until(lambda: button.isVisible() and button.isEnabled())
        button.click()

    def words(self, count: int = 12) -> list[str]:
        return [self.label(f"phraseWord{number}").text() for number in range(1, count + 1)]

    async def shown_words(self) -> list[str]:
        await self.press("showWordsButton")
        return self.words()

    async def answer(self, words: list[str], *, rightly: bool = True) -> None:
        first = self.button("answerButton1")
        await until(first.isEnabled)
        position = int(self.label("quizQuestion").text().rstrip("?").rpartition(" ")[2])
        choices = [self.button(f"answerButton{number}") for number in range(1, 7)]
        right = words[position - 1]
        next(each for each in choices if (each.text() == right) is rightly).click()

    async def to_check(self) -> list[str]:
        """Go on from the page with the name to the check, without a passphrase."""
        await self.press("nextButton")
        if self.button("skipPassphraseButton").isVisible():
            await self.press("skipPassphraseButton")
        words = await self.shown_words()
        await self.press("nextButton")
        return words


async def opened(
    stage: Stage, folder: Path, start: WelcomePage = P.CHOICE, *, is_file: bool = False
) -> tuple[Desk, Keychain]:
    """Return an open wizard and its keychain."""
    keychain = await loaded_keychain(folder, ShakyVault(is_file=is_file))
    return Desk(stage, keychain, start), keychain


def focused(desk: Desk) -> str:
    widget = desk.wizard.focusWidget()
    return widget.objectName() if widget is not None else ""


def test_practice_is_one_key_away(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, None, P.CHOICE)
        assert desk.wizard.objectName() == "welcomeWizard"
        assert desk.wizard.isModal()
        assert not desk.button("createKeyButton").isEnabled()
        assert not desk.button("bringKeyButton").isEnabled()
        assert desk.label("keychainWaiting").isVisible()
        QTest.keyClick(desk.wizard, Qt.Key.Key_Return)
        assert desk.results == [WelcomeResult(Onward.PRACTICE, None)]

    play(scene)


def test_a_keychain_that_comes_later_does_not_move_the_keyboard(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, None, P.CHOICE)
        desk.button("cancelButton").setFocus()
        desk.wizard.set_keychain(await loaded_keychain(tmp_path, ShakyVault()))
        assert focused(desk) == "cancelButton"
        assert desk.button("createKeyButton").isEnabled()
        assert not desk.label("keychainWaiting").isVisible()

    play(scene)


def test_a_keychain_that_does_not_open_can_be_tried_again(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, None, P.CHOICE)
        wishes: list[str] = []
        desk.wizard.retry_wanted.connect(lambda: wishes.append("again"))
        desk.wizard.refuse_keychain(VaultError(VaultProblem.KEYRING_LOCKED))
        notice = named(desk.wizard, QWidget, "welcomeNotice")
        assert notice.isVisible()
        await desk.press("retryButton")
        assert wishes == ["again"]
        assert not notice.isVisible()
        await desk.press("tryButton")
        assert desk.results == [WelcomeResult(Onward.PRACTICE, None)]

    play(scene)


def test_a_key_is_made_with_the_keyboard_alone(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path)
        wizard = desk.wizard

        def enter() -> None:
            QTest.keyClick(wizard.focusWidget() or wizard, Qt.Key.Key_Return)

        assert focused(desk) == "tryButton"
        QTest.keyClick(wizard.focusWidget(), Qt.Key.Key_Tab)
        assert focused(desk) == "createKeyButton"
        enter()
        assert focused(desk) == "keyNameEdit"
        desk.edit("keyNameEdit").selectAll()
        QTest.keyClicks(desk.edit("keyNameEdit"), "Rainy days")
        enter()
        assert focused(desk) == "newPassphraseEdit"
        QTest.keyClicks(desk.edit("newPassphraseEdit"), STRONG)
        QTest.keyClicks(desk.edit("repeatPassphraseEdit"), STRONG)
        await until(desk.button("nextButton").isEnabled)
        enter()
        await until(lambda: focused(desk) == "showWordsButton")
        assert desk.words() == [HIDDEN] * 12
        enter()
        words = desk.words()
        assert focused(desk) == "nextButton"
        enter()
        for _ in range(4):
            await until(lambda: focused(desk).startswith("answerButton"))
            position = int(desk.label("quizQuestion").text().rstrip("?").rpartition(" ")[2])
            for _ in range(6):
                button = wizard.focusWidget()
                assert isinstance(button, QPushButton)
                if button.text() == words[position - 1]:
                    break
                QTest.keyClick(button, Qt.Key.Key_Tab)
            enter()
        await until(lambda: focused(desk) == "practiceButton")
        assert desk.words() == [HIDDEN] * 12
        assert desk.edit("newPassphraseEdit").text() == ""
        enter()
        (identity,) = keychain.identities
        assert desk.results == [WelcomeResult(Onward.PRACTICE, identity)]
        assert (identity.name, identity.is_backed_up) == ("Rainy days", True)
        await keychain.verify(STRONG)

    play(scene)


def test_a_wrong_word_starts_over_and_says_why(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.CREATE)
        words = await desk.to_check()
        await desk.answer(words)
        await desk.answer(words, rightly=False)
        remark = desk.label("wordsRemark")
        assert remark.isVisible()
        assert "another word" in remark.text()
        assert desk.words() == [HIDDEN] * 12
        assert await desk.shown_words() == words
        await desk.press("nextButton")
        for _ in range(4):
            await desk.answer(words)
        await desk.press("liveWithKeyButton")
        assert desk.results == [WelcomeResult(Onward.LIVE, keychain.identities[0])]

    play(scene)


def test_the_check_can_wait(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.CREATE)
        await desk.press("words24Button")
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        await desk.press("showWordsButton")
        assert len(set(desk.words(24))) > 12
        await desk.press("nextButton")
        await desk.press("laterButton")
        await until(desk.button("practiceButton").isVisible)
        QTest.keyClick(desk.wizard, Qt.Key.Key_Escape)
        (identity,) = keychain.identities
        assert not identity.is_backed_up
        assert desk.results == [WelcomeResult(Onward.STAY, identity)]

    play(scene)


def test_words_disappear_when_another_window_comes_to_the_front(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        desk.wizard.activateWindow()
        await until(desk.wizard.isActiveWindow)
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        words = await desk.shown_words()
        assert HIDDEN not in words
        other = QWidget()
        other.show()
        other.activateWindow()
        await until(lambda: desk.words() == [HIDDEN] * 12)
        other.close()
        other.deleteLater()
        assert await desk.shown_words() == words
        desk.wizard.hide()
        desk.wizard.show()
        assert desk.words() == [HIDDEN] * 12

    play(scene)


def test_pages_with_secrets_are_shielded_and_the_others_not(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shield: list[bool] = []

    def shield_from_capture(window: QWidget) -> bool:
        assert window.isVisible()
        shield.append(True)
        return True

    monkeypatch.setattr(welcome, "shield_from_capture", shield_from_capture)
    monkeypatch.setattr(welcome, "unshield", lambda window: shield.append(False))

    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path)
        await desk.press("bringKeyButton")
        await desk.press("backButton")
        assert shield == [True, False]
        await desk.press("createKeyButton")
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        await until(desk.label("captureLabel").isVisible)
        assert shield == [True, False, True]
        assert "don't see this window" in desk.label("captureLabel").text()
        await desk.press("backButton")
        assert shield[-1] is False

    play(scene)


def test_where_nothing_blocks_captures_the_page_says_so(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        await until(desk.label("captureLabel").isVisible)
        assert "can't keep screenshots" in desk.label("captureLabel").text()

    play(scene)


def test_a_phrase_is_brought_typo_and_all(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.BRING)
        assert focused(desk) == "phraseEdit"
        QTest.keyClicks(desk.phrase, PHRASE.replace("junk", "jnuk "))
        await until(desk.label("bringProblemLabel").isVisible)
        assert "Word 12" in desk.label("bringProblemLabel").text()
        assert desk.button("suggestionButton1").text() == "junk"
        await desk.press("suggestionButton1")
        assert desk.phrase.toPlainText().split() == PHRASE.split()
        await until(desk.label("phraseFitsLabel").isVisible)
        assert not desk.button("suggestionButton1").isVisible()
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        assert desk.label("addressLabel").text().replace(" ", "") == ADDRESS
        await desk.press("copyAddressButton")
        assert QGuiApplication.clipboard().text() == ADDRESS
        desk.edit("broughtKeyNameEdit").setText("Old friend")
        await desk.press("confirmButton")
        await until(desk.button("practiceButton").isVisible)
        assert [each.name for each in keychain.identities] == ["Old friend"]
        assert desk.phrase.toPlainText() == ""

    play(scene)


def test_the_enter_key_goes_on_from_the_phrase(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.BRING)
        QTest.keyClick(desk.phrase, Qt.Key.Key_Return)
        assert desk.phrase.toPlainText() == ""
        desk.phrase.setPlainText(PHRASE)
        QTest.keyClick(desk.phrase, Qt.Key.Key_Return)
        await desk.press("skipPassphraseButton")
        assert desk.label("addressLabel").text().replace(" ", "") == ADDRESS

    play(scene)


def test_a_number_of_the_phrase_can_be_chosen(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.BRING)
        index = desk.edit("accountIndexEdit")
        assert not index.isVisible()
        await desk.press("advancedButton")
        assert index.isVisible()
        desk.phrase.setPlainText(PHRASE)
        index.setText("7000000000")
        await desk.press("nextButton")
        await until(desk.label("bringProblemLabel").isVisible)
        index.setText("1")
        assert not desk.label("bringProblemLabel").isVisible()
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        assert "Account 1 of" in desk.label("accountLabel").text()

    play(scene)


def test_a_private_key_is_hidden_and_leaves_no_trace(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.BRING)
        desk.phrase.setPlainText(PRIVATE_KEY)
        await desk.press("switchWayButton")
        edit = desk.edit("privateKeyEdit")
        assert focused(desk) == "privateKeyEdit"
        assert edit.isVisible()
        assert edit.text() == PRIVATE_KEY
        assert edit.echoMode() is QLineEdit.EchoMode.Password
        await desk.press("showPrivateKeyButton")
        assert edit.echoMode() is QLineEdit.EchoMode.Normal
        for widget in desk.wizard.findChildren(QWidget):
            texts = (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
            assert PRIVATE_KEY not in texts
        QTest.keyClick(desk.wizard, Qt.Key.Key_Escape)
        assert desk.ends == [0]
        assert desk.results == []
        edit.undo()
        assert edit.text() == ""
        assert desk.phrase.toPlainText() == ""

    play(scene)


def test_a_key_file_is_chosen_in_a_dialog_of_its_own(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.BRING)
        path = write_keystore(tmp_path, "password of the file")
        await desk.press("keystoreWayButton")
        await desk.press("keystoreFileButton")
        dialog = named(desk.wizard, QFileDialog, "keystoreFileDialog")
        assert dialog.isVisible()
        dialog.fileSelected.emit(str(path))
        dialog.close()
        await until(lambda: desk.label("keystoreFileName").text() == path.name)
        password = desk.edit("keystorePasswordEdit")
        assert password.echoMode() is QLineEdit.EchoMode.Password
        password.setText("something else")
        await desk.press("nextButton")
        await until(desk.label("bringProblemLabel").isVisible)
        password.setText("password of the file")
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        await desk.press("confirmButton")
        await until(desk.button("practiceButton").isVisible)
        assert keychain.identities[0].address == ADDRESS
        assert password.text() == ""

    play(scene)


def test_the_second_half_of_a_double_click_confirms_nothing(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.BRING)
        desk.phrase.setPlainText(PHRASE)
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        confirm = desk.button("confirmButton")
        QTest.mouseDClick(confirm, Qt.MouseButton.LeftButton)
        QTest.mouseRelease(confirm, Qt.MouseButton.LeftButton)
        assert confirm.isEnabled()
        QTest.mouseClick(confirm, Qt.MouseButton.LeftButton)
        assert not confirm.isEnabled()
        assert confirm.text() == "Working…"
        await until(desk.button("practiceButton").isVisible)
        assert len(keychain.identities) == 1

    play(scene)


def test_nothing_is_left_half_kept_by_leaving(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, keychain = await opened(stage, tmp_path, P.CREATE)
        asked, answer = asyncio.Event(), asyncio.get_running_loop().create_future()

        async def authorize(act: Act) -> str:
            asked.set()
            return str(await answer)

        desk.wizard.close()
        assert desk.ends == [0]
        await keychain.change_passphrase("", STRONG)
        desk.wizard = WelcomeWizard(keychain, stage.bridge, authorize)
        desk.wizard.finished.connect(desk.ends.append)
        desk.wizard.open()
        desk.button("createKeyButton").click()
        await desk.to_check()
        await desk.press("laterButton")
        await asked.wait()
        QTest.keyClick(desk.wizard, Qt.Key.Key_Escape)
        desk.wizard.close()
        assert desk.wizard.isVisible()
        assert not desk.button("laterButton").isEnabled()
        answer.set_result(STRONG)
        await until(desk.button("practiceButton").isVisible)
        assert len(keychain.identities) == 1

    play(scene)


def test_a_vault_that_fails_leaves_the_words_here(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        vault = ShakyVault()
        keychain = await loaded_keychain(tmp_path, vault)
        desk = Desk(stage, keychain, P.CREATE)
        words = await desk.to_check()
        vault.problem = VaultProblem.FULL
        for _ in range(4):
            await desk.answer(words)
        notice = named(desk.wizard, QWidget, "welcomeNotice")
        await until(notice.isVisible)
        assert "Nothing is lost" in named(notice, QLabel, "noticeSafe").text()
        assert desk.button("nextButton").text() == "Keep the key"
        assert await desk.shown_words() == words
        vault.problem = None
        await desk.press("nextButton")
        await until(desk.button("practiceButton").isVisible)
        assert keychain.identities[0].is_backed_up

    play(scene)


def test_a_vault_of_files_says_why_and_takes_no_weak_passphrase(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE, is_file=True)
        await desk.press("nextButton")
        assert "no keyring" in desk.label("passphraseWhy").text()
        assert not desk.button("skipPassphraseButton").isVisible()
        desk.edit("newPassphraseEdit").setText("password")
        desk.edit("repeatPassphraseEdit").setText("password")
        await until(desk.label("newPassphraseProblem").isVisible)
        assert not desk.button("nextButton").isEnabled()
        desk.edit("newPassphraseEdit").setText(STRONG)
        desk.edit("repeatPassphraseEdit").setText(STRONG)
        await until(desk.button("nextButton").isEnabled)

    play(scene)


def test_going_back_to_the_choice_forgets_the_passphrase(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path)
        await desk.press("createKeyButton")
        await desk.press("nextButton")
        for name in ("newPassphraseEdit", "repeatPassphraseEdit"):
            desk.edit(name).setText(STRONG)
        await until(desk.button("nextButton").isEnabled)
        await desk.press("backButton")
        assert desk.edit("newPassphraseEdit").text() == STRONG
        await desk.press("backButton")
        assert desk.edit("newPassphraseEdit").text() == ""
        assert desk.edit("repeatPassphraseEdit").text() == ""

    play(scene)


def test_the_tab_key_follows_the_eye(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path)
        await desk.press("bringKeyButton")
        desk.phrase.setPlainText("test jnuk ")
        await until(desk.button("suggestionButton1").isVisible)
        order = [focused(desk)]
        QTest.keyClick(desk.wizard.focusWidget(), Qt.Key.Key_Tab)
        while focused(desk) != order[0]:
            order.append(focused(desk))
            QTest.keyClick(desk.wizard.focusWidget(), Qt.Key.Key_Tab)
        hints = [f"suggestionButton{number}" for number in (1, 2, 3)]
        assert order == [
            "phraseEdit",
            *(name for name in hints if desk.button(name).isVisible()),
            "advancedButton",
            "cancelButton",
            "backButton",
            "nextButton",
            "phraseWayButton",
        ]

    play(scene)


def test_every_control_has_a_name_and_every_text_is_plain(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        await desk.to_check()
        await until(desk.button("answerButton1").isEnabled)
        wizard = desk.wizard
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit):
            for control in wizard.findChildren(kind):
                assert control.accessibleName(), control.objectName()
        for label in wizard.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText, label.text()

    play(scene)


def test_closing_before_the_work_begins_drops_it(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        desk.wizard.close()
        await stage.bridge.stop()

    play(scene)


def test_it_can_be_drawn_in_light_and_dark(play: Play, tmp_path: Path, qapp: QApplication) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path)
        pictures = []
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(qapp, scheme)
            pictures.append(desk.wizard.grab().toImage())
        apply_theme(qapp, Scheme.SYSTEM)
        assert pictures[0] != pictures[1]

    play(scene)


def test_closing_after_the_words_were_shown_says_so_once(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        await desk.press("nextButton")
        await desk.press("skipPassphraseButton")
        await until(desk.button("showWordsButton").isVisible)
        desk.wizard.reject()
        assert desk.strays == 0  # they were never on the screen
        desk, _ = await opened(stage, tmp_path, P.CREATE)
        await desk.to_check()
        desk.wizard.reject()
        desk.wizard.reject()
        assert desk.strays == 1

    play(scene)
