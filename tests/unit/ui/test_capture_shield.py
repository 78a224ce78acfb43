"""Windows with secrets are kept out of captures where the system can, and nothing is pretended."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kayen_desktop.ui import capture_shield
from kayen_desktop.ui.capture_shield import (
    macos_obeys,
    set_affinity,
    set_sharing,
    shield_from_capture,
    unshield,
)
from kayen_desktop.ui.widgets.passphrase_entry import SecretEdit, ShowButton

EXCLUDE, MONITOR, NONE = 0x11, 0x1, 0x0


class User32:
    """What Windows does with display affinities; ``known`` are those of its version."""

    def __init__(self, *known: int, obeys: bool = True) -> None:
        self.known = known
        self.obeys = obeys
        self.windows: dict[int | None, int] = {}

    def SetWindowDisplayAffinity(self, handle: ctypes.c_void_p, wish: ctypes.c_uint32) -> int:
        if wish.value not in self.known:
            return 0
        if self.obeys:
            self.windows[handle.value] = wish.value
        return 1

    def GetWindowDisplayAffinity(self, handle: ctypes.c_void_p, into: Any) -> int:
        found = self.windows.get(handle.value, NONE)
        ctypes.cast(into, ctypes.POINTER(ctypes.c_uint32))[0] = found
        return 1


def test_nothing_is_promised_where_the_system_has_no_such_thing(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    assert not shield_from_capture(window)
    unshield(window)


def test_windows_leaves_the_window_out_of_captures() -> None:
    user32 = User32(EXCLUDE, MONITOR, NONE)
    assert set_affinity(user32, 42, (EXCLUDE, MONITOR))
    assert user32.windows == {42: EXCLUDE}
    assert set_affinity(user32, 42, (NONE,))
    assert user32.windows == {42: NONE}


def test_an_older_windows_blackens_it() -> None:
    user32 = User32(MONITOR, NONE)
    assert set_affinity(user32, 42, (EXCLUDE, MONITOR))
    assert user32.windows == {42: MONITOR}


def test_a_wish_that_is_not_in_force_is_no_shield() -> None:
    assert not set_affinity(User32(EXCLUDE, MONITOR, obeys=False), 42, (EXCLUDE, MONITOR))
    assert not set_affinity(User32(), 42, (EXCLUDE, MONITOR))


MESSAGE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)


class Selectors:
    """Gives each selector a number of its own, as the Objective-C runtime does."""

    restype: object = None

    def __init__(self) -> None:
        self.names: list[bytes] = []

    def __call__(self, name: bytes) -> int:
        self.names.append(name)
        return len(self.names)


class Objc:
    """An Objective-C runtime with one view (7) in one window (9)."""

    def __init__(self, window: int = 9) -> None:
        self.sel_registerName = Selectors()
        self.sharing: list[int] = []
        self._window = window
        self.objc_msgSend = MESSAGE(self._send)

    def _send(self, receiver: int, selector: int, argument: int) -> int:
        name = self.sel_registerName.names[selector - 1]
        if (receiver, name) == (7, b"window"):
            return self._window
        assert (receiver, name) == (9, b"setSharingType:")
        self.sharing.append(argument)
        return 0


def test_macos_is_asked_not_to_share_the_window() -> None:
    objc = Objc()
    set_sharing(objc, 7, 0)
    set_sharing(objc, 7, 1)
    assert objc.sharing == [0, 1]


def test_a_view_without_a_window_is_left_alone() -> None:
    objc = Objc(window=0)
    set_sharing(objc, 7, 0)
    assert objc.sharing == []


@pytest.mark.parametrize(
    ("version", "obeys"),
    [("10.15.7", True), ("14.6.1", True), ("15.0", False), ("26.1", False), ("", False)],
)
def test_macos_is_believed_up_to_the_version_that_stopped_obeying(
    version: str, obeys: bool
) -> None:
    assert macos_obeys(version) is obeys


def test_what_two_parts_of_a_window_wish_ends_with_the_second(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    user32 = User32(EXCLUDE, MONITOR, NONE)
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "windows")
    monkeypatch.setattr(capture_shield, "_library", lambda _: user32)
    handle = int(window.winId())
    assert shield_from_capture(window, "typed")
    assert shield_from_capture(window)
    unshield(window)
    assert user32.windows == {handle: EXCLUDE}
    unshield(window, "typed")
    assert user32.windows == {handle: NONE}
    unshield(window, "typed")
    assert user32.windows == {handle: NONE}


def test_what_is_typed_is_shielded_while_it_is_shown(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    user32 = User32(EXCLUDE, MONITOR, NONE)
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "windows")
    monkeypatch.setattr(capture_shield, "_library", lambda _: user32)
    edits = SecretEdit("one", "One"), SecretEdit("two", "Two")
    buttons = [ShowButton(edit) for edit in edits]
    column = QVBoxLayout(window)
    for edit, button in zip(edits, buttons, strict=True):
        column.addLayout(button.beside(edit))
    window.show()
    handle = int(window.winId())
    buttons[0].click()
    assert user32.windows == {handle: EXCLUDE}
    assert edits[0].echoMode() is QLineEdit.EchoMode.Normal
    buttons[1].click()
    buttons[0].click()
    assert user32.windows == {handle: EXCLUDE}
    buttons[1].setChecked(False)
    assert user32.windows == {handle: NONE}
