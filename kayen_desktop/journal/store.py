"""The one door to SQLite: what an account asked for, got and saw, by venue and account.

Decision: writes are made on the calling thread. An intent must be on disk before its frame is
sent, and handing a 0.1 ms commit to a thread costs more than the commit. WAL with
``synchronous=FULL`` makes each commit survive a power cut; facts, which a venue can be asked for
again, are written in batches by the caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kayen_desktop.domain.errors import JournalError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import Intent, IntentOutcome, RecordTradeRequest
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.domain.settlement import SettlementRun
from kayen_desktop.domain.signatures import SignatureOutcome, SignatureRecord

from . import records
from .records import Plan
from .schema import MIGRATIONS, SCHEMA_VERSION

# Of all accounts of one file; a venue that floods it is stopped at twenty lines in ten minutes
# (app/signing.py), so these are the last three days at the very least.
MOST_SIGNATURES_KEPT = 10_000
# Of one account.
MOST_SETTLEMENTS_KEPT = 1000
MOST_CHANNEL_STEPS_KEPT = 500
# Another process writes for less than a millisecond; the window must not wait long for it.
BUSY_S = 1.0


class Journal:
    """What one account asked of one venue, and the fills it got for it.

    Every method raises ``JournalError`` where the file can't be read or written.
    """

    def __init__(self, path: Path, venue: str, account: str) -> None:
        """Open or create the file.

        Raises:
            JournalError: the file can't be opened, is no journal, or is from a newer version.
        """
        self._owner = (venue, account.lower())
        self._path = path
        with self._door():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            with self._door():
                self._prepare()
        except JournalError:
            self._db.close()
            raise

    @contextmanager
    def _door(self) -> Iterator[None]:
        """Translate what SQLite and the disk say into the one error that leaves this module."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"The journal {self._path} can't be used: {error}.") from error
        except ValueError as error:
            raise JournalError(f"The journal {self._path} is damaged: {error}.") from error

    def _prepare(self) -> None:
        # Looked at before anything is set: a file that is not ours is left as it is.
        if self._version() > SCHEMA_VERSION:
            raise JournalError(
                f"The journal {self._path} was written by a newer version of Kayen Desktop. "
                "It is left untouched. Install the newer version to use it."
            )
        self._refuse_strangers()
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        with self._transaction():
            for step in MIGRATIONS[self._version() :]:
                for statement in step:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _refuse_strangers(self) -> None:
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and self._version() == 0:
            raise JournalError(
                f"The file {self._path} holds something else than a journal. "
                "It is left untouched. Choose another data folder."
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Hold the only right to write until all is written; another process waits."""
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            yield

    def close(self) -> None:
        """Close the file; nothing may be written after."""
        self._db.close()

    def record_intent(self, intent: Intent) -> None:
        """Put the intent on disk; when this returns it survives a power cut."""
        with self._door():
            self._db.execute(
                "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *self._owner,
                    intent.intent_id,
                    intent.created_at.isoformat(),
                    records.encode_request(intent.request),
                    intent.outcome.value,
                    intent.venue_id,
                    intent.reason,
                ),
            )

    def settle_intent(self, intent: Intent) -> None:
        """Keep the outcome of an intent recorded before, and with it the trade it has booked.

        A booked trade's id is used up: killed between two writes, nobody would tell of it again.
        """
        booked = []
        if isinstance(intent.request, RecordTradeRequest) and (
            intent.outcome is IntentOutcome.CONFIRMED
        ):
            booked.append((intent.request.channel_id, intent.request.fill))
        with self._door(), self._transaction():
            self._insert_fills(booked)
            self._db.execute(
                "UPDATE intents SET outcome = ?, venue_id = ?, reason = ?"
                " WHERE venue = ? AND account = ? AND intent_id = ?",
                (
                    intent.outcome.value,
                    intent.venue_id,
                    intent.reason,
                    *self._owner,
                    intent.intent_id,
                ),
            )

    def unconfirmed_intents(self) -> list[Intent]:
        """Return the intents without an outcome, oldest first."""
        with self._door():
            rows = self._db.execute(
                "SELECT intent_id, created_at, request, outcome, venue_id, reason FROM intents"
                " WHERE outcome = 'unconfirmed' AND venue = ? AND account = ?",
                self._owner,
            )
            intents = [records.decode_intent(*row) for row in rows]
        return sorted(intents, key=lambda intent: (intent.created_at, intent.intent_id))

    def venue_ids(self) -> set[str]:
        """Return the venue's ids that intents of this account are known to have led to."""
        with self._door():
            rows = self._db.execute(
                "SELECT venue_id FROM intents WHERE venue = ? AND account = ? AND venue_id != ''",
                self._owner,
            )
            return {venue_id for (venue_id,) in rows}

    def keep_fills(self, fills: Iterable[tuple[str, Fill]]) -> None:
        """Keep (channel_id, fill) pairs, each fill once, in one transaction."""
        with self._door(), self._transaction():
            self._insert_fills(fills)

    def _insert_fills(self, fills: Iterable[tuple[str, Fill]]) -> None:
        rows = [
            (
                *self._owner,
                fill.fill_id,
                channel_id,
                fill.executed_at.isoformat(),
                records.encode_fill(fill),
            )
            for channel_id, fill in fills
        ]
        self._db.executemany("INSERT OR IGNORE INTO fills VALUES (?, ?, ?, ?, ?, ?)", rows)

    def fills(self, channel_id: str) -> list[Fill]:
        """Return the fills of one margin account, oldest first.

        Venues tell whole seconds: within one, the shorter id, as a number the smaller, is older.
        """
        with self._door():
            rows = self._db.execute(
                "SELECT fill FROM fills WHERE venue = ? AND account = ? AND channel_id = ?"
                " ORDER BY executed_at, length(fill_id), fill_id",
                (*self._owner, channel_id),
            )
            return [records.decode_fill(text) for (text,) in rows]

    def claim_report(self, channel_id: str, fill_id: str) -> bool:
        """Return True, once for ever, to whoever may report this fill to the clearing house."""
        with self._door():
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?, 0)",
                (*self._owner, channel_id, fill_id),
            )
        return cursor.rowcount == 1

    def release_report(self, channel_id: str, fill_id: str) -> None:
        """Give a claim back: the report was certainly not sent, so it may be made later."""
        with self._door():
            self._db.execute(
                "DELETE FROM reports WHERE venue = ? AND account = ? AND channel_id = ?"
                " AND fill_id = ? AND is_recorded = 0",
                (*self._owner, channel_id, fill_id),
            )

    def mark_recorded(self, channel_id: str, fill_ids: Iterable[str]) -> None:
        """Keep that the clearing house has the fills on its books, in one transaction."""
        rows = [(*self._owner, channel_id, fill_id) for fill_id in fill_ids]
        with self._door(), self._transaction():
            self._db.executemany(
                "INSERT INTO reports VALUES (?, ?, ?, ?, 1) ON CONFLICT"
                " (venue, account, channel_id, fill_id) DO UPDATE SET is_recorded = 1",
                rows,
            )

    def is_reported(self, channel_id: str, fill_id: str) -> bool:
        """Return whether the fill was reported by us, or recorded by the clearing house."""
        with self._door():
            row = self._db.execute(
                "SELECT 1 FROM reports"
                " WHERE venue = ? AND account = ? AND channel_id = ? AND fill_id = ?",
                (*self._owner, channel_id, fill_id),
            ).fetchone()
        return row is not None

    def record_signature(self, record: SignatureRecord) -> int:
        """Put a line of the audit on disk and return its number; it survives a power cut.

        The oldest line goes where there would be more than ``MOST_SIGNATURES_KEPT``.
        """
        with self._door(), self._transaction():
            cursor = self._db.execute(
                "INSERT INTO signatures (venue, account, asked_at, purpose, audience, address,"
                " digest, length, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*self._owner, *records.signature_row(record)),
            )
            number = int(cursor.lastrowid or 0)
            self._db.execute(
                "DELETE FROM signatures WHERE signature_id <= ?", (number - MOST_SIGNATURES_KEPT,)
            )
        return number

    def settle_signature(self, number: int, outcome: SignatureOutcome) -> None:
        """Keep what became of a signature recorded before."""
        with self._door():
            self._db.execute(
                "UPDATE signatures SET outcome = ?"
                " WHERE signature_id = ? AND venue = ? AND account = ?",
                (outcome.value, number, *self._owner),
            )

    def signatures(self, limit: int = 1000) -> list[SignatureRecord]:
        """Return the newest lines of the audit, newest first."""
        with self._door():
            rows = self._db.execute(
                "SELECT asked_at, purpose, audience, address, digest, length, outcome"
                " FROM signatures WHERE venue = ? AND account = ?"
                " ORDER BY signature_id DESC LIMIT ?",
                (*self._owner, limit),
            )
            return [records.decode_signature(*row) for row in rows]

    def keep_settlement(self, run: SettlementRun) -> None:
        """Keep the settlement as it stands; when this returns it survives a power cut.

        The oldest go where there would be more than ``MOST_SETTLEMENTS_KEPT``, but for those that
        were asked for here and are not over.
        """
        is_awaited = run.method is not None and not run.is_over
        with self._door(), self._transaction():
            self._db.execute(
                "INSERT INTO settlements (venue, account, settlement_id, is_awaited, run)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (venue, account, settlement_id)"
                " DO UPDATE SET is_awaited = excluded.is_awaited, run = excluded.run",
                (*self._owner, run.settlement_id, is_awaited, records.encode_run(run)),
            )
            self._db.execute(
                "DELETE FROM settlements WHERE venue = ? AND account = ? AND NOT is_awaited"
                " AND number <= (SELECT number FROM settlements WHERE venue = ? AND account = ?"
                " ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (*self._owner, *self._owner, MOST_SETTLEMENTS_KEPT),
            )

    def settlements(self) -> list[SettlementRun]:
        """Return the settlements kept, oldest first."""
        with self._door():
            rows = self._db.execute(
                "SELECT run FROM settlements WHERE venue = ? AND account = ? ORDER BY number",
                self._owner,
            )
            return [records.decode_run(text) for (text,) in rows]

    def keep_channel_step(self, channel_id: str, step: ChannelStep) -> None:
        """Add to the life of a margin account; ``MOST_CHANNEL_STEPS_KEPT`` of all accounts stay."""
        with self._door(), self._transaction():
            self._db.execute(
                "INSERT INTO channel_steps (venue, account, channel_id, step) VALUES (?, ?, ?, ?)",
                (*self._owner, channel_id, records.encode_step(step)),
            )
            self._db.execute(
                "DELETE FROM channel_steps WHERE venue = ? AND account = ? AND number <="
                " (SELECT number FROM channel_steps WHERE venue = ? AND account = ?"
                " ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (*self._owner, *self._owner, MOST_CHANNEL_STEPS_KEPT),
            )

    def channel_steps(self, channel_id: str) -> list[ChannelStep]:
        """Return what is kept of the life of one margin account, oldest first."""
        with self._door():
            rows = self._db.execute(
                "SELECT step FROM channel_steps"
                " WHERE venue = ? AND account = ? AND channel_id = ? ORDER BY number",
                (*self._owner, channel_id),
            )
            return [records.decode_step(text) for (text,) in rows]

    def pin(self, name: str) -> str | None:
        """Return the address pinned under the name; None where none is."""
        with self._door():
            row = self._db.execute(
                "SELECT address FROM pins WHERE venue = ? AND account = ? AND name = ?",
                (*self._owner, name),
            ).fetchone()
        return None if row is None else str(row[0])

    def pinned_at(self, name: str) -> datetime | None:
        """Return when the address under the name was pinned; None where none is."""
        with self._door():
            row = self._db.execute(
                "SELECT pinned_at FROM pins WHERE venue = ? AND account = ? AND name = ?",
                (*self._owner, name),
            ).fetchone()
        return None if row is None else datetime.fromisoformat(row[0])

    def set_pin(self, name: str, address: str, at: datetime) -> None:
        """Pin the address under the name, in place of any other."""
        with self._door():
            self._db.execute(
                "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?, ?)",
                (*self._owner, name, address, at.isoformat()),
            )

    def begin_plan(self, channel_id: str, kind: str, at: datetime) -> None:
        """Keep that the trader is on the way through several steps, in place of any other plan."""
        with self._door():
            self._db.execute(
                "INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?, ?)",
                (*self._owner, channel_id, kind, at.isoformat()),
            )

    def plan(self) -> Plan | None:
        """Return the plan that was begun and not ended."""
        with self._door():
            row = self._db.execute(
                "SELECT channel_id, kind, began_at FROM plans WHERE venue = ? AND account = ?",
                self._owner,
            ).fetchone()
            return None if row is None else records.decode_plan(*row)

    def end_plan(self) -> None:
        """Forget the plan; without one nothing changes."""
        with self._door():
            self._db.execute("DELETE FROM plans WHERE venue = ? AND account = ?", self._owner)
