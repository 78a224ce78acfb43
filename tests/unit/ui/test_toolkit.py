"""The toolkit itself: what it must not do, so that a bad release of it never gets into a lock."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


def test_calls_into_qt_keep_their_references_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 loses one with every call on Python 3.11; in the end the process aborts."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(1000):
        label.setText("0.00001152")
    assert sys.getrefcount(None) > before - 500
