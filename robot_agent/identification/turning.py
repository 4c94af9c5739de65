"""Has the target been seen to go aside when the robot turned?

Until then the first moves of a robot are curves. A straight one says nothing of which wheel is which, nor
that the picture is turned by a quarter, so that its slices count from top to bottom.
"""

import math

from robot_agent.identification.model import SCALE
from robot_agent.identification.parameters import FULL_SPEED, WHEEL_BASE
from robot_agent.identification.wirings import Ends
from robot_agent.motors.motors import Pulse
from vision.sight import SLICES

SURELY, LEAST_SLOPE, SPREAD = 4.0, 0.15, 1.5
"""A turn was seen when the target went aside by at least this number of deviations, and by this share of
what a nominal robot would show; the third is the deviation of an edge, slices."""
CURVED = 0.6
"""Power of the inner wheel in a curve, a share of the outer one's."""
WANTED, MORE, MOST = 4.0, 2.0, 14.0
"""Slices by which a nominal robot's target goes aside in a curve: at least, more in each next, at most."""
TWICE = 2.0
"""It goes aside by at most this factor more: a target that gets out of view shows nothing."""
MARGIN, PATIENT, LATER = 1.5, 4, 1.2
"""The target stays in view even if it goes aside by this factor more than a nominal robot's. After the
second number of moves without a turn that was seen, the factor is the third."""
LEAST_ROOM = 3
"""Slices by which it may go aside in any case."""
MIDDLE = 9
"""A target is in the middle if the sum of its ends differs from the picture's by at most this, slices."""


class Turning:
    """How far the target went aside against how far it should have gone."""

    def __init__(self) -> None:
        """Begin: nothing was seen."""
        self.moves = 0
        self.still = 0
        """Number of the last moves, in a row, that did not change the sight."""
        self._before: Ends = None
        self._expected = self._together = 0.0
        """Sums over the moves, slices squared: expected squared, and expected times seen way aside."""

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""
        self._before = ends

    def observe(self, pulse: Pulse, ends: Ends) -> None:
        """Learn from a move."""
        self.moves += 1
        before, self._before = self._before, ends
        same = (
            before is not None
            and ends is not None
            and max(abs(ends[0] - before[0]), abs(ends[1] - before[1])) <= 1
        )
        self.still = self.still + 1 if same else 0
        if before is None or ends is None:
            return
        turn = (pulse.right - pulse.left) * FULL_SPEED * pulse.seconds / WHEEL_BASE
        self._expected += (turn / SCALE) ** 2
        self._together += turn / SCALE * (sum(ends) - sum(before)) / 2

    @property
    def was_seen(self) -> bool:
        """Whether it has gone aside with the robot's turns, to whichever side."""
        least = max(SURELY * SPREAD * math.sqrt(self._expected), LEAST_SLOPE * self._expected)
        return abs(self._together) > least

    def curve(self, pulse: Pulse, ends: tuple[int, int]) -> Pulse:
        """Weaken one wheel: to where the target is, or to either side in turn where it is in the middle.

        The longer no turn was seen, the sharper it is.
        """
        off = sum(ends) - (SLICES - 1)
        outer = max(pulse.left, pulse.right, 0.3)
        wanted = min(WANTED + MORE * self.moves, MOST) * SCALE * WHEEL_BASE / FULL_SPEED
        seconds = max(pulse.seconds, min(wanted / outer, 1.0))
        inner = max(min(CURVED * outer, outer - wanted / seconds), 0.0)
        seconds = min(seconds, TWICE * wanted / (outer - inner))
        to_left = off < -MIDDLE or (off <= MIDDLE and self.moves % 2 == 0)
        room = (
            max(SLICES - 1 - ends[1] if to_left else ends[0], LEAST_ROOM) * SCALE
        )  # the target goes the other way
        turn = (outer - inner) * FULL_SPEED * seconds / WHEEL_BASE
        margin = MARGIN if self.moves < PATIENT else LATER
        seconds = min(seconds, seconds * room / (margin * turn))
        return Pulse(*((inner, outer) if to_left else (outer, inner)), seconds)
