"""What the command line asked for, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, read and checked."""

    is_practice: bool
    tour: Path | None
    clearport_url: str | None
    finex_url: str | None
    data_dir: Path | None

    @property
    def is_embedded(self) -> bool:
        """True where the practice venue runs inside this process."""
        return self.is_practice and self.clearport_url is None


def host_of(url: str | None) -> str:
    """Return the host that the address names, for people and for folder names."""
    return urlsplit(url or "").hostname or "unknown"
