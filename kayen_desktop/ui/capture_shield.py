"""Keeps a window out of screenshots, recordings and shared screens, where the system can.

Decision: macOS is asked too, but from version 15 on nothing is claimed for it: its newer way of
recording the screen leaves the wish aside
(https://github.com/tauri-apps/tauri/issues/14200). A promise that does not hold is worse than none.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_WDA_NONE = 0x0
_WDA_MONITOR = 0x1  # black in every capture; all that Windows before 10 2004 knows
_WDA_EXCLUDE = 0x11  # not in any capture
_SHARING_NONE = 0
_SHARING_READ_ONLY = 1
_MACOS_IGNORES_IT = 15
_WISHES = "captureWishes"


def shield_from_capture(window: QWidget, wish: str = "window") -> bool:
    """Ask the system to leave the window out of captures; return whether it does from now on.

    The window must have been shown; a window that is made anew must be shielded anew. ``wish`` is
    the part of it that wants so: the shield stands until the last one takes its wish back.
    """
    window.setProperty(_WISHES, sorted({*_wishes(window), wish}))
    if QGuiApplication.platformName() == "windows":
        return set_affinity(_library("user32"), int(window.winId()), (_WDA_EXCLUDE, _WDA_MONITOR))
    if QGuiApplication.platformName() == "cocoa":
        set_sharing(_library("objc"), int(window.winId()), _SHARING_NONE)
        return macos_obeys(platform.mac_ver()[0])
    return False


def unshield(window: QWidget, wish: str = "window") -> None:
    """Let the window be captured again, unless another part of it wants to be shielded still."""
    left = sorted(_wishes(window) - {wish})
    window.setProperty(_WISHES, left)
    if left:
        return
    if QGuiApplication.platformName() == "windows":
        set_affinity(_library("user32"), int(window.winId()), (_WDA_NONE,))
    elif QGuiApplication.platformName() == "cocoa":
        set_sharing(_library("objc"), int(window.winId()), _SHARING_READ_ONLY)


def set_affinity(user32: Any, handle: int, wishes: tuple[int, ...]) -> bool:
    """Set the first display affinity that Windows takes; return whether one is in force.

    It is read back: Windows says yes to a window that it composes in another way, too.
    """
    for wish in wishes:
        in_force = ctypes.c_uint32(_WDA_NONE)
        is_set = user32.SetWindowDisplayAffinity(ctypes.c_void_p(handle), ctypes.c_uint32(wish))
        is_read = is_set and user32.GetWindowDisplayAffinity(
            ctypes.c_void_p(handle), ctypes.byref(in_force)
        )
        if is_read and in_force.value == wish:
            return True
    return False


def set_sharing(objc: Any, view: int, sharing: int) -> None:
    """Send the window of the NSView its ``setSharingType:``."""
    objc.sel_registerName.restype = ctypes.c_void_p
    send_pointer = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    send_number = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
    address = ctypes.cast(objc.objc_msgSend, ctypes.c_void_p).value or 0
    window = send_pointer(address)(view, objc.sel_registerName(b"window"))
    if window:
        send_number(address)(window, objc.sel_registerName(b"setSharingType:"), sharing)


def macos_obeys(version: str) -> bool:
    """Return whether this version of macOS ("14.6.1") keeps such a window out of recordings."""
    major = version.partition(".")[0]
    return major.isdecimal() and int(major) < _MACOS_IGNORES_IT


def _wishes(window: QWidget) -> frozenset[str]:
    return frozenset(window.property(_WISHES) or ())


def _library(name: str) -> Any:
    """Return a library of the system: user32 of Windows, objc of macOS."""
    if sys.platform == "win32":
        return ctypes.WinDLL(name)
    return ctypes.CDLL(f"/usr/lib/lib{name}.dylib")
