"""`KnowingPilot` drives any robot that looks and acts, and learns from every move; no PyTorch, no settings.

from robot_agent.identification.pilot import KnowingPilot

pilot = KnowingPilot.shipped("wheels")
ending, moves = pilot.episode(robot)      # robot.look() -> Sight | None, robot.act(left, right, seconds)
print(*pilot.knowledge.estimate.words(), sep="\\n")
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from robot_agent.envs.task import ActionKind, Approach, Ending, judge_sight
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.log import Log
from robot_agent.identification.policies import Act, shipped_policy
from robot_agent.identification.policy_inputs import back_off, policy_inputs, too_near
from robot_agent.motors.motors import Pulse
from vision.sight import Sight

PROBES, MOST_PROBES = 2, 10
"""Least and largest number of a robot's first moves that are made as curves, see `turning`."""

STILL = 2
"""After this number of moves that changed nothing, the next is backwards: the outer wheel may stand still."""

WAIT = 0.05
"""Seconds that a robot stands to look again."""


class Driven(Protocol):
    """What a pilot needs of a robot."""

    def look(self) -> Sight | None:
        """Take a picture and return the sight in it; None if nothing is seen."""

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels with these powers, in [-1, 1], for `seconds`."""


class KnowingPilot:
    """A pilot: `learn` takes in every pulse and sight, and `decide` returns the next pulse for a sight."""

    def __init__(self, act: Act, task: Approach, knowledge: Knowledge | None = None) -> None:
        """Combine a policy with what is known of a robot.

        Args:
            act: the policy, which gets an estimate of the robot as input.
            task: the task for which the policy was trained.
            knowledge: what is known of the robot; nothing if not given.
        """
        self.act, self.task = act, task
        self.knowledge = knowledge or Knowledge()
        self.log = Log()
        """Every move that was learned from."""
        self.watch: Callable[[], object] = lambda: None
        """A function that is called after every move that was learned from."""

    @classmethod
    def shipped(cls, action: ActionKind = "wheels", knowledge: Knowledge | None = None) -> "KnowingPilot":
        """Return a pilot with the policy that ships with the package."""
        act, task, _ = shipped_policy(action)
        return cls(act, task, knowledge)

    def learn(self, pulse: Pulse | None, sight: Sight | None) -> None:
        """Learn from the sight after a pulse; the pulse is as the motors were commanded.

        With None as the pulse, an episode begins with this sight: the robot has come here in another way.
        """
        self.log.add(pulse, ends_of(sight))
        if pulse is None:
            self.knowledge.begin(ends_of(sight))
        else:
            self.knowledge.observe(pulse, ends_of(sight))
            self.watch()

    def decide(self, sight: Sight) -> Pulse:
        """Return the next pulse, as the motors must be commanded, for this sight."""
        knowledge, estimate = self.knowledge, self.knowledge.estimate
        if knowledge.surprised:
            return Pulse(0.0, 0.0, WAIT)  # a sight of something else? look again
        place = knowledge.place
        if (ahead := knowledge.ahead) is not None:
            place, sight = ahead[0], Sight(*ahead[1])
            if judge_sight(self.task, sight)[1] is Ending.REACHED:
                return Pulse(0.0, 0.0, WAIT)
        sights, mean = np.array([[sight.x1], [sight.x2]]), estimate.mean[None]
        at = None if place is None else np.array([place])
        if at is not None and too_near(self.task, sights)[0]:
            pulses = back_off(self.task, at, mean)  # policies only drive forwards
        else:
            actions = self.act(policy_inputs(self.task, sights, mean, estimate.deviation[None], at))
            pulses = self.task.pulses(actions.astype(np.float32))
        left, right, length = (float(x) for x in (*pulses.wheels[:, 0], pulses.seconds[0]))
        pulse, turning = Pulse(left, right, length), knowledge.turning
        if knowledge.moves < PROBES or (knowledge.moves < MOST_PROBES and not turning.was_seen):
            pulse = turning.curve(pulse, (sight.x1, sight.x2))
            if turning.still >= STILL and not turning.was_seen:
                pulse = Pulse(-pulse.left, -pulse.right, pulse.seconds)
        return knowledge.wires(knowledge.careful(knowledge.strong(pulse)))

    def episode(self, robot: Driven) -> tuple[Ending, int]:
        """Drive one episode from where the robot stands; return the ending and the number of moves."""

        def again(seconds: float) -> Sight | None:
            if seconds:
                robot.act(0.0, 0.0, seconds)
            return robot.look()

        settle = self.knowledge.settling.settle
        sight = settle(robot.look(), again, moved=False)
        self.learn(None, sight)
        for move in range(1, self.task.max_moves + 1):
            if sight is None:
                return Ending.LOST, move - 1
            pulse = self.decide(sight)
            robot.act(pulse.left, pulse.right, pulse.seconds)
            sight = settle(robot.look(), again)
            self.learn(pulse, sight)
            if sight is not None and judge_sight(self.task, sight)[1] is Ending.REACHED:
                return Ending.REACHED, move
        return Ending.TIMEOUT if sight is not None else Ending.LOST, self.task.max_moves


def ends_of(sight: Sight | None) -> tuple[int, int] | None:
    """Return the first and last slice of a sight; None if nothing is seen."""
    return None if sight is None else (sight.x1, sight.x2)
