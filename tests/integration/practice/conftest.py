"""Practice venues for the tests, on free ports of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from kayen_desktop.practice.scenario import Scenario, parse_fault
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.practice.settings import PracticeSettings, load_markets

# Quiet: no crowd trades between two frames of a test. Few markets, so it opens at once.
QUIET = PracticeSettings(
    events_per_second=0,
    state_delay_s=0,
    ticker_s=0.1,
    heartbeat_s=0.1,
    markets=tuple(m for m in load_markets() if m.symbol in ("btcusd", "pepeusd", "mendiusd")),
)

StartServer = Callable[..., Awaitable[PracticeServer]]


@pytest.fixture
async def start_server() -> AsyncIterator[StartServer]:
    """Return a function that starts a quiet venue with faults and changed settings."""
    async with AsyncExitStack() as stack:

        async def start(*faults: str, **changes: Any) -> PracticeServer:
            scenario = Scenario([parse_fault(spec) for spec in faults])
            server = PracticeServer(replace(QUIET, **changes), scenario)
            return await stack.enter_async_context(server)

        yield start


@pytest.fixture
async def server(start_server: StartServer) -> PracticeServer:
    """Return a quiet venue."""
    return await start_server()
