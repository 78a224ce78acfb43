"""The three fields for a key: what they tell, what they forget, and where the keyboard goes."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from kayen_desktop.ui.dialogs.key_fields import (
    HiddenField,
    KeyField,
    KeyFileField,
    PhraseField,
    PrivateKeyField,
    WayButtons,
)
from kayen_desktop.ui.presenters.bring_key import Way

from .conftest import OFFSCREEN_NOISE, named

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
KINDS = (PhraseField, PrivateKeyField, KeyFileField)


@pytest.fixture(params=KINDS)
def field(request: pytest.FixtureRequest, qtbot: QtBot) -> KeyField:
    made = request.param()
    assert isinstance(made, KeyField)
    qtbot.addWidget(made)
    return made


def test_what_is_typed_is_told_and_what_is_forgotten_is_not(field: KeyField) -> None:
    told: list[str] = []
    field.typed.connect(told.append)
    QTest.keyClicks(field.edit, "zoo")
    assert told == ["z", "zo", "zoo"]
    field.forget()
    assert field.edit.text() == ""
    assert told == ["z", "zo", "zoo"]
    field.show_text("zoo")
    field.show_text("zoo")
    assert told[3:] == ["zoo"]


def test_a_problem_is_seen_and_heard_until_it_is_gone(field: KeyField) -> None:
    hint = field.edit.accessibleDescription()
    assert hint
    field.show_problem("This is no key.")
    assert field.edit.property("invalid") == "true"
    assert field.edit.accessibleDescription() == "This is no key."
    field.show_problem("")
    assert field.edit.property("invalid") == "false"
    assert field.edit.accessibleDescription() == hint


@pytest.mark.parametrize("kind", [PrivateKeyField, KeyFileField])
def test_a_secret_that_was_shown_hides_the_next_one(
    qtbot: QtBot, kind: type[PrivateKeyField | KeyFileField]
) -> None:
    field: HiddenField = kind()
    qtbot.addWidget(field)
    edit = field.findChild(QLineEdit)
    assert edit is not None
    show = next(each for each in field.findChildren(QPushButton) if each.isCheckable())
    for empty in (field.forget, lambda: field.show_text("")):
        field.show_text("zoo")
        show.click()
        assert edit.echoMode() is QLineEdit.EchoMode.Normal
        empty()
        assert edit.echoMode() is QLineEdit.EchoMode.Password


def test_a_file_comes_before_its_password(qtbot: QtBot) -> None:
    field = KeyFileField()
    qtbot.addWidget(field)
    paths: list[str] = []
    field.file_chosen.connect(paths.append)
    button = named(field, QPushButton, "keystoreFileButton")
    field.show_file("")
    assert field.first_field.objectName() == "keystoreFileButton"
    assert button.accessibleDescription() == "No file is chosen."
    field.show()
    button.click()
    button.click()
    chooser = named(field, QFileDialog, "keystoreFileDialog")
    chooser.fileSelected.emit("key.json")
    chooser.reject()
    assert paths == ["key.json"]
    field.show_file("key.json")
    assert field.first_field.objectName() == "keystorePasswordEdit"
    assert button.accessibleDescription() == "key.json"


def test_only_the_ways_that_there_are_can_be_chosen(qtbot: QtBot) -> None:
    ways = WayButtons()
    qtbot.addWidget(ways)
    chosen: list[Way] = []
    ways.chosen.connect(chosen.append)
    ways.show_way(Way.PRIVATE_KEY, (Way.PRIVATE_KEY, Way.KEYSTORE))
    assert named(ways, QPushButton, "phraseWayButton").isHidden()
    assert named(ways, QPushButton, "privateKeyWayButton").isChecked()
    named(ways, QPushButton, "keystoreWayButton").click()
    assert chosen == [Way.KEYSTORE]
