"""The labels, buttons and frames that dialogs are made of; every text is shown as plain text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kayen_desktop.ui.theme import SPACE_M, SPACE_S

COPY = "Copy"
COPIED = "Copied"


def text_label(text: str = "", role: str = "", name: str = "", *, wraps: bool = True) -> QLabel:
    """Return a label that shows the text as it is, on as many lines as it needs."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    label.setObjectName(name)
    if role:
        label.setProperty("role", role)
    return label


def show_text(label: QLabel, text: str) -> None:
    """Put the text in the label; without a text the label takes no room."""
    label.setText(text)
    label.setVisible(bool(text))


def set_look(widget: QWidget, name: str, value: str) -> None:
    """Give the widget a look of the style sheet; does nothing where it has it already."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def push_button(text: str, name: str, kind: str = "", accessible: str = "") -> QPushButton:
    """Return a button that only becomes the Enter key's when told to."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.setAccessibleName(accessible or text)
    if kind:
        button.setProperty("kind", kind)
    return button


def card(role: str = "panel") -> tuple[QFrame, QVBoxLayout]:
    """Return an empty framed area and its layout."""
    frame = QFrame()
    frame.setProperty("role", role)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
    layout.setSpacing(SPACE_S)
    return frame, layout


class CopyButton(QPushButton):
    """Copies a text that is shown shortened, and says that it did."""

    def __init__(
        self, what: str, text: str = "", name: str = "copyButton", caption: str = COPY
    ) -> None:
        """Take ``what`` to complete "Copy" for those who hear the screen: "the address"."""
        super().__init__(caption)
        self._caption = caption
        self._text = text
        self.setObjectName(name)
        self.setProperty("kind", "link")
        self.setAutoDefault(False)
        self.setAccessibleName(f"{COPY} {what}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(COPIED) + 2 * SPACE_S)
        self.clicked.connect(self._copy)

    def set_copied_text(self, text: str) -> None:
        """Copy this from now on."""
        if text != self._text:
            self._text = text
            self.setText(self._caption)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.setText(COPIED)
