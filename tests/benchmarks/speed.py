"""Measure the speed of single parts: simulator, environment, detector, policy, update, imports."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from gymnasium.vector import AutoresetMode

from robot_agent.learning.learner import Rollout
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.torch_policy import GaussianPolicy
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.world import World
from tests.benchmarks.race import fleet
from tests.benchmarks.table import table
from vision.detectors.color import ColorDetector

LOG_STD = (-2.5, -1.5)
MODULES = ("", "vision", "robot_agent", "robot_agent.envs.fleet", "robot_agent.learning.torch_policy")

# On Linux getrusage's peak includes that of the process which started this one; VmHWM does not.
_IMPORT = """
import pathlib, resource, sys, time
start = time.process_time()
{statement}
used = time.process_time() - start
status = pathlib.Path("/proc/self/status")
if status.exists():
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    peak = int(line.split()[1]) / 2**10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 2**20 if sys.platform == "darwin" else 2**10
print(used, peak)
"""


def seconds(work: Callable[[], object], repetitions: int, *, samples: int = 7) -> float:
    """Return the CPU seconds of one call: the median of some samples; the first does not count."""
    measured = []
    for _ in range(samples + 1):
        start = time.process_time()
        for _ in range(repetitions):
            work()
        measured.append((time.process_time() - start) / repetitions)
    return statistics.median(measured[1:])


def world_seconds(n: int, moves: int) -> float:
    """Return the CPU seconds of one move of all N robots of a World, with what they see after it.

    The actions are fixed, slightly bent arcs; the robots start anew every 20 moves, uncounted.
    """
    world = World(n, seed=0)
    wheels = np.stack([np.full(n, 0.45, np.float32), np.full(n, 0.55, np.float32)])
    pulse = np.full(n, 0.3, np.float32)
    rounds = []
    for _ in range(max(2, moves // (20 * n))):
        world.reset()
        start = time.process_time()
        for _ in range(20):
            world.move(wheels, pulse)
            world.sights()
        rounds.append((time.process_time() - start) / 20)
    return statistics.median(rounds)


def step_seconds(n: int, repetitions: int) -> float:
    """Return the CPU seconds of one step of an environment of N robots, resets included."""
    environment = fleet(n, 0, AutoresetMode.SAME_STEP)
    environment.reset()
    actions = 0.2 * np.random.default_rng(0).standard_normal((n, 2)).astype(np.float32)
    return seconds(lambda: environment.step(actions), repetitions)


def episodes(n: int) -> Rollout:
    """Return one episode of each of N robots, played by a fresh policy."""
    environment = fleet(n, 0, AutoresetMode.DISABLED)
    policy, rng = GaussianPolicy(2, LOG_STD, seed=0), np.random.default_rng(0)
    s, _ = environment.reset()
    going = np.ones(n, np.bool_)
    rows = []
    while going.any():
        u = policy.act(s, rng)
        after, r, terminated, truncated, _ = environment.step(u)
        rows.append((s, u, r, going))
        going = going & ~(terminated | truncated)
        s = after
    observations, actions, rewards, alive = (np.stack(part) for part in zip(*rows, strict=True))
    return Rollout(observations, actions, rewards, alive, s, np.zeros(n, np.bool_))


def process_cost(statement: str) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a fresh interpreter that runs a statement."""
    command = [sys.executable, "-c", _IMPORT.format(statement=statement)]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    used, peak = out.stdout.split()
    return float(used), float(peak)


def import_cost(module: str, samples: int) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a fresh interpreter that imports a module."""
    measured = [process_cost(f"import {module}" if module else "pass") for _ in range(samples)]
    return statistics.median(m[0] for m in measured), statistics.median(m[1] for m in measured)


def microseconds(value: float) -> str:
    return f"{1e6 * value:,.1f} µs" if value < 1e-3 else f"{1e3 * value:,.2f} ms"


def report(*, quick: bool = False) -> str:
    """Measure everything and return it as Markdown."""
    k = 1 if quick else 4
    rows = []
    for n in (256, 4096):
        one = world_seconds(n, k * 1_000_000)
        rows.append([f"simulator, {n:,} robots", f"{n / one / 1e6:.1f} million moves/s"])
    for n, repetitions in ((1, 200), (128, 200), (4096, 20)):
        rows.append(
            [
                f"`env.step`, {n:,} robot{'s' * (n > 1)}",
                microseconds(step_seconds(n, k * repetitions)),
            ]
        )

    frame = SimulatedRobot(seed=0).read()
    copy, detector = np.empty_like(frame), ColorDetector()
    detect = seconds(lambda: detector.detect(frame), k * 50)
    copying = seconds(lambda: np.copyto(copy, frame), k * 500)
    height, width, _ = frame.shape
    rows += [
        [f"`ColorDetector.detect`, {width}x{height}", microseconds(detect)],
        ["`np.copyto` of that frame", microseconds(copying)],
        ["detecting over copying", f"{detect / copying:.0f} x"],
    ]

    policy, rng = GaussianPolicy(2, LOG_STD, seed=0), np.random.default_rng(0)
    for n in (1, 128):
        s = rng.standard_normal((n, 2), np.float32)
        acting = seconds(lambda s=s: policy.act(s, rng), k * 500)  # type: ignore[misc]
        rows.append([f"`policy.act`, {n} observation{'s' * (n > 1)}", microseconds(acting)])
    batch = episodes(128)
    learner = Reinforce(policy, learning_rate=1e-6)
    updating = seconds(lambda: learner.update(batch), k * 10)
    rows.append([f"one update, 128 episodes, {int(batch.alive.sum()):,} moves", microseconds(updating)])
    parts = table(["part", "one core"], rows)

    costs = {module: import_cost(module, 3 if quick else 7) for module in MODULES}
    imports = table(
        ["import", "CPU s", "peak MB"],
        [
            [f"`{module}`" if module else "(Python alone)", f"{used:.2f}", f"{peak:.0f}"]
            for module, (used, peak) in costs.items()
        ],
    )
    return f"{parts}\n\n{imports}"
