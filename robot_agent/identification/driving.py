"""`KnowingDriver` lets a pilot that learns from its robot drive in the environment of all other policies."""

from typing import Any

import numpy as np

from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.envs.task import Approach, Floats, Mask, Pulses, Slices, Terms
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.robot.robot import Robot
from robot_agent.simulator.physics import Physics
from vision.sight import Sight


class Pulsed:
    """A task whose actions are pulses: left, right and seconds, exactly as the motors are commanded.

    The actions of the plain task only drive forwards. A robot whose motors are wired the wrong way round
    needs backward commands, too.
    """

    action_names = ("left", "right", "duration")

    def __init__(self, task: Approach) -> None:
        """Take goal, observations and rewards from `task`."""
        self.task, self.observation_size = task, task.observation_size

    @property
    def goal(self) -> Sight:
        """The sight to reach."""
        return self.task.goal

    def observe(self, sights: Slices) -> Floats:
        """Turn sights, shape (2, N), into observations, shape (N, D)."""
        return self.task.observe(sights)

    def pulses(self, actions: Floats) -> Pulses:
        """Return actions, shape (N, 3), as pulses."""
        return Pulses(actions.T[:2], actions.T[2])

    def judge(self, before: Slices, after: Slices, seen: Mask, moves: Slices) -> tuple[Terms, Slices]:
        """Reward one move of N robots and decide which episodes it ends, see `Task.judge`."""
        return self.task.judge(before, after, seen, moves)


class KnowingDriver:
    """One robot with its task, and the pilot that learns from all its moves, also those of a search."""

    def __init__(self, robot: Robot, pilot: KnowingPilot, physics: Physics | None = None) -> None:
        """Let `pilot` drive `robot`; `physics` is used in the search for a lost target."""
        robot.witness, robot.settle = pilot.learn, pilot.knowledge.settling.settle
        self.robot, self.pilot = robot, pilot
        self.environment = SingleFleet(RobotEnvironment(robot, task=Pulsed(pilot.task), physics=physics))

    def act(self, observations: Floats) -> Floats:
        """Return the next action, of shape (1, 3), from what the robot sees now; `play` calls this."""
        sight: Any = self.robot.sight
        if sight is None:  # a person has the wheels; the pilot first learns from what they did
            return np.zeros((1, 3), np.float32)
        pulse = self.pilot.decide(sight)
        return np.array([[pulse.left, pulse.right, pulse.seconds]], np.float32)
