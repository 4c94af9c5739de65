"""A robot that asks before each look and each pulse whether it may, wherever the one who drives it is."""

from collections.abc import Callable
from typing import Any

from robot_agent.motors.motors import Pulse
from robot_agent.robot.robot import Robot
from vision.cameras.camera import CameraError
from vision.sight import Sight


class ObedientRobot(Robot):
    """A robot for which commands are taken before each look and each pulse."""

    def __init__(self, between: Callable[[], None], *parts: Any, **more: Any) -> None:
        """Put the robot together.

        Args:
            between: is called before each look and each pulse; it may wait, or raise to end what is under
                way: `TakenOver` when a person has driven meanwhile.
            *parts: as `Robot` takes them.
            **more: likewise.
        """
        super().__init__(*parts, **more)
        self._between = between
        self.is_about_to_look = False
        """Whether `between` is called before a look; before a pulse otherwise."""
        self.is_on_its_way = False
        """Whether it goes to a new start by itself."""

    def look(self) -> Sight | None:
        """Take a picture, as soon as it may; see `Robot.look`."""
        self.is_about_to_look = True
        try:
            self._between()
        finally:
            self.is_about_to_look = False
        return super().look()

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, as soon as it may; see `Robot.act`."""
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
        """Turn the wheels as a person wants it, without asking first."""
        super().act(pulse.left, pulse.right, pulse.seconds)

    def look_after(self, pulse: Pulse | None) -> Sight | None:
        """Look at once, after a pulse of a person if one is given; None also where the camera fails."""
        self._pulses = None if pulse is None else [pulse]
        try:
            return super().look()
        except CameraError:
            return None
