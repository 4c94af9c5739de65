"""The guard's program: settings, socket and signals of the guard, which runs under its watchdog."""

import argparse
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from robot_agent.errors import BoardError, GuardError, RobotAgentError
from robot_agent.guard.controller import RAMP_SECONDS
from robot_agent.guard.loop import Guard
from robot_agent.guard.watchdog import SIGNALS, Heartbeat, supervise
from robot_agent.guard.wire import encode
from robot_agent.motors.gpio import Wheels
from robot_agent.runtime_directory import default_socket

MAX_RAMP_SECONDS = 0.2
"""Longest ramp, s; a longer one would take too large a part of a pulse of half a second."""

PRIORITY = 10
"""Real-time priority; if it is not permitted, a lower nice value is tried."""


def main(arguments: list[str] | None = None) -> int:
    """Run a guard with the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m robot_agent.guard", description="Own the motor pins, and always stop the wheels."
    )
    parser.add_argument("--wheels", type=json.loads, default={}, help="keywords of gpio.Wheels, as JSON")
    parser.add_argument(
        "--ramp-seconds", type=float, default=RAMP_SECONDS, help="seconds from none to full power"
    )
    parser.add_argument("--socket", type=Path, help="socket to listen at")
    parser.add_argument("--standing", action="store_true", help="go on when the last client has gone")
    parser.add_argument("--verbose", action="store_true", help="write every event to stderr")
    options = parser.parse_args(arguments)
    return run(
        options.wheels,
        socket_path=options.socket,
        ramp_seconds=options.ramp_seconds,
        standing=options.standing,
        verbose=options.verbose,
    )


def run(
    wheels: Mapping[str, Any],
    *,
    socket_path: Path | None = None,
    ramp_seconds: float = RAMP_SECONDS,
    standing: bool = False,
    verbose: bool = False,
) -> int:
    """Run a guard until it ends, always with the pins low; print one line when it is ready.

    Args:
        wheels: keyword arguments of `gpio.Wheels`.
        socket_path: socket to listen at; `default_socket()` if not given.
        ramp_seconds: seconds from no power to full power.
        standing: keep running without clients; for a service.
        verbose: write every event to stderr.

    Returns:
        The exit code: 0 if the guard was asked to end, 2 if it could not start (the line says why), else 1.
    """
    path = (socket_path or default_socket()).absolute()
    os.environ.setdefault("LG_WD", str(path.parent))  # the folder of lgpio's pipe
    _take_priority()
    with suppress(ImportError):
        import gpiozero  # noqa: F401  # once for both processes; a missing one is reported when pins are opened

    def work(heart: Heartbeat) -> int:
        return _serve(heart, wheels, path, ramp_seconds=ramp_seconds, standing=standing, verbose=verbose)

    return supervise(work, lambda: Wheels(**wheels).close())


def _take_priority() -> None:
    """Take the best permitted priority: a real-time one of any level, else the lowest nice value."""
    try:
        limit = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
        for level in (PRIORITY, min(PRIORITY, limit)):
            if level > 0:
                with suppress(PermissionError):
                    return os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(level))
        with suppress(PermissionError):  # perhaps it was started as a batch or idle process
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        for nice in range(-PRIORITY, os.getpriority(os.PRIO_PROCESS, 0)):
            with suppress(PermissionError):
                return os.setpriority(os.PRIO_PROCESS, 0, nice)
    except (OSError, AttributeError):
        return  # a system without these priorities


def _serve(
    heart: Heartbeat,
    wheels: Mapping[str, Any],
    path: Path,
    *,
    ramp_seconds: float,
    standing: bool,
    verbose: bool,
) -> int:
    try:
        if not 0.0 <= ramp_seconds <= MAX_RAMP_SECONDS:
            raise BoardError(f"ramp_seconds is {ramp_seconds!r}; give 0 to {MAX_RAMP_SECONDS} seconds.")
        listener = _listen(path)
        try:
            opened = Wheels(**wheels)
        except BaseException:
            listener.close()
            path.unlink()
            raise
    except (RobotAgentError, TypeError, OSError) as error:
        _say({"error": str(error), "kind": type(error).__name__})
        return 2
    with closing(opened), closing(listener):
        guard = Guard(
            opened,
            listener,
            halt_file=path.with_suffix(".halted"),
            ramp_seconds=ramp_seconds,
            standing=standing,
            log=_log if verbose else lambda line: None,
        )
        _end_on_signals(guard)
        heart.beat()
        _say({"socket": str(path)})
        try:
            why = guard.run(heart.beat)
        finally:
            path.unlink(missing_ok=True)
    if why == "alone" and not os.environ.get("RUNTIME_DIRECTORY"):  # a service restarts, still halted
        _tidy(path)
    return 0


def _listen(path: Path) -> socket.socket:
    if path.exists():
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()  # left behind by a guard that was killed
            else:
                raise GuardError(f"A guard listens at {path} already; end that one, or give another socket.")
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)  # never open to other users
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise GuardError(
            f"The guard cannot listen at {path} ({error}); give a short path in an existing folder of yours."
        ) from error
    finally:
        os.umask(before)
    listener.listen()
    return listener


def _tidy(path: Path) -> None:
    """Remove files that are not needed any more: halt file, lgpio's pipe, and the folder if it is empty."""
    for left in (path.with_suffix(".halted"), *path.parent.glob(".lgd-nfy*")):
        left.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def _end_on_signals(guard: Guard) -> None:
    # The signal's number also comes through a socket, which wakes the loop.
    ours, theirs = socket.socketpair()
    for one in (ours, theirs):
        one.setblocking(False)
    guard.watch(ours.detach(), lambda: None)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, lambda received, _frame: guard.end("signal", signal.Signals(received).name))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _say(message: dict[str, Any]) -> None:
    with suppress(OSError):
        os.write(sys.stdout.fileno(), encode(message))


def _log(line: str) -> None:
    print(f"guard: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
