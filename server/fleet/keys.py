"""The keys of the robots: each robot's token, in a file that only its owner can read."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from server.fleet.address import Address


@dataclass(frozen=True, slots=True)
class Paired:
    """A robot that this hub has paired with."""

    token: str
    name: str
    id: str


class Keys:
    """The tokens by the addresses where they were got; found by the robot's id, wherever it is now."""

    def __init__(self, path: Path) -> None:
        """Read the file; without a file there are none."""
        self._path = path
        self._kept: dict[str, Paired] = {}
        try:
            values = json.loads(path.read_text())
            self._kept = {origin: Paired(**one) for origin, one in values.items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError):
            self._kept = {}

    def token(self, number: str, address: Address) -> str:
        """Return the token for a robot of an id, else that of the address; empty where there is none."""
        found = next((one for one in self._kept.values() if one.id == number), None)
        found = found or self._kept.get(address.origin)
        return found.token if found else ""

    def keep(self, address: Address, paired: Paired) -> None:
        """Keep a token, instead of an older one of this robot; raises OSError when it cannot be written."""
        self._kept = {origin: one for origin, one in self._kept.items() if one.id != paired.id}
        self._kept[address.origin] = paired
        self._write()

    def forget(self, number: str) -> None:
        """Forget the token of a robot."""
        left = {origin: one for origin, one in self._kept.items() if one.id != number}
        if len(left) < len(self._kept):
            self._kept = left
            self._write()

    def _write(self) -> None:
        new = self._path.with_name(f".{self._path.name}.new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            json.dump({origin: asdict(one) for origin, one in self._kept.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
