"""Framed parts of a dialog under a heading."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from .labels import card, text_label


def titled_card(title: str, content: QWidget, button: QPushButton | None = None) -> QFrame:
    """Return a framed area with a heading, the content, and a button to its right below."""
    frame, layout = card()
    heading: QLabel = text_label(title, "heading")
    layout.addWidget(heading)
    layout.addWidget(content)
    if button is not None:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
        layout.addLayout(row)
    return frame
