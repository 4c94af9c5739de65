"""`Persisted`: the values that the server keeps between two starts, such as halt, run and pairings."""

import errno
import json
import os
from pathlib import Path
from typing import Any

from robot_agent.files import read_small_file
from robot_agent.guard.halted_file import Latch

MOST_BYTES = 1_000_000
"""Greatest size of the file; a few hundred keys are a tenth of it."""


class Persisted:
    """A small JSON file beside the store; only its owner may read it, and it is never half written."""

    def __init__(self, path: Path) -> None:
        """Read the file; if it does not exist, begin with no values."""
        self._path, self._behind = path, Latch(path.with_name(f"{path.name}.behind"))
        self._values: dict[str, Any] = {}
        self.kept = True
        """Whether all values are written to the disk; values that are not are lost when the server ends."""
        self.damage = ""
        """Why the values of the last start are not certain; empty if they are."""
        try:
            values = json.loads(read_small_file(path, MOST_BYTES), object_pairs_hook=_each_once)
            if not isinstance(values, dict):
                raise ValueError("it is no JSON object")
            self._values = values
        except FileNotFoundError:
            pass
        except (OSError, ValueError, RecursionError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self.damage = f"{path.name} cannot be read ({why})"
        if self._behind.halted:
            self.damage = self.damage or f"{path.name} could not be written before the server ended"

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value with this name; `default` if there is none."""
        return self._values.get(name, default)

    def set(self, **values: Any) -> None:
        """Keep JSON values by name, and write them to the disk; if it is full, keep them in memory only."""
        if self.kept and all(self._values.get(name) == value for name, value in values.items()):
            return
        self._values |= values
        new = self._path.with_name(f".{self._path.name}.new")
        self.kept = False
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(self._values, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            _write_folder(self._path.parent)
            self.kept = True
        except OSError:
            self._behind.write(True)  # this works even on a full disk, and without opening a file
        else:
            self._behind.write(False)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object of JSON; of a name that stands there twice nobody knows which value is true."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it names {next(name for name in names if names.count(name) > 1)!r} twice")
    return values


def _write_folder(folder: Path) -> None:
    """Have the name of a file that was replaced on the disk: who presses halt may then pull the plug."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that does not know this
            raise
    finally:
        os.close(handle)
