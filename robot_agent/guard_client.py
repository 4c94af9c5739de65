"""The other end of the guard: motors that are driven through it, and the supervisor who halts it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Unpack

from robot_agent.boards import WheelSettings

TIMEOUT = 3.0
"""Seconds that a client waits for an answer beyond what it asked for; a guard that hangs is killed sooner."""


class GuardMotors:
    """Two wheels behind a guard, as `Motors`: whatever happens here, the guard stops them."""

    def __init__(
        self,
        socket: Path | str | None = None,
        *,
        ramp_seconds: float = 0.03,
        timeout: float = TIMEOUT,
        verbose: bool = False,
        **wheels: Unpack[WheelSettings],
    ) -> None:
        """Take the wheels: of a guard that runs, or of one of its own.

        Args:
            socket: where a standing guard listens; without it, a guard is started, and ends with this.
            ramp_seconds: of an own guard: how long a pulse takes to full power, and back to nothing.
            timeout: seconds to wait for an answer beyond the time asked for.
            verbose: of an own guard: it tells what happens on stderr.
            **wheels: of an own guard: the keywords of `boards.Wheels`.

        Raises:
            BoardError, PinError, PinLibraryError: see `boards.Wheels`.
            GuardError: the guard did not start, or someone else drives.
        """
        raise NotImplementedError

    @property
    def socket(self) -> Path:
        """Where the guard listens, for a `Supervisor`."""
        raise NotImplementedError

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped; see `Motors.pulse`.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel has moved.
            Halted: an emergency stop is latched, or came during the pulse.
            GuardError: the guard is gone or silent; the next call starts a new one, if it was its own.
        """
        raise NotImplementedError

    def drive(self, left: float, right: float) -> None:
        """Turn the wheels for at most the lease of 0.4 s, renewed by the next call; returns at once.

        Raises as `pulse` does.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Stop both wheels at once: from any thread, in a signal handler, any number of times."""
        raise NotImplementedError

    def halt(self) -> None:
        """Stop both wheels and refuse to move until a `Supervisor` resets; as `stop`."""
        raise NotImplementedError

    def close(self) -> None:
        """Let the wheels go; an own guard ends."""
        raise NotImplementedError

    def __enter__(self) -> "GuardMotors":
        """Return the motors."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, see there."""
        self.close()


class Supervisor:
    """Who watches a guard: may halt it, and alone may reset it."""

    def __init__(self, socket: Path | str, *, timeout: float = TIMEOUT) -> None:
        """Connect to the guard that listens at `socket`.

        Raises GuardError: there is none, or it has a supervisor already.
        """
        raise NotImplementedError

    def halt(self) -> None:
        """Stop the wheels and let nothing move them until `reset`."""
        raise NotImplementedError

    def reset(self) -> None:
        """Let the wheels move again: a deliberate act of a person."""
        raise NotImplementedError

    def status(self) -> dict[str, Any]:
        """Return whether it is halted, who drives, and what the wheels do now."""
        raise NotImplementedError

    def history(self) -> list["Event"]:
        """Return the last few hundred events, the oldest first."""
        raise NotImplementedError

    def events(self, timeout: float | None = None) -> Iterator["Event"]:
        """Yield what happens from now on; ends after `timeout` seconds without an event."""
        raise NotImplementedError

    def close(self) -> None:
        """Disconnect; the guard goes on."""
        raise NotImplementedError

    def __enter__(self) -> "Supervisor":
        """Return the supervisor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, see there."""
        self.close()


Event = Any
