"""The task as Gymnasium environments: a fleet of simulated robots, or one robot, real or rendered."""

from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from robot_agent.envs.task import GOING, TIMEOUT, Approach, Ending, Floats, Mask, Slices
from robot_agent.errors import Halted
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot, open_robot
from robot_agent.robot.search import Search
from robot_agent.simulator.physics import Physics, Randomisation
from robot_agent.simulator.world import World
from vision.cameras.camera import CameraFault
from vision.sight import SLICES, Sight

Info = dict[str, Any]


def spaces(task: Approach) -> tuple[gymnasium.spaces.Box[np.float32], gymnasium.spaces.Box[np.float32]]:
    """The observation and the action space of one robot at the task."""
    bound = {"raw": 41.0, "ends": 1.0, "centre": 5.0}[task.observation]
    return (
        gymnasium.spaces.Box(-bound, bound, (task.observation_size,), np.float32),
        gymnasium.spaces.Box(-1.0, 1.0, (len(task.action_names),), np.float32),
    )


def as_array(sight: Sight) -> Slices:
    """One robot's sight as the array of a fleet of one, shape (2, 1)."""
    return np.array([[sight.x1], [sight.x2]])


class FleetEnvironment(gymnasium.vector.VectorEnv[Floats, Floats, NDArray[Any]]):
    """N simulated robots at once, by geometry alone: no pictures are drawn.

    `gymnasium.make_vec("RobotAgent/Approach-v0", num_envs=256)` opens it. Its infos hold, per robot,
    the sight (`x1`, `x2`, -1 when nothing is seen), the pulse (`left`, `right`, `seconds`), the terms
    of the reward (`progress`, `reached`, `lost`) and the `ending`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: Approach | None = None,
        physics: Physics | None = None,
        randomisation: Randomisation | None = None,
        seed: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        """Make a fleet.

        Args:
            num_envs: how many robots.
            task: what they are to do; the plain `Approach` if not given.
            physics: the nominal robot.
            randomisation: how far each episode's robot differs from it; not at all if not given.
            seed: of everything random, as in `reset`.
            autoreset_mode: Gymnasium's: `NextStep`, `SameStep` or `Disabled`.
            render_mode: only None; one robot, `gymnasium.make`, can be looked through.
        """
        if render_mode is not None:
            raise ValueError("A fleet has no pictures; use gymnasium.make for one rendered robot.")
        self.task = task or Approach()
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
        """Start new episodes: all, or those of the boolean array `options["reset_mask"]`."""
        if seed is not None:
            self.world.seed(seed)
        mask = None if options is None else options.get("reset_mask")
        which = np.ones(self.num_envs, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        self._start(which)
        self._ended = self._ended & ~which
        return self.task.observe(self._sights), {"x1": self._sights[0], "x2": self._sights[1]}

    def _start(self, which: Mask) -> None:
        """Begin episodes with the robots in `which`, each of which sees its target."""
        self.world.reset(which)
        self._moves[which] = 0
        sights, _ = self.world.sights()
        self._sights = np.where(which, sights, self._sights)

    def step(self, actions: Floats) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], Info]:
        """Make one move with every robot; actions have shape (N, A).

        With `Disabled` autoreset a robot whose episode has ended goes on without meaning until it is reset.
        """
        pulses = self.task.pulses(np.asarray(actions, np.float32))
        self.world.move(pulses.wheels, pulses.seconds)
        sights, seen = self.world.sights()
        self._moves += 1
        reward, ending = self.task.judge(self._sights, sights, seen, self._moves)
        told = np.where(seen, sights, -1)
        # While nothing is seen, the last sight stands for it in the observation.
        np.copyto(sights, self._sights, where=~seen)
        self._sights = sights
        total = reward.total
        if self.autoreset_mode is AutoresetMode.NEXT_STEP and self._ended.any():
            self._start(self._ended)
            ending[self._ended], total[self._ended] = GOING, 0.0
        observations = self.task.observe(self._sights)
        truncated, self._ended = ending == TIMEOUT, ending != GOING
        terminated = self._ended & ~truncated
        info: Info = {
            "x1": told[0],
            "x2": told[1],
            "left": pulses.wheels[0],
            "right": pulses.wheels[1],
            "seconds": pulses.seconds,
            "progress": reward.progress,
            "reached": reward.reached,
            "lost": reward.lost,
            "ending": ending,
        }
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._ended.any():
            info["final_obs"], info["_final_obs"] = observations, self._ended
            self._start(self._ended)
            observations = self.task.observe(self._sights)
        return observations, total, terminated, truncated, info

    def halt(self) -> None:
        """Do nothing: no wheel of a fleet turns between two steps."""

    def get_state(self) -> Info:
        """All that is random and will be, as JSON values; enough at the border of two episodes."""
        return self.world.get_state()

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""
        self.world.set_state(state)

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Where every robot stands in its episode: what it takes beside `get_state` in the middle of one."""
        own = {"age": self._moves.copy(), "ended": self._ended, "sights": self._sights}
        return self.world.get_robots() | own

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Put the robots where `get_robots` found them."""
        self.world.set_robots(robots)
        self._moves[:] = robots["age"]
        self._ended, self._sights = robots["ended"], robots["sights"]


class RobotEnvironment(gymnasium.Env[Any, Any]):
    """One robot at the task: seen through rendered frames, or any robot that has a camera and motors.

    `gymnasium.make("RobotAgent/Approach-v0")` opens the simulated one. The wheels are stopped when
    anything goes wrong in a step, before the error is told. Infos are those of `FleetEnvironment`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        robot: Robot | None = None,
        *,
        task: Approach | None = None,
        physics: Physics | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Put a robot to the task; the simulated reference robot if none is given.

        `physics` is what the robot is taken to be when it searches for a lost target.
        """
        self.robot = robot or open_robot()
        self.task = task or Approach()
        self.physics = physics or Physics()
        self._last_seen = SLICES / 2
        self.render_mode = render_mode
        self.observation_space, self.action_space = spaces(self.task)
        self._moves = 0
        self._sight: Sight | None = None
        self.fault = ""
        """What the camera had when an episode was last interrupted."""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Bring the robot to a new start and look.

        Raises:
            TargetNotSeen: the target is not in view at the start.
        """
        super().reset(seed=seed)
        if seed is not None:
            self.robot.seed(seed)
        try:
            self.robot.reset()
            self._sight = self.robot.look()
            if self._sight is None:
                raise TargetNotSeen(
                    "The target is not in the picture at the start of an episode; put the robot 0.6 to 2 m "
                    "before it, facing it, and see with 'robot-agent look' that it is found."
                )
        except BaseException:
            self.robot.stop()
            raise
        self._moves = 0
        return self._observe(self._sight), {"x1": self._sight.x1, "x2": self._sight.x2}

    def _observe(self, sight: Sight) -> Floats:
        one: Floats = self.task.observe(as_array(sight))[0]
        return one

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, Info]:
        """Make one move with an action of shape (A,)."""
        if self._sight is None:
            raise RuntimeError("The episode is over; call reset() before the next step().")
        before, pulse = self._sight, self.task.pulses(np.asarray(action, np.float32)[None])
        left, right = pulse.wheels[:, 0].tolist()
        seconds = float(pulse.seconds[0])
        try:
            self.robot.act(left, right, seconds)
            sight, ended = self.robot.look(), Ending.GOING
        except Halted:
            self.robot.stop()
            sight, ended = before, Ending.HALTED
        except CameraFault as fault:
            self.robot.stop()
            sight, ended, self.fault = before, Ending.INTERRUPTED, str(fault)
        except BaseException:
            self.robot.stop()
            raise
        self._moves += 1
        after = sight or before
        reward, endings = self.task.judge(
            as_array(before), as_array(after), np.array([sight is not None]), np.array([self._moves])
        )
        ending = ended or Ending(int(endings[0]))
        self._sight = after if ending is Ending.GOING else None
        self._last_seen = (after.x1 + after.x2) / 2
        info: Info = {
            "x1": sight.x1 if sight else -1,
            "x2": sight.x2 if sight else -1,
            "left": left,
            "right": right,
            "seconds": seconds,
            "progress": float(reward.progress[0]),
            "reached": float(reward.reached[0]),
            "lost": float(reward.lost[0]),
            "ending": int(ending),
        }
        truncated = ending in (Ending.TIMEOUT, Ending.HALTED, Ending.INTERRUPTED)
        terminated = ending is not Ending.GOING and not truncated
        return self._observe(after), float(reward.total[0]), terminated, truncated, info

    def search(self) -> Floats | None:
        """Turn until a lost target is seen again; the episode then goes on. None when it is not found.

        Returns what the policy observes, shape (D,).
        """
        try:
            self._sight = Search(self.physics).find(self.robot, right_first=self._last_seen > SLICES / 2)
        except BaseException:
            self.robot.stop()
            raise
        return None if self._sight is None else self._observe(self._sight)

    def render(self) -> Any:
        """Return the last picture with the sight on it, (H, W, 3) uint8 RGB, with render_mode rgb_array."""
        return self.robot.picture()[:, :, ::-1] if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Stop the wheels and give the devices back."""
        self.robot.close()

    def halt(self) -> None:
        """Stop the wheels at once."""
        self.robot.stop()

    def heal(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yields what it says at each failure."""
        while True:
            try:
                self.robot.look()
            except CameraFault as fault:
                yield str(fault)
            else:
                return

    def get_state(self) -> Info:
        """What the robot needs to go on as it would have; empty for a real one."""
        return self.robot.get_state()

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""
        self.robot.set_state(state)


def begin_healed(
    environment: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any],
    tell: Callable[[str], object],
    *,
    seed: int | None = None,
) -> tuple[Any, Info]:
    """Reset an environment; while its camera fails, wait until it is healed and `tell` what is wrong."""
    while True:
        try:
            return environment.reset(seed=seed)
        except CameraFault as fault:
            words = str(fault)
            tell(words)
            for news in environment.heal():  # type: ignore[union-attr]
                if news != words:
                    words = news
                    tell(words)
            tell("The camera gives good pictures again.")


class SingleFleet(gymnasium.vector.SyncVectorEnv):
    """A fleet of one: one environment behind the interface of many, for the trainer."""

    def __init__(self, environment: gymnasium.Env[Any, Any]) -> None:
        """Wrap an environment; it is not reset by itself when an episode ends."""
        super().__init__([lambda: environment], autoreset_mode=AutoresetMode.DISABLED)

    def halt(self) -> None:
        """Stop the wheels at once."""
        self.call("halt")

    @property
    def fault(self) -> str:
        """What the camera had when an episode was last interrupted."""
        words: str = self.get_attr("fault")[0]
        return words

    def heal(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yields what it says at each failure."""
        yield from self.call("heal")[0]

    def get_state(self) -> Info:
        """What the robot needs to go on as it would have."""
        state: Info = self.call("get_state")[0]
        return state

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""
        self.call("set_state", state)
