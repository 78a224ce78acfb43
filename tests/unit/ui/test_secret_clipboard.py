"""The clipboard that forgets: what it copies, what it leaves alone, what it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.secret_clipboard import SecretClipboard

SECRET = "0x" + "4f" * 32


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[QClipboard]:
    """Yield the system's clipboard, empty before and after."""
    system = QGuiApplication.clipboard()
    system.clear()
    yield system
    system.clear()


def test_a_secret_is_copied_and_marked_as_one(clipboard: QClipboard) -> None:
    ours = SecretClipboard()
    assert ours.copy(SECRET)
    assert clipboard.text() == SECRET
    assert ours.is_holding
    marked = clipboard.mimeData()
    assert marked.hasFormat("x-kde-passwordManagerHint")
    assert bytes(marked.data("x-kde-passwordManagerHint").data()) == b"secret"
    assert marked.hasFormat("ExcludeClipboardContentFromMonitorProcessing")
    assert bytes(marked.data("CanIncludeInClipboardHistory").data()) == bytes(4)


def test_it_is_cleared_after_a_while(clipboard: QClipboard, qtbot: QtBot) -> None:
    ours = SecretClipboard(clear_after_ms=5)
    with qtbot.waitSignal(ours.cleared):
        assert ours.copy(SECRET)
    assert clipboard.text() == ""
    assert not ours.is_holding


def test_what_somebody_copied_afterwards_stays(clipboard: QClipboard, qtbot: QtBot) -> None:
    ours, other = SecretClipboard(clear_after_ms=5), SecretClipboard(clear_after_ms=20)
    assert ours.copy(SECRET)
    clipboard.setText("an address")
    assert not ours.is_holding
    with qtbot.waitSignal(other.cleared), qtbot.assertNotEmitted(ours.cleared):
        # The other one's later turn tells that ours has passed.
        assert other.copy("an address")
    clipboard.setText("an address")
    ours.clear()
    assert clipboard.text() == "an address"


def test_a_second_secret_takes_the_place_of_the_first(clipboard: QClipboard) -> None:
    ours = SecretClipboard()
    assert ours.copy("the first")
    assert ours.copy(SECRET)
    assert clipboard.text() == SECRET
    ours.clear()
    assert clipboard.text() == ""


def test_clearing_twice_tells_once(clipboard: QClipboard, qtbot: QtBot) -> None:
    ours = SecretClipboard()
    told: list[None] = []
    ours.cleared.connect(lambda: told.append(None))
    ours.copy(SECRET)
    ours.clear()
    ours.clear()
    assert len(told) == 1


def test_it_is_cleared_at_the_end_of_the_application(
    clipboard: QClipboard, qapp: QApplication
) -> None:
    ours = SecretClipboard()
    ours.copy(SECRET)
    qapp.aboutToQuit.emit()
    assert clipboard.text() == ""
    assert not ours.is_holding


def test_the_object_does_not_hold_the_secret(clipboard: QClipboard) -> None:
    ours = SecretClipboard()
    ours.copy(SECRET)
    held = repr(vars(ours)) + repr(ours)
    assert SECRET not in held
    assert SECRET[2:] not in held
    # No key, no guess: the digest is not one that anybody could compute from the secret alone.
    other = SecretClipboard()
    assert not other.is_holding


class _DeafClipboard:
    """A clipboard that somebody else took the moment something was put there."""

    def __init__(self, *, is_ours: bool) -> None:
        self.is_ours = is_ours
        self.is_cleared = False

    def setMimeData(self, data: QMimeData) -> None:
        self.refused = data

    def text(self) -> str:
        return "something else"

    def ownsClipboard(self) -> bool:
        return self.is_ours

    def clear(self) -> None:
        self.is_cleared = True


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_clipboard_that_did_not_take_it_is_told(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    deaf = _DeafClipboard(is_ours=is_ours)
    ours = SecretClipboard()
    monkeypatch.setattr("kayen_desktop.ui.secret_clipboard._clipboard", lambda: deaf)
    assert not ours.copy(SECRET)
    assert not ours.is_holding
    # Half of a secret that is still ours is taken away; what is somebody else's is not.
    assert deaf.is_cleared is is_ours
