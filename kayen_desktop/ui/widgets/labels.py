"""Labels that show text as text, and looks chosen by property."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QFrame, QLabel, QWidget


def plain_label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """Return a label that never reads its text as markup, in one of the style sheet's roles."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    if role:
        label.setProperty("role", role)
    return label


def plain_tip(text: str) -> str:
    """Return the text as a tool tip that shows every character of it as it is.

    Tool tips have no text format: Qt guesses. Markup in a venue's words would be drawn, pictures
    fetched; a text that looks like markup is therefore written as markup for itself.
    """
    if not GuiQt.mightBeRichText(text):
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'


def frame(role: str) -> QFrame:
    """Return an empty frame in one of the style sheet's roles."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def set_look(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and redraw if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
