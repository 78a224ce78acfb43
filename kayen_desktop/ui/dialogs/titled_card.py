"""Framed parts of a dialog under a heading."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from .labels import card, text_label


def titled_card(title: str, *contents: QWidget, button: QPushButton | None = None) -> QFrame:
    """Return a framed area with a heading, the contents, and a button to the right below them."""
    frame, layout = card()
    layout.addWidget(text_label(title, "heading"))
    for content in contents:
        layout.addWidget(content)
    if button is not None:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
        layout.addLayout(row)
    return frame
