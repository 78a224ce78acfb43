"""The journal keeps what was asked for through every way a process can end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import JournalError, SettingsError
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    IntentOutcome,
    OpenChannelRequest,
)
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import (
    PaymentMethod,
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.domain.signatures import SignatureOutcome, SignatureRecord, SigningPurpose
from kayen_desktop.journal import store
from kayen_desktop.journal.records import Plan
from kayen_desktop.journal.schema import SCHEMA_VERSION
from kayen_desktop.journal.store import MOST_SIGNATURES_KEPT, Journal
from tests.unit.domain.samples import BROKER, CHANNEL, NOW, PEPE, later, make_fill, make_request

INTENT = Intent("i1", make_request(), NOW)
SIGNATURE = SignatureRecord(
    NOW, SigningPurpose.CLEARPORT_CHALLENGE, "Clearport", "0xAB", "ab" * 32, 36
)

RUN = SettlementRun(
    "s1",
    CHANNEL,
    (PEPE,),
    NOW,
    PaymentMethod.ESCROW,
    1337,
    (SettledPosition(PEPE, Side.BUY, Decimal("100.10"), Decimal("1.1"), None, Decimal("-0.1")),),
    "172783",
    (SettlementStep(SettlementState.PROPOSED, NOW),),
)
STEP = ChannelStep(NOW, ChannelState.OPEN, ClearingState.OPERATIONAL, Jump.NEXT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(path, "Practice", "0xAB")) as opened:
        yield opened


def reopened(path: Path, venue: str = "Practice", account: str = "0xAB") -> Journal:
    return Journal(path, venue, account)


# Intents


def test_an_intent_is_there_for_another_connection_at_once(journal: Journal, path: Path) -> None:
    journal.record_intent(INTENT)
    with closing(reopened(path)) as other:
        assert other.unconfirmed_intents() == [INTENT]


def test_intents_come_back_oldest_first(journal: Journal) -> None:
    broker = replace(BROKER, packages=())
    intents = [
        Intent("z", make_request(), NOW),
        Intent("y", OpenChannelRequest(broker, make_request().amount), later(0.5)),
        Intent("x", CloseChannelRequest(CHANNEL), later(1)),
    ]
    for intent in reversed(intents):
        journal.record_intent(intent)
    assert journal.unconfirmed_intents() == intents


@pytest.mark.parametrize("outcome", set(IntentOutcome) - {IntentOutcome.UNCONFIRMED})
def test_a_settled_intent_is_not_asked_about_again(
    journal: Journal, path: Path, outcome: IntentOutcome
) -> None:
    journal.record_intent(INTENT)
    journal.record_intent(replace(INTENT, intent_id="i2"))
    journal.settle_intent(replace(INTENT, outcome=outcome, venue_id="o1", reason="a reason"))
    with closing(reopened(path)) as other:
        assert [intent.intent_id for intent in other.unconfirmed_intents()] == ["i2"]
        assert other.venue_ids() == {"o1"}


def test_an_intent_that_led_to_nothing_claims_no_id(journal: Journal) -> None:
    journal.record_intent(INTENT)
    journal.settle_intent(replace(INTENT, outcome=IntentOutcome.NOT_SENT))
    assert journal.venue_ids() == set()


def test_one_id_is_one_intent(journal: Journal) -> None:
    journal.record_intent(INTENT)
    with pytest.raises(JournalError, match="can't be used"):
        journal.record_intent(INTENT)


def test_accounts_and_venues_do_not_see_each_other(journal: Journal, path: Path) -> None:
    journal.record_intent(replace(INTENT, outcome=IntentOutcome.CONFIRMED, venue_id="o1"))
    journal.record_intent(replace(INTENT, intent_id="i2"))
    journal.keep_fills([(CHANNEL, make_fill())])
    assert journal.claim_report(CHANNEL, "1")
    for venue, account in [("Kayen", "0xAB"), ("Practice", "0xCD")]:
        with closing(reopened(path, venue, account)) as other:
            assert other.unconfirmed_intents() == []
            assert other.venue_ids() == set()
            assert other.fills(CHANNEL) == []
            assert not other.is_reported(CHANNEL, "1")
            other.settle_intent(replace(INTENT, intent_id="i2", outcome=IntentOutcome.REJECTED))
            assert other.claim_report(CHANNEL, "1")
    assert [intent.intent_id for intent in journal.unconfirmed_intents()] == ["i2"]


def test_an_address_is_one_account_in_any_case(journal: Journal, path: Path) -> None:
    journal.record_intent(INTENT)
    with closing(reopened(path, account="0xab")) as other:
        assert other.unconfirmed_intents() == [INTENT]


# Fills


def test_fills_are_kept_once_and_come_back_oldest_first(journal: Journal, path: Path) -> None:
    first, second = make_fill("9"), make_fill("10", executed_at=later(1))
    journal.keep_fills([(CHANNEL, second), (CHANNEL, first)])
    journal.keep_fills([(CHANNEL, first), ("0xother", make_fill("11"))])
    with closing(reopened(path)) as other:
        other.keep_fills([(CHANNEL, first)])
        assert other.fills(CHANNEL) == [first, second]
        assert [fill.fill_id for fill in other.fills("0xother")] == ["11"]


def test_within_a_second_the_smaller_number_is_older(journal: Journal) -> None:
    journal.keep_fills([(CHANNEL, make_fill(each)) for each in ("10", "9", "100")])
    assert [fill.fill_id for fill in journal.fills(CHANNEL)] == ["9", "10", "100"]


def test_keeping_no_fills_is_fine(journal: Journal) -> None:
    journal.keep_fills([])
    assert journal.fills(CHANNEL) == []


# Reports


def test_a_report_is_claimed_exactly_once_for_ever(journal: Journal, path: Path) -> None:
    with closing(reopened(path)) as other:
        claims = [each.claim_report(CHANNEL, "1") for each in (journal, other, journal, other)]
    assert claims == [True, False, False, False]
    with closing(reopened(path)) as later_run:
        assert not later_run.claim_report(CHANNEL, "1")
        assert later_run.is_reported(CHANNEL, "1")
        assert later_run.claim_report(CHANNEL, "2")
        assert later_run.claim_report("0xother", "1")


def test_what_the_house_has_recorded_is_not_claimed(journal: Journal) -> None:
    assert not journal.is_reported(CHANNEL, "1")
    journal.mark_recorded(CHANNEL, ["1", "2"])
    journal.mark_recorded(CHANNEL, ["1"])
    assert journal.is_reported(CHANNEL, "1")
    assert not journal.claim_report(CHANNEL, "1")
    assert not journal.claim_report(CHANNEL, "2")


def test_a_claim_given_back_may_be_made_again(journal: Journal) -> None:
    assert journal.claim_report(CHANNEL, "1")
    journal.release_report(CHANNEL, "1")
    assert journal.claim_report(CHANNEL, "1")


def test_what_is_recorded_can_not_be_given_back(journal: Journal) -> None:
    assert journal.claim_report(CHANNEL, "1")
    journal.mark_recorded(CHANNEL, ["1"])
    journal.release_report(CHANNEL, "1")
    assert not journal.claim_report(CHANNEL, "1")


# Signatures


def test_a_signature_is_on_disk_before_it_is_made_and_settled_after(
    journal: Journal, path: Path
) -> None:
    number = journal.record_signature(SIGNATURE)
    with closing(reopened(path)) as other:
        assert other.signatures() == [SIGNATURE]
        journal.settle_signature(number, SignatureOutcome.SIGNED)
        assert other.signatures() == [replace(SIGNATURE, outcome=SignatureOutcome.SIGNED)]


def test_the_newest_signatures_come_first(journal: Journal) -> None:
    records = [replace(SIGNATURE, asked_at=later(each), length=each) for each in range(5)]
    numbers = [journal.record_signature(each) for each in records]
    assert numbers == sorted(set(numbers))
    assert journal.signatures() == records[::-1]
    assert journal.signatures(limit=2) == records[:2:-1]


def test_the_audit_keeps_the_newest_lines_and_no_more(journal: Journal, path: Path) -> None:
    first = journal.record_signature(SIGNATURE)
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO signatures SELECT ?, venue, account, asked_at, purpose, audience,"
            " address, digest, length, outcome FROM signatures WHERE signature_id = ?",
            [(first + each, first) for each in range(1, MOST_SIGNATURES_KEPT)],
        )
    kept = journal.signatures(limit=2 * MOST_SIGNATURES_KEPT)
    assert len(kept) == MOST_SIGNATURES_KEPT
    newest = replace(SIGNATURE, asked_at=later(1))
    number = journal.record_signature(newest)
    journal.settle_signature(number, SignatureOutcome.SIGNED)
    kept = journal.signatures(limit=2 * MOST_SIGNATURES_KEPT)
    assert len(kept) == MOST_SIGNATURES_KEPT
    assert kept[0] == replace(newest, outcome=SignatureOutcome.SIGNED)
    assert set(kept[1:]) == {SIGNATURE}


def test_each_account_has_an_audit_of_its_own(journal: Journal, path: Path) -> None:
    number = journal.record_signature(SIGNATURE)
    with closing(reopened(path, account="0xCD")) as other:
        assert other.signatures() == []
        other.settle_signature(number, SignatureOutcome.REFUSED)
    assert journal.signatures() == [SIGNATURE]


def set_back(path: Path, version: int) -> None:
    """Make of a journal one that an earlier version of the application wrote."""
    newer = {2: ("signatures",), 3: ("settlements", "channel_steps", "pins", "plans")}
    with closing(sqlite3.connect(path)) as database, database:
        for brought_by, tables in newer.items():
            for table in tables if brought_by > version else ():
                database.execute(f"DROP TABLE {table}")
        database.execute(f"PRAGMA user_version={version}")


def test_a_journal_of_the_second_version_is_brought_forward(path: Path) -> None:
    with closing(Journal(path, "Practice", "0xAB")) as old:
        old.record_intent(INTENT)
        old.record_signature(SIGNATURE)
    set_back(path, 2)
    with closing(reopened(path)) as journal:
        assert journal.unconfirmed_intents() == [INTENT]
        assert journal.signatures() == [SIGNATURE]
        assert (journal.settlements(), journal.channel_steps(CHANNEL)) == ([], [])
        assert (journal.pin("Kayen"), journal.plan()) == (None, None)
        journal.keep_settlement(RUN)
    with closing(reopened(path)) as again:
        assert again.settlements() == [RUN]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_journal_of_the_first_version_is_brought_forward(path: Path) -> None:
    with closing(Journal(path, "Practice", "0xAB")) as old:
        old.record_intent(INTENT)
        old.keep_fills([(CHANNEL, make_fill())])
    set_back(path, 1)
    with closing(reopened(path)) as journal:
        assert journal.unconfirmed_intents() == [INTENT]
        assert journal.fills(CHANNEL) == [make_fill()]
        assert journal.signatures() == []
        journal.record_signature(SIGNATURE)
    with closing(reopened(path)) as again:
        assert again.signatures() == [SIGNATURE]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_step_forward_that_fails_leaves_the_old_journal(path: Path) -> None:
    with closing(Journal(path, "Practice", "0xAB")) as old:
        old.record_intent(INTENT)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP INDEX signatures_owned")
        database.execute("PRAGMA user_version=1")  # though the table is there
    with pytest.raises(JournalError, match="can't be used"):
        reopened(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM intents").fetchone() == (1,)


# Settlements, lives, pins and plans


def test_a_settlement_is_kept_as_it_stands(journal: Journal, path: Path) -> None:
    journal.keep_settlement(RUN)
    journal.keep_settlement(replace(RUN, settlement_id="s0"))
    last = RUN.stepped(SettlementStep(SettlementState.OTHER, later(1), "paused", is_inferred=True))
    journal.keep_settlement(last)
    with closing(reopened(path)) as other:
        assert other.settlements() == [last, replace(RUN, settlement_id="s0")]
        assert str(other.settlements()[0].positions[0].amount) == "100.10"


def test_the_newest_settlements_stay_and_all_that_wait_for_their_end(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_SETTLEMENTS_KEPT", 3)
    journal.keep_settlement(RUN)
    elsewhere = replace(RUN, method=None, chain_id=None)
    for number in range(5):
        journal.keep_settlement(replace(elsewhere, settlement_id=f"e{number}"))
    assert [run.settlement_id for run in journal.settlements()] == ["s1", "e2", "e3", "e4"]
    over = SettlementStep(SettlementState.COMPLETED, NOW)
    journal.keep_settlement(RUN.stepped(over))
    assert [run.settlement_id for run in journal.settlements()] == ["e2", "e3", "e4"]


def test_the_life_of_an_account_is_kept_up_to_a_number_of_steps(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_CHANNEL_STEPS_KEPT", 3)
    steps = [replace(STEP, at=later(number)) for number in range(4)]
    for step in steps:
        journal.keep_channel_step(CHANNEL, step)
    journal.keep_channel_step("0xother", STEP)
    with closing(reopened(path)) as other:
        assert other.channel_steps(CHANNEL) == steps[2:]
        assert other.channel_steps("0xother") == [STEP]
    with closing(reopened(path, account="0xCD")) as stranger:
        stranger.keep_channel_step(CHANNEL, STEP)
    assert journal.channel_steps(CHANNEL) == steps[2:]


def test_a_pin_holds_until_another_is_set(journal: Journal, path: Path) -> None:
    assert journal.pin("Kayen") is None
    journal.set_pin("Kayen", "0x1", NOW)
    journal.set_pin("Clearport", "0x2", NOW)
    journal.set_pin("Kayen", "0x3", later(1))
    with closing(reopened(path)) as other:
        assert (other.pin("Kayen"), other.pin("Clearport")) == ("0x3", "0x2")


def test_a_plan_is_there_until_it_is_ended(journal: Journal, path: Path) -> None:
    assert journal.plan() is None
    journal.begin_plan("0xold", "close", NOW)
    journal.begin_plan(CHANNEL, "settle", later(1))
    with closing(reopened(path)) as other:
        assert other.plan() == Plan(CHANNEL, "settle", later(1))
    journal.end_plan()
    journal.end_plan()
    assert journal.plan() is None


def test_each_account_has_settlements_lives_pins_and_a_plan_of_its_own(
    journal: Journal, path: Path
) -> None:
    journal.keep_settlement(RUN)
    journal.keep_channel_step(CHANNEL, STEP)
    journal.set_pin("Kayen", "0x1", NOW)
    journal.begin_plan(CHANNEL, "close", NOW)
    for venue, account in [("Kayen", "0xAB"), ("Practice", "0xCD")]:
        with closing(reopened(path, venue, account)) as other:
            assert (other.settlements(), other.channel_steps(CHANNEL)) == ([], [])
            assert (other.pin("Kayen"), other.plan()) == (None, None)
            other.keep_settlement(replace(RUN, markets=()))
            other.set_pin("Kayen", "0x2", NOW)
            other.end_plan()
    assert journal.settlements() == [RUN]
    assert journal.pin("Kayen") == "0x1"
    assert journal.plan() == Plan(CHANNEL, "close", NOW)


@pytest.mark.parametrize(
    ("table", "column", "text", "read"),
    [
        ("settlements", "run", "{", Journal.settlements),
        ("settlements", "run", "{}", Journal.settlements),
        ("channel_steps", "step", "[]", lambda journal: journal.channel_steps(CHANNEL)),
        ("plans", "began_at", "yesterday", Journal.plan),
    ],
)
def test_a_damaged_settlement_life_or_plan_is_said_to_be_damaged(
    journal: Journal,
    path: Path,
    table: str,
    column: str,
    text: str,
    read: Callable[[Journal], object],
) -> None:
    journal.keep_settlement(RUN)
    journal.keep_channel_step(CHANNEL, STEP)
    journal.begin_plan(CHANNEL, "close", NOW)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE {table} SET {column} = ?", (text,))  # noqa: S608 - our tables
    with pytest.raises(JournalError, match="is damaged"):
        read(journal)


# Files that can't be used


def test_a_damaged_file_is_said_to_be_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is a diary, not a database. " * 200)
    with pytest.raises(SettingsError, match=r"journal .* can't be used: file is not a database"):
        reopened(path)
    assert path.read_bytes().startswith(b"This is a diary")


def test_a_file_that_can_not_be_opened_is_said_so(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="can't be used"):
        reopened(path)
    path.parent.joinpath("file").write_text("")
    with pytest.raises(SettingsError, match="can't be used"):
        reopened(path.parent / "file" / "journal.sqlite")


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_newer_journal_is_refused_and_left_untouched(path: Path, mode: str) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode={mode}")
        database.execute("CREATE TABLE intents (everything TEXT)")
        database.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        database.commit()
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="newer version"):
        reopened(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused_and_left_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recipes (cake TEXT)")
        database.commit()
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="something else than a journal"):
        reopened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE intents SET request = '{'",
        'UPDATE intents SET request = \'{"type":"gift"}\'',
        "UPDATE intents SET created_at = 'yesterday'",
    ],
)
def test_a_damaged_row_is_said_to_be_damaged(journal: Journal, path: Path, damage: str) -> None:
    journal.record_intent(INTENT)
    journal.keep_fills([(CHANNEL, make_fill())])
    journal.record_signature(SIGNATURE)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(damage)
        database.execute("UPDATE fills SET fill = '{'")
        database.execute("UPDATE signatures SET outcome = 'forged'")
    with pytest.raises(JournalError, match="is damaged"):
        journal.unconfirmed_intents()
    with pytest.raises(JournalError, match="is damaged"):
        journal.fills(CHANNEL)
    with pytest.raises(JournalError, match="is damaged"):
        journal.signatures()


def test_a_locked_file_is_an_error_of_ours(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    with closing(reopened(path)) as other, closing(sqlite3.connect(path)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        writes: list[Callable[[], None]] = [
            lambda: other.record_intent(INTENT),
            lambda: other.settle_intent(INTENT),
            lambda: other.keep_fills([(CHANNEL, make_fill())]),
            lambda: other.mark_recorded(CHANNEL, ["1"]),
            lambda: other.settle_signature(1, SignatureOutcome.SIGNED),
            lambda: other.keep_settlement(RUN),
            lambda: other.keep_channel_step(CHANNEL, STEP),
            lambda: other.set_pin("Kayen", "0x1", NOW),
            lambda: other.begin_plan(CHANNEL, "close", NOW),
            other.end_plan,
        ]
        for write in writes:
            with pytest.raises(JournalError, match="locked"):
                write()
        stranger.rollback()
        other.record_intent(INTENT)
    assert journal.unconfirmed_intents() == [INTENT]


# The end of a process

KILLED = """
import os, signal, sys
from pathlib import Path
from kayen_desktop.journal.store import Journal
from tests.unit.journal.test_store import INTENT
journal = Journal(Path(sys.argv[1]), "Practice", "0xAB")
journal.record_intent(INTENT)
assert journal.claim_report("0xchannel", "1")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends processes differently")
def test_what_was_recorded_survives_a_kill(path: Path) -> None:
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL
    with closing(reopened(path)) as journal:
        assert journal.unconfirmed_intents() == [INTENT]
        assert not journal.claim_report("0xchannel", "1")
