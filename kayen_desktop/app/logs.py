"""The log file: what happened, for a person who helps; never a frame, a key or a token."""

from __future__ import annotations

import logging
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kayen_desktop.domain.errors import SettingsError

MAX_BYTES = 1_000_000
KEPT = 3


class _LogFile(RotatingFileHandler):
    """A log file that a full disk leaves incomplete, and nothing worse."""

    def close(self) -> None:
        """Close the file; what a full disk did not take is lost."""
        with suppress(OSError):
            super().close()


def log_to(folder: Path) -> logging.Handler:
    """Write the log of this application to ``folder``/kayen.log from now on, and return its end.

    Raises:
        SettingsError: the folder can't be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _LogFile(
            folder / "kayen.log", maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise SettingsError(
            f"The folder {folder} can't be written to: {error.strerror}."
        ) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("kayen_desktop")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler
