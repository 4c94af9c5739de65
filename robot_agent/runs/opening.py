"""Opens the store's file where that is hard: nothing can be written, or somebody took the file away."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

SECONDS = 10.0
"""Longest time to wait for another program's lock, s."""


def connect(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    """Open an SQLite file; transactions begin only by an explicit BEGIN."""
    return sqlite3.connect(path, isolation_level=None, timeout=SECONDS, uri=uri)


def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield connections to a file that SQLite could not open in the usual way, until one can read it.

    SQLite shares data between its users in a file beside the store. If there is no space for that file, these
    ways are left, the best first: with this program as the only user, and the shared data in memory; as a
    file that nobody changes, if the write-ahead log is empty; a copy of store and log in a folder with space,
    such as /dev/shm.
    """
    log = path.with_name(f"{path.name}-wal")
    if os.access(path, os.W_OK):
        db = connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        with suppress(sqlite3.Error, OSError):
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # Nobody else has the file now. Files left by the failed opening would take the last space.
            path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        yield db
    if not log.exists() or not log.stat().st_size:
        yield connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        return
    for folder in (Path("/dev/shm"), Path(tempfile.gettempdir())):
        try:
            copy = Path(tempfile.mkdtemp(prefix="robot-agent-", dir=folder))
        except OSError:
            continue
        try:
            for file in (path, log):
                shutil.copyfile(file, copy / file.name)
            db = connect(copy / path.name)
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # makes SQLite open all its files
        except (OSError, sqlite3.Error):
            continue
        finally:
            shutil.rmtree(copy, ignore_errors=True)  # the open files exist until they are closed
        yield db


def place_of(path: Path) -> tuple[int, int] | None:
    """Return the numbers of disk and file at a path; None if there is no file."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def write_again(db: sqlite3.Connection, path: Path) -> tuple[sqlite3.Connection, Path]:
    """Write an open store whose file was moved away or deleted into a new file; nothing of it is lost.

    The file gets its old name if nobody has put runs there meanwhile, else a name of its own.
    Returns the connection to the new file, and its path.
    """
    places = [path, *(path.with_stem(f"{path.stem}-rescued{number}") for number in ("", *range(2, 100)))]
    place = next(place for place in places if not place.exists() or (place == path and _no_runs(place)))
    if place == path:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    new = connect(place)
    try:
        db.backup(new)
    except BaseException:
        new.close()
        place.unlink(missing_ok=True)  # a part of it would pass for another store at the next attempt
        raise
    return new, place


def _no_runs(path: Path) -> bool:
    """Return whether a file is a store without runs, as a program makes it that finds none."""
    with suppress(sqlite3.Error), closing(connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return bool(db.execute("SELECT count(*) FROM runs").fetchone() == (0,))
    return False
