"""The command line: what goes together, and a sentence for what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.main import has_display, parse_options, run
from kayen_desktop.options import host_of

URLS = ["--clearport-url", "wss://port-a.kayen.io", "--finex-url", "wss://kayen.io/ws"]


def test_the_first_start_is_practice_inside_the_app() -> None:
    options = parse_options([])
    assert options.is_practice
    assert options.is_embedded


def test_two_urls_and_a_throwaway_key_go_live() -> None:
    options = parse_options([*URLS, "--throwaway-key", "--data-dir", "somewhere"])
    assert not options.is_practice
    assert options.data_dir == Path("somewhere")
    assert host_of(options.clearport_url) == "port-a.kayen.io"


def test_practice_with_urls_is_a_practice_venue_elsewhere() -> None:
    options = parse_options([*URLS, "--practice"])
    assert options.is_practice
    assert not options.is_embedded


@pytest.mark.parametrize("arguments", [URLS[:2], URLS[2:], URLS])
def test_what_does_not_go_together_is_a_sentence(arguments: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"\.$"):
        parse_options(arguments)


def test_a_wrong_command_line_ends_with_2_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(URLS) == 2
    assert "--throwaway-key" in capsys.readouterr().err


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
