"""The composition root: wiring in plain sight, ordered shutdown, exit code.

It is imported once the window is painted. eth-account alone takes longer to import than Qt takes
to paint, so the heaviest parts come in on a thread, while the window already answers.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import qasync
from PySide6.QtCore import QLockFile
from PySide6.QtWidgets import QApplication

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.late_imports import import_late
from kayen_desktop.options import Destination, Options
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.garbage import GarbageCollection
from kayen_desktop.ui.notices import already_running_notice, crash_notice, error_notice
from kayen_desktop.ui.views.main_window import MainWindow

if TYPE_CHECKING:
    from kayen_desktop.app.settings import SettingsFile
    from kayen_desktop.journey import Journey

log = logging.getLogger(__name__)
LISTEN_EVERY_S = 0.5
# How long a thread that works on keys may keep the window from running Python. At Python's own
# 5 ms, a few such turns in a row are the frame that a price was to be drawn in.
TURN_S = 0.001
LATE_IMPORTS = (
    "kayen_desktop.app.session",
    "kayen_desktop.venues.kayen",
    "kayen_desktop.practice.server",
    "kayen_desktop.keys.signer",
    "kayen_desktop.keys.keychain",
)
# Whatever defines a class of Qt is imported on Qt's own thread, a piece at a time. On another one
# it changes tables that PySide reads without a lock whenever Qt asks an object for its class, which
# a screen reader does all the time: the process then dies.
WINDOW_IMPORTS = (
    "kayen_desktop.ui.dialogs.welcome",
    "kayen_desktop.ui.dialogs.connections",
    "kayen_desktop.ui.views.lock_screen",
    "kayen_desktop.journey",
)


def run(app: QApplication, application: Application) -> int:
    """Run the application on a loop that Qt and asyncio share; return the exit code."""
    sys.excepthook = _excepthook
    _forbid_core_dumps()
    sys.setswitchinterval(TURN_S)
    with qasync.QEventLoop(app) as loop:
        return int(loop.run_until_complete(application.run()))


class Application:
    """Everything that runs behind the window, started in order and stopped in the reverse."""

    def __init__(
        self,
        options: Options,
        start: Destination,
        settings: SettingsFile,
        window: MainWindow,
        bridge: AsyncBridge,
    ) -> None:
        self._options = options
        self._start = start
        self._settings = settings
        self.window = window
        self._bridge = bridge
        self._in_use = QLockFile(str(settings.folder / "in-use.lock"))
        # A lock file of a process that is gone is nobody's; an old one of a live process is not.
        self._in_use.setStaleLockTime(0)
        self._stop = asyncio.Event()
        self.journey: Journey | None = None

    async def run(self) -> int:
        """Start, serve the window until it asks to stop (or the tour is over), and stop."""
        self.window.stop_requested.connect(self._stop.set)
        restore = _stop_on_signals(self._stop)
        garbage = GarbageCollection()
        exit_code = 0
        try:
            async with AsyncExitStack() as stack:
                stack.callback(self.window.finish_close)
                stack.push_async_callback(self._bridge.stop)
                await self._begin(stack)
                exit_code = await self.serve()
        finally:
            garbage.stop()
            restore()
        return exit_code

    async def serve(self) -> int:
        """Return the exit code once the window asks to stop, or the tour is over."""
        stopped = asyncio.create_task(self._until_stopped())
        if self._options.tour is None:
            await stopped
            return 0
        toured = asyncio.create_task(self._tour(self._options.tour))
        await asyncio.wait((stopped, toured), return_when=asyncio.FIRST_COMPLETED)
        if toured.done():
            stopped.cancel()
            return toured.result()
        toured.cancel()
        return 1

    async def _until_stopped(self) -> None:
        """Wait for the stop, waking up now and then.

        Python runs a signal's handler only when Python runs at all: with no session, Qt may sleep
        for ever, and neither Ctrl-C nor the end of the desktop session would be heard.
        """
        while not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTEN_EVERY_S):
                    await self._stop.wait()

    async def _tour(self, pictures: Path) -> int:
        if self.journey is None:
            return 1
        await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
        tour = importlib.import_module("kayen_desktop.tour")
        return int(await tour.run_tour(self.window, self.journey, pictures))

    def _take_folder(self) -> bool:
        """Return whether the data folder is ours from now on.

        Two processes would overwrite each other's keys. Where the folder can't be written to,
        nobody else can have it, either, and what needs it will say so.
        """
        with suppress(OSError):
            self._settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._in_use.tryLock(0):
            return True
        return self._in_use.error() is not QLockFile.LockError.LockFailedError

    async def _begin(self, stack: AsyncExitStack) -> None:
        """Go to the first venue; where it can't be reached, say why in the window."""
        if not await asyncio.to_thread(self._take_folder):
            notice = already_running_notice(str(self._settings.folder))
            self.window.show_notice(notice)
            if self._options.tour is not None and sys.stderr is not None:
                # Nobody looks at the window of a tour, which may not even have a screen.
                sys.stderr.write(f"kayen-desktop: {notice.text}\n")
            return
        stack.callback(self._in_use.unlock)
        for module in LATE_IMPORTS:
            await asyncio.to_thread(import_late, module)
        for module in WINDOW_IMPORTS:
            import_late(module)
            await asyncio.sleep(0)
        from kayen_desktop.journey import Journey

        self.journey = Journey(
            self._options, self._settings, self.window, self._bridge, report_crash
        )
        stack.push_async_callback(self.journey.end)
        try:
            self.journey.begin(self._start)
        except KayenError as error:
            tell(self.window, error)


def _stop_on_signals(stop: asyncio.Event) -> Callable[[], None]:
    """Stop in order on Ctrl-C and on termination; return what puts the old ways back."""

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, ask) for name in names}

    def restore() -> None:
        for name, way in before.items():
            signal.signal(name, way)

    return restore


def _forbid_core_dumps() -> None:
    """Let no crash write the memory of this process, with a key in it, to the disk."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell(window: MainWindow, error: KayenError) -> None:
    """Say in the window, and for a report in the log, what can't be done and what to do next."""
    log.warning("%s", error)
    window.show_notice(error_notice(error))


def report_crash(error: BaseException) -> None:
    """Keep what no part expected and tell the trader; nothing is hidden and nothing is lost."""
    log.error("an unexpected error", exc_info=error)
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow):
            window.show_notice(crash_notice())


def _excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    report_crash(error)
