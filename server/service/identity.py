"""The robot's identity: an id that stays the same whatever its address, and that a copied card does not keep.

`python -m server.service.identity STORE` prints the id; the installer puts it into the announcement.
"""

import hashlib
import json
import re
import secrets
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from robot_agent.files import read_small_file

SERIAL = Path("/proc/device-tree/serial-number")
"""File with the serial number of a Raspberry Pi."""

ID = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Identity:
    """The robot's id and name, and a mark of this start of its server."""

    id: str
    """Twelve hexadecimal digits, kept in a file beside the store."""
    name: str
    """The name of this machine, by which people know the robot."""
    started: str = field(default_factory=lambda: secrets.token_hex(6))
    """A random number for each start of the server; it shows whether an id at two addresses is one robot."""


def identity_of(store: Path, serial: Path = SERIAL) -> Identity:
    """Return the identity of the robot with this store; if it has no id yet, make one.

    A copied card carries the id of the other robot. If the machine has a serial number, as a Raspberry Pi
    has, this is noticed, and the copy gets an id of its own. If the disk cannot be written, a new id is used
    only until the server ends.

    Args:
        store: path of the store; the id is kept in a file beside it.
        serial: path of the file with the machine's serial number; it need not exist.
    """
    file, machine = store.with_name(f"{store.name}.id"), _machine(serial)
    kept = ""
    with suppress(OSError, ValueError, AttributeError):
        value = json.loads(read_small_file(file, 4096))
        if value.get("machine") == machine and ID.fullmatch(str(value.get("id"))):
            kept = value["id"]
    if not kept:
        kept = secrets.token_hex(6)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{file.name}.new")
            new.write_text(json.dumps({"id": kept, "machine": machine}))
            new.replace(file)
    return Identity(kept, socket.gethostname().partition(".")[0])


def _machine(serial: Path) -> str:
    """Return a hash of the machine's serial number; empty if it has none."""
    try:
        number = serial.read_bytes().strip(b"\0 \n")
    except OSError:
        return ""
    return hashlib.sha256(number).hexdigest()[:12] if number else ""


if __name__ == "__main__":
    print(identity_of(Path(sys.argv[1]).resolve()).id)
