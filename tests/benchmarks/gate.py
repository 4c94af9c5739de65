"""Measure the check of adapted policies: promoted ones must be better, and spoiled ones must not be promoted.

    python -m tests.benchmarks.gate --retrainings 200 --worse 50

Each robot of the prior drives some moves; then its policy is trained further with what is known of the robot.
Whether a promoted policy is better is measured with the true robot, which neither the training nor the check
has seen.
"""

import argparse
import math

import numpy as np

from robot_agent.identification.adapt import adapt, compare
from robot_agent.identification.fleet import ConditionedFleet, ModelRobot
from robot_agent.identification.parameters import DEVIATION, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.policies import Act, acting, shipped_policy

EPISODES = 2000


def cost(act: Act, pilot: KnowingPilot, theta: np.ndarray) -> np.ndarray:
    """Moves of greedy episodes with the true robot, 20 where the goal is not reached."""
    estimate = pilot.knowledge.estimate
    fleet = ConditionedFleet(
        EPISODES,
        task=pilot.task,
        draw=lambda n, rng: theta[None].repeat(n, 0),
        tell=lambda t, rng: tuple(np.tile(part, (len(t), 1)) for part in (estimate.mean, estimate.deviation)),  # type: ignore[arg-type, return-value]
        seed=9,
    )
    observations, _ = fleet.reset()
    going, moves = np.ones(EPISODES, np.bool_), np.zeros(EPISODES)
    reached = np.zeros(EPISODES, np.bool_)
    while going.any():
        moves += going
        observations, _, terminated, truncated, info = fleet.step(act(observations))
        reached |= going & (info["ending"] == 1)
        going &= ~(terminated | truncated)
    return np.where(reached, moves, pilot.task.max_moves)


def known(seed: int) -> tuple[KnowingPilot, np.ndarray]:
    """A robot of the prior, and its pilot after some 40 moves."""
    rng = np.random.default_rng(seed)
    theta = np.clip(MEAN + DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
    robot, pilot = ModelRobot(theta, seed), KnowingPilot.shipped("wheels")
    while pilot.knowledge.moves < 40:
        robot.reset()
        pilot.episode(robot)
    return pilot, theta


def main() -> None:
    """Print both counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--retrainings", type=int, default=200)
    parser.add_argument("--worse", type=int, default=50)
    options = parser.parse_args()
    act, task, tensors = shipped_policy("wheels")
    through = 0
    for seed in range(options.worse):
        pilot, _ = known(seed)
        rng = np.random.default_rng(seed)
        spoiled = {
            name: value + 0.05 * rng.standard_normal(value.shape).astype(np.float32)
            for name, value in tensors.items()
        }
        through += compare(act, acting(spoiled, task), pilot.knowledge, task).promoted
    print(f"made worse on purpose: {through} of {options.worse} let through", flush=True)
    promoted = worse = 0
    for seed in range(options.retrainings):
        pilot, theta = known(1000 + seed)
        new, verdict = adapt(pilot.knowledge, tensors, task, seed=seed)
        if verdict.promoted:
            promoted += 1
            saved = cost(act, pilot, theta) - cost(acting(new, task), pilot, theta)
            error = saved.std() / math.sqrt(EPISODES)
            worse += saved.mean() < -2 * error
            print(f"{seed}: {saved.mean():+.2f} ± {error:.2f} moves saved, {worse} worse so far", flush=True)
    print(f"{promoted} of {options.retrainings} promoted, {worse} truly worse")


if __name__ == "__main__":
    main()
