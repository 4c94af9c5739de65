"""A robot that is watched while it moves: in real time, through the guard, with pictures meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from robot_agent.guard.client import GuardMotors
from robot_agent.motors.motors import check_pulse
from robot_agent.robot.hardware import RealRobot
from robot_agent.simulator import SimulatedRobot
from vision.cameras.camera import Camera
from vision.sight import Frame

MOTION_PICTURES = 0.1
"""Seconds between two pictures of a moving robot."""


class LiveWheels:
    """Wheels behind the server's guard, taken when they are to turn, and let go of for who drives by hand."""

    def __init__(self, socket: str, meanwhile: Callable[[float], None]) -> None:
        """Drive the wheels of the guard at `socket`; call `meanwhile` with the seconds of a pulse so far."""
        self._socket, self._meanwhile = socket, meanwhile
        self._motors: GuardMotors | None = None
        self._thread = ThreadPoolExecutor(1, "pulse")

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, see `Motors.pulse`."""
        check_pulse(left, right, seconds)
        if self._motors is None:
            self._motors = GuardMotors(self._socket)
        begun = time.monotonic()
        done: Future[None] = self._thread.submit(self._motors.pulse, left, right, seconds)
        try:
            while not wait([done], MOTION_PICTURES).done:
                self._meanwhile(min(time.monotonic() - begun, seconds))
        finally:
            self._meanwhile(min(time.monotonic() - begun, seconds))
        done.result()

    def stop(self) -> None:
        """Stop the wheels at once; may be called from any thread."""
        if (motors := self._motors) is not None:
            motors.stop()

    def let_go(self) -> None:
        """Leave the wheels to someone else."""
        motors, self._motors = self._motors, None
        if motors is not None:
            motors.close()

    def close(self) -> None:
        """Let go for good."""
        self.let_go()
        self._thread.shutdown(wait=False)


class LiveRoom:
    """The simulated robot in real time: its wheels are the guard's, and the room moves as they turn."""

    can_reset = True

    def __init__(self, room: SimulatedRobot, socket: str, show: Callable[[], None]) -> None:
        """Move `room` with the wheels of the guard at `socket`; `show` it while it moves."""
        self.room, self._show = room, show
        self._wheels = LiveWheels(socket, self._advance)
        self._start: tuple[Any, Any, Any] | None = None
        self._powers = (0.0, 0.0)
        self._last = 0.0

    @property
    def camera(self) -> "LiveRoom":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "LiveRoom":
        """The motors: this robot itself."""
        return self

    def read(self) -> Frame:
        """Draw the picture that the camera takes now."""
        return self.room.read()

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels; the room is where they left it, also when the pulse is cut short."""
        world = self.room.world
        self._start = world.place.copy(), world.heading.copy(), world.rng.bit_generator.state
        self._powers = left, right
        try:
            self._wheels.pulse(left, right, seconds)
        finally:
            self._start = None

    def _advance(self, seconds: float) -> None:
        self._put(seconds)
        self._show()

    def _put(self, seconds: float) -> None:
        """Put the robot where it is so long after the start of the pulse.

        Each part of a pulse is made from its start with the same noise, so that the whole one ends where
        it would have if nobody had watched.
        """
        if self._start is None:
            return
        world = self.room.world
        place, heading, noise = self._start
        world.place[:], world.heading[:] = place, heading
        world.rng.bit_generator.state = noise
        self.room.pulse(*self._powers, seconds)

    def creep(self, left: float, right: float, seconds: float) -> None:
        """Move the room alone, by what somebody else has the wheels do."""
        self.room.pulse(left, right, seconds)

    def stop(self) -> None:
        """Stop the wheels at once; may be called from any thread."""
        self._wheels.stop()

    def reset(self) -> None:
        """Put the robot at a new start."""
        self.room.reset()

    def seed(self, seed: int) -> None:
        """Seed all that is random."""
        self.room.seed(seed)

    def get_state(self) -> dict[str, Any]:
        """What the robot needs to go on as it would have."""
        return self.room.get_state()

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        self.room.set_state(state)

    def let_go(self) -> None:
        """Leave the wheels to someone else."""
        self._wheels.let_go()

    def close(self) -> None:
        """Let go for good."""
        self._wheels.close()


class LiveHardware(RealRobot):
    """A camera and the guard's wheels; pictures are shown while it moves."""

    def __init__(self, camera: Camera, socket: str, meanwhile: Callable[[], None]) -> None:
        """Put them together; `meanwhile` is called while the wheels turn."""
        self._wheels = LiveWheels(socket, lambda seconds: meanwhile())
        super().__init__(camera, self._wheels)

    def let_go(self) -> None:
        """Leave the wheels to someone else."""
        self._wheels.let_go()
