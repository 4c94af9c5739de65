"""A person takes the wheel of a robot that somebody else drives, and gives it back."""

from dataclasses import dataclass

from robot_agent.motors.motors import MAX_PULSE_SECONDS, Pulse
from vision.sight import Sight

SAME = 0.1
"""Powers that differ by less than this share of full speed belong to one pulse."""


@dataclass(frozen=True, slots=True)
class HandMove:
    """What a person did with the wheels for a while."""

    pulse: Pulse
    sight: Sight | None
    """What is seen after it."""


class TakenOver(BaseException):
    """A person had the wheels when the robot was to act or to look; it has done neither.

    It derives from BaseException so that nobody takes it for a failure of the robot.
    """

    def __init__(self, before: Sight | None, moves: tuple[HandMove, ...]) -> None:
        """Say what was seen before the person drove, and what they did."""
        super().__init__("A person drove meanwhile.")
        self.before, self.moves = before, moves


class PulseCutter:
    """Cuts what a person drives into pulses: while the powers stay about the same, and none is too long."""

    def __init__(self, longest: float = MAX_PULSE_SECONDS) -> None:
        """Cut pulses of at most `longest` seconds."""
        self._longest = longest
        self._left = self._right = 0.0
        self._ways = [0.0, 0.0]
        """Power times seconds of each wheel in the pulse under way."""
        self._seconds = 0.0
        self._at = 0.0

    def command(self, left: float, right: float, now: float) -> Pulse | None:
        """Take in that the wheels turn like this from now on; returns the pulse that this ends, if any.

        Args:
            left: share of full speed in [-1, 1].
            right: likewise.
            now: in seconds, on any clock that only grows.
        """
        self._pass(now)
        changed = max(abs(left - self._left), abs(right - self._right)) >= SAME
        stops = (left, right) == (0.0, 0.0)
        ended = self._cut() if changed or stops or self._seconds >= self._longest else None
        self._left, self._right = left, right
        return ended

    def _pass(self, now: float) -> None:
        """Let time pass under the last command."""
        seconds, self._at = max(now - self._at, 0.0), now
        if (self._left, self._right) != (0.0, 0.0):
            self._ways = [
                way + power * seconds
                for way, power in zip(self._ways, (self._left, self._right), strict=True)
            ]
            self._seconds += seconds

    def _cut(self) -> Pulse | None:
        """End the pulse under way."""
        seconds, ways = min(self._seconds, self._longest), self._ways
        self._seconds, self._ways = 0.0, [0.0, 0.0]
        if seconds < 1e-3:
            return None
        left, right = (min(max(way / seconds, -1.0), 1.0) for way in ways)
        return Pulse(left, right, seconds)
