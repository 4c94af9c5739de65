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
    """A robot on the network as `Hardware`. It is its own camera and motors."""

    def __init__(self, url: str, keyring: Keyring | None = None) -> None:
        """Borrow the robot at an address, with the key that was made when it was paired.

        Raises what `Connection` does, and SettingsError for what is no address.
        """
        self._connection = Connection(parse_address(url), keyring or Keyring())
        self._frame: Frame | None = None
        self.sight: Sight | None = None
        """What the robot itself saw in the last picture."""

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
        """Whether the robot comes to a new start by itself."""
        return self._connection.lent.can_reset

    def read(self) -> Frame:
        """Have the robot take a picture now.

        Raises:
            CameraFault: its camera fails, or it is out of reach.
            TakenOver: a person drove it meanwhile.
        """
        answer = self._order(lambda number, beat: LookOrder(number=number, beat=beat))
        if not self._connection.is_fresh:  # it may be as old as the order
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
        """Return what the robot saw in a picture of `read`; only the last one is known."""
        if frame is not self._frame:
            raise ValueError("Only the last picture of a robot on the network has a sight.")
        return self.sight

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped; see `Motors.pulse`.

        Raises:
            CameraFault: the connection was lost meanwhile, and the robot has stopped its wheels.
            Halted: it is halted.
            TakenOver: a person had the wheel; nothing was done.
        """
        check_pulse(left, right, seconds)
        if not self._connection.is_fresh:
            raise OutOfReach(
                f"{self._connection.address.host} was not heard for a while, so its last picture is too "
                "old to drive by; what was under way does not count."
            )
        self._order(
            lambda number, beat: PulseOrder(number=number, beat=beat, left=left, right=right, seconds=seconds)
        )

    def stop(self) -> None:
        """Stop the wheels at once; from any thread."""
        self._connection.stop()

    def reset(self) -> None:
        """Have the robot come to a new start, if it can do that by itself."""
        if self.can_reset:
            self._order(lambda number, beat: ResetOrder(number=number, beat=beat))

    def seed(self, seed: int) -> None:
        """Seed what is random in the robot, if it has anything."""
        self._order(lambda number, beat: SeedOrder(number=number, beat=beat, seed=seed))

    def get_state(self) -> dict[str, Any]:
        """Return nothing: the robot is where it is."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Give the robot back, its wheels stopped."""
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
                case "old" if now() < until:  # nothing has moved by it
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
    """The detector of a robot on the network: its own, in the picture that it has just sent."""

    def __init__(self, robot: NetworkRobot) -> None:
        """See what `robot` sees."""
        self._robot = robot

    def detect(self, frame: Frame) -> Sight | None:
        """Return what the robot saw in its last picture."""
        return self._robot.sight_in(frame)


def _sight(seen: SeenSight | None) -> Sight | None:
    return None if seen is None else seen.sight()
