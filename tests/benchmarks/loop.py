"""How long the loop is held up while keys are at work beside it, in the real window in practice.

A heartbeat of one millisecond runs on the loop that Qt and asyncio share, and notes how long it
waits for each beat. Prints one line of JSON: for each act the gaps between two beats in
milliseconds, and those of the same time without it, in which the window draws its prices. With
"make" it only makes the vaults that are unlocked: in a process of its own, so that unlocking is
the first use of what stands behind it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from kayen_desktop import tour
from kayen_desktop.app.session import utc_now
from kayen_desktop.app.signing import ExplainedSigner
from kayen_desktop.application import Application
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.keystore_file import KeystoreVault
from kayen_desktop.keys.lock import Lock
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.keys.strength import measure
from kayen_desktop.keys.vault import Vault, open_vault
from kayen_desktop.main import run
from kayen_desktop.stage import Stage

BEAT_S = 0.001
REST_S = 2.0
SIGNATURES = 200
PASSPHRASE = "seven harbours at low tide"  # noqa: S105 - of vaults that last for the benchmark

Act: TypeAlias = Callable[[], Awaitable[None]]


class Benchmark(Application):
    """The application, with the acts of the keys set going from here."""

    async def serve(self) -> int:
        """Measure each act and the same time without it, and print the gaps."""
        if self.journey is None:
            return 1
        stage = Stage(self.window, self.journey, None)
        await tour.watch_markets(stage)
        folder = Path(sys.argv[1])
        in_keyring, in_files = await _vaults(folder)
        key = await throwaway_signer()
        with closing(Journal(folder / "signing.sqlite3", "benchmark", key.address)) as journal:
            acts: dict[str, Act] = {
                "unlock a keyring": lambda: _unlock(in_keyring, 8),
                "unlock files": lambda: _unlock(in_files, 2),
                "sign": lambda: _sign(
                    lambda: ExplainedSigner(key, journal, utc_now, stage.session.on_event)
                ),
                "make a phrase": _make_phrase,
                "judge a passphrase": _judge_passphrase,
            }
            gaps: dict[str, dict[str, list[float]]] = {}
            for name, act in acts.items():
                await asyncio.sleep(REST_S)
                ours = await gaps_during(act())
                gaps[name] = {
                    "ours": ours,
                    "reference": await gaps_during(asyncio.sleep(sum(ours) / 1000)),
                }
        json.dump(gaps, sys.stdout)
        return 0


async def _vaults(folder: Path) -> tuple[Vault, Vault]:
    """Return a vault in the keyring of this environment, and one of files."""
    return (
        await open_vault(folder / "none", f"benchmark {folder}"),
        KeystoreVault(folder / "vault"),
    )


async def _make_vaults(folder: Path) -> None:
    for vault in await _vaults(folder):
        await vault.write({"key.1": bytes(range(32))}, PASSPHRASE)


async def _unlock(vault: Vault, times: int) -> None:
    lock = Lock(vault.verify, time.time)
    lock.is_armed = True
    for _ in range(times):
        lock.lock()
        await lock.unlock(PASSPHRASE)


async def _sign(new_signer: Callable[[], ExplainedSigner]) -> None:
    for _ in range(SIGNATURES):
        await new_signer().sign(SigningPurpose.CLEARPORT_CHALLENGE, str(uuid4()))


async def _make_phrase() -> None:
    phrase = await asyncio.to_thread(RecoveryPhrase.make, 24, secrets.token_bytes)
    await asyncio.to_thread(phrase.derive)


async def _judge_passphrase() -> None:
    for length in range(1, len(PASSPHRASE)):  # as it is typed
        await asyncio.to_thread(measure, PASSPHRASE[:length])


async def gaps_during(act: Awaitable[None]) -> list[float]:
    """Return the times between two beats while the act goes on, in milliseconds."""
    beats = [time.perf_counter_ns()]

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            beats.append(time.perf_counter_ns())

    heart = asyncio.create_task(beat())
    try:
        await act
    finally:
        heart.cancel()
    beats.append(time.perf_counter_ns())
    return [(after - before) / 1e6 for before, after in pairwise(beats)]


if __name__ == "__main__":
    if sys.argv[2:] == ["make"]:
        asyncio.run(_make_vaults(Path(sys.argv[1])))
        sys.exit()
    sys.exit(run(["--practice", "--data-dir", sys.argv[1]], make_application=Benchmark))
