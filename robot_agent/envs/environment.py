"""What the trainer needs of an environment, and how anyone's Gymnasium environment becomes one."""

from collections.abc import Iterator
from functools import reduce
from typing import Any, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import LOST, TIMEOUT, Floats, Mask, Task, Terms
from vision.sight import SLICES

Info = dict[str, Any]
"""What an environment says of a move: arrays of shape (N,) by name, see `FleetEnvironment`."""

CARRIED_OUT = "_carried_out"
"""In the info of a move that a person made: the action that does what they did, shape (N, A)."""

Box = gymnasium.spaces.Box


class TrainingEnvironment(Protocol):
    """N robots side by side that play episodes: simulated ones, or a real one as a fleet of one.

    `reset` and `step` are those of a Gymnasium vector environment. What a robot does after the end of
    its episode, until it is reset, has no meaning.
    """

    num_envs: int
    """N."""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Start new episodes: all, or those of the boolean array `options["reset_mask"]`.

        Raises:
            CameraFault: the camera fails; wait for it with `recover`.
        """

    def step(self, actions: Floats) -> tuple[Floats, Floats, Mask, Mask, Info]:
        """Make one move with every robot: actions (N, A) to observations (N, D), rewards, endings, info.

        The info has the `ending` of each robot's episode, values of `Ending`.
        """

    def halt(self) -> None:
        """Stop the wheels at once."""

    def search(self) -> Floats | None:
        """Look for a lost target; return what the policy observes, shape (N, D), None if it stays lost."""

    @property
    def fault(self) -> str:
        """What is wrong with the camera; empty when it gives good pictures."""

    def recover(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yields its fault after each failed attempt."""

    def get_state(self) -> Info:
        """State to go on from exactly between two episodes, JSON values; empty if it is unknown."""

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """State needed besides `get_state` in the middle of episodes, arrays by name; empty if unknown."""

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Put the robots where `get_robots` found them."""

    def close(self) -> None:
        """Stop the wheels and give the devices back."""


class GymnasiumFleet:
    """Anyone's Gymnasium vector environment, as the trainer needs it.

    Where it terminates an episode without saying how (no `ending` in its info), the episode counts as
    lost. A training in it can be resumed, but not exactly: its episodes then start anew.
    """

    def __init__(self, environment: gymnasium.vector.VectorEnv[Any, Any, Any]) -> None:
        """Wrap an environment; ValueError if it resets within the step that ends an episode."""
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
        """Find nothing."""

    def recover(self) -> Iterator[str]:
        """Do nothing: there is no camera."""
        yield from ()

    def get_state(self) -> Info:
        """Return nothing: it is not known."""
        return {}

    def set_state(self, state: Info) -> None:
        """Do nothing."""

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return nothing: it is not known."""
        return {}

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Close the environment."""
        self.environment.close()


def spaces(task: Task) -> tuple[Box[np.float32], Box[np.float32]]:
    """The observation and the action space of one robot at a task: bounds are over all sights there are."""
    observations = task.observe(np.array(np.triu_indices(SLICES)))
    return (
        Box(observations.min(axis=0), observations.max(axis=0), dtype=np.float32),
        Box(-1.0, 1.0, (len(task.action_names),), np.float32),
    )


def total(terms: Terms) -> Floats:
    """The reward that the learner gets: the sum of its terms, shape (N,)."""
    return reduce(np.add, terms.values())


def move_info(terms: dict[str, Any], **values: Any) -> Info:
    """The info of a move: what is seen and done, and the reward's terms as `reward.NAME`."""
    return values | {f"reward.{name}": value for name, value in terms.items()}
