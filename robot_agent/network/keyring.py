"""The keys of robots that this machine is paired with, in a file that only its owner can read."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.files import read_small_file
from robot_agent.network.address import Address

TOKEN_VARIABLE = "ROBOT_AGENT_TOKEN"
"""Environment variable with a token that is used for every robot, instead of the file's."""


class KeyringError(RobotAgentError, OSError):
    """The file of the keys cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Paired:
    """A robot that this machine is paired with."""

    token: str
    name: str = ""
    """Name of the robot, for people."""
    robot: str = ""
    """Lasting id of the robot, the same at any address; empty if the robot has none."""

    def __repr__(self) -> str:
        """Return a text without the token."""
        return f"Paired(name={self.name!r}, robot={self.robot!r})"


def usual_path() -> Path:
    """Return the usual path of the file: below XDG_CONFIG_HOME, or ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "robot-agent" / "robots.json"


class Keyring:
    """The tokens of robots by address. Each change is written to the file at once, whole or not at all."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file; if there is none, the keyring is empty.

        Raises KeyringError: the file is damaged, or may not be read.
        """
        self.path = usual_path() if path is None else path
        self._values = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(read_small_file(self.path))
            if not isinstance(values, dict) or not isinstance(values.get("robots", {}), dict):
                raise ValueError("it is no JSON object")
            return values
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise KeyringError(
                f"{self.path} with the keys of your robots cannot be read ({error}); move it away, then pair "
                "with each robot again."
            ) from None

    @property
    def desktop(self) -> str:
        """Random name of this machine, made at the first use."""
        name = self._values.get("desktop")
        if not isinstance(name, str) or len(name) < 8:
            with self._changing():  # another program may have made a name by now
                name = self._values.get("desktop")
                if not isinstance(name, str) or len(name) < 8:
                    name = secrets.token_hex(16)
                    self._write({**self._values, "desktop": name})
        return name

    def all(self) -> dict[str, Paired]:
        """Return all paired robots by their addresses."""
        names = ("token", "name", "robot")
        found = {}
        for url, kept in self._values.get("robots", {}).items():
            if isinstance(kept, dict) and isinstance(kept.get("token"), str):
                found[url] = Paired(**{name: str(kept.get(name, "")) for name in names})
        return found

    def token(self, address: Address) -> str | None:
        """Return the token for a robot: from TOKEN_VARIABLE, else from the file; None if there is none."""
        if given := os.environ.get(TOKEN_VARIABLE, "").strip():
            return given
        paired = self.all().get(address.url)
        return None if paired is None else paired.token

    def keep(self, address: Address, paired: Paired) -> None:
        """Keep a robot's key; an older key for this address is replaced."""
        with self._changing():
            robots = {**self._values.get("robots", {})}
            robots.pop(address.url, None)  # so that the newest is the last
            robots[address.url] = asdict(paired)
            self._write({**self._values, "robots": robots})

    def forget(self, address: Address) -> bool:
        """Forget a robot's key; return whether there was one."""
        with self._changing():
            robots = dict(self._values.get("robots", {}))
            known = robots.pop(address.url, None) is not None
            if known:
                self._write({**self._values, "robots": robots})
        return known

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Lock out other programs and threads, and read the file; the caller then writes its change.

        Raises KeyringError: the file is damaged, or may not be read or written.
        """
        with ExitStack() as stack:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = stack.enter_context(self.path.with_name(f"{self.path.name}.lock").open("a"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError:
                pass  # a full disk, or a file system without locks: writing raises the error
            self._values = self._read()
            yield

    def _write(self, values: dict[str, Any]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")  # mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(values, file, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise KeyringError(
                f"{self.path} with the keys of your robots cannot be written ({error.strerror}); free some "
                f"space or change its folder's permissions, or give the token in {TOKEN_VARIABLE}."
            ) from None
        self._values = values
