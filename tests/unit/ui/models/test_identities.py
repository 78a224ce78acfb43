"""The rows of the trader's keys: which signals, in which order, and what a row says."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.models.columns import KEY_ROLE
from kayen_desktop.ui.models.identities import LINE_ROLE, IdentitiesModel
from kayen_desktop.ui.presenters.connections import IdentityLine

from .signals import Signals, texts

ADDRESS = "0x44AF3f6E2C1b0A9d8E7F6a5B4c3D2e1F0a9BA49C"


def line(identity_id: str, name: str, *, is_in_use: bool = False) -> IdentityLine:
    return IdentityLine(
        identity_id, name, ADDRESS, "0x44AF…A49C", "Made here", "Not backed up", False, is_in_use
    )


MAIN, SAVINGS, OLD = line("1", "Main", is_in_use=True), line("2", "Savings"), line("3", "Old")


def shown(*lines: IdentityLine) -> tuple[IdentitiesModel, Signals]:
    model = IdentitiesModel()
    model.show_lines(lines)
    return model, Signals(model)


def test_rows_come_go_and_change_by_themselves(qtbot: QtBot) -> None:
    model, signals = shown(MAIN, SAVINGS)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.show_lines((MAIN, SAVINGS))
    assert signals.take() == []
    model.show_lines((MAIN, SAVINGS, OLD))
    assert signals.take() == [("in", 2, 2)]
    model.show_lines((MAIN, replace(SAVINGS, name="Spare"), OLD))
    assert signals.take() == [("cells", 1, 0, 1, 0)]
    model.show_lines((MAIN, OLD))
    assert signals.take() == [("out", 1, 1)]
    assert texts(model, 0) == ["Main", "Old"]
    model.show_lines(())
    assert signals.take() == [("out", 1, 1), ("out", 0, 0)]
    assert tester.model() is model


def test_removing_and_adding_at_once_keeps_the_rest(qtbot: QtBot) -> None:
    model, signals = shown(MAIN, SAVINGS)
    model.show_lines((SAVINGS, OLD))
    assert signals.take() == [("out", 0, 0), ("in", 1, 1)]
    assert texts(model, 0) == ["Savings", "Old"]
    assert model.row_of("3") == 1
    assert model.row_of("1") is None


def test_another_order_starts_anew(qtbot: QtBot) -> None:
    model, signals = shown(MAIN, SAVINGS)
    model.show_lines((SAVINGS, MAIN))
    assert signals.take() == [("reset",)]
    assert texts(model, 0) == ["Savings", "Main"]


def test_a_row_says_all_in_words(qtbot: QtBot) -> None:
    model, _ = shown(MAIN, line("4", "<b>bold</b>"))
    first, second = model.index(0), model.index(1)
    spoken = first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Main, In use, Not backed up, address 0x44AF…A49C, Made here"
    assert first.data(KEY_ROLE) == "1"
    assert first.data(LINE_ROLE) == MAIN
    assert first.data(Qt.ItemDataRole.ToolTipRole) == f"Main\n{ADDRESS}"
    assert "&lt;b&gt;" in second.data(Qt.ItemDataRole.ToolTipRole)
    assert first.data(Qt.ItemDataRole.DecorationRole) is None
    assert QModelIndex().data() is None
    assert model.rowCount(first) == 0
    assert not model.flags(QModelIndex())
    assert not model.flags(first) & Qt.ItemFlag.ItemIsEditable
