"""One robot at the task, real or rendered, as a Gymnasium environment and as a fleet of one."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.environment import CARRIED_OUT, Info, move_info, spaces, total
from robot_agent.envs.task import (
    DEMONSTRATION,
    PERSON,
    POLICY,
    Approach,
    Ending,
    Floats,
    Imitable,
    Mask,
    Task,
    as_array,
)
from robot_agent.errors import Halted
from robot_agent.motors.motors import Pulse
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot, open_robot
from robot_agent.robot.search import Search
from robot_agent.robot.takeover import HandMove, TakenOver
from robot_agent.simulator.physics import Physics
from vision.cameras.camera import CameraFault
from vision.sight import SLICES, Sight


class RobotEnvironment(gymnasium.Env[Any, Any]):
    """One robot at the task: the simulated one with rendered frames, or any other with camera and motors.

    `gymnasium.make("RobotAgent/Approach-v0")` opens the simulated one. If a step fails, the
    wheels are stopped before the error is raised. Infos are those of `FleetEnvironment`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        robot: Robot | None = None,
        *,
        task: Task | None = None,
        physics: Physics | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Give a robot its task.

        Args:
            robot: the robot; the simulated reference robot if not given.
            task: what the robot is to do; `Approach` with its defaults if not given.
            physics: speed and size of the robot, for the search for a lost target.
            render_mode: `rgb_array` or None, see `render`.
        """
        self.robot = robot or open_robot()
        self.task: Task = task or Approach()
        self.physics = physics or Physics()
        self._last_seen = SLICES / 2
        self.render_mode = render_mode
        self.observation_space, self.action_space = spaces(self.task)
        self._moves = 0
        self._sight: Sight | None = None
        self._taken: deque[HandMove] = deque()
        """Moves of a person that are not yet part of an episode."""
        self._stands: Sight | None = None
        """The sight after the last move."""
        self.fault = ""
        """What is wrong with the camera; empty if its last picture was good."""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Bring the robot to a new start and look.

        Raises:
            TargetNotSeen: the target is not in view at the start.
        """
        super().reset(seed=seed)
        if seed is not None:
            self.robot.seed(seed)
            self._taken.clear()
        try:
            self._sight = self._begin()
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

    def _begin(self) -> Sight | None:
        """Bring the robot to a new start and look; repeat this if a person took over on the way there.

        A person's moves from the start on belong to the episode. If a person drove on after the last
        episode had ended, this one begins at the first of these moves after which the target is seen.
        """
        while self._taken:
            if self._stands is not None:
                return self._stands
            self._stands = self._taken.popleft().sight
        while True:
            try:
                self.robot.reset()
            except TakenOver:
                continue
            try:
                return self.robot.look()
            except TakenOver as taken:
                if taken.before is not None:
                    self._taken.extend(taken.moves)
                    return taken.before

    @property
    def ahead(self) -> int:
        """Number of moves that a person has made after the end of the episode."""
        return len(self._taken)

    def _observe(self, sight: Sight) -> Floats:
        one: Floats = self.task.observe(as_array(sight))[0]
        return one

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, Info]:
        """Make one move with an action of shape (A,)."""
        if self._sight is None:
            raise RuntimeError("The episode is over; call reset() before the next step().")
        before, action = self._sight, np.asarray(action, np.float32)
        pulses = self.task.pulses(action[None])
        left, right = pulses.wheels[:, 0].tolist()
        pulse, by_hand = Pulse(left, right, float(pulses.seconds[0])), POLICY
        ended = Ending.GOING
        try:
            pulse, sight, by_hand = self._move(pulse)
        except Halted:
            self.robot.stop()
            sight, ended = before, Ending.HALTED
        except CameraFault as fault:
            self.robot.stop()
            sight, ended, self.fault = before, Ending.INTERRUPTED, str(fault)
        except BaseException:
            self.robot.stop()
            raise
        if by_hand == DEMONSTRATION:
            action, by_hand = self._as_action(pulse, action)
        if by_hand and sight is None and self._taken:  # a next move may bring it back into view
            sight, by_hand = before, PERSON
        self._moves += 1
        after = sight or before
        terms, endings = self.task.judge(
            as_array(before), as_array(after), np.array([sight is not None]), np.array([self._moves])
        )
        ending = ended or Ending(int(endings[0]))
        self._sight, self._stands = after if ending is Ending.GOING else None, sight
        self._last_seen = (after.x1 + after.x2) / 2
        info = move_info(
            {name: float(term[0]) for name, term in terms.items()},
            x1=sight.x1 if sight else -1,
            x2=sight.x2 if sight else -1,
            left=pulse.left,
            right=pulse.right,
            seconds=pulse.seconds,
            by_hand=by_hand,
            ending=int(ending),
        )
        if by_hand:
            info[CARRIED_OUT] = action
        truncated = ending in (Ending.TIMEOUT, Ending.HALTED, Ending.INTERRUPTED)
        terminated = ending is not Ending.GOING and not truncated
        return self._observe(after), float(total(terms)[0]), terminated, truncated, info

    def _move(self, pulse: Pulse) -> tuple[Pulse, Sight | None, int]:
        """Make a move, or take over the next move that a person has made.

        Returns the pulse, the sight after it, and who made the move.
        """
        while not self._taken:
            acted = False
            try:
                self.robot.act(pulse.left, pulse.right, pulse.seconds)
                acted = True
                return pulse, self.robot.look(), POLICY
            except TakenOver as taken:
                self._taken.extend(taken.moves)
                if acted:  # perhaps cut short: says nothing about the policy
                    return pulse, taken.before, PERSON
        move = self._taken.popleft()
        return move.pulse, move.sight, DEMONSTRATION

    def _as_action(self, pulse: Pulse, asked: Floats) -> tuple[Floats, int]:
        """Return the action that makes a person's pulse, and DEMONSTRATION; or any, and PERSON."""
        if not isinstance(self.task, Imitable):
            return asked, PERSON
        done = np.array([[pulse.left, pulse.right, pulse.seconds]], np.float32)
        actions, fits = self.task.actions_of(done)
        return actions[0], DEMONSTRATION if fits[0] else PERSON

    def search(self) -> Floats | None:
        """Turn until a lost target is seen again, so that the episode goes on.

        Returns the observation, shape (D,); None if the target is not found.
        """
        try:
            self._sight = Search(self.physics).find(self.robot, right_first=self._last_seen > SLICES / 2)
        except TakenOver as taken:  # a person has driven during the search
            self._sight = taken.moves[-1].sight if taken.moves else taken.before
        except BaseException:
            self.robot.stop()
            raise
        return None if self._sight is None else self._observe(self._sight)

    def render(self) -> Any:
        """Return the last picture with its sight, (H, W, 3) uint8 RGB; None without a render mode."""
        return self.robot.picture()[:, :, ::-1] if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Stop the wheels and close the devices."""
        self.robot.close()

    def recover(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yield its fault after each failed attempt."""
        while True:
            try:
                self.robot.look()
            except CameraFault as fault:
                yield str(fault)
            except TakenOver:
                continue
            else:
                self.fault = ""
                return


class SingleFleet:
    """One robot as a fleet of one: see `TrainingEnvironment`."""

    num_envs = 1

    def __init__(self, environment: RobotEnvironment) -> None:
        """Wrap the environment of one robot."""
        self.environment = environment

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Floats, Info]:
        """Bring the robot to a new start and look."""
        observation, info = self.environment.reset(seed=seed)
        return observation[None], _arrays(info)

    def step(self, actions: Floats) -> tuple[Floats, NDArray[Any], Mask, Mask, Info]:
        """Make one move with actions of shape (1, A)."""
        observation, reward, terminated, truncated, info = self.environment.step(actions[0])
        return (
            observation[None],
            np.array([reward]),
            np.array([terminated]),
            np.array([truncated]),
            _arrays(info),
        )

    def halt(self) -> None:
        """Stop the wheels at once."""
        self.environment.robot.stop()

    def search(self) -> Floats | None:
        """Turn until a lost target is seen again; return the observations, shape (1, D), or None."""
        found = self.environment.search()
        return None if found is None else found[None]

    @property
    def fault(self) -> str:
        """What is wrong with the camera; empty if its last picture was good."""
        return self.environment.fault

    def recover(self) -> Iterator[str]:
        """Try the camera until it gives good pictures again; yield its fault after each failed attempt."""
        yield from self.environment.recover()

    def get_state(self) -> Info:
        """Return the state from which the robot can be resumed exactly; empty for a real robot."""
        return self.environment.robot.get_state()

    def set_state(self, state: Info) -> None:
        """Go on from a state of `get_state`."""
        self.environment.robot.set_state(state)

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return an empty state: a real robot cannot be put back into the middle of an episode."""
        return {}

    def set_robots(self, robots: dict[str, NDArray[Any]]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Stop the wheels and close the devices."""
        self.environment.close()


def _arrays(info: Info) -> Info:
    return {name: np.array([value]) for name, value in info.items()}
