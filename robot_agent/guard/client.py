"""Clients of the guard: motors that the guard stops in any case, and a supervisor that can halt them."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Unpack

from robot_agent import errors
from robot_agent.errors import GuardError, PinError
from robot_agent.guard.connection import Connection, ConnectionLost, NoAnswer
from robot_agent.guard.controller import RAMP_SECONDS
from robot_agent.guard.low import drive_low
from robot_agent.guard.watchdog import LOW_CODES
from robot_agent.guard.wire import Event
from robot_agent.motors.boards import USUAL_BOARD, board_pins
from robot_agent.motors.gpio import WheelSettings
from robot_agent.motors.motors import check_pulse
from robot_agent.runtime_directory import runtime_directory

__all__ = ["Event", "GuardMotors", "OwnGuard", "Supervisor"]

TIMEOUT = 3.0
"""Seconds to wait for an answer, beyond the pulse's length; a hung guard is killed earlier than that."""

KILL_SECONDS = 2.0
"""Seconds that the kernel may take to end a killed process."""

START_SECONDS = 30.0
"""Longest time until a guard that was started here is ready, s: a Pi Zero imports slowly."""


class OwnGuard:
    """A guard process that was started for one client, and ends with this client."""

    def __init__(self, folder: Path, wheels: WheelSettings, ramp_seconds: float, verbose: bool) -> None:
        """Start a guard that listens in `folder`; raises the errors of `GuardMotors`."""
        self.path = folder / "guard.sock"
        self._wheels = wheels
        command = [sys.executable, "-P", "-m", "robot_agent.guard", "--socket", str(self.path)]
        command += ["--wheels", json.dumps(wheels, default=dict), "--ramp-seconds", repr(ramp_seconds)]
        # In its own session: Ctrl-C reaches only the client, which stops the wheels through the guard.
        self.process = subprocess.Popen(
            [*command, *(["--verbose"] if verbose else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))},
        )
        try:
            self._check_ready()
        except BaseException:
            self.end(TIMEOUT)
            raise

    def _check_ready(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        line, until = b"", time.monotonic() + START_SECONDS
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        with pipe:
            while not line.endswith(b"\n"):
                if not poll.poll(max(0.0, until - time.monotonic()) * 1000.0):
                    raise GuardError(f"The guard was not ready after {START_SECONDS:.0f} s; try again.")
                data = os.read(pipe.fileno(), 4096)
                if not data:
                    raise GuardError("The guard ended before it was ready; what it said is above.")
                line += data
        said = json.loads(line)
        if "error" in said:
            kind = getattr(errors, said["kind"], GuardError)
            raise kind(said["error"])

    def end(self, seconds: float) -> bool:
        """Wait until guard and watchdog have ended; return whether the pins are certainly low."""
        for ask in (None, self.process.terminate):
            if ask is not None:
                ask()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                break
        # A watchdog that was killed has not driven the pins low, and the guard may hang or be killed too.
        return self.process.returncode in LOW_CODES or self.kill()

    def kill(self) -> bool:
        """Kill guard and watchdog, and drive the pins low from here; return whether they are low."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # both; at their end the kernel has the pins again
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(KILL_SECONDS)
        if self._wheels.get("pin_factory", "lgpio") != "lgpio":
            return False
        pins = board_pins(self._wheels.get("board", USUAL_BOARD), self._wheels.get("pins"))
        try:
            drive_low(pins.values())
        except (PinError, OSError):
            return False
        return True


class GuardMotors:
    """Two wheels behind a guard, as `Motors`: the guard stops them whatever happens in this process."""

    def __init__(
        self,
        socket: Path | str | None = None,
        *,
        ramp_seconds: float = RAMP_SECONDS,
        timeout: float = TIMEOUT,
        verbose: bool = False,
        **wheels: Unpack[WheelSettings],
    ) -> None:
        """Connect to a running guard, or start a guard.

        Args:
            socket: socket of a running guard. If not given, a guard is started, which ends with this object;
                the arguments below are for that guard, except `timeout`.
            ramp_seconds: seconds from no power to full power, and back.
            timeout: seconds to wait for an answer, beyond the length of a pulse.
            verbose: whether the guard writes its events to stderr.
            **wheels: the keyword arguments of `gpio.Wheels`.

        Raises:
            BoardError, PinError, PinLibraryError: see `gpio.Wheels`.
            GuardError: the guard did not start, or someone else drives.
        """
        self._timeout = timeout
        self._start = (wheels, ramp_seconds, verbose)
        self._connecting = threading.RLock()  # re-entrant: a signal handler may call close while it is held
        self._connection: Connection | None = None
        self._own: OwnGuard | None = None
        self._closed = False
        self.was_cut = False
        """Whether the last pulse was stopped before its end."""
        self._folder: Path | None = None
        if socket is None:
            self._folder = Path(tempfile.mkdtemp(prefix="robot-agent-", dir=runtime_directory()))
            self._path = self._folder / "guard.sock"
        else:
            self._path = Path(socket)
        try:
            self._connected()
        except BaseException:
            self.close()
            raise

    @property
    def socket(self) -> Path:
        """The guard's socket, for a `Supervisor`."""
        return self._path

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped; see `Motors.pulse`.

        The command carries the time of this call: the guard refuses a command that is older than a lease.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel has moved.
            Halted: an emergency stop is latched, or came during the pulse.
            GuardError: the guard is gone or silent; if it was started here, the next call starts a new one.
        """
        check_pulse(left, right, seconds)
        self._connected()  # before the time is taken: starting a guard takes longer than a lease
        at = time.monotonic()
        answer = self._call("pulse", lasts=seconds, left=left, right=right, seconds=seconds, at=at)
        self.was_cut = answer.get("why") == "stop"

    def drive(self, left: float, right: float, *, at: float | None = None) -> None:
        """Turn the wheels for at most the lease of 0.4 s, which the next call renews; return at once.

        `at` is the time of the command, by `time.monotonic`; now if not given. The guard refuses a command
        that is older than the lease. Raises as `pulse` does.
        """
        self._call("drive", left=left, right=right, at=time.monotonic() if at is None else at)

    def stop(self) -> None:
        """Stop both wheels at once; may be called from any thread, in a signal handler, any number of times.

        Without a guard there is nothing to stop: its watchdog, or the end of the connection, has done it.
        """
        if (connection := self._connection) is not None:
            with suppress(ConnectionLost):
                connection.call_now("stop")

    def halt(self) -> None:
        """Stop both wheels, and refuse to move until a `Supervisor` resets; may be called as `stop`.

        Raises GuardError if no guard is there to remember the halt; the wheels are stopped then.
        """
        self._connected().call_now("halt")

    def status(self) -> dict[str, Any]:
        """Return the guard's state, see `Supervisor.status`."""
        status: dict[str, Any] = self._call("status")["status"]
        return status

    def history(self) -> list[Event]:
        """Return the guard's last few hundred events, the oldest first."""
        return [Event(**event) for event in self._call("events")["events"]]

    def _call(self, do: str, **values: Any) -> dict[str, Any]:
        connection = self._connected()
        try:
            return connection.call(do, **values)
        except ConnectionLost as lost:
            raise self._lost(lost) from lost
        except (ValueError, errors.Halted, GuardError):
            raise
        except BaseException:  # such as Ctrl-C
            self.stop()
            raise

    def _connected(self) -> Connection:
        """Return the connection; after a lost one, connect again, with a new guard."""
        if (connection := self._connection) is not None:
            return connection
        with self._connecting:
            if self._closed:
                raise GuardError("These motors are closed; open them anew to drive.")
            if self._connection is None:
                if self._folder is not None:
                    self._folder.mkdir(mode=0o700, exist_ok=True)  # the last guard may have removed it
                    self._own = OwnGuard(self._folder, *self._start)
                connection = Connection(self._path, self._timeout)
                try:
                    connection.call("role", role="driver")
                except BaseException:
                    connection.close()
                    raise
                self._connection = connection
            return self._connection

    def _lost(self, lost: ConnectionLost) -> GuardError:
        """Give up the connection and its guard, and return the error to raise."""
        self._disconnect()
        own, self._own = self._own, None
        if own is None:
            return GuardError(f"{lost} It stops the wheels on its end; look at its service, then try again.")
        # After such a silence the watchdog hangs too; waiting for both would let the wheels turn.
        is_low = own.kill() if isinstance(lost, NoAnswer) else own.end(self._timeout)
        low = "the pins were driven low" if is_low else "look whether the wheels stand still"
        return GuardError(f"{lost} Its watchdog has ended too: {low}. The next call starts a new guard.")

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Release the wheels; an own guard ends, with the pins low. A call in another thread raises."""
        with self._connecting:
            self._closed = True
        self._disconnect()
        own, self._own = self._own, None
        if own is not None:
            own.end(self._timeout)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "GuardMotors":
        """Return the motors."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, see `close`."""
        self.close()


class Supervisor:
    """A client that watches and halts a guard. Only this client may reset a halt; a guard has at most one."""

    def __init__(self, socket: Path | str, *, timeout: float = TIMEOUT) -> None:
        """Connect to the guard that listens at `socket`.

        Raises GuardError: there is no guard, or it has a supervisor already.
        """
        self._connection = Connection(Path(socket), timeout)
        try:
            self._connection.call("role", role="supervisor")
        except BaseException:
            self.close()
            raise

    def halt(self) -> None:
        """Stop the wheels and refuse every motion until `reset`; may be called from any thread."""
        self._connection.call_now("halt")

    def stop(self) -> None:
        """Stop both wheels, whoever drives; the driver may turn them again. May be called from any thread."""
        self._connection.call_now("stop")

    def reset(self) -> None:
        """Let the wheels move again: a deliberate act of a person."""
        self._connection.call("reset")

    def status(self) -> dict[str, Any]:
        """Return the guard's state.

        Its keys: `halted`; `why`, the reason if no halt was commanded; `not_kept`, why the halt's file cannot
        be written, or empty; `driver` and `supervisor`, ids of the processes with these roles, or None;
        `process`, id of the process that holds the pins; `moving`; `powers`, those of the left and the right
        wheel now; `real_time`, whether the guard got real-time priority, without which a busy machine makes
        pulses some milliseconds longer.
        """
        status: dict[str, Any] = self._connection.call("status")["status"]
        return status

    def history(self) -> list[Event]:
        """Return the last few hundred events, the oldest first."""
        return [Event(**event) for event in self._connection.call("events")["events"]]

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Yield events from now on; end after `timeout` seconds without an event.

        Raises GuardError when the guard has ended.
        """
        while (event := self._connection.wait_for_event(timeout)) is not None:
            yield event

    def close(self) -> None:
        """Disconnect; the guard keeps running."""
        self._connection.close()

    def __enter__(self) -> "Supervisor":
        """Return the supervisor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, see `close`."""
        self.close()
