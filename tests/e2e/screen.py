"""A screen of its own for the tests: an X server without a display, a private bus, a keyring."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from tests import secret_service

from .window_manager import load_xlib

SYSTEM_PYTHON = "/usr/bin/python3"
_SIZE = "1400x900x24"
_STOP_S = 5
_INSTALL = "Install what is missing with: packaging/linux/system-libraries --test"


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the windows are; ``environment`` is what puts a program on it."""

    display: str
    environment: dict[str, str]
    pixels: Path

    def save_picture(self, path: Path) -> None:
        """Save what is on the screen as a picture.

        Raises:
            OSError: it can't be read or written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _read_xwd(self.pixels.read_bytes()).save(str(path)):
            raise OSError(f"The picture {path} can't be written.")


def find_missing_tool() -> str:
    """Return what the machine lacks and how to get it, in a sentence; empty where nothing."""
    if problem := secret_service.find_missing_tool():
        return problem
    for tool in ("Xvfb", SYSTEM_PYTHON):
        if shutil.which(tool) is None:
            return f"There is no {tool} on this machine. {_INSTALL}"
    try:
        load_xlib()
    except OSError:
        return f"There is no Xlib on this machine. {_INSTALL}"
    bindings = "import gi; gi.require_version('Atspi', '2.0'); import gi.repository.Atspi"
    tried = subprocess.run((SYSTEM_PYTHON, "-c", bindings), capture_output=True, check=False)
    if tried.returncode:
        return f"{SYSTEM_PYTHON} can't use the accessibility bus (python3-pyatspi). {_INSTALL}"
    return ""


@contextmanager
def open_screen(folder: Path) -> Iterator[Screen]:
    """Run a screen, and a bus with an open keyring on it, until the block ends.

    Raises:
        OSError: a program for it is missing, or does not start.
    """
    with ExitStack() as stack:
        display = ":" + stack.enter_context(
            _running("Xvfb", "-displayfd", "1", "-screen", "0", _SIZE, "-fbdir", str(folder))
        )
        here = {**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8"}
        for name in ("WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS"):
            here.pop(name, None)
        here["XDG_RUNTIME_DIR"] = str(folder / "runtime")  # where the services put their sockets
        (folder / "runtime").mkdir(mode=0o700)
        # The bus starts the accessibility services by itself when somebody asks for them.
        bus = ("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
        here["DBUS_SESSION_BUS_ADDRESS"] = stack.enter_context(_running(*bus, environment=here))
        # The keyring is there before anybody asks, or the bus would start the machine's own one.
        keyring, address = folder / "keyring", here["DBUS_SESSION_BUS_ADDRESS"]
        stack.enter_context(secret_service.keyring_daemon(keyring, address))
        here.update(secret_service.environment(keyring, address))
        here["QT_QPA_PLATFORM"] = "xcb"
        here["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        yield Screen(display, here, folder / "Xvfb_screen0")


@contextmanager
def _running(*command: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Run the program until the block ends; yields the line by which it says that it is ready."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            line = process.stdout.readline().strip() if process.stdout is not None else ""
            if not line:
                raise OSError(f"{command[0]} does not start on this machine.")
            yield line
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _read_xwd(dump: bytes) -> QImage:
    """Return the picture in a dump of an X screen of 32 bits a pixel."""
    header = struct.unpack(">25I", dump[:100])
    start = header[0] + 12 * header[19]  # after the header and the colours
    width, height, line = header[4], header[5], header[12]
    pixels = dump[start : start + line * height]
    return QImage(pixels, width, height, line, QImage.Format.Format_RGB32).copy()


def is_linux() -> bool:
    """Return whether this system has an X server to test on."""
    return sys.platform.startswith("linux")
