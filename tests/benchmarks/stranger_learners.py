"""Learners that know nothing of a stranger and learn on it: the moves that this takes.

    pip install mujoco stable-baselines3
    python -m tests.benchmarks.stranger_learners --seeds 3 --action wheels

Each learns on the stranger itself: the presets `one` (from nothing) and `fine-tune` (from the policy of a
simulated fleet), and Stable-Baselines3's SAC as tuned in `single_robot.py`. Every 200 moves the greedy policy
drives 50 episodes of the same stranger from other starts. Printed are, for each seed, the moves after
which 98 % of these succeed, or the best success that was reached.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch

from robot_agent.build.driving import make_single
from robot_agent.build.simulation import make_approach
from robot_agent.build.training import make_trainer
from robot_agent.envs.single import RobotEnvironment
from robot_agent.envs.task import Approach, Ending, as_array
from robot_agent.learning.events import Finished, Update
from robot_agent.learning.learner import Tensors
from robot_agent.motors.motors import Pulse
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import Config, load
from tests.benchmarks.single_robot import SAC_HIDDEN, SAC_SETTINGS
from tests.benchmarks.strangers import STRANGERS, Stranger, StrangerRobot, drive_by
from vision.sight import Sight

KINDS = ("symmetric", "left 20 % weak", "latency 0.1 s", "speed 2x", "wires swapped", "all at once")
EPISODES, GOAL, EVALUATE_EVERY = 50, 0.98, 200


class AsRobot(StrangerRobot):
    """A stranger as the environment of one robot wants it."""

    seen: Any = None

    def seed(self, seed: int) -> None:
        """Its seed was given when it was built."""

    def get_state(self) -> dict[str, Any]:
        """No training of this robot is resumed."""
        return {}


@dataclass(slots=True)
class Course:
    """One learner on one stranger, which is evaluated from time to time."""

    kind: Stranger
    seed: int
    action: str
    task: Approach
    limit: int
    scores: list[tuple[int, float]] = field(default_factory=list)
    """Moves and success of each evaluation."""

    def finished(self, moves: int, greedy: Callable[[Any], Any]) -> bool:
        """Return whether to stop; `greedy` is the policy after `moves` moves."""
        if not self.scores or moves >= self.scores[-1][0] + EVALUATE_EVERY:
            self.scores.append((moves, self._evaluate(greedy)))
        return self.scores[-1][1] >= GOAL or moves >= self.limit

    def _evaluate(self, greedy: Callable[[Any], Any]) -> float:
        def decide(sight: Sight) -> Pulse:
            pulses = self.task.pulses(greedy(self.task.observe(as_array(sight))).astype(np.float32))
            return Pulse(float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0]), float(pulses.seconds[0]))

        robot, reached = self.kind.robot(1000 + self.seed), 0
        for _ in range(EPISODES):
            robot.reset()
            reached += drive_by(decide, self.task, robot)[0] is Ending.REACHED
        return reached / EPISODES

    @property
    def result(self) -> str:
        """Moves to the goal, or the best success."""
        moves, score = self.scores[-1]
        return f"{moves}" if score >= GOAL else f"never ({max(s for _, s in self.scores):.0%})"


def _config(preset: str, seed: int, action: str, **more: Any) -> Config:
    return load(None, {"preset": preset, "seed": seed, "task": {"action": action}, **more})


def reinforce(course: Course, start: Tensors | None) -> None:
    """Train with the preset `one`, or with `fine-tune` from a policy."""
    config = _config("one" if start is None else "fine-tune", course.seed, course.action, robot="pi")
    robot = cast(Robot, AsRobot(course.kind, course.seed))
    trainer = make_trainer(config, lambda _: make_single(config, robot))
    policy = trainer.learner.policy
    if start is not None:
        policy.begin_from(start)
    if course.finished(0, policy.greedy):
        return
    for event in trainer.run():
        if isinstance(event, Update | Finished) and course.finished(event.moves, policy.greedy):
            break


def sac(course: Course) -> None:
    """Train from nothing with Stable-Baselines3's SAC."""
    from stable_baselines3 import SAC
    from stable_baselines3.common.callbacks import BaseCallback

    class Look(BaseCallback):
        """Ends the training when the course is finished."""

        def _on_step(self) -> bool:
            return not course.finished(self.num_timesteps, greedy)

    torch.distributions.Distribution.set_default_validate_args(False)
    robot = cast(Robot, AsRobot(course.kind, course.seed))
    environment = RobotEnvironment(robot, task=course.task)
    model = SAC(
        "MlpPolicy", environment, seed=course.seed, device="cpu",
        policy_kwargs={"net_arch": list(SAC_HIDDEN)}, **SAC_SETTINGS,
    )  # fmt: skip

    @torch.no_grad()
    def greedy(observations: Any) -> Any:
        return model.actor(torch.from_numpy(observations), deterministic=True).numpy()

    if not course.finished(0, greedy):
        model.learn(course.limit, callback=Look(), log_interval=1_000_000)


def fleet_policy(seed: int, action: str) -> Tensors:
    """Return the policy of a simulated fleet, from which fine-tuning begins."""
    trainer = make_trainer(_config("fleet", seed, action))
    for _ in trainer.run():
        pass
    return trainer.learner.policy.tensors()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--moves", type=int, default=2000)
    parser.add_argument("--action", choices=("wheels", "curvature"), default="wheels")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=KINDS)
    options = parser.parse_args(arguments)
    action = options.action
    starts = [fleet_policy(seed, action) for seed in range(options.seeds)]
    learners: dict[str, Callable[[Course], None]] = {
        "fine-tune": lambda course: reinforce(course, starts[course.seed]),
        "one": lambda course: reinforce(course, None),
        "SAC": sac,
    }
    task = make_approach(_config("one", 0, action))
    for kind in (kind for kind in STRANGERS if kind.name in options.only):
        for name, learn in learners.items():
            courses = [Course(kind, seed, action, task, options.moves) for seed in range(options.seeds)]
            for course in courses:
                learn(course)
            print(f"{kind.name:16} {name:10}", *(f"{c.result:>14}" for c in courses), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
