"""The body of a robot of wood and wheels, put together of a camera and motors."""

from robot_agent.guard.client import GuardMotors
from vision.cameras.camera import Camera
from vision.sight import Frame


class NoCamera:
    """The camera of a robot that is only to turn its wheels."""

    def read(self) -> Frame:
        """Refuse."""
        raise RuntimeError("This robot was opened to drive only.")

    def close(self) -> None:
        """Do nothing."""


class NoWheels:
    """The motors of a robot that is only to look."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Refuse."""
        raise RuntimeError("This robot was opened to look only.")

    def stop(self) -> None:
        """Do nothing: nothing moves."""

    def close(self) -> None:
        """Do nothing."""


class Hardware:
    """The body of a robot of wood and wheels: a camera, and motors behind the guard."""

    def __init__(self, camera: Camera, motors: GuardMotors | NoWheels) -> None:
        """Put them together."""
        self.camera, self.motors = camera, motors

    def close(self) -> None:
        """Let go of the wheels first, then of the camera."""
        try:
            self.motors.close()
        finally:
            self.camera.close()
