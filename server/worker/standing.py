"""`Standing` shows what the camera sees while no job moves the robot, also when it is driven by hand."""

import time

from robot_agent.errors import RobotAgentError
from robot_agent.guard.lease import LEASE_SECONDS
from server.protocol.from_worker import Notice
from server.worker.frames import Frames
from server.worker.outbox import Outbox
from server.worker.robots import WorkerRobot
from vision.cameras.camera import CameraError

PICTURE_SECONDS = 0.5
"""Time between two pictures of a robot that stands still."""

FAULT_SECONDS = 5.0
"""Time after a camera fault until the camera is tried again."""


class Standing:
    """Shows the robot while no job moves it; a simulated robot moves as it is driven by hand."""

    def __init__(self, robot: WorkerRobot, frames: Frames, outbox: Outbox) -> None:
        """Show the pictures of `robot` through `frames`, and send camera faults through `outbox`."""
        self._robot, self._frames, self._outbox = robot, frames, outbox
        self.by_hand = False
        """Whether somebody drives by hand."""
        self._powers = (0.0, 0.0)
        self._powers_until = self._moved = self._next = 0.0

    @property
    def wait_seconds(self) -> float:
        """Time to wait for a command before the next `show`."""
        return 0.02 if self.by_hand else 0.1

    def take_wheels(self) -> None:
        """Note that somebody drives by hand from now on."""
        self.by_hand = True
        self._robot.open()

    def return_wheels(self) -> None:
        """Note that nobody drives by hand any more."""
        self.by_hand, self._powers = False, (0.0, 0.0)

    def move_along(self, left: float, right: float) -> None:
        """Note that the wheels turn with these powers by hand, for one lease."""
        now = time.monotonic()
        self.show()
        self._powers = left, right
        self._powers_until, self._moved = now + LEASE_SECONDS, now

    def show_soon(self) -> None:
        """Let the next call of `show` send a picture without waiting."""
        self._next = 0.0

    def show(self) -> None:
        """Move a simulated robot if it is driven by hand; send a picture if it is time for one."""
        now = time.monotonic()
        if self.by_hand:
            passed, self._moved = min(now, self._powers_until) - self._moved, now
            if passed > 0 and self._powers != (0.0, 0.0):
                self._robot.move_along(*self._powers, min(passed, 1.0))
        elif now < self._next:
            return
        if not self._frames.due() or not self._robot.has_open_camera:
            return
        self._next = now + PICTURE_SECONDS
        try:
            self._robot.show()
        except (CameraError, RobotAgentError, ValueError) as error:
            self._next = now + FAULT_SECONDS
            self._outbox.send_newest(Notice("warning", str(error)))
