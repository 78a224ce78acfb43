"""The command line: what goes together, and a sentence for what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.main import has_display, parse_options, run
from kayen_desktop.options import (
    KAYEN_VENUE,
    PRACTICE_VENUE,
    Destination,
    destination_of,
    host_of,
)

CLEARPORT, FINEX = "wss://port-a.kayen.io", "wss://kayen.io/ws"
URLS = ["--clearport-url", CLEARPORT, "--finex-url", FINEX]


def test_without_a_word_the_settings_say_where_to_go() -> None:
    options = parse_options([])
    assert options.start is None
    assert destination_of("practice") is PRACTICE_VENUE
    assert destination_of("kayen") is KAYEN_VENUE
    assert destination_of("what another version wrote") is PRACTICE_VENUE


def test_practice_is_inside_the_app_and_a_tour_is_in_practice() -> None:
    for arguments in (["--practice"], ["--tour", "pictures"], ["--practice", "--tour", "pictures"]):
        start = parse_options(arguments).start
        assert start is PRACTICE_VENUE
        assert start.is_embedded


def test_two_urls_go_live_at_that_address() -> None:
    options = parse_options([*URLS, "--throwaway-key", "--data-dir", "somewhere"])
    assert options.start == Destination("kayen", CLEARPORT, FINEX)
    assert options.has_throwaway_key
    assert options.data_dir == Path("somewhere")
    assert not parse_options(URLS).has_throwaway_key
    assert host_of(CLEARPORT) == "port-a.kayen.io"
    assert host_of(None) == "unknown"


def test_practice_with_urls_is_a_practice_venue_elsewhere() -> None:
    start = parse_options([*URLS, "--practice"]).start
    assert start is not None
    assert start.is_practice
    assert not start.is_embedded


def test_each_venue_is_called_what_it_is() -> None:
    assert (PRACTICE_VENUE.name, PRACTICE_VENUE.key) == ("Practice", "practice")
    assert (KAYEN_VENUE.name, KAYEN_VENUE.key) == ("Kayen", "kayen")
    elsewhere = Destination("kayen", CLEARPORT, FINEX)
    assert (elsewhere.name, elsewhere.key) == ("port-a.kayen.io", CLEARPORT)


@pytest.mark.parametrize("arguments", [URLS[:2], URLS[2:]])
def test_what_does_not_go_together_is_a_sentence(arguments: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"\.$"):
        parse_options(arguments)


def test_a_wrong_command_line_ends_with_2_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(URLS[:2]) == 2
    assert "--finex-url" in capsys.readouterr().err


def test_no_display_is_said_before_qt_would_abort(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    assert run(["--practice"]) == 2
    assert "there is no display here" in capsys.readouterr().err


def test_windows_and_macos_always_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr("sys.platform", "darwin")
    assert has_display()
