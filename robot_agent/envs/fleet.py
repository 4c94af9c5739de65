"""N simulated robots at the task, as a Gymnasium vector environment: the fleet used for training."""

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from robot_agent.envs.environment import Info, move_info, spaces, total
from robot_agent.envs.task import GOING, TIMEOUT, Approach, Floats, Mask, Task
from robot_agent.simulator.physics import Physics, Randomisation
from robot_agent.simulator.world import World


class FleetEnvironment(gymnasium.vector.VectorEnv[Floats, Floats, NDArray[Any]]):
    """N simulated robots at once, by geometry alone: no picture is drawn.

    `gymnasium.make_vec("RobotAgent/Approach-v0", num_envs=256)` opens it. Its infos hold, per robot,
    the sight (`x1`, `x2`, -1 when nothing is seen), the pulse (`left`, `right`, `seconds`), the
    `ending`, and the terms of the reward by the names that the task gives them (`reward.progress`, ...).
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: Task | None = None,
        physics: Physics | None = None,
        randomisation: Randomisation | None = None,
        seed: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        """Make a fleet.

        Args:
            num_envs: number of robots.
            task: what the robots are to do; `Approach` with its defaults if not given.
            physics: the nominal robot.
            randomisation: how far each episode's robot differs from it; not at all if not given.
            seed: seed of all random numbers, as in `reset`.
            autoreset_mode: Gymnasium's: `NextStep`, `SameStep` or `Disabled`.
            render_mode: must be None; only a single robot (`gymnasium.make`) can be rendered.
        """
        if render_mode is not None:
            raise ValueError("A fleet has no pictures; use gymnasium.make for one rendered robot.")
        self.task: Task = task or Approach()
        self.num_envs = num_envs
        self.render_mode = None
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        self.single_observation_space, self.single_action_space = spaces(self.task)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.world = World(num_envs, physics=physics, randomisation=randomisation, seed=seed)
        self._moves = np.zeros(num_envs, np.int64)
        self._ended = np.zeros(num_envs, np.bool_)
        self._sights, _ = self.world.sights()

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Start new episodes with all robots, or with those in the boolean array `options["reset_mask"]`."""
        if seed is not None:
            self.world.seed(seed)
        mask = None if options is None else options.get("reset_mask")
        which = np.ones(self.num_envs, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        self._start(which)
        self._ended = self._ended & ~which
        return self.task.observe(self._sights), {"x1": self._sights[0], "x2": self._sights[1]}

    def _start(self, which: Mask) -> None:
        """Begin episodes with the robots in `which`, at starts from which they see their targets."""
        self.world.reset(which)
        self._moves[which] = 0
        sights, _ = self.world.sights()
        self._sights = np.where(which, sights, self._sights)

    def step(self, actions: Floats) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], Info]:
        """Make one move with every robot; actions have shape (N, A).

        With autoreset `Disabled`, what a robot does after the end of its episode, until it is reset, has no
        meaning.
        """
        pulses = self.task.pulses(np.asarray(actions, np.float32))
        self.world.move(pulses.wheels, pulses.seconds)
        sights, seen = self.world.sights()
        self._moves += 1
        terms, ending = self.task.judge(self._sights, sights, seen, self._moves)
        x1, x2 = np.where(seen, sights, -1)
        info = move_info(
            terms,
            x1=x1,
            x2=x2,
            left=pulses.wheels[0],
            right=pulses.wheels[1],
            seconds=pulses.seconds,
            ending=ending,
        )
        # While nothing is seen, the observation is that of the last sight.
        np.copyto(sights, self._sights, where=~seen)
        self._sights = sights
        reward = total(terms)
        if self.autoreset_mode is AutoresetMode.NEXT_STEP and self._ended.any():
            self._start(self._ended)
            ending[self._ended] = GOING
            reward = np.where(self._ended, np.float32(0), reward)
        observations = self.task.observe(self._sights)
        truncated, self._ended = ending == TIMEOUT, ending != GOING
        terminated = self._ended & ~truncated
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._ended.any():
            info["final_obs"], info["_final_obs"] = observations, self._ended
            self._start(self._ended)
            observations = self.task.observe(self._sights)
        return observations, reward, terminated, truncated, info

    def halt(self) -> None:
        """Do nothing: no wheel of a fleet turns between two steps."""

    def search(self) -> None:
        """Return None: a robot of a fleet does not search for its target."""

    @property
    def fault(self) -> str:
        """Always empty: there is no camera."""
        return ""

    def recover(self) -> Iterator[str]:
        """Do nothing: there is no camera."""
        yield from ()

    def get_state(self) -> Info:
        """Return the state of all random numbers, as JSON values: enough to resume between two episodes."""
        return self.world.get_state()

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""
        self.world.set_state(state)

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return the state of every robot in its episode: also needed to resume within an episode."""
        own = {"age": self._moves.copy(), "ended": self._ended, "sights": self._sights}
        return self.world.get_robots() | own

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Restore the state that `get_robots` returned."""
        self.world.set_robots(robots)
        self._moves[:] = robots["age"]
        self._ended, self._sights = robots["ended"], robots["sights"]
