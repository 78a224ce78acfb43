"""The settings outlive a run whole, and a damaged file costs nothing but the choices in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.app.settings import MAX_BYTES, Settings, SettingsFile
from kayen_desktop.domain.errors import SettingsError

CHOSEN = Settings(
    is_welcomed=True,
    has_keys=True,
    venue="kayen",
    theme="dark",
    idle_minutes=5,
    can_close_while_locked=True,
    agreed=("0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1@port-a.kayen.io",),
)


def kept(folder: Path) -> Settings:
    file = SettingsFile(folder)
    file.load()
    return file.settings


def test_a_first_start_has_the_defaults_and_writes_nothing(tmp_path: Path) -> None:
    assert kept(tmp_path / "new") == Settings()
    assert not (tmp_path / "new").exists()


def test_what_was_chosen_is_there_at_the_next_start(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "new")
    file.settings = CHOSEN
    file.save()
    assert kept(tmp_path / "new") == CHOSEN
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"idle_minutes": "ten"}',
        b'{"idle_minutes": true}',
        b'{"idle_minutes": -5}',
        b'{"idle_minutes": 1' + b"0" * 400 + b"}",
        b'{"is_welcomed": 1}',
        b'{"agreed": "0x12"}',
        b'{"theme": null}',
        b'{"margin_reading": "wishful"}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"theme": "' + b"x" * MAX_BYTES + b'"}',
    ],
)
def test_a_damaged_file_is_said_and_kept_beside(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(text)
    file = SettingsFile(tmp_path)
    with pytest.raises(SettingsError, match=r"\.$"):
        file.load()
    assert file.settings == Settings()
    assert (tmp_path / "settings.damaged.json").read_bytes() == text
    file.save()
    assert kept(tmp_path) == Settings()


def test_no_file_stops_the_start(tmp_path: Path) -> None:
    @given(st.binary(max_size=200))
    def start_with(text: bytes) -> None:
        (tmp_path / "settings.json").write_bytes(text)
        file = SettingsFile(tmp_path)
        told = "."
        try:
            file.load()
        except SettingsError as error:
            told = str(error)
        assert told.endswith(".")
        assert isinstance(file.settings, Settings)

    start_with()


def test_what_another_version_wrote_is_passed_over(tmp_path: Path) -> None:
    text = json.dumps({"venue": "kayen", "unheard_of": {"deep": [1]}})
    (tmp_path / "settings.json").write_text(text)
    assert kept(tmp_path) == replace(Settings(), venue="kayen")


def test_a_folder_that_takes_nothing_is_a_sentence_and_the_choice_holds(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file is in the way")
    file = SettingsFile(tmp_path / "folder")
    file.settings = CHOSEN
    with pytest.raises(SettingsError, match="could not be saved"):
        file.save()
    assert file.settings == CHOSEN
