"""Measure how many moves one robot needs, from nothing or from a policy that other robots have learned.

    python -m tests.benchmarks.single_robot [--seeds N] [--quick]

From nothing, this project's Reinforce and Stable-Baselines3's SAC learn on the same nominal robot,
in alternation over the seeds. Fine-tuning begins from a policy that 384 nominal robots have trained
(its 600,000 moves are not counted) and goes on with one robot that has a weak motor, dead time and
a camera that is turned to a side. Every 100 moves there is an evaluation on 1,000 held-out starts. The
result is the number of moves at the first of three evaluations in a row that reach 95 %.
"""

import os

# Two threads are slower than one for networks of this size; this is read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import importlib.util
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.learning.critic import Critic
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.events import Update
from robot_agent.learning.mirror import Mirror
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.replay import Replay
from robot_agent.learning.torch_policy import GaussianPolicy, Tensors, ValueNetwork
from robot_agent.learning.trainer import Trainer
from robot_agent.simulator.physics import Physics
from tests.benchmarks.table import table

Floats = NDArray[np.floating[Any]]

GOAL = 0.95
"""Greedy success on the held-out starts that counts."""
IN_A_ROW = 3
"""So many evaluations in a row must reach it."""
EVALUATE_EVERY = 100
"""Moves between two evaluations; ours looks after the update that reaches so many."""
LIMIT = 5_000
"""Moves after which a learner is given up."""
NOMINAL_MOVES = 600_000
"""Moves of the fleet that trains the policies fine-tuning begins from."""

LOG_STD = (-2.0, -1.0)
"""log sigma at the start, of curvature and duration: wider than a fleet needs."""
EPISODES_PER_UPDATE = 4
GAE_LAMBDA = 0.9
EPOCHS, REPLAY_BATCHES, CLIP_RANGE = 8, 4, 0.3
"""Of both; chosen with the seeds 100 to 115, 200 to 215 and 300 to 315."""
FINE_TUNING_RATE = 0.005
"""Learning rate of fine-tuning: half of that from nothing."""
FINE_TUNING_LIMIT = 3_000
"""Moves of a fine-tuning, at whose end its learning rate is 0."""

DISTURBED = {"dead_time": 0.1, "camera_yaw": math.radians(5)}
WEAK_LEFT = Physics(left_gain=0.75, **DISTURBED)  # type: ignore[arg-type]
WEAK_RIGHT = Physics(right_gain=0.75, **DISTURBED)  # type: ignore[arg-type]

SAC_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.012,
    "gamma": 0.9,
    "batch_size": 256,
    "learning_starts": 100,
    "gradient_steps": 1,
    "ent_coef": "auto",
}
SAC_HIDDEN = (64, 64)
"""Of SAC; chosen with the seeds 100 to 106 among 16 (rate, steps, size, gamma, entropy, start)."""


@dataclass
class Course:
    """One learner on its way: evaluates its policy now and then, and knows when it has arrived."""

    physics: Physics
    limit: int = LIMIT
    episodes: int = 1000
    moves: int = 0
    scores: list[tuple[int, float]] = field(default_factory=list)
    """Moves and greedy success of each evaluation."""
    seconds: float = 0.0
    """CPU seconds of training, evaluation apart."""

    def __post_init__(self) -> None:
        self._test = fleet(self.episodes, 0, self.physics)
        self._started = time.process_time()

    def finished(self, moves: int, act: Callable[[Floats], Floats]) -> bool:
        """Say whether to stop; `act` is the greedy policy after `moves` moves."""
        self.moves = moves
        if not self.scores or moves >= self.scores[-1][0] + EVALUATE_EVERY:
            self.seconds += time.process_time() - self._started
            score = evaluate(self._test, act, episodes=self.episodes).success_rate
            self.scores.append((moves, score))
            self._started = time.process_time()
        return self.arrived is not None or moves >= self.limit

    @property
    def arrived(self) -> int | None:
        """Moves at the first of the evaluations in a row that reach the goal, if there are any."""
        for first in range(len(self.scores) - IN_A_ROW + 1):
            if all(score >= GOAL for _, score in self.scores[first : first + IN_A_ROW]):
                return self.scores[first][0]
        return None


Contender = Callable[[int, Course], None]
"""Builds a learner from a seed and runs it until the course is finished."""


def fleet(robots: int, seed: int, physics: Physics | None = None) -> FleetEnvironment:
    """Return robots that stand still when their episode has ended."""
    return FleetEnvironment(robots, physics=physics, seed=seed, autoreset_mode="Disabled")


def _alone(
    seed: int, course: Course, policy: GaussianPolicy, rate: float, mirror: Mirror | None = None
) -> None:
    """Train a policy with one robot."""
    environment = fleet(1, seed, course.physics)
    value = ValueNetwork(environment.task.observation_size, seed=seed + 1000)
    trainer = Trainer(
        environment,
        Reinforce(
            policy,
            critic=Critic(value, GAE_LAMBDA),
            replay=Replay(EPOCHS, REPLAY_BATCHES, CLIP_RANGE, mirror),
            learning_rate=rate,
        ),
        total_moves=course.limit,
        episodes_per_update=EPISODES_PER_UPDATE,
        seed=seed + 2000,
    )
    if course.finished(0, policy.greedy):
        return
    for event in trainer.run():
        if isinstance(event, Update) and course.finished(event.moves, policy.greedy):
            break


def reinforce(seed: int, course: Course) -> None:
    """Train from nothing with this project's REINFORCE."""
    task = fleet(1, 0).task
    mirror = Mirror(task.mirror_observations, task.mirror_actions)
    _alone(
        seed,
        course,
        GaussianPolicy(task.observation_size, LOG_STD, hidden=(32, 32), seed=seed),
        0.01,
        mirror,
    )


def nominal(seed: int) -> Tensors:
    """Train a policy on the nominal robot with a fleet, and return its numbers."""
    robots = 384
    environment = fleet(robots, seed)
    policy = GaussianPolicy(environment.task.observation_size, (-2.5, -1.0), seed=seed)
    trainer = Trainer(
        environment,
        Reinforce(policy),
        total_moves=NOMINAL_MOVES,
        episodes_per_update=robots,
        seed=seed,
    )
    for _ in trainer.run():
        pass
    return policy.tensors()


def fine_tune(seed: int, course: Course, start: Tensors) -> None:
    """Go on with one robot: with fresh noise, and no mirror, for this robot is not symmetric."""
    policy = GaussianPolicy(fleet(1, 0).task.observation_size, LOG_STD, seed=seed)
    policy.begin_from(start)
    _alone(seed, course, policy, FINE_TUNING_RATE)


class OneRobot(gymnasium.Env[Floats, Floats]):
    """A fleet of one behind the interface of a single environment, as lightly as that goes."""

    def __init__(self, seed: int, physics: Physics) -> None:
        """Open the robot."""
        self.fleet = fleet(1, seed, physics)
        self.observation_space = self.fleet.single_observation_space
        self.action_space = self.fleet.single_action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """Start a new episode."""
        return self.fleet.reset(seed=seed)[0][0], {}

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Make one move."""
        s, r, terminated, truncated, _ = self.fleet.step(action[None])
        return s[0], float(r[0]), bool(terminated[0]), bool(truncated[0]), {}


def sac(seed: int, course: Course, *, hidden: Sequence[int] = SAC_HIDDEN, **settings: Any) -> None:
    """Train from nothing with Stable-Baselines3's SAC, tuned for this task."""
    from stable_baselines3 import SAC
    from stable_baselines3.common.callbacks import BaseCallback

    class Look(BaseCallback):
        """Looks at the policy, and ends the training when the course is finished."""

        def _on_step(self) -> bool:
            return not course.finished(self.num_timesteps, greedy)

    torch.distributions.Distribution.set_default_validate_args(False)
    model = SAC(
        "MlpPolicy",
        OneRobot(seed, course.physics),
        seed=seed,
        device="cpu",
        policy_kwargs={"net_arch": list(hidden)},
        **(SAC_SETTINGS | settings),
    )

    @torch.no_grad()
    def greedy(observations: Floats) -> Floats:
        actions: Floats = model.actor(torch.from_numpy(observations), deterministic=True).numpy()
        return actions

    course.finished(0, greedy)
    model.learn(course.limit, callback=Look(), log_interval=1_000_000)


def _row(name: str, courses: Sequence[Course]) -> list[str]:
    moves = [course.arrived for course in courses]
    never = [math.inf if count is None else count for count in moves]
    middle = statistics.median(never)
    limit = courses[0].limit
    return [
        name,
        f"{sum(count is not None for count in moves)}/{len(moves)}",
        f"{middle:,.0f}" if math.isfinite(middle) else "-",
        f"{statistics.mean(course.scores[0][1] for course in courses):.0%}",
        f"{statistics.median(1000 * course.seconds / course.moves for course in courses):.1f}",
        *(f"{count:,}" if count is not None else f"> {limit:,}" for count in moves),
    ]


def _try(name: str, seed: int, run: Contender, course: Course, rows: dict[str, list[Course]]) -> None:
    run(seed, course)
    rows.setdefault(name, []).append(course)
    print(f"seed {seed}: {name}: {course.arrived} moves", file=sys.stderr)


def report(seeds: int, *, episodes: int = 1000) -> str:
    """Run everything with the seeds 0, 1, ... and return a table."""
    rows: dict[str, list[Course]] = {}
    contenders: dict[str, Contender] = {"from nothing: robot-agent Reinforce": reinforce}
    if importlib.util.find_spec("stable_baselines3") is None:
        print("Stable-Baselines3 does not take part; pip install stable-baselines3", file=sys.stderr)
    else:
        contenders["from nothing: Stable-Baselines3 SAC"] = sac
    for seed in range(seeds):
        for name, run in contenders.items():
            _try(name, seed, run, Course(Physics(), episodes=episodes), rows)
    for seed in range(seeds):
        start = nominal(seed)
        for side, physics in (("left", WEAK_LEFT), ("right", WEAK_RIGHT)):
            course = Course(physics, limit=FINE_TUNING_LIMIT, episodes=episodes)

            def run(seed: int, course: Course, start: Tensors = start) -> None:
                fine_tune(seed, course, start)

            _try(f"fine-tuning: {side} motor 25 % weak", seed, run, course, rows)
    header = ["moves to 95 %", "arrive", "median", "at first", "CPU ms a move"]
    header += [f"seed {seed}" for seed in range(seeds)]
    return table(header, [_row(name, courses) for name, courses in rows.items()])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.single_robot",
        description="Count the moves of one robot alone.",
    )
    parser.add_argument("--seeds", type=int, help="how many seeds (8; quick: 2)")
    parser.add_argument("--quick", action="store_true", help="two seeds, 300 held-out starts")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    seeds = options.seeds or (2 if options.quick else 8)
    print(report(seeds, episodes=300 if options.quick else 1000))
    return 0


if __name__ == "__main__":
    sys.exit(main())
