"""`Turning`: whether the target was seen to move sideways in the picture when the robot turned.

Until then, the first moves of a robot are curves. A straight move does not show which wheel is which; nor
does it show a camera that is mounted turned by 90 degrees, so that the slices go from top to bottom.
"""

import math

from robot_agent.identification.model import SCALE
from robot_agent.identification.parameters import FULL_SPEED, WHEEL_BASE
from robot_agent.identification.wirings import Ends
from robot_agent.motors.motors import Pulse
from vision.sight import SLICES

SURELY, LEAST_SLOPE, SPREAD = 4.0, 0.15, 1.5
"""A turn was seen if the target moved sideways by more than `SURELY` standard deviations, and by more than
the share `LEAST_SLOPE` of what a nominal robot shows. `SPREAD` is the deviation of the place, slices."""
CURVED = 0.6
"""Largest power of the inner wheel in a curve, a share of the outer wheel's."""
WANTED, MORE, MOST = 4.0, 2.0, 14.0
"""Slices by which a nominal robot's target moves sideways in a curve: `WANTED` in the first one, `MORE` more
after each move, `MOST` at most."""
TWICE = 2.0
"""The target may move sideways at most this times as far as wanted: out of view, it would show nothing."""
MARGIN, PATIENT, LATER = 1.5, 4, 1.2
"""A curve is so short that the target stays in view even if it moves sideways `MARGIN` times as far as a
nominal robot's. From `PATIENT` moves on, the factor is `LATER`."""
LEAST_ROOM = 3
"""Slices by which the target may always move sideways, however near it is to the border."""
MIDDLE = 9
"""The target is in the middle if the sum of its first and last slice differs by at most this from 41."""


class Turning:
    """How far the target has moved sideways, compared with how far it should have, over all moves."""

    def __init__(self) -> None:
        """Begin with no moves."""
        self.moves = 0
        self.still = 0
        """Number of moves in a row, up to the last one, that did not change the sight."""
        self._before: Ends = None
        self._expected = self._together = 0.0
        """Sums over the moves, squared slices: expected shift squared, and expected times seen shift."""

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
        """Whether the target has moved sideways with the robot's turns, to either side."""
        least = max(SURELY * SPREAD * math.sqrt(self._expected), LEAST_SLOPE * self._expected)
        return abs(self._together) > least

    def curve(self, pulse: Pulse, ends: tuple[int, int]) -> Pulse:
        """Return the pulse as a curve, with one wheel weaker.

        It turns to the side of the target; if the target is in the middle, left and right in turn. The more
        moves were made, the sharper the curve is.
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
