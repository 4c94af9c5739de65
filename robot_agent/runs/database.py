"""A store's SQLite file: opening, upgrading, locking for writing, and making it small again.

This module only creates the tables; `robot_agent.runs.store` reads and writes them.
"""

import logging
import shutil
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

from robot_agent.errors import StoreBusy, StoreError, StoreFull
from robot_agent.runs.opening import SECONDS, connect, place_of, read_only, write_again
from robot_agent.runs.schema import APPLICATION_ID, SCHEMA, STEPS, VERSION

ATTEMPTS = 100

LOG_PAGES = 16000
"""Pages in the write-ahead log (512 bytes each in a new file) at which the log is written into the file."""

INCREMENTAL = 2
"""SQLite's number for a file whose free pages can be given back in small steps (auto_vacuum)."""

PAGES_AT_ONCE = 2000
"""Pages that are given back at once, before others may write: this takes some milliseconds."""


LARGE = 20_000_000
"""Size of an old file, bytes, from which on the progress of its upgrade is reported."""

DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError)
"""Errors that show damaged data: no text, no JSON, or another type than was written."""

REPORT_SECONDS, STEPS_AT_ONCE = 5.0, 100_000
"""Seconds between two reports, and SQLite's steps between two checks of the clock."""

log = logging.getLogger("robot-agent")


class Database:
    """One SQLite file with the tables of a store; all writes are transactions that are flushed to disk."""

    def __init__(self, path: Path | str, *, reading: bool = False) -> None:
        """Open the file; make a new one if there is none.

        Args:
            path: the file.
            reading: only read; this also works on a full disk and without permission to write.

        Raises:
            StoreError: the file cannot be opened, is no store, is of a newer version, or has several names.
        """
        self.path = Path(path)
        self._absolute, self._place = self.path.absolute(), None
        if not reading:
            self._refuse_several_names()
        with self.translate_errors():
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
        self._place = place_of(self._absolute)

    def _refuse_several_names(self) -> None:
        """Raise StoreError for a file with several names (hard links): SQLite's log has only one."""
        try:
            names = self.path.stat().st_nlink
        except OSError:  # no file yet, or not reachable: opening it gives the better error
            return
        if names > 1 and self.path.is_file():
            raise StoreError(
                f"{self.path} is one file with {names} names (hard links), and is damaged when it is used by "
                f"both; copy it, with: cp {self.path} {self.path.with_stem(self.path.stem + '-copy')} "
                "and name the copy with --store."
            )

    def _open_to_read(self) -> None:
        error: sqlite3.Error = sqlite3.OperationalError("unable to open")
        for opened in read_only(self.path):
            self.db = opened
            try:
                self._check(*self._identity())
                if self._identity()[2] < VERSION:  # upgrade a copy in memory
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
        self._set_up()
        if not self._identity()[0]:
            with self.transaction():
                tables, *_ = self._identity()  # ask again: now no other process can be creating them
                if not tables:
                    for statement in SCHEMA.split(";\n")[:-1]:
                        self.db.execute(statement)
                    self.db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                    self.db.execute(f"PRAGMA user_version={VERSION}")
        elif self._identity()[2] < VERSION:
            self._upgrade()

    def _set_up(self) -> None:
        """Set how SQLite writes this file."""
        # Memory cards wear out by writing. So pages are small, since an episode changes few bytes; and many
        # of them collect in the write-ahead log, from which a page is written back only once.
        self.db.execute("PRAGMA page_size=512")  # applies to a new file only
        self.db.execute("PRAGMA auto_vacuum=INCREMENTAL")  # likewise; lets `compact` work in small steps
        self._write_ahead()
        self.db.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA foreign_keys=ON")

    def _keep_file(self) -> None:
        """Write the store again if its file was moved away or deleted since it was opened.

        Raises StoreError: another store is in its place, or it cannot be written.
        """
        if self._place is None or place_of(self._absolute) == self._place:
            return
        new, place = write_again(self.db, self._absolute)
        self.db.close()  # only now: until here the old connection alone holds everything
        self.db = new
        self._set_up()
        self._place = place_of(self._absolute)
        if place != self._absolute:
            raise StoreError(
                f"{self.path} was replaced by another file while it was in use. All that this program had "
                f"kept is in {place}; name that with --store to go on."
            )
        log.warning("%s was moved or deleted while in use; it is written again, with all it held.", self.path)

    def _upgrade(self) -> None:
        """Upgrade a file of an older version to this one."""
        self.db.create_function("deflated", 1, zlib.compress)
        with self._reporting(), self.transaction():
            for version in range(self._identity()[2], VERSION):  # ask again, likewise
                for statement in STEPS[version].strip().split("\n"):
                    self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Report the upgrade of a large file and its duration; raise StoreError if there is no space."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < LARGE:
            yield
            return
        megabytes, free = size // 1_000_000, shutil.disk_usage(self.path.parent).free
        if free < size:
            raise StoreError(
                f"{self.path} is of an older version, and bringing it up to date needs {megabytes} MB for a "
                f"while; {free // 1_000_000} MB are free: free some space on this disk, then try again."
            )
        begun = said = time.monotonic()

        def report() -> None:
            nonlocal said
            if (now := time.monotonic()) - said > REPORT_SECONDS:
                said = now
                log.warning("%s is still being brought up to date, %.0f s so far.", self.path, now - begun)

        log.warning("%s (%d MB) is brought up to date once, which may take minutes.", self.path, megabytes)
        self.db.set_progress_handler(report, STEPS_AT_ONCE)
        try:
            yield
        finally:
            self.db.set_progress_handler(None, 0)
        log.warning("%s is up to date, after %.0f s.", self.path, time.monotonic() - begun)

    def _write_ahead(self) -> None:
        """Put the file in WAL mode, which SQLite refuses at once while another process reads."""
        for attempt in range(ATTEMPTS):
            try:
                self.db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or attempt == ATTEMPTS - 1:
                    raise
                self.db.execute("BEGIN EXCLUSIVE")  # waits until no process reads
                self.db.execute("ROLLBACK")

    def _identity(self) -> tuple[int, int, int]:
        """Return the number of tables and indices, the application id, and the version."""
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
        """Let all reads inside this context see the same state of the file."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("COMMIT")

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence that says what to do."""
        try:
            yield
        except DAMAGE as error:
            raise StoreError(f"The store {self.path} is damaged; restore a backup of it.") from error
        except sqlite3.DatabaseError as error:
            text = str(error)
            if "full" in text:
                cure = (
                    "the disk is full; free some space, with 'robot-agent runs delete' for one, and try "
                    "again; what was kept is not lost"
                )
                raise StoreFull(f"The store {self.path}: {cure}.") from error
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
        """Inside this context, wait at most `seconds` for another program's lock; then raise StoreBusy."""
        self.db.execute(f"PRAGMA busy_timeout={round(1000 * seconds)}")
        try:
            yield
        finally:
            self.db.execute(f"PRAGMA busy_timeout={round(1000 * SECONDS)}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside this context or, if an exception is raised, nothing."""
        with self.translate_errors():
            self._keep_file()
            try:  # a signal may come as soon as the transaction has begun
                self.db.execute("BEGIN IMMEDIATE")
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        """Return the opened file itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def also_without_room(self, work: Callable[[], None]) -> None:
        """Call `work`, which frees space, even on a full disk, where no file can be written beside the store.

        A power cut during this call may damage the file: there is no other way to free space then.
        """
        try:
            return work()
        except StoreError as error:
            if "full" not in str(error.__cause__):
                raise
        with self.translate_errors():
            try:
                self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self.db.execute("PRAGMA journal_mode=MEMORY")
                work()
            finally:
                self.db.execute("PRAGMA journal_mode=WAL")

    def _give_back(self) -> None:
        while self.db.execute("PRAGMA freelist_count").fetchone()[0]:
            with self.transaction():
                self.db.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})").fetchall()

    def compact(self) -> None:
        """Give the space of deleted data back to the disk, in small steps between which others can write.

        A file of an older version has no such steps: it is rewritten once, when nobody else has it open.

        Raises StoreError: others have the file open.
        """
        with self.translate_errors():
            if self.db.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
                self.also_without_room(self._give_back)
            else:
                with self.busy_seconds(0.0):
                    try:
                        self.db.execute("PRAGMA journal_mode=DELETE")  # fails while others have the file open
                        self.db.execute("PRAGMA auto_vacuum=INCREMENTAL")
                        self.db.execute("VACUUM")
                    finally:
                        self._write_ahead()
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
