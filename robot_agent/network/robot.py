"""A robot on the network, as a camera and motors: the desktop learns, the robot looks and drives."""

from typing import Any

import numpy as np

from robot_agent.errors import Halted, RobotFailedError
from robot_agent.motors.motors import Pulse, check_pulse
from robot_agent.network.address import parse_address
from robot_agent.network.connection import Answer, Connection, OutOfReach, now
from robot_agent.network.keyring import Keyring
from robot_agent.network.messages import (
    FRESH_SECONDS,
    Done,
    LookOrder,
    PulseOrder,
    ResetOrder,
    SeedOrder,
    SeenSight,
)
from robot_agent.network.pictures import is_fit
from robot_agent.robot.takeover import HandMove, TakenOver
from vision.cameras.camera import CameraFault
from vision.cameras.decoding import decode
from vision.sight import Frame, Sight


class NetworkRobot:
    """A robot on the network as `Hardware`; this object is also its camera and its motors."""

    def __init__(self, url: str, keyring: Keyring | None = None) -> None:
        """Borrow the robot at an address, with the key that was made when it was paired.

        Raises the errors of `Connection`, and SettingsError if `url` is no address.
        """
        self._connection = Connection(parse_address(url), keyring or Keyring())
        self._frame: Frame | None = None
        self.sight: Sight | None = None
        """The sight that the robot itself found in the last picture."""

    @property
    def camera(self) -> "NetworkRobot":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "NetworkRobot":
        """The motors: this robot itself."""
        return self

    @property
    def can_reset(self) -> bool:
        """Whether the robot can go to a new start by itself."""
        return self._connection.lent.can_reset

    def read(self) -> Frame:
        """Have the robot take a picture now.

        Raises:
            CameraFault: the robot's camera fails, or the robot is out of reach.
            TakenOver: a person drove the robot in the meantime.
        """
        answer = self._order(lambda number, beat: LookOrder(number=number, beat=beat))
        if not self._connection.is_fresh:  # the picture may be as old as the order
            answer = self._order(lambda number, beat: LookOrder(number=number, beat=beat))
        if isinstance(answer, Done):
            raise RobotFailedError(
                f"{self._connection.address.host} sent no picture; update robot-agent there."
            )
        head, jpeg = answer
        frame = decode(np.frombuffer(jpeg, np.uint8)) if is_fit(jpeg) else None
        if frame is None:
            raise OutOfReach(f"{self._connection.address.host} sent a damaged or huge picture; look again.")
        self._frame, self.sight = frame, _sight(head.sight)
        return frame

    def sight_in(self, frame: Frame) -> Sight | None:
        """Return what the robot saw in the last picture of `read`; raise ValueError for any other one."""
        if frame is not self._frame:
            raise ValueError("Only the last picture of a robot on the network has a sight.")
        return self.sight

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped; see `Motors.pulse`.

        Raises:
            CameraFault: the connection was lost during the pulse, and the robot has stopped its wheels.
            Halted: the robot is halted.
            TakenOver: a person had the wheels; the pulse was not made.
        """
        check_pulse(left, right, seconds)
        self._connection.must_go_on()  # a loan that has ended is silent too, and its end is the reason
        if not self._connection.is_fresh:
            raise OutOfReach(
                f"{self._connection.address.host} was not heard for a while, so its last picture is too "
                "old to drive by; what was under way does not count."
            )
        self._order(
            lambda number, beat: PulseOrder(number=number, beat=beat, left=left, right=right, seconds=seconds)
        )

    def stop(self) -> None:
        """Stop the wheels at once; may be called from any thread."""
        self._connection.stop()

    def reset(self) -> None:
        """Have the robot go to a new start, if it can do this by itself."""
        if self.can_reset:
            self._order(lambda number, beat: ResetOrder(number=number, beat=beat))

    def seed(self, seed: int) -> None:
        """Seed the robot's random numbers, if it has any."""
        self._order(lambda number, beat: SeedOrder(number=number, beat=beat, seed=seed))

    def get_state(self) -> dict[str, Any]:
        """Return an empty state: the robot cannot be put back to an earlier one."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Stop the wheels and give the robot back."""
        self._connection.stop()
        self._connection.close()

    def _order(self, make: Any) -> Answer:
        host = self._connection.address.host
        until = now() + FRESH_SECONDS
        while True:
            answer = self._connection.order(make)
            if not isinstance(answer, Done) or answer.how == "done":
                return answer
            match answer.how:
                case "old" if now() < until:  # the order moved nothing, so it can be sent again
                    self._connection.await_beat()
                    continue
                case "old":
                    raise OutOfReach(
                        f"An order came to {host} later than its lease allows, so nothing moved; the "
                        "network is slow, or the robot was paused. What was under way does not count."
                    )
                case "halted":
                    raise Halted(answer.why)
                case "taken over":
                    moves = (
                        HandMove(Pulse(one.left, one.right, one.seconds), _sight(one.sight))
                        for one in answer.moves
                    )
                    raise TakenOver(_sight(answer.before), tuple(moves))
                case "torn":
                    raise OutOfReach(
                        f"The connection to {host} was lost during an order, so its wheels were stopped; "
                        "what was under way does not count."
                    )
                case "camera":
                    raise CameraFault(answer.why, kind="lost")
            raise RobotFailedError(answer.why)


class OwnEyes:
    """A detector that returns what the robot's own detector saw in the picture that it has just sent."""

    def __init__(self, robot: NetworkRobot) -> None:
        """Return the sights of `robot`."""
        self._robot = robot

    def detect(self, frame: Frame) -> Sight | None:
        """Return what the robot saw in its last picture."""
        return self._robot.sight_in(frame)


def _sight(seen: SeenSight | None) -> Sight | None:
    return None if seen is None else seen.sight()
