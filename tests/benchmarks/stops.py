"""The stop matrix: measure the time to low pins for every way to stop the robot, in every situation.

    python -m tests.benchmarks.stops --repeat 10

A row is a way to stop, a column is what the robot does at that moment. The robot has real gpiozero devices
with recording pins, a real guard and a real server; `tests/server/staged.py` controls its camera and its
learner. The time runs until the last pin that is high at any time after the order is low. A process that was
killed is started again by itself; there, the time runs until all pins are low.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
for _folder in ("robot_agent", "server"):
    sys.path.insert(0, str(HERE.parent / _folder))

import numpy as np  # noqa: E402
from recording_pins import Record  # noqa: E402
from safetensors.numpy import save  # noqa: E402
from servers import PINS, Server, children, command_of, eventually  # noqa: E402

from robot_agent.runs.policy_file import FORMAT  # noqa: E402
from tests.benchmarks.table import table  # noqa: E402

ALL_MS, SOON_MS = 1000.0, 50.0
"""Every order stops the wheels within the first; a halt and a hand within the second."""

SOON = ("HALT", "hand")

AFTER, AFTER_UPDATE = 1.2, 4.5
"""Seconds for which the pins are looked at after an order; a slow update goes on for most of the second."""

SETTINGS = (
    *PINS,
    "camera.source=staged:camera",
    "camera.settle_seconds=0",
    "camera.frozen_seconds=0",
    "episodes.max_pulses=4000",
    "learner.algorithm=staged:learner",
    "train.episodes_per_update=1",
    "task.max_moves=4",
)

MANUAL = "episodes.start=manual"
BY_ITSELF = "episodes.start=back_and_search"


class Hand(threading.Thread):
    """A page whose user drives by hand, ten times a second."""

    def __init__(self, page: Any, left: float, right: float) -> None:
        """Begin to drive."""
        super().__init__(daemon=True)
        self.page, self.powers, self.end = page, (left, right), threading.Event()
        self.start()

    def run(self) -> None:
        """Drive until the end."""
        number = int(time.monotonic() * 1000)
        with suppress(Exception):
            while not self.end.is_set():
                number += 1
                self.page.say(
                    "drive", left=self.powers[0], right=self.powers[1], seq=number, at=time.monotonic()
                )
                self.end.wait(0.1)


def straight_on() -> bytes:
    """Return a policy file that always drives straight on."""
    sizes = {"log_std": (2,), "mean.0.weight": (8, 2), "mean.0.bias": (8,), "mean.2.weight": (2, 8)}
    tensors = {name: np.zeros(size, np.float32) for name, size in (sizes | {"mean.2.bias": (2,)}).items()}
    settings = json.dumps({"task": {}, "network": {"hidden": [8]}})
    return save(tensors, {"format": FORMAT, "settings": settings})


@dataclass
class Scene:
    """A server, its robot, and what it is brought into."""

    folder: Path
    start: str
    server: Server = field(init=False)
    stack: ExitStack = field(default_factory=ExitStack)
    hand: Hand | None = None
    page: Any = None
    """A page that is open already, whose user may take the wheels."""
    program: subprocess.Popen[bytes] | None = None
    """A program of the command line that drives, if it is not the server."""

    def __post_init__(self) -> None:
        """Start the server."""
        self.stage = self.folder / "stage"
        self.play("target")
        os.environ["STAGE"] = str(self.stage)
        self.open()
        uploaded = self.server.http.post("/api/v1/checkpoints/upload", content=straight_on())
        self.policy = uploaded.json()["checkpoint"]

    def open(self) -> None:
        """Start the server, anew."""
        self.server = Server(self.folder, "--robot", "pi", settings=(*SETTINGS, self.start)).await_ready()

    def play(self, what: str) -> None:
        """Have camera and learner do something."""
        new = self.folder / "stage.new"
        new.write_text(what)
        new.replace(self.folder / "stage")

    def is_at(self, what: str) -> bool:
        """Say whether they have come to something."""
        with suppress(OSError):
            return Path(f"{self.stage}.at").read_text() == what
        return False

    @property
    def record(self) -> Record:
        """What the pins have carried."""
        return self.server.record

    def train(self) -> None:
        """Begin a training, as a person does who puts the robot at its start."""
        answer = self.server.post("/training/start", {"robot": "robot", "moves": 100_000})
        assert answer.status_code == 200, answer.text
        self.put()

    def put(self) -> None:
        """Put the robot at its start whenever it asks."""
        if self.start != MANUAL:
            return
        self.server.await_state("paused")
        self.keep_putting()

    def keep_putting(self) -> None:
        """Resume whenever it asks to be put at a start, in a thread, until the order."""
        end = threading.Event()

        def put() -> None:
            while not end.is_set():
                with suppress(Exception):
                    state = self.server.get("/status").json()
                    if state["state"] == "paused" and "Put the robot" in state["reason"]:
                        self.server.post("/training/resume")
                end.wait(0.02)

        thread = threading.Thread(target=put, daemon=True)
        thread.start()

        def stop() -> None:
            end.set()
            thread.join()

        self.stack.callback(stop)

    def moving(self) -> None:
        """Wait until a pin is high that was low."""
        now = time.monotonic_ns()
        eventually(lambda: any(level for moment, _, level in self.record.lines() if level and moment > now))

    def rest(self) -> None:
        """Bring all to rest; a server that has ended is begun anew."""
        self.stack.close()
        if self.hand is not None:
            self.hand.end.set()
            self.hand = None
        if self.program is not None:
            self.program.kill()
            self.program.wait()
            self.program = None
        self.play("target")
        Path(f"{self.stage}.at").unlink(missing_ok=True)
        if self.server.process.poll() is not None:
            self.server.close()
            self.open()
        self.server.at_rest()
        if self.server.state()["detector"] != "color":
            eventually(lambda: self.server.post("/detector", {"name": "color"}).status_code == 200)
        eventually(lambda: not self.record.high())

    def close(self) -> None:
        """End all."""
        self.stack.close()
        if self.program is not None:
            self.program.kill()
            self.program.wait()
        self.server.close()


# What the robot does


def starting(scene: Scene) -> None:
    """It is on its way to its start: it turns, and its target is nowhere."""
    scene.play("wall")
    scene.train()
    scene.moving()


def pulsing(scene: Scene) -> None:
    """It makes the moves of a training."""
    scene.train()
    scene.moving()


def searching(scene: Scene) -> None:
    """It drives a policy, has lost its target, and turns to find it."""
    driving(scene)
    scene.play("wall")
    scene.moving()
    scene.moving()


def updating(scene: Scene) -> None:
    """It learns, which takes seconds."""
    scene.train()
    scene.moving()
    scene.play("slow")
    eventually(lambda: scene.is_at("update"), 40)


def recovering(scene: Scene) -> None:
    """Its camera has failed, and is tried again and again; it is well again after the order."""
    scene.train()
    scene.moving()
    scene.play("lost")
    eventually(lambda: scene.is_at("recovery"))


def driving(scene: Scene) -> None:
    """It drives a policy."""
    answer = scene.server.post("/drive/start", {"checkpoint": scene.policy})
    assert answer.status_code == 200, answer.text
    scene.put()
    scene.moving()


def by_hand(scene: Scene) -> None:
    """Somebody drives it by hand."""
    page = scene.stack.enter_context(scene.server.socket())
    scene.hand = Hand(page, 0.6, 0.6)
    scene.moving()


def changing(scene: Scene) -> None:
    """Its detector is changed: the worker loads another one."""

    def change() -> None:
        with suppress(Exception):
            scene.server.post("/detector", {"name": "marker"})

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    scene.stack.callback(thread.join)
    time.sleep(0.005)


def calibrating(scene: Scene) -> None:
    """A program of the command line measures the robot with the server's guard."""
    words = command_of(scene.server.guard()).split()
    socket = words[words.index("--socket") + 1]
    command = [sys.executable, "-m", "robot_agent", "calibrate", "speed", "--seconds", "1.5", "--robot", "pi"]
    command += ["--set", f"motors.guard={socket}", "--set", "learner.backend=numpy"]
    scene.program = subprocess.Popen(
        command,
        cwd=scene.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    scene.moving()


SITUATIONS: dict[str, tuple[str, Callable[[Scene], None]]] = {
    "start": (BY_ITSELF, starting),
    "search": (MANUAL, searching),
    "pulse": (MANUAL, pulsing),
    "update": (MANUAL, updating),
    "recovery": (MANUAL, recovering),
    "calibration": (MANUAL, calibrating),
    "driving": (MANUAL, driving),
    "by hand": (MANUAL, by_hand),
    "detector": (MANUAL, changing),
}

# The orders


def halt(scene: Scene) -> None:
    """Press halt."""
    assert scene.server.post("/halt").json()["stopped"]


def end_of_job(scene: Scene) -> None:
    """Stop what is under way."""
    for kind in ("training", "drive"):
        if scene.server.post(f"/{kind}/stop").status_code != 409:
            return


def pause(scene: Scene) -> None:
    """Pause it."""
    scene.server.post("/training/pause")


def hand(scene: Scene) -> None:
    """Take the wheels by hand, from a page that is open already, and hold them still."""
    scene.hand = Hand(scene.page, 0.0, 0.0)


def signal_of(number: signal.Signals) -> Callable[[Scene], None]:
    """Return the order that sends a signal to the program that drives."""

    def send(scene: Scene) -> None:
        driver = scene.program or scene.server.process
        os.kill(driver.pid, number)

    return send


def kill_worker(scene: Scene) -> None:
    """Kill what trains."""
    os.kill(scene.program.pid if scene.program else scene.server.worker(), signal.SIGKILL)


def kill_guard(scene: Scene) -> None:
    """Kill the process that holds the pins."""
    os.kill(children(scene.server.guard())[0], signal.SIGKILL)


def kill_keeper(scene: Scene) -> None:
    """Kill the process that watches the guard."""
    os.kill(scene.server.guard(), signal.SIGKILL)


def network(scene: Scene) -> None:
    """Send nothing any more, on a connection that stays open."""
    assert scene.hand is not None
    scene.hand.end.set()


def page(scene: Scene) -> None:
    """Close the page."""
    assert scene.hand is not None
    scene.hand.page.socket.close()
    scene.hand.end.set()


ORDERS: dict[str, Callable[[Scene], None]] = {
    "HALT": halt,
    "Stop": end_of_job,
    "Pause": pause,
    "hand": hand,
    "SIGINT": signal_of(signal.SIGINT),
    "SIGTERM": signal_of(signal.SIGTERM),
    "SIGHUP": signal_of(signal.SIGHUP),
    "kill server": signal_of(signal.SIGKILL),
    "kill worker": kill_worker,
    "kill guard": kill_guard,
    "kill keeper": kill_keeper,
    "network gone": network,
    "page closed": page,
}

KILLS = ("kill worker", "kill guard", "kill keeper")
"""What is begun again by itself after them."""


def applies(order: str, situation: str) -> bool:
    """Say whether an order is one to stop in this situation; a closed page leaves a training alone."""
    if order in ("network gone", "page closed"):
        return situation == "by hand"
    if situation == "by hand":
        return order not in (
            "Stop",
            "Pause",
            "hand",
            "kill worker",
        )  # they are for the worker, who does not drive
    if situation == "calibration":
        return order not in (
            "Stop",
            "Pause",
            "hand",
            "kill server",
        )  # another program drives: the page says who
    return True


def low_after(record: Record, ordered: int, *, first: bool) -> float:
    """Return the milliseconds after an order, ns, until the pins were low, the first time or for good."""
    carried: dict[int, float] = {}
    last, low_at = 0, None
    for moment, pin, level in record.lines():
        if moment > ordered and low_at is None and not any(carried.values()):
            low_at = last or ordered
        if moment > ordered and carried.get(pin) and not level:
            last = moment
        carried[pin] = level
    if first and low_at is not None:
        return (low_at - ordered) / 1e6
    if any(carried.values()):
        return float("inf")
    return max(0.0, (last - ordered) / 1e6)


def measure(scene: Scene, situation: str, order: str, wait: float, after: float = AFTER) -> float:
    """Bring the robot into a situation, give an order `wait` seconds later, and return the milliseconds."""
    try:
        SITUATIONS[situation][1](scene)
        if order == "hand":
            scene.page = scene.stack.enter_context(scene.server.socket())
            scene.page.hear("state")
        time.sleep(wait)
        ordered = time.monotonic_ns()
        ORDERS[order](scene)
        if situation == "recovery":
            scene.play("target")  # whatever is still to move moves now
        time.sleep(max(after, AFTER_UPDATE) if situation == "update" else after)
        if scene.program is None and (order.startswith("SIG") or order == "kill server"):
            scene.server.process.wait(20)
        return low_after(scene.record, ordered, first=order in KILLS)
    finally:
        scene.rest()


def cells(
    situations: list[str], orders: list[str], repeat: int, seed: int = 1
) -> Iterator[tuple[str, str, list[float]]]:
    """Yield situation, order and the milliseconds of each repetition."""
    waits = random.Random(seed)
    for situation in situations:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            scene = Scene(Path(folder), SITUATIONS[situation][0])
            try:
                for order in orders:
                    if applies(order, situation):
                        wait = [
                            waits.uniform(0.0, 0.3) if situation != "detector" else 0.0 for _ in range(repeat)
                        ]
                        yield situation, order, [measure(scene, situation, order, one) for one in wait]
            finally:
                scene.close()


def too_late(order: str, taken: list[float]) -> bool:
    """Say whether a cell fails."""
    return max(taken) > (SOON_MS if order in SOON else ALL_MS)


def main() -> int:
    """Measure and print the matrix; returns 1 when a cell fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stops", description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--situations", nargs="*", default=list(SITUATIONS), choices=list(SITUATIONS))
    parser.add_argument("--orders", nargs="*", default=list(ORDERS), choices=list(ORDERS))
    options = parser.parse_args()
    found: dict[tuple[str, str], str] = {}
    failed = False
    for situation, order, taken in cells(options.situations, options.orders, options.repeat):
        late = too_late(order, taken)
        failed |= late
        found[order, situation] = (
            f"{statistics.median(taken):.0f} / {max(taken):.0f}{' LATE' if late else ''}"
        )
        print(f"{situation:12} {order:12} {found[order, situation]}", file=sys.stderr, flush=True)
    rows = [
        [order, *(found.get((order, one), "–") for one in options.situations)] for order in options.orders
    ]
    print("Milliseconds until the last pin is low, half of the tries and the worst:\n")
    print(table(["", *options.situations], rows))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
