"""Measure the moves to 95 % of one robot, with and without a person who helps in its first episodes.

    python -m tests.benchmarks.helping_hand [--seeds N] [--action wheels]

Both train from nothing with the preset `one`, in alternation over the seeds. The person, a planner that
knows the robot, takes the wheels for two moves in each of the first 40 episodes, at a random move, and gives
them back. Every 100 moves there is an evaluation on 500 held-out starts. The result is the number of moves,
the person's included, at the first of two evaluations in a row that reach 95 %.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import statistics
from typing import Any

import numpy as np

from robot_agent.build.simulation import make_approach, make_fleet, make_physics
from robot_agent.build.training import make_trainer
from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.events import Update
from robot_agent.learning.oracle import Oracle
from robot_agent.motors.motors import Pulse
from robot_agent.robot.takeover import HandMove, TakenOver
from robot_agent.settings.config import Config, load
from robot_agent.simulator.world import World
from tests.benchmarks.table import table
from vision.sight import Sight

HELPED = 40
"""Number of first episodes in which the person helps."""
TAKEN = 2
"""Number of moves that the person makes in each of them."""
LIMIT = 4000
"""Moves after which a training is given up."""
EVERY, IN_A_ROW, GOAL, STARTS = 100, 2, 0.95, 500


class Helped:
    """A simulated robot that sees by geometry; a person takes its wheel in its first episodes."""

    def __init__(self, config: Config, person: Oracle | None, seed: int) -> None:
        self.world = World(1, physics=make_physics(config.simulator), seed=seed)
        self.task, self.person = make_approach(config), person
        self.rng = np.random.default_rng(seed)
        self.episodes = self.moves = self.at = 0

    def seed(self, seed: int | None) -> None:
        self.world.seed(seed)

    def reset(self) -> None:
        self.world.reset()
        self.episodes, self.moves, self.at = self.episodes + 1, 0, int(self.rng.integers(1, 6))

    def look(self) -> Sight | None:
        sights, seen = self.world.sights()
        return Sight(int(sights[0, 0]), int(sights[1, 0])) if seen[0] else None

    def act(self, left: float, right: float, seconds: float) -> None:
        self.moves += 1
        if self.person is not None and self.episodes <= HELPED and self.moves == self.at:
            raise TakenOver(None, tuple(self._help() for _ in range(TAKEN)))
        self._drive(left, right, seconds)

    def _drive(self, left: float, right: float, seconds: float) -> None:
        self.world.move(np.array([[left], [right]], np.float32), np.array([seconds], np.float32))

    def _help(self) -> HandMove:
        assert self.person is not None
        pulses = self.task.pulses(self.person.drive(self.world)(np.zeros((1, 2), np.float32)))
        pulse = Pulse(*pulses.wheels[:, 0].tolist(), float(pulses.seconds[0]))
        self._drive(pulse.left, pulse.right, pulse.seconds)
        return HandMove(pulse, self.look())

    def stop(self) -> None:
        """Do nothing: it stands."""

    def close(self) -> None:
        """Do nothing."""

    def get_state(self) -> dict[str, Any]:
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""


def moves_to_goal(config: Config, person: Oracle | None, seed: int) -> int:
    """Train one robot, and return after how many moves it reaches the goal often enough; LIMIT if never."""
    robot: Any = Helped(config, person, seed)
    trainer = make_trainer(
        config.model_copy(update={"seed": seed}),
        lambda seed: SingleFleet(RobotEnvironment(robot, task=make_approach(config))),
    )
    trainer.evaluator = None
    starts, due, good = make_fleet(config, STARTS, 1), EVERY, []
    for event in trainer.run():
        if isinstance(event, Update) and event.moves >= due:
            due = event.moves - event.moves % EVERY + EVERY
            result = evaluate(starts, trainer.learner.policy.greedy, episodes=STARTS)
            good = [*good, event.moves] if result.success_rate >= GOAL else []
            if len(good) == IN_A_ROW:
                return int(good[0])
    return LIMIT


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--action", default="curvature", choices=("curvature", "wheels"))
    given = parser.parse_args()
    flags = {
        "preset": "one",
        "task": {"action": given.action},
        "simulator": {"rendered": True},
        "train": {"moves": LIMIT},
        "learner": {"backend": "numpy"},
    }
    config = load(None, flags)
    person = Oracle(make_approach(config), make_physics(config.simulator))
    rows, found = [], {True: list[int](), False: list[int]()}
    for seed in range(given.seeds):
        for helped in (False, True):
            found[helped].append(moves_to_goal(config, person if helped else None, seed))
        rows.append([str(seed), str(found[False][-1]), str(found[True][-1])])
    medians = [f"{statistics.median(found[helped]):.0f}" for helped in (False, True)]
    print(table(["seed", "alone", "helped"], [*rows, ["median", *medians]]))


if __name__ == "__main__":
    main()
