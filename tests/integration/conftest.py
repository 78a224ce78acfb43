"""A household, and a scene on the loop that Qt and asyncio share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from kayen_desktop.ui.presenters import forgotten

from .household import Household, Play


@pytest.fixture
def household(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Household:
    """Return a household whose members never wait before they remove their keys."""
    monkeypatch.setattr(forgotten, "THINKING_S", 0.0)
    return Household(tmp_path / "data")


@pytest.fixture
def play(qapp: QApplication) -> Iterator[Play]:
    """Run a scene on the loop that Qt and asyncio share."""
    loop = qasync.QEventLoop(qapp)
    quits = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)

    async def run(scene: Callable[[], Awaitable[None]]) -> None:
        await scene()

    yield lambda scene: loop.run_until_complete(run(scene))
    qapp.setQuitOnLastWindowClosed(quits)
    loop.close()
    for widget in qapp.topLevelWidgets():
        widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    asyncio.set_event_loop(None)
