"""Buttons in the looks of the style sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton


def button(
    text: str,
    on_click: Callable[[], object],
    *,
    kind: str = "",
    name: str = "",
    accessible_name: str = "",
) -> QPushButton:
    """Return a push button; ``kind`` is a look, ``name`` the stable object name."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if kind:
        made.setProperty("kind", kind)
    if name:
        made.setObjectName(name)
    made.setAccessibleName(accessible_name or text)
    made.clicked.connect(lambda: on_click())
    return made
