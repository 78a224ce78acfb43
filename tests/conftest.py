"""What every test needs before Qt is imported: windows that no display has to show."""

from __future__ import annotations

import os

import pytest

from kayen_desktop.late_imports import import_late

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Tests import eth-account by themselves; the first import must be one that leaves no trace.
import_late("eth_account")

# The offscreen platform says what it cannot do with windows; it says nothing about ours.
_NOISE = "This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the remarks of the platform pass; every other warning of Qt fails its test."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore(_NOISE))
