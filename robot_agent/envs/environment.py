"""The environment as the trainer needs it, and a wrapper for any Gymnasium vector environment."""

from collections.abc import Iterator
from functools import reduce
from typing import Any, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import LOST, TIMEOUT, Floats, Mask, Task, Terms
from vision.sight import SLICES

Info = dict[str, Any]
"""What an environment reports about a move: arrays of shape (N,) by name, see `FleetEnvironment`."""

CARRIED_OUT = "_carried_out"
"""Key in the info of a move that a person made: the action that makes the same pulse, shape (N, A)."""

Box = gymnasium.spaces.Box


class TrainingEnvironment(Protocol):
    """N robots side by side that play episodes: simulated ones, or a real one as a fleet of one.

    `reset` and `step` are those of a Gymnasium vector environment. What a robot does after the end of
    its episode, until it is reset, has no meaning.
    """

    num_envs: int
    """N."""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Start new episodes with all robots, or with those in the boolean array `options["reset_mask"]`.

        Raises:
            CameraFault: the camera fails; wait for it with `recover`.
        """

    def step(self, actions: Floats) -> tuple[Floats, Floats, Mask, Mask, Info]:
        """Make one move with every robot: actions (N, A) in; observations (N, D), rewards, endings, info out.

        The info has `ending`: for each robot a value of `Ending`.
        """

    def halt(self) -> None:
        """Stop the wheels at once."""

    def search(self) -> Floats | None:
        """Search for a lost target; return the observations, shape (N, D), or None if it is not found."""

    @property
    def fault(self) -> str:
        """What is wrong with the camera; empty when it gives good pictures."""

    def recover(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yield its fault after each failed attempt."""

    def get_state(self) -> Info:
        """Return the state to resume exactly between two episodes, as JSON values; empty if unknown."""

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return what is also needed to resume within an episode, arrays by name; empty if unknown."""

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Restore the state that `get_robots` returned."""

    def close(self) -> None:
        """Stop the wheels and close the devices."""


class GymnasiumFleet:
    """Any Gymnasium vector environment, wrapped as a `TrainingEnvironment`.

    An episode that terminates without an `ending` in its info counts as lost. A training in this environment
    can be resumed, but not exactly: the episodes then start again from their beginning.
    """

    def __init__(self, environment: gymnasium.vector.VectorEnv[Any, Any, Any]) -> None:
        """Wrap `environment`; raise ValueError if it resets within the step that ends an episode."""
        if environment.metadata.get("autoreset_mode") is gymnasium.vector.AutoresetMode.SAME_STEP:
            raise ValueError(
                "With autoreset_mode SameStep an episode's last observation is lost; use NextStep."
            )
        self.environment = environment
        self.num_envs = environment.num_envs
        self.fault = ""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Start new episodes."""
        return self.environment.reset(seed=seed, options=options)

    def step(self, actions: Floats) -> tuple[Floats, Floats, Mask, Mask, Info]:
        """Make one move with every robot."""
        observations, rewards, terminated, truncated, info = self.environment.step(actions)
        if "ending" not in info:
            info["ending"] = np.where(terminated, LOST, truncated * TIMEOUT)
        return observations, rewards, terminated, truncated, info

    def halt(self) -> None:
        """Do nothing: there are no wheels."""

    def search(self) -> None:
        """Return None: there is no search."""

    def recover(self) -> Iterator[str]:
        """Do nothing: there is no camera."""
        yield from ()

    def get_state(self) -> Info:
        """Return an empty state: the environment's state is unknown."""
        return {}

    def set_state(self, state: Info) -> None:
        """Do nothing."""

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return an empty state: the environment's state is unknown."""
        return {}

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Close the environment."""
        self.environment.close()


def spaces(task: Task) -> tuple[Box[np.float32], Box[np.float32]]:
    """Return observation and action space of one robot at `task`; the bounds cover all possible sights."""
    observations = task.observe(np.array(np.triu_indices(SLICES)))
    return (
        Box(observations.min(axis=0), observations.max(axis=0), dtype=np.float32),
        Box(-1.0, 1.0, (len(task.action_names),), np.float32),
    )


def total(terms: Terms) -> Floats:
    """Return the reward that the learner gets: the sum of the terms, shape (N,)."""
    return reduce(np.add, terms.values())


def move_info(terms: dict[str, Any], **values: Any) -> Info:
    """Return the info of a move: `values`, and the reward's terms as `reward.NAME`."""
    return values | {f"reward.{name}": value for name, value in terms.items()}
