"""A private file is there whole or as it was before, and only its owner may read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kayen_desktop.keys.private_file import make_private_folder, write_private

only_posix = pytest.mark.skipif(os.name != "posix", reason="Windows guards files by their place")


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "page.json"
    with pytest.raises(FileNotFoundError):  # it may have been on a disk that was taken out
        write_private(path, b"old")
    make_private_folder(path.parent)
    write_private(path, b"old")
    write_private(path, b"new\n\x00")
    assert path.read_bytes() == b"new\n\x00"
    assert names_in(path.parent) == ["page.json"]


@only_posix
def test_only_its_owner_may_read_it_whoever_could_before(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "page.json"
    mask = os.umask(0)
    try:
        make_private_folder(path.parent)
        write_private(path, b"1")
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.chmod(0o666)
        draft = tmp_path / "folder" / "page.json.new"
        draft.write_text("left by a crash, for everybody")
        draft.chmod(0o666)
        write_private(path, b"2")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"2"


@pytest.mark.parametrize("name", ["open", "fsync", "replace"])
def test_where_the_disk_fails_the_old_file_stands_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "page.json"
    write_private(path, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, name, fail)
        with pytest.raises(OSError, match="No space"):
            write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["page.json"]


@only_posix
def test_the_file_and_then_its_name_are_on_the_disk_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    real = os.fsync

    def watch(descriptor: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    write_private(tmp_path / "page.json", b"1")
    assert flushed == [False, True]


@only_posix
def test_a_link_in_the_drafts_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "of somebody else"
    victim.write_text("untouched")
    (tmp_path / "page.json.new").symlink_to(victim)
    write_private(tmp_path / "page.json", b"secret")
    assert victim.read_text() == "untouched"
    assert (tmp_path / "page.json").read_bytes() == b"secret"
