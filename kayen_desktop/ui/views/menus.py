"""The menu bar, and the About box."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow

from kayen_desktop import __version__
from kayen_desktop.ui.theme import Scheme, apply_theme, find_theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

_SCHEMES = {Scheme.SYSTEM: "&System", Scheme.LIGHT: "&Light", Scheme.DARK: "&Dark"}
_ABOUT = (
    "A desktop trading wallet for margin accounts (channels) with brokers.\n\n"
    "Your signing key stays on this computer. Everything you ask for is written down before it "
    "is sent, and nothing is ever sent twice."
)


def build_menus(window: QMainWindow, *, search: Callable[[], object]) -> None:
    """Give the window its menus: File, View with the scheme, Help."""
    bar = window.menuBar()
    file_menu = bar.addMenu("&File")
    leave = QAction("&Quit", window)
    leave.setShortcut(QKeySequence.StandardKey.Quit)
    leave.triggered.connect(window.close)
    file_menu.addAction(leave)
    view_menu = bar.addMenu("&View")
    find = QAction("&Search markets", window)
    find.setShortcut(QKeySequence.StandardKey.Find)
    find.triggered.connect(lambda: search())
    view_menu.addAction(find)
    scheme_menu = view_menu.addMenu("&Theme")
    group = QActionGroup(window)
    theme = find_theme()
    current = theme.scheme if theme is not None else Scheme.SYSTEM
    for scheme, text in _SCHEMES.items():
        action = QAction(text, window)
        action.setCheckable(True)
        action.setChecked(scheme is current)
        action.triggered.connect(_scheme_chooser(scheme))
        group.addAction(action)
        scheme_menu.addAction(action)
    help_menu = bar.addMenu("&Help")
    about = QAction("&About Kayen Desktop", window)
    about.setMenuRole(QAction.MenuRole.AboutRole)
    about.triggered.connect(lambda: show_about(window))
    help_menu.addAction(about)


def show_about(window: QMainWindow) -> QMessageBox:
    """Open the About box beside the running window and return it."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(window)
    box.setObjectName("aboutDialog")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle("About Kayen Desktop")
    box.setText(f"Kayen Desktop {__version__}")
    box.setInformativeText(_ABOUT)
    box.open()
    return box


def _scheme_chooser(scheme: Scheme) -> Callable[[], None]:
    def choose() -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, scheme)

    return choose
