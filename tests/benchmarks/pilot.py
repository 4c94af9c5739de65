"""What it costs to know the robot: processor time of a move, in which a pilot learns and decides.

    python tests/benchmarks/pilot.py --moves 600

It needs NumPy and the installed package alone, so it can be run on a Raspberry Pi, or on an emulated one. The
robots are those of the model's prior.
"""

import argparse
import time
from collections.abc import Sequence

import numpy as np

from robot_agent.envs.task import Ending, judge_sight
from robot_agent.identification.fleet import ModelRobot, draw_prior
from robot_agent.identification.pilot import KnowingPilot

EPISODES = 10
"""Episodes of each robot."""


def drive(robot: ModelRobot, pilot: KnowingPilot) -> tuple[list[float], list[float], list[float]]:
    """Drive some episodes; return seconds of processor for each learning and decision, and of each pulse."""
    learning, deciding, pulses = [], [], []
    for _ in range(EPISODES):
        robot.reset()
        sight = robot.look()
        pilot.learn(None, sight)
        for _ in range(pilot.task.max_moves):
            if sight is None or judge_sight(pilot.task, sight)[1] is Ending.REACHED:
                break
            begun = time.process_time()
            pulse = pilot.decide(sight)
            decided = time.process_time()
            robot.act(pulse.left, pulse.right, pulse.seconds)
            sight = robot.look()
            seen = time.process_time()
            pilot.learn(pulse, sight)
            learning.append(time.process_time() - seen)
            deciding.append(decided - begun)
            pulses.append(pulse.seconds)
    return learning, deciding, pulses


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=600)
    asked = parser.parse_args(arguments)
    if asked.moves < 1:
        parser.error(f"--moves is {asked.moves}; give at least 1.")
    rng = np.random.default_rng(0)
    every: tuple[list[float], list[float], list[float]] = ([], [], [])
    seed = 0
    while len(every[0]) < asked.moves:
        robot = ModelRobot(draw_prior(1, rng)[0], seed)
        for total, part in zip(every, drive(robot, KnowingPilot.shipped("wheels")), strict=True):
            total.extend(part)
        seed += 1
    for name, seconds in zip(("learn", "decide"), every, strict=False):
        ms = 1000 * np.array(seconds)
        half, most = np.quantile(ms, [0.5, 0.99])
        print(f"{name:7} {ms.mean():7.2f} ms a move, half {half:7.2f}, 99 % {most:7.2f}")
    thinking = sum(every[0]) + sum(every[1])
    print(
        f"{len(every[0])} moves of {seed} robots; a pulse takes {np.mean(every[2]):.2f} s on average, so that"
    )
    print(f"thinking takes {100 * thinking / sum(every[2]):.1f} % of one core while the robot moves")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
