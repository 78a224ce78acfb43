"""The tour as a user runs it: a process of its own, without a display, to exit code 0."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.keyring_items import items_of
from tests.secret_service import find_missing_tool, is_linux, secret_service

# A token has three base64url parts; a signature or a key is 64 or more hex digits in a row.
_SECRETS = re.compile(rb"eyJ[\w-]+\.[\w-]+\.|[0-9a-fA-F]{128}")
# Seven states of a settlement, and the result that went between wallet and broker.
_SETTLED = re.compile(
    rb"ok +A second market is bought, settled and paid out\. "
    rb"7 steps; [+-]\d+\.\d+ USD paid to the wallet\."
)
_SETTLEMENT_PICTURES = {
    f"7-settlement{part}-{scheme}.png"
    for part in ("", "-1-ticket", "-2-markets", "-3-payment", "-4-review", "-5-receipt")
    for scheme in ("light", "dark")
}
_WITHIN_S = 150  # files take a second of scrypt for each look into them, on a machine at rest


async def test_the_tour_ends_well_and_leaves_no_secret_behind(tmp_path: Path) -> None:
    if not is_linux():
        pytest.skip("Secret Service is the keyring of Linux.")
    if problem := find_missing_tool():
        pytest.fail(problem, pytrace=False)
    with secret_service(tmp_path / "keyring") as environment:
        await take_tour(tmp_path, environment)
        assert items_of(environment) == {}


async def test_the_tour_ends_well_where_there_is_no_keyring(tmp_path: Path) -> None:
    nobody = {
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'nobody'}",
        "PYTHON_KEYRING_BACKEND": "",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    if not is_linux():
        pytest.skip("Only Linux may have no keyring.")
    await take_tour(tmp_path, nobody)


async def take_tour(folder: Path, keyring: dict[str, str]) -> None:
    """Run the tour, and check what it says, draws and leaves behind."""
    pictures, data, drafts = folder / "pictures", folder / "data", folder / "drafts"
    drafts.mkdir()
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
        env={**environment, **keyring, "TMPDIR": str(drafts)},
    )
    async with asyncio.timeout(_WITHIN_S):
        told, complained = await tour.communicate()
    assert tour.returncode == 0, told.decode() + complained.decode()
    assert complained == b""
    assert b"The money adds up to the last digit" in told
    assert b"The app is locked, shows nothing of value, and is unlocked" in told
    assert _SETTLED.search((pictures / "transcript.txt").read_bytes())
    drawn = sorted(path.name for path in pictures.glob("*.png"))
    assert b"".join((pictures / "transcript.txt").read_bytes().split()) in b"".join(told.split())
    assert len(drawn) >= 20
    assert set(drawn) >= _SETTLEMENT_PICTURES
    assert {name.rsplit("-", 1)[1] for name in drawn} == {"light.png", "dark.png"}
    assert all((pictures / name).stat().st_size > 10_000 for name in drawn)
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in kept)
    for path in kept:
        assert not _SECRETS.search(path.read_bytes()), path.name
    # The vault of the tour is gone with the tour, and never was the trader's.
    assert list(drafts.iterdir()) == []
    assert not (data / "identities.json").exists()
    assert not (data / "keys").exists()
