"""Secrets on the clipboard: copied for sure, marked as secret, and gone after a minute."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import hmac
import secrets
import sys
from contextlib import suppress

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

CLEAR_AFTER_S = 60
# What keeps a secret out of clipboard histories and off other computers. Windows looks for these
# names (learn.microsoft.com, "Clipboard Formats"; a DWORD of zero is a no), KDE for the third.
_MARKS = {
    "ExcludeClipboardContentFromMonitorProcessing": b"1",
    "CanIncludeInClipboardHistory": bytes(4),
    "CanUploadToCloudClipboard": bytes(4),
    "x-kde-passwordManagerHint": b"secret",
}
# nspasteboard.org: the type whose presence alone tells managers on macOS to look away.
_CONCEALED = b"org.nspasteboard.ConcealedType"


class SecretClipboard(QObject):
    """Holds a digest of what it copied, never the secret; ``cleared`` once the secret is gone.

    What somebody copied afterwards is left alone. The owner of the application's lock calls
    ``clear`` when it locks; at the end of the application it is called by itself.
    """

    cleared = Signal()

    def __init__(
        self, parent: QObject | None = None, *, clear_after_ms: int = CLEAR_AFTER_S * 1000
    ) -> None:
        super().__init__(parent)
        self._mark = secrets.token_bytes(32)
        self._digest: bytes | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(clear_after_ms)
        self._timer.timeout.connect(self.clear)
        app = QGuiApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.clear)

    @property
    def is_holding(self) -> bool:
        """True while the secret that was copied last is still on the clipboard."""
        return self._digest is not None and hmac.compare_digest(
            self._digest, self._digest_of(_clipboard().text())
        )

    def copy(self, secret: str) -> bool:
        """Copy the secret and return True once it was read back whole."""
        self._forget()
        marked = QMimeData()
        marked.setText(secret)
        for name, value in _MARKS.items():
            marked.setData(name, value)
        clipboard = _clipboard()
        clipboard.setMimeData(marked)
        if sys.platform == "darwin":
            _conceal_on_macos()
        if clipboard.text() != secret:
            if clipboard.ownsClipboard():
                clipboard.clear()
            return False
        self._digest = self._digest_of(secret)
        self._timer.start()
        return True

    def clear(self) -> None:
        """Take the secret off the clipboard, if it is still there."""
        was_holding = self.is_holding
        if was_holding:
            _clipboard().clear()
        self._forget()
        if was_holding:
            self.cleared.emit()

    def _forget(self) -> None:
        self._timer.stop()
        self._digest = None

    def _digest_of(self, text: str) -> bytes:
        """Return a digest that nobody without this process's mark can check a guess against."""
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._mark).digest()


def _clipboard() -> QClipboard:
    return QGuiApplication.clipboard()


def _conceal_on_macos() -> None:
    """Add the concealed type beside the text; without it only the histories see more.

    Qt turns names it does not know into types of its own, so this goes past Qt.
    """
    with suppress(OSError, AttributeError):
        objc = ctypes.CDLL(ctypes.util.find_library("objc") or "libobjc.dylib")
        objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
        objc.objc_getClass.argtypes = objc.sel_registerName.argtypes = [ctypes.c_char_p]

        def send(receiver: int, selector: bytes, *arguments: ctypes.c_void_p) -> int:
            kinds = [ctypes.c_void_p] * (2 + len(arguments))
            call = ctypes.CFUNCTYPE(ctypes.c_void_p, *kinds)(("objc_msgSend", objc))
            return int(call(receiver, objc.sel_registerName(selector), *arguments) or 0)

        def named(name: bytes) -> int:
            return int(objc.objc_getClass(name) or 0)

        text = ctypes.cast(ctypes.c_char_p(_CONCEALED), ctypes.c_void_p)
        kind = ctypes.c_void_p(send(named(b"NSString"), b"stringWithUTF8String:", text))
        kinds = ctypes.c_void_p(send(named(b"NSArray"), b"arrayWithObject:", kind))
        board = send(named(b"NSPasteboard"), b"generalPasteboard")
        send(board, b"addTypes:owner:", kinds, ctypes.c_void_p())
        empty = ctypes.c_void_p(send(named(b"NSString"), b"string"))
        send(board, b"setString:forType:", empty, kind)
