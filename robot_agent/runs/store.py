"""The store: runs, episodes, updates, evaluations and checkpoints in one SQLite file.

Each transaction ends with a checkpoint, or with the state between two episodes of a single robot, and
is flushed to the disk (`synchronous=FULL`). So the store is whole whenever the process is killed. It
then holds one point of the training, and resuming there gives exactly the weights of an undisturbed
run.
"""

import json
import math
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from robot_agent.envs.task import with_present_names
from robot_agent.errors import RunHeld, StoreError
from robot_agent.runs.database import Database
from robot_agent.runs.hold import hold
from robot_agent.settings.renamed import with_new_names

ROWS_AT_ONCE = 500
"""Rows that are deleted at once, before others may write: this takes some milliseconds."""

Tensors = Mapping[str, NDArray[Any]]

_RUNS = "SELECT id, created, status, settings, name, marked, deleted FROM runs"


def pack(tensors: Tensors) -> bytes:
    """Return arrays as deflated safetensors; this saves two thirds of an episode, a sixth of a network."""
    return zlib.compress(save_tensors(dict(tensors)))


def unpack(blob: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays that `pack` wrote; raise ValueError if `blob` is damaged."""
    try:
        return load_tensors(zlib.decompress(blob))
    except (zlib.error, SafetensorError) as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run, as in a list of runs."""

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
    """Success rate of the run's best checkpoint."""
    moves_mean: float | None
    """Mean number of moves to the goal of the run's best checkpoint."""
    settings: dict[str, Any]
    name: str | None = None
    """The name that a person gave the run."""
    marked: bool = False
    deleted: float | None = None
    """Time at which the run was put away, seconds since 1970; None if it was not."""


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """A checkpoint, as in a list of checkpoints."""

    id: int
    run: int
    moves: int
    success_rate: float | None
    moves_mean: float | None
    marks: tuple[str, ...]
    """`best`, `last`, both or neither."""
    created: float
    """Seconds since 1970."""


class Store(Database):
    """The store: a file of runs, with everything that belongs to them."""

    # Runs

    def hold(self, run: int) -> AbstractContextManager[None]:
        """Hold a run while working on it; see `robot_agent.runs.hold`."""
        return hold(self.path, run)

    def create_run(self, settings: Mapping[str, Any]) -> int:
        """Create a run with these settings (JSON values); return its number."""
        now = time.time()
        with self.transaction():
            cursor = self.db.execute(
                "INSERT INTO runs (created, changed, status, settings) VALUES (?, ?, 'training', ?)",
                (now, now, json.dumps(settings)),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def runs(self) -> list[RunInfo]:
        """Return all runs that are not put away, the newest first."""
        return list(self.each_run())

    def each_run(self) -> Iterator[RunInfo]:
        """Yield the runs of `runs` one by one: the settings of hundreds of runs are megabytes."""
        with self.translate_errors():
            for row in self.db.execute(f"{_RUNS} WHERE deleted IS NULL ORDER BY id DESC"):
                yield self._info(*row)

    def run(self, run: int) -> RunInfo:
        """Return a run; raise StoreError if there is none with this number."""
        with self.translate_errors():
            row = self.db.execute(f"{_RUNS} WHERE id = ?", (run,)).fetchone()
        if row is None:
            known = ", ".join(str(info.id) for info in self.runs()) or "none yet"
            raise StoreError(f"There is no run {run} in {self.path}; its runs are: {known}.")
        with self.translate_errors():
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
        own = with_new_names(json.loads(settings))
        if not (isinstance(state, dict) and isinstance(own, dict)):
            raise ValueError("what should be a table is none")
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
            settings=own,
            name=name,
            marked=bool(marked),
            deleted=deleted,
        )

    def set_status(self, run: int, status: str) -> None:
        """Set the status of a run: training, finished, stopped or halted."""
        with self.transaction():
            self.db.execute(
                "UPDATE runs SET status = ?, changed = ? WHERE id = ?", (status, time.time(), run)
            )

    def set_settings(self, run: int, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a run by those with which it goes on."""
        with self.transaction():
            self.db.execute("UPDATE runs SET settings = ? WHERE id = ?", (json.dumps(settings), run))

    def set_name(self, run: int, name: str | None) -> None:
        """Name a run; None removes the name."""
        self._set(run, "name", name)

    def set_marked(self, run: int, marked: bool) -> None:
        """Mark a run, or remove its mark."""
        self._set(run, "marked", int(marked))

    def set_deleted(self, run: int, deleted: bool) -> None:
        """Put a run away, so that it is in no list, or bring it back; `purge` deletes runs put away."""
        self._set(run, "deleted", time.time() if deleted else None)

    def _set(self, run: int, column: str, value: str | float | None) -> None:
        self.run(run)
        with self.transaction():
            self.db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run))

    def purge(self, before: float) -> int:
        """Delete the runs that were put away before a time, seconds since 1970; return their number."""
        with self.translate_errors():
            gone = self.db.execute("SELECT id FROM runs WHERE deleted < ?", (before,)).fetchall()
        deleted = 0
        for (run,) in gone:
            with suppress(RunHeld):
                self.delete_run(run)
                deleted += 1
        return deleted

    def delete_run(self, run: int) -> None:
        """Delete a run with all that belongs to it, in small steps between which others can write.

        Raises StoreError: there is no such run, or another program works on it.
        """
        self.run(run)
        with self.hold(run):
            with suppress(sqlite3.OperationalError):  # before what follows may take the last room of a disk
                self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self.also_without_room(partial(self._delete, run))

    def _delete(self, run: int) -> None:
        self._set(run, "deleted", time.time())  # from now on the run is in no list, whatever happens
        for table in ("episodes", "updates"):
            rows = f"SELECT number FROM {table} WHERE run = ? LIMIT {ROWS_AT_ONCE}"
            while True:
                with self.transaction():
                    deleted = self.db.execute(
                        f"DELETE FROM {table} WHERE run = ? AND number IN ({rows})", (run, run)
                    ).rowcount
                if deleted < ROWS_AT_ONCE:
                    break
        with self.transaction():
            self.db.execute("DELETE FROM runs WHERE id = ?", (run,))

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
        """Write the events since the last call, together with the checkpoint that has learned from them.

        Args:
            run: number of the run.
            rows: table and columns of each event since the last call.
            state: counters and random generators, JSON values.
            tensors: everything else needed to go on.
            success_rate: success rate of this checkpoint, if known.
            moves_mean: mean number of moves to the goal, if known.
            kept: keep the checkpoint for good; otherwise the next one replaces it.
        """
        with self.transaction():
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
        """Write a single robot's episodes since its last checkpoint, to repeat its updates from them."""
        with self.transaction():
            self._insert(run, rows)
            (last,) = self.db.execute("SELECT max(id) FROM checkpoints WHERE run = ?", (run,)).fetchone()
            self.db.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (run, last, json.dumps(state))
            )

    def keep_rows(self, run: int, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Write the events of a run that does not learn, and so has no checkpoints."""
        with self.transaction():
            self._insert(run, rows)

    def _insert(self, run: int, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for table, columns in rows:
            names = ", ".join(columns)
            marks = ", ".join("?" for _ in columns)
            self.db.execute(
                f"INSERT OR REPLACE INTO {table} (run, {names}) VALUES (?, {marks})", (run, *columns.values())
            )

    # Reading

    def checkpoints(self, run: int) -> list[CheckpointInfo]:
        """Return all checkpoints of a run, the earliest first.

        Success rates within half a percentage point of the highest may differ by chance: of these
        checkpoints, `best` is the one with the fewest moves to the goal.
        """
        with self.translate_errors():
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
            StoreError: there is no such checkpoint, or it is damaged.
        """
        known = self.checkpoints(run)
        chosen = [c.id for c in known if which in c.marks or str(which) == str(c.id)]
        if not chosen:
            listed = ", ".join(str(c.id) for c in known) or "none"
            raise StoreError(f"Run {run} has no checkpoint {which!r}; it has best, last and {listed}.")
        with self.translate_errors():
            row = self.db.execute(
                "SELECT state, tensors FROM checkpoints WHERE id = ?", (chosen[-1],)
            ).fetchone()
        try:
            return json.loads(row[0]), unpack(row[1])
        except ValueError as error:
            raise StoreError(f"The checkpoint {which} of run {run} is damaged; use another one.") from error

    def progress(self, run: int) -> dict[str, Any] | None:
        """Return a single robot's state after its episodes since the last checkpoint, or None."""
        with self.translate_errors():
            row = self.db.execute(
                "SELECT state FROM progress WHERE run = ? AND checkpoint = "
                "(SELECT max(id) FROM checkpoints WHERE run = ?)",
                (run, run),
            ).fetchone()
            return None if row is None else json.loads(row[0])

    def run_of(self, checkpoint: int) -> int:
        """Return the number of a checkpoint's run; raise StoreError if there is no such checkpoint."""
        with self.translate_errors():
            row = self.db.execute("SELECT run FROM checkpoints WHERE id = ?", (checkpoint,)).fetchone()
        if row is None:
            raise StoreError(
                f"There is no checkpoint {checkpoint} in {self.path}; it may have been replaced."
            )
        return int(row[0])

    def evaluations(self, run: int) -> list[dict[str, Any]]:
        """Return all evaluations of a run, as dictionaries, the earliest first."""
        return self._rows("evaluations", run, "moves")

    def updates(self, run: int, most: int | None = None) -> list[dict[str, Any]]:
        """Return the updates of a run, as dictionaries, the earliest first; at most `most` of them."""
        return self._rows("updates", run, "number", most=most)

    def episodes(self, run: int, since: int = 0, limit: int = -1) -> list[dict[str, Any]]:
        """Return kept episodes of a run from number `since` on, `steps` as arrays by name; -1 is no limit."""
        return self._unpacked(self._rows("episodes", run, "number", since, limit))

    def some_episodes(self, run: int, most: int) -> list[dict[str, Any]]:
        """Return at most `most` kept episodes, evenly spread over a run, with its last; see `episodes`."""
        return self._unpacked(self._rows("episodes", run, "number", most=most))

    def _unpacked(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.translate_errors():
            for row in rows:
                row["steps"] = with_present_names(unpack(row["steps"]))
        return rows

    def count_episodes(self, run: int) -> int:
        """Return how many episodes of a run are kept."""
        with self.translate_errors():
            (count,) = self.db.execute("SELECT count(*) FROM episodes WHERE run = ?", (run,)).fetchone()
        return int(count)

    def episode_list(self, run: int, since: int, limit: int, *, last: bool = False) -> list[dict[str, Any]]:
        """Return `limit` kept episodes of a run without their steps: the first ones, or the last ones."""
        names = ("number", "moves", "ending", "total_reward")
        with self.translate_errors():
            rows = self.db.execute(
                f"SELECT {', '.join(names)} FROM episodes WHERE run = ? AND number >= ? "
                f"ORDER BY number {'DESC' if last else 'ASC'} LIMIT ?",
                (run, since, limit),
            ).fetchall()
        return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda row: row["number"])

    def _rows(
        self, table: str, run: int, key: str, since: int = 0, limit: int = -1, most: int | None = None
    ) -> list[dict[str, Any]]:
        query, values = f"WHERE run = ? AND {key} >= ? ORDER BY {key} LIMIT ?", (run, since, limit)
        with self.translate_errors():
            if most is not None:
                (count,) = self.db.execute(f"SELECT COUNT(*) FROM {table} WHERE run = ?", (run,)).fetchone()
                places = f"SELECT {key}, ROW_NUMBER() OVER (ORDER BY {key} DESC) - 1 AS place FROM {table}"
                spread = f"SELECT {key} FROM ({places} WHERE run = ?) WHERE place % ? = 0"
                query = f"WHERE run = ? AND {key} IN ({spread}) ORDER BY {key}"
                values = (run, run, max(1, math.ceil(count / most)))
            cursor = self.db.execute(f"SELECT * FROM {table} {query}", values)
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            for row in rows:
                for name in {"endings", "report"} & row.keys():
                    row[name] = json.loads(row[name])
        return rows
