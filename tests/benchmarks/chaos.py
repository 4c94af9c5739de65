"""Half an hour of everything at once: attackers, faults, two people, a training; then a check of the pins.

    python -m tests.benchmarks.chaos --minutes 30 --seed 1

A real server trains with a robot whose pins are recorded. Meanwhile, two people press its buttons and drive
by hand, strangers attack it, and its disk, files, processes and camera fail. The orders of each person are
recorded with their times. The run is good if no wheel turned without a command that was still valid, the
store is whole, memory and log stayed within their limits, and the server still works at the end. The seed
decides what happens, and in which order.
"""

import argparse
import json
import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
for _folder in ("robot_agent", "server"):
    sys.path.insert(0, str(HERE.parent / _folder))

import httpx  # noqa: E402
from servers import Page, Server, children, eventually  # noqa: E402

from robot_agent.guard.lease import LEASE_SECONDS  # noqa: E402
from robot_agent.motors.motors import MAX_PULSE_SECONDS  # noqa: E402
from tests.benchmarks.stops import BY_ITSELF, SETTINGS  # noqa: E402

GRACE_SECONDS = 0.15
"""Time for which a pin may be high beyond its command: the loop of the guard, on a busy machine."""

FAULT_SECONDS = 1.2
"""The same while a process of the guard is stopped or killed: its watchdog waits half a second, twice."""

OBEY_SECONDS = 1.0
"""Time in which the end of the server ends all motion."""

DISK_MEGABYTES = 64
LOG_MEGABYTES, MEMORY_MEGABYTES = 2.0, 150.0
"""What may be written to the log in half an hour, and by how much the server may grow."""


@dataclass
class Timeline:
    """What people ordered, and what failed, with the moments of `time.monotonic_ns`."""

    training: list[tuple[int, bool]] = field(default_factory=list)
    """From when on the training may move the robot, or may not any more."""
    driving: list[int] = field(default_factory=list)
    """Commands by hand that turn a wheel."""
    faults: list[tuple[int, int]] = field(default_factory=list)
    """From when to when the guard was in trouble."""
    count: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may(self, moment: int, allowed: bool) -> None:
        """Write down that the training may move from a moment on, or may not."""
        with self.lock:
            self.training.append((moment, allowed))

    def drove(self, moment: int) -> None:
        """Write down a command by hand."""
        with self.lock:
            self.driving.append(moment)

    def failed(self, since: int, until: int) -> None:
        """Write down a fault of the guard."""
        with self.lock:
            self.faults.append((since, until))

    def did(self, what: str) -> None:
        """Count something."""
        with self.lock:
            self.count[what] += 1


def violations(timeline: Timeline, lines: list[tuple[int, int, float]]) -> Iterator[str]:
    """Yield each time at which a wheel turned without a live command."""
    orders, hand = sorted(timeline.training), sorted(timeline.driving)
    high: dict[int, int] = {}
    for moment, pin, level in lines:
        if level and pin not in high:
            allowed = next((may for at, may in reversed(orders) if at <= moment), False)
            driven = any(0 <= moment - at <= LEASE_SECONDS * 1e9 for at in hand if at <= moment)
            if not (allowed or driven):
                said = max((at for at, _ in orders if at <= moment), default=0)
                by_hand = max((at for at in hand if at <= moment), default=0)
                yield (
                    f"pin {pin} went high at {moment} without a command: nothing may move since "
                    f"{(moment - said) / 1e9:.2f} s, the hand is {(moment - by_hand) / 1e9:.2f} s old"
                )
            high[pin] = moment
        elif not level and pin in high:
            since = high.pop(pin)
            trouble = any(begin - 1e9 <= moment and since <= end + 1e9 for begin, end in timeline.faults)
            slack = FAULT_SECONDS if trouble else GRACE_SECONDS
            commands = [at for at in hand if since - LEASE_SECONDS * 1e9 <= at <= moment]
            ends = max(since + MAX_PULSE_SECONDS * 1e9, *(at + LEASE_SECONDS * 1e9 for at in commands), 0)
            if moment > ends + slack * 1e9:
                yield f"pin {pin} was high for {(moment - since) / 1e9:.2f} s, from {since}"
    for pin, since in high.items():
        yield f"pin {pin} is still high, since {since}"


class World:
    """The server and all that is done to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Start the server."""
        self.folder, self.timeline, self.end = folder, Timeline(), threading.Event()
        self.random, self.lock = random.Random(seed), threading.Lock()
        os.environ["STAGE"] = str(folder / "stage")
        self.play("target")
        (folder / "pins").symlink_to(folder.parent / "pins")  # the record has to outlive a full disk
        self.log = (folder.parent / "log").open("wb")
        self.kept: set[int] = set()
        self.errors: list[str] = []
        self.open()

    def open(self) -> None:
        """Start the server, anew."""
        with redirected(self.log.fileno()):
            self.server = Server(self.folder, "--robot", "pi", settings=(*SETTINGS, BY_ITSELF)).await_ready()

    def play(self, what: str) -> None:
        """Have the camera see or do something."""
        new = self.folder.parent / "stage.new"
        new.write_text(what)
        with suppress(OSError):  # the disk is full
            (self.folder / "stage").write_text(what)

    def wait(self, seconds: float) -> None:
        """Wait, or until the end."""
        self.end.wait(seconds)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> int:
        """Send a request; returns its status, or 0 when there was no answer."""
        try:
            address = f"http://127.0.0.1:{self.server.port}/api/v1{path}"
            return httpx.request(method, address, json=body, timeout=10, trust_env=False, **more).status_code
        except httpx.HTTPError:
            return 0

    def memory(self) -> float:
        """Megabytes of the server."""
        with suppress(OSError, IndexError):
            text = Path(f"/proc/{self.server.process.pid}/status").read_text()
            return int(text.partition("VmRSS:")[2].split()[0]) / 1000
        return 0.0


@contextmanager
def redirected(file: int) -> Iterator[None]:
    """Have what is started meanwhile write its errors into a file."""
    before = os.dup(2)
    os.dup2(file, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


# People


def presser(world: World, seed: int) -> None:
    """Somebody who starts, pauses, resumes, stops and halts."""
    choose = random.Random(seed)
    begins = {"start": "/training/start", "resume": "/training/resume"}
    ends = {"pause": "/training/pause", "stop": "/training/stop", "halt": "/halt"}
    while not world.end.is_set():
        what = choose.choice(("start", "start", "resume", "resume", "pause", "stop", "halt", "reset"))
        world.timeline.did(what)
        now = time.monotonic_ns()
        if what in begins:
            body = {"robot": "robot", "moves": 1_000_000} if what == "start" else None
            status = world.ask("POST", begins[what], body)
            if not 400 <= status < 500:
                world.timeline.may(now, True)
        elif what == "reset":
            world.ask("POST", "/halt/reset", {"confirm": True})
        elif world.ask("POST", ends[what]) == 200:
            world.timeline.may(time.monotonic_ns(), False)
        world.wait(choose.uniform(0.2, 2.0))


def driver(world: World, seed: int) -> None:
    """Somebody who watches, and now and then drives by hand."""
    choose, sequence = random.Random(seed), int(time.time())
    while not world.end.is_set():
        with suppress(Exception), world.server.socket(open_timeout=10) as page:
            threading.Thread(target=listen, args=(world, page), daemon=True).start()
            for _ in range(choose.randrange(1, 5)):
                world.wait(choose.uniform(0.5, 4.0))
                world.timeline.did("drive")
                powers = choose.uniform(-1, 1), choose.uniform(-1, 1)
                for _ in range(choose.randrange(1, 20)):
                    sequence += 1
                    now = time.monotonic_ns()
                    world.timeline.drove(now)
                    page.say("drive", left=powers[0], right=powers[1], seq=sequence, at=now / 1e9)
                    world.wait(0.1)
                if choose.random() < 0.5:
                    page.say("release")
        world.wait(0.2)


def listen(world: World, page: Page) -> None:
    """Hear what is said to be kept."""
    with suppress(Exception):
        while True:
            message = page.socket.recv(timeout=30)
            if isinstance(message, str) and (said := json.loads(message))["type"] == "checkpoint":
                world.kept.add(said["id"])


# Attackers: all of them are strangers, who come through a proxy


def attacker(world: World, seed: int) -> None:
    """Somebody who wants it to stop working."""
    choose = random.Random(seed)
    while not world.end.is_set():
        attack = choose.choice(ATTACKS)
        world.timeline.did(attack.__name__)
        with suppress(OSError):
            attack(world, choose)
        world.wait(choose.uniform(0.0, 0.5))


def connected(world: World) -> socket.socket:
    """Connect from another address of this machine, which counts as another machine."""
    one = socket.socket()
    one.settimeout(5)
    one.bind(("127.0.0.2", 0))
    one.connect(("127.0.0.1", world.server.port))
    return one


def head(world: World, line: str, *headers: str) -> bytes:
    """Return the head of a request."""
    host = f"Host: 127.0.0.1:{world.server.port}"
    return "\r\n".join((f"{line} HTTP/1.1", host, "X-Forwarded-For: 192.0.2.9", *headers, "", "")).encode()


UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)


def never_reads(world: World, choose: random.Random) -> None:
    """Many connections that ask, and read nothing."""
    with ExitStack() as opened:
        for _ in range(choose.randrange(20, 200)):
            one = opened.enter_context(connected(world))
            websocket = choose.random() < 0.5
            one.send(
                head(world, "GET /api/v1/ws", *UPGRADE) if websocket else head(world, "GET /app.js") * 30
            )
        world.wait(choose.uniform(0.5, 4.0))


def slow_head(world: World, choose: random.Random) -> None:
    """A head that comes byte by byte."""
    with connected(world) as one:
        for byte in head(world, "GET /")[:40]:
            one.send(bytes((byte,)))
            world.wait(0.05)


def slow_body(world: World, choose: random.Random) -> None:
    """A body that does not come."""
    with connected(world) as one:
        one.send(head(world, "POST /api/v1/pair", "Content-Length: 60000") + b"{")
        world.wait(choose.uniform(0.5, 3.0))


def huge_head(world: World, choose: random.Random) -> None:
    """Headers of a megabyte."""
    with connected(world) as one:
        one.sendall(head(world, "GET /", f"X: {'x' * 1_000_000}"))


def garbage(world: World, choose: random.Random) -> None:
    """What is no HTTP."""
    with connected(world) as one:
        one.sendall(choose.randbytes(choose.randrange(1, 5000)))


def frames(world: World, choose: random.Random) -> None:
    """What is no message, on a WebSocket."""
    with connected(world) as one:
        one.sendall(head(world, "GET /api/v1/ws", *UPGRADE) + choose.randbytes(choose.randrange(1, 5000)))
        world.wait(0.2)


def guesses(world: World, choose: random.Random) -> None:
    """Codes that are guessed."""
    for _ in range(20):
        world.ask("POST", "/pair", {"code": "".join(choose.choices("ABCDEF234567", k=6))}, headers=FOREIGN)


def forbidden(world: World, choose: random.Random) -> None:
    """What only the owner may do."""
    path = choose.choice(("/training/start", "/drive/start", "/halt/reset", "/tokens", "/detector"))
    status = world.ask("POST", path, {"confirm": True, "robot": "robot", "name": "x"}, headers=FOREIGN)
    if status not in (0, 401, 403, 408, 503):
        world.errors.append(f"a stranger's POST {path} was answered with {status}")


def foreign_page(world: World, choose: random.Random) -> None:
    """A page of another site, in the owner's own browser."""
    status = world.ask(
        "POST", "/training/start", {"robot": "robot"}, headers={"Origin": "http://evil.example"}
    )
    status = max(status, world.ask("POST", "/drive/start", {}, headers={"Host": "evil.example"}))
    if status not in (0, 403, 503):
        world.errors.append(f"a page of another site was answered with {status}")


FOREIGN = {"X-Forwarded-For": "192.0.2.9"}
ATTACKS = (
    never_reads, slow_head, slow_body, huge_head, garbage, frames, guesses, forbidden, foreign_page
)  # fmt: skip


# Faults


def faults(world: World, seed: int) -> None:
    """What breaks."""
    choose = random.Random(seed)
    while not world.end.is_set():
        world.wait(choose.uniform(0.5, 6.0))
        fault = choose.choice(FAULTS)
        world.timeline.did(fault.__name__)
        try:
            with suppress(OSError, StopIteration, IndexError, sqlite3.Error):
                fault(world, choose)
        except Exception as error:
            world.errors.append(f"after the fault {fault.__name__}: {error!r}")
            return


def full_disk(world: World, choose: random.Random) -> None:
    """No room for a while."""
    filler = world.folder / "photographs"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            for _ in range(DISK_MEGABYTES * 256):
                file.write(b"x" * 4096)
        world.wait(choose.uniform(0.5, 3.0))
    finally:
        filler.unlink(missing_ok=True)
    world.play("target")


def locked_store(world: World, choose: random.Random) -> None:
    """Another program holds the store."""
    with sqlite3.connect(world.server.store, timeout=5, isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        world.wait(choose.uniform(0.2, 3.0))
        db.execute("ROLLBACK")
    db.close()


def no_files(world: World, choose: random.Random) -> None:
    """Nothing can be opened."""
    process = choose.choice((world.server.process.pid, world.server.worker()))
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        world.wait(choose.uniform(0.2, 3.0))
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)


def guards(world: World) -> tuple[int, int]:
    """Return the processes of the guard: the one that holds the pins, and the one that watches it."""
    watching = world.server.guard()
    return children(watching)[0], watching


def stopped(world: World, choose: random.Random) -> None:
    """A process is stopped for a while."""
    process = choose.choice((world.server.process.pid, world.server.worker(), *guards(world)))
    since = time.monotonic_ns()
    os.kill(process, signal.SIGSTOP)
    try:
        world.wait(choose.uniform(0.05, 2.5))
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)
        world.timeline.failed(since, time.monotonic_ns())


def killed(world: World, choose: random.Random) -> None:
    """A process is killed."""
    process = choose.choice((world.server.worker(), *guards(world)))
    since = time.monotonic_ns()
    os.kill(process, signal.SIGKILL)
    world.timeline.failed(since, since + 1_000_000_000)


def bad_camera(world: World, choose: random.Random) -> None:
    """The camera fails, or the target is gone."""
    world.play(choose.choice(("lost", "wall")))
    world.wait(choose.uniform(0.3, 5.0))
    world.play("target")


def killed_server(world: World, choose: random.Random) -> None:
    """The whole server is killed, and started again; it moves nothing then until a person says so."""
    with world.lock:
        server, since = world.server, time.monotonic_ns()
        server.process.kill()
        server.process.wait()
        world.timeline.may(since + int(OBEY_SECONDS * 1e9), False)
        world.timeline.failed(since, since + 1_000_000_000)
        server.close()
        world.play("target")
        world.open()


FAULTS: tuple[Callable[[World, random.Random], None], ...] = (
    full_disk, locked_store, no_files, stopped, stopped, killed, bad_camera, bad_camera, killed_server
)  # fmt: skip


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own, where that may be mounted; else a folder."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(disk)]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield disk
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(disk)], check=True)


def run(minutes: float, seed: int, folder: Path) -> list[str]:
    """Let everything happen, and return what is wrong at the end."""
    world = World(folder, seed)
    seeds = random.Random(seed)
    memory = world.memory()
    first = world.server.process.pid
    parts = (presser, driver, driver, attacker, attacker, faults)
    threads = [threading.Thread(target=part, args=(world, seeds.random())) for part in parts]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        time.sleep(min(30.0, max(0.0, until - time.monotonic())))
        left, pins = (until - time.monotonic()) / 60, len(world.server.record.lines())
        print(f"{left:5.1f} min left: {world.memory():.0f} MB, {pins} levels of pins", flush=True)
    world.end.set()
    for thread in threads:
        thread.join(60)
    return list(judge(world, memory if world.server.process.pid == first else world.memory(), minutes))


def judge(world: World, memory: float, minutes: float) -> Iterator[str]:
    """Yield what is wrong."""
    server, timeline = world.server, world.timeline
    print(f"Done: {dict(sorted(timeline.count.items()))}")
    yield from world.errors
    world.play("target")
    try:
        eventually(lambda: server.http.get("/healthz").status_code == 200, 60)
    except (AssertionError, httpx.HTTPError) as error:
        yield f"guard or trainer are not there at the end ({error!r})"
        return
    world.ask("POST", "/halt")
    ended = time.monotonic_ns()
    time.sleep(2.0)
    lines = server.record.lines()
    turned = sum(bool(level) for _, _, level in lines)
    print(f"The pins went high {turned} times; {len(timeline.driving)} commands by hand.")
    if not turned:
        yield "no wheel ever turned"
    yield from violations(timeline, lines)
    if any(level for moment, _, level in lines if moment > ended):
        yield "a wheel turned after the last halt"
    if server.post("/halt/reset", {"confirm": True}).status_code != 200:
        yield "the halt cannot be reset at the end"
    for kind in ("training", "drive"):
        server.post(f"/{kind}/stop")
    now = time.monotonic_ns()
    started = server.post("/training/start", {"robot": "robot", "moves": 1000})
    if started.status_code != 200:
        yield f"no training can be started at the end: {started.text}"
    else:
        try:
            eventually(lambda: any(level for at, _, level in server.record.lines() if at > now), 30)
        except AssertionError:
            yield "a training that is started at the end moves nothing"
    grown, size = world.memory() - memory, os.fstat(world.log.fileno()).st_size / 1e6
    print(f"The server has grown by {grown:.0f} MB; the log has {size:.2f} MB.")
    if grown > MEMORY_MEGABYTES:
        yield f"the server has grown by {grown:.0f} MB"

    if size > LOG_MEGABYTES * max(1.0, minutes / 30):
        yield f"the log has {size:.1f} MB"
    server.close()
    with sqlite3.connect(server.store) as db:
        if (whole := db.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            yield f"the store is damaged: {whole}"
        known = {number for (number,) in db.execute("SELECT id FROM checkpoints")}
        newest = dict(db.execute("SELECT run, MAX(id) FROM checkpoints GROUP BY run"))
        print(f"The store has {len(known)} checkpoints of {len(newest)} runs; {len(world.kept)} were told.")
        for number, count in db.execute("SELECT MAX(number), COUNT(*) FROM updates GROUP BY run"):
            if number != count:
                yield f"of {number} updates {count} are in the store"
    db.close()


def main() -> int:
    """Run it; returns 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, small_disk(Path(folder)) as disk:
        wrong = run(options.minutes, options.seed, disk)
        if wrong:
            with suppress(OSError):
                print("\n".join((Path(folder) / "log").read_text(errors="replace").splitlines()[-60:]))
    for one in wrong:
        print(f"WRONG: {one}")
    print("Nothing is wrong." if not wrong else f"{len(wrong)} things are wrong.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
