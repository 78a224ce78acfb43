"""The log file on a disk that is full."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kayen_desktop.app.logs import log_to

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_does_not_keep_the_log_from_being_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kayen.log").symlink_to(FULL)
    handler = log_to(tmp_path)
    logger = logging.getLogger("kayen_desktop")
    try:
        logger.warning("this can't be written")
    finally:
        logger.removeHandler(handler)
        handler.close()
    assert "No space left" in capsys.readouterr().err
