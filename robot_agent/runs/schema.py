"""The tables of a store, and the statements that bring an older file up to date."""

APPLICATION_ID = 0x726F626F  # "robo": marks our files among SQLite files
VERSION = 3

SCHEMA = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created REAL NOT NULL,
    changed REAL NOT NULL,
    status TEXT NOT NULL,             -- training, finished, stopped, halted
    settings TEXT NOT NULL,           -- JSON
    name TEXT,                        -- as a person called it
    marked INTEGER NOT NULL DEFAULT 0,
    deleted REAL                      -- when it was put away; it is in no list, and can come back
);
CREATE TABLE updates (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    number INTEGER NOT NULL,
    moves INTEGER NOT NULL,
    episodes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    success_rate REAL NOT NULL,
    episode_moves REAL NOT NULL,
    endings TEXT NOT NULL,            -- JSON
    report TEXT NOT NULL,             -- JSON, see UpdateReport
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE evaluations (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    moves INTEGER NOT NULL,
    seconds REAL NOT NULL,
    episodes INTEGER NOT NULL,
    success_rate REAL NOT NULL,
    moves_mean REAL,
    endings TEXT NOT NULL,            -- JSON
    PRIMARY KEY (run, moves)
) WITHOUT ROWID;
CREATE TABLE episodes (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    number INTEGER NOT NULL,
    moves INTEGER NOT NULL,
    ending TEXT NOT NULL,
    total_reward REAL NOT NULL,
    steps BLOB NOT NULL,              -- packed: one array per quantity, a row per move
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    created REAL NOT NULL,
    moves INTEGER NOT NULL,
    success_rate REAL,                -- of the evaluation, or of the last update where there is none
    moves_mean REAL,
    kept INTEGER NOT NULL,            -- 0: replaced by the next one
    state TEXT NOT NULL,              -- JSON: counters and random generators
    tensors BLOB NOT NULL             -- packed: networks, optimisers, episodes not yet learned from
);
CREATE INDEX checkpoints_of_run ON checkpoints (run, moves);
CREATE TABLE progress (               -- a single robot, between two checkpoints
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    checkpoint INTEGER NOT NULL,
    state TEXT NOT NULL
);
"""

STEPS = {
    1: """
ALTER TABLE runs ADD COLUMN name TEXT;
ALTER TABLE runs ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN deleted REAL;
""",
    2: """
UPDATE episodes SET steps = deflated(steps);
UPDATE checkpoints SET tensors = deflated(tensors);
DELETE FROM progress;
ALTER TABLE progress DROP COLUMN tensors;
""",
}
"""Statements that turn a file of each version into one of the next. From version 2, a single robot's episodes
since its last checkpoint (at most three) cannot be used any more: the robot makes them again."""
