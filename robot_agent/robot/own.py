"""Your own robot, adapted to `Hardware`: missing methods are filled in, and each failure is one sentence."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from robot_agent.errors import RobotAgentError, RobotFailedError, SettingsError
from robot_agent.robot.hardware import CameraAndMotors, Hardware
from robot_agent.signals import Ended
from vision.cameras.camera import CameraError
from vision.factory import FactoryError, FactoryFailedError, describe_failure, open_factory
from vision.sight import Frame, check_frame


class OwnRobot:
    """A user's own robot as `Hardware`; this object is also its camera and its motors."""

    def __init__(self, own: CameraAndMotors) -> None:
        """Adapt `own`; the methods that it may have besides looking and driving are looked up here, once."""
        self.own = own
        self._reset, self._seed, self._get_state, self._set_state, self._close = (
            getattr(own, name, None) for name in ("reset", "seed", "get_state", "set_state", "close")
        )

    @property
    def camera(self) -> "OwnRobot":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "OwnRobot":
        """The motors: this robot itself."""
        return self

    @property
    def can_reset(self) -> bool:
        """Whether the robot has a `reset`."""
        return self._reset is not None

    def read(self) -> Frame:
        """Take a picture; raise RobotFailedError if the robot returns something else."""
        frame: Frame = _call("camera.read()", self.own.camera.read)
        try:
            check_frame(frame)
        except ValueError as error:
            raise RobotFailedError(
                "The robot's camera.read() returned no frame; let it return an array of shape "
                f"(height, width, 3) and type uint8, blue first. {error}"
            ) from error
        return frame

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels."""
        _call("motors.pulse()", self.own.motors.pulse, left, right, seconds)

    def stop(self) -> None:
        """Stop the wheels at once."""
        _call("motors.stop()", self.own.motors.stop)

    def reset(self) -> None:
        """Bring the robot to a new start, if it has a `reset`."""
        if self._reset is not None:
            _call("reset()", self._reset)

    def seed(self, seed: int) -> None:
        """Seed the random numbers."""
        if self._seed is not None:
            _call("seed()", self._seed, seed)

    def get_state(self) -> dict[str, Any]:
        """Return the state from which the robot can be resumed exactly; empty without a `get_state`."""
        return dict(_call("get_state()", self._get_state)) if self._get_state is not None else {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        if state and self._set_state is not None:
            _call("set_state()", self._set_state, state)

    def close(self) -> None:
        """Close the devices."""
        if self._close is not None:
            _call("close()", self._close)


def _call(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call the user's own code; an exception from it becomes one sentence that names the line.

    Errors of this project, such as a camera's fault or a halt, pass through unchanged; so does a signal.
    """
    try:
        result = function(*arguments)
    except (RobotAgentError, CameraError, Ended):
        raise
    except (Exception, SystemExit) as error:
        where, code = "", getattr(function, "__code__", None)
        if code is not None and error.__traceback__ is not None and error.__traceback__.tb_next is None:
            where = (
                f" It is in line {code.co_firstlineno} of {Path(code.co_filename).name}."  # wrong arguments
            )
        raise RobotFailedError(describe_failure(f"The robot's {name}", error) + where) from error
    if inspect.isawaitable(result):  # nobody would await it, and no wheel would turn
        if inspect.iscoroutine(result):
            result.close()  # or Python warns about it later, in another place
        raise RobotFailedError(
            f"The robot's {name} is asynchronous; make it a plain function, without `async`."
        )
    return result


def adapt(robot: CameraAndMotors) -> Hardware:
    """Return `robot` itself if it has all methods of `Hardware`, else `robot` adapted."""
    return robot if isinstance(robot, Hardware) else OwnRobot(robot)


def open_own(name: str) -> Hardware:
    """Call the factory MODULE:FACTORY, and adapt the robot that it returns.

    Raises:
        SettingsError: there is no such factory, or what it returned cannot look or drive.
        RobotFailedError: the factory raised an error; the text names the line.
    """
    try:
        return adapt(open_factory(name, "robot", methods=("camera.read", "motors.pulse", "motors.stop")))
    except FactoryFailedError as error:
        raise RobotFailedError(str(error)) from error
    except FactoryError as error:
        raise SettingsError(str(error)) from error
