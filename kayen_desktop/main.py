"""The start: the command line, and the window on the screen before anything heavy is imported.

Decision: the window is painted before the loop, the network, the journal and the key are even
imported; ``application`` brings those in while the trader already sees where they are.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QDeadlineTimer,
    QEventLoop,
    QMessageLogContext,
    QStandardPaths,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from kayen_desktop import __version__
from kayen_desktop.app.settings import SettingsFile
from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.options import (
    KAYEN,
    PRACTICE,
    PRACTICE_VENUE,
    Destination,
    Options,
    destination_of,
)
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.theme import apply_theme, scheme_of
from kayen_desktop.ui.views.main_window import MainWindow

if TYPE_CHECKING:
    from kayen_desktop.application import Application

log = logging.getLogger(__name__)
PICTURE_WITHIN_MS = 500


def parse_options(argv: list[str]) -> Options:
    """Return the options of the command line; ``--help`` and ``--version`` exit.

    Raises:
        SettingsError: the options don't go together.
    """
    parser = argparse.ArgumentParser(
        prog="kayen-desktop", description="The desktop trading wallet for margin accounts."
    )
    parser.add_argument(
        "--practice", action="store_true", help="start at the practice venue: no real money"
    )
    parser.add_argument(
        "--tour", metavar="DIR", type=Path, help="drive the main job and save pictures in DIR"
    )
    parser.add_argument("--clearport-url", metavar="URL", help="the Clearport to use")
    parser.add_argument("--finex-url", metavar="URL", help="the Finex to use")
    parser.add_argument(
        "--throwaway-key",
        action="store_true",
        help="sign with a fresh key held in memory and never stored",
    )
    parser.add_argument("--data-dir", metavar="DIR", type=Path, help="where to keep files")
    parser.add_argument("--version", action="version", version=f"Kayen Desktop {__version__}")
    given = parser.parse_args(argv)
    if (given.clearport_url is None) != (given.finex_url is None):
        raise SettingsError("Give both --clearport-url and --finex-url, or neither.")
    return Options(_destination(given), given.tour, given.data_dir, given.throwaway_key)


def _destination(given: argparse.Namespace) -> Destination | None:
    """Return where the command line leads; None where it leaves that to the settings."""
    if given.clearport_url is not None:
        network = PRACTICE if given.practice else KAYEN
        return Destination(network, given.clearport_url, given.finex_url)
    return PRACTICE_VENUE if given.practice or given.tour is not None else None


def run(
    argv: list[str],
    make_window: type[MainWindow] = MainWindow,
    make_application: type[Application] | None = None,
) -> int:
    """Run the application until it is closed and return its exit code.

    The classes are parameters for benchmarks, which put a stopwatch into them.
    """
    try:
        options = parse_options(argv)
    except SettingsError as error:
        return _complain(str(error))
    if not has_display():
        if options.tour is None:
            return _complain(
                "there is no display here. Start it from a desktop, or add --tour DIR, which "
                "works without one."
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_log_remark)
    app = QApplication(["kayen-desktop"])
    app.setApplicationName("Kayen Desktop")
    app.setApplicationVersion(__version__)
    app.setQuitOnLastWindowClosed(False)
    settings = SettingsFile(options.data_dir or _data_folder())
    problem: SettingsError | None = None
    try:
        settings.load()
    except SettingsError as error:
        problem = error
    apply_theme(app, scheme_of(settings.settings.theme))
    bridge = AsyncBridge(_report_crash)
    start = options.start or destination_of(settings.settings.venue)
    window = make_window(start.is_practice, start.name, bridge)
    window.show()
    _wait_for_the_picture(app, window)
    # Only now, with the window on the screen.
    from kayen_desktop import application

    if problem is not None:
        application.tell(window, problem)
    make = make_application or application.Application
    return application.run(app, make(options, start, settings, window, bridge))


def _data_folder() -> Path:
    """Return where this user's applications keep their files on this system."""
    return Path(
        QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    )


def _complain(sentence: str) -> int:
    """Say why nothing is started, where anybody can read it, and return the exit code."""
    if sys.stderr is not None:  # a windowed program on Windows has none
        sys.stderr.write(f"kayen-desktop: {sentence}\n")
    return 2


def has_display() -> bool:
    """Return whether Qt can show a window here; only Linux ever has none."""
    names = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def _wait_for_the_picture(app: QApplication, window: MainWindow) -> None:
    """Let the window be painted: the system asks for the picture a moment after ``show``."""
    deadline = QDeadlineTimer(PICTURE_WITHIN_MS)
    while not window.is_painted and not deadline.hasExpired():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, deadline)


def _report_crash(error: BaseException) -> None:
    from kayen_desktop import application

    application.report_crash(error)


def _log_remark(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Keep Qt's remarks in the log, where they help somebody; a trader's screen has no use."""
    log.info("Qt: %s", text)
