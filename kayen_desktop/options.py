"""What the command line asked for, read and checked, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PRACTICE = "practice"
KAYEN = "kayen"
_NAMES = {PRACTICE: "Practice", KAYEN: "Kayen"}


@dataclass(frozen=True, slots=True)
class Destination:
    """A venue to go to: a shipped network, and its servers where they are other ones."""

    network: str
    clearport_url: str | None = None
    finex_url: str | None = None

    @property
    def is_practice(self) -> bool:
        """True where there is no real money."""
        return self.network == PRACTICE

    @property
    def is_embedded(self) -> bool:
        """True where the practice venue runs inside this process."""
        return self.is_practice and self.clearport_url is None

    @property
    def key(self) -> str:
        """What the venue is called inside: the network, or the address where it is another's."""
        return self.network if self.clearport_url is None else self.clearport_url

    @property
    def name(self) -> str:
        """What the venue is called in the window."""
        if self.clearport_url is None or self.is_practice:
            return _NAMES[self.network]
        return host_of(self.clearport_url)


PRACTICE_VENUE = Destination(PRACTICE)
KAYEN_VENUE = Destination(KAYEN)


def destination_of(name: str) -> Destination:
    """Return the shipped venue of this name; practice where no other is meant."""
    return KAYEN_VENUE if name == KAYEN else PRACTICE_VENUE


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, read and checked; ``start`` is None where the settings say where to go."""

    start: Destination | None
    tour: Path | None
    data_dir: Path | None
    has_throwaway_key: bool


def host_of(url: str | None) -> str:
    """Return the host that the address names, for people and for folder names."""
    return urlsplit(url or "").hostname or "unknown"


def place_of(url: str | None) -> str:
    """Return host and port, where one is given, as part of a folder's name: each is one venue."""
    port = urlsplit(url or "").port
    return host_of(url) if port is None else f"{host_of(url)}-{port}"
