"""What a robot is made of: a camera and motors, real, simulated, or your own."""

from typing import Any, Protocol, runtime_checkable

from robot_agent.motors.motors import Motors
from vision.cameras.camera import Camera
from vision.sight import Frame


class FrameSource(Protocol):
    """What takes pictures."""

    def read(self) -> Frame:
        """Take a picture: (height, width, 3) uint8 BGR."""


class OwnedMotors(Motors, Protocol):
    """Motors that are given back when they are not needed any more."""

    def close(self) -> None:
        """Stop the wheels and let go of them."""


class CameraAndMotors(Protocol):
    """The least that a robot has: what a factory of `--robot MODULE:FACTORY` returns.

    It may have more. `reset()` brings it to a new start by itself. `close()` gives its devices back. With
    `seed(int)`, `get_state()` and `set_state(state)`, its runs can be repeated and resumed exactly.
    """

    @property
    def camera(self) -> FrameSource:
        """What takes the pictures."""

    @property
    def motors(self) -> Motors:
        """What turns the wheels."""


@runtime_checkable
class Hardware(CameraAndMotors, Protocol):
    """A camera and motors, and everything else that training needs of a robot."""

    @property
    def can_reset(self) -> bool:
        """Whether it comes to a new start by itself, with `reset`."""

    def reset(self) -> None:
        """Come to a new start; nothing happens if it cannot do that by itself."""

    def seed(self, seed: int) -> None:
        """Seed its random numbers, if it has any."""

    def get_state(self) -> dict[str, Any]:
        """Return what it needs to go on as it would have; empty for one that has no such state."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""

    def close(self) -> None:
        """Give the devices back."""


class RobotCamera:
    """The camera of a whole robot, which is given back with it."""

    def __init__(self, hardware: Hardware) -> None:
        """Look through the eyes of `hardware`."""
        self._hardware = hardware

    def read(self) -> Frame:
        """Take a picture."""
        return self._hardware.camera.read()

    def close(self) -> None:
        """Give the robot back."""
        self._hardware.close()


class NoCamera:
    """The camera of a robot that is opened only to turn its wheels."""

    def read(self) -> Frame:
        """Refuse."""
        raise RuntimeError("This robot was opened to drive only.")

    def close(self) -> None:
        """Do nothing."""


class NoWheels:
    """The motors of a robot that is opened only to look."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Refuse."""
        raise RuntimeError("This robot was opened to look only.")

    def stop(self) -> None:
        """Do nothing: nothing moves."""

    def close(self) -> None:
        """Do nothing."""


class RealRobot:
    """A real robot: a camera, and motors behind the guard."""

    can_reset = False

    def __init__(self, camera: Camera, motors: OwnedMotors) -> None:
        """Put them together."""
        self.camera, self.motors = camera, motors

    def reset(self) -> None:
        """Do nothing: a person, or `BackAndSearch`, brings it to its start."""

    def seed(self, seed: int) -> None:
        """Do nothing: the randomness of a real robot cannot be seeded."""

    def get_state(self) -> dict[str, Any]:
        """Return nothing: a real robot is where it is."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Let go of the wheels first, then of the camera."""
        try:
            self.motors.close()
        finally:
            self.camera.close()
