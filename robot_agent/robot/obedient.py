"""A robot that calls a function before each look and each pulse, so that commands can pause or end it."""

from collections.abc import Callable
from typing import Any

from robot_agent.motors.motors import Pulse
from robot_agent.robot.robot import Robot
from vision.cameras.camera import CameraError
from vision.sight import Sight


class ObedientRobot(Robot):
    """A robot that calls `between` before each look and each pulse, to wait for or obey commands."""

    def __init__(self, between: Callable[[], None], *parts: Any, **more: Any) -> None:
        """Put the robot together.

        Args:
            between: is called before each look and each pulse. It may wait, or raise to end the move:
                `TakenOver` when a person has driven in the meantime.
            *parts: positional arguments of `Robot`.
            **more: keyword arguments of `Robot`.
        """
        super().__init__(*parts, **more)
        self._between = between
        self.is_about_to_look = False
        """Inside `between`: True before a look, False before a pulse."""
        self.is_on_its_way = False
        """Whether the robot is driving to a new start by itself."""

    def look(self) -> Sight | None:
        """Call `between`, then take a picture; see `Robot.look`."""
        self.is_about_to_look = True
        try:
            self._between()
        finally:
            self.is_about_to_look = False
        return super().look()

    def act(self, left: float, right: float, seconds: float) -> None:
        """Call `between`, then turn the wheels; see `Robot.act`."""
        self._between()
        super().act(left, right, seconds)

    def reset(self) -> None:
        """Bring the robot to a new start; see `Robot.reset`."""
        self.is_on_its_way = True
        try:
            super().reset()
        finally:
            self.is_on_its_way = False

    def act_by_hand(self, pulse: Pulse) -> None:
        """Turn the wheels as a person commands, without calling `between`."""
        super().act(pulse.left, pulse.right, pulse.seconds)

    def look_after(self, pulse: Pulse | None) -> Sight | None:
        """Look without calling `between`, after a person's `pulse` if given; None if the camera fails."""
        self._pulses = None if pulse is None else [pulse]
        try:
            return super().look()
        except CameraError:
            return None
