"""A field of tenths of a per cent: what it shows, what it reads, what it refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.widgets.percent_spin import PercentSpin

State = QValidator.State


@pytest.fixture
def spin(qtbot: QtBot) -> PercentSpin:
    made = PercentSpin("x", 200, 5)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("tenths", "text"), [(0, "0.0 %"), (65, "+6.5 %"), (-65, "−6.5 %"), (-200, "−20.0 %")]
)
def test_it_shows_signed_per_cents(spin: PercentSpin, tenths: int, text: str) -> None:
    spin.setValue(tenths)
    assert spin.text() == text
    assert spin.valueFromText(text) == tenths
    assert spin.share == Decimal(tenths) / 1000


@pytest.mark.parametrize(
    ("typed", "state", "tenths"),
    [
        ("-6.2", State.Acceptable, -62),
        ("−6,2 %", State.Acceptable, -62),
        ("+7", State.Acceptable, 70),
        (".5", State.Acceptable, 5),
        ("-", State.Intermediate, 0),
        ("", State.Intermediate, 0),
        ("21", State.Intermediate, 210),
        ("6.25", State.Invalid, 0),
        ("abc", State.Invalid, 0),
    ],
)
def test_it_reads_what_is_typed(
    spin: PercentSpin, typed: str, state: QValidator.State, tenths: int
) -> None:
    assert spin.validate(typed, 0)[0] is state
    assert spin.valueFromText(typed) == tenths


def test_it_is_typed_and_stepped(spin: PercentSpin) -> None:
    spin.selectAll()
    QTest.keyClicks(spin, "-6.2")
    QTest.keyClick(spin, Qt.Key.Key_Return)
    assert spin.value() == -62
    QTest.keyClick(spin, Qt.Key.Key_Up)
    assert spin.value() == -57
