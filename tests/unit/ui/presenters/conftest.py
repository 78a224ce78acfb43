"""A stage for presenters: the real session, bridge and journal, started and stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.ui.stage import Stage


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Yield a connected session, and fail afterwards on what crashed."""
    it = Stage(tmp_path)
    it.begin()
    yield it
    await it.end()
