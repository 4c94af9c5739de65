"""Measure the control server: time from a halt to low pins, cost of watching, memory, and a long run.

`python -m tests.benchmarks.server --soak 1800` makes the long run half an hour long.
"""

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "robot_agent"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from servers import Server, command_of, eventually
from websockets.exceptions import ConnectionClosed

from robot_agent.errors import GuardError, Halted
from robot_agent.guard.client import GuardMotors
from robot_agent.runs.store import Store
from tests.benchmarks.table import table

LONG = 100_000_000
"""Moves of a training that does not end by itself."""


class Watchers:
    """Dashboards that take all they are sent, each in a thread."""

    def __init__(self, server: Server, count: int) -> None:
        """Open `count` of them."""
        self.messages = self.pictures = 0
        self._stack = ExitStack()
        self._threads = []
        for _ in range(count):
            page = self._stack.enter_context(server.socket())
            thread = threading.Thread(target=self._read, args=(page,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _read(self, page: Any) -> None:
        with suppress(ConnectionClosed, OSError):
            while True:
                if isinstance(page.socket.recv(), bytes):
                    self.pictures += 1
                self.messages += 1

    def close(self) -> None:
        """Close all."""
        self._stack.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def watched(server: Server, count: int) -> Iterator[Watchers]:
    """Have `count` dashboards open meanwhile."""
    watchers = Watchers(server, count)
    try:
        yield watchers
    finally:
        watchers.close()


class Driver:
    """Keeps the pins high through the server's guard, as the worker of a real robot does."""

    def __init__(self, server: Server) -> None:
        """Take the wheels."""
        words = command_of(server.guard()).split()
        self._motors = GuardMotors(words[words.index("--socket") + 1])
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self._thread.start()

    def _drive(self) -> None:
        while not self._end.wait(0.1):
            with suppress(Halted, GuardError):
                self._motors.drive(1, 1)

    def close(self) -> None:
        """Let go."""
        self._end.set()
        self._thread.join(5)
        self._motors.close()


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of them is."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def curl(server: Server) -> None:
    """Halt as a script does."""
    address = f"http://127.0.0.1:{server.port}/api/v1/halt"
    subprocess.run(["curl", "-sS", "-X", "POST", address], check=True, capture_output=True)


def halts(server: Server, count: int) -> str:
    """Measure from the request to the pins being low, a fleet in training and five dashboards open."""
    rows = []
    with watched(server, 5), server.socket() as page:
        driver = Driver(server)
        ways: dict[str, Callable[[], object]] = {
            "the dashboard's button (WebSocket)": lambda: page.say("halt"),
            "POST /api/v1/halt": lambda: server.post("/halt"),
            "curl, its start included": lambda: curl(server),
        }
        for name, halt in ways.items():
            taken = []
            for _ in range(count):
                server.at_rest()
                server.run(moves=LONG)
                eventually(server.record.high)
                time.sleep(random.uniform(0.2, 0.4))
                begun = time.monotonic_ns()
                halt()
                eventually(lambda: not server.record.high())
                taken.append((server.record.last_low() - begun) / 1e6)
            rows.append(
                [
                    name,
                    str(count),
                    *(f"{quantile(taken, share):.1f}" for share in (0.5, 0.99)),
                    f"{max(taken):.1f}",
                ]
            )
        driver.close()
    server.at_rest()
    return table(("a halt by", "times", "p50 ms", "p99 ms", "longest ms"), rows)


def speed(server: Server, pairs: int, moves: int) -> str:
    """Train with five dashboards and with none, in alternation; by the clock, and by the trainer's own work.

    What else the machine does changes the first and hardly the second.
    """
    clock: dict[int, list[float]] = {0: [], 5: []}
    work: dict[int, list[float]] = {0: [], 5: []}
    for turn in range(2 * pairs):
        count = (0, 5)[(turn + turn // 2) % 2]
        server.at_rest()
        with watched(server, count):
            before = usage(server.worker())[0]
            run = server.run(moves=moves, settings={"train.evaluate_every": 10 * moves})
            begun = time.monotonic()
            while server.state()["activity"] == "training":
                time.sleep(0.05)
            clock[count].append(moves / (time.monotonic() - begun))
            work[count].append(moves / (usage(server.worker())[0] - before))
        server.http.delete(f"/api/v1/runs/{run}")
    rows = []
    for name, rates in (("second", clock), ("second of its own work", work)):
        none, five = (statistics.median(rates[count]) for count in (0, 5))
        rows.append([f"moves a {name}", f"{none:,.0f}", f"{five:,.0f}", f"{five / none:.2f}"])
    header = (f"training, medians of {pairs} in alternation", "nobody watches", "five dashboards", "share")
    return table(header, rows)


def usage(process: int) -> tuple[float, float, int, int]:
    """Return CPU seconds, megabytes, threads and descriptors of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    megabytes = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return seconds, megabytes, int(fields[17]), len(list(Path(f"/proc/{process}/fd").iterdir()))


def size(server: Server, seconds: float) -> str:
    """Measure the server's processor and memory while it serves."""
    process = server.process.pid
    rows = []
    for name, count, begin in (
        ("driving, three dashboards", 3, lambda: server.post("/drive/start")),
        ("training, three dashboards", 3, lambda: server.run(moves=LONG)),
        ("driving, five dashboards", 5, lambda: server.post("/drive/start")),
        ("nothing, nobody", 0, lambda: None),
    ):
        server.at_rest()
        with watched(server, count) as watchers:
            begin()
            time.sleep(1.0)
            before, pictures, messages = usage(process), watchers.pictures, watchers.messages
            time.sleep(seconds)
            after = usage(process)
            each = max(count, 1) * seconds
            rows.append(
                [
                    name,
                    f"{(watchers.pictures - pictures) / each:.1f}",
                    f"{(watchers.messages - messages) / each:.1f}",
                    f"{(after[0] - before[0]) / seconds:.1%}",
                    f"{after[1]:.0f}",
                ]
            )
    server.at_rest()
    header = ("the server while", "pictures/s to each", "messages/s to each", "of a core", "MB")
    return table(header, rows)


def half_open(server: Server) -> socket.socket:
    """Open a WebSocket that never answers."""
    raw = socket.create_connection(("127.0.0.1", server.port), 5)
    raw.sendall(
        f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    return raw


def soak(server: Server, seconds: float) -> str:
    """Let clients come and go, slow and half-open ones among them, while trainings follow each other."""
    rng = random.Random(1)
    process = server.process.pid
    samples: list[tuple[float, float, int, int]] = []
    silent: list[socket.socket] = []
    runs: list[int] = []
    begun, visits = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        if server.state()["activity"] == "idle":
            runs.append(server.run(moves=150_000))
        silent.append(half_open(server))
        if len(silent) > 5:
            silent.pop(0).close()
        with watched(server, rng.randint(1, 5)), server.socket(max_queue=1) as slow:
            visits += 1
            slow.hear("state")
            for path in ("/runs", "/status", "/policy", "/camera.jpg", f"/runs/{runs[-1]}"):
                server.get(path)
            time.sleep(rng.uniform(0.2, 1.5))
            slow.socket.socket.close()
        if passed > len(samples) * seconds / 4:
            samples.append(usage(process))
    for raw in silent:
        raw.close()
    server.at_rest()
    eventually(lambda: "robot_agent_clients 0.0" in server.http.get("/metrics").text, 60)
    samples.append(usage(process))
    rows = [
        [f"{100 * index // (len(samples) - 1)} %", f"{mb:.0f}", str(threads), str(files)]
        for index, (_, mb, threads, files) in enumerate(samples)
    ]
    lost = 0
    with Store(server.store) as store:
        for run in runs:
            numbers = [row["number"] for row in store.updates(run)]
            lost += len(set(range(1, store.run(run).updates + 1)) - set(numbers))
    words = (
        f"{seconds:.0f} s, {visits} rounds of clients, {len(runs)} trainings; "
        f"updates missing in the store: {lost}."
    )
    return f"{words}\n\n{table(('of the soak', 'MB', 'threads', 'descriptors'), rows)}"


def report(*, quick: bool = False, soak_seconds: float | None = None) -> str:
    """Return all figures as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, "--seed", 1).await_ready()
        try:
            server.policy()
            server.await_state("idle")
            parts = [
                halts(server, 15 if quick else 100),
                speed(server, 4 if quick else 8, 200_000 if quick else 600_000),
                size(server, 5.0 if quick else 20.0),
                soak(server, soak_seconds or (20.0 if quick else 60.0)),
            ]
        finally:
            server.close()
    return "\n\n".join(parts)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.server", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="length of the soak")
    options = parser.parse_args()
    print(report(quick=options.quick, soak_seconds=options.soak))
    return 0


if __name__ == "__main__":
    sys.exit(main())
