"""The state of a training between two rounds, as plain values and arrays for the store.

The names are those of the first stores, so that a run of any version can be resumed exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import TIMEOUT, Ending, Floats, Mask, with_present_names
from robot_agent.learning.events import Steps
from robot_agent.learning.learner import Rollout
from robot_agent.learning.tensors import Tensors, below

FIELDS = ("observations", "actions", "rewards", "alive", "final_observations", "cut")


@dataclass(frozen=True, slots=True)
class Standing:
    """The robots after a round: those whose episodes are not over go on in the next one."""

    observations: Floats
    """Present observations, shape (N, D)."""
    over: Mask
    """Whether each robot's episode is over, shape (N,)."""
    ages: NDArray[np.int64]
    """Number of moves made so far in each episode that goes on, shape (N,)."""
    parts: Mapping[int, tuple[Steps, ...]] = field(default_factory=dict)
    """Steps of the reported episodes that go on, by robot, one entry per round."""


@dataclass(frozen=True, slots=True)
class Border:
    """The state of a training between two rounds, without what has been learned."""

    state: dict[str, Any]
    """Counters and random generators, JSON values."""
    pending: tuple[Rollout, ...]
    """Rollouts that nothing has been learned from yet."""
    standing: Standing | None
    """Where the robots stand; None if all episodes are over."""
    robots: Mapping[str, NDArray[Any]]
    """What `TrainingEnvironment.get_robots` returned; empty if all episodes are over."""

    def tensors(self) -> Tensors:
        """Return all arrays, by name."""
        arrays: Steps = {}
        if self.standing is not None:
            standing = self.standing
            arrays = {f"standing.robots.{name}": value for name, value in self.robots.items()}
            arrays |= {
                f"standing.{name}": getattr(standing, name) for name in ("observations", "over", "ages")
            }
            for robot, parts in standing.parts.items():
                arrays |= {f"standing.told.{robot}.{name}": value for name, value in joined(parts).items()}
        for index, rollout in enumerate(self.pending):
            arrays |= {f"pending.{index}.{name}": getattr(rollout, name) for name in FIELDS}
            if rollout.by_hand is not None:
                arrays[f"pending.{index}.by_hand"] = rollout.by_hand
        return {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def pending_of(tensors: Tensors, number: int) -> list[Rollout]:
    """Read the rollouts that nothing has been learned from yet."""
    return [_rollout(below(tensors, f"pending.{index}.")) for index in range(number)]


def standing_of(tensors: Tensors, robots: int) -> tuple[Standing | None, Steps]:
    """Read where the robots stand, and the arrays with which the environment puts them there.

    None if all episodes are over, or if the number of robots has changed: then all episodes start anew.
    """
    arrays = below(tensors, "standing.")
    if "over" not in arrays or len(arrays["over"]) != robots:
        return None, {}
    reported = below(arrays, "told.")
    parts = {int(name.split(".")[0]): () for name in reported}
    steps = {robot: (with_present_names(below(reported, f"{robot}.")),) for robot in parts}
    standing = Standing(arrays["observations"], arrays["over"], arrays["ages"], steps)
    return standing, below(arrays, "robots.")


def rollouts_of(episodes: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Rollout, Ending]]:
    """Rebuild the rollouts of a single robot's reported episodes; yield each with its ending."""
    for episode in episodes:
        ending, steps = Ending[episode["ending"].upper()], episode["steps"]
        names = {"observations": "observation", "actions": "action", "rewards": "reward"}
        arrays = {name: steps[of][:, np.newaxis] for name, of in names.items()}
        arrays["alive"] = np.ones(arrays["rewards"].shape, np.bool_)
        arrays["cut"] = np.array([ending == TIMEOUT])
        if "final_observation" in steps:
            arrays["final_observations"] = steps["final_observation"]
        if "by_hand" in steps and steps["by_hand"].any():
            arrays["by_hand"] = steps["by_hand"].astype(np.int8)[:, np.newaxis]
        yield _rollout(arrays), ending


def _rollout(arrays: Steps) -> Rollout:
    """Build a rollout from arrays; those of the first stores lack the final observations."""
    observations = arrays["observations"]
    unknown = {"final_observations": observations[-1], "cut": np.zeros(observations.shape[1], np.bool_)}
    known = unknown | arrays
    return Rollout(**{name: known[name] for name in FIELDS}, by_hand=known.get("by_hand"))


def joined(parts: Sequence[Steps]) -> Steps:
    """Join the steps of an episode from its rounds."""
    names = {name: None for part in parts for name in part}  # a set that keeps its order
    return {name: np.concatenate([part[name] for part in parts if name in part]) for name in names}
