"""Locks on runs, so that only one program works on a run, or as server of a store; others learn which one.

A hold is a lock on one byte of a file beside the store: the byte with the number of the run, and byte 0 for
the server. The system releases it when the process ends, however it ends; forked children do not inherit it.
"""

import errno
import fcntl
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from robot_agent.errors import RunHeld

SERVER = 0
"""The number that a server holds; no run has this number."""

_FLOCK = "hhqqi"
"""Linux's struct flock: type, whence, start, length, process."""

# Closing any descriptor of a file releases this process's locks on it, so each file is opened once.
_files: dict[Path, int] = {}
_held: set[tuple[Path, int]] = set()
_lock = threading.Lock()
_owner = os.getpid()


@contextmanager
def hold(store: Path, number: int, what: str = "") -> Iterator[None]:
    """Hold a run of a store, or SERVER, inside this context.

    If the lock's file cannot be made (no space or permission), nothing is locked and nobody is refused. Other
    files than stores can be held as well; `what` then names the file in the error's text.

    Raises RunHeld: another program, or another part of this one, holds it; the text says who and the cure.
    """
    key = (_lock_file(store), number)
    with _lock:
        _forget_parent()
        if key in _held:
            raise RunHeld(_refusal(number, os.getpid(), what))
        file = _file(key[0])
        try:
            if file is not None:
                _take(file, number, what)
        except BaseException:
            _close_unused(key[0])
            raise
        _held.add(key)
    try:
        yield
    finally:
        with _lock:
            _held.discard(key)
            if file is not None:
                with suppress(OSError):
                    fcntl.lockf(file, fcntl.LOCK_UN, 1, number)
            _close_unused(key[0])


def holder(store: Path, number: int) -> int | None:
    """Return the id of the process that holds a run; None if nobody holds it, or it cannot be known."""
    path = _lock_file(store)
    with _lock:
        _forget_parent()
        if (path, number) in _held:
            return os.getpid()
        if not path.exists() or (file := _file(path)) is None:
            return None
        try:
            return _holder(file, number) or None
        finally:
            _close_unused(path)


def _forget_parent() -> None:
    """Forget the parent's locks in a forked child, which has the parent's memory but not its locks."""
    global _owner
    if _owner != os.getpid():
        _owner = os.getpid()
        _held.clear()
        for file in _files.values():
            os.close(file)
        _files.clear()


def _lock_file(store: Path) -> Path:
    store = store.resolve()  # through any links, a store has one lock
    return store.with_name(f"{store.name}.lock")


def _file(path: Path) -> int | None:
    file = _files.get(path)
    if file is not None:
        return file
    try:
        _files[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return None
    return _files[path]


def _close_unused(path: Path) -> None:
    if not any(held == path for held, _ in _held) and (file := _files.pop(path, None)) is not None:
        os.close(file)


def _take(file: int, number: int, what: str) -> None:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            return  # a file system without locks
        raise RunHeld(_refusal(number, _holder(file, number), what)) from None


def _holder(file: int, number: int) -> int:
    """Return the id of the process that holds a byte; 0 if the system cannot tell, as over a network."""
    if not sys.platform.startswith("linux"):
        return 0
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0)
    try:
        kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except (OSError, struct.error):
        return 0
    return 0 if kind == fcntl.F_UNLCK else max(0, process)


def _refusal(number: int, process: int, what: str) -> str:
    if process:
        who = f"process {process}{_program(process)} on {socket.gethostname()}"
        cure = f"stop it there, or with: kill {process}"
    else:
        who, cure = "a program on another machine", "stop it there"
    if number == SERVER and not what:
        return (
            f"A robot-server works with this store already: {who}; {cure}; or name another file with --store."
        )
    return f"{what or f'Run {number}'} is being worked on by {who}; {cure}."


def _program(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    names = [Path(word.decode(errors="replace")).name for word in words[:4]]
    known = next((name for name in names if name in ("robot-agent", "robot-server")), "")
    return f" ({known or names[0]})" if names[0] else ""
