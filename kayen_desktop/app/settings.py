"""What the trader has chosen, in one small file; nothing in it is secret.

It is read before the window is painted, so it stands on the standard library alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.options import PRACTICE

MAX_BYTES = 100_000
LONGEST_IDLE_MINUTES = 24 * 60
# The values of domain.margin.MarginReading, which is not imported before the first paint.
MARGIN_READINGS = ("own_deposit", "total")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice that outlives a run; the defaults are those of a first start.

    ``has_keys`` says that a key or a passphrase is kept, so that the vault is opened at a start.
    ``venue`` is the name of a shipped network. ``idle_minutes`` is how long nobody may touch the
    app before it locks, 0 for never. ``agreed`` holds the keys and venues, as ``address@venue``,
    whose first signature was agreed to. ``margin_reading`` is what the zones' shares are shares of
    (domain/margin.py).
    """

    is_welcomed: bool = False
    has_keys: bool = False
    venue: str = PRACTICE
    theme: str = "system"
    idle_minutes: int = 10
    can_close_while_locked: bool = False
    agreed: tuple[str, ...] = ()
    margin_reading: str = "own_deposit"


class SettingsFile:
    """The settings in memory and on disk; reading and writing block for a moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings()
        self._path = folder / "settings.json"

    def load(self) -> None:
        """Read the file; without one everything is as on a first start.

        Raises:
            SettingsError: it can't be read as it is. The defaults are in force, and the file is
                kept beside, so that the next write does not lose what stands in it.
        """
        try:
            text = self._path.read_bytes()[: MAX_BYTES + 1]
            self.settings = _read(text)
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            kept = self._path.with_suffix(".damaged.json")
            with suppress(OSError):
                self._path.replace(kept)
            raise SettingsError(
                f"The settings in {self._path} can't be read, so the app starts with its own. "
                f"What stood there is kept in {kept.name}."
            ) from error

    def save(self) -> None:
        """Write the settings down, whole or not at all.

        Raises:
            SettingsError: they could not be written; they hold until the app stops.
        """
        import json

        from kayen_desktop.keys.private_file import make_private_folder, write_private

        try:
            make_private_folder(self._path.parent)
            write_private(self._path, json.dumps(asdict(self.settings), indent=1).encode())
        except OSError as error:
            raise SettingsError(
                f"The settings could not be saved in {self._path}: {error.strerror}."
            ) from error


def _read(text: bytes) -> Settings:
    """Return the settings in the text; what is missing or unknown in it changes nothing.

    Raises:
        ValueError: it is not JSON, or a value is not of its kind.
    """
    if len(text) > MAX_BYTES:
        raise ValueError("too long")
    import json  # not before the first paint: a first start has nothing to read

    given = json.loads(text)
    if not isinstance(given, dict):
        raise ValueError("no object")
    defaults = Settings()
    known: dict[str, Any] = {}
    for field in fields(Settings):
        if field.name in given:
            known[field.name] = _same_kind(given[field.name], getattr(defaults, field.name))
    settings = Settings(**known)
    if not 0 <= settings.idle_minutes <= LONGEST_IDLE_MINUTES:
        raise ValueError("not a number of minutes")
    if settings.margin_reading not in MARGIN_READINGS:
        raise ValueError("not a reading of the margin")
    return settings


def _same_kind(value: object, default: object) -> object:
    """Return the value, which must be of the default's type; JSON has lists for tuples."""
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(str(each) for each in value)
    if type(value) is not type(default):
        raise ValueError("a value of another kind")
    return value
