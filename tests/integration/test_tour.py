"""The tour as a user runs it: a process of its own, without a display, to exit code 0."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

# A token has three base64url parts; a signature or a key is 64 or more hex digits in a row.
_SECRETS = re.compile(rb"eyJ[\w-]+\.[\w-]+\.|[0-9a-fA-F]{128}")


async def test_the_tour_ends_well_and_leaves_no_secret_behind(tmp_path: Path) -> None:
    pictures, data = tmp_path / "pictures", tmp_path / "data"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    tour = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kayen_desktop",
        "--practice",
        "--tour",
        str(pictures),
        "--data-dir",
        str(data),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    async with asyncio.timeout(60):
        told, complained = await tour.communicate()
    assert tour.returncode == 0, told.decode() + complained.decode()
    assert complained == b""
    assert b"The money adds up to the last digit" in told
    drawn = sorted(path.name for path in pictures.glob("*.png"))
    assert b"".join((pictures / "transcript.txt").read_bytes().split()) in b"".join(told.split())
    assert len(drawn) >= 20
    assert {name.rsplit("-", 1)[1] for name in drawn} == {"light.png", "dark.png"}
    assert all((pictures / name).stat().st_size > 10_000 for name in drawn)
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in kept)
    for path in kept:
        assert not _SECRETS.search(path.read_bytes()), path.name
