"""Plays a scene of a dialog on Qt's own loop, as the application runs it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeAlias, TypeVar

import pytest
import qasync
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests.unit.ui.stage import Stage

# The offscreen platform says this of every window whose size has limits.
OFFSCREEN_NOISE = "This plugin does not support propagateSizeHints"
POLL_MS = 2
PATIENCE_S = 5.0

WidgetT = TypeVar("WidgetT", bound=QWidget)
Scene: TypeAlias = Callable[[Stage], Awaitable[None]]


@pytest.fixture
def play(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[Scene], None]]:
    """Run a scene with a session that is connected, and stop it all afterwards."""
    # The loop of the scene before has a timer of Qt's: collected later, and by chance on a thread
    # of this scene, it would warn or crash.
    gc.collect()
    loop = qasync.QEventLoop(qapp)
    quits = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)

    async def run(scene: Scene) -> None:
        stage = Stage(tmp_path)
        stage.begin()
        try:
            await scene(stage)
        finally:
            for widget in qapp.topLevelWidgets():
                widget.close()
            await stage.end()

    yield lambda scene: loop.run_until_complete(run(scene))
    qapp.setQuitOnLastWindowClosed(quits)
    loop.close()
    # Windows go now, not when the garbage collector finds them in the middle of another test.
    for widget in qapp.topLevelWidgets():
        widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    asyncio.set_event_loop(None)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fails after a few seconds."""
    reached = asyncio.get_running_loop().create_future()

    def look() -> None:
        if condition() and not reached.done():
            reached.set_result(None)

    timer = QTimer()
    timer.setInterval(POLL_MS)
    timer.timeout.connect(look)
    timer.start()
    try:
        await asyncio.wait_for(reached, PATIENCE_S)
    finally:
        timer.stop()


def named(parent: QWidget, kind: type[WidgetT], name: str) -> WidgetT:
    """Return the one widget of this object name."""
    found = parent.findChildren(kind, name)
    assert len(found) == 1, f"{len(found)} widgets are named {name}"
    return found[0]


def tab_order(window: QWidget) -> list[str]:
    """Return the names of what the Tab key reaches, from the widget that has the keyboard."""
    first: QWidget | None = window.focusWidget()
    found: list[str] = []
    each: QWidget | None = first
    while each is not None:
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(each.objectName())
        each = each.nextInFocusChain()
        if each is first:
            break
    return found
