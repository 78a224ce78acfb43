"""The menu bar, and the About box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

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


def build_menus(
    window: QMainWindow,
    *,
    search: Callable[[], object],
    show_connections: Callable[[], object],
    lock: Callable[[], object],
    choose_scheme: Callable[[Scheme], object],
    account: Sequence[tuple[str, Callable[[], object]]],
) -> QActionGroup:
    """Give the window its menus: File, Account, View with the scheme, Help.

    ``account`` are the lines of the second one, with what each starts.

    Returns the actions that must not be had while the application is locked.
    """
    open_only = QActionGroup(window)
    open_only.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
    bar = window.menuBar()
    file_menu = bar.addMenu("&File")
    for text, shortcut, start in (
        ("&Connections and keys…", "Ctrl+K", show_connections),
        ("&Lock the app", "Ctrl+L", lock),
    ):
        action = _action(window, text, QKeySequence(shortcut), start)
        open_only.addAction(action)
        file_menu.addAction(action)
    file_menu.addSeparator()
    file_menu.addAction(
        _action(window, "&Quit", QKeySequence(QKeySequence.StandardKey.Quit), window.close)
    )
    account_menu = bar.addMenu("&Account")
    for text, start in account:
        action = _action(window, text, QKeySequence(), start)
        open_only.addAction(action)
        account_menu.addAction(action)
    view_menu = bar.addMenu("&View")
    find = _action(window, "&Search markets", QKeySequence(QKeySequence.StandardKey.Find), search)
    open_only.addAction(find)
    view_menu.addAction(find)
    _add_schemes(view_menu.addMenu("&Theme"), choose_scheme)
    help_menu = bar.addMenu("&Help")
    about = QAction("&About Kayen Desktop", window)
    about.setMenuRole(QAction.MenuRole.AboutRole)
    about.triggered.connect(lambda: show_about(window))
    help_menu.addAction(about)
    return open_only


def _add_schemes(menu: QMenu, choose_scheme: Callable[[Scheme], object]) -> None:
    group = QActionGroup(menu)
    theme = find_theme()
    current = theme.scheme if theme is not None else Scheme.SYSTEM
    for scheme, text in _SCHEMES.items():
        action = QAction(text, menu)
        action.setCheckable(True)
        action.setChecked(scheme is current)
        action.triggered.connect(_scheme_chooser(scheme, choose_scheme))
        group.addAction(action)
        menu.addAction(action)


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


def _action(
    window: QMainWindow, text: str, shortcut: QKeySequence, start: Callable[[], object]
) -> QAction:
    action = QAction(text, window)
    action.setShortcut(shortcut)
    action.triggered.connect(lambda: start())
    return action


def _scheme_chooser(
    scheme: Scheme, choose_scheme: Callable[[Scheme], object]
) -> Callable[[], None]:
    def choose() -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, scheme)
            choose_scheme(scheme)

    return choose
