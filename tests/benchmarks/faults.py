"""Measure whether each gross fault is named within the first ten moves, and none in a robot without faults.

    python -m tests.benchmarks.faults --seeds 20 --sound 200

Half of the robots are drawn from the prior of the robot model, half are strangers of `strangers.py`.
"""

import argparse
import math

import numpy as np

from robot_agent.envs.task import Ending, judge_sight
from robot_agent.health.diagnosis import Diagnosis
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import DEVIATION, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import Driven, KnowingPilot, ends_of
from robot_agent.identification.wirings import matrix
from tests.benchmarks.strangers import STRANGERS, StrangerRobot
from vision.sight import SLICES, Sight

FAULTS = {
    "wheels-swapped": matrix((True, 1, 1)),
    "both-backwards": matrix((False, -1, -1)),
    "both-backwards-and-swapped": matrix((True, -1, -1)),
    "left-backwards": matrix((False, -1, 1)),
    "right-backwards": matrix((False, 1, -1)),
    "no-response": np.zeros((2, 2)),
    "left-stands": np.diag([0.0, 1.0]),
    "right-stands": np.diag([1.0, 0.0]),
    "mirrored": np.eye(2),
    "picture-turned": np.eye(2),
}
SOUND = [kind for kind in STRANGERS if not (kind.swapped or kind.left_sign < 0 or kind.right_sign < 0)]


class Faulty:
    """A robot with one gross fault between its motors and its wheels, or in its picture."""

    def __init__(self, robot: ModelRobot | StrangerRobot, fault: str) -> None:
        """Break a robot; an empty `fault` leaves it as it is."""
        self.robot, self.fault = robot, fault
        self.wires = FAULTS.get(fault, np.eye(2))

    def reset(self) -> None:
        """Carry it to a new start."""
        self.robot.reset()

    def look(self) -> Sight | None:
        """What it sees."""
        seen = self.robot.look()
        if seen is None or self.fault not in ("mirrored", "picture-turned"):
            return seen
        if self.fault == "mirrored":
            return Sight(SLICES - 1 - seen.x2, SLICES - 1 - seen.x1)
        # From a height of 0.1 m, a target that is 0.25 m high; the picture is three quarters as high as wide.
        place = (
            self.robot.place()[0] if isinstance(self.robot, StrangerRobot) else abs(self.robot.world.place[0])
        )
        focal = SLICES / 2 / (0.75 * math.tan(math.radians(31.1)))
        ends = SLICES / 2 + focal * np.array([-0.15, 0.1]) / place
        first, last = np.clip(ends + 0.35 * self.robot_rng.standard_normal(2), 0, SLICES - 1e-6)
        return Sight(int(first), int(last))

    @property
    def robot_rng(self) -> np.random.Generator:
        """Its random numbers."""
        return self.robot.rng if isinstance(self.robot, StrangerRobot) else self.robot.world.rng

    def act(self, left: float, right: float, seconds: float) -> None:
        """Make a pulse."""
        left, right = self.wires @ np.array([left, right])
        self.robot.act(float(left), float(right), seconds)


def build(fault: str, seed: int) -> Faulty:
    """Build one of the robots."""
    if seed % 2:
        return Faulty(StrangerRobot(SOUND[seed // 2 % len(SOUND)], seed), fault)
    rng = np.random.default_rng(seed)
    theta = np.clip(MEAN + 0.7 * DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
    return Faulty(ModelRobot(theta, seed), fault)


def named(robot: Faulty, moves: int) -> tuple[str, int]:
    """Which fault is named first, and after how many moves; empty when none is."""
    pilot, doctor, made = KnowingPilot.shipped("wheels"), Diagnosis(), 0
    while made < moves:
        robot.reset()
        sight = robot.look()
        pilot.learn(None, sight)
        doctor.begin(ends_of(sight))
        for _ in range(20):
            if sight is None or made == moves:
                break
            pulse = pilot.decide(sight)
            driven: Driven = robot
            driven.act(pulse.left, pulse.right, pulse.seconds)
            sight, made = robot.look(), made + 1
            pilot.learn(pulse, sight)
            doctor.observe(pulse, ends_of(sight))
            if (finding := doctor.finding) is not None:
                return finding.kind, made
            if sight is not None and judge_sight(pilot.task, sight)[1] is Ending.REACHED:
                break
    return "", made


def main() -> None:
    """Print how many of each fault are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sound", type=int, default=200)
    parser.add_argument("--moves", type=int, default=10)
    options = parser.parse_args()
    for fault in FAULTS:
        found = [named(build(fault, seed), options.moves) for seed in range(options.seeds)]
        wanted = "wheels-swapped" if fault == "mirrored" else fault
        right = [moves for kind, moves in found if kind == wanted]
        others = sorted({kind or "nothing" for kind, _ in found} - {wanted})
        after = f"after {np.median(right):.0f} moves" if right else ""
        print(f"{fault:28} {len(right):3} of {options.seeds} {after}; else {', '.join(others)}", flush=True)
    false = [named(build("", seed), 40) for seed in range(options.sound)]
    wrong = [(seed, *found) for seed, found in enumerate(false) if found[0]]
    print(f"sound: {len(wrong)} of {options.sound} with a finding in 40 moves {wrong}")


if __name__ == "__main__":
    main()
