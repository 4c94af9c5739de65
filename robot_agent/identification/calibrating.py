"""A dozen moves before the target that say most of what a robot is: to it and back, fast, slow and curved.

From near, a sight tells a distance well, so the robot goes near and backs off again, and the target stays in
view. Weak pulses show a dead band, short ones a dead time, unlike ones how far the wheels are apart.
"""

from collections.abc import Iterator
from itertools import cycle

from robot_agent.identification.log import Learns
from robot_agent.identification.pilot import Driven, KnowingPilot, ends_of
from robot_agent.motors.motors import Pulse
from vision.sight import Sight

FIRST = Pulse(0.5, 0.5, 0.3)
"""Of a robot of which nothing is known."""
BACK = (Pulse(-0.9, -0.9, 0.7), Pulse(-0.5, -0.7, 0.9), Pulse(-1.0, -1.0, 0.35), Pulse(-0.7, -0.5, 0.9))
"""Pulses that back off, in turn."""
SLOW = (Pulse(0.3, 0.3, 0.9), Pulse(0.2, 0.2, 0.9))
"""Every third pulse to the target is one of these."""
UNDONE = 1
"""How often the last pulse is undone at most, when the target is lost by it."""
FAR, NEAR = 9, 17
"""It turns back where the target fills fewer slices than the first, or more than the second."""


def dozen(pilot: KnowingPilot, robot: Driven, also: Learns, moves: int = 12) -> Iterator[int]:
    """Make moves that say much of a robot; yields the number of each. It ends where the target stays lost.

    Args:
        pilot: learns from them, and shortens what could lose the target.
        robot: stands before its target and sees it.
        also: learns from them too.
        moves: how many.
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
