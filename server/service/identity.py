"""Which robot this is: a number that stays, whatever its address, and that no copied card passes on.

`python -m server.service.identity STORE` prints the number, as the installer announces it.
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

from robot_agent.guard.latch import read_small_file

SERIAL = Path("/proc/device-tree/serial-number")
"""Where a Raspberry Pi says its serial number."""

ID = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which robot this is."""

    id: str
    """Twelve hexadecimal digits; kept beside the store."""
    name: str
    """The name of this machine, by which people know the robot."""
    started: str = field(default_factory=lambda: secrets.token_hex(6))
    """Another one at each start: two robots of one id are told apart from one robot at two addresses."""


def identity_of(store: Path, serial: Path = SERIAL) -> Identity:
    """Return which robot works with a store; it gets a number if it has none.

    A card that was copied brings the number of another robot along. Where the machine has a serial number,
    as a Raspberry Pi has, that is noticed, and the copy gets a number of its own. On a disk that cannot be
    written the number holds until the server ends.

    Args:
        store: the file of the runs; the number stands beside it.
        serial: the file with the machine's serial number, if there is one.
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
    """Return what tells this machine from others, without naming it; empty where nothing does."""
    try:
        number = serial.read_bytes().strip(b"\0 \n")
    except OSError:
        return ""
    return hashlib.sha256(number).hexdigest()[:12] if number else ""


if __name__ == "__main__":
    print(identity_of(Path(sys.argv[1]).resolve()).id)
