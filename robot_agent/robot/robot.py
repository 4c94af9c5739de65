"""One robot, real or simulated: it looks, acts and stops."""

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from robot_agent.errors import RobotAgentError, RobotFailedError, SettingsError
from robot_agent.motors.motors import Motors, check_pulse
from robot_agent.robot.reset import Manual, Start
from vision.cameras.camera import Camera
from vision.detectors.detector import Detector, open_detector
from vision.factory import FactoryError, FactoryFailedError, is_factory, open_factory
from vision.sight import Frame, Sight, draw_sight


def ask_at_terminal(words: str) -> None:
    """Tell a person what to do and wait for Enter; where there is no terminal, nobody is waited for."""
    if sys.stdin is not None and sys.stdin.isatty():
        input(f"{words} Then press Enter: ")


class Body(Protocol):
    """What a factory of `--robot MODULE:FACTORY` returns: eyes and wheels.

    If it also has `reset()`, that brings the robot to a new start; if it has `close()`, that gives
    its devices back; if it has `seed(int)`, `get_state()` and `set_state(state)`, its runs can be
    repeated and gone on with exactly.
    """

    @property
    def camera(self) -> Camera:
        """What takes the pictures."""

    @property
    def motors(self) -> Motors:
        """What turns the wheels."""


@contextmanager
def _blaming(call: str) -> Iterator[None]:
    """Tell what a robot of one's own raised in one sentence; what has one already passes through."""
    try:
        yield
    except (RobotAgentError, OSError):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise RobotFailedError(
            f"The robot's {call} failed: {type(error).__name__}: {error} (line {last.lineno} of "
            f"{Path(last.filename).name}); mend it there. The wheels were stopped."
        ) from error


class Robot:
    """A body with a detector: looks, acts, stops."""

    def __init__(
        self,
        body: Body,
        detector: Detector,
        *,
        start: Start | None = None,
        settle_seconds: float = 0.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Put eyes, wheels and the vision stage together.

        Args:
            body: the camera and the motors.
            detector: turns a picture into a sight.
            start: how the robot comes to a new start; by the body's own `reset()`, or with a person's
                help where it has none, if not given.
            settle_seconds: how long to stand still after a move before a picture is taken.
            sleep: waits for so many seconds.
        """
        self.body, self.detector, self.start = body, detector, start
        self.settle_seconds, self._sleep = settle_seconds, sleep
        self._moved = False
        self.frame: Frame | None = None
        """The picture that was looked at last."""
        self.sight: Sight | None = None
        """The sight found in it."""

    def look(self) -> Sight | None:
        """Take a picture, standing still, and find the target in it; None when nothing is seen."""
        if self._moved and self.settle_seconds:
            self._sleep(self.settle_seconds)
        self._moved = False
        with _blaming("camera.read()"):
            self.frame = self.body.camera.read()
        self.sight = self.detector.detect(self.frame)
        return self.sight

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels for a while; checked as every pulse is, see `Motors.pulse`."""
        check_pulse(left, right, seconds)
        self._moved = True
        try:
            with _blaming("motors.pulse()"):
                self.body.motors.pulse(left, right, seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the wheels at once."""
        self.body.motors.stop()

    def picture(self) -> Frame:
        """Return the last picture with its sight drawn on it; takes one if there is none."""
        if self.frame is None:
            self.look()
        return draw_sight(cast(Frame, self.frame), self.sight)

    def reset(self) -> None:
        """Bring the robot to a new start; the wheels are stopped when that fails."""
        reset = getattr(self.body, "reset", None)
        try:
            if self.start is not None:
                self.start.begin(self)
            elif reset is not None:
                with _blaming("reset()"):
                    reset()
            else:
                Manual(ask_at_terminal).begin(self)
        except BaseException:
            self.stop()
            raise

    def seed(self, seed: int) -> None:
        """Seed what is random in the body, if it has a `seed`."""
        if (method := getattr(self.body, "seed", None)) is not None:
            method(seed)

    def get_state(self) -> dict[str, Any]:
        """What the body needs to go on as it would have; empty for one that cannot say."""
        method: Callable[[], dict[str, Any]] | None = getattr(self.body, "get_state", None)
        return method() if method is not None else {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        if state and (method := getattr(self.body, "set_state", None)) is not None:
            method(state)

    def close(self) -> None:
        """Stop the wheels and give the devices back."""
        try:
            with _blaming("stop()"):
                self.stop()
        finally:
            if (method := getattr(self.body, "close", None)) is not None:
                with _blaming("close()"):
                    method()


def open_body(name: str, *, seed: int | None = None, **simulator: Any) -> Body:
    """Open the body that `--robot` names.

    Args:
        name: `sim`, or `MODULE:FACTORY`, a callable without arguments that returns a `Body`.
        seed: of the simulated robot, and of any other that has a `seed`.
        **simulator: keyword arguments of `SimulatedRobot`.

    Raises:
        SettingsError: there is no such factory, or what it returned cannot look or drive.
    """
    if name == "sim":
        from robot_agent.simulator.world import SimulatedRobot

        return SimulatedRobot(seed=seed, **simulator)
    if not is_factory(name):
        raise SettingsError(f"The robot {name!r} is unknown; give sim, pi, or your own as MODULE:FACTORY.")
    try:
        body = open_factory(name, "robot", methods=("camera.read", "motors.pulse", "motors.stop"))
    except FactoryFailedError as error:
        raise RobotFailedError(str(error)) from error
    except FactoryError as error:
        raise SettingsError(str(error)) from error
    if seed is not None and (seed_body := getattr(body, "seed", None)) is not None:
        seed_body(seed)
    return cast(Body, body)


def open_robot(name: str = "sim", *, detector: Detector | None = None, seed: int | None = None) -> Robot:
    """Open a robot by name with a detector, the colour detector's reference red if none is given."""
    return Robot(open_body(name, seed=seed), detector or open_detector("color"))
