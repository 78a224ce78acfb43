"""What may be known of a key without its secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kayen_desktop.domain.identities import Identity, KeyOrigin

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEY = Identity("0a1b2c3d", "Main", "0x" + "1" * 40, KeyOrigin.PRIVATE_KEY, NOW)


def test_a_key_without_a_path_has_no_phrase() -> None:
    assert not KEY.has_phrase
    assert replace(KEY, path="m/44'/60'/0'/0/0").has_phrase


def test_a_key_is_backed_up_once_a_backup_was_checked() -> None:
    assert not KEY.is_backed_up
    assert replace(KEY, backed_up_at=NOW).is_backed_up
