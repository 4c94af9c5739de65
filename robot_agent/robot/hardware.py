"""The hardware of a robot: a camera and motors, which are real, simulated, or your own."""

from typing import Any, Protocol, runtime_checkable

from robot_agent.motors.motors import Motors
from vision.cameras.camera import Camera
from vision.sight import Frame


class FrameSource(Protocol):
    """An object that takes pictures."""

    def read(self) -> Frame:
        """Take a picture: (height, width, 3) uint8 BGR."""


class OwnedMotors(Motors, Protocol):
    """Motors that must be closed when they are not needed any more."""

    def close(self) -> None:
        """Stop the wheels and release the motors."""


class CameraAndMotors(Protocol):
    """The least that a robot has: what a factory of `--robot MODULE:FACTORY` returns.

    The robot may have more methods. `reset()` brings it to a new start by itself. `close()` closes the
    devices. With `seed(int)`, `get_state()` and `set_state(state)`, its runs can be repeated and resumed
    exactly.
    """

    @property
    def camera(self) -> FrameSource:
        """The object that takes the pictures."""

    @property
    def motors(self) -> Motors:
        """The object that turns the wheels."""


@runtime_checkable
class Hardware(CameraAndMotors, Protocol):
    """A camera and motors, and everything else that training needs of a robot."""

    @property
    def can_reset(self) -> bool:
        """Whether `reset` brings the robot to a new start by itself."""

    def reset(self) -> None:
        """Bring the robot to a new start; do nothing if `can_reset` is False."""

    def seed(self, seed: int) -> None:
        """Seed the robot's random numbers, if it has any."""

    def get_state(self) -> dict[str, Any]:
        """Return the state from which the robot can be resumed exactly; empty if it has no such state."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""

    def close(self) -> None:
        """Close the devices."""


class RobotCamera:
    """The camera of a whole robot; closing this camera closes the robot."""

    def __init__(self, hardware: Hardware) -> None:
        """Take the pictures with the camera of `hardware`."""
        self._hardware = hardware

    def read(self) -> Frame:
        """Take a picture."""
        return self._hardware.camera.read()

    def close(self) -> None:
        """Close the whole robot."""
        self._hardware.close()


class NoCamera:
    """The camera of a robot that is opened only to turn its wheels."""

    def read(self) -> Frame:
        """Raise RuntimeError: this robot has no open camera."""
        raise RuntimeError("This robot was opened to drive only.")

    def close(self) -> None:
        """Do nothing."""


class NoWheels:
    """The motors of a robot that is opened only to look."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Raise RuntimeError: this robot has no open motors."""
        raise RuntimeError("This robot was opened to look only.")

    def stop(self) -> None:
        """Do nothing: nothing moves."""

    def close(self) -> None:
        """Do nothing."""


class RealRobot:
    """A real robot: a camera, and motors behind the guard."""

    can_reset = False

    def __init__(self, camera: Camera, motors: OwnedMotors) -> None:
        """Put camera and motors together."""
        self.camera, self.motors = camera, motors

    def reset(self) -> None:
        """Do nothing: a person, or `BackAndSearch`, brings it to its start."""

    def seed(self, seed: int) -> None:
        """Do nothing: the randomness of a real robot cannot be seeded."""

    def get_state(self) -> dict[str, Any]:
        """Return an empty state: a real robot cannot be put back to an earlier one."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Close the motors first, then the camera."""
        try:
            self.motors.close()
        finally:
            self.camera.close()
