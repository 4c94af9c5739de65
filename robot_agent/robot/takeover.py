"""Driving by hand while a policy drives: a person takes over the wheels, and gives them back."""

from dataclasses import dataclass

from robot_agent.motors.motors import MAX_PULSE_SECONDS, Pulse
from vision.sight import Sight

SAME = 0.1
"""Powers that differ by less than this share of full speed belong to one pulse."""


@dataclass(frozen=True, slots=True)
class HandMove:
    """One move that a person made: a pulse, and the sight after it."""

    pulse: Pulse
    sight: Sight | None
    """The sight after the pulse; None if nothing is seen."""


class TakenOver(BaseException):
    """Raised instead of a look or a pulse because a person had the wheels; the robot did neither.

    This is a BaseException, so that no `except Exception` takes it for a failure of the robot.
    """

    def __init__(self, before: Sight | None, moves: tuple[HandMove, ...]) -> None:
        """Keep the sight before the person drove, and the person's moves."""
        super().__init__("A person drove meanwhile.")
        self.before, self.moves = before, moves


class PulseCutter:
    """Cuts a person's driving into pulses: a pulse ends when the powers change or it gets too long."""

    def __init__(self, longest: float = MAX_PULSE_SECONDS) -> None:
        """Cut pulses of at most `longest` seconds."""
        self._longest = longest
        self._left = self._right = 0.0
        self._ways = [0.0, 0.0]
        """Power times seconds of the left and the right wheel in the present pulse."""
        self._seconds = 0.0
        self._at = 0.0

    def command(self, left: float, right: float, now: float) -> Pulse | None:
        """Note that the wheels turn like this from `now` on; return the pulse that this ends, or None.

        Args:
            left: share of full speed in [-1, 1].
            right: likewise.
            now: time in seconds, by any clock that never goes back.
        """
        self._pass(now)
        changed = max(abs(left - self._left), abs(right - self._right)) >= SAME
        stops = (left, right) == (0.0, 0.0)
        ended = self._cut() if changed or stops or self._seconds >= self._longest else None
        self._left, self._right = left, right
        return ended

    def _pass(self, now: float) -> None:
        """Add the time since the last call to the present pulse."""
        seconds, self._at = max(now - self._at, 0.0), now
        if (self._left, self._right) != (0.0, 0.0):
            self._ways = [
                way + power * seconds
                for way, power in zip(self._ways, (self._left, self._right), strict=True)
            ]
            self._seconds += seconds

    def _cut(self) -> Pulse | None:
        """End the present pulse and return it; None if there is none."""
        seconds, ways = min(self._seconds, self._longest), self._ways
        self._seconds, self._ways = 0.0, [0.0, 0.0]
        if seconds < 1e-3:
            return None
        left, right = (min(max(way / seconds, -1.0), 1.0) for way in ways)
        return Pulse(left, right, seconds)
