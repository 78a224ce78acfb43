"""The dialog for a forgotten passphrase as a person sees it and drives it by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.ui.dialogs.forgotten import ForgottenDialog
from kayen_desktop.ui.formatting import short_address
from kayen_desktop.ui.notices.locking import FORGOTTEN_NO_KEYS, FORGOTTEN_TYPED
from kayen_desktop.ui.presenters.forgotten import THINKING_S
from kayen_desktop.ui.theme import Scheme, apply_theme
from tests.unit.ui.stage import Stage

from .conftest import OFFSCREEN_NOISE, Scene, named, tab_order, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MAIN = Identity(
    "1", "Main key", "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C", KeyOrigin.CREATED, NOON,
    "m/44'/60'/0'/0/0", NOON,
)  # fmt: skip
BARE = Identity(
    "2", "<b>Savings</b>", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", KeyOrigin.PRIVATE_KEY, NOON
)


class Desk:
    """An open dialog over a window, and what came of it."""

    def __init__(self, stage: Stage, *identities: Identity, account: str = "") -> None:
        self.asked = 0
        self.problem: VaultError | None = None
        self.ends: list[int] = []
        self.window = QWidget()
        self.window.show()
        self.now = 0.0
        self.dialog = ForgottenDialog(
            identities,
            self._remove,
            stage.bridge,
            self.window,
            account=account,
            clock=lambda: self.now,
        )
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self.dialog.finished.connect(self.ends.append)
        self.dialog.open()
        self.edit = named(self.dialog, QLineEdit, "typedConfirmationEdit")
        self.again = named(self.dialog, QPushButton, "cancelButton")
        self.confirm = named(self.dialog, QPushButton, "confirmButton")

    async def think(self) -> None:
        """Let the half minute pass."""
        assert self.texts("forgottenWait")
        self.now += THINKING_S
        await until(lambda: not self.texts("forgottenWait"))

    async def _remove(self) -> None:
        self.asked += 1
        if self.problem is not None:
            raise self.problem

    def texts(self, name: str = "") -> list[str]:
        labels = self.dialog.findChildren(QLabel, name) if name else self.all_labels()
        return [each.text() for each in labels if each.isVisibleTo(self.dialog)]

    def all_labels(self) -> list[QLabel]:
        return self.dialog.findChildren(QLabel)


def test_it_names_every_key_and_its_backup(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN, BARE)
        assert desk.dialog.objectName() == "forgottenDialog"
        assert desk.dialog.windowModality() is Qt.WindowModality.WindowModal
        assert desk.texts("forgottenName") == ["Main key", "<b>Savings</b>"]
        assert desk.texts("forgottenAddress") == [
            short_address(MAIN.address),
            short_address(BARE.address),
        ]
        shown = " ".join(each.text() for each in desk.all_labels())
        assert MAIN.address not in shown  # on a locked screen
        assert desk.texts("forgottenBackup") == [
            "Backup checked on 21 Nov 2026",
            "No backup was ever checked",
        ]
        warning = named(desk.dialog, QWidget, "forgottenWarning")
        assert warning.property("severity") == "critical"
        assert desk.texts("forgottenSignedIn") == []
        for label in desk.all_labels():
            assert label.textFormat() is Qt.TextFormat.PlainText

    play(scene)


def test_who_is_signed_in_hears_what_that_means(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN, account=MAIN.address)
        assert "open positions stay open" in desk.texts("forgottenSignedIn")[0]
        warning = named(desk.dialog, QWidget, "forgottenWarning")
        assert warning.property("severity") == "warning"

    play(scene)


def test_without_a_key_there_is_nothing_to_lose(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage)
        assert FORGOTTEN_NO_KEYS in desk.texts()
        assert desk.dialog.findChildren(QWidget, "forgottenWarning") == []

    play(scene)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_what_comes_first_to_hand_is_trying_again(play: Play, key: Qt.Key) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN)
        assert desk.dialog.focusWidget() is desk.again
        assert desk.again.text() == "Try typing it again"
        QTest.keyClick(desk.again, key)
        assert desk.ends == [0]
        assert desk.asked == 0

    play(scene)


def test_the_enter_key_in_the_field_removes_nothing(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN)
        QTest.keyClicks(desk.edit, FORGOTTEN_TYPED)
        QTest.keyClick(desk.edit, Qt.Key.Key_Return)
        assert desk.ends == [0]
        assert desk.asked == 0
        assert desk.edit.text() == ""

    play(scene)


def test_the_keys_are_removed_with_the_keyboard_alone(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN, BARE)
        assert not desk.confirm.isEnabled()
        QTest.keyClicks(desk.edit, "delete my keys")
        assert "capital letters" in desk.texts("forgottenProblemLabel")[0]
        assert desk.edit.accessibleDescription()
        desk.edit.clear()
        QTest.keyClicks(desk.edit, FORGOTTEN_TYPED)
        assert desk.texts("forgottenProblemLabel") == []
        assert not desk.confirm.isEnabled()
        assert desk.texts("forgottenWait") == ["You can remove the keys in 30 s."]
        await desk.think()
        assert desk.confirm.isEnabled()
        desk.again.setFocus()
        assert tab_order(desk.dialog) == ["cancelButton", "confirmButton", "typedConfirmationEdit"]
        QTest.keyClick(desk.confirm, Qt.Key.Key_Space)
        assert not desk.confirm.isEnabled()
        assert not desk.again.isEnabled()
        desk.dialog.reject()  # it is under way
        assert desk.ends == []
        await until(lambda: desk.ends == [1])
        assert desk.asked == 1
        assert desk.edit.text() == ""

    play(scene)


def test_a_failure_is_shown_and_can_be_tried_again(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN)
        desk.problem = VaultError(VaultProblem.KEYRING_FAILED, "no reply")
        desk.edit.setText(FORGOTTEN_TYPED)
        desk.confirm.click()
        assert desk.asked == 0
        await desk.think()
        desk.confirm.click()
        notice = named(desk.dialog, QWidget, "forgottenNotice")
        await until(notice.isVisible)
        assert "could not be removed" in notice.accessibleName()
        desk.problem = None
        desk.confirm.click()
        await until(lambda: desk.ends == [1])

    play(scene)


def test_it_goes_with_the_screen_below(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN)
        desk.window.hide()
        assert desk.ends == [0]

    play(scene)


def test_every_control_has_a_name_and_it_looks_right_in_light_and_dark(
    play: Play, qapp: QApplication
) -> None:
    async def scene(stage: Stage) -> None:
        desk = Desk(stage, MAIN, BARE)
        for control in (desk.edit, desk.again, desk.confirm):
            assert control.accessibleName()
        pictures = []
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(qapp, scheme)
            pictures.append(desk.dialog.grab().toImage())
        assert pictures[0] != pictures[1]
        apply_theme(qapp, Scheme.SYSTEM)

    play(scene)
