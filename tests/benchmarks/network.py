"""Measure a robot behind a slow network, compared with the same robot on this machine, and pulled cables.

    sudo python -m tests.benchmarks.network --episodes 20 --pulls 20

The robot is a real `robot-server` (simulated robot, recording pins) in a network namespace of its own. The
cable to it is a pair of TUN devices; this program delays their packets, half on each way, and drops some, as
`tc netem` would. To pull the cable, it drops all packets from a random moment of a pulse on, for two seconds.
This needs root and the program ip.
"""

import argparse
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
for _folder in ("robot_agent", "server"):
    sys.path.insert(0, str(HERE.parent / _folder))

from servers import PINS, Server, eventually  # noqa: E402

from robot_agent.build.driving import make_knowing_pilot  # noqa: E402
from robot_agent.envs.rollout import Paused, Resumed, Round, play  # noqa: E402
from robot_agent.envs.task import Ending  # noqa: E402
from robot_agent.identification.driving import KnowingDriver  # noqa: E402
from robot_agent.network.address import parse_address  # noqa: E402
from robot_agent.network.borrowing import RobotTaken  # noqa: E402
from robot_agent.network.keyring import Keyring, Paired  # noqa: E402
from robot_agent.network.pairing import ask_for_code, pair  # noqa: E402
from robot_agent.network.robot import NetworkRobot, OwnEyes  # noqa: E402
from robot_agent.robot.robot import Robot  # noqa: E402
from robot_agent.settings.config import load  # noqa: E402
from robot_agent.simulator.physics import Physics  # noqa: E402
from tests.benchmarks.table import table  # noqa: E402

SPACE, NEAR, FAR = "robot-agent", "ra-desktop", "ra-robot"
DESKTOP, ROBOT = "10.199.7.1", "10.199.7.2"


def run(*words: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(words, check=True)


TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


class Wire:
    """A cable into a namespace, whose packets come late or never."""

    def __init__(self) -> None:
        """Make the namespace and the cable."""
        self.delay, self.loss, self.is_pulled = 0.0, 0.0, False
        self._random = random.Random(1)
        self._late: list[tuple[float, int, int, bytes]] = []
        self._count = itertools.count()
        self._end = False
        self.remove()
        run("ip", "netns", "add", SPACE)
        self._near, self._far = self._open(NEAR), self._open(FAR)
        run("ip", "link", "set", FAR, "netns", SPACE)
        run("ip", "addr", "add", f"{DESKTOP}/24", "dev", NEAR)
        run("ip", "link", "set", NEAR, "up")
        inside("ip", "addr", "add", f"{ROBOT}/24", "dev", FAR)
        inside("ip", "link", "set", FAR, "up")
        inside("ip", "link", "set", "lo", "up")
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    @staticmethod
    def _open(name: str) -> int:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        return device

    def _carry(self) -> None:
        while not self._end:
            now = time.monotonic()
            wait = min(self._late[0][0] - now, 0.05) if self._late else 0.05
            for device in select.select([self._near, self._far], [], [], max(wait, 0.0))[0]:
                packet, other = os.read(device, 65536), self._far if device == self._near else self._near
                if not self.is_pulled and self._random.random() >= self.loss:
                    late = time.monotonic() + self.delay
                    heapq.heappush(self._late, (late, next(self._count), other, packet))
            while self._late and self._late[0][0] <= time.monotonic():
                _, _, other, packet = heapq.heappop(self._late)
                if not self.is_pulled:
                    with suppress(OSError):
                        os.write(other, packet)

    def slow(self, milliseconds: float, loss: float) -> None:
        """Delay all packets, half on each way, and lose a share of them, per cent."""
        self.delay, self.loss = milliseconds / 2000, loss / 100

    @staticmethod
    def remove() -> None:
        """Take the namespace away, and the cable with it."""
        subprocess.run(("ip", "netns", "del", SPACE), stderr=subprocess.DEVNULL)

    def close(self) -> None:
        """Take everything away."""
        self._end = True
        self._thread.join()
        os.close(self._near)
        os.close(self._far)
        self.remove()


def inside(*words: str) -> None:
    """Run a command in the namespace."""
    run("ip", "netns", "exec", SPACE, *words)


class Desktop:
    """Drives the robot with the policy that ships."""

    def __init__(self, url: str, keyring: Keyring, seed: int) -> None:
        """Borrow it."""
        self.hardware = NetworkRobot(url, keyring)
        config = load(None, {"task": {"action": "wheels"}})
        robot = Robot(self.hardware, OwnEyes(self.hardware))
        driver = KnowingDriver(robot, make_knowing_pilot(config), Physics())
        self.environment, self.act, self.seed = driver.environment, driver.act, seed

    def episodes(self, number: int, heard: Callable[[Any], None] = lambda event: None) -> dict[str, Any]:
        """Drive some episodes; returns how it went."""
        endings, lengths, seconds, moves = [], [], 0.0, 0
        seed: int | None = self.seed
        while len(endings) < number:
            began = time.monotonic()
            for event in play(self.environment, self.act, seed=seed):
                heard(event)
                if isinstance(event, Round):
                    moves += len(event.rewards)
                    seconds += time.monotonic() - began
                    endings.append(event.ending)
                    if event.ending is Ending.REACHED:
                        lengths.append(len(event.rewards))
            seed = None
        return {
            "success": endings.count(Ending.REACHED) / number,
            "moves": statistics.mean(lengths) if lengths else float("nan"),
            "interrupted": endings.count(Ending.INTERRUPTED),
            "seconds": seconds / max(moves, 1),
        }

    def close(self) -> None:
        """Give it back."""
        self.hardware.close()


def delays(wire: Wire, url: str, keyring: Keyring, episodes: int, seeds: int) -> list[list[str]]:
    """Drive behind networks of several delays."""
    rows = []
    for milliseconds, loss in ((0, 0), (5, 0), (50, 0), (200, 0), (5, 2), (50, 2), (200, 2)):
        wire.slow(milliseconds, loss)
        parts = []
        for seed in range(seeds):
            desktop = Desktop(url, keyring, seed)
            parts.append(desktop.episodes(episodes))
            desktop.close()
        mean = {name: statistics.mean(part[name] for part in parts) for name in parts[0]}
        name = f"{milliseconds} ms, {loss} % lost" if milliseconds else "as it is"
        row = [name, f"{mean['success']:.0%}", f"{mean['moves']:.2f}", f"{mean['seconds']:.2f}"]
        rows.append([*row, f"{sum(part['interrupted'] for part in parts)}"])
        print(*rows[-1], flush=True)
    return rows


def local(folder: Path, episodes: int, seeds: int) -> list[str]:
    """Drive the same robot through a server on this machine."""
    server = Server(folder, "--robot", "sim", settings=PINS)
    server.await_ready()
    parts = []
    for seed in range(seeds):
        desktop = Desktop(f"http://127.0.0.1:{server.port}", Keyring(folder / "none"), seed)
        parts.append(desktop.episodes(episodes))
        desktop.close()
    server.close()
    mean = {name: statistics.mean(part[name] for part in parts) for name in parts[0]}
    row = ["at hand", f"{mean['success']:.0%}", f"{mean['moves']:.2f}", f"{mean['seconds']:.2f}"]
    return [*row, f"{sum(part['interrupted'] for part in parts)}"]


def pulls(wire: Wire, server: Server, url: str, keyring: Keyring, number: int, seed: int) -> dict[str, Any]:
    """Pull the cable in pulses at random moments while a desktop drives episodes."""
    wire.slow(5, 0)
    random_ = random.Random(seed)
    desktop = Desktop(url, keyring, seed)
    lease = desktop.hardware._connection.lent.lease_seconds
    took: list[float] = []
    done = threading.Event()

    def pull() -> None:
        while len(took) < number:
            eventually(server.record.high, 120)
            time.sleep(random_.uniform(0.0, 0.4))
            if not server.record.high():
                continue
            at = time.monotonic_ns()
            wire.is_pulled = True
            eventually(lambda: not server.record.high())
            low = server.record.last_low()
            if low > at:
                took.append((low - at) / 1e9)
                print(f"pulled {len(took)}: {1000 * took[-1]:.0f} ms", flush=True)
            time.sleep(2.0)
            moved = [level for moment, _, level in server.record.lines() if moment > low and level]
            assert not moved, "a wheel turned while the cable was out"
            wire.is_pulled = False
            time.sleep(random_.uniform(1.0, 3.0))
        done.set()

    threading.Thread(target=pull, daemon=True).start()
    counts = {"paused": 0, "resumed": 0, "interrupted": 0, "reached": 0}

    def heard(event: Any) -> None:
        counts["paused"] += isinstance(event, Paused)
        counts["resumed"] += isinstance(event, Resumed)
        if isinstance(event, Round):
            counts["interrupted"] += event.ending is Ending.INTERRUPTED
            counts["reached"] += event.ending is Ending.REACHED

    while not done.is_set():
        desktop.episodes(1, heard)
    after = desktop.episodes(5)
    desktop.close()
    return {
        "pulls": number,
        "lease": lease,
        "within": sum(one <= lease for one in took),
        "p50_ms": 1000 * statistics.median(took),
        "worst_ms": 1000 * max(took),
        **counts,
        "success_after": after["success"],
    }


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--pulls", type=int, default=20)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as text, closing(Wire()) as wire:
        folder = Path(text)
        (folder / "far").mkdir()
        (folder / "near").mkdir()
        server = Server(
            folder / "far",
            "--robot",
            "sim",
            "--lan",
            settings=PINS,
            prefix=("ip", "netns", "exec", SPACE),
            host=ROBOT,
        )
        try:
            url, keyring = f"http://{ROBOT}:{server.port}", Keyring(folder / "keys")
            eventually(lambda: ask_for_code(parse_address(url)), 60)
            pair(parse_address(url), server.hear(r"code (\w{3}-\w{3})"), keyring)
            time.sleep(3.0)  # the trainer loads
            results: dict[str, Any] = {}
            if asked.pulls:
                results["pulls"] = pulls(wire, server, url, keyring, asked.pulls, 1)
                print(json.dumps(results["pulls"], indent=1))
            if asked.episodes:
                rows = [local(folder / "near", asked.episodes, asked.seeds)]
                rows += delays(wire, url, keyring, asked.episodes, asked.seeds)
                results["delays"] = rows
                print(table(["network", "success", "moves", "s a move", "interrupted"], rows))
            one = NetworkRobot(url, keyring)
            other = Keyring(folder / "other")
            other.keep(parse_address(url), Paired(keyring.token(parse_address(url)) or ""))
            try:
                NetworkRobot(url, other)
            except RobotTaken as taken:
                print(f"The second desktop is told: {taken}")
            one.close()
            if asked.json:
                asked.json.write_text(json.dumps(results))
        finally:
            server.close()


if __name__ == "__main__":
    os.environ.pop("ROBOT_AGENT_TOKEN", None)
    main()
