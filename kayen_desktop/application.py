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
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import qasync
from PySide6.QtWidgets import QApplication

from kayen_desktop.domain.errors import KayenError
from kayen_desktop.late_imports import import_late
from kayen_desktop.options import Options, host_of
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import crash_notice, error_notice
from kayen_desktop.ui.views.main_window import MainWindow

if TYPE_CHECKING:
    from kayen_desktop.app.session import Session
    from kayen_desktop.practice.server import PracticeServer

log = logging.getLogger(__name__)
LISTEN_EVERY_S = 0.5
LATE_IMPORTS = (
    "kayen_desktop.app.session",
    "kayen_desktop.venues.kayen",
    "kayen_desktop.practice.server",
    "kayen_desktop.keys.signer",
)


def run(app: QApplication, application: Application) -> int:
    """Run the application on a loop that Qt and asyncio share; return the exit code."""
    sys.excepthook = _excepthook
    with qasync.QEventLoop(app) as loop:
        return int(loop.run_until_complete(application.run()))


class Application:
    """Everything that runs behind the window, started in order and stopped in the reverse."""

    def __init__(self, options: Options, window: MainWindow, bridge: AsyncBridge) -> None:
        self._options = options
        self.window = window
        self._bridge = bridge
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Start, serve the window until it asks to stop (or the tour is over), and stop."""
        self.window.stop_requested.connect(self._stop.set)
        restore = _stop_on_signals(self._stop)
        exit_code = 0
        try:
            async with AsyncExitStack() as stack:
                stack.callback(self.window.finish_close)
                stack.push_async_callback(self._bridge.stop)
                session = await self._open(stack)
                exit_code = await self.serve(session)
        finally:
            restore()
        return exit_code

    async def serve(self, session: Session | None) -> int:
        """Return the exit code once the window asks to stop, or the tour is over."""
        stopped = asyncio.create_task(self._until_stopped())
        if self._options.tour is None:
            await stopped
            return 0
        toured = asyncio.create_task(self._tour(session, self._options.tour))
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

    async def _tour(self, session: Session | None, pictures: Path) -> int:
        if session is None:
            return 1
        await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
        tour = importlib.import_module("kayen_desktop.tour")
        return int(await tour.run_tour(self.window, session, pictures))

    async def _open(self, stack: AsyncExitStack) -> Session | None:
        """Wire a session up; on failure say why in the window and return None."""
        try:
            for module in LATE_IMPORTS:
                await asyncio.to_thread(import_late, module)
            return await self._wire(stack)
        except KayenError as error:
            log.warning("the session could not be opened: %s", error)
            self.window.show_notice(error_notice(error))
            return None

    async def _wire(self, stack: AsyncExitStack) -> Session:
        from kayen_desktop.app.logs import log_to
        from kayen_desktop.app.session import Session, utc_now
        from kayen_desktop.journal.store import Journal
        from kayen_desktop.keys.signer import throwaway_signer
        from kayen_desktop.venues.kayen import KayenVenue
        from kayen_desktop.venues.registry import load_network

        folder = self._folder()
        handler = log_to(folder / "logs")
        stack.callback(logging.getLogger("kayen_desktop").removeHandler, handler)
        stack.callback(handler.close)
        network = load_network("practice" if self._options.is_practice else "kayen")
        if self._options.is_embedded:
            server = await self._start_practice(stack)
            network = replace(
                network, clearport_url=server.clearport_url, finex_url=server.finex_url
            )
        else:
            network = replace(
                network,
                clearport_url=self._options.clearport_url,
                finex_url=self._options.finex_url,
            )
        signer = await throwaway_signer()
        journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
        stack.callback(journal.close)
        session = Session(KayenVenue(network, signer, utc_now), journal, report_crash)
        stack.push_async_callback(session.stop)
        session.start()
        self.window.attach(session)
        stack.callback(self.window.detach)
        return session

    async def _start_practice(self, stack: AsyncExitStack) -> PracticeServer:
        from kayen_desktop.practice.server import PracticeServer

        server = PracticeServer()
        await server.start()
        stack.push_async_callback(server.stop)
        return server

    def _folder(self) -> Path:
        """Return this venue's own folder: practice and live never share one."""
        from platformdirs import user_data_path

        root = self._options.data_dir or user_data_path("Kayen Desktop", appauthor=False)
        if self._options.is_practice:
            return root / "practice"
        return root / f"live-{host_of(self._options.clearport_url)}"


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
