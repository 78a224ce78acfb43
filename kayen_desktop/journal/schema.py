"""The tables of a journal, version by version: each step brings a file one version further.

A step that was released is never changed. Everything is owned by a venue and an account.
"""

from __future__ import annotations

_INTENTS_AND_FILLS = (
    """CREATE TABLE intents (
        venue TEXT NOT NULL, account TEXT NOT NULL, intent_id TEXT NOT NULL,
        created_at TEXT NOT NULL, request TEXT NOT NULL,
        outcome TEXT NOT NULL, venue_id TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (venue, account, intent_id)
    ) WITHOUT ROWID""",
    """CREATE INDEX intents_unconfirmed ON intents (venue, account)
        WHERE outcome = 'unconfirmed'""",
    """CREATE TABLE fills (
        venue TEXT NOT NULL, account TEXT NOT NULL, fill_id TEXT NOT NULL,
        channel_id TEXT NOT NULL, executed_at TEXT NOT NULL, fill TEXT NOT NULL,
        PRIMARY KEY (venue, account, fill_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE reports (
        venue TEXT NOT NULL, account TEXT NOT NULL, channel_id TEXT NOT NULL, fill_id TEXT NOT NULL,
        is_recorded INTEGER NOT NULL,
        PRIMARY KEY (venue, account, channel_id, fill_id)
    ) WITHOUT ROWID""",
)
_SIGNATURES = (
    """CREATE TABLE signatures (
        signature_id INTEGER PRIMARY KEY AUTOINCREMENT,
        venue TEXT NOT NULL, account TEXT NOT NULL,
        asked_at TEXT NOT NULL, purpose TEXT NOT NULL, audience TEXT NOT NULL,
        address TEXT NOT NULL, digest TEXT NOT NULL, length INTEGER NOT NULL, outcome TEXT NOT NULL
    )""",
    "CREATE INDEX signatures_owned ON signatures (venue, account, signature_id)",
)
# A settlement and its steps are one row: they are kept together, or not at all.
_SETTLEMENTS_AND_LIVES = (
    """CREATE TABLE settlements (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        venue TEXT NOT NULL, account TEXT NOT NULL, settlement_id TEXT NOT NULL,
        is_awaited INTEGER NOT NULL, run TEXT NOT NULL,
        UNIQUE (venue, account, settlement_id)
    )""",
    """CREATE TABLE channel_steps (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        venue TEXT NOT NULL, account TEXT NOT NULL, channel_id TEXT NOT NULL, step TEXT NOT NULL
    )""",
    "CREATE INDEX channel_steps_owned ON channel_steps (venue, account, number)",
    """CREATE TABLE pins (
        venue TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
        address TEXT NOT NULL, pinned_at TEXT NOT NULL,
        PRIMARY KEY (venue, account, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE plans (
        venue TEXT NOT NULL, account TEXT NOT NULL,
        channel_id TEXT NOT NULL, kind TEXT NOT NULL, began_at TEXT NOT NULL,
        PRIMARY KEY (venue, account)
    ) WITHOUT ROWID""",
)
MIGRATIONS = (_INTENTS_AND_FILLS, _SIGNATURES, _SETTLEMENTS_AND_LIVES)
SCHEMA_VERSION = len(MIGRATIONS)
