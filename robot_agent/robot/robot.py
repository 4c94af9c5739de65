"""One robot, real or simulated: it looks, acts and stops."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from robot_agent.errors import SettingsError
from robot_agent.motors.motors import Pulse, check_pulse
from robot_agent.robot.hardware import CameraAndMotors, Hardware
from robot_agent.robot.own import adapt, open_own
from robot_agent.robot.reset import Manual, Start, ask_at_terminal
from vision.detectors.detector import Detector
from vision.detectors.registry import open_detector
from vision.factory import is_factory
from vision.sight import Frame, Sight, draw_sight

Witness = Callable[[Pulse | None, Sight | None], object]
"""A function that gets each move: the pulse, and the sight after it. The pulse is None if the robot came to
this place in another way than by one pulse."""


class Settle(Protocol):
    """A function that is given the first sight at a place, and may look again."""

    def __call__(
        self, sight: Sight | None, again: Callable[[float], Sight | None], *, moved: bool, expected: bool
    ) -> Sight | None:
        """Return the sight to act upon; `again` stands for a number of seconds and then looks."""


def _once_more(
    sight: Sight | None, again: Callable[[float], Sight | None], *, moved: bool, expected: bool
) -> Sight | None:
    """Take a second picture if a target that should be in view is not seen."""
    return again(0.0) if sight is None and expected else sight


class Robot:
    """A camera and motors with a detector: looks, acts, stops."""

    def __init__(
        self,
        hardware: CameraAndMotors,
        detector: Detector,
        *,
        start: Start | None = None,
        settle_seconds: float = 0.0,
        sleep: Callable[[float], object] = time.sleep,
        looks_again: bool = True,
    ) -> None:
        """Put camera, motors and detector together.

        Args:
            hardware: the camera and the motors: `Hardware`, or a user's own robot.
            detector: turns a picture into a sight.
            start: how the robot comes to a new start. If not given: by its own `reset()`, or with the help
                of a person if the hardware has no `reset()`.
            settle_seconds: time to stand still after a move before a picture is taken.
            sleep: waits for a number of seconds.
            looks_again: whether to take a second picture if a target that should be in view is not seen. The
                simulator's pictures need none, and its runs stay as they were.
        """
        self.hardware: Hardware = adapt(hardware)
        self.detector, self.start = detector, start
        self.settle_seconds, self._sleep = settle_seconds, sleep
        self._moved, self._looks_again = False, looks_again
        self.witness: Witness | None = None
        """Is called with every sight after a move, no matter who commanded the move."""
        self.seen: Callable[[Frame], object] | None = None
        """Is called once in each `look`, with the last picture it took; it must not change the picture."""
        self.retaken: Callable[[], object] = lambda: None
        """Is called before a second picture of the same place takes the place of the first."""
        self.settle: Settle = _once_more
        """Decides from the first sight whether to look again, and returns the last sight."""
        self._pulses: list[Pulse] | None = None
        """The pulses since the last look; None when it is unknown how the robot moved since then."""
        self.frame: Frame | None = None
        """The last picture that was taken."""
        self.sight: Sight | None = None
        """The sight found in `frame`."""
        self._expects = True
        """Whether the target should be in view: it was at the last look, or an episode begins."""

    def look(self) -> Sight | None:
        """Take a picture while standing still, and return the target's sight; None when nothing is seen.

        If the target should be in view and is not, take a second picture: a detector may miss it in one.
        """
        if self._moved and self.settle_seconds:
            self._sleep(self.settle_seconds)
        moved, self._moved = self._moved, False
        self._see()
        if self._looks_again:
            self.sight = self.settle(self.sight, self._again, moved=moved, expected=self._expects)
        self._expects = self.sight is not None
        if self.seen is not None and self.frame is not None:
            self.seen(self.frame)
        pulses, self._pulses = self._pulses, []
        if self.witness is not None and pulses != []:
            self.witness(pulses[0] if pulses is not None and len(pulses) == 1 else None, self.sight)
        return self.sight

    def _again(self, seconds: float) -> Sight | None:
        """Stand for `seconds`, and take a picture that takes the place of the last one."""
        if seconds:
            self.hardware.motors.pulse(0.0, 0.0, seconds)
        self.retaken()
        self._see()
        return self.sight

    def _see(self) -> None:
        """Take a picture, and find the target in it."""
        self.frame = self.hardware.camera.read()
        self.sight = self.detector.detect(self.frame)

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels for `seconds`; arguments, ranges and errors are those of `Motors.pulse`."""
        check_pulse(left, right, seconds)
        self._moved = True
        before, self._pulses = self._pulses, None  # stays None if the pulse is cut short by an error
        try:
            self.hardware.motors.pulse(left, right, seconds)
        except BaseException:
            self.stop()
            raise
        if before is not None:
            self._pulses = [*before, Pulse(left, right, seconds)]

    def stop(self) -> None:
        """Stop the wheels at once."""
        self.hardware.motors.stop()

    def picture(self) -> Frame:
        """Return the last picture with its sight drawn on it; take a picture first if there is none."""
        if self.frame is None:
            self.look()
        assert self.frame is not None
        return draw_sight(self.frame, self.sight)

    def reset(self) -> None:
        """Bring the robot to a new start; the wheels are stopped when that fails."""
        self._expects = True
        try:
            self._pulses = None
            if self.start is not None:
                self.start.begin(self)
            elif self.hardware.can_reset:
                self.hardware.reset()
            else:
                Manual(ask_at_terminal).begin(self)
            self._pulses, self._expects = None, True
        except BaseException:
            self.stop()
            raise

    def seed(self, seed: int) -> None:
        """Seed the random numbers of the hardware, if it has any."""
        self.hardware.seed(seed)

    def get_state(self) -> dict[str, Any]:
        """Return the state from which the hardware can be resumed exactly; empty for a real robot."""
        return self.hardware.get_state()

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        if state:
            self.hardware.set_state(state)

    def close(self) -> None:
        """Stop the wheels and close the devices."""
        try:
            self.stop()
        finally:
            self.hardware.close()


def open_hardware(name: str, *, seed: int | None = None, **simulator: Any) -> Hardware:
    """Open the camera and the motors that `--robot` names.

    Args:
        name: `sim`, or `MODULE:FACTORY`, a callable without arguments that returns `CameraAndMotors`.
        seed: seed of the simulated robot, and of any other that has a `seed`.
        **simulator: keyword arguments of `SimulatedRobot`.

    Raises:
        SettingsError: there is no such factory, or what it returned cannot look or drive.
        RobotFailedError: the factory raised something.
    """
    if name == "sim":
        from robot_agent.simulator import SimulatedRobot

        return SimulatedRobot(seed=seed, **simulator)
    if not is_factory(name):
        raise SettingsError(
            f"The robot {name!r} is unknown; give sim, pi, your own as MODULE:FACTORY, or the address of one "
            "on the network as http://robot.local:8080."
        )
    own = open_own(name)
    if seed is not None:
        own.seed(seed)
    return own


def open_robot(name: str = "sim", *, detector: Detector | None = None, seed: int | None = None) -> Robot:
    """Open a robot by name with a detector: the colour detector's reference red if none is given."""
    return Robot(
        open_hardware(name, seed=seed), detector or open_detector("color"), looks_again=name != "sim"
    )
