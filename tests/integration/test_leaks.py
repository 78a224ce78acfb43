"""The whole tour with a canary for a key: it is found nowhere but in the vault and the signer.

What is looked for: the entropy, the private key and the passphrase, each as bytes, as hex in both
cases, as a number, as base64 and base64url in all three alignments and as Python shows it; and any
three words in a row of the phrase. Where: see ``live_places``, and below.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel

from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.tour import PASSPHRASE
from kayen_desktop.ui.notices import Notice
from tests.secret_service import find_missing_tool, is_linux, secret_service

from .canary_tour import CRASH, DIALOGS, STEPS, canary
from .live_places import write_places
from .spellings import Search, spellings

_WITHIN_S = 180
_PHRASE = RecoveryPhrase.from_entropy(canary(16))
_KEY = _PHRASE.derive()
_SEARCH = Search(
    {
        "the entropy": _KEY.entropy,
        "the private key": _KEY.private_key,
        "the passphrase": PASSPHRASE.encode(),
    },
    _PHRASE.words,
)


@dataclass(frozen=True)
class Tour:
    """What came of a tour: ``folder`` holds what was seen at each moment, ``told`` its output."""

    folder: Path
    mark: str
    exit_code: int
    told: bytes
    complained: bytes

    def holds(self, place: str, text: str) -> bool:
        """Return whether the text was seen in the place, at any moment."""
        return any(text.encode() in path.read_bytes() for path in self.folder.glob(place))


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Return the one tour that these tests look into."""
    if not is_linux():
        pytest.skip("Secret Service is the keyring of Linux.")
    if problem := find_missing_tool():
        pytest.fail(problem, pytrace=False)
    folder, mark = tmp_path_factory.mktemp("tour"), f"mark{secrets.token_hex(8)}"
    with secret_service(tmp_path_factory.mktemp("keyring")) as environment:
        return asyncio.run(_take_tour(folder, mark, environment))


async def _take_tour(folder: Path, mark: str, keyring: dict[str, str]) -> Tour:
    (folder / "drafts").mkdir()
    home = folder / "home"
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= keyring
    environment |= {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(folder / "drafts"),
        "MARK": mark,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.canary_tour", str(folder), mark),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    async with asyncio.timeout(_WITHIN_S):
        told, complained = await process.communicate()
    return Tour(folder, mark, process.returncode or 0, told, complained)


def test_the_canary_is_the_key_of_the_tour(tour: Tour) -> None:
    assert tour.exit_code == 0, tour.told.decode() + tour.complained.decode()
    assert tour.told.count(b"\nok ") + tour.told.startswith(b"ok ") == STEPS
    # Who signs in is public: it stands in the journal, and in what the session says of itself.
    assert tour.holds("data/practice/journal.sqlite3*", _KEY.address)
    assert tour.holds("step-3/objects.txt", f"LocalSigner({_KEY.address})")


def test_no_place_holds_the_canary(tour: Tour) -> None:
    assert tour.complained == b""
    assert _SEARCH.in_bytes(tour.told) == []
    assert _SEARCH.in_files(tour.folder) == []


def test_every_place_was_looked_into(tour: Tour) -> None:
    """The mark was put wherever the canary is looked for: without it, nothing would be proved."""
    places = (
        "step-3/objects.txt",
        "step-3/widgets.txt",
        "step-3/clipboard.txt",
        "step-3/settings.txt",
        "step-3/environ",
        "step-3/cmdline",
        "home/**/*.conf",
        "data/logs/kayen.log",
        "frames.txt",
        "pictures-*/transcript.txt",
        # What the venue says of settlements and wants of the wallet, kept and shown.
        "step-8/data/practice/journal.sqlite3*",
        "step-8/objects.txt",
        "walletRequestDialog/widgets.txt",
        "accountDialog/objects.txt",
    )
    assert [place for place in places if not tour.holds(place, tour.mark)] == []
    assert tour.mark.encode() in tour.told
    # The journal while it is written, and the vault's own item, sealed.
    assert tour.holds("step-3/data/practice/journal.sqlite3*", _KEY.address)
    assert tour.holds("step-3/keyring", "Kayen Desktop tour")
    assert (tour.folder / "end" / "keyring").read_bytes() == b""
    assert tour.holds("step-2/coroutines.txt", "run_tour: ")


def test_every_dialog_of_the_account_was_looked_into(tour: Tour) -> None:
    for name in DIALOGS:
        assert tour.holds(f"{name}/widgets.txt", f"{name}.windowTitle = "), name
    assert tour.holds("settleWizard/items.txt", "settleMarketsList: PEPE/USD, Bought ")
    assert tour.holds("accountDialog/items.txt", "positionsView: PEPE/USD")


def test_every_table_of_the_journal_was_searched(tour: Tour) -> None:
    with closing(sqlite3.connect(tour.folder / "data" / "practice" / "journal.sqlite3")) as journal:
        count = "SELECT (SELECT count(*) FROM {0})".format
        tables = ("intents", "fills", "signatures", "settlements", "channel_steps", "pins")
        rows = {table: journal.execute(count(table)).fetchone()[0] for table in tables}
    assert all(rows.values()), rows


def test_the_choice_of_a_reading_was_searched(tour: Tour) -> None:
    assert tour.holds("step-8/data/*.json", '"total"')


def test_a_crash_among_those_who_sign_tells_nothing_of_the_key(tour: Tour) -> None:
    log = (tour.folder / "data" / "logs" / "kayen.log").read_text("utf-8")
    assert log.count("an unexpected error") == 2
    assert CRASH in log
    assert "in sign" in log
    frames = (tour.folder / "frames.txt").read_text("utf-8")
    assert f"LocalSigner({_KEY.address})" in log
    assert "in examine" in frames


def test_a_copied_phrase_is_gone_once_the_application_has_stopped(tour: Tour) -> None:
    assert (tour.folder / "copied.txt").read_text("utf-8") == "True"
    assert (tour.folder / "end" / "clipboard.txt").read_bytes().strip() == b""


# That the search would find it


@pytest.mark.parametrize("spelling", spellings(b"0123456789abcdef"))
def test_every_spelling_is_found_in_a_file(tmp_path: Path, spelling: str) -> None:
    for secret in (_KEY.entropy, _KEY.private_key, PASSPHRASE.encode()):
        planted = b"2026-11-21 INFO " + spellings(secret)[spelling] + b"\n"
        (tmp_path / "kayen.log").write_bytes(planted)
        assert _SEARCH.in_files(tmp_path)


@pytest.mark.parametrize("before", range(3))
def test_base64_is_found_wherever_it_begins(before: int) -> None:
    around = b"-" * before + _KEY.private_key + b"and more"
    other = b"-" * before + bytes(32) + b"and more"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert _SEARCH.in_bytes(encode(around))
        assert not _SEARCH.in_bytes(encode(other))


@pytest.mark.parametrize("between", [" ", ", ", "\n", "', '", "\n 7. ", '","'])
def test_three_words_in_a_row_are_found_whatever_stands_between_them(between: str) -> None:
    words = list(_PHRASE.words)
    assert _SEARCH.in_bytes(between.join(["x", *words[4:7], "y"]).encode())
    assert _SEARCH.in_bytes(between.join(words).upper().encode())
    assert not _SEARCH.in_bytes(between.join([*words[4:6], "y", words[6]]).encode())


@pytest.mark.parametrize("place", ["objects", "widgets", "items", "clipboard", "coroutines"])
def test_what_is_planted_in_a_live_place_is_found(
    qapp: QApplication, tmp_path: Path, place: str
) -> None:
    phrase = " ".join(_PHRASE.words)
    waiting = LocalSigner(_KEY).sign(SigningPurpose.CLEARPORT_CHALLENGE, phrase)
    planted: list[object] = []
    match place:
        case "objects":
            planted.append(Notice("Your words are", phrase, "", Severity.INFO))
        case "widgets":
            planted.append(label := QLabel())
            label.setToolTip(phrase)
        case "items":
            planted.append(choices := QComboBox())
            choices.addItem("a choice", phrase)
        case "clipboard":
            qapp.clipboard().setText(phrase)
        case "coroutines":
            planted.append(waiting)
    if place != "coroutines":
        waiting.close()
    write_places(tmp_path / "places")
    qapp.clipboard().clear()
    waiting.close()
    # The words alone: the key itself lives in this module.
    seen = Search({}, _PHRASE.words).in_files(tmp_path / "places")
    found = {each.partition(".txt")[0] for each in seen}
    assert found == {place}
