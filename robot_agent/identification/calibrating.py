"""A dozen moves that show most of a robot's numbers: to the target and back, fast, slow and curved.

Near the target, a sight shows the distance well; so the robot drives near and backs off again, and keeps the
target in view. Weak pulses show the dead band, short ones the dead time, and curves the wheel base.
"""

from collections.abc import Iterator
from itertools import cycle

from robot_agent.identification.log import Learns
from robot_agent.identification.pilot import Driven, KnowingPilot, ends_of
from robot_agent.motors.motors import Pulse
from vision.sight import Sight

FIRST = Pulse(0.5, 0.5, 0.3)
"""The first pulse, while nothing is known of the robot."""
BACK = (Pulse(-0.9, -0.9, 0.7), Pulse(-0.5, -0.7, 0.9), Pulse(-1.0, -1.0, 0.35), Pulse(-0.7, -0.5, 0.9))
"""Pulses that drive backwards, used one after the other."""
SLOW = (Pulse(0.3, 0.3, 0.9), Pulse(0.2, 0.2, 0.9))
"""Weak pulses, used one after the other: every third move towards the target is one of them."""
UNDONE = 1
"""When the target is lost, the last pulse is driven backwards, at most this number of times in a row."""
FAR, NEAR = 9, 17
"""The robot backs off once the target fills at least `NEAR` slices, until it fills at most `FAR`."""


def dozen(pilot: KnowingPilot, robot: Driven, also: Learns, moves: int = 12) -> Iterator[int]:
    """Make moves that show much of a robot's numbers; stop early if the target stays lost.

    Args:
        pilot: learns from the moves, and shortens pulses that could lose the target.
        robot: the robot, which stands in front of its target and sees it.
        also: a second learner that gets all moves.
        moves: number of moves.

    Yields:
        The number of each move, from 1.
    """
    sight = robot.look()
    pilot.learn(None, sight)
    also.begin(ends_of(sight))
    near, back, slow, undone, pulse = False, cycle(BACK), cycle(SLOW), 0, FIRST
    for number in range(moves):
        if sight is not None:
            width, undone = sight.x2 - sight.x1 + 1, 0
            near = width >= NEAR or (near and width > FAR)
            pulse = _pulse(pilot, sight, number, next(back) if near else None, slow)
        elif undone < UNDONE:
            undone += 1
            pulse = Pulse(-pulse.left, -pulse.right, pulse.seconds)
        else:
            return
        robot.act(pulse.left, pulse.right, pulse.seconds)
        sight = robot.look()
        pilot.learn(pulse, sight)
        also.observe(pulse, ends_of(sight))
        yield number + 1


def _pulse(
    pilot: KnowingPilot, sight: Sight, number: int, back: Pulse | None, slow: Iterator[Pulse]
) -> Pulse:
    knowledge = pilot.knowledge
    if back is not None:
        chosen = back
    elif number == 0:
        chosen = FIRST
    elif number % 3 == 2:
        chosen = next(slow)
    else:
        return pilot.decide(sight)
    return knowledge.wires(knowledge.careful(chosen))
