"""The list of keys is on disk whole or as it was before, and only its owner may read it."""

from __future__ import annotations

import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.keys.identity_book import MAX_BYTES, IdentityBook

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
IDENTITIES = (
    Identity("a1a1a1a1", "Ada", "0x" + "aA" * 20, KeyOrigin.CREATED, NOW, "m/44'/60'/0'/0/0", NOW),
    Identity("b2b2b2b2", "Bücher ✓", "0x" + "bb" * 20, KeyOrigin.KEYSTORE, NOW),
)


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    book = IdentityBook(tmp_path / "deep" / "identities.json")
    book.save(IDENTITIES, "b2b2b2b2")
    assert IdentityBook(tmp_path / "deep" / "identities.json").load() == (IDENTITIES, "b2b2b2b2")
    assert [each.name for each in (tmp_path / "deep").iterdir()] == ["identities.json"]


def test_no_file_is_no_keys(tmp_path: Path) -> None:
    assert IdentityBook(tmp_path / "none" / "identities.json").load() == ((), "")


@pytest.mark.skipif(sys.platform == "win32", reason="the modes of Unix")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "identities.json"
    IdentityBook(path).save(IDENTITIES, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no json",
        b"[]",
        b"\xff\xfe",
        b'{"identities": 3}',
        b'{"identities": [{}]}',
        b"[" * 1_000_000,
        b'{"x":' * 200_000,
    ],
)
def test_a_damaged_list_is_told_and_left_alone(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "identities.json"
    path.write_bytes(text)
    with pytest.raises(VaultError) as caught:
        IdentityBook(path).load()
    assert caught.value.kind is VaultProblem.DAMAGED
    assert path.read_bytes() == text


def test_a_list_that_cannot_be_read_is_no_empty_list(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as caught:
        IdentityBook(tmp_path).load()
    assert caught.value.kind is VaultProblem.FILE_FAILED


def test_where_writing_fails_the_old_list_stands(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    book = IdentityBook(path)
    book.save(IDENTITIES, "a1a1a1a1")
    # A folder of the draft's name: it can't be opened for writing, whoever tries.
    (tmp_path / "identities.json.new").mkdir()
    with pytest.raises(VaultError) as caught:
        book.save(IDENTITIES[:1], "a1a1a1a1")
    assert caught.value.kind is VaultProblem.FILE_FAILED
    assert book.load() == (IDENTITIES, "a1a1a1a1")


HARMS: dict[str, tuple[str, Any]] = {
    "an empty id": ("identity_id", ""),
    "an id that is a path": ("identity_id", "../../../x"),
    "an id in capitals": ("identity_id", "A1A1A1A1"),
    "an id with a line break": ("identity_id", "a1a1a1a1\n"),
    "somebody else's id": ("identity_id", "b2b2b2b2"),
    "no name": ("name", ""),
    "an endless name": ("name", "x" * 100_000),
    "a name a letter too long": ("name", "x" * 41),
    "a name of several lines": ("name", "Ada\nVerified by Kayen"),
    "a name that turns the text around": ("name", "Ada \u202e 0xdead"),
    "a name with spaces around it": ("name", " Ada"),
    "somebody else's name": ("name", "B\u00dcCHER \u2713"),
    "no address": ("address", ""),
    "an address too short": ("address", "0xaa"),
    "an address of other letters": ("address", "0x" + "g" * 40),
    "an address with a line break": ("address", "0x" + "aa" * 20 + "\n"),
    "an address in other digits": ("address", "0x" + "\u0661" * 40),
    "somebody else's address": ("address", "0x" + "BB" * 20),
    "the year 1": ("created_at", "0001-01-01T00:00:00Z"),
    "the year 9999": ("created_at", "9999-12-31T23:59:59Z"),
    "a time of nowhere": ("created_at", "2026-11-21T06:00:00"),
    "a backup of the year 1999": ("backed_up_at", "1999-12-31T23:59:59Z"),
    "a backup of the year 2101": ("backed_up_at", "2101-01-01T00:00:00Z"),
    "an endless path": ("path", "m" + "/0" * 50_000),
    "no path": ("path", "m/x"),
    "a path in other digits": ("path", "m/44'/60'/0'/0/\u0661"),
    "an unknown origin": ("origin", "found"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_list_that_this_app_would_not_have_written_is_damage(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "identities.json"
    IdentityBook(path).save(IDENTITIES, "")
    page = json.loads(path.read_bytes())
    field, value = HARMS[harm]
    assert page["identities"][0][field] != value
    page["identities"][0][field] = value
    path.write_text(json.dumps(page))
    with pytest.raises(VaultError) as caught:
        IdentityBook(path).load()
    assert caught.value.kind is VaultProblem.DAMAGED
    assert len(caught.value.detail) < 500


def test_a_file_that_does_not_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    IdentityBook(path).save(IDENTITIES, "")
    path.write_bytes(path.read_bytes() + b" " * MAX_BYTES)
    with pytest.raises(VaultError) as caught:
        IdentityBook(path).load()
    assert caught.value.kind is VaultProblem.DAMAGED


def test_what_could_not_be_read_again_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    book = IdentityBook(path)
    book.save(IDENTITIES, "a1a1a1a1")
    many = tuple(
        Identity(f"{n:08x}", f"{n:040}", f"0x{n:040x}", KeyOrigin.CREATED, NOW)
        for n in range(MAX_BYTES // 100)
    )
    with pytest.raises(VaultError) as caught:
        book.save(many, "")
    assert caught.value.kind is VaultProblem.FULL
    with pytest.raises(VaultError) as caught:
        book.save((*IDENTITIES, IDENTITIES[0]), "")
    assert caught.value.kind is VaultProblem.DAMAGED
    assert book.load() == (IDENTITIES, "a1a1a1a1")
