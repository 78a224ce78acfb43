"""The first signature of a key at a venue is explained and agreed to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget

from kayen_desktop.domain.errors import NotAuthorizedError
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.keys.lock import Lock
from kayen_desktop.ui.dialogs.signature import SignatureConsent, SignatureDialog
from kayen_desktop.ui.notices.keys import signing_text
from tests.unit.ui.stage import Stage

from .conftest import OFFSCREEN_NOISE, Scene, named, until

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
ADDRESS = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
TEXT = "3c9f6f2e-6f0a-4d3f-9a35-1b1cb4b8d5a1"
MEANING = SignatureMeaning(SigningPurpose.CLEARPORT_CHALLENGE, "Clearport", ADDRESS, TEXT)


class Trader:
    """Remembers what was agreed to; the question comes over a window."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.window.show()
        self.agreed: list[SignatureMeaning] = []
        self.lock = Lock(any_passphrase, lambda: 0.0)
        self.lock.is_armed = True
        self.consent = SignatureConsent(
            self.window,
            self.lock,
            "Kayen",
            lambda meaning: any(each.address == meaning.address for each in self.agreed),
            self.agreed.append,
        )

    def ask(self) -> asyncio.Future[None]:
        return asyncio.ensure_future(self.consent(MEANING))


async def any_passphrase(passphrase: str) -> None:
    """Find every passphrase right."""


def dialogs() -> list[SignatureDialog]:
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    return [each for each in shown if isinstance(each, SignatureDialog)]


async def shown() -> SignatureDialog:
    await until(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def test_all_that_is_signed_is_shown_and_a_yes_is_remembered(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        trader = Trader()
        first, second = trader.ask(), trader.ask()
        dialog = await shown()
        assert dialog.objectName() == "signatureDialog"
        assert named(dialog, QLabel, "signatureSentence").text() == signing_text(MEANING)
        assert named(dialog, QLabel, "signatureVenue").text() == "Kayen"
        assert named(dialog, QLabel, "signatureAddress").text() == ADDRESS
        text = named(dialog, QPlainTextEdit, "signedText")
        assert text.toPlainText() == TEXT
        assert text.isReadOnly()
        named(dialog, QPushButton, "copyAddressButton").click()
        assert QGuiApplication.clipboard().text() == ADDRESS
        # The Enter key, or a double click, that was meant for what stood here before signs nothing.
        QTest.keyClick(text, Qt.Key.Key_Return)
        sign = named(dialog, QPushButton, "confirmButton")
        QTest.mouseDClick(sign, Qt.MouseButton.LeftButton)
        assert dialogs() == [dialog]
        sign.setFocus()
        QTest.keyClick(sign, Qt.Key.Key_Space)
        await first
        await second  # agreed to while it waited: it is not asked again
        assert trader.agreed == [MEANING]
        await trader.ask()
        assert not dialogs()

    play(scene)


@pytest.mark.parametrize("way", ["button", "escape", "window"])
def test_not_now_signs_nothing_and_is_asked_again(play: Play, way: str) -> None:
    async def scene(stage: Stage) -> None:
        trader = Trader()
        question = trader.ask()
        dialog = await shown()
        match way:
            case "button":
                named(dialog, QPushButton, "cancelButton").click()
            case "escape":
                QTest.keyClick(dialog, Qt.Key.Key_Escape)
            case _:
                trader.window.close()
        with pytest.raises(NotAuthorizedError):
            await question
        assert trader.agreed == []
        trader.window.show()
        again = trader.ask()
        named(await shown(), QPushButton, "confirmButton").click()
        await again

    play(scene)


def test_nobody_is_asked_while_the_application_is_locked(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        trader = Trader()
        trader.lock.lock()
        question = trader.ask()
        await asyncio.sleep(0)
        assert not dialogs()
        await trader.lock.unlock("any")
        named(await shown(), QPushButton, "confirmButton").click()
        await question

    play(scene)


def test_when_the_application_stops_the_question_goes(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        trader = Trader()
        question = trader.ask()
        await shown()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        assert not dialogs()

    play(scene)


def test_long_and_odd_texts_are_shown_as_they_are(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        text = "<b>" + "a" * 250
        meaning = SignatureMeaning(MEANING.purpose, "Clearport", ADDRESS, text)
        dialog = SignatureDialog(meaning, "<i>Kayen</i>")
        dialog.open()
        shown_text = named(dialog, QPlainTextEdit, "signedText")
        assert shown_text.toPlainText() == text
        assert not shown_text.verticalScrollBar().isVisible()
        assert dialog.width() == dialog.minimumWidth()
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText
        for control in dialog.findChildren(QPushButton):
            assert control.accessibleName(), control.objectName()
        dialog.reject()

    play(scene)
