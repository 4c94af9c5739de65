"""Measure how fast and how exactly the guard stops the wheels, with real processes and recorded mock pins."""

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "robot_agent"))

from guards import WHEELS, GuardProcess, Raw, environment, eventually, guard

from robot_agent.guard.client import GuardMotors, Supervisor
from tests.benchmarks.table import table

PULSE = 1.4
"""Seconds of the pulses that are cut short."""

BUSY = """
import torch
torch.set_num_threads(1)
a = torch.rand(400, 400)
print("busy", flush=True)
while True:
    a = torch.tanh(a @ a)
"""

FLOOD = b'{"do":"events"}\n' * 4000
"""Requests whose answers fill every buffer when nobody reads them."""


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core at work with torch meanwhile."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE))
            for _ in range(os.cpu_count() or 1)
        ]
        try:
            for worker in workers:
                assert worker.stdout is not None
                worker.stdout.readline()
            yield
        finally:
            for worker in workers:
                worker.kill()


def fork_client(running: GuardProcess, behave: Callable[[GuardMotors], None]) -> int:
    """Fork a client of this size, torch included, that drives a long pulse; return its process."""
    child = os.fork()
    if child:
        return child
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        motors = GuardMotors(running.path)
        behave(motors)
        motors.pulse(1, 1, PULSE)
    finally:
        os._exit(0)


def nothing(motors: GuardMotors) -> None:
    """Behave well."""


def raising(motors: GuardMotors) -> None:
    """Raise within the pulse when SIGUSR1 comes."""
    signal.signal(signal.SIGUSR1, lambda *_: 1 / 0)


def exiting(motors: GuardMotors) -> None:
    """Leave within the pulse when SIGUSR1 comes, without any good-bye."""
    signal.signal(signal.SIGUSR1, lambda *_: os._exit(3))


def to_low(running: GuardProcess, act: Callable[[], None], *, longest: float = 0.5) -> float:
    """Wait for a pulse to begin and a random moment of it, act, and return ms until all pins are low."""
    eventually(running.record.high)
    time.sleep(random.uniform(0.0, longest))
    assert running.record.high()
    begun = time.monotonic_ns()
    act()
    eventually(lambda: not running.record.high())
    return (running.record.last_low() - begun) / 1e6


def signalled(folder: Path, times: int, number: int, behave: Callable[[GuardMotors], None]) -> list[float]:
    """Milliseconds from a signal to the client until low, each time a new client."""
    took = []
    with guard(folder) as running:
        for _ in range(times):
            child = fork_client(running, behave)
            took.append(to_low(running, lambda: os.kill(child, number)))  # noqa: B023
            os.waitpid(child, 0)
            running.record.path.write_text("")
    return took


def said(folder: Path, times: int, data: bytes) -> list[float]:
    """Milliseconds from what a client sends, in the place of a request, until low."""
    took = []
    with guard(folder) as running:
        for _ in range(times):
            with Raw(running.path) as raw:
                raw.call("role", role="driver")
                raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": PULSE})

                def act(raw: Raw = raw) -> None:
                    with suppress(OSError):  # the guard has closed it meanwhile
                        raw.socket.sendall(data)

                took.append(to_low(running, act))
            running.record.path.write_text("")
    return took


def guard_signalled(folder: Path, times: int, number: int) -> list[float]:
    """Milliseconds from a signal to the guard itself until low, each time a new guard."""
    took = []
    for _ in range(times):
        with guard(folder, stderr=subprocess.DEVNULL) as running, Raw(running.path) as raw:
            raw.call("role", role="driver")
            inside = running.inside
            raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": PULSE})
            took.append(to_low(running, lambda: os.kill(inside, number)))  # noqa: B023
            running.process.wait(10)
            running.record.path.write_text("")
    return took


def halted(folder: Path, times: int) -> list[float]:
    """Milliseconds from the supervisor's halt until low."""
    took = []
    with guard(folder) as running, Supervisor(running.path) as supervisor, Raw(running.path) as raw:
        raw.call("role", role="driver")
        for _ in range(times):
            raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": PULSE})
            took.append(to_low(running, supervisor.halt, longest=0.2))
            assert supervisor.status()["halted"]
            supervisor.reset()
            running.record.path.write_text("")
    return took


def lengths(folder: Path, times: int) -> list[float]:
    """By how many milliseconds a pulse's pins were high longer than was asked for."""
    errors = []
    with guard(folder) as running, GuardMotors(running.path) as motors:
        for _ in range(times):
            seconds = random.uniform(0.05, 0.4)
            running.record.path.write_text("")
            motors.pulse(1, 1, seconds)
            first = min(moment for moment, _, level in running.record.lines() if level)
            errors.append(abs((running.record.last_low() - first) / 1e6 - seconds * 1e3))
    return errors


def start_and_memory(times: int) -> str:
    """Say how long a guard takes to start, and what it weighs."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(Path(folder) / "pins"))
        for _ in range(times):
            begun = time.monotonic()
            with GuardMotors(**WHEELS) as motors:
                took.append(time.monotonic() - begun)
                processes = (motors.status()["process"], os.getpgid(motors.status()["process"]))
                real_time = motors.status()["real_time"]
                weights = [proportional_set(process) for process in processes]
    return (
        f"A guard is ready {statistics.median(took):.2f} s after it was asked for. "
        f"It weighs {weights[0]:.0f} MB and its watchdog {weights[1]:.0f} MB (proportional set size). "
        f"It ran {'with' if real_time else 'without'} real-time priority."
    )


def proportional_set(process: int) -> float:
    """Return the memory of a process in MB, what it shares counted in part."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(text.split("\nPss:")[1].split()[0]) / 1024


def row(name: str, took: list[float]) -> list[str]:
    """Return a row of the table."""
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return [name, str(len(took)), f"{statistics.median(took):.2f}", f"{p99:.2f}", f"{ordered[-1]:.2f}"]


def report(quick: bool) -> str:
    """Return what was measured, as Markdown."""
    many, some, few = (20, 5, 3) if quick else (200, 20, 10)
    random.seed(0)
    header = ["milliseconds until all pins are low", "times", "median", "p99", "longest"]
    endings = [
        ("client: kill -9", lambda at: signalled(at, many, signal.SIGKILL, nothing)),
        ("client: SIGTERM", lambda at: signalled(at, some, signal.SIGTERM, nothing)),
        ("client: SIGINT", lambda at: signalled(at, some, signal.SIGINT, nothing)),
        ("client: SIGHUP", lambda at: signalled(at, some, signal.SIGHUP, nothing)),
        ("client: an exception", lambda at: signalled(at, some, signal.SIGUSR1, raising)),
        ("client: os._exit", lambda at: signalled(at, some, signal.SIGUSR1, exiting)),
        ("client: garbage", lambda at: said(at, some, b"garbage\n")),
        ("client: takes no answers", lambda at: said(at, some, FLOOD)),
        ("halt", lambda at: halted(at, many // 2)),
        ("guard: SIGTERM", lambda at: guard_signalled(at, few, signal.SIGTERM)),
        ("guard: kill -9", lambda at: guard_signalled(at, few, signal.SIGKILL)),
        ("guard: hangs (SIGSTOP)", lambda at: guard_signalled(at, few, signal.SIGSTOP)),
    ]
    rows = []
    for name, measure in endings:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(name, measure(Path(folder))))
    with tempfile.TemporaryDirectory() as folder, busy_cores():
        rows.append(
            row("client: kill -9, all cores busy", signalled(Path(folder), some, signal.SIGKILL, nothing))
        )
        rows.append(row("halt, all cores busy", halted(Path(folder), some)))
        exact = row("pulse, all cores busy", lengths(Path(folder), many // 2))
    with tempfile.TemporaryDirectory() as folder:
        idle = row("pulse", lengths(Path(folder), some))
    wrong = table(["milliseconds by which a pulse is too long or short", *header[1:]], [idle, exact])
    return f"{table(header, rows)}\n\n{wrong}\n\n{start_and_memory(few)}"


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
