"""Files for their owner alone, written whole or not at all; imports nothing but the library."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def write_private(path: Path, data: bytes) -> None:
    """Put the data in the file's place, mode 0600, so that it outlasts a power cut; blocks.

    What is written first is a draft beside it, "<name>.new"; one that a crash has left goes.

    Raises:
        OSError: it could not be written, or there is no such folder; what was there before
            still stands.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        # Whatever lies there keeps its own mode if it is only overwritten, and may be a link.
        draft.unlink(missing_ok=True)
        write_new(draft, data)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def make_private_folder(folder: Path) -> None:
    """Make the folder, mode 0700, and those above it, where they are not there yet.

    Raises:
        OSError: they can't be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)


def write_new(path: Path, data: bytes) -> None:
    """Write a file, mode 0600, where none is, down to the disk; its name is not there yet.

    Raises:
        OSError: it could not be written, or something is there already.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """See to it that names in the folder outlast a power cut; Windows has no such call."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
