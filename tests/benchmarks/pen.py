"""Measure a robot that begins its episodes by itself: where its starts are, and how far away it ever goes."""

import math
from collections.abc import Sequence

import numpy as np

from robot_agent.envs.single import RobotEnvironment
from robot_agent.robot.reset import BackAndSearch, TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.simulator import SimulatedRobot
from tests.benchmarks.table import table
from vision.detectors.color import ColorDetector


class Watched(SimulatedRobot):
    """A simulated robot that is never put anywhere, and remembers how far from its target it was."""

    farthest = 0.0
    pulses = 0

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Drive, and remember."""
        super().pulse(left, right, seconds)
        self.pulses += 1
        self.farthest = max(self.farthest, abs(complex(self.world.place[0])))


def histogram(values: Sequence[float], edges: Sequence[float], unit: str) -> str:
    """Return the counts between the edges as bars."""
    counts, _ = np.histogram(values, edges)
    return "\n".join(
        f"    {low:6.2f} to {high:6.2f} {unit}  {'#' * (count // 2)} {count}"
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    )


def report(quick: bool = False) -> str:
    """Drive 200 episodes through rendered pictures and the real detector, and return it as Markdown.

    Between the starts the robots drive as a policy that knows nothing.
    """
    episodes, robots = (50, 2) if quick else (200, 4)
    distances, bearings, asked, pulses, farthest = [], [], 0, 0, 0.0
    for seed in range(robots):
        body, rng = Watched(seed=seed), np.random.default_rng(seed)
        environment = RobotEnvironment(Robot(body, ColorDetector(), start=BackAndSearch(seed=seed)))
        for _ in range(episodes // robots):
            before = body.pulses
            try:
                environment.reset()
            except TargetNotSeen:
                asked += 1
                body.put(1.0)
                continue
            pulses += body.pulses - before
            there = complex(body.world.place[0])
            distances.append(abs(there))
            bearings.append(math.degrees(math.atan2(there.imag, there.real)))
            ended = False
            while not ended:
                action = np.clip(rng.normal((0.0, 0.2), 0.4), -1, 1).astype(np.float32)
                *_, terminated, truncated, _ = environment.step(action)
                ended = terminated or truncated
        farthest = max(farthest, body.farthest)
    header = ["back_and_search, room 2.2 m", "episodes", "person asked", "pulses a start", "farthest ever, m"]
    rows = [["rendered", str(episodes), str(asked), f"{pulses / len(distances):.1f}", f"{farthest:.2f}"]]
    return (
        table(header, rows)
        + "\n\nDistance of the starts:\n\n"
        + histogram(distances, np.arange(0.4, 2.5, 0.2).tolist(), "m")
        + "\n\nBearing of the starts:\n\n"
        + histogram(bearings, np.arange(-35.0, 36.0, 10.0).tolist(), "degrees")
    )
