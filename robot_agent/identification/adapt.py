"""Adapting the policy to one robot: it is trained further, and promoted if it is surely better.

This helps a robot outside of the prior, and saves any robot the last tenth of a move. The training uses
simulated robots drawn from what is known of this robot, and from somewhat beyond. Old and new policy are then
compared on other robots drawn in the same way. After the promotion, real episodes decide: `trial.Trial` says
whether the new policy does worse than predicted and must be taken back.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from robot_agent.envs.task import REACHED, Approach
from robot_agent.identification.estimate import Estimate
from robot_agent.identification.fleet import ConditionedFleet, Floats
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.parameters import HIGH, LOW
from robot_agent.identification.policies import Act, acting
from robot_agent.identification.training import train
from robot_agent.learning.tensors import Tensors

SETTINGS: dict[str, Any] = {
    "robots": 256,
    "moves": 120_000,
    "learning_rate": 0.001,
    "value_learning_rate": 0.005,
    "reached_bonus": 4.0,
    "lost_penalty": 2.0,
    "log_std_steering": -3.0,
    "log_std_duration": -2.5,
}
"""Settings of this training that differ from the preset; it takes about two seconds of processor time."""
SURE, WORTHWHILE = 3.0, 0.03
"""The new policy must save more than `SURE` standard errors, and more than the share `WORTHWHILE` of the
old policy's moves."""
TAILS = 2.0
"""Degrees of freedom of Student's t distribution, with which robots are drawn about the estimate."""
JUDGES = 3000
"""Number of episodes in which the old and the new policy are compared."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Results of the old and the new policy in the same simulated episodes, and the decision."""

    promoted: bool
    old_success: float
    new_success: float
    old_cost: float
    """Mean number of moves; an episode that does not reach the goal counts as `task.max_moves` moves."""
    new_cost: float
    error: float
    """Standard error of the difference of the costs."""

    @property
    def words(self) -> str:
        """The decision and its reason, in a sentence."""
        figures = f"{self.new_cost:.2f} moves in place of {self.old_cost:.2f}, success {self.new_success:.1%}"
        if self.promoted:
            return (
                f"The adapted policy is better in the fitted simulator ({figures}) and is used from now on."
            )
        return (
            f"The adapted policy is not surely better in the fitted simulator ({figures}); the old one stays."
        )


def adapt(
    knowledge: Knowledge, policy: Tensors, task: Approach, *, seed: int = 0, **changes: Any
) -> tuple[Tensors, Verdict]:
    """Train a policy further for the robot of which `knowledge` tells.

    Args:
        knowledge: what is known of the robot.
        policy: tensors of the policy to begin with.
        task: the task of the policy.
        seed: seed of everything random.
        **changes: settings that replace those of `SETTINGS`.

    Returns:
        The tensors of the new policy if it was promoted, else of the old one; and the verdict.
    """
    tell = _estimates(knowledge.estimate)
    biases = sorted(name for name in policy if name.startswith("mean.") and name.endswith(".bias"))
    hidden = tuple(len(policy[name]) for name in biases[:-1])
    learned = train(
        task.action,
        seed=seed,
        draw=_doubting(knowledge),
        tell=tell,
        start=policy,
        **(SETTINGS | {"hidden": hidden} | changes),
    )
    new = {name: value for name, value in learned.tensors().items() if not name.startswith("adam.")}
    verdict = compare(acting(policy, task), acting(new, task), knowledge, task, seed=seed + 1)
    return (new if verdict.promoted else policy), verdict


def compare(old: Act, new: Act, knowledge: Knowledge, task: Approach, *, seed: int = 1) -> Verdict:
    """Compare two policies in the same simulated episodes, with robots drawn from `knowledge`."""
    old_costs, old_success = _costs(old, knowledge, task, seed)
    new_costs, new_success = _costs(new, knowledge, task, seed)
    saved, old_cost, new_cost = old_costs - new_costs, float(old_costs.mean()), float(new_costs.mean())
    error = float(saved.std() / math.sqrt(len(saved)))
    better = saved.mean() > max(SURE * error, WORTHWHILE * old_cost) and new_success >= old_success
    return Verdict(bool(better), old_success, new_success, old_cost, new_cost, error)


def _doubting(knowledge: Knowledge) -> Callable[[int, np.random.Generator], Floats]:
    """Return a `draw` for `ConditionedFleet` of robots about the estimate, some of them much farther off.

    An estimate can be surer than it is right. A policy that is trained and judged only where the estimate
    sees the robot is predicted to save moves, and costs the true robot some. The tails of Student's t
    distribution keep it good there too.
    """

    def draw(n: int, rng: np.random.Generator) -> Floats:
        robots = knowledge.draw(n, rng)
        middle = robots.mean(0)
        farther = np.sqrt(TAILS / rng.chisquare(TAILS, (n, 1)))
        drawn: Floats = np.clip(middle + farther * (robots - middle), LOW, HIGH)
        return drawn

    return draw


def _estimates(estimate: Estimate) -> Callable[[Floats, np.random.Generator], tuple[Floats, Floats]]:
    """Return a `tell` for `ConditionedFleet` that gives every robot the same estimate."""

    def tell(theta: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        n = len(theta)
        return np.tile(estimate.mean, (n, 1)), np.tile(estimate.deviation, (n, 1))

    return tell


def _costs(act: Act, knowledge: Knowledge, task: Approach, seed: int) -> tuple[Floats, float]:
    """Drive greedy episodes; return the moves of each, and the share that reached the goal.

    An episode that does not reach the goal counts as `task.max_moves` moves.
    """
    fleet = ConditionedFleet(
        JUDGES, task=task, draw=_doubting(knowledge), tell=_estimates(knowledge.estimate), seed=seed
    )
    observations, _ = fleet.reset()
    going, cost, reached = np.ones(JUDGES, np.bool_), np.zeros(JUDGES), np.zeros(JUDGES, np.bool_)
    while going.any():
        cost += going
        observations, _, terminated, truncated, info = fleet.step(act(observations))
        reached |= going & (info["ending"] == REACHED)
        going &= ~(terminated | truncated)
    return np.where(reached, cost, task.max_moves), float(reached.mean())
