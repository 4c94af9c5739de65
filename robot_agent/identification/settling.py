"""`Settling`: whether pictures are taken too early, and then a rest before each.

A robot may still coast when its picture is taken, or the picture may be older than the end of the pulse: a
queue in the camera, a network. A filter would take what is missing for another speed. So the first moves are
looked at twice, with a rest between; if the second picture often shows another place, and a third one the
same as the second, the robot rests before every picture from then on.
"""

from collections.abc import Callable

from vision.sight import Sight

Again = Callable[[float], Sight | None]
"""A function that lets the robot stand for a number of seconds, and takes another picture."""

REST = 0.5
"""Seconds that a robot stands before the second picture."""
CHECKED, MORE = 6, 4
"""Number of moves that are looked at twice, and how many more for each of them that was seen too early."""
SURE = 2
"""Number of moves seen too early after which all pictures count as early."""
MOVED, SAME = 5, 1
"""The target has moved sideways if the sum of both ends differs by at least `MOVED` slices; it stands if
each end differs by at most `SAME`. Noise moves the ends each for itself, a turn both alike."""
WORDS = (
    f"Pictures come late, or while the robot still coasts: it rests {REST:g} s before each. To spare that, "
    "raise camera.settle_seconds; in a robot of your own, let pulse() return only once the wheels stand, and "
    "read() give a picture that was taken after the call."
)


class Settling:
    """Looks at a robot's first moves twice, and at all moves if that showed another place."""

    def __init__(self) -> None:
        """Begin with no moves."""
        self.checked = self.early = 0
        """Number of moves that were looked at twice, and of those that were seen too early."""

    @property
    def late(self) -> bool:
        """Whether the robot rests before every picture."""
        return self.early >= SURE

    @property
    def _checks(self) -> bool:
        """Whether the next move is looked at twice."""
        return self.checked < CHECKED + MORE * self.early

    def anew(self) -> None:
        """Check again, unless a check is under way: the robot may have become another one."""
        if not (self.late or self._checks):
            self.checked = self.early = 0

    def settle(
        self, sight: Sight | None, again: Again, *, moved: bool = True, expected: bool = True
    ) -> Sight | None:
        """Return the sight of a robot that stands, from the first sight after a move.

        Args:
            sight: what was seen at once.
            again: rests and looks once more.
            moved: whether the robot was just commanded to move.
            expected: whether the target should be in view; a picture that misses it is taken again.
        """
        checks = moved and self._checks
        if not (self.late or (checks if sight is not None else expected)):
            return sight
        second = again(REST)
        if second is None and expected:
            second = again(0.0)  # a detector may miss its target in one picture
        if self.late or not checks or sight is None or second is None:
            return second
        self.checked += 1
        if abs(sight.x1 + sight.x2 - second.x1 - second.x2) < MOVED:
            return second
        third = again(REST)
        self.early += third is not None and _apart(second, third) <= SAME
        return third or again(0.0)


def _apart(one: Sight, other: Sight) -> int:
    """Return by how many slices an end of two sights differs, at most."""
    return max(abs(one.x1 - other.x1), abs(one.x2 - other.x2))
