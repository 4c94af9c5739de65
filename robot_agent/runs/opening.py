"""Opening the store's file where nothing can be written: on a full disk, or where one may only read."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SECONDS = 10.0
"""Time that another program's lock is waited for."""


def connect(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    """Open an SQLite file; a transaction begins only where the code begins one."""
    return sqlite3.connect(path, isolation_level=None, timeout=SECONDS, uri=uri)


def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield connections to a file that SQLite could not open in the usual way, until one of them can read it.

    SQLite needs a file beside the store, for what its users share. Without room for it there are these ways,
    from the best: alone, with that part in memory; as a file that nobody changes, if the write-ahead log is
    empty; and a copy of both in a folder with room, such as /dev/shm.
    """
    log = path.with_name(f"{path.name}-wal")
    if os.access(path, os.W_OK):
        db = connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        with suppress(sqlite3.Error, OSError):
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # Nobody else has the file now. What the failed opening has left there takes the last room.
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
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens all its files
        except (OSError, sqlite3.Error):
            continue
        finally:
            shutil.rmtree(copy, ignore_errors=True)  # the open files stay until they are closed
        yield db
