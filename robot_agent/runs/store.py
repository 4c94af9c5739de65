"""The store: runs, episodes, updates, evaluations and checkpoints in one SQLite file.

Everything is written in transactions that end with a checkpoint or with the state between two of a
single robot's episodes, flushed to the disk (`synchronous=FULL`). So whatever moment the process is
killed at, the store is whole, and what it holds is one point of the training from which going on
gives exactly the weights that an undisturbed run would have.
"""

import json
import math
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from robot_agent.envs.task import with_present_names
from robot_agent.errors import RunHeld, StoreBusy, StoreError
from robot_agent.runs.hold import hold
from robot_agent.runs.opening import SECONDS, connect, read_only
from robot_agent.settings.renamed import with_new_names

APPLICATION_ID = 0x726F626F  # "robo": marks our files among SQLite files
VERSION = 3
ATTEMPTS = 100

LOG_PAGES = 16000
"""Number of pages, 512 bytes each in a new file, at which the write-ahead log is written into the file."""

INCREMENTAL = 2
"""What SQLite calls a file whose free pages can be given back a few at a time."""

ROWS_AT_ONCE, PAGES_AT_ONCE = 500, 2000
"""Rows that are deleted, and pages that are given back, before others may write again: some milliseconds."""

Tensors = Mapping[str, NDArray[Any]]

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
"""Statements that turn a file of each version into one of the next. A single robot's episodes since its last
checkpoint, at most three in version 2, cannot be learned from then: the robot makes them again."""

_RUNS = "SELECT id, created, status, settings, name, marked, deleted FROM runs"


def pack(tensors: Tensors) -> bytes:
    """Write arrays as safetensors, deflated: a third of an episode's bytes, five sixths of a network's."""
    return zlib.compress(save_tensors(dict(tensors)))


def unpack(blob: bytes) -> dict[str, NDArray[Any]]:
    """Read what `pack` wrote; raises ValueError when it is damaged."""
    try:
        return load_tensors(zlib.decompress(blob))
    except (zlib.error, SafetensorError) as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run as it is listed."""

    id: int
    created: float
    """Seconds since 1970."""
    status: str
    moves: int
    episodes: int
    updates: int
    seconds: float
    """CPU seconds of learning."""
    success_rate: float | None
    """Success rate of its best checkpoint."""
    moves_mean: float | None
    """Mean moves to the goal of its best checkpoint."""
    settings: dict[str, Any]
    name: str | None = None
    """The name that a person gave it."""
    marked: bool = False
    deleted: float | None = None
    """When it was put away, seconds since 1970; None for one that is there."""


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """A checkpoint as it is listed."""

    id: int
    run: int
    moves: int
    success_rate: float | None
    moves_mean: float | None
    marks: tuple[str, ...]
    """`best`, `last`, both or neither."""
    created: float
    """Seconds since 1970."""


class Store:
    """One file of runs."""

    def __init__(self, path: Path | str, *, reading: bool = False) -> None:
        """Open the file; it is made if there is none.

        Args:
            path: the file.
            reading: it is only read, which also works on a full disk and where nothing can be written.

        Raises:
            StoreError: it cannot be opened, is no store, or is one of a newer version.
        """
        self.path = Path(path)
        with self._translate_errors():
            self.db = connect(self.path)
            try:
                self._prepare()
            except sqlite3.OperationalError as error:
                self.db.close()
                if not (reading and self.path.is_file()) or "locked" in str(error):
                    raise
                self._open_to_read()
            except BaseException:
                self.db.close()
                raise

    def _open_to_read(self) -> None:
        error: sqlite3.Error = sqlite3.OperationalError("unable to open")
        for opened in read_only(self.path):
            self.db = opened
            try:
                self._check(*self._identity())
                if self._identity()[2] < VERSION:  # brought up to date in memory
                    old, self.db = self.db, sqlite3.connect(":memory:", isolation_level=None)
                    with closing(old):
                        old.backup(self.db)
                    self._upgrade()
                return
            except sqlite3.Error as failed:
                error = failed
                self.db.close()
            except BaseException:
                self.db.close()
                raise
        raise error

    def _prepare(self) -> None:
        """Check what the file is, and create the tables of a new one; another process may do the same."""
        self._check(*self._identity())
        # Memory cards wear out by what is written. Small pages, since an episode changes a few bytes of some;
        # and many of them gathered in the write-ahead log, where a page is written back only once.
        self.db.execute("PRAGMA page_size=512")  # of a new file
        self.db.execute("PRAGMA auto_vacuum=INCREMENTAL")  # likewise: `compact` then takes small steps
        self._write_ahead()
        self.db.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA foreign_keys=ON")
        if not self._identity()[0]:
            with self._transaction():
                tables, *_ = self._identity()  # asked again: only now can no other process be creating them
                if not tables:
                    for statement in SCHEMA.split(";\n")[:-1]:
                        self.db.execute(statement)
                    self.db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                    self.db.execute(f"PRAGMA user_version={VERSION}")
        elif self._identity()[2] < VERSION:
            self._upgrade()

    def _upgrade(self) -> None:
        """Make a file of an older version one of this."""
        self.db.create_function("deflated", 1, zlib.compress)
        with self._transaction():
            for version in range(self._identity()[2], VERSION):  # asked again, likewise
                for statement in STEPS[version].strip().split("\n"):
                    self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version={VERSION}")

    def _write_ahead(self) -> None:
        """Put the file in WAL mode, which SQLite refuses at once while another process reads."""
        for attempt in range(ATTEMPTS):
            try:
                self.db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or attempt == ATTEMPTS - 1:
                    raise
                self.db.execute("BEGIN EXCLUSIVE")  # this waits until no process reads
                self.db.execute("ROLLBACK")

    def _identity(self) -> tuple[int, int, int]:
        """Return the number of tables and indices, the application's number, and the version."""
        with self._reading():
            return tuple(
                self.db.execute(question).fetchone()[0]
                for question in (
                    "SELECT count(*) FROM sqlite_master",
                    "PRAGMA application_id",
                    "PRAGMA user_version",
                )
            )

    def _check(self, tables: int, application: int, version: int) -> None:
        if tables and application != APPLICATION_ID:
            raise StoreError(f"{self.path} is another program's database; name another file with --store.")
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer robot-agent (store version {version}, this one knows "
                f"{VERSION}); update robot-agent or name another file with --store."
            )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Read everything inside as it is at one moment."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("COMMIT")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence with the cure."""
        try:
            yield
        except ValueError as error:  # something is no text or no JSON
            raise StoreError(f"The store {self.path} is damaged; restore a backup of it.") from error
        except sqlite3.DatabaseError as error:
            text = str(error)
            if "full" in text:
                cure = (
                    "the disk is full; free some space, with 'robot-agent runs delete' for one, "
                    "then go on with --resume, nothing learned is lost"
                )
            elif "unable to open" in text or "readonly" in text:
                cure = "it cannot be written; choose a folder you may write to with --store"
            elif "locked" in text:
                cure = "another program is writing to it; wait for that one or name another file with --store"
                raise StoreBusy(f"The store {self.path}: {cure}.") from error
            elif "not a database" in text or "malformed" in text:
                cure = "it is damaged or no store; name another file with --store, or restore a backup"
            else:
                cure = text
            raise StoreError(f"The store {self.path}: {cure}.") from error

    @contextmanager
    def busy_seconds(self, seconds: float) -> Iterator[None]:
        """Wait for another program's lock for so long; then StoreBusy is raised."""
        self.db.execute(f"PRAGMA busy_timeout={round(1000 * seconds)}")
        try:
            yield
        finally:
            self.db.execute(f"PRAGMA busy_timeout={round(1000 * SECONDS)}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translate_errors():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> "Store":
        """Return the store itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    # Runs

    def hold(self, run: int) -> AbstractContextManager[None]:
        """Hold a run, for whoever works on it; see `robot_agent.runs.hold`."""
        return hold(self.path, run)

    def create_run(self, settings: Mapping[str, Any]) -> int:
        """Begin a run with these settings (JSON values); returns its number."""
        now = time.time()
        with self._transaction():
            cursor = self.db.execute(
                "INSERT INTO runs (created, changed, status, settings) VALUES (?, ?, 'training', ?)",
                (now, now, json.dumps(settings)),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def runs(self) -> list[RunInfo]:
        """All runs that are not put away, the newest first."""
        return list(self.each_run())

    def each_run(self) -> Iterator[RunInfo]:
        """Yield the same one by one: the settings of hundreds of them are megabytes."""
        with self._translate_errors():
            for row in self.db.execute(f"{_RUNS} WHERE deleted IS NULL ORDER BY id DESC"):
                yield self._info(*row)

    def run(self, run: int) -> RunInfo:
        """One run; StoreError when there is none of that number."""
        with self._translate_errors():
            row = self.db.execute(f"{_RUNS} WHERE id = ?", (run,)).fetchone()
        if row is None:
            known = ", ".join(str(info.id) for info in self.runs()) or "none yet"
            raise StoreError(f"There is no run {run} in {self.path}; its runs are: {known}.")
        with self._translate_errors():
            return self._info(*row)

    def _info(
        self,
        run: int,
        created: float,
        status: str,
        settings: str,
        name: str | None,
        marked: int,
        deleted: float | None,
    ) -> RunInfo:
        # A single robot may have made episodes since its last checkpoint.
        last = self.db.execute("SELECT state FROM progress WHERE run = ?", (run,)).fetchone()
        last = (
            last
            or self.db.execute(
                "SELECT state FROM checkpoints WHERE run = ? ORDER BY moves DESC, id DESC LIMIT 1", (run,)
            ).fetchone()
        )
        state = json.loads(last[0]) if last else {}
        best = next((c for c in self.checkpoints(run) if "best" in c.marks), None)
        return RunInfo(
            id=run,
            created=created,
            status=status,
            moves=state.get("moves", 0),
            episodes=state.get("episodes", 0),
            updates=state.get("updates", 0),
            seconds=state.get("seconds", 0.0),
            success_rate=best.success_rate if best else None,
            moves_mean=best.moves_mean if best else None,
            settings=with_new_names(json.loads(settings)),
            name=name,
            marked=bool(marked),
            deleted=deleted,
        )

    def set_status(self, run: int, status: str) -> None:
        """Set the status of a run: training, finished, stopped or halted."""
        with self._transaction():
            self.db.execute(
                "UPDATE runs SET status = ?, changed = ? WHERE id = ?", (status, time.time(), run)
            )

    def set_settings(self, run: int, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a run by those that it goes on with."""
        with self._transaction():
            self.db.execute("UPDATE runs SET settings = ? WHERE id = ?", (json.dumps(settings), run))

    def set_name(self, run: int, name: str | None) -> None:
        """Name a run; None removes its name."""
        self._set(run, "name", name)

    def set_marked(self, run: int, marked: bool) -> None:
        """Mark a run, or remove its mark."""
        self._set(run, "marked", int(marked))

    def set_deleted(self, run: int, deleted: bool) -> None:
        """Put a run away, so that it is in no list, or bring it back; `purge` deletes what is put away."""
        self._set(run, "deleted", time.time() if deleted else None)

    def _set(self, run: int, column: str, value: str | float | None) -> None:
        self.run(run)
        with self._transaction():
            self.db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run))

    def purge(self, before: float) -> int:
        """Delete for good what was put away before a moment, seconds since 1970; returns how many runs."""
        with self._translate_errors():
            gone = self.db.execute("SELECT id FROM runs WHERE deleted < ?", (before,)).fetchall()
        deleted = 0
        for (run,) in gone:
            with suppress(RunHeld):
                self.delete_run(run)
                deleted += 1
        return deleted

    def delete_run(self, run: int) -> None:
        """Delete a run with all that belongs to it, in small steps between which others can write.

        Raises StoreError: there is none of that number, or somebody works on it.
        """
        self.run(run)
        with self.hold(run):
            with suppress(sqlite3.OperationalError):  # before what follows may take the last room of a disk
                self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            try:
                self._delete(run)
            except StoreBusy:
                raise
            except StoreError as error:
                if not isinstance(error.__cause__, sqlite3.DatabaseError) or "full" not in str(
                    error.__cause__
                ):
                    raise
                self._delete_without_room(run)

    def _delete(self, run: int) -> None:
        self._set(run, "deleted", time.time())  # from now on it is in no list, whatever happens
        for table in ("episodes", "updates"):
            rows = f"SELECT number FROM {table} WHERE run = ? LIMIT {ROWS_AT_ONCE}"
            while True:
                with self._transaction():
                    deleted = self.db.execute(
                        f"DELETE FROM {table} WHERE run = ? AND number IN ({rows})", (run, run)
                    ).rowcount
                if deleted < ROWS_AT_ONCE:
                    break
        with self._transaction():
            self.db.execute("DELETE FROM runs WHERE id = ?", (run,))

    def _delete_without_room(self, run: int) -> None:
        """Delete a run on a full disk: nothing is written beside the file, which only becomes shorter.

        A power cut within this moment may damage the file: the price of making room where there is none.
        """
        with self._translate_errors():
            try:
                self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self.db.execute("PRAGMA journal_mode=MEMORY")
                self._delete(run)
                if self.db.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
                    self.db.execute("PRAGMA incremental_vacuum").fetchall()
            finally:
                self.db.execute("PRAGMA journal_mode=WAL")

    def compact(self) -> None:
        """Give the space of what was deleted back to the disk, in small steps between which others can write.

        A file of an older program has no such steps: it is written anew once, when nobody else has it open.

        Raises StoreError: others work with it.
        """
        with self._translate_errors():
            if self.db.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
                while self.db.execute("PRAGMA freelist_count").fetchone()[0]:
                    with self._transaction():
                        self.db.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})").fetchall()
            else:
                with self.busy_seconds(0.0):
                    try:
                        self.db.execute("PRAGMA journal_mode=DELETE")  # refused while others have it open
                        self.db.execute("PRAGMA auto_vacuum=INCREMENTAL")
                        self.db.execute("VACUUM")
                    finally:
                        self._write_ahead()
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # Writing

    def keep(
        self,
        run: int,
        rows: Sequence[tuple[str, Mapping[str, Any]]],
        state: Mapping[str, Any],
        tensors: Tensors,
        *,
        success_rate: float | None = None,
        moves_mean: float | None = None,
        kept: bool = False,
    ) -> None:
        """Write what has happened together with the checkpoint that has learned from it.

        Args:
            run: its number.
            rows: table and columns of each event since the last call.
            state: counters and random generators, JSON values.
            tensors: everything else needed to go on.
            success_rate: how good this checkpoint is, if that is known.
            moves_mean: mean moves to the goal, likewise.
            kept: for good; otherwise the next checkpoint takes its place.
        """
        with self._transaction():
            self._insert(run, rows)
            self.db.execute("DELETE FROM progress WHERE run = ?", (run,))
            self.db.execute("DELETE FROM checkpoints WHERE run = ? AND kept = 0", (run,))
            self.db.execute(
                "INSERT INTO checkpoints "
                "(run, created, moves, success_rate, moves_mean, kept, state, tensors) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run,
                    time.time(),
                    state["moves"],
                    success_rate,
                    moves_mean,
                    kept,
                    json.dumps(state),
                    pack(tensors),
                ),
            )

    def keep_progress(
        self, run: int, rows: Sequence[tuple[str, Mapping[str, Any]]], state: Mapping[str, Any]
    ) -> None:
        """Write a single robot's episodes since its last checkpoint, enough to make its updates again."""
        with self._transaction():
            self._insert(run, rows)
            (last,) = self.db.execute("SELECT max(id) FROM checkpoints WHERE run = ?", (run,)).fetchone()
            self.db.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (run, last, json.dumps(state))
            )

    def _insert(self, run: int, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for table, columns in rows:
            names = ", ".join(columns)
            marks = ", ".join("?" for _ in columns)
            self.db.execute(
                f"INSERT OR REPLACE INTO {table} (run, {names}) VALUES (?, {marks})", (run, *columns.values())
            )

    # Reading

    def checkpoints(self, run: int) -> list[CheckpointInfo]:
        """All checkpoints of a run, the earliest first.

        Of those whose success is within half a point of the highest, which chance alone may decide,
        the best reaches the goal in the fewest moves.
        """
        with self._translate_errors():
            rows = self.db.execute(
                "SELECT id, run, moves, success_rate, moves_mean, created FROM checkpoints "
                "WHERE run = ? ORDER BY moves, id",
                (run,),
            ).fetchall()
        enough = max((row[3] or 0.0 for row in rows), default=0.0) - 0.005
        good = [row for row in rows if (row[3] or 0.0) >= enough]
        best = min(good, key=lambda row: (row[4] or math.inf, -(row[3] or 0.0), -row[2]), default=None)
        return [
            CheckpointInfo(
                id=number,
                run=of,
                moves=moves,
                success_rate=success_rate,
                moves_mean=moves_mean,
                marks=("best",) * (row is best) + ("last",) * (row is rows[-1]),
                created=created,
            )
            for row in rows
            for number, of, moves, success_rate, moves_mean, created in (row,)
        ]

    def checkpoint(
        self, run: int, which: str | int = "last"
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return the state and the tensors of a checkpoint: `best`, `last`, or its number.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        known = self.checkpoints(run)
        chosen = [c.id for c in known if which in c.marks or str(which) == str(c.id)]
        if not chosen:
            listed = ", ".join(str(c.id) for c in known) or "none"
            raise StoreError(f"Run {run} has no checkpoint {which!r}; it has best, last and {listed}.")
        with self._translate_errors():
            row = self.db.execute(
                "SELECT state, tensors FROM checkpoints WHERE id = ?", (chosen[-1],)
            ).fetchone()
        try:
            return json.loads(row[0]), unpack(row[1])
        except ValueError as error:
            raise StoreError(f"The checkpoint {which} of run {run} is damaged; use another one.") from error

    def progress(self, run: int) -> dict[str, Any] | None:
        """Return where a single robot stands after its episodes since its last checkpoint, if any."""
        with self._translate_errors():
            row = self.db.execute(
                "SELECT state FROM progress WHERE run = ? AND checkpoint = "
                "(SELECT max(id) FROM checkpoints WHERE run = ?)",
                (run, run),
            ).fetchone()
            return None if row is None else json.loads(row[0])

    def run_of(self, checkpoint: int) -> int:
        """Return the run that a checkpoint is of; StoreError when there is none of that number."""
        with self._translate_errors():
            row = self.db.execute("SELECT run FROM checkpoints WHERE id = ?", (checkpoint,)).fetchone()
        if row is None:
            raise StoreError(
                f"There is no checkpoint {checkpoint} in {self.path}; it may have been replaced."
            )
        return int(row[0])

    def evaluations(self, run: int) -> list[dict[str, Any]]:
        """All evaluations of a run, as dictionaries, the earliest first."""
        return self._rows("evaluations", run, "moves")

    def updates(self, run: int) -> list[dict[str, Any]]:
        """All updates of a run, as dictionaries, the earliest first."""
        return self._rows("updates", run, "number")

    def episodes(self, run: int, since: int = 0, limit: int = -1) -> list[dict[str, Any]]:
        """The kept episodes of a run from number `since` on, `steps` as arrays by name; -1 is no limit."""
        rows = self._rows("episodes", run, "number", since, limit)
        with self._translate_errors():
            for row in rows:
                row["steps"] = with_present_names(unpack(row["steps"]))
        return rows

    def episode_list(self, run: int, since: int, limit: int, *, last: bool = False) -> list[dict[str, Any]]:
        """Kept episodes of a run without their steps: the first `limit` of them, or the last."""
        names = ("number", "moves", "ending", "total_reward")
        with self._translate_errors():
            rows = self.db.execute(
                f"SELECT {', '.join(names)} FROM episodes WHERE run = ? AND number >= ? "
                f"ORDER BY number {'DESC' if last else 'ASC'} LIMIT ?",
                (run, since, limit),
            ).fetchall()
        return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda row: row["number"])

    def _rows(self, table: str, run: int, key: str, since: int = 0, limit: int = -1) -> list[dict[str, Any]]:
        with self._translate_errors():
            cursor = self.db.execute(
                f"SELECT * FROM {table} WHERE run = ? AND {key} >= ? ORDER BY {key} LIMIT ?",
                (run, since, limit),
            )
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            for row in rows:
                for name in {"endings", "report"} & row.keys():
                    row[name] = json.loads(row[name])
        return rows
