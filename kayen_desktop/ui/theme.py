"""Colours, type sizes and spacing of every screen, light and dark, and the one style sheet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import Enum
from string import Template
from typing import ClassVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from kayen_desktop.resources import resource_path

SPACE_XS = 4
SPACE_S = 8
SPACE_M = 12
SPACE_L = 16
SPACE_XL = 24
RADIUS = 6

# Type sizes relative to the system's own, so that a larger system font enlarges everything.
_SMALL = 0.88
_LARGE = 1.15
_TITLE = 1.4


class Scheme(Enum):
    """What the trader asked for; the system's own choice unless told otherwise."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, each ``#rrggbb``; pairs used together meet WCAG AA.

    ``buy`` and ``sell`` are for text and lines, their ``_fill`` for buttons under ``on_fill``,
    their ``_tint`` for areas under ordinary text.
    """

    name: str
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    border_strong: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    accent_hover: str
    accent_text: str
    selection: str
    buy: str
    sell: str
    buy_fill: str
    sell_fill: str
    buy_hover: str
    sell_hover: str
    on_fill: str
    buy_tint: str
    sell_tint: str
    warning: str
    warning_tint: str
    info_tint: str
    practice: str
    on_practice: str


LIGHT = Tokens(
    name="light",
    window="#eef1f5",
    surface="#ffffff",
    raised="#f5f7fa",
    hover="#e9eef5",
    border="#d9dfe7",
    border_strong="#8592a3",
    text="#17212e",
    muted="#566475",
    disabled="#98a3b1",
    accent="#1f5fd0",
    on_accent="#ffffff",
    accent_hover="#184fb0",
    accent_text="#1b55bd",
    selection="#dce8fc",
    buy="#08734a",
    sell="#c0203b",
    buy_fill="#0b7d51",
    sell_fill="#c62a44",
    buy_hover="#086543",
    sell_hover="#a91f37",
    on_fill="#ffffff",
    buy_tint="#d8f0e4",
    sell_tint="#fbdfe3",
    warning="#855500",
    warning_tint="#fff1d1",
    info_tint="#e3edfd",
    practice="#f6b73c",
    on_practice="#2e1f00",
)
DARK = Tokens(
    name="dark",
    window="#0b0e13",
    surface="#12171e",
    raised="#1a212b",
    hover="#222b37",
    border="#27313d",
    border_strong="#66758a",
    text="#e7ebf1",
    muted="#9aa7b7",
    disabled="#5d6978",
    accent="#2c6be0",
    on_accent="#ffffff",
    accent_hover="#2459be",
    accent_text="#86b3ff",
    selection="#1d3459",
    buy="#35c78d",
    sell="#ff6b7d",
    buy_fill="#0e7d53",
    sell_fill="#c8324b",
    buy_hover="#0a6845",
    sell_hover="#a9253c",
    on_fill="#ffffff",
    buy_tint="#12352a",
    sell_tint="#3f1b24",
    warning="#f2bd53",
    warning_tint="#35290f",
    info_tint="#16263f",
    practice="#e5a52e",
    on_practice="#241800",
)


class Theme(QObject):
    """The scheme in force; ``changed`` tells painters that hold colours to fetch them again."""

    active: ClassVar[Tokens] = LIGHT
    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._base_pt = app.font().pointSizeF()
        self.scheme = Scheme.SYSTEM
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(tabular(app.font()))
        app.styleHints().colorSchemeChanged.connect(self._on_system_change)

    def apply(self, scheme: Scheme) -> None:
        """Draw everything in the scheme from now on."""
        self.scheme = scheme
        hints = self._app.styleHints()
        wanted = {
            Scheme.SYSTEM: Qt.ColorScheme.Unknown,
            Scheme.LIGHT: Qt.ColorScheme.Light,
            Scheme.DARK: Qt.ColorScheme.Dark,
        }[scheme]
        hints.setColorScheme(wanted)
        is_dark = wanted is Qt.ColorScheme.Dark or (
            wanted is Qt.ColorScheme.Unknown and hints.colorScheme() is Qt.ColorScheme.Dark
        )
        self._draw_with(DARK if is_dark else LIGHT)

    def _on_system_change(self) -> None:
        if self.scheme is Scheme.SYSTEM:
            is_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
            self._draw_with(DARK if is_dark else LIGHT)

    def _draw_with(self, tokens: Tokens) -> None:
        Theme.active = tokens
        self._app.setPalette(build_palette(tokens))
        # WORKAROUND https://github.com/PrismLauncher/PrismLauncher/pull/600: straight from one
        # style sheet to the next, Qt visits every widget it ever looked up rules for, and of some
        # that were measured but never shown it does not hear when they are gone: a crash. By way
        # of none there is nothing to visit; drop when the test of it passes without.
        self._app.setStyleSheet("")
        self._app.setStyleSheet(build_style_sheet(tokens, self._base_pt))
        self.changed.emit()


def find_theme() -> Theme | None:
    """Return the theme of the running application, once one is applied."""
    app = QApplication.instance()
    return app.findChild(Theme) if app is not None else None


@contextmanager
def unstyled() -> Iterator[None]:
    """Take the style sheet away while much is built, and style everything once afterwards.

    A widget that gets a parent while a style sheet is in force is styled anew with everything
    below it: measured on the main window, 190 ms instead of 90 ms.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication) or not app.styleSheet():
        yield
        return
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def apply_theme(app: QApplication, scheme: Scheme = Scheme.SYSTEM) -> Theme:
    """Draw the application in the scheme, and follow the system where the scheme says so."""
    theme = app.findChild(Theme) or Theme(app)
    theme.apply(scheme)
    return theme


def scheme_of(name: str) -> Scheme:
    """Return the scheme of this name; the system's own where no other is meant."""
    return next((scheme for scheme in Scheme if scheme.value == name), Scheme.SYSTEM)


def tokens() -> Tokens:
    """Return the colours in force, for what is painted by hand."""
    return Theme.active


def build_style_sheet(colours: Tokens, base_pt: float) -> str:
    """Return the style sheet with its ``$tokens`` filled in; sizes in points from the base."""
    template = resource_path("style", "kayen.qss").read_text(encoding="utf-8")
    icons = resource_path("icons").as_posix()
    values = asdict(colours) | {
        "icons": icons,
        "radius": f"{RADIUS}px",
        "font_small": f"{base_pt * _SMALL:.1f}pt",
        "font_base": f"{base_pt:.1f}pt",
        "font_large": f"{base_pt * _LARGE:.1f}pt",
        "font_title": f"{base_pt * _TITLE:.1f}pt",
    }
    return Template(template).substitute(values)


def build_palette(colours: Tokens) -> QPalette:
    """Return the palette for what the style sheet leaves to the style."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.text,
        QPalette.ColorRole.Highlight: colours.selection,
        QPalette.ColorRole.HighlightedText: colours.text,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Link: colours.accent_text,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Dark: colours.border_strong,
        QPalette.ColorRole.Light: colours.raised,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.disabled))
    palette.setColor(
        QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, QColor(colours.disabled)
    )
    return palette


def tabular(font: QFont) -> QFont:
    """Return the font with figures of equal width, where the font has them."""
    figures = QFont(font)
    figures.setFeature(QFont.Tag("tnum"), 1)
    return figures
