"""Robots that move in real time through the guard, and show pictures while they move."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from robot_agent.guard.client import GuardMotors
from robot_agent.motors.motors import check_pulse
from robot_agent.simulator import SimulatedRobot
from vision.cameras.camera import Camera
from vision.sight import Frame

PICTURE_SECONDS = 0.1
"""Time between two pictures of a moving robot."""

ORDER_SECONDS = 0.5
"""After a stop at the guard, the worker waits at most this time for the command that belongs to the stop."""

STOP_SECONDS = 0.02
"""While the wheels are let go of, the pulse is stopped again and again with this time between: it may only
have begun after the last stop."""


class RealtimeMotors:
    """Motors behind the server's guard: taken at the first pulse, and let go of when somebody else drives."""

    def __init__(
        self, socket: str, meanwhile: Callable[[float], None], must_stop: Callable[[], bool]
    ) -> None:
        """Take no wheels yet.

        Args:
            socket: path of the guard's socket.
            meanwhile: is called again and again during a pulse, with the seconds since its start.
            must_stop: returns whether a command has come that must stop the pulse.
        """
        self._socket, self._meanwhile, self._must_stop = socket, meanwhile, must_stop
        self._motors: GuardMotors | None = None
        self._cut = False
        """Whether the last pulse was stopped before its end."""
        self._using = threading.Lock()
        """Lock that is held while the motors turn, and while they are taken or let go of."""
        self._thread = ThreadPoolExecutor(1, "pulse")
        self._waiting = threading.Event()
        """An event that is never set, to wait with."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, see `Motors.pulse`."""
        check_pulse(left, right, seconds)
        begun = time.monotonic()
        done = self._thread.submit(self._pulse, left, right, seconds)
        try:
            while not wait([done], PICTURE_SECONDS).done:
                if self._must_stop():
                    self.stop()
                self._meanwhile(min(time.monotonic() - begun, seconds))
        finally:
            self._meanwhile(min(time.monotonic() - begun, seconds))
        done.result()
        if self._cut:
            self._await_order()

    def _await_order(self) -> None:
        """Wait for the command that belongs to a stop at the guard: the command may come after the stop.

        Without this wait, the pulse that was cut short would count as a whole one, and be learned from.
        """
        until = time.monotonic() + ORDER_SECONDS
        while not self._must_stop() and time.monotonic() < until:
            self._waiting.wait(0.002)

    def _pulse(self, left: float, right: float, seconds: float) -> None:
        with self._using:
            self._cut = False
            if self._must_stop():
                return
            if self._motors is None:
                self._motors = GuardMotors(self._socket)
            motors = self._motors
            motors.pulse(left, right, seconds)
            self._cut = motors.was_cut

    def stop(self) -> None:
        """Stop the wheels at once; may be called from any thread."""
        if (motors := self._motors) is not None:
            motors.stop()

    def let_go(self) -> None:
        """Stop, and leave the wheels to somebody else; may be called from any thread."""
        while not self._using.acquire(timeout=STOP_SECONDS):
            self.stop()
        try:
            motors, self._motors = self._motors, None
            if motors is not None:
                motors.close()
        finally:
            self._using.release()

    def close(self) -> None:
        """Let go for good."""
        self.let_go()
        self._thread.shutdown(wait=False)


class RealtimeSimulation:
    """The simulated robot in real time, as camera and motors: it moves while the guard runs its pulses."""

    can_reset = True

    def __init__(
        self,
        simulated: SimulatedRobot,
        socket: str,
        show: Callable[[], None],
        must_stop: Callable[[], bool],
    ) -> None:
        """Move `simulated` with the wheels of the guard at `socket`; `show` it while it moves."""
        self.simulated, self._show = simulated, show
        self._motors = RealtimeMotors(socket, self._advance, must_stop)
        self._start: tuple[Any, Any, Any] | None = None
        self._powers = (0.0, 0.0)

    @property
    def camera(self) -> "RealtimeSimulation":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "RealtimeSimulation":
        """The motors: this robot itself."""
        return self

    def read(self) -> Frame:
        """Draw the picture that the camera takes now."""
        return self.simulated.read()

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels; if the pulse is cut short, the robot moves only for the time that it lasted."""
        world = self.simulated.world
        self._start = world.place.copy(), world.heading.copy(), world.rng.bit_generator.state
        self._powers = left, right
        try:
            self._motors.pulse(left, right, seconds)
        finally:
            self._start = None

    def _advance(self, seconds: float) -> None:
        self._put(seconds)
        self._show()

    def _put(self, seconds: float) -> None:
        """Put the robot where it is `seconds` after the start of the pulse.

        Each call begins again at the start of the pulse, with the same noise. So the pulse ends at the same
        place as a pulse that is made in one piece.
        """
        if self._start is None:
            return
        world = self.simulated.world
        place, heading, noise = self._start
        world.place[:], world.heading[:] = place, heading
        world.rng.bit_generator.state = noise
        self.simulated.pulse(*self._powers, seconds)

    def move_along(self, left: float, right: float, seconds: float) -> None:
        """Move only the simulated robot, with the powers that somebody else gives to the wheels."""
        self.simulated.pulse(left, right, seconds)

    def stop(self) -> None:
        """Stop the wheels at once; may be called from any thread."""
        self._motors.stop()

    def reset(self) -> None:
        """Put the robot at a new random start."""
        self.simulated.reset()

    def seed(self, seed: int) -> None:
        """Seed all that is random."""
        self.simulated.seed(seed)

    def get_state(self) -> dict[str, Any]:
        """Return the robot's state, for `set_state`."""
        return self.simulated.get_state()

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore a state that `get_state` returned."""
        self.simulated.set_state(state)

    def let_go(self) -> None:
        """Leave the wheels to somebody else."""
        self._motors.let_go()

    def close(self) -> None:
        """Let go for good."""
        self._motors.close()


class RealtimeHardware:
    """A robot with a real camera, and with wheels behind the guard; pictures are shown while it moves."""

    def __init__(
        self, camera: Camera, socket: str, meanwhile: Callable[[], None], must_stop: Callable[[], bool]
    ) -> None:
        """Use `camera`, and the guard at `socket`; `meanwhile` is called again and again during a pulse."""
        self.camera = camera
        self.motors = RealtimeMotors(socket, lambda seconds: meanwhile(), must_stop)

    def let_go(self) -> None:
        """Leave the wheels to somebody else."""
        self.motors.let_go()

    def close(self) -> None:
        """Let go of the wheels first, then of the camera."""
        try:
            self.motors.close()
        finally:
            self.camera.close()
