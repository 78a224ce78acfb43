"""The passphrase as a person types it: asked for, wrong, right, and chosen anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import (
    NotAuthorizedError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)
from kayen_desktop.keys.lock import Lock
from kayen_desktop.ui.dialogs.passphrase import (
    NewPassphraseFields,
    PassphraseAsker,
    PassphraseDialog,
)
from kayen_desktop.ui.notices.locking import act_words
from kayen_desktop.ui.widgets.passphrase_entry import SecretEdit
from tests.unit.ui.stage import Stage

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
RIGHT = "orbit lantern seventeen walrus"
WEAK = "monkey12"


class Vault:
    """Knows one passphrase; a test may make it wait or fail."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.gate: asyncio.Future[None] | None = None
        self.error: VaultError | None = None

    async def verify(self, passphrase: str) -> None:
        self.tried.append(passphrase)
        if self.gate is not None:
            await self.gate
        if self.error is not None:
            raise self.error
        if passphrase != RIGHT:
            raise WrongPassphraseError("It is wrong.")


class Desk:
    """A window, a lock and who asks; a question is asked in a task of its own."""

    def __init__(self, stage: Stage) -> None:
        self.now = 0.0
        self.vault = Vault()
        self.lock = Lock(self.vault.verify, lambda: self.now)
        self.lock.is_armed = True
        self.window = QWidget()
        self.window.show()
        self.asker = PassphraseAsker(self.window, stage.bridge, self.lock)

    def ask(self, act: Act = Act.REVEAL) -> asyncio.Task[str]:
        return asyncio.ensure_future(self.asker.ask(act, self.lock.verify))


def dialogs() -> list[PassphraseDialog]:
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    return [each for each in shown if isinstance(each, PassphraseDialog)]


async def shown() -> PassphraseDialog:
    await until(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def type_in(dialog: QWidget, text: str) -> None:
    edit = named(dialog, QLineEdit, "passphraseEdit")
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def said(dialog: QWidget, name: str) -> str:
    label = named(dialog, QLabel, name)
    return "" if label.isHidden() else label.text()


async def refused(question: asyncio.Task[str]) -> None:
    with pytest.raises(NotAuthorizedError):
        await question


def test_the_right_passphrase_is_handed_over(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask(Act.EXPORT)
        dialog = await shown()
        assert dialog.objectName() == "passphraseDialog"
        assert dialog.parent() is desk.window
        assert dialog.isModal()
        assert said(dialog, "actLabel") == act_words(Act.EXPORT).sentence
        type_in(dialog, RIGHT)
        assert await question == RIGHT
        assert not dialogs()
        assert desk.vault.tried == [RIGHT]

    play(scene)


def test_every_act_is_named_before_it_is_confirmed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        for act in Act:
            question = desk.ask(act)
            dialog = await shown()
            words = act_words(act)
            assert dialog.windowTitle() == words.title
            assert dialog.accessibleDescription() == words.sentence
            assert named(dialog, QPushButton, "confirmButton").text() == words.confirm
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            await refused(question)
            await until(lambda: not dialogs())

    play(scene)


def test_a_wrong_passphrase_is_told_and_can_be_typed_over(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask()
        dialog = await shown()
        type_in(dialog, "wrong")
        await until(lambda: "not your passphrase" in said(dialog, "passphraseProblem"))
        edit = named(dialog, QLineEdit, "passphraseEdit")
        assert edit.selectedText() == edit.text()
        assert edit.accessibleDescription() == said(dialog, "passphraseProblem")
        type_in(dialog, RIGHT)
        assert await question == RIGHT

    play(scene)


def test_nothing_typed_is_no_try(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask()
        dialog = await shown()
        named(dialog, QPushButton, "confirmButton").click()
        assert said(dialog, "passphraseProblem") == "Enter a passphrase."
        assert not desk.vault.tried
        named(dialog, QPushButton, "cancelButton").click()
        await refused(question)

    play(scene)


def test_while_it_is_checked_nothing_is_tried_again_but_it_can_be_left(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.vault.gate = asyncio.get_running_loop().create_future()
        question = desk.ask()
        dialog = await shown()
        type_in(dialog, RIGHT)
        await until(lambda: bool(desk.vault.tried))
        edit = named(dialog, QLineEdit, "passphraseEdit")
        assert said(dialog, "passphraseNote") == "Checking…"
        assert edit.isReadOnly()
        assert not named(dialog, QPushButton, "confirmButton").isEnabled()
        QTest.keyClick(edit, Qt.Key.Key_Return)
        assert len(desk.vault.tried) == 1
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await refused(question)
        desk.vault.gate.set_result(None)  # the answer comes too late and is dropped
        again = desk.ask()
        type_in(await shown(), RIGHT)
        assert await again == RIGHT

    play(scene)


def test_after_too_many_wrong_tries_the_pause_counts_down(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        for _ in range(6):
            desk.now += 60
            with pytest.raises(WrongPassphraseError):
                await desk.lock.verify("wrong")
        question = desk.ask()
        dialog = await shown()
        confirm = named(dialog, QPushButton, "confirmButton")
        assert said(dialog, "passphraseNote").endswith("You can try again in 2 s.")
        assert not confirm.isEnabled()
        type_in(dialog, RIGHT)
        assert len(desk.vault.tried) == 6
        desk.now += 1.5
        await until(lambda: said(dialog, "passphraseNote").endswith("in 1 s."))
        desk.now += 0.5
        await until(confirm.isEnabled)
        assert not said(dialog, "passphraseNote")
        confirm.click()
        assert await question == RIGHT

    play(scene)


def test_a_vault_that_fails_says_so(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.vault.error = VaultError(VaultProblem.KEYRING_LOCKED)
        question = desk.ask()
        dialog = await shown()
        type_in(dialog, RIGHT)
        await until(lambda: "keyring is locked" in said(dialog, "passphraseProblem"))
        dialog.reject()
        await refused(question)

    play(scene)


def test_a_question_ends_with_the_lock_the_window_and_the_task(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask()
        await shown()
        desk.lock.lock()
        await refused(question)
        await refused(desk.ask())  # nothing is asked while it is locked
        assert not dialogs()
        await desk.lock.unlock(RIGHT)

        question = desk.ask()
        await shown()
        desk.window.close()
        await refused(question)
        assert not dialogs()
        desk.window.show()

        question = desk.ask()
        await shown()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        assert not dialogs()

    play(scene)


def test_questions_come_one_after_the_other_over_the_dialog_on_top(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        below = QDialog(desk.window)
        below.setModal(True)
        below.show()
        first, second = desk.ask(Act.REVEAL), desk.ask(Act.EXPORT)
        dialog = await shown()
        assert dialog.parent() is below
        type_in(dialog, RIGHT)
        assert await first == RIGHT
        await until(lambda: [each.windowTitle() for each in dialogs()] == ["Export the key"])
        below.reject()
        await refused(second)
        assert not dialogs()

    play(scene)


def test_the_gate_asks_with_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        gate = Gate(desk.lock, lambda: True, desk.asker)
        question = asyncio.ensure_future(gate.authorize(Act.CLOSE_ACCOUNT))
        type_in(await shown(), RIGHT)
        assert await question == RIGHT

    play(scene)


def values_of(widget: QWidget) -> list[str]:
    """Return every property of the widget and of all in it, but what an edit must hold."""
    found = []
    for each in (widget, *widget.findChildren(QWidget)):
        meta = each.metaObject()
        names = [str(meta.property(number).name()) for number in range(meta.propertyCount())]
        names += [bytes(name.data()).decode() for name in each.dynamicPropertyNames()]
        # PySide's own mark, which can't be read, on what Qt made and Python has looked at.
        skipped = {"_PySideInvalidatePtr"}
        if isinstance(each, SecretEdit):
            skipped.add("text")
        found += [repr(each.property(name)) for name in names if name not in skipped]
        found += [each.accessibleName(), each.accessibleDescription(), repr(each)]
    return found


def test_what_is_typed_stands_nowhere_else_and_is_gone_afterwards(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask()
        dialog = await shown()
        edit = named(dialog, SecretEdit, "passphraseEdit")
        assert edit.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(edit, "hush-wrong")
        assert not [value for value in values_of(dialog) if "hush" in value]
        show = named(dialog, QPushButton, "showPassphraseButton")
        show.click()
        assert edit.echoMode() is QLineEdit.EchoMode.Normal
        dialog.reject()
        assert (edit.text(), edit.isUndoAvailable()) == ("", False)
        assert edit.echoMode() is QLineEdit.EchoMode.Password
        await refused(question)

    play(scene)


def test_every_control_of_the_question_has_a_name(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        question = desk.ask()
        dialog = await shown()
        for control in (*dialog.findChildren(QPushButton), *dialog.findChildren(QLineEdit)):
            assert control.accessibleName(), control.objectName()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert dialog.focusWidget() is named(dialog, QLineEdit, "passphraseEdit")
        assert tab_order(dialog) == [
            "passphraseEdit",
            "showPassphraseButton",
            "cancelButton",
            "confirmButton",
        ]
        dialog.reject()
        await refused(question)

    play(scene)


# Choosing a new one


class Chosen:
    """The two fields in a window of their own."""

    def __init__(self, stage: Stage, about: tuple[str, ...] = ()) -> None:
        self.fields = NewPassphraseFields(stage.bridge, about)
        self.fields.show()
        self.first = named(self.fields, QLineEdit, "newPassphraseEdit")
        self.second = named(self.fields, QLineEdit, "repeatPassphraseEdit")
        self.told = 0
        self.fields.changed.connect(self._count)

    def _count(self) -> None:
        self.told += 1

    @property
    def strength(self) -> str:
        return named(self.fields, QLabel, "strengthWords").text()

    @property
    def problem(self) -> str:
        return said(self.fields, "newPassphraseProblem")

    def levels(self) -> list[str]:
        bars = named(self.fields, QWidget, "strengthMeter").children()
        found = [each.property("level") for each in bars]
        return [each for each in found if each is not None]


def test_a_strong_passphrase_typed_twice_is_valid(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        assert chosen.fields.is_empty
        assert not chosen.fields.is_valid
        QTest.keyClicks(chosen.first, RIGHT)
        QTest.keyClicks(chosen.second, RIGHT[:5])
        assert not chosen.problem  # it is still being typed
        await until(lambda: chosen.strength.startswith("Strong"))
        assert chosen.levels() == ["good"] * 4
        assert not chosen.fields.is_valid
        told = chosen.told
        QTest.keyClicks(chosen.second, RIGHT[5:])
        assert chosen.told > told
        assert chosen.fields.is_valid
        assert chosen.fields.passphrase == RIGHT
        QTest.keyClicks(chosen.first, "!")
        assert not chosen.fields.is_valid
        chosen.fields.clear()
        assert chosen.fields.is_empty
        assert not chosen.first.isUndoAvailable()
        assert chosen.levels() == [""] * 4

    play(scene)


def test_a_weak_one_is_refused_in_words_and_colour(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        QTest.keyClicks(chosen.first, WEAK)
        await until(lambda: "guessing it would take" in chosen.strength)
        assert "bad" in chosen.levels()
        assert not chosen.problem
        QTest.keyClicks(chosen.second, WEAK)
        assert "too easy to guess" in chosen.problem
        assert chosen.second.accessibleDescription() == chosen.problem
        assert not chosen.fields.is_valid

    play(scene)


def test_two_that_differ_are_told_apart(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        QTest.keyClicks(chosen.first, RIGHT)
        QTest.keyClicks(chosen.second, "orbit lamp")
        assert "not the same" in chosen.problem
        await until(lambda: chosen.strength.startswith("Strong"))
        assert not chosen.fields.is_valid

    play(scene)


def test_words_about_the_trader_count_as_guessed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        QTest.keyClicks(chosen.first, "quackenbushzebulon")
        await until(lambda: "good" in chosen.levels())
        chosen.fields.set_about(("quackenbushzebulon",))
        await until(lambda: "bad" in chosen.levels())

    play(scene)


def test_fields_that_are_gone_are_not_drawn_when_their_measurement_ends(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        gone: list[bool] = []
        chosen.fields.destroyed.connect(lambda: gone.append(True))
        QTest.keyClicks(chosen.first, RIGHT)
        chosen.fields.deleteLater()
        await until(lambda: bool(gone))
        other = Chosen(stage)  # measured after the first: what crashed is found at the end
        QTest.keyClicks(other.first, RIGHT)
        await until(lambda: other.strength.startswith("Strong"))

    play(scene)


def test_a_field_that_is_gone_is_not_drawn_when_its_answer_comes(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        desk.vault.gate = asyncio.get_running_loop().create_future()
        question = desk.ask()
        dialog = await shown()
        type_in(dialog, RIGHT)
        await until(lambda: bool(desk.vault.tried))
        dialog.deleteLater()
        await refused(question)
        desk.vault.gate.set_result(None)
        again = desk.ask()
        type_in(await shown(), RIGHT)
        assert await again == RIGHT

    play(scene)


def test_one_button_shows_both_fields(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        chosen = Chosen(stage)
        show = named(chosen.fields, QPushButton, "showPassphraseButton")
        show.click()
        normal, hidden = QLineEdit.EchoMode.Normal, QLineEdit.EchoMode.Password
        assert [chosen.first.echoMode(), chosen.second.echoMode()] == [normal, normal]
        assert show.accessibleName() == "Hide what is typed"
        chosen.fields.clear()
        assert [chosen.first.echoMode(), chosen.second.echoMode()] == [hidden, hidden]
        assert chosen.fields.findChildren(QTimer) == []

    play(scene)
