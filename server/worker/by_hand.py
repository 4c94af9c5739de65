"""`Takeover` records what a person drives while a job is paused: pulses, and the sight after each."""

import time
from collections.abc import Callable

from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.motors.motors import Pulse
from robot_agent.robot.takeover import HandMove, PulseCutter, TakenOver
from vision.sight import Sight

MOST = 500
"""Largest number of pulses that one takeover keeps."""


class Takeover:
    """A record of what a person drives, from when they take the wheels until the job goes on."""

    def __init__(self, look: Callable[[Pulse | None], Sight | None], before: bool, longest: float) -> None:
        """Start recording.

        Args:
            look: takes a picture and finds the target in it; gets the pulse before it, None for the first.
            before: whether the robot was about to look; then a picture is taken now.
            longest: length of the longest pulse, seconds.
        """
        self._look, self._cutter = look, PulseCutter(longest)
        self._before = look(None) if before else None
        self._moves: list[HandMove] = []
        self._until = 0.0

    def command(self, left: float, right: float) -> None:
        """Record that the wheels turn with these powers, in [-1, 1], from now on, for one lease."""
        self.lapse()
        now = time.monotonic()
        self._until = now + LEASE_SECONDS if (left, right) != (0.0, 0.0) else 0.0
        self._take(left, right, now)

    def lapse(self) -> None:
        """Record that the wheels have stopped, if the lease is over."""
        if self._until and time.monotonic() >= self._until:
            until, self._until = self._until, 0.0
            self._take(0.0, 0.0, until)

    def _take(self, left: float, right: float, now: float) -> None:
        pulse = self._cutter.command(left, right, now)
        if pulse is not None and len(self._moves) < MOST:
            self._moves.append(HandMove(pulse, self._look(pulse)))

    def end(self) -> TakenOver:
        """Return all that the person has driven."""
        now = time.monotonic()
        self._take(0.0, 0.0, min(now, self._until) if self._until else now)
        return TakenOver(self._before, tuple(self._moves))
