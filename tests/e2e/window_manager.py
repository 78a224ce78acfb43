"""What a window manager does for an application, on a bare X server: focus, and the close button.

It speaks to Xlib itself: a real window manager would be one more program to install.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

_CLIENT_MESSAGE = 33
_REVERT_TO_PARENT = 2
_VIEWABLE = 2
_CURRENT_TIME = 0


class _Attributes(Structure):
    """XWindowAttributes."""

    _fields_ = (
        ("geometry", c_int * 5),
        ("visual", c_void_p),
        ("root", c_ulong),
        ("kind", c_int * 4),
        ("planes", c_ulong * 2),
        ("save_under", c_int),
        ("colormap", c_ulong),
        ("map_installed", c_int),
        ("map_state", c_int),
        ("masks", c_long * 3),
        ("override_redirect", c_int),
        ("screen", c_void_p),
    )


class _ClientMessage(Structure):
    """XClientMessageEvent, as long as the longest event."""

    _fields_ = (
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("window", c_ulong),
        ("message_type", c_ulong),
        ("format", c_int),
        ("data", c_long * 5),
        ("padding", c_long * 12),
    )


class WindowManager:
    """Knows the windows of one display; the front one is the last that was shown."""

    def __init__(self, display: str) -> None:
        """Connect to the display, such as ":7".

        Raises:
            OSError: there is no Xlib, or it can't connect.
        """
        self._x = load_xlib()
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise OSError(f"Xlib can't open the display {display}.")

    def close(self) -> None:
        """Leave the display."""
        self._x.XCloseDisplay(self._display)

    def focus_front(self) -> None:
        """Give the keyboard to the window in front."""
        self._x.XSetInputFocus(self._display, self._front(), _REVERT_TO_PARENT, _CURRENT_TIME)
        self._x.XSync(self._display, 0)

    def press_close_button(self) -> None:
        """Ask the window in front to close, as its close button does."""
        window = self._front()
        event = _ClientMessage(
            type=_CLIENT_MESSAGE,
            window=window,
            message_type=self._atom("WM_PROTOCOLS"),
            format=32,
        )
        event.data[0] = self._atom("WM_DELETE_WINDOW")
        self._x.XSendEvent(self._display, window, 0, 0, byref(event))
        self._x.XSync(self._display, 0)

    def _front(self) -> int:
        """Return the window in front that is neither a menu nor a list that dropped down.

        Raises:
            LookupError: there is no window.
        """
        root = self._x.XDefaultRootWindow(self._display)
        roots, count = (c_ulong * 2)(), c_uint()
        children = POINTER(c_ulong)()
        self._x.XQueryTree(
            self._display, root, byref(roots, 0), byref(roots, 8), byref(children), byref(count)
        )
        windows = children[: count.value]
        self._x.XFree(children)
        for window in reversed(windows):
            of = _Attributes()
            self._x.XGetWindowAttributes(self._display, window, byref(of))
            if of.map_state == _VIEWABLE and not of.override_redirect:
                return int(window)
        raise LookupError("There is no window on the screen.")

    def _atom(self, name: str) -> int:
        return int(self._x.XInternAtom(self._display, name.encode(), 0))


def load_xlib() -> ctypes.CDLL:
    """Return Xlib with the types of what is used of it.

    Raises:
        OSError: it is not on this machine.
    """
    x = ctypes.CDLL("libX11.so.6")
    display, window, out = c_void_p, c_ulong, c_void_p
    x.XOpenDisplay.restype = display
    for name, arguments, result in (
        ("XOpenDisplay", (c_char_p,), display),
        ("XCloseDisplay", (display,), c_int),
        ("XDefaultRootWindow", (display,), window),
        ("XQueryTree", (display, window, out, out, out, out), c_int),
        ("XFree", (c_void_p,), c_int),
        ("XGetWindowAttributes", (display, window, out), c_int),
        ("XInternAtom", (display, c_char_p, c_int), c_ulong),
        ("XSendEvent", (display, window, c_int, c_long, out), c_int),
        ("XSetInputFocus", (display, window, c_int, c_ulong), c_int),
        ("XSync", (display, c_int), c_int),
    ):
        function = getattr(x, name)
        function.argtypes, function.restype = arguments, result
    return x
