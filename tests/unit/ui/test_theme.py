"""Colours that people can read, in both schemes, and a style sheet without loose ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.theme import (
    DARK,
    LIGHT,
    Scheme,
    Tokens,
    apply_theme,
    build_style_sheet,
    tokens,
)

TEXT_AA = 4.5
FORM_AA = 3.0
TEXT_PAIRS = [
    (word, ground)
    for word in ("text", "muted", "buy", "sell", "warning", "accent_text")
    for ground in ("surface", "raised", "window")
] + [
    ("text", "selection"),
    ("text", "hover"),
    ("text", "buy_tint"),
    ("text", "sell_tint"),
    ("buy", "buy_tint"),
    ("sell", "sell_tint"),
    ("muted", "hover"),
    ("buy", "selection"),
    ("sell", "selection"),
    ("text", "info_tint"),
    ("text", "warning_tint"),
    ("warning", "warning_tint"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_fill", "buy_fill"),
    ("on_fill", "sell_fill"),
    ("on_fill", "buy_hover"),
    ("on_fill", "sell_hover"),
    ("on_practice", "practice"),
]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
@pytest.mark.parametrize(("word", "ground"), TEXT_PAIRS)
def test_text_can_be_read(colours: Tokens, word: str, ground: str) -> None:
    assert contrast(getattr(colours, word), getattr(colours, ground)) >= TEXT_AA


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
def test_edges_of_fields_can_be_seen(colours: Tokens) -> None:
    assert contrast(colours.border_strong, colours.surface) >= FORM_AA
    assert contrast(colours.accent_text, colours.surface) >= FORM_AA


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
def test_the_style_sheet_has_every_token_and_every_picture(colours: Tokens) -> None:
    sheet = build_style_sheet(colours, 10)
    rules = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    assert "$" not in rules
    pictures = re.findall(r'url\("([^"]+)"\)', rules)
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)
    assert rules.count("{") == rules.count("}")


def test_applying_a_scheme_changes_the_colours_in_force(qapp: QApplication) -> None:
    theme = apply_theme(qapp, Scheme.DARK)
    assert tokens() is DARK
    told: list[str] = []
    theme.changed.connect(lambda: told.append(tokens().name))
    assert apply_theme(qapp, Scheme.LIGHT) is theme
    assert told == ["light"]
    assert qapp.palette().window().color().name() == LIGHT.window
    apply_theme(qapp, Scheme.SYSTEM)


@pytest.mark.parametrize("name", ["copy", "close", "search", "star", "star-filled"])
def test_icons_take_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    picture = icon(name, "#ff0000").pixmap(16, 16).toImage()
    seen = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() == 255
    }
    assert seen == {"#ff0000"}
