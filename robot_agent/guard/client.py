"""Driving through the guard: motors that it stops whatever happens here, and the supervisor's halt."""

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
"""Seconds that a client waits for an answer beyond a pulse's length; a guard that hangs is killed sooner."""

KILL_SECONDS = 2.0
"""Seconds that the kernel may take to end a killed process."""

START_SECONDS = 30.0
"""Seconds until an own guard is ready: a Pi Zero imports slowly."""


class OwnGuard:
    """A guard that was started for one client, and ends with it."""

    def __init__(self, folder: Path, wheels: WheelSettings, ramp_seconds: float, verbose: bool) -> None:
        """Start a guard that listens in `folder`; raises the errors of `GuardMotors`."""
        self.path = folder / "guard.sock"
        self._wheels = wheels
        command = [sys.executable, "-P", "-m", "robot_agent.guard", "--socket", str(self.path)]
        command += ["--wheels", json.dumps(wheels, default=dict), "--ramp-seconds", repr(ramp_seconds)]
        # A session of its own: Ctrl-C is for the client, which stops the wheels through the guard.
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
        # A killed watchdog has not driven the pins low, and the guard may hang or be killed too.
        return self.process.returncode in LOW_CODES or self.kill()

    def kill(self) -> bool:
        """Kill guard and watchdog, and drive the pins low from here; return whether they are low."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # both: the pins are the kernel's again at its end
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
    """Two wheels behind a guard, as `Motors`: whatever happens here, the guard stops them."""

    def __init__(
        self,
        socket: Path | str | None = None,
        *,
        ramp_seconds: float = RAMP_SECONDS,
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
        self._timeout = timeout
        self._start = (wheels, ramp_seconds, verbose)
        self._connecting = threading.RLock()  # a signal handler may close while it is held
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
        """Where the guard listens, for a `Supervisor`."""
        return self._path

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped; see `Motors.pulse`.

        The command carries the time of this call: what reaches the guard later than a lease is refused.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel has moved.
            Halted: an emergency stop is latched, or came during the pulse.
            GuardError: the guard is gone or silent; the next call starts a new one, if it was its own.
        """
        check_pulse(left, right, seconds)
        self._connected()  # a guard that has to be started first takes longer than a lease
        at = time.monotonic()
        answer = self._call("pulse", lasts=seconds, left=left, right=right, seconds=seconds, at=at)
        self.was_cut = answer.get("why") == "stop"

    def drive(self, left: float, right: float, *, at: float | None = None) -> None:
        """Turn the wheels for at most the lease of 0.4 s, renewed by the next call; returns at once.

        A command that was given `at` a moment of `time.monotonic`, now if it is not said, longer ago than the
        lease, is refused. Raises as `pulse` does.
        """
        self._call("drive", left=left, right=right, at=time.monotonic() if at is None else at)

    def stop(self) -> None:
        """Stop both wheels at once: from any thread, in a signal handler, any number of times.

        Without a guard there is nothing to stop: its watchdog, or the end of the connection, has done it.
        """
        if (connection := self._connection) is not None:
            with suppress(ConnectionLost):
                connection.call_now("stop")

    def halt(self) -> None:
        """Stop both wheels, and have them refuse to move until a `Supervisor` resets; called as `stop` is.

        Raises GuardError when there is no guard, whose wheels are stopped then, to remember it.
        """
        self._connected().call_now("halt")

    def status(self) -> dict[str, Any]:
        """Return the guard's state, see `Supervisor.status`."""
        status: dict[str, Any] = self._call("status")["status"]
        return status

    def history(self) -> list[Event]:
        """Return what the guard did and why, the last few hundred events, the oldest first."""
        return [Event(**event) for event in self._call("events")["events"]]

    def _call(self, do: str, **values: Any) -> dict[str, Any]:
        connection = self._connected()
        try:
            return connection.call(do, **values)
        except ConnectionLost as lost:
            raise self._lost(lost) from lost
        except (ValueError, errors.Halted, GuardError):
            raise
        except BaseException:  # Ctrl-C, for one
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
        # After such a silence the watchdog hangs too, and waiting for them would let the wheels turn.
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
        """Close, see there."""
        self.close()


class Supervisor:
    """Watches a guard, may halt it, and is the only one that may reset it. A guard has one supervisor."""

    def __init__(self, socket: Path | str, *, timeout: float = TIMEOUT) -> None:
        """Connect to the guard that listens at `socket`.

        Raises GuardError: there is none, or it has a supervisor already.
        """
        self._connection = Connection(Path(socket), timeout)
        try:
            self._connection.call("role", role="supervisor")
        except BaseException:
            self.close()
            raise

    def halt(self) -> None:
        """Stop the wheels and let nothing move them until `reset`; from any thread."""
        self._connection.call_now("halt")

    def stop(self) -> None:
        """Stop both wheels, whoever drives them, which the driver may turn again; from any thread."""
        self._connection.call_now("stop")

    def reset(self) -> None:
        """Let the wheels move again: a deliberate act of a person."""
        self._connection.call("reset")

    def status(self) -> dict[str, Any]:
        """Return the guard's state.

        Its keys: `halted`, and `why` if not by a halt; `not_kept`, why the halt's file cannot be written, or
        empty; `driver` and `supervisor`, the processes with these roles, or None; `process`,
        which holds the pins; `moving`; `powers` of the left and the right wheel now; `real_time`, whether it
        got real-time priority, without which a busy machine makes pulses some milliseconds longer.
        """
        status: dict[str, Any] = self._connection.call("status")["status"]
        return status

    def history(self) -> list[Event]:
        """Return the last few hundred events, the oldest first."""
        return [Event(**event) for event in self._connection.call("events")["events"]]

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Yield events from now on; ends after `timeout` seconds without one.

        Raises GuardError when the guard has ended.
        """
        while (event := self._connection.wait_for_event(timeout)) is not None:
            yield event

    def close(self) -> None:
        """Disconnect; the guard goes on."""
        self._connection.close()

    def __enter__(self) -> "Supervisor":
        """Return the supervisor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, see there."""
        self.close()
