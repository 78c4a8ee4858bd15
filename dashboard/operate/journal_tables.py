"""The tables of the journal: the log that only grows, and the state that is derived from it."""

from __future__ import annotations

APPLICATION_ID = 0x41524A4C
"""Written into the file's header, so that another program's SQLite file is not taken for a journal."""
SCHEMA_VERSION = 5
"""1: events and findings. 2: plans and runs as well. 3: targets of items, and what stood there before. 4: jobs.
5: findings without a size."""

TABLES = (
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL CHECK (trim(actor) <> ''),
        kind TEXT NOT NULL CHECK (kind <> ''),
        subject TEXT NOT NULL,
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        token TEXT UNIQUE,
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
    ) STRICT
    """,
    "CREATE INDEX events_by_kind ON events (kind, subject)",
    # INSERT OR REPLACE deletes without asking the delete trigger; only the next number may be inserted.
    """
    CREATE TRIGGER events_only_append BEFORE INSERT ON events
    WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END
    """,
    """
    CREATE TRIGGER events_keep_their_words BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END
    """,
    """
    CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END
    """,
    # The snapshots the worklist was brought up to. Their times tell old from new: a warehouse that was built anew
    # begins again at snapshot 000001, and the journal outlives it.
    """
    CREATE TABLE followed (
        event_id INTEGER PRIMARY KEY REFERENCES events (id),
        snapshot_id TEXT NOT NULL,
        version TEXT NOT NULL UNIQUE
    ) STRICT
    """,
    """
    CREATE TABLE rules (
        rule_id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        severity TEXT NOT NULL,
        remedy TEXT NOT NULL
    ) STRICT
    """,
    # One row per finding ever seen. owner: NULL = nobody was ever named, '' = a person took the name away.
    # gone_at: since when the archive does not show it. closed_at: since when a person wants it left alone.
    """
    CREATE TABLE findings (
        number INTEGER PRIMARY KEY,
        finding_id TEXT NOT NULL UNIQUE,
        rule_id TEXT NOT NULL REFERENCES rules (rule_id),
        device_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        occurred_at TEXT,
        month TEXT NOT NULL,
        reason TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        opened_by INTEGER NOT NULL REFERENCES events (id),
        changed_by INTEGER NOT NULL REFERENCES events (id),
        gone_at TEXT,
        owner TEXT,
        due_on TEXT,
        snoozed_until TEXT,
        snooze_reason TEXT NOT NULL DEFAULT '',
        closed_at TEXT,
        close_reason TEXT NOT NULL DEFAULT '',
        comment_count INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE INDEX findings_open ON findings (rule_id, device_id) WHERE gone_at IS NULL AND closed_at IS NULL",
    # What each event did to which findings; the event itself is one row however many there are.
    """
    CREATE TABLE changes (
        finding INTEGER NOT NULL REFERENCES findings (number),
        event_id INTEGER NOT NULL REFERENCES events (id),
        change TEXT NOT NULL,
        PRIMARY KEY (finding, event_id, change)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX changes_by_event ON changes (event_id)",
    """
    CREATE TRIGGER changes_keep_their_words BEFORE UPDATE ON changes
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END
    """,
    """
    CREATE TRIGGER changes_stay BEFORE DELETE ON changes
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END
    """,
    # One row per time a finding was closed, by itself or by a person; what the medians are made of.
    """
    CREATE TABLE closings (
        event_id INTEGER NOT NULL REFERENCES events (id),
        finding INTEGER NOT NULL REFERENCES findings (number),
        how TEXT NOT NULL CHECK (how IN ('gone', 'closed')),
        owner TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        closed_at TEXT NOT NULL,
        PRIMARY KEY (event_id, finding)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX closings_by_time ON closings (closed_at)",
)

SIZES = ("ALTER TABLE findings ADD COLUMN is_sized INTEGER NOT NULL DEFAULT 1",)
"""What version 5 added: whether `size_bytes` is a size; 0 where nothing tells one."""
