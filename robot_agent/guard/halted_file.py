"""The file that stores the guard's halt: it outlives the guard, and means halted if it cannot be read.

It need not outlive the machine: that is `HaltLatch` of the server.
"""

import os
from contextlib import suppress
from pathlib import Path

from robot_agent.files import read_small_file

_FREE, _HALTED = b"0", b"1"


class Latch:
    """One byte in a file, which is made in advance and kept open.

    So a halt can be written even on a full disk or without a free file descriptor: the byte exists already.
    Only `0` means not halted. An empty file, another byte, a folder or an error means halted.
    """

    def __init__(self, path: Path) -> None:
        """Read the file at `path`, or make it; without a file, the state is not halted."""
        self._path = path
        self._file: int | None = None
        self.halted = False
        """Whether it was halted when the file was read."""
        self.why = ""
        """Why the state counts as halted although no halt was read; else empty."""
        self.damage = ""
        """Why the present state could not be written to the file; empty if it was."""
        try:
            kept = read_small_file(path, 64)
        except FileNotFoundError:
            self.write(False)
        except OSError as error:
            self.halted, self.why = True, f"{path} cannot be read ({error.strerror})"
        else:
            self.halted = kept != _FREE
            if kept not in (_FREE, _HALTED):
                self.why = f"{path} is damaged"
            self.write(self.halted)

    def write(self, halted: bool) -> None:
        """Write whether the state is halted; if that fails, `damage` says why."""
        self.damage = ""
        byte = _HALTED if halted else _FREE
        try:
            if self._file is not None:
                os.pwrite(self._file, byte, 0)
                if os.path.samestat(os.fstat(self._file), self._path.lstat()):
                    return
        except OSError:
            pass  # the file cannot be written or was replaced: make a new one
        self.close()
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            os.pwrite(self._file, byte, 0)
            os.ftruncate(self._file, 1)
        except OSError as error:
            self.damage = f"{self._path} cannot be written ({error.strerror})"

    def close(self) -> None:
        """Close the file without removing it."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.close(file)
