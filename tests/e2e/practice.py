"""The practice venue as a program of its own, beside the application."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from .screen import Screen
from .trader import started


@dataclass(frozen=True, slots=True)
class Venue:
    """A running practice venue and its two addresses."""

    process: subprocess.Popen[str]
    clearport_url: str
    finex_url: str

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urlsplit(self.clearport_url).port or 0

    @property
    def as_options(self) -> tuple[str, ...]:
        """What points the application at it."""
        return ("--clearport-url", self.clearport_url, "--finex-url", self.finex_url)

    def kill_at_once(self) -> None:
        """End it at once, without a word to anybody."""
        self.process.kill()
        self.process.wait()


@contextmanager
def venue_running(screen: Screen, port: int = 0) -> Iterator[Venue]:
    """Run a practice venue until the block ends; port 0 takes a free one."""
    with started("kayen-practice", "--port", str(port), screen=screen) as process:
        if process.stdout is None:
            raise AssertionError("the venue has no voice")
        urls = [process.stdout.readline().split()[-1] for _ in ("Clearport", "Finex")]
        yield Venue(process, *urls)
