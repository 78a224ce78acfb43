"""What the venue wants of the wallet as a person reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from kayen_desktop.domain.events import WalletAsked, WalletRequest
from kayen_desktop.ui.dialogs.wallet_request import WalletRequestDialog
from tests.unit.ui.stage import KAYEN, Stage

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
TRANSACTION = WalletAsked(WalletRequest.TRANSACTION, (("to", KAYEN.address), ("gas_limit", "2")))


def opened(stage: Stage) -> WalletRequestDialog:
    """Return the open dialog."""
    dialog = WalletRequestDialog(stage.session)
    dialog.open()
    return dialog


def test_a_request_can_be_read_and_copied_and_nothing_else(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.tell(TRANSACTION)
        dialog = opened(stage)
        assert dialog.objectName() == "walletRequestDialog"
        assert named(dialog, QLabel, "walletSafe").text().startswith("Nothing was signed")
        assert "signs nothing" in named(dialog, QLabel, "walletRequestWhy").text()
        dialog.findChildren(QPushButton, "copyButton")[0].click()
        assert QGuiApplication.clipboard().text() == KAYEN.address
        named(dialog, QPushButton, "copyRequestButton").click()
        assert "gas_limit: 2" in QGuiApplication.clipboard().text()
        names = {button.objectName() for button in dialog.findChildren(QPushButton)}
        assert names == {"copyButton", "copyRequestButton", "doneButton"}
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert not dialog.isVisible()

    play(scene)


def test_it_follows_what_the_venue_asks(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        dialog = opened(stage)
        nothing = named(dialog, QLabel, "walletNothing")
        assert nothing.isVisible()
        assert not named(dialog, QLabel, "walletSafe").isVisible()
        stage.tell(TRANSACTION, TRANSACTION, WalletAsked(WalletRequest.SESSION_KEY))
        await until(lambda: len(dialog.findChildren(QFrame, "walletRequestCard")) == 2)
        assert not nothing.isVisible()
        times = [label.text() for label in dialog.findChildren(QLabel, "walletRequestTime")]
        assert times[1].startswith("Asked 2 times, last at")

    play(scene)


def test_hostile_details_do_not_widen_it(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        evil = ("W" * 10_000, "<b>\u202e" + "W" * 10_000)
        stage.tell(WalletAsked(WalletRequest.TRANSACTION, (evil,) * 7))
        dialog = opened(stage)
        assert named(dialog, QFrame, "walletRequestCard").width() <= dialog.width()
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText
            assert "\u202e" not in label.text()

    play(scene)
