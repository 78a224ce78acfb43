"""One data folder, one running application: two would overwrite each other's keys."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from pathlib import Path


async def start(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kayen_desktop",
        "--practice",
        "--data-dir",
        str(folder),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def wait_for(path: Path) -> None:
    """Return once the file is there: who makes it tells nobody."""
    ticks = threading.Event()
    while not path.exists():
        ticks.wait(0.02)


async def test_a_second_one_starts_nothing_and_the_first_leaves_the_folder_free(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    first = await start(folder)
    async with asyncio.timeout(30):
        await asyncio.to_thread(wait_for, folder / "in-use.lock")
        second = await start(folder, "--tour", str(tmp_path / "pictures"))
        _, told = await second.communicate()
        assert second.returncode == 1
        assert b"running already" in told
        assert not (tmp_path / "pictures").exists()
        assert first.returncode is None
        first.send_signal(signal.SIGTERM)
        _, complained = await first.communicate()
    assert complained == b""
    assert await first.wait() == 0
    assert not (folder / "in-use.lock").exists()
