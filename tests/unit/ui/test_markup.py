"""Runs the markup tests in a process of their own.

They reach into every widget of a whole window; the wrappers that PySide makes for that outlive the
window, and a later change of the style sheet in the same process then ends in a crash of Qt.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_screen_draws_markup_that_a_venue_sends() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/unit/ui/markup.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stdout[-4000:]
